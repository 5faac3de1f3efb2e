"""No pass changes the baseline."""

import copy

from hypothesis import given, settings

from grayc.plan.model import ReleasePlan
from tests.property.compile_shop import compile_shop
from tests.property.strategies import Shop, shops


@settings(max_examples=60, deadline=None)
@given(shop=shops())
def test_baseline_is_what_was_written(shop: Shop) -> None:
    before = copy.deepcopy(shop.objects)
    plan: ReleasePlan = compile_shop(shop).releases[0].plan
    assert [document.data for document in plan.baseline] == list(before)
