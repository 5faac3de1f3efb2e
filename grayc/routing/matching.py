"""How gateways compare: hosts, path prefixes, expressions, header changes, ages of objects."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import Any

import re2

from grayc.documents import Document
from grayc.documents.hide import hide_in_url
from grayc.documents.tree import get_text
from grayc.k8s.secrets import shown_condition
from grayc.records import dataclass, field
from grayc.routing.model import Destination, HeaderChange, ObjectRef, Request

DEFAULT_NAMESPACE = "default"


def shown_said(name: str, value: str, part: str) -> str:
    """Return what a header, query parameter or cookie says as it is shown: not what proves who calls."""
    return shown_condition(name, value, part)


def shown_header(name: str, value: str) -> str:
    """Return what a header says, or is asked to say, as it is shown: not what proves who calls."""
    return shown_condition(name, value, "header")


def shown_cookie(name: str, value: str) -> str:
    """Return what a cookie says as it is shown: not what proves who calls."""
    return shown_condition(name, value, "cookie")


def told_header(name: str, value: str, more: str) -> str:
    """Return words about what a request's header says."""
    return f"header {name} is {shown_header(name, value)}{more}"


def shown_query(query: str) -> str:
    """Return a query as it is shown: without what proves who calls."""
    parts = [part.partition("=") for part in query.split("&")]
    return "&".join(
        f"{name}{sign}{shown_condition(name, value, 'query') if value else ''}" for name, sign, value in parts
    )


def shown_path(path: str) -> str:
    """Return a path with its query as it is shown: without what looks like a secret in it."""
    return hide_in_url(path, "***")


def told_query(name: str, value: str | None, wanted: str) -> str:
    """Return words about a query parameter that is not as it is asked for."""
    has = "absent" if value is None else shown_condition(name, value, "query")
    return f"query parameter {name} is {has}, not {shown_condition(name, wanted, 'query')}"


class BadExpression(Exception):
    """An expression that RE2 does not take; the message says why."""


class CostlyExpression(Exception):
    """An expression that cannot be asked here for what it costs; the message names it."""


MAX_PROGRAM = 2_000_000
"""Instructions that RE2 makes of all expressions that one command asks."""

MAX_MATCHING = 150_000_000
"""Characters that they are asked of, times the instructions of the expression."""

# What to make an expression costs beside its instructions, and what one has cost that RE2 finds too large.
_MADE, _REFUSED = 50, 100_000
# About what RE2 keeps: bytes of an instruction, of a state for each instruction, of a state, of one expression at
# most; and how much of that all expressions may have before they are made anew.
_INSTRUCTION, _STEP, _STATE, _MOST_KEPT, _KEPT = 16, 4, 120, 8 * 1024 * 1024, 256 * 1024 * 1024
_SHOWN = 80


@dataclass(slots=True, eq=False)
class Matching:
    """Expressions as RE2 reads them, and what is left of what asking them may cost: counted, never timed.

    Attributes:
        program: instructions that may still be made.
        steps: characters times instructions.
    """

    program: int = MAX_PROGRAM
    steps: int = MAX_MATCHING
    _made: dict[str, Any] = field(default_factory=dict)
    _held: dict[str, int] = field(default_factory=dict)
    _kept: int = 0

    def expression(self, pattern: str) -> Any:
        """Return a compiled expression.

        Raises:
            BadExpression: RE2 does not take it.
            CostlyExpression: the budget is spent.
        """
        if pattern not in self._made:
            if self.program <= 0:
                raise _costly(pattern)
            try:
                self._made[pattern] = _compiled(pattern)
                self.program -= _MADE + self._made[pattern].programsize
            except BadExpression as error:
                self._made[pattern] = error
                self.program -= _REFUSED if "too large" in str(error) else _MADE
        made = self._made[pattern]
        if isinstance(made, BadExpression):
            raise BadExpression(*made.args)
        return made

    def asked(self, pattern: str, text: str) -> Any:
        """Return a compiled expression that is going to be asked of a text; errors as `expression`."""
        made = self.expression(pattern)
        self.steps -= len(text) * made.programsize
        if self.steps < 0:
            raise _costly(pattern)
        states = (1 + len(text)) * (made.programsize * _STEP + _STATE)
        before = self._held.get(pattern, 0)
        self._held[pattern] = min(_MOST_KEPT, max(before, made.programsize * _INSTRUCTION + states))
        self._kept += self._held[pattern] - before
        if self._kept > _KEPT:
            self._made.clear()
            self._held.clear()
            self._kept = 0
        return made


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        raise BadExpression(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None


def _costly(pattern: str) -> CostlyExpression:
    shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}..."
    return CostlyExpression(f"expression {shown} cannot be asked: it, with those before it, is too large")


