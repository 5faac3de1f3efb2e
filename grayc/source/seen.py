"""Which files this run has opened to read, by what the file system knows them by.

A name does not tell: another spelling, a link or a hard link leads to the same file. What writes asks here, so that no
run destroys its own input. `source` alone opens the user's files, and each one passes here.
"""

import os

_SEEN: set[tuple[int, int]] = set()


def note(status: os.stat_result) -> None:
    """Remember a file that is read."""
    _SEEN.add((status.st_dev, status.st_ino))


def was_read(status: os.stat_result) -> bool:
    """Tell whether a file was opened to be read since the run began."""
    return (status.st_dev, status.st_ino) in _SEEN


def forget_reads() -> None:
    """Forget the files of an earlier run in this process; their numbers may name other files by now."""
    _SEEN.clear()
