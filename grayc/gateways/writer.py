"""What a gateway's module offers to this package."""

from collections.abc import Callable, Iterator
from typing import Protocol

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import routes_to_guard
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass


class Changes(Protocol):
    """How entries are opened in the baseline's own objects."""

    def __call__(self, plan: ReleasePlan, *, guarded: bool) -> tuple[BaselineChange, ...]:
        """Return all that the release wants of them, `guarded` with what drops the lane's header."""
        ...


def no_guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return nothing: the gateway has no guard."""
    return ()


def all_open(plan: ReleasePlan) -> list[Document]:
    """Return the baseline's routes that let the lane's header in: all of them, where none can drop it."""
    return list(routes_to_guard(plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """The module of one gateway, bound to its row by name.

    Attributes:
        lower: returns the lane's objects that open the plan's entries.
        guard: returns what makes the baseline's own routes drop the lane's header.
        left_open: returns the baseline's routes that let the header in, where the gateway has no guard.
        changes: where the row says `opens_baseline`, else None.
        asked_in_order: where the row says `oldest_first`, else None; yields the names of two canaries each of which
            the first must not be the younger one.
    """

    name: GatewayName
    lower: Callable[[ReleasePlan], Checked[tuple[Document, ...]]]
    guard: Callable[[ReleasePlan], tuple[BaselineChange, ...]] = no_guard
    left_open: Callable[[ReleasePlan], list[Document]] = all_open
    changes: Changes | None = None
    asked_in_order: Callable[[ReleasePlan], Iterator[tuple[str, str]]] | None = None
