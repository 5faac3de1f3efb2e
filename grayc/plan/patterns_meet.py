"""Whether two patterns can be found in one text."""

import re
from dataclasses import dataclass
from itertools import islice

_LONGEST = 60
_MOST_TEXTS = 500
_MOST_REPEATED = re.compile(r"\{\d*,?\d{3,}\}")
_ANCHOR_INSIDE = re.compile(r"(?:[^\\\[]|^)(?:\\)*[\^$]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What is known of two patterns.

    Attributes:
        text: one in which both are found; None where there is none, or nobody can tell.
        is_known: False where it can not be excluded and no text is at hand.
    """

    text: str | None
    is_known: bool


def meet(first: str, second: str) -> Meeting:
    """Return whether two RE2 expressions can be found in one text, exactly where both are plainly regular.

    Anchors inside, flags, word boundaries, classes by name and very long expressions are not compared.
    """
    wholes = [_whole(pattern) for pattern in (first, second)]
    if None in wholes:
        return Meeting(text=None, is_known=False)
    # Two releases with patterns on one header are rare, and this is the one place that needs the library.
    from greenery import parse  # noqa: PLC0415
    from greenery.parse import NoMatch  # noqa: PLC0415

    try:
        both = parse(wholes[0] or "") & parse(wholes[1] or "")
    except (NoMatch, ValueError, RecursionError):
        return Meeting(text=None, is_known=False)
    text = next((text for text in islice(both.strings(), _MOST_TEXTS) if text.isascii() and text.isprintable()), None)
    return Meeting(text=text, is_known=text is not None or both.empty())


def _whole(pattern: str) -> str | None:
    """Return an expression for the whole text in which a pattern is found, None where that is not plain."""
    if len(pattern) > _LONGEST or "(?" in pattern.replace("(?:", "") or _MOST_REPEATED.search(pattern):
        return None
    start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    inner = pattern[int(start) : len(pattern) - int(end)]
    if _ANCHOR_INSIDE.search(inner) or ((start or end) and _has_alternatives(inner)):
        return None
    return f"{'' if start else '.*'}({inner}){'' if end else '.*'}"


def _has_alternatives(pattern: str) -> bool:
    """Tell whether a pattern falls into alternatives outside of groups and classes."""
    depth = 0
    for sign in re.findall(r"\\.|\[(?:\\.|[^\]])*\]|.", pattern, re.DOTALL):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            return True
    return False
