"""Open the lane at the entry."""

from grayc.diagnostics import Checked
from grayc.gateways import lower
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan


def open_entries(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane and, after all else, what the gateway needs for the plan's rules and entries.

    Diagnostics:
        GC5xx as the gateway reports them.
    """
    if not plan.entries:
        return Checked(value=lane)
    lowered = lower(plan)
    return Checked(value=lane.adding(lowered.value or ()), diagnostics=lowered.diagnostics)
