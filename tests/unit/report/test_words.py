"""Both languages say the same: every text is there in both, with the same values."""

import string

import pytest

from grayc.k8s import kinds
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.kinds import GROUPS, KINDS
from grayc.k8s.route_meshes import ROUTE_MESHES
from grayc.k8s.service_routes import NO_PARENTS
from grayc.k8s.stores import StoreKind
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import SENTENCES, Why, because
from grayc.report.language import Language
from grayc.report.texts import TEXTS
from grayc.report.words import Words
from grayc.report.words_zh import KIND_REASONS, REASONS, STORES
from grayc.spec.model import AllRule, ByClient, ByValue, Condition, Digits, Part, TaggedRule, WeightRule


def names_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_the_same_values_in_both(name: str) -> None:
    english, chinese = TEXTS[name]
    assert english and chinese
    assert names_of(english) == names_of(chinese)


def test_every_reason_is_told_in_chinese() -> None:
    assert set(REASONS) == set(SENTENCES)
    assert {why: names_of(text) for why, text in REASONS.items()} == {
        why: names_of(text) for why, text in SENTENCES.items()
    }


def test_what_tables_say_is_told_in_chinese() -> None:
    said = {row.reason for row in (*KINDS.values(), *GROUPS.values(), kinds.UNKNOWN, kinds.CLAIM_OF_A_CLOUD)}
    meshes = {text for mesh in ROUTE_MESHES for text in mesh.unsure.values()}
    assert set(KIND_REASONS) == said | {kinds.ATTACHED} | meshes | set(NO_PARENTS.values())


def test_what_a_store_is_is_told_in_chinese() -> None:
    assert set(STORES) == set(map(str, StoreKind))


def test_what_a_call_lacks_is_told_in_both_languages() -> None:
    what = because(HopWhy.HAVE, setting="sidecar.istio.io/inject: false")
    reason = because(HopWhy.PODS, name="cart", what=what)
    assert Words(Language.EN).reason(reason) == "pods of `cart` have `sidecar.istio.io/inject: false`"
    assert Words(Language.ZH).reason(reason) == "`cart` 的 Pod 设置了 `sidecar.istio.io/inject: false`"


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
