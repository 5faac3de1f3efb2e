"""Folders on the way to a file, held open: files of one folder are opened by one step each."""

import os
from types import TracebackType

FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
"""How a file is opened: a pipe would wait for its writer before anyone could see that it is one."""
FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_DIRECTORY


class Opened:
    """The way from a root to the folder of the file that was opened last.

    Files come in the order of their names, so that most have the folder of the one before.
    """

    def __init__(self) -> None:
        self._root = ""
        self._names: list[str] = []
        self._handles: list[int] = []

    def __enter__(self) -> "Opened":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, root: str, path: str) -> int:
        """Open a file folder by folder, following no link.

        A part that has become a link since it was resolved is refused: it could lead out of the root.

        Args:
            root: a folder, without links on the way to it.
            path: of the file, in that folder or below.
        Raises:
            OSError: it cannot be opened, or a part is a link.
        """
        if root != self._root or not self._handles:
            self.close()
            self._root, self._handles = root, [os.open(root, FOLDER)]
        *names, last = path[len(root) :].strip("/").split("/")
        kept = 0
        for name, known in zip(names, self._names, strict=False):
            if name != known:
                break
            kept += 1
        while len(self._names) > kept:
            os.close(self._handles.pop())
            self._names.pop()
        for name in names[kept:]:
            self._handles.append(os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=self._handles[-1]))
            self._names.append(name)
        return os.open(last or ".", FILE | os.O_NOFOLLOW, dir_fd=self._handles[-1])

    def close(self) -> None:
        """Let go of the folders."""
        for handle in self._handles:
            os.close(handle)
        self._root, self._names, self._handles = "", [], []


def root_among(roots: tuple[str, ...], path: str) -> str | None:
    """Return the folder that a path lies in, None where it is none of these.

    Compared part by part: `base-evil` is not inside `base`.
    """
    return next((root for root in roots if path == root or path.startswith(_below(root))), None)


def _below(root: str) -> str:
    return root if root.endswith(os.sep) else root + os.sep
