"""What annotations beside those of canaries do to a request, and default backends: one table for the gateways.

The rows and their sources are in `vectors/ingress_annotations.yaml`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

import pytest

from grayc.documents import parse_documents
from grayc.routing.model import Circumstances
from grayc.routing.simulators import simulate
from grayc.source import SourceFile
from tests.gateways.agreement import asked, differences
from tests.gateways.manifests import ingress, service
from tests.gateways.test_simulator_vectors import answer, shares_of
from tests.gateways.traefik_gateway import Traefik, decided
from tests.gateways.traffic import Case, Request
from tests.gateways.vectors import NGINX, Entry, base, canary, get
from tests.manifests import Object, stream
from tests.vectors import rows

MSE = "mse.ingress.kubernetes.io/"
ALWAYS = ("x-gray", "always")
EVERY = ("ingress-nginx", "higress", "mse", "traefik")


def noted(prefix: str = NGINX, **annotations: str) -> dict[str, str]:
    return {f"{prefix}{name.replace('_', '-')}": value for name, value in annotations.items()}


def with_default(route: Object, backend: str) -> Object:
    route["spec"]["defaultBackend"] = {"service": {"name": backend, "port": {"number": 80}}}
    return route


def without_rules(backend: str, *, name: str = "base", age: int = 20, **annotations: str) -> Object:
    route = with_default(ingress(name, annotations=noted(**annotations), age=age), backend)
    del route["spec"]["rules"]
    return route


def to_bridge(route: Object) -> Object:
    resource = {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}
    route["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": resource}
    return route


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Entry):
    """An Ingress with a default backend, "" for none, and paths that may lead to `McpBridge/default`."""

    default: str = ""

    def made(self) -> Object:
        """Return the Ingress; without paths it has no rules."""
        route = Entry.made(self)
        if self.default:
            with_default(route, self.default)
        if self.paths == ():
            del route["spec"]["rules"]
        elif self.paths and self.paths[0][2] == "McpBridge/default":
            to_bridge(route)
        return route


class Row(NamedTuple):
    """Some Ingresses, a request, and the one place where each gateway sends it: a Service or a status."""

    id: str
    ingresses: tuple[Route, ...]
    goes: Mapping[str, str]
    request: Request = Request()

    def made(self) -> list[Object]:
        """Return the Ingresses."""
        return [route.made() for route in self.ingresses]


ROWS = rows(__file__, "ingress_annotations.yaml", Row)
SAID = [(gateway, row) for row in ROWS for gateway in row.goes]


def services_of(ingresses: Iterable[Object]) -> list[Object]:
    """Return a Service for every backend."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("service"), dict):
                found.add(value["service"]["name"])
            for part in value.values():
                look(part)
        elif isinstance(value, list):
            for part in value:
                look(part)

    for entry in ingresses:
        look(entry["spec"])
    return [service(name) for name in sorted(found)]


@pytest.mark.parametrize(("gateway", "row"), SAID, ids=lambda item: item.id if isinstance(item, Row) else item)
def test_gateway_does_what_the_table_says(gateway: str, row: Row) -> None:
    ingresses = row.made()
    manifests = stream([*ingresses, *services_of(ingresses)])

    found = answer(gateway, manifests, row.request, Circumstances())

    assert shares_of(found) == {row.goes[gateway]: Fraction(1)}, found.why


def test_subset_of_a_service_is_said() -> None:
    subset = noted(MSE, canary_by_header="x-gray", service_subset="gray")
    manifests = stream([base(), canary(paths=(("/", "Prefix", "base"),), others=subset)])

    found = answer("mse", manifests, get("/x", ALWAYS), Circumstances())
    plain = answer("mse", manifests, get(), Circumstances())

    assert [(item.service, item.subset) for item in found.destinations] == [("base", "gray")]
    assert [(item.service, item.subset) for item in plain.destinations] == [("base", "")]


def test_destinations_of_one_route_share_as_the_gateway_rounds() -> None:
    lines = "50% a.nacos:80\n30% b.nacos:80 v2\n20% c.nacos"
    found = answer(
        "higress",
        stream([to_bridge(ingress("base", annotations={"higress.io/destination": lines}))]),
        get(),
        Circumstances(),
    )

    assert {(item.service, item.subset): item.percent for item in found.destinations} == {
        ("a.nacos", ""): 50,
        ("b.nacos", "v2"): 30,
        ("c.nacos", ""): 20,
    }
    assert found.decided_by is not None
    assert found.decided_by.rule == "path"


