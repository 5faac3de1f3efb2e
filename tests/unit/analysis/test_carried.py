"""A hop is a fact: what each provider needs for it is seen, missing, or unknown, and everyone who tells of it agrees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.manifests import Object, a_namespace, an_object, answer, ingress, service, workload, write_release
from tests.vectors import rows

ON = "istio-injection: enabled"
HTTP = "{name: http, port: 80}"


def fields(text: str) -> Object:
    """Return the fields that a text has between braces; that is how they are written in the cases."""
    found: Object = yaml.safe_load(f"{{{text}}}")
    return found


@dataclass(frozen=True, kw_only=True)
class Pods:
    """What a caller's pods say: fields of the manifest."""

    labels: str = ""
    annotations: str = ""
    host: str = ""
    container: str = ""
    more: str = ""

    def of(self, name: str, namespace: str = "shop") -> Object:
        made = workload(
            name=name,
            namespace=namespace,
            labels={"app": name},
            pod=fields(self.host),
            container=fields(self.container),
        )
        template = made["spec"]["template"]
        template["metadata"] = {
            "labels": {"app": name, **fields(self.labels)},
            **({"annotations": fields(self.annotations)} if self.annotations else {}),
        }
        template["spec"]["containers"] += yaml.safe_load(f"[{self.more}]")
        return made


@dataclass(frozen=True, kw_only=True)
class Case:
    """A web that calls a cart.

    Attributes:
        namespace: labels of the Namespace; None where it is not in the baseline.
        spec: more of the cart's Service.
        others: more objects of the baseline.
        services: fields of the rows of the release.
    """

    provider: str = "istio"
    namespace: str | None = ON
    web: Pods = field(default_factory=Pods)
    cart: Pods = field(default_factory=Pods)
    ports: str = HTTP
    service: str = ""
    spec: str = ""
    annotations: str = ""
    others: Sequence[Object] = ()
    services: tuple[str, ...] = ("name: web", "name: cart")
    calls: tuple[str, ...] = ("web -> cart",)


def past(annotation: str) -> Case:
    return Case(web=Pods(annotations=annotation))


def waypoint(name: str, kind: str = "") -> list[Object]:
    listener = {"name": "mesh", "port": 15008, "protocol": "HBONE"}
    spec = {"gatewayClassName": "istio-waypoint", "listeners": [listener]}
    made = an_object("Gateway", spec, version="gateway.networking.k8s.io/v1", name=name)
    made["metadata"]["labels"] = {"istio.io/waypoint-for": kind} if kind else {}
    return [made]


def sidecar(hosts: str, of: str = "", home: str = "shop", more: str = "") -> list[Object]:
    spec = {
        **({"workloadSelector": {"labels": fields(of)}} if of else {}),
        "egress": yaml.safe_load(f"[{{hosts: [{hosts}]}}{more}]"),
    }
    name = "own" if of else "default"
    return [an_object("Sidecar", spec, version="networking.istio.io/v1", name=name, namespace=home)]


def a_service(name: str, ports: str = HTTP) -> Object:
    return service(name, labels={"app": name}, ports=yaml.safe_load(f"[{ports}]"))


def other_service(name: str, spec: str, home: str = "shop") -> list[Object]:
    return [an_object("Service", fields(spec), name=name, namespace=home)]


NS = "{name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}, "


def calling(
    text: str,
    ports: str = HTTP,
    *,
    name: str = "TO",
    others: Sequence[Object] = (),
    spec: str = "",
    first: str = "",
    more: str = "",
) -> Case:
    """Return a web with a variable."""
    env = f'env: [{first}{{name: {name}, value: "{text}"}}{more}]'
    return Case(web=Pods(container=env), ports=ports, others=others, spec=spec)


