"""The random cases are worth asking: the real gateway takes each of them, and they lead everywhere.

Where the simulator and a real gateway are compared over these cases, a poor generator would let both be wrong.
"""

from collections.abc import Callable, Sequence

import pytest

from tests.gateways import gateway_api, higress_envoy, istio_envoy, random_routes
from tests.gateways.envoy import Envoy
from tests.gateways.traffic import Case, Outcome

Ask = Callable[[Envoy, Sequence[Case]], list[list[Outcome]]]

GENERATORS: dict[str, tuple[Callable[[int], Case], Ask, frozenset[str]]] = {
    "HTTPRoute": (random_routes.http_routes, gateway_api.outcomes, frozenset({"500", "503"})),
    "VirtualService": (random_routes.virtual_services, istio_envoy.outcomes, frozenset({"503", "gray|v2"})),
    "Ingress": (random_routes.ingresses, higress_envoy.outcomes, frozenset({"503"})),
}
CASES = 25
"""Each with 20 requests: 500 questions to every gateway."""


@pytest.mark.parametrize("kind", GENERATORS)
def test_a_seed_is_one_case(kind: str) -> None:
    generate, _, _ = GENERATORS[kind]

    assert generate(7) == generate(7)
    assert len({generate(seed).manifests for seed in range(CASES)}) == CASES


@pytest.mark.parametrize("kind", GENERATORS)
def test_cases_lead_everywhere(kind: str, envoy: Envoy) -> None:
    generate, ask, special = GENERATORS[kind]
    cases = [generate(seed) for seed in range(CASES)]
    outcomes = [outcome for listed in ask(envoy, cases) for outcome in listed]

    assert len(outcomes) == CASES * random_routes.REQUESTS
    assert not [outcome.refused for outcome in outcomes if outcome.refused]
    met = [outcome.destinations() for outcome in outcomes]
    reached = {name for found in met for name in found}
    assert {"base", "gray", "other", "404"} | special <= reached, reached
    alone = [next(iter(found)) for found in met if len(found) == 1]
    for name, part in {"base": 0.1, "gray": 0.05, "404": 0.05}.items():
        assert alone.count(name) >= part * len(met), (name, alone.count(name))
    assert sum(1 for found in met if len(found) > 1) >= 0.05 * len(met)
    tags = [dict(answer.seen).get(random_routes.TAG) for outcome in outcomes for answer, _ in outcome.shares]
    assert {None, "client", "gray"} <= set(tags)
