"""The isolation proof, row by row of the tables of selectors; and what it advises ends what it found."""

from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.kinds import GroupKind
from grayc.k8s.pod_templates import POD_SELECTORS_INSIDE, WORKLOADS
from grayc.k8s.selectors import GOVERNS, POD_SELECTORS, SERVICE_SELECTORS, TAKES, SelectorField, SelectorStyle
from tests.manifests import PREPARED, VERSION, Object, an_object, build, of_kind, service, workload


def put(value: object, path: tuple[str, ...]) -> Any:
    for step in reversed(path):
        value = [value] if step == "[*]" else {step: value}
    return value


def selecting(kind: GroupKind, field: SelectorField, labels: dict[str, str]) -> Object:
    """Return an object of a kind that selects by labels, a workload with pods of its own."""
    group, name = kind
    value: Any = {"matchLabels": labels} if field.style is SelectorStyle.LABEL_SELECTOR else labels
    version = f"{group}/v1" if group else "v1"
    made = an_object(name, version=version, name="rule", **put(value, field.path))
    if kind in WORKLOADS:
        made["spec"]["template"] = workload(labels={**labels, "is": "other"})["spec"]["template"]
    return made


def codes(findings: list[Object]) -> set[str]:
    return {finding["code"] for finding in findings if finding["code"].startswith("GC44")}


LABEL = {"isolation": "label"}
ROWS = {**POD_SELECTORS, **SERVICE_SELECTORS}


@pytest.mark.parametrize("kind", [kind for kind, field in ROWS.items() if field.use in TAKES], ids=".".join)
def test_a_selector_that_takes_pods_is_a_leak(kind: GroupKind, tmp_path: Path) -> None:
    rule = selecting(kind, ROWS[kind], {"app": "web"})
    findings, made = build(tmp_path, [workload(), rule], lane=LABEL)
    (leak,) = (finding for finding in findings if finding["code"] == "GC441")
    assert leak["object"] == f"{kind[1]}/rule"
    assert made == []


@pytest.mark.parametrize(
    "kind", [kind for kind, field in POD_SELECTORS.items() if field.use in GOVERNS and field.carried], ids=".".join
)
def test_a_rule_that_would_lose_gray_pods_is_carried_for_them(kind: GroupKind, tmp_path: Path) -> None:
    field = POD_SELECTORS[kind]
    findings, made = build(tmp_path, [workload(labels={"app": "web"}), selecting(kind, field, {"app": "web"})])
    assert codes(findings) == set()
    (twin,) = (item for item in made if item["kind"] == kind[1] and item["metadata"]["name"] == "rule-mse-gray")
    found: Any = twin
    for step in field.path:
        found = found[step]
    labels = found["matchLabels"] if field.style is SelectorStyle.LABEL_SELECTOR else found
    assert labels == {"app": "web-mse-gray", VERSION: "gray"}


@pytest.mark.parametrize("kind", [kind for kind, field in POD_SELECTORS.items() if field.use in GOVERNS], ids=".".join)
def test_a_rule_that_finds_gray_pods_too_is_meant(kind: GroupKind, tmp_path: Path) -> None:
    rule = selecting(kind, POD_SELECTORS[kind], {"app": "web"})
    findings, made = build(tmp_path, [workload(), rule], lane=LABEL)
    assert codes(findings) == set()
    assert [item["kind"] for item in made] == ["Deployment"]


def test_a_service_monitor_that_asks_for_the_baselines_label_is_carried(tmp_path: Path) -> None:
    labelled = service()
    labelled["metadata"]["labels"] = PREPARED
    kind = ("monitoring.coreos.com", "ServiceMonitor")
    monitor = selecting(kind, SERVICE_SELECTORS[kind], PREPARED)
    findings, made = build(tmp_path, [workload(), labelled, monitor])
    assert codes(findings) == set()
    assert of_kind(made, "ServiceMonitor")["spec"]["selector"] == {"matchLabels": {"app": "web", VERSION: "gray"}}


def test_a_gateway_that_would_lose_its_gray_pods_is_refused(tmp_path: Path) -> None:
    gateway = selecting(
        ("networking.istio.io", "Gateway"), POD_SELECTORS[("networking.istio.io", "Gateway")], {"app": "web"}
    )
    findings, made = build(tmp_path, [workload(labels={"app": "web"}), gateway])
    assert codes(findings) == {"GC448"}
    assert made == []


def test_labels_that_a_gateway_selects_by_keep_their_values_where_others_do(tmp_path: Path) -> None:
    kind = ("networking.istio.io", "Gateway")
    gateway = selecting(kind, POD_SELECTORS[kind], {"app": "web"})
    findings, made = build(tmp_path, [workload(labels={"app": "web", "tier": "front"}), gateway])
    assert codes(findings) == set()
    labels = made[0]["spec"]["template"]["metadata"]["labels"]
    assert (labels["app"], labels["tier"]) == ("web", "front-mse-gray")


@pytest.mark.parametrize("pattern", POD_SELECTORS_INSIDE, ids=".".join)
def test_the_copys_own_placement_means_its_own_pods(pattern: tuple[str, ...], tmp_path: Path) -> None:
    pod = put({"matchLabels": {"app": "web"}}, pattern)
    is_hard = "preferred" not in ".".join(pattern)
    findings, made = build(tmp_path, [workload(pod=pod)], lane=LABEL)
    assert codes(findings) == ({"GC447"} if is_hard else set())
    found: Any = made[0]["spec"]["template"]["spec"]
    for step in pattern:
        found = found[0] if step == "[*]" else found[step]
    assert found == {"matchLabels": {"app": "web", VERSION: "gray"}}


@pytest.mark.parametrize(
    ("selector", "advice"),
    [
        ({}, {"key": "zadigx-release-type", "operator": "DoesNotExist"}),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["cart"]}]}, None),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, None),
        ({"matchLabels": {"msePilotCreateAppName": "web"}}, None),
    ],
)
def test_the_label_that_only_gray_pods_have_ends_any_leak_of_a_label_selector(
    selector: Object, advice: Object | None, tmp_path: Path
) -> None:
    advice = advice or {"key": "zadigx-release-type", "operator": "DoesNotExist"}
    budget = an_object(
        "PodDisruptionBudget", {"maxUnavailable": 1, "selector": selector}, version="policy/v1", name="all"
    )
    web = workload(labels={"app": "web", "msePilotCreateAppName": "web"})
    findings, _ = build(tmp_path / "before", [web, budget])
    (leak,) = (finding for finding in findings if finding["code"] == "GC441")
    assert "zadigx-release-type" in leak["help"]
    expressions = [*selector.get("matchExpressions", []), advice]
    changed = {**budget, "spec": {"maxUnavailable": 1, "selector": {**selector, "matchExpressions": expressions}}}
    findings, made = build(tmp_path / "after", [web, changed])
    assert codes(findings) == set()
    copy = of_kind(made, "PodDisruptionBudget")
    assert advice not in copy["spec"]["selector"].get("matchExpressions", [])


def test_a_label_that_all_its_pods_have_ends_the_leak_of_a_service(tmp_path: Path) -> None:
    web = workload(labels={"app": "web", "msePilotCreateAppName": "web"})
    wide = selecting(("", "Service"), POD_SELECTORS[("", "Service")], {"msePilotCreateAppName": "web"})
    findings, _ = build(tmp_path / "before", [web, wide])
    (leak,) = (finding for finding in findings if finding["code"] == "GC441")
    assert "add `app: web`" in leak["help"]
    wide["spec"]["selector"]["app"] = "web"
    findings, _ = build(tmp_path / "after", [web, wide])
    assert codes(findings) == set()