def lay(folder: Path, case: Case, accepted: Sequence[str] = ()) -> None:
    cart = a_service("cart", case.ports)
    cart["metadata"] |= {"labels": fields(case.service), "annotations": fields(case.annotations)}
    cart["spec"] = {**fields(case.spec), **cart["spec"]}
    entry = ingress(class_name="higress", host="shop.example.com")
    objects = [case.web.of("web"), case.cart.of("cart"), entry, *case.others, a_service("web"), cart]
    if case.namespace is not None:
        objects.append(a_namespace(labels=fields(case.namespace)))
    write_release(
        folder,
        objects,
        lane={"provider": case.provider},
        services=[fields(row) for row in case.services],
        calls=[*case.calls] or None,
        traffic={"gateway": "higress", "rules": [{"header": "x-user", "value": "1"}]},
        accept=[{"code": code, "reason": "known"} for code in accepted] or None,
    )


def tell(folder: Path, case: Case) -> tuple[str, str]:
    """Return `carried`, `not carried` or `unknown` of the last hop, and why; all who tell of it must agree."""
    lay(folder, case)
    told = answer(folder, "plan", "release.yaml")
    hop = told["plans"][0]["calls"][0]["hops"][-1]
    carried, why = hop["carried"], hop["why"] or ""
    assert hop["copy"] == {"carried": "gray", "not carried": "baseline", "unknown": "unknown"}[carried]
    found = [item for item in told["diagnostics"] if item["code"] in {"GC390", "GC391"}]
    told_otherwise = {item["code"] for item in told["diagnostics"]} & {"GC486", "GC487", "GC490"}
    codes = {"carried": [], "not carried": ["GC390"], "unknown": ["GC391"]}[carried]
    assert [item["code"] for item in found] == ([] if told_otherwise else codes)
    # A caller's name is left out where others have the same cause.
    assert all(why in item["message"] or why.partition("` ")[2] in item["message"] for item in found)
    if carried == "unknown":
        assert "GC471" not in {item["code"] for item in told["diagnostics"]}, "one finding tells of a cause"
    lay(folder, case, sorted({item["code"] for item in found} | (told_otherwise & {"GC490"})))
    assert {"copy": hop["copy"], "carried": carried}.items() <= routed(folder)[-1].items()
    return carried, why


def routed(folder: Path) -> list[Object]:
    """Return the hops of a request of the lane."""
    hops: list[Object] = answer(folder, "route", "release.yaml", "--host", "shop.example.com", "-H", "x-user: 1")[
        "hops"
    ]
    return hops


