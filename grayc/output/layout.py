"""Turn documents into files: which object goes where, and the text."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from grayc.documents import Document
from grayc.output.emit import emit_stream
from grayc.output.order import in_order, object_file, service_of
from grayc.spec.model import Layout


def lay_out(documents: Iterable[Document], *, release: str, layout: Layout) -> Mapping[str, str]:
    """Return file name → content, names in order.

    A release's name is a DNS label and holds no dot, so no two releases or services share a file name.
    """
    files: dict[str, list[Document]] = {}
    for document in in_order(documents):
        match layout:
            case Layout.SINGLE:
                name = f"{release}.yaml"
            case Layout.SERVICE:
                name = f"{release}.{service_of(document)}.yaml"
            case Layout.OBJECT:
                name = object_file(release, document)
            case _:
                assert_never(layout)
        files.setdefault(name, []).append(document)
    return {name: stream(files[name]) for name in sorted(files)}


def stream(documents: Iterable[Document]) -> str:
    """Return documents as one YAML stream."""
    return emit_stream(document.data for document in documents)
