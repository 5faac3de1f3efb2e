"""A hop is a fact: what each provider needs for it is seen, missing, or unknown, and everyone who tells of it agrees."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli_run import run_grayc
from tests.vectors import rows

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec:
  tag: gray
  namespace: shop
  lane: {provider: PROVIDER}
  baseline: [baseline/]
  services:
SERVICES  calls: CALLS
  traffic: {gateway: higress, rules: [{header: x-user, value: "1"}]}
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAMELABELS}ANNOTATIONS}
    spec: {HOSTcontainers: [{name: NAME, image: "registry.example.com/NAME:1"CONTAINER}MORE]}
---
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: shopLABELS}
spec: {selector: {app: NAME}, ports: [PORTS]}
---
"""
ENTRY = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: higress
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shopLABELS}\n---\n"
ON = "istio-injection: enabled"
HTTP = "{name: http, port: 80}"


@dataclass(frozen=True, kw_only=True)
class Pods:
    """What a caller's pods say: parts of the manifest."""

    labels: str = ""
    annotations: str = ""
    host: str = ""
    container: str = ""
    more: str = ""

    def text(self, name: str) -> str:
        parts = {
            "NAME": name,
            "LABELS": self.labels and f", {self.labels}",
            "ANNOTATIONS": self.annotations and f", annotations: {{{self.annotations}}}",
            "HOST": self.host and f"{self.host}, ",
            "CONTAINER": self.container and f", {self.container}",
            "MORE": self.more and f", {self.more}",
        }
        made = WORKLOAD
        for word, text in parts.items():
            made = made.replace(word, text)
        return made


@dataclass(frozen=True, kw_only=True)
class Case:
    """A web that calls a cart.

    Attributes:
        namespace: labels of the Namespace; None where it is not in the baseline.
        spec: more of the cart's Service.
        services: rows of the release.
    """

    provider: str = "istio"
    namespace: str | None = ON
    web: Pods = field(default_factory=Pods)
    cart: Pods = field(default_factory=Pods)
    ports: str = HTTP
    service: str = ""
    spec: str = ""
    annotations: str = ""
    others: str = ""
    services: tuple[str, ...] = ("name: web", "name: cart")
    calls: str = "[web -> cart]"


def past(annotation: str) -> Case:
    return Case(web=Pods(annotations=annotation))


def waypoint(name: str, kind: str = "") -> str:
    labels = f", labels: {{istio.io/waypoint-for: {kind}}}" if kind else ""
    return (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
        f"metadata: {{name: {name}, namespace: shop{labels}}}\n"
        "spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n---\n"
    )


def sidecar(hosts: str, of: str = "", home: str = "shop", more: str = "") -> str:
    selector = f"workloadSelector: {{labels: {{{of}}}}}, " if of else ""
    return (
        "apiVersion: networking.istio.io/v1\nkind: Sidecar\n"
        f"metadata: {{name: {'own' if of else 'default'}, namespace: {home}}}\n"
        f"spec: {{{selector}egress: [{{hosts: [{hosts}]}}{more}]}}\n---\n"
    )


def service(name: str, spec: str, home: str = "shop") -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {home}}}\nspec: {{{spec}}}\n---\n"


NS = "{name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}, "


def calling(
    text: str, ports: str = HTTP, *, name: str = "TO", others: str = "", spec: str = "", first: str = "", more: str = ""
) -> Case:
    """Return a web with a variable."""
    env = f'env: [{first}{{name: {name}, value: "{text}"}}{more}]'
    return Case(web=Pods(container=env), ports=ports, others=others, spec=spec)


def lay(folder: Path, case: Case) -> None:
    texts = [case.web.text("web"), case.cart.text("cart"), ENTRY, case.others]
    texts.append(SERVICE.replace("NAME", "web").replace("LABELS", "").replace("PORTS", HTTP))
    labels = case.service and f", labels: {{{case.service}}}"
    labels += case.annotations and f", annotations: {{{case.annotations}}}"
    cart = SERVICE.replace("NAME", "cart").replace("LABELS", labels).replace("PORTS", case.ports)
    texts.append(cart.replace("spec: {", f"spec: {{{case.spec}, ") if case.spec else cart)
    if case.namespace is not None:
        texts.append(NAMESPACE.replace("LABELS", case.namespace and f", labels: {{{case.namespace}}}"))
    (folder / "baseline").mkdir()
    (folder / "baseline" / "all.yaml").write_text("".join(texts))
    rows = "".join(f"    - {{{row}}}\n" for row in case.services)
    release = RELEASE.replace("PROVIDER", case.provider).replace("SERVICES", rows).replace("CALLS", case.calls)
    (folder / "release.yaml").write_text(release)


