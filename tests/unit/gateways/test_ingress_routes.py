"""Traefik's own routes: what stands beside an IngressRoute, and beside an Ingress of Traefik's own class."""

import json
from pathlib import Path
from typing import Any

import pytest

from grayc.analysis.patterns_meet import PatternMeetings
from grayc.documents import parse_documents
from grayc.driver.witness_requests import shapes_of
from grayc.plan.model import EntryPath
from grayc.source import SourceFile
from tests.manifests import Object, an_object, build, workload
from tests.unit.planning.test_entries import WEB, ingress

RULES = [{"header": "x-user-id", "value": "100"}]


def ingress_route(name: str, *routes: Object, **spec: Any) -> Object:
    return an_object(
        "IngressRoute",
        {"entryPoints": ["web"], **spec, "routes": list(routes)},
        version="traefik.io/v1alpha1",
        name=name,
    )


def rule(match: str, service: str = "web", **more: Any) -> Object:
    return {"kind": "Rule", "match": match, "services": [{"name": service, "port": 80}], **more}


def made(folder: Path, *objects: Object, rules: list[Object] | None = None) -> tuple[list[str], dict[str, Object]]:
    """Return the codes of the findings, and the objects of Traefik by kind."""
    findings, found = build(
        folder,
        [workload(), WEB, *objects],
        lane={"provider": "istio"},
        services=[{"name": "web"}],
        traffic={"gateway": "traefik", "guard": False, "rules": rules or RULES},
    )
    return [each["code"] for each in findings], {
        item["kind"]: item["spec"] for item in found if item["apiVersion"].startswith("traefik.io")
    }


def test_a_gray_route_has_the_priority_just_above_its_bases_and_all_that_its_base_has(tmp_path: Path) -> None:
    base = rule("Host(`h.test`)", middlewares=[{"name": "login"}], observability={"tracing": False})
    codes, found = made(tmp_path, ingress_route("a", base, tls={"certResolver": "le"}))

    assert "GC512" not in codes
    assert found["IngressRoute"]["entryPoints"] == ["web"]
    assert found["IngressRoute"]["tls"] == {"certResolver": "le"}
    [route] = found["IngressRoute"]["routes"]
    assert route["match"] == "Host(`h.test`) && Header(`x-user-id`, `100`)"
    assert route["priority"] == len("Host(`h.test`)") + 1
    assert route["middlewares"] == [{"name": "login"}, {"name": "a-header-gray"}]
    assert route["observability"] == {"tracing": False}
    assert found["Middleware"] == {"headers": {"customRequestHeaders": {"x-gray-tag": "gray"}}}


def test_a_priority_that_is_written_is_the_one_that_counts(tmp_path: Path) -> None:
    _, found = made(tmp_path, ingress_route("a", rule("Host(`h.test`)", priority=7)))
    assert [route["priority"] for route in found["IngressRoute"]["routes"]] == [8]


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        # A longer path comes before the lane's route as it does before production's.
        (rule("Host(`h.test`) && PathPrefix(`/api`)", "api"), []),
        (rule("Host(`h.test`) && PathPrefix(`/api`)", "api", priority=15), ["GC512"]),
        (rule("Host(`h.test`) && PathPrefix(`/api`)", "api", priority=14), ["GC512"]),
        (rule("Host(`h.test`) && PathPrefix(`/api`)", "api", priority=16), []),
        (rule("Host(`h.test`) && ClientIP(`10.0.0.0/8`)", "api", priority=15), ["GC543"]),
        (rule("Host(`other.test`)", "api", priority=15), []),
    ],
)
def test_a_router_of_the_lanes_priority_is_told(other: Object, codes: list[str], tmp_path: Path) -> None:
    found, _ = made(tmp_path, ingress_route("a", rule("Host(`h.test`)")), ingress_route("b", other))
    assert [code for code in found if code in ("GC512", "GC543", "GC525")] == codes


def test_a_router_of_other_entry_points_does_not_meet_the_lanes(tmp_path: Path) -> None:
    other = ingress_route("b", rule("Host(`h.test`)", "api", priority=15), entryPoints=["metrics"])
    codes, _ = made(tmp_path, ingress_route("a", rule("Host(`h.test`)")), other)
    assert "GC512" not in codes


def test_a_share_colours_the_gray_service_alone(tmp_path: Path) -> None:
    codes, found = made(tmp_path, ingress_route("a", rule("Host(`h.test`)")), rules=[*RULES, {"weight": 20}])

    assert "GC525" not in codes
    by_rule, by_share = found["IngressRoute"]["routes"]
    assert by_share["match"] == "Host(`h.test`) && !Header(`x-user-id`, `100`)"
    assert by_share["priority"] == by_rule["priority"]
    assert by_share["services"] == [{"name": "a-share-0-gray", "kind": "TraefikService"}]
    assert "middlewares" not in by_share
    assert found["TraefikService"]["weighted"]["services"] == [
        {"name": "web", "port": 80, "weight": 80},
        {"name": "web-gray", "port": 80, "weight": 20, "middlewares": [{"name": "a-header-gray"}]},
    ]


