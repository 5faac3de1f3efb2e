"""`.grayc-journal`: what a run is about to rename and remove, so that the next one can finish it.

Until the journal stands, nothing in the folder has changed, and what a killed run left is thrown away. From then on
every new text is on the disk under a name of grayc's own, and what is left to do only goes forward.

A journal is a list of files to write and to remove, and a repository could bring one along. So it says where it was
written: of itself and of every text that waits, what only this folder has of them. `left` tells what is believed.
"""

import json
import re
from collections.abc import Mapping

from grayc.output.folder import NOT_A_FILE, Folder, Mark, digest
from grayc.output.inventory import (
    INVENTORY,
    MAX_BOOKKEEPING_BYTES,
    DamagedError,
    Inventory,
    format_inventory,
    is_digest,
    is_file_name,
    is_owner,
    parse_bookkeeping,
    parse_inventory,
    remember,
)
from grayc.records import dataclass, field, replace

JOURNAL = ".grayc-journal"
FORMAT = "grayc.journal/v2"
NEW_JOURNAL = ".grayc-new-journal"
NEW_INVENTORY = ".grayc-new-inventory"
STAGE_MARK = ".grayc-new-stage"
"""Says of a folder that is made beside its place that it was made here."""
_TEXT = re.compile(r"\.grayc-new-[0-9]{1,9}", re.ASCII)
_NEW = re.compile(r"\.grayc-new-(?:[0-9]+|journal|inventory|stage)", re.ASCII)


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
    """All that a run changes.

    Attributes:
        owner: the release whose files they are.
        before: digest of the inventory as the run found it, None where there was none.
        after: digest of the inventory that goes with the files.
        marks: name of each text that waits → what it is where it was written.
        own: what the journal's own file is there; None until it is written.
    """

    owner: str = ""
    replaces: tuple[Replace, ...]
    removes: tuple[Remove, ...]
    before: str | None = None
    after: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    own: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What finishing a journal did. All are names of files.

    Attributes:
        written: they took their new texts.
        removed: they went.
        left: someone changed them meanwhile, and they stay as they are.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def is_new(name: str) -> bool:
    """Tell whether a name is that of a text not yet in its place."""
    return _NEW.fullmatch(name) is not None


def new_name(position: int) -> str:
    """Return where the new text of a run's n-th file waits."""
    return f".grayc-new-{position}"


def format_journal(journal: Journal, own: Mark) -> str:
    """Return the text of a journal.

    Args:
        own: what the file is that the text goes to.
    """
    data = {
        "format": FORMAT,
        "owner": journal.owner,
        "mark": _format_mark(own),
        "inventory": {
            "old": journal.before,
            "new": journal.after,
            "mark": _format_mark(journal.marks[NEW_INVENTORY]),
        },
        "replace": [
            {
                "file": row.file,
                "from": row.new_name,
                "old": row.old,
                "new": row.new,
                "mark": _format_mark(journal.marks[row.new_name]),
            }
            for row in journal.replaces
        ],
        "remove": [{"file": row.file, "old": row.old} for row in journal.removes],
    }
    return json.dumps(data, indent=1) + "\n"


def _format_mark(mark: Mark) -> dict[str, int]:
    return {"device": mark.device, "inode": mark.inode, "modified": mark.modified}


def parse_mark(data: object) -> Mark:
    """Return what a file was where it was written.

    Raises:
        DamagedError: it is not what grayc writes.
    """
    match data:
        case {"device": int(device), "inode": int(inode), "modified": int(modified)}:
            return Mark(device=device, inode=inode, modified=modified)
        case _:
            raise DamagedError("a mark is not what grayc writes")


def read_journal(folder: Folder) -> Journal | None:
    """Return the journal that a folder holds, None where there is none. Whether it is believed is `left`'s to say.

    Raises:
        DamagedError: it is not what grayc writes; a name in it could lead anywhere.
        OSError: it cannot be read.
    """
    data = folder.read(JOURNAL, limit=MAX_BOOKKEEPING_BYTES)
    return None if data is None else parse_journal(data)


