"""Conformance vectors of Gateway API on Envoy Gateway: what the tests rest on holds on the real thing.

Source: kubernetes-sigs/gateway-api conformance/tests (routes and expected backends).
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

import pytest

from tests.gateways.envoy import Configuration, Envoy
from tests.gateways.gateway_api import translate
from tests.gateways.manifests import match, route, rule, service
from tests.gateways.mapping import http_routes
from tests.gateways.traffic import Case, Outcome, Request, within_three_errors
from tests.gateways.vectors import VECTORS, Vector, services_of
from tests.manifests import Object, stream
from tests.vectors import rows

SERVICES = [service(name) for name in ("v1", "v2", "v3", "base", "gray")]


class Match(NamedTuple):
    """A match of an HTTPRoute."""

    path: str = ""
    type: str = "PathPrefix"
    headers: Mapping[str, str] = {}


class Rule(NamedTuple):
    """A rule of an HTTPRoute: Services, each a name, or a name and a weight, or `namespace/name`."""

    to: tuple[str | tuple[str, int], ...]
    matches: tuple[Match, ...] = ()

    def made(self) -> Object:
        """Return the rule."""
        made = rule(*self.to, matches=[match(*each) for each in self.matches])
        for each in made["backendRefs"]:
            if "/" in each["name"]:
                each["namespace"], each["name"] = each["name"].split("/")
        return made


class Route(NamedTuple):
    """An HTTPRoute."""

    name: str
    rules: tuple[Rule, ...]
    hosts: tuple[str, ...] = ("h.test",)
    age: int = 0

    def made(self) -> Object:
        """Return the route."""
        return route(self.name, [each.made() for each in self.rules], hosts=self.hosts, age=self.age)


class Asked(NamedTuple):
    """A request, and the Service or status that answers it."""

    goes: str
    path: str
    host: str = "h.test"
    headers: tuple[tuple[str, str], ...] = ()


class Group(NamedTuple):
    """A row of `gateway_api.yaml`."""

    id: str
    routes: tuple[Route, ...]
    asked: tuple[Asked, ...]
    services: tuple[str, ...] = ()
    objects: tuple[Object, ...] = ()
    without_endpoints: frozenset[str] = frozenset()

    def case(self) -> Case:
        """Return the group as a case for the gateway."""
        named = [service(name, namespace) for namespace, name in (each.split("/") for each in self.services)]
        routes = [each.made() for each in self.routes]
        return Case(
            manifests=stream([*SERVICES, *routes, *named, *self.objects]),
            requests=tuple(Request(host=each.host, path=each.path, headers=each.headers) for each in self.asked),
            without_endpoints=self.without_endpoints,
        )


GROUPS = {group.id: group for group in rows(__file__, "gateway_api.yaml", Group)}


def header_filter(**changes: object) -> Object:
    return {"type": "RequestHeaderModifier", "requestHeaderModifier": changes}


def named(name: str) -> Object:
    return {"name": "backend", "value": name}


WEIGHTS = route(
    "r",
    [
        rule(("v1", 70), ("v2", 30), ("v3", 0), matches=[match("/weight")]),
        rule(("v1", 1), ("v2", 999_999), matches=[match("/fine")]),
        rule("v1", "missing", matches=[match("/half")]),
        {
            "matches": [match("/named")],
            "backendRefs": [
                {"name": name, "port": 80, "weight": 10, "filters": [header_filter(set=[named(name)])]}
                for name in ("v1", "v2")
            ],
        },
        rule(
            "v1",
            matches=[match("/filters")],
            filters=[header_filter(set=[named("set")], add=[{"name": "more", "value": "b"}], remove=["out"])],
        ),
    ],
)


METHOD = Case(
    manifests=stream(
        [
            *SERVICES,
            route(
                "r",
                [
                    rule("v1", matches=[match("/", headers={"a": "1", "b": "2"})]),
                    rule("v2", matches=[{**match("/"), "method": "POST"}]),
                ],
            ),
        ]
    ),
    requests=(Request(method="POST", headers=(("a", "1"), ("b", "2"))),),
)
EXACT_AND_REGEX = Case(
    manifests=stream(
        [
            *SERVICES,
            route(
                "r",
                [
                    rule("v1", matches=[match("/", headers={"a": "1.*"}, regex=["a"])]),
                    rule("v2", matches=[match("/", headers={"b": "2"})]),
                ],
            ),
        ]
    ),
    requests=(Request(headers=(("a", "1"), ("b", "2"))),),
)
UNDERSCORE = Case(
    manifests=stream([*SERVICES, route("r", [rule("v1")])]), requests=(Request(headers=(("x_gray", "1"),)),)
)
WEIGHT_PATHS = ("/weight", "/fine", "/half", "/named", "/filters")
SENT = (("backend", "client"), ("more", "a"), ("out", "1"))
WEIGHTED = Case(
    manifests=stream([*SERVICES, WEIGHTS]), requests=tuple(Request(path=path, headers=SENT) for path in WEIGHT_PATHS)
)

SAID = [vector for vector in VECTORS if isinstance(vector.mapped, Mapping)]


def said(vector: Vector) -> Case:
    objects = [*http_routes(vector.ingresses), *services_of(vector.ingresses)]
    return Case(manifests=stream(objects), requests=(vector.request,), without_endpoints=vector.without_endpoints)


CASES = {
    **{name: group.case() for name, group in GROUPS.items()},
    "weights": WEIGHTED,
    "underscore": UNDERSCORE,
    "method": METHOD,
    "exact and regex": EXACT_AND_REGEX,
    **{vector.id: said(vector) for vector in SAID},
}


@pytest.fixture(scope="module")
def configurations() -> dict[str, Configuration]:
    """Envoy's configuration of every case, translated at one go."""
    return dict(zip(CASES, translate(list(CASES.values())), strict=True))


