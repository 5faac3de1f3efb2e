"""Which lines of a document hold secret values, and which texts those are, so that no diagnostic shows them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from grayc.documents.hide import SPOKEN, hide_in_lines, secret_arguments
from grayc.k8s.kinds import GroupKind
from grayc.k8s.merge_keys import merge_rules
from grayc.k8s.secrets import (
    APPLIED,
    asks_cookies,
    cookie_secret_at,
    field_holds_secret,
    is_hidden_beside,
    is_place,
    looks_secret,
    shown_condition,
)
from grayc.records import dataclass

_SECRET_SIGNS = ("stringData", "last-applied-configuration")
_KIND_SECRET = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b""")
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST_LINE = 10_000
# Where a release spec, or a mapping of its kind, gives variables and keys as a mapping of name → value.
_NAMED_VALUES = frozenset({"env", "config", "data"})
_RELEASE = "GrayRelease"
_CONTENTS = frozenset({"merge", "json6902"})
_KEYS_OF_USERS = frozenset({"config", "cookies", "env", "headers", "images", "percent", *_CONTENTS})
"""Fields of a release whose keys name what is the user's own: nothing there is a field that the language lacks."""
_CARRIERS = frozenset({"header", "query", "cookie"})
_SENT = {"headers": "header", "cookies": "cookie"}
_RULE_VALUES = ("value", "values", "pattern")
_NO_KIND: GroupKind = ("", "")
"""What a text is treated as that names no kind: a patch, values of a chart; every name in it may speak of a secret."""
_NAME = re.compile(r"[\w./$-]{1,253}")
_ANY_VARIABLE = re.compile(r"/env/[^/]+/value$|/(?:args|command)/[^/]+$")
"""Paths of a JSON patch to a variable or argument: which of them it is, only the object tells."""
_HOLE = "\0"
_MOST_LINES = 1_000
_TELLING = 4
_CONFIG = re.compile(r"""^([ -]*)["']?config["']?\s*:""")
_BINARY = re.compile(r"""^([ -]*)["']?binaryData["']?\s*:""")


class Placed(Protocol):
    """A node of a document, as `locate` composes it."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str | None
    key: str | None
    anchor: str | None
    tag: str | None

    @property
    def entries(self) -> Sequence[tuple["Placed", "Placed"]] | None:
        """Keys and values of a mapping."""

    @property
    def items(self) -> Sequence["Placed"] | None:
        """Of a list."""

    @property
    def target(self) -> "Placed | None":
        """Of an alias."""

    @property
    def merged(self) -> "Mapping[str, tuple[Placed, Placed]] | None":
        """What `<<` gives a mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenText:
    """A secret value, or one in a text.

    Attributes:
        first: the line that it starts on, from 0.
        last: the one that it ends on.
        texts: as it reads, and its lines where it has several.
    """

    first: int
    last: int
    texts: tuple[str, ...]


def sensitive_lines(root: Placed | None, lines: list[str], *, is_whole: bool) -> frozenset[int]:
    """Return the lines, from 0, that hold a value of a Secret, of a variable of a secret's name, or a secret in a text.

    Of a text that could not be read to its end (not `is_whole`), all lines of anything that looks like a Secret, and
    those at and below a word that looks like a secret's name. Of a release, what `config` sets: a Secret is configured
    like a ConfigMap, and only the baseline tells which of them it is.
    """
    hidden: set[int] = set()
    if not is_whole:
        # The whole text at once: such a text may have a million lines, and the words of most of them are harmless.
        text = "\n".join(lines)
        if any(sign in text for sign in _SECRET_SIGNS) or ("Secret" in text and _KIND_SECRET.search(text)):
            return frozenset(range(len(lines)))
        words = {word for part in set(text.split()) for word in _WORD.findall(part) if looks_secret(word)}
        if words or max(map(len, lines), default=0) > _LONGEST_LINE:
            for number, line in enumerate(lines):
                # Nobody reads a line of that length; it is hidden rather than searched.
                if len(line) > _LONGEST_LINE or not words.isdisjoint(_WORD.findall(line)):
                    hidden |= {number, number + 1}
        if _RELEASE in text:
            hidden.update(_lines_below(_CONFIG, lines))
        if "binaryData" in text:
            hidden.update(_lines_below(_BINARY, lines))
    if root is not None:
        for value in _secret_values(root):
            hidden.update(_lines_of(value))
        for at, _, _ in _secrets_in_texts(root, lines):
            hidden.add(at)
    return frozenset(hidden)


