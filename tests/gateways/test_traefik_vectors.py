"""Traefik's own code on the table of canaries, on its own fixtures' cases, and where it differs from other gateways.

What stands here about priorities is Traefik 3.7.13: `GetRulePriority` in pkg/muxer/http/mux.go is the length of the
rule's text, and the provider for nginx annotations sets no priority of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import pytest

from tests.gateways.manifests import text
from tests.gateways.random_cases import REQUESTS_PER_CASE, random_case, random_cases
from tests.gateways.traefik_gateway import Traefik, TraefikAnswer, TraefikError, decided, real_outcomes
from tests.gateways.traffic import Case, Object, Request
from tests.gateways.vectors import (
    BASE,
    GRAY,
    NGINX,
    NOT_FOUND,
    ROOT,
    TRAEFIK_CHANCE,
    UNAVAILABLE,
    VECTORS,
    Shares,
    Vector,
    base,
    canary,
    cookie,
    get,
    gray,
    services_of,
    shares,
)

RANDOM_CASES = 60
STATED = tuple(vector for vector in VECTORS if vector.traefik is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Ingresses, and for each request every outcome there can be; several are chance."""

    ingresses: Sequence[Object]
    asked: Sequence[tuple[Request, Sequence[Shares]]]
    without_endpoints: frozenset[str] = frozenset()


def row(*ingresses: Object, asked: Sequence[tuple[Request, Shares]], without: str = "") -> Row:
    """Return a row whose every request has one outcome."""
    return Row(
        ingresses=ingresses,
        asked=[(request, [expected]) for request, expected in asked],
        without_endpoints=frozenset({without} if without else ()),
    )


def to(service: str) -> Shares:
    return {service: Fraction(1)}


def both(value: str, vip: str) -> Request:
    return get("/x", ("foo", value), ("cookie", f"vip={vip}"))


def only(answer: TraefikAnswer) -> dict[str, Fraction]:
    """Return the one outcome of a request that leaves nothing to chance."""
    [found] = answer.possible()
    return found


# Source: pkg/provider/kubernetes/ingress-nginx/kubernetes_test.go, fixtures ingresses-with-canary*.yml: what the
# configurations expected there mean for requests.
OWN_SUITE = {
    "no rule": row(base(), canary(), asked=[(get(), BASE)]),
    "weight and total": row(base(), canary(w=10, wt=120), asked=[(get(), shares(base=110, gray=10))]),
    "header": row(base(), canary(hdr="Foo"), asked=[(both("always", "x"), GRAY), (get(), BASE)]),
    "a value makes the pattern void": row(
        base(), canary(hdr="Foo", val="bar", pat="ba.*"), asked=[(both("bar", "x"), GRAY), (both("baz", "x"), BASE)]
    ),
    "pattern": row(
        base(), canary(hdr="Foo", pat="bar(.*)"), asked=[(both("a-bar-b", "x"), GRAY), (both("b", "x"), BASE)]
    ),
    "value without header": row(base(), canary(val="bar"), asked=[(both("bar", "x"), BASE)]),
    "pattern without header": row(base(), canary(pat="bar"), asked=[(both("bar", "x"), BASE)]),
    "cookie with a dot": row(
        base(), canary(ck="foo.bar"), asked=[(cookie("foo.bar=always"), GRAY), (cookie("fooxbar=always"), BASE)]
    ),
    "header, cookie and weight": row(
        base(),
        canary(hdr="Foo", ck="vip", w=10),
        asked=[
            (both("always", "x"), GRAY),
            (both("always", "never"), GRAY),
            (both("never", "always"), BASE),
            (both("x", "always"), GRAY),
            (both("x", "never"), BASE),
            (both("x", "x"), shares(base=90, gray=10)),
        ],
    ),
    "wrong host": row(
        base(), canary(host="other.test", w=100), asked=[(get(), BASE), (get(host="other.test"), NOT_FOUND)]
    ),
    "wrong path": row(base(), canary(paths=(("/a", "Prefix", "gray"),), w=100), asked=[(get("/a"), BASE)]),
    "wrong path type": row(base(), canary(paths=(("/", "Exact", "gray"),), w=100), asked=[(get("/"), BASE)]),
    "the same Service": row(base(), canary(paths=((*ROOT, "base"),), hdr="Foo"), asked=[(both("always", "x"), BASE)]),
    "no endpoints": row(base(), canary(w=100), asked=[(get(), BASE)], without="default/gray"),
}

