"""Write one file that a flag names: a report, a patch, a script, a first release.yaml.

All of them come through `write_file`, so that one place holds what a run may write over:

- below a repository no link is followed, neither the file nor a folder on its way (`confined`);
- a file that was read in this run is never written over, whatever name or hard link it is reached by;
- another file only where it is empty, or begins as what this flag writes;
- a device, a pipe and an open stream (`/dev/stdout`, `/dev/fd/3`) are written straight, and so is the summary of a
  step on GitHub, which is a file that everybody adds to.

A file is written beside its place and renamed, so that whoever looks sees the old one or the new one.
"""

import contextlib
import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.records import dataclass
from grayc.source import LinkError, Place, find_place, was_read

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file that a step on GitHub adds its summary to. Source: GitHub Docs, "Workflow commands"."""

HEAD_CHARACTERS = 1024
"""So much of a file tells what it is."""

_STREAM = re.compile(r"//?(?:dev|proc/self)/(?:fd/(\d{1,9})|(stdout)|(stderr))")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_THERE = os.O_WRONLY | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MODE, _SCRIPT_MODE = 0o666, 0o755
_ATTEMPTS = 100
# As file systems say that they have none.
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
# Where the folder may not be written to or the file is mounted by itself, the file alone can be.
_ONLY_THE_FILE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that a flag names.

    Attributes:
        path: as the user wrote it.
        what: the file, in words.
        flag: as the user wrote it, without the path.
        is_own: tells by its first characters, lines ended by LF, whether a file is one that this flag wrote; None
            where the file must not be there yet.
        is_script: it can be run.
    """

    path: Path
    what: str
    flag: str
    is_own: Callable[[str], bool] | None
    is_script: bool = False

    @property
    def shown(self) -> str:
        """The path, as findings have it."""
        return self.path.as_posix()

    @property
    def word(self) -> str:
        """Flag and path, as the user wrote them."""
        return f"{self.flag}{'' if self.flag.endswith('=') else ' '}{self.shown}"

    @property
    def form(self) -> str:
        """The flag, as help names it."""
        return f"{self.flag}FILE" if self.flag.endswith("=") else self.flag


def refuse_files(
    wanted: Sequence[Wanted], *, near: Iterable[Path] = (), out: Path | None = None
) -> list[tuple[Wanted, Diagnostic]]:
    """Return which files would not be written, and why; nothing is changed. It is asked before a run changes anything.

    Args:
        near: folders that count as repositories, with or without `.git`: where the specs are.
        out: the output folder, which is applied as a whole and holds nothing else.
    Diagnostics: as `write_file`, and
        GC702: two flags name one file, or one names a file in the output folder.
    """
    near = tuple(near)
    found: list[tuple[Wanted, Diagnostic]] = []
    taken: dict[object, Wanted] = {}
    for each in wanted:
        # A folder that holds the input is refused as an output folder, and that is the word to say.
        if out is not None and _is_in(each.path, out) and not any(_is_in(home, out) for home in (Path.cwd(), *near)):
            found.append((each, _in_output(each, out)))
            continue
        refused, keys = _look(each, near)
        if refused is not None:
            found.append((each, refused))
            continue
        other = next((taken[key] for key in keys if key in taken), None)
        if other is not None:
            found.append((each, _named_twice(other, each)))
            continue
        taken |= dict.fromkeys(keys, each)
    return found


def write_file(wanted: Wanted, text: str, *, near: Iterable[Path] = ()) -> Checked[Path]:
    """Write a file that a flag names.

    Args:
        near: as `refuse_files` takes it.
    Diagnostics:
        GC602: it cannot be written.
        GC610: a file is there that this flag does not write.
        GC611: a link stands in the way.
        GC612: the file was read in this run.
    """
    try:
        stream = _stream_of(str(wanted.path))
        if stream is not None:
            _write_stream(stream, text)
            return Checked(value=wanted.path)
        place = find_place(wanted.path, near)
        try:
            refused = _refuse(wanted, place)
            if refused is None:
                _write(wanted, place, text.encode(errors="backslashreplace"))
        finally:
            place.close()
    except LinkError as error:
        refused = _linked(wanted, error.link)
    except (OSError, ValueError) as error:
        refused = _unwritable(wanted, error)
    return Checked(value=wanted.path) if refused is None else Checked(value=None, diagnostics=(refused,))


