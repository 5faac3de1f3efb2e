"""Turn documents into files: which object goes where, and the text."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from grayc.documents import Document
from grayc.output.emit import emit_stream
from grayc.output.order import entry_file, in_order, is_entry, object_file, service_of
from grayc.spec.model import Layout


def lay_out(documents: Iterable[Document], *, release: str, layout: Layout) -> Mapping[str, str]:
    """Return file name → content, names in order.

    A release's name is a DNS label and holds no dot, so no two releases or services share a file name. kubectl applies
    the files of a folder by name, and in every layout the way in comes after all else of its release: a request can
    only meet what is there already.
    Source: kubectl, cli-runtime pkg/resource/visitor.go, `ExpandPathsToFileVisitors` (filepath.Walk: lexical order).
    """
    files: dict[str, list[Document]] = {}
    for document in in_order(documents):
        match layout:
            case Layout.SINGLE:
                name = f"{release}.yaml"
            case Layout.SERVICE:
                name = entry_file(release) if is_entry(document) else f"{release}.{service_of(document)}.yaml"
            case Layout.OBJECT:
                name = object_file(release, document)
            case _:
                assert_never(layout)
        files.setdefault(name, []).append(document)
    return {name: stream(files[name]) for name in sorted(files)}


def stream(documents: Iterable[Document]) -> str:
    """Return documents as one YAML stream."""
    return emit_stream(document.data for document in documents)