@pytest.mark.parametrize(
    ("case", "carried", "why"),
    [
        (Case(), "carried", ""),
        (Case(namespace="istio.io/rev: canary"), "carried", ""),
        (Case(namespace=""), "not carried", "get no sidecar"),
        (Case(namespace="istio-injection: disabled"), "not carried", "istio-injection: disabled"),
        (Case(namespace=None), "unknown", "Namespace `shop` is not in the baseline"),
        (Case(web=Pods(labels='sidecar.istio.io/inject: "false"')), "not carried", "sidecar.istio.io/inject: false"),
        (
            Case(web=Pods(annotations='sidecar.istio.io/inject: "false"')),
            "not carried",
            "sidecar.istio.io/inject: false",
        ),
        # The label comes before the annotation.
        (
            Case(web=Pods(labels='sidecar.istio.io/inject: "true"', annotations='sidecar.istio.io/inject: "false"')),
            "carried",
            "",
        ),
        (Case(namespace="", web=Pods(labels='sidecar.istio.io/inject: "true"')), "carried", ""),
        (Case(namespace=None, web=Pods(labels="istio.io/rev: stable")), "carried", ""),
        # No webhook looks for the annotation.
        (Case(namespace="", web=Pods(annotations='sidecar.istio.io/inject: "true"')), "not carried", "get no sidecar"),
        (
            Case(namespace="istio-injection: disabled", web=Pods(labels='sidecar.istio.io/inject: "true"')),
            "not carried",
            "istio-injection: disabled",
        ),
        (Case(web=Pods(host="hostNetwork: true")), "not carried", "the node's network"),
        (Case(namespace="", web=Pods(more="{name: istio-proxy, image: p}")), "carried", ""),
        # What the called pods have does not count: the caller's side routes.
        (Case(cart=Pods(labels='sidecar.istio.io/inject: "false"')), "carried", ""),
        (Case(namespace="istio.io/dataplane-mode: ambient"), "not carried", "no `istio.io/use-waypoint`"),
        (
            Case(
                namespace="istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint",
                others=waypoint("waypoint"),
            ),
            "carried",
            "",
        ),
        (
            Case(
                namespace="istio.io/dataplane-mode: ambient", service="istio.io/use-waypoint: w", others=waypoint("w")
            ),
            "carried",
            "",
        ),
        (
            Case(namespace="istio.io/dataplane-mode: ambient", service="istio.io/use-waypoint: w"),
            "unknown",
            "waypoint `w` of Service `cart` is not in the baseline",
        ),
        (
            Case(
                namespace="istio.io/dataplane-mode: ambient",
                service="istio.io/use-waypoint: w",
                others=waypoint("w", "workload"),
            ),
            "not carried",
            "istio.io/waypoint-for: workload",
        ),
        (past("inject.istio.io/templates: gateway"), "not carried", "takes no connection"),
        (past("inject.istio.io/templates: grpc-agent"), "unknown", "is not to be seen"),
        (past('inject.istio.io/templates: "sidecar,mine"'), "carried", ""),
        # The sidecar's own user passes by it; a container's own word comes before the pod's.
        (Case(web=Pods(host="securityContext: {runAsUser: 1337}")), "not carried", "`runAsUser: 1337`"),
        (Case(web=Pods(container="securityContext: {runAsUser: 1337}")), "not carried", "`runAsUser: 1337`"),
        (
            Case(
                web=Pods(
                    host="securityContext: {runAsUser: 1337}",
                    container="securityContext: {runAsUser: 1000}",
                    more="{name: other, image: o}",
                )
            ),
            "unknown",
            "`runAsUser: 1337`",
        ),
        (past("sidecar.istio.io/interceptionMode: NONE"), "not carried", "takes no connection"),
        (past('traffic.sidecar.istio.io/excludeOutboundPorts: "3306, 80"'), "not carried", "port 80 pass by"),
        (past('traffic.sidecar.istio.io/excludeOutboundPorts: "8080"'), "carried", ""),
        (past('traffic.sidecar.istio.io/excludeOutboundIPRanges: "0.0.0.0/0"'), "not carried", "pass by the sidecar"),
        (past('traffic.sidecar.istio.io/excludeOutboundIPRanges: "10.1.0.0/16"'), "unknown", "is not to be seen"),
        (past('traffic.sidecar.istio.io/includeOutboundIPRanges: ""'), "not carried", "pass by the sidecar"),
        (past('traffic.sidecar.istio.io/includeOutboundIPRanges: "*"'), "carried", ""),
        # What is excluded comes before the ports that are included, and these before the ranges.
        (
            past(
                'traffic.sidecar.istio.io/includeOutboundIPRanges: "", '
                'traffic.sidecar.istio.io/includeOutboundPorts: "80,81"'
            ),
            "carried",
            "",
        ),
        (
            past(
                'traffic.sidecar.istio.io/includeOutboundIPRanges: "", '
                'traffic.sidecar.istio.io/includeOutboundPorts: "8080"'
            ),
            "not carried",
            "calls to port 80 pass by",
        ),
        (
            past(
                'traffic.sidecar.istio.io/excludeOutboundPorts: "80", '
                'traffic.sidecar.istio.io/includeOutboundPorts: "80"'
            ),
            "not carried",
            "port 80 pass by",
        ),
        (past('traffic.sidecar.istio.io/includeOutboundPorts: "8080"'), "carried", ""),
        (Case(others=sidecar('"istio-system/*", "~/*"')), "not carried", "Sidecar `default` lets pods of `web` see"),
        # That of the root namespace counts where the pods' namespace has none.
        (Case(others=sidecar('"istio-system/*"', home="istio-system")), "not carried", "Sidecar `default`"),
        (Case(others=sidecar('"./*"', home="istio-system")), "carried", ""),
        (Case(others=sidecar('"istio-system/*"', home="other")), "carried", ""),
        (Case(others=sidecar('"istio-system/*"', home="istio-system") + sidecar('"./*"')), "carried", ""),
        # A listener of a port has hosts of its own.
        (
            Case(
                web=Pods(container='env: [{name: TO, value: "http://cart"}]'),
                others=sidecar('"./*"', more=', {port: {number: 80}, hosts: ["istio-system/*"]}'),
            ),
            "not carried",
            "see istio-system/*, and not",
        ),
        (Case(others=sidecar('"./*"')), "carried", ""),
        (Case(others=sidecar('"*/cart.shop.svc.cluster.local"')), "carried", ""),
        (Case(others=sidecar('"./*.svc.cluster.local"')), "carried", ""),
        (
            Case(others=sidecar('"./*"') + sidecar('"istio-system/*"', "tier: front"), web=Pods(labels="tier: front")),
            "not carried",
            "Sidecar `own`",
        ),
        (Case(others=sidecar('"istio-system/*"', "tier: front")), "carried", ""),
        (Case(annotations='networking.istio.io/exportTo: "~"'), "not carried", "do not see it"),
        (Case(annotations='networking.istio.io/exportTo: "."'), "carried", ""),
        (
            Case(
                namespace="istio.io/dataplane-mode: ambient, istio.io/use-waypoint: w",
                service="istio.io/use-waypoint: none",
            ),
            "not carried",
            "no `istio.io/use-waypoint`",
        ),
        (Case(namespace=None, web=Pods(labels="istio.io/dataplane-mode: ambient")), "not carried", "ambient mode"),
    ],
)
def test_istio_takes_the_calls_of_pods_with_its_proxy(case: Case, carried: str, why: str, tmp_path: Path) -> None:
    told = tell(tmp_path, case)

    assert told[0] == carried
    assert why in told[1]


