"""Give gray autoscalers the bounds that the release asks for."""

from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import get, put
from grayc.k8s.kinds import AUTOSCALING, KEDA, GroupKind
from grayc.plan.model import Action, ReleasePlan, group_kind_of

# Source: autoscaling/v2 HorizontalPodAutoscalerSpec; keda.sh/v1alpha1 ScaledObjectSpec.
_BOUNDS: dict[GroupKind, tuple[str, str]] = {
    (AUTOSCALING, "HorizontalPodAutoscaler"): ("minReplicas", "maxReplicas"),
    (KEDA, "ScaledObject"): ("minReplicaCount", "maxReplicaCount"),
}


def set_autoscaling(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Set minReplicas and maxReplicas of gray autoscalers; what the spec leaves out stays the baseline's.

    Diagnostics:
        GC412: the spec sets bounds, or `none`, for a service that has no autoscaler.
        GC416: the smaller bound would be above the larger.
    """
    result: list[Document] = []
    diagnostics: list[Diagnostic] = []
    scaled = {
        decision.service
        for decision in plan.decisions
        if decision.action in (Action.COPY, Action.LEAVE_OUT) and group_kind_of(decision.document.identity) in _BOUNDS
    }
    for document in documents:
        fields = _BOUNDS.get(group_kind_of(document.identity))
        autoscaling = plan.copy_of(document).service.autoscaling if fields else None
        if fields is None or autoscaling is None:
            result.append(document)
            continue
        data = document.data
        for field, bound in zip(fields, (autoscaling.min_replicas, autoscaling.max_replicas), strict=True):
            if bound is not None:
                data = put(data, ("spec", field), bound)
        low, high = (get(data, ("spec", field)) for field in fields)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            diagnostics.append(
                Diagnostic(
                    code="GC416",
                    message=f"the gray autoscaler of `{document.identity.name}` would have at least {low} and at most "
                    f"{high} pods",
                    span=plan.spec.span(autoscaling.path),
                    object=document.identity.ref,
                    field=f"spec.services[{autoscaling.path[-2]}].autoscaling",
                    help="set both `minReplicas` and `maxReplicas`",
                )
            )
        result.append(replace(document, data=data))
    diagnostics += [
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
    return Checked(value=tuple(result), diagnostics=tuple(diagnostics))
