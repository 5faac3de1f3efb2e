"""Read one file: inside the roots, regular, whole, UTF-8.

The content of a repository is not trusted: a symlink, a pipe or a `..` in a pull request must not make grayc read
what lies elsewhere, or wait for ever. Leaves to others: which files there are (`find`), what their text means
(`documents`).
"""

import errno
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from grayc.records import dataclass, replace
from grayc.source.error import SourceError
from grayc.source.file import SourceFile
from grayc.source.limits import MAX_FILE_BYTES, MAX_PATH_BYTES, MAX_TOTAL_BYTES
from grayc.source.opened import FILE, Opened, root_among
from grayc.source.seen import note, note_file, note_obstacle, note_way
from grayc.source.span import Span

_BOM = b"\xef\xbb\xbf"
_GIT_CRYPT = b"\0GITCRYPT\0"
"""How a file begins that git-crypt has encrypted; see `grayc.k8s.sealed`."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")
# C0, DEL and C1.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_FORMS = (
    ("~", "a home folder"),
    ("file:", "a URL"),
    ("git@", "a remote repository"),
    ("//", "a network path"),
    ("/", "an absolute path"),
)
"""How a path begins → what it is, first match."""
_BEGINNINGS = tuple(start for start, _ in _FORMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The folders that may be read from.

    Attributes:
        folder: the spec's folder; paths in the spec start here.
        allowed: further folders, from `--allow-root`.
        shown: the spec's folder as the user named it, "" for the working folder.
        most_bytes: what all files of a baseline may hold.
    """

    folder: Path
    allowed: tuple[Path, ...] = ()
    shown: str = ""
    most_bytes: int = MAX_TOTAL_BYTES

    def root_of(self, real: Path) -> Path | None:
        """Return the root, links resolved, that a resolved path lies in, or None.

        Compared part by part: `base-evil` is not inside `base`.
        """
        root = root_among(self.resolved(), str(real))
        return None if root is None else Path(root)

    def resolved(self) -> tuple[str, ...]:
        """Return where these folders are, links resolved."""
        return tuple(os.path.realpath(root) for root in (self.folder, *self.allowed))


def check_form(text: str) -> None:
    """Refuse a path or pattern that is not a plain relative one.

    Raises:
        SourceError: GC151.
    """
    if not text:
        raise SourceError("GC151", "a path is empty", "name a file, a folder or a glob; `.` is the spec's own folder")
    if text.startswith(_BEGINNINGS) or "://" in text:
        what = next((what for start, what in _FORMS if text.startswith(start)), "a URL")
        raise SourceError(
            "GC151",
            f"`{text}` is {what}",
            "write a path relative to the release spec; what lies elsewhere is fetched or rendered before grayc runs",
        )
    if "\\" in text:
        raise SourceError("GC151", f"`{text}` holds a backslash", "separate folders by `/`")
    _check_name(text)


def _check_name(text: str) -> None:
    if text.isascii() and text.isprintable() and len(text) <= MAX_PATH_BYTES:
        return
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise SourceError("GC151", f"the file name {text!a} is not UTF-8", "rename the file") from None
    if _CONTROL.search(text):
        raise SourceError("GC151", f"the file name {text!a} holds a control character", "rename the file")
    if size > MAX_PATH_BYTES:
        raise SourceError("GC151", f"the path `{text[:60]}…` is longer than {MAX_PATH_BYTES} bytes", "shorten it")


def read_source(path: Path, name: str, roots: Roots, *, is_input: bool = True) -> SourceFile:
    """Return the text of a file inside the roots.

    Args:
        path: where the file is; links in it are followed, but not out of the roots.
        name: what diagnostics call it, relative to the spec's folder.
        is_input: the run is made of it, and does not write over it; a file that is only looked at may be one that an
            earlier run wrote.
    Raises:
        SourceError: GC101, GC102, GC104, GC122, GC150, GC151, GC152, GC153.
    """
    source = SourceFile(name=name, text="", folder=roots.shown)
    return replace(source, text=decode(read_bytes(path, name, roots, is_input=is_input), source))


