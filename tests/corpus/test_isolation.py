"""Releases of two services from baselines that nobody prepared: they build, and nothing crosses.

What crosses is worked out here by hand from the text of baseline and output, not by grayc's tables.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, objects_in, write_spec

RELEASES: dict[str, tuple[list[str], list[str]]] = {
    # Baseline → files of it, services of the release.
    "online-boutique": (["kubernetes-manifests/", "network-policies/"], ["frontend", "checkoutservice"]),
    "train-ticket": (["k8s-with-istio/"], ["ts-order-service", "ts-ticketinfo-service"]),
    "dubbo-shop": (["dubbo-samples-shop-all.yaml"], ["shop-order-v1", "shop-user"]),
    "zadig-mse-demo": (["spring-a/", "spring-b/", "spring-c/"], ["spring-cloud-a", "spring-cloud-c"]),
}
ACCEPTED: dict[str, list[Object]] = {
    # Its Namespace does not let MSE's agent in, and all register in Nacos.
    "dubbo-shop": [{"code": "GC457", "reason": "to look at the selectors"}],
}
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


@pytest.mark.parametrize("name", RELEASES)
def test_two_services_build_and_nothing_crosses(name: str, corpus: Path, tmp_path: Path) -> None:
    sources, services = RELEASES[name]
    (tmp_path / "baseline").symlink_to(corpus / name)
    write_spec(
        tmp_path / "release.yaml",
        namespace=None,
        baseline=[f"baseline/{source}" for source in sources],
        services=[{"name": service} for service in services],
        accept=ACCEPTED.get(name, []),
    )
    run = run_grayc(["build", "release.yaml", "-o", "out", "--allow-root", str(corpus)], folder=tmp_path)
    assert run.status == 0, run.stderr
    assert_apart(name, services, run.stderr)
    gray = objects(sorted((tmp_path / "out").glob("*.yaml")))
    baseline = objects([path for source in sources for path in files(corpus / name / source)])
    assert [item["kind"] for item in gray].count("Deployment") == len(services)
    assert crossings(baseline, gray) == []
    assert crossings(gray, baseline) == []
    own = {item["metadata"]["name"] for item in gray if item["kind"] == "Service"}
    assert own == {selector for selector, _ in crossings(gray, gray) if selector in own}


def assert_apart(name: str, services: list[str], said: str) -> None:
    """Assert that selectors keep both sides apart, and that a registry which does not is named."""
    registry = f"calls cross: a registry lists both sides of {len(services)} workloads, as accepted"
    assert (registry if name in ACCEPTED else "nothing crosses") in said


def files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.suffix in (".yaml", ".yml"))


def objects(paths: list[Path]) -> list[Object]:
    documents: list[Any] = [item for path in paths for item in objects_in(path.read_text(encoding="utf-8"))]
    return [item for item in documents if isinstance(item, dict) and "kind" in item]


def crossings(selecting: list[Object], selected: list[Object]) -> list[tuple[str, str]]:
    """Return every object that selects pods, with the workload whose pods it selects."""
    return [
        (item["metadata"]["name"], workload["metadata"]["name"])
        for item in selecting
        if item["kind"] == "Service" or item["kind"] in WORKLOADS
        for workload in selected
        if workload["kind"] in WORKLOADS
        and (selector := labels_of(item))
        and selector.items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    ]


def labels_of(item: Object) -> dict[str, str]:
    selector = item["spec"].get("selector") or {}
    found: dict[str, str] = selector.get("matchLabels", {}) if item["kind"] in WORKLOADS else selector
    return found
