"""The plain part of YAML, read line by line: most manifests hold nothing else, and a parser takes twice as long.

Keys, items of lists, values of one line and `|` texts, in ASCII. Whatever else stands in a text, and whatever there
would be something to say of, is left to `build`, which asks libyaml: None is always a right answer here. A property
holds that the two agree.
"""

import re
from functools import lru_cache

from grayc.documents.limits import MAX_DEPTH, MAX_KEY
from grayc.documents.scalars import ScalarError, is_doubtful, key_text, resolve_plain

_LONGEST = 100_000
"""Characters of a text that is tried; no limit of `documents.limits` is about one so short, but that of depth."""
_DEEPEST = MAX_DEPTH // 2
"""Blocks in each other that are tried."""

_LINE = re.compile(
    r"""
    (\ *+)                                                            # 1: how far it is indented
    (?:
        (?:\#[^\n]*+)?                                                # nothing, or a comment
    |
        (-\ ++)?+                                                     # 2: an item of a list
        (?:([A-Za-z0-9_./][A-Za-z0-9_./-]*+):(?=[\ \n])\ *+)?+        # 3: a key
        (?:
            (-*+[A-Za-z0-9_./$(](?:[^\ :\n]|:(?=[^\ \n])|\ ++(?=[^\ \#\n]))*+)  # 4: a plain scalar
        |   '([^'\n]*+)'                                              # 5
        |   "([^"\\\n]*+)"                                            # 6
        |   (\|-?+)                                                   # 7: a text of several lines follows
        |   (\{\}|\[\])                                               # 8
        |   \[("[^"\\\n]*+"(?:,\ "[^"\\\n]*+")*+)\]                   # 9: a list of texts on one line
        )?+
        \ *+(?:(?<=\ )\#[^\n]*+)?+
    )
    \n
    """,
    re.VERBOSE,
)
_DASH, _KEY, _PLAIN, _BLOCK, _EMPTY, _LIST = 2, 3, 4, 7, 8, 9


class _OtherError(Exception):
    """It holds more than plain lines."""


def read_plain_yaml(text: str, scalars: dict[str, object], keys: dict[str, object]) -> dict[str, object] | None:
    """Return the mapping that a text of plain lines holds; None where it must be asked of `build`.

    Args:
        scalars, keys: as `build.build_yaml` takes them.
    """
    if len(text) > _LONGEST or not text.endswith("\n") or not text.isascii():
        return None
    if not text.replace("\n", "").isprintable():
        return None
    try:
        return _read(text, scalars, keys)
    except (_OtherError, ScalarError):
        return None


def _read(  # noqa: PLR0915 - one loop over all lines, kept flat for its speed
    text: str, scalars: dict[str, object], keys: dict[str, object]
) -> dict[str, object]:
    root: dict[str, object] = {}
    # The innermost open block and the column of its keys or dashes, and those around it.
    block: dict[str, object] | list[object] = root
    own = 0
    around: list[tuple[dict[str, object] | list[object], int]] = []
    # The key above had no value on its line.
    waits: str | None = None
    at, end = 0, len(text)
    match = _LINE.match
    while at < end:
        found = match(text, at)
        if found is None:
            raise _OtherError
        at = found.end()
        last = found.lastindex
        if last == 1:
            continue
        spaces, dash, key, plain, *others = found.groups()
        column = len(spaces)
        if waits is not None:
            if column > own or (dash is not None and column == own):
                child: dict[str, object] | list[object] = {} if dash is None else []
                block[waits] = child  # type: ignore[call-overload]  # what waits is a mapping's
                around.append((block, own))
                block, own = child, column
            waits = None
        while own > column or (own == column and dash is None and type(block) is list):
            block, own = around.pop()
        if own != column or (type(block) is list) is (dash is None) or last == _DASH:
            raise _OtherError
        if dash is None:
            if key is None:
                raise _OtherError
        elif key is not None:
            item: dict[str, object] = {}
            block.append(item)  # type: ignore[union-attr]  # a dash stands in a list
            around.append((block, own))
            block, own = item, column + len(dash)
        if len(around) > _DEEPEST:
            raise _OtherError
        value: object
        if last == _PLAIN:
            value = scalars[plain] if plain in scalars else _resolved(plain, scalars)
        elif last == _KEY:
            value = None
        elif last == _BLOCK:
            value, at = _block(text, at, own, others[2])
        elif last == _EMPTY:
            value = {} if others[3] == "{}" else []
        elif last == _LIST:
            value = others[4][1:-1].split('", "')
        else:
            value = found[last]  # type: ignore[index]  # something matched
        if key is None:
            block.append(value)  # type: ignore[union-attr]
            continue
        name = keys[key] if key in keys else _named(key, keys)
        if name in block:
            raise _OtherError
        block[name] = value  # type: ignore[index, call-overload]
        if last == _KEY:
            waits = name  # type: ignore[assignment]
    if not root:
        raise _OtherError
    return root


def _resolved(text: str, scalars: dict[str, object]) -> object:
    value = resolve_plain(text)
    if is_doubtful(text):
        raise _OtherError
    if len(text) <= MAX_KEY:
        scalars[text] = value
    return value


def _named(text: str, keys: dict[str, object]) -> str:
    name = key_text(text)
    if is_doubtful(text) or len(text) > MAX_KEY:
        raise _OtherError
    keys[text] = name
    return name


def _block(text: str, at: int, column: int, header: str) -> tuple[str, int]:
    """Return the text of several lines that starts at a place, and where it ends.

    Args:
        column: of the key or dash that it belongs to.
    """
    indent = _indent_at(text, at)
    if indent <= column:
        raise _OtherError
    found = _lines_from(indent).match(text, at)
    if found is None:
        raise _OtherError
    body = "\n".join([line[indent:] for line in found[0].split("\n")]).rstrip("\n")
    return body + ("\n" if header == "|" else ""), found.end()


def _indent_at(text: str, at: int) -> int:
    """Return how far the line at a place is indented; 0 where nothing stands on it."""
    found = _INDENT.match(text, at)
    return 0 if found is None else found.end() - at


_INDENT = re.compile(r" *+(?=[^ \n])")


@lru_cache(maxsize=MAX_DEPTH)
def _lines_from(indent: int) -> re.Pattern[str]:
    """Return what matches lines that are indented so far or further, and those with nothing on them."""
    return re.compile(rf"(?: {{{indent}}}[^\n]*+\n| {{0,{indent}}}\n)*+")
