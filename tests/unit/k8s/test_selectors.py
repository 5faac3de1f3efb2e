"""Selectors match as Kubernetes matches them."""

import pytest

from grayc.k8s.kinds import CORE, POLICY
from grayc.k8s.selectors import POD_SELECTORS, selects

SERVICE = POD_SELECTORS[(CORE, "Service")]
BUDGET = POD_SELECTORS[(POLICY, "PodDisruptionBudget")]
POD = {"app": "web", "tier": "front"}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({"app": "web"}, True),
        ({"app": "web", "tier": "front"}, True),
        ({"app": "web", "tier": "back"}, False),
        ({"other": "web"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_service_selector_is_a_map_and_an_empty_one_selects_nothing(selector: object, selected: bool) -> None:
    assert selects(SERVICE, selector, POD) is selected


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "cart"]}, True),
        ({"key": "app", "operator": "In", "values": ["cart"]}, False),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "none", "operator": "NotIn", "values": ["web"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "none", "operator": "Exists"}, False),
        ({"key": "none", "operator": "DoesNotExist"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
        ({"key": "app", "operator": "Near"}, False),
    ],
)
def test_label_selector_expressions(expression: dict[str, object], selected: bool) -> None:
    assert selects(BUDGET, {"matchExpressions": [expression]}, POD) is selected


def test_empty_label_selector_selects_every_pod_and_an_absent_one_none() -> None:
    assert selects(BUDGET, {}, POD)
    assert not selects(BUDGET, None, POD)


def test_labels_and_expressions_must_both_hold() -> None:
    expression = {"key": "tier", "operator": "Exists"}
    assert selects(BUDGET, {"matchLabels": {"app": "web"}, "matchExpressions": [expression]}, POD)
    assert not selects(BUDGET, {"matchLabels": {"app": "cart"}, "matchExpressions": [expression]}, POD)
