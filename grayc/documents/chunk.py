"""`Chunk`: the text of one document, and `Path`: where a value stands in it."""

from grayc.records import dataclass
from grayc.source import SourceFile

Path = tuple[str | int, ...]
"""Where a value stands in a document: keys and list positions, outermost first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """The part of a file that holds one YAML or JSON document.

    Attributes:
        source: the file.
        index: position among the file's documents, from 0.
        line: 1-based line of the file on which `text` starts.
        text: the document's own text, without separators.
    """

    source: SourceFile
    index: int
    line: int
    text: str
