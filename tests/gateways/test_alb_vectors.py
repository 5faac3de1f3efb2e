"""The vectors of Alibaba Cloud's ALB on grayc's simulator: all that holds it, since no program of the product is here."""

import pytest

from grayc.routing.model import Circumstances
from tests.gateways.alb_vectors import VECTORS, AlbVector, alb, canary
from tests.gateways.test_simulator_vectors import answer, shares_of
from tests.gateways.traffic import Request
from tests.gateways.vectors import shares_told
from tests.manifests import stream


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_vector(vector: AlbVector) -> None:
    ingresses = [entry.made() for entry in vector.ingresses]

    found = answer("aliyun-alb", stream(ingresses), vector.request, Circumstances())

    assert shares_of(found) == shares_told(vector.goes), (found.refused, found.why)
    assert {change.name: change.value for item in found.destinations for change in item.changes} == vector.seen


def test_a_service_without_pods_keeps_its_share() -> None:
    manifests = stream([alb(), canary(canary_weight="30")])

    found = answer("aliyun-alb", manifests, Request(), Circumstances(no_endpoints=frozenset({"gray"})))

    assert [(item.service, item.status, int(item.percent)) for item in found.destinations] == [
        ("base", None, 70),
        ("gray", 503, 30),
    ]
    assert found.decided_by is not None
    assert (found.decided_by.rule, found.decided_by.object.name) == ("canary-weight", "a-canary")


def test_classes_of_two_load_balancers_are_apart() -> None:
    other = alb("a", (("/", "Prefix", "other"),), host="other.test", order="5")
    other["spec"]["ingressClassName"] = "alb-internal"
    mine = alb(order="5")

    assert answer("aliyun-alb", stream([other, mine]), Request(), Circumstances()).refused == ""


@pytest.mark.parametrize("share", ["20", "100"])
def test_what_comes_by_a_path_of_two_ingresses_belongs_to_the_first(share: str) -> None:
    first = alb("an-older", (("/", "Prefix", "stray"),))
    lane = canary(canary_weight=share)

    found = answer("aliyun-alb", stream([first, alb(), lane]), Request(), Circumstances())

    assert found.entry is not None
    assert found.entry.object.name == "an-older"
