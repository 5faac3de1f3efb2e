"""Suggest what the user may have meant."""

import re
from collections.abc import Collection, Iterable
from heapq import nsmallest

from grayc.records import dataclass

MAX_SUGGESTION_STEPS = 4_000_000
"""Pairs of characters that the suggestions of one run may compare; counted, so that every machine suggests the same."""

_MOST_AT_ONCE = 20_000_000
"""Of one suggestion: a single mistake gets its suggestion from a large baseline, too."""

_CALL_STEPS = 200
_CHOICE_STEPS = 20
_LONGEST = 100
_SHOWN = 12
_BETWEEN_WORDS = re.compile(r"[-_./ ]+")


@dataclass(slots=True)
class _Budget:
    left: int = MAX_SUGGESTION_STEPS

    def take(self, steps: int) -> bool:
        """Take steps; tell whether they are there. The last suggestion may take more than what is left."""
        lasts = self.left > 0 and steps <= _MOST_AT_ONCE
        self.left -= min(steps, _MOST_AT_ONCE)
        return lasts


_budget = _Budget()


def start_over() -> None:
    """Begin a run: suggestions have their whole budget again."""
    _budget.left = MAX_SUGGESTION_STEPS


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice most like `word`, or None where none is near, or the run has suggested too much already.

    Case and `-`/`_` do not count; equal distances go to the first in sorted order.
    """
    if _budget.left <= 0:
        return None
    return _nearest(word, set(choices))


def did_you_mean(word: str, choices: Iterable[str], *, noun: str) -> str:
    """Return a help sentence: the nearest choice, and the choices there are (at most 12).

    Where a run has suggested too much already, what to do first.
    """
    if _budget.left <= 0:
        return f"mend the first findings: of so many, no {noun} is suggested"
    known = set(choices)
    if not known:
        return f"there is no {noun} here"
    shown = ", ".join(f"`{choice}`" for choice in nsmallest(_SHOWN, known)) + (
        f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    )
    guess = _nearest(word, known)
    start = f"did you mean `{guess}`? " if guess else ""
    if guess and len(known) == 1:
        return f"did you mean `{guess}`?"
    return f"{start}{_plural(noun)} there are: {shown}"


def _nearest(word: str, choices: Collection[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    def fold(text: str) -> str:
        return text.lower().replace("_", "").replace("-", "")

    # What is that long is no misspelt name.
    near = [choice for choice in choices if len(choice) <= _LONGEST] if len(word) <= _LONGEST else []
    steps = _CALL_STEPS + _CHOICE_STEPS * len(choices) + sum(map(len, near)) * len(word)
    if not _budget.take(steps):
        return None
    wider = [choice for choice in near if _holds_words(choice, word)]
    if len(wider) == 1:
        return wider[0]
    by_fold: dict[str, str] = {}
    for choice in sorted(near):
        by_fold.setdefault(fold(choice), choice)
    found = get_close_matches(fold(word), list(by_fold), n=1, cutoff=0.6)
    return by_fold[found[0]] if found and not _are_siblings(word, by_fold[found[0]]) else None


def _words(text: str) -> list[str]:
    return [each for each in _BETWEEN_WORDS.split(text.lower()) if each]


def _holds_words(choice: str, word: str) -> bool:
    """Tell whether a longer name has all words of one of several, in their order: `spring-cloud-b`, `spring-b`."""
    asked, rest = _words(word), iter(_words(choice))
    return len(asked) > 1 and len(word) < len(choice) and all(each in rest for each in asked)


def _are_siblings(word: str, choice: str) -> bool:
    """Tell whether names differ in a word of one sign alone: `spring-b` is no misspelt `spring-c`."""
    one, other = _words(word), _words(choice)
    if len(one) != len(other):
        return False
    differ = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(one) > 1 and len(differ) == 1 and all(len(each) == 1 for each in differ[0])


def _plural(noun: str) -> str:
    """Return the plural of a noun, of each where `or` joins several."""
    words = noun.split(" or ")
    return " or ".join(f"{word}es" if word.endswith("s") else f"{word}s" for word in words)
