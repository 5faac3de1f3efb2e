"""Patterns of several releases are compared exactly, at a cost that no pattern can raise."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grayc.analysis import patterns_meet
from grayc.analysis.patterns_meet import PatternMeetings, meet
from grayc.checks import meetings
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, ingress, lay_out, rules
from tests.manifests import release, service

BOMBS = (
    *((rf"[ab]*a[ab]{{{n}}}", rf"[ab]*b[ab]{{{n}}}") for n in (8, 12, 30, 99)),
    *((rf"^[ab]*a[ab]{{{n}}}$", rf"^[ab]*b[ab]{{{n}}}$") for n in (8, 30, 90)),
    ("^(a{50}|b){20}$", "^(a{17}|c){20}$"),
    ("^(a{13})+$", "^(a{97})+$"),
    ("^((((a?b?)*)*)*)*$", "^c$"),
    ("(a{99}){99}", "(b{99}){99}"),
    ("^(.*a.*b.*c.*d.*){9}$", "^([^a]*[^b]*[^c]*){9}$"),
    ("(x+x+)+y", "(y+y+)+x"),
)


def _blue_and_green(
    folder: Path, blue: Sequence[Mapping[str, object]], green: Sequence[Mapping[str, object]]
) -> list[str]:
    lay_out(
        folder,
        [deployment(), service(), ingress()],
        specs__blue=release("blue", tag="blue", baseline=["../baseline/"], traffic=rules(*blue)),
        specs__green=release("green", tag="green", baseline=["../baseline/"], traffic=rules(*green)),
    )
    return ["build", "specs/", "--allow-root", ".", "-o", "out", "-f", "json"]


@pytest.mark.parametrize(("first", "second"), BOMBS)
def test_a_pair_of_patterns_stays_within_its_budget(first: str, second: str) -> None:
    patterns = PatternMeetings()
    found = patterns.meet(first, second)
    assert patterns.left > 0
    if found.text is not None:
        assert re.search(first.replace("(x+x+)+", "x+"), found.text)


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("^10", "^2", None),
        ("^10", "0$", "10"),
        ("^[0-9]{3}$", "^[a-z]+$", None),
        ("^(blue|green)$", "^(red|green)$", "green"),
        ("^(a{13})+$", "^(a{7})+$", "a" * 91),
        ("^(a{2})+b$", "^a(aa)*b$", None),
        ("^[ab]*a[ab]{30}$", "^[ab]*b[ab]{30}$", None),
        ("^x{2,4}$", "^x{5,}$", None),
        ("^x{2,4}$", "^x{4,}$", "xxxx"),
        ("^a?b?$", "^$", ""),
        ("^[^a]$", "^.$", "0"),
        ("^(a|b*)c$", "^bbc$", "bbc"),
        ("^(ab?)+$", "^(ba)+$", None),
    ],
)
def test_ordinary_patterns_are_decided(first: str, second: str, text: str | None) -> None:
    found = meet(first, second)
    assert found.is_known
    assert found.text == text


@pytest.mark.parametrize("pattern", ["^[]a]$", "^[^]a]$", r"\bword\b", "(?i)a", "a" * 65])
def test_what_is_not_plain_is_not_known(pattern: str) -> None:
    assert not meet(pattern, "^[0-9]+$").is_known


def _pattern(chance: random.Random, depth: int = 0) -> str:
    kind = chance.random()
    if depth > 3 or kind < 0.4:
        return chance.choice(["a", "b", "c", "[ab]", "[^a]", ".", "1", ""])
    if kind < 0.6:
        return _pattern(chance, depth + 1) + _pattern(chance, depth + 1)
    if kind < 0.75:
        return f"({_pattern(chance, depth + 1)}|{_pattern(chance, depth + 1)})"
    return f"({_pattern(chance, depth + 1)}){chance.choice(['*', '+', '?', '{2}', '{1,3}', '{2,}'])}"


def test_answers_agree_with_all_short_texts() -> None:
    chance = random.Random(20)
    texts = [""]
    for start in range(0, 4):
        texts += [text + sign for text in texts if len(text) == start for sign in "abc1"]
    for _ in range(400):
        one, other = (f"^({_pattern(chance)})$" for _ in range(2))
        if max(map(len, (one, other))) > 60:
            continue
        found = meet(one, other)
        common = [text for text in texts if re.search(one, text) and re.search(other, text)]
        if common:
            assert found.text is not None, (one, other)
            assert len(found.text) == len(common[0]), (one, other)
        if found.text is not None:
            assert re.search(one, found.text), (one, other)
            assert re.search(other, found.text), (one, other)
        else:
            assert found.is_known, (one, other)


def test_a_spent_budget_is_no_answer_and_stays_so() -> None:
    patterns = PatternMeetings(steps=2_000)
    answers = [patterns.meet(f"^a{n}", f"^b{n}").is_known for n in range(4)]
    assert answers == [True, False, False, False]


def test_the_bomb_costs_little_and_the_answer_is_exact(tmp_path: Path) -> None:
    line = _blue_and_green(
        tmp_path,
        [{"header": "x-group", "pattern": "^[ab]*a[ab]{30}$"}],
        [{"header": "x-group", "pattern": "^[ab]*b[ab]{30}$"}],
    )
    cost = cost_of(line, folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 0, cost.stdout


@pytest.mark.parametrize("pattern", ["^%s[ab]*a[ab]{20}%d$", "%s[ab]*a[ab]{20}%d", "(?i)%s%d[ab]*a[ab]{20}"])
def test_many_patterns_on_each_side_cost_little(tmp_path: Path, pattern: str) -> None:
    sides = [[{"header": "x-group", "pattern": pattern % (sign, n)} for n in range(3_000)] for sign in "12"]
    cost = cost_of(_blue_and_green(tmp_path, sides[0], sides[1]), folder=tmp_path)
    assert_cheap(cost)
    found = json.loads(cost.stdout)["diagnostics"]
    codes = [item["code"] for item in found]
    if pattern.startswith("^"):
        # The budget ends before the pairs do, and of all that are left one finding tells.
        assert codes.count("GC521") == 1
        assert "cannot be excluded" in next(item["message"] for item in found if item["code"] == "GC521")
    else:
        assert codes.count("GC521") == meetings.MAX_MEETINGS
        assert codes.count("GC526") == 1


def test_many_values_on_each_side_cost_little(tmp_path: Path) -> None:
    sides = [[{"header": "x-user", "values": [f"{start}{n}" for n in range(20_000)]}] for start in "ab"]
    cost = cost_of(_blue_and_green(tmp_path, sides[0], sides[1]), folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 0, cost.stdout


def test_many_rules_that_meet_are_told_up_to_a_limit(tmp_path: Path) -> None:
    side = [{"header": "x-user", "value": str(n)} for n in range(3_000)]
    cost = cost_of(_blue_and_green(tmp_path, side, side), folder=tmp_path)
    assert_cheap(cost)
    codes = [item["code"] for item in json.loads(cost.stdout)["diagnostics"]]
    assert codes.count("GC521") == meetings.MAX_MEETINGS
    assert codes.count("GC526") == 1


def test_the_budget_is_counted_not_timed() -> None:
    left = set()
    for _ in range(3):
        patterns = PatternMeetings()
        for first, second in BOMBS:
            patterns.meet(first, second)
        left.add(patterns.left)
    assert len(left) == 1
    assert left < {*range(patterns_meet.MAX_PATTERN_STEPS)}
