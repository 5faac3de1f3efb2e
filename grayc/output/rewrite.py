"""Write new texts over files of the user, wherever they are: all of them, or none.

Every new text is on the disk beside its file before the first file changes, and then each takes its place at once. An
error on the way puts back what was changed already. A kill between two files leaves each of them whole, old or new: who
runs the command again gets the others.
"""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.output.folder import Folder, LockedError
from grayc.records import dataclass

_BOM = b"\xef\xbb\xbf"
_NEW = re.compile(r"\.grayc-edit-[0-9]+", re.ASCII)
_LIMIT = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A file and its texts, both without a byte order mark at the start; one that is there stays.

    Attributes:
        path: without links on the way, so that a link goes on leading to the file.
        shown: what diagnostics call it.
        old: the text it was read with.
    """

    path: Path
    shown: str
    old: str
    new: str


class _ChangedError(Exception):
    """A file is not what it was when it was read."""


def rewrite_files(rewrites: Sequence[Rewrite]) -> Checked[tuple[str, ...]]:
    """Write all new texts and return the files' names. Permissions and owner stay.

    Diagnostics:
        GC153: a file has changed since it was read.
        GC602: a file cannot be written; all are as they were, or the message names those that are not.
        GC605: another run does not leave a folder.
    """
    try:
        with _folders(rewrites) as folders:
            _write(rewrites, folders)
    except _ChangedError as changed:
        return _failed("GC153", f"`{changed}` changed while grayc worked", "run again when nothing else writes to it")
    except LockedError:
        return _failed("GC605", "another run is writing to the same folder", "wait for it to end, then run again")
    except _TornError as torn:
        return _failed("GC602", str(torn), "take the files that are named back from version control, then run again")
    except OSError as error:
        where = f" at `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
        return _failed(
            "GC602",
            f"cannot write the files: {error.strerror or error}{where}",
            "all files are as they were; make room or grant access, then run again",
        )
    return Checked(value=tuple(item.shown for item in rewrites))


class _TornError(Exception):
    """A file could neither be written nor others be put back."""


def _failed(code: str, message: str, help_: str) -> Checked[tuple[str, ...]]:
    return Checked(value=None, diagnostics=(Diagnostic(code=code, message=message, help=help_),))


@contextlib.contextmanager
def _folders(rewrites: Sequence[Rewrite]) -> Iterator[dict[Path, Folder]]:
    """Open and lock the folder of every file, in one order for all runs."""
    with contextlib.ExitStack() as stack:
        folders = {}
        for path in sorted({item.path.parent for item in rewrites}):
            folder = stack.enter_context(Folder(path))
            folder.lock()
            for name in folder.names():
                # What a killed run left; no file goes by such a name.
                if _NEW.fullmatch(name):
                    folder.remove(name)
            folders[path] = folder
        yield folders


def _write(rewrites: Sequence[Rewrite], folders: dict[Path, Folder]) -> None:
    staged: list[tuple[Folder, str]] = []
    done: list[tuple[Folder, str, bytes]] = []
    try:
        olds = []
        for at, item in enumerate(rewrites):
            folder, name = folders[item.path.parent], f".grayc-edit-{at}"
            old = folder.read(item.path.name, limit=_LIMIT)
            if old is None or old.removeprefix(_BOM) != item.old.encode():
                raise _ChangedError(item.shown)
            mark = _BOM if old.startswith(_BOM) else b""
            staged.append((folder, name))
            with _named(item):
                folder.create(name, mark + item.new.encode(), like=item.path.name)
            olds.append(old)
        for folder in folders.values():
            folder.sync()
        for item, old, (folder, name) in zip(rewrites, olds, staged, strict=True):
            with _named(item):
                folder.rename(name, item.path.name)
            done.append((folder, item.path.name, old))
        for folder in folders.values():
            folder.sync()
    except BaseException as error:
        _put_back(done, error)
        for folder, name in staged:
            with contextlib.suppress(OSError):
                folder.remove(name)
        raise


@contextlib.contextmanager
def _named(item: Rewrite) -> Iterator[None]:
    """Let an error name the user's file, not the one beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, item.shown) from error


def _put_back(done: list[tuple[Folder, str, bytes]], error: BaseException) -> None:
    """Give files their old texts again."""
    left = []
    for folder, name, old in reversed(done):
        try:
            folder.remove(".grayc-edit-0")
            folder.create(".grayc-edit-0", old, like=name)
            folder.rename(".grayc-edit-0", name)
        except OSError:
            left.append(name)
    if left:
        raise _TornError(
            f"cannot write all files, and {', '.join(f'`{name}`' for name in left)} stay changed"
        ) from error
