"""Give gray autoscalers the bounds that the release asks for."""

from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import get, put
from grayc.k8s.scalers import SCALERS
from grayc.plan.model import Copy, ReleasePlan


def set_autoscaling(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set minReplicas and maxReplicas of a gray autoscaler; what the spec leaves out stays the baseline's.

    Diagnostics:
        GC416: the smaller bound would be above the larger.
    """
    scaler = SCALERS.get(document.identity.group_kind)
    autoscaling = copy.service.autoscaling
    if scaler is None or autoscaling is None:
        return Checked(value=document)
    data = document.data
    for path, bound in ((scaler.low, autoscaling.min_replicas), (scaler.high, autoscaling.max_replicas)):
        if bound is not None:
            data = put(data, path, bound)
    low, high = get(data, scaler.low), get(data, scaler.high)
    found: tuple[Diagnostic, ...] = ()
    if isinstance(low, int) and isinstance(high, int) and low > high:
        identity = copy.document.identity
        found = (
            Diagnostic(
                code="GC416",
                message=f"the gray autoscaler of `{identity.name}` would have at least {low} and at most {high} pods",
                span=plan.spec.span(autoscaling.path),
                object=identity.ref,
                field=f"spec.services[{autoscaling.path[-2]}].autoscaling",
                help="set both `minReplicas` and `maxReplicas`",
            ),
        )
    return Checked(value=replace(document, data=data), diagnostics=found)
