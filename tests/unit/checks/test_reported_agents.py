"""Crossings that users of the MSE agent and its console met, after the vendor's manuals and public threads, one by one."""

from pathlib import Path
from typing import Any

import pytest

from tests import manifests
from tests.manifests import VERSION, Object, a_namespace, an_object, build

SOUND = {"GC318", "GC450", "GC504"}
"""Notes that say what grayc does, and of nothing that goes wrong."""
HEADER_UPDATE = "mse.ingress.kubernetes.io/request-header-control-update"


def deployment(*, labels: Object | None = None, kind: str = "Deployment", name: str = "web", **own: Any) -> Object:
    """Return a workload with a container of the given fields; a label that is None is left out."""
    both = {"app": name, VERSION: "original"}
    given = {**both, "msePilotCreateAppName": name, **(labels or {})}
    container = {"name": name, "image": f"registry.example.com/{name}:1.0", "ports": [{"containerPort": 8080}], **own}
    template = {
        "metadata": {"labels": {label: value for label, value in given.items() if value is not None}},
        "spec": {"containers": [container]},
    }
    version = "apps/v1" if kind == "Deployment" else "apps.kruise.io/v1alpha1"
    spec = {"replicas": 2, "selector": {"matchLabels": both}, "template": template}
    return an_object(kind, spec, version=version, name=name)


def service(
    annotations: Object | None = None, *, name: str = "web", selector: Object | None = None, **spec: Any
) -> Object:
    chosen = selector or {"app": name, VERSION: "original"}
    ports = spec.pop("ports", [{"name": "http", "port": 80, "targetPort": 8080}])
    made = an_object("Service", {"selector": chosen, "ports": ports, **spec}, name=name)
    made["metadata"]["annotations"] = annotations or {}
    return made


