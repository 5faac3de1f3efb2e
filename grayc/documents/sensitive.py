"""Which lines of a document hold secret values, so that no diagnostic shows them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, pairwise
from operator import ne
from typing import Protocol

from grayc.documents.hide import SPOKEN, asks_for_secret, hide_in_lines
from grayc.k8s.secrets import looks_secret

_SECRET_SIGNS = ("stringData", "last-applied-configuration")
_KIND_SECRET = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b""")
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST_LINE = 10_000
_COPY_OF_THE_OBJECT = "kubectl.kubernetes.io/last-applied-configuration"
# Where a release spec, or a mapping of its kind, gives variables and keys as a mapping of name → value.
_NAMED_VALUES = frozenset({"env", "config", "data"})
_RELEASE = "GrayRelease"
_CONTENTS = frozenset({"merge", "json6902"})
_CONFIG = re.compile(r"""^([ -]*)["']?config["']?\s*:""")


class Placed(Protocol):
    """A node of a document, as `locate` composes it."""

    line: int
    end_line: int
    end_column: int
    text: str | None
    key: str | None

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
            hidden.update(_lines_below_config(lines))
    is_release = root is not None and _text_of(root, "kind") == _RELEASE
    todo = [root] if root is not None else []
    while todo:
        node = todo.pop()
        todo += node.items or ()
        if node.entries:
            todo += (value for _, value in node.entries)
            for value in _secrets_of(node, in_release=is_release):
                hidden.update(_lines_of(value))
    if root is not None:
        hidden.update(_lines_by_text(root, lines))
    return frozenset(hidden)


def lines_by_name(root: Placed) -> frozenset[int]:
    """Return the lines, from 0, with a value whose name looks like a secret's, in a text of which names tell all."""
    return frozenset(line for value in _named_secrets(root) for line in _lines_of(value))


def _lines_by_text(root: Placed, lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines, from 0, with what looks like a secret in a text: a login, or what follows a secret's name."""
    todo = [(root, False)]
    while todo:
        node, is_spoken = todo.pop()
        todo += ((value, is_spoken or name.key in SPOKEN) for name, value in node.entries or ())
        items = node.items or ()
        todo += ((item, is_spoken) for item in items)
        for before, item in pairwise(items):
            if asks_for_secret(before.text):
                yield from _lines_of(item)
        if node.text is not None:
            own = [at for at in _lines_of(node) if at < len(lines)]
            # One line of the file may hold many of its text; it is shown whole or not at all.
            texts = node.text.split("\n") if len(own) == 1 else [lines[at] for at in own]
            hidden = list(map(ne, texts, hide_in_lines(texts, "", is_spoken=is_spoken)))
            yield from compress(own, [any(hidden)] if len(own) == 1 else hidden)


def _lines_below_config(lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines of every `config` of a release that could not be read to its end, from 0."""
    inside: int | None = None
    for number, line in enumerate(lines):
        found = _CONFIG.match(line[:_LONGEST_LINE])
        bare = line.lstrip(" ")
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
        is_whole = key in ("stringData", _COPY_OF_THE_OBJECT) or (is_secret and key == "data")
        if is_whole or (is_patch and key in _CONTENTS):
            yield value
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
    return looks_secret(name) or "/stringData" in name


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
        if node.text is not None:
            last = node.end_line - 1 if node.end_column == 0 and node.end_line > node.line else node.end_line
            yield from range(node.line, last + 1)
