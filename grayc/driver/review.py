"""What differs: an output folder from a build or from its own past, gray from its baseline, a step from another."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic, has_errors
from grayc.diff.baseline import diff_with_originals
from grayc.diff.compare import compare_objects
from grayc.diff.model import Difference, Move, ObjectChange, Question
from grayc.diff.moves import Origin, with_moves
from grayc.diff.objects import change_of, diff_objects, gravest_first
from grayc.documents import Document, ObjectIdentity
from grayc.documents.load import Reading
from grayc.documents.strategic_merge import json_merge
from grayc.driver.compile import compile_releases
from grayc.driver.held import documents_of, known_lanes
from grayc.driver.mesh import documents_of_mesh
from grayc.driver.model import Compilation, Release
from grayc.driver.moves import moves_under
from grayc.driver.request import Request, all_of, find_specs, load_input, unreadable
from grayc.gateways import asked_in_order
from grayc.output.compare import Build, refused_files
from grayc.output.content import Content, content_of, read_content
from grayc.output.inventory import INVENTORY, MESH_OWNER, Inventory, LaneRecord
from grayc.output.refusals import refused_changes
from grayc.passes.drop_server_fields import without_server_fields
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import LANE
from grayc.records import replace
from grayc.source import SourceError
from grayc.source.git import read_revision


def compare(
    request: Request,
    *,
    out: Path | None,
    revision: str,
    steps: tuple[str, ...] = (),
    compiled: list[Release] | None = None,
) -> Checked[tuple[Difference, ...]]:
    """Return what differs: gray from its baseline; with a folder, the folder from a build or from its own past.

    With two steps, one of them from the other.

    Args:
        compiled: grows by the releases that were compiled for it, those of the second step where there are two.
    """
    if len(steps) > 1:
        between = diff_steps(request, *steps, compiled=compiled)
        return Checked(value=None if between.value is None else (between.value,), diagnostics=between.diagnostics)
    if out is None:
        return diff_with_baseline(request, compiled)
    found = diff_with_revision(request, out, revision) if revision else diff_with_folder(request, out, compiled)
    return Checked(value=None if found.value is None else (found.value,), diagnostics=found.diagnostics)


def diff_with_folder(request: Request, out: Path, made_of: list[Release] | None = None) -> Checked[Difference]:
    """Return what writing the releases would change in an output folder, object by object.

    Where production moved since the folder was written, all three sides: what moved, and which changes come from it.

    What other releases own there, and what grayc did not write, stays and is not looked at.
    """
    reading = Reading()
    compiled = compile_releases(replace(request, out=out), reading)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    _keep(made_of, compiled.value.releases)
    compared = difference_from_folder(compiled.value, out, reading)
    return replace(compared, diagnostics=(*compiled.diagnostics, *compared.diagnostics))


def difference_from_folder(compilation: Compilation, out: Path, reading: Reading | None = None) -> Checked[Difference]:
    """Return what writing compiled releases would change in an output folder: see `diff_with_folder`.

    Args:
        reading: what was read to compile them.
    """
    shown = out.as_posix()
    owners = {MESH_OWNER, *(release.plan.spec.name for release in compilation.releases)}
    content = read_content(out, lambda name, listed: name in compilation.files or _is_owned(name, listed, owners))
    records = {release.plan.spec.name: release.lane for release in compilation.releases}
    held = _documents_of(content, f"{shown}/", "", records, reading)
    diagnostics = (*held.diagnostics, *_nothing_in(content.value, shown))
    if held.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    made = [document for release in compilation.releases for document in release.documents]
    made += documents_of_mesh(compilation.mesh.files)
    for release in compilation.releases:
        refused = refused_changes(held.value, release.documents, asked_in_order(release.plan))
        diagnostics = (*diagnostics, *refused)
    difference = diff_objects(held.value, made, question=Question.BUILD, old=shown, new="what a build writes")
    lanes = content.value.inventory.lanes if content.value and content.value.inventory else {}
    moves: list[Move] = []
    origins: dict[ObjectIdentity, Origin] = {}
    for release in compilation.releases:
        if release.plan.spec.name in lanes:
            moved, made_from = moves_under(release, lanes[release.plan.spec.name], out)
            moves += moved
            origins.update(made_from)
    unwritten = _refused_in(compilation, out, content.value)
    # What somebody wrote into a file comes neither from production nor from the release.
    by_hand = {f"{shown}/{name}" for name in unwritten.value or ()}
    strange = {document.identity for document in held.value if document.file in by_hand}
    origins = {identity: origin for identity, origin in origins.items() if identity not in strange}
    return Checked(value=with_moves(difference, moves, origins), diagnostics=(*diagnostics, *unwritten.diagnostics))


def _nothing_in(content: Content | None, shown: str) -> tuple[Diagnostic, ...]:
    """Return a note where a folder is compared that no build wrote (GC645); an empty one is meant to be."""
    if content is None or content.inventory is not None or (content.exists and content.is_empty):
        return ()
    what = f"no build wrote `{shown}`: it has no `{INVENTORY}`, and only files that a build would write count"
    return (
        Diagnostic(
            code="GC645",
            message=what if content.exists else f"`{shown}` does not exist: everything is new",
            help="nothing to do, if this is the first build; else name the folder that `grayc build -o` wrote",
        ),
    )


def _refused_in(compilation: Compilation, out: Path, content: Content | None) -> Checked[tuple[str, ...]]:
    """Return what keeps a build from writing to the folder, and the names of the files edited by hand."""
    if content is None:
        return Checked(value=())
    builds = [
        Build(files=release.files, out=out, owner=release.plan.spec.name, lane=release.lane)
        for release in compilation.releases
    ]
    builds.append(Build(files=compilation.mesh.files, out=out, owner=MESH_OWNER, allow_mass_removal=True))
    found = [refused_files(build, content.files, content.inventory) for build in builds]
    return Checked(
        value=tuple(name for each in found for name in each.value or ()),
        diagnostics=tuple(item for each in found for item in each.diagnostics),
    )


def diff_steps(
    request: Request, before: str, after: str, *, compiled: list[Release] | None = None
) -> Checked[Difference]:
    """Return what one step of the rollout changes in what another compiles to, all releases together.

    And in what they want of the baseline's own objects, where a gateway opens a lane there.
    """
    reading = Reading()
    made_of = [compile_releases(replace(request, step=step), reading) for step in (before, after)]
    # Both steps have the spec and the baseline in common, and what is wrong with those is reported once.
    told = {(found.code, found.message, str(found.span)): found for each in made_of for found in each.diagnostics}
    diagnostics = tuple(told.values())
    sides = [each.value.releases for each in made_of if each.value is not None]
    if len(sides) < len(made_of):
        return Checked(value=None, diagnostics=diagnostics)
    _keep(compiled, sides[-1])
    made = [[document for release in releases for document in release.documents] for releases in sides]
    difference = diff_objects(*made, question=Question.STEP, old=f"step {before}", new=f"step {after}")
    objects = gravest_first((*difference.objects, *_wanted_otherwise(*sides)))
    return Checked(value=replace(difference, objects=objects), diagnostics=diagnostics)


def _wanted_otherwise(before: Sequence[Release], after: Sequence[Release]) -> Iterator[ObjectChange]:
    """Yield the baseline's own objects of which two steps want different things."""
    # Few comparisons are of steps, and it takes the simulators with it.
    from grayc.driver.expect import applied  # noqa: PLC0415

    wanted = {
        change.document.identity: change.why for release in (*before, *after) for change in release.baseline_changes
    }
    old, new = (
        {document.identity: document for document in applied(releases) if document.identity in wanted}
        for releases in (before, after)
    )
    for identity, why in wanted.items():
        if fields := compare_objects(old[identity], new[identity]):
            yield replace(change_of(identity, fields), wanted=why)


