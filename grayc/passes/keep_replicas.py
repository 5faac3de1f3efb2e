"""Give workloads the number of pods back that production has."""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import drop, get, put
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def keep_replicas(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Give a workload back the number of pods that production has, whatever a patch says.

    For a promotion: the number of the lane's pods is the lane's. Running it twice changes nothing more.
    """
    workload = WORKLOADS.get(document.identity.group_kind)
    if workload is None or not workload.replicas:
        return Checked(value=document)
    own = get(copy.document.data, workload.replicas)
    data = drop(document.data, workload.replicas) if own is None else put(document.data, workload.replicas, own)
    return Checked(value=replace(document, data=data))
