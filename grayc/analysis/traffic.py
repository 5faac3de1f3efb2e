"""What entry rules mean, whatever the gateway: the one place where precedence and opting out are decided.

The lines of a release stand in one list, and the first that holds decides. For headers, then query parameters, then
cookies:

1. a request whose switch says `never` stays on the baseline;
2. a request that meets a rule enters the lane; `all` stands with the first of headers, query and cookies that it asks,
   `tagged` with the headers.

Then a share by the digits of a value, and of all others the share that is drawn.

A switch is a condition without value or pattern. A line speaks of a header or parameter that is sent once, and of one
cookie of a name; what gateways do with a repeated one differs, and nothing is promised. Nor is it of cookies whose
names differ in case alone: ingress-nginx takes them for one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import assert_never

from grayc.analysis.endings import pattern_of
from grayc.documents import Path
from grayc.k8s.abilities import Feature
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.providers import PROVIDERS
from grayc.k8s.secrets import shown_condition
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, field, replace
from grayc.spec.model import AllRule, ByClient, ByValue, Condition, Part, Rule, TaggedRule, WeightRule
from grayc.spec.rule_data import rank

ALWAYS = "always"
NEVER = "never"
MOST_COOKIES = 3
"""Of one `all`: the pattern has a part for every order in which they may come."""

_ALL_COOKIES = (Part.HEADER, "cookie")
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a request must say in one place.

    Attributes:
        values: what it must equal one of, in letter and case; empty where `pattern` is set.
        pattern: an RE2 expression that must be found in the value.
        member: `key=value` of a list, which the pattern looks for among others; the last of a key counts. "" where it
            looks for something else.
        place: what it asks: a part of the request, and the name there, of a header in lower case.
    """

    part: Part
    name: str
    values: tuple[str, ...] = ()
    pattern: str | None = None
    member: str = ""
    place: tuple[Part, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Rules of hundreds of releases are compared with each other and with every request.
        place = self.part, self.name.lower() if self.part is Part.HEADER else self.name
        object.__setattr__(self, "place", place)

    @property
    def carrier(self) -> tuple[Part, str]:
        """Where gateways find what it asks: all cookies are in one header."""
        return _ALL_COOKIES if self.part is Part.COOKIE else self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the list: what a request must say, all of it, and where it goes then.

    Attributes:
        enters: the request goes gray; False keeps it on the baseline.
        rule: the rule of the spec that it comes from.
        places: what it asks.
    """

    asks: tuple[Ask, ...]
    enters: bool = True
    rule: Rule
    places: frozenset[tuple[Part, str]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", frozenset(ask.place for ask in self.asks))

    @property
    def is_switch(self) -> bool:
        """Tell whether it comes from a rule that asks for `always` and `never`."""
        return is_switch(self.rule)

    @property
    def is_several(self) -> bool:
        """Tell whether it asks several things at once."""
        return len(self.asks) > 1

    def count(self, part: Part) -> int:
        """Return of how many headers or parameters it asks something, all cookies being one header."""
        return len({ask.carrier for ask in self.asks if ask.carrier[0] is part})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a release's rules mean.

    Attributes:
        lines: the first that holds decides.
        percent: of the requests that no line decided, 0 to 100.
        weight: the rule that `percent` comes from, None where no share is drawn.
    """

    lines: tuple[Line, ...]
    percent: int
    weight: WeightRule | None


def is_switch(rule: Rule) -> bool:
    """Tell whether a rule asks for `always` and `never`."""
    return isinstance(rule, Condition) and rule.is_switch


def without_secrets(rule: Rule) -> Rule:
    """Return a rule as it is shown: without what a header or cookie that proves who calls must say."""
    match rule:
        case Condition():
            return _without_secrets(rule)
        case AllRule(conditions=conditions):
            return replace(rule, conditions=tuple(map(_without_secrets, conditions)))
        case TaggedRule() | WeightRule():
            return rule
        case _:
            assert_never(rule)


def _without_secrets(condition: Condition) -> Condition:
    name, pattern, part = condition.name, condition.pattern, condition.part
    values = tuple(dict.fromkeys(shown_condition(name, value, part) for value in condition.values))
    return replace(condition, values=values, pattern=shown_condition(name, pattern, part) if pattern else pattern)


@lru_cache(maxsize=1_024)
def meaning_of(rules: tuple[Rule, ...]) -> Meaning:
    """Return the meaning of the rules of a release.

    Lines that keep a request on the baseline are there only where a later line could take it.
    """
    weight = next((rule for rule in rules if isinstance(rule, WeightRule)), None)
    lines: list[Line] = []
    for stage, _ in enumerate(Part):
        mine = [rule for rule in rules if rank(rule) == stage]
        lines += [_stays(rule) for rule in mine if isinstance(rule, Condition) and rule.is_switch]
        lines += [Line(asks=asks_of(rule), rule=rule) for rule in mine]
    by = weight.by if weight is not None else None
    if weight is not None and isinstance(by, ByValue) and weight.percent:
        lines.append(Line(asks=asks_of(weight), rule=weight))
    drawn = None if isinstance(by, ByValue) else weight
    percent = drawn.percent if drawn else 0
    return Meaning(
        lines=tuple(
            line
            for at, line in enumerate(lines)
            if line.enters or percent or any(later.enters and later.rule is not line.rule for later in lines[at:])
        ),
        percent=percent,
        weight=drawn,
    )


def asks_of(rule: Rule) -> tuple[Ask, ...]:
    """Return what a request must say to enter by a rule; nothing where that is drawn, or nobody enters."""
    match rule:
        case Condition():
            return (_ask_of(rule),)
        case AllRule(conditions=conditions):
            return tuple(map(_ask_of, conditions))
        case TaggedRule(carrier=carrier, tag=tag):
            return (carried(carrier, tag),)
        case WeightRule(percent=percent, by=ByValue() as by) if percent:
            return (Ask(part=by.part, name=by.name, pattern=pattern_of(percent, by.digits)),)
        case WeightRule():
            return ()
        case _:
            assert_never(rule)


def carried(carrier: TagCarrier, tag: str) -> Ask:
    """Return what a request must say to carry a tag."""
    pattern = carrier.pattern(tag)
    if pattern is None:
        return Ask(part=Part.HEADER, name=carrier.header, values=(tag,))
    return Ask(part=Part.HEADER, name=carrier.header, pattern=pattern, member=carrier.value(tag))


def _stays(rule: Condition) -> Line:
    return Line(asks=(Ask(part=rule.part, name=rule.name, values=(NEVER,)),), enters=False, rule=rule)


def _ask_of(condition: Condition) -> Ask:
    values = (ALWAYS,) if condition.is_switch else condition.values
    return Ask(part=condition.part, name=condition.name, values=values, pattern=condition.pattern)


def share(
    meaning: Meaning,
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    found: Callable[[str, str], bool],
    *,
    query: Mapping[str, str] = _NOTHING,
) -> int:
    """Return the percent of such requests that enter the lane: 0, 100, or the weight.

    Args:
        headers: name in lower case → value; without the cookies.
        cookies: name → value.
        found: tells whether an RE2 expression is found in a text.
        query: parameter → value, as the URL has them.
    """
    said = {Part.HEADER: headers, Part.QUERY: query, Part.COOKIE: cookies}

    for line in meaning.lines:
        for ask in line.asks:
            value = said[ask.part].get(ask.place[1])
            if value is None or not (value in ask.values if ask.pattern is None else found(ask.pattern, value)):
                break
        else:
            return 100 if line.enters else 0
    return meaning.percent


def features_of(plan: ReleasePlan) -> Iterator[tuple[Feature, Path]]:
    """Yield what a release asks of its gateway, each with the place in the spec that asks."""
    for rule in plan.rules:
        yield from _features_of(rule)
        if not all(text.isascii() for ask in asks_of(rule) for text in (ask.name, *ask.values, ask.pattern or "")):
            yield Feature.BEYOND_ASCII, rule.path
    lines = tuple(line for line in meaning_of(plan.rules).lines if line.enters)
    for line in lines:
        if any(ask.part is Part.HEADER and "_" in ask.name for ask in line.asks):
            yield Feature.UNDERSCORE, line.rule.path
    yield from _together(lines)
    yield from _beside_never(plan.rules)
    is_read = PROVIDERS[plan.spec.lane.provider].needs_header
    if plan.spec.traffic and plan.entries and is_read and not _brings_the_tag(plan):
        shared = plan.spec.lane.carrier.is_shared
        yield Feature.COLOUR_MEMBER if shared else Feature.COLOUR, plan.spec.traffic.path
    for entry in plan.entries:
        if entry.coloured_only and plan.spec.traffic:
            yield Feature.COLOUR_ONLY, (*plan.spec.traffic.path, "gateway")
            return


def _together(lines: Sequence[Line]) -> Iterator[tuple[Feature, Path]]:
    """Yield what rules ask beside each other."""
    plain = [line for line in lines if len(line.asks) == 1]
    headers = [line for line in plain if line.asks[0].part is Part.HEADER]
    cookies = [line for line in plain if line.asks[0].part is Part.COOKIE]
    for line in headers:
        if line.asks[0].place != headers[0].asks[0].place:
            yield Feature.SEVERAL_HEADERS, line.rule.path
        elif line.is_switch != headers[0].is_switch:
            yield Feature.SWITCH_BESIDE_VALUE, line.rule.path
    valued = [line for line in cookies if not line.is_switch]
    switched = [line for line in cookies if line.is_switch]
    if valued and headers:
        yield Feature.HEADER_BESIDE_COOKIE_VALUE, valued[0].rule.path
    names = {line.asks[0].name for line in cookies}
    if switched and (len(names) > 1 or any(NEVER in line.asks[0].values or line.asks[0].pattern for line in valued)):
        yield Feature.SWITCH_BESIDE_VALUE, switched[0].rule.path
    if switched and headers and isinstance(headers[-1].rule, WeightRule):
        yield Feature.DIGITS_BESIDE_SWITCH, headers[-1].rule.path


def _beside_never(rules: tuple[Rule, ...]) -> Iterator[tuple[Feature, Path]]:
    """Yield a rule that asks a header or cookie where one on a query parameter alone, which leads elsewhere, is first.

    On a gateway that asks headers, cookies among them, before the query, the order of the two is lost.
    """
    queries: list[Line] = []
    for line in meaning_of(rules).lines:
        if not line.count(Part.HEADER):
            queries.append(line)
        elif any(other.enters != line.enters for other in queries):
            yield Feature.QUERY_BESIDE_NEVER, line.rule.path
            return


def _brings_the_tag(plan: ReleasePlan) -> bool:
    """Tell whether only requests that carry the lane's tag already enter."""
    tagged = carried(plan.spec.lane.carrier, plan.spec.tag)
    said = tagged.values, tagged.pattern
    return all(
        any(ask.place == tagged.place and (ask.values, ask.pattern) == said for ask in asks_of(rule))
        for rule in plan.rules
    )


_VALUED = {
    Part.HEADER: (Feature.HEADER_EQUALS, Feature.HEADER_ONE_OF, Feature.HEADER_MATCHES, Feature.HEADER_SWITCH),
    Part.QUERY: (Feature.QUERY_EQUALS, Feature.QUERY_ONE_OF, Feature.QUERY_MATCHES, Feature.QUERY_SWITCH),
    Part.COOKIE: (Feature.COOKIE_EQUALS, Feature.COOKIE_ONE_OF, Feature.COOKIE_MATCHES, Feature.COOKIE_SWITCH),
}
"""Part → features of one value, of several, of a pattern, and of a switch."""


def _features_of(rule: Rule) -> Iterator[tuple[Feature, Path]]:
    match rule:
        case Condition():
            yield _feature_of(rule), rule.path
        case AllRule(conditions=conditions):
            yield Feature.ALL, rule.path
            if _is_in_one_place(asks_of(rule)):
                yield Feature.ALL_IN_ONE_PLACE, rule.path
            yield from ((_feature_of(each), each.path) for each in conditions)
        case TaggedRule():
            yield Feature.TAGGED, rule.path
        case WeightRule(percent=0, by=None):
            return
        case WeightRule(by=None):
            yield Feature.WEIGHT, rule.path
        case WeightRule(by=ByClient()):
            yield Feature.WEIGHT_BY_CLIENT, rule.path
        case WeightRule(by=ByValue(part=part)):
            yield Feature.WEIGHT_BY_QUERY if part is Part.QUERY else Feature.WEIGHT_BY_DIGITS, rule.path
        case _:
            raise AssertionError(rule)


def _is_in_one_place(asks: Sequence[Ask]) -> bool:
    """Tell whether of several asks two are of one header, parameter or cookie, or too many cookies for one pattern."""
    places = [ask.place for ask in asks]
    cookies = sum(ask.part is Part.COOKIE for ask in asks)
    return len(set(places)) < len(places) or cookies > MOST_COOKIES or (cookies > 0 and _ALL_COOKIES in places)


def _feature_of(condition: Condition) -> Feature:
    one, several, pattern, switch = _VALUED[condition.part]
    if condition.pattern is not None:
        return pattern
    return switch if condition.is_switch else one if len(condition.values) == 1 else several
