"""What a controller of a gray object would change, count or break that is production's."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.manifests import PREPARED, Object, an_object, build, of_kind, service, with_code, workload
from tests.vectors import rows

ARGO = "argoproj.io/v1alpha1"


class Routing(NamedTuple):
    routing: Object
    steered: str


def rollout(strategy: Object, **spec: Any) -> Object:
    return {**workload("Rollout", strategy=strategy, **spec), "apiVersion": ARGO}


def a_service(name: str, **selector: str) -> Object:
    return service(name, labels={**PREPARED, **selector})


def errors(findings: list[Object]) -> list[str]:
    return [finding["code"] for finding in findings if finding["severity"] == "error"]


@pytest.mark.parametrize(Routing._fields, rows(__file__, "traffic_routing.yaml", Routing))
def test_a_gray_rollout_shifts_no_traffic(routing: Object, steered: str, tmp_path: Path) -> None:
    canary = {
        "canaryService": "web-canary",
        "stableService": "web-stable",
        "maxSurge": 1,
        "trafficRouting": routing,
        "steps": [{"setWeight": 10}],
        "analysis": {"templates": [{"templateName": "ok"}]},
        "scaleDownDelaySeconds": 30,
    }
    findings, made = build(tmp_path, [rollout({"canary": canary}), a_service("web-stable"), a_service("web-canary")])
    assert of_kind(made, "Rollout")["spec"]["strategy"] == {
        "canary": {
            "canaryService": "web-canary-mse-gray",
            "stableService": "web-stable-mse-gray",
            "maxSurge": 1,
        }
    }
    (told,) = (finding for finding in findings if finding["code"] == "GC489")
    assert steered in told["message"]
    assert "`trafficRouting`, `steps`, `analysis`, `scaleDownDelaySeconds`" in told["message"]
    assert errors(findings) == []


@pytest.mark.parametrize("field", ["canary.canaryService", "canary.stableService", "blueGreen.previewService"])
def test_a_service_without_a_copy_is_left_out_where_it_may_be(field: str, tmp_path: Path) -> None:
    strategy, _, name = field.partition(".")
    own = {"activeService": "web"} if strategy == "blueGreen" else {"maxSurge": 1}
    objects = [rollout({strategy: {**own, name: "other"}}), a_service("web"), a_service("other")]
    findings, made = build(tmp_path, objects, services=[{"name": "web", "share": ["Service/other"]}])
    assert name not in of_kind(made, "Rollout")["spec"]["strategy"][strategy]
    assert with_code(findings, "GC489") == [("GC489", "Rollout/web")]
    assert errors(findings) == []


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([rollout({"blueGreen": {"activeService": "web"}}), a_service("web")], id="shared"),
        pytest.param([rollout({"blueGreen": {"activeService": "elsewhere"}})], id="not in the files"),
    ],
)
def test_a_service_that_must_be_there_must_be_gray(objects: list[Object], tmp_path: Path) -> None:
    services = [{"name": "web", **({"share": ["Service/web"]} if len(objects) > 1 else {})}]
    findings, made = build(tmp_path, objects, services=services)
    assert (errors(findings), made) == (["GC488"], [])


def test_pods_of_a_version_or_an_experiment_have_gray_labels(tmp_path: Path) -> None:
    """What a controller puts over the template's labels would bring production's back."""
    plain = {"app": "web"}
    experiment = {
        "templates": [
            {
                "name": "trial",
                "specRef": "canary",
                "metadata": {"labels": {**plain, "role": "trial"}},
                "selector": {"matchLabels": plain},
                "service": {"name": "web-trial"},
            }
        ]
    }
    canary = {
        "canaryMetadata": {"labels": {**plain, "role": "canary"}},
        "stableMetadata": {"labels": plain},
        "steps": [{"experiment": experiment}],
    }
    objects = [rollout({"canary": canary}, labels=plain)]
    findings, made = build(tmp_path, objects, lane={"provider": "mse", "isolation": "relabel"})
    gray = of_kind(made, "Rollout")["spec"]["strategy"]["canary"]
    assert gray["canaryMetadata"]["labels"] == {"app": "web-mse-gray", "role": "canary"}
    assert gray["stableMetadata"]["labels"] == {"app": "web-mse-gray"}
    (template,) = gray["steps"][0]["experiment"]["templates"]
    assert template["metadata"]["labels"] == {"app": "web-mse-gray", "role": "trial"}
    assert template["selector"]["matchLabels"] == {"app": "web-mse-gray"}
    assert template["service"] == {}
    assert with_code(findings, "GC489") == [("GC489", "Rollout/web")]
    assert errors(findings) == []


def test_a_patch_may_not_bring_the_routing_back(tmp_path: Path) -> None:
    routing = {"nginx": {"stableIngress": "web"}}
    patch = {"target": {"kind": "Rollout"}, "merge": {"spec": {"strategy": {"canary": {"trafficRouting": routing}}}}}
    findings, _ = build(tmp_path, [rollout({"canary": {}})], services=[{"name": "web", "patches": [patch]}])
    assert errors(findings) == ["GC488"]


def test_a_live_hash_is_no_part_of_a_gray_selector(tmp_path: Path) -> None:
    stable = a_service("web-stable", **{"rollouts-pod-template-hash": "6b49594fd8"})
    stable["metadata"]["annotations"] = {"argo-rollouts.argoproj.io/managed-by-rollouts": "web"}
    findings, made = build(tmp_path, [rollout({"canary": {"stableService": "web-stable"}}), stable])
    gray = of_kind(made, "Service")
    assert gray["metadata"]["name"] == "web-stable-mse-gray"
    assert "rollouts-pod-template-hash" not in gray["spec"]["selector"]
    assert "annotations" not in gray["metadata"]
    assert errors(findings) == []


@pytest.mark.parametrize("service_names", ["Deployment", "Rollout"])
@pytest.mark.parametrize("replicas", [0, 3])
def test_a_rollout_takes_its_pods_from_the_gray_deployment(service_names: str, replicas: int, tmp_path: Path) -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "scaleDown": "onsuccess"}
    selector = {"matchLabels": PREPARED}
    name = "web" if service_names == "Deployment" else "canary"
    taking = an_object(
        "Rollout", {"selector": selector, "workloadRef": reference, "strategy": {"canary": {}}}, version=ARGO, name=name
    )
    findings, made = build(
        tmp_path,
        [taking, workload(replicas=replicas), a_service("web")],
        services=[{"name": name, "replicas": 2, "images": {"web": "w:2"}}],
    )
    gray, deployment = of_kind(made, "Rollout")["spec"], of_kind(made, "Deployment")["spec"]
    assert (gray["workloadRef"]["name"], gray["replicas"], "template" in gray) == ("web-mse-gray", 2, False)
    assert deployment["replicas"] == 0
    assert deployment["template"]["spec"]["containers"][0]["image"] == "w:2"
    labels = deployment["template"]["metadata"]["labels"]
    assert all(labels.get(key) == value for key, value in gray["selector"]["matchLabels"].items())
    assert errors(findings) == []


@pytest.mark.parametrize(("hard", "is_exceeded"), [("4", True), ("5", False)])
def test_a_quota_counts_the_pods_of_a_rollout_and_not_of_what_it_takes_them_from(
    hard: str, is_exceeded: bool, tmp_path: Path
) -> None:
    taking = an_object(
        "Rollout",
        {
            "replicas": 3,
            "selector": {"matchLabels": PREPARED},
            "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        },
        version=ARGO,
        name="web",
    )
    taken = workload(replicas=3)
    taken["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1"}}
    quota = an_object("ResourceQuota", {"hard": {"requests.cpu": hard}}, version="v1", name="all")

    services = [{"name": "web", "workload": "Rollout/web", "replicas": 2}]
    findings, _ = build(tmp_path, [taking, taken, quota], services=services)

    assert ("GC420" in {finding["code"] for finding in findings}) is is_exceeded


def test_a_rollout_does_not_take_its_pods_from_production(tmp_path: Path) -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    taking = an_object(
        "Rollout", {"selector": {"matchLabels": PREPARED}, "workloadRef": reference}, version=ARGO, name="canary"
    )
    services = [{"name": "web", "from": "baseline/", "share": ["Deployment"]}]
    findings, _ = build(tmp_path, [taking, workload()], services=services)
    assert "GC488" in errors(findings)


@pytest.mark.parametrize(
    ("metric", "counts"),
    [
        ({"type": "Resource", "resource": {"name": "cpu"}}, False),
        ({"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "web"}}, False),
        ({"type": "Pods", "pods": {"metric": {"name": "requests"}}}, False),
        (
            {"type": "External", "external": {"metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}}}},
            True,
        ),
        (
            {
                "type": "Object",
                "object": {
                    "metric": {"name": "requests"},
                    "describedObject": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "web"},
                },
            },
            True,
        ),
        (
            {
                "type": "Object",
                "object": {
                    "metric": {"name": "requests"},
                    "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "web"},
                },
            },
            False,
        ),
    ],
)
def test_a_metric_that_is_not_of_the_lane_is_told(metric: Object, counts: bool, tmp_path: Path) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = an_object(
        "HorizontalPodAutoscaler",
        {"scaleTargetRef": target, "maxReplicas": 9, "metrics": [metric]},
        version="autoscaling/v2",
    )
    findings, _ = build(tmp_path, [workload(), a_service("web"), scaler])
    assert bool(with_code(findings, "GC355")) is counts


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ({"type": "cpu", "metadata": {"value": "60"}}, ""),
        ({"type": "memory", "metadata": {"value": "60"}}, ""),
        ({"type": "cron", "metadata": {"start": "0 8 * * *"}}, ""),
        ({"type": "prometheus", "metadata": {"query": "sum(rate(x[1m]))"}}, "query: sum(rate(x[1m]))"),
        ({"type": "datadog", "metadata": {"query": "avg:x"}}, "query: avg:x"),
        ({"type": "kubernetes-workload", "metadata": {"podSelector": "app=web"}}, "podSelector: app=web"),
        ({"type": "metrics-api", "metadata": {"url": "http://stats/x"}}, "metrics-api"),
        ({"type": "mysql", "metadata": {"query": "SELECT count(*) FROM jobs"}}, "SELECT count(*)"),
    ],
)
def test_a_trigger_that_is_not_of_the_lane_is_told(trigger: Object, words: str, tmp_path: Path) -> None:
    scaled = an_object(
        "ScaledObject", {"scaleTargetRef": {"name": "web"}, "triggers": [trigger]}, version="keda.sh/v1alpha1"
    )
    findings, _ = build(tmp_path, [workload(), scaled])
    told = [finding["message"] for finding in findings if finding["code"] == "GC355"]
    assert [words in message for message in told] == ([True] if words else [])


def test_a_trigger_that_the_release_writes_is_not_told(tmp_path: Path) -> None:
    spec = {"scaleTargetRef": {"name": "web"}, "triggers": [{"type": "prometheus", "metadata": {"query": "up"}}]}
    operations = [{"op": "replace", "path": "/spec/triggers/0/metadata/query", "value": 'up{version="gray"}'}]
    patch = {"target": {"kind": "ScaledObject"}, "json6902": operations}
    findings, _ = build(
        tmp_path,
        [workload(), an_object("ScaledObject", spec, version="keda.sh/v1alpha1")],
        services=[{"name": "web", "patches": [patch]}],
    )
    assert with_code(findings, "GC355") == []


def pod_chaos(**selector: Any) -> Object:
    return an_object("PodChaos", {"action": "pod-kill", "selector": selector}, version="chaos-mesh.org/v1alpha1")


@pytest.mark.parametrize(
    ("experiment", "breaks"),
    [
        (pod_chaos(labelSelectors={"app": "web"}), True),
        (pod_chaos(labelSelectors={"app": "web"}, namespaces=["shop", "other"]), True),
        (pod_chaos(namespaces=["shop"]), True),
        (pod_chaos(expressionSelectors=[{"key": "app", "operator": "In", "values": ["web", "cart"]}]), True),
        (pod_chaos(labelSelectors={"app": "web"}, namespaces=["other"]), False),
        (pod_chaos(labelSelectors=PREPARED), False),
        (pod_chaos(pods={"shop": ["web-0"]}), False),
        (
            an_object(
                "Schedule",
                {"schedule": "@daily", "podChaos": {"selector": {"labelSelectors": {"app": "web"}}}},
                version="chaos-mesh.org/v1alpha1",
            ),
            True,
        ),
        (
            an_object(
                "Workflow",
                {"templates": [{"networkChaos": {"selector": {"labelSelectors": {"app": "web"}}}}]},
                version="chaos-mesh.org/v1alpha1",
            ),
            True,
        ),
        (
            an_object(
                "ChaosEngine", {"appinfo": {"appns": "shop", "applabel": "app=web"}}, version="litmuschaos.io/v1alpha1"
            ),
            True,
        ),
        (
            an_object(
                "ChaosEngine", {"appinfo": {"appns": "shop", "applabel": "app=cart"}}, version="litmuschaos.io/v1alpha1"
            ),
            False,
        ),
    ],
)
def test_an_experiment_that_breaks_gray_pods_is_told(experiment: Object, breaks: bool, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(), experiment])
    assert bool(with_code(findings, "GC356")) is breaks
    assert {item["kind"] for item in made} == {"Deployment"}