def ingress(annotations: Object | None = None, *, class_name: str = "mse", to: str = "web", bridge: str = "") -> Object:
    made = manifests.ingress(
        to, class_name, host="shop.example.com", paths=[("/", "Prefix", to)], annotations=annotations
    )
    if bridge:
        resource = {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": bridge}
        made["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": resource}
    return made


def place(value: str | None = "enabled") -> Object:
    labels = {} if value is None else {"mse-enable": value}
    return a_namespace(labels=labels)


def outcome(folder: Path, *objects: Object, gateway: str = "mse", **spec: Any) -> tuple[dict[str, str], list[Object]]:
    """Return the severities of what is not sound, by code, and what was written."""
    traffic = {"gateway": gateway, "rules": [{"header": "x-user-id", "value": "100"}]}
    fields = {"lane": {"provider": "mse"}, "traffic": traffic, **spec}
    findings, made = build(folder, objects, **fields)
    return {each["code"]: each["severity"] for each in findings if each["code"] not in SOUND}, made


def of_kind(made: list[Object], kind: str) -> Object:
    (found,) = (each for each in made if each["kind"] == kind)
    return found


def pod_labels(made: list[Object], kind: str = "Deployment") -> Object:
    labels: Object = of_kind(made, kind)["spec"]["template"]["metadata"]["labels"]
    return labels


@pytest.mark.parametrize(
    ("workload", "codes"),
    [
        pytest.param(
            deployment(
                env=[{"name": "JAVA_OPTS", "value": "-Xms128m -Xmx200m"}], resources={"limits": {"memory": "256Mi"}}
            ),
            {"GC436": "warning"},
            id="02c a heap below 256 MB",
        ),
        pytest.param(
            deployment(labels={"msePilotAutoEnable": "true"}), {"GC473": "warning"}, id="03c a switch that is `true`"
        ),
        pytest.param(
            deployment(readinessProbe={"httpGet": {"path": "/health", "port": 55199}, "initialDelaySeconds": 30}),
            {},
            id="17 a probe of the agent's own port",
        ),
        pytest.param(deployment(labels={"armsPilotAutoEnable": "off"}), {}, id="20d ARMS off"),
        pytest.param(
            deployment(command=["java", "-javaagent:/otel/opentelemetry-javaagent.jar", "-jar", "web.jar"]),
            {"GC435": "warning"},
            id="20f OpenTelemetry's agent in the command",
        ),
        pytest.param(
            deployment(
                env=[
                    {"name": "JAVA_OPTS", "value": "-Dmse.service.tag=blue -Dmicro.service.tag=blue"},
                    {"name": "spring.cloud.nacos.discovery.metadata.alicloud.service.tag", "value": "blue"},
                ]
            ),
            {"GC476": "warning"},
            id="56 the tag of another lane, in other forms",
        ),
    ],
)
def test_what_the_pods_are_started_with(workload: Object, codes: dict[str, str], tmp_path: Path) -> None:
    found, made = outcome(tmp_path, place(), workload, service(), ingress())

    assert found == codes
    assert pod_labels(made)["alicloud.service.tag"] == "gray"


def test_04_another_applications_name_by_a_patch(tmp_path: Path) -> None:
    labels = {"msePilotCreateAppName": "web-gray"}
    patch = {"target": {"kind": "Deployment"}, "merge": {"spec": {"template": {"metadata": {"labels": labels}}}}}
    services = [{"name": "web", "patches": [patch]}]

    found, made = outcome(tmp_path, place(), deployment(), service(), ingress(), services=services)

    assert (found, made) == ({"GC443": "error"}, [])


def test_10_an_ingress_that_leads_to_nacos(tmp_path: Path) -> None:
    annotations = {"higress.io/destination": "web.DEFAULT-GROUP.public.nacos"}
    entry = ingress(annotations, class_name="higress", bridge="default")
    traffic = {"gateway": "higress", "rules": [{"header": "x-user-id", "value": "100"}]}

    findings, made = build(
        tmp_path, [place(), deployment(), service(), entry], traffic=traffic, lane={"provider": "mse"}
    )

    (refused,) = (each for each in findings if each["severity"] == "error")
    assert refused["code"] == "GC321"
    assert any("`web.DEFAULT-GROUP.public.nacos` is not opened" in note["message"] for note in refused["notes"])
    assert made == []


def test_10b_a_destination_beside_a_service_is_not_read_by_higress(tmp_path: Path) -> None:
    annotations = {"higress.io/destination": "100% web.DEFAULT-GROUP.public.nacos:8080"}
    entry = ingress(annotations, class_name="higress")

    found, made = outcome(tmp_path, place(), deployment(), service(), entry, gateway="higress")

    assert found == {"GC386": "warning"}
    assert "higress.io/destination" not in of_kind(made, "Ingress")["metadata"]["annotations"]


def test_10c_a_subset_of_production_does_not_hold_the_lane(tmp_path: Path) -> None:
    prefix = "mse.ingress.kubernetes.io/"
    annotations = {f"{prefix}service-subset": "", f"{prefix}subset-labels": f"{VERSION} original"}

    found, made = outcome(tmp_path, place(), deployment(), service(), ingress(annotations))

    assert found == {}
    assert not [name for name in of_kind(made, "Ingress")["metadata"]["annotations"] if "subset" in name]


def test_13_a_cronjob_stays_with_production(tmp_path: Path) -> None:
    job = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "registry.example.com/settle:1"}]}}
    spec = {"schedule": "0 1 * * *", "jobTemplate": {"spec": {"template": job}}}
    cron = an_object("CronJob", spec, version="batch/v1", name="settle")

    services = [{"name": "web", "from": "baseline"}]
    found, made = outcome(tmp_path, place(), deployment(), service(), ingress(), cron, services=services)

    assert found == {}
    assert "CronJob" not in {each["kind"] for each in made}


def test_19_a_service_that_selects_by_the_agents_label(tmp_path: Path) -> None:
    workload = deployment(labels={"armsPilotCreateAppName": "web", "app": None, VERSION: None})
    workload["spec"]["selector"]["matchLabels"] = {"armsPilotCreateAppName": "web"}
    own = service(selector={"armsPilotCreateAppName": "web"})

    found, made = outcome(tmp_path, place(), workload, own, ingress())

    assert found["GC441"] == "error"
    assert made == []


@pytest.mark.parametrize("services", [[{"name": "web"}], [{"name": "web", "from": "baseline"}]], ids=["26b", "26"])
def test_26_a_rollout_of_kruise(services: list[Object], tmp_path: Path) -> None:
    routing = [{"service": "web", "ingress": {"name": "web"}}]
    spec = {
        "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "strategy": {"canary": {"steps": [{"traffic": "20%"}], "trafficRoutings": routing}},
    }
    rollout = an_object("Rollout", spec, version="rollouts.kruise.io/v1beta1")

    found, _ = outcome(tmp_path, place(), deployment(), service(), ingress(), rollout, services=services)

    assert found["GC387"] == "warning"


