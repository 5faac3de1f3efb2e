"""Where a value stands: reads one document's text again, with places.

Only diagnostics need places, so reading itself keeps none. The documents looked at last stay composed.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import accumulate

from grayc.documents.chunk import Chunk, Path
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
    place_of,
)
from grayc.documents.json_text import line_starts, read_json, tokens_of
from grayc.documents.limits import MAX_DEPTH, MAX_EXPANDED_NODES, MAX_FAULTS, MAX_NODES
from grayc.documents.scalars import ScalarError, key_text
from grayc.documents.sensitive import HiddenText, hidden_texts, sensitive_lines
from grayc.records import dataclass, field
from grayc.source import Span, split_lines

__all__ = ["Node", "compose", "first_keys", "locate", "span_at", "text_at"]


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """A value with its place; lines and columns count from 0 in the document's text.

    Attributes:
        key: as a mapping's key, the text it stands for; None where it cannot be a key.
        text: of a scalar, quotes and escapes resolved; None of anything else.
        entries: of a mapping, in order of the text, repeated keys too.
        items: of a list.
        target: of an alias: what it stands for.
        is_block: a mapping or list written without brackets.
        is_merge: the key `<<` without quotes.
        style: of a scalar in YAML: `'`, `"`, `|`, `>`, or "" without quotes.
        anchor, tag: as written before the value, None where there is none.
        merged: what a mapping's `<<` gives it, set when the mapping is whole.
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
    style: str = ""
    anchor: str | None = None
    tag: str | None = None
    merged: dict[str, tuple["Node", "Node"]] | None = None
    _children: dict[str, tuple["Node", "Node"]] | None = None

    def child(self, step: str | int) -> "tuple[Node | None, Node] | None":
        """Return key and value below, the key None in a list; None where there is nothing."""
        if isinstance(step, int):
            return (None, self.items[step]) if self.items is not None and 0 <= step < len(self.items) else None
        if self.entries is None:
            return None
        if self._children is None:
            self._children = self.own_children()
            if self.merged is not None:
                self._children = {**self.merged, **self._children}
        return self._children.get(step)

    def own_children(self) -> dict[str, tuple["Node", "Node"]]:
        """Return key → key and value of what the mapping itself says, a repeated key once."""
        own: dict[str, tuple[Node, Node]] = {}
        for name, value in self.entries or ():
            if name.key is not None and not name.is_merge:
                own.setdefault(name.key, (name, value))
        return own

    def merge(self) -> int:
        """Note what the mapping's `<<` gives it, and return how many keys were looked at.

        Keys stand where the anchor has them, and the first of several wins.
        """
        count = 0
        given: dict[str, tuple[Node, Node]] = {}
        for name, value in self.entries or ():
            whole = value.target or value
            parts = [whole] if whole.items is None else [item.target or item for item in whole.items]
            for part in parts if name.is_merge else ():
                entries = (part.merged or {}) | part.own_children()
                count += len(entries)
                for key, entry in entries.items():
                    given.setdefault(key, entry)
        self.merged = given
        return count


@dataclass(frozen=True, eq=False)
class Composition:
    """A document's text as nodes.

    Attributes:
        root: None where the text holds nothing that could be read.
        lines: of the text, without line ends.
        is_whole: the text could be read to its end.
    """

    root: Node | None
    lines: list[str]
    is_whole: bool

    @cached_property
    def sensitive(self) -> frozenset[int]:
        """Numbers of the lines that hold a secret value, from 0: looked for where a line is to be shown."""
        return sensitive_lines(self.root, self.lines, is_whole=self.is_whole)


def locate(chunk: Chunk, path: Path, *, key: bool = False) -> Span:
    """Return where the value at `path` stands in a document, or with `key` the mapping key that leads to it.

    Where the text has no such value, the nearest ancestor that it has: its key, or its first line. An alias stands
    where it is written; what is below it stands where the anchor is. A value without text (`key:`) stands at its key.
    """
    composed = compose(chunk)
    return _span_in(chunk, composed, *_found(composed, path, key=key))


def where_is(chunk: Chunk, path: Path) -> str:
    """Return where the value at `path` stands, as its span has it in words."""
    composed = compose(chunk)
    line, column = _cut(composed, _found(composed, path, key=False)[0])
    return f"{chunk.source.shown}:{chunk.line + line}:{column + 1}"


