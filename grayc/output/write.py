"""Bring an output folder up to date, or say what that would change.

The folder is shared: by several releases, by what users put there, and by whoever applies it at any moment. So a run
owns only what the inventory lists for its release and what still has the text it wrote; it makes up its mind before
it changes anything; and a kill at any point leaves every file either old or new. `docs/output-folder.md` tells users.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.output.compare import (
    Build,
    FolderState,
    Held,
    LanesBeside,
    compare,
    edited,
    foreign_files,
    look,
    refuse_names,
)
from grayc.output.folder import MAX_OUTPUT_BYTES, Folder, LockedError, digest
from grayc.output.inventory import INVENTORY, MESH_OWNER, DamagedError, Inventory, LaneRecord
from grayc.output.journal import STAGE_MARK, Journal, Remove, Replace, begin, clear, finish, new_name, read_inventory
from grayc.output.left import (
    StrangeError,
    drop_stage,
    finished_run,
    hold_stage,
    made_before,
    read_left,
    refuse_strangers,
)
from grayc.output.place import refuse_place
from grayc.records import dataclass, replace

__all__ = [
    "FolderState",
    "Listing",
    "WriteResult",
    "check_folder",
    "finish_folder",
    "read_folder",
    "read_settled",
    "remove_release",
    "write_folder",
    "write_shared",
]

WriteResult = FolderState
"""What a run changed: what it found to be stale. `interrupted` says that an earlier run's work was finished first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What an output folder holds of grayc's own.

    Attributes:
        texts: file name → content, None where the file is gone.
        edited: names of those that have another text than grayc wrote.
    """

    inventory: Inventory
    texts: Mapping[str, bytes | None]
    edited: tuple[str, ...]


_STAGE = ".grayc-new-"
_MOVES = 5


class _RefusedError(Exception):
    """Findings that stop a run before it changes anything."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(", ".join(diagnostic.code for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class _MovedError(Exception):
    """The folder at the path is another one by now."""


def check_folder(
    files: Mapping[str, str],
    out: Path,
    *,
    owner: str,
    lane: LaneRecord | None = None,
    protect: Sequence[str] = (),
) -> Checked[FolderState]:
    """Return what `write_folder` would change; nothing is written.

    Diagnostics:
        GC607: a run was killed half-way; there is a value all the same. GC640: it was not killed there.
        GC604: foreign files are there and stay.
        And all for which `write_folder` refuses.
    """
    build = _build(files, out, owner, lane)
    found: list[Diagnostic] = []
    state = None
    with collecting(out, found):
        _refuse(*refuse_place(out, protect), *refuse_names(build))
        state = _check(build)
        if state.interrupted:
            found.append(
                Diagnostic(
                    code="GC607",
                    message=f"an earlier run into `{out.as_posix()}` was stopped half-way",
                    help="run `grayc build` without `--check`: it finishes the earlier run first",
                )
            )
        found += foreign_files(build, state)
    return Checked(value=state, diagnostics=tuple(found))


def write_folder(
    files: Mapping[str, str],
    out: Path,
    *,
    owner: str,
    lane: LaneRecord | None = None,
    beside: LanesBeside | None = None,
    protect: Sequence[str] = (),
) -> Checked[WriteResult]:
    """Write a release's files to the output folder, and remove those that it no longer has.

    A file that has its text already is not touched. Everything is decided before anything changes.

    Args:
        files: file name → text, at least one.
        out: the folder; made where there is none, its parents too.
        owner: the release. What other owners' files hold is not looked at.
        lane: what the inventory says of the release.
        beside: the lanes of the folder that the release was held against.
        protect: files that are read and folders that are searched; the output keeps clear of them.
    Diagnostics:
        GC154, GC608: the folder or a file name is refused.
        GC601: another release owns a file of this name, or two names differ only in case.
        GC602: it cannot be written. The folder is as before, or the next run finishes what is left.
        GC603: a file of this release was edited by hand.
        GC604: foreign files are there and stay.
        GC605: another run does not leave the folder, or wrote lanes into it that the release was not held against.
        GC606: the inventory or journal is damaged.
        GC609: most of the release's files would be removed.
        GC610: a foreign file has a name that is needed.
        GC640: what an earlier run seems to have left was not left there.
        GC641: an earlier run was killed, and is finished now.
        GC643: git would take the folder for a repository.
    Raises:
        ValueError: `files` is empty, which would remove all that the release has.
    """
    build = replace(_build(files, out, owner, lane), beside=beside)
    found: list[Diagnostic] = []
    state = None
    with collecting(out, found):
        _refuse(*refuse_place(out, protect), *refuse_names(build))
        state = _write(build, found)
        found += foreign_files(build, state)
    return Checked(value=state, diagnostics=tuple(found))


