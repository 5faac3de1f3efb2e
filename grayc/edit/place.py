"""Where a node stands in its file's text, and how the text around it is laid out."""

import re
from bisect import bisect_right
from functools import cached_property, lru_cache

from grayc.documents import Document
from grayc.documents.chunk import Chunk
from grayc.documents.json_text import read_json
from grayc.documents.locate import Node, compose
from grayc.records import dataclass
from grayc.source import SourceFile

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_BOM = "\ufeff"
_USUAL_STEP = 2


@dataclass(frozen=True)
class Page:
    """A chunk's text as a part of its file.

    Attributes:
        root: the chunk's first node, None where it has none.
        is_json: the chunk is JSON, which knows neither comments nor text without quotes.
    """

    chunk: Chunk
    root: Node | None
    is_json: bool

    @property
    def source(self) -> SourceFile:
        """The file."""
        return self.chunk.source

    @property
    def text(self) -> str:
        """The file's text."""
        return self.chunk.source.text

    @cached_property
    def _ends(self) -> list[tuple[int, int]]:
        return _line_ends(self.text)

    def line_start(self, line: int) -> int:
        """Return where a line of the chunk starts in the file; lines count from 0."""
        at = self.chunk.line - 1 + line
        start = self._ends[at - 1][1] if at else 0
        # The chunk's text goes without the mark, so its columns do not count it.
        return start + 1 if line == 0 and self.text.startswith(_BOM, start) else start

    def line_end(self, line: int) -> int:
        """Return where a line of the chunk ends in the file, before its line end."""
        return self._ends[min(self.chunk.line - 1 + line, len(self._ends) - 1)][0]

    def line(self, line: int) -> str:
        """Return a line of the chunk without its line end."""
        return self.text[self.line_start(line) : self.line_end(line)]

    @property
    def line_count(self) -> int:
        """How many lines the chunk has, one without text at its end included."""
        return bisect_right(self.chunk_lines, len(self.chunk.text))

    @cached_property
    def chunk_lines(self) -> list[int]:
        """Where every line of the chunk starts in the chunk's text."""
        return [0, *(found.end() for found in _LINE_END.finditer(self.chunk.text))]

    def start(self, node: Node) -> int:
        """Return where a node starts in the file."""
        return self.line_start(node.line) + node.column

    def end(self, node: Node) -> int:
        """Return where a node ends in the file; of a block the start of what follows it."""
        return self.line_start(node.end_line) + node.end_column

    def newline(self, line: int) -> str:
        """Return what ends a line of the chunk, or the lines of the file where that one is its last."""
        at = self.chunk.line - 1 + line
        for start, end in (*self._ends[at : at + 1], *self._ends[max(0, at - 1) : at], self._ends[0]):
            if self.text[start:end] in ("\n", "\r\n"):
                return self.text[start:end]
        return "\n"

    @cached_property
    def step(self) -> int:
        """How many columns the file indents what is inside a mapping."""
        todo = [self.root] if self.root is not None else []
        while todo:
            node = todo.pop(0)
            for key, value in node.entries or ():
                if node.is_block and value.entries and value.is_block and value.line > key.line:
                    first = value.entries[0][0]
                    if first.column > key.column:
                        return first.column - key.column
                todo.append(value)
            todo += node.items or ()
        return _USUAL_STEP


# Many documents of one file may be edited.
@lru_cache(maxsize=4)
def _line_ends(text: str) -> list[tuple[int, int]]:
    """Return where every line of a file ends: before its line end, and behind it."""
    ends = [found.span() for found in _LINE_END.finditer(text)]
    return [*ends, (len(text), len(text))]


def page_of(document: Document) -> Page:
    """Return the text around a document."""
    return _page(document.chunk)


@lru_cache(maxsize=4)
def _page(chunk: Chunk) -> Page:
    return Page(chunk=chunk, root=compose(chunk).root, is_json=bool(read_json(chunk.text)))


def is_null(node: Node) -> bool:
    """Tell whether a node is an untagged null: nothing at all, `~` or `null`."""
    return node.text in ("", "~", "null", "Null", "NULL") and not node.style and node.tag is None


def is_empty(node: Node) -> bool:
    """Tell whether a value has no text at all, as after `key:`."""
    return (node.line, node.column) == (node.end_line, node.end_column)


def column_of(block: Node) -> int:
    """Return the column at which the keys of a block stand, or the dashes of one without an anchor."""
    return block.entries[0][0].column if block.entries else block.column


def dash_column(page: Page, item: Node) -> int:
    """Return the column of the dash before an item of a block list."""
    dash = page.text.rfind("-", 0, page.start(item))
    return dash - page.text.rfind("\n", 0, dash) - 1


def ends_below(page: Page, line: int, outer: int, *, line_ends: int = 1) -> bool:
    """Tell whether a block text would end below a line of the chunk, so that nothing that follows becomes part of it.

    Args:
        outer: column of its key.
        line_ends: how many it is to have at its end.
    """
    if line_ends > 1 and page.line_end(line) == len(page.text):
        return False
    below = line + 1
    while below + 1 < page.line_count and not page.line(below).strip(" "):
        if line_ends > 1 or len(page.line(below)) > outer:
            return False
        below += 1
    following = page.line(below) if below < page.line_count else ""
    return len(following) - len(following.lstrip(" ")) <= outer


def last_line(page: Page, node: Node, parent: Node) -> int:
    """Return the last line that belongs to a value of the block `parent`, comments behind it left out."""
    if node.is_block and node.entries:
        key, value = node.entries[-1]
        return max(key.end_line, last_line(page, value, node))
    if node.is_block and node.items:
        return last_line(page, node.items[-1], node)
    if node.style in ("|", ">"):
        return _last_line_of_text(page, node, column_of(parent))
    return node.end_line


def keeps_line_ends(page: Page, node: Node) -> bool:
    """Tell whether a value is, or ends with, a block text to which the blank lines at its end belong."""
    while node.is_block and (node.entries or node.items):
        node = node.entries[-1][1] if node.entries else (node.items or [])[-1]
    return node.style in ("|", ">") and "+" in page.line(node.line)[node.column :].partition("#")[0]


def _last_line_of_text(page: Page, node: Node, outer: int) -> int:
    """Return the last line of a block text; where it keeps the blank lines at its end, the last of those."""
    keeps = keeps_line_ends(page, node)
    last = line = node.line
    while line + 1 < page.line_count:
        line += 1
        text = page.line(line)
        if text.strip(" ") and len(text) - len(text.lstrip(" ")) <= outer:
            break
        if text.strip(" ") or (keeps and line < page.line_count - 1):
            last = line
    return last
