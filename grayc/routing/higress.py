"""Higress: canary Ingresses with nginx's annotations or its own, header control under `higress.io`."""

from collections.abc import Iterable

from grayc.documents import Document
from grayc.routing.higress_family import Dialect, HigressFamily
from grayc.routing.ingress import NGINX

NAME = "higress"

DIALECT = Dialect(name=NAME, prefixes=(NGINX, "higress.io/"), own="higress.io/")


def simulate(documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> HigressFamily:
    """Return a router over the Ingresses of some classes among the documents."""
    return HigressFamily(documents, DIALECT, classes)
