"""Bring an output folder up to date, or say what that would change.

The folder is shared: by several releases, by what users put there, and by whoever applies it at any moment. So a run
owns only what the inventory lists for its release and what still has the text it wrote; it makes up its mind before
it changes anything; and a kill at any point leaves every file either old or new. `docs/output-folder.md` tells users.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.output.folder import Folder, LockedError, digest
from grayc.output.inventory import DamagedError, Inventory, Owned, is_file_name
from grayc.output.journal import (
    NEW_INVENTORY,
    Journal,
    Remove,
    Replace,
    begin,
    clear,
    finish,
    new_name,
    read_inventory,
    read_journal,
)
from grayc.output.place import refuse_place

MASS_REMOVAL_SHARE = 0.5
MASS_REMOVAL_FLOOR = 3
"""A run that removes more than this share of a release's files, and at least so many, is asked about first."""

_STAGE = ".grayc-new-"
_MOVES = 5
_MOST_NAMES = 20


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
        interrupted: an earlier run was killed half-way; the other attributes count what it left as done.
    """

    owner: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    relisted: bool = False
    interrupted: bool = False

    @property
    def is_stale(self) -> bool:
        """Whether writing would change anything."""
        return bool(self.added or self.changed or self.removed or self.relisted or self.interrupted)


WriteResult = FolderState
"""What a run changed: what it found to be stale. `interrupted` says that an earlier run's work was finished first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What an output folder holds.

    Attributes:
        names: what is not grayc's own bookkeeping.
        inventory: what the inventory lists, as it will be when an interrupted run is finished.
        lists: an inventory is there.
        digest: a file's digest, as it will be when an interrupted run is finished.
        accepted: file name → further digests that are grayc's own work, from an interrupted run.
    """

    names: tuple[str, ...] = ()
    inventory: Inventory = field(default_factory=dict)
    lists: bool = False
    digest: Callable[[str], str | None] = lambda _: None
    accepted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    interrupted: bool = False


class _RefusedError(Exception):
    """Findings that stop a run before it changes anything."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(", ".join(diagnostic.code for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class _MovedError(Exception):
    """The folder at the path is another one by now."""


def check_folder(
    files: Mapping[str, str], out: Path, *, owner: str, protect: Sequence[Path] = (), allow_mass_removal: bool = False
) -> Checked[FolderState]:
    """Return what `write_folder` would change; nothing is written.

    Diagnostics:
        GC607: a run was killed half-way; there is a value all the same.
        GC604: foreign files are there and stay.
        And all for which `write_folder` refuses.
    """
    _check_call(files, owner)
    with _answering(out) as found:
        _refuse(*refuse_place(out, protect), *_refuse_names(files))
        state = _check(files, out, owner, allow_mass_removal=allow_mass_removal)
        found.value = state
        if state.interrupted:
            found.diagnostics.append(Diagnostic(
                code="GC607", message=f"an earlier run into `{out.as_posix()}` was stopped half-way",
                help="run `grayc build` without `--check`: it finishes the earlier run first",
            ))
        found.diagnostics += _foreign(state, out)
    return found.checked()


def write_folder(
    files: Mapping[str, str], out: Path, *, owner: str, protect: Sequence[Path] = (), allow_mass_removal: bool = False
) -> Checked[WriteResult]:
    """Write a release's files to the output folder, and remove those that it no longer has.

    A file that has its text already is not touched. Everything is decided before anything changes.

    Args:
        files: file name → text, at least one.
        out: the folder; made where there is none, its parents too.
        owner: the release. What other owners' files hold is not looked at.
        protect: files that are read and folders that are searched; the output keeps clear of them.
        allow_mass_removal: remove however many files the release no longer has.
    Diagnostics:
        GC154, GC608: the folder or a file name is refused.
        GC601: another release owns a file of this name, or two names differ only in case.
        GC602: it can not be written. The folder is as before, or the next run finishes what is left.
        GC603: a file of this release was edited by hand.
        GC604: foreign files are there and stay.
        GC605: another run does not leave the folder.
        GC606: the inventory or journal is damaged.
        GC609: most of the release's files would be removed.
        GC610: a foreign file has a name that is needed.
    Raises:
        ValueError: `files` is empty, which would remove all that the release has.
    """
    _check_call(files, owner)
    with _answering(out) as found:
        _refuse(*refuse_place(out, protect), *_refuse_names(files))
        state = _write(files, out, owner, allow_mass_removal=allow_mass_removal)
        found.value = state
        found.diagnostics += _foreign(state, out)
    return found.checked()


