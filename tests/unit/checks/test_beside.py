"""Objects of consoles, meshes and rollout controllers are named for what they do to the lane, and for nothing else."""

from pathlib import Path
from typing import Any

import pytest

from tests import manifests
from tests.manifests import Object, an_object, build, service, with_code, workload

CODES = ("GC385", "GC386", "GC387", "GC388", "GC389")
RULES = [{"header": "x-user-id", "value": "100"}]
SERVICE = service()


def ingress(
    annotations: dict[str, str] | None = None,
    *,
    name: str = "web",
    class_name: str | None = "mse",
    backend: Object | None = None,
) -> Object:
    made = manifests.ingress(name, class_name or "", host=f"{name}.example.com", annotations=annotations)
    if backend:
        made["spec"]["rules"][0]["http"]["paths"][0]["backend"] = backend
    return made


def found(folder: Path, *objects: Object, gateway: str = "mse", entry: Object | None = None, **spec: Any) -> list[str]:
    """Return the codes about what stands beside the lane, in order."""
    base = (workload(), SERVICE, entry or ingress(class_name=gateway if gateway != "none" else None))
    traffic = {"gateway": gateway, "rules": RULES}
    findings, _ = build(folder, [*base, *objects], traffic=traffic, **spec)
    return sorted(code for code, _ in with_code(findings, *CODES))


def of_cluster(kind: str, version: str, spec: Object, name: str = "prod", **metadata: Any) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def config(local: Object | None = None, name: str = "prod", **spec: Any) -> Object:
    ingress_ = {"ingress": {"local": local}} if local is not None else {}
    return of_cluster("MseIngressConfig", "mse.alibabacloud.com/v1alpha1", {**ingress_, **spec}, name)


def mse_class(name: str, config_name: str = "prod") -> Object:
    parameters = {"apiGroup": "mse.alibabacloud.com", "kind": "MseIngressConfig", "name": config_name}
    spec = {"controller": "mse.alibabacloud.com/ingress", "parameters": parameters}
    return of_cluster("IngressClass", "networking.k8s.io/v1", spec, name)


@pytest.mark.parametrize(
    ("objects", "codes"),
    [
        ([config({"ingressClass": "mse"})], []),
        ([config({"ingressClass": ""})], []),
        ([config({"ingressClass": "mse", "watchNamespace": ""})], []),
        ([config({"ingressClass": "mse", "watchNamespace": "shop"})], []),
        ([config({"ingressClass": "mse", "watchNamespace": "front"})], ["GC385"]),
        ([config({"ingressClass": "mse", "watchNamespaces": ["front"]})], ["GC385"]),
        ([config({"ingressClass": "mse", "watchNamespaces": ["front", "shop"]})], []),
        ([config({"ingressClass": "nginx"})], ["GC385"]),
        # Without the field, the gateway listens to nothing but the class that names it.
        ([config()], ["GC385"]),
        ([config(), mse_class("mse")], []),
        # That class comes before the field.
        ([config({"ingressClass": "mse"}), mse_class("mse-prod")], ["GC385"]),
        ([config({"ingressClass": "nginx"}), mse_class("mse")], []),
        ([config({"watchNamespace": "front"}), mse_class("mse")], ["GC385"]),
        # One of several is enough.
        ([config({"ingressClass": "nginx"}), config({"ingressClass": "mse"}, name="second")], []),
        # The class names a gateway whose config is not among the files.
        ([config({"ingressClass": "nginx"}), mse_class("mse", "another")], []),
    ],
)
def test_a_gateway_that_listens_elsewhere_is_told(objects: list[Object], codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, *objects) == codes


def test_the_class_nginx_holds_ingresses_without_a_class(tmp_path: Path) -> None:
    assert found(tmp_path, config({"ingressClass": "nginx"}), entry=ingress(class_name=None)) == []


def test_another_gateway_is_not_asked_what_mse_listens_to(tmp_path: Path) -> None:
    assert found(tmp_path, config({"ingressClass": "mse"}), gateway="higress") == []


BRIDGE = {"resource": {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}}
HIGRESS, MSE = "higress.io/destination", "mse.ingress.kubernetes.io/destination"


@pytest.mark.parametrize(
    ("gateway", "beside", "codes"),
    [
        ("higress", ingress({HIGRESS: "web.G.public.nacos"}, name="api", class_name="higress", backend=BRIDGE), True),
        ("higress", ingress({HIGRESS: "WEB.eureka"}, name="api", class_name="higress", backend=BRIDGE), True),
        ("higress", ingress({HIGRESS: "web.dc1.consul:80"}, name="api", class_name="higress", backend=BRIDGE), True),
        (
            "higress",
            ingress({HIGRESS: "stock.G.public.nacos"}, name="api", class_name="higress", backend=BRIDGE),
            False,
        ),
        (
            "higress",
            ingress({HIGRESS: "webb.G.public.nacos"}, name="api", class_name="higress", backend=BRIDGE),
            False,
        ),
        ("higress", ingress({HIGRESS: "web.static:80"}, name="api", class_name="higress", backend=BRIDGE), False),
        # Of a class that Higress does not read, and with the words of another gateway.
        ("higress", ingress({HIGRESS: "web.G.public.nacos"}, name="api", class_name="nginx", backend=BRIDGE), False),
        ("higress", ingress({MSE: "web.G.public.nacos"}, name="api", class_name="higress", backend=BRIDGE), False),
        (
            "mse",
            ingress({MSE: "20% stock.G.public.nacos\n80% web.G.public.nacos v1"}, name="api", backend=BRIDGE),
            True,
        ),
    ],
)
def test_an_ingress_to_a_registry_is_told(gateway: str, beside: Object, codes: bool, tmp_path: Path) -> None:
    assert found(tmp_path, beside, gateway=gateway) == (["GC386"] if codes else [])


