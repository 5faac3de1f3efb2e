"""Show text of users so that it can not act on a terminal or a log."""

import unicodedata

# Control characters, surrogates, invisible format characters (bidirectional ones among them), line separators.
_HIDDEN = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp", "Co"})


def visible(text: str) -> str:
    """Return `text` with everything that does not show as itself written as an escape, such as `\\u202e`.

    Source: Unicode Standard Annex 9; Trojan Source (CVE-2021-42574).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(sign) if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else 0 if unicodedata.combining(sign) else 1 for sign in text
    )


def _escape(sign: str) -> str:
    code = ord(sign)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