DIFFERENCES = {
    "a header's value leaves `never` to the weight": row(
        base(), canary(hdr="x-gray", val="v1", w=30), asked=[(gray("never"), shares(base=70, gray=30))]
    ),
    "a total below 100 is 100": row(base(), canary(w=5, wt=10), asked=[(get(), shares(base=95, gray=5))]),
    "a weight below nothing is nothing": row(base(), canary(w=-5), asked=[(get(), BASE)]),
    "a path with a last slash is another path": row(
        base(("/a", "Prefix", "base")),
        canary(paths=(("/a/", "Prefix", "gray"),), hdr="x-gray"),
        asked=[(get("/a/1", ("x-gray", "always")), BASE)],
    ),
    "of canaries of one age the last name is first": row(
        base(),
        canary("c1", ((*ROOT, "gray1"),), w=100, age=10),
        canary("c2", ((*ROOT, "gray2"),), w=100, age=10),
        asked=[(get(), to("gray2"))],
    ),
    "of canaries for one Service on several paths the last made governs all": row(
        base(("/a", "Prefix", "base"), ("/b", "Prefix", "base")),
        canary("c1", (("/a", "Prefix", "gray1"),), hdr="x-gray", val="v1", age=12),
        canary("c2", (("/b", "Prefix", "gray2"),), hdr="x-gray", val="v2", age=11),
        asked=[
            (get("/a", ("x-gray", "v1")), BASE),
            (get("/a", ("x-gray", "v2")), to("gray2")),
            (get("/b", ("x-gray", "v2")), to("gray2")),
        ],
    ),
    "without a base there is nothing": row(canary(hdr="x-gray"), asked=[(gray("always"), NOT_FOUND)]),
    "`True` is true": row(base(), canary(hdr="x-gray", enabled="True"), asked=[(gray("always"), GRAY)]),
    "a base without endpoints keeps its share": row(
        base(),
        canary(hdr="x-gray", w=50),
        asked=[
            (gray("always"), GRAY),
            (gray("never"), UNAVAILABLE),
            (get(), {"503": Fraction(1, 2), "gray": Fraction(1, 2)}),
        ],
        without="default/base",
    ),
    "a cookie's value ends at a semicolon and not at a space": row(
        base(), canary(ck="vip"), asked=[(cookie("a=1;vip=always"), GRAY), (cookie("vip=always ; a=1"), BASE)]
    ),
    "an empty header is there": row(base(), canary(hdr="x-gray", pat="^.*$"), asked=[(gray(""), GRAY), (get(), BASE)]),
}

PRIORITIES = {
    "Prefix comes before Exact on one path": row(
        base(("/foo", "Exact", "exact"), ("/foo", "Prefix", "prefix")), asked=[(get("/foo"), to("prefix"))]
    ),
    "a short Exact path comes after the root": row(
        base((*ROOT, "web"), ("/x", "Exact", "exact")), asked=[(get("/x"), to("web"))]
    ),
    "an Exact path comes after a shorter Prefix": row(
        base(("/api", "Prefix", "api"), ("/api/v1/users", "Exact", "users")),
        asked=[(get("/api/v1/users"), to("api"))],
    ),
    "a wildcard host with the longer path comes before the host itself": row(
        base(host="hh.test"),
        base(("/api", "Prefix", "wild"), name="wild", host="*.test"),
        asked=[(get("/api/1", host="hh.test"), to("wild")), (get("/x", host="hh.test"), BASE)],
    ),
    "no host with a long path comes before the host": row(
        base(),
        base(("/api/long/path", "Prefix", "any"), name="any", host=""),
        asked=[(get("/api/long/path/x"), to("any")), (get(), BASE)],
    ),
    "a header's canary on the root takes the requests of a longer path": row(
        base((*ROOT, "base"), ("/shop", "Prefix", "shop")),
        canary(hdr="x-gray"),
        asked=[(get("/shop", ("x-gray", "always")), GRAY), (get("/shop"), to("shop"))],
    ),
    "an Exact path as long as `Prefix` is written leaves it to chance": Row(
        ingresses=[base((*ROOT, "web"), ("/longer", "Exact", "exact"))],
        asked=[(get("/longer"), [to("exact"), to("web")])],
    ),
    "a wildcard as long as the host leaves it to chance": Row(
        ingresses=[base(), base((*ROOT, "wild"), name="wild", host="*.test")],
        asked=[(get(), [BASE, to("wild")])],
    ),
}