class Ports(NamedTuple):
    ports: str
    carried: str


@pytest.mark.parametrize(Ports._fields, rows(__file__, "istio_ports.yaml", Ports))
def test_istio_reads_headers_on_ports_of_http(ports: str, carried: str, tmp_path: Path) -> None:
    assert tell(tmp_path, Case(ports=ports))[0] == carried


BOTH = "{name: tcp-service, port: 80}, {name: http, port: 81}, {name: https, port: 443}"


@pytest.mark.parametrize(
    ("case", "carried", "why"),
    [
        (calling("http://cart:81", BOTH), "carried", ""),
        (calling("http://cart:80", BOTH), "not carried", "port `tcp-service` (tcp) of Service `cart`"),
        (calling("http://cart/x", BOTH), "not carried", "port `tcp-service` (tcp)"),
        (calling("https://cart", BOTH), "not carried", "encrypts what it sends to `cart`"),
        (calling("http://cart:9090", BOTH), "not carried", "calls port 9090 of `cart`"),
        (calling("cart", BOTH, name="CART_HOST"), "unknown", "by which port `web` calls it"),
        (calling("cart", BOTH, name="CART_HOST", more=', {name: CART_PORT, value: "81"}'), "carried", ""),
        (calling("cart", BOTH, name="CART_HOST", more=', {name: CART_PORT, value: "80"}'), "not carried", "(tcp)"),
        (calling("cart", BOTH, name="TO", more=', {name: URL, value: "http://$(TO):81"}'), "carried", ""),
        (calling("http://CART.shop:81", BOTH), "carried", ""),
        (calling("http://cart.$(NS):81", BOTH, first=NS), "carried", ""),
        (calling("http://cart.$(NS).svc:80", BOTH, first=NS), "not carried", "(tcp)"),
        (calling("http://cart.$(NS):81", BOTH), "unknown", "by which port"),
        (Case(web=Pods(container='args: ["--cart-host", cart, "--cart-port=81"]'), ports=BOTH), "carried", ""),
        # A name that the pods' DNS does not know is called by nobody.
        (
            Case(web=Pods(container='env: [{name: TO, value: "http://cart"}]', host="dnsPolicy: Default")),
            "not carried",
            "`dnsPolicy: Default`",
        ),
        # Of a headless Service the client chooses the pod.
        (calling("http://cart-0.cart:80", spec="clusterIP: None"), "not carried", "is headless"),
        (Case(spec="clusterIP: None"), "not carried", "is headless"),
        (calling("http://cart-gray:80", spec="clusterIP: None"), "carried", ""),
        # One that has a Service with an address besides is called by that.
        (
            Case(
                others=other_service(
                    "cart-pods", "clusterIP: None, selector: {app: cart}, ports: [{name: http, port: 80}]"
                )
            ),
            "carried",
            "",
        ),
        # Another Service is another host.
        (
            calling(
                "http://cart.other", others=other_service("cart", "selector: {app: cart}, ports: [{port: 80}]", "other")
            ),
            "not carried",
            "calls `cart` of namespace `other` (variable `TO` of container `web`)",
        ),
        (calling("http://cart.example.com"), "carried", ""),
        # What stands for the Service leads to its routes.
        (calling("http://10.0.0.5", spec="clusterIP: 10.0.0.5"), "carried", ""),
        (calling("http://10.0.0.5", spec="externalIPs: [10.0.0.5]"), "not carried", "from outside of the mesh"),
        (calling("http://$(CART_SERVICE_HOST)"), "carried", ""),
        (
            calling(
                "http://shop",
                others=other_service("shop", "type: ExternalName, externalName: cart.shop.svc.cluster.local"),
            ),
            "carried",
            "",
        ),
    ],
)
def test_istio_leads_a_call_by_the_address_that_the_caller_has(
    case: Case, carried: str, why: str, tmp_path: Path
) -> None:
    told = tell(tmp_path, case)

    assert told[0] == carried
    assert why in told[1]


