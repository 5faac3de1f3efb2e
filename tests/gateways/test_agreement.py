"""The comparison of simulator and gateway sees every kind of difference."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import pytest

from grayc.documents import Document
from grayc.routing.model import Answer as Said
from grayc.routing.model import Circumstances, Destination, HeaderChange
from grayc.routing.model import Request as Question
from tests.gateways.agreement import differences
from tests.gateways.manifests import service
from tests.gateways.traffic import Answer, Case, Outcome, Request, outcome_of
from tests.manifests import stream

CASE = Case(manifests=stream([service("base"), service("gray")]), requests=(Request(headers=(("X-User", "1"),)),))
SEEN = (("x-tag", "gray"), ("x-user", "1"))
REAL = outcome_of(
    [
        (Answer(service="default/base", status=200, seen=SEEN[1:], path="/x"), Fraction(7, 10)),
        (Answer(service="default/gray", status=200, seen=SEEN, path="/x"), Fraction(3, 10)),
    ]
)
TAG = HeaderChange(name="x-tag", value="gray")
BASE = Destination(namespace="default", service="base", percent=Fraction(70))
NOTHING = Circumstances()
GRAY = Destination(namespace="default", service="gray", percent=Fraction(30), changes=(TAG,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A simulator that says the same of everything."""

    answer: Said

    def __call__(self, documents: Iterable[Document]) -> "Saying":
        assert [document.identity.name for document in documents] == ["base", "gray"]
        return self

    def route(self, request: Question, circumstances: Circumstances = NOTHING) -> Said:
        assert not circumstances.no_endpoints
        assert (request.host, request.path) == ("h.test", "/x")
        return self.answer


def test_equal_answers_are_no_difference() -> None:
    assert not differences(Saying(answer=Said(destinations=(GRAY, BASE))), [CASE], [[REAL]])
    assert not differences(
        Saying(answer=Said(status=404)), [CASE], [[outcome_of([(Answer(service="", status=404), Fraction(1))])]]
    )
    assert not differences(Saying(answer=Said(refused="regex")), [CASE], [[Outcome(refused="missing )")]])


@pytest.mark.parametrize(
    "answer",
    [
        Said(destinations=(BASE,)),
        Said(destinations=(Destination(namespace="default", service="base", percent=Fraction(71)), GRAY)),
        Said(destinations=(BASE, Destination(namespace="default", service="gray", percent=Fraction(30)))),
        Said(status=404),
        Said(refused="regex"),
    ],
    ids=["destination", "share", "header", "status", "refused"],
)
def test_every_other_answer_is_a_difference(answer: Said) -> None:
    [found] = differences(Saying(answer=answer), [CASE], [[REAL]])

    assert found.request == CASE.requests[0]
