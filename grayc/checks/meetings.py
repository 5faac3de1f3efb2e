"""Several releases on one route: no request may meet the rules of two of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from grayc.analysis.lanes import KnownLane, Place
from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.shares import weight_and_total
from grayc.analysis.traffic import Condition, Meaning, meaning_of
from grayc.diagnostics import CODES, Diagnostic, Note, Severity
from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS, GatewayName
from grayc.k8s.secrets import shown_condition
from grayc.records import dataclass, replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Rule

MAX_MEETINGS = 200
"""Errors about rules that meet, and likewise warnings, that one run tells: of many releases on a route all meet."""

# What looking for a pattern in a value costs beside a pair of states of two patterns.
_SEARCH_STEPS = 20
_CHARACTERS_A_STEP = 100


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


def check_meetings(lanes: Sequence[KnownLane]) -> tuple[Diagnostic, ...]:
    """Return where the rules of two lanes meet, at least one of which this run makes.

    Diagnostics:
        GC520: two releases open one route, and the gateway takes one lane for it.
        GC521: one request meets a rule of each, on one header or cookie.
        GC522: one request can meet a rule of each, on different headers or cookies.
        GC523: the shares of all releases on a route are more than the whole, or parts of different ones.
        GC526: there is more of these than is told.
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
        help="mend those that are told, and build again",
    )
    return (*errors, *warnings, rest)


def _meetings(lanes: Sequence[KnownLane]) -> Iterator[_Found]:
    opened = [_Opened(lane=lane, meaning=meaning_of(lane.rules)) for lane in lanes if lane.places]
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
    reason = _one_lane(gateway, there, here)
    if reason:
        yield _Found(
            code="GC520",
            message=f"{names} both open {shown}, and {reason}",
            here=(second, second.rules[0]),
            there=(first, first.rules[0]),
            route=route,
            help="release both services in one spec, open different hosts or paths, or choose gateway `higress`",
        )
        return
    for witness in _witnesses(there, here, patterns):
        request = ", ".join(f"`{header}`" for header in witness.headers)
        if witness.same:
            yield _Found(
                code="GC521",
                message=f"a request to {shown} with {request} meets rules of {names}"
                if witness.headers
                else f"it can not be excluded that one request to {shown} meets rules of {names}",
                here=(second, witness.second),
                there=(first, witness.first),
                route=route,
                help="let the rules ask for values that have nothing in common",
            )
        else:
            yield _Found(
                code="GC522",
                message=f"a request to {shown} with {request} meets rules of {names}, and the older canary has it",
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


def _one_lane(gateway: GatewayName, first: Meaning, second: Meaning) -> str:
    """Return why the gateway can not have both; "" where it can."""
    row = GATEWAYS[gateway]
    reason = row.one_lane or (row.one_lane_beside_weight if first.weight or second.weight else "")
    return f"gateway `{gateway}` {reason}" if reason else ""


def _witnesses(first: Meaning, second: Meaning, patterns: PatternMeetings) -> Iterator[Witness]:
    """Yield the pairs of conditions that one request can meet; of pairs on different headers the first only.

    Of pairs that are not compared because the budget is spent, the first only, too.
    """
    ours = [condition for condition in second.conditions if condition.enters]
    theirs = [condition for condition in first.conditions if condition.enters]
    having = _by_value(ours)
    different: Witness | None = None
    is_told = False
    for one in theirs:
        if different is None:
            other = next((other for other in ours if _asked(other) != _asked(one)), None)
            different = None if other is None else _on_different(one, other, patterns)
        for at in _candidates(one, having, with_patterns=not is_told):
            other = ours[at]
            values = None if is_told and not (one.values and other.values) else _common(one, other, patterns)
            if values is None:
                continue
            is_told = is_told or patterns.left < 0
            yield Witness(
                first=one.rule, second=other.rule, headers=tuple(_sent(one, value) for value in values), same=True
            )
    if different is not None:
        yield different


_Asked = tuple[str, str]
"""A header in lower case, and a cookie: what a condition asks."""


def _asked(condition: Condition) -> _Asked:
    return (condition.header.lower(), condition.cookie)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Having:
    """Which conditions, by position, ask for a value, and which have a pattern.

    Attributes:
        values: what is asked, and a value → positions.
        patterns: what is asked → positions.
        any: what is asked → positions, of both.
    """

    values: Mapping[tuple[_Asked, str], list[int]]
    patterns: Mapping[_Asked, list[int]]
    any: Mapping[_Asked, list[int]]


def _by_value(conditions: Sequence[Condition]) -> _Having:
    values: dict[tuple[_Asked, str], list[int]] = {}
    patterns: dict[_Asked, list[int]] = {}
    both: dict[_Asked, list[int]] = {}
    for at, condition in enumerate(conditions):
        both.setdefault(_asked(condition), []).append(at)
        if condition.pattern is not None:
            patterns.setdefault(_asked(condition), []).append(at)
        for value in condition.values if condition.pattern is None else ():
            values.setdefault((_asked(condition), value), []).append(at)
    return _Having(values=values, patterns=patterns, any=both)


def _candidates(one: Condition, having: _Having, *, with_patterns: bool) -> Sequence[int]:
    """Return the positions of the conditions that one request can meet beside this one, as far as values tell."""
    asked = _asked(one)
    if one.pattern is not None:
        return having.any.get(asked, ()) if with_patterns else ()
    found = {at for value in one.values for at in having.values.get((asked, value), ())}
    return sorted(found.union(having.patterns.get(asked, ()) if with_patterns else ()))


def _on_different(one: Condition, other: Condition, patterns: PatternMeetings) -> Witness:
    examples = [(condition, _example(condition, patterns)) for condition in (one, other)]
    sent = tuple(_sent(condition, example) for condition, example in examples if example)
    return Witness(first=one.rule, second=other.rule, headers=sent if len(sent) == 2 else (), same=False)


def _common(one: Condition, other: Condition, patterns: PatternMeetings) -> tuple[str, ...] | None:
    """Return a value that meets both conditions, none where nobody can tell; None where there is no such value."""
    if one.pattern is None and other.pattern is None:
        there = frozenset(other.values)
        value = next((value for value in one.values if value in there), None)
        return None if value is None else (value,)
    if one.pattern is not None and other.pattern is not None:
        meeting = patterns.meet(one.pattern, other.pattern)
        if meeting.text is not None:
            return (meeting.text,)
        return None if meeting.is_known else ()
    pattern, values = (one.pattern, other.values) if one.pattern is not None else (other.pattern, one.values)
    if not patterns.spend(_SEARCH_STEPS + sum(1 + len(value) // _CHARACTERS_A_STEP for value in values)):
        return ()
    import re2  # noqa: PLC0415 - most releases have no pattern

    value = next((value for value in values if re2.search(pattern, value)), None)
    return None if value is None else (value,)


def _example(condition: Condition, patterns: PatternMeetings) -> str:
    """Return a value that meets a condition, "" where none is at hand."""
    if condition.pattern is None:
        return condition.values[0]
    return patterns.meet(condition.pattern, "").text or ""


def _sent(condition: Condition, value: str) -> str:
    value = shown_condition(condition.header or condition.cookie, value)
    return f"{condition.header}: {value}" if condition.header else f"cookie: {condition.cookie}={value}"


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
