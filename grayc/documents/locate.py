"""Where a value stands: reads one document's text again, with places.

Only diagnostics need places, so reading itself keeps none. The last documents looked at stay composed.
"""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from grayc.documents.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    SyntaxFault,
    core_tag,
    events_of,
)
from grayc.documents.json_text import read_json, tokens_of
from grayc.documents.model import Chunk, Path
from grayc.documents.scalars import ScalarError, key_text
from grayc.documents.sensitive import sensitive_lines
from grayc.documents.split import split_lines
from grayc.source import Span

__all__ = ["Node", "compose", "locate", "span_at"]


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """A value with its place; lines and columns count from 0 in the document's text.

    Attributes:
        key: as a mapping's key, the text it stands for; None where it can not be a key.
        text: of a scalar, quotes and escapes resolved; None of anything else.
        entries: of a mapping, in order of the text, repeated keys too.
        items: of a list.
        target: of an alias: what it stands for.
        is_block: a mapping or list written without brackets.
        is_merge: the key `<<` without quotes.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str | None = None
    key: str | None = None
    entries: list[tuple["Node", "Node"]] | None = None
    items: list["Node"] | None = None
    target: "Node | None" = None
    is_block: bool = False
    is_merge: bool = False
    _children: dict[str, tuple["Node", "Node"]] | None = None

    def child(self, step: str | int) -> "tuple[Node | None, Node] | None":
        """Return key and value below, the key None in a list; None where there is nothing."""
        if isinstance(step, int):
            return (None, self.items[step]) if self.items is not None and 0 <= step < len(self.items) else None
        if self.entries is None:
            return None
        if self._children is None:
            self._children = {}
            for name, value in self.entries:
                for source in _merged(value) if name.is_merge else ():
                    # What comes through a merge stands where the anchor has it. The first that has a key wins.
                    source.child("")
                    for key, entry in (source._children or {}).items():
                        self._children.setdefault(key, entry)
            own: dict[str, tuple[Node, Node]] = {}
            for name, value in self.entries:
                if name.key is not None and not name.is_merge:
                    own.setdefault(name.key, (name, value))
            self._children.update(own)
        return self._children.get(step)


def _merged(value: Node) -> list[Node]:
    """Return the mappings that a merge key's value names."""
    whole = value.target or value
    parts = [whole] if whole.items is None else [item.target or item for item in whole.items]
    return [part for part in parts if part.entries is not None]


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """A document's text as nodes.

    Attributes:
        root: None where the text holds nothing that could be read.
        lines: of the text, without line ends.
        sensitive: numbers of the lines that hold a secret value, from 0.
    """

    root: Node | None
    lines: list[str]
    sensitive: frozenset[int]


def locate(chunk: Chunk, path: Path, *, key: bool = False) -> Span:
    """Return where the value at `path` stands in a document, or with `key` the mapping key that leads to it.

    Where the text has no such value, the nearest ancestor that it has: its key, or its first line. An alias stands
    where it is written; what is below it stands where the anchor is. A value without text (`key:`) stands at its key.
    """
    composed = compose(chunk)
    if composed.root is None:
        return span_at(chunk, 0, 0, 1)
    node, name, is_exact = composed.root, None, True
    for step in path:
        found = (node.target or node).child(step)
        if found is None:
            is_exact = False
            break
        name, node = found
    is_empty = (node.line, node.column) == (node.end_line, node.end_column)
    if name is not None and ((key and is_exact) or is_empty or (not is_exact and node.is_block)):
        node = name
    length = node.end_column - node.column if node.end_line == node.line else len(composed.lines[node.line])
    if node.is_block:
        # Its end is where the next thing starts; its first line shows best what it is.
        length = len(composed.lines[node.line])
    return span_at(chunk, node.line, node.column, length)


