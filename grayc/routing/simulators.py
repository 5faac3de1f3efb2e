"""Gateway → how its objects are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from grayc.documents import Document
from grayc.k8s.gateways import GatewayName
from grayc.routing.matching import CostlyExpression, Matching, matching
from grayc.routing.model import NO_CIRCUMSTANCES, Answer, Circumstances, Request, Router, Simulator


def simulator_of(name: GatewayName) -> Simulator:
    """Return how a gateway's objects are read; its module is imported when somebody asks."""
    simulator: Simulator = import_module(f"grayc.routing.{name.replace('-', '_')}").simulate
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


def simulate(gateway: str, documents: Iterable[Document], budget: Matching | None = None) -> Router:
    """Return the gateway with all routes and Services among the documents.

    Args:
        budget: what the expressions of all that is asked in one run may cost.
    Raises:
        ValueError: there is no such gateway.
    """
    budget = Matching() if budget is None else budget
    try:
        with matching(budget):
            return _Bounded(router=simulator_of(GatewayName(gateway))(documents), budget=budget)
    except CostlyExpression as error:
        return _Bounded(router=None, budget=budget, refused=str(error))