def _look(wanted: Wanted, near: Iterable[Path]) -> tuple[Diagnostic | None, list[object]]:
    """Return why a file would not be written, and by what it is known: no stream and no device is known by anything."""
    try:
        if _stream_of(str(wanted.path)) is not None:
            return None, []
        place = find_place(wanted.path, near)
        try:
            status = place.status()
            refused = _refuse(wanted, place)
            folder = os.fstat(place.folder)
        finally:
            place.close()
    except LinkError as error:
        return _linked(wanted, error.link), []
    except (OSError, ValueError) as error:
        return _unwritable(wanted, error), []
    if status is not None and not stat.S_ISREG(status.st_mode):
        return refused, []
    keys: list[object] = [(folder.st_dev, folder.st_ino, place.name)]
    return refused, keys if status is None else [*keys, (status.st_dev, status.st_ino)]


def _refuse(wanted: Wanted, place: Place) -> Diagnostic | None:
    """Return why what stands at a place is not written over."""
    status = place.status()
    if status is None:
        return None
    if stat.S_ISDIR(status.st_mode):
        return _unwritable(wanted, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if wanted.is_own is None:
        return Diagnostic(
            code="GC610",
            message=f"`{wanted.shown}` is there already",
            help=f"choose another file with `{wanted.flag}`, or `{wanted.flag} -` to look first",
        )
    if not stat.S_ISREG(status.st_mode):
        return None
    if was_read(status):
        return Diagnostic(
            code="GC612",
            message=f"`{wanted.word}` would write over a file that this run reads",
            help=f"name a file of its own for the {wanted.what}",
        )
    if status.st_size and not _is_summary(status) and not wanted.is_own(_head(place)):
        return Diagnostic(
            code="GC610",
            message=f"`{wanted.shown}` is there already, and it is no {wanted.what} that grayc wrote",
            help=f"choose another file with `{wanted.form}`, or move that one away",
        )
    return None


def _head(place: Place) -> str:
    handle = os.open(place.name, _READ, dir_fd=place.folder)
    try:
        data = os.read(handle, HEAD_CHARACTERS)
    finally:
        os.close(handle)
    return data.decode(errors="replace").replace("\r\n", "\n")


def _is_summary(status: os.stat_result) -> bool:
    """Tell whether a file is the summary of the step that runs."""
    path = os.environ.get(SUMMARY_VARIABLE, "")
    if not path:
        return False
    try:
        summary = Path(path).stat()
    except (OSError, ValueError):
        return False
    return (summary.st_dev, summary.st_ino) == (status.st_dev, status.st_ino)


def _is_in(path: Path, out: Path) -> bool:
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(out))
    except (OSError, ValueError):
        return False


def _named_twice(first: Wanted, second: Wanted) -> Diagnostic:
    return Diagnostic(
        code="GC702",
        message=f"`{first.word}` and `{second.word}` name one file",
        help="give each a file of its own",
    )


def _in_output(wanted: Wanted, out: Path) -> Diagnostic:
    return Diagnostic(
        code="GC702",
        message=f"`{wanted.shown}` stands in the output folder `{out.as_posix()}`, which is applied as a whole",
        help=f"write the {wanted.what} elsewhere, such as beside the baseline",
    )


def _linked(wanted: Wanted, link: str) -> Diagnostic:
    here = Path(os.path.realpath(Path.cwd()))
    shown = Path(link).relative_to(here).as_posix() if Path(link).is_relative_to(here) else link
    what = "is" if shown == wanted.path.as_posix() else f"leads through `{shown}`,"
    return Diagnostic(
        code="GC611",
        message=f"`{wanted.word}` {what} a symbolic link, which is not followed when writing",
        help="name the place that it leads to, or another file",
    )


def _unwritable(wanted: Wanted, error: OSError | ValueError) -> Diagnostic:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Diagnostic(
        code="GC602",
        message=f"cannot write the {wanted.what} {_quoted(wanted.shown)}: {reason}",
        help=f"choose another place with `{wanted.form}`",
    )


def _quoted(path: str) -> str:
    return f"`{path}`" if path.isprintable() else f"{path!a}"