def read_bytes(path: Path, name: str, roots: Roots, *, is_input: bool = True) -> bytes:
    """Return what a file inside the roots holds, which need be no text.

    Args:
        path: as of `read_source`, and all else, too.
    Raises:
        SourceError: GC101, GC102, GC122, GC150, GC151, GC152, GC153.
    """
    check_form(name)
    source = SourceFile(name=name, text="", folder=roots.shown)
    note_way(str(path))
    real, root = locate(path, source.shown, roots)
    data = _read_handle(_open_below(root, real, source.shown), source, is_input=is_input)
    note_file(str(real), data)
    return data


class Reader:
    """Reads the files that a search found, each with few questions to the system."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._resolved = roots.resolved()
        self._opened = Opened()
        for root in (roots.folder, *roots.allowed):
            note_way(str(root))

    def read(self, path: str, name: str) -> tuple[SourceFile, bytes]:
        """Return the text of a file, and the digest of its bytes.

        Args:
            path: where the file is; the search came to it by no link, and whatever has become one since is refused.
            name: as of `read_source`.
        Raises:
            SourceError: as `read_source` does.
        """
        check_form(name)
        source = SourceFile(name=name, text="", folder=self._roots.shown)
        root = root_among(self._resolved, path)
        if root is None:
            raise _outside(source.shown)
        try:
            handle = self._opened.open(root, path)
        except OSError as error:
            raise unreadable(error, source.shown) from None
        data = _read_handle(handle, source)
        digest = note_file(path, data)
        return SourceFile(name=name, text=decode(data, source), folder=self._roots.shown), digest

    def close(self) -> None:
        """Let go of what is held open."""
        self._opened.close()


def read_file(path: Path) -> SourceFile:
    """Return the text of a file that the user named on the command line, wherever it is.

    Raises:
        SourceError: GC101, GC102, GC104, GC122, GC152, GC153.
    """
    source = SourceFile(name=path.as_posix(), text="")
    return replace(source, text=decode(read_named(source, path), source))


def read_named(source: SourceFile, path: Path, *, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a file that the user named on the command line.

    Args:
        source: what diagnostics call it.
        most: bytes that it may hold.
    Raises:
        SourceError: GC101, GC102, GC122, GC152, GC153.
    """
    try:
        handle = os.open(path, FILE)
    except (OSError, ValueError) as error:
        found = unreadable(error, source.name)
        if isinstance(error, FileNotFoundError):
            # No spec has anything to do with it.
            found = SourceError(found.code, found.message, "check the path; it starts at the folder where grayc runs")
        raise found from None
    data = _read_handle(handle, source, most=most)
    note_way(str(path))
    note_file(os.path.abspath(path), data)  # noqa: PTH100 - `..` behind a link is none that counts
    return data


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex, as `sha256sum` prints it.

    Raises:
        SourceError: GC101, GC102, GC122, GC152, GC153.
    """
    return hashlib.sha256(read_named(SourceFile(name=path.as_posix(), text=""), path)).hexdigest()


def read_stream(stream: BinaryIO, name: str) -> SourceFile:
    """Return all text of a pipe.

    Raises:
        SourceError: GC102, GC104, GC122.
    """
    source = SourceFile(name=name, text="")
    note_obstacle("a pipe")
    try:
        data = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise unreadable(error, name) from None
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(name)
    return replace(source, text=decode(data, source))


def locate(path: Path, shown: str, roots: Roots) -> tuple[Path, Path]:
    """Return the path without links, and the root it lies in.

    Whether it exists is left open, so that nothing can be learned about what lies outside.

    Raises:
        SourceError: GC150, GC151.
    """
    try:
        real = Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise unreadable(error, shown) from None
    root = roots.root_of(real)
    if root is None:
        raise _outside(shown)
    return real, root


def _outside(shown: str) -> SourceError:
    return SourceError(
        "GC150",
        f"`{shown}` lies outside the folder of the release spec",
        "move it below the spec, or allow its folder with `--allow-root`",
    )


def _open_below(root: Path, real: Path, shown: str) -> int:
    with Opened() as opened:
        try:
            return opened.open(str(root), str(real))
        except OSError as error:
            raise unreadable(error, shown) from None


def _read_handle(handle: int, source: SourceFile, *, is_input: bool = True, most: int = MAX_FILE_BYTES) -> bytes:
    """Return what an open file holds, and close it.

    Args:
        source: what diagnostics call it.
        is_input: as of `read_source`.
        most: bytes that it may hold.
    Raises:
        SourceError: GC102, GC122, GC152, GC153.
    """
    try:
        before = os.fstat(handle)
        if is_input:
            note(before)
        if not stat.S_ISREG(before.st_mode):
            raise SourceError(
                "GC152", f"`{source.shown}` is {_kind(before.st_mode)}, not a regular file", _kind_help(before.st_mode)
            )
        if before.st_size > most:
            raise _too_large(source.shown, most)
        data = _read_all(handle, before.st_size, most)
        after = os.fstat(handle)
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if not same or len(data) != after.st_size:
            raise SourceError(
                "GC153", f"`{source.shown}` changed while it was read", "run again when nothing writes to it"
            )
    except SourceError:
        # Some pass over a file that cannot be read. It has no digest, so nobody could tell when it becomes another.
        note_obstacle(_UNREAD)
        raise
    except OSError as error:
        raise unreadable(error, source.shown) from None
    finally:
        os.close(handle)
    return data


_UNREAD = "something cannot be read"


def _read_all(handle: int, size: int, most: int) -> bytes:
    """Read to the end, or one byte past the limit; a file has most likely the size that it had."""
    parts = []
    left = most + 1
    # Of a larger buffer the system gives and takes back the pages for each file.
    step = min(size + 1, 1 << 20)
    while left > 0 and (part := os.read(handle, min(left, step))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def decode(data: bytes, source: SourceFile) -> str:
    """Decode UTF-8, without the byte order mark at the start; one further on is the reader's finding."""
    body = data.removeprefix(_BOM)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        head = body[: error.start].decode()
        line = head.count("\n") + 1
        column = len(head) - (head.rfind("\n") + 1) + 1
        text = replace(source, text=body.decode(errors="replace"))
        what = "UTF-16" if data.startswith(_WIDE) else "not UTF-8"
        is_locked = data.startswith(_GIT_CRYPT)
        raise SourceError(
            "GC104",
            f"`{source.shown}` is encrypted (git-crypt)"
            if is_locked
            else f"`{source.shown}` is {what}: byte 0x{body[error.start]:02x} at line {line}, column {column}",
            "run `git-crypt unlock` where you build, or leave the file out of the baseline: its Secrets are shared"
            if is_locked
            else "save it as UTF-8",
            # What the line holds is not known yet, and it may be a Secret's.
            span=Span(source=text, line=line, column=column, sensitive=True),
        ) from None