def answers_of(traefik: Traefik, vectors: Sequence[Vector]) -> dict[str, TraefikAnswer]:
    """Return the answer to every row, those of one sticky Service in one go."""
    found: dict[str, TraefikAnswer] = {}
    for sticky in sorted({vector.sticky for vector in vectors}):
        group = [vector for vector in vectors if vector.sticky == sticky]
        asked = traefik.answers([vector.case() for vector in group], sticky=sticky and f"default/{sticky}")
        found.update((vector.id, answer) for vector, [answer] in zip(group, asked, strict=True))
    return found


@pytest.fixture(scope="module")
def answers(traefik: Traefik) -> dict[str, TraefikAnswer]:
    return answers_of(traefik, STATED)


@pytest.mark.parametrize("vector", STATED, ids=lambda vector: vector.id)
def test_traefik_does_what_the_table_says(vector: Vector, answers: dict[str, TraefikAnswer]) -> None:
    assert vector.traefik is not None
    expected = [vector.traefik, *TRAEFIK_CHANCE.get(vector.id, ())]
    assert_possible(answers[vector.id], expected)


@pytest.mark.parametrize(
    "name_and_row", [*OWN_SUITE.items(), *DIFFERENCES.items(), *PRIORITIES.items()], ids=lambda found: found[0]
)
def test_traefik_does_what_these_rows_say(name_and_row: tuple[str, Row], traefik: Traefik) -> None:
    _, stated = name_and_row
    case = Case(
        manifests=text([*stated.ingresses, *services_of(stated.ingresses)]),
        requests=tuple(request for request, _ in stated.asked),
        without_endpoints=stated.without_endpoints,
    )
    for answer, (_, expected) in zip(traefik.answers([case])[0], stated.asked, strict=True):
        assert_possible(answer, expected)


def assert_possible(answer: TraefikAnswer, expected: Sequence[Shares]) -> None:
    def in_order(outcomes: Sequence[Shares]) -> list[list[tuple[str, Fraction]]]:
        return sorted(sorted(outcome.items()) for outcome in outcomes)

    assert in_order(answer.possible()) == in_order(expected), answer


def test_the_table_has_every_row_once() -> None:
    assert len(VECTORS) == 57
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)


def test_a_client_sticks_to_what_served_it_until_a_header_says_otherwise(traefik: Traefik) -> None:
    ingresses = (base(affinity="cookie"), canary(hdr="x-gray", w=1))
    manifests = text([*ingresses, *services_of(ingresses)])
    plain = Case(manifests=manifests, requests=(get(), gray("other")))
    headers = Case(manifests=manifests, requests=(gray("never"), gray("always")))

    assert [only(answer) for answer in traefik.answers([plain], sticky="default/gray")[0]] == [GRAY, GRAY]
    assert [only(answer) for answer in traefik.answers([plain], sticky="default/base")[0]] == [BASE, BASE]
    assert [only(answer) for answer in traefik.answers([plain])[0]] == [shares(base=99, gray=1)] * 2
    assert [only(answer) for answer in traefik.answers([headers])[0]] == [BASE, GRAY]
    with pytest.raises(TraefikError, match="no request ever reaches default/base"):
        traefik.answers([headers], sticky="default/base")


def test_tls_of_the_base_holds_for_the_canary(traefik: Traefik) -> None:
    secured = base()
    secured["spec"]["tls"] = [{"hosts": ["h.test"]}]
    ingresses = (secured, canary(hdr="x-gray"))
    case = Case(manifests=text([*ingresses, *services_of(ingresses)]), requests=(gray("always"), get()))
    assert [only(answer) for answer in traefik.answers([case], tls=True)[0]] == [GRAY, BASE]
    assert [only(answer) for answer in traefik.answers([case])[0]] == [{"308": 1}, {"308": 1}]


