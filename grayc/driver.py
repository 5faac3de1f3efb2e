"""The pipeline: source → documents → spec → plan → passes → checks → output, one short function per question.

Every function returns `Checked`: a value, or None after errors, and all that was found on the way. Commands choose
among them; what to print is the report's.
"""

import json
import os
import posixpath
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, assert_never, cast

from grayc.checks import run_advice, run_checks
from grayc.checks.accept import accept_findings, mark_accepted
from grayc.checks.capacity import check_capacity
from grayc.checks.isolation import proof_of
from grayc.checks.meetings import check_meetings
from grayc.checks.releases import check_releases
from grayc.diagnostics import CODES, Checked, Diagnostic, Note, Severity, did_you_mean, has_errors
from grayc.documents import Document, parse_documents
from grayc.documents.load import Baseline, load_baseline
from grayc.documents.reader import parse_plain
from grayc.documents.tree import get_text, show_path
from grayc.gateways import BaselineChange, baseline_changes
from grayc.output.baseline_lock import Used, compare_locks, lock
from grayc.output.baseline_patch import check_baseline_patch, write_baseline_patch
from grayc.output.create import create_file, write_script
from grayc.output.inventory import INVENTORY, Inventory, LaneRecord, lane_head
from grayc.output.layout import lay_out
from grayc.output.offline import Deletion, deletions
from grayc.output.order import in_order, tag_of
from grayc.output.write import (
    FolderState,
    Listing,
    WriteResult,
    check_folder,
    finish_folder,
    read_folder,
    remove_release,
    write_folder,
)
from grayc.passes.apply_patches import apply_patches
from grayc.passes.drop_server_fields import drop_server_fields
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import BUILD, LANE, RELEASE
from grayc.plan.crossings import Proof
from grayc.plan.make import make_plan
from grayc.plan.model import Action, LoadedPatch, ReleasePlan
from grayc.plan.preview import Preview, StepPreview, make_preview
from grayc.source import (
    Roots,
    SourceError,
    SourceFile,
    decode,
    find_folders,
    find_sources,
    list_manifests,
    read_file,
    read_source,
    read_stream,
)
from grayc.spec.load import load_spec
from grayc.spec.model import (
    CookieRule,
    GatewayName,
    HeaderRule,
    Patch,
    ReleaseSpec,
    Rule,
    Step,
    WeightRule,
    at_step,
)

if TYPE_CHECKING:
    from grayc.conform.model import Conformance
    from grayc.conform.schemas import Schema, Schemas
    from grayc.diff.model import Difference
    from grayc.edit import Change, Edited, Left
    from grayc.output.content import Content
    from grayc.plan.adopt import Adopted, AdoptionPlan
    from grayc.plan.first_spec import FirstSpec
    from grayc.routing import model as routing
    from grayc.routing.hops import Lane

T = TypeVar("T")
U = TypeVar("U")

