"""Choose how gray pods are kept apart, and by which labels."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, merge_map
from grayc.k8s.lane_labels import APPLICATIONS, PROTECTED, TAG, lane_labels
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle
from grayc.plan.crossings import Crossing, crossings, lacking_labels
from grayc.plan.graph import is_workload, pod_labels
from grayc.plan.model import Copy, group_kind_of, key_of
from grayc.spec.model import Isolation, ReleaseSpec


def choose_isolation(
    spec: ReleaseSpec, baseline: Sequence[Document], copies: Sequence[Copy]
) -> tuple[Isolation, tuple[str, ...]]:
    """Return `label` or `relabel`, and for the latter the pod labels whose gray values get the lane's suffix.

    They are the fewest labels without which no selector of the baseline matches gray pods; of several such sets the
    first in the order of the labels. Labels that tell an agent the application are never among them. A selector that
    no label can escape, such as an empty one, is left to the isolation check.
    """
    workloads = [copy for copy in copies if is_workload(copy.document)]
    if spec.lane.isolation is Isolation.LABEL:
        return Isolation.LABEL, ()
    gray = [_with_lane_labels(copy, spec) for copy in workloads]
    caught = list(crossings(baseline, gray, lambda identity: key_of(spec, identity)))
    is_prepared = not caught and not any(lacking_labels(copy.document) for copy in workloads)
    if spec.lane.isolation is Isolation.AUTO and is_prepared:
        return Isolation.LABEL, ()
    return Isolation.RELABEL, _fewest_labels(gray, caught)


def _fewest_labels(gray: Sequence[Document], caught: Sequence[Crossing]) -> tuple[str, ...]:
    ways_out = {
        frozenset(escapes)
        for crossing in caught
        if (escapes := _escapes(crossing.selector, pod_labels(crossing.workload)))
    }
    order = list(dict.fromkeys(label for document in gray for label in pod_labels(document)))
    labels = [label for label in order if any(label in escapes for escapes in ways_out)]
    for size in range(len(labels) + 1):
        for chosen in combinations(labels, size):
            if all(escapes.intersection(chosen) for escapes in ways_out):
                return chosen
    return tuple(labels)


def _with_lane_labels(copy: Copy, spec: ReleaseSpec) -> Document:
    """Return the copy with the pod labels that it will have."""
    path = (*WORKLOADS[group_kind_of(copy.document.identity)].template, "metadata", "labels")
    labels = {**lane_labels(spec.tag, copy.service.name), TAG: spec.tag}
    return replace(copy.document, data=merge_map(copy.document.data, path, labels))


def _escapes(document: Document, labels: dict[str, object]) -> list[str]:
    """Return the labels of a pod of which another value ends that a selector matches it."""
    field = POD_SELECTORS[group_kind_of(document.identity)]
    selector = get_map(document.data, field.path)
    plain: Iterable[str] = selector if field.style is SelectorStyle.MAP else get_map(selector, ("matchLabels",))
    listed = (
        []
        if field.style is SelectorStyle.MAP
        else [
            get_text(item, ("key",))
            for item in get_list(selector, ("matchExpressions",))
            if get_text(item, ("operator",)) == "In"
        ]
    )
    return [label for label in (*plain, *listed) if label in labels and label not in (*PROTECTED, *APPLICATIONS)]
