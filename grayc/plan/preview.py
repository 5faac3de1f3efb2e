"""What `grayc plan` shows of a release besides its plan."""

from dataclasses import dataclass

from grayc.documents import Document
from grayc.plan.capacity import Capacity, capacity_of
from grayc.plan.chain import CallGraph, Route
from grayc.plan.model import ReleasePlan
from grayc.spec.model import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPreview:
    """A step of the rollout.

    Attributes:
        warnings: what its gray pods are too few for, in words.
    """

    step: Step
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preview:
    """A release before it is built.

    Attributes:
        capacity: what its gray objects ask for; None where they could not be made.
        routes: its call paths, hop by hop.
        steps: of its rollout, in order.
    """

    plan: ReleasePlan
    capacity: Capacity | None
    routes: tuple[Route, ...]
    steps: tuple[StepPreview, ...]


def make_preview(
    plan: ReleasePlan, documents: tuple[Document, ...] | None, steps: tuple[StepPreview, ...] = ()
) -> Preview:
    """Return what is to be shown of a plan and of the gray documents that were made of it."""
    return Preview(
        plan=plan,
        capacity=None if documents is None else capacity_of(documents, plan),
        routes=CallGraph(plan).routes() if plan.spec.calls else (),
        steps=steps,
    )
