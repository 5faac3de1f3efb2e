"""Which route a request meets on Istio's gateways: Gateways, their pods and ports, delegates, Ingresses.

Each case is asked of grayc's simulator and of Istio's own pilot with a real Envoy behind it.

Source: istio/istio pilot/pkg/model/{gateway,virtualservice,virtualservice_controller,push_context}.go,
pilot/pkg/networking/core/gateway.go and route/route.go, pilot/pkg/config/kube/ingress.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest

from grayc.documents import parse_documents
from grayc.routing.model import Answer, Circumstances
from grayc.routing.simulators import simulate
from grayc.source import SourceFile
from tests.gateways.agreement import asked
from tests.gateways.envoy import Envoy
from tests.gateways.istio_envoy import GATEWAY, Proxy, outcomes
from tests.gateways.manifests import created, ingress, service, to, virtual_service
from tests.gateways.test_simulator_vectors import shares_of
from tests.gateways.traffic import Case, Object, Request
from tests.manifests import stream

PUBLIC_PODS = {"istio": "ingressgateway"}
PRIVATE_PODS = {"istio": "private"}
SERVICES = [*(service(name, ports=(80,)) for name in ("base", "gray", "other")), service("two", ports=(8080, 9090))]
GRAY = [{"headers": {"x-gray": {"exact": "v1"}}}]
TAGGED = (("x-gray", "v1"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request with the short name of the Service, or the status, that answers it.

    Attributes:
        proxy: pods and table that pilot is asked for.
        servers: Gateways by which the simulator is asked; empty for any.
    """

    wanted: str
    request: Request = field(default_factory=Request)
    proxy: Proxy = GATEWAY
    servers: frozenset[str] = frozenset()


def on(
    name: str,
    routes: Sequence[Object],
    *,
    gateways: Sequence[str] = ("gw",),
    hosts: Sequence[str] = ("h.test",),
    age: int = 0,
    **spec: Any,
) -> Object:
    entry = virtual_service(name, routes, hosts=hosts, age=age)
    entry["spec"] |= {"gateways": list(gateways), **spec}
    return entry


def gateway(
    name: str = "gw",
    *servers: Object,
    pods: Object | None = None,
    age: int = 50,
) -> Object:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": created(age)},
        "spec": {"selector": pods or PUBLIC_PODS, "servers": list(servers) or [server()]},
    }


def server(*hosts: str, number: int = 80, protocol: str = "HTTP", name: str = "", tls: Object | None = None) -> Object:
    port = {"number": number, "name": name or f"{protocol.lower()}-{number}", "protocol": protocol}
    return {"port": port, "hosts": list(hosts or ("*",)), **({"tls": tls} if tls else {})}


def delegate(name: str, *routes: Object, **spec: Any) -> Object:
    entry = virtual_service(name, routes)
    del entry["spec"]["hosts"], entry["spec"]["gateways"]
    entry["spec"] |= spec
    return entry


def delegating(name: str = "shop", **fields: Any) -> Object:
    return {"delegate": {"name": name}, **fields}


def at(path: str, *headers: tuple[str, str], host: str = "h.test") -> Request:
    return Request(path=path, headers=tuple(headers), host=host)


HTTPS = server(number=443, protocol="HTTPS", name="https", tls={"mode": "SIMPLE", "credentialName": "c"})
REDIRECT = server(tls={"httpsRedirect": True})
SECURED = Proxy(table="https.443")
EXTERNAL: Object = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "ServiceEntry",
    "metadata": {"name": "ext", "namespace": "default", "creationTimestamp": created(0)},
    "spec": {
        "hosts": ["legacy.example.com"],
        "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}],
        "resolution": "DNS",
    },
}


def of_class(entry: Object, name: str = "istio") -> Object:
    entry["metadata"]["annotations"] = {"kubernetes.io/ingress.class": name}
    return entry


