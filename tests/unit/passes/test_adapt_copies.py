"""Copies that would fail or block beside their baseline are changed, and it is told."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import PREPARED, an_object, build, of_kind, workload
from tests.plans import Passed, after_pass, plan_of


def adapted(*objects: dict[str, Any], **spec: Any) -> Passed:
    return after_pass(plan_of(objects, **spec), "adapt_copies")


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_a_copy_of_immutable_configuration_can_be_changed(kind: str) -> None:
    data: dict[str, Any] = {"data": {"a": "1"}} if kind == "ConfigMap" else {"stringData": {"a": "1"}}
    config = an_object(kind, immutable=True, **data)
    reads = {"configMap": {"name": "web"}} if kind == "ConfigMap" else {"secret": {"secretName": "web"}}
    made = adapted(workload(pod={"volumes": [{"name": "v", **reads}]}), config)
    assert "immutable" not in of_kind(made.objects, kind)
    assert made.codes == [("GC451", f"{kind}/web")]


def budget(**spec: Any) -> dict[str, Any]:
    return an_object("PodDisruptionBudget", {**spec, "selector": {"matchLabels": PREPARED}}, version="policy/v1")


@pytest.mark.parametrize(
    ("bound", "replicas", "gray", "kept"),
    [
        ({"minAvailable": 1}, 3, 1, False),
        ({"minAvailable": "50%"}, 4, 1, False),
        ({"minAvailable": 1}, 3, 2, True),
        ({"maxUnavailable": 1}, 3, 1, True),
        # Production blocks drains too: somebody wanted it so.
        ({"minAvailable": 1}, 1, 1, True),
        ({"maxUnavailable": 0}, 3, 1, True),
        # No pods, no drain to block.
        ({"minAvailable": 1}, 3, 0, True),
    ],
)
def test_a_budget_lets_a_gray_pod_be_away_where_the_baselines_lets_one(
    bound: dict[str, Any], replicas: int, gray: int, kept: bool
) -> None:
    services = [{"name": "web", "replicas": gray}]
    made = adapted(workload(replicas=replicas), budget(**bound), services=services)
    copy = of_kind(made.objects, "PodDisruptionBudget")
    spec = {key: value for key, value in copy["spec"].items() if key != "selector"}
    assert spec == (bound if kept else {"maxUnavailable": 1})
    assert made.codes == ([] if kept else [("GC452", "PodDisruptionBudget/web")])


def test_a_patch_has_the_last_word_on_a_budget(tmp_path: Path) -> None:
    """What two passes do together, so it is built."""
    patch = {"target": {"kind": "PodDisruptionBudget"}, "merge": {"spec": {"maxUnavailable": "50%"}}}
    services = [{"name": "web", "patches": [patch]}]
    _, made = build(tmp_path, [workload(replicas=3), budget(minAvailable=1)], services=services)
    assert of_kind(made, "PodDisruptionBudget")["spec"]["maxUnavailable"] == "50%"


def test_a_scaled_objects_hpa_has_a_name_of_its_own() -> None:
    advanced = {"horizontalPodAutoscalerConfig": {"name": "web-hpa", "behavior": {}}}
    spec = {"scaleTargetRef": {"name": "web"}, "advanced": advanced, "triggers": []}
    made = adapted(workload(), an_object("ScaledObject", spec, version="keda.sh/v1alpha1"))
    assert of_kind(made.objects, "ScaledObject")["spec"]["advanced"] == {
        "horizontalPodAutoscalerConfig": {"behavior": {}}
    }
    assert made.codes == [("GC456", "ScaledObject/web")]
