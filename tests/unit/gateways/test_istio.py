"""What grayc writes into VirtualServices, and what it says of those that it does not open."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import Object, objects_in, service, stream, workload

RULE = {"header": "x-user", "value": "100"}
GRAY = "web-mse-gray"


def virtual_service(http: list[Object], *, name: str = "web", version: str = "v1", **spec: Any) -> Object:
    return {
        "apiVersion": f"networking.istio.io/{version}",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {**({"hosts": ["shop.test"], "gateways": ["public"]} | spec), "http": http},
    }


def delegate(http: list[Object], name: str = "cart") -> Object:
    return virtual_service(http, name=name, hosts=[], gateways=[])


def to(*hosts: str, match: list[Object] | None = None, **fields: Any) -> Object:
    ways = [{"destination": {"host": host}, **({"weight": 50} if len(hosts) > 1 else {})} for host in hosts]
    return {**({"match": match} if match else {}), "route": ways, **fields}


def build(folder: Path, entries: list[Object], rules: list[Object], **lane: str) -> tuple[Run, dict[str, list[Object]]]:
    """Return what the build says, and the routes of every VirtualService that it changes, by name."""
    services = [service(name, labels={"app": name}) for name in ("web", "web-canary")]
    baseline = [workload(labels={"app": "web"}), *services, *entries]
    release = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "web"},
        "spec": {
            "tag": "gray",
            "namespace": "shop",
            "baseline": ["baseline.yaml"],
            "services": [{"name": "web", "images": {"web": "web:2"}}],
            "lane": {"provider": "mse", **lane},
            "traffic": {"gateway": "istio", "rules": rules, "guard": True},
        },
    }
    (folder / "baseline.yaml").write_text(stream(baseline), encoding="utf-8")
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    done = run_grayc(["build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"], folder=folder)
    patch = folder / "patch.yaml"
    documents = objects_in(patch.read_text(encoding="utf-8")) if patch.exists() else ()
    return done, {entry["metadata"]["name"]: entry["spec"]["http"] for entry in documents}


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

    done, changed = build(tmp_path, [root, delegate([to("web")])], [RULE])

    assert done.status == 0, done.stderr
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

    done, _ = build(tmp_path, [root, delegate([to("web")])], [RULE])

    assert done.status == 1
    assert "GC321" in done.stderr


def test_a_root_that_asks_for_the_header_is_told(tmp_path: Path) -> None:
    root = virtual_service([{"match": [{"headers": {"x-user": {"exact": "1"}}}], "delegate": {"name": "cart"}}])

    done, _ = build(tmp_path, [root, delegate([to("web")])], [RULE])

    assert "GC514" in done.stderr


def test_calls_inside_the_mesh_meet_what_they_met(tmp_path: Path) -> None:
    entry = virtual_service([to("web")], hosts=["shop.test", "web"], gateways=["public", "mesh"])

    _, changed = build(tmp_path, [entry], [RULE, {"weight": 20}])

    *opened, last = changed["web"]
    assert last == to("web")
    assert [match["gateways"] for route in opened for match in route["match"]] == [["shop/public"]] * 3


@pytest.mark.parametrize("match", [{"gateways": ["mesh"]}, {"sourceLabels": {"app": "a"}}], ids=str)
def test_a_match_that_no_gateway_meets_is_no_entry(match: Object, tmp_path: Path) -> None:
    entry = virtual_service([to("web", match=[match])], gateways=["public", "mesh"])

    done, _ = build(tmp_path, [entry], [RULE])

    assert done.status == 1
    assert "GC321" in done.stderr


@pytest.mark.parametrize("section", ["tls", "tcp"])
def test_routes_without_requests_are_named(section: str, tmp_path: Path) -> None:
    entry = virtual_service([])
    way = {"destination": {"host": "web", "port": {"number": 80}}}
    entry["spec"] = {"hosts": ["shop.test"], "gateways": ["public"], section: [{"route": [way]}]}

    done, _ = build(tmp_path, [entry], [RULE])

    assert done.status == 1
    assert f"with `{section}` routes, which no rule opens" in done.stderr


def test_connections_beside_an_entry_are_a_warning(tmp_path: Path) -> None:
    direct = virtual_service([], name="direct")
    direct["spec"] = {"hosts": ["d.test"], "gateways": ["public"], "tls": [{"route": to("web")["route"]}]}

    done, _ = build(tmp_path, [virtual_service([to("web")]), direct], [RULE])

    assert done.status == 0, done.stderr
    assert "warning[GC536]: VirtualService `direct` leads connections to `web` by `tls`" in done.stderr


def test_a_delegate_of_roots_with_different_headers_is_refused(tmp_path: Path) -> None:
    roots = [
        virtual_service(
            [{"delegate": {"name": "cart"}, "headers": {"request": {"set": {"x-from": name}}}}],
            name=name,
            hosts=[f"{name}.test"],
        )
        for name in ("a", "b")
    ]

    done, _ = build(tmp_path, [*roots, delegate([to("web")])], [RULE])

    assert done.status == 1
    assert "error[GC534]" in done.stderr


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_objects_of_the_mesh_have_the_version_of_the_baseline(version: str, tmp_path: Path) -> None:
    done, _ = build(tmp_path, [virtual_service([to("web")], version=version)], [RULE], provider="istio")

    assert done.status == 0, done.stderr
    made = [
        entry
        for path in sorted((tmp_path / "out").glob("*.yaml"))
        for entry in objects_in(path.read_text(encoding="utf-8"))
    ]
    versions = {entry["apiVersion"] for entry in made if entry["kind"] == "VirtualService"}
    assert versions == {f"networking.istio.io/{version}"}
