"""Routers of Traefik's other providers beside a canary: which has a request, and what of it is not proved."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, with_code, workload
from tests.unit.planning.test_entries import ACCEPT, NGINX, RULES, WEB, ingress, ingress_class

H = "h.example.com"
BASE = f"Host(`{H}`) && "
OTHER = an_object("Service", {"selector": {"app": "other"}, "ports": [{"port": 80}]}, name="other")


def ingress_route(match: str, *, group: str = "traefik.io", **route: object) -> Object:
    rule = {"kind": "Rule", "match": match, "services": [{"name": "other", "port": 80}], **route}
    return an_object("IngressRoute", {"entryPoints": ["web"], "routes": [rule]}, version=f"{group}/v1alpha1", name="o")


def own_ingress(path: str, kind: str = "Prefix", **options: str) -> Object:
    made = ingress("o", "traefik", host=H, service="other")
    made["spec"]["rules"][0]["http"]["paths"][0] |= {"path": path, "pathType": kind}
    made["metadata"]["annotations"] = {
        f"traefik.ingress.kubernetes.io/router.{name}": value for name, value in options.items()
    }
    return made


def http_route(path: str, kind: str = "PathPrefix", parent: str = "traefik", **match: object) -> Object:
    rule = {
        "matches": [{"path": {"type": kind, "value": path}, **match}],
        "backendRefs": [{"name": "other", "port": 80}],
    }
    return an_object(
        "HTTPRoute",
        {"parentRefs": [{"name": parent}], "hostnames": [H], "rules": [rule]},
        version="gateway.networking.k8s.io/v1",
        name="o",
    )


def gateway(name: str, controller: str) -> list[Object]:
    return [
        an_object("Gateway", {"gatewayClassName": name}, version="gateway.networking.k8s.io/v1", name=name),
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": name},
            "spec": {"controllerName": controller},
        },
    ]


TRAEFIKS = gateway("traefik", "traefik.io/gateway-controller")
CODES = ("GC512", "GC525", "GC540", "GC542", "GC543")


def found(folder: Path, *objects: Object, entry: Object | None = None, rules: list[Object] = RULES) -> list[str]:
    own = entry or ingress("web", "nginx", host=H)
    findings, _ = build(
        folder,
        [workload(), WEB, OTHER, own, ingress_class("nginx", NGINX), *objects],
        lane={"provider": "mse"},
        traffic={"gateway": "traefik", "guard": False, "rules": rules},
        accept=ACCEPT,
    )
    return [code for code, _ in with_code(findings, *CODES)]


@pytest.mark.parametrize(
    ("objects", "codes"),
    [
        # Below the opened path: its rule is longer than the entry's and shorter than the canary's.
        ([ingress_route(f"{BASE}PathPrefix(`/api`)")], ["GC512"]),
        ([ingress_route(f"{BASE}PathPrefix(`/api`)", group="traefik.containo.us")], ["GC512"]),
        ([ingress_route(f"(Host(`{H}`) || Host(`b.test`)) && Path(`/api`)")], ["GC512"]),
        ([own_ingress("/api")], ["GC512"]),
        ([own_ingress("/api/v1", "Exact")], ["GC512"]),
        ([ingress_route(f"{BASE}PathPrefix(`/api`)", services=[{"name": "api@internal", "kind": "TraefikService"}])],
         ["GC512"]),
        # A priority puts it before the canary, so nothing changes.
        ([ingress_route(f"{BASE}PathPrefix(`/api`)", priority=1000)], []),
        ([own_ingress("/api", priority="1000")], []),
        ([*TRAEFIKS, http_route("/api")], []),
        ([*TRAEFIKS, http_route("/", "Exact")], []),
        # The entry's own router comes before it in production already.
        ([ingress_route("PathPrefix(`/dashboard`)")], []),
        ([own_ingress("/api", "Exact")], []),
        ([ingress_route(f"{BASE}PathPrefix(`/api`)", priority=2)], []),
        # Of another host.
        ([ingress_route("Host(`b.test`) && PathPrefix(`/api`)")], []),
        ([ingress_route("Host(`b.test`) && PathRegexp(`^/api/`)")], []),
        # All of the opened path.
        ([ingress_route(f"{BASE}PathPrefix(`/`)", priority=1000)], ["GC525"]),
        ([own_ingress("/", priority="9999")], ["GC525"]),
        # What is not followed is named.
        ([ingress_route(f"{BASE}PathRegexp(`^/api/[0-9]+`)")], ["GC543"]),
        ([ingress_route(f"{BASE}PathPrefix(`/api`) && !Header(`x-user`, `1`)")], ["GC543"]),
        ([ingress_route("HostRegexp(`.+`) && PathPrefix(`/`) && Method(`GET`)")], ["GC543", "GC542"]),
        ([http_route("/", headers=[{"name": "a", "value": "b"}], parent="unknown")], ["GC543"]),
        ([*gateway("istio", "istio.io/gateway-controller"), http_route("/", "RegularExpression", parent="istio")], []),
    ],
)  # fmt: skip
def test_routers_of_other_providers_are_compared_with_the_canary(
    objects: list[Object], codes: list[str], tmp_path: Path
) -> None:
    assert [code for code in found(tmp_path, *objects) if code != "GC540"] == codes


def test_a_share_has_no_router_of_its_own(tmp_path: Path) -> None:
    assert found(tmp_path, ingress_route(f"{BASE}PathPrefix(`/api`)"), rules=[{"weight": 10}]) == []


@pytest.mark.parametrize(
    ("other", "path", "goes"),
    [
        (ingress_route(f"{BASE}PathPrefix(`/`)", priority=1000), "/", "other"),
        (ingress_route(f"{BASE}PathPrefix(`/api`)", priority=1000), "/api/x", "other"),
        (ingress_route(f"{BASE}PathPrefix(`/api`)", priority=1000), "/apix", "other"),
        (ingress_route(f"{BASE}PathPrefix(`/api`)", priority=1000), "/", "web-mse-gray"),
        (own_ingress("/api", priority="1000"), "/api", "other"),
    ],
)
def test_route_reads_them_too(other: Object, path: str, goes: str, tmp_path: Path) -> None:
    # What a build refuses is asked all the same.
    found(tmp_path, other)
    asked = ["route", "release.yaml", "--host", H, "--path", path, "-H", "x-user: 1", "-f", "json"]

    told = json.loads(run_grayc(asked, folder=tmp_path).stdout)

    assert [to["service"] for to in told["destinations"]] == [goes]