@pytest.fixture(scope="module")
def answers(envoy: Envoy, configurations: dict[str, Configuration]) -> dict[str, list[Outcome]]:
    """What the requests of every case get."""
    found = envoy.outcomes([(configurations[name], case.requests) for name, case in CASES.items()])
    return dict(zip(CASES, found, strict=True))


@pytest.fixture(scope="module")
def weighted(answers: dict[str, list[Outcome]]) -> dict[str, Outcome]:
    return dict(zip(WEIGHT_PATHS, answers["weights"], strict=True))


@pytest.mark.parametrize("name", GROUPS)
def test_conformance_vector(name: str, answers: dict[str, list[Outcome]]) -> None:
    asked = zip(GROUPS[name].asked, answers[name], strict=True)
    wrong = [(each, found) for each, found in asked if found.destinations() != {each.goes: 1}]

    assert not wrong


@pytest.mark.parametrize("vector", SAID, ids=lambda vector: vector.id)
def test_canary_said_as_http_routes(vector: Vector, answers: dict[str, list[Outcome]]) -> None:
    assert answers[vector.id][0].destinations() == vector.mapped


def test_weights_are_shares_of_their_sum(weighted: dict[str, Outcome]) -> None:
    assert weighted["/weight"].destinations() == {"v1": Fraction(7, 10), "v2": Fraction(3, 10)}
    assert weighted["/fine"].destinations() == {"v1": Fraction(1, 1_000_000), "v2": Fraction(999_999, 1_000_000)}
    assert weighted["/half"].destinations() == {"v1": Fraction(1, 2), "500": Fraction(1, 2)}


def test_counted_requests_agree_with_the_weights(envoy: Envoy, configurations: dict[str, Configuration]) -> None:
    for path, name in (("/weight", "v2"), ("/half", "500")):
        share = Fraction(3, 10) if name == "v2" else Fraction(1, 2)
        counts = envoy.counts(configurations["weights"], Request(path=path), 500)
        assert within_three_errors(counts, {"v1": 1 - share, name: share}), counts


def test_filter_of_a_backend_reaches_that_backend_only(weighted: dict[str, Outcome]) -> None:
    for name in ("v1", "v2"):
        assert weighted["/named"].headers_of(name) == {"backend": [name], "more": ["a"], "out": ["1"]}


def test_filters_set_add_and_remove(weighted: dict[str, Outcome]) -> None:
    assert weighted["/filters"].headers_of("v1") == {"backend": ["set"], "more": ["a", "b"]}


def test_header_name_with_an_underscore_is_refused_by_the_gateway(answers: dict[str, list[Outcome]]) -> None:
    assert answers["underscore"][0].destinations() == {"400": 1}


def test_finding_envoy_gateway_counts_a_method_as_one_header(answers: dict[str, list[Outcome]]) -> None:
    """The specification ranks a method before any number of headers."""
    assert answers["method"][0].destinations() == {"v1": 1}


def test_finding_envoy_gateway_prefers_exact_headers_to_regular_expressions(
    answers: dict[str, list[Outcome]],
) -> None:
    """The specification counts headers only, so that the first rule of the list would win."""
    assert answers["exact and regex"][0].destinations() == {"v2": 1}
