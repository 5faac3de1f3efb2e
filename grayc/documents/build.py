"""Build plain data from one document's text, as Kubernetes reads it; refuse what it would misread.

The whole of a file passes here, so the loop over events is written out in one function.
"""

from collections.abc import Iterator
from typing import NamedTuple

from grayc.diagnostics import CODES, Severity
from grayc.documents.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
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
from grayc.documents.limits import (
    MAX_ALIAS_ALLOWANCE,
    MAX_ALIAS_GROWTH,
    MAX_ALIAS_TEXT,
    MAX_DEPTH,
    MAX_EXPANDED_NODES,
    MAX_FAULTS,
    MAX_KEY,
    MAX_NODES,
    MAX_SCALAR,
)
from grayc.documents.plain_yaml import ReadBefore, read_plain_yaml
from grayc.documents.scalars import ScalarError, is_doubtful, key_text, resolve_plain, resolve_tagged
from grayc.records import dataclass
from grayc.source import split_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong in a document's text; line and column count from 0 in that text.

    Attributes:
        is_repeated_key: its key stands in the mapping already, so there is another place to show.
        start: line, column and length of something that took part, which `start_message` says more about.
    """

    code: str
    message: str
    help: str
    line: int
    column: int
    length: int = 1
    is_repeated_key: bool = False
    start: tuple[int, int, int] | None = None
    start_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a text holds.

    Attributes:
        has_document: it holds anything beside comments.
        data: after errors, as much of it as was read.
        faults: errors and warnings, in order of place.
    """

    has_document: bool
    data: object
    faults: tuple[Fault, ...]


STANDS_FIRST = "it stands here first"
"""Of the place of a key that another repeats."""

_NO_KEY = object()
_NO_DOCUMENT = object()
_MERGE = object()
"""The key `<<` of a mapping being built: no text can be it."""


class _Size(NamedTuple):
    """How many nodes a value has, how deep it is, and the characters of its keys and texts."""

    nodes: int
    height: int
    characters: int


# Times that what was written may be larger than what was read: values in base64, names of the lane, copies by patches.
_WRITTEN = 4


class _Stop(Exception):
    """A fault after which the rest of the document is not read."""


def build_yaml(text: str, known: ReadBefore, *, is_output: bool = False) -> Built:
    """Return the data of a text with one YAML document.

    Args:
        known: grows.
        is_output: it was written, with all that aliases and patches stand for: it may hold more, and longer texts.
    """
    plain = read_plain_yaml(text, known)
    if plain is not None:
        return Built(has_document=True, data=plain, faults=())
    builder = _Builder(text, known, is_output=is_output)
    try:
        builder.run()
    except _Stop:
        pass
    except SyntaxFault as fault:
        if 0 < fault.readable < len(text):
            # The parser goes deeper than we do, but it looks ahead: what it gave up before has our own limit in it.
            return build_yaml(text[: fault.readable], known, is_output=is_output)
        builder.faults.append(
            Fault(
                code="GC105",
                message=f"invalid YAML: {_without_quotes(fault.message)}",
                help=_syntax_help(fault, text),
                line=fault.line,
                column=fault.column,
                start=(*fault.start, 1) if fault.start else None,
                start_message=f"{fault.context}, which starts here" if fault.context else "",
            )
        )
    has_document = builder.root is not _NO_DOCUMENT
    return Built(has_document=has_document, data=builder.root if has_document else None, faults=tuple(builder.faults))


