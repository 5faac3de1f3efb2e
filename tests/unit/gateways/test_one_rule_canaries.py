"""What MSE and Higress make of weights, and how canaries are called."""

from types import SimpleNamespace
from typing import cast

import pytest

from grayc.analysis.shares import truncated_percent, weight_and_total
from grayc.analysis.traffic import meaning_of
from grayc.gateways.canaries import canary_name
from grayc.gateways.one_rule_canaries import _canaries
from grayc.plan.model import Entry, ReleasePlan
from grayc.spec.model import Condition, Part, Rule, WeightRule


@pytest.mark.parametrize("percent", range(101))
def test_every_whole_percent_is_what_the_gateway_gives(percent: int) -> None:
    assert truncated_percent(*weight_and_total(percent)) == percent


def test_single_precision_loses_a_percent_of_a_plain_weight() -> None:
    assert truncated_percent(53, 100) == 52
    assert weight_and_total(53) == (53001, 100_000)
    assert weight_and_total(20) == (20, 100)


HEADER = Condition(part=Part.HEADER, name="x-a", values=("1",), pattern=None, path=())
SWITCH = Condition(part=Part.HEADER, name="x-b", values=(), pattern=None, path=())
COOKIE = Condition(part=Part.COOKIE, name="a", path=())
OTHER = Condition(part=Part.COOKIE, name="b", values=("1",), path=())
WEIGHT = WeightRule(percent=5, path=())


def parts(*rules: Rule, steps: tuple[tuple[Rule, ...], ...] = ()) -> list[str]:
    spec = SimpleNamespace(steps=[SimpleNamespace(rules=own) for own in steps])
    plan = SimpleNamespace(rules=rules, spec=spec)
    return [canary.part for canary in _canaries(cast(ReleasePlan, plan))]


def named(part: str, suffix: str) -> str:
    entry = SimpleNamespace(document=SimpleNamespace(identity=SimpleNamespace(name="web")))
    plan = SimpleNamespace(spec=SimpleNamespace(suffix=suffix))
    return canary_name(cast(Entry, entry), cast(ReleasePlan, plan), part)


@pytest.mark.parametrize(
    "rules",
    [
        (HEADER, SWITCH, COOKIE, OTHER, WEIGHT),
        (SWITCH, COOKIE, WEIGHT),
        (COOKIE, OTHER, WEIGHT),
        (HEADER, COOKIE, OTHER),
    ],
)
@pytest.mark.parametrize("suffix", ["-mse-gray", "-gray", "-0", "-00", "-9", "-never", "-pr-12", "-z", "-zz-9", "-z9"])
@pytest.mark.parametrize("end", ["", ".shop"])
def test_what_keeps_out_sorts_before_what_it_keeps_out_of(rules: tuple[Rule, ...], suffix: str, end: str) -> None:
    meaning = meaning_of(rules)
    names = [f"{named(part, suffix)}{end}" for part in parts(*rules)][: len(meaning.lines)]
    stage = [2 * (item.asks[0].part is Part.COOKIE) + item.enters for item in meaning.lines]

    ordered = [stage[names.index(name)] for name in sorted(names)]

    assert len(set(names)) == len(names)
    assert ordered == sorted(ordered)


def test_every_step_has_the_canaries_of_all() -> None:
    steps: tuple[tuple[Rule, ...], ...] = ((HEADER,), (HEADER, COOKIE), (HEADER, COOKIE, WEIGHT), (WEIGHT,))
    made = [sorted(parts(*rules, steps=steps)) for rules in steps]

    assert made[0] == ["", "-never-cookie", "-or-cookie", "-weight"]
    assert made.count(made[0]) == len(steps)


def test_the_first_rules_have_the_plain_name() -> None:
    assert parts(HEADER) == parts(COOKIE) == parts(WEIGHT) == [""]


def written(rule: Rule, *others: Rule, patterned: frozenset[str] | None = frozenset()) -> dict[str, str]:
    """Return the annotations of a rule's canary, by their name after the prefix."""
    spec = SimpleNamespace(steps=[])
    plan = SimpleNamespace(rules=(rule, *others), spec=spec)
    canary = next(canary for canary in _canaries(cast(ReleasePlan, plan), patterned) if canary.rule is rule)
    return {name.rpartition("/")[2]: value for name, value in canary.annotations.items()}


@pytest.mark.parametrize("value", ["100", "v1-a_B", "always"])
def test_plain_value_is_a_value_where_the_gateway_has_them(value: str) -> None:
    rule = Condition(part=Part.HEADER, name="x-a", values=(value,), pattern=None, path=())

    assert written(rule) == {"canary-by-header": "x-a", "canary-by-header-value": value}
    assert written(rule, patterned=None) == {"canary-by-header": "x-a", "canary-by-header-pattern": f"^{value}$"}
    assert written(rule, patterned=frozenset({"x-a"})) == written(rule, patterned=None)


@pytest.mark.parametrize("values", [("1.2",), ("a b",), ("a@b",), ("",), ("1", "2")])
def test_other_values_are_patterns(values: tuple[str, ...]) -> None:
    rule = Condition(part=Part.HEADER, name="x-a", values=values, pattern=None, path=())

    assert set(written(rule)) == {"canary-by-header", "canary-by-header-pattern"}