@pytest.mark.parametrize(
    ("probe", "carried"),
    [
        ("readinessProbe: {httpGet: {path: /, port: 8080}}", "carried"),
        ("livenessProbe: {grpc: {port: 8080}}", "carried"),
        ("readinessProbe: {httpGet: {path: /, port: 9090}}", "unknown"),
        ("readinessProbe: {tcpSocket: {port: 8080}}", "unknown"),
        ("ports: [{name: api, containerPort: 8080}], readinessProbe: {httpGet: {path: /, port: api}}", "carried"),
    ],
)
def test_a_probe_tells_what_a_port_without_protocol_speaks(probe: str, carried: str, tmp_path: Path) -> None:
    case = Case(ports="{port: 80, targetPort: 8080}", cart=Pods(container=probe))

    assert tell(tmp_path, case)[0] == carried


@pytest.mark.parametrize(
    ("host", "gateway", "carried"),
    [
        ("cart", "mesh", "not carried"),
        ("cart.shop.svc.cluster.local", "mesh", "not carried"),
        ("cart", "public", "carried"),
        ("cart.other.svc.cluster.local", "mesh", "carried"),
    ],
)
def test_a_virtual_service_of_production_leads_the_calls_where_it_says(
    host: str, gateway: str, carried: str, tmp_path: Path
) -> None:
    def routes(http: Object, **spec: Any) -> list[Object]:
        fields = {"hosts": [host], "gateways": [gateway], "http": [http], **spec}
        return [an_object("VirtualService", fields, version="networking.istio.io/v1", name="retries")]

    assert tell(tmp_path, Case(others=routes({"delegate": {"name": "cart-routes"}})))[0] == carried
    # In front of routes of its own there is room for those of lanes, which `--baseline-patch` writes.
    own = {"route": [{"destination": {"host": "cart"}}]}
    told, why = tell(tmp_path / "own", Case(others=routes(own)))
    assert told == "carried"
    # What has to be done first is said.
    assert why == ("once VirtualService `retries` is changed, as `--baseline-patch` writes it" * (carried != "carried"))
    private = routes(own, exportTo=["other"])
    assert tell(tmp_path / "private", Case(others=private))[0] == carried