def test_a_client_that_has_drawn_is_kept_by_a_cookie(tmp_path: Path) -> None:
    codes, found = made(tmp_path, ingress_route("a", rule("Host(`h.test`)")), rules=[{"weight": 20, "by": "client"}])

    assert "GC549" not in codes
    assert found["TraefikService"]["weighted"]["sticky"] == {"cookie": {"name": "a-share-0-gray", "httpOnly": True}}


def test_an_ingress_of_traefiks_own_class_gets_an_ingress_route(tmp_path: Path) -> None:
    prefix = "traefik.ingress.kubernetes.io/router."
    entry = ingress("a", "traefik")
    entry["metadata"]["annotations"] = {
        f"{prefix}entrypoints": "web, websecure",
        f"{prefix}middlewares": "shop-login@kubernetescrd,limit@file",
        f"{prefix}tls": "true",
        f"{prefix}tls.certresolver": "le",
    }
    _, found = made(tmp_path, entry)

    spec = found["IngressRoute"]
    assert spec["entryPoints"] == ["web", "websecure"]
    assert spec["tls"] == {"certResolver": "le"}
    [route] = spec["routes"]
    assert route["middlewares"] == [{"name": "login"}, {"name": "limit@file"}, {"name": "a-header-gray"}]
    assert route["services"] == [{"name": "web-gray", "port": 80}]


def test_a_middleware_of_another_namespace_is_no_ingress_routes_to_name(tmp_path: Path) -> None:
    entry = ingress("a", "traefik")
    entry["metadata"]["annotations"] = {"traefik.ingress.kubernetes.io/router.middlewares": "edge-login@kubernetescrd"}
    codes, found = made(tmp_path, entry)
    assert ("GC570" in codes, found) == (True, {})


@pytest.mark.parametrize(
    "route",
    [
        ingress_route("a", rule("Host(`h.test`)", syntax="v2")),
        ingress_route("a", rule("Host(`h.test`)"), parentRefs=[{"name": "gate"}]),
    ],
)
def test_what_a_route_beside_it_can_not_repeat_is_refused(route: Object, tmp_path: Path) -> None:
    codes, found = made(tmp_path, route)
    assert ("GC570" in codes, found) == (True, {})


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [("a%20b", True), ("^a[+]b$", True), (r"a\x2Bb", True), ("a b", True), ("a;b", True), ("^(a+b?)+$", False)],
)
def test_a_sign_that_a_query_is_decoded_by_is_refused(pattern: str, refused: bool, tmp_path: Path) -> None:
    codes, _ = made(tmp_path, ingress_route("a", rule("Host(`h.test`)")), rules=[{"query": "q", "pattern": pattern}])
    assert ("GC501" in codes) is refused


def test_of_alternatives_the_one_with_the_path_is_asked_for() -> None:
    match = "Host(`h.test`) && (Path(`/a`) || (PathPrefix(`/api`) && Header(`x-v`, `2`)))"
    route = ingress_route("a", rule(match))
    [entry] = parse_documents(SourceFile(name="a.yaml", text=json.dumps(route))).value or ()
    ways = [
        EntryPath(rule=0, path=at, host="h.test", text=text, baseline_service="web", service=None)
        for at, text in enumerate(("/a", "/api"))
    ]

    shapes = [shapes_of(entry, way, PatternMeetings())[0] for way in ways]

    assert [(shape.path, shape.headers) for shape in shapes] == [("/a", {}), ("/api", {"x-v": "2"})]


def test_never_keeps_a_request_whatever_a_later_rule_says(tmp_path: Path) -> None:
    _, found = made(
        tmp_path,
        ingress_route("a", rule("Host(`h.test`) || Host(`g.test`)")),
        rules=[{"header": "x-gray"}, {"query": "preview", "value": "1"}],
    )
    [route] = found["IngressRoute"]["routes"]
    assert route["match"] == (
        "(Host(`h.test`) || Host(`g.test`)) && (!Header(`x-gray`, `never`) && "
        "(Header(`x-gray`, `always`) || Query(`preview`, `1`)))"
    )


@pytest.mark.parametrize(("headers", "codes"), [({"x-gray-tag": ""}, []), ({"x-gray-tag": "other"}, ["GC504"])])
def test_a_route_whose_middleware_drops_the_header_is_guarded(
    headers: Object, codes: list[str], tmp_path: Path
) -> None:
    middleware = an_object(
        "Middleware", {"headers": {"customRequestHeaders": headers}}, version="traefik.io/v1alpha1", name="guard"
    )
    findings, _ = build(
        tmp_path,
        [workload(), WEB, middleware, ingress_route("a", rule("Host(`h.test`)", middlewares=[{"name": "guard"}]))],
        lane={"provider": "istio"},
        services=[{"name": "web"}],
        traffic={"gateway": "traefik", "rules": RULES},
    )
    assert [each["code"] for each in findings if each["code"] == "GC504"] == codes
