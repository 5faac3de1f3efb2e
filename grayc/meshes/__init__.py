"""One module per lane provider whose mesh routes calls: the plan's copies → that mesh's objects."""

from collections.abc import Callable
from importlib import import_module

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.k8s.providers import Provider
from grayc.plan.model import ReleasePlan

__all__ = ["router_of"]

CallRouter = Callable[[ReleasePlan], Checked[tuple[Document, ...]]]
"""Returns the objects by which the lane's calls find gray copies."""


def router_of(name: Provider) -> CallRouter:
    """Return what a provider's module does; it is imported when a release names the provider."""
    router: CallRouter = import_module(f"{__name__}.{name.replace('-', '_')}").route_calls
    return router
