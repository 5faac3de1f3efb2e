"""The way to a file that is written, folder by folder: below a repository no link on it is followed.

What a repository holds is not trusted: a link in a pull request must not make grayc write elsewhere. A link that stands
outside every repository is the user's own, and is followed like any.
"""

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
    roots = {(status.st_dev, status.st_ino) for status in map(_status, (Path.cwd(), *near)) if status is not None}
    left = [*reversed(_parts(str(Path.cwd() / path)))]
    way = _Way(roots)
    links = 0
    try:
        while left:
            name = left.pop()
            if name == "..":
                way.up()
                continue
            status = way.status(name)
            if status is not None and stat.S_ISLNK(status.st_mode):
                if way.is_inside:
                    raise LinkError(str(Path(way.shown, name)))
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
                to = os.readlink(name, dir_fd=way.folder)
                if to.startswith(os.sep):
                    way.restart()
                left += reversed(_parts(to))
            elif left:
                way.down(name)
            else:
                return way.place(name)
    finally:
        way.close()
    raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def _status(folder: Path) -> os.stat_result | None:
    try:
        return folder.stat()
    except OSError:
        return None


def _parts(path: str) -> list[str]:
    return [part for part in Path(path).parts if part not in (os.sep, "//")]


class _Way:
    """Folders from the root to where we are, each held open."""

    def __init__(self, roots: set[tuple[int, int]]) -> None:
        self._roots = roots
        self._handles: list[int] = []
        self._names: list[str] = []
        self._inside: list[bool] = []
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
