"""Regular expressions of RE2, sign by sign: what of one is anchored, and how it is asked of one cookie among others.

All cookies arrive in one header, `a=1; b=2`, and gateways look for a pattern in that. So a pattern of a cookie is
written anew such that nothing in it can match the `;` behind the cookie.

Source: google/re2 wiki, Syntax; RFC 6265, 4.2.1.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from grayc.patterns import compile_later
from grayc.records import dataclass

_END = ord(";")
_NO_END = r"[^\x3B]"
_CODE = r"\\x\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}"
_NAMED = r"\\[pP](?:\{\^?\w+\}|\w)"
_CLASS = rf"\[\^?\]?(?:\[:\^?\w+:\]|{_CODE}|{_NAMED}|\\.|[^\]\\])*\]"
_TOKEN = compile_later(rf"{_CODE}|{_NAMED}|\\.|{_CLASS}|\(\?[A-Za-z-]+\)|\(\?[A-Za-z-]*:|\(\?P?<\w+>|.", re.DOTALL)
_ITEM = compile_later(rf"\[:\^?\w+:\]|{_CODE}|{_NAMED}|\\.|.", re.DOTALL)
_FLAGS = compile_later(r"\(\?([A-Za-z-]+)[:)]")
_SETS_FLAGS = compile_later(r"\(\?[A-Za-z-]+\)")
_WITHOUT_END = frozenset(
    f"[:{name}:]" for name in ("alnum", "alpha", "blank", "cntrl", "digit", "lower", "space", "upper", "word", "xdigit")
)
_OPERATORS = frozenset("^$.|()*+?")
_OTHERS = {r"\D": r"[^\d\x3B]", r"\S": r"[^\s\x3B]", r"\W": r"[^\w\x3B]"}
_LETTERS = frozenset("abfnrtvdsw")
"""Behind a backslash, what matches a sign and no `;`, or stands between two."""


class _ReachesFurther(Exception):
    """An expression that could match what stands behind the cookie; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alternative:
    """One of the alternatives that an expression falls into outside of all groups.

    Attributes:
        start: it begins at the start of the text.
        end: it ends at the end of the text.
        tokens: all but those two anchors.
    """

    start: bool
    end: bool
    tokens: tuple[str, ...]


def reaches_further(pattern: str) -> str:
    """Return why a pattern cannot be asked of one cookie among others, as a clause; "" where it can."""
    try:
        _in_cookie(pattern)
    except _ReachesFurther as error:
        return str(error)
    return ""


def in_cookie(pattern: str) -> str:
    """Return an expression for the whole value of a cookie in which a pattern is found, that matches no `;`.

    Args:
        pattern: which does not reach further.
    """
    return alone(_in_cookie(pattern))


def alone(pattern: str) -> str:
    """Return an expression whose flags, such as `(?i)`, do not count for what is written behind it."""
    return f"(?:{pattern})" if any(map(_SETS_FLAGS.fullmatch, _TOKEN.findall(pattern))) else pattern


def signs_of(pattern: str) -> Iterator[str]:
    """Yield the signs that an expression names, those of classes too: of ranges their ends."""
    for token in _TOKEN.findall(pattern):
        items = _ITEM.findall(token[1:-1]) if token.startswith("[") else [] if token in _OPERATORS else [token]
        yield from (chr(code) for item in items if (code := _code(item)) >= 0)


def is_whole(pattern: str) -> bool:
    """Tell whether a pattern starts with `^`, ends with `$`, and has no alternatives outside of groups."""
    first, *others = _alternatives(pattern)
    return pattern.startswith("^") and first.end and not others


@lru_cache(maxsize=1_024)
def _in_cookie(pattern: str) -> str:
    made = []
    for alternative in _alternatives(pattern):
        body = "".join(map(_without_end, alternative.tokens))
        made.append(f"{'' if alternative.start else _NO_END + '*'}{body}{'' if alternative.end else _NO_END + '*'}")
    return f"(?:{'|'.join(made)})" if len(made) > 1 else made[0]


def _alternatives(pattern: str) -> Iterator[_Alternative]:
    depth = 0
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(pattern):
        depth += token.startswith("(") and _SETS_FLAGS.fullmatch(token) is None
        depth -= token == ")"
        if token == "|" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    for part in parts:
        first = next((at for at, token in enumerate(part) if not _SETS_FLAGS.fullmatch(token)), 0)
        start, end = part[first : first + 1] == ["^"], part[-1:] == ["$"]
        kept = [*part[:first], *part[first + 1 :]] if start else part
        yield _Alternative(start=start, end=end, tokens=tuple(kept[:-1] if end else kept))


def _without_end(token: str) -> str:
    """Return a token that matches all that it matches but `;`."""
    flags = _FLAGS.fullmatch(token)
    if flags is not None and not set(flags[1]) <= set("is-"):
        raise _ReachesFurther(f"`{token}` has flags that change what `^`, `$` and repetitions mean")
    if token in ("^", "$", r"\A", r"\z", r"\B"):
        raise _ReachesFurther(f"`{token}` stands inside the pattern")
    if token == ".":
        return _NO_END
    if token.startswith("["):
        return _class(token)
    if token == ";" or (token.startswith("\\") and _code(token) == _END):
        raise _ReachesFurther("no cookie's value has a `;`")
    if token in _OTHERS:
        return _OTHERS[token]
    if token.startswith("\\") and token[1].isalnum() and _code(token) < 0 and token[1] not in _LETTERS:
        raise _ReachesFurther(f"`{token}` may match a `;`")
    return token


def _class(token: str) -> str:
    """Return a class without `;`."""
    negated = token.startswith("[^")
    items = _ITEM.findall(token[2 if negated else 1 : -1])
    made = [r"\x3B"] if negated else []
    at = 0
    while at < len(items):
        item = items[at]
        low = _code(item)
        is_range = low >= 0 and items[at + 1 : at + 2] == ["-"] and at + 2 < len(items)
        high = _code(items[at + 2]) if is_range else low
        at += 3 if is_range else 1
        if low < 0 or high < 0:
            if not negated and item not in (r"\d", r"\s", r"\w") and item not in _WITHOUT_END:
                raise _ReachesFurther(f"`{item}` in a class may match a `;`")
            made.append(item)
        elif negated or not low <= _END <= high:
            made.append(_range(low, high))
        elif low == high:
            raise _ReachesFurther("no cookie's value has a `;`")
        else:
            made += [_range(low, _END - 1)] if low < _END else []
            made += [_range(_END + 1, high)] if high > _END else []
    return f"[{'^' if negated else ''}{''.join(made)}]"


def _range(low: int, high: int) -> str:
    return _sign(low) if low == high else f"{_sign(low)}-{_sign(high)}"


def _sign(code: int) -> str:
    sign = chr(code)
    if sign.isascii() and sign.isalnum():
        return sign
    return f"\\x{code:02X}" if code < 256 else f"\\x{{{code:X}}}"


_CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def _code(item: str) -> int:
    """Return the sign that an item stands for; -1 where it stands for several or for none."""
    if len(item) == 1:
        return ord(item)
    if item.startswith("\\x"):
        return int(item[2:].strip("{}"), 16) if len(item) > 2 else -1
    if len(item) == 2 and item[0] == "\\":
        return _CONTROL.get(item[1], -1) if item[1].isalnum() else ord(item[1])
    return -1