def parse_journal(data: bytes) -> Journal:
    """Return the journal that a text holds.

    Raises:
        DamagedError: it is not what grayc writes; a name in it could lead anywhere.
    """
    found = parse_bookkeeping(data, FORMAT)
    marks: dict[str, Mark] = {}
    match found:
        case {
            "owner": str(owner),
            "inventory": {"old": None | str() as before, "new": str(after), "mark": waiting},
            "replace": list(replaces),
            "remove": list(removes),
        } if is_owner(owner) and (before is None or is_digest(before)) and is_digest(after):
            marks[NEW_INVENTORY] = parse_mark(waiting)
        case _:
            raise DamagedError("`owner`, `inventory`, `replace` or `remove` is missing")
    journal = Journal(
        owner=owner,
        replaces=tuple(_replace(row, marks) for row in replaces),
        removes=tuple(_remove(row) for row in removes),
        before=before,
        after=after,
        marks=marks,
        own=parse_mark(found.get("mark")),
    )
    files = [*(row.file for row in journal.replaces), *(row.file for row in journal.removes)]
    if len(set(files)) < len(files):
        raise DamagedError("a file stands twice")
    return journal


def _replace(row: object, marks: dict[str, Mark]) -> Replace:
    match row:
        case {"file": str(file), "from": str(start), "old": None | str() as old, "new": str(new), "mark": mark} if (
            is_file_name(file)
            and _TEXT.fullmatch(start)
            and start not in marks
            and (old is None or is_digest(old))
            and is_digest(new)
        ):
            marks[start] = parse_mark(mark)
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
        OSError: it cannot be read.
    """
    data = folder.read(name, limit=MAX_BOOKKEEPING_BYTES)
    return None if data is None else parse_inventory(data)


def begin(folder: Folder, journal: Journal, texts: dict[str, bytes], inventory: Inventory) -> Journal:
    """Put all new texts and the journal on the disk; nothing that anyone reads has changed until the journal stands.

    Args:
        journal: what is to be done.
        texts: file name → new text, one for each row of `replaces`.
    Returns:
        The journal with what only this folder has.
    Raises:
        OSError: the folder is as it was before.
    """
    made: list[str] = []
    marks: dict[str, Mark] = {}
    listed = format_inventory(inventory).encode()
    remember(listed, inventory)
    before = folder.digest(INVENTORY)

    def create(name: str, data: bytes) -> None:
        made.append(name)
        marks[name] = folder.create(name, data)

    try:
        for row in journal.replaces:
            create(row.new_name, texts[row.file])
        create(NEW_INVENTORY, listed)
        written = replace(journal, before=before, after=digest([listed]), marks=marks)
        made.append(NEW_JOURNAL)
        folder.create_marked(NEW_JOURNAL, lambda own: format_journal(written, own).encode())
        folder.sync()
        folder.rename(NEW_JOURNAL, JOURNAL)
    except BaseException:
        _forget(folder, made)
        raise
    folder.sync()
    return written


def _forget(folder: Folder, names: list[str]) -> None:
    for name in reversed(names):
        try:
            folder.remove(name)
        except OSError:
            # The first error is the one to tell; the next run removes what is left.
            return


def finish(folder: Folder, journal: Journal) -> Finished:
    """Do what a journal says, or what is left of it. Files that someone changed meanwhile stay as they are.

    New before old: at no instant is a file missing that stays.

    Raises:
        DamagedError: a new text is not the one the journal names.
        OSError: what is left to do stays in the journal.
    """
    written: list[str] = []
    left: list[str] = []
    for row in journal.replaces:
        done = _put(folder, row)
        if done is not None:
            (written if done else left).append(row.file)
    folder.sync()
    removed: list[str] = []
    for gone in journal.removes:
        found = folder.digest(gone.file)
        if found == gone.old:
            folder.remove(gone.file)
            removed.append(gone.file)
        elif found is not None:
            left.append(gone.file)
    if folder.digest(NEW_INVENTORY) is not None:
        read_inventory(folder, NEW_INVENTORY)
        folder.rename(NEW_INVENTORY, INVENTORY)
    folder.sync()
    folder.remove(JOURNAL)
    folder.sync()
    return Finished(written=tuple(written), removed=tuple(removed), left=tuple(left))


def _put(folder: Folder, row: Replace) -> bool | None:
    """Tell whether a file took its new text; None where nothing was left to do."""
    waiting = folder.digest(row.new_name)
    if waiting is None:
        return None
    if waiting != row.new:
        raise DamagedError(f"`{row.new_name}` is not the text it names")
    found = folder.digest(row.file)
    if found not in (row.old, row.new):
        folder.remove(row.new_name)
        return False
    folder.rename(row.new_name, row.file)
    return True


def clear(folder: Folder, *, keep: str = "") -> None:
    """Remove what a run left that was killed before its journal stood, but for one name."""
    for name in folder.names():
        if name != keep and is_new(name) and folder.digest(name) != NOT_A_FILE:
            folder.remove(name)
