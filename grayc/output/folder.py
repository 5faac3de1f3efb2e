"""The output folder as a handle: the few file system calls that writing needs, each on names right in it.

Every name is looked up in the folder that was opened and no link is followed, so nothing outside can be written or
removed, whatever happens to the path meanwhile.
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType

from grayc.records import dataclass

LOCK_ATTEMPTS = 200
LOCK_PAUSE_SECONDS = 0.05
"""Wait about ten seconds for another run. Attempts are counted, so that no clock is read."""

MAX_OUTPUT_BYTES = 256 * 1024 * 1024
"""Largest file of its own that grayc reads back, and the most that it writes in one run."""

NOT_A_FILE = "-"
"""In place of a digest: the name is taken by a folder, a link or a device, or by a file beyond all size."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o644
_CHUNK = 1 << 20
# More than any input can come to; a file of this size is not looked into.
_LARGEST = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a file is here and nowhere else: no checkout, archive or copy gives a file of its own all three again.

    Attributes:
        device: `st_dev`.
        inode: `st_ino`.
        modified: `st_mtime_ns`.
    """

    device: int
    inode: int
    modified: int


class LockedError(Exception):
    """Another run holds the folder."""


class Folder:
    """An open folder.

    A context manager; leaving it lets go of the lock too. All methods raise `OSError`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, _FOLDER)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    def lock(self, *, shared: bool = False) -> None:
        """Wait for the other runs to leave the folder.

        The folder itself is locked, so no lock file is left in it, and the lock of a killed run ends with it.

        Raises:
            LockedError: they did not leave in time.
        """
        import fcntl  # noqa: PLC0415 - the module is missing where no folder can be written this way

        how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
        for _ in range(LOCK_ATTEMPTS):
            try:
                fcntl.flock(self._handle, how)
            except BlockingIOError:
                import select  # noqa: PLC0415 - few runs wait for another

                select.select([], [], [], LOCK_PAUSE_SECONDS)
            else:
                return
        raise LockedError

    def is_at(self, path: Path) -> bool:
        """Tell whether a path still leads to this folder."""
        try:
            there = path.lstat()
        except FileNotFoundError:
            return False
        here = os.fstat(self._handle)
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)

    def names(self) -> tuple[str, ...]:
        """Return what is in the folder, by name."""
        return tuple(sorted(os.listdir(self._handle), key=os.fsencode))  # noqa: PTH208 - of a handle, not of a path

    def files(self) -> tuple[str, ...]:
        """Return what is in the folder and is no folder itself, a link to one included."""
        with os.scandir(self._handle) as entries:
            return tuple(entry.name for entry in entries if not entry.is_dir(follow_symlinks=False))

    def is_folder(self, name: str) -> bool:
        """Tell whether a name is a folder, not a link to one."""
        return stat.S_ISDIR(os.stat(name, dir_fd=self._handle, follow_symlinks=False).st_mode)

    def digest(self, name: str) -> str | None:
        """Return a file's digest, None where there is none, `NOT_A_FILE` for what grayc cannot have written."""
        with self._opened(name) as handle:
            if handle is None or isinstance(handle, str):
                return handle
            return NOT_A_FILE if os.fstat(handle).st_size > _LARGEST else digest(_chunks(handle))

    def read(self, name: str, *, limit: int) -> bytes | None:
        """Return a file's content, None where there is none.

        Raises:
            OSError: also where it is no regular file, or larger than `limit` bytes.
        """
        with self._opened(name) as handle:
            if handle is None:
                return None
            if isinstance(handle, str):
                raise OSError(errno.EINVAL, "not a regular file", name)
            if os.fstat(handle).st_size > limit:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), name)
            return b"".join(_chunks(handle))

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[int | str | None]:
        try:
            handle = os.open(name, _READ, dir_fd=self._handle)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            # A link, and a socket.
            if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
                yield NOT_A_FILE
                return
            raise
        try:
            yield handle if stat.S_ISREG(os.fstat(handle).st_mode) else NOT_A_FILE
        finally:
            os.close(handle)

    def place(self) -> tuple[int, int]:
        """Return the folder's own device and inode."""
        here = os.fstat(self._handle)
        return here.st_dev, here.st_ino

    def mark(self, name: str) -> Mark | None:
        """Return what a regular file is here; None where there is none."""
        with self._opened(name) as handle:
            return _mark(handle) if isinstance(handle, int) else None

    def create(self, name: str, data: bytes, *, like: str = "") -> Mark:
        """Write a new file, down to the disk, and return what it is here.

        It gets permissions and, where that is allowed, owner of the file `like`.
        """
        handle = os.open(name, _CREATE, _MODE, dir_fd=self._handle)
        try:
            if like:
                model = os.stat(like, dir_fd=self._handle, follow_symlinks=False)
                with contextlib.suppress(PermissionError):
                    os.fchown(handle, model.st_uid, model.st_gid)
                os.fchmod(handle, stat.S_IMODE(model.st_mode))
            _write_all(handle, data)
            os.fsync(handle)
            return _mark(handle)
        finally:
            os.close(handle)

    def create_marked(self, name: str, text: Callable[[Mark], bytes]) -> None:
        """Write a new file that says what it is here, down to the disk."""
        handle = os.open(name, _CREATE, _MODE, dir_fd=self._handle)
        try:
            mark = _mark(handle)
            _write_all(handle, text(mark))
            # Writing has moved the time of which the text speaks.
            os.utime(handle, ns=(mark.modified, mark.modified))
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, name: str, to: str) -> None:
        """Put a file in the place of another at once."""
        os.rename(name, to, src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._handle)

    def sync(self) -> None:
        """Bring names down to the disk."""
        try:
            os.fsync(self._handle)
        except OSError as error:
            # Some file systems do not sync folders: nothing more can be done there.
            if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
                raise


def digest(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of a text, CRLF counted as LF.

    A checkout may change line ends, and no manifest that grayc writes comes to mean another thing by it.
    """
    total = hashlib.sha256()
    held = b""
    for chunk in chunks:
        whole = held + chunk
        held = b"\r" if whole.endswith(b"\r") else b""
        total.update(whole.removesuffix(b"\r").replace(b"\r\n", b"\n") if held else whole.replace(b"\r\n", b"\n"))
    total.update(held)
    return total.hexdigest()


def _mark(handle: int) -> Mark:
    found = os.fstat(handle)
    return Mark(device=found.st_dev, inode=found.st_ino, modified=found.st_mtime_ns)


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def _chunks(handle: int) -> Iterator[bytes]:
    while chunk := os.read(handle, _CHUNK):
        yield chunk