def _check_call(files: Mapping[str, str], owner: str) -> None:
    if not files:
        raise ValueError("no files: the caller refuses an empty compile")
    if not owner:
        raise ValueError("no owner")


@dataclass(kw_only=True)
class _Answer:
    """A result in the making."""

    value: FolderState | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def checked(self) -> Checked[FolderState]:
        return Checked(value=self.value, diagnostics=tuple(self.diagnostics))


@contextlib.contextmanager
def _answering(out: Path) -> Iterator[_Answer]:
    """Collect an answer; what stops the run becomes its diagnostics."""
    found = _Answer()
    shown = out.as_posix()
    try:
        yield found
    except _RefusedError as refused:
        found.diagnostics += refused.diagnostics
    except LockedError:
        found.diagnostics.append(Diagnostic(
            code="GC605", message=f"another run is writing to `{shown}`", help="wait for it to end, then run again"
        ))
    except _MovedError:
        found.diagnostics.append(Diagnostic(
            code="GC605", message=f"`{shown}` was replaced while grayc worked in it",
            help="run again when nothing else replaces it",
        ))
    except DamagedError as damaged:
        found.diagnostics.append(Diagnostic(
            code="GC606", message=f"grayc's records in `{shown}` are damaged: {damaged}",
            help="take `.grayc-inventory` back from version control; or delete the `.grayc-` files and build again:"
                 " files that have the text grayc would write are taken over, the others are named",
        ))
    except OSError as error:
        where = f" at `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
        found.diagnostics.append(Diagnostic(
            code="GC602", message=f"can not write `{shown}`: {error.strerror or error}{where}",
            help="no file is half written; make room or grant access, then run again",
        ))


def _refuse(*diagnostics: Diagnostic) -> None:
    if diagnostics:
        raise _RefusedError(*diagnostics)


def _refuse_names(files: Mapping[str, str]) -> Iterator[Diagnostic]:
    by_fold: dict[str, str] = {}
    for name in sorted(files):
        if not is_file_name(name):
            yield Diagnostic(
                code="GC608", message=f"{name[:300]!a} can not be the name of a manifest file",
                help="a name has letters, digits, `-`, `_` and `.`, ends in `.yaml`, and is at most 255 long",
            )
        twin = by_fold.setdefault(name.lower(), name)
        if twin != name:
            yield Diagnostic(
                code="GC601", message=f"`{twin}` and `{name}` are one file where case does not count",
                help="rename one of the two",
            )


def _check(files: Mapping[str, str], out: Path, owner: str, *, allow_mass_removal: bool) -> FolderState:
    try:
        folder = Folder(out)
    except FileNotFoundError:
        return _compare(files, _Held(), out, owner, allow_mass_removal=allow_mass_removal)
    with folder:
        folder.lock(shared=True)
        held = _look(folder, read_journal(folder))
        return _compare(files, held, out, owner, allow_mass_removal=allow_mass_removal)


def _look(folder: Folder, journal: Journal | None = None) -> _Held:
    """Return what a folder holds, taking what an interrupted run left to do as done."""
    listed = read_inventory(folder)
    waiting = read_inventory(folder, NEW_INVENTORY) if journal is not None else None
    inventory = listed if waiting is None else waiting
    done = _done(folder, journal) if journal is not None else {}
    # What is a folder can not be a manifest: users may keep what they like in it.
    names = {name for name in folder.names() if not name.startswith(".") and not folder.is_folder(name)}
    gone = {name for name, found in done.items() if found is None}
    return _Held(
        names=tuple(sorted((names | set(done)) - gone)),
        inventory=inventory or {},
        lists=inventory is not None,
        digest=lambda name: done[name] if name in done else folder.digest(name),
        accepted=_accepted(journal),
        interrupted=journal is not None,
    )