def hidden_texts(root: Placed, lines: Sequence[str]) -> tuple[HiddenText, ...]:
    """Return what the lines of `sensitive_lines` must not be quoted for, in a text that was read to its end.

    Keys stand for nothing but themselves, unless they are no names.
    """
    found = [hidden for value in _secret_values(root) for hidden in _texts_of(value, lines)]
    found += _keys_that_are_no_names(root)
    for at, line, shown in _secrets_in_texts(root, lines):
        texts = [text for part in _holes(line, shown) for text in _without_user(part.strip(" \"',"), line)]
        found.append(HiddenText(first=at, last=at, texts=tuple(dict.fromkeys(texts))))
    return tuple(sorted(dict.fromkeys(found), key=lambda item: (item.first, item.last, item.texts)))


def shown_starts(root: Placed, lines: Sequence[str]) -> dict[int, int]:
    """Return line → how many characters of it name what is secret, where it starts with a key, or in a text with words.

    Both are shown: names are no secrets. Lines count from 0.
    """
    starts: dict[int, int] = {}
    wholes = {line for value in _secret_values(root) for line in _lines_of(value)}
    for at, line, shown in _secrets_in_texts(root, lines):
        if line == lines[at] and at not in wholes:
            starts[at] = min(len(shown.partition(_HOLE)[0]), starts.get(at, len(line)))
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items or ()
        for name, value in node.entries or ():
            todo.append(value)
            before = lines[name.line][: name.column] if name.line < len(lines) else "?"
            if not before.strip(" -") and _NAME.fullmatch(name.text or "") and name.end_line == name.line:
                starts.setdefault(name.line, name.end_column)
    return starts


def _secret_values(root: Placed) -> Iterator[Placed]:
    """Yield what is secret as a whole."""
    is_release = _text_of(root, "kind") == _RELEASE
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items or ()
        yield from _secret_words((), node.items or ())
        if node.entries:
            todo += (value for _, value in node.entries)
            lists = {name.key: value.items or () for name, value in node.entries if name.key in ("command", "args")}
            if len(lists) > 1:
                yield from _secret_words(lists["command"], lists["args"])
            yield from _secrets_of(node, in_release=is_release)
    if is_release:
        yield from _called_secret(root)
    for node, group_kind in _objects(root):
        if group_kind[1] != _RELEASE:
            yield from _secret_fields(node, group_kind)


def _secret_words(command: Sequence[Placed], items: Sequence[Placed]) -> Iterator[Placed]:
    """Yield the words of a list that are secrets by those before them."""
    words = [item.text for item in (*command, *items)]
    yield from (items[at - len(command)] for at in secret_arguments(words) if at >= len(command))


def _called_secret(root: Placed) -> Iterator[Placed]:
    """Yield what a release has under a name that looks like a secret's, where the language has no such field."""
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items or ()
        for name, value in node.entries or ():
            key = name.key or ""
            if key in _KEYS_OF_USERS:
                continue
            if looks_secret(key) and not is_place(key) and key not in _CARRIERS:
                yield value
            else:
                todo.append(value)


def _objects(root: Placed) -> Iterator[tuple[Placed, GroupKind]]:
    """Yield the objects of a document: itself, or those of a list; what names no kind counts as one of no kind."""
    todo = [root]
    while todo:
        node = todo.pop()
        api_version, kind = _text_of(node, "apiVersion"), _text_of(node, "kind")
        items = next((value.items for name, value in node.entries or () if name.key == "items"), None)
        if kind.endswith("List") and items:
            todo += items
        else:
            yield node, (api_version.rpartition("/")[0], kind) if kind else _NO_KIND


def _secret_fields(root: Placed, group_kind: GroupKind) -> Iterator[Placed]:
    """Yield the values of an object that are secret by the names that lead to them."""
    is_known = merge_rules(*group_kind) is not None
    todo: list[tuple[Placed, tuple[str, ...]]] = [(root, ())]
    while todo:
        node, names = todo.pop()
        todo += ((item, (*names, "")) for item in node.items or ())
        siblings = {name.key: value.text for name, value in node.entries or () if name.key is not None}
        for name, value in node.entries or ():
            below = (*names, name.key or "")
            if field_holds_secret(group_kind, below, is_text=value.text is not None):
                yield from (value,) if is_known else _without_places(value)
            elif is_hidden_beside(below[-1], siblings, names) or (
                value.text is not None and asks_cookies(below) and cookie_secret_at(value.text) >= 0
            ):
                yield value
            else:
                todo.append((value, below))


