"""Which gateway opens an entry: classes and their controllers, rows of `entries`, and what is named and left."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import manifests
from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, service, with_code, workload, write_release
from tests.vectors import rows

WEB = service()
ACCEPT = [{"code": "GC508", "reason": "the web calls no gray service"}]
RULES = [{"header": "x-user", "value": "1"}]


def ingress(
    name: str,
    class_name: str = "",
    *,
    host: str = "",
    service: str = "web",
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """Return an Ingress of one host and path."""
    return manifests.ingress(
        name,
        class_name,
        host=host or f"{name}.test",
        paths=[("/", "Prefix", service)],
        annotations=annotations,
    )


def ingress_class(name: str, controller: str, *, is_default: bool = False, created: str = "") -> Object:
    """Return an IngressClass."""
    note: Object = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}} if is_default else {}
    note |= {"creationTimestamp": created} if created else {}
    made = an_object(
        "IngressClass", {"controller": controller}, version="networking.k8s.io/v1", name=name, namespace=""
    )
    made["metadata"] |= note
    return made


def opened(
    folder: Path, objects: list[Object], gateway: str, *, patches: list[Object] | None = None, **traffic: Any
) -> tuple[list[tuple[str, str]], set[str]]:
    """Return the findings about entries, and the names of the gray Ingresses and routes."""
    findings, made = build(
        folder,
        [workload(), WEB, *objects],
        lane={"provider": "mse"},
        services=[{"name": "web", **({"patches": patches} if patches else {})}],
        traffic={"gateway": gateway, "guard": False, "rules": RULES, **traffic},
        accept=ACCEPT if gateway in ("ingress-nginx", "traefik") else [],
    )
    codes = ("GC307", "GC320", "GC321", "GC325", "GC326", "GC327", "GC328", "GC329", "GC430", "GC505", "GC509", "GC512",
             "GC538")  # fmt: skip
    return [(code, ref or "") for code, ref in with_code(findings, *codes)], {
        item["metadata"]["name"] for item in made if item["kind"] in ("Ingress", "HTTPRoute", "IngressRoute")
    }


NGINX = "k8s.io/ingress-nginx"


@pytest.mark.parametrize(
    ("objects", "gateway", "found", "made"),
    [
        ([ingress("a", "nginx"), ingress("b", "mse")], "ingress-nginx", [("GC325", "Ingress/b")], {"a-mse-gray"}),
        ([ingress("a", "mse"), ingress("b", "nginx")], "mse", [("GC325", "Ingress/b")], {"a-mse-gray"}),
        ([ingress("a", "higress"), ingress("b", "kong")], "higress", [("GC325", "Ingress/b")], {"a-mse-gray"}),
        ([ingress("a", "nginx"), ingress("b", "alb")], "ingress-nginx", [("GC327", "Ingress/b")], {"a-mse-gray"}),
        ([ingress("a", "nginx"), ingress("b", "own")], "ingress-nginx", [("GC327", "Ingress/b")], {"a-mse-gray"}),
        ([ingress("a", "nginx"), ingress("b", "traefik")], "traefik", [], {"a-mse-gray", "b-mse-gray"}),
        # The IngressClass counts, whatever the name.
        (
            [ingress("a", "own"), ingress("b", "nginx"), ingress_class("own", NGINX), ingress_class("nginx", "nginx.org/ingress-controller")],
            "ingress-nginx",
            [("GC325", "Ingress/b")],
            {"a-mse-gray"},
        ),
        (
            [ingress("a", "nginx"), ingress("b", "alb"), ingress_class("alb", "ingress.k8s.aws/alb")],
            "ingress-nginx",
            [("GC325", "Ingress/b")],
            {"a-mse-gray"},
        ),
        (
            [ingress("a", "nginx"), ingress("b", "in"), ingress_class("in", "k8s.io/internal-ingress-nginx")],
            "ingress-nginx",
            [],
            {"a-mse-gray", "b-mse-gray"},
        ),
        # An Ingress without a class is of the default class, else of the release's gateway.
        ([ingress("a"), ingress("b", "mse")], "mse", [], {"a-mse-gray", "b-mse-gray"}),
        (
            [ingress("a"), ingress("b", "mse"), ingress_class("x", NGINX, is_default=True)],
            "mse",
            [("GC325", "Ingress/a")],
            {"b-mse-gray"},
        ),
        (
            [ingress("a", annotations={"kubernetes.io/ingress.class": "nginx"}), ingress("b", "mse")],
            "mse",
            [("GC325", "Ingress/a")],
            {"b-mse-gray"},
        ),
        # Alone it is an error.
        ([ingress("a", "nginx")], "mse", [("GC321", "")], set()),
        ([ingress("a")], "traefik", [("GC329", "Ingress/a")], set()),
        # Controllers differ in which they read, and no cluster takes a copy.
        (
            [ingress("a", "nginx"), ingress("b", "mse", annotations={"kubernetes.io/ingress.class": "nginx"})],
            "ingress-nginx",
            [("GC327", "Ingress/b")],
            {"a-mse-gray"},
        ),
        (
            [ingress("a", "nginx", annotations={"kubernetes.io/ingress.class": "nginx"})],
            "ingress-nginx",
            [],
            {"a-mse-gray"},
        ),
        # Of several default classes the cluster takes the newest.
        (
            [
                ingress_class("x", "mse.alibabacloud.com/ingress", is_default=True),
                ingress_class("y", NGINX, is_default=True),
                ingress("a", "nginx"),
                ingress("b"),
            ],
            "ingress-nginx",
            [("GC327", "Ingress/b")],
            {"a-mse-gray"},
        ),
        (
            [
                ingress_class("x", NGINX, is_default=True, created="2024-02-01T00:00:00Z"),
                ingress_class("y", "mse.alibabacloud.com/ingress", is_default=True, created="2024-01-01T00:00:00Z"),
                ingress("b"),
            ],
            "ingress-nginx",
            [],
            {"b-mse-gray"},
        ),
        (
            [ingress_class("x", NGINX, is_default=True), ingress_class("y", NGINX, is_default=True), ingress("b")],
            "ingress-nginx",
            [],
            {"b-mse-gray"},
        ),
        # What does not lead to a released service is nobody's matter.
        ([ingress("a", "nginx"), ingress("b", "kong", service="other")], "ingress-nginx", [], {"a-mse-gray"}),
    ],
)  # fmt: skip
def test_an_entry_is_opened_by_the_gateway_that_reads_its_class(
    objects: list[Object], gateway: str, found: list[tuple[str, str]], made: set[str], tmp_path: Path
) -> None:
    assert opened(tmp_path, objects, gateway) == (found, made)


@pytest.mark.parametrize(
    ("rows", "found", "made"),
    [
        ([{"ingress": "a"}], [("GC327", "Ingress/own"), ("GC325", "Ingress/m")], {"a-mse-gray"}),
        ([{"ingress": "a"}, {"ingress": "own", "gateway": "ingress-nginx"}, {"ingress": "m", "gateway": "mse"}], [],
         {"a-mse-gray", "own-mse-gray", "m-mse-gray"}),
        ([{"class": "nginx"}, {"class": "own", "gateway": "ingress-nginx"}], [("GC325", "Ingress/m")],
         {"a-mse-gray", "own-mse-gray"}),
        ([{"ingress": "own"}], [("GC505", "Ingress/own")], set()),
        ([{"class": "own"}], [("GC505", "Ingress/own")], set()),
        ([{"class": "nobody"}], [("GC320", "")], set()),
        ([{"ingress": "a", "namespace": "elsewhere"}], [("GC320", "")], set()),
        ([{"ingress": "a", "namespace": "shop"}, {"class": "nginx"}], [("GC325", "Ingress/m"), ("GC327", "Ingress/own"), ("GC328", "Ingress/a")], set()),
        ([{"ingress": "a"}, {"ingress": "a", "gateway": "traefik"}], [("GC325", "Ingress/m"), ("GC327", "Ingress/own"), ("GC328", "Ingress/a")], set()),
    ],
)  # fmt: skip
def test_rows_name_entries_classes_and_gateways(
    rows: list[Object], found: list[tuple[str, str]], made: set[str], tmp_path: Path
) -> None:
    objects = [ingress("a", "nginx"), ingress("own", "own"), ingress("m", "mse")]

    told, there = opened(tmp_path, objects, "ingress-nginx", entries=rows)

    assert (sorted(told), there) == (sorted(found), made)


def test_a_row_can_not_deny_what_the_ingress_class_proves(tmp_path: Path) -> None:
    objects = [ingress("a", "nginx"), ingress("b", "x"), ingress_class("x", "ingress.k8s.aws/alb")]

    found, made = opened(tmp_path, objects, "ingress-nginx", entries=[{"ingress": "b", "gateway": "ingress-nginx"}])

    assert (found, made) == ([("GC505", "Ingress/b")], set())


@pytest.mark.parametrize(
    ("gateway", "controller", "is_opened"),
    [
        ("mse", NGINX, True),
        ("mse", "higress.io/higress-controller", True),
        ("higress", NGINX, True),
        ("higress", "mse.alibabacloud.com/ingress", True),
        ("higress", "ingress.k8s.aws/alb", False),
        ("mse", "traefik.io/ingress-controller", False),
        ("ingress-nginx", "higress.io/higress-controller", False),
        ("traefik", "mse.alibabacloud.com/ingress", False),
    ],
)
def test_a_gateway_that_compares_names_reads_classes_of_others_where_a_row_says_so(
    gateway: str, controller: str, is_opened: bool, tmp_path: Path
) -> None:
    objects = [ingress("a", "x"), ingress_class("x", controller)]
    wanted = ([], {"a-mse-gray"}) if is_opened else ([("GC505", "Ingress/a")], set())

    rows = ({"ingress": "a", "gateway": gateway}, {"class": "x", "gateway": gateway})
    # Nothing but a row says what such a gateway is set to.
    for at, (entries, told) in enumerate([(rows[:1], wanted), (rows[1:], wanted), ((), ([("GC321", "")], set()))]):
        folder = tmp_path / str(at)
        folder.mkdir()
        assert opened(folder, objects, gateway, **({"entries": [*entries]} if entries else {})) == told


def test_rows_of_one_ingress_make_one_canary(tmp_path: Path) -> None:
    base = ingress("a", "mse")
    base["spec"]["rules"].append({**base["spec"]["rules"][0], "host": "second.test"})
    rows = [{"ingress": "a", "hosts": ["second.test"]}, {"ingress": "a", "hosts": ["a.test"]}]

    findings, made = build(
        tmp_path, [workload(), WEB, base], traffic={"gateway": "mse", "rules": RULES, "entries": rows}
    )
    (canary,) = (item for item in made if item["kind"] in ("Ingress", "IngressRoute"))

    assert [rule["host"] for rule in canary["spec"]["rules"]] == ["a.test", "second.test"]
    assert with_code(findings, "GC328") == []


def test_each_entry_is_written_for_its_own_gateway(tmp_path: Path) -> None:
    rows = [{"ingress": "a"}, {"ingress": "m", "gateway": "mse"}]
    traffic = {"gateway": "ingress-nginx", "guard": False, "rules": RULES, "entries": rows}

    _, made = build(
        tmp_path,
        [workload(), WEB, ingress("a", "nginx"), ingress("m", "mse")],
        lane={"provider": "mse"},
        traffic=traffic,
        accept=ACCEPT,
    )
    control = {
        item["metadata"]["name"]: "mse.ingress.kubernetes.io/request-header-control-update"
        in item["metadata"]["annotations"]
        for item in made
        if item["kind"] in ("Ingress", "IngressRoute")
    }

    assert control == {"a-mse-gray": False, "m-mse-gray": True}


def test_a_canary_spreads_among_what_its_own_controller_reads(tmp_path: Path) -> None:
    others = [ingress("pub", "alb"), ingress("int", "nginx")]
    found, made = opened(tmp_path / "other", others, "ingress-nginx", entries=[{"ingress": "int"}])
    same, _ = opened(
        tmp_path / "same",
        [ingress("pub", "nginx"), ingress("int", "nginx")],
        "ingress-nginx",
        entries=[{"ingress": "int"}],
    )

    assert (found, made) == ([("GC327", "Ingress/pub")], {"int-mse-gray"})
    assert same == [("GC509", "Ingress/pub")]


class Unopened(NamedTuple):
    """A row of `unopened_kinds.yaml`."""

    kind: str
    version: str
    spec: Object

    def way(self) -> Object:
        return an_object(self.kind.partition(".")[0], self.spec, version=self.version, name="way")


KINDS = {row.kind: row for row in rows(__file__, "unopened_kinds.yaml", Unopened)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_nothing_opens_is_named(kind: str, tmp_path: Path) -> None:
    route = KINDS[kind].way()
    kind = route["kind"]
    beside, made = opened(tmp_path / "beside", [ingress("a", "mse"), route], "mse")
    alone, none = opened(tmp_path / "alone", [route], "mse")

    assert (beside, made) == ([("GC326", f"{kind}/way")], {"a-mse-gray"})
    assert (alone, none) == ([("GC321", "")], set())


def test_a_route_of_such_a_kind_is_no_part_of_the_lane(tmp_path: Path) -> None:
    _, made = build(
        tmp_path,
        [workload(), WEB, KINDS["HTTPProxy"].way()],
        services=[{"name": "web", "from": "baseline/"}],
    )

    assert {item["kind"] for item in made} == {"Deployment", "Service"}


def test_an_ingress_that_servers_no_longer_take_is_named(tmp_path: Path) -> None:
    old = an_object(
        "Ingress",
        {"rules": [{"http": {"paths": [{"backend": {"serviceName": "web", "servicePort": 80}}]}}]},
        version="networking.k8s.io/v1beta1",
        name="old",
    )

    assert opened(tmp_path, [ingress("a", "mse"), old], "mse")[0] == [("GC307", "Ingress/old")]


@pytest.mark.parametrize(
    ("merge", "found"),
    [
        ({"metadata": {"annotations": {"example.com/team": "web"}}}, []),
        ({"metadata": {"annotations": {"mse.ingress.kubernetes.io/timeout": "5"}}}, []),
        ({"spec": {"tls": [{"hosts": ["a.test"], "secretName": "other"}]}}, []),
        ({"metadata": {"annotations": {"nginx.ingress.kubernetes.io/canary": None}}}, ["GC538"]),
        ({"metadata": {"annotations": {"nginx.ingress.kubernetes.io/canary-weight": "5"}}}, ["GC538"]),
        (
            {"metadata": {"annotations": {"mse.ingress.kubernetes.io/request-header-control-update": "x-team web"}}},
            ["GC538"],
        ),
        (
            {
                "metadata": {
                    "annotations": {
                        "mse.ingress.kubernetes.io/request-header-control-update": "x-team web\nx-mse-tag gray"
                    }
                }
            },
            [],
        ),
        ({"metadata": {"annotations": {"mse.ingress.kubernetes.io/request-header-control-remove": "X-MSE-Tag"}}}, ["GC538"]),
        ({"spec": {"ingressClassName": "nginx"}}, ["GC538"]),
        ({"spec": {"rules": []}}, ["GC538"]),
        ({"metadata": {"labels": {"zadigx-release-version": None}}}, ["GC432"]),
        ({"metadata": {"name": "other"}}, ["GC433"]),
    ],
)  # fmt: skip
def test_an_entry_can_be_patched_but_for_what_opens_the_lane(merge: Object, found: list[str], tmp_path: Path) -> None:
    findings, made = build(
        tmp_path,
        [workload(), WEB, ingress("a", "mse")],
        services=[{"name": "web", "patches": [{"target": {"kind": "Ingress", "name": "a"}, "merge": merge}]}],
        traffic={"gateway": "mse", "rules": RULES},
    )

    assert [each["code"] for each in findings if each["severity"] == "error"] == found
    if not found:
        (canary,) = (item for item in made if item["kind"] in ("Ingress", "IngressRoute"))
        for name, value in merge.get("metadata", {}).get("annotations", {}).items():
            assert canary["metadata"]["annotations"][name] == value


def test_a_patch_of_an_entry_that_is_not_opened_has_no_target(tmp_path: Path) -> None:
    patches = [{"target": {"kind": "Ingress", "name": "b"}, "merge": {"spec": {"tls": []}}}]

    found, _ = opened(tmp_path, [ingress("a", "mse"), ingress("b", "nginx")], "mse", patches=patches)

    assert ("GC430", "") in found


def expected_at(folder: Path, objects: list[Object], request: Object, goes_to: str) -> list[str]:
    """Return the codes of errors of a release that expects a request to go somewhere."""
    findings, _ = build(
        folder,
        [workload(), WEB, *objects],
        traffic={"gateway": "mse", "rules": RULES},
        expect=[{"request": request, "goesTo": goes_to}],
    )
    return [each["code"] for each in findings if each["severity"] == "error"]


def test_baseline_is_the_service_of_that_entry_and_no_other(tmp_path: Path) -> None:
    beta = ingress("beta", "mse", host="a.test", service="beta")
    beta["metadata"]["annotations"] = {
        "nginx.ingress.kubernetes.io/canary": "true",
        "nginx.ingress.kubernetes.io/canary-by-header": "x-beta",
    }
    service = an_object("Service", {"selector": {"app": "beta"}, "ports": [{"port": 80}]}, name="beta")
    objects = [ingress("a", "mse"), beta, service]
    plain = {"host": "a.test", "path": "/"}

    assert expected_at(tmp_path / "plain", objects, plain, "baseline") == []
    tested = {**plain, "headers": {"x-beta": "always"}}
    assert expected_at(tmp_path / "beta", objects, tested, "baseline") == ["GC524"]
    assert expected_at(tmp_path / "named", objects, tested, "beta") == []


@pytest.mark.parametrize(("value", "is_coloured"), [("1", True), ("2", False)])
def test_a_coloured_request_is_told_from_one_that_stays(value: str, is_coloured: bool, tmp_path: Path) -> None:
    cart = workload()
    cart["metadata"]["name"] = "cart"
    cart["spec"]["selector"]["matchLabels"] = cart["spec"]["template"]["metadata"]["labels"] = {"app": "cart"}
    findings, _ = build(
        tmp_path,
        [workload(), WEB, cart, ingress("a", "mse", host="a.test")],
        services=[{"name": "cart"}],
        calls=["web -> cart"],
        traffic={"gateway": "mse", "rules": RULES},
        expect=[{"request": {"host": "a.test", "path": "/", "headers": {"x-user": value}}, "goesTo": "gray"}],
    )
    (found,) = (each for each in findings if each["code"] == "GC524")

    assert ("expect `baseline`" in found["help"]) is is_coloured


def test_another_controllers_ingress_of_the_host_is_not_asked(tmp_path: Path) -> None:
    """Both classes have the host; only what the opened one's controller reads answers."""
    objects = [ingress("a", "nginx", host="h.test", service="other"), ingress("b", "mse", host="h.test")]

    assert expected_at(tmp_path, objects, {"host": "h.test", "path": "/", "headers": {"x-user": "1"}}, "gray") == []


