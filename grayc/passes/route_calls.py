"""Let calls between services follow the tag, where a mesh does that."""

from grayc.diagnostics import Checked
from grayc.meshes import claims_of
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan


def route_calls(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Tell what stands in the way of the routes by which a mesh leads the lane's calls.

    The routes themselves are no objects of one lane: those of all stand in one object of each host.

    Diagnostics: as the provider's own module in `meshes` reports them.
    """
    return Checked(value=lane, diagnostics=claims_of(plan).diagnostics)
