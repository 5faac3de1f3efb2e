"""Whether two patterns can be found in one text.

Two patterns meet where the product of their automata reaches its end. The automata are walked side by side and never
made deterministic, so that the walk grows with the product of their sizes and no pattern makes it grow faster.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits, punctuation
from typing import Any

from grayc.records import dataclass

MAX_PATTERN_STATES = 3_000
"""States of one pattern's automaton; of a larger one nobody can tell."""

MAX_PATTERN_STEPS = 500_000
"""Pairs of states looked at for all patterns of one run; counted, so that every machine gives the same answer."""

_LONGEST = 64
# Reading a pattern of that length costs as much as so many pairs of states.
_READING_STEPS = 500
_MOST_REPEATED = re.compile(r"\{(?:\d*+,)?+\d{3,}+\}")
_ANCHOR_INSIDE = re.compile(r"(?:[^\\\[]|^)(?:\\)*[\^$]")
# To RE2 a `]` that comes first is a member of the class; the parser takes it for the end.
_BRACKET_FIRST = re.compile(r"\[\^?\]")
_LAST_CODE_POINT = 0x10FFFF
# A text to show is made of what is easily typed, as far as the patterns leave a choice.
_SHOWN = f"{digits}{ascii_lowercase}{ascii_uppercase}{punctuation} "
_RANKS = {ord(sign): rank for rank, sign in enumerate(_SHOWN)}

_Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What is known of two patterns.

    Attributes:
        text: one in which both are found; None where there is none, or nobody can tell.
        is_known: False where it cannot be excluded and no text is at hand.
    """

    text: str | None
    is_known: bool


UNKNOWN = Meeting(text=None, is_known=False)


class _SpentError(Exception):
    """There is nothing left of a budget."""


class _Automaton:
    """A pattern as states from 0, the start, with steps that read nothing and steps that read one character.

    Attributes:
        empty: state → the states that it leads to without a character.
        reading: state → the characters it reads and the state it leads to; None where it reads none.
        end: the state in which the whole text was read.
    """

    def __init__(self, pattern: Any) -> None:
        self.empty: list[list[int]] = []
        self.reading: list[tuple[_Ranges, int] | None] = []
        start = self._state()
        self.end = self._pattern(pattern, start)

    def _state(self) -> int:
        if len(self.empty) >= MAX_PATTERN_STATES:
            raise _SpentError
        self.empty.append([])
        self.reading.append(None)
        return len(self.empty) - 1

    def _pattern(self, pattern: Any, start: int) -> int:
        """Add alternatives behind a state; return the state in which one of them was read."""
        end = self._state()
        # A set has no order of its own.
        for alternative in sorted(pattern.concs, key=str):
            at = self._state()
            self.empty[start].append(at)
            for part in alternative.mults:
                at = self._repeated(part, at)
            self.empty[at].append(end)
        return end

    def _repeated(self, part: Any, start: int) -> int:
        least, most = part.multiplier.min.v or 0, part.multiplier.max.v
        at = start
        for _ in range(least):
            at = self._once(part.multiplicand, at)
        if most is None:
            loop, end = self._state(), self._state()
            self.empty[at] += [loop, end]
            self.empty[self._once(part.multiplicand, loop)] += [loop, end]
            return end
        end = self._state()
        for _ in range(most - least):
            self.empty[at].append(end)
            at = self._once(part.multiplicand, at)
        self.empty[at].append(end)
        return end

    def _once(self, part: Any, start: int) -> int:
        if hasattr(part, "concs"):
            # A state of its own: what comes back to the start must not enter another alternative.
            inner = self._state()
            self.empty[start].append(inner)
            return self._pattern(part, inner)
        before, end = self._state(), self._state()
        self.empty[start].append(before)
        self.reading[before] = (_ranges(part), end)
        return end


def _ranges(characters: Any) -> _Ranges:
    ranges: _Ranges = tuple(characters.ord_ranges)
    if not characters.negated:
        return ranges
    made, start = [], 0
    for first, last in ranges:
        if start < first:
            made.append((start, first - 1))
        start = last + 1
    return (*made, (start, _LAST_CODE_POINT)) if start <= _LAST_CODE_POINT else tuple(made)


@lru_cache(maxsize=4_096)
def _common(first: _Ranges, second: _Ranges, *, shown: bool) -> int | None:
    """Return a character that is in both, the best to show or any; None where there is none."""
    both = [
        (max(one[0], other[0]), min(one[1], other[1]))
        for one in first
        for other in second
        if max(one[0], other[0]) <= min(one[1], other[1])
    ]
    if not shown:
        return both[0][0] if both else None
    return next((sign for sign in _RANKS if any(start <= sign <= end for start, end in both)), None)


class PatternMeetings:
    """Tells of pairs of patterns whether they meet, as long as its budget lasts.

    Attributes:
        left: how many pairs of states it will yet look at.
    """

    def __init__(self, steps: int = MAX_PATTERN_STEPS) -> None:
        self.left = steps
        self._automata: dict[str, _Automaton | None] = {}
        self._known: dict[tuple[str, str], Meeting] = {}

    def meet(self, first: str, second: str) -> Meeting:
        """Return whether two RE2 expressions can be found in one text, exactly where both are plainly regular.

        Anchors inside, flags, word boundaries, classes by name and very long expressions are not compared, nor is
        anything once the budget is spent.
        """
        if (first, second) not in self._known:
            try:
                self._known[first, second] = self._compare(first, second)
            except _SpentError:
                return UNKNOWN
        return self._known[first, second]

    def spend(self, steps: int) -> bool:
        """Take steps off the budget; tell whether it lasts."""
        self.left -= steps
        return self.left >= 0

    def _compare(self, first: str, second: str) -> Meeting:
        one, other = self._automaton(first), self._automaton(second)
        if one is None or other is None:
            return UNKNOWN
        text = self._shortest(one, other, shown=True)
        if text is not None:
            return Meeting(text=text, is_known=True)
        return Meeting(text=None, is_known=self._shortest(one, other, shown=False) is None)

    def _automaton(self, pattern: str) -> _Automaton | None:
        if pattern not in self._automata:
            self._take(_READING_STEPS)
            automaton = _read(pattern)
            self._take(len(automaton.empty) if automaton else 0)
            self._automata[pattern] = automaton
        return self._automata[pattern]

    def _take(self, steps: int) -> None:
        if not self.spend(steps):
            raise _SpentError

    def _shortest(self, one: _Automaton, other: _Automaton, *, shown: bool) -> str | None:
        """Return the first of the shortest texts that both read to their ends, None where there is none.

        Args:
            shown: of characters that can be shown; without, of any.
        """
        start, end = (0, 0), (one.end, other.end)
        seen = {start}
        # The pairs of states that one text leads to, texts of one length in order.
        level: list[tuple[str, list[tuple[int, int]]]] = [("", [start])]
        while level:
            longer: list[tuple[str, list[tuple[int, int]]]] = []
            for text, pairs in level:
                by_sign: dict[int, list[tuple[int, int]]] = {}
                for pair in pairs:  # Grows by what is reached without a character.
                    self._take(1)
                    if pair == end:
                        return text
                    for near in _without_character(one, other, pair):
                        if near not in seen:
                            seen.add(near)
                            pairs.append(near)
                    left, right = one.reading[pair[0]], other.reading[pair[1]]
                    if left is None or right is None:
                        continue
                    sign = _common(left[0], right[0], shown=shown)
                    if sign is not None:
                        by_sign.setdefault(sign, []).append((left[1], right[1]))
                for sign in sorted(by_sign, key=lambda sign: (_RANKS.get(sign, len(_RANKS)), sign)):
                    new = [pair for pair in dict.fromkeys(by_sign[sign]) if pair not in seen]
                    seen.update(new)
                    if new:
                        longer.append((text + chr(sign), new))
            level = longer
        return None


def meet(first: str, second: str) -> Meeting:
    """Return what `PatternMeetings` says of one pair of patterns."""
    return PatternMeetings().meet(first, second)


def _without_character(one: _Automaton, other: _Automaton, pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
    for state in one.empty[pair[0]]:
        yield state, pair[1]
    for state in other.empty[pair[1]]:
        yield pair[0], state


def _read(pattern: str) -> _Automaton | None:
    """Return the automaton of the texts in which a pattern is found; None where it is not plain, or too large."""
    whole = _whole(pattern)
    if whole is None:
        return None
    # Two releases with patterns on one header are rare, and this is the one place that needs the library.
    from greenery import parse  # noqa: PLC0415
    from greenery.parse import NoMatch  # noqa: PLC0415

    try:
        return _Automaton(parse(whole))
    except (NoMatch, ValueError, RecursionError, _SpentError):
        return None


def _whole(pattern: str) -> str | None:
    """Return an expression for the whole text in which a pattern is found, None where that is not plain."""
    if len(pattern) > _LONGEST or "(?" in pattern.replace("(?:", "") or _MOST_REPEATED.search(pattern):
        return None
    start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    inner = pattern[int(start) : len(pattern) - int(end)]
    if _ANCHOR_INSIDE.search(inner) or _BRACKET_FIRST.search(inner) or ((start or end) and _has_alternatives(inner)):
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