def write_shared(
    files: Mapping[str, str], out: Path, *, protect: Sequence[str] = (), check: bool = False
) -> Checked[WriteResult]:
    """Write what all lanes of an output folder have in common, and remove what they no longer have; or look only.

    Where there is no such folder and nothing to write, nothing happens.

    Args:
        check: say what would change; nothing is written.
    Diagnostics: as `write_folder`, but GC609: what is here is made of what the lanes claim, and nothing else is known.
    """
    build = Build(files=files, out=out, owner=MESH_OWNER, allow_mass_removal=True)
    found: list[Diagnostic] = []
    state: FolderState | None = FolderState(owner=MESH_OWNER)
    with collecting(out, found):
        _refuse(*refuse_place(out, protect), *refuse_names(build))
        if files or out.exists():
            state = None
            state = _check(build) if check else _write(build, found)
    return Checked(value=state, diagnostics=tuple(found))


def remove_release(out: Path, *, owner: str) -> Checked[WriteResult]:
    """Remove all files of a release from the output folder, and the release from its inventory.

    The folder and the files of others stay; removing what is not there changes nothing.

    Diagnostics:
        GC603: a file of this release was edited by hand, and none is removed.
        And those of `write_folder` about the folder itself.
    """
    build = Build(files={}, out=out, owner=owner, allow_mass_removal=True)
    found: list[Diagnostic] = []
    state = None
    with collecting(out, found):
        _refuse(*refuse_place(out, ()))
        with Folder(out) as folder:
            _hold(folder, out)
            state = _write_in(folder, build, found)
    return Checked(value=state, diagnostics=tuple(found))


def finish_folder(out: Path) -> Checked[Inventory]:
    """Finish what an earlier run left in an output folder; return what the folder listed before that, if there was one.

    Diagnostics: as `remove_release`.
    """
    build = Build(files={}, out=out, owner="")
    found: list[Diagnostic] = []
    before = None
    with collecting(out, found):
        _refuse(*refuse_place(out, ()))
        with Folder(out) as folder:
            _hold(folder, out)
            listed = read_inventory(folder) or Inventory()
            before = Inventory() if _settle(folder, build, found) is None else listed
    return Checked(value=before, diagnostics=tuple(found))


def read_folder(out: Path, *, owners: Sequence[str] = ()) -> Checked[Listing]:
    """Return what grayc's records say of an output folder, and the texts of some releases' files.

    Diagnostics:
        GC630: it is no output folder: it is not there, or has no inventory.
        GC607: an earlier run was stopped half-way, and its work must be finished first.
        And those of `write_folder` about the folder itself.
    """
    found: list[Diagnostic] = []
    listing = None
    with collecting(out, found):
        _refuse(*refuse_place(out, ()))
        listing = _listing(out, owners)
    return Checked(value=listing, diagnostics=tuple(found))


def read_settled(out: Path) -> Checked[Listing]:
    """Return what an output folder holds of all releases, as if a run that was killed in it had been finished.

    One that is not there, or has no inventory, holds nothing.

    Diagnostics: those of `read_folder` but GC607 and GC630.
    """
    found: list[Diagnostic] = []
    listing = None
    with collecting(out, found):
        _refuse(*refuse_place(out, ()))
        listing = _settled(out)
    return Checked(value=listing, diagnostics=tuple(found))


def _settled(out: Path) -> Listing:
    try:
        folder = Folder(out)
    except FileNotFoundError:
        return Listing(inventory=Inventory(), texts={}, edited=())
    with folder:
        folder.lock(shared=True)
        journal = read_left(folder)
        held = look(folder, journal)
        inventory = held.inventory or Inventory()
        waiting = {row.file: row.new_name for row in journal.replaces} if journal is not None else {}
        texts: dict[str, bytes | None] = {}
        for name in sorted(inventory.files):
            new = waiting.get(name)
            data = folder.read(new, limit=MAX_OUTPUT_BYTES) if new is not None else None
            texts[name] = data if data is not None else folder.read(name, limit=MAX_OUTPUT_BYTES)
    return Listing(inventory=inventory, texts=texts, edited=())


