"""Gateway → how its objects are read."""

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS, GatewayName, serves_ingresses
from grayc.records import dataclass
from grayc.routing.matching import CostlyExpression, Matching, matching
from grayc.routing.model import (
    NO_CIRCUMSTANCES,
    Answer,
    Circumstances,
    IngressSimulator,
    Request,
    Router,
    Simulator,
)


def simulator_of(name: GatewayName) -> Simulator:
    """Return how a gateway reads objects."""
    simulator: Simulator = _module(name).simulate
    return simulator


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounded:
    """A gateway whose expressions are asked on a budget; None where they are too many to read them."""

    router: Router | None
    budget: Matching
    refused: str = ""

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        if self.router is None:
            return Answer(refused=self.refused)
        try:
            with matching(self.budget):
                return self.router.route(request, circumstances)
        except CostlyExpression as error:
            return Answer(refused=str(error))


def simulate(
    gateway: str,
    documents: Iterable[Document],
    budget: Matching | None = None,
    *,
    classes: frozenset[str] | None = None,
) -> Router:
    """Return the gateway with all routes and Services among the documents.

    Args:
        budget: what the expressions of all that is asked in one run may cost; None for one of its own.
        classes: of the Ingresses that the gateway reads, "" for those that name none; None for all of them.

    Raises:
        ValueError: there is no such gateway.
    """
    name = GatewayName(gateway)
    budget = Matching() if budget is None else budget
    try:
        with matching(budget):
            return _Bounded(router=_simulated(name, documents, classes), budget=budget)
    except CostlyExpression as error:
        return _Bounded(router=None, budget=budget, refused=str(error))


def _simulated(name: GatewayName, documents: Iterable[Document], classes: frozenset[str] | None) -> Router:
    if serves_ingresses(GATEWAYS[name]):
        reads_ingresses: IngressSimulator = _module(name).simulate
        return reads_ingresses(documents, classes=classes)
    return simulator_of(name)(documents)


def _module(name: GatewayName) -> ModuleType:
    return import_module(f"grayc.routing.{name.replace('-', '_')}")
