"""What a killed run left in an output folder, and whether it is believed.

A journal says which files are written and removed, and a folder beside OUT is renamed to it as it stands. Both are
believed only where they were written: each file of grayc's own is the one that it says it is, by device, inode and
time, which no checkout, archive or copy gives again. And a journal does no more than the inventory lets a run do.
Whatever else is found under these names is refused, and stays as it is.
"""

import json
from pathlib import Path

from grayc.diagnostics import Diagnostic
from grayc.output.folder import NOT_A_FILE, Folder, Mark
from grayc.output.inventory import (
    INVENTORY,
    MAX_BOOKKEEPING_BYTES,
    DamagedError,
    Inventory,
    Owned,
    parse_bookkeeping,
)
from grayc.output.journal import (
    JOURNAL,
    NEW_INVENTORY,
    NEW_JOURNAL,
    STAGE_MARK,
    Journal,
    parse_journal,
    parse_mark,
    read_inventory,
)

_STAGE_FORMAT = "grayc.stage/v1"


class StrangeError(Exception):
    """Something under a name of grayc's own that was not written where it is; the text says why.

    Attributes:
        path: of the file or folder.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path = path

    def diagnostic(self) -> Diagnostic:
        """Return the finding (GC640)."""
        shown = self.path.as_posix()
        is_journal = self.path.name == JOURNAL
        return Diagnostic(
            code="GC640",
            message=f"`{shown}` was not left by a run that was killed here: {self}",
            help=f"nothing was changed; delete `{JOURNAL}` and every `.grayc-new-` in"
            f" `{self.path.parent.as_posix()}`, from version control too, take the rest of it back from there, then run"
            " again"
            if is_journal
            else "nothing was changed; delete it, from version control too, then run again",
        )


def read_left(folder: Folder) -> Journal | None:
    """Return the journal of a run that was killed in a folder, None where there is none.

    Raises:
        StrangeError: there is one, and it is not believed.
        DamagedError: the inventory is not what grayc writes.
        OSError: it cannot be read.
    """
    path = folder.path / JOURNAL
    if folder.digest(JOURNAL) == NOT_A_FILE:
        raise StrangeError(path, "it is no file")
    data = folder.read(JOURNAL, limit=MAX_BOOKKEEPING_BYTES)
    if data is None:
        return None
    try:
        journal = parse_journal(data)
    except DamagedError as damaged:
        raise StrangeError(path, str(damaged)) from None
    why = _not_from_here(folder, journal) or _not_allowed(folder, journal)
    if why:
        raise StrangeError(path, why)
    return journal


def _not_from_here(folder: Folder, journal: Journal) -> str:
    """Return why a journal was not written in the folder where it is."""
    if folder.mark(JOURNAL) != journal.own:
        return "it was written elsewhere, and came here by a checkout or a copy"
    for name, mark in journal.marks.items():
        if folder.digest(name) is not None and folder.mark(name) != mark:
            return f"`{name}` is not the file that it wrote"
    tracked = _tracked(folder.path, (JOURNAL, NEW_JOURNAL, *journal.marks))
    return f"git tracks `{tracked[0]}`" if tracked else ""


def _tracked(folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    # Few runs find what another left, and what runs programs would be loaded by all.
    from grayc.source.git import tracked_of  # noqa: PLC0415

    return tracked_of(folder, names)


def _not_allowed(folder: Folder, journal: Journal) -> str:
    """Return what a journal asks for that no run does."""
    for row in journal.replaces:
        if folder.digest(row.new_name) is None and folder.digest(row.file) == row.old:
            return f"`{row.new_name}`, which is to become `{row.file}`, is gone"
    is_listed = folder.digest(NEW_INVENTORY) is None
    if folder.digest(NEW_INVENTORY if not is_listed else INVENTORY) != journal.after:
        return "its inventory is not the one that it wrote"
    if not is_listed and folder.digest(INVENTORY) != journal.before:
        return f"`{INVENTORY}` is not the one that it found"
    after = read_inventory(folder, INVENTORY if is_listed else NEW_INVENTORY) or Inventory()
    for row in journal.replaces:
        if after.files.get(row.file) != Owned(owner=journal.owner, sha256=row.new):
            return f"its inventory does not list `{row.file}` as it is to be"
    for gone in journal.removes:
        if gone.file in after.files:
            return f"it removes `{gone.file}`, which its inventory lists"
    # Once the new inventory is in its place the old one is gone, and nothing is left to do but what it lets be done.
    return "" if is_listed else _against(read_inventory(folder) or Inventory(), after, journal, folder)


def _against(before: Inventory, after: Inventory, journal: Journal, folder: Folder) -> str:
    """Return what a journal asks for that the inventory of before does not let it do."""
    owner = journal.owner
    for row in journal.replaces:
        was = before.files.get(row.file)
        if was is not None and was.owner != owner:
            return f"it writes over `{row.file}`, which is release `{was.owner}`'s"
        if row.old is not None and (was is None or was.sha256 != row.old):
            return f"it writes over `{row.file}`, which the inventory does not list as it was"
    for gone in journal.removes:
        if before.files.get(gone.file) != Owned(owner=owner, sha256=gone.old):
            return f"it removes `{gone.file}`, which the inventory does not list for `{owner}` as it was"
    if _of_others(before, owner) != _of_others(after, owner):
        return "its inventory says something else of other releases"
    written = {row.file for row in journal.replaces}
    for name in after.files_of(owner):
        row_after = after.files[name]
        if name not in written and before.files.get(name) != row_after and folder.digest(name) != row_after.sha256:
            return f"its inventory lists `{name}`, which nobody wrote"
    return ""


def _of_others(inventory: Inventory, owner: str) -> tuple[object, object]:
    return (
        {name: row for name, row in inventory.files.items() if row.owner != owner},
        {name: lane for name, lane in inventory.lanes.items() if name != owner},
    )


def hold_stage(stage: Folder) -> None:
    """Take a locked folder beside its place for the one that is made there; one that is there already must be ours.

    Raises:
        StrangeError: it was not made here. OSError: it cannot be written.
    """
    names = stage.names()
    if names:
        tracked = _tracked(stage.path.parent, (stage.path.name,))
        if tracked:
            raise StrangeError(stage.path, f"git tracks `{tracked[0]}`")
        if _is_from_here(stage):
            return
        if names != (STAGE_MARK,):
            raise StrangeError(stage.path, "it was made elsewhere, and came here by a checkout or a copy")
        # Killed while it was marked.
        stage.remove(STAGE_MARK)
    device, inode = stage.place()

    def text(own: Mark) -> bytes:
        mark = {"device": own.device, "inode": own.inode, "modified": own.modified}
        data = {"format": _STAGE_FORMAT, "folder": {"device": device, "inode": inode}, "mark": mark}
        return (json.dumps(data) + "\n").encode()

    stage.create_marked(STAGE_MARK, text)
    stage.sync()


def _is_from_here(stage: Folder) -> bool:
    data = stage.read(STAGE_MARK, limit=MAX_BOOKKEEPING_BYTES)
    if data is None:
        return False
    device, inode = stage.place()
    try:
        found = parse_bookkeeping(data, _STAGE_FORMAT)
        mark = parse_mark(found.get("mark"))
    except DamagedError:
        return False
    return found.get("folder") == {"device": device, "inode": inode} and mark == stage.mark(STAGE_MARK)


def refuse_strangers(stage: Folder) -> None:
    """Refuse a folder that is about to take its place, where it holds what no run wrote there.

    Raises:
        StrangeError: it does.
    """
    listed = (read_inventory(stage) or Inventory()).files
    stranger = next((name for name in stage.names() if name not in listed and name not in (INVENTORY, STAGE_MARK)), "")
    if stranger:
        raise StrangeError(stage.path, f"it holds `{stranger}`, which no run wrote there")


def drop_stage(stage: Folder) -> None:
    """Remove what makes a folder the one beside its place, if nothing else is in it or it has its place now."""
    stage.remove(STAGE_MARK)
    stage.sync()


def made_before(stage: Folder) -> Inventory:
    """Return what an earlier run has put into a folder beside its place; what is half done is the journal's to say."""
    done = read_inventory(stage) if read_left(stage) is None else None
    return done or Inventory()


def finished_run(shown: str, owner: str, written: tuple[str, ...], removed: tuple[str, ...] = ()) -> Diagnostic:
    """Return the finding that an earlier run was finished (GC641).

    Args:
        shown: the output folder.
        owner: the release that it was for.
    """
    parts = [
        f"{len(names)} file{'' if len(names) == 1 else 's'} {what}"
        for names, what in ((written, "written"), (removed, "removed"))
        if names
    ]
    names = [f"`{name}`" for name in (*written, *removed)]
    more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return Diagnostic(
        code="GC641",
        message=f"an earlier run for release `{owner}` into `{shown}` was killed, and is finished now: "
        + (" and ".join(parts) or "only its records were left to write"),
        help=f"nothing to do; what it left was {', '.join(names[:_MOST_NAMES])}{more}" if names else "nothing to do",
    )


_MOST_NAMES = 20
