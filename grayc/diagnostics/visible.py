"""Show text of users so that it cannot act on a terminal, a log or the build server that reads it."""

import re
import unicodedata

# Control characters, surrogates, invisible format characters (bidirectional ones among them), line separators.
_HIDDEN = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp", "Co"})

# Build servers take `##[command]`, `##vso[command]` and `##teamcity[command]` for a command wherever it stands in a
# line of output, and `::command::` at its start. Sources: actions/runner, `ActionCommand.TryParse` and `TryParseV2`;
# Azure Pipelines docs, "Logging commands"; TeamCity docs, "Service Messages".
_COMMAND = re.compile(r"##(?=(?:vso|teamcity)?\[)", re.IGNORECASE)
_COMMAND_LINE = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)


def visible(text: str) -> str:
    """Return `text` with everything that does not show as itself written as an escape, such as `\\u202e`.

    A `##[` is written as an escape too: a build server would take it for a command.

    Source: Unicode Standard Annex 9; Trojan Source (CVE-2021-42574).
    """
    if "##" in text:
        text = _COMMAND.sub(r"#\\x23", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(sign) if _is_hidden(sign) else sign for sign in text)


def without_commands(text: str) -> str:
    """Return lines of output, escapes in place, none of which starts as a command to a build server."""
    return _COMMAND_LINE.sub(r"\1\\x3a", text) if "::" in text else text


def json_without_commands(text: str) -> str:
    """Return JSON of the same value that holds no command to a build server; `#` stands in nothing but its strings."""
    return _COMMAND.sub(r"#\\u0023", text) if "##" in text else text


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else 0 if unicodedata.combining(sign) else 1 for sign in text
    )


def _is_hidden(sign: str) -> bool:
    """Tell whether a character does not show, or is none at all, which XML cannot hold.

    Source: Unicode 23.7, "Noncharacters"; XML 1.0, 2.2, `Char`.
    """
    is_none = ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    return is_none or unicodedata.category(sign) in _HIDDEN


def _escape(sign: str) -> str:
    code = ord(sign)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
