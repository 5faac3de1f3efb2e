"""Compare an output folder with what a release compiles to: what is new, changed, gone, or somebody else's."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.output.folder import Folder, digest
from grayc.output.inventory import Inventory, LaneRecord, Owned, is_file_name
from grayc.output.journal import NEW_INVENTORY, Journal, read_inventory
from grayc.records import dataclass

MASS_REMOVAL_SHARE = 0.5
MASS_REMOVAL_FLOOR = 3
"""A run that removes more than this share of a release's files, and at least so many, is asked about first."""

_MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LanesBeside:
    """The lanes of an output folder that a run was held against.

    Attributes:
        lanes: name → what the inventory said of it when it was read.
        own: the run's own releases, which it writes.
    """

    lanes: Mapping[str, LaneRecord]
    own: frozenset[str]

    def moved(self, inventory: Inventory) -> list[str]:
        """Return the lanes of others that came, went or changed since."""
        now = {name: lane for name, lane in inventory.lanes.items() if name not in self.own}
        return sorted(name for name in {*now, *self.lanes} if now.get(name) != self.lanes.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a release wants an output folder to hold.

    Attributes:
        files: file name → text.
        out: the folder, as the user named it.
        owner: the release.
        lane: what the inventory says of the release; None where nothing is to be said.
        allow_mass_removal: however many files may go.
        beside: the lanes that the build was held against, and whose names do not count, being the run's own; None
            where it was held against none.
    """

    files: Mapping[str, str]
    out: Path
    owner: str
    lane: LaneRecord | None = None
    allow_mass_removal: bool = False
    beside: LanesBeside | None = None

    def shown(self, name: str) -> str:
        """Return a file's path as the user would write it."""
        return (self.out / name).as_posix()

    def inventory_after(self, before: Inventory) -> Inventory:
        """Return the inventory that goes with the files; other releases keep their rows."""
        files = {name: row for name, row in before.files.items() if row.owner != self.owner}
        files |= {name: Owned(owner=self.owner, sha256=digest([text.encode()])) for name, text in self.files.items()}
        lanes = {name: lane for name, lane in before.lanes.items() if name != self.owner}
        return Inventory(files=files, lanes=lanes if self.lane is None else lanes | {self.owner: self.lane})


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """How an output folder differs from what a release compiles to. All names in order.

    Attributes:
        owner: the release.
        added: files to write that are not there.
        changed: files to write over.
        removed: files that the release no longer has.
        unchanged: files that have their text already.
        foreign: what grayc did not write and keeps.
        relisted: the inventory changes, if nothing else does.
        lane: what the inventory said of the release before.
        interrupted: an earlier run was killed half-way; the other attributes count what it left to do as done.
    """

    owner: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    relisted: bool = False
    interrupted: bool = False
    lane: LaneRecord | None = None

    @property
    def is_stale(self) -> bool:
        """Whether writing would change anything."""
        return bool(self.added or self.changed or self.removed or self.relisted or self.interrupted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an output folder holds, once an interrupted run is finished.

    Attributes:
        names: files, links and the like; no folders, nothing hidden.
        inventory: what the inventory lists; None where there is none.
        digest: name → digest of the file, None where there is none.
        interrupted: there was such a run.
    """

    names: tuple[str, ...] = ()
    inventory: Inventory | None = None
    digest: Callable[[str], str | None] = lambda _: None
    interrupted: bool = False

    def is_own(self, name: str) -> bool:
        """Tell whether a listed file has the text that grayc gave it."""
        return self.digest(name) == (self.inventory or Inventory()).files[name].sha256


def look(folder: Folder, journal: Journal | None) -> Held:
    """Return what a folder holds, as if an interrupted run had been finished already; or when it has been.

    Args:
        journal: that of the interrupted run, None where there was none.
    """
    waiting = read_inventory(folder, NEW_INVENTORY) if journal is not None else None
    done = _done(folder, journal) if journal is not None else {}
    names = {name for name in folder.files() if not name.startswith(".")}
    gone = {name for name, found in done.items() if found is None}
    return Held(
        names=tuple(sorted((names | set(done)) - gone)),
        inventory=read_inventory(folder) if waiting is None else waiting,
        digest=lambda name: done[name] if name in done else folder.digest(name),
        interrupted=journal is not None,
    )


def _done(folder: Folder, journal: Journal) -> dict[str, str | None]:
    """Return the digests that the files will have which finishing would change."""
    done: dict[str, str | None] = {}
    for row in journal.replaces:
        if folder.digest(row.new_name) == row.new and folder.digest(row.file) in (row.old, row.new):
            done[row.file] = row.new
    for gone in journal.removes:
        if folder.digest(gone.file) == gone.old:
            done[gone.file] = None
    return done


def compare(build: Build, held: Held) -> Checked[FolderState]:
    """Sort every file by what happens to it.

    Diagnostics:
        GC601: another release owns a file.
        GC603: a file was edited by hand.
        GC609: most of the release's files would go.
        GC610: a foreign file has a name that is needed.
    """
    inventory = held.inventory or Inventory()
    added, changed, unchanged, refused = [], [], [], []
    for name in sorted(build.files):
        listed, found = inventory.files.get(name), held.digest(name)
        if listed is not None and listed.owner != build.owner:
            refused.append(_claimed(build, name, listed.owner))
        elif found is None:
            added.append(name)
        elif found == digest([build.files[name].encode()]):
            unchanged.append(name)
        elif listed is None:
            refused.append(_in_the_way(build, name))
        elif held.is_own(name):
            changed.append(name)
        else:
            refused.append(edited(build, name))
    present = [name for name in inventory.files_of(build.owner) if held.digest(name) is not None]
    stale = [name for name in present if name not in build.files]
    refused += (edited(build, name) for name in stale if not held.is_own(name))
    removed = [name for name in stale if held.is_own(name)]
    many = len(removed) >= MASS_REMOVAL_FLOOR and len(removed) > MASS_REMOVAL_SHARE * len(present)
    if many and not build.allow_mass_removal:
        refused.append(_mass_removal(build, removed, len(present)))
    if refused:
        return Checked(value=None, diagnostics=tuple(refused))
    return Checked(
        value=FolderState(
            owner=build.owner,
            added=tuple(added),
            changed=tuple(changed),
            removed=tuple(removed),
            unchanged=tuple(unchanged),
            foreign=tuple(sorted(set(held.names) - set(inventory.files) - set(build.files))),
            relisted=held.inventory is None or build.inventory_after(inventory) != inventory,
            interrupted=held.interrupted,
            lane=inventory.lanes.get(build.owner),
        )
    )


def refused_files(build: Build, files: Mapping[str, bytes], inventory: Inventory | None) -> Checked[tuple[str, ...]]:
    """Return what keeps a build from writing to a folder that was read, and the names of the files edited by hand.

    Args:
        files: name → bytes of the files that the release makes and of those that are listed as its own.
    Diagnostics: those of `compare`.
    """
    held = Held(
        names=tuple(sorted(files)),
        inventory=inventory,
        digest=lambda name: digest([files[name]]) if name in files else None,
    )
    mine = inventory.files_of(build.owner) if inventory is not None else ()
    by_hand = (name for name in mine if name in files and not held.is_own(name))
    made = {name: digest([text.encode()]) for name, text in build.files.items()}
    edits = tuple(name for name in by_hand if held.digest(name) != made.get(name))
    return Checked(value=edits, diagnostics=compare(build, held).diagnostics)


def refuse_names(build: Build) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the names of the files.

    Diagnostics:
        GC601: two names differ only in case.
        GC608: a name could lead elsewhere, or is none of a manifest.
    """
    found = []
    by_fold: dict[str, str] = {}
    for name in sorted(build.files):
        if not is_file_name(name):
            found.append(
                Diagnostic(
                    code="GC608",
                    message=f"{name[:300]!a} cannot be the name of a manifest file",
                    help="a name has letters, digits, `-`, `_` and `.`, ends in `.yaml`, and is at most 255 long",
                )
            )
        twin = by_fold.setdefault(name.lower(), name)
        if twin != name:
            found.append(
                Diagnostic(
                    code="GC601",
                    message=f"`{twin}` and `{name}` are one file where case does not count",
                    help="rename one of the two",
                )
            )
    return tuple(found)


def foreign_files(build: Build, state: FolderState) -> tuple[Diagnostic, ...]:
    """Return a note on the files that grayc did not write (GC604), nothing where there are none."""
    count = len(state.foreign)
    if not count:
        return ()
    what = "1 file that grayc did not write stays" if count == 1 else f"{count} files that grayc did not write stay"
    return (Diagnostic(code="GC604", message=f"in `{build.out.as_posix()}`, {what}", notes=_notes(state.foreign)),)


def edited(build: Build, name: str) -> Diagnostic:
    """Return the finding that a file was edited by hand (GC603)."""
    return Diagnostic(
        code="GC603",
        message=f"`{build.shown(name)}` was changed since grayc wrote it",
        help="put the change into the release as a patch; then delete the file and build again"
        if build.files
        else "take the file back from version control, or delete it, then run again",
    )


def _claimed(build: Build, name: str, holder: str) -> Diagnostic:
    return Diagnostic(
        code="GC601",
        message=f"`{build.shown(name)}` belongs to release `{holder}`, and `{build.owner}` makes a file of that name",
        help="rename one of the releases, or write them to different folders",
    )


def _in_the_way(build: Build, name: str) -> Diagnostic:
    return Diagnostic(
        code="GC610",
        message=f"`{build.shown(name)}` is there already, and grayc did not write it",
        help="move it away, or write to another folder",
    )


def _mass_removal(build: Build, removed: Sequence[str], present: int) -> Diagnostic:
    return Diagnostic(
        code="GC609",
        message=f"{len(removed)} of the {present} files of this release in `{build.out.as_posix()}` would be removed",
        notes=_notes(removed),
        help="if that is meant, delete them yourself, then build again",
    )


def _notes(names: Sequence[str]) -> tuple[Note, ...]:
    notes = [Note(message=f"`{name}`") for name in names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        notes.append(Note(message=f"and {len(names) - _MOST_NAMES} more"))
    return tuple(notes)
