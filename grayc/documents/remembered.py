"""Files that an earlier run has read, by the digest of their bytes: the same objects, without reading them again.

Only what reads without a finding is remembered, so whoever has something to say says it every time. A test holds that
what is remembered is what reading gives. A run may be handed an index by the command line; what that lacks is looked up
in the cache folder.
"""

import pathlib
import posixpath
from collections.abc import Iterable, Sequence

from grayc import cache
from grayc.cache.index import Held, Index, NoIndexError, kept, parsed
from grayc.diagnostics import Checked, Diagnostic
from grayc.diagnostics.shell import path as path_word
from grayc.documents.chunk import Chunk
from grayc.documents.model import Document
from grayc.documents.reader import parse_documents
from grayc.documents.split import LINE_ENDS
from grayc.k8s.client_files import CLIENT_FILE_NAMES
from grayc.records import dataclass
from grayc.source import Roots, SourceError, SourceFile

FEWEST_FILES = 200
"""Fewer are read in less time than it takes to make sure that an index is of this grayc."""

_SPECIAL = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization", *CLIENT_FILE_NAMES})
"""Names of files that count beside what is in them."""


_REFERENCE = frozenset({"apiVersion", "group", "kind", "name", "namespace"})
"""What a mapping holds that names a Secret, and is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """A file that was read.

    Attributes:
        digest: of its bytes; b"" of one behind a link.
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


def read_index(path: pathlib.Path) -> Checked[Index]:
    """Return the index that the command line hands to this run; one of another grayc has no rows.

    Diagnostics:
        GC101, GC102, GC122, GC140, GC150, GC152, GC153: it cannot be read, or git tracks it.
        GC141: it is of another grayc.
        GC142: it is no index, or damaged.
    """
    # Who names none need not wait for what asks git.
    from grayc.source.handed import read_handed  # noqa: PLC0415

    shown = path.as_posix()
    command = f"grayc index PATH -o {path_word(shown)}"
    try:
        index = parsed(read_handed(path))
    except SourceError as error:
        refused = Diagnostic(code=error.code, message=error.message, help=error.help)
        return Checked(value=None, diagnostics=(refused,))
    except NoIndexError:
        refused = Diagnostic(
            code="GC142",
            message=f"`{shown}` is no index of a baseline, or is damaged",
            help=f"write it again: `{command}`",
        )
        return Checked(value=None, diagnostics=(refused,))
    if index is not None:
        return Checked(value=index)
    note = Diagnostic(
        code="GC141",
        message=f"`{shown}` was written by another grayc, and every file is read",
        help=f"write it again with this one: `{command}`",
    )
    return Checked(value=Index(), diagnostics=(note,))


def index_of(files: Iterable["Digested"]) -> tuple[Index, int]:
    """Return an index of these files, and how many of them have no row: there is something to say of them or to hide.

    A file that holds a Secret is left out, as whoever hands the index on need not know its content.
    """
    index, left = Index(), 0
    for each in files:
        held = None
        if each.digest and is_plain(each.source):
            held = held_of(each.source, parse_documents(each.source, searched=each.searched))
        if held is None or any(_has_secret(row.data) for row in held):
            left += 1
        else:
            index.add(each.key, held)
    return index, left


def _has_secret(data: object) -> bool:
    """Tell whether an object is a Secret, or brings one along, as a template or a list does."""
    left = [data]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            if node.get("kind") == "Secret" and not node.keys() <= _REFERENCE:
                return True
            left += node.values()
        elif isinstance(node, list):
            left += node
    return False


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
