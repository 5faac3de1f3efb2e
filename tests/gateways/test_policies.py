"""Envoy Gateway as the judge of policies that go along: `egctl` over what a release writes beside production's objects.

Each case is also asked without the copies, where the gray routes must be without the policy: so the question can fail.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.gateway_api import CONTROLLER, GATEWAY_CLASS, egctl, in_namespaces
from tests.gateways.manifests import NAMESPACE, match, route, rule, service, workload
from tests.manifests import Object, an_object, run_build, stream

HEADER: Object = {"header": "x-user", "value": "100"}
ADDRESSES = {"web": "10.0.0.1", "web-mse-gray": "10.0.0.2", "docs": "10.0.0.3"}
JWT: Object = {
    "jwt": {"providers": [{"name": "shop", "remoteJWKS": {"uri": "https://id.example.com/jwks.json"}}]},
}
TIMEOUT: Object = {"timeout": {"http": {"requestTimeout": "7s"}}}
TLS: Object = {"validation": {"hostname": "web.internal", "wellKnownCACertificates": "System"}}


def policy(kind: str, target: Object, spec: Object, group: str = "gateway.envoyproxy.io/v1alpha1") -> Object:
    return an_object(kind, {"targetRefs": [target], **spec}, version=group, name="p", namespace=NAMESPACE)


def on_route(**section: str) -> Object:
    return {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "web", **section}


def built(folder: Path, objects: Sequence[Object], rules: Sequence[Object]) -> list[Object]:
    """Return what a release of `web` writes beside these objects."""
    traffic = {"gateway": "gateway-api", "guard": False, "rules": list(rules)}
    baseline = [workload(), service("web"), service("docs"), *objects]
    made = run_build(folder, baseline, namespace=NAMESPACE, traffic=traffic)
    assert made.status == 0, made.findings
    return made.objects


def translated(*clusters: Sequence[Object]) -> list[Any]:
    """Return Envoy's configuration as Envoy Gateway makes it of all objects of a cluster, for each of some clusters.

    Each has a namespace of its own, and they are translated together: the start of `egctl` takes longer than the rest.
    """
    made: list[Object] = [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": GATEWAY_CLASS},
            "spec": {"controllerName": CONTROLLER},
        }
    ]
    for number, objects in enumerate(clusters):
        listener = {"name": "http", "port": 80, "protocol": "HTTP"}
        gateway: Object = {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "gw", "namespace": "default"},
            "spec": {"gatewayClassName": GATEWAY_CLASS, "listeners": [listener]},
        }
        read = [
            {**item, "spec": {**item["spec"], "clusterIP": ADDRESSES[item["metadata"]["name"]]}}
            if item["kind"] == "Service"
            else item
            for item in objects
            if item["kind"] != "Deployment"
        ]
        made += [in_namespaces(item, f"c{number}-") for item in (gateway, *read)]
    done = egctl(stream(made))
    assert done.status == 0, done.stderr
    xds = json.loads(done.stdout)["xds"]
    assert set(xds) == {f"c{number}-default/gw" for number in range(len(clusters))}
    return [xds[f"c{number}-default/gw"] for number in range(len(clusters))]


def _all(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for item in value.values():
            yield from _all(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _all(item, key)


def routes(xds: Any) -> list[tuple[set[str], Object]]:
    """Return every route of Envoy, each with the Services behind it."""
    names = {address: name for name, address in ADDRESSES.items()}
    behind = {
        config["clusterName"]: {names[address["address"]] for address in _all(config, "socketAddress")}
        for config in _all(xds, "endpointConfig")
    }
    found = []
    for listed in _all(xds, "virtualHosts"):
        for host in listed:
            for item in host["routes"]:
                action = item.get("route", {})
                clusters = (
                    [action["cluster"]]
                    if "cluster" in action
                    else [each["name"] for each in action.get("weightedClusters", {}).get("clusters", ())]
                )
                found.append(({name for cluster in clusters for name in behind.get(cluster, ())}, item))
    return found


def asks_for_login(item: Object) -> bool:
    return "envoy.filters.http.jwt_authn" in item.get("typedPerFilterConfig", {})


def gives_up(item: Object) -> bool:
    return bool(item.get("route", {}).get("timeout") == "7s")


RULES = [
    rule("web", name="api", matches=[match("/api")]),
    rule("web", name="open", matches=[match("/open")]),
    rule("docs", name="docs", matches=[match("/docs")]),
]


KINDS: dict[str, tuple[Object, Callable[[Object], bool]]] = {
    "SecurityPolicy": (JWT, asks_for_login),
    "BackendTrafficPolicy": (TIMEOUT, gives_up),
}
SECTIONS: dict[str, Object] = {"route": {}, "rule": {"sectionName": "api"}}
BY: dict[str, list[Object]] = {"header": [HEADER], "weight": [HEADER, {"weight": 20}]}
CASES = tuple(product(KINDS, SECTIONS, BY))

Routes = list[tuple[set[str], Object]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Routes]:
    """Return the routes with what a release writes, without its copies of the policy, and with neither.

    The keys are a case with "" and with "without", and kind and section alone.
    """
    asked: dict[tuple[str, ...], list[Object]] = {}
    for kind, section, by in CASES:
        objects = [route("web", RULES), policy(kind, on_route(**SECTIONS[section]), KINDS[kind][0])]
        production = [service("web"), service("docs"), *objects]
        made = built(tmp_path_factory.mktemp("policy"), objects, BY[by])
        asked[kind, section] = production
        asked[kind, section, by, ""] = [*production, *made]
        asked[kind, section, by, "without"] = [*production, *(item for item in made if item["kind"] != kind)]
    return dict(zip(asked, map(routes, translated(*asked.values())), strict=True))


@pytest.mark.parametrize(("kind", "section", "by"), CASES)
def test_a_policy_of_the_route_holds_on_the_gray_one(
    kind: str, section: str, by: str, judged: dict[tuple[str, ...], Routes]
) -> None:
    found, without, alone = judged[kind, section, by, ""], judged[kind, section, by, "without"], judged[kind, section]
    holds, named = KINDS[kind][1], SECTIONS[section]

    gray = [(item, item["match"].get("pathSeparatedPrefix")) for services, item in found if "web-mse-gray" in services]
    assert len(gray) >= 2
    assert [path for item, path in gray if not holds(item)] == [path for _, path in gray if named and path != "/api"]
    assert not any(holds(item) for services, item in without if "web-mse-gray" in services)
    # Production's own rules are as they were.
    before = {item["match"].get("pathSeparatedPrefix"): holds(item) for _, item in alone}
    assert all(
        before[item["match"].get("pathSeparatedPrefix")] == holds(item)
        for services, item in found
        if "web-mse-gray" not in services
    )


def test_a_gray_service_is_called_with_the_tls_of_the_baselines(tmp_path: Path) -> None:
    target = {"group": "", "kind": "Service", "name": "web"}
    objects = [route("web", [rule("web")]), policy("BackendTLSPolicy", target, TLS, "gateway.networking.k8s.io/v1")]
    made = built(tmp_path, objects, [HEADER])
    production = [service("web"), *objects]

    found, without = (
        ["transportSocket" in json.dumps(cluster) for cluster in _clusters(xds)]
        for xds in translated(
            [*production, *made], [*production, *(item for item in made if item["kind"] != "BackendTLSPolicy")]
        )
    )

    assert found == [True, True]
    assert sorted(without) == [False, True]


def _clusters(xds: Any) -> list[Object]:
    return [item for item in _all(xds, "cluster") if isinstance(item, dict) and "httproute" in item.get("name", "")]
