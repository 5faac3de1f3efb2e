"""The lanes that live beside those of a run: what output folders hold, which is input like any other."""

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grayc.analysis.lanes import KnownLane, Place, asked_beside
from grayc.analysis.mesh_hosts import is_in_mesh
from grayc.diagnostics import Checked, Diagnostic, has_errors, shell
from grayc.documents import Document
from grayc.documents.load import Reading
from grayc.driver.held import documents_in
from grayc.driver.model import HeldLane
from grayc.driver.request import Input, Request, refuse_links_out
from grayc.k8s.gateways import GATEWAYS, VIRTUAL_SERVICE
from grayc.output.belonging import strange_hosts
from grayc.output.inventory import INVENTORY, Command, LaneRecord, Opened
from grayc.output.write import Listing, read_folder, read_settled
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.source.seen import note_obstacle
from grayc.spec.rule_data import decode


def lanes_beside(request: Request, reading: Reading | None = None) -> Checked[tuple[HeldLane, ...]]:
    """Return the lanes that the folders of a request hold, by folder and name.

    Those of the releases that the request compiles are among them: which these are is not known before their specs are
    read, and what is wrong with one (`found`) counts only where it lives on: GC104, GC580, GC642.

    Args:
        reading: what the run has read so far, where it will ask for these objects again; grows.
    Diagnostics:
        GC630, GC602 to GC608, GC640, GC643: a folder of `--lanes` is none of grayc's, or cannot be read.
    """
    refused = refuse_links_out(request.lanes, request.allowed_roots)
    if refused:
        return Checked(value=None, diagnostics=refused)
    lanes: list[HeldLane] = []
    found: list[Diagnostic] = []
    seen: set[str] = set()
    folders = [*([(request.out, True)] if request.out is not None else []), *((path, False) for path in request.lanes)]
    for folder, is_in_out in folders:
        real = _real(folder)
        if real in seen:
            continue
        seen.add(real)
        listing = read_settled(folder) if is_in_out else _named(folder)
        if listing.value is None:
            # What is wrong with the folder to write to is told by whoever writes.
            found += () if is_in_out else listing.diagnostics
            continue
        lanes += _lanes_in(listing.value, folder, reading, is_in_out=is_in_out)
    return Checked(value=None if has_errors(tuple(found)) else tuple(lanes), diagnostics=tuple(found))


def _named(folder: Path) -> Checked[Listing]:
    """Return what a folder of `--lanes` holds, which must be an output folder."""
    head = read_folder(folder)
    if head.value is None:
        return head
    return read_folder(folder, owners=head.value.inventory.owners)


def _lanes_in(listing: Listing, folder: Path, reading: Reading | None, *, is_in_out: bool) -> Iterator[HeldLane]:
    inventory, shown = listing.inventory, folder.as_posix()
    for name in sorted(inventory.lanes):
        record = inventory.lanes[name]
        texts = {file: listing.texts[file] for file in inventory.files_of(name)}
        held = {file: data for file, data in texts.items() if data is not None}
        read = documents_in(held, folder=shown, release=name, record=record, reading=reading)
        made = held_lane(name, record, folder, documents=read.value or (), is_in_out=is_in_out)
        if read.value is None:
            yield replace(made, found=read.diagnostics)
            continue
        command = command_line(record.command, shown)
        gone = [file for file in texts if texts[file] is None]
        notes = read.diagnostics
        if not gone:
            notes = (*notes, *strange_hosts(read.value, release=name, record=record, shown=shown))
        is_old = not record.is_whole or (not record.mesh and any(map(_leads_calls, read.value)))
        if gone or is_old:
            why = f"`{posixpath.join(shown, gone[0])}` is gone" if gone else "an older grayc built it"
            notes = (*notes, _not_whole(name, record, shown, why, command))
        yield replace(made, found=notes)


