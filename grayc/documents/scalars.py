"""What a piece of YAML text stands for, by the rules of Kubernetes' own reader.

Those are neither YAML 1.1's nor 1.2's: `on` is true, `0777` and `0o777` are 511, `1e3` is 1000, `22:22` and
`2001-01-01` are text. They follow `kubectl apply -f`; `kubectl apply -k` reads a few otherwise, see `is_doubtful`.

Source: go.yaml.in/yaml v2.4 `resolve.go` (`resolveTable`, `resolve`), sigs.k8s.io/yaml v1.6 `yaml.go`
(`convertToJSONableObject`); each rule also measured against kubectl 1.37, see tests/differential/test_reading.py.
"""

import math
import re
import struct

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
UINT64_MAX = 2**64 - 1

Scalar = str | int | float | bool | None

_TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL = ("", "~", "null", "Null", "NULL")
WORDS: dict[str, bool | None] = {
    **dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False), **dict.fromkeys(_NULL, None),
}  # fmt: skip
"""Plain text → what it means, where it is neither a number nor itself."""

# `apply -k` and YAML 1.2 know these two only, in three spellings each.
_PLAIN_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})

_WITHOUT_JSON = frozenset({
    ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
})  # fmt: skip

_NUMBER_STARTS = frozenset("+-.0123456789")
_DOT_FLOAT = re.compile(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASES = {"x": 16, "o": 8, "b": 2}
# No integer that fits 64 bits is longer, leading zeros aside; Python refuses to read one of thousands of digits.
_LONGEST_INTEGER = 400

_BEYOND_INTEGERS = 1e20

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))"
    r"| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?"
)
"""The forms that `apply -k` takes for a time. Source: go.yaml.in/yaml v3 `resolve.go` (`allowedTimestampFormats`)."""

_STABLE_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,8}[1-9])?(?:Z|[-+](?!00:00)[0-9]{2}:[0-9]{2})"
)


class ScalarError(ValueError):
    """A text that has no value, and the code that says why."""

    def __init__(self, code: str, message: str, help_: str) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help_


def resolve_plain(text: str) -> Scalar:
    """Return what untagged text without quotes stands for.

    Raises:
        ScalarError: GC107, the value has no JSON form.
    """
    if text[:1] in _NUMBER_STARTS:
        return _resolve_number(text)
    return WORDS.get(text, text)


def _resolve_number(text: str) -> Scalar:
    if text in _WITHOUT_JSON:
        raise ScalarError("GC107", f"`{text}` is a number that JSON, and so Kubernetes, does not have",
                          "put quotes around it if it is text")  # fmt: skip
    if text[0] == ".":
        return _finite(text.replace("_", ""), text) if _DOT_FLOAT.fullmatch(text) else text
    bare = text.replace("_", "") if "_" in text else text
    if _INTEGER.fullmatch(bare) and len(bare) <= _LONGEST_INTEGER:
        number = _integer(bare)
        if INT64_MIN <= number <= INT64_MAX:
            return number
        # Only the reader for numbers without a sign goes further, and JSON then makes a float of the number.
        if number <= UINT64_MAX and bare[0] not in "+-":
            return float(number)
    return _finite(bare, text) if _FLOAT.fullmatch(bare) else text


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    base = _BASES.get(digits[1:2].lower(), 0)
    value = int(digits[2:], base) if base else int(digits, 8 if digits[0] == "0" else 10)
    return -value if text[0] == "-" else value


def _finite(number: str, text: str) -> Scalar:
    """Return a float as JSON carries it, or the text itself where the number is too big."""
    value = float(number)
    return as_json_number(value) if math.isfinite(value) else text


def as_json_number(value: float) -> int | float:
    """Return what is left of a float on its way through JSON: 1.0 arrives as 1, where it fits 64 bits.

    JSON has as few digits as tell the float from its neighbours, and zeros behind them, so that a large number
    arrives as another one than the float stands for exactly.
    """
    if not value.is_integer() or abs(value) > _BEYOND_INTEGERS:
        return value
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return int(value)
    whole, _, fraction = mantissa.partition(".")
    number = int(whole + fraction.ljust(int(exponent), "0"))
    return number if INT64_MIN <= number <= INT64_MAX else value


