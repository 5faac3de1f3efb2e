"""`.grayc-journal`: what a run is about to rename and remove, so that the next one can finish it.

Until the journal stands, nothing in the folder has changed, and what a killed run left is thrown away. From then on
every new text is on the disk under a name of grayc's own, and what is left to do only goes forward.
"""

import json
import re
from dataclasses import dataclass

from grayc.output.folder import NOT_A_FILE, Folder
from grayc.output.inventory import (
    INVENTORY,
    MAX_BOOKKEEPING_BYTES,
    DamagedError,
    Inventory,
    format_inventory,
    is_digest,
    is_file_name,
    parse_bookkeeping,
    parse_inventory,
)

JOURNAL = ".grayc-journal"
FORMAT = "grayc.journal/v1"
NEW_JOURNAL = ".grayc-new-journal"
NEW_INVENTORY = ".grayc-new-inventory"
_NEW = re.compile(r"\.grayc-new-(?:[0-9]+|journal|inventory)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """A file that takes its new text.

    Attributes:
        file: its name.
        new_name: where the new text is.
        old: digest of the text it had, None where there was no file.
        new: digest of the new text.
    """

    file: str
    new_name: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """A file that goes, if it still has this digest."""

    file: str
    old: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """All that a run changes."""

    replaces: tuple[Replace, ...]
    removes: tuple[Remove, ...]


def is_new(name: str) -> bool:
    """Tell whether a name is that of a text not yet in its place."""
    return _NEW.fullmatch(name) is not None


def new_name(position: int) -> str:
    """Return where the new text of a run's n-th file waits."""
    return f".grayc-new-{position}"


def format_journal(journal: Journal) -> str:
    """Return the text of a journal."""
    data = {
        "format": FORMAT,
        "replace": [
            {"file": row.file, "from": row.new_name, "old": row.old, "new": row.new} for row in journal.replaces
        ],
        "remove": [{"file": row.file, "old": row.old} for row in journal.removes],
    }
    return json.dumps(data, indent=1) + "\n"


def read_journal(folder: Folder) -> Journal | None:
    """Return the journal of a run that was interrupted, None where there is none.

    Raises:
        DamagedError: it is not what grayc writes; a name in it could lead anywhere.
        OSError: it can not be read.
    """
    data = folder.read(JOURNAL, limit=MAX_BOOKKEEPING_BYTES)
    if data is None:
        return None
    found = parse_bookkeeping(data, FORMAT)
    replaces, removes = found.get("replace"), found.get("remove")
    if not isinstance(replaces, list) or not isinstance(removes, list):
        raise DamagedError("`replace` or `remove` is missing")
    return Journal(replaces=tuple(_replace(row) for row in replaces), removes=tuple(_remove(row) for row in removes))


def _replace(row: object) -> Replace:
    match row:
        case {"file": str(file), "from": str(start), "old": None | str() as old, "new": str(new)} if (
            is_file_name(file) and is_new(start) and (old is None or is_digest(old)) and is_digest(new)
        ):
            return Replace(file=file, new_name=start, old=old, new=new)
        case _:
            raise DamagedError("a row of `replace` is not what grayc writes")


def _remove(row: object) -> Remove:
    match row:
        case {"file": str(file), "old": str(old)} if is_file_name(file) and is_digest(old):
            return Remove(file=file, old=old)
        case _:
            raise DamagedError("a row of `remove` is not what grayc writes")


def read_inventory(folder: Folder, name: str = INVENTORY) -> Inventory | None:
    """Return the inventory, None where there is none.

    Raises:
        DamagedError: it is not what grayc writes.
        OSError: it can not be read.
    """
    data = folder.read(name, limit=MAX_BOOKKEEPING_BYTES)
    return None if data is None else parse_inventory(data)


def begin(folder: Folder, journal: Journal, texts: dict[str, bytes], inventory: Inventory) -> None:
    """Put all new texts and the journal on the disk; nothing that anyone reads has changed until the journal stands.

    Args:
        texts: file name → new text, one for each row of `replaces`.
    Raises:
        OSError: the folder is as it was before.
    """
    made: list[str] = []

    def create(name: str, data: bytes) -> None:
        made.append(name)
        folder.create(name, data)

    try:
        for row in journal.replaces:
            create(row.new_name, texts[row.file])
        create(NEW_INVENTORY, format_inventory(inventory).encode())
        create(NEW_JOURNAL, format_journal(journal).encode())
        folder.sync()
        folder.rename(NEW_JOURNAL, JOURNAL)
    except BaseException:
        _forget(folder, made)
        raise
    folder.sync()


def _forget(folder: Folder, names: list[str]) -> None:
    for name in reversed(names):
        try:
            folder.remove(name)
        except OSError:
            # The first error is the one to tell; the next run removes what is left.
            return


def finish(folder: Folder, journal: Journal) -> tuple[str, ...]:
    """Do what a journal says, or what is left of it. Files that someone changed meanwhile stay as they are.

    New before old: at no instant is a file missing that stays.

    Returns:
        The files that were left alone.
    Raises:
        DamagedError: a new text is not the one the journal names.
        OSError: what is left to do stays in the journal.
    """
    left = [row.file for row in journal.replaces if not _put(folder, row)]
    folder.sync()
    for gone in journal.removes:
        found = folder.digest(gone.file)
        if found == gone.old:
            folder.remove(gone.file)
        elif found is not None:
            left.append(gone.file)
    if folder.digest(NEW_INVENTORY) is not None:
        read_inventory(folder, NEW_INVENTORY)
        folder.rename(NEW_INVENTORY, INVENTORY)
    folder.sync()
    folder.remove(JOURNAL)
    folder.sync()
    return tuple(left)


def _put(folder: Folder, row: Replace) -> bool:
    waiting = folder.digest(row.new_name)
    if waiting is None:
        # Renamed already, or someone removed it; then the comparison that follows sees a file to write.
        return True
    if waiting != row.new:
        raise DamagedError(f"`{row.new_name}` is not the text it names")
    found = folder.digest(row.file)
    if found not in (row.old, row.new):
        folder.remove(row.new_name)
        return False
    folder.rename(row.new_name, row.file)
    return True


def clear(folder: Folder) -> None:
    """Remove what a run left that was killed before its journal stood."""
    for name in folder.names():
        if is_new(name) and folder.digest(name) != NOT_A_FILE:
            folder.remove(name)
