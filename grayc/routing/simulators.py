"""Gateway → how its objects are read."""

from collections.abc import Iterable
from importlib import import_module

from grayc.documents import Document
from grayc.k8s.gateways import GatewayName
from grayc.routing.model import Router, Simulator


def simulator_of(name: GatewayName) -> Simulator:
    """Return how a gateway's objects are read; its module is imported when somebody asks."""
    simulator: Simulator = import_module(f"grayc.routing.{name.replace('-', '_')}").simulate
    return simulator


def simulate(gateway: str, documents: Iterable[Document]) -> Router:
    """Return the gateway with all routes and Services among the documents.

    Raises:
        ValueError: there is no such gateway.
    """
    return simulator_of(GatewayName(gateway))(documents)
