"""The gateways that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.gateways.envoy import Envoy, start


@pytest.fixture(scope="session")
def envoy() -> Iterator[Envoy]:
    """An Envoy that lives as long as the tests; each batch of configurations replaces the one before."""
    running = start()
    yield running
    running.stop()
