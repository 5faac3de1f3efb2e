"""Conformance vectors of Gateway API on Envoy Gateway: what the tests rest on holds on the real thing.

Source: kubernetes-sigs/gateway-api conformance/tests (routes and expected backends).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pytest

from tests.gateways.envoy import Configuration, Envoy
from tests.gateways.gateway_api import translate
from tests.gateways.manifests import match, route, rule, service, text
from tests.gateways.mapping import http_routes
from tests.gateways.traffic import Case, Object, Outcome, Request, within_three_errors
from tests.gateways.vectors import VECTORS, Vector, services_of

SERVICES = [service(name) for name in ("v1", "v2", "v3", "base", "gray")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Objects, and requests with the Service or status that must answer each."""

    objects: tuple[Object, ...]
    asked: tuple[tuple[Request, str], ...]
    without_endpoints: frozenset[str] = frozenset()


def get(path: str = "/", host: str = "h.test", **headers: str) -> Request:
    return Request(
        host=host, path=path, headers=tuple((name.replace("_", "-"), value) for name, value in headers.items())
    )


HEADER_MATCHING = Group(
    objects=(
        route(
            "r",
            [
                rule("v1", matches=[match(headers={"version": "one"})]),
                rule("v2", matches=[match(headers={"version": "two"})]),
                rule("v1", matches=[match(headers={"version": "two", "color": "orange"})]),
                rule("v1", matches=[match(headers={"color": "blue"}), match(headers={"color": "green"})]),
                rule("v2", matches=[match(headers={"color": "red"}), match(headers={"color": "yellow"})]),
            ],
        ),
    ),
    asked=(
        (get(Version="one"), "v1"),
        (get(version="two"), "v2"),
        (get(version="two", color="orange"), "v1"),
        (get(version="two", color="blue"), "v2"),
        (get(color="orange"), "404"),
        (get(Some_Other_Header="one"), "404"),
        (get(color="blue"), "v1"),
        (get(color="green"), "v1"),
        (get(color="red"), "v2"),
        (get(color="yellow"), "v2"),
        (get(color="purple"), "404"),
        (get(version="One"), "404"),
    ),
)

