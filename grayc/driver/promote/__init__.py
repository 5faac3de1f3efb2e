"""A release carried into production's own files."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from grayc.analysis.graph import is_workload, reference_index
from grayc.analysis.patch_targets import entries_named
from grayc.checks.lane_values import lane_values
from grayc.diagnostics import Checked, Diagnostic, Mark, Note, Severity, has_errors
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.load import Reading
from grayc.driver.compile import compile_releases, used_of
from grayc.driver.edited import write_edited
from grayc.driver.model import Compilation, Release
from grayc.driver.nearby import declared_near
from grayc.driver.output import check_releases_in, moved_since
from grayc.driver.planning import plan_one, wanted_renderings
from grayc.driver.promote.left import tell_left
from grayc.driver.promote.others import tell_others
from grayc.driver.recorded import with_recorded
from grayc.driver.request import PIPED, Input, Request, find_specs, shown_folder
from grayc.edit import Edited, apply_changes, carry, list_differences, same_but_for_order
from grayc.edit.apply import MASK
from grayc.edit.same import is_same
from grayc.output.compare import FolderState
from grayc.passes.apply_patches import apply_patches
from grayc.passes.model import LanePass
from grayc.passes.patching import PatchBudget, apply_patch, patches_of
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import RELEASE
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace
from grayc.source import Roots, Span
from grayc.spec.findings import at_spec

if TYPE_CHECKING:
    from grayc.driver.promote.rendered import RenderedPromotion

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Promotion:
    """A release that goes into production's own files, in memory.

    Attributes:
        files: what changes, by name.
        objects: how many objects change.
        left: how many values are left for the user to write.
        folder: where the names start.
    """

    files: tuple[Edited, ...]
    objects: int
    left: int
    folder: Path


def promote_release(request: Request, *, patches: bool, out: Path | None = None) -> Checked[Promotion]:
    """Return the baseline's files with what the release changes: images, variables, config, and patches if wanted.

    What each file says afterwards is read again, and must be what the gray copy says without the lane; what cannot be
    carried is reported by value. Then the release is made once more, from production as it would be: it must come
    to the same gray copies, or a build tomorrow would not be what was tested.

    Args:
        out: the output folder that the lane was applied from, if it must be what the release compiles to.
    Diagnostics:
        GC345: something is left for the user to write.
        GC348: the output folder has another lane; an error beside a value, which is not to be written.
        GC347: a source that others may render from too is changed.
        GC346: made from the promoted files, the release would come to something else.
        GC349: configuration changes for workloads that are no part of the lane.
        GC184: a file of Argo CD or Flux has the last word on a value, and is not used.
        GC620: a file cannot be edited.
        GC624, GC625: it writes over a variable, or over what somebody else writes by itself.
        GC621: a value outside `laneOnly` is the lane's.
        GC702: there is not exactly one spec.
        And all that a build reports: what it refuses is not promoted.
    """
    inputs = find_specs(request)
    if inputs.value is None or len(inputs.value) != 1:
        several = Diagnostic(code="GC702", message="one release is promoted at a time", help="name one release file")
        return Checked(value=None, diagnostics=inputs.diagnostics or (several,))
    given = inputs.value[0]
    request = replace(request if out is None else with_recorded(request, out), out=out)
    # What a build refuses was never a lane, so nobody tested it. A baseline that is piped is read once for both.
    reading = Reading()
    compiled = compile_releases(request, reading)
    planned, _ = plan_one(given, request, reading, is_promoted=True)
    plan = planned.value
    seen = planned.diagnostics if compiled.value is not None else compiled.diagnostics
    if plan is None or has_errors(planned.diagnostics):
        return Checked(value=None, diagnostics=seen)
    of_the_lane = tuple(lane_values(plan, patches=patches))
    if compiled.value is None or of_the_lane:
        return Checked(value=None, diagnostics=(*seen, *of_the_lane))
    rows = tuple(row for row in RELEASE if patches or row.run != LanePass(apply_patches))
    made = run_passes(rows, plan)
    found = (*planned.diagnostics, *made.diagnostics)
    if made.value is None or has_errors(made.diagnostics):
        return Checked(value=None, diagnostics=found)
    originals = {document.place: plan.copy_of(document).document for document in made.value}
    carried = [
        (document, carry(originals[document.place], document.data))
        for document in made.value
        if document.chunk.source.name != PIPED and not document.chunk.source.origin
    ]
    left = [tell_left(document, item, plan) for document, each in carried for item in each.left]
    for document in made.value:
        if document.chunk.source.name == PIPED:
            items = list_differences(originals[document.place], document.data)
            left += [tell_left(document, item, plan) for item in items]
    rendered = _promote_rendered(made.value, plan, given, request)
    for part in rendered:
        left += [tell_left(document, item, plan, is_exhausted=part.is_exhausted) for document, item in part.left]
    shared = [_shared(file) for part in rendered for file in part.files if file.old.name in part.shared]
    edited = apply_changes([each.change for _, each in carried if each.change.edits])
    found = (*found, *shared, *left, *edited.diagnostics)
    if edited.value is None:
        return Checked(value=None, diagnostics=found)
    after = {each.change.document.place: each.change.data for _, each in carried}
    for part in rendered:
        after.update(part.data)
    promoted = replace(
        plan,
        copies=tuple(
            replace(copy, document=replace(copy.document, data=after.get(copy.document.place, copy.document.data)))
            for copy in plan.copies
        ),
    )
    unstable = tuple(_unstable(made.value, run_passes(rows, promoted), promoted))
    found = (*found, *unstable, *(() if patches else _unasked(promoted, made.value)), *_entries_patched(plan))
    if unstable:
        return Checked(value=None, diagnostics=found)
    every = (*edited.value, *(file for part in rendered for file in part.files))
    files = tuple(sorted(every, key=lambda file: os.fsencode(file.old.name)))
    if twice := [_twice(old) for old, new in pairwise(files) if old.old.name == new.old.name]:
        return Checked(value=None, diagnostics=(*found, *twice))
    changed = sum(bool(each.change.edits) for _, each in carried)
    changed += sum(originals[place].data != data for part in rendered for place, data in part.data.items())
    changes = [old for place, old in originals.items() if not is_same(old.data, after.get(place, old.data))]
    roots = _roots_of(given, request)
    declared = declared_near(plan.baseline, roots, reading) if files else ()
    found = (*found, *_read_by_others(plan, changes), *tell_others(plan, originals.values(), after, files, declared))
    if in_vain := tuple(_overridden(plan, roots, files, [(old, after[old.place]) for old in changes])):
        return Checked(value=None, diagnostics=(*found, *in_vain))
    promotion = Promotion(files=files, objects=changed, left=len(left), folder=given.folder)
    if out is not None and files:
        # Where nothing is to be written, production may have moved by the promotion itself.
        done = [old for item in made.value if same_but_for_order((old := originals[item.place]).data, item.data)]
        found = (*found, *_untested(compiled.value, plan, out, done))
    return Checked(value=promotion, diagnostics=found)


def _overridden(
    plan: ReleasePlan,
    roots: Roots,
    files: Sequence[Edited],
    changes: Sequence[tuple[Document, dict[str, object]]],
) -> Iterable[Diagnostic]:
    """Tell which values a file of Argo CD or Flux overrides that the release does not use."""
    if not files:
        return ()
    from grayc.driver.promote.overridden import tell_overridden  # noqa: PLC0415 - with the parts that render

    return tell_overridden(wanted_renderings(plan.spec), plan.baseline, roots, files, changes)


def _read_by_others(plan: ReleasePlan, changes: Iterable[Document]) -> Iterable[Diagnostic]:
    """Tell which configuration changes for workloads that are no part of the lane."""
    index = reference_index(plan.baseline, plan.spec)
    for document in changes:
        others = [
            f"`{reader.identity.ref}`"
            for reader in index.get(plan.key_of(document.identity), ())
            if is_workload(reader) and plan.key_of(reader.identity) not in plan.gray_names
        ]
        if others and document.identity.kind in ("ConfigMap", "Secret"):
            more = f" and {len(others) - _MOST_NAMES} more" if len(others) > _MOST_NAMES else ""
            yield at_object(
                document,
                ("metadata", "name"),
                code="GC349",
                message=f"`{document.identity.ref}` changes for {', '.join(others[:_MOST_NAMES])}{more} as well, of "
                "which the lane has no copy",
                help="release them together, or give the service a configuration of its own first",
            )


def _untested(compiled: Compilation, plan: ReleasePlan, out: Path, done: Iterable[Document]) -> tuple[Diagnostic, ...]:
    """Tell whether an output folder has another lane than the release compiles to now, and what moved under it.

    Args:
        done: what of production says what was tested already: a run that was killed between two files wrote it.
    """
    states = check_releases_in(compiled, out)
    if states.value is None or not any(state.is_stale for state in states.value[: len(compiled.releases)]):
        return states.diagnostics
    keys = {used.key for used in used_of(plan, done)}
    # What all lanes have in common is no part of what is promoted.
    pairs = zip(compiled.releases, states.value, strict=False)
    if all(_is_moved_by(release, state, keys) for release, state in pairs):
        return ()
    shown = out.as_posix()
    is_there = any(state.lane is not None for state in states.value)
    moved = [item for item in states.diagnostics if item.mark is Mark.MOVED]
    other = at_spec(
        plan.spec,
        ("metadata", "name"),
        code="GC348",
        message=f"the lane in `{shown}` is not what `{plan.spec.name}` compiles to: what would be promoted is not what "
        "was tested"
        if is_there
        else f"`{shown}` has no lane of `{plan.spec.name}`: what would be promoted was not tested",
        help="`grayc diff --with` shows what differs; build the release, apply it and test it, then promote"
        + ("; a lane of a step is promoted with its `--step`" if plan.spec.steps else "")
        if is_there
        else "name the folder that the lane was applied from",
        notes=tuple(Note(message=item.message, span=item.span) for item in moved),
    )
    return (*(item for item in states.diagnostics if item not in moved), other)


def _is_moved_by(release: Release, state: FolderState, keys: Collection[str]) -> bool:
    """Tell whether nothing but baseline objects of these keys says something else than when a lane was built."""
    before = state.lane
    if before is None or state.added or state.changed or state.removed or state.interrupted:
        return False
    moved = moved_since(release, before)
    is_same_lane = replace(release.lane, baseline=before.baseline) == before
    return is_same_lane and not moved.new and not moved.gone and all(key in keys for key in moved.changed)


def _roots_of(given: Input, request: Request) -> Roots:
    return Roots(folder=given.folder, allowed=request.allowed_roots, shown=shown_folder(given))


def _promote_rendered(
    made: Iterable[Document], plan: ReleasePlan, given: Input, request: Request
) -> "tuple[RenderedPromotion, ...]":
    """Return what goes into the sources of everything that is rendered."""
    released = {document.place: document.data for document in made if document.chunk.source.origin}
    if not released:
        return ()
    from grayc.driver.promote.rendered import promote_rendered  # noqa: PLC0415 - few baselines are rendered

    roots = Roots(
        folder=given.folder,
        allowed=request.allowed_roots,
        shown=shown_folder(given),
        most_bytes=request.most_bytes,
    )
    return tuple(
        promote_rendered(
            wanted,
            roots,
            [document for document in plan.baseline if wanted.is_name(document.chunk.source.name)],
            released,
        )
        for wanted in wanted_renderings(plan.spec)
    )


def _twice(file: Edited) -> Diagnostic:
    return Diagnostic(
        code="GC620",
        message=f"`{file.old.shown}` is part of several sources of the baseline, and each would change it",
        span=Span(source=file.old, line=1, column=1),
        help="write the change into the file yourself; `--diff` of a release with one of the sources alone shows it",
    )


def _shared(file: Edited) -> Diagnostic:
    pairs = zip(file.before, file.after, strict=False)
    at = next((number for number, (old, new) in enumerate(pairs, 1) if old != new), len(file.before))
    is_masked = MASK in file.before[at - 1]
    return Diagnostic(
        code="GC347",
        message=f"what is promoted into `{file.old.shown}` goes to all that is rendered from it",
        span=Span(source=file.old, line=at, column=1, sensitive=is_masked),
        help="look who else builds on it; to keep it to this release, write the value into its own kustomization or "
        "values file first",
    )


def _unstable(
    gray: tuple[Document, ...], again: Checked[tuple[Document, ...]], promoted: ReleasePlan
) -> Iterable[Diagnostic]:
    """Tell where the release, made from the promoted files, comes to something else than what was tested."""
    wanted = {document.place: document.data for document in gray}
    failed: dict[str | None, Diagnostic] = {}
    for item in again.diagnostics:
        if item.severity is Severity.ERROR:
            failed.setdefault(item.object, item)
    for document in again.value or ():
        error = failed.pop(document.identity.ref, None)
        if error is not None or not same_but_for_order(wanted[document.place], document.data):
            yield _unstable_object(document.identity.ref, promoted.copy_of(document).service.name, error)
    for error in [*failed.values()][:1]:
        yield _unstable_object(error.object or "the release", "", error)


def _unstable_object(ref: str, service: str, error: Diagnostic | None) -> Diagnostic:
    of_service = f" of service `{service}`" if service else ""
    return Diagnostic(
        code="GC346",
        message=f"`{ref}` would come to something else when the release is built from the promoted files",
        object=ref,
        notes=(Note(message=error.message, span=error.span),) if error is not None else (),
        help=f"a JSON patch{of_service} may add or remove once more each time: write it as a `merge` patch, or promote "
        "without `--patches`",
    )


def _unasked(promoted: ReleasePlan, gray: tuple[Document, ...]) -> Iterable[Diagnostic]:
    """Tell whose patches would change production more than images, variables and config do."""
    before = {document.place: document.data for document in gray}
    patched = run_passes(RELEASE, promoted)
    changed = {
        promoted.copy_of(document).service.name
        for document in patched.value or ()
        if has_errors(patched.diagnostics) or not same_but_for_order(before[document.place], document.data)
    }
    for service in promoted.spec.services:
        if service.patches and service.name in changed:
            yield at_spec(
                promoted.spec,
                (*service.path, "patches"),
                code="GC345",
                message=f"the patches of service `{service.name}` are not carried over",
                help="`--patches` carries them too",
                key=True,
            )


def _entries_patched(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Tell each patch of an entry that production's own route does not say already: no promotion writes routes."""
    for service, patch in patches_of(plan):
        for entry in entries_named(plan, service, patch.target):
            after = [entry.document]
            faults = apply_patch(after, [0], patch, PatchBudget(after))
            if has_errors(faults) or not same_but_for_order(entry.document.data, after[0].data):
                ref = entry.document.identity.ref
                yield at_spec(
                    plan.spec,
                    patch.target.path[:-1],
                    code="GC345",
                    message=f"the patch of entry `{ref}` is not carried over: it holds for the lane's entry alone",
                    object=ref,
                    help=f"write it into `{ref}` of the baseline, if production is to have it as well",
                )


def write_promotion(promotion: Promotion) -> Checked[tuple[str, ...]]:
    """Write the files of a promotion: all, or none."""
    return write_edited(promotion.files, promotion.folder)