def test_where_a_registry_takes_the_place_of_the_entrys_services(tmp_path: Path) -> None:
    entry = ingress({MSE: "100% shop-web.G.public.nacos"})
    assert found(tmp_path, entry=entry) == ["GC386"]


def test_higress_does_not_read_a_destination_beside_services(tmp_path: Path) -> None:
    entry = ingress({HIGRESS: "100% web.DEFAULT-GROUP.public.nacos:8080"}, class_name="higress")
    objects = [workload(), SERVICE, entry]
    findings, _ = build(tmp_path, objects, traffic={"gateway": "higress", "rules": RULES})
    [told] = [each for each in findings if each["code"] == "GC386"]
    assert "Higress reads that only where" in told["message"]


def rollout(strategy: Object | None = None, ref: Object | None = None, *, version: str = "v1beta1") -> Object:
    named = ref or {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    where = {"workloadRef": named} if version == "v1beta1" else {"objectRef": {"workloadRef": named}}
    spec = {**where, "strategy": {"canary": {"steps": [{"replicas": 1}], **(strategy or {})}}}
    return an_object("Rollout", spec, version=f"rollouts.kruise.io/{version}")


STOCK = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "stock"}


def routing(service: str, to: str, header: str = "x-mse-tag", value: str = "next") -> Object:
    modifier = {"set": [{"name": header, "value": value}]}
    spec = {
        "objectRef": [{"service": service, "ingress": {"name": to, "classType": "mse"}}],
        "strategy": {"requestHeaderModifier": modifier},
    }
    return an_object("TrafficRouting", spec, version="rollouts.kruise.io/v1alpha1", name="routing")


@pytest.mark.parametrize(
    ("beside", "codes"),
    [
        (rollout(), ["GC387"]),
        (rollout(version="v1alpha1"), ["GC387"]),
        (rollout(ref=STOCK), []),
        (rollout(ref={"apiVersion": "apps.kruise.io/v1alpha1", "kind": "CloneSet", "name": "web"}), []),
        (rollout({"trafficRoutings": [{"service": "web"}]}, STOCK), ["GC387"]),
        (rollout({"trafficRoutings": [{"service": "stock", "ingress": {"name": "web"}}]}, STOCK), ["GC387"]),
        (rollout({"trafficRoutings": [{"service": "stock", "ingress": {"name": "stock"}}]}, STOCK), []),
        (routing("web", "web"), ["GC387"]),
        (routing("stock", "stock"), []),
        # The tag is the lane's, whoever's pods or requests get it.
        (rollout({"patchPodTemplateMetadata": {"labels": {"alicloud.service.tag": "gray"}}}, STOCK), ["GC389"]),
        (rollout({"patchPodTemplateMetadata": {"labels": {"opensergo.io/canary-gray": "gray"}}}, STOCK), ["GC389"]),
        (rollout({"patchPodTemplateMetadata": {"labels": {"alicloud.service.tag": "next"}}}, STOCK), []),
        (rollout({"patchPodTemplateMetadata": {"labels": {"version": "gray"}}}, STOCK), []),
        (routing("stock", "stock", value="gray"), ["GC389"]),
        (routing("stock", "stock", header="x-lane", value="gray"), []),
        # Argo's Rollout is a workload of its own.
        (an_object("Rollout", {"workloadRef": STOCK}, version="argoproj.io/v1alpha1", name="stock"), []),
    ],
)
def test_kruise_rollouts_are_told(beside: Object, codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, beside) == codes


ASM = "istio.alibabacloud.com/v1"


def group(*services: Object) -> Object:
    return of_cluster("ASMSwimLaneGroup", ASM, {"services": list(services)}, "lanes")


def lane(host: str = "web.shop.svc.cluster.local", name: str = "v1") -> Object:
    rule = {"hosts": ["*"], "route": {"destination": {"host": host}}}
    spec = {"labelSelector": {"version": name}, "ingressRules": [rule]}
    return of_cluster("ASMSwimLane", ASM, spec, name, labels={"swimlane-group": "lanes"})


@pytest.mark.parametrize(
    ("objects", "codes"),
    [
        ([group({"name": "web", "namespace": "shop"})], ["GC388"]),
        ([group({"name": "web", "namespace": "other"})], []),
        ([group({"name": "stock", "namespace": "shop"})], []),
        ([lane()], ["GC388"]),
        ([lane("web.shop")], ["GC388"]),
        ([lane("web.other")], []),
        # One finding for a group and its lanes.
        ([group({"name": "web", "namespace": "shop"}), lane(), lane(name="v2")], ["GC388"]),
    ],
)
def test_lanes_of_asm_are_told(objects: list[Object], codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, *objects) == codes


def test_each_can_be_accepted(tmp_path: Path) -> None:
    accepted = [{"code": "GC387", "object": "Rollout/web", "reason": "never started"}]
    objects = [workload(), SERVICE, ingress(), rollout()]
    findings, _ = build(tmp_path, objects, traffic={"gateway": "mse", "rules": RULES}, accept=accepted)
    assert [each["severity"] for each in findings if each["code"] == "GC387"] == ["note"]