CONFIG = [an_object("ConfigMap", name="addresses", data={"CART_ADDR": "cart:80"})]
URL = 'env: [{name: CART_URL, value: "http://cart"}]'
READ = "envFrom: [{configMapRef: {name: addresses}}]"


@pytest.mark.parametrize(
    ("case", "carried", "why"),
    [
        (
            Case(web=Pods(container=URL)),
            "not carried",
            "names production's `cart` (variable `CART_URL` of container `web`)",
        ),
        (Case(web=Pods(container=URL), services=("name: web, rewriteText: true", "name: cart")), "carried", ""),
        (
            Case(
                web=Pods(container=URL),
                services=('name: web, env: {web: {CART_URL: "http://cart-gray"}}', "name: cart"),
            ),
            "carried",
            "",
        ),
        (Case(), "unknown", "the caller is given no address of the called Service"),
        (
            Case(web=Pods(container=READ), others=CONFIG),
            "not carried",
            "(variable `CART_ADDR` of container `web`, from ConfigMap/addresses)",
        ),
        (
            Case(
                web=Pods(container=READ),
                others=CONFIG,
                services=("name: web, rewriteText: true", "name: cart"),
            ),
            "carried",
            "",
        ),
        (
            Case(
                web=Pods(container=READ),
                others=CONFIG,
                services=('name: web, config: {addresses: {CART_ADDR: "cart-gray:80"}}', "name: cart"),
            ),
            "carried",
            "",
        ),
        (Case(services=("name: cart",)), "not carried", "production's `web` makes it"),
        # A name in another place is no address of it.
        (
            Case(web=Pods(container='env: [{name: BUCKET, value: "s3://cart-gray/x"}]')),
            "unknown",
            "the caller is given no address",
        ),
    ],
)
def test_without_a_provider_a_call_goes_where_the_address_says(
    case: Case, carried: str, why: str, tmp_path: Path
) -> None:
    told = tell(tmp_path, Case(**{**case.__dict__, "provider": "none"}))

    assert told[0] == carried
    assert why in told[1]


AGENT = "mse-enable: enabled"
SWITCHED = 'msePilotAutoEnable: "on"'


@pytest.mark.parametrize(
    ("case", "carried", "why"),
    [
        (Case(namespace=AGENT), "carried", ""),
        (Case(namespace=None), "unknown", "pods of `web` have no"),
        (Case(namespace=None, web=Pods(labels=SWITCHED)), "unknown", "pods of `cart` have no"),
        (Case(namespace=None, web=Pods(labels=SWITCHED), cart=Pods(labels=SWITCHED)), "carried", ""),
        (Case(namespace=""), "not carried", "pods of `web`"),
        (Case(namespace=None, cart=Pods(labels='msePilotAutoEnable: "off"')), "not carried", "pods of `cart`"),
        (Case(namespace=AGENT, web=Pods(labels='msePilotAutoEnable: "off"')), "not carried", "pods of `web`"),
        (Case(namespace=AGENT, cart=Pods(labels='msePilotAutoEnable: "off"')), "not carried", "pods of `cart`"),
    ],
)
def test_the_agent_carries_calls_between_pods_that_have_it(case: Case, carried: str, why: str, tmp_path: Path) -> None:
    told = tell(tmp_path, Case(**{**case.__dict__, "provider": "mse"}))

    assert told[0] == carried
    assert why in told[1]


