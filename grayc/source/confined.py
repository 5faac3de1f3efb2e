"""The way to a path of the command line, folder by folder: no link of a repository leads out of it.

What a repository holds is not trusted: a link in a pull request must not make grayc write elsewhere, and no link below
a repository is followed to a file that is written. Nor must one make it read elsewhere: a link on the way to input
leads to another place of the same repository, or nowhere. A link that stands outside every repository is the user's
own, and is followed like any.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from grayc.records import dataclass
from grayc.source.error import SourceError

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# As the kernel counts them. Source: path_resolution(7).
_MOST_LINKS = 40


class LinkError(Exception):
    """A link stands in the way.

    Attributes:
        link: where it stands.
    """

    def __init__(self, link: str) -> None:
        super().__init__(link)
        self.link = link


@dataclass(slots=True, kw_only=True)
class Place:
    """The folder that a path ends in, held open, and the last name.

    Attributes:
        folder: handle of the folder; `close` lets go of it.
        shown: path of the folder, links resolved.
        is_inside: the folder lies in a repository, so that a link of this name is not followed.
    """

    folder: int
    name: str
    shown: str
    is_inside: bool

    def status(self) -> os.stat_result | None:
        """Return what stands at the name, a link itself; None where nothing does."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self.folder)


def find_place(path: Path, near: Iterable[Path] = ()) -> Place:
    """Go to the folder of a path, and to the end of the links that the user may follow.

    A repository is a folder that holds `.git`, with all below it. So are the working folder and the folders `near`,
    which need not hold one.

    Raises:
        LinkError: a link stands in a repository.
        OSError: a folder is not there, or is none.
    """
    way = _Way(near)
    try:
        name = way.follow(path, follows=lambda: not way.is_inside)
        if name:
            return way.place(name)
    finally:
        way.close()
    raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def refuse_link_out(path: Path, allowed: Iterable[Path] = ()) -> None:
    """Refuse a file or folder of the command line that is read, where a link of a repository leads out of that.

    What counts as a repository stands at `find_place`. Whether anything is there is left open.

    Args:
        allowed: folders that may be read from, wherever they are. One behind such a link allows nothing.
    Raises:
        SourceError: GC150.
    """
    left = _left(path)
    if left is None:
        return
    link, end = left
    for folder in allowed:
        if _left(folder) is None and end.is_relative_to(os.path.realpath(folder)):
            return
    shown = path.as_posix()
    here = Path(os.path.realpath(Path.cwd()))
    at = link.relative_to(here).as_posix() if link.is_relative_to(here) else link.as_posix()
    what = "is" if at == shown else f"leads through `{at}`,"
    raise SourceError(
        "GC150",
        f"`{shown}` {what} a symbolic link out of the repository that it stands in",
        "name the place that it leads to",
    )


def _left(path: Path) -> tuple[Path, Path] | None:
    """Return the link by which a path leaves a repository for good, and where it ends; None where none does."""
    links, end = _followed(path)
    passed = [(root, link) for root, link in links if root is not None]
    if end is None:
        # Who reads it says what is wrong. What can be read at all has a way to it.
        end = Path(os.path.realpath(path)) if passed else Path(os.sep)
    return next(((link, end) for root, link in passed if not end.is_relative_to(root)), None)


def links_on(path: Path) -> tuple[Path, ...]:
    """Return the links that a path passes, each by the place where it stands; those as far as the way leads."""
    return tuple(link for _, link in _followed(path)[0])


def _followed(path: Path) -> tuple[list[tuple[Path | None, Path]], Path | None]:
    """Return the links on a way, each with the repository that it stands in, and where it ends; None for nowhere."""
    passed: list[tuple[Path | None, Path]] = []
    try:
        way = _Way(())

        def follows() -> bool:
            passed.append((way.root, Path(way.shown, way.at)))
            return True

        try:
            name = way.follow(path, follows=follows)
            return passed, Path(way.shown, name)
        finally:
            way.close()
    except (OSError, ValueError):
        return passed, None


def _status(folder: Path) -> os.stat_result | None:
    try:
        return folder.stat()
    except OSError:
        return None


def _parts(path: str) -> list[str]:
    return [part for part in Path(path).parts if part not in (os.sep, "//")]


class _Way:
    """Folders from the root to where we are, each held open.

    Attributes:
        at: the name that is looked at, in the folder where we are.
    """

    def __init__(self, near: Iterable[Path]) -> None:
        folders = (Path.cwd(), *near)
        self._roots = {(status.st_dev, status.st_ino) for status in map(_status, folders) if status is not None}
        self._handles: list[int] = []
        self._names: list[str] = []
        self._inside: list[bool] = []
        self.at = ""
        self.restart()

    @property
    def folder(self) -> int:
        return self._handles[-1]

    @property
    def shown(self) -> str:
        return str(Path(os.sep, *self._names))

    @property
    def is_inside(self) -> bool:
        return self._inside[-1]

    @property
    def root(self) -> Path | None:
        """The outermost repository that we are in."""
        return Path(os.sep, *self._names[: self._inside.index(True)]) if self.is_inside else None

    def follow(self, path: Path, *, follows: Callable[[], bool]) -> str:
        """Go to the folder in which a path ends, and return its name there, "" where it ends in a folder above.

        Args:
            follows: tells, where we are at a link, whether it is followed.
        Raises:
            LinkError: a link is not.
            OSError: a folder is not there, or is none.
        """
        left = [*reversed(_parts(str(Path.cwd() / path)))]
        links = 0
        while left:
            self.at = name = left.pop()
            if name == "..":
                self.up()
                continue
            status = self.status(name)
            if status is not None and stat.S_ISLNK(status.st_mode):
                if not follows():
                    raise LinkError(str(Path(self.shown, name)))
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
                to = os.readlink(name, dir_fd=self.folder)
                if to.startswith(os.sep):
                    self.restart()
                left += reversed(_parts(to))
            elif left:
                self.down(name)
            else:
                return name
        return ""

    def status(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def restart(self) -> None:
        self.close()
        self._handles = [os.open(os.sep, _FOLDER)]
        self._names, self._inside = [], [False]

    def up(self) -> None:
        if self._names:
            os.close(self._handles.pop())
            self._names.pop()
            self._inside.pop()

    def down(self, name: str) -> None:
        handle = os.open(name, _FOLDER, dir_fd=self.folder)
        self._handles.append(handle)
        status = os.fstat(handle)
        is_root = (status.st_dev, status.st_ino) in self._roots or self.status(".git") is not None
        self._inside.append(self._inside[-1] or is_root)
        self._names.append(name)

    def place(self, name: str) -> Place:
        return Place(folder=self._handles.pop(), name=name, shown=self.shown, is_inside=self._inside[-1])

    def close(self) -> None:
        for handle in self._handles:
            os.close(handle)
        self._handles = []
