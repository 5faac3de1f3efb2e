"""Values with wildcards that mean what a rule asks: a condition of an ALB takes no expression.

`*` stands for any signs, none too, and `?` for one; see `k8s.alb_ingresses`.
"""

import re
from collections.abc import Iterator

from grayc.analysis.endings import endings_below
from grayc.analysis.traffic import Ask
from grayc.k8s.alb_ingresses import takes_cookie, takes_header, takes_query
from grayc.spec.model import ByValue, Digits, Part, Rule, WeightRule

_TAKES = {Part.HEADER: takes_header, Part.COOKIE: takes_cookie, Part.QUERY: takes_query}
_LONGEST = 100
_WILD = "*?"
# Signs of an expression that stand for themselves, alone or in brackets or behind a backslash.
_TOKEN = re.compile(r"\.\*|\.\+|\.|\[([^\]\\^*?])\]|\\([^A-Za-z0-9*?])|([^\\^$*+?()\[\]{}|.])")
_GROUP = re.compile(r"(\^?)\((?:\?:)?([^()]*)\)(\$?)")


def values_of(ask: Ask, rule: Rule) -> tuple[str, ...] | None:
    """Return the values of which a condition asks for one, None where no condition means what the rule asks.

    Args:
        rule: the rule of the spec that asks it.
    """
    takes = _TAKES[ask.part]
    if ask.pattern is None:
        return ask.values if all(takes(ask.name, value) for value in ask.values) else None
    if isinstance(rule, WeightRule):
        assert isinstance(rule.by, ByValue), "only such a share asks for something"
        found: tuple[str, ...] | None = tuple(_endings(rule.percent, rule.by.digits))
    else:
        found = _wildcards(ask.pattern)
    if found is None:
        return None
    is_taken = all(len(value) <= _LONGEST and takes(ask.name, _without_wildcards(value) or "0") for value in found)
    return tuple(dict.fromkeys(found)) if is_taken else None


def _without_wildcards(value: str) -> str:
    return value.translate(dict.fromkeys(map(ord, _WILD)))


def _endings(percent: int, digits: Digits) -> Iterator[str]:
    """Yield each ending of a share, letters in either case, and each single digit, which counts as 0n."""
    count = endings_below(percent, digits)
    base = 10 if digits is Digits.DECIMAL else 16
    for number in range(count):
        tens, ones = (_cases(f"{digit:x}") for digit in divmod(number, base))
        yield from (f"*{ten}{one}" for ten in tens for one in ones)
    for number in range(min(count, base)):
        yield from _cases(f"{number:x}")


def _cases(digit: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((digit, digit.upper())))


def _wildcards(pattern: str) -> tuple[str, ...] | None:
    """Return the values that are what an expression is found in, None where wildcards do not say it.

    An expression of signs, `.`, `.*` and `.+`, open or anchored, and several of them with `|` between them.
    """
    if (group := _GROUP.fullmatch(pattern)) is not None:
        parts = [f"{group[1]}{part}{group[3]}" for part in group[2].split("|")]
    else:
        parts = pattern.split("|")
    found = tuple(map(_one, parts))
    values = tuple(value for value in found if value is not None)
    return values if len(values) == len(found) and "" not in values else None


def _one(pattern: str) -> str | None:
    body = pattern.removeprefix("^")
    start = "" if body != pattern else "*"
    inner = body.removesuffix("$")
    end = "" if inner != body else "*"
    made, at = "", 0
    while at < len(inner):
        token = _TOKEN.match(inner, at)
        if token is None:
            return None
        at = token.end()
        literal = token[1] or token[2] or token[3]
        made += literal or {".*": "*", ".+": "?*", ".": "?"}[token[0]]
    return f"{start}{made}{end}"
