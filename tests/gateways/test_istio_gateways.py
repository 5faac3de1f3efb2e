"""Which route a request meets on Istio's gateways: Gateways, their pods and ports, delegates, Ingresses.

Each case is asked of grayc's simulator and of Istio's own pilot with a real Envoy behind it.

The cases and their sources are in `vectors/istio_gateways.yaml`.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

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
from tests.gateways.traffic import Case, Request
from tests.manifests import Object, stream
from tests.vectors import rows

PUBLIC_PODS = {"istio": "ingressgateway"}
SERVICES = [*(service(name, ports=(80,)) for name in ("base", "gray", "other")), service("two", ports=(8080, 9090))]


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


class Server(NamedTuple):
    """A server of a Gateway."""

    hosts: tuple[str, ...] = ()
    number: int = 80
    protocol: str = "HTTP"
    name: str = ""
    tls: Object | None = None

    def made(self) -> Object:
        """Return the server."""
        return server(*self.hosts, number=self.number, protocol=self.protocol, name=self.name, tls=self.tls)


class GatewayEntry(NamedTuple):
    """A Gateway."""

    gateway: str
    servers: tuple[Server, ...] = ()
    pods: Object | None = None
    age: int = 50

    def made(self) -> Object:
        """Return the Gateway."""
        return gateway(self.gateway, *(each.made() for each in self.servers), pods=self.pods, age=self.age)


class RouteEntry(NamedTuple):
    """A VirtualService."""

    route: str
    http: tuple[Object, ...]
    gateways: tuple[str, ...] = ("gw",)
    hosts: tuple[str, ...] = ("h.test",)
    age: int = 0
    export_to: list[str] | None = None

    def made(self) -> Object:
        """Return the VirtualService."""
        more = {} if self.export_to is None else {"exportTo": self.export_to}
        return on(self.route, self.http, gateways=self.gateways, hosts=self.hosts, age=self.age, **more)


class DelegateEntry(NamedTuple):
    """A VirtualService that another one names."""

    delegate: str
    http: tuple[Object, ...]
    export_to: list[str] | None = None

    def made(self) -> Object:
        """Return the VirtualService."""
        entry = RouteEntry(self.delegate, self.http, export_to=self.export_to).made()
        del entry["spec"]["hosts"], entry["spec"]["gateways"]
        return entry


class IngressEntry(NamedTuple):
    """An Ingress."""

    ingress: str
    of_class: str
    paths: tuple[tuple[str, str, str], ...]

    def made(self) -> Object:
        """Return the Ingress."""
        return ingress(self.ingress, self.paths, annotations={"kubernetes.io/ingress.class": self.of_class})


class Whole(NamedTuple):
    """Any other object."""

    object: Object

    def made(self) -> Object:
        """Return the object."""
        return self.object


class Asked(NamedTuple):
    """One request with the short name of the Service, or the status, that answers it.

    Attributes:
        proxy: pods and table that pilot is asked for.
        servers: Gateways by which the simulator is asked; empty for any.
    """

    goes: str
    request: Request = Request()
    proxy: Literal["public", "private", "secured"] = "public"
    servers: frozenset[str] = frozenset()


class Row(NamedTuple):
    """A row of `istio_gateways.yaml`."""

    id: str
    objects: tuple[GatewayEntry | RouteEntry | DelegateEntry | IngressEntry | Whole, ...]
    asked: tuple[Asked, ...]


PROXIES = {"public": GATEWAY, "private": Proxy(labels={"istio": "private"}), "secured": Proxy(table="https.443")}
CASES = {
    row.id: ([entry.made() for entry in row.objects], row.asked) for row in rows(__file__, "istio_gateways.yaml", Row)
}
ASKED = [(name, number) for name, (_, listed) in CASES.items() for number in range(len(listed))]


def simulated(objects: Sequence[Object], question: Asked) -> Answer:
    documents = parse_documents(SourceFile(name="case.yaml", text=stream([*SERVICES, *objects]))).value
    assert documents is not None
    return simulate("istio", documents).route(asked(question.request), Circumstances(servers=question.servers))


@pytest.fixture(scope="module")
def real(envoy: Envoy) -> dict[tuple[str, int], dict[str, Fraction]]:
    """What pilot and Envoy do with every request."""
    found: dict[tuple[str, int], dict[str, Fraction]] = {}
    for called, proxy in PROXIES.items():
        places = [(name, number) for name, number in ASKED if CASES[name][1][number].proxy == called]
        cases = [
            Case(manifests=stream([*SERVICES, *CASES[name][0]]), requests=(CASES[name][1][number].request,))
            for name, number in places
        ]
        answers = outcomes(envoy, cases, proxy)
        found |= {place: outcome.destinations() for place, [outcome] in zip(places, answers, strict=True)}
    return found


@pytest.mark.parametrize(("name", "number"), ASKED)
def test_pilot(name: str, number: int, real: dict[tuple[str, int], dict[str, Fraction]]) -> None:
    assert real[name, number] == {CASES[name][1][number].goes: 1}


@pytest.mark.parametrize(("name", "number"), ASKED)
def test_simulator(name: str, number: int) -> None:
    objects, listed = CASES[name]

    found = simulated(objects, listed[number])

    assert shares_of(found) == {listed[number].goes: 1}, found.why


def test_a_fault_takes_its_part_of_the_requests() -> None:
    half = {"abort": {"grpcStatus": "UNAVAILABLE", "percentage": {"value": 12.5}}}

    found = simulated([gateway(), on("v", [to(("base", 1), ("gray", 1), fault=half)])], Asked(""))

    assert shares_of(found) == {"503": Fraction(1, 8), "base": Fraction(7, 16), "gray": Fraction(7, 16)}


def test_what_other_pods_do_with_a_host_is_told() -> None:
    objects, _ = CASES["two Gateways of two deployments are two"]

    found = simulated(objects, Asked(""))

    assert "Gateway default/public serves the host too, in pods of its own: there it is sent to base" in found.why


def test_a_gateway_that_is_not_here_is_told() -> None:
    found = simulated([on("v", [to("base")], gateways=("infra/lost",))], Asked(""))

    assert shares_of(found) == {"base": 1}
    assert "Gateway infra/lost is not among the manifests: it is taken to serve every host" in found.why


def test_routes_that_are_not_followed_are_named() -> None:
    objects, _ = CASES["routes of TLS are none of a plain port"]

    found = simulated(objects, Asked(""))

    assert any("VirtualService/v names the host in `tls` or `tcp` routes" in reason for reason in found.why)
