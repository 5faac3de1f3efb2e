"""What entry rules mean, whatever the gateway: the one place where precedence and opting out are decided.

The conditions of a release stand in one list, and the first that holds decides:

1. a request whose switch header says `never` stays on the baseline;
2. a request that meets a header rule enters the lane;
3. a request whose switch cookie says `never` stays on the baseline;
4. a request that meets a cookie rule enters the lane;
5. of all others, the weight's share enters.

A switch is a rule without value or pattern. A condition speaks of a header that is sent once, and of one cookie of a
name; what gateways do with a repeated one differs, and nothing is promised. Nor is it of cookies whose names differ in
case alone: ingress-nginx takes them for one.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import assert_never

from grayc.documents import Path
from grayc.k8s.abilities import Feature
from grayc.k8s.providers import PROVIDERS
from grayc.k8s.secrets import shown_condition
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace
from grayc.spec.model import CookieRule, HeaderRule, Rule, WeightRule

ALWAYS = "always"
NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of the list: a header or a cookie, and what it must say.

    Attributes:
        header: the header's name; "" where it is a cookie.
        cookie: the cookie's name; "" where it is a header.
        values: what it must equal one of, in letter and case; empty where `pattern` is set.
        pattern: an RE2 expression that must be found in the value.
        enters: the request goes gray; False keeps it on the baseline.
        rule: the rule of the spec that it comes from.
    """

    header: str = ""
    cookie: str = ""
    values: tuple[str, ...] = ()
    pattern: str | None = None
    enters: bool = True
    rule: Rule

    @property
    def is_switch(self) -> bool:
        """Tell whether it comes from a rule that asks for `always` and `never`."""
        return is_switch(self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a release's rules mean.

    Attributes:
        conditions: the first that holds decides.
        percent: of the requests that no condition decided, 0 to 100.
        weight: the rule that `percent` comes from, None where there is none.
    """

    conditions: tuple[Condition, ...]
    percent: int
    weight: WeightRule | None


def is_switch(rule: Rule) -> bool:
    """Tell whether a rule asks for `always` and `never`."""
    match rule:
        case HeaderRule():
            return not rule.values and rule.pattern is None
        case CookieRule():
            return rule.value is None
        case WeightRule():
            return False


def without_secrets(rule: Rule) -> Rule:
    """Return a rule as it is told: without what a header or cookie that proves who calls must say."""
    match rule:
        case HeaderRule(name=name, values=values, pattern=pattern):
            values = tuple(dict.fromkeys(shown_condition(name, value) for value in values))
            return replace(rule, values=values, pattern=shown_condition(name, pattern) if pattern else pattern)
        case CookieRule(name=name, value=str(value)):
            return replace(rule, value=shown_condition(name, value))
        case _:
            return rule


def rule_data(rule: Rule) -> Mapping[str, object]:
    """Return a rule as the release language writes it, `values` always as a list."""
    match rule:
        case HeaderRule(name=name, pattern=str(pattern)):
            return {"header": name, "pattern": pattern}
        case HeaderRule(name=name, values=values):
            return {"header": name, "values": [*values]} if values else {"header": name}
        case CookieRule(name=name, value=value):
            return {"cookie": name, "value": value} if value is not None else {"cookie": name}
        case WeightRule(percent=percent):
            return {"weight": percent}
        case _:
            assert_never(rule)


@lru_cache(maxsize=1_024)
def meaning_of(rules: tuple[Rule, ...]) -> Meaning:
    """Return the meaning of the rules of a release.

    Conditions that keep a request on the baseline are there only where a later line could take it.
    """
    weight = next((rule for rule in rules if isinstance(rule, WeightRule)), None)
    percent = weight.percent if weight else 0
    conditions: list[Condition] = []
    for stage in (HeaderRule, CookieRule):
        mine = [rule for rule in rules if isinstance(rule, stage)]
        conditions += [_stays(rule) for rule in mine if is_switch(rule)]
        conditions += [_enters(rule) for rule in mine]
    return Meaning(
        conditions=tuple(
            condition
            for at, condition in enumerate(conditions)
            if condition.enters
            or percent
            or any(later.enters and later.rule is not condition.rule for later in conditions[at:])
        ),
        percent=percent,
        weight=weight,
    )


def _stays(rule: HeaderRule | CookieRule) -> Condition:
    if isinstance(rule, HeaderRule):
        return Condition(header=rule.name, values=(NEVER,), enters=False, rule=rule)
    return Condition(cookie=rule.name, values=(NEVER,), enters=False, rule=rule)


def _enters(rule: HeaderRule | CookieRule) -> Condition:
    if isinstance(rule, CookieRule):
        return Condition(cookie=rule.name, values=(rule.value or ALWAYS,), rule=rule)
    if rule.pattern is not None:
        return Condition(header=rule.name, pattern=rule.pattern, rule=rule)
    return Condition(header=rule.name, values=rule.values or (ALWAYS,), rule=rule)


def share(
    meaning: Meaning,
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    found: Callable[[str, str], bool],
) -> int:
    """Return the percent of such requests that enter the lane: 0, 100, or the weight.

    Args:
        headers: name in lower case → value; without the cookies.
        cookies: name → value.
        found: tells whether an RE2 expression is found in a text.
    """
    for condition in meaning.conditions:
        value = headers.get(condition.header.lower()) if condition.header else cookies.get(condition.cookie)
        if value is not None and (
            value in condition.values if condition.pattern is None else found(condition.pattern, value)
        ):
            return 100 if condition.enters else 0
    return meaning.percent


def features_of(plan: ReleasePlan) -> Iterator[tuple[Feature, Path]]:
    """Yield what a release asks of its gateway, each with the place in the spec that asks."""
    headers = [rule for rule in plan.rules if isinstance(rule, HeaderRule)]
    cookies = [rule for rule in plan.rules if isinstance(rule, CookieRule)]
    for rule in plan.rules:
        if rule != WeightRule(percent=0, path=rule.path):
            yield _feature_of(rule), rule.path
        if not all(text.isascii() for text in _texts(rule)):
            yield Feature.BEYOND_ASCII, rule.path
    for header in headers:
        if "_" in header.name:
            yield Feature.UNDERSCORE, header.path
        if header.name.lower() != headers[0].name.lower():
            yield Feature.SEVERAL_HEADERS, header.path
        elif is_switch(header) != is_switch(headers[0]):
            yield Feature.SWITCH_BESIDE_VALUE, header.path
    valued = next((cookie for cookie in cookies if not is_switch(cookie)), None)
    switched = [cookie for cookie in cookies if is_switch(cookie)]
    if valued and headers:
        yield Feature.HEADER_BESIDE_COOKIE_VALUE, valued.path
    if switched and len({cookie.name for cookie in cookies}) > 1:
        yield Feature.SWITCH_BESIDE_VALUE, switched[0].path
    is_read = PROVIDERS[plan.spec.lane.provider].needs_header
    if plan.spec.traffic and plan.entries and is_read and not _brings_the_tag(plan):
        yield Feature.COLOUR, plan.spec.traffic.path
    for entry in plan.entries:
        if entry.coloured_only and plan.spec.traffic:
            yield Feature.COLOUR_ONLY, (*plan.spec.traffic.path, "gateway")
            return


def _brings_the_tag(plan: ReleasePlan) -> bool:
    """Tell whether only requests that carry the lane's header with the tag already enter."""
    return all(
        isinstance(rule, HeaderRule)
        and rule.name.lower() == plan.spec.lane.header.lower()
        and rule.values == (plan.spec.tag,)
        for rule in plan.rules
    )


def _feature_of(rule: Rule) -> Feature:
    match rule:
        case HeaderRule(values=(), pattern=None):
            return Feature.HEADER_SWITCH
        case HeaderRule(values=()):
            return Feature.HEADER_MATCHES
        case HeaderRule(values=(_,)):
            return Feature.HEADER_EQUALS
        case HeaderRule():
            return Feature.HEADER_ONE_OF
        case CookieRule(value=None):
            return Feature.COOKIE_SWITCH
        case CookieRule():
            return Feature.COOKIE_EQUALS
        case WeightRule():
            return Feature.WEIGHT


def _texts(rule: Rule) -> tuple[str, ...]:
    match rule:
        case HeaderRule():
            return (*rule.values, rule.pattern or "")
        case CookieRule():
            return (rule.name, rule.value or "")
        case WeightRule():
            return ()