CASES: dict[str, tuple[list[Object], list[Asked]]] = {
    "a match for the mesh alone is none of the gateway": (
        [
            gateway(),
            on("v", [to("other", match=[{"gateways": ["mesh"]}]), to("base", match=[{"uri": {"prefix": "/a"}}])],
               gateways=("gw", "mesh")),
        ],
        [Asked(request=at("/a"), wanted="base"), Asked(request=at("/b"), wanted="404")],
    ),
    "a match names one of the gateways": (
        [
            gateway(),
            gateway("inner", pods=PRIVATE_PODS),
            on("v", [to("gray", match=[{"gateways": ["inner"]}]), to("base")], gateways=("gw", "inner")),
        ],
        [
            Asked(wanted="base", servers=frozenset({"default/gw"})),
            Asked(wanted="gray", servers=frozenset({"default/inner"}), proxy=Proxy(labels=PRIVATE_PODS)),
        ],
    ),
    "a VirtualService without a route at a gateway leaves its host to a wider one": (
        [
            gateway(),
            on("wide", [to("base")], hosts=("*.test",)),
            on("v", [to("gray", match=[{"gateways": ["mesh"]}])], gateways=("gw", "mesh")),
        ],
        [Asked(wanted="base")],
    ),
    "a match on another port": (
        [gateway(), on("v", [to("gray", match=[{"port": 8080}]), to("base", match=[{"port": 80}])])],
        [Asked(wanted="base")],
    ),
    "a port alone leaves nothing to later routes": (
        [gateway(), on("v", [to("base", match=[{"port": 80}]), to("gray", match=GRAY)])],
        [Asked(request=at("/", *TAGGED), wanted="base")],
    ),
    "labels of pods that the gateway has not": (
        [
            gateway(),
            on("v", [to("gray", match=[{"sourceLabels": {"app": "x"}}]), to("base")]),
        ],
        [Asked(wanted="base")],
    ),
    "labels that the gateway's own pods have": (
        [gateway(), on("v", [to("gray", match=[{"sourceLabels": {"istio": "ingressgateway"}}]), to("base")])],
        [Asked(wanted="gray")],
    ),
    "the scheme of a plain port": (
        [gateway(), on("v", [to("gray", match=[{"scheme": {"exact": "https"}}]), to("base")])],
        [Asked(wanted="base")],
    ),
    "the authority": (
        [gateway(), on("v", [to("gray", match=[{"authority": {"prefix": "g."}}]), to("base")], hosts=("*.test",))],
        [Asked(request=Request(host="g.test"), wanted="gray"), Asked(wanted="base")],
    ),
    "hosts of a server and of a VirtualService": (
        [gateway("gw", server("a.test", "*.b.test")), on("v", [to("base")], hosts=("*.test",))],
        [
            Asked(request=at("/", host="a.test"), wanted="base"),
            Asked(request=at("/", host="x.b.test"), wanted="base"),
            Asked(wanted="404"),
        ],
    ),
    "a server for VirtualServices of some namespaces": (
        [gateway("gw", server("./a.test", "team/h.test")), on("v", [to("base")], hosts=("*.test",))],
        [Asked(request=at("/", host="a.test"), wanted="base"), Asked(wanted="404")],
    ),
    "a VirtualService that the gateway's namespace does not see": (
        [gateway(), on("v", [to("base")], exportTo=["."]), on("w", [to("gray")], exportTo=["istio-system"])],
        [Asked(wanted="gray")],
    ),
    "two Gateways of one deployment are one table": (
        [
            gateway("private", age=20),
            gateway("public", pods={"app": "istio-ingressgateway"}, age=10),
            on("a", [to("other")], gateways=("private",)),
            on("b", [to("gray", match=GRAY), to("base", match=[{"uri": {"prefix": "/"}}])], gateways=("public",)),
        ],
        [Asked(wanted="other"), Asked(request=at("/", *TAGGED), wanted="gray")],
    ),
    "two Gateways of two deployments are two": (
        [
            gateway("private", pods=PRIVATE_PODS, age=20),
            gateway("public", age=10),
            on("a", [to("other")], gateways=("private",)),
            on("b", [to("base")], gateways=("public",)),
        ],
        [
            Asked(wanted="base", servers=frozenset({"default/public"})),
            Asked(wanted="other", servers=frozenset({"default/private"}), proxy=Proxy(labels=PRIVATE_PODS)),
        ],
    ),
    "a port that redirects to HTTPS": (
        [gateway("gw", REDIRECT), on("v", [to("base")])],
        [Asked(wanted="301")],
    ),
    "a port that redirects to HTTPS beside one of HTTPS": (
        [gateway("gw", REDIRECT, HTTPS), on("v", [to("gray", match=[{"port": 443}]), to("base")])],
        [Asked(wanted="gray", proxy=SECURED)],
    ),
    "a route that redirects to HTTPS beside a port of HTTPS": (
        [
            gateway("gw", server(), HTTPS),
            on("v", [{"match": [{"port": 80}], "redirect": {"scheme": "https"}}, to("base")]),
        ],
        [Asked(wanted="base", proxy=SECURED)],
    ),
    "a redirect with its status": (
        [gateway(), on("v", [{"match": GRAY, "redirect": {"uri": "/n", "redirectCode": 308}}, to("base")])],
        [Asked(request=at("/", *TAGGED), wanted="308"), Asked(wanted="base")],
    ),
    "an answer of the route's own": (
        [gateway(), on("v", [{"directResponse": {"status": 418}}])],
        [Asked(wanted="418")],
    ),
    "a fault ends all requests": (
        [gateway(), on("v", [to("base", fault={"abort": {"httpStatus": 429, "percentage": {"value": 100}}})])],
        [Asked(wanted="429")],
    ),
    "a fault without a percentage ends none": (
        [gateway(), on("v", [to("base", fault={"abort": {"httpStatus": 429}})])],
        [Asked(wanted="base")],
    ),
    "a delegate's routes stand where it is named": (
        [
            gateway(),
            on("root", [delegating(match=[{"uri": {"prefix": "/shop"}}]), to("other")]),
            delegate("shop", to("gray", match=GRAY), to("base")),
        ],
        [
            Asked(request=at("/shop/a", *TAGGED), wanted="gray"),
            Asked(request=at("/shop/a"), wanted="base"),
            Asked(request=at("/x", *TAGGED), wanted="other"),
        ],
    ),
    "a delegate's route that contradicts its root is not there": (
        [
            gateway(),
            on("root", [delegating(match=[{"uri": {"prefix": "/shop"}}]), to("other")]),
            delegate("shop", to("gray", match=[{"uri": {"prefix": "/s"}}]), to("base", match=[{"uri": {"exact": "/shop"}}])),
        ],
        [Asked(request=at("/shop/a"), wanted="other"), Asked(request=at("/shop"), wanted="base")],
    ),
    "a delegate must say what its root says of the case of paths": (
        [
            gateway(),
            on("root", [delegating(match=[{"uri": {"prefix": "/shop"}, "ignoreUriCase": True}]), to("other")]),
            delegate("shop", to("gray", match=GRAY), to("base")),
        ],
        [Asked(request=at("/SHOP", *TAGGED), wanted="base")],
    ),
    "a delegate that is not there takes its route away": (
        [gateway(), on("root", [delegating("lost"), to("base")])],
        [Asked(wanted="base")],
    ),
    "a delegate that its root does not see": (
        [gateway(), on("root", [delegating(), to("base")]), delegate("shop", to("gray"), exportTo=["far"])],
        [Asked(wanted="base")],
    ),
    "a destination outside the mesh": (
        [
            gateway(),
            EXTERNAL,
            on("v", [{"route": [{"destination": {"host": "legacy.example.com", "port": {"number": 443}}}]}]),
        ],
        [Asked(wanted="legacy.example.com")],
    ),
    "a host outside the mesh that no ServiceEntry tells of": (
        [gateway(), on("v", [to("legacy.example.com")])],
        [Asked(wanted="503")],
    ),
    "a Service of several ports and a destination without one": (
        [gateway(), on("v", [to("two")])],
        [Asked(wanted="503")],
    ),
    "a port that the Service has not": (
        [gateway(), on("v", [{"route": [{"destination": {"host": "base", "port": {"number": 8080}}}]}])],
        [Asked(wanted="503")],
    ),
    "a name and a namespace are no full name": (
        [gateway(), on("v", [to("base.default")])],
        [Asked(wanted="503")],
    ),
    "routes of TLS are none of a plain port": (
        [
            gateway(),
            {
                **on("v", []),
                "spec": {
                    "hosts": ["h.test"],
                    "gateways": ["gw"],
                    "tls": [
                        {
                            "match": [{"port": 443, "sniHosts": ["h.test"]}],
                            "route": [{"destination": {"host": "base", "port": {"number": 80}}}],
                        }
                    ],
                },
            },
        ],
        [Asked(wanted="404")],
    ),
    "an Ingress of Istio's class": (
        [of_class(ingress("i", [("/", "Prefix", "base"), ("/a/b", "Prefix", "other"), ("/a", "Exact", "gray")]))],
        [
            Asked(request=at("/a"), wanted="gray"),
            Asked(request=at("/a/b/c"), wanted="other"),
            Asked(request=at("/a/bc"), wanted="base"),
        ],
    ),
    "an Ingress of another class": (
        [gateway(), of_class(ingress("i", [("/", "Prefix", "gray")]), "nginx"), on("v", [to("base")])],
        [Asked(wanted="base")],
    ),
    "an Ingress beside a VirtualService of its host": (
        [gateway(), of_class(ingress("i", [("/a", "Prefix", "gray")])), on("v", [to("base")])],
        [Asked(request=at("/a"), wanted="gray"), Asked(wanted="base")],
    ),
}  # fmt: skip
ASKED = [(name, number) for name, (_, listed) in CASES.items() for number in range(len(listed))]