class _Builder:
    """One document being built."""

    def __init__(self, text: str, known: ReadBefore, *, is_output: bool) -> None:
        self.most_nodes = MAX_EXPANDED_NODES * _WRITTEN if is_output else MAX_NODES
        self.longest = MAX_SCALAR * _WRITTEN if is_output else MAX_SCALAR
        self.text, self.scalars, self.keys = text, known.scalars, known.keys
        self.root: object = _NO_DOCUMENT
        self.faults: list[Fault] = []
        self.warnings = 0
        self.has_long_scalars = len(text) > MAX_KEY
        self.anchors: dict[str, object] = {}
        # What an anchored scalar looks like, for an alias that stands for a key: keys are resolved in their own way.
        self.anchor_texts: dict[str, str] = {}
        # Anchors whose mapping or list is still open, by the id of that; an alias to one of them names itself.
        self.open_anchors: dict[str, int] = {}
        self.sizes: dict[int, _Size] = {}
        self.added = 0
        self.added_text = 0
        self.first_alias: tuple[int, int] | None = None
        # What was merged and is nowhere in the tree: while it lives, no other value has its id.
        self.kept: list[object] = []
        # id of an open mapping → its keys that only a merge gave so far, which a later key may replace.
        self.merged: dict[int, set[str]] = {}
        # id of an open mapping → its `<<` that waits for a value.
        self.merge_keys: dict[int, ScalarEvent] = {}

    def run(self) -> None:  # noqa: PLR0915 - one loop over all that is read, kept flat for its speed
        """Build the first document of the text; refuse a second one."""
        events = events_of(self.text)
        nodes = 0
        stack: list[tuple[object, object]] = []
        # The open mapping or list, one of them None, and the key that waits for its value.
        mapping: dict[str, object] | None = None
        items: list[object] | None = None
        key: object = _NO_KEY
        most_nodes = self.most_nodes
        scalars, keys, has_long_scalars = self.scalars, self.keys, self.has_long_scalars
        value: object
        for event in events:
            if isinstance(event, ScalarEvent):
                nodes += 1
                if nodes > most_nodes:
                    self.too_large(event)
                text = event.value
                is_plain = not event.style and event.tag is None
                if has_long_scalars and len(text) > MAX_KEY:
                    self.check_length(event, is_key=mapping is not None and key is _NO_KEY)
                if mapping is not None and key is _NO_KEY:
                    if is_plain:
                        try:
                            key = keys[text]
                        except KeyError:
                            key = self.plain_key(event, text)
                    else:
                        key = text if event.tag is None else self.tagged_key(event)
                    if event.anchor is not None:
                        self.anchor_key(event, text, is_plain=is_plain)
                    if key is _MERGE:
                        self.merge_keys[id(mapping)] = event
                    elif key in mapping:
                        self.repeated_key(event, mapping, key)
                    continue
                if is_plain:
                    try:
                        value = scalars[text]
                    except KeyError:
                        value = self.plain_scalar(event)
                else:
                    value = text if event.tag is None else self.tagged_scalar(event)
                if event.anchor is not None:
                    self.anchors[event.anchor] = value
                    self.anchor_texts[event.anchor] = text
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                nodes += 1
                if nodes > most_nodes:
                    self.too_large(event)
                if mapping is not None and key is _NO_KEY:
                    self.refuse_key(event)
                if len(stack) >= MAX_DEPTH:
                    self.too_deep(event)
                if event.tag is not None:
                    self.check_collection_tag(event, "map" if isinstance(event, MappingStartEvent) else "seq")
                stack.append((mapping if mapping is not None else items, key))
                key = _NO_KEY
                if isinstance(event, MappingStartEvent):
                    mapping, items = {}, None
                    if event.anchor is not None:
                        self.anchors[event.anchor] = mapping
                        self.open_anchors[event.anchor] = id(mapping)
                else:
                    mapping, items = None, []
                    if event.anchor is not None:
                        self.anchors[event.anchor] = items
                        self.open_anchors[event.anchor] = id(items)
                continue
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                value = mapping if mapping is not None else items
                if self.open_anchors:
                    self.close_anchor(value)
                if self.merged:
                    self.merged.pop(id(value), None)
                parent, key = stack.pop()
                if isinstance(parent, dict):
                    mapping, items = parent, None
                else:
                    mapping, items = None, parent if isinstance(parent, list) else None
            elif isinstance(event, AliasEvent):
                nodes += 1
                if nodes > most_nodes:
                    self.too_large(event)
                value = self.alias(event, depth=len(stack))
                if mapping is not None and key is _NO_KEY:
                    key = self.alias_key(event, value)
                    if key in mapping:
                        self.repeated_key(event, mapping, key)
                    continue
            elif isinstance(event, DocumentEndEvent):
                break
            else:
                continue
            # A value is complete: it goes where it was waited for.
            if mapping is not None:
                if key is _MERGE:
                    self.merge(mapping, value)
                else:
                    mapping[key] = value  # type: ignore[index]  # a key is text by now
                key = _NO_KEY
            elif items is not None:
                items.append(value)
            else:
                self.root = value
        self.check_growth(nodes)
        self.refuse_rest(events)

    def note(self, fault: Fault) -> None:
        """Note a fault; of too many warnings drop the rest, of too many errors read no further."""
        if CODES[fault.code].severity is Severity.WARNING:
            self.warnings += 1
            if self.warnings <= MAX_FAULTS:
                self.faults.append(fault)
            return
        self.faults.append(fault)
        if len(self.faults) - min(self.warnings, MAX_FAULTS) >= MAX_FAULTS:
            raise _Stop

    def fail(self, event: Event, code: str, message: str, help_: str, *, stop: bool = False) -> None:
        """Note a fault at an event; with `stop` read no further."""
        line, column, end_line, end_column = place_of(event)
        length = end_column - column if end_line == line else len(self.text)
        if not isinstance(event, (ScalarEvent, AliasEvent)):
            length = 1
        self.note(Fault(code=code, message=message, help=help_, line=line, column=column, length=length))
        if stop:
            raise _Stop

    def anchor_key(self, event: ScalarEvent, text: str, *, is_plain: bool) -> None:
        """Note an anchor on a key: what it names is the value that the text would be elsewhere."""
        try:
            value: object = resolve_plain(text) if is_plain else text
        except ScalarError:
            value = text
        self.anchors[event.anchor or ""] = value
        self.anchor_texts[event.anchor or ""] = text

    def alias_key(self, event: AliasEvent, value: object) -> object:
        if isinstance(value, (dict, list)):
            self.refuse_key(event)
        if isinstance(value, str):
            return value
        key = self.plain_key(event, self.anchor_texts[event.anchor or ""])
        return "<<" if key is _MERGE else key

    def plain_key(self, event: ScalarEvent | AliasEvent, text: str) -> object:
        """Return what a plain key stands for, and remember it unless it needs a word each time."""
        if text == "<<":
            return _MERGE
        try:
            key = key_text(text)
        except ScalarError as error:
            self.fail(event, error.code, error.message, error.help)
            return text
        if is_doubtful(text):
            self.doubt(event, f"key `{text}`", key)
        elif len(text) <= MAX_KEY:
            self.keys[text] = key
        return key

    def tagged_key(self, event: ScalarEvent) -> str:
        if core_tag(event.tag) in ("str", None):
            return event.value
        self.fail(event, "GC108", f"a key has the tag `{_shown_tag(event.tag)}`", "put quotes around the key instead")
        return event.value

    def plain_scalar(self, event: ScalarEvent) -> object:
        """Return what a plain scalar stands for, and remember it unless it needs a word each time."""
        text = event.value
        try:
            value = resolve_plain(text)
        except ScalarError as error:
            self.fail(event, error.code, error.message, error.help)
            return text
        if is_doubtful(text):
            self.doubt(event, f"`{text}`", value)
        elif len(text) <= MAX_KEY:
            self.scalars[text] = value
        return value

    def tagged_scalar(self, event: ScalarEvent) -> object:
        tag = core_tag(event.tag)
        if tag is None:
            return event.value
        try:
            return resolve_tagged(tag, event.value)
        except ScalarError as error:
            message = (
                error.message
                if tag in ("int", "float", "bool", "null")
                else (f"tag `{_shown_tag(event.tag)}` is not allowed")
            )
            self.fail(event, error.code, message, error.help)
            return event.value

    def check_collection_tag(self, event: MappingStartEvent | SequenceStartEvent, expected: str) -> None:
        if core_tag(event.tag) not in (expected, None):
            self.fail(event, "GC108", f"tag `{_shown_tag(event.tag)}` is not allowed",
                      "take the tag away: Kubernetes gives it no meaning")  # fmt: skip

    def doubt(self, event: ScalarEvent | AliasEvent, what: str, value: object) -> None:
        if isinstance(value, bool) or value in ("true", "false"):
            read = "true" if value in (True, "true") else "false"
            message = f"{what} is {read} to `kubectl apply -f` and text to `kubectl apply -k`"
            help_ = f"write `{read}`, or put quotes around it if it is text"
        else:
            message = f"{what} is text to `kubectl apply -f` and a time, written another way, to `kubectl apply -k`"
            help_ = "put quotes around it"
        self.fail(event, "GC112", message, help_)

    def check_length(self, event: ScalarEvent, *, is_key: bool) -> None:
        limit = MAX_KEY if is_key else self.longest
        if len(event.value) > limit:
            line, column, _, _ = place_of(event)
            self.note(too_long(line, column, len(event.value), limit))

    def too_deep(self, event: Event) -> None:
        self.fail(event, "GC120", f"more than {MAX_DEPTH} mappings and lists stand inside each other",
                  "check the brackets or the indentation", stop=True)  # fmt: skip

    def too_large(self, event: Event) -> None:
        self.fail(event, "GC127", f"the document holds more than {MAX_NODES} keys and values",
                  "split it: no cluster takes an object that large", stop=True)  # fmt: skip

    def refuse_key(self, event: Event) -> None:
        self.fail(event, "GC109", "a key is a mapping or a list", "write a text as the key", stop=True)

    def repeated_key(self, event: ScalarEvent | AliasEvent, mapping: dict[str, object], key: object) -> None:
        """Refuse a key that stands there already, unless only a merge gave it."""
        merged = self.merged.get(id(mapping))
        if merged is not None and key in merged:
            merged.discard(str(key))
            return
        line, column, _, end_column = place_of(event)
        self.note(repeated_key(str(key), line, column, end_column - column))

    def merge(self, mapping: dict[str, object], value: object) -> None:
        """Put the keys of a merged mapping, or of several in a list, where no key of theirs stands yet."""
        event = self.merge_keys.pop(id(mapping))
        sources = value if isinstance(value, list) else [value]
        if id(mapping) in self.merged:
            self.fail(event, "GC113", "a mapping has two `<<`, which readers merge in different ways",
                      "write one `<<` with a list: `<<: [*a, *b]`")  # fmt: skip
            return
        self.kept.append(value)
        given: dict[str, object] = {}
        for source in sources:
            if not isinstance(source, dict):
                self.fail(event, "GC105", "`<<` names something that is no mapping", "name the anchor of a mapping")
                return
            self.added += len(source)
            if self.added > MAX_EXPANDED_NODES:
                self.too_many(event)
            for key, item in source.items():
                given.setdefault(key, item)
        both = sorted(given.keys() & mapping.keys())
        if both:
            self.fail(event, "GC113",
                      f"`{_short(both[0])}` stands before a `<<` that gives it too; readers disagree who wins",
                      "put the `<<` first in its mapping: what stands after it wins for all readers")  # fmt: skip
            return
        mapping.update(given)
        self.merged[id(mapping)] = set(given)

    def alias(self, event: AliasEvent, *, depth: int) -> object:
        """Return what an alias stands for, and count what it would take to write it out."""
        name = event.anchor or ""
        if name not in self.anchors:
            self.fail(event, "GC105", f"there is no anchor `&{_short(name)}` before this alias",
                      "define the anchor in the same document, above its aliases", stop=True)  # fmt: skip
        value = self.anchors[name]
        if name in self.open_anchors:
            self.fail(event, "GC126", f"alias `*{_short(name)}` stands inside what it names",
                      "take the alias out of its own anchor", stop=True)  # fmt: skip
        size = self.measure(value)
        self.added += size.nodes
        self.added_text += size.characters
        self.first_alias = self.first_alias or place_of(event)[:2]
        if self.added > MAX_EXPANDED_NODES or self.added_text > MAX_ALIAS_GROWTH * len(self.text) + MAX_ALIAS_TEXT:
            self.too_many(event)
        if depth + size.height > MAX_DEPTH:
            self.too_deep(event)
        return value

    def close_anchor(self, value: object) -> None:
        closed = [name for name, identity in self.open_anchors.items() if identity == id(value)]
        for name in closed:
            del self.open_anchors[name]
            self.measure(value)

    def measure(self, value: object) -> "_Size":
        """Return the size of a value with its aliases written out."""
        if isinstance(value, str):
            return _Size(1, 0, len(value))
        if not isinstance(value, (dict, list)):
            return _Size(1, 0, 0)
        known = self.sizes.get(id(value))
        if known is None:
            # No deeper than the text itself: whatever an alias names was measured when it was closed.
            parts = [self.measure(part) for part in (value.values() if isinstance(value, dict) else value)]
            keys = value if isinstance(value, dict) else ()
            known = _Size(
                1 + len(keys) + sum(part.nodes for part in parts),
                1 + max((part.height for part in parts), default=0),
                sum(map(len, keys)) + sum(part.characters for part in parts),
            )
            self.sizes[id(value)] = known
        return known

    def check_growth(self, nodes: int) -> None:
        if self.added > MAX_ALIAS_GROWTH * nodes + MAX_ALIAS_ALLOWANCE:
            self.faults.append(_too_many(*(self.first_alias or (0, 0))))

    def too_many(self, event: Event) -> None:
        line, column, _, _ = place_of(event)
        self.faults.append(_too_many(line, column))
        raise _Stop

    def refuse_rest(self, events: Iterator[Event]) -> None:
        """Refuse a document behind the end of this one, which Kubernetes would drop without a word."""
        try:
            place = next((place_of(event)[:2] for event in events if isinstance(event, DocumentStartEvent)), None)
        except SyntaxFault as fault:
            place = (fault.line, fault.column)
        if place is not None:
            self.faults.append(
                Fault(
                    code="GC114",
                    message="Kubernetes drops what follows here: the document above it has ended",
                    help="put a line with only `---` between the two documents",
                    line=place[0],
                    column=place[1],
                )
            )


