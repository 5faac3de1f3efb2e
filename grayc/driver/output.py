"""Releases in an output folder, and their patch of the baseline."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic, Mark, Note, has_errors, shell
from grayc.documents import Document
from grayc.documents.tree import get_text
from grayc.driver.beside import command_line
from grayc.driver.compile import used_in, used_of
from grayc.driver.held import documents_in, known_lanes
from grayc.driver.mesh import documents_of_mesh, mesh_ref
from grayc.driver.model import Compilation, Release
from grayc.driver.request import all_of
from grayc.gateways import asked_in_order
from grayc.meshes import objects_of
from grayc.output.baseline_lock import Moved, compare_locks
from grayc.output.baseline_patch import baseline_patch, check_baseline_patch, write_baseline_patch
from grayc.output.compare import LanesBeside
from grayc.output.create import Wanted, apply_script
from grayc.output.inventory import MESH_OWNER, LaneRecord
from grayc.output.order import mesh_file
from grayc.output.refusals import left_behind, refused_changes
from grayc.output.write import FolderState, Listing, WriteResult, check_folder, read_folder, write_folder, write_shared
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Gitops, ReleaseSpec

States = Checked[tuple[FolderState, ...]]
"""How an output folder differs from what each release compiles to; None where it is refused."""


def check_releases_in(compilation: Compilation, out: Path) -> States:
    """Return how the output folder differs from what the releases compile to; nothing is written.

    Diagnostics:
        GC635, GC636, GC637: a cluster that has the lane will refuse a change, keep what the lane no longer has, or ask
            canaries in another order.
        GC104, GC642: a file that is looked at is not UTF-8, or holds what is not its lane's.
        And those of `check_folder` and `_with_moves`.
    """
    listing = read_folder(out).value
    held = listing.inventory.lanes if listing is not None else {}

    def check(release: Release) -> Checked[FolderState]:
        name = release.plan.spec.name
        lane = _as_recorded(release.lane, held[name]) if name in held else release.lane
        state = check_folder(release.files, out, owner=name, lane=lane, protect=compilation.inputs)
        left = _left_to_users(release, compilation, state.value, out) if state.value is not None else ()
        wrong = tuple(item for item in left if has_errors((item,)))
        if wrong:
            return Checked(value=None, diagnostics=(*wrong, *state.diagnostics))
        return _with_moves(release, replace(state, diagnostics=(*left, *state.diagnostics)), out)

    states = all_of(Checked(value=compilation.releases), check)
    shared = _shared_in(compilation, out, check=True)
    # A run that was killed is reported by the releases.
    told = tuple(item for item in shared.diagnostics if item not in states.diagnostics)
    left = _mesh_left(compilation, out, listing) if listing is not None else ()
    diagnostics = (*states.diagnostics, *told, *left)
    if states.value is None or (shared.value is None and has_errors(shared.diagnostics)):
        return Checked(value=None, diagnostics=diagnostics)
    return Checked(value=(*states.value, *_if_any(shared.value)), diagnostics=diagnostics)


def out_of_date(compilation: Compilation, out: Path, states: States, *, took_flags: bool) -> States:
    """Return the states, with a finding for each release that OUT does not hold as it compiles.

    Formats for machines have no other word for it.

    Args:
        took_flags: releases were compiled with flags that OUT holds of them, which the words of the check lack.
    Diagnostics:
        GC650: a build would write something.
    """
    stale = {state.owner: state for state in states.value or () if state.is_stale}
    found = [release for release in compilation.releases if release.plan.spec.name in stale]
    told = tuple(
        at_spec(
            release.plan.spec,
            ("metadata", "name"),
            code="GC650",
            message=f"`{out}` is not what release `{release.plan.spec.name}` compiles to: "
            f"{_to_write(stale[release.plan.spec.name])}",
            help=f"run `{command_line(release.lane.command, out.as_posix())}`, and commit what it writes; it has the "
            "flags that the lane was built with"
            if took_flags
            else "run `grayc build` with the same words but `--check`, and commit what it writes",
        )
        for release in found
    )
    return replace(states, diagnostics=(*states.diagnostics, *told))


def _to_write(state: FolderState) -> str:
    counts = {"to write": len(state.added) + len(state.changed), "to remove": len(state.removed)}
    files = ", ".join(f"{count} file{'' if count == 1 else 's'} {what}" for what, count in counts.items() if count)
    return files or "its inventory is to be written"


def begun_at_the_end(compilation: Compilation, out: Path) -> tuple[Diagnostic, ...]:
    """Return a note for each rollout that starts with its last step in this folder, as no step was named.

    Diagnostics:
        GC738: the first build of a lane is the last step of its rollout.
    """
    releases = [release for release in compilation.releases if len(release.plan.spec.steps) > 1]
    listing = read_folder(out).value if releases else None
    held = listing.inventory.lanes if listing is not None else {}
    return tuple(_begun(release.plan.spec) for release in releases if release.plan.spec.name not in held)


def _begun(spec: ReleaseSpec) -> Diagnostic:
    return at_spec(
        spec,
        ("spec", "rollout", "steps"),
        code="GC738",
        message=f"the first build of release `{spec.name}` is step `{spec.step}`, the last of its {len(spec.steps)}",
        help=f"to start the rollout where it begins, name the first: `--step {shell.word(spec.steps[0].name)}`",
    )


def _shared_in(compilation: Compilation, out: Path, *, check: bool) -> Checked[FolderState]:
    return write_shared(compilation.mesh.files, out, protect=compilation.inputs, check=check)


def _if_any(state: FolderState | None) -> tuple[FolderState, ...]:
    """Return the state of what all lanes have in common, nothing where there is no such thing."""
    if state is None or not (state.added or state.changed or state.removed or state.unchanged):
        return ()
    return (replace(state, relisted=False, interrupted=False, foreign=()),)


def _mesh_left(compilation: Compilation, out: Path, listing: Listing) -> tuple[Diagnostic, ...]:
    """Return what of the objects that all lanes had in common stays in a cluster, though no lane claims it now."""
    held = objects_of(claim for lane in listing.inventory.lanes.values() for claim in lane.mesh)
    listed = set(listing.inventory.files_of(MESH_OWNER))
    # An object that stands apart is in the file of what the run wants of production.
    there = {
        (document.identity.namespace, f"{document.identity.kind}.{document.identity.group}/{document.identity.name}")
        for document in documents_of_mesh(compilation.mesh.files)
    } | {(get_text(data, ("metadata", "namespace")), mesh_ref(data)) for data in compilation.mesh.apart}
    gone = [
        (host[0], mesh_ref(data))
        for host, made in held.items()
        if mesh_file(*host) in listed
        for data in made
        if (host[0], mesh_ref(data)) not in there
    ]
    prunes = all(release.plan.spec.output.gitops is not Gitops.NONE for release in compilation.releases)
    if not gone or prunes:
        return ()
    commands = [
        Note(
            message="`"
            + shell.command("kubectl", "delete", "--ignore-not-found", *([f"--namespace={space}"] if space else []))
            + f" {shell.operands((ref,))}`"
        )
        for space, ref in gone
    ]
    what = "an object is" if len(gone) == 1 else f"{len(gone)} objects are"
    return (
        Diagnostic(
            code="GC636",
            message=f"{what} no longer in `{out.as_posix()}`, since no lane leads calls there, and "
            f"{'stays' if len(gone) == 1 else 'stay'} where it was applied",
            notes=tuple(commands),
            help="apply the build with pruning, or apply it and then delete what is named, in this order",
        ),
    )


def _as_recorded(made: LaneRecord, held: LaneRecord) -> LaneRecord:
    """Return a lane's record with what is not of the lane as the inventory has it.

    By which flags it was built makes no lane another; nor does what an older grayc did not record.
    """
    if held.command is not None:
        return replace(made, command=held.command)
    return replace(made, command=None, opens=held.opens, asks=held.asks, beside=held.beside, mesh=held.mesh)


def write_releases(compilation: Compilation, out: Path, states: States) -> Checked[tuple[WriteResult, ...]]:
    """Write every release's files to the output folder; nothing where one of them would be refused.

    Args:
        states: what `check_releases_in` says of the folder.
    """
    if states.value is None:
        return Checked(value=None, diagnostics=states.diagnostics)
    beside = LanesBeside(
        lanes={each.lane.name: each.record for each in compilation.beside if each.is_in_out},
        own=frozenset(release.plan.spec.name for release in compilation.releases),
    )
    written = all_of(
        Checked(value=compilation.releases),
        lambda release: _with_moves(
            release,
            write_folder(
                release.files,
                out,
                owner=release.plan.spec.name,
                lane=release.lane,
                beside=beside,
                protect=compilation.inputs,
            ),
            out,
        ),
    )
    shared = _shared_in(compilation, out, check=False) if written.value is not None else Checked(value=None)
    if written.value is not None:
        told = (*written.diagnostics, *(item for item in shared.diagnostics if item not in written.diagnostics))
        whole = None if shared.value is None else (*written.value, *_if_any(shared.value))
        written = Checked(value=whole, diagnostics=told)
    # What the folder held before is known only before.
    left = tuple(item for item in states.diagnostics if item.mark is Mark.BEFORE)
    return replace(written, diagnostics=(*left, *written.diagnostics))


def _left_to_users(release: Release, compilation: Compilation, state: FolderState, out: Path) -> tuple[Diagnostic, ...]:
    """Return what of a release's changes no apply makes in a cluster that has its lane."""
    order = asked_in_order(release.plan)
    if state.interrupted or not (state.changed or state.removed or (state.added and order)):
        return ()
    listing = read_folder(out, owners=(release.plan.spec.name,)).value
    texts = {} if listing is None else listing.texts
    # Of canaries the age counts, so those that stay as they are count, too.
    canaries = (name for name, text in texts.items() if order and text is not None and b"/canary-by-" in text)
    held = {
        name: data
        for name in dict.fromkeys((*state.changed, *state.removed, *canaries))
        if (data := texts.get(name)) is not None
    }
    # Commands are told of what these say.
    name = release.plan.spec.name
    lane = known_lanes({name: state.lane} if state.lane else {}, {name: release.lane})[name]
    read = documents_in(held, folder=out.as_posix(), release=name, record=lane)
    if read.value is None:
        return read.diagnostics
    before = read.value
    refused = (*_marked_anew(release, lane), *refused_changes(before, release.documents, order))
    if release.plan.spec.output.gitops is not Gitops.NONE:
        # Both of them prune.
        return refused
    after = [document for each in compilation.releases for document in each.documents]
    return (*refused, *left_behind(before, after, release=name))


