"""Keep values of secrets out of every report."""

import re

from grayc.diagnostics import Diagnostic
from grayc.records import replace
from grayc.source import Span

MASK = "***"
_QUOTED = re.compile(r"`([^`]*)`")
_CUT = "\u2026"
_REACH = 65536
_TELLING = 4
"""Characters of a secret by which it is known inside another text; fewer stand in many words."""


def masked(diagnostic: Diagnostic) -> Diagnostic:
    """Return a finding whose words quote no value that stands at a place with a secret.

    What a message quotes in backticks is the user's own words, or names, or grayc's. Where the finding or one of its
    notes points at a secret, quotations of its value, of a part of it, and of texts around it are masked. Names are
    not: those that the finding gives, its object, and the steps of its field; and help speaks of no parts of values.
    Where nobody can tell which words of the file are values, all that follow the place are: rather a harmless word
    too much than a value.
    """
    secrets = [span for span in (diagnostic.span, *(note.span for note in diagnostic.notes)) if span and span.sensitive]
    if not secrets:
        return diagnostic
    values = dict.fromkeys(value for span in secrets for value in span.secrets or ())
    texts = [_rest(span) for span in secrets if span.secrets is None]

    field = diagnostic.field
    for value in values:
        # A key that is no name may be a value in its place.
        field = field.replace(value, MASK) if len(value) >= _TELLING else field
    told = f"{diagnostic.object} {field}"

    def clean(text: str, *, has_parts: bool) -> str:
        def hide(found: re.Match[str]) -> str:
            words = found[1].lstrip("&*!")
            if found[1] in diagnostic.names or _has_step(told, found[1]) or not any(map(str.isalnum, words)):
                return found[0]
            is_value = any(_quotes(words, value, has_parts=has_parts) for value in values)
            return f"`{MASK}`" if is_value or any(words in text for text in texts) else found[0]

        return _QUOTED.sub(hide, text)

    notes = tuple(replace(note, message=clean(note.message, has_parts=True)) for note in diagnostic.notes)
    return replace(
        diagnostic,
        field=field,
        message=clean(diagnostic.message, has_parts=True),
        help=clean(diagnostic.help, has_parts=False),
        notes=notes,
    )


def _has_step(path: str, words: str) -> bool:
    """Tell whether an object or a field, as it is written, has these words as a step, or as several."""
    at = path.find(words)
    while words and at >= 0:
        before, after = path[at - 1 : at], path[at + len(words) : at + len(words) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = path.find(words, at + 1)
    return False


def _rest(span: Span) -> str:
    return span.source.rest(span.line, span.column)[:_REACH]


def _quotes(words: str, value: str, *, has_parts: bool) -> bool:
    """Tell whether words are a secret value, the start of one, a text with one in it, or with `has_parts` a part."""
    if words == value or (words.endswith(_CUT) and value.startswith(words.removesuffix(_CUT))):
        return True
    return (len(value) >= _TELLING and value in words) or (has_parts and words in value)