def _without_places(root: Placed) -> Iterator[Placed]:
    """Yield what is in a secret, but for the fields that tell where it is."""
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items or ()
        todo += (value for name, value in node.entries or () if value.text is None or not is_place(name.key or ""))
        if node.entries is None and node.items is None:
            yield node


def _texts_of(root: Placed, lines: Sequence[str]) -> Iterator[HiddenText]:
    """Yield the texts in a secret value; of its keys, those that are no names."""
    todo, seen = [(root, False)], set()
    while todo:
        node, is_key = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        todo += ((item, False) for item in node.items or ())
        for name, value in node.entries or ():
            todo += ((name, True), (value, False))
        if node.target is not None:
            todo.append((node.target, is_key))
        if is_key and node.text is not None and _NAME.fullmatch(node.text):
            continue
        words = [node.text or "", node.anchor or ""]
        if node.tag is not None and not node.tag.startswith("tag:yaml.org,"):
            words.append(node.tag)
        if node.entries is None and node.items is None and node.text is None and node.line < len(lines):
            # An alias without an anchor: what is written.
            words.append(lines[node.line][node.column : node.end_column])
        texts = [part.strip() for word in words for part in (word, *word.split("\n", _MOST_LINES)[:_MOST_LINES])]
        texts = [text.lstrip("&*!") for text in dict.fromkeys(texts)]
        if any(texts):
            yield HiddenText(first=node.line, last=max(node.line, node.end_line), texts=tuple(filter(None, texts)))


def _keys_that_are_no_names(root: Placed) -> Iterator[HiddenText]:
    """Yield the keys that may hold a value: `PASSWORD=…`."""
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items or ()
        for name, value in node.entries or ():
            todo.append(value)
            if name.text and not _NAME.fullmatch(name.text):
                tail = name.text.partition("=")[2]
                texts = tuple(filter(None, (name.text, tail)))
                yield HiddenText(first=name.line, last=max(name.line, name.end_line), texts=texts)


def _without_user(hidden: str, line: str) -> tuple[str, ...]:
    """Return what is secret of a login in a URL: the password, for a user's name is often that of a Service as well.

    A password that is too short to be known inside another text is told by the whole login.
    """
    user, colon, password = hidden.partition(":")
    if not colon or len(password) < _TELLING or not _NAME.fullmatch(user) or f"://{hidden}@" not in line:
        return (hidden,)
    return (f":{password}", password)


def _holes(line: str, shown: str) -> Iterator[str]:
    """Yield what stood where a line has holes now."""
    first, *parts = shown.split(_HOLE)
    at = len(first)
    for number, part in enumerate(parts, 1):
        end = len(line) - len(part) if number == len(parts) else line.find(part, at) if part else at
        yield line[at : max(end, at)]
        at = max(end, at) + len(part)


def lines_by_name(root: Placed) -> frozenset[int]:
    """Return the lines, from 0, with a value whose name looks like a secret's, in a text of which names tell all."""
    return frozenset(line for value in _named_secrets(root) for line in _lines_of(value))


def lines_with(root: Placed, secrets: Sequence[str]) -> frozenset[int]:
    """Return the lines, from 0, with a value that is a part of one of these texts, or has one of them as a part.

    A part has as many characters as a secret is known by inside another text.
    """
    known = [text for text in dict.fromkeys(secrets) if len(text) >= _TELLING]
    every = _HOLE.join(known)
    lines: set[int] = set()
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items or ()
        todo += (value for _, value in node.entries or ())
        text = (node.text or "").strip()
        if len(text) >= _TELLING and (text in every or any(secret in text for secret in known)):
            lines.update(_lines_of(node))
    return frozenset(lines)