def _marked_anew(release: Release, held: LaneRecord) -> Iterator[Diagnostic]:
    """Yield that the lane goes by another profile than when it was built: all its objects get other names.

    Diagnostics:
        GC644: it does.
    """
    spec = release.plan.spec
    if held.profile is spec.lane.profile:
        return
    prunes = spec.output.gitops is not Gitops.NONE
    yield at_spec(
        spec,
        (*spec.lane.path, "profile"),
        code="GC644",
        message=f"the lane of `{spec.name}` was built with profile `{held.profile}`, and goes by `{spec.lane.profile}` "
        f"now: names end in `{spec.suffix}`, not in `{held.marks.suffix(held.tag)}`",
        help=f"write `lane: {{profile: {held.profile}}}` to keep the names; else "
        + (
            f"let {spec.output.gitops} prune what has the old ones, the entry first"
            if prunes
            else "apply the build, and then delete what has the old ones, in the order that the finding beside this has"
        ),
    )


def moved_since(release: Release, before: LaneRecord) -> Moved:
    """Return what moved under a release since its lane was recorded.

    A service that came or went brings and takes its objects: that is the release's doing, not the baseline's.
    """
    used = tuple(used_in(release.plan))
    there = frozenset(item.key for item in used)
    if not before.baseline.keys() <= there:
        there = frozenset(item.key for item in used_of(release.plan, release.plan.baseline))
    moved = compare_locks(before.baseline, used, there, release.lane.baseline)
    if before.services == release.lane.services:
        return moved
    return Moved(changed=moved.changed, gone=moved.gone)


