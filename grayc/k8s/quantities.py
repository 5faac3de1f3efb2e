"""Quantities of Kubernetes: `250m`, `1.5Gi`, `2e3`.

Source: apimachinery pkg/api/resource, Quantity: decimal, binary and exponent notation.
"""

import re
from fractions import Fraction

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d++(?:\.\d*+)?+|\.\d++))(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,3})?"
)

_LONGEST = 64
"""No quantity that a cluster takes has more digits."""

_SUFFIXES: dict[str, Fraction] = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    **{suffix: Fraction(1000) ** at for at, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Fraction(1024) ** at for at, suffix in enumerate("KMGTPE", 1)},
}

_BINARY = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")


def read_quantity(value: object) -> Fraction | None:
    """Return what a quantity stands for, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    found = _QUANTITY.fullmatch(str(value)) if len(str(value)) <= _LONGEST else None
    if found is None:
        return None
    number, suffix = Fraction(found["number"]), found["suffix"] or ""
    if suffix in _SUFFIXES:
        return number * _SUFFIXES[suffix]
    return number * Fraction(10) ** int(suffix[1:]) if suffix else number


def show_cpu(cores: Fraction) -> str:
    """Return CPU as Kubernetes writes it: whole cores, else thousandths, rounded up."""
    return str(cores.numerator) if cores.denominator == 1 else f"{-(-cores.numerator * 1000 // cores.denominator)}m"


def show_bytes(amount: Fraction) -> str:
    """Return an amount of memory or storage in the largest binary unit that leaves it whole, rounded up to bytes."""
    whole = -(-amount.numerator // amount.denominator)
    for suffix in _BINARY:
        unit = int(_SUFFIXES[suffix])
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return str(whole)
