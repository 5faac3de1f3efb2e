"""Both languages say the same: every text is there in both, with the same values."""

import string

import pytest

from grayc.k8s import kinds
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.kinds import GROUPS, KINDS
from grayc.plan.reasons import SENTENCES, Why, because
from grayc.report.language import Language
from grayc.report.texts import TEXTS
from grayc.report.words import Words
from grayc.report.words_zh import KIND_REASONS, REASONS
from grayc.spec.model import AllRule, ByClient, ByValue, Condition, Digits, Part, TaggedRule, WeightRule


def names_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_the_same_values_in_both(name: str) -> None:
    english, chinese = TEXTS[name]
    assert english and chinese
    assert names_of(english) == names_of(chinese)


def test_every_reason_is_told_in_chinese() -> None:
    assert set(REASONS) == set(Why)
    assert {why: names_of(text) for why, text in REASONS.items()} == {
        why: names_of(text) for why, text in SENTENCES.items()
    }


def test_what_tables_say_of_kinds_is_told_in_chinese() -> None:
    said = {row.reason for row in (*KINDS.values(), *GROUPS.values(), kinds.UNKNOWN, kinds.CLAIM_OF_A_CLOUD)}
    assert set(KIND_REASONS) == said | {kinds.ATTACHED}


def test_a_reason_inside_another_is_in_the_same_language() -> None:
    reason = because(
        Why.USED_BY,
        object="Deployment/web",
        reason=because(Why.OF_ITS_KIND, text="identity is shared with the baseline"),
    )
    assert Words(Language.ZH).reason(reason) == "Deployment/web 使用它；身份与基线共用"
    assert Words(Language.EN).reason(reason) == "Deployment/web uses it; identity is shared with the baseline"


def test_rules_are_told_in_both() -> None:
    rules = (
        Condition(part=Part.HEADER, name="x-user-id", values=("100", "101"), pattern=None, path=()),
        Condition(part=Part.HEADER, name="x-ua", values=(), pattern="^a", path=()),
        Condition(part=Part.HEADER, name="x-gray", values=(), pattern=None, path=()),
        Condition(part=Part.HEADER, name="authorization", values=("Bearer secret",), pattern=None, path=()),
        Condition(part=Part.COOKIE, name="preview", path=()),
        Condition(part=Part.QUERY, name="team", values=("qa",), path=()),
        AllRule(
            conditions=(
                Condition(part=Part.HEADER, name="x-region", values=("eu",), path=()),
                Condition(part=Part.COOKIE, name="session-token", values=("Bearer of-somebody",), path=()),
            ),
            path=(),
        ),
        TaggedRule(carrier=TagCarrier(header="x-mse-tag"), tag="gray", path=()),
        WeightRule(percent=5, path=()),
        WeightRule(percent=5, by=ByClient(), path=()),
        WeightRule(percent=5, by=ByValue(part=Part.HEADER, name="x-user-id", digits=Digits.HEX), path=()),
    )
    for language in Language:
        told = Words(language).rules(rules)
        assert len(told) == len(rules)
        assert "Bearer" not in "".join(told)
    assert Words(Language.ZH).rules(rules)[0] == "1. 请求头 x-user-id 等于 100 或 101"
    assert Words(Language.EN).rule(rules[-1]) == (
        "5 % of all others by header x-user-id: last two digits 00 to 0c in hex, 13 of 256"
    )
    assert (
        Words(Language.ZH).rule(rules[-1])
        == "其余的 5 %，按请求头 x-user-id 的十六进制末两位（256 个尾号中的前 13 个）"
    )
