"""The plain part of YAML, read line by line: most manifests hold nothing else, and a parser takes twice as long.

Keys, items of lists, values of one line and `|` texts, in ASCII. Whatever else stands in a text, and whatever there
would be something to say of, is left to `build`, which asks libyaml: None is always a right answer here. A property
holds that the two agree.
"""

import re

from grayc.documents.limits import MAX_DEPTH, MAX_KEY
from grayc.documents.scalars import ScalarError, is_doubtful, key_text, resolve_plain
from grayc.records import dataclass, field

_LONGEST = 100_000
"""Characters of a text that is tried; no limit of `documents.limits` is about one so short, but that of depth."""
_DEEPEST = MAX_DEPTH // 2
"""Blocks in each other that are tried."""

_MOST_REMEMBERED = 10_000
"""Texts of each sort that are remembered from one document to the next; each has 1,024 characters at most."""

_Row = tuple[int, int, str | None, int, object]
"""What a line says: its column; that of what an item of a list holds, 0 where it is none; the key; the group of `_LINE`
that the value stands in; and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBefore:
    """What texts of earlier documents and files stand for: a baseline says the same few things in every file.

    It depends on the text alone, so that whoever read it first makes no difference to anyone.

    Attributes:
        scalars: plain text → value.
        keys: plain key → JSON key.
        lines: line → what it says.
    """

    scalars: dict[str, object] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    lines: dict[str, _Row] = field(default_factory=dict)

    def shorten(self) -> None:
        """Forget all once there is much of it: texts that stand in one file only would be kept for nothing."""
        for known in (self.scalars, self.keys, self.lines):
            if len(known) > _MOST_REMEMBERED:
                known.clear()


_LINE = re.compile(
    r"""
    (\ *+)                                                            # 1: how far it is indented
    (?:
        (?:\#.*+)?                                                    # nothing, or a comment
    |
        (-\ ++)?+                                                     # 2: an item of a list
        (?:([A-Za-z0-9_./][A-Za-z0-9_./-]*+):(?=\ |\Z)\ *+)?+         # 3: a key
        (?:
            (-*+[A-Za-z0-9_./$(](?:[^\ :]|:(?=[^\ ])|\ ++(?=[^\ \#]))*+)  # 4: a plain scalar
        |   '([^']*+)'                                                # 5
        |   "([^"\\]*+)"                                              # 6
        |   (\|-?+)                                                   # 7: a text of several lines follows
        |   (\{\}|\[\])                                               # 8
        |   \[("[^"\\]*+"(?:,\ "[^"\\]*+")*+)\]                       # 9: a list of texts on one line
        )?+
        \ *+(?:(?<=\ )\#.*+)?+
    )
    """,
    re.VERBOSE,
)
_INDENT, _DASH, _KEY, _PLAIN, _BLOCK, _EMPTY, _LIST = 1, 2, 3, 4, 7, 8, 9


class _OtherError(Exception):
    """It holds more than plain lines."""


def read_plain_yaml(text: str, known: ReadBefore) -> dict[str, object] | None:
    """Return the mapping that a text of plain lines holds; None where it must be asked of `build`.

    Args:
        known: grows.
    """
    if len(text) > _LONGEST or not text.endswith("\n") or not text.isascii():
        return None
    if not text.replace("\n", "").isprintable():
        return None
    try:
        return _read(text[:-1].split("\n"), known)
    except (_OtherError, ScalarError):
        return None


def _read(lines: list[str], known: ReadBefore) -> dict[str, object]:
    root: dict[str, object] = {}
    # The innermost open block and the column of its keys or dashes, and those around it.
    block: dict[str, object] | list[object] = root
    own = 0
    around: list[tuple[dict[str, object] | list[object], int]] = []
    # The key above had no value on its line.
    waits: str | None = None
    rows = known.lines
    at, end = 0, len(lines)
    while at < end:
        line = lines[at]
        at += 1
        column, inner, name, group, value = rows[line] if line in rows else _row(line, known)
        if group == _INDENT:
            continue
        if waits is not None:
            if column > own or (inner and column == own):
                child: dict[str, object] | list[object] = [] if inner else {}
                block[waits] = child  # type: ignore[call-overload]  # what waits is a mapping's
                around.append((block, own))
                block, own = child, column
            waits = None
        while own > column or (own == column and not inner and type(block) is list):
            block, own = around.pop()
        if own != column or (type(block) is list) is not (inner > 0):
            raise _OtherError
        if inner and name is not None:
            item: dict[str, object] = {}
            block.append(item)  # type: ignore[union-attr]  # a dash stands in a list
            around.append((block, own))
            block, own = item, inner
        if len(around) > _DEEPEST:
            raise _OtherError
        if group == _BLOCK:
            value, at = _block(lines, at, own, value == "|")
        elif group >= _EMPTY:
            value = value.copy()  # type: ignore[attr-defined]  # a list, or an empty mapping
        if name is None:
            block.append(value)  # type: ignore[union-attr]
            continue
        if name in block:
            raise _OtherError
        block[name] = value  # type: ignore[call-overload]
        if group == _KEY:
            waits = name
    if not root:
        raise _OtherError
    return root


def _row(line: str, known: ReadBefore) -> _Row:
    """Read a line, and remember what it says."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise _OtherError
    group = found.lastindex or _INDENT
    spaces, dash, key, plain, *others = found.groups()
    column = len(spaces)
    value: object = None
    if group == _DASH or (group > _DASH and dash is None and key is None):
        raise _OtherError
    if group == _PLAIN:
        value = known.scalars[plain] if plain in known.scalars else _resolved(plain, known.scalars)
    elif group == _EMPTY:
        value = {} if others[3] == "{}" else []
    elif group == _LIST:
        value = others[4][1:-1].split('", "')
    elif group > _KEY:
        value = found[group]
    name: str | None = None
    if key is not None:
        name = known.keys[key] if key in known.keys else _named(key, known.keys)
    row = (column, 0 if dash is None else column + len(dash), name, group, value)
    if len(line) <= MAX_KEY:
        known.lines[line] = row
    return row


def _resolved(text: str, scalars: dict[str, object]) -> object:
    value = resolve_plain(text)
    if is_doubtful(text):
        raise _OtherError
    if len(text) <= MAX_KEY:
        scalars[text] = value
    return value


def _named(text: str, keys: dict[str, str]) -> str:
    name = key_text(text)
    if is_doubtful(text) or len(text) > MAX_KEY:
        raise _OtherError
    keys[text] = name
    return name


def _block(lines: list[str], at: int, column: int, ends: bool) -> tuple[str, int]:
    """Return the text of several lines that starts at a place, and the place after it.

    Args:
        column: of the key or dash that it belongs to.
        ends: its last line has an end.
    """
    first = lines[at] if at < len(lines) else ""
    spaces = first[: len(first) - len(first.lstrip(" "))]
    indent = len(spaces)
    if indent <= column or indent == len(first):
        raise _OtherError
    end = at + 1
    while end < len(lines) and (lines[end].startswith(spaces) or not lines[end].strip(" ")):
        end += 1
    text = "\n".join([line[indent:] for line in lines[at:end]]).rstrip("\n")
    return f"{text}\n" if ends else text, end
