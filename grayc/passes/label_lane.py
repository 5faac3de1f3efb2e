"""Put the lane's labels on gray objects, their pods and their selectors."""

from dataclasses import replace

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import merge_map
from grayc.k8s.lane_labels import TAG, lane_labels
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle
from grayc.plan.model import ReleasePlan, group_kind_of


def label_lane(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Set the lane's labels; a label that the baseline has keeps its place. Running it twice changes nothing more.

    Every gray object gets three; a workload's selector and pods get `alicloud.service.tag` too; the selectors of
    Services, PodDisruptionBudgets and NetworkPolicies get the three.
    Source: release language, "What the mse lane puts on objects"; the same labels for provider `none`.
    """
    return Checked(value=tuple(_label(document, plan) for document in documents))


def _label(document: Document, plan: ReleasePlan) -> Document:
    group_kind = group_kind_of(document.identity)
    labels = lane_labels(plan.spec.tag, plan.copy_of(document).service.name)
    data = merge_map(document.data, ("metadata", "labels"), labels)
    workload = WORKLOADS.get(group_kind)
    if workload is not None:
        tagged = {**labels, TAG: plan.spec.tag}
        if workload.selector:
            data = merge_map(data, (*workload.selector, "matchLabels"), tagged)
        data = merge_map(data, (*workload.template, "metadata", "labels"), tagged)
    elif (field := POD_SELECTORS.get(group_kind)) is not None:
        path = field.path if field.style is SelectorStyle.MAP else (*field.path, "matchLabels")
        data = merge_map(data, path, labels)
    return replace(document, data=data)