STDIN = "-"
PIPED = "<stdin>"
"""What a piped baseline or spec is called."""
_RELEASE_KIND = "GrayRelease"
_LOSSES = frozenset({"GC501", "GC508", "GC509", "GC512"})
"""Codes of what a gateway can not do, or does besides; a plan tells them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked to compile.

    Attributes:
        specs: paths of specs or of folders of specs, or `-` for standard input.
        allowed_roots: folders besides the specs' own that files may be read from.
        gateway: the gateway to compile for; "" for the spec's own.
        step: the step of the rollout to compile; "" for the last.
        accept_losses: go on where a gateway does less than is asked, as if the spec accepted it.
        stdin: opens standard input.
    """

    specs: tuple[str, ...]
    allowed_roots: tuple[Path, ...] = ()
    gateway: str = ""
    step: str = ""
    accept_losses: bool = False
    stdin: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """One compiled release.

    Attributes:
        documents: its gray objects, in the order of application.
        files: file name → text.
        baseline_changes: what it wants of the baseline's own objects.
        lane: what the inventory will say of it.
        proof: what was looked at to say that nothing crosses.
    """

    plan: ReleasePlan
    documents: tuple[Document, ...]
    files: Mapping[str, str]
    baseline_changes: tuple[BaselineChange, ...]
    lane: LaneRecord
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compilation:
    """All releases of a request.

    Attributes:
        files: file name → text, of all releases, names in order.
        inputs: the files that were read.
    """

    releases: tuple[Release, ...]
    files: Mapping[str, str]
    inputs: tuple[Path, ...]

    @property
    def proof(self) -> Proof:
        """What was looked at for all releases."""
        proofs = [release.proof for release in self.releases]
        return Proof(
            selectors=sum(proof.selectors for proof in proofs),
            templates=sum(proof.templates for proof in proofs),
            meant=sum(proof.meant for proof in proofs),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Input:
    """A spec's text and where its paths start."""

    name: str
    folder: Path
    path: Path | None


def plan_releases(request: Request) -> Checked[tuple[Preview, ...]]:
    """Return the plan of every release, with what it asks for and where its calls go."""
    return _all(_find_specs(request), lambda given: _preview(_plan_one(given, request)[0]))


def _preview(planned: Checked[ReleasePlan]) -> Checked[Preview]:
    """Return what there is to see before a build; mistakes that only a build meets are left to it."""
    plan = planned.value
    if plan is None or has_errors(planned.diagnostics):
        return Checked(value=None, diagnostics=planned.diagnostics)
    made = run_passes(BUILD, plan)
    losses = mark_accepted(plan, tuple(item for item in made.diagnostics if item.code in _LOSSES))
    found = (*planned.diagnostics, *losses)
    if has_errors(item for item in made.diagnostics if not CODES[item.code].acceptable):
        return Checked(value=make_preview(plan, None), diagnostics=found)
    documents = in_order(made.value or ())
    advice = mark_accepted(plan, run_advice(documents, plan))
    steps = tuple(_preview_step(plan, step) for step in plan.spec.steps)
    return Checked(value=make_preview(plan, documents, steps), diagnostics=(*found, *advice))


def _preview_step(plan: ReleasePlan, step: Step) -> StepPreview:
    """Return a step of the rollout, with what its gray pods are too few for."""
    planned = make_plan(at_step(plan.spec, step), plan.baseline, plan.patches).value
    made = run_passes(BUILD, planned) if planned else None
    warnings = check_capacity(made.value or (), planned) if planned and made else ()
    return StepPreview(step=step, warnings=tuple(warning.message for warning in warnings))


def compile_releases(request: Request) -> Checked[Compilation]:
    """Return everything that the releases compile to; nothing is written."""
    inputs = _find_specs(request)
    read: list[Path] = []

    def compile_one(given: _Input) -> Checked[Release]:
        planned, files = _plan_one(given, request)
        read.extend(files)
        if planned.value is None:
            return Checked(value=None, diagnostics=planned.diagnostics)
        return _compile_plan(planned.value, planned.diagnostics, accept_losses=request.accept_losses)

    compiled = _all(inputs, compile_one)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    # Releases of one name or one object meet everywhere: that is one mistake.
    clashes = check_releases(tuple((release.plan, release.documents) for release in compiled.value)) or check_meetings(
        tuple(release.plan for release in compiled.value)
    )
    unmet = () if has_errors(clashes) else _check_expectations(compiled.value)
    diagnostics = (*compiled.diagnostics, *clashes, *unmet)
    if has_errors((*clashes, *unmet)):
        return Checked(value=None, diagnostics=diagnostics)
    files = {name: text for release in compiled.value for name, text in release.files.items()}
    compilation = Compilation(
        releases=compiled.value, files={name: files[name] for name in sorted(files)}, inputs=tuple(sorted(set(read)))
    )
    return Checked(value=compilation, diagnostics=diagnostics)


def _compile_plan(
    plan: ReleasePlan, planned: tuple[Diagnostic, ...], *, accept_losses: bool = False
) -> Checked[Release]:
    """Run the passes and the checks over what they made.

    Passes run after an error of the plan and checks after one of a pass: a misspelt ConfigMap, a misspelt container and
    an unprepared baseline are three mistakes, and one run tells them. What an incomplete plan leaves out would only
    fail the checks a second time.
    """
    made = run_passes(BUILD, plan)
    if accept_losses:
        lost = tuple(
            replace(item, accepted="asked only") if CODES[item.code].acceptable else item for item in made.diagnostics
        )
        made = replace(made, diagnostics=lost)
    documents = in_order(made.value or ())
    found = (*planned, *made.diagnostics)
    if not has_errors(planned):
        found = (*found, *run_checks(documents, plan))
    whole = not has_errors(item for item in (*planned, *made.diagnostics) if not CODES[item.code].acceptable)
    found = accept_findings(plan, found) if whole else mark_accepted(plan, found)
    if not documents and not has_errors(found):
        found = (*found, _nothing(plan))
    if has_errors(found):
        return Checked(value=None, diagnostics=found)
    files = lay_out(documents, release=plan.spec.name, layout=plan.spec.output.layout)
    release = Release(
        plan=plan,
        documents=documents,
        files=files,
        baseline_changes=baseline_changes(plan),
        lane=_lane_record(plan),
        proof=proof_of(documents, plan),
    )
    return Checked(value=release, diagnostics=found)


def _lane_record(plan: ReleasePlan) -> LaneRecord:
    """Return what the inventory keeps of a release."""
    spec = plan.spec
    return LaneRecord(
        tag=spec.tag,
        services=tuple(service.name for service in spec.services),
        gateway=spec.traffic.gateway if spec.traffic is not None and plan.rules else "",
        rules=tuple(_rule_data(rule) for rule in plan.rules),
        expires=spec.expires,
        baseline=lock(_used(plan, (row.document for row in plan.decisions if row.action is not Action.LEAVE_OUT))),
    )


def _used(plan: ReleasePlan, documents: Iterable[Document]) -> Iterator[Used]:
    for document in documents:
        key = plan.key_of(document.identity)
        yield Used(document=document, namespace=key.namespace, is_copied=key in plan.gray_names)


def _rule_data(rule: Rule) -> Mapping[str, object]:
    """Return a rule as the release language writes it, `values` always as a list."""
    match rule:
        case HeaderRule(name=name, pattern=str(pattern)):
            return {"header": name, "pattern": pattern}
        case HeaderRule(name=name, values=values):
            return {"header": name, "values": [*values]} if values else {"header": name}
        case CookieRule(name=name, value=value):
            return {"cookie": name, "value": value} if value is not None else {"cookie": name}
        case WeightRule(percent=percent):
            return {"weight": percent}
        case _:
            assert_never(rule)


def _nothing(plan: ReleasePlan) -> Diagnostic:
    return Diagnostic(
        code="GC315",
        message=f"release `{plan.spec.name}` makes no gray object",
        span=plan.spec.span(("spec", "services")),
        field="spec.services",
        help="`grayc plan` shows what is shared and left out, and why",
    )


def _plan_one(given: _Input, request: Request) -> tuple[Checked[ReleasePlan], tuple[Path, ...]]:
    """Return the plan of one spec, and the files that were read for it."""
    spec = _for_step(_for_gateway(_load_spec(given, request), request.gateway), request.step)
    if spec.value is None:
        return Checked(value=None, diagnostics=spec.diagnostics), ()
    roots = Roots(folder=given.folder, allowed=request.allowed_roots, shown=_shown(given))
    baseline = _load_baseline(spec.value, given, roots, request)
    patches = _load_patches(spec.value, roots)
    diagnostics = (*spec.diagnostics, *baseline.diagnostics, *patches.diagnostics)
    if baseline.value is None or patches.value is None:
        return Checked(value=None, diagnostics=diagnostics), ()
    planned = make_plan(spec.value, baseline.value.documents, patches.value)
    return replace(planned, diagnostics=(*diagnostics, *planned.diagnostics)), baseline.value.paths


def _shown(given: _Input) -> str:
    return posixpath.dirname(given.name) if given.path is not None else ""


def _load_spec(given: _Input, request: Request) -> Checked[ReleaseSpec]:
    try:
        if given.path is None:
            return load_spec(read_stream(request.stdin(), PIPED))
        return load_spec(replace(read_file(given.path), name=given.path.name, folder=_shown(given)))
    except SourceError as error:
        return Checked(value=None, diagnostics=(_unreadable(error),))


def _for_step(loaded: Checked[ReleaseSpec], step: str) -> Checked[ReleaseSpec]:
    """Return the spec at one step of its rollout: the one that is asked for, else the last.

    Diagnostics:
        GC218: there is no such step.
    """
    spec = loaded.value
    if spec is None or (not step and not spec.steps):
        return loaded
    chosen = next((each for each in spec.steps if each.name == step), None) if step else spec.steps[-1]
    if chosen is not None:
        return replace(loaded, value=at_step(spec, chosen))
    steps = [each.name for each in spec.steps]
    unknown = Diagnostic(
        code="GC218",
        message=f"release `{spec.name}` has no step `{step}`",
        span=spec.span(("spec", "rollout", "steps") if steps else ("metadata", "name")),
        field="spec.rollout.steps",
        help=did_you_mean(step, steps, noun="step") if steps else "write the steps in `spec.rollout.steps`",
    )
    return Checked(value=None, diagnostics=(*loaded.diagnostics, unknown))


def _for_gateway(loaded: Checked[ReleaseSpec], gateway: str) -> Checked[ReleaseSpec]:
    """Return the spec as if it named another gateway, where one is asked for.

    Diagnostics:
        GC702: there is no such gateway.
    """
    spec = loaded.value
    if not gateway or spec is None:
        return loaded
    if gateway not in set(GatewayName):
        unknown = Diagnostic(
            code="GC702",
            message=f"there is no gateway `{gateway}`",
            help=did_you_mean(gateway, list(GatewayName), noun="gateway"),
        )
        return Checked(value=None, diagnostics=(*loaded.diagnostics, unknown))
    if spec.traffic is None:
        return loaded
    return replace(loaded, value=replace(spec, traffic=replace(spec.traffic, gateway=GatewayName(gateway))))


def _load_baseline(spec: ReleaseSpec, given: _Input, roots: Roots, request: Request) -> Checked[Baseline]:
    piped = next((source for source in spec.baseline if source.stdin), None)
    stdin = None
    if piped is not None:
        if given.path is None:
            return Checked(
                value=None,
                diagnostics=(
                    Diagnostic(
                        code="GC702",
                        message="the spec and its baseline can not both come from standard input",
                        span=spec.span(piped.path),
                        field="spec.baseline",
                        help="save one of them to a file",
                    ),
                ),
            )
        try:
            stdin = (read_stream(request.stdin(), PIPED), piped.path)
        except SourceError as error:
            return Checked(value=None, diagnostics=(_unreadable(error),))
    return load_baseline(
        [(source.pattern, source.path) for source in spec.baseline if not source.stdin],
        roots,
        stdin,
        spec.document,
        spec_path=given.path,
    )


def _load_patches(spec: ReleaseSpec, roots: Roots) -> Checked[Mapping[str, tuple[LoadedPatch, ...]]]:
    """Return every service's patches with their content, those of files read."""
    diagnostics: list[Diagnostic] = []
    patches: dict[str, tuple[LoadedPatch, ...]] = {}
    for service in spec.services:
        loaded = [_load_patch(spec, patch, roots) for patch in service.patches]
        diagnostics += (diagnostic for checked in loaded for diagnostic in checked.diagnostics)
        patches[service.name] = tuple(checked.value for checked in loaded if checked.value is not None)
    return Checked(value=None if has_errors(diagnostics) else patches, diagnostics=tuple(diagnostics))


def _load_patch(spec: ReleaseSpec, patch: Patch, roots: Roots) -> Checked[LoadedPatch]:
    if patch.file is None:
        field = "merge" if patch.merge is not None else "json6902"
        return Checked(
            value=LoadedPatch(
                target=patch.target,
                merge=patch.merge,
                operations=patch.json6902,
                chunk=spec.document.chunk,
                root=(*spec.document.root, *patch.path, field),
            )
        )
    place = spec.span((*patch.path, "file"))
    try:
        source = read_source(roots.folder / patch.file, patch.file, roots)
        source = replace(source, is_secret=patch.target.kind == "Secret")
    except SourceError as error:
        return Checked(value=None, diagnostics=(replace(_unreadable(error), span=error.span or place, field="file"),))
    parsed = parse_plain(source)
    if parsed.value is None:
        return Checked(value=None, diagnostics=parsed.diagnostics)
    chunk, data = parsed.value
    merge = data if isinstance(data, dict) else None
    operations = tuple(data) if isinstance(data, list) and all(isinstance(item, dict) for item in data) else None
    if merge is None and operations is None:
        return Checked(
            value=None,
            diagnostics=(
                *parsed.diagnostics,
                Diagnostic(
                    code="GC212",
                    message=f"`{patch.file}` holds neither a merge patch nor JSON 6902 operations",
                    span=place,
                    help="write a mapping with the fields to merge, or a list of operations",
                ),
            ),
        )
    return Checked(
        value=LoadedPatch(target=patch.target, merge=merge, operations=operations, chunk=chunk, root=()),
        diagnostics=parsed.diagnostics,
    )


def _unreadable(error: SourceError) -> Diagnostic:
    suggestion = did_you_mean(error.wanted, error.candidates, noun="path") if error.candidates else ""
    return Diagnostic(code=error.code, message=error.message, span=error.span, help=suggestion or error.help)


def _find_specs(request: Request) -> Checked[tuple[_Input, ...]]:
    """Return the specs that the arguments name: a folder stands for the GrayRelease files right in it."""
    found: list[_Input] = []
    for argument in request.specs:
        if argument == STDIN:
            found.append(_Input(name=PIPED, folder=Path.cwd(), path=None))
            continue
        path = Path(argument)
        if not path.is_dir():
            found.append(_Input(name=argument, folder=path.parent, path=path))
            continue
        inside = _specs_in(path)
        if not inside:
            return Checked(
                value=None,
                diagnostics=(
                    Diagnostic(
                        code="GC103",
                        message=f"`{argument}` holds no release",
                        help="name a file of kind `GrayRelease`",
                    ),
                ),
            )
        found += (_Input(name=posixpath.join(argument, item.name), folder=path, path=item) for item in inside)
    return Checked(value=tuple(found))


def _specs_in(folder: Path) -> list[Path]:
    """Return the files right in a folder that hold a release, by name."""
    found = []
    for path in list_manifests(folder):
        try:
            source = read_file(path)
        except SourceError:
            continue
        if _RELEASE_KIND in source.text:
            parsed = parse_plain(source)
            if parsed.value is not None and get_text(parsed.value[1], ("kind",)) == _RELEASE_KIND:
                found.append(path)
    return found


def _all(items: Checked[tuple[T, ...]], stage: Callable[[T], Checked[U]]) -> Checked[tuple[U, ...]]:
    """Run a stage on every item; a value only where all of them have one."""
    results = [stage(item) for item in items.value or ()]
    values = tuple(result.value for result in results if result.value is not None)
    diagnostics = (*items.diagnostics, *(diagnostic for result in results for diagnostic in result.diagnostics))
    whole = items.value is not None and len(values) == len(results)
    return Checked(value=values if whole else None, diagnostics=diagnostics)


def check_releases_in(compilation: Compilation, out: Path) -> Checked[tuple[FolderState, ...]]:
    """Return how the output folder differs from what the releases compile to; nothing is written."""
    return _all(
        Checked(value=compilation.releases),
        lambda release: _with_moves(
            release,
            check_folder(
                release.files, out, owner=release.plan.spec.name, lane=release.lane, protect=compilation.inputs
            ),
        ),
    )


def write_releases(compilation: Compilation, out: Path) -> Checked[tuple[WriteResult, ...]]:
    """Write every release's files to the output folder; nothing where one of them would be refused."""
    states = check_releases_in(compilation, out)
    if states.value is None:
        return Checked(value=None, diagnostics=states.diagnostics)
    return _all(
        Checked(value=compilation.releases),
        lambda release: _with_moves(
            release,
            write_folder(
                release.files, out, owner=release.plan.spec.name, lane=release.lane, protect=compilation.inputs
            ),
        ),
    )


def _with_moves(release: Release, state: Checked[FolderState]) -> Checked[FolderState]:
    """Add what moved under the lane since it was last built.

    Diagnostics:
        GC632: a baseline object is not as it was.
    """
    if state.value is None or state.value.lane is None:
        return state
    before = state.value.lane
    there = {used.key: used.document for used in _used(release.plan, release.plan.baseline)}
    moved = compare_locks(before.baseline, release.lane.baseline, frozenset(there))
    # A service that came or went brings and takes its objects: that is the release's doing, not the baseline's.
    new = moved.new if before.services == release.lane.services else ()
    name = release.plan.spec.name
    rows = (
        *((key, f"baseline `{key}` says something else than when `{name}` was built") for key in moved.changed),
        *((key, f"baseline `{key}` was not there, or not used, when `{name}` was built") for key in new),
        *((key, f"baseline `{key}` is gone since `{name}` was built") for key in moved.gone),
    )
    notes = tuple(
        Diagnostic(
            code="GC632",
            message=message,
            span=there[key].span(("metadata", "name")) if key in there else None,
            help="look at what changed there; a build takes it over into the lane",
        )
        for key, message in rows
    )
    return replace(state, diagnostics=(*notes, *state.diagnostics))


def put_baseline_patch(compilation: Compilation, path: Path, *, check: bool) -> Checked[bool]:
    """Write what the releases want of the baseline itself to a file, or compare; tell whether it is up to date."""
    patches = [
        (f"{change.document.identity.ref} {change.why}", change.patch)
        for release in compilation.releases
        for change in release.baseline_changes
    ]
    return check_baseline_patch(path, patches) if check else write_baseline_patch(path, patches)


def compare(
    request: Request, *, out: Path | None, revision: str, steps: tuple[str, ...] = ()
) -> Checked[tuple["Difference", ...]]:
    """Return what differs: gray from its baseline; with a folder, the folder from a build or from its own past.

    With two steps, one of them from the other.
    """
    if len(steps) > 1:
        between = diff_steps(request, *steps)
        return Checked(value=None if between.value is None else (between.value,), diagnostics=between.diagnostics)
    if out is None:
        return diff_with_baseline(request)
    found = diff_with_revision(request, out, revision) if revision else diff_with_folder(request, out)
    return Checked(value=None if found.value is None else (found.value,), diagnostics=found.diagnostics)


def diff_with_folder(request: Request, out: Path) -> Checked["Difference"]:
    """Return what writing the releases would change in an output folder, object by object.

    What other releases own there, and what grayc did not write, stays and is not looked at.
    """
    # Only `diff` asks for it, and the library underneath takes longer to import than a build to run.
    from grayc.diff.model import Question  # noqa: PLC0415
    from grayc.diff.objects import diff_objects  # noqa: PLC0415
    from grayc.output.content import read_content  # noqa: PLC0415

    compiled = compile_releases(request)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    compilation = compiled.value
    owners = {release.plan.spec.name for release in compilation.releases}
    content = read_content(out, lambda name, listed: name in compilation.files or _is_owned(name, listed, owners))
    held = _documents_of(content, f"{out.as_posix()}/", "")
    diagnostics = (*compiled.diagnostics, *held.diagnostics)
    if held.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    made = [document for release in compilation.releases for document in release.documents]
    difference = diff_objects(held.value, made, question=Question.BUILD, old=out.as_posix(), new="what a build writes")
    return Checked(value=difference, diagnostics=diagnostics)


def diff_steps(request: Request, before: str, after: str) -> Checked["Difference"]:
    """Return what one step of the rollout changes in what another compiles to, all releases together."""
    from grayc.diff.model import Question  # noqa: PLC0415 - see `diff_with_folder`
    from grayc.diff.objects import diff_objects  # noqa: PLC0415

    compiled = [compile_releases(replace(request, step=step)) for step in (before, after)]
    # Both steps have the spec and the baseline in common, and what is wrong with those is told once.
    told = {(found.code, found.message, str(found.span)): found for each in compiled for found in each.diagnostics}
    diagnostics = tuple(told.values())
    made = [
        [document for release in each.value.releases for document in release.documents]
        for each in compiled
        if each.value is not None
    ]
    if len(made) < len(compiled):
        return Checked(value=None, diagnostics=diagnostics)
    difference = diff_objects(*made, question=Question.STEP, old=f"step {before}", new=f"step {after}")
    return Checked(value=difference, diagnostics=diagnostics)


def diff_with_baseline(request: Request) -> Checked[tuple["Difference", ...]]:
    """Return what the gray copies of every release have that their originals have not.

    And what a release wants of the baseline's own objects, where its gateway opens a lane there.
    """
    from grayc.diff.baseline import diff_with_originals  # noqa: PLC0415 - see `diff_with_folder`
    from grayc.documents.strategic_merge import json_merge  # noqa: PLC0415

    compiled = compile_releases(request)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    differences = []
    for release in compiled.value.releases:
        plain = run_passes(LANE, release.plan).value or ()
        originals = drop_server_fields(release.plan.baseline, release.plan).value or ()
        wanted = [
            (
                change.document,
                replace(change.document, data=json_merge(change.document.data, change.fields)),
                change.why,
            )
            for change in release.baseline_changes
        ]
        differences.append(diff_with_originals(release.plan, release.documents, plain, originals, wanted))
    return Checked(value=tuple(differences), diagnostics=compiled.diagnostics)


def diff_with_revision(request: Request, out: Path, revision: str) -> Checked["Difference"]:
    """Return what became of an output folder since a revision; without specs, of all manifests in it.

    With specs, of what their releases own on either side. The specs are not compiled: only their names count.

    Diagnostics:
        GC711: the folder lies in no repository. GC712: there is no such revision.
    """
    from grayc.diff.model import Question  # noqa: PLC0415 - see `diff_with_folder`
    from grayc.diff.objects import diff_objects  # noqa: PLC0415
    from grayc.output.content import content_of, read_content  # noqa: PLC0415
    from grayc.source.git import read_revision  # noqa: PLC0415

    specs = _all(_find_specs(request), lambda given: _load_spec(given, request))
    if specs.value is None:
        return Checked(value=None, diagnostics=specs.diagnostics)
    owners = {spec.name for spec in specs.value}

    def wanted(name: str, listed: Inventory | None) -> bool:
        return not owners or _is_owned(name, listed, owners)

    shown = out.as_posix()
    try:
        old = read_revision(out, revision)
    except SourceError as error:
        return Checked(value=None, diagnostics=(*specs.diagnostics, _unreadable(error)))
    then = _documents_of(content_of(old.files, wanted, shown=f"{shown} at {revision}"), f"{shown}/", f"@{revision}")
    now = _documents_of(read_content(out, wanted), f"{shown}/", "")
    diagnostics = (*specs.diagnostics, *then.diagnostics, *now.diagnostics)
    if then.value is None or now.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    difference = diff_objects(
        then.value, now.value, question=Question.REVISION, old=f"{shown} at {revision} ({old.commit[:12]})", new=shown
    )
    return Checked(value=difference, diagnostics=diagnostics)


def _is_owned(name: str, listed: Inventory | None, owners: Container[str]) -> bool:
    return listed is not None and name in listed.files and listed.files[name].owner in owners


def _documents_of(content: Checked["Content"], before: str, behind: str) -> Checked[tuple[Document, ...]]:
    """Return the objects of an output folder's files, which diagnostics call by name with these parts around it."""
    if content.value is None:
        return Checked(value=None, diagnostics=content.diagnostics)
    documents: list[Document] = []
    diagnostics = list(content.diagnostics)
    for name, data in content.value.files.items():
        source = SourceFile(name=f"{before}{name}{behind}", text="")
        try:
            source = replace(source, text=decode(data, source))
        except SourceError as error:
            diagnostics.append(_unreadable(error))
            continue
        parsed = parse_documents(source)
        documents += parsed.value or ()
        # What a build would warn of is said of its input.
        diagnostics += (found for found in parsed.diagnostics if found.severity is Severity.ERROR)
    return Checked(value=None if has_errors(diagnostics) else tuple(documents), diagnostics=tuple(diagnostics))


def route_release(
    request: Request, asked: "routing.Request", circumstances: "routing.Circumstances"
) -> Checked["routing.Routed"]:
    """Return where a request goes once the releases are built and applied.

    Diagnostics:
        GC730: no release opens a way in, so there is no gateway to ask.
    """
    from grayc.routing.hops import lanes_of, route_request  # noqa: PLC0415 - only `route` and `expect` ask for it
    from grayc.routing.simulators import simulate  # noqa: PLC0415

    compiled = compile_releases(request)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    releases = compiled.value.releases
    gateway = next((release.plan.gateway for release in releases if release.plan.spec.traffic), None)
    if gateway is None:
        missing = _no_gateway(releases[0].plan)
        return Checked(value=None, diagnostics=(*compiled.diagnostics, missing))
    documents = _applied(releases)
    router, lanes = simulate(gateway, documents), lanes_of(documents)
    first = route_request(gateway, router, asked, circumstances, lanes=lanes, lane=None)
    tag = next((lane for lane in first.lanes if lane != "baseline"), "")
    release = next((each for each in releases if each.plan.spec.tag == tag), releases[0])
    routed = route_request(gateway, router, asked, circumstances, lanes=lanes, lane=_lane_of(release.plan))
    return Checked(value=routed, diagnostics=compiled.diagnostics)


def route_manifests(
    paths: Sequence[Path], gateway: str, asked: "routing.Request", circumstances: "routing.Circumstances"
) -> Checked["routing.Routed"]:
    """Return where a request goes by manifests that anyone wrote."""
    from grayc.routing.hops import lanes_of, route_request  # noqa: PLC0415 - see `route_release`
    from grayc.routing.simulators import simulate  # noqa: PLC0415

    loaded = load_baseline(
        [(path.as_posix() + ("/" if path.is_dir() else ""), ()) for path in paths],
        Roots(folder=Path.cwd(), allowed=tuple(path.resolve() for path in paths)),
        None,
        None,
        spec_path=None,
    )
    if loaded.value is None:
        return Checked(value=None, diagnostics=loaded.diagnostics)
    documents = loaded.value.documents
    routed = route_request(
        gateway, simulate(gateway, documents), asked, circumstances, lanes=lanes_of(documents), lane=None
    )
    return Checked(value=routed, diagnostics=loaded.diagnostics)


def _check_expectations(releases: Sequence[Release]) -> tuple[Diagnostic, ...]:
    """Return the requests that would not go where the releases expect them.

    Diagnostics:
        GC524: a request goes elsewhere.
        GC730: there is no gateway to ask.
    """
    if not any(release.plan.spec.expectations for release in releases):
        return ()
    from grayc.routing.hops import lanes_of, route_request  # noqa: PLC0415 - see `route_release`
    from grayc.routing.model import NO_CIRCUMSTANCES  # noqa: PLC0415
    from grayc.routing.model import Request as Asked  # noqa: PLC0415
    from grayc.routing.shares import goes_there, place  # noqa: PLC0415
    from grayc.routing.simulators import simulate  # noqa: PLC0415

    documents = _applied(releases)
    lanes = lanes_of(documents)
    diagnostics: list[Diagnostic] = []
    for release in releases:
        spec = release.plan.spec
        if spec.expectations and spec.traffic is None:
            diagnostics.append(_no_gateway(release.plan))
            continue
        router = simulate(release.plan.gateway, documents) if spec.expectations else None
        for at, wanted in enumerate(spec.expectations):
            if router is None:
                break
            path, _, query = wanted.request_path.partition("?")
            asked = Asked(
                method=wanted.method,
                host=wanted.host.lower(),
                path=path,
                query=query,
                headers=wanted.headers,
                cookies=wanted.cookies,
            )
            routed = route_request(
                release.plan.gateway, router, asked, NO_CIRCUMSTANCES, lanes=lanes, lane=_lane_of(release.plan)
            )
            if goes_there(routed, wanted.shares, tag=spec.tag):
                continue
            meant = ", ".join(
                f"`{name}`" + (f" {share:g} %" if share != 100 else "") for name, share in wanted.shares.items()
            )
            asked_for = f"`{wanted.name}`" if wanted.name else f"request {at + 1}"
            decider = routed.answer.decided_by
            diagnostics.append(
                Diagnostic(
                    code="GC524",
                    message=f"{asked_for} is expected to go to {meant}, and goes to {place(routed)}"
                    + (f" by `{decider.rule}` of `{decider.object}`" if decider else ""),
                    span=spec.span((*wanted.path, "goesTo"), key=True),
                    field=f"spec.expect[{at}].goesTo",
                    help="`grayc route` with this request tells why; change the rules, or what is expected",
                )
            )
    return tuple(diagnostics)


def _no_gateway(plan: ReleasePlan) -> Diagnostic:
    return Diagnostic(
        code="GC730",
        message="no release has `traffic`, so there is no gateway to ask",
        span=plan.spec.span(("metadata", "name")),
        help="name one with `traffic: {gateway: NAME}`, or ask manifests with `grayc route -d DIR --gateway NAME`",
    )


def _applied(releases: Sequence[Release]) -> tuple[Document, ...]:
    """Return the objects that are there once the releases are applied, what they want of the baseline included."""
    from grayc.documents.strategic_merge import json_merge  # noqa: PLC0415 - see `route_release`

    baseline = {document.place: document for release in releases for document in release.plan.baseline}
    for release in releases:
        for change in release.baseline_changes:
            before = baseline[change.document.place]
            baseline[before.place] = replace(before, data=json_merge(before.data, change.fields))
    return (*baseline.values(), *(document for release in releases for document in release.documents))


def _lane_of(plan: ReleasePlan) -> "Lane":
    from grayc.plan.chain import CallGraph  # noqa: PLC0415 - see `route_release`
    from grayc.routing.hops import Lane  # noqa: PLC0415

    graph = CallGraph(plan)
    return Lane(
        tag=plan.spec.tag,
        header=plan.spec.lane.header,
        copies=graph.gray_services(),
        called=graph.names(),
        calls=tuple(call.services for call in plan.spec.calls),
    )


def validate_releases(
    request: Request, *, version: str, crd_schemas: Path | None, today: str, kubeconform: Path | None
) -> Checked["Conformance"]:
    """Compile releases, compare what they compile to with Kubernetes' schemas, and look at their dates.

    Args:
        version: of Kubernetes, `1.30` or `1.30.2`; "" for the newest that there are schemas of.
        crd_schemas: a folder with schemas of custom kinds; those that the baseline defines count too.
        today: the day, as ISO 8601 has it.
        kubeconform: who compares; None for jsonschema.
    Diagnostics:
        GC720: a lane is past its date. GC721, GC722: see `conform.report`. GC723: there are no schemas of the version.
        GC724: kubeconform gives no answer. GC725: the folder holds no schema, or a broken one.
    """
    from grayc.conform.report import findings  # noqa: PLC0415 - only `validate` asks for it
    from grayc.conform.schemas import load_schemas  # noqa: PLC0415

    wanted = _minor_version(version)
    compiled = compile_releases(request)
    custom = _custom_schemas(crd_schemas)
    diagnostics = (*compiled.diagnostics, *wanted.diagnostics, *custom.diagnostics)
    if compiled.value is None or wanted.value is None or custom.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    releases = compiled.value.releases
    defined = {key: schema for release in releases for key, schema in _defined(release.plan.baseline).items()}
    schemas = load_schemas(wanted.value, {**defined, **custom.value})
    documents = [document for release in releases for document in release.documents]
    conformed = _conform(documents, schemas, kubeconform)
    found = [item for release in releases for item in _expired(release.plan.spec, today)]
    if conformed.value is not None:
        found += findings(conformed.value, [(release.plan, release.documents) for release in releases])
    return replace(conformed, diagnostics=(*diagnostics, *conformed.diagnostics, *found))


def _conform(documents: Sequence[Document], schemas: "Schemas", kubeconform: Path | None) -> Checked["Conformance"]:
    from grayc.conform import with_jsonschema, with_kubeconform  # noqa: PLC0415 - see `validate_releases`

    if kubeconform is None:
        return Checked(value=with_jsonschema.conform(documents, schemas))
    try:
        return Checked(value=with_kubeconform.conform(documents, schemas, kubeconform))
    except with_kubeconform.KubeconformError as error:
        failed = Diagnostic(
            code="GC724",
            message=f"kubeconform gives no answer: {error}",
            help="with `--engine jsonschema`, grayc compares by itself",
        )
        return Checked(value=None, diagnostics=(failed,))


def _minor_version(version: str) -> Checked[str]:
    from grayc.conform.schemas import versions  # noqa: PLC0415 - see `validate_releases`

    known = versions()
    if not version:
        return Checked(value=known[-1])
    parts = version.removeprefix("v").split(".")
    minor = ".".join(parts[:2])
    if minor in known and len(parts) <= 3 and all(part.isdecimal() for part in parts):
        return Checked(value=minor)
    unknown = Diagnostic(
        code="GC723",
        message=f"there are no schemas of Kubernetes `{version}`",
        help=f"choose one of {known[0]} to {known[-1]}",
    )
    return Checked(value=None, diagnostics=(unknown,))


def _defined(documents: Iterable[Document]) -> dict[str, "Schema"]:
    """Return the schemas of the kinds that objects define."""
    from grayc.conform.schemas import custom_schemas, is_definition  # noqa: PLC0415 - see `validate_releases`

    return {
        key: schema for document in documents if is_definition(document) for key, schema in custom_schemas(document)
    }


def _custom_schemas(folder: Path | None) -> Checked[dict[str, "Schema"]]:
    """Return the schemas in a folder: of CustomResourceDefinitions, and files named `GROUP/KIND_VERSION.json`."""
    from grayc.conform.schemas import is_schema, schema_key  # noqa: PLC0415 - see `validate_releases`

    if folder is None:
        return Checked(value={})
    roots = Roots(folder=folder, shown=folder.as_posix())
    found: dict[str, Schema] = {}
    diagnostics: list[Diagnostic] = []
    try:
        sources = [read_source(file.path, file.name, roots) for file in find_sources(".", roots).files]
    except SourceError as error:
        return Checked(value=None, diagnostics=(_unreadable(error),))
    for source in sources:
        key, plain = schema_key(source.name), parse_plain(source).value
        if key is not None and plain is not None and not get_text(plain[1], ("kind",)):
            made = {key: cast("Schema", plain[1])}
        else:
            parsed = parse_documents(source, searched=True)
            diagnostics += (item for item in parsed.diagnostics if item.severity is Severity.ERROR)
            made = _defined(parsed.value or ())
        broken = [name for name, schema in made.items() if not is_schema(schema)]
        diagnostics += (_broken_schema(f"the schema of `{name}` in `{source.shown}` is none") for name in broken)
        found |= made
    if not found and not diagnostics:
        diagnostics.append(_broken_schema(f"`{folder.as_posix()}` holds no schema of a custom kind"))
    return Checked(value=None if diagnostics else found, diagnostics=tuple(diagnostics))


def _broken_schema(message: str) -> Diagnostic:
    return Diagnostic(
        code="GC725",
        message=message,
        help="put CustomResourceDefinitions there, or JSON Schemas as `GROUP/KIND_VERSION.json`",
    )


def _expired(spec: ReleaseSpec, today: str) -> Iterable[Diagnostic]:
    if spec.expires is not None and spec.expires < today:
        yield Diagnostic(
            code="GC720",
            message=f"lane `{spec.tag}` was to end on {spec.expires}",
            span=spec.span(("spec", "expires")),
            field="spec.expires",
            help="take it offline, or give it a later date",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRelease:
    """A first release.yaml.

    Attributes:
        path: where it was written, None where it was not.
    """

    text: str
    path: str | None


def first_release(path: Path, services: Sequence[str], *, out: str, tag: str) -> Checked[FirstRelease]:
    """Make a first release.yaml for the baseline at `path`, and write it unless `out` is `-`.

    Diagnostics:
        GC301: a service that was asked for is no workload of the baseline.
        GC303: the baseline has no workload at all.
        GC610: the file is there already.
    """
    # Only `init` asks for it, and a small build takes little longer than its imports.
    from grayc.plan.first_spec import choose_first_spec  # noqa: PLC0415
    from grayc.report.first_spec import render_first_spec  # noqa: PLC0415

    target = path.parent / "release.yaml" if not out else Path(out)
    folder = Path.cwd() if out == STDIN else target.parent
    relative = Path(os.path.relpath(path, folder)).as_posix()
    pattern = f"{relative}/" if path.is_dir() else relative
    loaded = load_baseline([(pattern, ())], Roots(folder=folder), None, None, spec_path=None)
    if loaded.value is None:
        return Checked(value=None, diagnostics=loaded.diagnostics)
    first = choose_first_spec(loaded.value.documents, services)
    refused = _refuse_first(first, str(path))
    if refused:
        return Checked(value=None, diagnostics=(*loaded.diagnostics, *refused))
    name = f"{first.services[0].workload.identity.name}-{tag}"
    text = render_first_spec(first, name=name, tag=tag, baseline=pattern)
    if out == STDIN:
        return Checked(value=FirstRelease(text=text, path=None), diagnostics=loaded.diagnostics)
    written = create_file(target, text)
    shown = target.as_posix() if written.value else None
    return Checked(value=FirstRelease(text=text, path=shown), diagnostics=(*loaded.diagnostics, *written.diagnostics))


def _refuse_first(first: "FirstSpec", path: str) -> tuple[Diagnostic, ...]:
    names = [service.workload.identity.name for service in first.services]
    names += [workload.identity.name for workload in first.others]
    if not names:
        return (
            Diagnostic(
                code="GC303",
                message=f"`{path}` holds no Deployment or StatefulSet",
                help="name the folder with the manifests now in production",
            ),
        )
    return tuple(
        Diagnostic(
            code="GC301", message=f"`{path}` has no workload `{name}`", help=did_you_mean(name, names, noun="workload")
        )
        for name in first.unknown
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adoption:
    """A baseline that is prepared for gray releases, in memory.

    Attributes:
        files: what changes, by name.
        roots: where the names start.
    """

    plan: "AdoptionPlan"
    files: tuple["Edited", ...]
    roots: Roots


def adopt_baseline(
    paths: Sequence[Path], services: Sequence[str], *, allowed_roots: Sequence[Path] = ()
) -> Checked[Adoption]:
    """Return the files below `paths` with the label by which a lane is told from production; nothing is written.

    Args:
        services: the workloads to prepare, with all that selects their pods; none for all.
    Diagnostics:
        GC301, GC303, GC340 to GC342: see `plan_adoption`.
        GC620: a file can not be edited.
        And all that loading a baseline reports.
    """
    # Only `adopt` asks for it, and a small build takes little longer than its imports.
    from grayc.edit import apply_changes  # noqa: PLC0415
    from grayc.plan.adopt import plan_adoption  # noqa: PLC0415

    patterns, roots = _adopted_paths(paths, allowed_roots)
    loaded = load_baseline(patterns, roots)
    found = tuple(_for_adopt(item) for item in loaded.diagnostics)
    if loaded.value is None:
        return Checked(value=None, diagnostics=found)
    planned = plan_adoption(loaded.value.documents, services)
    found = (*found, *planned.diagnostics)
    if planned.value is None:
        return Checked(value=None, diagnostics=found)
    changes = [_change(item) for item in planned.value.objects if item.missing]
    found = (*found, *(diagnostic for change in changes for diagnostic in change.diagnostics))
    wanted = [change.value for change in changes if change.value is not None]
    edited = apply_changes(wanted) if len(wanted) == len(changes) else None
    if edited is None or edited.value is None:
        return Checked(value=None, diagnostics=(*found, *(edited.diagnostics if edited is not None else ())))
    files = tuple(sorted(edited.value, key=lambda file: os.fsencode(file.old.name)))
    return Checked(value=Adoption(plan=planned.value, files=files, roots=roots), diagnostics=found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Promotion:
    """A release that goes into production's own files, in memory.

    Attributes:
        files: what changes, by name.
        objects: how many objects change.
        left: how many values are left for the user to write.
        folder: where the names start.
    """

    files: tuple["Edited", ...]
    objects: int
    left: int
    folder: Path


def promote_release(request: Request, *, patches: bool) -> Checked[Promotion]:
    """Return the baseline's files with what the release changes: images, variables, config, and patches if wanted.

    What each file says afterwards is read again, and must be what the gray copy says without the lane; what can not be
    carried is told, value by value. Then the release is made once more, from production as it would be: it must come
    to the same gray copies, or a build tomorrow would not be what was tested.

    Diagnostics:
        GC345: something is left for the user to write.
        GC346: made from the promoted files, the release would come to something else.
        GC620: a file can not be edited.
        GC702: there is not exactly one spec.
        And all that a plan and the passes report.
    """
    # Only `promote` asks for it, and a small build takes little longer than its imports.
    from grayc.edit import apply_changes, carry, list_differences  # noqa: PLC0415

    inputs = _find_specs(request)
    if inputs.value is None or len(inputs.value) != 1:
        several = Diagnostic(code="GC702", message="one release is promoted at a time", help="name one release file")
        return Checked(value=None, diagnostics=inputs.diagnostics or (several,))
    given = inputs.value[0]
    planned, _ = _plan_one(given, request)
    plan = planned.value
    if plan is None or has_errors(planned.diagnostics):
        return Checked(value=None, diagnostics=planned.diagnostics)
    rows = tuple(row for row in RELEASE if patches or row.run is not apply_patches)
    made = run_passes(rows, plan)
    found = (*planned.diagnostics, *made.diagnostics)
    if made.value is None or has_errors(made.diagnostics):
        return Checked(value=None, diagnostics=found)
    originals = {document.place: plan.copy_of(document).document for document in made.value}
    carried = [
        (document, carry(originals[document.place], document.data))
        for document in made.value
        if document.chunk.source.name != PIPED
    ]
    left = [_left(document, item, plan) for document, each in carried for item in each.left]
    for document in made.value:
        if document.chunk.source.name == PIPED:
            items = list_differences(originals[document.place], document.data)
            left += [_left(document, item, plan, "it came in by a pipe") for item in items]
    edited = apply_changes([each.change for _, each in carried if each.change.edits])
    found = (*found, *left, *edited.diagnostics)
    if edited.value is None:
        return Checked(value=None, diagnostics=found)
    after = {each.change.document.place: each.change.data for _, each in carried}
    promoted = replace(
        plan,
        copies=tuple(
            replace(copy, document=replace(copy.document, data=after.get(copy.document.place, copy.document.data)))
            for copy in plan.copies
        ),
    )
    unstable = tuple(_unstable(made.value, run_passes(rows, promoted), promoted))
    found = (*found, *unstable, *(() if patches else _unasked(promoted, made.value)))
    if unstable:
        return Checked(value=None, diagnostics=found)
    files = tuple(sorted(edited.value, key=lambda file: os.fsencode(file.old.name)))
    changed = sum(bool(each.change.edits) for _, each in carried)
    promotion = Promotion(files=files, objects=changed, left=len(left), folder=given.folder)
    return Checked(value=promotion, diagnostics=found)


def _left(document: Document, item: "Left", plan: ReleasePlan, why: str = "") -> Diagnostic:
    """Tell what a promotion can not carry, and the exact edit."""
    from grayc.plan.release_place import release_place  # noqa: PLC0415 - see `promote_release`

    shown = show_path(item.path)
    # Variables and data may hold secrets, and a finding is read by many: the release's own line is named instead.
    place = release_place(document, item.path, item.value, plan)
    is_open = document.identity.kind not in ("Secret", "ConfigMap") and "env" not in item.path
    value = f"`{json.dumps(item.value, ensure_ascii=False)}`" if is_open else "what the release says"
    if place and not is_open:
        value = f"what the release says at `{place}`"
    why = why or (item.diagnostics[0].message.partition(" in place: ")[2] if item.diagnostics else "")
    return Diagnostic(
        code="GC345",
        message=f"`{shown}` of `{document.identity.ref}` is not carried over" + (f": {why}" if why else ""),
        span=plan.copy_of(document).document.span(item.path),
        field=shown,
        object=document.identity.ref,
        help=f"take `{shown}` away yourself" if item.value is None else f"write {value} there yourself",
    )


def _unstable(
    gray: tuple[Document, ...], again: Checked[tuple[Document, ...]], promoted: ReleasePlan
) -> Iterable[Diagnostic]:
    """Tell where the release, made from the promoted files, comes to something else than what was tested."""
    from grayc.edit import same_but_for_order  # noqa: PLC0415 - see `promote_release`

    wanted = {document.place: document.data for document in gray}
    failed = {item.object for item in again.diagnostics if item.severity is Severity.ERROR}
    for document in again.value or ():
        is_same = same_but_for_order(wanted[document.place], document.data)
        if is_same and document.identity.ref not in failed:
            continue
        failed.discard(document.identity.ref)
        yield _unstable_object(document.identity.ref, promoted.copy_of(document).service.name)
    if failed:
        error = next(item for item in again.diagnostics if item.severity is Severity.ERROR)
        yield replace(
            _unstable_object(error.object or "the release", ""), notes=(Note(message=error.message, span=error.span),)
        )


def _unstable_object(ref: str, service: str) -> Diagnostic:
    of_service = f" of service `{service}`" if service else ""
    return Diagnostic(
        code="GC346",
        message=f"`{ref}` would come to something else when the release is built from the promoted files",
        object=ref,
        help=f"a JSON patch{of_service} may add or remove once more each time: write it as a `merge` patch, or promote "
        "without `--patches`",
    )


def _unasked(promoted: ReleasePlan, gray: tuple[Document, ...]) -> Iterable[Diagnostic]:
    """Tell whose patches would change production more than images, variables and config do."""
    from grayc.edit import same_but_for_order  # noqa: PLC0415 - see `promote_release`

    before = {document.place: document.data for document in gray}
    patched = run_passes(RELEASE, promoted)
    changed = {
        promoted.copy_of(document).service.name
        for document in patched.value or ()
        if has_errors(patched.diagnostics) or not same_but_for_order(before[document.place], document.data)
    }
    for service in promoted.spec.services:
        if service.patches and service.name in changed:
            yield Diagnostic(
                code="GC345",
                message=f"the patches of service `{service.name}` are not carried over",
                span=promoted.spec.span((*service.path, "patches"), key=True),
                field=show_path((*service.path, "patches")),
                help="`--patches` carries them too",
            )


def write_promotion(promotion: Promotion) -> Checked[tuple[str, ...]]:
    """Write the files of a promotion: all, or none."""
    return _rewrite(promotion.files, promotion.folder)


def _rewrite(files: Sequence["Edited"], folder: Path) -> Checked[tuple[str, ...]]:
    from grayc.output.rewrite import Rewrite, rewrite_files  # noqa: PLC0415 - see `adopt_baseline`

    return rewrite_files(
        [
            Rewrite(
                path=Path(os.path.realpath(folder / file.old.name)),
                shown=file.old.shown,
                old=file.old.text,
                new=file.new.text,
            )
            for file in files
        ]
    )


def _adopted_paths(paths: Sequence[Path], allowed: Sequence[Path]) -> tuple[list[tuple[str, tuple[()]]], Roots]:
    """Return the paths from where the first one starts, and that only what lies below one of them may be read."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    start = Path(os.path.realpath(folders[0]))
    patterns = []
    for path, folder in zip(paths, folders, strict=True):
        place = os.path.relpath(os.path.realpath(folder), start)
        name = Path(place).as_posix() if path is folder else (Path(place) / path.name).as_posix()
        patterns.append((f"{name}/" if path is folder else name, ()))
    # A file that is named may be a link: it is meant.
    named = [
        Path(os.path.realpath(path)).parent for path, folder in zip(paths, folders, strict=True) if path is not folder
    ]
    shown = folders[0].as_posix()
    roots = Roots(folder=start, allowed=(*folders[1:], *named, *allowed), shown="" if shown == "." else shown)
    return patterns, roots


_ADOPT_HELP = {
    "GC101": "check the path",
    "GC103": "name files or folders with manifests",
    "GC130": "name only files with whole objects",
    "GC131": "what a kustomization adds (labels, patches, names) stands in no file and is not seen: look at what "
    "`kubectl kustomize` makes of the changed files",
    "GC150": "name its folder too, or allow it with `--allow-root`",
}
"""Code → what helps where no release spec is at hand."""


def _for_adopt(diagnostic: Diagnostic) -> Diagnostic:
    """Return a finding of loading in the words of a command that has no spec."""
    message = diagnostic.message.replace("the folder of the release spec", "the paths that are named")
    message = message.replace("the baseline holds no object", "no file holds an object")
    help_ = diagnostic.help if "did you mean" in diagnostic.help else _ADOPT_HELP.get(diagnostic.code, diagnostic.help)
    return replace(diagnostic, message=message, help=help_, field="" if diagnostic.span is None else diagnostic.field)


def _change(item: "Adopted") -> Checked["Change"]:
    """Return the edits that give one object the label."""
    from grayc.edit import Change, insert_key  # noqa: PLC0415 - see `adopt_baseline`
    from grayc.plan.adopt import ORIGINAL, VERSION  # noqa: PLC0415

    made = [insert_key(item.document, path, VERSION, ORIGINAL) for path in item.missing]
    found = tuple(diagnostic for edits in made for diagnostic in edits.diagnostics)
    if has_errors(found):
        return Checked(value=None, diagnostics=found)
    edits = tuple(edit for checked in made for edit in checked.value or ())
    return Checked(value=Change(document=item.document, data=item.data, edits=edits), diagnostics=found)


def write_adoption(adoption: Adoption) -> Checked[tuple[str, ...]]:
    """Write the files of an adoption: all, or none."""
    return _rewrite(adoption.files, adoption.roots.folder)


def put_adoption_script(adoption: Adoption, path: str) -> tuple[str | None, Checked[Path]]:
    """Write the steps for a cluster to a file; return them as text instead where the path is `-`."""
    from grayc.output.create import write_text  # noqa: PLC0415 - see `adopt_baseline`
    from grayc.report.adopt_script import render_script  # noqa: PLC0415

    text = render_script(adoption.plan)
    if path == STDIN:
        return text, Checked(value=None)
    return None, write_text(Path(path), text, what="script", flag="--script FILE")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offline:
    """What takes releases offline.

    Attributes:
        releases: those that have files in the output folder, by name.
        absent: those that were asked for and have none.
        tags: of the releases, as their objects are labelled.
        files: names of their files, in order.
        documents: the gray objects in those files.
        finished: an earlier run had been killed in the folder, and its work was finished first.
    """

    out: Path
    releases: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    finished: bool = False


def plan_offline(request: Request, *, tag: str, out: Path, check: bool) -> Checked[Offline]:
    """Return what takes the request's releases, or all of a tag, offline. Nothing is removed yet.

    The baseline is not read, and of a spec the name alone counts: what a lane left behind must go, whatever became of
    the files that it was made from.

    Args:
        tag: "" where the request has specs.
        check: leave an interrupted run as it is, and take a release that is not there for one that is gone.
    Diagnostics:
        GC630, GC602 to GC608: the folder is none of grayc's, or can not be read.
        GC603: a file was edited by hand.
        GC631: the folder has no such tag or release.
        GC633: a file that the inventory lists is gone.
    """
    named = _release_names(request)
    if named.value is None:
        return Checked(value=None, diagnostics=named.diagnostics)
    finished = Checked(value=False) if check or not out.is_dir() else finish_folder(out)
    listing = read_folder(out) if finished.value is not None else Checked[Listing](value=None)
    diagnostics = (*named.diagnostics, *finished.diagnostics, *listing.diagnostics)
    if listing.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    inventory = listing.value.inventory
    tagged = tuple(name for name, lane in sorted(inventory.lanes.items()) if lane.tag == tag)
    wanted = tagged if tag else named.value
    present = tuple(name for name in wanted if inventory.files_of(name) or name in inventory.lanes)
    absent = tuple(name for name in wanted if name not in present)
    unknown = (tag,) if tag and not present else absent
    if unknown and not finished.value and (tag or not check):
        what = "tag" if tag else "release"
        return Checked(
            value=None, diagnostics=(*diagnostics, *(_unknown_lane(inventory, word, what, out) for word in unknown))
        )
    return _offline(Offline(out=out, releases=present, absent=absent, finished=bool(finished.value)), diagnostics)


def _release_names(request: Request) -> Checked[tuple[str, ...]]:
    loaded = _all(_find_specs(request), lambda given: _load_spec(given, request))
    names = None if loaded.value is None else tuple(dict.fromkeys(spec.name for spec in loaded.value))
    return Checked(value=names, diagnostics=loaded.diagnostics)


def _unknown_lane(inventory: Inventory, word: str, what: str, out: Path) -> Diagnostic:
    tags = sorted({lane.tag for lane in inventory.lanes.values()})
    return Diagnostic(
        code="GC631",
        message=f"`{out.as_posix()}` holds nothing of {what} `{word}`",
        help=did_you_mean(word, tags if what == "tag" else inventory.owners, noun=what),
    )


def _offline(asked: Offline, found: tuple[Diagnostic, ...]) -> Checked[Offline]:
    """Read the files of the releases."""
    listing = read_folder(asked.out, owners=asked.releases)
    found = (*found, *listing.diagnostics)
    if listing.value is None:
        return Checked(value=None, diagnostics=found)
    shown = asked.out.as_posix()
    documents: list[Document] = []
    for name, data in listing.value.texts.items():
        place = posixpath.join(shown, name)
        if data is None:
            missing = Diagnostic(
                code="GC633",
                message=f"`{place}` is gone, and nobody knows which objects it held",
                help="take it back from version control and run again, or look for objects of the tag in the cluster",
            )
            found = (*found, missing)
        elif name in listing.value.edited:
            found = (
                *found,
                Diagnostic(
                    code="GC603",
                    message=f"`{place}` was changed since grayc wrote it",
                    help="take the file back from version control, or delete it, then run again",
                ),
            )
        else:
            parsed = parse_documents(SourceFile(name=place, text=data.decode()))
            found = (*found, *(item for item in parsed.diagnostics if has_errors((item,))))
            documents += parsed.value or ()
    tags = sorted({tag_of(document) for document in documents} - {""})
    whole = replace(asked, tags=tuple(tags), files=tuple(sorted(listing.value.texts)), documents=in_order(documents))
    return Checked(value=None if has_errors(found) else whole, diagnostics=found)


def take_offline(offline: Offline) -> Checked[tuple[WriteResult, ...]]:
    """Remove the files of the releases from their output folder."""
    return _all(Checked(value=offline.releases), lambda release: remove_release(offline.out, owner=release))


def deletions_of(offline: Offline) -> tuple[Deletion, ...]:
    """Return what deletes the objects from a cluster, in order."""
    return deletions(offline.documents)


def save_script(path: Path, text: str) -> Checked[Path]:
    """Write a script that can be run.

    Diagnostics:
        GC602, GC610: as `output.create.write_script`.
    """
    return write_script(path, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingLane:
    """A release that an output folder holds.

    Attributes:
        folder: as the user named it, or found below what he named.
        record: what the inventory says of it; None where an older version wrote it.
        files: how many it has.
        since: the day on which it was committed, where version control knows it.
        is_expired: its last day is past; False where nobody said what day it is.
    """

    folder: Path
    release: str
    record: LaneRecord | None
    files: int
    since: str | None
    is_expired: bool


def list_lanes(folders: Sequence[Path], *, today: str = "") -> Checked[tuple[LivingLane, ...]]:
    """Return the releases that output folders hold, by folder and name.

    A folder without an inventory of its own stands for the output folders below it.

    Args:
        today: `YYYY-MM-DD`, or "" where dates are not compared.
    Diagnostics:
        GC630: there is no output folder. GC602, GC606, GC607: one can not be read.
        GC720: a lane is past its last day.
    """
    found = _all(Checked(value=tuple(folders)), _output_folders)
    every = tuple(dict.fromkeys(folder for inside in found.value or () for folder in inside))
    if found.value is None:
        return Checked(value=None, diagnostics=found.diagnostics)
    lanes = _all(Checked(value=every), lambda folder: _lanes_in(folder, today))
    if lanes.value is None:
        return Checked(value=None, diagnostics=lanes.diagnostics)
    return Checked(value=tuple(lane for inside in lanes.value for lane in inside), diagnostics=lanes.diagnostics)


def _output_folders(folder: Path) -> Checked[tuple[Path, ...]]:
    if not (folder / INVENTORY).is_file():
        below = find_folders(folder, INVENTORY)
        if below:
            return Checked(value=below)
    return Checked(value=(folder,))


def _lanes_in(folder: Path, today: str) -> Checked[tuple[LivingLane, ...]]:
    from grayc.source.git import day_of_arrival  # noqa: PLC0415 - only `lanes` asks for it

    listing = read_folder(folder)
    if listing.value is None:
        return Checked(value=None, diagnostics=listing.diagnostics)
    inventory = listing.value.inventory
    lanes = []
    for release in sorted({*inventory.owners, *inventory.lanes}):
        record = inventory.lanes.get(release)
        since = day_of_arrival(folder, INVENTORY, lane_head(release)) if record is not None else None
        expires = record.expires if record is not None else None
        lanes.append(
            LivingLane(
                folder=folder,
                release=release,
                record=record,
                files=len(inventory.files_of(release)),
                since=since,
                # Both are written year first, so that their order is that of the days.
                is_expired=bool(today and expires and expires < today),
            )
        )
    expired = tuple(_past_its_date(lane) for lane in lanes if lane.is_expired)
    return Checked(value=tuple(lanes), diagnostics=(*listing.diagnostics, *expired))


def _past_its_date(lane: LivingLane) -> Diagnostic:
    assert lane.record is not None
    shown = lane.folder.as_posix()
    return Diagnostic(
        code="GC720",
        message=f"release `{lane.release}` of tag `{lane.record.tag}` in `{shown}` was to end on {lane.record.expires}",
        help=f"take it offline with `grayc offline --tag {lane.record.tag} -o {shown}`, or give it a later"
        " `spec.expires` and build",
    )
