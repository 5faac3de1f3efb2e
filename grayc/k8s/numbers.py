"""Whole numbers that stand in text: shares, budgets, positions."""

_MOST_DIGITS = 19
"""Of a number of 64 bits. Python refuses to read more than 4,300 and takes long for fewer."""
_LEAST, _MOST = -(2**63), 2**63 - 1


def read_integer(text: str) -> int | None:
    """Return what Go's `strconv.Atoi` makes of a text; None where it refuses it: no digits, or beyond 64 bits.

    Kubernetes and the gateways are written in Go, and this is how they read a number in an annotation or a percentage.
    """
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isdigit() or len(digits.lstrip("0")) > _MOST_DIGITS:
        return None
    number = int(digits.lstrip("0") or "0")
    if text[0] == "-":
        number = -number
    return number if _LEAST <= number <= _MOST else None
