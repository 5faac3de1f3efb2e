"""Put the lane's labels on gray objects, their pods and their selectors."""

from collections.abc import Mapping
from dataclasses import replace

from grayc.analysis.graph import has_own_pods
from grayc.analysis.selections import own_placements
from grayc.diagnostics import Checked
from grayc.documents import Document, Path
from grayc.documents.tree import drop, get, get_list, get_text, merge_map, put
from grayc.k8s.lane_labels import PROTECTED, TAG, VERSION, lane_labels
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle
from grayc.plan.model import Copy, ReleasePlan


def label_lane(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the lane's labels; a label that the baseline has keeps its place. Running it twice changes nothing more.

    Every gray object gets three; a workload's selector and pods get `alicloud.service.tag` too; the selectors of
    Services and PodDisruptionBudgets get the three. Selectors inside a pod template (affinity, topology spread) that
    look for the workload's own pods look for those of the lane: else gray pods would keep away from baseline pods.
    Source: release language, "What the mse lane puts on objects"; the same labels for provider `none`.
    """
    group_kind = document.identity.group_kind
    labels = lane_labels(plan.spec.tag, copy.service.name)
    data = merge_map(document.data, ("metadata", "labels"), labels)
    workload = WORKLOADS.get(group_kind)
    if workload is not None and has_own_pods(document):
        tagged = {**labels, TAG: plan.spec.tag}
        if workload.selector:
            data = _ask_for(data, workload.selector, tagged)
        data = merge_map(data, (*workload.template, "metadata", "labels"), tagged)
        for item in own_placements(document, plan.key_of):
            data = _ask_for(data, item.path, {VERSION: plan.spec.tag})
    elif (field := POD_SELECTORS.get(group_kind)) is not None and get(data, field.path) is not None:
        if field.style is SelectorStyle.LABEL_SELECTOR:
            data = _ask_for(data, field.path, labels)
        else:
            data = merge_map(data, field.path, labels)
    return Checked(value=replace(document, data=data))


def _ask_for(data: dict[str, object], path: Path, labels: Mapping[str, str]) -> dict[str, object]:
    """Return `data` with a LabelSelector that asks for labels of the lane.

    What a prepared baseline says of these labels in expressions is about its own pods, so it goes.
    """
    data = merge_map(data, (*path, "matchLabels"), labels)
    expressions = get_list(data, (*path, "matchExpressions"))
    kept = [each for each in expressions if get_text(each, ("key",)) not in PROTECTED]
    if len(kept) == len(expressions):
        return data
    at = (*path, "matchExpressions")
    return put(data, at, kept) if kept else drop(data, at)