def held_lane(
    name: str, record: LaneRecord, folder: Path, *, documents: tuple[Document, ...] = (), is_in_out: bool = True
) -> HeldLane:
    """Return a lane as its inventory records it, with its gray objects where they were read."""
    shown = folder.as_posix()
    lane = KnownLane(
        name=name,
        tag=record.tag,
        documents=documents,
        places={_place(row): None for row in record.opens or ()},
        rules=tuple(decode(data, ("rules", at)) for at, data in enumerate(record.rules)),
        asks=frozenset(record.asks),
        mesh=record.mesh,
        folder=shown,
        command=command_line(record.command, shown),
    )
    return HeldLane(lane=lane, record=record, folder=shown, is_in_out=is_in_out)


def _leads_calls(document: Document) -> bool:
    """Tell whether an object leads calls in a mesh, as a lane's own once did."""
    return document.identity.group_kind == VIRTUAL_SERVICE and is_in_mesh(document)


def _not_whole(name: str, record: LaneRecord, shown: str, why: str, command: str) -> Diagnostic:
    return Diagnostic(
        code="GC580",
        message=f"what lane `{record.tag}` of release `{name}` in `{shown}` claims is not known whole: {why}",
        help=f"build it again with `{command}`, then run this again; until then its rules and files are held against "
        "nothing",
    )


def _place(row: Opened) -> Place:
    return (row.gateway, row.controller, row.namespace, row.host, row.path_type, row.path)


def command_of(given: Input, request: Request) -> Command:
    """Return how a release is built, with all paths from the output folder.

    What lies nowhere near that is not reported: the way there would be one of this machine.
    """
    if request.out is None:
        return Command()
    out, flags = request.out, request.flags
    return Command(
        spec=_from(out, given.path) if given.path is not None else "",
        tag=flags.tag,
        images=flags.images,
        expires=flags.expires,
        owner=flags.owner,
        step=request.step,
        gateway=request.gateway,
        lanes=tuple(path for each in request.lanes if (path := _from(out, each))),
        patch=_from(out, Path(request.patch)) if request.patch else "",
    )


def _from(out: Path, path: Path) -> str:
    """Return the way from the output folder to a path; "" where only the file system's top holds both."""
    start, end = os.path.abspath(out), os.path.abspath(path)  # noqa: PTH100 - links on the way stay as they are written
    if os.path.commonpath((start, end)) == os.sep:
        return ""
    found = Path(os.path.relpath(end, start)).as_posix()
    return found if found.isprintable() else ""


def command_line(command: Command | None, out: str) -> str:
    """Return the command that builds a lane again, as it is typed from the working folder."""

    def typed(path: str) -> str:
        return posixpath.normpath(posixpath.join(out, path))

    known = command or Command()
    words = ["grayc", "build", typed(known.spec) if known.spec else "SPEC", f"--output={out}"]
    words += [f"--tag={known.tag}"] if known.tag else []
    words += [f"--image={image}" for image in known.images]
    words += [f"--expires={known.expires}"] if known.expires else []
    words += [f"--owner={known.owner}"] if known.owner else []
    words += [f"--step={known.step}"] if known.step else []
    words += [f"--gateway={known.gateway}"] if known.gateway else []
    words += [f"--lanes={typed(path)}" for path in known.lanes]
    words += [f"--baseline-patch={typed(known.patch)}"] if known.patch else []
    # A path that starts with a dash would be a flag.
    return shell.command(*(f"./{word}" if at == 2 and word.startswith("-") else word for at, word in enumerate(words)))


def living(held: Iterable[HeldLane], plans: Sequence[ReleasePlan]) -> tuple[HeldLane, ...]:
    """Return the lanes beside those of a run: what it makes again does not count as it was."""
    made = {(plan.spec.name, plan.spec.tag) for plan in plans}
    names = {name for name, _ in made}
    return tuple(
        each
        for each in held
        if (each.lane.name, each.lane.tag) not in made and not (each.is_in_out and each.lane.name in names)
    )