def simulated(objects: Sequence[Object], question: Asked) -> Answer:
    documents = parse_documents(SourceFile(name="case.yaml", text=stream([*SERVICES, *objects]))).value
    assert documents is not None
    return simulate("istio", documents).route(asked(question.request), Circumstances(servers=question.servers))


@pytest.fixture(scope="module")
def real(envoy: Envoy) -> dict[tuple[str, int], dict[str, Fraction]]:
    """What pilot and Envoy do with every request."""
    proxies = {id(question.proxy): question.proxy for _, listed in CASES.values() for question in listed}
    found: dict[tuple[str, int], dict[str, Fraction]] = {}
    for proxy in proxies.values():
        places = [(name, number) for name, number in ASKED if CASES[name][1][number].proxy is proxy]
        cases = [
            Case(manifests=stream([*SERVICES, *CASES[name][0]]), requests=(CASES[name][1][number].request,))
            for name, number in places
        ]
        answers = outcomes(envoy, cases, proxy)
        found |= {place: outcome.destinations() for place, [outcome] in zip(places, answers, strict=True)}
    return found


@pytest.mark.parametrize(("name", "number"), ASKED)
def test_pilot(name: str, number: int, real: dict[tuple[str, int], dict[str, Fraction]]) -> None:
    assert real[name, number] == {CASES[name][1][number].wanted: 1}