def _listing(out: Path, owners: Sequence[str]) -> Listing:
    shown = out.as_posix()
    unknown = Diagnostic(
        code="GC630",
        message=f"`{shown}` is no output folder of grayc: it has no `{INVENTORY}`",
        help="name the folder that `grayc build -o` wrote",
    )
    try:
        folder = Folder(out)
    except (FileNotFoundError, NotADirectoryError):
        raise _RefusedError(unknown) from None
    with folder:
        folder.lock(shared=True)
        if read_left(folder) is not None:
            raise _RefusedError(
                Diagnostic(
                    code="GC607",
                    message=f"an earlier run into `{shown}` was stopped half-way",
                    help="run it again: it finishes its work first",
                )
            )
        inventory = read_inventory(folder)
        if inventory is None:
            raise _RefusedError(unknown)
        names = [name for owner in owners for name in inventory.files_of(owner)]
        texts = {name: folder.read(name, limit=MAX_OUTPUT_BYTES) for name in names}
        changed = tuple(name for name in names if folder.digest(name) not in (None, inventory.files[name].sha256))
    return Listing(inventory=inventory, texts=texts, edited=changed)


def _build(files: Mapping[str, str], out: Path, owner: str, lane: LaneRecord | None) -> Build:
    if not files:
        raise ValueError("no files: the caller refuses an empty compile")
    if not owner:
        raise ValueError("no owner")
    return Build(files=files, out=out, owner=owner, lane=lane)


@contextlib.contextmanager
def collecting(out: Path, found: list[Diagnostic]) -> Iterator[None]:
    """Add to `found` what stops a run in an output folder."""
    shown = out.as_posix()
    try:
        yield
    except _RefusedError as refused:
        found += refused.diagnostics
    except StrangeError as strange:
        found.append(strange.diagnostic())
    except LockedError:
        found.append(
            Diagnostic(
                code="GC605", message=f"another run is writing to `{shown}`", help="wait for it to end, then run again"
            )
        )
    except _MovedError:
        found.append(
            Diagnostic(
                code="GC605",
                message=f"`{shown}` was replaced while grayc worked in it",
                help="run again when nothing else replaces it",
            )
        )
    except DamagedError as damaged:
        found.append(
            Diagnostic(
                code="GC606",
                message=f"grayc's records in `{shown}` are damaged: {damaged}",
                help="take `.grayc-inventory` back from version control; or delete the `.grayc-` files and build again:"
                " files that have the text grayc would write are taken over, the others are named",
            )
        )
    except OSError as error:
        where = f" at `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
        found.append(
            Diagnostic(
                code="GC602",
                message=f"cannot write `{shown}`: {error.strerror or error}{where}",
                help="no file is half written; make room or grant access, then run again",
            )
        )


def _refuse(*diagnostics: Diagnostic) -> None:
    if diagnostics:
        raise _RefusedError(*diagnostics)


def _check(build: Build) -> FolderState:
    try:
        folder = Folder(build.out)
    except FileNotFoundError:
        return _decide(build, Held())
    with folder:
        folder.lock(shared=True)
        return _decide(build, look(folder, read_left(folder)))


def _decide(build: Build, held: Held) -> FolderState:
    compared = compare(build, held)
    if compared.value is None:
        raise _RefusedError(*compared.diagnostics)
    return compared.value


def _write(build: Build, found: list[Diagnostic]) -> FolderState:
    for _ in range(_MOVES):
        with contextlib.suppress(_MovedError):
            try:
                folder = Folder(build.out)
            except FileNotFoundError:
                return _write_first(build, found)
            with folder:
                _hold(folder, build.out)
                return _write_in(folder, build, found)
    raise _MovedError


def _hold(folder: Folder, at: Path) -> None:
    """Lock a folder, and make sure that it is still the one at its path."""
    folder.lock()
    if not folder.is_at(at):
        raise _MovedError


