"""What the witness says of baselines as teams have them: canaries of rollouts, routes that overlap, splits, redirects."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from grayc.diagnostics import Diagnostic
from grayc.driver import witness
from grayc.driver.compile import compile_other_steps, compile_releases
from grayc.driver.request import Request
from tests import manifests
from tests.cli_run import run_grayc
from tests.gateways.manifests import NAMESPACE, ingress, match, route, rule, service, to, virtual_service, workload
from tests.gateways.test_lowering import NO_COLOUR
from tests.gateways.vectors import canary
from tests.manifests import Object, objects_in, stream

RULES: list[Object] = [{"header": "x-user", "value": "100"}]
NGINX = ("ingress-nginx", "traefik")
HIGRESS = ("mse", "higress")


def release(gateway: str, rules: Sequence[Object], name: str = "web", **spec: object) -> Object:
    """Return a release of a workload behind a gateway."""
    traffic: Object = {"gateway": gateway, "guard": False, "rules": list(rules)}
    traffic |= {"entries": spec.pop("entries")} if "entries" in spec else {}
    fields = {
        "namespace": NAMESPACE,
        "services": [{"name": name, "workload": f"Deployment/{name}"}],
        "traffic": traffic,
        "accept": [{"code": "GC508", "reason": "asked"}] if gateway in NO_COLOUR else [],
        **spec,
    }
    return manifests.release(name, **fields)


def write(folder: Path, routes: Sequence[Object], *specs: Object) -> Request:
    objects = [each for name in ("web", "beta") for each in (workload(name), service(name, ports=(80,)))]
    (folder / "baseline").mkdir()
    (folder / "baseline" / "all.yaml").write_text(stream([*objects, *routes]), encoding="utf-8")
    paths = []
    for spec in specs:
        path = folder / f"{spec['metadata']['name']}.release.yaml"
        path.write_text(json.dumps(spec), encoding="utf-8")
        paths.append(str(path))
    return Request(specs=tuple(paths), stdin=io.BytesIO)


def found(folder: Path, gateway: str, routes: Sequence[Object], rules: Sequence[Object] = RULES) -> list[Diagnostic]:
    request = write(folder, routes, release(gateway, rules))
    return [each for each in compile_releases(request).diagnostics if each.code in {"GC525", "GC540", "GC541", "GC542"}]


WEB = ingress("web", [("/", "Prefix", "web")], age=10)
OF_NGINX = {"kubernetes.io/ingress.class": "nginx"}


@pytest.mark.parametrize("gateway", NGINX)
@pytest.mark.parametrize("asked", [{"w": 50}, {"hdr": "x-beta"}, {"ck": "beta"}, {"w": 0}], ids=str)
def test_any_canary_has_the_route_where_one_is_read(gateway: str, asked: Object, tmp_path: Path) -> None:
    web = ingress("web", [("/", "Prefix", "web")], age=10, annotations=OF_NGINX)
    older = canary("older", [("/", "Prefix", "beta")], age=5, others=OF_NGINX, **asked)

    [told] = found(tmp_path, gateway, [web, older])

    assert told.code == "GC525"
    assert "`GET h.test/` with `x-user: 100`" in told.message
    assert "`Ingress/older`" in told.message
    assert any(note.message.startswith("ask it: `grayc route ") for note in told.notes)
    assert any("never read" in note.message for note in told.notes)


@pytest.mark.parametrize("gateway", HIGRESS)
def test_a_canary_is_in_the_way_where_it_asks_the_same(gateway: str, tmp_path: Path) -> None:
    place = [("/", "Prefix", "beta")]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert found(tmp_path / "a", gateway, [WEB, canary("older", place, hdr="x-beta", age=5)]) == []
    [told] = found(tmp_path / "b", gateway, [WEB, canary("older", place, hdr="x-user", val="100", age=5)])
    assert "goes to beta:80 (baseline)" in told.message


@pytest.mark.parametrize("gateway", HIGRESS)
def test_a_share_beside_another_share_is_what_it_says(gateway: str, tmp_path: Path) -> None:
    older = canary("older", [("/", "Prefix", "beta")], w=50, age=5)

    assert found(tmp_path, gateway, [WEB, older], [{"weight": 20}]) == []


def asked_first(**asked: str) -> list[Object]:
    """Return an older VirtualService that takes requests with these headers from the released Service."""
    headers = {name: {"exact": value} for name, value in asked.items()}
    older = virtual_service("older", [to("beta", match=[{"uri": {"prefix": "/"}, "headers": headers}])], age=20)
    return [older, virtual_service("web", [to("web")], age=10)]


def test_a_route_that_asks_the_same_header_wins(tmp_path: Path) -> None:
    [told] = found(tmp_path, "istio", asked_first(**{"x-user": "100"}))

    assert "goes to beta (baseline) by `http[0]` of `VirtualService/older`" in told.message


def test_what_a_check_has_told_is_not_told_again(tmp_path: Path) -> None:
    rules = [rule("beta", matches=[match("/", headers={"x-user": "100"})]), rule("web", matches=[match("/")])]
    request = write(tmp_path, [route("web", rules, age=10)], release("gateway-api", RULES))

    codes = {each.code for each in compile_releases(request).diagnostics}

    assert "GC531" in codes
    assert "GC525" not in codes


def test_only_the_value_that_is_taken_is_told(tmp_path: Path) -> None:
    asked = [{"header": "x-user", "values": ["100", "101"]}]

    [told] = found(tmp_path, "istio", asked_first(**{"x-user": "101"}), asked)

    assert "`x-user: 101`" in told.message


def test_an_older_virtual_service_has_the_path(tmp_path: Path) -> None:
    older = virtual_service("older", [to("beta", match=[{"uri": {"prefix": "/api"}}])], age=20)
    web = virtual_service("web", [to("web", match=[{"uri": {"prefix": "/api"}}])], age=10)

    [told] = found(tmp_path, "istio", [older, web])

    assert "`GET h.test/api`" in told.message
    assert "by `http[0]` of `VirtualService/older`" in told.message


def test_virtual_services_of_one_host_that_share_it_are_both_entered(tmp_path: Path) -> None:
    first = virtual_service("a", [to("web", match=[{"uri": {"prefix": "/a"}}])], age=20)
    second = virtual_service("b", [to("web")], age=10)

    assert found(tmp_path, "istio", [first, second]) == []


def test_what_production_answers_itself_is_said_and_stops_nothing(tmp_path: Path) -> None:
    moved = rule(matches=[match("/")], filters=[{"type": "RequestRedirect", "requestRedirect": {"statusCode": 301}}])
    older = route("older", [{**moved, "backendRefs": []}], age=20)
    web = route("web", [rule("web", matches=[match("/")])], age=10)

    [said] = found(tmp_path, "gateway-api", [older, web])

    assert said.code == "GC540"
    assert "`HTTPRoute/older` answers" in said.message
    assert "status 301" in said.message


@pytest.mark.parametrize("gateway", ["mse", "ingress-nginx", "traefik"])
def test_an_entry_that_only_redirects_lets_nobody_in(gateway: str, tmp_path: Path) -> None:
    prefix = "mse" if gateway == "mse" else "nginx"
    moved = {f"{prefix}.ingress.kubernetes.io/permanent-redirect": "https://new.test"}
    moved |= OF_NGINX if gateway in NGINX else {}
    web = ingress("web", [("/", "Prefix", "web")], annotations=moved)

    [said] = found(tmp_path, gateway, [web])

    assert said.code == "GC540"
    assert "`Ingress/web` answers" in said.message


@pytest.mark.parametrize("gateway", [*NGINX, *HIGRESS, "gateway-api", "istio"])
def test_an_exact_path_beside_a_prefix_is_another_path(gateway: str, tmp_path: Path) -> None:
    """A landing page of its own beside the application."""
    match gateway:
        case "gateway-api":
            rules = [rule("beta", matches=[match("/", "Exact")]), rule("web", matches=[match("/")])]
            web = route("web", rules)
        case "istio":
            web = virtual_service("web", [to("beta", match=[{"uri": {"exact": "/"}}]), to("web")])
        case _:
            classed = OF_NGINX if gateway in NGINX else {}
            web = ingress("web", [("/", "Prefix", "web"), ("/", "Exact", "beta")], annotations=classed)

    assert found(tmp_path, gateway, [web]) == []


@pytest.mark.parametrize("gateway", [*NGINX, *HIGRESS, "gateway-api", "istio"])
def test_objects_without_a_namespace_are_asked_too(gateway: str, tmp_path: Path) -> None:
    _, entries = of_others(gateway, "web")
    spec = release(gateway, RULES)
    del spec["spec"]["namespace"]
    request = write(tmp_path, entries, spec)
    baseline = tmp_path / "baseline" / "all.yaml"
    objects = objects_in(baseline.read_text())
    for each in objects:
        each["metadata"].pop("namespace", None)
    baseline.write_text(stream(objects), encoding="utf-8")

    told = {each.code for each in compile_releases(request).diagnostics}
    assert not {"GC525", "GC540", "GC541", "GC542"} & told


def of_others(gateway: str, service_: str) -> tuple[list[Object], list[Object]]:
    """Return an entry to `web`, and an older one of the same host and path, as the gateway has them."""
    match gateway:
        case "gateway-api":
            older = route("older", [rule(service_, matches=[match("/")])], age=20)
            return [older], [route("web", [rule("web", matches=[match("/")])], age=10)]
        case "istio":
            older = virtual_service("older", [to(service_, match=[{"uri": {"prefix": "/a"}}])], age=20)
            return [older], [virtual_service("web", [to("web", match=[{"uri": {"prefix": "/a"}}])], age=10)]
        case _:
            classed = OF_NGINX if gateway in NGINX else {}
            older = ingress("older", [("/", "Prefix", service_)], age=20, annotations=classed)
            return [older], [ingress("web", [("/", "Prefix", "web")], age=10, annotations=classed)]


@pytest.mark.parametrize("rules", [RULES, [{"weight": 20}]], ids=["header", "weight"])
@pytest.mark.parametrize("gateway", [*NGINX, *HIGRESS, "gateway-api", "istio"])
def test_requests_of_another_service_do_not_enter_unsaid(gateway: str, rules: list[Object], tmp_path: Path) -> None:
    older, web = of_others(gateway, "beta")

    said = found(tmp_path, gateway, [*older, *web], rules)

    assert said
    assert {each.code for each in said} <= {"GC525", "GC542"}
    assert any(
        "`" + older[0]["kind"] + "/older`" in text for each in said for text in (each.message, *map(str, each.notes))
    )


@pytest.mark.parametrize("gateway", [*NGINX, *HIGRESS, "gateway-api"])
def test_an_older_entry_of_the_same_service_is_no_finding(gateway: str, tmp_path: Path) -> None:
    older, web = of_others(gateway, "web")

    assert found(tmp_path, gateway, [*older, *web]) == []


def test_what_the_route_itself_asks_for_is_sent(tmp_path: Path) -> None:
    asked: Object = {
        "uri": {"exact": "/a"},
        "method": {"exact": "POST"},
        "queryParams": {"v": {"exact": "2"}},
        "headers": {"x-env": {"exact": "prod"}},
    }
    taken = {**asked, "headers": {**asked["headers"], "x-user": {"exact": "100"}}}
    older = virtual_service("older", [to("beta", match=[taken])], age=20)
    web = virtual_service("web", [to("web", match=[asked])], age=10)

    [told] = found(tmp_path, "istio", [older, web])

    assert "`POST h.test/a?v=2` with `x-env: prod`, `x-user: 100`" in told.message
    assert "--method=POST" in told.notes[0].message


def test_credentials_are_not_shown(tmp_path: Path) -> None:
    routes = asked_first(authorization="top")

    [told] = found(tmp_path, "istio", routes, [{"header": "authorization", "value": "top"}])

    assert "top" not in told.message + "".join(note.message for note in told.notes)


def test_a_pattern_without_an_example_is_told_once(tmp_path: Path) -> None:
    patterns: list[Object] = [{"header": "x-user", "pattern": text} for text in ("^[[:alpha:]]1$", "^[[:alpha:]]2$")]

    [told] = found(tmp_path, "mse", [WEB], patterns)

    assert told.code == "GC540"
    assert "and 1 more like it" in told.message


@pytest.mark.parametrize("pattern", ["(?i)beta", r"\bbeta\b", "(^|[0-9])0[0-4]$", "^beta-[0-9]+$", "a|b", ".*"])
def test_an_example_of_a_pattern_is_found(pattern: str, tmp_path: Path) -> None:
    assert found(tmp_path, "mse", [WEB], [{"header": "x-user", "pattern": pattern}]) == []


@pytest.mark.parametrize("path", ["/foo(/|$)(.*)", "/[a-z]+/items", "/api/v[0-9]"])
def test_an_expression_among_the_paths_is_entered(path: str, tmp_path: Path) -> None:
    notes = {"nginx.ingress.kubernetes.io/use-regex": "true"}
    entry = ingress("web", [(path, "ImplementationSpecific", "web")], annotations=notes)

    assert found(tmp_path, "ingress-nginx", [entry]) == []


def test_each_step_is_asked(tmp_path: Path) -> None:
    steps = [{"name": "first", "rules": RULES}, {"name": "last", "rules": [{"header": "x-user", "value": "101"}]}]
    spec = release("istio", [{"header": "x-user", "value": "102"}], rollout={"steps": steps})
    compiled = compile_releases(write(tmp_path, asked_first(**{"x-user": "100"}), spec))
    assert compiled.value is not None

    [told] = [each for each in compile_other_steps(compiled.value, ()).diagnostics if each.code == "GC525"]

    assert told.notes[-1].message == "at step `first`"


def test_each_of_several_releases_is_asked_beside_the_others(tmp_path: Path) -> None:
    entry = ingress("web", [("/", "Prefix", "web"), ("/beta", "Prefix", "beta")], age=10)
    first = release("higress", RULES)
    second = release("higress", [{"weight": 20}], "beta", tag="blue")
    done = compile_releases(write(tmp_path, [entry], first, second))

    assert done.value is not None, done.diagnostics
    assert not [each for each in done.diagnostics if each.code.startswith(("GC52", "GC54"))]


def test_a_bound_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MAX_REQUESTS", 3)

    [told] = found(tmp_path, "mse", [WEB], [{"header": "x-user", "values": ["1", "2", "3"]}])

    assert told.code == "GC541"


def test_route_answers_where_a_build_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [WEB, canary("older", [("/", "Prefix", "beta")], w=0, age=5)], release("ingress-nginx", RULES))
    spec = "web.release.yaml"

    assert run_grayc(["build", spec, "-o", "out"], folder=tmp_path).status == 1
    asked = run_grayc(["route", spec, "--host=h.test", "--path=/", "-H", "x-user: 100"], folder=tmp_path)
    assert asked.status == 0
    assert "never read: not the first" in asked.stdout


@pytest.mark.parametrize("listener", ["shop.test", "*.shop.test"])
@pytest.mark.parametrize("hosts", [[], ["*.test"]])
def test_a_route_takes_its_host_from_the_listener(listener: str, hosts: list[str], tmp_path: Path) -> None:
    way: Object = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "parentRefs": [{"name": "edge"}],
            **({"hostnames": hosts} if hosts else {}),
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
    }
    edge: Object = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "edge", "namespace": "default"},
        "spec": {
            "gatewayClassName": "envoy",
            "listeners": [{"name": "http", "port": 80, "protocol": "HTTP", "hostname": listener}],
        },
    }

    assert [item.code for item in found(tmp_path, "gateway-api", [edge, way])] == []


@pytest.mark.parametrize(("host", "codes"), [("shop.test", []), ("default/*.shop.test", []), ("other/*", ["GC540"])])
def test_a_virtual_service_of_any_host_takes_it_from_the_server(host: str, codes: list[str], tmp_path: Path) -> None:
    way: Object = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"hosts": ["*"], "gateways": ["edge"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
    }
    edge: Object = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "edge", "namespace": "default"},
        "spec": {
            "selector": {"istio": "ingressgateway"},
            "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": [host]}],
        },
    }

    assert [item.code for item in found(tmp_path, "istio", [edge, way])] == codes


@pytest.mark.parametrize(("service_name", "codes"), [("web", ["GC326"]), ("beta", [])])
def test_a_destination_that_leads_to_a_released_service_is_told(
    service_name: str, codes: list[str], tmp_path: Path
) -> None:
    resource = {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}
    annotations = {"higress.io/destination": f"{service_name}.default.svc.cluster.local:80"}
    path: Object = {"path": "/", "pathType": "Prefix", "backend": {"resource": resource}}
    other = ingress("registry", host="b.test", annotations=annotations)
    other["spec"] = {"rules": [{"host": "b.test", "http": {"paths": [path]}}]}

    request = write(tmp_path, [WEB, other], release("higress", RULES))

    assert [item.code for item in compile_releases(request).diagnostics if item.code == "GC326"] == codes