def test_the_flag_asks_how_the_same_entries_would_be_on_another_gateway(tmp_path: Path) -> None:
    build(tmp_path, [workload(), WEB, ingress("a", "mse")], traffic={"gateway": "mse", "rules": RULES})

    run = run_grayc(["build", "release.yaml", "-o", "other", "-f", "json", "--gateway", "higress"], folder=tmp_path)

    assert run.status == 0, run.stdout
    assert with_code(json.loads(run.stdout)["diagnostics"], "GC321", "GC325", "GC327") == []


def test_a_route_of_a_gateway_class_is_opened_on_no_other_of_its_parents(tmp_path: Path) -> None:
    version = "gateway.networking.k8s.io/v1"
    gateways = [
        an_object("Gateway", {"gatewayClassName": name, "listeners": []}, version=version, name=f"gw-{name}")
        for name in ("public", "private")
    ]
    route = an_object(
        "HTTPRoute",
        {
            "parentRefs": [{"name": "gw-public"}, {"name": "gw-private"}],
            "hostnames": ["a.test"],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
        version=version,
        name="a",
    )

    _, made = build(
        tmp_path,
        [workload(), WEB, *gateways, route],
        lane={"provider": "mse"},
        traffic={"gateway": "gateway-api", "rules": RULES, "entries": [{"class": "private"}]},
    )
    (gray,) = (item for item in made if item["kind"] == "HTTPRoute")

    assert gray["spec"]["parentRefs"] == [{"name": "gw-private"}]


def test_two_ingresses_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """What a row says of the one, it does not say of the other."""
    elsewhere = ingress("web", host="other.test")
    elsewhere["metadata"]["namespace"] = "edge"
    reaches = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "edge"},
               "spec": {"selector": {"app": "else"}, "ports": [{"port": 80}]}}  # fmt: skip
    objects = [ingress("web"), elsewhere, reaches]
    rows = [{"ingress": "web", "namespace": "shop"}, {"ingress": "web", "namespace": "edge", "gateway": "traefik"}]

    found, _ = opened(tmp_path, objects, "traefik", entries=rows)

    assert found == [("GC329", "Ingress/web")]


