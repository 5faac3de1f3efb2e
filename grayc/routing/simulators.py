"""The table of simulators: gateway → how its objects are read."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import cast

from grayc.documents import Document
from grayc.routing.model import Router, Simulator

SIMULATORS: Mapping[str, str] = {
    "mse": "mse",
    "higress": "higress",
    "ingress-nginx": "ingress_nginx",
    "traefik": "traefik",
    "gateway-api": "gateway_api",
    "istio": "istio",
}
"""Gateway → its module here, which has a function `simulate`; imported when it is asked for."""


def simulate(gateway: str, documents: Iterable[Document]) -> Router:
    """Return the gateway with all routes and Services among the documents.

    Raises:
        KeyError: there is no such gateway.
    """
    module = import_module(f"grayc.routing.{SIMULATORS[gateway]}")
    return cast(Simulator, module.simulate)(documents)
