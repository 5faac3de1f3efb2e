"""The lanes that output folders hold, and what takes them offline."""

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic, did_you_mean, has_errors, shell
from grayc.documents import Document
from grayc.driver.beside import held_lane, to_build_again
from grayc.driver.held import documents_of, known_lanes
from grayc.driver.mesh import files_without, refs_of
from grayc.driver.request import Request, all_of, find_specs, load_input_head
from grayc.meshes import objects_of
from grayc.output.belonging import strange_hosts
from grayc.output.create import Wanted, offline_script, write_file
from grayc.output.inventory import INVENTORY, Command, Inventory, LaneRecord, lane_head
from grayc.output.offline import Common, Deletion, Opening, deletions, openings
from grayc.output.offline_script import Left, delete_commands, delete_script
from grayc.output.order import in_order, mesh_file, tag_of
from grayc.output.write import Listing, WriteResult, finish_folder, read_folder, remove_release, write_shared
from grayc.records import dataclass, field, replace
from grayc.source import find_folders
from grayc.source.git import days_of_arrival


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offline:
    """What takes releases offline.

    Attributes:
        releases: those that have files in the output folder, by name.
        absent: those that were asked for and have none.
        tags: of the releases, as their objects are labelled.
        files: names of their files, in order.
        documents: the gray objects in those files.
        openings: what of production leads into the lanes, and must be put back before they go.
        common: what the lanes have in common with others, as it is without them.
        shared: file name → text of what the lanes that stay have in common.
        emptied: names of such files that go, since no lane that stays needs them.
        work: what the lanes have for themselves at message brokers, in words.
        lasting: instances that stay in a registry when the pods are gone, in words.
        is_finished: some of the absent went with the work of an earlier, killed run, which was finished first.
    """

    out: Path
    releases: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    openings: tuple[Opening, ...] = ()
    common: tuple[Common, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    is_finished: bool = False


def plan_offline(request: Request, *, tag: str, out: Path, check: bool) -> Checked[Offline]:
    """Return what takes the request's releases, or all of a tag, offline. Nothing is removed yet.

    The baseline is not read, and of a spec its name, tag and namespace alone count: what a lane left behind must go,
    whatever became of the files that it was made from.

    Args:
        tag: "" where the request has specs.
        check: leave an interrupted run as it is, and take a release that is not there for one that is gone.
    Diagnostics:
        GC630, GC602 to GC608: the folder is none of grayc's, or cannot be read.
        GC581: a lane that stays must be built again.
        GC603: a file was edited by hand.
        GC631: the folder has no such tag or release.
        GC633: a file that the inventory lists is gone.
        GC634: an object of production leads into the lane.
        GC638: something else is wrong with a spec.
        GC642: a file holds what is not the lane's; no command is made of any of them.
    """
    named = _release_names(request)
    if named.value is None:
        return Checked(value=None, diagnostics=named.diagnostics)
    finished = Checked(value=Inventory()) if check or not out.is_dir() else finish_folder(out)
    listing: Checked[Listing] = read_folder(out) if finished.value is not None else Checked(value=None)
    diagnostics = (*named.diagnostics, *finished.diagnostics, *listing.diagnostics)
    if finished.value is None or listing.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    inventory = listing.value.inventory
    wanted = _tagged(tag, inventory, finished.value) if tag else tuple(named.value)
    present = tuple(name for name in wanted if _holds(inventory, name))
    absent = tuple(name for name in wanted if name not in present)
    # What the earlier run took offline is no mistake of this one.
    unknown = tuple(name for name in absent if not _holds(finished.value, name)) if wanted or not tag else (tag,)
    if unknown and (tag or not check):
        what = "tag" if tag else "release"
        return Checked(
            value=None, diagnostics=(*diagnostics, *(_unknown_lane(inventory, word, what, out) for word in unknown))
        )
    is_finished = any(_holds(finished.value, name) for name in absent)
    asked = Offline(out=out, releases=present, absent=absent, is_finished=is_finished)
    # What an older grayc did not record the spec says.
    return _offline(asked, known_lanes(inventory.lanes, named.value), diagnostics)


def _tagged(tag: str, *inventories: Inventory) -> tuple[str, ...]:
    found = {name for each in inventories for name, lane in each.lanes.items() if lane.tag == tag}
    return tuple(sorted(found))


def _holds(inventory: Inventory, release: str) -> bool:
    return release in inventory.lanes or bool(inventory.files_of(release))


def _release_names(request: Request) -> Checked[Mapping[str, LaneRecord]]:
    """Return the releases that are asked for, each with what its spec says of the lane."""
    loaded = all_of(find_specs(request), lambda given: load_input_head(given, request))
    if loaded.value is None:
        return Checked(value=None, diagnostics=loaded.diagnostics)
    lanes = {
        head.name: LaneRecord(tag=head.tag, namespace=head.namespace, services=head.services) for head in loaded.value
    }
    return Checked(value=lanes, diagnostics=loaded.diagnostics)


def _unknown_lane(inventory: Inventory, word: str, what: str, out: Path) -> Diagnostic:
    tags = sorted({lane.tag for lane in inventory.lanes.values()})
    folder = out.as_posix()
    line = shell.command("grayc", "lanes", f"./{folder}" if folder.startswith("-") else folder)
    return Diagnostic(
        code="GC631",
        message=f"`{folder}` holds nothing of {what} `{word}`",
        help=f"`{line}` lists what it holds; "
        + did_you_mean(word, tags if what == "tag" else inventory.owners, noun=what),
    )


def _offline(asked: Offline, records: Mapping[str, LaneRecord], found: tuple[Diagnostic, ...]) -> Checked[Offline]:
    """Read the files of the releases. One that cannot be read, or holds what is not the lane's, stops all."""
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
            owner = listing.value.inventory.files[name].owner
            read = documents_of(data, shown=place, release=owner, record=records[owner])
            found = (*found, *read.diagnostics)
            documents += read.value or ()
    lanes = listing.value.inventory.lanes
    if not any(data is None for data in listing.value.texts.values()) and not has_errors(found):
        # Tags may be alike, but no two releases of a folder have objects of one name.
        for name in (each for each in asked.releases if each in lanes):
            found = (*found, *strange_hosts(documents, release=name, record=lanes[name], shown=shown))
    opens_in = sorted({key for name in asked.releases if name in lanes for key in lanes[name].opens_in})
    shared = files_without(listing.value.inventory, asked.releases)
    without = write_shared(shared, asked.out, check=True)
    found = (*found, *without.diagnostics)
    if has_errors(found):
        return Checked(value=None, diagnostics=found)
    apart = _apart(listing.value.inventory, asked.releases)
    others = {key: _commands_for(key, lanes, asked) for key in opens_in}
    found = (*found, *(_opening(key, shown, others[key]) for key in opens_in))
    found = (*found, *(_opening_apart(service, key, shown) for service, key in apart))
    staying = (held_lane(name, lanes[name], asked.out) for name in sorted(lanes) if name not in asked.releases)
    found = (*found, *to_build_again(staying, ()))
    tags = sorted({tag_of(document) for document in documents} - {""})
    whole = replace(
        asked,
        tags=tuple(tags),
        files=tuple(sorted(listing.value.texts)),
        documents=in_order(documents),
        openings=openings(
            opens_in,
            documents,
            of_lanes=(key for _, key in apart),
            again={key: commands[0] for key, commands in others.items() if commands},
        ),
        common=_common(listing.value.inventory, asked.releases, shared),
        shared=shared,
        emptied=without.value.removed if without.value is not None else (),
        work=tuple(dict.fromkeys(each for name in asked.releases if name in lanes for each in lanes[name].work)),
        lasting=tuple(sorted({text for name in asked.releases if name in lanes for text in lanes[name].lasting})),
    )
    return Checked(value=whole, diagnostics=found)


def _common(inventory: Inventory, releases: Sequence[str], shared: Mapping[str, str]) -> tuple[Common, ...]:
    """Return what the files of the folder that all lanes have in common say without some releases, host by host."""
    hosts = {claim.host for name in releases if name in inventory.lanes for claim in inventory.lanes[name].mesh}
    before = objects_of(claim for lane in inventory.lanes.values() for claim in lane.mesh)
    staying = (lane for name, lane in inventory.lanes.items() if name not in releases)
    after = objects_of(claim for lane in staying for claim in lane.mesh)
    return tuple(
        Common(
            namespace=host[0],
            object=ref,
            text=refs_of(after.get(host, ())).get(ref, "") if mesh_file(*host) in shared else "",
        )
        for host in sorted(hosts)
        if mesh_file(*host) in inventory.files
        for ref in refs_of(before.get(host, ()))
    )


def _apart(inventory: Inventory, releases: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return Service and object of the routes of some releases that stand in no file of the folder.

    Those in production's own objects are not among them.
    """
    return tuple(
        (claim.service, f"{kind} {space}/{name}" if space else f"{kind} {name}")
        for release in releases
        if release in inventory.lanes
        for claim in inventory.lanes[release].mesh
        if mesh_file(*claim.host) not in inventory.files
        for (space, _), made in objects_of([claim]).items()
        for kind, _, name in (ref.partition("/") for ref in refs_of(made))
    )


def _opening_apart(service: str, key: str, out: str) -> Diagnostic:
    return Diagnostic(
        code="GC634",
        message=f"calls to `{service}` go into the lane in `{out}` by `{key}`, which stands in "
        "the file of `--baseline-patch`, since lanes of other folders have routes in it",
        help="once this one is out of the folder, build one of those again with that file, and apply file and folder "
        "before anything is deleted; where there is none, delete the object",
    )


def _commands_for(key: str, lanes: Mapping[str, LaneRecord], asked: Offline) -> tuple[str, ...]:
    """Return what builds lanes again that have routes in an object of production, too."""
    return tuple(
        held_lane(name, lane, asked.out).lane.command
        for name, lane in sorted(lanes.items())
        if name not in asked.releases and key in lane.opens_in
    )


def _opening(key: str, out: str, others: Sequence[str] = ()) -> Diagnostic:
    if others:
        return Diagnostic(
            code="GC634",
            message=f"the lane in `{out}` opens in production's own `{key}`, and so do lanes that stay",
            help=f"build one of these again with `{others[0]}`, and apply its patch before anything is deleted; the "
            "script of `--script` asks the cluster first",
        )
    return Diagnostic(
        code="GC634",
        message=f"the lane in `{out}` opens in production's own `{key}`, which leads into it until it is put back",
        help="apply production's own again before anything is deleted; the script of `--script` asks the cluster first",
    )


def take_offline(offline: Offline) -> Checked[tuple[WriteResult, ...]]:
    """Remove the files of the releases from their output folder, and their part of what all lanes have in common.

    That goes first: a run that is killed in between leaves no route to what is gone.
    """
    shared = write_shared(offline.shared, offline.out)
    if shared.value is None:
        return Checked(value=None, diagnostics=shared.diagnostics)
    return all_of(Checked(value=offline.releases), lambda release: remove_release(offline.out, owner=release))


def deletions_of(offline: Offline) -> tuple[Deletion, ...]:
    """Return what deletes the objects from a cluster, in order."""
    return deletions(offline.documents)


def script_file(path: Path) -> Wanted:
    """Return the file of the script, to ask whether it may be written."""
    return offline_script(path)


def commands_of(offline: Offline) -> str:
    """Return the commands that take the lane out of a cluster, "" where there is nothing to take."""
    steps = deletions_of(offline)
    if not steps:
        return ""
    left = Left(work=offline.work, lasting=offline.lasting)
    return delete_commands(steps, title=_title(offline), openings=offline.openings, common=offline.common, left=left)


def _title(offline: Offline) -> str:
    def named(names: Sequence[str], noun: str) -> str:
        return f"{noun}{'' if len(names) == 1 else 's'} {', '.join(names)}"

    return f"offline: {named(offline.releases, 'release')}, {named(offline.tags, 'tag')}"


def save_script(path: Path, offline: Offline, *, near: Sequence[Path] = ()) -> Checked[Path]:
    """Write the commands as a script that can be run.

    Diagnostics:
        GC602, GC610 to GC612: as `output.create.write_file`.
    """
    text = delete_script(
        deletions_of(offline),
        title=_title(offline),
        openings=offline.openings,
        common=offline.common,
        left=Left(work=offline.work, lasting=offline.lasting),
    )
    return write_file(offline_script(path), text, near=near)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingLane:
    """A release that an output folder holds.

    Attributes:
        folder: as the user named it, or found below what he named.
        record: what the inventory says of it; None where an older version wrote it.
        files: how many it has.
        since: the day on which it was committed, where version control knows it.
        is_expired: its last day is past; False where nobody said what day it is.
        is_alone: no other release of the folder has its tag.
    """

    folder: Path
    release: str
    record: LaneRecord | None
    files: int
    since: str | None
    is_expired: bool
    is_alone: bool

    @property
    def offline(self) -> str:
        """What takes it offline."""
        return _offline_command(self)


def list_lanes(folders: Sequence[Path], *, today: str = "") -> Checked[tuple[LivingLane, ...]]:
    """Return the releases that output folders hold, by folder and name.

    A folder without an inventory of its own stands for the output folders below it.

    Args:
        today: `YYYY-MM-DD`, or "" where dates are not compared.
    Diagnostics:
        GC630: there is no output folder. GC602, GC606, GC607: one cannot be read.
        GC720: a lane is past its last day.
    """
    found = all_of(Checked(value=tuple(folders)), _output_folders)
    every = tuple(dict.fromkeys(folder for inside in found.value or () for folder in inside))
    if found.value is None:
        return Checked(value=None, diagnostics=found.diagnostics)
    lanes = all_of(Checked(value=every), lambda folder: _lanes_in(folder, today))
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
    listing = read_folder(folder)
    if listing.value is None:
        return Checked(value=None, diagnostics=listing.diagnostics)
    inventory = listing.value.inventory
    days = days_of_arrival(folder, INVENTORY, map(lane_head, inventory.lanes))
    tags = Counter(lane.tag for lane in inventory.lanes.values())
    lanes = []
    for release in sorted({*inventory.owners, *inventory.lanes}):
        record = inventory.lanes.get(release)
        expires = record.expires if record is not None else None
        lanes.append(
            LivingLane(
                folder=folder,
                release=release,
                record=record,
                files=len(inventory.files_of(release)),
                since=days.get(lane_head(release)),
                # Both are written year first, so that their order is that of the days.
                is_expired=bool(today and expires and expires < today),
                is_alone=record is not None and tags[record.tag] == 1,
            )
        )
    expired = tuple(_past_its_date(lane) for lane in lanes if lane.is_expired)
    return Checked(value=tuple(lanes), diagnostics=(*listing.diagnostics, *expired))


def _offline_command(lane: LivingLane) -> str:
    """Return what takes a lane offline: by its tag where no other lane of the folder has that, else by its spec."""
    shown, record = lane.folder.as_posix(), lane.record
    if record is not None and lane.is_alone:
        return shell.command("grayc", "offline", f"--tag={record.tag}", f"--output={shown}")
    command = record.command if record is not None and record.command is not None else Command()
    spec = posixpath.normpath(posixpath.join(shown, command.spec)) if command.spec else "SPEC"
    tag = [f"--tag={command.tag}"] if command.tag else []
    return shell.command("grayc", "offline", f"./{spec}" if spec.startswith("-") else spec, *tag, f"--output={shown}")


def _past_its_date(lane: LivingLane) -> Diagnostic:
    assert lane.record is not None
    shown = lane.folder.as_posix()
    command = lane.offline
    return Diagnostic(
        code="GC720",
        message=f"release `{lane.release}` of tag `{lane.record.tag}` in `{shown}` was to end on {lane.record.expires}",
        help=f"take it offline with `{command}`, or give it a later day and build",
    )
