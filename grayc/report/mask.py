"""Keep values of secrets out of every report."""

import re
from dataclasses import replace

from grayc.diagnostics import Diagnostic

MASK = "***"
_QUOTED = re.compile(r"`([^`]*)`")
_REACH = 65536


def masked(diagnostic: Diagnostic) -> Diagnostic:
    """Return a finding whose words quote nothing that stands at a place with a secret.

    What a message quotes in backticks is the user's own words. Where the finding or one of its notes points at a
    secret, every quotation that the text from there on holds is masked: rather a harmless word too much than a value.
    """
    secrets = [span for span in (diagnostic.span, *(note.span for note in diagnostic.notes)) if span and span.sensitive]
    if not secrets:
        return diagnostic
    texts = [span.source.rest(span.line, span.column)[:_REACH] for span in secrets]

    def hide(found: re.Match[str]) -> str:
        words = found.group(1).lstrip("&*!")
        return f"`{MASK}`" if words and any(words in text for text in texts) else found.group(0)

    def clean(text: str) -> str:
        return _QUOTED.sub(hide, text)

    notes = tuple(replace(note, message=clean(note.message)) for note in diagnostic.notes)
    return replace(diagnostic, message=clean(diagnostic.message), help=clean(diagnostic.help), notes=notes)