@pytest.mark.parametrize(
    ("class_name", "annotation", "gateway", "named"),
    [
        ("mse", "mse.ingress.kubernetes.io/destination", "mse", True),
        ("mse", "higress.io/destination", "mse", False),
        ("higress", "higress.io/destination", "mse", True),
        ("higress", "mse.ingress.kubernetes.io/destination", "mse", False),
        ("nginx", "higress.io/destination", "mse", False),
        ("", "mse.ingress.kubernetes.io/destination", "mse", True),
        ("", "higress.io/destination", "mse", False),
        ("", "higress.io/destination", "higress", True),
        ("own", "higress.io/destination", "mse", True),
        ("own", "mse.ingress.kubernetes.io/destination", "mse", True),
    ],
)
def test_a_destination_counts_by_the_prefix_that_its_gateway_reads(
    class_name: str, annotation: str, gateway: str, named: bool, tmp_path: Path
) -> None:
    other = ingress("b", class_name, annotations={annotation: "web.shop.svc.cluster.local:80"})
    bridge = {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}
    other["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": bridge}

    found, _ = opened(tmp_path, [ingress("a", gateway), other], gateway)

    assert found == ([("GC326", "Ingress/b")] if named else [])


def test_on_mse_a_destination_takes_the_place_of_a_service(tmp_path: Path) -> None:
    notes = {"mse.ingress.kubernetes.io/destination": "100% web.shop.svc.cluster.local:80"}
    other = ingress("b", "mse", service="other", annotations=notes)

    found, _ = opened(tmp_path, [ingress("a", "mse"), other], "mse")

    assert found == [("GC326", "Ingress/b")]


