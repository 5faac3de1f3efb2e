"""The declarations of Flux and Argo CD near a release: in the baseline, beside the spec, and in rendered folders.

Nowhere else: a repository has many, of other systems and clusters.
"""

import contextlib
import posixpath
from collections.abc import Iterable, Iterator

from grayc.analysis.declared import DECLARED
from grayc.documents import Document
from grayc.documents.load import Reading
from grayc.plan.model import ReleasePlan
from grayc.source import Reader, Roots, SourceError

_MOST_FILES = 200
"""Files of one folder that are looked at."""

_PATTERNS = ("*.yaml", "*.yml", "*.json")
_MAGIC = frozenset("*?[")


def declared_near(baseline: Iterable[Document], roots: Roots, reading: Reading) -> tuple[Document, ...]:
    """Return the declarations, in order of place, each once. A file that cannot be read has none."""
    baseline = tuple(baseline)
    rendered = {document.chunk.source.origin for document in baseline if document.chunk.source.origin}
    found = {document.place: document for document in baseline if document.identity.group_kind in DECLARED}
    with contextlib.closing(Reader(roots)) as reader:
        for folder in ("", *sorted(rendered)):
            for document in _in_folder(folder, roots, reading, reader):
                found.setdefault(document.place, document)
    return tuple(found[place] for place in sorted(found, key=repr))


def _in_folder(folder: str, roots: Roots, reading: Reading, reader: Reader) -> Iterator[Document]:
    if not _MAGIC.isdisjoint(folder):
        return
    for pattern in _PATTERNS:
        try:
            search = reading.search(posixpath.join(folder, pattern), roots)
        except SourceError:
            continue
        for file in search.found.files[:_MOST_FILES]:
            try:
                source = reading.read(file, roots, reader).source
            except SourceError:
                continue
            # Most files are told apart by their text, which is not read as YAML then.
            if not any(kind in source.text for _, kind in DECLARED):
                continue
            for document in reading.parse(source, searched=True).value or ():
                if document.identity.group_kind in DECLARED:
                    yield document


def documents_read(reading: Reading) -> tuple[Document, ...]:
    """Return the objects of all files that could be read, also where the baseline as a whole could not."""
    return tuple(document for _, parsed in reading.parsed.values() for document in parsed.value or ())


def has_variables(plan: ReleasePlan) -> bool:
    """Tell whether what a release copies or opens may hold a variable, so that it matters who gives its value."""
    used = (*(copy.document for copy in plan.copies), *(entry.document for entry in plan.entries))
    return any("${" in document.chunk.text for document in used)