@pytest.mark.parametrize(("name", "expected"), [("nginx", BASE), ("other", NOT_FOUND), (None, BASE)])
def test_an_ingress_belongs_to_the_class_or_to_none(name: str | None, expected: Shares, traefik: Traefik) -> None:
    entry = base()
    if name is not None:
        entry["spec"]["ingressClassName"] = name
    case = Case(manifests=text([entry, *services_of([entry])]), requests=(get(),))
    assert only(traefik.answers([case])[0][0]) == expected


def test_an_annotation_of_another_prefix_says_nothing(traefik: Traefik) -> None:
    other = canary(hdr="x-gray")
    other["metadata"]["annotations"] = {
        f"example.com/{key.removeprefix(NGINX)}": value for key, value in other["metadata"]["annotations"].items()
    }
    ingresses = (base(("/a", "Prefix", "base")), other)
    case = Case(
        manifests=text([*ingresses, *services_of(ingresses)]), requests=(get("/a"), get("/b", ("x-gray", "always")))
    )
    assert [only(answer) for answer in traefik.answers([case])[0]] == [BASE, GRAY]


def test_nothing_is_added_to_what_a_canary_receives(traefik: Traefik) -> None:
    ingresses = (base(), canary(hdr="x-gray", w=30))
    headers = (("X-Gray", "other"), ("x-more", "2"), ("x-more", "1"))
    case = Case(manifests=text([*ingresses, *services_of(ingresses)]), requests=(get("/a%20b/x", *headers),))
    outcome = traefik.answers([case])[0][0].outcome
    for name in ("base", "gray"):
        assert outcome.headers_of(name) == {"x-gray": ["other"], "x-more": ["2", "1"]}
    assert {answer.path for answer, _ in outcome.shares} == {"/a%20b/x"}


def test_requests_left_to_chance_can_be_left_out(traefik: Traefik) -> None:
    ingresses = (base((*ROOT, "web"), ("/longer", "Exact", "exact")),)
    case = Case(
        manifests=text([*ingresses, *services_of(ingresses)]), requests=(get("/a"), get("/longer"), get("/longer/b"))
    )
    [kept], [outcomes] = decided(traefik, [case])
    assert [request.path for request in kept.requests] == ["/a", "/longer/b"]
    assert [outcome.destinations() for outcome in outcomes] == [to("web"), to("web")]


def test_a_request_that_is_none_is_an_error(traefik: Traefik) -> None:
    case = Case(manifests=text([base(), *services_of([base()])]), requests=(get("no path"),))
    with pytest.raises(TraefikError, match="not a request"):
        traefik.answers([case])
    assert only(traefik.answers([STATED[0].case()])[0][0]) == BASE


def test_random_cases_are_the_same_every_time_and_differ_among_themselves() -> None:
    first, again = list(random_cases(20, seed=7)), list(random_cases(20, seed=7))
    assert first == again
    assert first[3] == random_case(3, seed=7)
    assert len({case.manifests for case in first}) == len(first)
    assert first != list(random_cases(20, seed=8))


def test_random_cases_meet_all_that_a_canary_can_say(traefik: Traefik) -> None:
    """A comparison on these cases is worth its time: canaries, splits, misses and 503s all come up, chance hardly."""
    met = {"gray": 0, "ordinary": 0, "split": 0, "404": 0, "503": 0, "chance": 0}
    asked = 0
    for case, _, answer in real_outcomes(traefik, list(random_cases(RANDOM_CASES))):
        asked += 1
        found = answer.outcome.destinations()
        assert sum(found.values()) == 1
        assert all(name in ("404", "503") or f'"name": "{name}"' in case.manifests for name in found)
        met["split"] += len(found) > 1
        met["chance"] += bool(answer.by_chance)
        for name in found if len(found) == 1 else ():
            met["gray" if name.startswith("gray") else name if name.isdigit() else "ordinary"] += 1
    assert asked == RANDOM_CASES * REQUESTS_PER_CASE
    least = {"gray": 0.05, "ordinary": 0.3, "split": 0.03, "404": 0.02, "503": 0.01}
    assert {name: share for name, share in least.items() if met[name] < share * asked} == {}, met
    assert met["chance"] < 0.02 * asked
