"""A file that one run hands to a later one, and that the command line names: its content is believed.

So it must come from where the command line comes from, and not from a pull request. Leaves to others: what it means
(`cache.index`).
"""

import os
from pathlib import Path

from grayc.source.confined import links_on, refuse_link_out
from grayc.source.error import SourceError
from grayc.source.file import SourceFile
from grayc.source.git import NotKnownError, is_tracked
from grayc.source.limits import MAX_INDEX_BYTES
from grayc.source.read import read_named


def read_handed(path: Path) -> bytes:
    """Return what a file holds that no pull request brings along.

    Raises:
        SourceError: GC101, GC102, GC122, GC152, GC153. GC140: git tracks it, or cannot say. GC150: it lies behind a
            link that leads out of a repository.
    """
    shown = path.as_posix()
    refuse_link_out(path)
    data = read_named(SourceFile(name=shown, text=""), path, most=MAX_INDEX_BYTES)
    _refuse_tracked(path, shown)
    return data


def _refuse_tracked(path: Path, shown: str) -> None:
    # A link counts as well as what it leads to: who brings it along chooses that.
    for place in (*links_on(path), Path(os.path.realpath(path))):
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
