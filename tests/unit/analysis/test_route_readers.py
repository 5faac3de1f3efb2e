"""Which mesh reads a Service's routes for a call: seen, missing, or unknown; and the Services that have no routes."""

from pathlib import Path

import pytest

from tests.manifests import Object, a_namespace, an_object
from tests.unit.analysis.test_carried import HTTP, ON, Case, Pods, calling, fields, tell, waypoint

LINKERD = "linkerd.io/inject: enabled"


PLAIN = [a_namespace()]
LED = [a_namespace(annotations=fields(LINKERD))]
OTHER = [a_namespace("other", annotations=fields(LINKERD))]
CILIUM: list[Object] = [
    {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": "cilium"},
        "spec": {"controllerName": "io.cilium/gateway-controller"},
    }
]


def pods(annotations: str) -> Case:
    return case(web=Pods(annotations=annotations))


def case(**more: object) -> Case:
    return Case(provider="gateway-api", **{"namespace": None, **more})  # type: ignore[arg-type]


def linkerd(**more: object) -> Case:
    return case(**{"others": LED, **more})


TO_CART = '{group: "", kind: Service, name: cart, namespace: shop}'
ALL_TO_CART = "{backendRefs: [{name: cart, namespace: shop, port: 80}]}"


def route(
    kind: str = "HTTPRoute", parents: str = TO_CART, rules: str = ALL_TO_CART, home: str = "shop"
) -> list[Object]:
    version = "gateway.networking.k8s.io/v1alpha2" if kind == "TCPRoute" else "gateway.networking.k8s.io/v1"
    spec = fields(f"parentRefs: [{parents}], rules: [{rules}]")
    return [an_object(kind, spec, version=version, name="own", namespace=home)]


def profile(name: str) -> list[Object]:
    return [an_object("ServiceProfile", version="linkerd.io/v1alpha2", name=name)]


@pytest.mark.parametrize(
    ("given", "carried", "why"),
    [
        (case(), "unknown", "nothing in the baseline shows a mesh"),
        (case(others=PLAIN), "unknown", "nothing in the baseline shows a mesh"),
        (pods(LINKERD), "carried", ""),
        (linkerd(), "carried", ""),
        (linkerd(web=Pods(annotations="linkerd.io/inject: disabled")), "not carried", "so no proxy of Linkerd"),
        (pods("linkerd.io/inject: ingress"), "unknown", "goes by headers of its own"),
        (linkerd(web=Pods(host="hostNetwork: true")), "not carried", "use the node's network"),
        (case(web=Pods(more='{name: linkerd-proxy, image: "p:1"}')), "carried", ""),
        (case(others=OTHER), "unknown", "ask for no proxy of Linkerd, and Namespace `shop` is not in the baseline"),
        (case(others=OTHER + PLAIN), "not carried", "neither they nor Namespace `shop` ask for one"),
        (linkerd(web=Pods(annotations='config.linkerd.io/skip-outbound-ports: "25, 70-90"')), "not carried", "pass by"),
        (linkerd(web=Pods(annotations="config.linkerd.io/skip-outbound-ports: 8080")), "carried", ""),
        (linkerd(annotations='config.linkerd.io/opaque-ports: "80"'), "not carried", "is opaque to Linkerd"),
        (linkerd(annotations="config.linkerd.io/opaque-ports: http"), "not carried", "is opaque to Linkerd"),
        (linkerd(ports="{name: http, port: 4444}"), "not carried", "is opaque to Linkerd"),
        (linkerd(ports="{port: 80}"), "carried", ""),
        (case(web=Pods(labels="kuma.io/sidecar-injection: enabled")), "unknown", "Kuma may take it for TCP"),
        (
            case(web=Pods(labels="kuma.io/sidecar-injection: enabled"), ports="{port: 80, appProtocol: http}"),
            "carried",
            "",
        ),
        (case(web=Pods(labels="kuma.io/sidecar-injection: disabled")), "not carried", "no proxy of Kuma"),
        (case(others=CILIUM), "carried", ""),
        (case(namespace=ON), "carried", ""),
        (case(namespace="istio.io/dataplane-mode: ambient"), "not carried", "has no `istio.io/use-waypoint`"),
        (
            case(
                namespace="istio.io/dataplane-mode: ambient, istio.io/use-waypoint: way",
                others=waypoint("way", "service"),
            ),
            "carried",
            "",
        ),
        (case(namespace=ON, ports="{name: tcp-redis, port: 6379}"), "not carried", ""),
    ],
)
def test_a_mesh_that_reads_the_routes_carries_the_call(given: Case, carried: str, why: str, tmp_path: Path) -> None:
    told = tell(tmp_path, given)

    assert (told[0], why in told[1]) == (carried, True), told


@pytest.mark.parametrize(
    ("given", "carried", "why"),
    [
        (linkerd(spec="clusterIP: None"), "not carried", "is headless"),
        (linkerd(ports="{name: tcp-gossip, port: 7946}"), "not carried", "has no port of HTTP or gRPC"),
        (linkerd(ports=f"{HTTP}, {{name: tcp, port: 5000}}"), "carried", ""),
        (linkerd(others=profile("cart.shop.svc.cluster.local")), "unknown", "nothing in the baseline"),
    ],
)
def test_a_service_that_no_route_can_lead_to_stays(given: Case, carried: str, why: str, tmp_path: Path) -> None:
    told = tell(tmp_path, given)

    assert (told[0], why in told[1]) == (carried, True), told


@pytest.mark.parametrize(
    ("others", "carried", "why"),
    [
        (profile("cart.shop.svc.cluster.local"), "not carried", "takes the place of all routes"),
        (profile("pay.shop.svc.cluster.local"), "carried", ""),
        (route(), "carried", "once HTTPRoute `own` is changed"),
        (route("GRPCRoute"), "carried", "once GRPCRoute `own` is changed"),
        (route(home="desk"), "carried", ""),
        (route("TCPRoute"), "not carried", "asks for no header"),
        (route(rules="{backendRefs: [{name: elsewhere, port: 80}]}"), "not carried", "leads to a released Service"),
        (route(parents='{group: "", kind: Service, name: cart}, {name: public}'), "not carried", "has a Gateway among"),
        (route("TCPRoute", parents='{group: "", kind: Service, name: cart, port: 5000}'), "carried", ""),
    ],
)
def test_routes_of_production_count(others: list[Object], carried: str, why: str, tmp_path: Path) -> None:
    told = tell(tmp_path, case(others=LED + others))

    assert (told[0], why in told[1]) == (carried, True), told


@pytest.mark.parametrize(
    ("text", "carried", "why"),
    [
        ("http://cart:80", "carried", ""),
        ("https://cart:80", "not carried", "encrypts what it sends"),
        ("http://cart:5000", "not carried", "port 5000 of Service `cart` is not of HTTP or gRPC"),
    ],
)
def test_the_address_that_the_caller_has_says_by_which_port(text: str, carried: str, why: str, tmp_path: Path) -> None:
    made = calling(text, f"{HTTP}, {{name: tcp, port: 5000}}", others=LED)
    told = tell(tmp_path, case(web=made.web, ports=made.ports, others=LED))

    assert (told[0], why in told[1]) == (carried, True), told


def test_istio_follows_a_route_of_the_gateway_api_in_the_place_of_its_own(tmp_path: Path) -> None:
    told = tell(tmp_path, Case(others=route()))

    assert told[0] == "not carried"
    assert "Istio follows it in the place of a VirtualService" in told[1]
