"""Which routes a Gateway's listeners take, and what answers where several do.

Source of the cases: kubernetes-sigs/gateway-api, apis/v1/shared_types.go and gateway_types.go; conformance/tests,
httproute-hostname-intersection, httproute-listener-port-matching, gateway-http-listener-isolation.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from grayc.documents import parse_documents
from grayc.routing.gateway_api import HttpRoutes, simulate
from grayc.routing.model import Request
from grayc.source import SourceFile
from tests.gateways.manifests import match, route, rule, service
from tests.manifests import Object, a_namespace, stream
from tests.vectors import rows

HTTP: Object = {"name": "http", "port": 80, "protocol": "HTTP"}
HTTPS: Object = {"name": "https", "port": 443, "protocol": "HTTPS"}


def gateway(*listeners: Object, name: str = "gw", namespace: str = "default") -> Object:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"gatewayClassName": "eg", "listeners": list(listeners)},
    }


def on(made: Object, *parents: Object) -> Object:
    """Return a route with other parents."""
    return {**made, "spec": {**made["spec"], "parentRefs": list(parents)}}


def grpc(name: str, *rules: Object, age: int = 0) -> Object:
    return {**route(name, rules, age=age), "kind": "GRPCRoute"}


def calls(service: str = "", method: str = "", kind: str = "") -> Object:
    asked = {"service": service, "method": method, "type": kind}
    return {"method": {key: value for key, value in asked.items() if value}}


def router(*objects: Object) -> HttpRoutes:
    services = [service(name) for name in ("web", "gray", "other")]
    documents = parse_documents(SourceFile(name="a.yaml", text=stream([*objects, *services]))).value
    assert documents is not None
    return simulate(documents)


def answer(found: HttpRoutes, host: str = "h.test", path: str = "/", **headers: str) -> str:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    reply = found.route(Request(host=host, path=path, headers=sent))
    return str(reply.status or reply.destinations[0].service)


WEB = route("web", [rule("web")])
REDIRECT = route(
    "redirect",
    [{"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]}],
    age=9,
)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_redirect_of_one_listener_says_nothing_of_the_other(known: bool) -> None:
    pair = (on(REDIRECT, {"name": "gw", "sectionName": "http"}), on(WEB, {"name": "gw", "sectionName": "https"}))
    found = router(*pair, *([gateway(HTTP, HTTPS)] if known else []))

    assert answer(found) == "web"
    by_door = {door.section or str(door.port): found.at(door, Request(host="h.test")) for door in found.doors}
    assert sorted(str(reply.status or reply.destinations[0].service) for reply in by_door.values()) == ["301", "web"]


def test_a_redirect_alone_is_the_answer() -> None:
    assert answer(router(REDIRECT)) == "301"


@pytest.mark.parametrize(
    "parent",
    [
        {"kind": "Service", "group": "", "name": "web", "port": 80},
        {"kind": "ServiceEntry", "group": "networking.istio.io", "name": "web"},
        {"kind": "Mesh", "group": "gateway.networking.x-k8s.io", "name": "mesh"},
    ],
    ids=lambda parent: str(parent["kind"]),
)
def test_nothing_comes_in_by_a_mesh(parent: Object) -> None:
    assert answer(router(on(WEB, parent))) == "404"
    assert answer(router(on(WEB, parent, {"name": "gw"}))) == "web"


def test_a_route_without_parents_is_read_nowhere() -> None:
    assert answer(router(on(WEB))) == "404"


class Taken(NamedTuple):
    listener: Object
    parent: Object
    expected: str


@pytest.mark.parametrize(Taken._fields, rows(__file__, "listeners.yaml", Taken), ids=str)
def test_a_listener_takes_what_it_says(listener: Object, parent: Object, expected: str) -> None:
    assert answer(router(gateway({**HTTP, **listener}), on(WEB, {"name": "gw", **parent}))) == expected


def labelled(name: str, **labels: str) -> Object:
    return a_namespace(name, labels=labels)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ({}, "404"),
        ({"from": "Same"}, "404"),
        ({"from": "All"}, "web"),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "shop"}}}, "web"),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "infra"}}}, "404"),
        ({"from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}}}, "web"),
    ],
    ids=str,
)
def test_a_listener_takes_routes_of_the_namespaces_that_it_says(allowed: Object, expected: str) -> None:
    listener = {**HTTP, "allowedRoutes": {"namespaces": allowed}}
    far = gateway(listener, namespace="infra")

    found = router(far, labelled("default", team="shop"), on(WEB, {"name": "gw", "namespace": "infra"}))

    assert answer(found) == expected


@pytest.mark.parametrize(
    ("hosts", "host", "expected"),
    [
        ((), "a.shop.test", "web"),
        ((), "a.test", "404"),
        (("*.test",), "a.shop.test", "web"),
        (("*.test",), "a.test", "404"),
        (("*.a.shop.test",), "b.a.shop.test", "web"),
        (("*.a.shop.test",), "b.shop.test", "404"),
        (("a.shop.test", "a.test"), "a.test", "404"),
    ],
)
def test_hosts_are_those_that_listener_and_route_both_name(hosts: Sequence[str], host: str, expected: str) -> None:
    assert (
        answer(
            router(gateway({**HTTP, "hostname": "*.shop.test"}), route("web", [rule("web")], hosts=hosts)), host=host
        )
        == expected
    )


def test_two_gateways_with_one_host_are_two_doors() -> None:
    inside = on(route("in", [rule("web")], age=5), {"name": "internal"})
    outside = on(
        route("ext", [rule("gray", matches=[match("/", headers={"x-gray": "1"})]), rule("other")]), {"name": "external"}
    )
    found = router(inside, outside)

    replies = {door.gateway: found.at(door, Request(host="h.test", headers=(("x-gray", "1"),))) for door in found.doors}
    assert {name: reply.destinations[0].service for name, reply in replies.items()} == {
        "default/internal": "web",
        "default/external": "gray",
    }
    told = found.route(Request(host="h.test")).why
    assert told[0] == "the request comes in by Gateway default/internal"
    assert told[-1] == "by Gateway default/external it goes to other"


def test_the_door_that_a_lane_is_on_is_asked_first() -> None:
    inside = on(route("in", [rule("web")], age=5), {"name": "internal"})
    outside = on(route("ext", [rule("other")]), {"name": "external"})
    outside["metadata"]["labels"] = {"zadigx-release-version": "gray"}

    assert answer(router(inside, outside)) == "other"


def test_an_https_listener_has_the_requests_for_its_host_to_itself() -> None:
    wide, narrow = {**HTTPS, "name": "wide"}, {**HTTPS, "name": "narrow", "hostname": "*.test"}
    found = router(gateway(wide, narrow), on(WEB, {"name": "gw", "sectionName": "wide"}))

    assert answer(found, host="h.test") == "404"


def test_a_listener_set_brings_listeners_to_its_gateway() -> None:
    extra: Object = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "ListenerSet",
        "metadata": {"name": "more", "namespace": "default"},
        "spec": {"parentRef": {"name": "gw"}, "listeners": [{**HTTP, "hostname": "h.test"}]},
    }
    named = on(WEB, {"kind": "ListenerSet", "group": "gateway.networking.k8s.io", "name": "more"})

    assert answer(router(gateway({**HTTP, "hostname": "x.test"}), extra, named)) == "web"
    assert answer(router(gateway({**HTTP, "hostname": "x.test"}), extra, WEB)) == "404"


@pytest.mark.parametrize(
    ("asked", "path", "expected"),
    [
        (calls("pkg.Svc", "Get"), "/pkg.Svc/Get", "web"),
        (calls("pkg.Svc", "Get"), "/pkg.Svc/GetAll", "404"),
        (calls("pkg.Svc"), "/pkg.Svc/Get", "web"),
        (calls("pkg.Svc"), "/pkg.Svc2/Get", "404"),
        (calls(method="Get"), "/any.Svc/Get", "web"),
        (calls(method="Get"), "/any.Svc/Put", "404"),
        (calls("pkg[.].*", kind="RegularExpression"), "/pkg.Other/Get", "web"),
        (calls(method="Get|Put", kind="RegularExpression"), "/pkg.Svc/Put", "404"),
        ({}, "/pkg.Svc/Get", "web"),
    ],
    ids=str,
)
def test_a_grpc_route_names_service_and_method(asked: Object, path: str, expected: str) -> None:
    assert answer(router(grpc("g", rule("web", matches=[asked]))), path=path) == expected


def test_grpc_matches_are_ranked_by_service_then_method_then_headers() -> None:
    found = router(
        grpc(
            "g",
            rule("other", matches=[calls("pkg.Svc")]),
            rule("gray", matches=[{**calls("pkg.Svc"), "headers": [{"name": "x-gray", "value": "1"}]}]),
            rule("web", matches=[calls("pkg.Svc", "Get")]),
        )
    )

    assert answer(found, path="/pkg.Svc/Get", x_gray="1") == "web"
    assert answer(found, path="/pkg.Svc/Put", x_gray="1") == "gray"
    assert answer(found, path="/pkg.Svc/Put") == "other"


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ({"group": "gateway.envoyproxy.io", "kind": "Backend", "name": "ext"}, "Backend/ext"),
        ({"group": "multicluster.x-k8s.io", "kind": "ServiceImport", "name": "ext"}, "ServiceImport/ext"),
        ({"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "child"}, "HTTPRoute/child"),
        ({"kind": "ConfigMap", "name": "ext"}, "500"),
        ({"name": "missing"}, "500"),
    ],
    ids=str,
)
def test_a_backend_that_is_no_service_is_named_and_not_followed(ref: Object, expected: str) -> None:
    assert answer(router(route("r", [{"backendRefs": [ref]}]))) == expected
