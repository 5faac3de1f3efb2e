"""Put the lane's labels on gray objects, their pods and their selectors."""

from collections.abc import Mapping

from grayc.analysis.graph import has_own_pods
from grayc.analysis.placements import (
    is_anti_affinity,
    is_told_by_list,
    names_others,
    term_of,
    without_own,
)
from grayc.analysis.selections import Selection, own_placements
from grayc.diagnostics import Checked
from grayc.documents import Document, Path
from grayc.documents.tree import drop, get, get_list, get_map, get_text, put
from grayc.k8s.lane_labels import PROTECTED
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.profiles import Marks
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def label_lane(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the lane's labels; a label that the baseline has keeps its place. Running it twice changes nothing more.

    Every gray object gets those of the profile; a workload's selector and pods get what the provider reads, too; the
    selectors of Services and PodDisruptionBudgets do not. Selectors inside a pod template (affinity, topology spread)
    that look for the workload's own pods look for those of the lane: else gray pods would keep away from baseline pods.
    Whom they look for besides, they still see.
    Source: release language, "What the lane puts on objects".
    """
    group_kind = document.identity.group_kind
    spec, service = plan.spec, copy.service.name
    data = _labelled(document.data, ("metadata", "labels"), spec.labels(service), spec.marks)
    selecting = spec.selecting(service)
    workload = WORKLOADS.get(group_kind)
    if workload is not None and has_own_pods(document):
        tagged = spec.pod_labels(service)
        if workload.selector:
            data = _ask_for(data, workload.selector, tagged, spec.marks)
        data = _labelled(data, (*workload.template, "metadata", "labels"), tagged, spec.marks)
        for item in own_placements(document):
            data = _place(data, item, plan)
    elif (field := POD_SELECTORS.get(group_kind)) is not None and get(data, field.path) is not None:
        if field.style is SelectorStyle.LABEL_SELECTOR:
            data = _ask_for(data, field.path, selecting, spec.marks)
        else:
            data = _labelled(data, field.path, selecting, spec.marks)
    return Checked(value=replace(document, data=data))


def _place(data: dict[str, object], placement: Selection, plan: ReleasePlan) -> dict[str, object]:
    """Return `data` with a placement that looks for pods of the lane, and still for those of other workloads.

    To keep away from either of two is two terms, which all hold. To be near one of two, or spread with it, cannot
    be said so: such a term stays, and places gray pods by what baseline pods are placed by.
    """
    marks = plan.spec.marks
    lane = {marks.tag: plan.spec.tag}
    if _asks_for(placement.value, plan) or not names_others(placement, plan):
        return _ask_for(data, placement.path, lane, marks)
    if is_told_by_list(placement, plan) or not is_anti_affinity(placement):
        return data
    terms, at = term_of(placement)
    inside = placement.path[len(terms) + 1 :]
    if any(_asks_for(get(term, inside), plan) for term in get_list(placement.document.data, terms)):
        return data
    others = put(get_map(data, (*terms, at)), inside, without_own(placement, plan))
    return _ask_for(put(data, terms, [*get_list(data, terms), others]), placement.path, lane, marks)


def _asks_for(selector: object, plan: ReleasePlan) -> bool:
    return get_text(selector, ("matchLabels", plan.spec.marks.tag)) == plan.spec.tag


def _labelled(data: dict[str, object], path: Path, labels: Mapping[str, str], marks: Marks) -> dict[str, object]:
    """Return `data` with labels of the lane; no copy is production's own, in whosever words."""
    return put(data, path, {**marks.unclaimed(get_map(data, path)), **labels})


def _ask_for(data: dict[str, object], path: Path, labels: Mapping[str, str], marks: Marks) -> dict[str, object]:
    """Return `data` with a LabelSelector that asks for labels of the lane.

    What a prepared baseline says of these labels in expressions is about its own pods, so it goes.
    """
    data = _labelled(data, (*path, "matchLabels"), labels, marks)
    expressions = get_list(data, (*path, "matchExpressions"))
    kept = [each for each in expressions if get_text(each, ("key",)) not in PROTECTED]
    if len(kept) == len(expressions):
        return data
    at = (*path, "matchExpressions")
    return put(data, at, kept) if kept else drop(data, at)
