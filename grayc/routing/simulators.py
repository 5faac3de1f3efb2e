"""Gateway → how its objects are read."""

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS, GatewayName, serves_ingresses
from grayc.routing.model import IngressSimulator, Router, Simulator


def simulator_of(name: GatewayName) -> Simulator:
    """Return how a gateway's objects are read; its module is imported when somebody asks."""
    simulator: Simulator = _module(name).simulate
    return simulator


def simulate(gateway: str, documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> Router:
    """Return the gateway with all routes and Services among the documents.

    Args:
        classes: of the Ingresses that the gateway reads, "" for those that name none; None for all of them.

    Raises:
        ValueError: there is no such gateway.
    """
    name = GatewayName(gateway)
    if serves_ingresses(GATEWAYS[name]):
        reads_ingresses: IngressSimulator = _module(name).simulate
        return reads_ingresses(documents, classes=classes)
    return simulator_of(name)(documents)


def _module(name: GatewayName) -> ModuleType:
    return import_module(f"grayc.routing.{name.replace('-', '_')}")
