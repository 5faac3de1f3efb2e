"""The cache folder: the user's own, closed to others, and no part of what is compiled.

Its content is believed, so a repository must not be able to bring it along: what lies in the repository of the working
folder or of a spec is none. Without one that can be trusted nothing is kept and every run does its whole work.
"""

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_TO_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_LARGEST = 1 << 30


class Cache:
    """One folder of the cache, held open. What goes wrong is an `OSError`, which says that nothing is kept."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None where there is none that can be believed."""
        try:
            handle = os.open(name, _READ, dir_fd=self._handle)
        except OSError:
            return None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or not _is_own(status) or status.st_size > _LARGEST:
                return None
            with os.fdopen(handle, "rb", closefd=False) as file:
                return file.read()
        except OSError:
            return None
        finally:
            os.close(handle)

    def write(self, name: str, data: bytes) -> None:
        """Put a file there whole, in place of the one that has its name.

        Raises:
            OSError: it cannot be written.
        """
        begun = f".{name}.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(begun, dir_fd=self._handle)
        try:
            with os.fdopen(os.open(begun, _CREATE, 0o600, dir_fd=self._handle), "wb") as file:
                file.write(data)
            os.replace(begun, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(begun, dir_fd=self._handle)
            raise

    def shorten(self, most: int) -> None:
        """Take away the files that were written first, so that no more than some are left."""
        names = os.listdir(self._handle)  # noqa: PTH208 - of a handle, not of a path
        if len(names) <= most:
            return
        ages = []
        for name in names:
            with contextlib.suppress(OSError):
                ages.append((os.stat(name, dir_fd=self._handle, follow_symlinks=False).st_mtime_ns, name))
        for _, name in sorted(ages)[:-most]:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self._handle)


@contextlib.contextmanager
def opened(name: str, near: Iterable[str], *, make: bool) -> Iterator[Cache | None]:
    """Hold a folder of grayc's cache; None where there is none that can be believed.

    Args:
        name: of the folder in grayc's own.
        near: folders of what is compiled.
        make: it is made where it is missing.
    """
    handle = _open(name, near, make=make)
    try:
        yield None if handle is None else Cache(handle)
    finally:
        if handle is not None:
            os.close(handle)


def home() -> str:
    """Return where grayc's cache is; "" where nobody says. Source: XDG Base Directory Specification 0.8."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    if said.startswith("/"):
        return os.path.join(said, "grayc")  # noqa: PTH118 - before anything is imported
    own = os.environ.get("HOME", "")
    return os.path.join(own, ".cache", "grayc") if own.startswith("/") else ""  # noqa: PTH118


def _open(name: str, near: Iterable[str], *, make: bool) -> int | None:
    top = home()
    if not top or any(_holds(repository, os.path.realpath(top)) for repository in map(_repository, near)):
        return None
    handles: list[int] = []
    try:
        if make:
            os.makedirs(os.path.dirname(top), 0o700, exist_ok=True)  # noqa: PTH103, PTH120
            with contextlib.suppress(FileExistsError):
                os.mkdir(top, 0o700)  # noqa: PTH102
        handles.append(os.open(top, _FOLDER))
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=handles[0])
        handles.append(os.open(name, _FOLDER, dir_fd=handles[0]))
        if all(_is_own(os.fstat(handle)) for handle in handles):
            return handles.pop()
    except OSError:
        pass
    finally:
        for handle in handles:
            os.close(handle)
    return None


def _is_own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & _OPEN_TO_OTHERS


def _repository(folder: str) -> str:
    """Return the outermost folder with `.git` that a folder lies in, itself where there is none."""
    real = found = os.path.realpath(folder)
    above = real
    while True:
        if os.path.lexists(os.path.join(above, ".git")):  # noqa: PTH118
            found = above
        parent = os.path.dirname(above)  # noqa: PTH120
        if parent == above:
            return found
        above = parent


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)