def _found(composed: Composition, path: Path, *, key: bool) -> tuple[tuple[int, int], int, int]:
    """Return place and length of a value, or of what stands for it, and the last line of it."""
    if composed.root is None:
        return (0, 0), 1, 0
    node, name, is_exact = composed.root, None, True
    for step in path:
        found = (node.target or node).child(step)
        if found is None:
            is_exact = False
            break
        name, node = found
    is_empty = (node.line, node.column) == (node.end_line, node.end_column)
    last = node.end_line
    if name is not None and ((key and is_exact) or is_empty or (not is_exact and node.is_block)):
        node = name
    length = node.end_column - node.column if node.end_line == node.line else len(composed.lines[node.line])
    if node.is_block:
        # Its end is where the next thing starts; its first line shows best what it is.
        length = len(composed.lines[node.line])
    return (node.line, node.column), length, last


def text_at(chunk: Chunk, path: Path) -> str | None:
    """Return a scalar as the file spells it, quotes and escapes resolved: `1.10` stays `1.10`; None for no scalar."""
    node = compose(chunk).root
    for step in path:
        found = (node.target or node).child(step) if node is not None else None
        node = found[1] if found is not None else None
    return (node.target or node).text if node is not None else None


def span_at(chunk: Chunk, line: int, column: int, length: int) -> Span:
    """Return a span in the file for a place in a document's text, cut to its line; both count from 0."""
    composed = compose(chunk) if len(chunk.text) <= _SMALL else _outline(chunk)
    return _span_in(chunk, composed, (line, column), length)


def _span_in(chunk: Chunk, composed: Composition, place: tuple[int, int], length: int, last: int = 0) -> Span:
    line, column = _cut(composed, place)
    text = composed.lines[line].rstrip()
    is_sensitive = chunk.source.is_secret or line in composed.sensitive
    is_known = is_sensitive and composed.is_whole and not chunk.source.is_secret
    return Span(
        source=chunk.source,
        line=chunk.line + line,
        column=column + 1,
        length=max(1, min(length, len(text) - column)),
        sensitive=is_sensitive,
        secrets=_secrets_at(composed, line, max(line, last)) if is_known else None,
    )


def _cut(composed: Composition, place: tuple[int, int]) -> tuple[int, int]:
    line = max(0, min(place[0], len(composed.lines) - 1))
    return line, max(0, min(place[1], len(composed.lines[line].rstrip()) - 1))


@lru_cache(maxsize=4)
def _hidden_in(composed: Composition) -> tuple[tuple[HiddenText, ...], list[int], list[int]]:
    """Return the secrets in order, the lines they start on, and the last line that any up to each of them reaches."""
    found = hidden_texts(composed.root, composed.lines) if composed.root is not None else ()
    return found, [item.first for item in found], list(accumulate((item.last for item in found), max))


@lru_cache(maxsize=64)
def _secrets_at(composed: Composition, line: int, last: int) -> tuple[str, ...] | None:
    """Return the secret values that stand on these lines; None where they are too many to compare with."""
    hidden, firsts, reached = _hidden_in(composed)
    near = hidden[bisect_left(reached, line) : bisect_right(firsts, last)]
    found = dict.fromkeys(text for item in near if line <= item.last for text in item.texts)
    return tuple(found) if len(found) <= _MOST_SECRETS else None


def first_keys(chunk: Chunk, last: tuple[int, int]) -> dict[tuple[int, int], Span]:
    """Return line and column of each key that repeats another, up to the `last` → where that one stands first."""
    found: dict[tuple[int, int], Span] = {}
    root, _ = _compose_yaml(chunk.text, last)
    for mapping in _mappings(root):
        firsts: dict[str, Node] = {}
        for name, _ in mapping.entries or ():
            first = firsts.setdefault(name.key or "", name)
            if first is not name and len(found) < MAX_FAULTS:
                found[name.line, name.column] = span_at(
                    chunk, first.line, first.column, first.end_column - first.column
                )
    return found


def _nodes(root: Node | None) -> Iterator[Node]:
    """Yield a node and all below it, aliases not followed."""
    todo = [root] if root is not None else []
    while todo:
        node = todo.pop()
        yield node
        todo += node.items or ()
        todo += (value for _, value in node.entries or ())


def _mappings(root: Node | None) -> Iterator[Node]:
    return (node for node in _nodes(root) if node.entries)


# Nodes take a hundred times the room of their text, so only so much of it stays composed. Texts that take turns, such
# as a thousand objects that many findings name, would otherwise be composed anew for each of them.
_KEPT_CHARACTERS = 2 * 1024 * 1024
_SMALL = 64 * 1024
_MOST_SECRETS = 500


@dataclass(slots=True)
class _Kept:
    """Texts that stay composed, the one asked for longest ago first; one at least.

    Attributes:
        characters: of all of them.
    """

    composed: dict[Chunk, Composition] = field(default_factory=dict)
    characters: int = 0


_kept = _Kept()


