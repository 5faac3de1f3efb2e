"""An index of a baseline, for jobs that are handed it: what `grayc index` writes and `--index` names."""

import os
from pathlib import Path

from grayc.cache.index import HEAD
from grayc.diagnostics import Checked
from grayc.documents.load import read_files
from grayc.documents.remembered import index_of
from grayc.driver.request import STDIN, refuse_links_out
from grayc.output.create import Wanted, write_file
from grayc.records import dataclass
from grayc.source import Roots


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indexed:
    """An index that was made.

    Attributes:
        text: the whole of it.
        path: where it was written; None for nowhere.
        files: how many files have a row.
        left: how many have none, and are read every time.
    """

    text: str
    path: Path | None
    files: int
    left: int


def make_index(path: Path, out: str, *, most_bytes: int) -> Checked[Indexed]:
    """Read a baseline once for all runs that are handed its index, and write that.

    Args:
        path: a folder with manifests in it and below, or one file.
        out: the file to write, `-` for none.
        most_bytes: what all files may hold.
    Diagnostics:
        GC101 to GC104, GC122, GC125, GC150 to GC153: the baseline cannot be read.
        GC602, GC610 to GC612: the index cannot be written.
    """
    refused = refuse_links_out((path,))
    if refused:
        return Checked(value=None, diagnostics=refused)
    folder, pattern = (path, ".") if path.is_dir() else (path.parent, path.name)
    read = read_files(pattern, Roots(folder=folder, shown=_shown(folder), most_bytes=most_bytes))
    if read.value is None:
        return Checked(value=None, diagnostics=read.diagnostics)
    index, left = index_of(read.value)
    made = Indexed(
        text=index.text().decode(),
        path=None if out == STDIN else Path(out),
        files=len(read.value) - left,
        left=left,
    )
    if made.path is None:
        return Checked(value=made, diagnostics=read.diagnostics)
    wanted = Wanted(path=made.path, what="index", flag="-o", is_own=lambda head: head.startswith(HEAD))
    written = write_file(wanted, made.text, near=(folder,))
    return Checked(value=made if written.value else None, diagnostics=(*read.diagnostics, *written.diagnostics))


def _shown(folder: Path) -> str:
    name = folder.as_posix()
    return "" if name == os.curdir else name
