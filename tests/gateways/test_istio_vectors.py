"""What VirtualServices mean, on a real Envoy.

Source: istio/istio pilot/pkg/networking/core/route/route_test.go and pkg/config/validation, istio/api
networking/v1alpha3/virtual_service.proto.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

import pytest

from tests.gateways.envoy import Envoy
from tests.gateways.istio_envoy import PilotError, Proxy, outcomes, translate
from tests.gateways.manifests import service, to, virtual_service
from tests.gateways.mapping import virtual_services
from tests.gateways.traffic import Case, Request, within_three_errors
from tests.gateways.vectors import VECTORS, Vector, services_of
from tests.manifests import Object, stream
from tests.vectors import rows

SERVICES = [service(name, ports=(80,)) for name in ("base", "gray", "other")]
GRAY_HEADER = {"headers": {"x-gray": {"exact": "v1"}}}
NEXT = to("base")


def regex(value: str) -> list[Object]:
    return [to("gray", match=[{"headers": {"x-gray": {"regex": value}}}]), NEXT]


def gray(*values: str, path: str = "/x") -> Request:
    return Request(path=path, headers=tuple(("x-gray", value) for value in values))


class Asked(NamedTuple):
    """A request, and the Service or status that answers it."""

    goes: str
    request: Request = Request()


class Meaning(NamedTuple):
    """A row of `virtual_services.yaml`."""

    id: str
    http: tuple[Object, ...]
    asked: tuple[Asked, ...]


MEANINGS = {row.id: row for row in rows(__file__, "virtual_services.yaml", Meaning)}


@pytest.fixture(scope="module")
def answers(envoy: Envoy) -> dict[str, list[dict[str, Fraction]]]:
    cases = [
        Case(
            manifests=stream([*SERVICES, virtual_service("v", row.http)]),
            requests=tuple(each.request for each in row.asked),
        )
        for row in MEANINGS.values()
    ]
    found = outcomes(envoy, cases)
    return {name: [outcome.destinations() for outcome in listed] for name, listed in zip(MEANINGS, found, strict=True)}


@pytest.mark.parametrize("name", MEANINGS)
def test_virtual_service(name: str, answers: dict[str, list[dict[str, Fraction]]]) -> None:
    assert answers[name] == [{each.goes: 1} for each in MEANINGS[name].asked]


def ask(
    envoy: Envoy, objects: list[Object], request: Request | None = None, proxy: Proxy | None = None
) -> dict[str, Fraction]:
    case = Case(manifests=stream([*SERVICES, *objects]), requests=(request or Request(),))
    return outcomes(envoy, [case], proxy or Proxy())[0][0].destinations()


def test_destination_of_weight_zero_is_left_out(envoy: Envoy) -> None:
    assert ask(envoy, [virtual_service("v", [to(("base", 0), ("gray", 100))])]) == {"gray": 1}


def test_weights_are_shares_of_their_sum(envoy: Envoy) -> None:
    objects = [virtual_service("v", [to(("base", 1), ("gray", 3))])]

    assert ask(envoy, objects) == {"base": Fraction(1, 4), "gray": Fraction(3, 4)}
    [configuration] = translate([Case(manifests=stream([*SERVICES, *objects]), requests=())])
    counts = envoy.counts(configuration, Request(), 1000)
    assert within_three_errors(counts, {"base": Fraction(1, 4), "gray": Fraction(3, 4)}), counts


@pytest.mark.parametrize(
    "routes",
    [[to(("base", 0), ("gray", 0))], regex("(?!x)"), regex("("), regex("*"), [to(("base", -1), ("gray", 2))]],
    ids=["no weight", "lookahead", "open group", "star", "negative weight"],
)
def test_admission_refuses(envoy: Envoy, routes: list[Object]) -> None:
    assert ask(envoy, [virtual_service("v", routes)]) == {"REJECT": 1}


def test_headers_of_a_route_and_of_a_destination(envoy: Envoy) -> None:
    tag = {"request": {"set": {"x-tag": "gray"}, "add": {"x-more": "b"}, "remove": ["x-out"]}}
    base, tagged = {"destination": {"host": "base"}, "weight": 1}, {"destination": {"host": "gray"}, "weight": 1}
    routes: list[Object] = [
        {"match": [{"uri": {"prefix": "/route"}}], "route": [{"destination": {"host": "gray"}}], "headers": tag},
        {"route": [base, {**tagged, "headers": tag}]},
    ]
    sent = (("x-tag", "prod"), ("x-more", "a"), ("x-out", "1"))
    requests = tuple(Request(path=path, headers=sent) for path in ("/route", "/weighted"))
    case = Case(manifests=stream([*SERVICES, virtual_service("v", routes)]), requests=requests)

    [[by_route, by_weight]] = outcomes(envoy, [case])
    changed = {"x-tag": ["gray"], "x-more": ["a", "b"]}
    assert by_route.headers_of("gray") == changed
    assert by_weight.headers_of("gray") == changed
    assert by_weight.headers_of("base") == {"x-tag": ["prod"], "x-more": ["a"], "x-out": ["1"]}


def test_wildcard_host_yields_to_the_exact_one(envoy: Envoy) -> None:
    objects = [
        virtual_service("wide", [to("base")], hosts=("*.test",)),
        virtual_service("exact", [to("gray", match=[GRAY_HEADER])], hosts=("h.test",)),
    ]

    assert ask(envoy, objects, Request(host="k.test")) == {"base": 1}
    assert ask(envoy, objects, Request(host="h.test")) == {"404": 1}
    assert ask(envoy, objects, Request(host="H.Test:80", headers=(("x-gray", "v1"),))) == {"gray": 1}


def test_several_virtual_services_of_one_host_are_joined_by_age(envoy: Envoy) -> None:
    objects = [
        virtual_service("a", [to("other", match=[{"uri": {"prefix": "/a"}}])], age=1),
        virtual_service("catch", [to("base")], age=3),
        virtual_service("b", [to("gray", match=[{"uri": {"prefix": "/a"}}])], age=2),
    ]

    assert ask(envoy, objects, Request(path="/a")) == {"gray": 1}
    assert ask(envoy, objects, Request(path="/b")) == {"base": 1}


def test_sidecar_sends_by_labels_of_its_pod_and_by_subset(envoy: Envoy) -> None:
    rule: Object = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": "base"},
        "spec": {"host": "base", "subsets": [{"name": "v2", "labels": {"version": "v2"}}]},
    }
    in_mesh = virtual_service(
        "v",
        [
            {
                "match": [{"sourceLabels": {"version": "v2"}}],
                "route": [{"destination": {"host": "base", "subset": "v2"}}],
            },
            {"match": [{"uri": {"prefix": "/lost"}}], "route": [{"destination": {"host": "base", "subset": "v9"}}]},
            to("base"),
        ],
        hosts=("base",),
    )
    in_mesh["spec"]["gateways"] = ["mesh"]
    objects, short = [rule, in_mesh], Request(host="base")
    v2 = Proxy(mesh=True, namespace="default", labels={"version": "v2", "app": "a"})
    plain = Proxy(mesh=True, namespace="default", labels={})

    assert ask(envoy, objects, short, v2) == {"base|v2": 1}
    assert ask(envoy, objects, short, plain) == {"base": 1}
    assert ask(envoy, objects, Request(host="base", path="/lost"), plain) == {"503": 1}
    assert ask(envoy, objects, Request(host="gray.default.svc"), v2) == {"gray": 1}
    assert ask(envoy, objects, Request(host="gray"), Proxy(mesh=True, namespace="far")) == {"404": 1}
    assert ask(envoy, objects, Request(host="base")) == {"404": 1}


def test_what_is_left_out_is_no_silence() -> None:
    half = {"abort": {"httpStatus": 503, "percentage": {"value": 50}}}
    case = Case(manifests=stream([*SERVICES, virtual_service("v", [to("base", fault=half)])]), requests=())

    with pytest.raises(PilotError, match="fault"):
        translate([case])


SAID = [vector for vector in VECTORS if isinstance(vector.mapped, Mapping)]


@pytest.fixture(scope="module")
def of_vectors(envoy: Envoy) -> dict[str, dict[str, Fraction]]:
    """What the request of every vector gets where its rules are said as VirtualServices."""
    cases = [
        Case(
            manifests=stream([*virtual_services(vector.ingresses), *services_of(vector.ingresses)]),
            requests=(vector.request,),
            without_endpoints=vector.without_endpoints,
        )
        for vector in SAID
    ]
    found = outcomes(envoy, cases)
    return {vector.id: outcome.destinations() for vector, [outcome] in zip(SAID, found, strict=True)}


@pytest.mark.parametrize("vector", SAID, ids=lambda vector: vector.id)
def test_canary_said_as_virtual_services(vector: Vector, of_vectors: dict[str, dict[str, Fraction]]) -> None:
    assert of_vectors[vector.id] == vector.mapped
