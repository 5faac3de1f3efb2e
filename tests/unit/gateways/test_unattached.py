"""An opened route that no listener takes is named, with each Gateway's reason; one that may be taken is not."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import Object, an_object, build, workload
from tests.unit.planning.test_entries import RULES, WEB

API = "gateway.networking.k8s.io/v1"
ISTIO = "networking.istio.io/v1"
H = "shop.test"


def gateway(namespace: str = "shop", name: str = "g", **listener: Any) -> Object:
    spec = {"listeners": [{"name": "http", "port": 80, "protocol": "HTTP", **listener}]}
    return {"apiVersion": API, "kind": "Gateway", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def route(*parents: Object, host: str = H) -> Object:
    rules = [{"backendRefs": [{"name": "web", "port": 80}]}]
    return an_object("HTTPRoute", {"parentRefs": [*parents], "hostnames": [host], "rules": rules}, version=API)


def istio_gateway(hosts: list[str], namespace: str = "shop", **server: Any) -> Object:
    servers = [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": hosts, **server}]
    return {
        "apiVersion": ISTIO,
        "kind": "Gateway",
        "metadata": {"name": "g", "namespace": namespace},
        "spec": {"selector": {"istio": "ingressgateway"}, "servers": servers},
    }


def virtual_service(gateways: list[str], **spec: Any) -> Object:
    http = [{"route": [{"destination": {"host": "web"}}]}]
    return an_object("VirtualService", {"hosts": [H], "gateways": gateways, "http": http, **spec}, version=ISTIO)


G = {"name": "g"}
INFRA = {"name": "g", "namespace": "infra"}


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ([gateway("infra"), route(INFRA)], "takes no route of namespace `shop`"),
        ([gateway(hostname="*.corp.test"), route(G)], "is for `*.corp.test`"),
        ([gateway(protocol="TLS"), route(G)], "has no listener for HTTP"),
        ([gateway(allowedRoutes={"kinds": [{"kind": "GRPCRoute"}]}), route(G)], "takes no HTTPRoute"),
        ([gateway(), route({**G, "sectionName": "https"})], "has no listener for HTTP called `https`"),
        ([gateway(), route({**G, "port": 8080})], "has no listener for HTTP on port 8080"),
        ([gateway(), route(G)], ""),
        ([gateway(hostname="*.test"), route(G)], ""),
        ([route(G)], ""),
        ([gateway("infra"), route(INFRA, {"name": "unknown"})], ""),
        ([gateway("infra", allowedRoutes={"namespaces": {"from": "All"}}), route(INFRA)], ""),
    ],
)
def test_routes_of_the_gateway_api(objects: list[Object], reason: str, tmp_path: Path) -> None:
    check(tmp_path, "gateway-api", objects, reason)


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ([istio_gateway(["*.corp.test"]), virtual_service(["g"])], "is for `*.corp.test`"),
        ([istio_gateway(["edge/*"]), virtual_service(["g"])], "takes no VirtualService of namespace `shop`"),
        (
            [
                istio_gateway([H], port={"number": 443, "name": "s", "protocol": "HTTPS"}, tls={"mode": "PASSTHROUGH"}),
                virtual_service(["g"]),
            ],
            "reads no HTTP",
        ),
        ([istio_gateway(["*"], "istio-system"), virtual_service(["istio-system/g"], exportTo=["."])], "`exportTo`"),
        ([istio_gateway(["*"]), virtual_service(["g"])], ""),
        ([istio_gateway(["shop/*.test"]), virtual_service(["g"])], ""),
        ([istio_gateway(["*.corp.test"]), virtual_service(["g", "other/unknown"])], ""),
        ([virtual_service(["g"])], ""),
    ],
)
def test_routes_of_istio(objects: list[Object], reason: str, tmp_path: Path) -> None:
    check(tmp_path, "istio", objects, reason)


def check(folder: Path, gateway_name: str, objects: list[Object], reason: str) -> None:
    findings, _ = build(
        folder,
        [workload(), WEB, *objects],
        lane={"provider": "mse"},
        traffic={"gateway": gateway_name, "guard": False, "rules": RULES},
    )
    told = [each["message"] for each in findings if each["code"] == "GC546"]
    assert len(told) == bool(reason)
    assert not reason or reason in told[0]
