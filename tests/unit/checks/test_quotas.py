"""What a namespace would refuse of a lane: its ResourceQuotas counted, its LimitRanges asked."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, with_code, workload
from tests.vectors import rows

QUOTA_CODES = ("GC420", "GC421", "GC422", "GC423")


def container(requests: Object | None = None, limits: Object | None = None, name: str = "web", **more: Any) -> Object:
    resources = {key: value for key, value in (("requests", requests), ("limits", limits)) if value}
    return {"name": name, "image": "registry.example.com/web:1", "resources": resources, **more}


def web(*containers: Object, replicas: int = 2, kind: str = "Deployment", **pod: Any) -> Object:
    fields = {"containers": [*containers]} if containers else {}
    return workload(kind, {**fields, **pod}, replicas=replicas)


def quota(hard: Object, name: str = "compute", **spec: Any) -> Object:
    return an_object("ResourceQuota", {"hard": hard, **spec}, name=name)


def limits(*items: Object, name: str = "limits", **of_containers: Any) -> Object:
    return an_object(
        "LimitRange",
        {"limits": [*items, *([{"type": "Container", **of_containers}] if of_containers else [])]},
        name=name,
    )


def hpa(low: int, high: int) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high}
    return an_object("HorizontalPodAutoscaler", spec, version="autoscaling/v2")


def told(folder: Path, *objects: Object, **spec: Any) -> list[str]:
    """Return code and message of what is found of quotas."""
    findings, _ = build(folder, objects, lane={"provider": "none"}, **spec)
    assert not [item for item in findings if item["severity"] == "error"], findings
    return [f"{item['code']} {item['message']}" for item in findings if item["code"] in QUOTA_CODES]


ASKS = container({"cpu": "500m", "memory": "256Mi"}, {"cpu": "1", "memory": "512Mi"})


@pytest.mark.parametrize(
    ("hard", "shown"),
    [
        ({"pods": "2"}, "pods 2 + 1 of 2"),
        ({"pods": 2}, "pods 2 + 1 of 2"),
        ({"count/pods": "2"}, "count/pods 2 + 1 of 2"),
        ({"cpu": "1"}, "cpu 1 + 500m of 1"),
        ({"requests.cpu": "1200m"}, "requests.cpu 1 + 500m of 1200m"),
        ({"requests.memory": "0.5Gi"}, "requests.memory 512Mi + 256Mi of 512Mi"),
        ({"limits.cpu": "2"}, "limits.cpu 2 + 1 of 2"),
        ({"limits.memory": "1e9"}, "limits.memory 1Gi + 512Mi of 1000000000"),
        ({"count/deployments.apps": "1"}, "count/deployments.apps 1 + 1 of 1"),
        ({"pods": "2", "limits.cpu": "2"}, "pods 2 + 1 of 2; limits.cpu 2 + 1 of 2"),
    ],
)
def test_a_quota_that_is_too_small_is_told_with_numbers(hard: Object, shown: str, tmp_path: Path) -> None:
    assert told(tmp_path, web(ASKS), quota(hard)) == [
        f"GC420 `ResourceQuota/compute` is too small for baseline and lane: {shown}"
    ]


@pytest.mark.parametrize(
    "hard",
    [{"pods": "3"}, {"cpu": "1500m"}, {"requests.memory": "768Mi"}, {"limits.memory": "1.5Gi"}, {"services": "2"}],
)
def test_a_quota_that_is_large_enough_is_not(hard: Object, tmp_path: Path) -> None:
    service = an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]})
    assert told(tmp_path, web(ASKS), service, quota(hard)) == []


@pytest.mark.parametrize(
    ("hard", "shown"),
    [
        ({"services": "1"}, "services 1 + 1 of 1"),
        ({"count/services": "1"}, "count/services 1 + 1 of 1"),
        ({"services.nodeports": "1"}, None),
        ({"services.loadbalancers": "1"}, None),
    ],
)
def test_services_are_counted_as_the_lane_has_them(hard: Object, shown: str | None, tmp_path: Path) -> None:
    ports = [{"port": 80}]
    service = an_object("Service", {"type": "NodePort", "selector": {"app": "web"}, "ports": ports})
    found = told(tmp_path, web(ASKS), service, quota(hard))
    assert found == ([f"GC420 `ResourceQuota/compute` is too small for baseline and lane: {shown}"] if shown else [])


@pytest.mark.parametrize(
    ("hard", "shown"),
    [
        ({"persistentvolumeclaims": "2"}, "persistentvolumeclaims 2 + 1 of 2"),
        ({"requests.storage": "20Gi"}, "requests.storage 20Gi + 10Gi of 20Gi"),
        (
            {"fast.storageclass.storage.k8s.io/requests.storage": "25Gi"},
            "fast.storageclass.storage.k8s.io/requests.storage 20Gi + 10Gi of 25Gi",
        ),
        ({"slow.storageclass.storage.k8s.io/persistentvolumeclaims": "1"}, None),
    ],
)
def test_claims_of_templates_are_counted(hard: Object, shown: str | None, tmp_path: Path) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "10Gi"}}},
    }
    stateful = workload("StatefulSet", replicas=2, serviceName="web", volumeClaimTemplates=[claim])
    found = told(tmp_path, stateful, quota(hard))
    assert found == ([f"GC420 `ResourceQuota/compute` is too small for baseline and lane: {shown}"] if shown else [])


def test_autoscalers_count_from_the_least_to_the_most(tmp_path: Path) -> None:
    objects = (web(ASKS), hpa(2, 5))
    assert told(tmp_path / "a", *objects, quota({"pods": "3"})) == [
        "GC420 `ResourceQuota/compute` is too small for baseline and lane: pods 2 + 2 of 3"
    ]
    assert told(tmp_path / "b", *objects, quota({"pods": "8"})) == [
        "GC420 `ResourceQuota/compute` is too small for baseline and lane: pods 5 + 5 of 8 where autoscalers make the most"
    ]
    # Without the lane production would not fit at its most either.
    assert told(tmp_path / "c", *objects, quota({"pods": "4"})) == []
    assert told(tmp_path / "d", *objects, quota({"pods": "10"})) == []


def test_only_the_namespace_of_the_lane_counts(tmp_path: Path) -> None:
    other = quota({"pods": "1"})
    other["metadata"]["namespace"] = "elsewhere"
    assert told(tmp_path, web(ASKS), other) == []


class Scoped(NamedTuple):
    scope: Object
    counts: bool


@pytest.mark.parametrize(Scoped._fields, rows(__file__, "quota_scopes.yaml", Scoped))
def test_scopes_choose_the_pods(scope: Object, counts: bool, tmp_path: Path) -> None:
    found = told(tmp_path, web(ASKS, priorityClassName="high"), quota({"pods": "2"}, **scope))
    assert bool(found) == counts


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ({"hard": {"pods": "9"}, "scopes": ["VolumeAttributesClass"]}, "VolumeAttributesClass"),
        ({"hard": {"count/replicasets.apps": "9"}}, "count/replicasets.apps"),
        ({"hard": {"gold.deviceclass.resource.k8s.io/devices": "9"}}, "deviceclass"),
    ],
)
def test_what_is_not_followed_is_named(spec: Object, word: str, tmp_path: Path) -> None:
    [found] = told(tmp_path, web(ASKS), an_object("ResourceQuota", spec, name="compute"))
    assert found.startswith("GC422 ") and word in found


def test_a_pod_on_every_node_is_named(tmp_path: Path) -> None:
    agent = workload("DaemonSet")
    agent["metadata"]["name"] = "agent"
    found = told(tmp_path, web(ASKS), agent, quota({"pods": "9"}))
    assert [item[:5] for item in found] == ["GC422"] and "DaemonSet/agent" in found[0]


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"max": {"cpu": "800m"}}, "container `web` has the limit cpu 1, and 800m is the most"),
        ({"max": {"memory": "256Mi"}}, "container `web` has the limit memory 512Mi, and 256Mi is the most"),
        ({"min": {"cpu": "600m"}}, "container `web` requests cpu 500m, and 600m is the least"),
        ({"max": {"ephemeral-storage": "1Gi"}}, None),
        (
            {"maxLimitRequestRatio": {"cpu": "1.5"}},
            "container `web` limits cpu to 2 times its request, and 1.5 is the most",
        ),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, None),
        ({"max": {"cpu": "1"}, "min": {"cpu": "500m"}}, None),
    ],
)
def test_a_container_beyond_a_limit_range_is_told(item: Object, why: str | None, tmp_path: Path) -> None:
    found = told(tmp_path, web(ASKS), limits(**item))
    assert found == ([f"GC421 gray pods of `Deployment/web` are refused by `LimitRange/limits`: {why}"] if why else [])


def test_limits_of_a_whole_pod_add_up(tmp_path: Path) -> None:
    pod = {"type": "Pod", "max": {"cpu": "1500m"}}
    two = (ASKS, container({"cpu": "1"}, {"cpu": "1"}, "side"))
    [found] = told(tmp_path / "a", web(*two), limits(pod))
    assert found.endswith("the pod has the limit cpu 2, and 1500m is the most")
    assert told(tmp_path / "b", web(ASKS), limits(pod)) == []
    first = container({"cpu": "1"}, {"cpu": "1"}, "first")
    assert told(tmp_path / "c", web(ASKS, initContainers=[first]), limits(pod)) == []


def test_defaults_fill_in_what_containers_do_not_say(tmp_path: Path) -> None:
    small = limits(default={"cpu": "1"}, defaultRequest={"cpu": "250m"})
    assert told(tmp_path / "a", web(container()), small, quota({"requests.cpu": "700m"})) == [
        "GC420 `ResourceQuota/compute` is too small for baseline and lane: requests.cpu 500m + 250m of 700m"
    ]
    assert told(tmp_path / "b", web(container()), small, quota({"limits.cpu": "3"})) == []
    # The most of a container is its default limit, and that its default request.
    assert told(tmp_path / "c", web(container()), limits(max={"cpu": "1"}), quota({"requests.cpu": "2500m"})) == [
        "GC420 `ResourceQuota/compute` is too small for baseline and lane: requests.cpu 2 + 1 of 2500m"
    ]
    [found] = told(tmp_path / "d", web(container({"cpu": "2"})), small)
    assert found.endswith("container `web` requests cpu 2, above its limit 1")


def test_a_container_must_name_what_a_quota_counts(tmp_path: Path) -> None:
    init = container(name="first")
    found = told(tmp_path / "a", web(ASKS, initContainers=[init]), quota({"limits.memory": "9Gi", "requests.cpu": "9"}))
    assert found == [
        "GC421 gray pods of `Deployment/web` are refused by `ResourceQuota/compute`: container `first` names no request "
        "of cpu, which it counts; container `first` names no limit of memory, which it counts"
    ]
    hard = {"requests.ephemeral-storage": "9Gi", "pods": "9"}
    assert told(tmp_path / "b", web(container()), quota(hard)) == []
    assert told(tmp_path / "c", web(container()), quota({"cpu": "9"}, scopes=["NotBestEffort"])) == []


def test_a_pod_that_is_owned_is_counted_once(tmp_path: Path) -> None:
    replica_set = {**web(ASKS, kind="ReplicaSet")}
    replica_set["metadata"] = {**replica_set["metadata"], "name": "web-1", "ownerReferences": [{"kind": "Deployment"}]}
    assert told(tmp_path, web(ASKS), replica_set, quota({"pods": "3"})) == []


def test_each_can_be_accepted(tmp_path: Path) -> None:
    accept = [
        {"code": "GC420", "object": "ResourceQuota/compute", "reason": "raised before"},
        {"code": "GC421", "object": "Deployment/web", "reason": "the lane has a namespace of its own"},
    ]
    objects = [web(ASKS), quota({"pods": "2"}), limits(max={"cpu": "100m"})]
    findings, _ = build(tmp_path, objects, lane={"provider": "none"}, accept=accept)
    assert {item["code"] for item in findings if item.get("accepted")} == {"GC420", "GC421"}
    done = run_grayc(["build", "release.yaml", "-o", "out", "--strict", "-f", "json"], folder=tmp_path)
    assert done.status == 0, done.stdout


@pytest.mark.parametrize("command", ["build", "validate", "plan"])
@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"replicas": 2}, "at least 3 pods"),
        ({"replicas": 9}, "at most 5 pods"),
        ({"replicas": 3}, None),
        ({}, None),
        ({"replicas": 0}, None),
        ({"replicas": 1, "autoscaling": "none"}, None),
        ({"replicas": 1, "autoscaling": {"minReplicas": 1}}, None),
    ],
)
def test_replicas_that_an_autoscaler_changes_are_told(
    command: str, service: Object, said: str | None, tmp_path: Path
) -> None:
    build(tmp_path, [web(), hpa(3, 5)], services=[{"name": "web", **service}], lane={"provider": "none"})
    flags = ["-o", "out"] if command == "build" else []
    done = run_grayc([command, "release.yaml", *flags, "-f", "json"], folder=tmp_path)
    findings = [item for item in json.loads(done.stdout)["diagnostics"] if item["code"] == "GC423"]
    assert [said] * bool(said) == [said for item in findings if said and said in item["message"]]
    assert len(findings) == bool(said)
    assert with_code(findings, "GC423") == ([("GC423", "Deployment/web")] if said else [])