def repeated_key(key: str, line: int, column: int, length: int) -> Fault:
    """Return the fault of a key that stands in its mapping already."""
    return Fault(
        code="GC106",
        message=f"key `{_short(key)}` stands twice in the same mapping",
        help="keep one of them: which one wins depends on who reads the file",
        line=line,
        column=column,
        length=length,
        is_repeated_key=True,
    )


def too_long(line: int, column: int, length: int, limit: int) -> Fault:
    """Return the fault of a key or value that is longer than its limit."""
    return Fault(
        code="GC124",
        message=f"a {'key' if limit == MAX_KEY else 'value'} has {length} characters, more than {limit}",
        help="shorten it, or move it out of the manifest: no cluster takes an object that large",
        line=line,
        column=column,
        length=length,
    )


def _too_many(line: int, column: int) -> Fault:
    return Fault(
        code="GC121",
        message="the document's aliases stand for far more than what is written",
        help="write out what you mean, or split the document",
        line=line,
        column=column,
    )


def _shown_tag(tag: str | None) -> str:
    word = core_tag(tag) or "!"
    return _short(word if word == tag else f"!!{word}")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _without_quotes(message: str) -> str:
    return message.replace("'", "`")


_SYNTAX_HELP: dict[str, str] = {
    "mapping values are not allowed": "put quotes around a text that holds `: `, or check the indentation",
    "unexpected end of stream": "close the quote or the bracket that is still open",
    "did not find expected ',' or": "put a `,` between the items, or close the bracket",
    "unknown escape character": "double the backslash, or use single quotes, in which it means itself",
    "cannot start any token": "put quotes around a text that starts with `@`, `%` or a backtick",
    "did not find expected key": "indent all keys of a mapping alike",
    "did not find expected '-' indicator": "indent all items of a list alike",
}
"""Part of the parser's words → the next step."""


def _syntax_help(fault: SyntaxFault, text: str) -> str:
    if text.lstrip().startswith("%"):
        return "take the line that starts with `%` away: Kubernetes cannot read it"
    lines = split_lines(text)
    if any(line.lstrip(" ").startswith("\t") for line in lines[max(0, fault.line - 1) : fault.line + 1]):
        return "indent with spaces, never with tabs"
    return next(
        (help_ for part, help_ in _SYNTAX_HELP.items() if part in fault.message),
        "check the indentation, the quotes and the brackets here and on the line above",
    )
