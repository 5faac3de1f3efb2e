"""Let calls between services follow the tag, where a mesh does that."""

from grayc.diagnostics import Checked
from grayc.k8s.providers import PROVIDERS
from grayc.meshes import router_of
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan


def route_calls(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane with the objects of the provider's mesh that route its calls.

    Diagnostics: as the provider's own module in `meshes` reports them.
    """
    if not PROVIDERS[plan.spec.lane.provider].routes_calls:
        return Checked(value=lane)
    routed = router_of(plan.spec.lane.provider)(plan)
    return Checked(value=lane.adding(routed.value or ()), diagnostics=routed.diagnostics)
