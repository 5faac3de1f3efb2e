"""The gateways that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.gateways.envoy import Envoy, start
from tests.gateways.traefik_gateway import Traefik


@pytest.fixture(scope="session")
def envoy() -> Iterator[Envoy]:
    """An Envoy that lives as long as the tests; each batch of configurations replaces the one before."""
    running = start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def traefik() -> Iterator[Traefik]:
    """Traefik's own code in a program that lives as long as the tests; every case is a cluster of its own."""
    running = Traefik()
    yield running
    running.stop()
