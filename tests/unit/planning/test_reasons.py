"""Reasons are data: every one has a sentence, and its values are those that the sentence names."""

import json
import string

import pytest

from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import SENTENCES, Why, because


def names_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == {*Why, *HopWhy}
    assert len(SENTENCES) == len(Why) + len(HopWhy), "two reasons of one name"


def test_a_reason_is_told_with_its_values() -> None:
    inner = because(Why.OTHERS_USE, object="Deployment/cart", more="2")
    reason = because(Why.USED_BY, object="Deployment/checkout", reason=inner)

    assert str(reason) == (
        "Deployment/checkout uses it; Deployment/cart and 2 more, which are not released, use it too"
    )
    assert f"{reason}" == str(reason)
    assert json.loads(json.dumps(reason.data)) == {
        "why": "used-by",
        "values": {
            "object": "Deployment/checkout",
            "reason": {"why": "others-use", "values": {"object": "Deployment/cart", "more": "2"}},
        },
    }


def test_a_name_is_no_template() -> None:
    assert str(because(Why.SCALES, object="{reason}{0.__class__}")) == "scales {reason}{0.__class__}"


@pytest.mark.parametrize("why", [why for why in SENTENCES if names_of(SENTENCES[why])])
def test_a_value_that_lacks_is_a_fault(why: Why | HopWhy) -> None:
    with pytest.raises(KeyError):
        str(because(why))
