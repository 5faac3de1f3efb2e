"""Suggest what the user may have meant."""

from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice most like `word`, or None where none is near.

    Case and `-`/`_` do not count; equal distances go to the first in sorted order.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    def fold(text: str) -> str:
        return text.lower().replace("_", "").replace("-", "")

    by_fold: dict[str, str] = {}
    for choice in sorted(set(choices)):
        by_fold.setdefault(fold(choice), choice)
    found = get_close_matches(fold(word), list(by_fold), n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str], *, noun: str) -> str:
    """Return a help sentence: the nearest choice, and the choices there are (at most 12)."""
    known = sorted(set(choices))
    if not known:
        return f"there is no {noun} here"
    shown = ", ".join(f"`{choice}`" for choice in known[:12]) + (
        f" and {len(known) - 12} more" if len(known) > 12 else ""
    )
    guess = nearest(word, known)
    start = f"did you mean `{guess}`? " if guess else ""
    if guess and len(known) == 1:
        return f"did you mean `{guess}`?"
    return f"{start}{_plural(noun)} there are: {shown}"


def _plural(noun: str) -> str:
    """Return the plural of a noun, of each where `or` joins several."""
    words = noun.split(" or ")
    return " or ".join(f"{word}es" if word.endswith("s") else f"{word}s" for word in words)
