"""Give gray autoscalers the bounds that the release asks for."""

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import get, put
from grayc.k8s.scalers import SCALERS
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec


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
            at_spec(
                plan.spec,
                autoscaling.path,
                code="GC416",
                message=f"the gray autoscaler of `{identity.name}` would have at least {low} and at most {high} pods",
                object=identity.ref,
                help="set both `minReplicas` and `maxReplicas`",
            ),
        )
    return Checked(value=replace(document, data=data), diagnostics=found)
