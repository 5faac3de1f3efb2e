"""What MSE and Higress make of weights."""

import pytest

from grayc.gateways.one_rule_canaries import truncated_percent, weight_and_total


@pytest.mark.parametrize("percent", range(101))
def test_every_whole_percent_is_what_the_gateway_gives(percent: int) -> None:
    assert truncated_percent(*weight_and_total(percent)) == percent


def test_single_precision_loses_a_percent_of_a_plain_weight() -> None:
    assert truncated_percent(53, 100) == 52
    assert weight_and_total(53) == (53001, 100_000)
    assert weight_and_total(20) == (20, 100)