def compose(chunk: Chunk) -> Composition:
    """Return a document's text as nodes; of a text that is no YAML, what stands before the fault."""
    composed = _kept.composed.pop(chunk, None)
    if composed is None:
        composed = _compose(chunk)
        _kept.characters += len(chunk.text)
        while _kept.composed and _kept.characters > _KEPT_CHARACTERS:
            oldest = next(iter(_kept.composed))
            del _kept.composed[oldest]
            _kept.characters -= len(oldest.text)
    _kept.composed[chunk] = composed
    return composed


@lru_cache(maxsize=1)
def _outline(chunk: Chunk) -> Composition:
    """Return the lines of a large text alone; which of them are sensitive is guessed from words, on the safe side."""
    lines = split_lines(chunk.text)
    return Composition(root=None, lines=lines, is_whole=False)


def _compose(chunk: Chunk) -> Composition:
    values = read_json(chunk.text)
    is_whole = True
    if values:
        root = _compose_json(chunk.text)
    else:
        root, is_whole = _compose_yaml(chunk.text)
    return Composition(root=root, lines=split_lines(chunk.text), is_whole=is_whole)


@dataclass(slots=True)
class _Open:
    """A mapping or list being composed; `key` waits for its value."""

    node: Node
    key: Node | None = None


@dataclass(slots=True)
class _Composer:
    root: Node | None = None
    open: list[_Open] = field(default_factory=list)
    count: int = 0
    merged_keys: int = 0

    @property
    def is_beyond_limits(self) -> bool:
        """Tell whether the text goes where the reader never goes; no place in there is ever asked for."""
        return len(self.open) > MAX_DEPTH or self.count > MAX_NODES or self.merged_keys > MAX_EXPANDED_NODES

    def add(self, node: Node) -> None:
        self.count += 1
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
        node = self.open.pop().node
        node.end_line, node.end_column = line, column
        if any(name.is_merge for name, _ in node.entries or ()):
            self.merged_keys += node.merge()


def _compose_yaml(text: str, last: tuple[int, int] | None = None) -> tuple[Node | None, bool]:
    """Return the first document's nodes, and whether all of the text could be read; with `last`, up to that place."""
    composer = _Composer()
    anchors: dict[str, Node] = {}
    try:
        for event in events_of(text):
            match event:
                case ScalarEvent() | AliasEvent() | MappingStartEvent() | SequenceStartEvent():
                    node = _node(event, anchors)
                    composer.add(node)
                    if last is not None and (node.line, node.column) > last:
                        return composer.root, False
                    if not isinstance(event, AliasEvent) and event.anchor is not None:
                        anchors[event.anchor] = node
                    if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                        composer.open.append(_Open(node))
                    if composer.is_beyond_limits:
                        return composer.root, False
                case MappingEndEvent() | SequenceEndEvent():
                    composer.close(*place_of(event)[2:])
                case DocumentEndEvent():
                    break
                case _:
                    pass
    except SyntaxFault:
        return composer.root, False
    return composer.root, True


def _node(event: Event, anchors: dict[str, Node]) -> Node:
    line, column, end_line, end_column = place_of(event)
    node = Node(line=line, column=column, end_line=end_line, end_column=end_column)
    match event:
        case ScalarEvent():
            node.text = event.value
            node.key = event.value
            node.style, node.anchor, node.tag = event.style or "", event.anchor, event.tag
            if not event.style and core_tag(event.tag) != "str":
                node.is_merge = event.value == "<<" and event.tag is None
                try:
                    node.key = key_text(event.value)
                except ScalarError:
                    node.key = None
        case AliasEvent():
            node.target = anchors.get(event.anchor or "")
            if node.target is not None:
                node.text, node.key = node.target.text, node.target.key
        case MappingStartEvent():
            node.entries, node.is_block = [], not event.flow_style
            node.anchor, node.tag = event.anchor, event.tag
        case SequenceStartEvent():
            node.items, node.is_block = [], not event.flow_style
            node.anchor, node.tag = event.anchor, event.tag
        case _:
            pass
    return node


def _compose_json(text: str) -> Node | None:
    """Return the nodes of the first value of a text that is known to be JSON."""
    starts = line_starts(text)
    composer = _Composer()
    for token, offset in tokens_of(text):
        sign = token[0]
        if sign in ",:":
            continue
        line = bisect_right(starts, offset) - 1
        column = offset - starts[line]
        if sign in "}]":
            composer.close(line, column + 1)
            if not composer.open:
                break
            continue
        node = Node(line=line, column=column, end_line=line, end_column=column + len(token))
        composer.add(node)
        if sign == '"':
            node.text = node.key = json.loads(token) if "\\" in token else token[1:-1]
        elif sign == "{":
            node.entries = []
            composer.open.append(_Open(node))
        elif sign == "[":
            node.items = []
            composer.open.append(_Open(node))
        else:
            node.text = token
    return composer.root
