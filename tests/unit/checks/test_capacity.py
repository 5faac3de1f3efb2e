"""What a lane asks for is a hand count, and a weight is held against the baseline's pods."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import (
    PREPARED,
    Built,
    Object,
    an_object,
    answer,
    autoscaler,
    build,
    ingress,
    places,
    run_build,
    service,
    workload,
    write_release,
)

ENTRY = (service(), ingress(class_name="mse", host=""))
SCALER = autoscaler()
OBJECT = an_object("ScaledObject", {"scaleTargetRef": {"name": "web"}}, version="keda.sh/v1alpha1")
ASKS = {"requests": {"cpu": "250m", "memory": "512Mi"}}


def web(kind: str = "Deployment", pod: Object | None = None, **spec: Any) -> Object:
    """Return the workload, with requests of its container."""
    return workload(kind, pod, container={"resources": ASKS}, **spec)


def opened(folder: Path, *objects: Object, rules: list[Object], **said: Any) -> Built:
    """Return what a build makes of `web` behind an entry, which the release has this to say of."""
    built = run_build(
        folder,
        [*objects, *ENTRY],
        lane={"provider": "none"},
        services=[{"name": "web", **said}],
        traffic={"gateway": "mse", "rules": rules},
    )
    assert built.status == 0, built.findings
    return built


def capacity(folder: Path, *objects: Object, **said: Any) -> Any:
    write_release(folder, objects, lane={"provider": "none"}, services=[{"name": "web", **said}])
    return answer(folder, "plan", "release.yaml", status=0)["plans"][0]["capacity"]


@pytest.mark.parametrize(
    ("percent", "baseline", "replicas", "is_told"),
    [
        (30, 10, 1, True),
        (30, 10, 2, True),
        (30, 10, 3, False),
        (20, 2, 1, False),
        # 34 % on one of three is 1.02 times a baseline pod's share.
        (34, 3, 1, False),
        (50, 3, 1, True),
        (100, 4, 3, True),
        (100, 4, 4, False),
        (1, 1, 0, True),
        (0, 10, 0, False),
    ],
)
def test_a_weight_is_held_against_the_pods_that_carry_all_now(
    percent: int, baseline: int, replicas: int, is_told: bool, tmp_path: Path
) -> None:
    built = opened(tmp_path, web(replicas=baseline), rules=[{"weight": percent}], replicas=replicas)

    place = ("GC480", "release.yaml", "spec.traffic.rules[0].weight", str(percent))
    assert places(tmp_path, built.findings, "GC480") == ([place] if is_told else [])


@pytest.mark.parametrize(
    ("scaler", "autoscaling", "is_told"),
    [
        (SCALER, None, False),
        (SCALER, {"minReplicas": 1, "maxReplicas": 4}, True),
        (SCALER, {"minReplicas": 1, "maxReplicas": 6}, False),
        (SCALER, "none", True),
        # A ScaledObject without its most: nothing is known but the least.
        (OBJECT, None, False),
        (OBJECT, "none", False),
    ],
    ids=["both scale", "scales too little", "scales enough", "fixed", "without bounds", "fixed, without bounds"],
)
def test_autoscalers_count_with_the_most_that_they_make(
    scaler: Object, autoscaling: Object | str | None, is_told: bool, tmp_path: Path
) -> None:
    said = {} if autoscaling is None else {"autoscaling": autoscaling}
    built = opened(tmp_path, web(), scaler, rules=[{"weight": 30}], **said)

    assert ("GC480" in built.codes) is is_told


def test_a_header_says_nothing_about_shares(tmp_path: Path) -> None:
    built = opened(tmp_path, web(replicas=10), rules=[{"header": "x-user", "value": "a"}])

    assert "GC480" not in built.codes


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ([{"header": "x-user", "value": "a"}], "spec.traffic.rules[0]"),
        ([{"weight": 0}], ""),
        ([{"weight": 0}, {"cookie": "c"}], "spec.traffic.rules[1]"),
    ],
    ids=["header", "no share", "no share and a cookie"],
)
def test_no_pod_is_too_few_for_whoever_is_let_in(rules: list[Object], field: str, tmp_path: Path) -> None:
    built = opened(tmp_path, web(replicas=1), rules=rules, replicas=0)

    # The first line of the rule, in a file of many.
    found = places(tmp_path, built.findings, "GC480")
    assert found == ([("GC480", "release.yaml", field, "{")] if field else [])


@pytest.mark.parametrize(
    ("calls", "replicas", "is_told"),
    [
        (["web -> cart"], 1, True),
        (["web -> mail -> cart"], 1, True),
        (["web -> cart"], 3, False),
        (["web -> mail", "other -> cart"], 1, False),
        ([], 1, False),
    ],
    ids=["called", "called by way of another", "enough pods", "called by others", "unknown"],
)
def test_a_weight_goes_along_the_calls(calls: list[str], replicas: int, is_told: bool, tmp_path: Path) -> None:
    """The entry is coloured alone: its own service is not released."""
    others = [made for name in ("cart", "mail", "other") for made in (workload(name=name, replicas=10), service(name))]
    built = run_build(
        tmp_path,
        [web(replicas=10), *ENTRY, *others],
        # Without an agent nothing would lead a call of the baseline's web into the lane.
        lane={"provider": "mse"},
        services=[{"name": "cart", "replicas": replicas}],
        calls=calls,
        traffic={"gateway": "mse", "entries": [{"ingress": "web"}], "rules": [{"weight": 30}]},
    )
    assert built.status == 0, built.findings

    told = [item["message"] for item in built.findings if item["code"] == "GC480"]
    expected = "up to 30 % of the requests to `Deployment/cart`, which 10 pods"
    assert [message[: len(expected)] for message in told] == ([expected] if is_told else [])


def test_totals_are_the_sums_of_the_gray_pods(tmp_path: Path) -> None:
    found = capacity(tmp_path, web(replicas=10), replicas=3)

    assert found["pods"] == {"atLeast": 3, "atMost": 3}
    assert found["cpu"] == {"atLeast": "750m", "atMost": "750m"}
    assert found["memory"] == {"atLeast": "1536Mi", "atMost": "1536Mi"}
    assert found["volumes"] == {"atLeast": 0, "atMost": 0}
    assert found["loadBalancers"] == []


def test_an_autoscaler_gives_both_bounds(tmp_path: Path) -> None:
    found = capacity(tmp_path, web(), SCALER)

    assert found["pods"] == {"atLeast": 2, "atMost": 20}
    assert found["cpu"] == {"atLeast": "500m", "atMost": "5"}


def test_a_stateful_set_claims_its_volumes_for_each_pod(tmp_path: Path) -> None:
    claimed: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    scratch: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    pod = {"volumes": [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": scratch}}}]}
    claims = [{"metadata": {"name": "data"}, "spec": claimed}]
    found = capacity(tmp_path, web("StatefulSet", pod, volumeClaimTemplates=claims), replicas=2)

    assert found["volumes"] == {"atLeast": 4, "atMost": 4}
    assert found["storage"] == {"atLeast": "22Gi", "atMost": "22Gi"}


def init(name: str, cpu: str, **fields: str) -> Object:
    return {"name": name, "image": name, "resources": {"requests": {"cpu": cpu}}, **fields}


@pytest.mark.parametrize(
    ("pod", "cpu"),
    [
        ({"initContainers": [init("a", "100m")]}, "250m"),
        ({"initContainers": [init("a", "900m")]}, "900m"),
        ({"initContainers": [init("a", "100m", restartPolicy="Always")]}, "350m"),
        ({"initContainers": [init("a", "100m", restartPolicy="Always"), init("b", "300m")]}, "400m"),
        ({"overhead": {"cpu": "50m"}}, "300m"),
        ({"resources": {"requests": {"cpu": 1}}}, "1"),
    ],
    ids=["small init", "large init", "sidecar", "init beside a sidecar", "overhead", "pod level"],
)
def test_one_pod_requests_what_the_scheduler_keeps_free(pod: Object, cpu: str, tmp_path: Path) -> None:
    assert capacity(tmp_path, web(pod=pod))["cpu"] == {"atLeast": cpu, "atMost": cpu}


def test_a_limit_alone_is_a_request(tmp_path: Path) -> None:
    found = capacity(tmp_path, workload(container={"resources": {"limits": {"cpu": 2}}}))

    assert found["cpu"] == {"atLeast": "2", "atMost": "2"}
    assert found["workloads"][0]["withoutRequests"] == ["web"]


def test_the_pods_of_a_template_that_a_rollout_takes_are_the_rollouts(tmp_path: Path) -> None:
    taken = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    rollout = an_object(
        "Rollout",
        {"replicas": 3, "selector": {"matchLabels": PREPARED}, "workloadRef": taken},
        version="argoproj.io/v1alpha1",
    )
    objects = [
        workload(replicas=0),
        rollout,
        service(),
        ingress(class_name="mse", host="h.example.com"),
    ]

    def told(name: str, replicas: int, rule: Object) -> list[str]:
        services = [{"name": "web", "workload": "Rollout/web", "replicas": replicas}]
        traffic = {"gateway": "mse", "guard": False, "rules": [rule]}
        found, _ = build(tmp_path / name, objects, services=services, traffic=traffic)
        return [item["object"] for item in found if item["code"] == "GC480"]

    assert told("header", 1, {"header": "x-user", "value": "1"}) == []
    assert told("none", 0, {"header": "x-user", "value": "1"}) == ["Rollout/web-mse-gray"]
    assert told("share", 1, {"weight": 60}) == ["Rollout/web-mse-gray"]