def _accepted(journal: Journal | None) -> Mapping[str, frozenset[str]]:
    if journal is None:
        return {}
    return {row.file: frozenset({row.new, row.old} - {None}) for row in journal.replaces}  # type: ignore[arg-type]


def _done(folder: Folder, journal: Journal) -> dict[str, str | None]:
    """Return the digests of the files that `finish` would change, as they were then."""
    done: dict[str, str | None] = {}
    for row in journal.replaces:
        if folder.digest(row.new_name) == row.new and folder.digest(row.file) in (row.old, row.new):
            done[row.file] = row.new
    for gone in journal.removes:
        if folder.digest(gone.file) == gone.old:
            done[gone.file] = None
    return done


def _write(files: Mapping[str, str], out: Path, owner: str, *, allow_mass_removal: bool) -> FolderState:
    for _ in range(_MOVES):
        with contextlib.suppress(_MovedError):
            try:
                folder = Folder(out)
            except FileNotFoundError:
                return _write_first(files, out, owner)
            with folder:
                _hold(folder, out)
                return _write_in(folder, files, out, owner, allow_mass_removal=allow_mass_removal)
    raise _MovedError


def _hold(folder: Folder, at: Path) -> None:
    """Lock a folder, and make sure that it is still the one at its path."""
    folder.lock()
    if not folder.is_at(at):
        raise _MovedError


def _write_in(
    folder: Folder, files: Mapping[str, str], out: Path, owner: str, *, allow_mass_removal: bool
) -> FolderState:
    """Write to a locked folder."""
    left, accepted = _repair(folder)
    held = _look(folder)
    held = _Held(
        names=held.names, inventory=held.inventory, lists=held.lists, digest=held.digest, accepted=accepted or {},
        interrupted=accepted is not None,
    )
    if left:
        _refuse(*(_edited(out, name) for name in left))
    state = _compare(files, held, out, owner, allow_mass_removal=allow_mass_removal)
    _apply(folder, files, held, state, out)
    return state


def _repair(folder: Folder) -> tuple[tuple[str, ...], Mapping[str, frozenset[str]] | None]:
    """Finish or throw away what a killed run left.

    Returns:
        The files that were changed since, and the digests that are grayc's own work; None where no run was stopped.
    """
    journal = read_journal(folder)
    if journal is None:
        clear(folder)
        return (), None
    left = finish(folder, journal)
    clear(folder)
    return left, _accepted(journal)


def _compare(
    files: Mapping[str, str], held: _Held, out: Path, owner: str, *, allow_mass_removal: bool
) -> FolderState:
    """Sort every file by what happens to it; refuse where something stands against it."""
    added, changed, unchanged, removed = [], [], [], []
    refused: list[Diagnostic] = []
    for name in sorted(files):
        listed, found = held.inventory.get(name), held.digest(name)
        if listed is not None and listed.owner != owner:
            refused.append(_claimed(out, name, listed.owner, owner))
        elif found is None:
            added.append(name)
        elif found == digest([files[name].encode()]):
            unchanged.append(name)
        elif listed is None:
            refused.append(_in_the_way(out, name))
        elif found == listed.sha256 or found in held.accepted.get(name, ()):
            changed.append(name)
        else:
            refused.append(_edited(out, name))
    own = [name for name, row in sorted(held.inventory.items()) if row.owner == owner]
    for name in own:
        found = held.digest(name)
        if name in files or found is None:
            continue
        if found == held.inventory[name].sha256 or found in held.accepted.get(name, ()):
            removed.append(name)
        else:
            refused.append(_edited(out, name))
    present = [name for name in own if held.digest(name) is not None]
    many = len(removed) >= MASS_REMOVAL_FLOOR and len(removed) > MASS_REMOVAL_SHARE * len(present)
    if many and not allow_mass_removal:
        refused.append(_mass_removal(out, removed, len(present)))
    _refuse(*refused)
    new = _listed(files, held.inventory, owner)
    return FolderState(
        owner=owner,
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(removed),
        unchanged=tuple(unchanged),
        foreign=tuple(sorted(set(held.names) - set(held.inventory) - set(files))),
        relisted=not held.lists or new != held.inventory,
        interrupted=held.interrupted,
    )


