"""How plain data is written into a file that somebody else laid out."""

import json
import re
from collections.abc import Mapping, Sequence

from grayc.documents.scalars import is_doubtful, resolve_plain

# What no reader takes for anything but text, whatever stands around it.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@%+=-]*(?::[A-Za-z0-9_./@%+=-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_NOT_IN_SINGLE_QUOTES = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_NOT_IN_DOUBLE_QUOTES = re.compile('[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]')


def scalar_text(value: object, *, style: str = "", is_json: bool = False) -> str:
    """Return a value on one line, in the quotes of `style` where it can stand in them.

    A number or truth value has no quotes, and a text that is not plainly one gets some.
    """
    if is_json:
        return json.dumps(value, ensure_ascii=False)
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


def block_lines(key: str, value: object, *, column: int, step: int) -> list[str]:
    """Return an entry of a block mapping, one line for each scalar in it.

    Args:
        key: as it stands in the file, quotes included.
        column: of the key.
        step: columns by which what is inside is indented.
    """
    head = f"{' ' * column}{key}:"
    if isinstance(value, Mapping) and value:
        lines = [head]
        for name, item in value.items():
            lines += block_lines(scalar_text(name), item, column=column + step, step=step)
        return lines
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return [head, *(line for item in value for line in item_lines(item, column=column + step, step=step))]
    return [f"{head} {flow_text(value, is_json=False)}"]


def item_lines(item: object, *, column: int, step: int) -> list[str]:
    """Return an item of a block list whose dashes stand in a column."""
    if isinstance(item, Mapping) and item:
        lines = []
        for name, value in item.items():
            lines += block_lines(scalar_text(name), value, column=column + 2, step=step)
        return [f"{' ' * column}- {lines[0][column + 2 :]}", *lines[1:]]
    return [f"{' ' * column}- {flow_text(item, is_json=False)}"]
