"""Ways in as reports and manuals of gateways show them: what a release makes of them, and where their requests go.

Each row names the public source that it was made after; the objects are grayc's own.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.manifests import (
    NAMESPACE,
    ingress,
    match,
    route,
    rule,
    service,
    to,
    virtual_service,
    workload,
)
from tests.gateways.test_witness_cases import NGINX, RULES, release
from tests.gateways.vectors import NGINX as ANNOTATION
from tests.manifests import Built, Object, an_object, answer, run_build, stream

GRAY = "web-mse-gray"
USER = ("-H", "x-user: 100")
QUIET = {"GC471", "GC504", "GC508"}
WEB: tuple[Object, ...] = (workload("web"), service("web", ports=(80,)))


def build(folder: Path, gateway: str, *objects: Object, rules: Sequence[Object] = RULES, **spec: Any) -> Built:
    """Return what a build makes of `web` behind a gateway; what it writes into the baseline is among the objects."""
    named = {(item["kind"], item["metadata"]["name"]) for item in objects}
    own = [item for item in WEB if (item["kind"], item["metadata"]["name"]) not in named]
    fields = release(gateway, rules, **spec)["spec"]
    built = run_build(folder, [*own, *objects], "--baseline-patch", "patch.yaml", **fields)
    return replace(built, objects=[*built.objects, *built.patch])


def said(built: Built) -> dict[str, str]:
    return {code: text for code, text in built.said.items() if code not in QUIET}


def of(entry: Object, **spec: object) -> Object:
    """Return an object with these fields of its spec."""
    return {**entry, "spec": {**entry["spec"], **spec}}


def named(kind: str, version: str, name: str, **spec: object) -> Object:
    """Return an object beside the workload."""
    return an_object(kind, spec, version=version, name=name, namespace=NAMESPACE)


def ask(folder: Path, gateway: str, *objects: Object, flags: Sequence[str] = ()) -> Any:
    (folder / "all.yaml").write_text(stream(objects))
    return answer(folder, "route", "--host", "h.test", "-d", "all.yaml", "--gateway", gateway, *flags, status=0)


# kubernetes/ingress-nginx#9944: a path whose backend is a resource makes no location.
def test_a_path_to_a_resource_is_served_by_the_next_shorter_one(tmp_path: Path) -> None:
    entry = ingress("web", [("/", "Prefix", "web"), ("/files", "Prefix", "x")])
    bucket = {"apiGroup": "storage.example.com", "kind": "Bucket", "name": "files"}
    entry["spec"]["rules"][0]["http"]["paths"][1]["backend"] = {"resource": bucket}

    told = ask(tmp_path, "ingress-nginx", entry, *WEB, flags=("--path", "/files/a.css"))

    assert [item["service"] for item in told["destinations"]] == ["web"]


# openkruise/rollouts#128: canary annotations of ALB mean nothing to a gateway that does not read its class.
@pytest.mark.parametrize("gateway", ["ingress-nginx", "traefik", "higress", "mse"])
@pytest.mark.parametrize("name", ["alb", "kong", "istio"])
def test_a_class_of_another_product_is_read_by_no_gateway(gateway: str, name: str, tmp_path: Path) -> None:
    entry = of(ingress("web", [("/", "Prefix", "web")]), ingressClassName=name)

    told = ask(tmp_path, gateway, entry, *WEB)
    named = ask(tmp_path, gateway, entry, *WEB, flags=("--class", name))

    assert told["status"] == 404
    assert [item["name"] for item in told["notRead"]] == ["web"]
    assert [item["service"] for item in named["destinations"]] == ["web"]


# higress-group/higress#1044, and Envoy Gateway's `Backend`: what is no Service is not said to be one.
def test_a_backend_outside_the_cluster_is_no_service(tmp_path: Path) -> None:
    nacos = ingress("web", annotations={"higress.io/destination": "orders.DEFAULT-GROUP.public.nacos"})
    bridge = {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}
    nacos["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": bridge}
    outside = {"group": "gateway.envoyproxy.io", "kind": "Backend", "name": "ext"}

    assert ask(tmp_path, "higress", nacos)["why"][-1] == "orders.DEFAULT-GROUP.public.nacos is no Service: the baseline"
    told = ask(tmp_path, "gateway-api", route("web", [{"backendRefs": [outside]}]))
    assert told["why"][-1] == "Backend/ext is no Service: the baseline"


# Kubernetes, Service of type LoadBalancer: it chooses by connection, so a rule has no place there.
def test_a_load_balancer_alone_opens_nothing(tmp_path: Path) -> None:
    built = build(tmp_path, "ingress-nginx", of(WEB[1], type="LoadBalancer"))

    assert built.status == 1
    assert "no Ingress of the baseline leads to a released service" in said(built)["GC321"]


def test_a_load_balancer_beside_an_entry_stays_on_the_baseline(tmp_path: Path) -> None:
    entry = ingress("web", [("/", "Prefix", "web")])

    built = build(tmp_path, "ingress-nginx", of(WEB[1], type="LoadBalancer"), entry)

    assert built.status == 0
    assert "requests by the baseline's own address stay there" in said(built)["GC450"]
    assert built.one("Service")["spec"].get("type", "ClusterIP") == "ClusterIP"


# kubernetes/ingress-nginx#9944: Ingresses that have a default backend and no paths.
@pytest.mark.parametrize("rules", [{}, {"rules": [{"host": "h.test"}]}], ids=["no rules", "a host alone"])
def test_a_default_backend_alone_is_told(rules: Object, tmp_path: Path) -> None:
    default = {"service": {"name": "web", "port": {"number": 80}}}
    entry = {**ingress("web"), "spec": {"defaultBackend": default, **rules}}

    built = build(tmp_path, "ingress-nginx", entry)

    assert built.status == 1
    assert set(said(built)) == {"GC321", "GC502"}


# kubernetes/ingress-nginx#8549: a canary has the settings of its base, so none is repeated in it.
@pytest.mark.parametrize("gateway", [*NGINX, "higress"])
def test_a_canary_repeats_no_login_and_no_certificate_request(gateway: str, tmp_path: Path) -> None:
    others = {
        f"{ANNOTATION}auth-url": "https://login.test/check",
        f"{ANNOTATION}configuration-snippet": "more_set_headers 'X-A: 1';",
        f"{ANNOTATION}whitelist-source-range": "10.0.0.0/8",
        "cert-manager.io/cluster-issuer": "letsencrypt",
        "external-dns.alpha.kubernetes.io/hostname": "h.test",
    }

    name = "higress" if gateway == "higress" else "nginx"

    entry = ingress("web", [("/", "Prefix", "web")], annotations=others)
    built = build(tmp_path, gateway, of(entry, ingressClassName=name))

    assert built.status == 0
    assert not others.keys() & built.one("Ingress")["metadata"]["annotations"].keys()


# kubernetes/ingress-nginx#4028: a canary is found by the Service of its base, so it takes the other path too.
def test_a_canary_of_one_path_that_takes_another_is_refused(tmp_path: Path) -> None:
    entry = ingress("web", [("/", "Prefix", "web"), ("/hello", "Prefix", "web")])

    built = build(tmp_path, "ingress-nginx", entry, entries=[{"ingress": "web", "paths": ["/hello"]}])

    assert built.status == 1
    assert "`h.test/`, which leads to Service `web` too" in said(built)["GC509"]


# kubernetes/ingress-nginx#3717: the session cookie is asked before the canary.
def test_a_session_cookie_that_comes_first_is_told(tmp_path: Path) -> None:
    entry = ingress("web", [("/", "Prefix", "web")], annotations={f"{ANNOTATION}affinity": "cookie"})

    built = build(tmp_path, "ingress-nginx", entry)

    assert built.status == 0
    assert set(said(built)) == {"GC511"}
    assert built.goes(*USER) == {GRAY: 100}
    assert built.goes(*USER, "--sticky", "web") == {"web": 100}


# traefik/traefik#13789: the rule of a canary is longer than that of a longer path.
def test_a_canary_that_takes_a_longer_path_on_traefik_is_refused(tmp_path: Path) -> None:
    entry = of(ingress("web", [("/", "Prefix", "web")]), ingressClassName="nginx")
    data = [of(ingress("data", [("/data", "Prefix", "data")]), ingressClassName="nginx"), service("data")]

    assert set(said(build(tmp_path, "traefik", entry, *data))) == {"GC512"}
    assert said(build(tmp_path / "other", "ingress-nginx", entry, *data)) == {}


# argoproj/argo-rollouts#2717: the second of two services is gray only where something carries the lane's header.
def test_a_gateway_that_puts_no_header_on_says_so(tmp_path: Path) -> None:
    entry = ingress("web", [("/", "Prefix", "web")])
    spec: Object = {
        "services": [{"name": name, "workload": f"Deployment/{name}"} for name in ("web", "beta")],
        "accept": [],
    }
    beta = [workload("beta"), service("beta")]

    built = build(tmp_path, "ingress-nginx", *beta, entry, **spec)

    assert built.status == 1
    assert "GC508" in built.errors
    assert "only the entry service is gray for sure" in built.said["GC508"]


def on(entry: Object, *names: str) -> Object:
    return of(entry, parentRefs=[{"name": name} for name in names])


# kubernetes-sigs/aws-load-balancer-controller#4499: one host on an internal and an external Gateway.
@pytest.mark.parametrize(("inside", "made"), [("web", ["ext", "int"]), ("admin", ["ext"])])
def test_routes_of_two_gateways_do_not_meet(inside: str, made: list[str], tmp_path: Path) -> None:
    internal = on(route("int", [rule(inside, matches=[match("/")])], age=5), "internal")
    external = on(route("ext", [rule("web", matches=[match("/api"), match("/")])]), "external")

    built = build(tmp_path, "gateway-api", internal, external, service("admin"))

    assert built.status == 0
    assert "GC512" not in said(built)
    assert [item["metadata"]["name"] for item in built.all("HTTPRoute")] == [f"{name}-mse-gray" for name in made]
    assert built.goes(*USER) == {GRAY: 100}


# fluxcd/flagger#1888: filters by reference go along, policies by name do not.
def test_a_policy_of_the_route_and_a_filter_are_repeated(tmp_path: Path) -> None:
    extension = {"group": "gateway.envoyproxy.io", "kind": "HTTPRouteFilter", "name": "page"}
    filters = [{"type": "ExtensionRef", "extensionRef": extension}]
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "web"}
    policy = named("SecurityPolicy", "gateway.envoyproxy.io/v1alpha1", "login", targetRefs=[target])

    built = build(tmp_path, "gateway-api", route("web", [rule("web", filters=filters)]), policy)

    assert [ref["name"] for ref in built.one("SecurityPolicy")["spec"]["targetRefs"]] == [GRAY]
    assert filters[0] in built.one("HTTPRoute")["spec"]["rules"][0]["filters"]


# gateway-api.sigs.k8s.io, BackendTLSPolicy: without one of its own a gray Service is called in clear text.
def test_how_a_backend_is_called_goes_with_its_service(tmp_path: Path) -> None:
    policy = named(
        "BackendTLSPolicy",
        "gateway.networking.k8s.io/v1",
        "web",
        targetRefs=[{"group": "", "kind": "Service", "name": "web"}],
        validation={"hostname": "web.internal", "wellKnownCACertificates": "System"},
    )
    services = [{"name": "web", "from": "baseline"}]

    built = build(tmp_path, "gateway-api", route("web", [rule("web")]), policy, services=services)

    assert built.status == 0
    made = built.one("BackendTLSPolicy")["spec"]
    assert made == {**policy["spec"], "targetRefs": [{"group": "", "kind": "Service", "name": GRAY}]}


def gateway(name: str = "gw", **pods: str) -> Object:
    port = {"number": 80, "name": "http", "protocol": "HTTP"}
    servers = [{"port": port, "hosts": ["*"]}]
    return named(
        "Gateway", "networking.istio.io/v1", name, selector=pods or {"istio": "ingressgateway"}, servers=servers
    )


# argoproj/argo-rollouts#2526: a rollout in the middle splits between two Services of the same pods.
def test_both_services_of_a_rollout_are_gray(tmp_path: Path) -> None:
    canary = of(service("web-canary", ports=(80,)), selector={"app": "web"})
    split = virtual_service("web", [to(("web", 50), ("web-canary", 50))])

    built = build(tmp_path, "istio", gateway(), split, canary)

    assert built.status == 0
    assert built.goes(*USER) == {GRAY: 50, "web-canary-mse-gray": 50}
    assert built.goes() == {"web": 50, "web-canary": 50}


# istio/istio#36621: the older VirtualService of the host is that of a private Gateway.
def test_a_rule_comes_before_the_catch_all_of_another_gateway(tmp_path: Path) -> None:
    private = of(virtual_service("a", [to("admin")], age=9), gateways=["private"])
    public = of(virtual_service("b", [to("web", match=[{"uri": {"prefix": "/"}}])]), gateways=["public"])

    built = build(tmp_path, "istio", gateway("private"), gateway("public"), private, public, service("admin"))

    assert built.status == 0
    assert set(said(built)) == {"GC516"}
    assert built.goes(*USER) == {GRAY: 100}
    assert built.goes() == {"admin": 100}


# istio.io, DestinationRule: what the baseline's says of its Service is said of the gray one too.
def test_a_gray_service_is_called_as_the_baselines(tmp_path: Path) -> None:
    policy = {"tls": {"mode": "SIMPLE"}}
    subsets = [{"name": "v1", "labels": {"version": "v1"}}]
    destination = named(
        "DestinationRule", "networking.istio.io/v1", "web", host="web", trafficPolicy=policy, subsets=subsets
    )

    built = build(
        tmp_path, "istio", gateway(), virtual_service("web", [to("web")]), destination, lane={"provider": "istio"}
    )

    assert built.status == 0
    assert built.one("DestinationRule")["spec"] == {"host": "web-gray", "trafficPolicy": policy}


# istio.io, AuthorizationPolicy: the gray pods have labels of their own, and a policy of their own.
def test_a_policy_by_labels_governs_the_gray_pods(tmp_path: Path) -> None:
    policy = named(
        "AuthorizationPolicy",
        "security.istio.io/v1",
        "callers",
        selector={"matchLabels": {"app": "web"}},
        rules=[{"from": [{"source": {"principals": ["cluster.local/ns/default/sa/a"]}}]}],
    )

    built = build(tmp_path, "istio", gateway(), virtual_service("web", [to("web")]), policy)

    assert built.status == 0
    made = built.one("AuthorizationPolicy")["spec"]
    labels = built.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert made["selector"]["matchLabels"].items() <= labels.items()
    assert made["rules"] == policy["spec"]["rules"]


# istio/istio#36621 and fluxcd/flagger#50: a second VirtualService of a mesh host is not read.
@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("mesh", {"hosts": ["web"], "gateways": ["mesh"]}),
        ("web", {"hosts": ["h.test", "web"], "gateways": ["gw", "mesh"]}),
    ],
    ids=["of its own", "with the gateway"],
)
def test_a_mesh_host_that_is_served_already_is_changed_by_a_patch(name: str, spec: Object, tmp_path: Path) -> None:
    others = [virtual_service("web", [to("web")])] if name != "web" else []
    mesh = of(virtual_service(name, [to("web")]), **spec)

    built = build(tmp_path, "istio", gateway(), *others, mesh, lane={"provider": "istio"})

    assert built.status == 0
    assert "until it is changed no call goes gray" in said(built)["GC583"]
    assert f"VirtualService `{name}`" in said(built)["GC583"]
