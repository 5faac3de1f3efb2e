"""Write plain data as YAML that every reader reads alike: Kubernetes' own, YAML 1.1's and 1.2's.

Leaves to others: the order of documents and keys, and files. Text stands without quotes only where no reader could
take it for anything else; mappings and lists look as `kubectl` writes them.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@%+=-]*(?::[A-Za-z0-9_./@%+=-]+)*")
"""Text that looks like nothing else: no leading digit or sign, no space, no `: ` or ` #`."""

_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
"""What some reader takes for a boolean, null or a number, in any case."""

# Control characters, line ends that only some readers know, what has no glyph, and what turns the text around it: a
# reviewer must see them, so they are written as escapes.
_HIDDEN = (
    "\\x7f-\\xa0\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ud800-\\udfff\\ufeff\\ufff9-\\uffff\\U000e0000-\\U000e007f"
)
_ESCAPED = re.compile(rf'["\\\x00-\x1f{_HIDDEN}]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

# A block text shows its characters as they are: no blanks at the end of a line, nothing that would need an escape, and
# no tab at the start of its first line, which some readers take for indentation.
_NOT_IN_BLOCK = re.compile(rf"[ \t](?:\n|\Z)|\A\n*\t|[\x00-\x08\x0b-\x1f{_HIDDEN}]")

# YAML looks no further than 1,024 characters for the `:` of a key.
_LONGEST_PLAIN_KEY = 1_000


def emit_stream(documents: Iterable[Mapping[str, object]]) -> str:
    """Return documents as one YAML stream, `---` between them."""
    return "---\n".join(emit_document(document) for document in documents)


def emit_document(data: Mapping[str, object]) -> str:
    """Return one document, its keys in the order they have; ends with a line end."""
    if not data:
        return "{}\n"
    lines: list[str] = []
    _mapping(data, "", "", lines)
    lines.append("")
    return "\n".join(lines)


def _mapping(data: Mapping[str, object], indent: str, first: str, lines: list[str]) -> None:
    """Append the lines of a mapping; `first` stands before its first key instead of the indentation."""
    start = first or indent
    for key, value in data.items():
        written = _key(key)
        head = f"{start}{written}\n{indent}" if written[0] == "?" else start + written
        start = indent
        if isinstance(value, str):
            text = _text(value)
            lines.append(f"{head}: {text}" if text is not None else f"{head}: {_block(value, indent)}")
        elif isinstance(value, Mapping):
            if value:
                lines.append(f"{head}:")
                _mapping(value, indent + "  ", "", lines)
            else:
                lines.append(f"{head}: {{}}")
        elif isinstance(value, (list, tuple)):
            if value:
                lines.append(f"{head}:")
                _list(value, indent, "", lines)
            else:
                lines.append(f"{head}: []")
        else:
            lines.append(f"{head}: {_atom(value)}")


def _list(items: Iterable[object], indent: str, first: str, lines: list[str]) -> None:
    """Append the lines of a list; `first` stands before its first dash instead of the indentation."""
    start = first or indent
    for item in items:
        head = start + "- "
        start = indent
        if isinstance(item, str):
            text = _text(item)
            lines.append(head + (text if text is not None else _block(item, indent)))
        elif isinstance(item, Mapping):
            if item:
                _mapping(item, indent + "  ", head, lines)
            else:
                lines.append(head + "{}")
        elif isinstance(item, (list, tuple)):
            if item:
                _list(item, indent + "  ", head, lines)
            else:
                lines.append(head + "[]")
        else:
            lines.append(head + _atom(item))


def _atom(value: object) -> str:
    match value:
        case None:
            return "null"
        case True:
            return "true"
        case False:
            return "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return _text(value) or _quoted(value)
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a document")


def _float(value: float) -> str:
    """Return a float in a form that all readers take for one: with a point, and a sign before the exponent."""
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent if exponent[0] in '+-' else '+' + exponent}"


@lru_cache(maxsize=65_536)
def _key(text: str) -> str:
    """Return a key as it stands before its `:`."""
    written = text if _is_plain(text) else _quoted(text)
    # Written in the long form, the `:` has a line of its own and may stand as far away as it likes.
    return written if len(written) <= _LONGEST_PLAIN_KEY else f"? {written}"


@lru_cache(maxsize=65_536)
def _text(text: str) -> str | None:
    """Return a text as it stands on one line, or None where it is better written as a block."""
    if _is_plain(text):
        return text
    if "\n" in text and text.strip("\n") and not _NOT_IN_BLOCK.search(text):
        return None
    return _quoted(text)


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    code = ord(sign)
    short = _SHORT_ESCAPES.get(sign)
    if short is not None:
        return short
    if code <= 0x9F:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _block(text: str, indent: str) -> str:
    """Return a text of several lines as a literal block below a key or dash with this indentation."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    # Readers take the first line's indentation for the block's, so one that starts with a space needs it said.
    hint = "2" if body.lstrip("\n").startswith(" ") else ""
    sign = "-" if ends == 0 else "+" if ends > 1 else ""
    inner = indent + "  "
    lines = [f"|{hint}{sign}", *(inner + line if line else "" for line in body.split("\n"))]
    return "\n".join(lines) + "\n" * max(0, ends - 1)
