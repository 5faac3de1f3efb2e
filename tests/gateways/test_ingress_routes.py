"""IngressRoutes that anyone wrote: the simulator sends requests where Traefik's own code does, with the same headers."""

from random import Random
from typing import NamedTuple

import pytest

from grayc.routing.simulators import simulate
from tests.gateways.agreement import differences
from tests.gateways.manifests import service
from tests.gateways.traefik_gateway import Traefik, decided
from tests.gateways.traffic import Case, Request
from tests.manifests import Object, stream
from tests.vectors import rows

CASES, REQUESTS = 40, 20
SERVICES = ("web", "api", "gray", "other")
HOSTS = ("a.test", "b.test", "x.a.test")
PATHS = ("/", "/api", "/api/v1", "/apix")
VALUES = ("1", "v1", "a b", "always")


def matcher(random: Random) -> str:
    value = random.choice(VALUES)
    made = random.choice(
        (
            f"Host(`{random.choice((*HOSTS, '*.a.test'))}`)",
            f"PathPrefix(`{random.choice(PATHS)}`)",
            f"Path(`{random.choice(PATHS)}`)",
            f'Header("X-User", "{value}")',
            "HeaderRegexp(`x-user`, `^v[0-9]`)",
            f"query(`g`, `{value}`)",
            "QueryRegexp(`g`, `1$`)",
            "HeaderRegexp(`Cookie`, `(^|; )lane=always(;|$)`)",
            "Method(`POST`)",
            "HostRegexp(`^[ab][.]test$`)",
            "PathRegexp(`^/api/v[0-9]`)",
        )
    )
    return f"!{made}" if random.random() < 0.2 else made


def rule(random: Random, depth: int = 0) -> str:
    if depth > 2 or random.random() < 0.3:
        return matcher(random)
    parts = [rule(random, depth + 1) for _ in range(random.choice((2, 2, 3)))]
    made = random.choice((" && ", " && ", " || ")).join(parts)
    return random.choice((made, f"({made})", f"!({made})")) if depth else made


def target(random: Random, *, shared: bool) -> Object:
    made: Object = {"name": random.choice(SERVICES), "port": 80}
    if shared:
        made["weight"] = random.choice((1, 2, 5))
        # Of one Service with two configurations in shares the last one counts: here it has one.
        made["name"] = random.choice(SERVICES[2:])
        if made["name"] == "gray":
            made["middlewares"] = [{"name": "tag"}]
    return made


def case(seed: int) -> Case:
    random = Random(f"routes {seed}")
    objects: list[Object] = [service(name, ports=(80,)) for name in SERVICES]
    for name, headers in (("tag", {"x-tag": "gray"}), ("drop", {"x-user": "", "x-more": "1"})):
        objects.append(of_traefik("Middleware", name, {"headers": {"customRequestHeaders": headers}}))
    shares = [target(random, shared=True), {**target(random, shared=True), "name": "web"}]
    for each in shares:
        if each["name"] != "gray":
            each.pop("middlewares", None)
    objects.append(of_traefik("TraefikService", "share", {"weighted": {"services": shares}}))
    for number in range(random.choice((1, 2, 3))):
        routes = []
        for _ in range(random.choice((1, 2, 3))):
            is_shared = random.random() < 0.25
            to = {"name": "share", "kind": "TraefikService"} if is_shared else target(random, shared=False)
            route: Object = {"kind": "Rule", "match": rule(random), "services": [to]}
            if random.random() < 0.4:
                route["priority"] = random.choice((5, 20, 60, 200))
            if random.random() < 0.4:
                route["middlewares"] = [{"name": random.choice(("tag", "drop"))}]
            routes.append(route)
        objects.append(of_traefik("IngressRoute", f"r{number}", {"routes": routes}))
    return Case(manifests=stream(objects), requests=tuple(request(random) for _ in range(REQUESTS)))


def of_traefik(kind: str, name: str, spec: Object) -> Object:
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }


def request(random: Random) -> Request:
    headers = []
    if random.random() < 0.6:
        headers.append(("x-user", random.choice(("1", "v1", "v1x", "a b", "always", ""))))
    if random.random() < 0.4:
        headers.append(("cookie", random.choice(("lane=always", "u=1; lane=always", "xlane=always"))))
    query = random.choice(("", "", "?g=1", "?g=a%20b", "?g=a+b", "?g=v1&g=2", "?G=1", "?g=1;h=2", "?g"))
    return Request(
        host=random.choice((*HOSTS, "c.test")),
        path=f"{random.choice((*PATHS, '/api/v1/x', '/x'))}{query}",
        method=random.choice(("GET", "GET", "POST")),
        headers=tuple(headers),
    )


class Route(NamedTuple):
    """A route of an IngressRoute; a priority of 0 is none."""

    match: str
    to: str
    priority: int = 0


class Vector(NamedTuple):
    """A row of `ingress_routes.yaml`."""

    id: str
    routes: tuple[Route, ...]
    request: Request
    goes: str


@pytest.mark.parametrize("row", rows(__file__, "ingress_routes.yaml", Vector), ids=lambda row: row.id)
def test_traefik_does_what_the_vectors_say(row: Vector, traefik: Traefik) -> None:
    objects = [service(name, ports=(80,)) for name in SERVICES]
    for number, (match, name, priority) in enumerate(row.routes):
        route: Object = {"kind": "Rule", "match": match, "services": [{"name": name, "port": 80}]}
        if priority:
            route["priority"] = priority
        objects.append(of_traefik("IngressRoute", f"r{number}", {"routes": [route]}))
    vector = Case(manifests=stream(objects), requests=(row.request,))
    [kept], real = decided(traefik, [vector])
    assert real[0][0].destinations() == {row.goes: 1}
    if "Nothing" not in vector.manifests:
        assert not differences(lambda documents: simulate("traefik", documents), [kept], real)


def test_simulator_agrees_with_traefik_on_ingress_routes(traefik: Traefik) -> None:
    kept, real = decided(traefik, [case(seed) for seed in range(CASES)])
    assert sum(len(each.requests) for each in kept) >= 500

    found = differences(lambda documents: simulate("traefik", documents), kept, real)

    assert not found, f"{len(found)} differences, first: {found[0]}"
