"""Which lines of a document hold secret values, so that no diagnostic shows them."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from grayc.k8s.secrets import looks_secret

_SECRET_TEXT = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b|stringData|last-applied-configuration""")
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST_LINE = 10_000
_COPY_OF_THE_OBJECT = "kubectl.kubernetes.io/last-applied-configuration"
# Where a release spec, or a mapping of its kind, gives variables and keys as a mapping of name → value.
_NAMED_VALUES = frozenset({"env", "config", "data"})


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


def sensitive_lines(root: Placed | None, lines: list[str], *, is_whole: bool) -> frozenset[int]:
    """Return the lines, from 0, that hold a value of a Secret or of a variable whose name looks like a secret's.

    Of a text that could not be read to its end (not `is_whole`), all lines of anything that looks like a Secret, and
    those at and below a word that looks like a secret's name.
    """
    hidden: set[int] = set()
    if not is_whole:
        if any(_SECRET_TEXT.search(line) for line in lines):
            return frozenset(range(len(lines)))
        for number, line in enumerate(lines):
            # Nobody reads a line of that length; it is hidden rather than searched.
            if len(line) > _LONGEST_LINE or any(looks_secret(word) for word in _WORD.findall(line)):
                hidden |= {number, number + 1}
    todo = [root] if root is not None else []
    while todo:
        node = todo.pop()
        todo += node.items or ()
        if node.entries:
            todo += (value for _, value in node.entries)
            for value in _secrets_of(node.entries):
                hidden.update(_lines_of(value))
    return frozenset(hidden)


def _secrets_of(entries: Sequence[tuple[Placed, Placed]]) -> Iterator[Placed]:
    """Yield the values of a mapping that are secret, whole subtrees included."""
    values = {name.key: value for name, value in entries if name.key is not None}
    is_secret = "kind" in values and values["kind"].text == "Secret"
    for key, value in values.items():
        if key in ("stringData", _COPY_OF_THE_OBJECT) or (is_secret and key == "data"):
            yield value
        elif key in _NAMED_VALUES:
            yield from _named_secrets(value)
    named = values.get("name") or values.get("path")
    if named is not None and "value" in values and _is_secret_place(named.text or ""):
        yield values["value"]


def _named_secrets(node: Placed) -> Iterator[Placed]:
    """Yield what stands in nested mappings under a name that looks like a secret's."""
    for name, value in node.entries or ():
        if looks_secret(name.key or ""):
            yield value
        elif value.entries:
            yield from _named_secrets(value)


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