def _write_in(folder: Folder, build: Build, found: list[Diagnostic], *, keep: str = "") -> FolderState:
    """Write to a locked folder; what an earlier run left is finished first, and `found` says so."""
    journal = _settle(folder, build, found, keep=keep)
    held = look(folder, journal)
    _refuse(*_moved_lanes(build, held))
    state = _decide(build, held)
    if state.added or state.changed or state.removed or state.relisted:
        _apply(folder, build, held, state)
    return state


def _moved_lanes(build: Build, held: Held) -> Iterator[Diagnostic]:
    """Yield a refusal where another run wrote lanes since this one read them: they were not held against each other."""
    moved = build.beside.moved(held.inventory or Inventory()) if build.beside is not None else []
    if moved:
        lanes = ", ".join(f"`{name}`" for name in moved[:3]) + (f" and {len(moved) - 3} more" if len(moved) > 3 else "")
        yield Diagnostic(
            code="GC605",
            message=f"another run wrote {lanes} in `{build.out.as_posix()}` while this one compiled",
            help="run again: lanes of one folder are held against each other",
        )


def _settle(folder: Folder, build: Build, found: list[Diagnostic], *, keep: str = "") -> Journal | None:
    """Finish or clear what an earlier run left; return its journal, where it had one."""
    journal = read_left(folder)
    left: tuple[str, ...] = ()
    if journal is not None:
        done = finish(folder, journal)
        left = done.left
        found.append(finished_run(build.out.as_posix(), journal.owner, done.written, done.removed))
    clear(folder, keep=keep)
    _refuse(*(edited(build, name) for name in left))
    return journal


def _apply(folder: Folder, build: Build, held: Held, state: FolderState) -> None:
    texts = {name: build.files[name].encode() for name in sorted((*state.added, *state.changed))}
    journal = Journal(
        owner=build.owner,
        replaces=tuple(
            Replace(file=name, new_name=new_name(position), old=held.digest(name), new=digest([text]))
            for position, (name, text) in enumerate(texts.items())
        ),
        removes=tuple(
            Remove(file=name, old=found) for name in state.removed if (found := held.digest(name)) is not None
        ),
    )
    written = begin(folder, journal, texts, build.inventory_after(held.inventory or Inventory()))
    _refuse(*(edited(build, name) for name in finish(folder, written).left))


def _write_first(build: Build, found: list[Diagnostic]) -> FolderState:
    """Write a folder that is not there yet: all of it beside its place, then one rename.

    Whoever looks sees no folder or a whole one.
    """
    out = build.out
    made = _make_parents(out.parent)
    stage = out.parent / f"{_STAGE}{out.name}"
    try:
        with contextlib.suppress(FileExistsError):
            stage.mkdir()
        try:
            folder = Folder(stage)
        except FileNotFoundError:
            # The run that held it has just put it in its place.
            raise _MovedError from None
        with folder:
            _hold(folder, stage)
            if out.exists():
                # Only who holds the stage makes the folder: another run was quicker.
                with contextlib.suppress(OSError):
                    stage.rmdir()
                raise _MovedError
            state = _write_stage(folder, build, found)
            stage.rename(out)
            try:
                with Folder(Path(os.path.realpath(out.parent))) as parent:
                    parent.sync()
            finally:
                # Not before its new name is on the disk: without the mark no run takes it up. One that stays is
                # removed by the next run.
                with contextlib.suppress(OSError):
                    drop_stage(folder)
    except (OSError, _RefusedError):
        for empty in (stage, *made):
            with contextlib.suppress(OSError):
                empty.rmdir()
        raise
    return state


def _write_stage(stage: Folder, build: Build, found: list[Diagnostic]) -> FolderState:
    """Write all files to a locked folder beside its place."""
    try:
        hold_stage(stage)
        earlier = made_before(stage)
        # A killed first run may have left files here that nobody has seen yet.
        state = _write_in(stage, replace(build, allow_mass_removal=True), found, keep=STAGE_MARK)
        refuse_strangers(stage)
        shown = build.out.as_posix()
        found += (finished_run(shown, owner, earlier.files_of(owner)) for owner in earlier.owners)
    except (OSError, _RefusedError):
        with contextlib.suppress(OSError):
            if stage.names() == (STAGE_MARK,):
                drop_stage(stage)
        raise
    return state


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder with its parents; return those made, innermost first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
    return missing
