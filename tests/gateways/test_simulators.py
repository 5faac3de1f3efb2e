"""`grayc route` says what real gateways do: random manifests, requests near them, and no difference."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from grayc.analysis.traffic import meaning_of, share
from grayc.documents import parse_documents
from grayc.k8s.gateways import GATEWAYS
from grayc.routing.gateway_api import simulate as http_routes
from grayc.routing.model import Answer, Circumstances
from grayc.routing.simulators import simulate
from grayc.source import SourceFile
from tests.gateways import gateway_api, higress_envoy, istio_envoy, random_routes, test_lowering
from tests.gateways.agreement import asked, differences, of_answer, of_outcome
from tests.gateways.envoy import Envoy
from tests.gateways.random_cases import random_cases
from tests.gateways.traefik_gateway import Traefik, decided
from tests.gateways.traffic import Case, Outcome

Ask = Callable[[Envoy, Sequence[Case]], list[list[Outcome]]]

ON_ENVOY: dict[str, tuple[Callable[[int], Case], Ask]] = {
    "gateway-api": (random_routes.http_routes, gateway_api.outcomes),
    "istio": (random_routes.virtual_services, istio_envoy.outcomes),
    "higress": (random_routes.ingresses, higress_envoy.outcomes),
}
CASES = {"gateway-api": 30, "istio": 60, "higress": 60}
"""Each with 20 requests: 600 questions at least."""
RELEASES, ENOUGH, MOST_RELEASES = 60, 21, 600
"""Releases that every gateway is asked for, how many of them must be built, and where a gateway that refuses much ends."""


@pytest.mark.parametrize("gateway", ON_ENVOY)
def test_simulator_agrees_with_envoy(gateway: str, envoy: Envoy) -> None:
    generate, ask = ON_ENVOY[gateway]
    cases = [generate(seed) for seed in range(1000, 1000 + CASES[gateway])]

    found = differences(lambda documents: simulate(gateway, documents), cases, ask(envoy, cases))

    assert not found, f"{len(found)} differences, first: {found[0]}"


def test_simulator_agrees_with_envoy_gateway_at_every_port_of_a_gateway(envoy: Envoy) -> None:
    cases = [random_routes.gateways(seed) for seed in range(2000, 2030)]
    reached: set[str] = set()
    pairs = 0
    for case, found in zip(cases, gateway_api.door_outcomes(envoy, cases), strict=True):
        documents = parse_documents(SourceFile(name="case.yaml", text=case.manifests)).value
        assert documents is not None
        router = http_routes(documents)
        mine = {(door.gateway, door.port): door for door in router.doors}
        names = frozenset(name.rpartition("/")[2] for name in case.without_endpoints)
        assert set(mine) <= {(door.gateway, door.port) for door, _ in found}
        for door, outcomes in found:
            pairs += not door.is_clashing
            for request, outcome in zip(case.requests, outcomes, strict=True):
                if door.is_clashing:
                    continue
                place = mine.get((door.gateway, door.port))
                answer = (
                    router.at(place, asked(request), Circumstances(no_endpoints=names)) if place else Answer(status=404)
                )
                real = of_outcome(outcome) if outcome else {("404", ()): Fraction(1)}
                assert of_answer(answer, request) == real, (case.manifests, door.gateway, door.port, request, answer)
                reached |= {name for name, _ in real}
    assert pairs > 40
    assert {"base", "gray", "other", "301", "302", "404", "500", "503"} <= reached


def test_simulator_agrees_with_traefik(traefik: Traefik) -> None:
    kept, real = decided(traefik, list(random_cases(80, seed=11)))

    found = differences(lambda documents: simulate("traefik", documents), kept, real)

    assert not found, f"{len(found)} differences, first: {found[0]}"


@pytest.mark.parametrize("words", ["old", "new"])
@pytest.mark.parametrize("gateway", [*GATEWAYS, *test_lowering.OWN_ROUTES])
def test_simulator_reads_what_grayc_writes_as_the_rules_mean_it(gateway: str, words: str, tmp_path: Path) -> None:
    built = 0
    met: set[int] = set()
    for seed in range(MOST_RELEASES):
        if seed >= RELEASES and built >= ENOUGH:
            break
        random = Random(f"round trip {seed}")
        rules = test_lowering.random_rules(random, gateway if words == "new" else "")
        manifests = test_lowering.build(tmp_path / str(seed), gateway, rules)
        if not manifests:
            continue
        built += 1
        documents = parse_documents(SourceFile(name="case.yaml", text=manifests)).value
        assert documents is not None
        router = simulate(test_lowering.OWN_ROUTES.get(gateway, gateway), documents)
        meaning = meaning_of(tuple(test_lowering.rule_of(written) for written in rules))
        for _ in range(25):
            if words == "new":
                request, headers, cookies, query = test_lowering.new_request(random)
            else:
                request, headers, cookies = test_lowering.random_request(random)
                query = {}
            if gateway == "ingress-nginx" and "VIP" in cookies:
                continue  # Nothing is promised of cookies whose names differ in case alone.
            answer = router.route(asked(request))
            gray = sum(
                (item.percent for item in answer.destinations if item.service.endswith(test_lowering.TAG)), start=0
            )
            read = test_lowering.as_read(gateway, query)
            percent = share(meaning, headers, cookies, test_lowering.found, query=read)
            met.add(percent)
            assert gray == percent, (rules, request, answer)
            coloured = {
                item.service: {change.name: change.value for change in item.changes}.get("x-mse-tag")
                for item in answer.destinations
            }
            for service, tag in coloured.items():
                entered = service.endswith(test_lowering.TAG) and gateway not in test_lowering.NO_COLOUR
                if gateway == "aliyun-alb" and answer.decided_by is not None:
                    entered = entered and answer.decided_by.rule != "canary-weight"
                assert (tag == test_lowering.TAG) == entered, (rules, request, answer)
                changed = {change.name for item in answer.destinations for change in item.changes}
                # A stranger's own tag gets no further on the baseline, whatever keeps the request there.
                is_guarded = gateway not in test_lowering.NO_COLOUR and gateway not in test_lowering.OWN_ROUTES
                assert not is_guarded or "x-mse-tag" not in headers or "x-mse-tag" in changed

    assert {0, 100} < met
    assert built >= ENOUGH, (
        f"of {MOST_RELEASES} random releases grayc builds {built} for {gateway}: if its row refuses so much, let "
        "`random_rules` of test_lowering.py draw what it takes"
    )
