"""Traefik's own code on the table of canaries, on its own fixtures' cases, and where it differs from other gateways.

Those rows and their sources are in `vectors/traefik.yaml`.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import pytest

from tests.gateways.random_cases import REQUESTS_PER_CASE, random_case, random_cases
from tests.gateways.traefik_gateway import Traefik, TraefikAnswer, TraefikError, decided, real_outcomes
from tests.gateways.traffic import Case, Request
from tests.gateways.vectors import (
    BASE,
    GRAY,
    NGINX,
    NOT_FOUND,
    ROOT,
    TRAEFIK_CHANCE,
    VECTORS,
    Entry,
    Shares,
    Told,
    Vector,
    base,
    canary,
    get,
    gray,
    services_of,
    shares,
    shares_told,
)
from tests.manifests import stream
from tests.vectors import rows

RANDOM_CASES = 60
STATED = tuple(vector for vector in VECTORS if vector.traefik is not None)


class Asked(NamedTuple):
    """A request and where it goes; several outcomes are chance."""

    goes: Told
    request: Request = Request()
    by_chance: tuple[Told, ...] = ()

    def outcomes(self) -> list[Shares]:
        """Return all that may happen."""
        return [shares_told(told) for told in (self.goes, *self.by_chance)]


class Row(NamedTuple):
    """A row of `traefik.yaml`."""

    id: str
    ingresses: tuple[Entry, ...]
    asked: tuple[Asked, ...]
    without_endpoints: frozenset[str] = frozenset()


ROWS = [
    row
    for table in ("own_suite", "differences", "priorities")
    for row in rows(__file__, "traefik.yaml", Row, table=table)
]


def to(service: str) -> Shares:
    return {service: Fraction(1)}


def only(answer: TraefikAnswer) -> dict[str, Fraction]:
    """Return the one outcome of a request that leaves nothing to chance."""
    [found] = answer.possible()
    return found


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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_traefik_does_what_these_rows_say(row: Row, traefik: Traefik) -> None:
    ingresses = [entry.made() for entry in row.ingresses]
    case = Case(
        manifests=stream([*ingresses, *services_of(ingresses)]),
        requests=tuple(asked.request for asked in row.asked),
        without_endpoints=row.without_endpoints,
    )
    for answer, asked in zip(traefik.answers([case])[0], row.asked, strict=True):
        assert_possible(answer, asked.outcomes())


def assert_possible(answer: TraefikAnswer, expected: Sequence[Shares]) -> None:
    def in_order(outcomes: Sequence[Shares]) -> list[list[tuple[str, Fraction]]]:
        return sorted(sorted(outcome.items()) for outcome in outcomes)

    assert in_order(answer.possible()) == in_order(expected), answer


def test_the_table_has_every_row_once() -> None:
    assert len(VECTORS) == 57
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)


def test_a_client_sticks_to_what_served_it_until_a_header_says_otherwise(traefik: Traefik) -> None:
    ingresses = (base(affinity="cookie"), canary(hdr="x-gray", w=1))
    manifests = stream([*ingresses, *services_of(ingresses)])
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
    case = Case(manifests=stream([*ingresses, *services_of(ingresses)]), requests=(gray("always"), get()))
    assert [only(answer) for answer in traefik.answers([case], tls=True)[0]] == [GRAY, BASE]
    assert [only(answer) for answer in traefik.answers([case])[0]] == [{"308": 1}, {"308": 1}]


@pytest.mark.parametrize(("name", "expected"), [("nginx", BASE), ("other", NOT_FOUND), (None, BASE)])
def test_an_ingress_belongs_to_the_class_or_to_none(name: str | None, expected: Shares, traefik: Traefik) -> None:
    entry = base()
    if name is not None:
        entry["spec"]["ingressClassName"] = name
    case = Case(manifests=stream([entry, *services_of([entry])]), requests=(get(),))
    assert only(traefik.answers([case])[0][0]) == expected


def test_an_annotation_of_another_prefix_says_nothing(traefik: Traefik) -> None:
    other = canary(hdr="x-gray")
    other["metadata"]["annotations"] = {
        f"example.com/{key.removeprefix(NGINX)}": value for key, value in other["metadata"]["annotations"].items()
    }
    ingresses = (base(("/a", "Prefix", "base")), other)
    case = Case(
        manifests=stream([*ingresses, *services_of(ingresses)]), requests=(get("/a"), get("/b", ("x-gray", "always")))
    )
    assert [only(answer) for answer in traefik.answers([case])[0]] == [BASE, GRAY]


def test_nothing_is_added_to_what_a_canary_receives(traefik: Traefik) -> None:
    ingresses = (base(), canary(hdr="x-gray", w=30))
    headers = (("X-Gray", "other"), ("x-more", "2"), ("x-more", "1"))
    case = Case(manifests=stream([*ingresses, *services_of(ingresses)]), requests=(get("/a%20b/x", *headers),))
    outcome = traefik.answers([case])[0][0].outcome
    for name in ("base", "gray"):
        assert outcome.headers_of(name) == {"x-gray": ["other"], "x-more": ["2", "1"]}
    assert {answer.path for answer, _ in outcome.shares} == {"/a%20b/x"}


def test_requests_left_to_chance_can_be_left_out(traefik: Traefik) -> None:
    ingresses = (base((*ROOT, "web"), ("/longer", "Exact", "exact")),)
    case = Case(
        manifests=stream([*ingresses, *services_of(ingresses)]), requests=(get("/a"), get("/longer"), get("/longer/b"))
    )
    [kept], [outcomes] = decided(traefik, [case])
    assert [request.path for request in kept.requests] == ["/a", "/longer/b"]
    assert [outcome.destinations() for outcome in outcomes] == [to("web"), to("web")]


def test_a_request_that_is_none_is_an_error(traefik: Traefik) -> None:
    case = Case(manifests=stream([base(), *services_of([base()])]), requests=(get("no path"),))
    with pytest.raises(TraefikError, match="not a request"):
        traefik.answers([case, STATED[0].case()])


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
