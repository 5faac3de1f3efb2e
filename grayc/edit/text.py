"""How plain data is written into a file that somebody else laid out."""

import json
import re
from collections.abc import Mapping, Sequence

from grayc.documents.scalars import is_doubtful, resolve_plain

# What no reader takes for anything but text, whatever stands around it.
_PLAIN = re.compile(
    r"[A-Za-z_/][A-Za-z0-9_./@%+=-]*(?::[A-Za-z0-9_./@%+=-]+)*"
    # Versions, addresses, times and sizes, which start as numbers do.
    r"|[0-9]+(?:\.[0-9]+){2,}(?:-[A-Za-z0-9.-]+)?|[0-9]+(?:ms|[smhd]|[KMGTP]i)"
)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_NOT_IN_SINGLE_QUOTES = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_HIDDEN = "\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
_NOT_IN_DOUBLE_QUOTES = re.compile(f'[\x00-\x1f"\\\\{_HIDDEN}]')
_NOT_IN_JSON = re.compile(f"[{_HIDDEN}]")
# What a literal block cannot hold, or would give back otherwise.
_NOT_IN_BLOCK = re.compile(
    "[^\n\t\x20-\x7e\xa0-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def scalar_text(value: object, *, style: str = "", is_json: bool = False) -> str:
    """Return a value on one line, in the quotes of `style` where it can stand in them.

    A number or truth value has no quotes, and a text that is not plainly one gets some.
    """
    if is_json:
        return _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and not _NOT_IN_SINGLE_QUOTES.search(value):
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _is_plain(value):
        return value
    return '"' + _NOT_IN_DOUBLE_QUOTES.sub(_escape, value) + '"'


def _is_plain(text: str) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and text.lower() not in _WORDS
        and resolve_plain(text) == text
        and not is_doubtful(text)
    )


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(sign)
    if short is not None:
        return short
    return f"\\x{ord(sign):02X}" if ord(sign) <= 0xFF else f"\\u{ord(sign):04X}"


def flow_text(value: object, *, is_json: bool, quotes: str = "") -> str:
    """Return plain data on one line."""
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{scalar_text(key, style=quotes, is_json=is_json)}: {flow_text(item, is_json=is_json, quotes=quotes)}"
            for key, item in value.items()
        )
        return "{" + inner + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow_text(item, is_json=is_json, quotes=quotes) for item in value) + "]"
    return scalar_text(value, style=quotes, is_json=is_json)


def is_block_text(text: str) -> bool:
    """Tell whether a text can stand in a literal block."""
    return bool(text.strip("\n ")) and not _NOT_IN_BLOCK.search(text) and "\t\n" not in text


def literal(text: str, *, column: int, outer: int) -> tuple[str, list[str]]:
    """Return the header and the lines of a literal block.

    Args:
        column: of its lines.
        outer: column of the key that it belongs to.
    """
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    # A reader finds the column by itself where no blank comes first; of a tab it says that none may.
    hint = str(column - outer) if body.lstrip("\n").startswith((" ", "\t")) else ""
    sign = "|" + hint + ("-" if ends == 0 else "+" if ends > 1 else "")
    return sign, [" " * column + line if line else "" for line in body.split("\n")] + [""] * max(0, ends - 1)


def block_lines(key: str, value: object, *, column: int, step: int, literals: bool) -> list[str]:
    """Return an entry of a block mapping, one line for each scalar in it.

    Args:
        key: as it stands in the file, quotes included.
        column: of the key.
        step: columns by which what is inside is indented.
        literals: a text of several lines gets a line for each.
    """
    head = f"{' ' * column}{key}:"
    if isinstance(value, Mapping) and value:
        lines = [head]
        for name, item in value.items():
            lines += block_lines(scalar_text(name), item, column=column + step, step=step, literals=literals)
        return lines
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        items = (item_lines(item, column=column + step, step=step, literals=literals) for item in value)
        return [head, *(line for lines in items for line in lines)]
    # Blank lines at its end would be one with those that follow.
    if literals and isinstance(value, str) and "\n" in value and not value.endswith("\n\n") and is_block_text(value):
        sign, lines = literal(value, column=column + step, outer=column)
        return [f"{head} {sign}", *lines]
    return [f"{head} {flow_text(value, is_json=False)}"]


def item_lines(item: object, *, column: int, step: int, literals: bool) -> list[str]:
    """Return an item of a block list whose dashes stand in a column."""
    if isinstance(item, Mapping) and item:
        lines = []
        for name, value in item.items():
            lines += block_lines(scalar_text(name), value, column=column + 2, step=step, literals=literals)
        return [f"{' ' * column}- {lines[0][column + 2 :]}", *lines[1:]]
    return [f"{' ' * column}- {flow_text(item, is_json=False)}"]
