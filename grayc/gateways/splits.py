"""The weights of a share where what it is taken from is split already."""

from collections.abc import Sequence
from math import gcd


def split(base: Sequence[int], gray: Sequence[int], percent: int, *, most: int) -> tuple[list[int], list[int]]:
    """Return weights by which the gray ones have their percent of all that the base's have, however many they are.

    Args:
        base: weights of the base's own.
        gray: weights that the gray ones have among each other.
        most: that the gateway takes; where there are no weights in the same relation below it, the nearest ones.
    """
    of_base, of_gray = sum(base), sum(gray)
    common = gcd(of_base, of_gray) or 1
    of_base, of_gray = of_base // common, of_gray // common
    kept = [weight * (100 - percent) * of_gray for weight in base]
    given = [weight * percent * of_base for weight in gray]
    if of_base != of_gray or max(kept + given) > most:
        common = gcd(*kept, *given) or 1
        kept, given = [weight // common for weight in kept], [weight // common for weight in given]
    kept, given = _within_limit(kept, given, most=most)
    return kept, given


def _within_limit(*weights: list[int], most: int) -> tuple[list[int], ...]:
    highest = max((weight for listed in weights for weight in listed), default=0)
    if highest <= most:
        return weights
    return tuple([max(1, weight * most // highest) if weight else 0 for weight in listed] for listed in weights)
