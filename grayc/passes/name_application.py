"""Keep gray pods the application that the baseline's pods are."""

from grayc.analysis.application import named_application
from grayc.analysis.graph import has_own_pods
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import merge_map
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def name_application(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Give gray pods whose baseline names no application the label that does, with the baseline workload's name.

    The agent calls an application by its workload where the label is absent, so the copy would be another one. It is
    in no selector: a Deployment's selector cannot change once the lane lives. Running it twice changes nothing more.
    """
    if not has_own_pods(document):
        return Checked(value=document)
    labels = named_application(copy.document, plan.spec.lane.provider)
    if not labels:
        return Checked(value=document)
    path = (*WORKLOADS[document.identity.group_kind].template, "metadata", "labels")
    return Checked(value=replace(document, data=merge_map(document.data, path, labels)))
