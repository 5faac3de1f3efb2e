"""Selectors, the namespaces that they look in, and an index that compares each with few pods."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from unittest import mock

import pytest

from grayc.analysis.selections import Namespaces, Selectable, SelectableIndex, covers
from grayc.driver.compile import compile_releases
from grayc.driver.request import Request
from grayc.k8s.selectors import POD_SELECTORS, selects
from tests.manifests import Object, an_object, workload, write_release
from tests.unit.diff.objects import documents


def objects(number: int) -> Iterator[Object]:
    """Yield the objects of one service that selects in every way there is."""
    name = f"s{number}"
    labels = {"app": name, "tier": "back"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": name}}}]}}  # fmt: skip
    among = {"matchExpressions": [{"key": "app", "operator": "In", "values": [name]}]}
    caller = {"podSelector": {"matchLabels": {"app": f"s{max(number - 1, 0)}"}}}
    for api_version, kind, spec in (
        ("apps/v1", "Deployment", workload(pod={"affinity": affinity}, name="main", labels=labels)["spec"]),
        ("v1", "Service", {"selector": labels, "ports": [{"port": 80}]}),
        ("policy/v1", "PodDisruptionBudget", {"selector": among, "maxUnavailable": 1}),
        ("networking.k8s.io/v1", "NetworkPolicy", {
            "podSelector": among, "policyTypes": ["Ingress"], "ingress": [{"from": [caller]}]}),
        ("security.istio.io/v1", "AuthorizationPolicy", {"selector": {"matchLabels": {"app": name}}}),
        ("monitoring.coreos.com/v1", "ServiceMonitor", {"selector": {"matchLabels": {"app": name}}, "endpoints": []}),
        ("monitoring.coreos.com/v1", "PodMonitor", {
            "selector": among, "namespaceSelector": {"any": True}, "podMetricsEndpoints": []}),
    ):  # fmt: skip
        made = an_object(kind, spec, version=api_version, name=name, namespace="")
        made["metadata"]["labels"] = labels
        yield made


def comparisons(folder: Path, services: int) -> int:
    """Return how often a build compares a selector with labels."""
    every = [item for number in range(services) for item in objects(number)]
    names = [{"name": f"s{number}"} for number in range(services)]
    path = write_release(folder, every, namespace=None, services=names)
    with mock.patch("grayc.analysis.selections.selects", wraps=selects) as counted:
        compiled = compile_releases(Request(specs=(str(path),), stdin=BytesIO))
    assert compiled.value is not None, compiled.diagnostics
    return int(counted.call_count)


def test_comparisons_grow_with_the_services_and_not_with_their_square(tmp_path: Path) -> None:
    few, many = (comparisons(tmp_path / str(services), services) for services in (20, 80))
    assert many <= 4.4 * few


KNOWN = {"shop": {"team": "x"}}


@pytest.mark.parametrize(
    ("namespaces", "namespace", "looked_in"),
    [
        (Namespaces(), "shop", True),
        (Namespaces(frozenset({"shop"})), "shop", True),
        (Namespaces(frozenset({"shop"})), "ops", False),
        (Namespaces(selector={}), "ops", True),
        (Namespaces(selector={"matchLabels": {"team": "x"}}), "shop", True),
        (Namespaces(selector={"matchLabels": {"team": "y"}}), "shop", False),
        (Namespaces(selector={"matchLabels": {"kubernetes.io/metadata.name": "ops"}}), "ops", True),
        (Namespaces(selector={"matchLabels": {"kubernetes.io/metadata.name": "ops"}}), "dev", False),
        (Namespaces(frozenset({"ops"}), {"matchLabels": {"team": "x"}}), "ops", True),
    ],
)
def test_namespaces_are_looked_in_by_name_or_by_label(namespaces: Namespaces, namespace: str, looked_in: bool) -> None:
    assert covers(namespaces, namespace, KNOWN) is looked_in


def test_a_namespace_whose_labels_nobody_knows_may_be_looked_in() -> None:
    assert covers(Namespaces(selector={"matchLabels": {"team": "y"}}), "ops", KNOWN)


def test_an_index_finds_in_the_order_of_building() -> None:
    (document,) = documents("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n")
    items = [Selectable(document, "shop", {"app": f"a{at % 3}", "tier": "back", "at": str(at)}) for at in range(9)]
    index = SelectableIndex(items)
    field = POD_SELECTORS[("", "Service")]
    found = index.matching(field, {"tier": "back", "app": "a1"}, Namespaces(frozenset({"shop"})))
    assert found == [items[1], items[4], items[7]]
