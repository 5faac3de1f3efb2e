"""Which files this run has opened to read, by what the file system knows them by, and all else that it was given.

A name does not tell: another spelling, a link or a hard link leads to the same file. What writes asks here, so that no
run destroys its own input. `source` alone opens the user's files, and each one that a run is made of passes here.

All that a run is given passes here, too: whoever wants to know whether the same was given before asks for `given`. What
is not noted here (a pipe, a program that ran, a link that was followed) makes the run one that nobody can tell.
"""

import hashlib
import os
from collections.abc import Iterable

from grayc.cache.inputs import listed
from grayc.records import dataclass, field

_SEEN: set[tuple[int, int]] = set()


@dataclass(slots=True, kw_only=True)
class Given:
    """What a run was given; all paths are absolute and without links.

    Attributes:
        files: path → digest of its bytes.
        folders: path → digest of the names in it.
        ways: paths that lead by no link.
        absent: paths where nothing is.
        apart: output folders, which are no part of the folder that they stand in.
        obstacle: why nobody can tell what else there was; "" where there was nothing else.
        doing: what the run is busy with, for whoever waits for it; no part of what it was given.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    folders: dict[str, bytes] = field(default_factory=dict)
    ways: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    apart: tuple[str, ...] = ()
    obstacle: str = ""
    doing: str = ""


_GIVEN = Given()


def note(status: os.stat_result) -> None:
    """Remember a file that is read."""
    _SEEN.add((status.st_dev, status.st_ino))


def was_read(status: os.stat_result) -> bool:
    """Tell whether a file was opened to be read since the run began."""
    return (status.st_dev, status.st_ino) in _SEEN


def forget_reads() -> None:
    """Forget the files of an earlier run in this process; their numbers may name other files by now."""
    _SEEN.clear()
    _GIVEN.files.clear()
    _GIVEN.folders.clear()
    _GIVEN.ways.clear()
    _GIVEN.absent.clear()
    _GIVEN.apart = ()
    _GIVEN.obstacle = ""
    _GIVEN.doing = ""


def given() -> Given:
    """Return what this run was given so far."""
    return _GIVEN


def note_file(path: str, data: bytes) -> bytes:
    """Note what a file holds, and return its digest; one that holds something else than before nobody can tell."""
    digest = hashlib.sha256(data).digest()
    if _GIVEN.files.setdefault(path, digest) != digest:
        note_obstacle(f"{path} changed")
    return digest


def note_way(path: str) -> None:
    """Note a path by which something was found, or not found."""
    # As it is written: `..` behind a link leads elsewhere than without it.
    whole = os.path.abspath(path)  # noqa: PTH100
    if os.path.realpath(path) != whole:
        note_obstacle(f"{path} leads by a link")
    _GIVEN.ways.add(whole)


def note_absent(path: str) -> None:
    """Note that nothing is at a path."""
    _GIVEN.absent.add(os.path.abspath(path))  # noqa: PTH100


def note_folder(path: str, entries: "Iterable[os.DirEntry[str]]") -> None:
    """Note what is in a folder."""
    every = list(entries)
    if any(entry.is_symlink() for entry in every):
        note_obstacle(f"{path} holds a link")
    whole = os.path.abspath(path)  # noqa: PTH100
    digest = listed(whole, every, _GIVEN.apart)
    if _GIVEN.folders.setdefault(whole, digest) != digest:
        note_obstacle(f"{path} changed")


def note_obstacle(why: str) -> None:
    """Note that the run was given something that is not noted here."""
    _GIVEN.obstacle = _GIVEN.obstacle or why


def now(doing: str) -> None:
    """Say what the run is busy with from now on."""
    _GIVEN.doing = doing
