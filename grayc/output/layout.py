"""Turn documents into files: which object goes where, and the text."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from grayc.documents import Document
from grayc.output.emit import emit_document, emit_stream
from grayc.output.folder import MAX_OUTPUT_BYTES
from grayc.output.order import entry_file, in_order, is_entry, object_file, service_of
from grayc.records import dataclass, field
from grayc.spec.model import Layout

MAX_WRITTEN_BYTES = 64 * 1024 * 1024
"""Bytes that all releases of a run may come to, beside four for each character of their baselines; never more than
`MAX_OUTPUT_BYTES`, which is read back. GC614."""

_OF_THE_BASELINE = 4
_NAMED = 3


class TooLargeError(Exception):
    """There is no room for what is to be written.

    Attributes:
        largest: names of the largest objects, with their bytes.
    """

    def __init__(self, largest: tuple[tuple[str, int], ...]) -> None:
        super().__init__("the output is too large")
        self.largest = largest


@dataclass(slots=True)
class Room:
    """How much the releases of a run may yet come to."""

    _whole: int = MAX_WRITTEN_BYTES
    _taken: int = 0
    _chunks: set[tuple[str, int]] = field(default_factory=set)

    def grow(self, baseline: Iterable[Document]) -> None:
        """Make room for what a baseline holds, each text of it once."""
        for document in baseline:
            chunk = document.chunk
            if (chunk.source.name, chunk.index) not in self._chunks:
                self._chunks.add((chunk.source.name, chunk.index))
                self._whole = min(self._whole + _OF_THE_BASELINE * len(document.chunk.text), MAX_OUTPUT_BYTES)

    def take(self, count: int) -> bool:
        """Take room for some bytes; tell whether it was there."""
        self._taken += count
        return self._taken <= self._whole


def lay_out(
    documents: Iterable[Document], *, release: str, layout: Layout, room: Room | None = None
) -> Mapping[str, str]:
    """Return file name → content, names in order.

    Args:
        room: takes what is made; without, there is no limit.
    Raises:
        TooLargeError: there is not enough of it.

    A release's name is a DNS label and holds no dot, so no two releases or services share a file name. kubectl applies
    the files of a folder by name, and in every layout the entry comes after all else of its release: a request can
    only meet what is there already.
    Source: kubectl, cli-runtime pkg/resource/visitor.go, `ExpandPathsToFileVisitors` (filepath.Walk: lexical order).
    """
    files: dict[str, list[Document]] = {}
    for document in in_order(documents):
        files.setdefault(file_of(document, release=release, layout=layout), []).append(document)
    texts: list[tuple[str, int]] = []

    def emit(document: Document) -> str:
        text = emit_document(document.data)
        if room is not None:
            texts.append((document.identity.ref, len(text) if text.isascii() else len(text.encode(errors="replace"))))
            if not room.take(texts[-1][1]):
                raise TooLargeError(tuple(sorted(texts, key=lambda item: -item[1])[:_NAMED]))
        return text

    return {name: "---\n".join(map(emit, files[name])) for name in sorted(files)}


def file_of(document: Document, *, release: str, layout: Layout) -> str:
    """Return the file that an object goes to."""
    match layout:
        case Layout.SINGLE:
            return f"{release}.yaml"
        case Layout.SERVICE:
            return entry_file(release) if is_entry(document) else f"{release}.{service_of(document)}.yaml"
        case Layout.OBJECT:
            return object_file(release, document)
        case _:
            assert_never(layout)


def stream(documents: Iterable[Document]) -> str:
    """Return documents as one YAML stream."""
    return emit_stream(document.data for document in documents)