def _too_large(shown: str, most: int = MAX_FILE_BYTES) -> SourceError:
    return SourceError(
        "GC122",
        f"`{shown}` is larger than {most // (1024 * 1024)} MiB",
        "split it, or leave it out of the baseline",
    )


def unreadable(error: OSError | ValueError, shown: str) -> SourceError:
    """Return what an error of the operating system means for the user."""
    note_obstacle(_UNREAD)
    match error:
        case OSError(errno=errno.ENOENT):
            return SourceError(
                "GC101", f"`{shown}` does not exist", "check the path; in a release spec it is relative to the spec"
            )
        case OSError(errno=errno.ENOTDIR | errno.ELOOP):
            return SourceError(
                "GC102", f"`{shown}` cannot be followed: {error.strerror}", "check the links and folders on the way"
            )
        case OSError(errno=errno.ENXIO):
            return SourceError(
                "GC152", f"`{shown}` is a socket or device, not a regular file", "name a file with manifests"
            )
        case OSError():
            return SourceError("GC102", f"cannot read `{shown}`: {error.strerror}", "check who may read it")
        case _:
            return SourceError("GC102", f"cannot read {shown!a}: {error}", "check the name")


def _kind(mode: int) -> str:
    for test, name in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return name
    return "something else"


def _kind_help(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "to read a pipe, give it as standard input, `-`"
    return "name a file with manifests"
