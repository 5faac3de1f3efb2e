"""Cut a file into the texts of its documents, as Kubernetes does: by lines, before any YAML is read.

A line that starts with `---` ends a document and holds nothing else but space and a comment. A `---` inside a block
text is indented and so is no border.

Source: kubernetes/apimachinery v0.34 pkg/util/yaml/decoder.go (`YAMLReader.Read`, `YAMLOrJSONDecoder`).
"""

import re

from grayc.documents.limits import MAX_FAULTS
from grayc.records import dataclass

_BORDER = re.compile(r"^---([^\n]*)\n?", re.MULTILINE)
LINE_ENDS = ("\n", "\r", "\x85", "\u2028", "\u2029")
"""What ends a line of YAML, beside `\\r\\n`."""

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file: its text, and the 1-based line on which it starts."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class BadBorder:
    """A line that starts like a border and is none: its 1-based line, and its length."""

    line: int
    length: int


def split_text(text: str) -> tuple[list[Piece], list[BadBorder]]:
    """Return the documents' texts in order, blank ones left out, and the lines that only look like borders."""
    pieces: list[Piece] = []
    bad: list[BadBorder] = []
    line, start = 1, 0
    for found in _BORDER.finditer(text):
        part = text[start : found.start()]
        if part:
            _add(pieces, line, part)
            line += count_lines(part)
        rest = found[1].strip()
        if rest and not rest.startswith("#") and len(bad) < MAX_FAULTS:
            bad.append(BadBorder(line=line, length=len(found[0].rstrip("\r\n"))))
        line += count_lines(found[0])
        start = found.end()
    _add(pieces, line, text[start:])
    return pieces, bad


def _add(pieces: list[Piece], line: int, text: str) -> None:
    # Each document may start with a byte order mark of its own: files are joined by machines that leave them in.
    text = text.removeprefix(_BOM)
    if text and not text.isspace():
        pieces.append(Piece(line=line, text=text))


def count_lines(text: str) -> int:
    """Return how many line ends a text has, as YAML counts them."""
    if text.isascii() and "\r" not in text:
        return text.count("\n")
    return sum(1 for _ in _LINE_END.finditer(text))
