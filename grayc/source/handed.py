"""A file that one run hands to a later one, and that the command line names: its content is believed.

So it must come from where the command line comes from, and not from a pull request. Leaves to others: what it means
(`cache.index`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

from grayc.source.confined import refuse_link_out
from grayc.source.error import SourceError
from grayc.source.file import SourceFile
from grayc.source.git import NotKnownError, is_tracked
from grayc.source.limits import MAX_INDEX_BYTES
from grayc.source.opened import FILE
from grayc.source.read import read_handle, unreadable
from grayc.source.seen import note_file, note_way

_MOST_PARTS = 4_000
"""Parts of a path that are looked at, with those of its links: more than any system follows."""


def read_handed(path: Path) -> bytes:
    """Return what a file holds that no pull request brings along.

    Raises:
        SourceError: GC101, GC102, GC122, GC152, GC153. GC140: git tracks it, or cannot say. GC150: it lies behind a
            link that leads out of a repository.
    """
    shown = path.as_posix()
    refuse_link_out(path)
    try:
        handle = os.open(path, FILE)
    except (OSError, ValueError) as error:
        raise unreadable(error, shown) from None
    data = read_handle(handle, SourceFile(name=shown, text=""), most=MAX_INDEX_BYTES)
    _refuse_tracked(path, shown)
    note_way(str(path))
    note_file(os.path.abspath(path), data)  # noqa: PTH100 - `..` behind a link is none that counts
    return data


def _refuse_tracked(path: Path, shown: str) -> None:
    # A link counts as well as what it leads to: who brings it along chooses that.
    for place in (*_links_on(path), Path(os.path.realpath(path))):
        try:
            if is_tracked(place):
                why = "is tracked by git"
                break
        except NotKnownError as error:
            why = f"lies in a repository, and nobody can tell whether git tracks it: {error}"
            break
    else:
        return
    raise SourceError(
        "GC140",
        f"`{shown}` {why}: a pull request could write what is believed of it",
        "let the job that builds write it with `grayc index`, to a place outside the repository",
    )


def _links_on(path: Path) -> Iterator[Path]:
    """Yield the links that a path passes, each by the place where it stands; one that leads nowhere ends it."""
    left = [*reversed(Path(os.path.abspath(os.curdir), path).parts)]  # noqa: PTH100 - `..` behind a link is none
    here = Path(left.pop())
    for _ in range(_MOST_PARTS):
        if not left:
            return
        part = left.pop()
        if part == os.pardir:
            here = here.parent
        elif (here / part).is_symlink():
            yield here / part
            target = Path(os.readlink(here / part))  # noqa: PTH115
            left += reversed(target.parts[1:] if target.is_absolute() else target.parts)
            here = Path(target.anchor) if target.is_absolute() else here
        else:
            here /= part
