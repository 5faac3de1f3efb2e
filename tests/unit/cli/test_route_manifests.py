"""`grayc route -d`: manifests wherever they are, the classes that a gateway reads, and what it does not read."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.gateways.manifests import ingress, service
from tests.gateways.vectors import NGINX
from tests.manifests import Object, stream


def routed(*arguments: str) -> tuple[int, Any]:
    ran = run_grayc(("route", "--host", "h.test", "-f", "json", *arguments), folder=Path.cwd())
    return ran.status, json.loads(ran.stdout)


def of_class(name: str, *, called: str, field: bool = True, **annotations: str) -> Object:
    """Return an Ingress of a class to a Service of the Ingress's name."""
    route = ingress(called, (("/", "Prefix", called),), annotations=annotations)
    if field:
        route["spec"]["ingressClassName"] = name
    else:
        route["metadata"]["annotations"]["kubernetes.io/ingress.class"] = name
    return route


def ingress_class(name: str, controller: str, *, is_default: bool = False) -> Object:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"} if is_default else {}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"controller": controller},
    }


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what writes objects into `all.yaml`, asks them, and returns the Services that answer, or the status."""
    monkeypatch.chdir(tmp_path)

    def asked(objects: list[Object], *flags: str, gateway: str = "ingress-nginx") -> tuple[Any, list[str]]:
        named = sorted({entry["metadata"]["name"] for entry in objects if entry["kind"] == "Ingress"})
        Path("all.yaml").write_text(stream([*objects, *map(service, named)]))
        status, data = routed("-d", "all.yaml", "--gateway", gateway, *flags)
        if status:
            return status, [item["message"] for item in data["diagnostics"]]
        places = [item["service"] for item in data["destinations"]] or data["status"]
        return places, [f"{item['name']}: {item['reason']}" for item in data.get("notRead", [])]

    return asked


PUBLIC = of_class("nginx-public", called="public")
INTERNAL = of_class("nginx-internal", called="a-internal", field=False)


def test_one_class_is_the_gateways(ask: Any) -> None:
    assert ask([of_class("whatever", called="one"), ingress("none", host="other.test")]) == (["one"], [])


@pytest.mark.parametrize(("homes", "service_called"), [(["shop"], "web"), (["shop", "other"], "")])
def test_a_service_that_names_no_namespace_is_where_all_routes_are(
    homes: list[str], service_called: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = [{"backendRefs": [{"name": "web", "port": 80}]}]
    routes = [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "web", "namespace": home},
            "spec": {"parentRefs": [{"name": "g", "namespace": "infra"}], "rules": rules},
        }
        for home in homes
    ]
    made = service("web")
    made["metadata"].pop("namespace", None)
    Path("all.yaml").write_text(stream([*routes, made]))
    status, data = routed("-d", "all.yaml", "--gateway", "gateway-api")

    assert (status, [to["service"] or "" for to in data["destinations"]]) == (
        0,
        [service_called] if service_called else [],
    )


def test_class_is_chosen(ask: Any) -> None:
    places, unread = ask([INTERNAL, PUBLIC], "--class", "nginx-public")

    assert places == ["public"]
    assert unread == ["a-internal: it is of class `nginx-internal`; `--class nginx-internal` reads it"]


def test_several_classes_are_chosen(ask: Any) -> None:
    assert ask([INTERNAL, PUBLIC], "--class", "nginx-public", "--class", "nginx-internal") == (["public"], [])


def test_classes_that_nothing_tells_are_asked_for(ask: Any) -> None:
    status, messages = ask([INTERNAL, PUBLIC])

    assert status == 2
    assert messages == [
        "nothing tells which of the classes `nginx-internal`, `nginx-public` gateway `ingress-nginx` reads"
    ]


def test_class_that_no_ingress_has_is_told(ask: Any) -> None:
    status, messages = ask([INTERNAL, PUBLIC], "--class", "public")

    assert status == 2
    assert messages == ["no Ingress among the manifests is of class `public`"]


@pytest.mark.parametrize(
    ("gateway", "read"),
    [("ingress-nginx", "in-nginx"), ("traefik", "in-nginx"), ("higress", "in-higress"), ("mse", "in-mse")],
)
def test_well_known_classes_are_the_gateways(ask: Any, gateway: str, read: str) -> None:
    names = ("alb", "higress", "mse", "nginx")
    places, unread = ask([of_class(name, called=f"in-{name}") for name in names], gateway=gateway)

    assert places == [read]
    assert len(unread) == 3


def test_ingress_class_decides_before_its_name(ask: Any) -> None:
    classes = [ingress_class("nginx", "mse.alibabacloud.com/ingress"), ingress_class("edge", "k8s.io/ingress-nginx")]
    routes = [of_class("nginx", called="a"), of_class("edge", called="b")]

    assert ask([*classes, *routes])[0] == ["b"]
    assert ask([*classes, *routes], gateway="mse")[0] == ["a"]


def test_ingress_without_class_is_of_the_default_class(ask: Any) -> None:
    classes = [ingress_class("mse", "mse.alibabacloud.com/ingress", is_default=True)]
    routes = [ingress("plain"), of_class("nginx", called="b"), of_class("mse", called="c")]

    def left_out(objects: list[Object], gateway: str) -> list[str]:
        return [line.partition(":")[0] for line in ask(objects, gateway=gateway)[1]]

    assert left_out([*classes, *routes], "ingress-nginx") == ["plain", "c"]
    assert left_out([*classes, *routes], "mse") == ["b"]
    assert left_out(routes, "ingress-nginx") == ["c"]


def test_what_the_server_does_not_hold_is_named(ask: Any) -> None:
    old = ingress("old") | {"apiVersion": "extensions/v1beta1"}
    odd = ingress("odd", annotations={f"{NGINX}canary": "true"})
    odd["metadata"]["annotations"][f"{NGINX}canary-weight"] = 30

    assert ask([old, odd]) == (
        404,
        [
            "old: `extensions/v1beta1` has not been served since Kubernetes 1.22",
            f"odd: annotation `{NGINX}canary-weight` is no text, which the API server refuses",
        ],
    )


@pytest.mark.parametrize(
    ("version", "kind", "reader"),
    [
        ("traefik.io/v1alpha1", "IngressRoute", "Traefik"),
        ("projectcontour.io/v1", "HTTPProxy", "Contour"),
        ("apisix.apache.org/v2", "ApisixRoute", "APISIX"),
        ("route.openshift.io/v1", "Route", "the OpenShift router"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "the Gateway API"),
    ],
)
def test_other_kinds_are_named(ask: Any, version: str, kind: str, reader: str) -> None:
    route: Object = {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {},
    }

    assert ask([route]) == (404, [f"web: {reader} reads it, not gateway `ingress-nginx`"])


def test_what_traefik_reads_but_no_rule_opens_is_named(ask: Any) -> None:
    route: Object = {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRouteTCP",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {},
    }

    assert ask([route], gateway="traefik")[1] == [
        "web: Traefik reads it, and gateway `traefik` is its providers for HTTP alone"
    ]


def test_routers_of_traefiks_other_providers_are_asked_too(ask: Any) -> None:
    rule = {"kind": "Rule", "match": "PathPrefix(`/`)", "services": [{"name": "web", "port": 80}]}
    route: Object = {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"routes": [rule]},
    }

    assert ask([route], gateway="traefik") == (["web"], [])


def test_ingresses_are_named_where_the_gateway_reads_none(ask: Any) -> None:
    assert ask([PUBLIC], gateway="istio")[1] == ["public: gateway `istio` reads no Ingress"]


def test_class_is_for_manifests_and_ingresses(ask: Any) -> None:
    status, messages = ask([PUBLIC], "--class", "nginx-public", gateway="istio")
    assert status == 2
    assert messages == ["gateway `istio` reads no Ingress, so there is no `--class` to choose"]

    status, data = routed("release.yaml", "--class", "nginx-public")
    assert status == 2
    assert "-d" in data["diagnostics"][0]["message"]


def test_every_path_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("here", "there/deep", "links"):
        (tmp_path / folder).mkdir(parents=True)
    manifests = stream([PUBLIC, service("public")])
    (tmp_path / "there/deep/all.yaml").write_text(manifests)
    (tmp_path / "there/no-suffix").write_text(manifests)
    (tmp_path / "links/link.yaml").symlink_to("../there/deep/all.yaml")
    (tmp_path / "links/folder").symlink_to("../there")
    monkeypatch.chdir(tmp_path / "here")

    for path in (
        "../there",
        "../there/deep/",
        "../there/deep/all.yaml",
        "../there/no-suffix",
        "../there/*/all.yaml",
        str(tmp_path / "there"),
        str(tmp_path / "there/deep/all.yaml"),
        "../links/link.yaml",
        "../links/folder",
    ):
        status, data = routed("-d", path, "--gateway", "ingress-nginx")
        assert (status, [item["service"] for item in data.get("destinations", [])]) == (0, ["public"]), path


def test_link_out_of_a_folder_needs_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "links").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "there/all.yaml").write_text(stream([PUBLIC, service("public")]))
    (tmp_path / "links/link.yaml").symlink_to("../there/all.yaml")
    monkeypatch.chdir(tmp_path / "here")

    refused, _ = routed("-d", "../links", "--gateway", "ingress-nginx")
    allowed, data = routed("-d", "../links", "--gateway", "ingress-nginx", "--allow-root", "../there")

    assert refused == 1
    assert (allowed, data["destinations"][0]["service"]) == (0, "public")


def test_what_is_not_read_is_told_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    others = [of_class("alb", called=f"x{at:02}") for at in range(12)]
    Path("all.yaml").write_text(stream([of_class("nginx", called="web"), service("web"), *others]))

    ran = run_grayc(("route", "--host", "h.test", "-d", "all.yaml", "--gateway", "ingress-nginx"), folder=tmp_path)

    assert ran.status == 0
    told = ran.stdout.partition("not read:\n")[2].splitlines()
    assert told[0] == "  Ingress/x00 in default: it is of class `alb`; `--class alb` reads it"
    assert told[-1] == "  and 2 more"
    assert len(told) == 11


def test_gateways_are_compared_each_with_its_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    objects = [of_class(name, called=f"in-{name}") for name in ("nginx", "mse")]
    Path("all.yaml").write_text(stream([*objects, service("in-nginx"), service("in-mse")]))

    ran = run_grayc(("route", "--host", "h.test", "-d", "all.yaml", "--compare-gateways"), folder=tmp_path)

    assert ran.status == 0
    told = {line.split()[0]: line for line in ran.stdout.splitlines()}
    assert "in-mse" in told["mse"]
    assert "in-nginx" in told["ingress-nginx"]
    assert "404" in told["higress"]


def test_a_port_that_the_service_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lacking = service("b")
    lacking["spec"]["ports"] = [{"name": "http", "port": 8081}]
    Path("all.yaml").write_text(stream([lacking, of_class("nginx", called="b")]))

    _, told = routed("-d", "all.yaml", "--gateway", "ingress-nginx")

    assert told["why"][-1] == "Service b has no port 80, but 8081, http: the gateway answers with an error"


def test_a_gateway_api_route_to_a_port_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    route: Object = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "b", "port": 8081}]}]},
    }
    Path("all.yaml").write_text(stream([service("b"), route]))

    _, told = routed("-d", "all.yaml", "--gateway", "gateway-api")

    assert (told["status"], "Service b has no port 8081" in told["why"]) == (500, True)


@pytest.mark.parametrize(
    ("annotations", "header", "words"),
    [
        ({"canary-by-header": "x-gray"}, "", "no rule of Ingress/gray is met: the baseline"),
        (
            {"canary-by-header": "x-gray", "canary-weight": "0"},
            "",
            "no rule of Ingress/gray is met: the baseline",
        ),
        ({"canary-by-header": "x-gray", "canary-weight": "30"}, "", "weight 30 of 100"),
        ({"canary-by-header": "x-gray"}, "x-gray: always", "x-gray is always: the canary"),
    ],
)
def test_why_names_a_weight_only_where_there_is_one(
    annotations: dict[str, str], header: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    marked = {NGINX + name: value for name, value in {"canary": "true", **annotations}.items()}
    objects = [
        ingress("base", (("/", "Prefix", "base"),)),
        ingress("gray", (("/", "Prefix", "gray"),), annotations=marked),
    ]
    Path("all.yaml").write_text(stream([*objects, service("base"), service("gray")]))
    flags = ("-H", header) if header else ()

    _, data = routed("-d", "all.yaml", "--gateway", "ingress-nginx", *flags)

    assert any(words in reason for reason in data["why"]), data["why"]
    assert ("weight" in " ".join(data["why"])) == words.startswith("weight")