def no_longer_looked_at(
    held: Iterable[HeldLane], plans: Sequence[ReleasePlan], request: Request
) -> Iterator[Diagnostic]:
    """Yield the folders with which a lane was built, and which the run that builds it again does not look into.

    Diagnostics:
        GC587: there is such a folder, and it is still an output folder.
        GC592: the run compares, so it cannot answer without such a folder, whether it is there or not.
    """
    names = {plan.spec.name for plan in plans}
    seen = {_real(path) for path in (*request.lanes, *((request.out,) if request.out is not None else ()))}
    for each in held:
        if not each.is_in_out or each.lane.name not in names or each.record.command is None:
            continue
        ways = [os.path.join(each.folder, path) for path in each.record.command.lanes]  # noqa: PTH118
        left = [way for way in ways if os.path.realpath(way) not in seen]
        if left:
            # Whether it is there is asked of the system, and is no part of what a run was given.
            note_obstacle("folders of lanes that are no longer named")
        there = next((way for way in left if os.path.isfile(os.path.join(way, INVENTORY))), "")  # noqa: PTH113, PTH118
        if left and request.is_check:
            yield _unanswered(each, there or left[0], is_there=bool(there))
        elif there:
            yield Diagnostic(
                code="GC587",
                message=f"lane `{each.lane.tag}` of release {each.lane.title} was built beside the lanes of "
                f"`{posixpath.normpath(there)}`, and this run does not look there: what they claim is held against "
                "nothing",
                help=f"name the folder, as before: `{each.lane.command}`",
            )


def _unanswered(lane: HeldLane, folder: str, *, is_there: bool) -> Diagnostic:
    shown = posixpath.normpath(folder)
    return Diagnostic(
        code="GC592",
        message=f"lane `{lane.lane.tag}` of release {lane.lane.title} was built beside the lanes of `{shown}`, and "
        f"this run does not look there{'' if is_there else ', nor is it an output folder now'}: whether the lane is "
        "up to date cannot be told",
        help=f"name the folder: `{lane.lane.command} --check`"
        if is_there
        else "bring it back and name it with `--lanes`; where its lanes are gone, build once without it",
    )


def to_build_again(
    held: Iterable[HeldLane], ours: Iterable[KnownLane], *, told: Sequence[HeldLane] | None = None
) -> Iterator[Diagnostic]:
    """Yield the lanes that other ones beside them would make otherwise.

    Args:
        ours: the lanes that this run makes.
        told: of these alone it is reported; of all where None.
    Diagnostics:
        GC581: a lane was built when others asked fewer headers, which decides how its own values are written.
        GC582: when they asked more.
    """
    held = tuple(held)
    asked = asked_beside([*(each.lane for each in held), *ours])
    for each in held if told is None else told:
        if not any(GATEWAYS[gateway].values_beside for gateway in GATEWAYS if gateway in each.record.gateways):
            continue
        now = asked[each.lane.name] & each.lane.asks
        if each.record.is_whole and now != frozenset(each.record.beside):
            more = now - frozenset(each.record.beside)
            names = ", ".join(f"`{name}`" for name in sorted(more or frozenset(each.record.beside) - now))
            why = f"other lanes {'ask' if more else 'no longer ask'} header {names} on its hosts and paths"
            yield again(each, why, is_needed=bool(more))


def again(held: HeldLane, why: str, *, is_needed: bool) -> Diagnostic:
    """Return that a lane would be written otherwise than it is.

    Args:
        is_needed: what it is now is wrong beside the others.
    """
    lane = held.lane
    return Diagnostic(
        code="GC581" if is_needed else "GC582",
        message=f"lane `{lane.tag}` of release {lane.title} {'must' if is_needed else 'can'} be built again: {why}",
        help=f"`{lane.command}`",
    )


def _real(folder: Path) -> str:
    """Return where a folder really is; one with NUL in its name is nowhere, which whoever reads or writes it says."""
    return str(folder) if "\0" in str(folder) else os.path.realpath(folder)
