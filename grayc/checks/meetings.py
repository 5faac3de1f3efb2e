"""Several releases on one route: no request may meet the rules of two of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import assert_never

from grayc.analysis.lanes import KnownLane, Place
from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.shares import weight_and_total
from grayc.analysis.traffic import Ask, Line, Meaning, meaning_of
from grayc.diagnostics import CODES, Diagnostic, Note, Severity
from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS, GatewayName
from grayc.k8s.ingress_controllers import product_of_controller
from grayc.k8s.secrets import shown_condition
from grayc.records import dataclass, replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Part, Rule

MAX_MEETINGS = 200
"""Errors about rules that meet, and likewise warnings, that one run tells: of many releases on a route all meet."""

# Sources: the page of GC522 and what it names; the Gateway API, HTTPRouteRule; Traefik, pkg/muxer/http/mux.go.
_WHO_HAS_IT: Mapping[GatewayName, str] = {
    GatewayName.ALIYUN_ALB: "the Ingress that sorts first has it",
    GatewayName.GATEWAY_API: "the route that asks more, or else the older one, has it",
    GatewayName.TRAEFIK: "chance decides which has it: their routers are of one priority",
}

# What looking for a pattern in a value costs beside a pair of states of two patterns.
_SEARCH_STEPS = 20
_CHARACTERS_A_STEP = 100
# Pairs of lines, and values of theirs, looked at for a pair that asks different things.
_MOST_LOOKS = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request that meets a rule of each of two releases.

    Attributes:
        headers: what would be sent, parameters behind a `?`; empty where no request is at hand.
        same: one of the rules asks nothing that the other does not ask too.
    """

    first: Rule
    second: Rule
    headers: tuple[str, ...]
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A finding without its places, which cost more than all the rest."""

    code: str
    message: str
    here: tuple[KnownLane, Rule]
    there: tuple[KnownLane, Rule]
    route: Document
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A lane, and what its rules mean."""

    lane: KnownLane
    meaning: Meaning
    entering: tuple[Line, ...]
    having: "_Having"


def _opened(lane: KnownLane) -> _Opened:
    meaning = meaning_of(lane.rules)
    entering = tuple(line for line in meaning.lines if line.enters)
    return _Opened(lane=lane, meaning=meaning, entering=entering, having=_by_value(entering))


def check_meetings(lanes: Sequence[KnownLane]) -> tuple[Diagnostic, ...]:
    """Return where the rules of two lanes meet, at least one of which this run makes.

    Diagnostics:
        GC520: two releases open one route, and the gateway takes one lane for it.
        GC521: one request meets a rule of each, on one header, query parameter or cookie.
        GC522: one request can meet a rule of each, on different headers, parameters or cookies.
        GC523: the shares of all releases on a route are more than the whole, or parts of different ones.
        GC526: there is more of these than is reported.
    """
    errors: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    more: list[_Found] = []
    for found in _meetings(lanes):
        told = warnings if CODES[found.code].severity is Severity.WARNING else errors
        if len(told) < MAX_MEETINGS:
            told.append(_told(found))
            continue
        more.append(found)
        if told is errors:
            break
    if not more:
        return (*errors, *warnings)
    first = more[0]
    count = "and more" if len(errors) == MAX_MEETINGS else f"and in {len(more)} more"
    rest = replace(
        _told(first),
        code="GC526",
        message=f"rules of these releases meet in {MAX_MEETINGS} ways {count}, such as: {first.message}",
        help="mend these, and build again",
    )
    return (*errors, *warnings, rest)


def _meetings(lanes: Sequence[KnownLane]) -> Iterator[_Found]:
    opened = [_opened(lane) for lane in lanes if lane.places]
    patterns = PatternMeetings()
    for first, second in combinations(opened, 2):
        if first.lane.plan is None and second.lane.plan is None:
            # They were held against each other when the later of them was built.
            continue
        # One route of each gateway and controller tells it.
        places = reversed(tuple(second.lane.places))
        for shared in {place[:2]: place for place in places if place in first.lane.places}.values():
            yield from _of_two(first, second, shared, patterns)