def _lost_flags(release: Release, before: LaneRecord, out: Path) -> Iterator[Diagnostic]:
    """Tell of the flags that a lane was last built with and that nothing stands in for now.

    Diagnostics:
        GC589.
    """
    had, has = before.command, release.lane.command
    if had is None or has is None:
        return
    named = {image.partition("=")[0] for image in has.images}
    whole = replace(
        has,
        images=(*has.images, *(image for image in had.images if image.partition("=")[0] not in named)),
        expires=has.expires or had.expires,
        owner=has.owner or had.owner,
    )
    lost = [f"--image={image}" for image in whole.images[len(has.images) :]]
    lost += [f"--expires={whole.expires}"] if whole.expires != has.expires else []
    lost += [f"--owner={whole.owner}"] if whole.owner != has.owner else []
    if lost:
        words = ", ".join(f"`{shell.word(flag)}`" for flag in lost)
        yield at_spec(
            release.plan.spec,
            ("metadata", "name"),
            code="GC589",
            message=f"lane `{release.plan.spec.tag}` in `{out}` was built with {words}, and is built without now",
            help=f"to keep that: `{command_line(whole, out.as_posix())}`",
        )


def _with_moves(release: Release, state: Checked[FolderState], out: Path) -> Checked[FolderState]:
    """Add what the lane loses that it was last built with, and what moved under it since.

    Diagnostics:
        GC589: flags of the last build are missing.
        GC632: a baseline object is not as it was.
    """
    before = state.value.lane if state.value is not None else None
    if before is None:
        return state
    state = replace(state, diagnostics=(*_lost_flags(release, before, out), *state.diagnostics))
    moved = moved_since(release, before)
    if moved == Moved():
        return state
    there = {used.key: used.document for used in used_of(release.plan, release.plan.baseline)}
    name = release.plan.spec.name
    rows = (
        *((key, f"baseline `{key}` says something else than when `{name}` was built") for key in moved.changed),
        *((key, f"baseline `{key}` was not there, or not used, when `{name}` was built") for key in moved.new),
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


def script_file(path: Path) -> Wanted:
    """Return the file that `--script` names, to ask whether it may be written."""
    return apply_script(path)


def patch_file(path: Path) -> Wanted:
    """Return the file of the baseline patch, to ask whether it may be written."""
    return baseline_patch(path)


def put_baseline_patch(
    compilation: Compilation, path: Path, *, check: bool, near: Sequence[Path] = ()
) -> Checked[bool]:
    """Write what the releases want of the baseline itself to a file, or compare; tell whether it is up to date.

    Diagnostics:
        GC585: the file has what another lane wants.
        GC586: it is not what would be written.
        And those of `write_baseline_patch` and `check_baseline_patch`.
    """
    # Two releases that want routes in one object want the same: those of all lanes.
    wanted = list(
        {
            (change.document.place, repr(change.fields)): change
            for release in compilation.releases
            for change in release.baseline_changes
        }.values()
    )
    patches: list[tuple[str, bool, Mapping[str, object]]] = [
        (f"{change.document.identity.ref} {change.why}", change.opens, change.patch) for change in wanted
    ]
    patches += [
        (f"{_ref(data)} leads calls into the lanes, and is whole: no patch", True, data)
        for data in compilation.mesh.apart
    ]
    changed = [change.document for change in wanted]
    lost = tuple(_lost_to(path, compilation, [change.document for change in wanted]))
    if lost:
        return Checked(value=None, diagnostics=lost)
    # kubectl refuses an object of another namespace than the one that it is told.
    silent = any(not document.written_namespace for document in changed)
    homes = {document.identity.namespace for document in changed}
    namespace = homes.pop() if silent and len(homes) == 1 else ""
    if check:
        checked = check_baseline_patch(path, patches, namespace=namespace)
        return checked if checked.value is not False else Checked(value=False, diagnostics=(_stale(path),))
    return write_baseline_patch(path, patches, namespace=namespace, near=near)


def _stale(path: Path) -> Diagnostic:
    return Diagnostic(
        code="GC586",
        message=f"`{path.as_posix()}` is not what this build would write",
        help="run `grayc build` without `--check`, look at what changed in the file, and apply it",
    )


def _lost_to(path: Path, compilation: Compilation, changed: Sequence[Document]) -> Iterator[Diagnostic]:
    """Yield the lanes whose changes the same file has now, and would no longer have.

    Diagnostics:
        GC585: there is such a lane.
    """
    there = {used.key for release in compilation.releases for used in used_of(release.plan, changed)}
    for each in compilation.beside:
        patch = each.record.command.patch if each.record.command is not None else ""
        missing = [key for key in each.record.opens_in if key not in there]
        if patch and missing and os.path.realpath(os.path.join(each.folder, patch)) == os.path.realpath(path):  # noqa: PTH118
            yield Diagnostic(
                code="GC585",
                message=f"`{path.as_posix()}` has what lane `{each.lane.tag}` of release {each.lane.title} wants of "
                f"`{missing[0]}`, and would lose it",
                help="give each lane a file of its own, or build both with one command",
            )


def _ref(data: Mapping[str, object]) -> str:
    return f"{data['kind']}/{get_text(data, ('metadata', 'name'))}"
