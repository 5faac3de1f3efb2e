"""A share by the last two digits of a value (尾号): exact, the same for a user each time, and growing with its percent.

Source: the release language, `weight … by`: a value that is a single digit counts as 0n; what ends otherwise stays.
"""

from grayc.spec.model import Digits

_DIGITS = {Digits.DECIMAL: "0123456789", Digits.HEX: "0123456789abcdef"}


def endings_below(percent: int, digits: Digits) -> int:
    """Return how many of the endings a share has: of 100, or of 256 for hex, rounded to the nearest, halves up."""
    return percent if digits is Digits.DECIMAL else (percent * 256 + 50) // 100


def all_endings(digits: Digits) -> int:
    """Return how many endings of two digits there are."""
    return len(_DIGITS[digits]) ** 2


def pattern_of(percent: int, digits: Digits) -> str:
    """Return an RE2 expression for the whole of a value that ends in one of the share's endings.

    Args:
        percent: 1 to 100.
    """
    signs = _DIGITS[digits]
    tens, ones = divmod(endings_below(percent, digits), len(signs))
    pairs = [f"{_class(signs[:tens])}{_class(signs)}"] if tens else []
    pairs += [f"{_class(signs[tens])}{_class(signs[:ones])}"] if ones else []
    single = _class(signs if tens else signs[:ones])
    both = pairs[0] if len(pairs) == 1 else f"(?:{'|'.join(pairs)})"
    return f"^(?:.*{both}|{single})$"


def _class(signs: str) -> str:
    """Return what matches one of these digits, letters in either case."""
    numbers, letters = [sign for sign in signs if sign.isdigit()], [sign for sign in signs if sign.isalpha()]
    text = _span(numbers) + _span(letters) + _span([letter.upper() for letter in letters])
    return text if len(text) == 1 else f"[{text}]"


def _span(signs: list[str]) -> str:
    if len(signs) < 3:
        return "".join(signs)
    return f"{signs[0]}-{signs[-1]}"