def span_at(chunk: Chunk, line: int, column: int, length: int) -> Span:
    """Return a span in the file for a place in a document's text, cut to its line; both count from 0."""
    composed = compose(chunk)
    line = max(0, min(line, len(composed.lines) - 1))
    text = composed.lines[line].rstrip()
    column = max(0, min(column, len(text) - 1))
    return Span(
        source=chunk.source, line=chunk.line + line, column=column + 1,
        length=max(1, min(length, len(text) - column)), sensitive=line in composed.sensitive,
    )


@lru_cache(maxsize=32)
def compose(chunk: Chunk) -> Composition:
    """Return a document's text as nodes; of a text that is no YAML, what stands before the fault."""
    values = read_json(chunk.text)
    is_whole = True
    if values:
        root = _compose_json(chunk.text)
    else:
        root, is_whole = _compose_yaml(chunk.text)
    lines = split_lines(chunk.text)
    return Composition(root=root, lines=lines, sensitive=sensitive_lines(root, lines, is_whole=is_whole))


@dataclass(slots=True)
class _Open:
    """A mapping or list being composed; `key` waits for its value."""

    node: Node
    key: Node | None = None


@dataclass(slots=True)
class _Composer:
    root: Node | None = None
    open: list[_Open] = field(default_factory=list)

    def add(self, node: Node) -> None:
        if self.root is None:
            self.root = node
        elif self.open:
            parent = self.open[-1]
            if parent.node.items is not None:
                parent.node.items.append(node)
            elif parent.key is None:
                parent.key = node
            elif parent.node.entries is not None:
                parent.node.entries.append((parent.key, node))
                parent.key = None

    def close(self, line: int, column: int) -> None:
        ended = self.open.pop()
        ended.node.end_line, ended.node.end_column = line, column


def _compose_yaml(text: str) -> tuple[Node | None, bool]:
    """Return the first document's nodes, and whether all of the text could be read."""
    composer = _Composer()
    anchors: dict[str, Node] = {}
    try:
        for event in events_of(text):
            match event:
                case ScalarEvent() | AliasEvent() | MappingStartEvent() | SequenceStartEvent():
                    node = _node(event, anchors)
                    composer.add(node)
                    if not isinstance(event, AliasEvent) and event.anchor is not None:
                        anchors[event.anchor] = node
                    if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                        composer.open.append(_Open(node))
                case MappingEndEvent() | SequenceEndEvent():
                    composer.close(event.end_mark.line, event.end_mark.column)
                case DocumentEndEvent():
                    break
                case _:
                    pass
    except SyntaxFault:
        return composer.root, False
    return composer.root, True


def _node(event: Event, anchors: dict[str, Node]) -> Node:
    start, end = event.start_mark, event.end_mark
    node = Node(line=start.line, column=start.column, end_line=end.line, end_column=end.column)
    match event:
        case ScalarEvent():
            node.text = event.value
            node.key = event.value
            if not event.style and core_tag(event.tag) != "str":
                node.is_merge = event.value == "<<" and event.tag is None
                try:
                    node.key = key_text(event.value)
                except ScalarError:
                    node.key = None
        case AliasEvent():
            node.target = anchors.get(event.anchor)
            if node.target is not None:
                node.text, node.key = node.target.text, node.target.key
        case MappingStartEvent():
            node.entries, node.is_block = [], not event.flow_style
        case SequenceStartEvent():
            node.items, node.is_block = [], not event.flow_style
        case _:
            pass
    return node


def _compose_json(text: str) -> Node | None:
    """Return the nodes of the first value of a text that is known to be JSON."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    composer = _Composer()
    for token, offset in tokens_of(text):
        line = bisect_right(starts, offset) - 1
        column = offset - starts[line]
        match token[0]:
            case "," | ":":
                continue
            case "}" | "]":
                composer.close(line, column + 1)
                if not composer.open:
                    break
            case _:
                node = Node(line=line, column=column, end_line=line, end_column=column + len(token))
                composer.add(node)
                match token[0]:
                    case "{":
                        node.entries = []
                        composer.open.append(_Open(node))
                    case "[":
                        node.items = []
                        composer.open.append(_Open(node))
                    case '"':
                        node.text = node.key = json.loads(token)
                    case _:
                        node.text = token
    return composer.root
