"""Several releases on one route: no request may meet the rules of two of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_text, show_path
from grayc.k8s.gateways import GATEWAYS, GatewayName
from grayc.k8s.secrets import shown_condition
from grayc.plan.model import ReleasePlan
from grayc.plan.patterns_meet import meet
from grayc.plan.shares import weight_and_total
from grayc.plan.traffic import Condition, Meaning, meaning_of
from grayc.spec.model import Rule

Route = tuple[str, str, str, str]
"""Namespace of the route's object, host, path type and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request that meets a rule of each of two releases.

    Attributes:
        headers: as they would be sent; empty where no request is at hand.
        same: both rules ask the same header or cookie.
    """

    first: Rule
    second: Rule
    headers: tuple[str, ...]
    same: bool


def check_meetings(plans: Sequence[ReleasePlan]) -> tuple[Diagnostic, ...]:
    """Return where the rules of two releases meet.

    Diagnostics:
        GC520: two releases open one route, and the gateway takes one lane for it.
        GC521: one request meets a rule of each, on one header or cookie.
        GC522: one request can meet a rule of each, on different headers or cookies.
        GC523: the shares of all releases on a route are more than the whole, or parts of different ones.
    """
    diagnostics: list[Diagnostic] = []
    opened = [(plan, _routes(plan)) for plan in plans if plan.entries]
    for (first, theirs), (second, ours) in combinations(opened, 2):
        shared = next((route for route in ours if route in theirs), None)
        if first.gateway is second.gateway and shared is not None:
            diagnostics += _of_two(first, theirs[shared], second, shared)
    return tuple(diagnostics)


def _routes(plan: ReleasePlan) -> dict[Route, Document]:
    return {
        (plan.key_of(entry.document.identity).namespace, path.host, kind, path.text): entry.document
        for entry in plan.entries
        for path in entry.paths
        for kind in [_path_type(entry.document, path.rule, path.path)]
    }


def _path_type(route: Document, rule: int, path: int) -> str:
    at = get(route.data, ("spec", "rules", rule)) or get(route.data, ("spec", "http", rule))
    ingress = get_list(at, ("http", "paths"))
    if ingress:
        return get_text(ingress[path], ("pathType",))
    matches = get_list(at, ("matches",)) or get_list(at, ("match",))
    match = matches[path] if matches else {}
    uri = get(match, ("uri",))
    return get_text(match, ("path", "type")) or (next(iter(uri)) if isinstance(uri, dict) and uri else "")


def _of_two(first: ReleasePlan, route: Document, second: ReleasePlan, shared: Route) -> Iterator[Diagnostic]:
    shown = f"`{shared[1]}{shared[3]}`"
    names = f"releases `{first.spec.name}` and `{second.spec.name}`"
    here, there = meaning_of(second.rules), meaning_of(first.rules)
    reason = _one_lane(first.gateway, there, here)
    if reason:
        yield _told(
            "GC520",
            f"{names} both open {shown}, and {reason}",
            here=(second, second.rules[0]),
            there=(first, first.rules[0]),
            route=route,
            help="release both services in one spec, open different hosts or paths, or choose gateway `higress`",
        )
        return
    for witness in _witnesses(there, here):
        request = ", ".join(f"`{header}`" for header in witness.headers)
        if witness.same:
            yield _told(
                "GC521",
                f"a request to {shown} with {request} meets rules of {names}"
                if witness.headers
                else f"it can not be excluded that one request to {shown} meets rules of {names}",
                here=(second, witness.second),
                there=(first, witness.first),
                route=route,
                help="let the rules ask for values that have nothing in common",
            )
        else:
            yield _told(
                "GC522",
                f"a request to {shown} with {request} meets rules of {names}, and the older canary has it",
                here=(second, witness.second),
                there=(first, witness.first),
                route=route,
                help="let both releases ask the same header, for different values",
            )
    if here.weight and there.weight and here.percent + there.percent > 100:
        yield _told(
            "GC523",
            f"{names} ask for {there.percent} and {here.percent} percent of the requests to {shown}",
            here=(second, here.weight),
            there=(first, there.weight),
            route=route,
            help="let the shares add up to 100 at most",
        )
    elif here.weight and there.weight and (odd := _odd_share(first.gateway, there, here)):
        yield _told(
            "GC523",
            f"{names} ask for {there.percent} and {here.percent} percent of the requests to {shown}, and gateway "
            f"`{first.gateway}` takes both as parts of one total",
            here=(second, here.weight),
            there=(first, there.weight),
            route=route,
            help=f"choose another share than {odd}, which has a total of its own",
        )


def _odd_share(gateway: GatewayName, first: Meaning, second: Meaning) -> int:
    """Return the one of two shares that is written as a part of a larger total than the other; 0 where none is."""
    (small, _), (large, odd) = sorted((weight_and_total(each.percent)[1], each.percent) for each in (first, second))
    return odd if GATEWAYS[gateway].shares_by_total and small != large else 0


def _one_lane(gateway: GatewayName, first: Meaning, second: Meaning) -> str:
    """Return why the gateway can not have both; "" where it can."""
    row = GATEWAYS[gateway]
    reason = row.one_lane or (row.one_lane_beside_weight if first.weight or second.weight else "")
    return f"gateway `{gateway}` {reason}" if reason else ""


def _witnesses(first: Meaning, second: Meaning) -> Iterator[Witness]:
    """Yield the pairs of conditions that one request can meet; of pairs on different headers the first only."""
    different: Witness | None = None
    for one in first.conditions:
        for other in second.conditions:
            if not (one.enters and other.enters):
                continue
            if (one.header.lower(), one.cookie) == (other.header.lower(), other.cookie):
                values = _common(one, other)
                if values is not None:
                    yield Witness(
                        first=one.rule,
                        second=other.rule,
                        headers=tuple(_sent(one, value) for value in values),
                        same=True,
                    )
            elif different is None:
                sent = [_sent(condition, _example(condition)) for condition in (one, other) if _example(condition)]
                different = Witness(
                    first=one.rule, second=other.rule, headers=tuple(sent) if len(sent) == 2 else (), same=False
                )
    if different is not None:
        yield different


def _common(one: Condition, other: Condition) -> tuple[str, ...] | None:
    """Return a value that meets both conditions, none where nobody can tell; None where there is no such value."""
    if one.pattern is None and other.pattern is None:
        value = next((value for value in one.values if value in other.values), None)
        return None if value is None else (value,)
    if one.pattern is not None and other.pattern is not None:
        meeting = meet(one.pattern, other.pattern)
        if meeting.text is not None:
            return (meeting.text,)
        return None if meeting.is_known else ()
    pattern, values = (one.pattern, other.values) if one.pattern is not None else (other.pattern, one.values)
    import re2  # noqa: PLC0415 - most releases have no pattern

    value = next((value for value in values if re2.search(pattern, value)), None)
    return None if value is None else (value,)


def _example(condition: Condition) -> str:
    """Return a value that meets a condition, "" where none is at hand."""
    if condition.pattern is None:
        return condition.values[0]
    return meet(condition.pattern, "").text or ""


def _sent(condition: Condition, value: str) -> str:
    value = shown_condition(condition.header or condition.cookie, value)
    return f"{condition.header}: {value}" if condition.header else f"cookie: {condition.cookie}={value}"


def _told(
    code: str,
    message: str,
    *,
    here: tuple[ReleasePlan, Rule],
    there: tuple[ReleasePlan, Rule],
    route: Document,
    help: str,
) -> Diagnostic:
    (plan, rule), (other, others) = here, there
    return Diagnostic(
        code=code,
        message=message,
        span=plan.spec.span(rule.path),
        field=show_path(rule.path),
        object=route.identity.ref,
        notes=(
            Note(message=f"the rule of `{other.spec.name}`", span=other.spec.span(others.path)),
            Note(message=f"the {route.identity.kind}", span=route.span(("metadata", "name"))),
        ),
        help=help,
    )
