"""Canary Ingresses as Higress configures Envoy with them: the shared vectors, and the headers that backends receive.

Source: alibaba/higress test/e2e httproute-canary-*, httproute-request-header-control, httproute-match-path;
pkg/ingress/kube/annotations/{canary,header_control}_test.go; the rest is derived from its source.
"""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from tests.gateways.envoy import Envoy, start
from tests.gateways.higress_envoy import outcomes, translate
from tests.gateways.manifests import service
from tests.gateways.traffic import Case, Outcome, Request, within_three_errors
from tests.gateways.vectors import VECTORS, Vector, base, canary, get
from tests.manifests import Object, stream

ASKED = [vector for vector in VECTORS if vector.higress is not None]
SERVICES = [service(name) for name in ("base", "gray", "gray1", "gray2", "v1", "v2", "v3")]


@pytest.fixture(scope="module")
def answers(envoy: Envoy) -> dict[str, Outcome]:
    """What the request of every vector gets, asked at one go."""
    found = outcomes(envoy, [vector.case() for vector in ASKED])
    return {vector.id: outcome for vector, [outcome] in zip(ASKED, found, strict=True)}


@pytest.mark.parametrize("vector", ASKED, ids=lambda vector: vector.id)
def test_vector(vector: Vector, answers: dict[str, Outcome]) -> None:
    assert answers[vector.id].destinations() == vector.higress


def asked(envoy: Envoy, ingresses: list[Object], *requests: Request) -> list[Outcome]:
    return outcomes(envoy, [Case(manifests=stream([*ingresses, *SERVICES]), requests=requests)])[0]


def tagged(prefix: str = "higress.io/", kind: str = "update", value: str = "x-mse-tag gray") -> Mapping[str, str]:
    return {f"{prefix}request-header-control-{kind}": value}


@pytest.mark.parametrize(
    ("annotations", "sent", "received"),
    [
        (tagged(), (), {"x-mse-tag": ["gray"]}),
        (tagged(), ("x-mse-tag", "prod"), {"x-mse-tag": ["gray"]}),
        (tagged(kind="add"), ("x-mse-tag", "a"), {"x-mse-tag": ["a", "gray"]}),
        (tagged("mse.ingress.kubernetes.io/"), (), {}),
        (tagged("nginx.ingress.kubernetes.io/"), (), {}),
        (
            tagged(kind="add", value='stage test\ncanary true\nx-test "higress; test=true"\n\'x-test2\' "a b"'),
            (),
            {"stage": ["test"], "canary": ["true"], "x-test": ["higress; test=true"], "x-test2": ["a b"]},
        ),
        (tagged(value="stage pro\ncanary true"), ("stage", "dev"), {"stage": ["pro"], "canary": ["true"]}),
        (tagged(kind="remove", value="stage"), ("stage", "dev"), {}),
        (tagged(kind="remove", value="stage, other"), ("stage", "dev"), {}),
        (tagged(value="alone\nstage pro"), (), {"stage": ["pro"]}),
    ],
    ids=["HW1", "HW2", "HW3", "HW6", "HW8", "HW9", "HW10 update", "HW10 remove", "HW10 remove two", "HW11"],
)
def test_header_control_of_a_header_canary(
    envoy: Envoy, annotations: Mapping[str, str], sent: tuple[str, str] | tuple[()], received: dict[str, list[str]]
) -> None:
    headers = (("x-gray", "always"), *((sent,) if sent else ()))
    [outcome] = asked(envoy, [base(), canary(hdr="x-gray", others=annotations)], Request(headers=headers))

    assert outcome.headers_of("gray") == {"x-gray": ["always"], **received}


def base_with(annotations: Mapping[str, str]) -> Object:
    found = base()
    found["metadata"]["annotations"].update(annotations)
    return found


def test_hw4_header_control_of_the_base_does_not_reach_the_header_canary(envoy: Envoy) -> None:
    ingresses = [base_with(tagged(value="stage pro")), canary(hdr="x-gray")]
    to_gray, to_base = asked(envoy, ingresses, get("/x", ("x-gray", "always")), get())

    assert to_gray.headers_of("gray") == {"x-gray": ["always"]}
    assert to_base.headers_of("base") == {"stage": ["pro"]}


def test_hw5_each_destination_of_a_weight_has_its_own_header_control(envoy: Envoy) -> None:
    [outcome] = asked(envoy, [base_with(tagged(value="stage pro")), canary(w=30, others=tagged())], get())

    assert outcome.destinations() == {"base": Fraction(7, 10), "gray": Fraction(3, 10)}
    assert outcome.headers_of("base") == {"stage": ["pro"]}
    assert outcome.headers_of("gray") == {"x-mse-tag": ["gray"]}


def test_counted_requests_agree_with_the_weights(envoy: Envoy) -> None:
    configuration = translate(Case(manifests=stream([base(), canary(w=30), *SERVICES]), requests=()))
    counts = envoy.counts(configuration, get(), 1000)

    assert within_three_errors(counts, {"base": Fraction(7, 10), "gray": Fraction(3, 10)}), counts


def test_paths_of_a_host(envoy: Envoy) -> None:
    ingresses = [
        base(("/foo", "Prefix", "v2"), ("/foo", "Exact", "v1"), ("/bar", "Prefix", "v2"), ("/cat/", "Prefix", "v3"))
    ]
    expected = {
        "/foo": "v1",
        "/foo/": "v2",
        "/bar": "v2",
        "/bard": "404",
        "/cat": "v3",
        "/cat/ok": "v3",
        "/Foo": "404",
        "/foo?a=/b": "v1",
    }
    found = asked(envoy, ingresses, *(get(path) for path in expected))

    assert [outcome.destinations() for outcome in found] == [{name: 1} for name in expected.values()]


def test_repeated_header_is_matched_value_by_value_in_a_newer_envoy() -> None:
    """The finding behind `joins_headers`: vector A19 changes its answer with the Envoy that a gateway carries."""
    newer = start(joins_headers=False)
    try:
        request = get("/x", ("x-gray", "v1"), ("x-gray", "v1"))
        [outcome] = asked(newer, [base(), canary(hdr="x-gray", val="v1")], request)
    finally:
        newer.stop()

    assert outcome.destinations() == {"gray": 1}
