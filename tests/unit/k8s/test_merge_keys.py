"""The table of merge keys says what the OpenAPI schemas of the newest Kubernetes say, row by row."""

from collections.abc import Iterator

import pytest

from grayc.k8s.merge_keys import BUILT_IN, PatchStrategy, merge_rules
from grayc.k8s.pod_templates import WORKLOADS
from tests.unit.k8s.openapi import Schema, definitions, kinds, resolved

Row = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Strategies, merge key, further keys of the list."""


def rows_in_schema(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Yield the rows that a merge can reach: not those below what is replaced whole."""
    for name, field in resolved(schema).get("properties", {}).items():
        here = (*path, name)
        strategies = tuple(filter(None, field.get("x-kubernetes-patch-strategy", "").split(",")))
        key = field.get("x-kubernetes-patch-merge-key", "")
        if strategies:
            others = tuple(other for other in field.get("x-kubernetes-list-map-keys", ()) if other != key)
            yield here, (strategies, key, others)
        if "replace" in strategies:
            continue
        if "items" in field:
            if "merge" in strategies:
                yield from rows_in_schema(field["items"], (*here, "[*]"))
        else:
            yield from rows_in_schema(field, here)


def test_the_schemas_carry_patch_strategies() -> None:
    """Without this, a package that drops the extension would leave the comparison with nothing to compare."""
    rows = dict(rows_in_schema({"$ref": "#/$defs/io.k8s.api.core.v1.PodSpec"}))
    assert len(rows) > 20
    assert rows[("containers",)] == (("merge",), "name", ())


def test_built_in_kinds_are_those_of_the_schemas() -> None:
    assert {(group, kind) for group, kinds in BUILT_IN.items() for kind in kinds} == set(kinds())


@pytest.mark.parametrize(("group", "kind"), sorted(kinds()))
def test_rows_are_those_of_the_schema(group: str, kind: str) -> None:
    expected: dict[tuple[str, ...], Row] = {}
    for name in kinds()[(group, kind)].values():
        for path, row in rows_in_schema(definitions()[name]):
            assert expected.setdefault(path, row) == row, "versions of a kind agree on the rows they share"
    rules = merge_rules(group, kind)
    assert rules is not None
    found = {path: (tuple(map(str, rule.strategies)), rule.key, rule.also) for path, rule in rules.items()}
    assert found == expected


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("spec.template.spec.initContainers.[*].ports", "containerPort"),
        ("spec.template.spec.ephemeralContainers.[*].volumeMounts", "mountPath"),
        ("spec.template.spec.containers.[*].volumeDevices", "devicePath"),
        ("spec.template.spec.topologySpreadConstraints", "topologyKey"),
        ("spec.template.spec.hostAliases", "ip"),
        ("spec.template.spec.containers", "name"),
        ("spec.template.spec.containers.[*].env", "name"),
        ("spec.template.spec.imagePullSecrets", "name"),
        ("spec.template.spec.volumes", "name"),
        ("metadata.ownerReferences", "uid"),
        ("metadata.finalizers", ""),
    ],
)
def test_a_deployment_merges(path: str, key: str) -> None:
    rules = merge_rules("apps", "Deployment") or {}
    rule = rules[tuple(path.split("."))]
    assert (rule.is_merged, rule.key) == (True, key)


@pytest.mark.parametrize("name", ["tolerations", "readinessGates", "containers.[*].args", "containers.[*].envFrom"])
def test_a_deployment_replaces_whole(name: str) -> None:
    assert ("spec", "template", "spec", *name.split(".")) not in (merge_rules("apps", "Deployment") or {})


@pytest.mark.parametrize(
    ("group", "kind", "path"),
    [
        ("", "ServiceAccount", "imagePullSecrets"),
        ("apps", "StatefulSet", "spec.volumeClaimTemplates"),
        ("autoscaling", "HorizontalPodAutoscaler", "spec.metrics"),
        ("networking.k8s.io", "Ingress", "spec.rules"),
        ("networking.k8s.io", "Ingress", "spec.tls"),
        ("networking.k8s.io", "NetworkPolicy", "spec.ingress"),
    ],
)
def test_lists_of_other_kinds_that_are_replaced_whole(group: str, kind: str, path: str) -> None:
    assert tuple(path.split(".")) not in (merge_rules(group, kind) or {})


@pytest.mark.parametrize(
    ("group", "kind", "path", "key", "also"),
    [
        ("", "Service", "spec.ports", "port", ("protocol",)),
        ("", "Pod", "spec.containers.[*].ports", "containerPort", ("protocol",)),
        ("", "Pod", "spec.topologySpreadConstraints", "topologyKey", ("whenUnsatisfiable",)),
        ("", "ServiceAccount", "secrets", "name", ()),
        ("batch", "CronJob", "spec.jobTemplate.spec.template.spec.containers", "name", ()),
    ],
)
def test_keys_of_other_kinds(group: str, kind: str, path: str, key: str, also: tuple[str, ...]) -> None:
    """A merge goes by one key, also where the API server tells items apart by two."""
    rule = (merge_rules(group, kind) or {})[tuple(path.split("."))]
    assert (rule.is_merged, rule.key, rule.also) == (True, key, also)


def test_a_disruption_budget_replaces_its_selector() -> None:
    rule = (merge_rules("policy", "PodDisruptionBudget") or {})[("spec", "selector")]
    assert (rule.is_replaced, rule.is_merged) == (True, False)


def test_volumes_and_strategy_retain_keys() -> None:
    rules = merge_rules("apps", "Deployment") or {}
    assert rules[("spec", "strategy")].strategies == (PatchStrategy.RETAIN_KEYS,)
    assert PatchStrategy.RETAIN_KEYS in rules[("spec", "template", "spec", "volumes")].strategies


@pytest.mark.parametrize(("group", "kind"), sorted(set(WORKLOADS) - set(kinds())))
def test_pod_templates_of_custom_workloads_merge_like_a_deployments(group: str, kind: str) -> None:
    deployment = merge_rules("apps", "Deployment") or {}
    shared = {
        path: rule for path, rule in deployment.items() if path[:2] == ("spec", "template") or path[0] == "metadata"
    }
    assert merge_rules(group, kind) == shared


@pytest.mark.parametrize(
    ("group", "kind"), [("example.com", "Deployment"), ("apps", "Rollout"), ("argoproj.io", "Application"), ("", "")]
)
def test_other_kinds_have_no_rules(group: str, kind: str) -> None:
    assert merge_rules(group, kind) is None