def tell(folder: Path, case: Case) -> tuple[str, str]:
    """Return `carried`, `not carried` or `unknown` of the last hop, and why; all who tell of it must agree."""
    lay(folder, case)
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    answer = json.loads(run.stdout)
    hop = answer["plans"][0]["calls"][0]["hops"][-1]
    carried, why = hop["carried"], hop["why"] or ""
    assert hop["copy"] == {"carried": "gray", "not carried": "baseline", "unknown": "unknown"}[carried]
    found = [item for item in answer["diagnostics"] if item["code"] in {"GC390", "GC391"}]
    told_otherwise = {item["code"] for item in answer["diagnostics"]} & {"GC486", "GC487", "GC490"}
    codes = {"carried": [], "not carried": ["GC390"], "unknown": ["GC391"]}[carried]
    assert [item["code"] for item in found] == ([] if told_otherwise else codes)
    # A caller's name is left out where others have the same cause.
    assert all(why in item["message"] or why.partition("` ")[2] in item["message"] for item in found)
    if carried == "unknown":
        assert "GC471" not in {item["code"] for item in answer["diagnostics"]}, "one finding tells of a cause"
    accepted = sorted({item["code"] for item in found} | (told_otherwise & {"GC490"}))
    rows = "".join(f"    - {{code: {code}, reason: known}}\n" for code in accepted)
    with (folder / "release.yaml").open("a") as file:
        file.write(f"  accept:\n{rows}" if rows else "")
    asked = ["route", "release.yaml", "--host", "shop.example.com", "-H", "x-user: 1", "-f", "json"]
    routed = json.loads(run_grayc(asked, folder=folder).stdout)
    assert {"copy": hop["copy"], "carried": carried}.items() <= routed["hops"][-1].items()
    return carried, why


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
                others=service("cart-pods", "clusterIP: None, selector: {app: cart}, ports: [{name: http, port: 80}]")
            ),
            "carried",
            "",
        ),
        # Another Service is another host.
        (
            calling("http://cart.other", others=service("cart", "selector: {app: cart}, ports: [{port: 80}]", "other")),
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
                "http://shop", others=service("shop", "type: ExternalName, externalName: cart.shop.svc.cluster.local")
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


ROUTE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: retries, namespace: shop}
spec:
  hosts: [HOST]
  gateways: [GATEWAY]
  http: [{delegate: {name: cart-routes}}]
---
"""


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
    route = ROUTE.replace("HOST", host).replace("GATEWAY", gateway)

    assert tell(tmp_path, Case(others=route))[0] == carried
    # In front of routes of its own there is room for those of lanes, which `--baseline-patch` writes.
    own = route.replace("{delegate: {name: cart-routes}}", "{route: [{destination: {host: cart}}]}")
    (tmp_path / "own").mkdir()
    told, why = tell(tmp_path / "own", Case(others=own))
    assert told == "carried"
    # What has to be done first is said.
    assert why == ("once VirtualService `retries` is changed, as `--baseline-patch` writes it" * (carried != "carried"))
    (tmp_path / "private").mkdir()
    private = own.replace("spec:", "spec:\n  exportTo: [other]", 1)
    assert tell(tmp_path / "private", Case(others=private))[0] == carried


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: addresses, namespace: shop}
data: {CART_ADDR: "cart:80"}
---
"""
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


MIDDLE = Pods(container='env: [{name: CART, value: "cart:80"}]').text("mid") + SERVICE.replace("NAME", "mid").replace(
    "LABELS", ""
).replace("PORTS", HTTP)


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
        calls="[web -> mid -> cart]",
    )
    lay(tmp_path, case)
    found = json.loads(run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path).stdout)["diagnostics"]

    told = [item["message"].split("`")[1] for item in found if item["code"] == "GC390"]
    assert sorted(told) == sorted(messages)


def test_what_is_unknown_is_one_finding(tmp_path: Path) -> None:
    lay(tmp_path, Case(namespace=None, calls="[web -> cart, cart -> web]"))
    found = json.loads(run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path).stdout)["diagnostics"]

    assert [item["severity"] for item in found if item["code"] == "GC391"] == ["warning"]


def test_a_tag_that_ends_comes_no_further(tmp_path: Path) -> None:
    """The agent of the third service has nothing to go by."""
    other = Pods().text("mail") + SERVICE.replace("NAME", "mail").replace("LABELS", "").replace("PORTS", HTTP)
    case = Case(
        provider="mse",
        namespace=AGENT,
        cart=Pods(labels='msePilotAutoEnable: "off"'),
        others=other
        + Pods().text("post")
        + SERVICE.replace("NAME", "post").replace("LABELS", "").replace("PORTS", HTTP),
        services=("name: web", "name: post"),
        calls="[web -> cart -> mail -> post]",
    )

    assert tell(tmp_path, case) == ("not carried", "the tag ends at `cart` before it")


OTHER = Pods().text("web2").replace("{app: web2", "{app: web, track: two")
BARE = Pods(labels='sidecar.istio.io/inject: "false"').text("web2").replace("{app: web2", "{app: web, track: two")
JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: web, namespace: shop}
spec:
  schedule: "@daily"
  jobTemplate:
    spec:
      template:
        metadata: {labels: {app: job, sidecar.istio.io/inject: "false"}}
        spec: {restartPolicy: Never, containers: [{name: job, image: "registry.example.com/job:1"}]}
---
"""


@pytest.mark.parametrize(
    ("others", "carried", "why"),
    [
        (OTHER, "carried", ""),
        (BARE, "unknown", "some pods of `web` have `sidecar.istio.io/inject: false`"),
        # It has the name, and takes no requests.
        (JOB, "carried", ""),
        # That of another namespace is another service.
        (Pods(labels='sidecar.istio.io/inject: "false"').text("web").replace("shop", "other"), "carried", ""),
    ],
)
def test_all_workloads_behind_the_callers_service_count(others: str, carried: str, why: str, tmp_path: Path) -> None:
    told = tell(tmp_path, Case(others=others, services=("name: cart",)))

    assert told[0] == carried
    assert why in told[1]


def test_a_service_for_metrics_of_all_pods_makes_them_no_one_service(tmp_path: Path) -> None:
    metrics = service("metrics", "clusterIP: None, selector: {tier: x}, ports: [{name: http-metrics, port: 9090}]")
    pods = Pods(labels="tier: x")
    lay(tmp_path, Case(others=metrics, web=pods, cart=pods))
    asked = ["route", "release.yaml", "--host", "shop.example.com", "-H", "x-user: 1", "-f", "json"]

    hops = json.loads(run_grayc(asked, folder=tmp_path).stdout)["hops"]
    assert [(hop["service"], hop["copy"]) for hop in hops] == [("web", "gray"), ("cart", "gray")]