def _stream_of(path: str) -> int | None:
    """Return the open file that a path names, None where it names none.

    What is opened anew by such a path begins at the start of the file that the user sent the stream to.
    """
    named = _STREAM.fullmatch(os.path.normpath(Path.cwd() / path))
    if named is None:
        return None
    number, out, _ = named.groups()
    return int(number) if number else (1 if out else 2)


def _write_stream(stream: int, text: str) -> None:
    for each in (sys.stdout, sys.stderr):
        with contextlib.suppress(ValueError):
            each.flush()
    _write_all(stream, text.encode(errors="backslashreplace"))


def _write(wanted: Wanted, place: Place, data: bytes) -> None:
    status = place.status()
    if status is not None and (not stat.S_ISREG(status.st_mode) or _is_summary(status)):
        _write_there(place, data, os.O_APPEND)
    else:
        _replace(wanted, place, data, status)


def _write_there(place: Place, data: bytes, how: int) -> None:
    handle = os.open(place.name, _THERE | how, dir_fd=place.folder)
    try:
        _write_all(handle, data)
    finally:
        os.close(handle)


def _replace(wanted: Wanted, place: Place, data: bytes, old: os.stat_result | None) -> None:
    try:
        name, handle = _new(place)
    except OSError as error:
        if old is None or old.st_nlink > 1 or error.errno not in _ONLY_THE_FILE:
            raise
        _write_there(place, data, os.O_TRUNC)
        return
    try:
        try:
            if wanted.is_script:
                os.fchmod(handle, _SCRIPT_MODE)
            elif old is not None:
                with contextlib.suppress(PermissionError):
                    os.fchown(handle, old.st_uid, old.st_gid)
                os.fchmod(handle, stat.S_IMODE(old.st_mode))
            _write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        if wanted.is_own is None:
            _put_new(place, name, data)
        else:
            _put(place, name, data, old)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=place.folder)
        raise


def _put_new(place: Place, name: str, data: bytes) -> None:
    """Put a new file where none may be."""
    try:
        # Unlike a rename, a link is not made over what came meanwhile.
        os.link(name, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _put(place, name, data, None)
    else:
        os.unlink(name, dir_fd=place.folder)


def _put(place: Place, name: str, data: bytes, old: os.stat_result | None) -> None:
    """Put the new file in its place, as long as that holds what was looked at."""
    now = place.status()
    if _identity(now) != _identity(old):
        raise OSError(errno.EBUSY, "it changed while grayc worked")
    try:
        os.rename(name, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except OSError as error:
        if old is None or old.st_nlink > 1 or error.errno not in _ONLY_THE_FILE:
            raise
        _write_there(place, data, os.O_TRUNC)
        os.unlink(name, dir_fd=place.folder)


def _identity(status: os.stat_result | None) -> tuple[int, ...] | None:
    # The number of a file that went is given to the next one.
    if status is None:
        return None
    return (status.st_dev, status.st_ino, status.st_mode, status.st_size, status.st_ctime_ns)


def _new(place: Place) -> tuple[str, int]:
    """Make a file beside the place, of a name that nobody has."""
    for attempt in range(_ATTEMPTS):
        name = f".grayc-{os.getpid()}-{attempt}"
        with contextlib.suppress(FileExistsError):
            return name, os.open(name, _NEW, _MODE, dir_fd=place.folder)
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


SCRIPT_MARK = "# written by grayc"
"""Second line of every script that grayc writes; a file without it is somebody else's."""


def first_spec(path: Path) -> Wanted:
    """Return the file that `-o` names for a release.yaml, which must not be there yet."""
    return Wanted(path=path, what="release", flag="-o", is_own=None)


ADOPT_MARK = "Written by `grayc adopt`."
"""Ends the words at the top of the script of `grayc adopt`."""


def offline_script(path: Path) -> Wanted:
    """Return the file that `offline --script` names."""
    return Wanted(
        path=path,
        what="script",
        flag="--script",
        is_own=lambda head: SCRIPT_MARK in head.split("\n")[1:2],
        is_script=True,
    )


def apply_script(path: Path) -> Wanted:
    """Return the file that `build --script` names."""
    return offline_script(path)


def adopt_script(path: Path) -> Wanted:
    """Return the file that `adopt --script` names."""
    return Wanted(
        path=path,
        what="script",
        flag="--script",
        is_own=lambda head: any(line.startswith("#") and line.endswith(ADOPT_MARK) for line in head.split("\n")[1:5]),
    )