def _secrets_in_texts(root: Placed, lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the number, from 0, of each line with a secret in a text, the line, and what stays of it, with holes.

    That is a login, or what follows a secret's name.
    """
    kinds = {id(node): group_kind for node, group_kind in _objects(root)}
    todo = [(root, False)]
    while todo:
        node, is_spoken = todo.pop()
        group_kind = kinds.get(id(node))
        if group_kind is not None and group_kind[1] != _RELEASE:
            is_spoken = merge_rules(*group_kind) is None
        todo += ((value, is_spoken or name.key in SPOKEN) for name, value in node.entries or ())
        todo += ((item, is_spoken) for item in node.items or ())
        if node.text is not None:
            own = [at for at in _lines_of(node) if at < len(lines)]
            # One line of the file may hold many of its text; it is shown whole or not at all.
            texts = node.text.split("\n") if len(own) == 1 else [lines[at] for at in own]
            shown = hide_in_lines(texts, _HOLE, is_spoken=is_spoken)
            for number, (text, rest) in enumerate(zip(texts, shown, strict=True)):
                if text != rest:
                    yield own[0 if len(own) == 1 else number], text, rest


def _lines_below(start: re.Pattern[str], lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines of every such field in a text that could not be read to its end, from 0."""
    inside: int | None = None
    for number, line in enumerate(lines):
        found = start.match(line[:_LONGEST_LINE])
        bare = line.lstrip(" \t")
        if found is not None:
            inside = len(found[1])
        elif inside is not None and bare and not bare.startswith("#") and len(line) - len(bare) <= inside:
            inside = None
        if inside is not None:
            yield number


def _secrets_of(node: Placed, *, in_release: bool) -> Iterator[Placed]:
    """Yield the values of a mapping that are secret, whole subtrees included."""
    entries = (*(node.merged or {}).values(), *(node.entries or ()))
    # A key that stands twice is an error, whose place is the second one.
    values = [(name.key, value) for name, value in entries if name.key is not None]
    is_secret = any(key == "kind" and value.text == "Secret" for key, value in values)
    is_patch = any(key == "target" and _text_of(value, "kind") in ("Secret", "") for key, value in values)
    for key, value in values:
        is_whole = key in ("stringData", APPLIED) or (is_secret and key == "data")
        if is_whole or (is_patch and key in _CONTENTS):
            yield value
        elif in_release and key in _CONTENTS:
            yield from _secret_fields(value, _NO_KIND)
        elif in_release and key == "config":
            yield from _values_below(value, 2)
        elif key == "secretGenerator":
            yield from (
                literals
                for item in value.items or ()
                for name, literals in item.entries or ()
                if name.key == "literals"
            )
        elif key == "literals":
            yield from (item for item in value.items or () if looks_secret((item.text or "").partition("=")[0]))
        elif key in _NAMED_VALUES:
            if in_release:
                # A text where the variables of a container should stand.
                yield from (inner for _, inner in value.entries or () if inner.text is not None)
            yield from _named_secrets(value)
    if any(key in ("name", "path") and _is_secret_place(value.text or "") for key, value in values):
        yield from (value for key, value in values if key == "value")
    if in_release:
        yield from _secret_conditions(values)


def _secret_conditions(values: Sequence[tuple[str, Placed]]) -> Iterator[Placed]:
    """Yield what a mapping of a release says of headers, parameters and cookies that prove who calls."""
    said = [value for key, value in values if key in _RULE_VALUES]
    for key, value in values:
        if key in _CARRIERS:
            name = value.text or ""
            for each in said:
                texts = (each.text, *(item.text for item in each.items or ()))
                if any(shown_condition(name, text or "", key) != (text or "") for text in (*texts, "")):
                    yield each
        elif key in _SENT:
            for sent, said_there in value.entries or ():
                text = said_there.text or ""
                if shown_condition(sent.key or "", text, _SENT[key]) != text:
                    yield said_there


def _text_of(node: Placed, key: str) -> str:
    """Return the text that a mapping has under a key, "" where it has none."""
    entries = (*(node.merged or {}).values(), *(node.entries or ()))
    return next((value.text or "" for name, value in entries if name.key == key), "")


def _values_below(node: Placed, levels: int) -> Iterator[Placed]:
    """Yield what stands below so many levels of names, and what stands where a mapping should."""
    if levels == 0 or not node.entries:
        yield node
    else:
        for _, value in node.entries:
            yield from _values_below(value, levels - 1)


def _named_secrets(node: Placed) -> Iterator[Placed]:
    """Yield what stands in nested mappings under a name that looks like a secret's."""
    for name, value in node.entries or ():
        if looks_secret(name.key or ""):
            yield value
        else:
            for inner in (value, *(value.items or ())):
                yield from _named_secrets(inner)


def _is_secret_place(name: str) -> bool:
    """Tell whether a variable's name, or the path of a JSON patch operation, leads to a secret."""
    if "/stringData" in name or _ANY_VARIABLE.search(name):
        return True
    return looks_secret(name) and not (name.startswith("/") and is_place(name.rpartition("/")[2]))


def _lines_of(root: Placed) -> Iterator[int]:
    todo, seen = [root], set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        todo += node.items or ()
        todo += (part for entry in node.entries or () for part in entry)
        if node.target is not None:
            todo.append(node.target)
        if node.text is not None or (node.entries is None and node.items is None):
            last = node.end_line - 1 if node.end_column == 0 and node.end_line > node.line else node.end_line
            yield from range(node.line, last + 1)
