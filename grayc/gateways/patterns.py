"""Regular expressions that mean the same to every gateway's matcher.

Source: matchers search (MSE's documents, ingress-nginx `ngx.re.match`) or compare the whole value (Higress wraps the
pattern in `.*` and asks RE2 FullMatch), so a pattern is anchored on both sides. Every byte that is not a letter, digit,
`_` or `-` is written `\\xHH`, which PCRE and RE2 read alike and which passes ingress-nginx's character check.
"""

import re
from collections.abc import Sequence
from itertools import permutations

from grayc.analysis.traffic import Ask
from grayc.documents.expressions import alone, in_cookie, is_whole
from grayc.spec.model import Part

_PLAIN = re.compile(r"[A-Za-z0-9_-]")

NOTHING = r"[^\s\S]"
"""A pattern that no value matches, not even an empty one."""


def escape(text: str) -> str:
    """Return a pattern that matches exactly `text`, which is ASCII."""
    return "".join(sign if _PLAIN.match(sign) else f"\\x{ord(sign):02X}" for sign in text)


def one_of(values: tuple[str, ...]) -> str:
    """Return a pattern that matches exactly these values."""
    alternatives = "|".join(escape(value) for value in values)
    return f"^{alternatives}$" if len(values) == 1 else f"^(?:{alternatives})$"


def any_of(patterns: Sequence[str]) -> str:
    """Return a pattern that matches what one of several anchored patterns matches."""
    if len(patterns) == 1:
        return patterns[0]
    return f"^(?:{'|'.join(alone(pattern[1:-1]) for pattern in patterns)})$"


def found_in(pattern: str) -> str:
    """Return a pattern that finds `pattern` anywhere in a value; one that is anchored as a whole stays as it is."""
    if is_whole(pattern):
        return pattern
    return f"^.*(?:{pattern}).*$"


def cookie(name: str, value: str) -> str:
    """Return a pattern for the `cookie` header that holds exactly this cookie and value."""
    return cookies([Ask(part=Part.COOKIE, name=name, values=(value,))])


def cookies(asks: Sequence[Ask]) -> str:
    """Return a pattern for the `cookie` header that holds a cookie for each ask, in any order."""
    orders = [r"(?:\x3B.*)?\x3B\s*".join(order) for order in permutations(map(_one_cookie, asks))]
    alternatives = orders[0] if len(orders) == 1 else f"(?:{'|'.join(orders)})"
    return f"^(?:.*\\x3B\\s*)?{alternatives}(?:\\x3B.*)?$"


def _one_cookie(ask: Ask) -> str:
    if ask.pattern is not None:
        return f"{escape(ask.name)}\\x3D{in_cookie(ask.pattern)}"
    alternatives = "|".join(map(escape, ask.values))
    return f"{escape(ask.name)}\\x3D{alternatives if len(ask.values) == 1 else f'(?:{alternatives})'}"


def of_ask(ask: Ask) -> str:
    """Return a pattern that meets an ask in the value of a header or parameter, or in the header of all cookies."""
    if ask.part is Part.COOKIE:
        return cookies([ask])
    return one_of(ask.values) if ask.pattern is None else found_in(ask.pattern)


def can_run_away(pattern: str) -> bool:
    """Tell whether an engine that goes back, such as PCRE, may take time that doubles with each sign of a value.

    True where something without an upper bound is repeated without one, as in `(a+)+`: RE2 takes the same in one pass.
    """
    holds = [False]
    closed = False
    for token in re.findall(r"\\.|\[(?:\\.|[^\]])*\]|\{\d+(?:,\d*)?\}|.", pattern, re.DOTALL):
        unbounded = token in ("*", "+") or (token.startswith("{") and token.endswith(",}"))
        if unbounded:
            if closed:
                return True
            holds[-1] = True
        closed = False
        if token == "(":
            holds.append(False)
        elif token == ")" and len(holds) > 1:
            closed = holds.pop()
            holds[-1] = holds[-1] or closed
    return False
