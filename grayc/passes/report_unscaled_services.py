"""Report numbers of pods that the release gives to services without pods to count."""

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents.tree import show_path
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.scalers import SCALERS
from grayc.passes.model import Lane
from grayc.plan.model import Action, ReleasePlan


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
        Diagnostic(
            code="GC411",
            message=f"service `{service.name}` has no workload with replicas",
            span=plan.spec.span(service.replicas_at),
            field=show_path(service.replicas_at),
            help="leave `replicas` out",
        )
        for service in plan.spec.services
        if service.replicas is not None and service.name not in counted
    ]
    without_autoscaler = [
        Diagnostic(
            code="GC412",
            message=f"service `{service.name}` has no autoscaler",
            span=plan.spec.span(service.autoscaling.path, key=True),
            field=f"spec.services[{service.path[-1]}].autoscaling",
            help="leave `autoscaling` out; the number of pods is `replicas`",
        )
        for service in plan.spec.services
        if service.autoscaling is not None and service.name not in scaled
    ]
    return Checked(value=lane, diagnostics=(*without_replicas, *without_autoscaler))
