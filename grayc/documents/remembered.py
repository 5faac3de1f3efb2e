"""Files that an earlier run has read, by the digest of their bytes: the same objects, without reading them again.

Only what reads without a finding is remembered, so whoever has something to say says it every time. A test holds that
what is remembered is what reading gives.
"""

import posixpath
from collections.abc import Sequence

from grayc import cache
from grayc.cache.index import Held, kept
from grayc.diagnostics import Checked
from grayc.documents.chunk import Chunk
from grayc.documents.model import Document
from grayc.documents.split import LINE_ENDS
from grayc.k8s.client_files import CLIENT_FILE_NAMES
from grayc.records import dataclass
from grayc.source import Roots, SourceFile

FEWEST_FILES = 200
"""Fewer are read in less time than it takes to make sure that an index is of this grayc."""

_SPECIAL = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization", *CLIENT_FILE_NAMES})
"""Names of files that count beside what is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """A file that was read.

    Attributes:
        digest: of its bytes.
        searched: it was come across, and what is no manifest in it is left out.
    """

    source: SourceFile
    digest: bytes
    searched: bool

    @property
    def key(self) -> bytes:
        """What its objects follow from."""
        return self.digest + bytes([self.searched])


def is_remembered(files: Sequence[Digested]) -> bool:
    """Tell whether to ask what earlier runs have read."""
    return cache.is_on and len(files) >= FEWEST_FILES


class Remembered:
    """What earlier runs know of some files, and what this one adds to it."""

    def __init__(self, files: Sequence[Digested], roots: Roots) -> None:
        self._holder = kept(roots.resolved()[0])
        self._index = self._holder.__enter__()
        self._keys = {id(each.source): each.key for each in files if is_plain(each.source)}
        self._found = self._index.find(self._keys.values())

    def get(self, source: SourceFile) -> Checked[tuple[Document, ...]] | None:
        """Return the objects of a file as reading gives them; None where they are not known."""
        key = self._keys.get(id(source))
        held = self._found.get(key) if key is not None else None
        return None if held is None else Checked(value=documents_of(source, held))

    def add(self, source: SourceFile, parsed: Checked[tuple[Document, ...]]) -> None:
        """Keep what reading gave."""
        key = self._keys.get(id(source))
        held = held_of(source, parsed) if key is not None else None
        if key is not None and held is not None:
            self._index.add(key, held)

    def close(self) -> None:
        """Write what is new."""
        self._holder.__exit__(None, None, None)


def is_plain(source: SourceFile) -> bool:
    """Tell whether what a file holds follows from its bytes alone."""
    is_told = source.is_secret or source.origin or source.name.startswith("<")
    return not is_told and posixpath.basename(source.name) not in _SPECIAL


def held_of(source: SourceFile, parsed: Checked[tuple[Document, ...]]) -> tuple[Held, ...] | None:
    """Return what is kept of a file's objects; None where there is something to say of them."""
    if parsed.value is None or parsed.diagnostics:
        return None
    text = _with_end(source)
    found = []
    start = 0
    for document in parsed.value:
        chunk = document.chunk
        start = text.find(chunk.text, start)
        if start < 0:
            # The columns of a JSON value among others are filled up.
            return None
        end = start + len(chunk.text)
        found.append(Held(chunk.index, chunk.line, start, end, document.root, document.data))
    return tuple(found)


def documents_of(source: SourceFile, held: Sequence[Held]) -> tuple[Document, ...]:
    """Return the objects of a file from what is kept of them."""
    text = _with_end(source)
    made: list[Document] = []
    chunk = None
    for each in held:
        # Items of one list share their text.
        if chunk is None or chunk.index != each.position:
            chunk = Chunk(source=source, index=each.position, line=each.line, text=text[each.start : each.end])
        made.append(Document(data=each.data, chunk=chunk, root=each.root))
    return tuple(made)


def _with_end(source: SourceFile) -> str:
    return source.text if source.text.endswith(LINE_ENDS) else source.text + "\n"