def _of_two(one: _Opened, other: _Opened, shared: Place, patterns: PatternMeetings) -> Iterator[_Found]:
    first, second = one.lane, other.lane
    route = first.places[shared] or second.places[shared]
    assert route is not None, "one of them is of this run"
    gateway, (_, _, _, host, _, text) = GatewayName(shared[0]), shared
    shown = f"`{host}{text}`"
    names = f"releases `{first.name}` and `{second.name}`"
    here, there = other.meaning, one.meaning
    reason = _one_lane(gateway, shared[1], route, there, here)
    if reason:
        yield _Found(
            code="GC520",
            message=f"{names} both open {shown}, and {reason}",
            here=(second, second.rules[0]),
            there=(first, first.rules[0]),
            route=route,
            help="let each release open hosts or paths of its own with `entries`, where a Service of its own stands "
            "behind them; or choose a gateway that takes several lanes on a route: `gateway-api`, `higress` or `mse`",
        )
        return
    for witness in _witnesses(one, other, patterns):
        request = ", ".join(f"`{header}`" for header in witness.headers)
        if witness.same:
            yield _Found(
                code="GC521",
                message=f"a request to {shown} with {request} meets rules of {names}"
                if witness.headers
                else f"it cannot be excluded that one request to {shown} meets rules of {names}",
                here=(second, witness.second),
                there=(first, witness.first),
                route=route,
                help="let the rules ask for values that have nothing in common",
            )
        else:
            yield _Found(
                code="GC522",
                message=f"a request to {shown} with {request} meets rules of {names}, and "
                + _WHO_HAS_IT.get(gateway, "the older canary has it"),
                here=(second, witness.second),
                there=(first, witness.first),
                route=route,
                help="let both releases ask the same header, for different values",
            )
    if here.weight and there.weight and here.percent + there.percent > 100:
        yield _Found(
            code="GC523",
            message=f"{names} ask for {there.percent} and {here.percent} percent of the requests to {shown}",
            here=(second, here.weight),
            there=(first, there.weight),
            route=route,
            help="let the shares add up to 100 at most",
        )
    elif here.weight and there.weight and (odd := _odd_share(gateway, there, here)):
        yield _Found(
            code="GC523",
            message=f"{names} ask for {there.percent} and {here.percent} percent of the requests to {shown}, "
            f"and gateway `{gateway}` takes both as parts of one total",
            here=(second, here.weight),
            there=(first, there.weight),
            route=route,
            help=f"choose another share than {odd}, which has a total of its own",
        )


def _odd_share(gateway: GatewayName, first: Meaning, second: Meaning) -> int:
    """Return the one of two shares that is written as a part of a larger total than the other; 0 where none is."""
    (small, _), (large, odd) = sorted((weight_and_total(each.percent)[1], each.percent) for each in (first, second))
    return odd if GATEWAYS[gateway].shares_by_total and small != large else 0


def _one_lane(gateway: GatewayName, controller: str, route: Document, first: Meaning, second: Meaning) -> str:
    """Return why the gateway cannot have both; "" where it can."""
    row = GATEWAYS[gateway].of(route.identity.group_kind, product_of_controller(controller))
    reason = row.one_lane or (row.one_lane_beside_weight if first.weight or second.weight else "")
    return f"gateway `{gateway}` {reason}" if reason else ""


def _witnesses(first: _Opened, second: _Opened, patterns: PatternMeetings) -> Iterator[Witness]:
    """Yield the pairs of lines that one request can meet.

    Of pairs that ask different things the first only; of those that are not compared because the budget is spent, too.
    """
    ours, theirs, having = second.entering, first.entering, second.having
    different: Witness | None = None
    looks = _MOST_LOOKS
    is_told = False
    for one in theirs:
        for other in ours if different is None and looks > 0 else ():
            looks -= 1
            if _asks_alike(one, other):
                continue
            looks -= (
                sum(len(ask.values) for ask in (*one.asks, *other.asks)) if one.is_several or other.is_several else 0
            )
            if not _is_apart(one, other):
                different = _on_different(one, other, patterns)
                break
        for at in _candidates(one, having, with_patterns=not is_told):
            other = ours[at]
            if not _asks_alike(one, other):
                continue
            is_plain = all(ask.values for ask in (*one.asks, *other.asks))
            values = None if is_told and not is_plain else _common(one, other, patterns)
            if values is None:
                continue
            is_told = is_told or patterns.left < 0
            yield Witness(first=one.rule, second=other.rule, headers=values, same=True)
    if different is not None:
        yield different


_Place = tuple[Part, str]
"""A part of a request, and a name there: what an ask asks."""


def _asks_alike(one: Line, other: Line) -> bool:
    """Tell whether one of two lines asks nothing that the other does not ask: then nothing else can tell them apart."""
    return one.places <= other.places or other.places <= one.places