def resolve_tagged(tag: str, text: str) -> Scalar:
    """Return the value of a scalar with a tag of YAML's core schema (its last word, such as `int`).

    Raises:
        ScalarError: GC108, the tag is another one, or the text is no such value.
    """
    if tag == "str":
        return text
    value = resolve_plain(text)
    match tag:
        case "int":
            fits = isinstance(value, int) and not isinstance(value, bool) and not _is_float_text(text)
        case "float":
            fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        case "bool":
            fits = isinstance(value, bool)
        case "null":
            fits = value is None
        case _:
            raise ScalarError("GC108", f"tag `!!{tag}` is not allowed", "write the value without the tag")
    if not fits:
        raise ScalarError("GC108", f"the value is no `!!{tag}`", "take the tag away, or write a value that fits it")
    return value


def _is_unsigned(text: str) -> bool:
    """Tell whether a number fits 64 bits only because it has no sign."""
    bare = text.replace("_", "")
    if text[0] in "+-" or len(bare) > _LONGEST_INTEGER or not _INTEGER.fullmatch(bare):
        return False
    return INT64_MAX < _integer(bare) <= UINT64_MAX


def _is_float_text(text: str) -> bool:
    return not _INTEGER.fullmatch(text.replace("_", ""))


def key_text(text: str) -> str:
    """Return the JSON key that a plain key becomes: `1` is "1", `0x10` "16", `on` "true", `1.50` "1.5".

    Raises:
        ScalarError: GC107 or GC109, Kubernetes refuses such a key.
    """
    value = resolve_plain(text)
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            raise ScalarError("GC109", "a key is null", "put quotes around the key, or give it a name")
        case int() if not _is_float_text(text):
            return str(value)
        case _:
            if _is_unsigned(text):
                raise ScalarError("GC109", f"the key `{text[:40]}` is a number of 64 bits without sign",
                                  "put quotes around the key")  # fmt: skip
            return _float_key(math.copysign(value, -1 if text[0] == "-" else 1))


def _float_key(value: float) -> str:
    """Return a float as Go's `strconv.FormatFloat(value, 'g', -1, 32)` does: the nearest of 32 bits, few digits."""
    nearest = _to_32_bits(value)
    if nearest is None:
        return "-.inf" if value < 0 else ".inf"
    # Digits are those of the number that is left, not of the one that was written.
    (value,) = struct.unpack("<f", nearest)
    texts = (f"{value:.{digits}e}" for digits in range(9))
    shortest = next((text for text in texts if _to_32_bits(float(text)) == nearest), f"{value:.8e}")
    mantissa, _, power = shortest.partition("e")
    exponent = int(power)
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    if -4 <= exponent < 6:
        return f"{float(shortest):.{max(len(mantissa.lstrip('-').replace('.', '')) - 1 - exponent, 0)}f}"
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _to_32_bits(value: float) -> bytes | None:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return None


def is_doubtful(text: str) -> bool:
    """Tell whether `kubectl apply -f` and `kubectl apply -k` read this plain text as different values.

    They disagree about the short booleans, and about times: `-k` makes `2001-01-01T00:00:00Z` of `2001-01-01`.
    """
    if text in WORDS:
        return WORDS[text] is not None and text not in _PLAIN_BOOLEANS
    return text[4:5] == "-" and _is_time(text) and not _STABLE_TIMESTAMP.fullmatch(text)


def _is_time(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return False
    year, month, day, *clock = (int(part or 0) for part in found.groups())
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 29 if month == 2 and is_leap else 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    is_day = 1 <= month <= 12 and 1 <= day <= days
    hour, minute, second, zone_hours, zone_minutes, *spaced = clock
    is_clock = max(hour, spaced[0]) < 24 and max(minute, second, *spaced[1:]) < 60
    return is_day and is_clock and zone_hours <= 24 and zone_minutes < 60
