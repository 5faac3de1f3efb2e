"""Lines of rules for a gateway that ranks matches by how much they ask, so that its order is that of the lines.

Where a later line asks more than an earlier one that leads elsewhere, it would come first. What meets both is then a
line of its own, which asks more than either and leads where the earlier one does.

Sources: kubernetes-sigs/gateway-api 4564255, apis/v1/httproute_types.go, HTTPRouteRule.matches: more headers come
first, then more query parameters; envoyproxy/gateway b295b09, internal/gatewayapi/sort.go: of as many headers, more
exact ones.
"""

from collections.abc import Sequence

import re2

from grayc.analysis.traffic import Ask, Line
from grayc.records import replace
from grayc.spec.model import Part

MOST_LINES = 200
"""More than any route has room for; what would come to more is refused for its size."""

_Said = frozenset[tuple[tuple[Part, str], tuple[str, ...], str | None]]


def in_rank_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines, and what must stand before them for a request that meets two which lead apart."""
    made = list(lines)
    known = {_said(line): None for line in made}
    again = True
    while again and len(made) <= MOST_LINES:
        again = False
        for at, first in enumerate(made):
            for then in made[at + 1 :]:
                both = _both(first, then) if first.enters != then.enters and _outranks(then, first) else None
                if both is not None and _said(both) not in known:
                    known[_said(both)] = None
                    made.insert(at, both)
                    again = True
                    break
            if again:
                break
    return tuple(made)


def _said(line: Line) -> _Said:
    return frozenset((ask.place, ask.values, ask.pattern) for ask in line.asks)


def _outranks(line: Line, other: Line) -> bool:
    """Tell whether some implementation may ask a line before another, whatever stands first in a route."""
    ours, theirs = line.count(Part.HEADER), other.count(Part.HEADER)
    if ours != theirs:
        return ours > theirs
    return line.count(Part.QUERY) > other.count(Part.QUERY) or _exact(line) > _exact(other)


def _exact(line: Line) -> int:
    return sum(ask.part is not Part.COOKIE and ask.pattern is None for ask in line.asks)


def _both(first: Line, then: Line) -> Line | None:
    """Return the line of requests that meet two, leading where the first leads; None where there are none.

    One of the two keeps requests on the baseline, so where both ask one place, that one has a value and no pattern.
    """
    asks = {ask.place: ask for ask in first.asks}
    for ask in then.asks:
        other = asks.get(ask.place)
        met = ask if other is None else _in_both(other, ask)
        if met is None:
            return None
        asks[ask.place] = met
    return replace(first, asks=tuple(asks.values()))


def _in_both(one: Ask, other: Ask) -> Ask | None:
    plain, asked = (one, other) if one.pattern is None else (other, one)
    values = tuple(value for value in plain.values if _meets(value, asked))
    return replace(plain, values=values) if values else None


def _meets(value: str, ask: Ask) -> bool:
    return value in ask.values if ask.pattern is None else re2.search(ask.pattern, value) is not None
