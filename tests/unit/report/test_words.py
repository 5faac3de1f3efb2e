"""Both languages say the same: every text is there in both, with the same values."""

import string

import pytest

from grayc.k8s import kinds
from grayc.k8s.kinds import GROUPS, KINDS
from grayc.plan.reasons import SENTENCES, Why, because
from grayc.report.language import Language
from grayc.report.texts import TEXTS
from grayc.report.words import Words
from grayc.report.words_zh import KIND_REASONS, REASONS
from grayc.spec.model import CookieRule, HeaderRule, WeightRule


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
        HeaderRule(name="x-user-id", values=("100", "101"), pattern=None, path=()),
        HeaderRule(name="x-ua", values=(), pattern="^a", path=()),
        HeaderRule(name="x-gray", values=(), pattern=None, path=()),
        HeaderRule(name="authorization", values=("Bearer secret",), pattern=None, path=()),
        CookieRule(name="preview", value=None, path=()),
        WeightRule(percent=5, path=()),
    )
    for language in Language:
        told = Words(language).rules(rules)
        assert len(told) == len(rules)
        assert "Bearer" not in "".join(told)
    assert Words(Language.ZH).rules(rules)[0] == "1. 请求头 x-user-id 等于 100 或 101"
