"""`grayc route` says what real gateways do: random manifests, requests near them, and no difference."""

from collections.abc import Callable, Sequence

import pytest

from grayc.routing.simulators import simulate
from tests.gateways import gateway_api, higress_envoy, istio_envoy, random_routes
from tests.gateways.agreement import differences
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


@pytest.mark.parametrize("gateway", ON_ENVOY)
def test_simulator_agrees_with_envoy(gateway: str, envoy: Envoy) -> None:
    generate, ask = ON_ENVOY[gateway]
    cases = [generate(seed) for seed in range(1000, 1000 + CASES[gateway])]

    found = differences(lambda documents: simulate(gateway, documents), cases, ask(envoy, cases))

    assert not found, f"{len(found)} differences, first: {found[0]}"


def test_simulator_agrees_with_traefik(traefik: Traefik) -> None:
    kept, real = decided(traefik, list(random_cases(80, seed=11)))

    found = differences(lambda documents: simulate("traefik", documents), kept, real)

    assert not found, f"{len(found)} differences, first: {found[0]}"