def _is_apart(one: Line, other: Line) -> bool:
    """Tell whether two lines ask different plain values in one place, so that no request meets both."""
    if one.places.isdisjoint(other.places):
        return False
    asked = {ask.place: ask for ask in one.asks}
    return any(
        ask.place in asked and ask.values and asked[ask.place].values and not {*ask.values} & {*asked[ask.place].values}
        for ask in other.asks
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Having:
    """Which lines, by position, ask for a value, and which have a pattern.

    Attributes:
        values: what is asked, and a value → positions.
        patterns: what is asked → positions.
        any: what is asked → positions, of both.
    """

    values: Mapping[tuple[_Place, str], list[int]]
    patterns: Mapping[_Place, list[int]]
    any: Mapping[_Place, list[int]]


def _by_value(lines: Sequence[Line]) -> _Having:
    values: dict[tuple[_Place, str], list[int]] = {}
    patterns: dict[_Place, list[int]] = {}
    both: dict[_Place, list[int]] = {}
    for at, line in enumerate(lines):
        for ask in line.asks:
            both.setdefault(ask.place, []).append(at)
            if ask.pattern is not None:
                patterns.setdefault(ask.place, []).append(at)
            for value in ask.values:
                values.setdefault((ask.place, value), []).append(at)
    return _Having(values=values, patterns=patterns, any=both)


def _candidates(one: Line, having: _Having, *, with_patterns: bool) -> Sequence[int]:
    """Return the positions of the lines that one request can meet beside this one, as far as values tell."""
    found: set[int] = set()
    for ask in one.asks:
        if ask.pattern is not None:
            found.update(having.any.get(ask.place, ()) if with_patterns else ())
            continue
        found.update(at for value in ask.values for at in having.values.get((ask.place, value), ()))
        found.update(having.patterns.get(ask.place, ()) if with_patterns else ())
    return sorted(found)


def _on_different(one: Line, other: Line, patterns: PatternMeetings) -> Witness:
    asks = {ask.place: ask for line in (one, other) for ask in line.asks}
    examples = [(ask, _example(ask, patterns)) for ask in asks.values()]
    sent = tuple(_sent(ask, example) for ask, example in examples if example)
    return Witness(first=one.rule, second=other.rule, headers=sent if len(sent) == len(examples) else (), same=False)


def _common(one: Line, other: Line, patterns: PatternMeetings) -> tuple[str, ...] | None:
    """Return what a request that meets both lines sends, nothing where nobody can tell; None where there is no such."""
    ours, theirs = ({ask.place: ask for ask in line.asks} for line in (one, other))
    sent: list[str] = []
    is_known = True
    for place in dict.fromkeys((*ours, *theirs)):
        mine, yours = ours.get(place), theirs.get(place)
        if mine is not None and yours is not None:
            values = _common_value(mine, yours, patterns)
            if values is None:
                return None
            is_known = is_known and bool(values)
            sent += [_sent(mine, value) for value in values]
        elif (ask := mine or yours) is not None:
            example = _example(ask, patterns)
            is_known = is_known and bool(example)
            sent.append(_sent(ask, example))
    return tuple(sent) if is_known else ()


def _common_value(one: Ask, other: Ask, patterns: PatternMeetings) -> tuple[str, ...] | None:
    """Return a value that meets both asks, none where nobody can tell; None where there is no such value."""
    if one.pattern is None and other.pattern is None:
        there = frozenset(other.values)
        value = next((value for value in one.values if value in there), None)
        return None if value is None else (value,)
    if one.member and other.member:
        if one.member != other.member and one.member.partition("=")[0] == other.member.partition("=")[0]:
            return None
        return (",".join(dict.fromkeys((one.member, other.member))),)
    if one.pattern is not None and other.pattern is not None:
        meeting = patterns.meet(one.pattern, other.pattern)
        if meeting.text is not None:
            return (meeting.text,)
        return None if meeting.is_known else ()
    pattern, values = (one.pattern, other.values) if one.pattern is not None else (other.pattern or "", one.values)
    if not patterns.spend(_SEARCH_STEPS + sum(1 + len(value) // _CHARACTERS_A_STEP for value in values)):
        return ()
    import re2  # noqa: PLC0415 - most releases have no pattern

    value = next((value for value in values if re2.search(pattern, value)), None)
    return None if value is None else (value,)


def _example(ask: Ask, patterns: PatternMeetings) -> str:
    """Return a value that meets an ask, "" where none is at hand."""
    if ask.pattern is None:
        return ask.values[0]
    return ask.member or patterns.meet(ask.pattern, "").text or ""


def _sent(ask: Ask, value: str) -> str:
    value = shown_condition(ask.name, value, ask.part)
    match ask.part:
        case Part.HEADER:
            return f"{ask.name}: {value}"
        case Part.QUERY:
            return f"?{ask.name}={value}"
        case Part.COOKIE:
            return f"cookie: {ask.name}={value}"
        case _:
            assert_never(ask.part)


def _told(found: _Found) -> Diagnostic:
    ours, theirs = (found.here, found.there) if found.here[0].plan is not None else (found.there, found.here)
    (lane, rule), (other, others), route = ours, theirs, found.route
    assert lane.plan is not None, "one of them is of this run"
    theirs_at = other.plan.spec.span(others.path) if other.plan is not None else None
    return at_spec(
        lane.plan.spec,
        rule.path,
        code=found.code,
        message=found.message,
        object=route.identity.ref,
        notes=(
            Note(message=f"the rule of {other.title}", span=theirs_at),
            Note(message=f"the {route.identity.kind}", span=route.span(("metadata", "name"))),
        ),
        help=found.help,
    )