_now: ContextVar[Matching | None] = ContextVar("_now", default=None)


@contextmanager
def matching(budget: Matching) -> Iterator[None]:
    """Ask expressions on a budget as long as the block runs."""
    token = _now.set(budget)
    try:
        yield
    finally:
        _now.reset(token)


def is_whole(pattern: str, text: str) -> bool:
    """Tell whether an expression matches the whole text.

    Raises:
        BadExpression: RE2 does not take it.
        CostlyExpression: the budget is spent.
    """
    return (_now.get() or Matching()).asked(pattern, text).fullmatch(text) is not None


def is_found(pattern: str, text: str) -> bool:
    """Tell whether an expression is found in the text; errors as `is_whole`."""
    return (_now.get() or Matching()).asked(pattern, text).search(text) is not None


def host_rank(pattern: str, host: str) -> int | None:
    """Return how exactly a host pattern names a host: the higher the better, None where it does not.

    A name counts more than any wildcard, a longer wildcard more than a shorter one; "" and `*` name every host.
    """
    pattern = pattern.lower()
    if pattern in ("", "*"):
        return 0
    if pattern.startswith("*."):
        return len(pattern) if host.endswith(pattern[1:]) and len(host) > len(pattern) - 1 else None
    return 1000 if pattern == host else None


def is_below(path: str, prefix: str) -> bool:
    """Tell whether a path is a prefix or stands below it, element by element; a slash at the end says nothing."""
    stem = prefix.rstrip("/")
    return path == stem or path.startswith(f"{stem}/")


def in_age(documents: Iterable[Document], tie: Callable[[ObjectRef], str] | None = None) -> list[Document]:
    """Return objects from the oldest to the youngest; those without a time are the youngest, in the order given.

    Args:
        tie: what decides between two of one time; the order given where it is None.
    """
    listed = list(documents)
    times = [get_text(document.data, ("metadata", "creationTimestamp")) for document in listed]

    def key(at: int) -> tuple[bool, str, str, int]:
        decided = tie(ref_of(listed[at])) if tie is not None and times[at] else ""
        return times[at] == "", times[at], decided, at

    return [listed[at] for at in sorted(range(len(listed)), key=key)]


def ref_of(document: Document) -> ObjectRef:
    """Return an object's kind, namespace and name."""
    identity = document.identity
    return ObjectRef(kind=identity.kind, namespace=identity.namespace or DEFAULT_NAMESPACE, name=identity.name)


class HeaderEdits:
    """Collects what a gateway does to request headers, step by step."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._now: dict[str, str | None] = {}

    def put(self, name: str, value: str) -> None:
        """Replace a header."""
        self._now[name.lower()] = value

    def append(self, name: str, value: str) -> None:
        """Add a value to a header."""
        held = self._value(name)
        self._now[name.lower()] = value if held is None else f"{held},{value}"

    def drop(self, name: str) -> None:
        """Take a header away."""
        if self._value(name) is not None or name.lower() in self._now:
            self._now[name.lower()] = None

    def _value(self, name: str) -> str | None:
        if name.lower() in self._now:
            return self._now[name.lower()]
        values = self._request.values(name)
        return ",".join(values) if values else None

    def changes(self) -> tuple[HeaderChange, ...]:
        """Return what differs from the request, in order of name."""
        return tuple(HeaderChange(name=name, value=self._now[name]) for name in sorted(self._now))


def shared_out(shares: Iterable[tuple[Fraction, Destination]]) -> tuple[Destination, ...]:
    """Return destinations with their part of 100, equal ones joined, shares of nothing left out."""
    listed = [(weight, destination) for weight, destination in shares if weight > 0]
    if len(listed) == 1:
        return (_with_percent(listed[0][1], Fraction(100)),)
    whole = sum((weight for weight, _ in listed), Fraction(0))
    joined: dict[Destination, Fraction] = {}
    for weight, destination in listed:
        joined[destination] = joined.get(destination, Fraction(0)) + weight * 100 / whole
    return tuple(_with_percent(destination, percent) for destination, percent in joined.items())


def _with_percent(destination: Destination, percent: Fraction) -> Destination:
    return Destination(
        namespace=destination.namespace,
        service=destination.service,
        port=destination.port,
        subset=destination.subset,
        percent=percent,
        status=destination.status,
        changes=destination.changes,
    )


def query_values(query: str, name: str) -> Iterator[str]:
    """Yield the values of a query parameter, as written."""
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key == name:
            yield value


def first_values(query: str) -> dict[str, str]:
    """Return each parameter of a query with its first value, both as written."""
    found: dict[str, str] = {}
    for part in query.split("&") if query else ():
        key, _, value = part.partition("=")
        found.setdefault(key, value)
    return found