def external(name: str, target: str, namespace: str = "shop") -> Object:
    made = an_object("Service", {"type": "ExternalName", "externalName": target, "ports": [{"port": 80}]}, name=name)
    made["metadata"]["namespace"] = namespace
    return made


def elsewhere(item: Object, namespace: str) -> Object:
    item["metadata"]["namespace"] = namespace
    return item


@pytest.mark.parametrize(
    ("objects", "found"),
    [
        ([external("x", "web.shop.svc.cluster.local"), ingress("b", "nginx", service="x")], [("GC326", "Ingress/b")]),
        ([external("x", "web.shop.svc."), ingress("b", "nginx", service="x")], [("GC326", "Ingress/b")]),
        ([external("x", "web.shop.svc", "edge"), elsewhere(ingress("b", "nginx", service="x"), "edge")],
         [("GC326", "Ingress/b")]),
        ([external("x", "web.shop.svc", "edge"), ingress("b", "nginx", service="x")], []),
        ([external("x", "other.shop.svc.cluster.local"), ingress("b", "nginx", service="x")], []),
        ([external("x", "web.example.com"), ingress("b", "nginx", service="x")], []),
        ([external("x", "web.shop.svc.cluster.local")], []),
    ],
)  # fmt: skip
def test_a_way_in_by_another_name_of_the_service_is_named(
    objects: list[Object], found: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert opened(tmp_path, [ingress("a", "nginx"), *objects], "ingress-nginx") == (found, {"a-mse-gray"})


def test_another_name_alone_is_why_there_is_no_entry(tmp_path: Path) -> None:
    objects = [external("x", "web.shop.svc.cluster.local"), ingress("b", "nginx", service="x")]
    write_release(
        tmp_path, [workload(), WEB, *objects], traffic={"gateway": "ingress-nginx", "guard": False, "rules": RULES}
    )
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    [told] = [each for each in json.loads(run.stdout)["diagnostics"] if each["code"] == "GC321"]
    assert "by Service `x` of type ExternalName" in told["message"]
    assert told["help"] == "lead its path to the Service itself"


@pytest.mark.parametrize(
    ("gateway", "class_name", "code", "help"),
    [
        ("istio", "istio", "GC326", "lead its hosts and paths by a VirtualService"),
        ("istio", "nginx", "GC325", "gateway: ingress-nginx"),
        ("istio", "alb", "GC325", "gateway: aliyun-alb}`, where the ALB Ingress controller of Alibaba Cloud reads it"),
        ("istio", "haproxy", "GC325", "no gateway of the release language opens it"),
        ("gateway-api", "istio", "GC325", "no gateway of the release language opens it"),
        ("gateway-api", "traefik", "GC325", "gateway: traefik"),
        ("gateway-api", "higress", "GC325", "gateway: higress"),
        ("gateway-api", "own", "GC325", "gateway: NAME"),
    ],
)
def test_an_ingress_beside_routes_of_another_kind_says_what_opens_it(
    gateway: str, class_name: str, code: str, help: str, tmp_path: Path
) -> None:
    route = an_object(
        "HTTPRoute",
        {"parentRefs": [{"name": "g"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
        version="gateway.networking.k8s.io/v1",
    )
    service = an_object(
        "VirtualService",
        {"hosts": ["h.test"], "gateways": ["g"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
        version="networking.istio.io/v1",
    )
    findings, _ = build(
        tmp_path,
        [workload(), WEB, ingress("i", class_name), service if gateway == "istio" else route],
        lane={"provider": "mse"},
        traffic={"gateway": gateway, "guard": False, "rules": RULES},
    )
    [told] = [each for each in findings if each.get("object") == "Ingress/i"]
    assert (told["code"], help in told["help"]) == (code, True)