def diff_with_baseline(request: Request, made_of: list[Release] | None = None) -> Checked[tuple[Difference, ...]]:
    """Return what the gray copies of every release have that their originals have not.

    And what a release wants of the baseline's own objects, where its gateway opens a lane there.
    """
    compiled = compile_releases(request)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    _keep(made_of, compiled.value.releases)
    differences = tuple(map(difference_from_baseline, compiled.value.releases))
    return Checked(value=differences, diagnostics=compiled.diagnostics)


def difference_from_baseline(release: Release) -> Difference:
    """Return what the gray copies of one release have that their originals have not, and what it wants of others."""
    plain = run_passes(LANE, release.plan).value or ()
    originals = tuple(without_server_fields(document) for document in release.plan.baseline)
    wanted = [
        (
            change.document,
            replace(change.document, data=json_merge(change.document.data, change.fields)),
            change.why,
        )
        for change in release.baseline_changes
    ]
    return diff_with_originals(release.plan, release.documents, plain, originals, wanted)


def _keep(kept: list[Release] | None, releases: Iterable[Release]) -> None:
    if kept is not None:
        kept.extend(releases)


def diff_with_revision(request: Request, out: Path, revision: str) -> Checked[Difference]:
    """Return what became of an output folder since a revision; without specs, of all manifests in it.

    With specs, of what their releases own on either side. The specs are not compiled: only their names count.

    Diagnostics:
        GC101: there is no such folder on either side. GC711: the folder lies in no repository.
        GC712: there is no such revision. GC713: git would take something else for the repository.
    """
    specs = all_of(find_specs(request), lambda given: load_input(given, request))
    if specs.value is None:
        return Checked(value=None, diagnostics=specs.diagnostics)
    owners = {spec.name for spec in specs.value}

    def wanted(name: str, listed: Inventory | None) -> bool:
        return not owners or _is_owned(name, listed, owners)

    shown = out.as_posix()
    new = read_content(out, wanted)
    if new.value is None:
        # Git is not asked from a folder that may answer for itself.
        return Checked(value=None, diagnostics=(*specs.diagnostics, *new.diagnostics))
    try:
        old = read_revision(out, revision)
    except SourceError as error:
        return Checked(value=None, diagnostics=(*specs.diagnostics, unreadable(error)))
    if not old.files and not new.value.exists:
        nowhere = Diagnostic(
            code="GC101",
            message=f"`{shown}` does not exist, neither now nor at revision `{revision}`",
            help="check the path",
        )
        return Checked(value=None, diagnostics=(*specs.diagnostics, nowhere))
    was = content_of(old.files, wanted, shown=f"{shown} at {revision}")
    then = _documents_of(was, f"{shown}/", f"@{revision}", _lanes_in(new))
    now = _documents_of(new, f"{shown}/", "", _lanes_in(was))
    diagnostics = (*specs.diagnostics, *then.diagnostics, *now.diagnostics)
    if then.value is None or now.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    difference = diff_objects(
        then.value, now.value, question=Question.REVISION, old=f"{shown} at {revision} ({old.commit[:12]})", new=shown
    )
    return Checked(value=difference, diagnostics=diagnostics)


