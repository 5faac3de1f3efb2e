"""Report numbers of pods that the release gives to services without pods to count."""

from grayc.diagnostics import Checked
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.scalers import SCALERS
from grayc.passes.model import Lane
from grayc.plan.model import Action, ReleasePlan
from grayc.spec.findings import at_spec


def report_unscaled_services(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane as it is, and what of `replicas` and `autoscaling` no object of the service can take.

    Diagnostics:
        GC411: the spec gives replicas to a service none of whose workloads has them.
        GC412: the spec sets bounds, or `none`, for a service that has no autoscaler.
    """
    counted = {
        copy.service.name
        for copy in plan.copies
        if (workload := WORKLOADS.get(copy.document.identity.group_kind)) is not None and workload.replicas
    }
    scaled = {
        decision.service
        for decision in plan.decisions
        if decision.action in (Action.COPY, Action.LEAVE_OUT) and decision.document.identity.group_kind in SCALERS
    }
    without_replicas = [
        at_spec(
            plan.spec,
            service.replicas_at,
            code="GC411",
            message=f"service `{service.name}` has no workload with replicas",
            help="leave `replicas` out",
        )
        for service in plan.spec.services
        if service.replicas is not None and service.name not in counted
    ]
    without_autoscaler = [
        at_spec(
            plan.spec,
            service.autoscaling.path,
            code="GC412",
            message=f"service `{service.name}` has no autoscaler",
            help="leave `autoscaling` out; the number of pods is `replicas`",
            key=True,
        )
        for service in plan.spec.services
        if service.autoscaling is not None and service.name not in scaled
    ]
    return Checked(value=lane, diagnostics=(*without_replicas, *without_autoscaler))
