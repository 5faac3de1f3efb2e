"""How many pods a PodDisruptionBudget lets be away, as the disruption controller counts."""

import pytest

from grayc.k8s.budgets import can_be_away


@pytest.mark.parametrize(
    ("spec", "pods", "away"),
    [
        ({"minAvailable": 1}, 1, 0),
        ({"minAvailable": 1}, 3, 2),
        ({"minAvailable": 5}, 3, 0),
        ({"minAvailable": "50%"}, 1, 0),
        ({"minAvailable": "50%"}, 3, 1),
        ({"minAvailable": "0%"}, 3, 3),
        ({"maxUnavailable": 0}, 3, 0),
        ({"maxUnavailable": 1}, 1, 1),
        ({"maxUnavailable": "25%"}, 1, 1),
        ({"maxUnavailable": "100%"}, 3, 3),
        ({}, 3, None),
        ({"maxUnavailable": "many"}, 3, None),
        ({"maxUnavailable": True}, 3, None),
        ({"minAvailable": "9" * 5000 + "%"}, 3, None),
        ({"maxUnavailable": "٣%"}, 3, None),
        ({"maxUnavailable": "-1%"}, 3, None),
    ],
)
def test_percentages_are_rounded_up_and_the_least_comes_first(
    spec: dict[str, object], pods: int, away: int | None
) -> None:
    assert can_be_away(spec, pods) == away
