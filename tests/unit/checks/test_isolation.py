"""The isolation proof, row by row of the tables of selectors; and what it advises ends what it found."""

import json
from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.kinds import GroupKind
from grayc.k8s.pod_templates import POD_SELECTORS_INSIDE, WORKLOADS
from grayc.k8s.selectors import GOVERNS, POD_SELECTORS, SERVICE_SELECTORS, TAKES, SelectorField, SelectorStyle
from tests.cli_run import run_grayc
from tests.manifests import written_in

Object = dict[str, Any]
VERSION = "zadigx-release-version"


def put(value: object, path: tuple[str, ...]) -> Any:
    for step in reversed(path):
        value = [value] if step == "[*]" else {step: value}
    return value


def workload(labels: dict[str, str], pod: Object | None = None, kind: GroupKind = ("apps", "Deployment")) -> Object:
    """Return the released workload, `web`."""
    spec = {**(pod or {}), "containers": [{"name": "web", "image": "registry.example.com/web:1"}]}
    return {
        "apiVersion": f"{kind[0]}/v1",
        "kind": kind[1],
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }


def selecting(kind: GroupKind, field: SelectorField, labels: dict[str, str]) -> Object:
    """Return an object of a kind that selects by labels, a workload with pods of its own."""
    group, name = kind
    value: Any = {"matchLabels": labels} if field.style is SelectorStyle.LABEL_SELECTOR else labels
    data: Object = {
        "apiVersion": f"{group}/v1" if group else "v1",
        "kind": name,
        "metadata": {"name": "rule", "namespace": "shop"},
        **put(value, field.path),
    }
    if kind in WORKLOADS:
        spec = {"containers": [{"name": "web", "image": "registry.example.com/web:1"}]}
        data["spec"]["template"] = {"metadata": {"labels": {**labels, "is": "other"}}, "spec": spec}
    return data


def build(folder: Path, objects: list[Object], isolation: str = "auto") -> tuple[list[Object], list[Object]]:
    """Return the findings of a build, and the objects that it wrote."""
    folder.mkdir(exist_ok=True)
    release = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "demo"},
        "spec": {
            "tag": "gray",
            "namespace": "shop",
            "lane": {"isolation": isolation},
            "baseline": ["baseline.yaml"],
            "services": [{"name": "web"}],
            "output": {"layout": "single"},
        },
    }
    (folder / "release.yaml").write_text(json.dumps(release))
    (folder / "baseline.yaml").write_text("\n---\n".join(map(json.dumps, objects)))
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)
    made = written_in(folder / "out")
    return json.loads(run.stdout)["diagnostics"], made


def codes(findings: list[Object]) -> set[str]:
    return {finding["code"] for finding in findings if finding["code"].startswith("GC44")}


PREPARED = {"app": "web", VERSION: "original"}
ROWS = {**POD_SELECTORS, **SERVICE_SELECTORS}


@pytest.mark.parametrize("kind", [kind for kind, field in ROWS.items() if field.use in TAKES], ids=".".join)
def test_a_selector_that_takes_pods_is_a_leak(kind: GroupKind, tmp_path: Path) -> None:
    rule = selecting(kind, ROWS[kind], {"app": "web"})
    findings, made = build(tmp_path, [workload(PREPARED), rule], "label")
    (leak,) = (finding for finding in findings if finding["code"] == "GC441")
    assert leak["object"] == f"{kind[1]}/rule"
    assert made == []


@pytest.mark.parametrize(
    "kind", [kind for kind, field in POD_SELECTORS.items() if field.use in GOVERNS and field.carried], ids=".".join
)
def test_a_rule_that_would_lose_gray_pods_is_carried_for_them(kind: GroupKind, tmp_path: Path) -> None:
    field = POD_SELECTORS[kind]
    findings, made = build(tmp_path, [workload({"app": "web"}), selecting(kind, field, {"app": "web"})])
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
    findings, made = build(tmp_path, [workload(PREPARED), rule], "label")
    assert codes(findings) == set()
    assert [item["kind"] for item in made] == ["Deployment"]


def test_a_service_monitor_that_asks_for_the_baselines_label_is_carried(tmp_path: Path) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop", "labels": PREPARED},
        "spec": {"selector": PREPARED, "ports": [{"port": 80}]},
    }
    kind = ("monitoring.coreos.com", "ServiceMonitor")
    monitor = selecting(kind, SERVICE_SELECTORS[kind], PREPARED)
    findings, made = build(tmp_path, [workload(PREPARED), service, monitor])
    assert codes(findings) == set()
    (twin,) = (item for item in made if item["kind"] == "ServiceMonitor")
    assert twin["spec"]["selector"] == {"matchLabels": {"app": "web", VERSION: "gray"}}


def test_a_gateway_that_would_lose_its_gray_pods_is_refused(tmp_path: Path) -> None:
    gateway = selecting(
        ("networking.istio.io", "Gateway"), POD_SELECTORS[("networking.istio.io", "Gateway")], {"app": "web"}
    )
    findings, made = build(tmp_path, [workload({"app": "web"}), gateway])
    assert codes(findings) == {"GC448"}
    assert made == []


def test_labels_that_a_gateway_selects_by_keep_their_values_where_others_do(tmp_path: Path) -> None:
    kind = ("networking.istio.io", "Gateway")
    gateway = selecting(kind, POD_SELECTORS[kind], {"app": "web"})
    findings, made = build(tmp_path, [workload({"app": "web", "tier": "front"}), gateway])
    assert codes(findings) == set()
    labels = made[0]["spec"]["template"]["metadata"]["labels"]
    assert (labels["app"], labels["tier"]) == ("web", "front-mse-gray")


@pytest.mark.parametrize("pattern", POD_SELECTORS_INSIDE, ids=".".join)
def test_the_copys_own_placement_means_its_own_pods(pattern: tuple[str, ...], tmp_path: Path) -> None:
    pod = put({"matchLabels": {"app": "web"}}, pattern)
    is_hard = "preferred" not in ".".join(pattern)
    findings, made = build(tmp_path, [workload(PREPARED, pod)], "label")
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
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "all", "namespace": "shop"},
        "spec": {"maxUnavailable": 1, "selector": selector},
    }
    web = workload({"app": "web", "msePilotCreateAppName": "web"})
    findings, _ = build(tmp_path / "before", [web, budget])
    (leak,) = (finding for finding in findings if finding["code"] == "GC441")
    assert "zadigx-release-type" in leak["help"]
    expressions = [*selector.get("matchExpressions", []), advice]
    changed = {**budget, "spec": {"maxUnavailable": 1, "selector": {**selector, "matchExpressions": expressions}}}
    findings, made = build(tmp_path / "after", [web, changed])
    assert codes(findings) == set()
    (copy,) = (item for item in made if item["kind"] == "PodDisruptionBudget")
    assert advice not in copy["spec"]["selector"].get("matchExpressions", [])


def test_a_label_that_all_its_pods_have_ends_the_leak_of_a_service(tmp_path: Path) -> None:
    web = workload({"app": "web", "msePilotCreateAppName": "web"})
    service = selecting(("", "Service"), POD_SELECTORS[("", "Service")], {"msePilotCreateAppName": "web"})
    findings, _ = build(tmp_path / "before", [web, service])
    (leak,) = (finding for finding in findings if finding["code"] == "GC441")
    assert "add `app: web`" in leak["help"]
    service["spec"]["selector"]["app"] = "web"
    findings, _ = build(tmp_path / "after", [web, service])
    assert codes(findings) == set()