TWO_RULES = [
    rule("v1", matches=[match("/"), match(headers={"version": "one"})]),
    rule("v2", matches=[match("/v2"), match(headers={"version": "two"})]),
]
MATCHING = Group(
    objects=(route("r", TWO_RULES),),
    asked=(
        (get("/"), "v1"),
        (get("/example"), "v1"),
        (get("/", version="one"), "v1"),
        (get("/v2"), "v2"),
        (get("/v2/example"), "v2"),
        (get("/", version="two"), "v2"),
        (get("/v2/"), "v2"),
        (get("/v2example"), "v1"),
        (get("/foo/v2/example"), "v1"),
    ),
)
ACROSS_ROUTES = Group(
    objects=(
        route("part1", TWO_RULES[:1], hosts=("example.com", "example.net"), age=1),
        route("part2", TWO_RULES[1:], hosts=("example.com",)),
    ),
    asked=(
        (get("/", "example.com"), "v1"),
        (get("/example", "example.com"), "v1"),
        (get("/", "example.net"), "v1"),
        (get("/example", "example.com", version="one"), "v1"),
        (get("/v2", "example.com"), "v2"),
        (get("/v2", "example.net"), "v1"),
        (get("/v2/example", "example.com"), "v2"),
        (get("/", "example.com", version="two"), "v2"),
        (get("/", "example.org"), "404"),
    ),
)
PATH_ORDER = Group(
    objects=(
        route(
            "r",
            [
                rule("v3", matches=[match("/match/")]),
                rule("v2", matches=[match("/match/prefix/one")]),
                rule("v1", matches=[match("/match/prefix/")]),
                rule("v1", matches=[match("/match", "Exact")]),
                rule("v2", matches=[match("/match/exact", "Exact")]),
                rule("v3", matches=[match("/match/exact/one", "Exact")]),
            ],
        ),
    ),
    asked=(
        (get("/match/exact/one"), "v3"),
        (get("/match/exact"), "v2"),
        (get("/match"), "v1"),
        (get("/match/prefix/one/any"), "v2"),
        (get("/match/prefix/any"), "v1"),
        (get("/match/any"), "v3"),
    ),
)
EXACT_PATH = Group(
    objects=(route("r", [rule("v1", matches=[match("/one", "Exact")]), rule("v2", matches=[match("/two", "Exact")])]),),
    asked=(
        (get("/one"), "v1"),
        (get("/two"), "v2"),
        (get("/"), "404"),
        (get("/one/example"), "404"),
        (get("/two/"), "404"),
        (get("/Two"), "404"),
    ),
)
HOSTS = Group(
    objects=(
        route("exact", [rule("v1")], hosts=("a.example.com",)),
        route("wildcard", [rule("v2", matches=[match("/only")])], hosts=("*.example.com",), age=1),
        route("wider", [rule("v3")], hosts=("*.com",), age=2),
    ),
    asked=(
        (get("/only", "a.example.com"), "v1"),
        (get("/only", "b.example.com"), "v2"),
        (get("/only", "c.b.example.com"), "v2"),
        # No second chance in a wider host.
        (get("/other", "b.example.com"), "404"),
        (get("/only", "example.com"), "v3"),
        (get("/only", "com"), "404"),
        (get("/only", "A.Example.COM"), "v1"),
        (get("/only", "a.example.com:8080"), "v1"),
    ),
)
TIES = Group(
    objects=(
        route("b-old", [rule("v1", matches=[match("/old")])], age=2),
        route("a-new", [rule("v2", matches=[match("/old")])], age=1),
        route("z", [rule("v1", matches=[match("/name")])]),
        route("y", [rule("v2", matches=[match("/name")])]),
        route("list", [rule("v3", matches=[match("/list")]), rule("v1", matches=[match("/list")])]),
        route("few", [rule("v1", matches=[match("/many", headers={"a": "1"})])], age=3),
        route("many", [rule("v2", matches=[match("/many", headers={"a": "1", "b": "2"})])]),
    ),
    asked=(
        (get("/old"), "v1"),
        (get("/name"), "v2"),
        (get("/list"), "v3"),
        (get("/many", a="1"), "v1"),
        (get("/many", a="1", b="2"), "v2"),
    ),
)
FAILURES = Group(
    objects=(
        route(
            "r",
            [
                rule("missing", matches=[match("/missing")]),
                rule("v1", "missing", matches=[match("/half")]),
                rule(("v1", 0), matches=[match("/zero")]),
                rule("v3", matches=[match("/empty")]),
            ],
        ),
        route(
            "crossing",
            [
                {"matches": [match("/granted")], "backendRefs": [{"name": "s", "namespace": "open", "port": 80}]},
                {"matches": [match("/refused")], "backendRefs": [{"name": "s", "namespace": "shut", "port": 80}]},
            ],
        ),
        service("s", "open"),
        service("s", "shut"),
        {
            "apiVersion": "gateway.networking.k8s.io/v1beta1",
            "kind": "ReferenceGrant",
            "metadata": {"name": "grant", "namespace": "open"},
            "spec": {
                "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "default"}],
                "to": [{"group": "", "kind": "Service"}],
            },
        },
    ),
    asked=(
        (get("/missing"), "500"),
        (get("/zero"), "500"),
        (get("/empty"), "503"),
        (get("/granted"), "s"),
        (get("/refused"), "500"),
        (get("/nothing"), "404"),
    ),
    without_endpoints=frozenset({"default/v3"}),
)

GROUPS = {
    "header-matching": HEADER_MATCHING,
    "matching": MATCHING,
    "matching-across-routes": ACROSS_ROUTES,
    "path-match-order": PATH_ORDER,
    "exact-path": EXACT_PATH,
    "hosts": HOSTS,
    "ties": TIES,
    "failures": FAILURES,
}


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
    manifests=text(
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
    manifests=text(
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
    manifests=text([*SERVICES, route("r", [rule("v1")])]), requests=(Request(headers=(("x_gray", "1"),)),)
)
WEIGHT_PATHS = ("/weight", "/fine", "/half", "/named", "/filters")
SENT = (("backend", "client"), ("more", "a"), ("out", "1"))
WEIGHTED = Case(
    manifests=text([*SERVICES, WEIGHTS]), requests=tuple(Request(path=path, headers=SENT) for path in WEIGHT_PATHS)
)

SAID = [vector for vector in VECTORS if isinstance(vector.mapped, Mapping)]


def said(vector: Vector) -> Case:
    objects = [*http_routes(vector.ingresses), *services_of(vector.ingresses)]
    return Case(manifests=text(objects), requests=(vector.request,), without_endpoints=vector.without_endpoints)


CASES = {
    **{
        name: Case(
            manifests=text([*SERVICES, *group.objects]),
            requests=tuple(request for request, _ in group.asked),
            without_endpoints=group.without_endpoints,
        )
        for name, group in GROUPS.items()
    },
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
    wrong = [
        (request, expected, found) for (request, expected), found in asked if found.destinations() != {expected: 1}
    ]

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