def _listed(files: Mapping[str, str], inventory: Inventory, owner: str) -> Inventory:
    """Return the inventory that goes with the files."""
    others = {name: row for name, row in inventory.items() if row.owner != owner}
    return others | {name: Owned(owner=owner, sha256=digest([text.encode()])) for name, text in files.items()}


def _apply(folder: Folder, files: Mapping[str, str], held: _Held, state: FolderState, out: Path) -> None:
    if not (state.added or state.changed or state.removed or state.relisted):
        return
    texts = {name: files[name].encode() for name in (*state.added, *state.changed)}
    journal = Journal(
        replaces=tuple(
            Replace(file=name, new_name=new_name(position), old=held.digest(name), new=digest([texts[name]]))
            for position, name in enumerate(sorted(texts))
        ),
        removes=tuple(
            Remove(file=name, old=found) for name in state.removed if (found := held.digest(name)) is not None
        ),
    )
    begin(folder, journal, texts, _listed(files, held.inventory, state.owner))
    left = finish(folder, journal)
    if left:
        _refuse(*(_edited(out, name) for name in left))


def _write_first(files: Mapping[str, str], out: Path, owner: str) -> FolderState:
    """Write a folder that is not there yet: all of it beside its place, then one rename.

    Whoever looks sees no folder or a whole one.
    """
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
            state = _write_in(folder, files, out, owner, allow_mass_removal=True)
            stage.rename(out)
    except (OSError, _RefusedError):
        for empty in (stage, *made):
            with contextlib.suppress(OSError):
                empty.rmdir()
        raise
    with Folder(Path(os.path.realpath(out.parent))) as parent:
        parent.sync()
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


def _foreign(state: FolderState, out: Path) -> tuple[Diagnostic, ...]:
    if not state.foreign:
        return ()
    names = [Note(message=f"`{name}`") for name in state.foreign[:_MOST_NAMES]]
    if len(state.foreign) > _MOST_NAMES:
        names.append(Note(message=f"and {len(state.foreign) - _MOST_NAMES} more"))
    count = len(state.foreign)
    what = "1 file that grayc did not write stays" if count == 1 else f"{count} files that grayc did not write stay"
    return (Diagnostic(code="GC604", message=f"in `{out.as_posix()}`, {what}", notes=tuple(names)),)


def _claimed(out: Path, name: str, holder: str, owner: str) -> Diagnostic:
    return Diagnostic(
        code="GC601",
        message=f"`{(out / name).as_posix()}` belongs to release `{holder}`, and `{owner}` makes a file of that name",
        help="rename one of the releases, or write them to different folders",
    )


def _edited(out: Path, name: str) -> Diagnostic:
    return Diagnostic(
        code="GC603", message=f"`{(out / name).as_posix()}` was changed since grayc wrote it",
        help="put the change into the release as a patch; then delete the file and build again",
    )


def _in_the_way(out: Path, name: str) -> Diagnostic:
    return Diagnostic(
        code="GC610", message=f"`{(out / name).as_posix()}` is there already, and grayc did not write it",
        help="move it away, or write to another folder",
    )


def _mass_removal(out: Path, removed: Sequence[str], present: int) -> Diagnostic:
    names = [Note(message=f"`{name}`") for name in removed[:_MOST_NAMES]]
    if len(removed) > _MOST_NAMES:
        names.append(Note(message=f"and {len(removed) - _MOST_NAMES} more"))
    return Diagnostic(
        code="GC609",
        message=f"{len(removed)} of the {present} files of this release in `{out.as_posix()}` would be removed",
        notes=tuple(names), help="if that is meant, delete them yourself, then build again",
    )
