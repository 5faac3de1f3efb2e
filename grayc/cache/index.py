"""What a baseline's files hold, by the digest of their bytes, so that a file that has not changed is not read again.

A row is the objects of one file: for each, where its text starts and ends, and its data as JSON, which holds exactly
what Kubernetes reads. A row counts only for a file whose bytes have its digest, and for a grayc that reads as the one
did that made it. Whole objects are kept: their bodies are most of the bytes and little of the time, and every check may
look at them, as it does without an index.

An index is kept in the cache folder, or is a file that `grayc index` writes and `--index` names.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from grayc import __version__
from grayc.cache.place import opened

FOLDER = "baselines"
MOST_INDEXES = 8
HEAD = '{"format": "grayc.index/'
"""How an index begins, of whatever grayc."""
_FORMAT = "grayc.index/v2"
_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
"""Of what was read, in which nothing holds itself."""
_AT_ONCE = 1_000
"""Rows that are read together: the same keys stand in every object, and are one in memory then."""
_READERS = ("cache", "documents", "k8s", "source")


class Held(NamedTuple):
    """One object of a file.

    Attributes:
        position: of its document among those of the file.
        line: on which the document's text starts.
        start, end: of that text, in the text of the file with a line end behind it.
        root: path of the object in the document.
    """

    position: int
    line: int
    start: int
    end: int
    root: tuple[str | int, ...]
    data: dict[str, object]


class Index:
    """Rows by digest, as they were found; what is asked for is read, and what is added is kept."""

    def __init__(self, rows: Mapping[bytes, bytes] | None = None) -> None:
        self._rows = rows or {}
        self._used: dict[bytes, bytes] = {}
        self._has_new = False

    def find(self, digests: Iterable[bytes]) -> dict[bytes, tuple[Held, ...]]:
        """Return digest → objects, of those that are known."""
        known = [each for each in dict.fromkeys(digests) if each in self._rows]
        found: dict[bytes, tuple[Held, ...]] = {}
        for start in range(0, len(known), _AT_ONCE):
            part = known[start : start + _AT_ONCE]
            try:
                read = json.loads(b"[%s]" % b",".join(map(self._rows.__getitem__, part)))
                found.update((digest, tuple(map(_held, rows))) for digest, rows in zip(part, read, strict=True))
            except (ValueError, TypeError, RecursionError):
                return {}
        self._used.update((each, self._rows[each]) for each in known)
        return found

    def add(self, digest: bytes, objects: Iterable[Held]) -> None:
        """Keep what a file holds."""
        self._used[digest] = _ENCODER.encode(list(objects)).encode()
        self._has_new = True

    @property
    def is_worth_keeping(self) -> bool:
        """Tell whether something is known now that was not, or much of what was is of no use any more."""
        return self._has_new or 2 * len(self._used) < len(self._rows)

    def text(self) -> bytes:
        """Return the index as a file: a line for each file in use, below one that says of what grayc they are.

        All of it is ASCII.
        """
        lines = [b"%s %s\n" % (digest.hex().encode(), row) for digest, row in self._used.items()]
        rows = b"".join(lines)
        head = json.dumps({"format": _FORMAT, "grayc": reader(), "sha256": hashlib.sha256(rows).hexdigest()})
        return head.encode() + b"\n" + rows


def _held(row: object) -> Held:
    if not isinstance(row, list):
        raise TypeError("no object")
    position, line, start, end, root, data = row
    numbers = (position, line, start, end)
    if any(type(number) is not int for number in numbers) or not isinstance(root, list) or not isinstance(data, dict):
        raise TypeError("no object")
    if any(type(part) not in (int, str) for part in root):
        raise TypeError("no path")
    return Held(position, line, start, end, tuple(root), data)


class NoIndexError(ValueError):
    """It is no index, or is damaged."""


def parsed(text: bytes) -> Index | None:
    """Return an index from its file; None where it is one of a grayc that reads otherwise than this one.

    Raises:
        NoIndexError: it is none, or not as it was written.
    """
    head, _, rows = text.partition(b"\n")
    if not head.startswith(HEAD.encode()):
        raise NoIndexError
    try:
        said = json.loads(head)
        if (said["format"], said["grayc"]) != (_FORMAT, reader()):
            return None
        if said["sha256"] != hashlib.sha256(rows).hexdigest():
            raise NoIndexError
        lines = (line.partition(b" ") for line in rows.split(b"\n") if line)
        return Index({bytes.fromhex(digest.decode()): row for digest, _, row in lines})
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NoIndexError from None


@contextlib.contextmanager
def kept(folder: str) -> Iterator[Index]:
    """Hold the index of the baselines that releases in a folder have; what is new in it is kept.

    Args:
        folder: of a spec, without links.
    """
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()
    near = (os.getcwd(), folder)  # noqa: PTH109
    with opened(FOLDER, near, make=False) as cache:
        text = cache.read(name) if cache is not None else None
    index = None
    with contextlib.suppress(NoIndexError):
        index = parsed(text or b"")
    index = index or Index()
    del text
    yield index
    if index.is_worth_keeping:
        with contextlib.suppress(OSError), opened(FOLDER, near, make=True) as cache:
            if cache is not None:
                cache.write(name, index.text())
                cache.shorten(MOST_INDEXES)


def reader() -> str:
    """Return what tells a grayc that reads files as this one does: its version, and the text of what reads."""
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    whole = hashlib.sha256(__version__.encode())
    for package in _READERS:
        folder = f"{top}/{package}"
        for name in sorted(os.listdir(folder)):  # noqa: PTH208
            if name.endswith(".py"):
                with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
                    whole.update(b"%s\0%s\0" % (name.encode(), file.read()))
    return whole.hexdigest()
