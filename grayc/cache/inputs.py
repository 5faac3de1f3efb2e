"""All that a run was given, and whether it is still as it was.

One list for all: files, folders that were looked through, ways that lead by no link, places where nothing is, and
folders that count with all that is in them: OUT, which holds the lanes that live beside those of a run, and what
`--lanes` names.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence

_LARGEST = 1 << 28
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_MANIFESTS = (".yaml", ".yml", ".json")
"""Whatever a build looks for in a folder ends so."""

Given = Mapping[str, Sequence[str]]
"""`folders`, `ways`, `absent`, `whole` → absolute paths."""


class ChangedError(Exception):
    """Something is not as it was, or cannot be asked."""


def check_ways(given: Given) -> None:
    """Make sure that the ways lead by no link, and that nothing is where nothing was.

    Raises:
        ChangedError: it is not so.
    """
    for way in given["ways"]:
        if os.path.realpath(way) != way:
            raise ChangedError(way)
    for path in given["absent"]:
        if os.path.lexists(path):
            raise ChangedError(path)


def check_content(given: Given, digests: Mapping[str, bytes]) -> None:
    """Make sure that files and folders hold what they held.

    What was written last is looked at first: after an edit one file is read, not all of them.

    Args:
        digests: of every file, and of the listing of every folder.
    Raises:
        ChangedError: one holds something else, or is something else.
        OSError: something cannot be read.
    """
    folders = frozenset(given["folders"])
    times = {path: os.stat(path, follow_symlinks=False).st_mtime_ns for path in digests}  # noqa: PTH116
    for path in sorted(digests, key=times.__getitem__, reverse=True):
        found = listing(path, given["whole"]) if path in folders else content(path)
        if found != digests[path]:
            raise ChangedError(path)


def seal(folders: Sequence[str]) -> str:
    """Return a digest of folders with all that is in them, which are files alone.

    Raises:
        ChangedError, OSError: as `check_content`.
    """
    whole = hashlib.sha256()
    for folder in folders:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
        whole.update(_row(folder, b"%d" % len(names)))
        for name in names:
            path = f"{folder}/{name}"
            whole.update(_row(path, content(path)))
    return whole.hexdigest()


def _row(path: str, digest: bytes) -> bytes:
    name = os.fsencode(path)
    return b"%d:%s%d:%s" % (len(name), name, len(digest), digest)


def listing(folder: str, apart: Iterable[str]) -> bytes:
    """Return a digest of what is in a folder: names, and which of them are folders or links.

    Args:
        apart: paths that count otherwise.
    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(folder) as entries:
        return listed(folder, entries, apart)


def listed(folder: str, entries: "Iterable[os.DirEntry[str]]", apart: Iterable[str]) -> bytes:
    """Return the digest of a folder's entries, in any order: folders, links, and what has the name of a manifest."""
    left_out = {os.path.basename(path) for path in apart if os.path.dirname(path) == folder}  # noqa: PTH119, PTH120
    rows = sorted(
        b"%s\0%d%d" % (os.fsencode(entry.name), entry.is_symlink(), entry.is_dir(follow_symlinks=False))
        for entry in entries
        if entry.name not in left_out
        and (entry.name.endswith(_MANIFESTS) or entry.is_dir(follow_symlinks=False) or entry.is_symlink())
    )
    return hashlib.sha256(b"\0".join(rows)).digest()


def content(path: str) -> bytes:
    """Return a digest of a file.

    Raises:
        ChangedError: it is no regular file.
        OSError: it cannot be read.
    """
    handle = os.open(path, _READ)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise ChangedError(path)
        data = os.read(handle, status.st_size + 1)
        if len(data) != status.st_size:
            # Large files come in parts.
            parts = [data]
            while part := os.read(handle, 1 << 20):
                parts.append(part)
            data = b"".join(parts)
        return hashlib.sha256(data).digest()
    finally:
        os.close(handle)
