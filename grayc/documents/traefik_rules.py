"""The language of Traefik's rules: matchers, `&&`, `||`, `!` and parentheses.

What a matcher makes of a request is the matter of `routing`; here is what stands in the text, and how such text is
written.

Source: traefik/traefik v3.7.13 pkg/rules/parser.go (names as written, in lower or upper case, or with one capital;
CheckRule: no empty argument), pkg/muxer/http/matcher.go (how many arguments each takes), and vulcand/predicate, which
reads a rule as a Go expression: `&&` binds more than `||`, texts are in backquotes or as Go quotes them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

from grayc.records import dataclass

_ARGUMENTS = {
    "ClientIP": (1,),
    "Method": (1,),
    "Host": (1,),
    "HostRegexp": (1,),
    "Path": (1,),
    "PathRegexp": (1,),
    "PathPrefix": (1,),
    "Header": (2,),
    "HeaderRegexp": (2,),
    "Query": (1, 2),
    "QueryRegexp": (1, 2),
}
_NAMES = {spelt: name for name in _ARGUMENTS for spelt in (name, name.lower(), name.upper(), name.lower().capitalize())}
_TOKEN = re.compile(r"\s*(&&|\|\||!|\(|\)|,|[A-Za-z]\w*|`[^`]*`|\"(?:\\.|[^\"\\])*\")", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}
T = TypeVar("T")
_MOST_SIGNS = 20_000
_DEEPEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """What one matcher asks, or that it does not hold."""

    name: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Rules of which all hold, or any."""

    rules: tuple["Rule", ...]
    every: bool


Rule = Matcher | Joined


class _Unreadable(Exception):
    pass


@lru_cache(maxsize=4_096)
def read_rule(text: str) -> Rule | None:
    """Return what a rule asks; None for one that Traefik takes otherwise, or not at all."""
    if len(text) > _MOST_SIGNS:
        return None
    try:
        tokens = list(_tokens(text))
        rule, rest = _either(tokens, 0, 0)
    except _Unreadable:
        return None
    return rule if rest == len(tokens) else None


def _tokens(text: str) -> Iterator[str]:
    at = 0
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise _Unreadable
        yield found[1]
        at = found.end()


def _either(tokens: list[str], at: int, depth: int) -> tuple[Rule, int]:
    return _listed(tokens, at, depth, "||")


def _listed(tokens: list[str], at: int, depth: int, sign: str) -> tuple[Rule, int]:
    rules: list[Rule] = []
    while True:
        rule, at = _listed(tokens, at, depth, "&&") if sign == "||" else _one(tokens, at, depth)
        rules.append(rule)
        if at >= len(tokens) or tokens[at] != sign:
            return (rules[0] if len(rules) == 1 else Joined(rules=tuple(rules), every=sign == "&&")), at
        at += 1


def _one(tokens: list[str], at: int, depth: int) -> tuple[Rule, int]:
    if depth > _DEEPEST or at >= len(tokens):
        raise _Unreadable
    if tokens[at] == "!":
        rule, at = _one(tokens, at + 1, depth + 1)
        return negated(rule), at
    if tokens[at] == "(":
        rule, at = _either(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise _Unreadable
        return rule, at + 1
    name = _NAMES.get(tokens[at])
    if name is None or at + 1 >= len(tokens) or tokens[at + 1] != "(":
        raise _Unreadable
    values: list[str] = []
    at += 2
    while at < len(tokens) and tokens[at] != ")":
        values.append(_text(tokens[at]))
        at += 1
        if at < len(tokens) and tokens[at] == ",":
            at += 1
    if at >= len(tokens) or len(values) not in _ARGUMENTS[name] or not all(values):
        raise _Unreadable
    return Matcher(name=name, values=tuple(values)), at + 1


def _text(token: str) -> str:
    if token.startswith("`"):
        return token[1:-1]
    if not token.startswith('"'):
        raise _Unreadable

    def unescaped(found: re.Match[str]) -> str:
        sign = found[1]
        if len(sign) > 1:
            return chr(int(sign[1:], 16))
        if sign not in _ESCAPED:
            raise _Unreadable
        return _ESCAPED[sign]

    return _ESCAPE.sub(unescaped, token[1:-1])


def negated(rule: Rule) -> Rule:
    """Return what holds where a rule does not."""
    if isinstance(rule, Matcher):
        return Matcher(name=rule.name, values=rule.values, negated=not rule.negated)
    return Joined(rules=tuple(map(negated, rule.rules)), every=not rule.every)


def matchers_of(rule: Rule) -> Iterator[Matcher]:
    """Yield the matchers of a rule, in their order."""
    if isinstance(rule, Matcher):
        yield rule
        return
    for each in rule.rules:
        yield from matchers_of(each)


def hosts_of(rule: Rule) -> tuple[str, ...]:
    """Return the hosts that requests of a rule can have, in lower case; () where they can have any."""
    return _asked(rule, _host)


def _host(matcher: Matcher) -> tuple[str, ...]:
    is_named = matcher.name == "Host" and not matcher.negated and matcher.values[0] != "*"
    return (matcher.values[0].lower(),) if is_named else ()


PathAsk = tuple[str, str]
"""`Path`, `PathPrefix` or `PathRegexp`, and its text."""


def paths_of(rule: Rule) -> tuple[PathAsk, ...]:
    """Return what the paths of a rule's requests are asked for, as alternatives; () where nothing is."""
    return _asked(rule, _path)


def _path(matcher: Matcher) -> tuple[PathAsk, ...]:
    is_path = matcher.name in ("Path", "PathPrefix", "PathRegexp") and not matcher.negated
    return ((matcher.name, matcher.values[0]),) if is_path else ()


def _asked(rule: Rule, of: Callable[[Matcher], tuple[T, ...]]) -> tuple[T, ...]:
    if isinstance(rule, Matcher):
        return of(rule)
    found = [_asked(each, of) for each in rule.rules]
    if rule.every:
        # The first that asks; what the others ask besides makes the requests fewer.
        return next((each for each in found if each), ())
    return tuple(dict.fromkeys(item for each in found for item in each)) if all(found) else ()


def quoted(text: str) -> str:
    """Return a text as a rule has it."""
    if "`" not in text:
        return f"`{text}`"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def call(name: str, *values: str) -> str:
    """Return a matcher as a rule has it."""
    return f"{name}({', '.join(map(quoted, values))})"


def joined(rules: Iterable[str], sign: str) -> str:
    """Return rules with `&&` or `||` between them, in parentheses where they are several."""
    listed = list(rules)
    return listed[0] if len(listed) == 1 else f"({f' {sign} '.join(listed)})"