MIDDLE = (Pods(container='env: [{name: CART, value: "cart:80"}]').of("mid"), a_service("mid"))


@pytest.mark.parametrize(
    ("provider", "mid", "messages"),
    [
        # What the middle one names is told though nothing reaches it yet.
        ("none", "name: mid", ["web -> mid", "mid -> cart"]),
        ("none", "name: mid, rewriteText: true", ["web -> mid"]),
        ("address", "name: mid", []),
        ("address", "name: mid, rewriteText: false", ["mid -> cart"]),
    ],
)
def test_each_address_is_told_once(provider: str, mid: str, messages: list[str], tmp_path: Path) -> None:
    case = Case(
        provider=provider,
        web=Pods(container='env: [{name: MID, value: "http://mid"}]'),
        others=MIDDLE,
        services=("name: web", mid, "name: cart"),
        calls=("web -> mid -> cart",),
    )
    lay(tmp_path, case)
    found = answer(tmp_path, "plan", "release.yaml")["diagnostics"]

    told = [item["message"].split("`")[1] for item in found if item["code"] == "GC390"]
    assert sorted(told) == sorted(messages)


def test_what_is_unknown_is_one_finding(tmp_path: Path) -> None:
    lay(tmp_path, Case(namespace=None, calls=("web -> cart", "cart -> web")))
    found = answer(tmp_path, "plan", "release.yaml")["diagnostics"]

    assert [item["severity"] for item in found if item["code"] == "GC391"] == ["warning"]


def test_a_tag_that_ends_comes_no_further(tmp_path: Path) -> None:
    """The agent of the third service has nothing to go by."""
    case = Case(
        provider="mse",
        namespace=AGENT,
        cart=Pods(labels='msePilotAutoEnable: "off"'),
        others=[made for name in ("mail", "post") for made in (Pods().of(name), a_service(name))],
        services=("name: web", "name: post"),
        calls=("web -> cart -> mail -> post",),
    )

    assert tell(tmp_path, case) == ("not carried", "the tag ends at `cart` before it")


def behind_web(**pods: str) -> Object:
    """Return another workload that the caller's Service selects."""
    made = Pods(**pods).of("web2")
    labels = {"app": "web", "track": "two"}
    made["spec"]["selector"]["matchLabels"] = labels
    made["spec"]["template"]["metadata"]["labels"] |= labels
    return made


NO_PROXY = 'sidecar.istio.io/inject: "false"'
JOB = an_object(
    "CronJob",
    {
        "schedule": "@daily",
        "jobTemplate": {"spec": {"template": Pods(labels=f"app: job, {NO_PROXY}").of("job")["spec"]["template"]}},
    },
    version="batch/v1",
)


@pytest.mark.parametrize(
    ("others", "carried", "why"),
    [
        ([behind_web()], "carried", ""),
        ([behind_web(labels=NO_PROXY)], "unknown", "some pods of `web` have `sidecar.istio.io/inject: false`"),
        # It has the name, and takes no requests.
        ([JOB], "carried", ""),
        # That of another namespace is another service.
        ([Pods(labels=NO_PROXY).of("web", "other")], "carried", ""),
    ],
)
def test_all_workloads_behind_the_callers_service_count(
    others: list[Object], carried: str, why: str, tmp_path: Path
) -> None:
    told = tell(tmp_path, Case(others=others, services=("name: cart",)))

    assert told[0] == carried
    assert why in told[1]


def test_a_service_for_metrics_of_all_pods_makes_them_no_one_service(tmp_path: Path) -> None:
    metrics = other_service(
        "metrics", "clusterIP: None, selector: {tier: x}, ports: [{name: http-metrics, port: 9090}]"
    )
    pods = Pods(labels="tier: x")
    lay(tmp_path, Case(others=metrics, web=pods, cart=pods))

    hops = routed(tmp_path)
    assert [(hop["service"], hop["copy"]) for hop in hops] == [("web", "gray"), ("cart", "gray")]