def test_27_a_cloneset(tmp_path: Path) -> None:
    found, made = outcome(tmp_path, place(), deployment(kind="CloneSet"), service(), ingress())

    assert found == {}
    assert pod_labels(made, "CloneSet")["msePilotCreateAppName"] == "web"


def test_30_the_load_balancer_of_production_is_not_taken_over(tmp_path: Path) -> None:
    prefix = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
    annotations = {f"{prefix}id": "lb-bp1abc", f"{prefix}force-override-listeners": "true"}
    own = service(annotations, type="LoadBalancer")

    found, made = outcome(tmp_path, place(), deployment(), own, ingress())

    gray = of_kind(made, "Service")
    assert found == {}
    assert gray["spec"]["type"] == "ClusterIP"
    assert not gray["metadata"].get("annotations")


def test_30c_the_port_of_the_nodes_is_not_taken_twice(tmp_path: Path) -> None:
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}]

    found, made = outcome(tmp_path, place(), deployment(), service(type="NodePort", ports=ports), ingress())

    gray = of_kind(made, "Service")["spec"]
    assert found == {}
    assert gray["type"] == "ClusterIP"
    assert "nodePort" not in gray["ports"][0]


def test_40_a_hop_over_nginx_is_not_carried(tmp_path: Path) -> None:
    front = deployment(name="front", labels={"msePilotCreateAppName": None}, image="nginx:1.27")

    objects = (place(), front, service(name="front"), ingress(to="front"), deployment(), service())
    found, _ = outcome(tmp_path, *objects, calls=["front -> web"])

    assert found == {"GC486": "warning"}


def test_48_a_gateway_that_listens_to_others(tmp_path: Path) -> None:
    parameters = {"apiGroup": "mse.alibabacloud.com", "kind": "MseIngressConfig", "name": "prod"}
    of_class = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "mse-prod"},
        "spec": {"controller": "mse.alibabacloud.com/ingress", "parameters": parameters},
    }
    config = {
        "apiVersion": "mse.alibabacloud.com/v1alpha1",
        "kind": "MseIngressConfig",
        "metadata": {"name": "prod"},
        "spec": {"ingress": {"local": {"ingressClass": "mse", "watchNamespaces": ["other"]}}},
    }

    found, _ = outcome(tmp_path, place(), deployment(), service(), ingress(), of_class, config)

    assert found == {"GC385": "warning"}


def test_49_headers_that_the_entry_sets_already_are_kept(tmp_path: Path) -> None:
    add = "mse.ingress.kubernetes.io/request-header-control-add"
    entry = ingress({HEADER_UPDATE: "x-env prod", add: "x-a 1"})

    found, made = outcome(tmp_path, place(), deployment(), service(), entry)

    annotations = of_kind(made, "Ingress")["metadata"]["annotations"]
    assert found == {}
    assert annotations[HEADER_UPDATE].splitlines() == ["x-env prod", "x-mse-tag gray"]
    assert annotations[add] == "x-a 1"


def test_54c_the_applications_name_in_an_annotation(tmp_path: Path) -> None:
    workload = deployment(labels={"msePilotCreateAppName": None})
    workload["spec"]["template"]["metadata"]["annotations"] = {"msePilotCreateAppName": "web"}

    found, made = outcome(tmp_path, place(), workload, service(), ingress())

    assert found == {"GC482": "warning"}
    assert pod_labels(made)["msePilotCreateAppName"] == "web"


def test_55_production_without_the_agent_that_its_copy_has(tmp_path: Path) -> None:
    labels = {"msePilotAutoEnable": "on"}
    patch = {"target": {"kind": "Deployment"}, "merge": {"spec": {"template": {"metadata": {"labels": labels}}}}}
    accepted = [{"code": "GC470", "reason": "one by one"}]

    found, _ = outcome(
        tmp_path,
        place(None),
        deployment(),
        service(),
        ingress(),
        services=[{"name": "web", "patches": [patch]}],
        accept=accepted,
    )

    assert found == {"GC470": "note", "GC483": "warning"}


def test_59_the_tag_base(tmp_path: Path) -> None:
    found, made = outcome(tmp_path, place(), deployment(), service(), ingress(), tag="base")

    assert found == {}
    assert pod_labels(made)["alicloud.service.tag"] == "base"


def test_60_a_namespace_that_is_disabled_and_a_pod_that_is_on(tmp_path: Path) -> None:
    workload = deployment(labels={"msePilotAutoEnable": "on"})

    found, _ = outcome(tmp_path, place("disabled"), workload, service(), ingress())

    assert found == {}