def test_ingresses_of_other_classes_are_not_read() -> None:
    one, other = base(), base(("/", "Prefix", "other"), name="other", age=30)
    one["spec"]["ingressClassName"] = "public"
    other["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "internal"
    documents = parse_documents(SourceFile(name="case.yaml", text=stream([one, other]))).value
    assert documents is not None

    for gateway in EVERY:
        every = simulate(gateway, documents).route(asked(get()))
        public = simulate(gateway, documents, classes=frozenset({"public"})).route(asked(get()))

        assert [item.service for item in every.destinations] == ["other"], gateway
        assert [item.service for item in public.destinations] == ["base"], gateway


@pytest.mark.parametrize("version", ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_ingress_of_a_version_that_is_gone_is_not_read(version: str) -> None:
    route = base() | {"apiVersion": version}

    for gateway in EVERY:
        assert answer(gateway, stream([route]), get(), Circumstances()).status == 404


def test_ingress_with_an_annotation_that_is_no_text_is_not_read() -> None:
    route = canary(w=100)
    route["metadata"]["annotations"][f"{NGINX}canary"] = True

    for gateway in EVERY:
        found = answer(gateway, stream([base(), route]), get(), Circumstances())
        assert [item.service for item in found.destinations] == ["base"]


def test_simulator_agrees_with_traefik_about_annotations(traefik: Traefik) -> None:
    cases = [_random_case(Random(f"annotations {seed}")) for seed in range(60)]
    kept, real = decided(traefik, cases)

    found = differences(lambda documents: simulate("traefik", documents), kept, real)

    assert sum(len(case.requests) for case in kept) > 500
    assert not found, f"{len(found)} differences, first: {found[0]}"


def _random_case(random: Random) -> Case:
    """Return up to three Ingresses with aliases, redirects and default backends, and requests near them."""
    hosts = ("h.test", "www.h.test", "i.test", "")
    routes: list[Object] = []
    for at in range(random.randint(1, 3)):
        annotations = {
            name: value
            for name, value in (
                ("server-alias", random.choice(("a.test", "www.h.test, b.test", "A.test,i.test"))),
                ("permanent-redirect", "https://new.test/x"),
                ("permanent-redirect-code", random.choice(("308", "200", "x"))),
                ("temporal-redirect", "https://now.test/x"),
                ("temporal-redirect-code", random.choice(("307", "999"))),
                ("from-to-www-redirect", random.choice(("true", "True", "1"))),
                ("use-regex", "true"),
                ("rewrite-target", "/"),
            )
            if random.random() < 0.2
        }
        paths = [
            (path, random.choice(("Prefix", "Exact", "ImplementationSpecific")), f"s{at}{number}")
            for number, path in enumerate(random.sample(("/", "/a", "/a/b", "/ab/"), random.randint(1, 3)))
        ]
        route = base(*paths, name=f"i{at}", host=random.choice(hosts), age=20 - at)
        route["metadata"]["annotations"] |= {f"{NGINX}{name}": value for name, value in annotations.items()}
        routes.append(with_default(route, f"d{at}") if random.random() < 0.3 else route)
        if random.random() < 0.4:
            host = route["spec"]["rules"][0].get("host", "")
            mine = [(path, kind, f"g{at}") for path, kind, _ in paths[:1]]
            routes.append(canary(f"c{at}", mine, hdr="x-gray", host=host, age=10 - at))
    if random.random() < 0.3:
        routes.append(without_rules("left", name="left", age=1))
    requests = tuple(
        get(
            random.choice(("/", "/a", "/A", "/a/", "/a/b", "/abc", "/ab/c", "/x")),
            *((ALWAYS,) if random.random() < 0.3 else ()),
            host=random.choice(("h.test", "www.h.test", "i.test", "www.i.test", "a.test", "b.test", "z.test")),
        )
        for _ in range(20)
    )
    return Case(manifests=stream([*routes, *services_of(routes)]), requests=requests)
