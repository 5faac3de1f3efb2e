"""Rules as data: as a release writes them, and as the inventory of an output folder keeps them.

The one place that reads and writes either form. They differ in two things: the inventory has `values` where a release
may write `value`, and beside `tagged` the carrier and the tag that a release says elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from grayc.documents import Path
from grayc.documents.tree import get, get_list, get_text, is_mapping
from grayc.k8s.carriers import TagCarrier
from grayc.spec.model import (
    AllRule,
    ByClient,
    ByValue,
    Condition,
    Digits,
    Part,
    Rule,
    TaggedRule,
    WeightRule,
)

_ORDER = tuple(Part)
_NO_CARRIER = TagCarrier(header="")
CLIENT = "client"
"""The word for a share that the gateway keeps for a client."""


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules in the order of precedence; those of one rank as they are."""
    return tuple(sorted(rules, key=rank))


def rank(rule: Rule) -> int:
    """Return where a rule stands: headers, query, cookies, weight; `all` with the first of these that it asks."""
    match rule:
        case Condition(part=part):
            return _ORDER.index(part)
        case AllRule(conditions=conditions):
            return min((_ORDER.index(each.part) for each in conditions), default=0)
        case TaggedRule():
            return _ORDER.index(Part.HEADER)
        case WeightRule():
            return len(_ORDER)
        case _:
            assert_never(rule)


def conditions_of(rules: Iterable[Rule]) -> Iterator[Condition]:
    """Yield the conditions of rules, those inside `all` too."""
    for rule in rules:
        if isinstance(rule, Condition):
            yield rule
        elif isinstance(rule, AllRule):
            yield from rule.conditions


def encode(rule: Rule) -> Mapping[str, object]:
    """Return a rule as an inventory keeps it, `values` of a header or parameter always as a list."""
    match rule:
        case Condition():
            return _encode_condition(rule)
        case AllRule(conditions=conditions):
            return {"all": [_encode_condition(each) for each in conditions]}
        case TaggedRule(carrier=carrier, tag=tag):
            member = {"member": carrier.member} if carrier.is_shared else {}
            return {"tagged": True, "header": carrier.header, **member, "value": tag}
        case WeightRule(percent=percent, by=None):
            return {"weight": percent}
        case WeightRule(percent=percent, by=ByClient()):
            return {"weight": percent, "by": CLIENT}
        case WeightRule(percent=percent, by=ByValue(part=part, name=name, digits=digits)):
            return {"weight": percent, "by": {str(part): name, "digits": str(digits)}}
        case _:
            raise AssertionError(rule)


def _encode_condition(condition: Condition) -> dict[str, object]:
    named: dict[str, object] = {str(condition.part): condition.name}
    if condition.pattern is not None:
        return {**named, "pattern": condition.pattern}
    # A cookie once had one value only.
    if condition.part is Part.COOKIE and len(condition.values) == 1:
        return {**named, "value": condition.values[0]}
    return {**named, "values": [*condition.values]} if condition.values else named


def decode(data: object, path: Path = (), *, carrier: TagCarrier = _NO_CARRIER, tag: str = "") -> Rule:
    """Return the rule that data holds which was checked: by the schema of a release, or by `inventory`.

    Args:
        path: of the rule in its release.
        carrier: carries the lane's tag, where `data` does not say.
        tag: of the release, where `data` does not say.
    """
    if get(data, ("tagged",)) is not None:
        header = get_text(data, ("header",))
        known = TagCarrier(header=header, member=get_text(data, ("member",))) if header else carrier
        return TaggedRule(carrier=known, tag=get_text(data, ("value",)) or tag, path=path)
    percent = get(data, ("weight",))
    if isinstance(percent, int | float):
        # JSON Schema calls 2.0 an integer.
        return WeightRule(percent=int(percent), by=_by(get(data, ("by",))), path=path)
    if get(data, ("all",)) is not None:
        conditions = enumerate(get_list(data, ("all",)))
        return AllRule(conditions=tuple(_condition(item, (*path, "all", at)) for at, item in conditions), path=path)
    return _condition(data, path)


def _condition(data: object, path: Path) -> Condition:
    part, name = _asked(data)
    value, pattern = get(data, ("value",)), get(data, ("pattern",))
    values = (value,) if isinstance(value, str) else tuple(str(each) for each in get_list(data, ("values",)))
    pattern = pattern if isinstance(pattern, str) else None
    return Condition(part=part, name=name, values=values, pattern=pattern, path=path)


def _by(data: object) -> ByValue | ByClient | None:
    if data == CLIENT:
        return ByClient()
    if not is_mapping(data):
        return None
    part, name = _asked(data)
    return ByValue(part=part, name=name, digits=Digits(get_text(data, ("digits",)) or Digits.DECIMAL))


def _asked(data: object) -> tuple[Part, str]:
    return next(((part, name) for part in Part if (name := get_text(data, (part,)))), (Part.HEADER, ""))