@pytest.mark.parametrize(("name", "number"), ASKED)
def test_simulator(name: str, number: int) -> None:
    objects, listed = CASES[name]

    found = simulated(objects, listed[number])

    assert shares_of(found) == {listed[number].wanted: 1}, found.why


def test_a_fault_takes_its_part_of_the_requests() -> None:
    half = {"abort": {"grpcStatus": "UNAVAILABLE", "percentage": {"value": 12.5}}}

    found = simulated([gateway(), on("v", [to(("base", 1), ("gray", 1), fault=half)])], Asked(wanted=""))

    assert shares_of(found) == {"503": Fraction(1, 8), "base": Fraction(7, 16), "gray": Fraction(7, 16)}


def test_what_other_pods_do_with_a_host_is_told() -> None:
    objects, _ = CASES["two Gateways of two deployments are two"]

    found = simulated(objects, Asked(wanted=""))

    assert "Gateway default/public serves the host too, in pods of its own: there it is sent to base" in found.why


def test_a_gateway_that_is_not_here_is_told() -> None:
    found = simulated([on("v", [to("base")], gateways=("infra/lost",))], Asked(wanted=""))

    assert shares_of(found) == {"base": 1}
    assert "Gateway infra/lost is not among the manifests: it is taken to serve every host" in found.why


def test_routes_that_are_not_followed_are_named() -> None:
    objects, _ = CASES["routes of TLS are none of a plain port"]

    found = simulated(objects, Asked(wanted=""))

    assert any("VirtualService/v names the host in `tls` or `tcp` routes" in reason for reason in found.why)
