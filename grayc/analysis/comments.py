"""What stands in a file that a program is given and is read by none: comments, by the file's name."""

import re
from collections.abc import Mapping

_SLASHES = (
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<![:\w])(//[^\n]*)|(/\*(?:(?!\*/)[\s\S])*(?:\*/)?)"
)
_LINES = {
    "properties": re.compile(r"^[ \t]*([#!][^\n]*)", re.MULTILINE),
    "ini": re.compile(r"^[ \t]*([#;][^\n]*)", re.MULTILINE),
    "hash": re.compile(r"^[ \t]*(#[^\n]*)|^[^\n\"'#]*[ \t](#[^\n]*)", re.MULTILINE),
    "markup": re.compile(r"(<!--(?:(?!-->)[\s\S])*)"),
    "slashes": re.compile(_SLASHES),
}
_STYLES: Mapping[str, str] = {
    "properties": "properties",
    "ini": "ini",
    "cfg": "ini",
    **dict.fromkeys(("yaml", "yml", "env", "sh", "bash", "toml", "conf", "py", "rb"), "hash"),
    **dict.fromkeys(("xml", "html", "htm"), "markup"),
    **dict.fromkeys(("json", "json5", "jsonc", "js", "mjs", "cjs", "ts", "groovy"), "slashes"),
}
"""Suffix of a file → how its comments start.

Sources: java.util.Properties, `load`; YAML 1.2.2, 6.6; TOML 1.0.0, "Comment"; XML 1.0, 2.5; JSON5, "Comments"; nginx,
"Beginner's Guide"; INI files have `;` and `#` by custom (Python, configparser).
"""
_PROSE = frozenset({"md", "markdown", "rst", "adoc", "sql"})
"""Suffixes of files that tell people or a database something, and no program where to call."""


def without_comments(file: str, text: str) -> str:
    """Return a file's text with its comments blanked, so that all else stays in its place; prose is blank."""
    suffix = file.rpartition(".")[2].lower()
    if suffix in _PROSE:
        return " " * len(text)
    style = _STYLES.get(suffix)
    return text if style is None else _LINES[style].sub(_blanked, text)


def _blanked(found: re.Match[str]) -> str:
    comment = next((group for group in range(1, (found.re.groups) + 1) if found[group] is not None), 0)
    if not comment:
        return found[0]
    start = found.start(comment) - found.start()
    end = found.end(comment) - found.start()
    return found[0][:start] + " " * (end - start) + found[0][end:]
