"""What grayc writes into VirtualServices, and what it says of those that it does not open."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import Built, Object, an_object, run_build, service, workload

RULE = {"header": "x-user", "value": "100"}
GRAY = "web-mse-gray"


def virtual_service(http: list[Object], *, name: str = "web", version: str = "v1", **spec: Any) -> Object:
    fields = {**({"hosts": ["shop.test"], "gateways": ["public"]} | spec), "http": http}
    return an_object("VirtualService", fields, version=f"networking.istio.io/{version}", name=name)


def delegate(http: list[Object], name: str = "cart") -> Object:
    return virtual_service(http, name=name, hosts=[], gateways=[])


def to(*hosts: str, match: list[Object] | None = None, **fields: Any) -> Object:
    ways = [{"destination": {"host": host}, **({"weight": 50} if len(hosts) > 1 else {})} for host in hosts]
    return {**({"match": match} if match else {}), "route": ways, **fields}


def build(
    folder: Path, entries: list[Object], rules: list[Object], **lane: str
) -> tuple[Built, dict[str, list[Object]]]:
    """Return what the build says, and the routes of every VirtualService that it changes, by name."""
    services = [service(name, labels={"app": name}) for name in ("web", "web-canary")]
    built = run_build(
        folder,
        [workload(labels={"app": "web"}), *services, *entries],
        *("--baseline-patch", "patch.yaml"),
        services=[{"name": "web", "images": {"web": "web:2"}}],
        lane={"provider": "mse", **lane},
        traffic={"gateway": "istio", "rules": rules, "guard": True},
    )
    return built, {entry["metadata"]["name"]: entry["spec"]["http"] for entry in built.patch}


def hosts_of(route: Object) -> list[str]:
    return [way["destination"]["host"] for way in route["route"]]


def test_requests_of_the_lane_are_not_split_off(tmp_path: Path) -> None:
    _, changed = build(tmp_path, [virtual_service([to("web", "web-canary")])], [RULE, {"weight": 20}])

    gray, rest = changed["web"]
    assert hosts_of(gray) == [GRAY]
    assert [(way["destination"]["host"], way["weight"]) for way in rest["route"]] == [
        ("web", 40),
        ("web-canary", 40),
        (GRAY, 20),
    ]


def test_a_delegate_is_opened_in_its_own_routes(tmp_path: Path) -> None:
    root = virtual_service([
        {"match": [{"uri": {"prefix": "/cart"}, "ignoreUriCase": True}], "delegate": {"name": "cart"}},
        to("web-canary"),
    ])  # fmt: skip

    built, changed = build(tmp_path, [root, delegate([to("web")])], [RULE])

    assert built.status == 0, built.findings
    gray, rest = changed["cart"]
    assert gray["match"] == [{"ignoreUriCase": True, "headers": {"x-user": {"exact": "100"}}}]
    assert hosts_of(gray) == [GRAY]
    assert rest["headers"] == {"request": {"remove": ["x-mse-tag"]}}
    assert [hosts_of(route) for route in changed["web"] if "route" in route] == [["web-canary"]]


def test_headers_of_a_root_are_repeated(tmp_path: Path) -> None:
    own = {"request": {"set": {"x-from": "public"}}}
    root = virtual_service([{"delegate": {"name": "cart"}, "headers": own}])

    _, changed = build(tmp_path, [root, delegate([to("web")])], [RULE])

    gray, rest = changed["cart"]
    assert gray["headers"]["request"] == {"set": {"x-from": "public", "x-mse-tag": "gray"}}
    assert rest["headers"]["request"] == {"set": {"x-from": "public"}, "remove": ["x-mse-tag"]}


def test_a_delegate_of_the_mesh_alone_is_no_entry(tmp_path: Path) -> None:
    root = virtual_service([{"delegate": {"name": "cart"}}], gateways=["mesh"], hosts=["web.shop.svc.cluster.local"])

    built, _ = build(tmp_path, [root, delegate([to("web")])], [RULE])

    assert built.status == 1
    assert "GC321" in built.codes


def test_a_root_that_asks_for_the_header_is_told(tmp_path: Path) -> None:
    root = virtual_service([{"match": [{"headers": {"x-user": {"exact": "1"}}}], "delegate": {"name": "cart"}}])

    built, _ = build(tmp_path, [root, delegate([to("web")])], [RULE])

    assert "GC514" in built.codes


def test_calls_inside_the_mesh_meet_what_they_met(tmp_path: Path) -> None:
    entry = virtual_service([to("web")], hosts=["shop.test", "web"], gateways=["public", "mesh"])

    _, changed = build(tmp_path, [entry], [RULE, {"weight": 20}])

    *opened, last = changed["web"]
    assert last == to("web")
    assert [match["gateways"] for route in opened for match in route["match"]] == [["shop/public"]] * 3


@pytest.mark.parametrize("match", [{"gateways": ["mesh"]}, {"sourceLabels": {"app": "a"}}], ids=str)
def test_a_match_that_no_gateway_meets_is_no_entry(match: Object, tmp_path: Path) -> None:
    entry = virtual_service([to("web", match=[match])], gateways=["public", "mesh"])

    built, _ = build(tmp_path, [entry], [RULE])

    assert built.status == 1
    assert "GC321" in built.codes


@pytest.mark.parametrize("section", ["tls", "tcp"])
def test_routes_without_requests_are_named(section: str, tmp_path: Path) -> None:
    entry = virtual_service([])
    way = {"destination": {"host": "web", "port": {"number": 80}}}
    entry["spec"] = {"hosts": ["shop.test"], "gateways": ["public"], section: [{"route": [way]}]}

    built, _ = build(tmp_path, [entry], [RULE])

    assert built.status == 1
    assert f"with `{section}` routes, which no rule opens" in str(built.findings)


def test_connections_beside_an_entry_are_a_warning(tmp_path: Path) -> None:
    direct = virtual_service([], name="direct")
    direct["spec"] = {"hosts": ["d.test"], "gateways": ["public"], "tls": [{"route": to("web")["route"]}]}

    built, _ = build(tmp_path, [virtual_service([to("web")]), direct], [RULE])

    assert built.status == 0, built.findings
    assert built.said["GC536"].startswith("VirtualService `direct` leads connections to `web` by `tls`")
    assert [item["severity"] for item in built.findings if item["code"] == "GC536"] == ["warning"]


def test_a_delegate_of_roots_with_different_headers_is_refused(tmp_path: Path) -> None:
    roots = [
        virtual_service(
            [{"delegate": {"name": "cart"}, "headers": {"request": {"set": {"x-from": name}}}}],
            name=name,
            hosts=[f"{name}.test"],
        )
        for name in ("a", "b")
    ]

    built, _ = build(tmp_path, [*roots, delegate([to("web")])], [RULE])

    assert built.status == 1
    assert "GC534" in built.errors


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_objects_of_the_mesh_have_the_version_of_the_baseline(version: str, tmp_path: Path) -> None:
    built, _ = build(tmp_path, [virtual_service([to("web")], version=version)], [RULE], provider="istio")

    assert built.status == 0, built.findings
    versions = {entry["apiVersion"] for entry in built.all("VirtualService")}
    assert versions == {f"networking.istio.io/{version}"}