def _is_owned(name: str, listed: Inventory | None, owners: Container[str]) -> bool:
    return listed is not None and name in listed.files and listed.files[name].owner in owners


def _lanes_in(content: Checked[Content]) -> Mapping[str, LaneRecord]:
    inventory = content.value.inventory if content.value is not None else None
    return inventory.lanes if inventory is not None else {}


def _documents_of(
    content: Checked[Content],
    before: str,
    behind: str,
    records: Mapping[str, LaneRecord] | None = None,
    reading: Reading | None = None,
) -> Checked[tuple[Document, ...]]:
    """Return the objects of an output folder's files, which diagnostics call by name with these parts around it.

    Args:
        records: what is known of releases of which the inventory does not record all.
        reading: see `difference_from_folder`.
    """
    if content.value is None:
        return Checked(value=None, diagnostics=content.diagnostics)
    documents: list[Document] = []
    diagnostics = list(content.diagnostics)
    inventory = content.value.inventory or Inventory()
    lanes = known_lanes(inventory.lanes, records or {})
    for name, data in content.value.files.items():
        owner = inventory.files[name].owner if name in inventory.files else ""
        # What the inventory does not list is taken as it is: nobody says that it is the lane's.
        shown = f"{before}{name}{behind}"
        read = documents_of(data, shown=shown, release=owner, record=lanes.get(owner), reading=reading)
        documents += read.value or ()
        diagnostics += read.diagnostics
    return Checked(value=None if has_errors(diagnostics) else tuple(documents), diagnostics=tuple(diagnostics))
