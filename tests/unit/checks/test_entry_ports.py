"""The port that an entry asks of its Service is one that the Service has."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import Object, an_object, build, with_code, workload

LABELS = {"app": "web", "zadigx-release-version": "original"}
ACCEPT = [{"code": "GC508", "reason": "the web calls no gray service"}]


def service(*ports: Object, **spec: Any) -> Object:
    return an_object("Service", {"selector": LABELS, "ports": list(ports), **spec})


def ingress(port: Object, class_name: str = "mse", path: str = "/") -> Object:
    backend = {"service": {"name": "web", "port": port}}
    rule = {"host": "a.test", "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    spec = {"ingressClassName": class_name, "rules": [rule]}
    return an_object("Ingress", spec, version="networking.k8s.io/v1")


def route(port: int) -> Object:
    spec = {
        "parentRefs": [{"name": "edge"}],
        "hostnames": ["a.test"],
        "rules": [{"backendRefs": [{"name": "web", "port": port}]}],
    }
    return an_object("HTTPRoute", spec, version="gateway.networking.k8s.io/v1")


def virtual_service(port: int) -> Object:
    way = {"destination": {"host": "web", "port": {"number": port}}}
    spec = {"hosts": ["a.test"], "gateways": ["edge"], "http": [{"route": [way]}]}
    return an_object("VirtualService", spec, version="networking.istio.io/v1")


def told(
    folder: Path, asked: Object, *, of: Object, gateway: str = "mse", patch: list[Object] | None = None
) -> list[tuple[str, str]]:
    patches = [{"target": {"kind": "Service", "name": "web"}, "json6902": patch}] if patch else []
    findings, _ = build(
        folder,
        [workload(), of, asked],
        lane={"provider": "mse"},
        services=[{"name": "web", **({"patches": patches} if patches else {})}],
        traffic={"gateway": gateway, "guard": False, "rules": [{"header": "x-user", "value": "1"}]},
        accept=ACCEPT if gateway in ("ingress-nginx", "traefik") else [],
    )
    return [(code, ref or "") for code, ref in with_code(findings, "GC560", "GC561")]


HTTP: Object = {"name": "http", "port": 80, "targetPort": 8080}
LACKS = [("GC560", "Ingress/web")]


@pytest.mark.parametrize(
    ("port", "gateway", "found"),
    [
        ({"number": 80}, "mse", []),
        ({"name": "http"}, "mse", []),
        ({"number": 8080}, "mse", LACKS),
        ({"name": "web"}, "higress", LACKS),
        # nginx takes what the port leads to as well, Traefik's provider for it does not.
        ({"number": 8080}, "ingress-nginx", []),
        ({"number": 8081}, "ingress-nginx", LACKS),
        ({"number": 8080}, "traefik", LACKS),
    ],
)
def test_the_port_of_an_ingress(port: Object, gateway: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    class_name = "nginx" if gateway in ("ingress-nginx", "traefik") else gateway

    assert told(tmp_path, ingress(port, class_name), of=service(HTTP), gateway=gateway) == found


@pytest.mark.parametrize("of", [service(type="ExternalName", externalName="web.example.com"), service()])
def test_a_service_that_says_no_ports_lacks_none(of: Object, tmp_path: Path) -> None:
    assert told(tmp_path, ingress({"number": 8080}), of=of) == []


def test_the_port_of_an_http_route(tmp_path: Path) -> None:
    assert told(tmp_path / "a", route(8080), of=service(HTTP), gateway="gateway-api") == [("GC560", "HTTPRoute/web")]
    assert told(tmp_path / "b", route(80), of=service(HTTP), gateway="gateway-api") == []


def test_the_port_of_a_virtual_service(tmp_path: Path) -> None:
    lacks = [("GC560", "VirtualService/web")]
    assert told(tmp_path / "a", virtual_service(8080), of=service(HTTP), gateway="istio") == lacks
    assert told(tmp_path / "b", virtual_service(80), of=service(HTTP), gateway="istio") == []


def test_a_patch_that_takes_the_port_of_the_gray_service(tmp_path: Path) -> None:
    patch = [{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]

    assert told(tmp_path / "a", ingress({"number": 80}), of=service(HTTP), patch=patch) == [("GC561", "Ingress/web")]
    # What the baseline lacks is told once.
    assert told(tmp_path / "b", ingress({"number": 81}), of=service(HTTP), patch=patch) == LACKS
