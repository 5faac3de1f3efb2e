"""Choose how gray pods are kept apart, and by which labels."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence

from grayc.analysis.application import named_application
from grayc.analysis.crossings import Cost, escapes, fewest_labels, finds, lacking_labels
from grayc.analysis.graph import has_own_pods, pod_labels
from grayc.analysis.label_mentions import Mention, PodsByLabel, own_labels, pod_selectors_anywhere
from grayc.analysis.selections import (
    Selectable,
    SelectableIndex,
    Selection,
    all_selections,
    namespace_labels,
    pods_of,
)
from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, matches, put
from grayc.k8s.kinds import ISTIO
from grayc.k8s.names import LABEL_VALUE_LIMIT
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import GOVERNS, SelectorUse, selects
from grayc.plan.model import Copy
from grayc.records import replace
from grayc.spec.model import Isolation, ReleaseSpec

_DESTINATION_RULE = (ISTIO, "DestinationRule")


def choose_isolation(
    spec: ReleaseSpec, baseline: tuple[Document, ...], copies: Sequence[Copy]
) -> tuple[Isolation, tuple[str, ...]]:
    """Return `label` or `relabel`, and for the latter the pod labels whose gray values get the lane's suffix.

    They are the fewest labels without which no selector of the baseline matches gray pods; sets that cost gray pods no
    rule of the baseline come first, and of several the one for which the lane must carry the fewest rules. A label
    that pods read of themselves is among them only where no other will do. Labels that tell an agent the application
    never are. A selector that no label can escape, such as an empty one,
    is left to the isolation check.
    """
    workloads = [copy for copy in copies if has_own_pods(copy.document)]
    if spec.lane.isolation is Isolation.LABEL:
        return Isolation.LABEL, ()
    gray = [_with_lane_labels(copy, spec) for copy in workloads]
    index = SelectableIndex(pods_of(gray), namespace_labels(baseline))
    caught = list(finds(baseline, index))
    is_prepared = not caught and not any(lacking_labels(copy.document, spec.marks) for copy in workloads)
    if spec.lane.isolation is Isolation.AUTO and is_prepared:
        return Isolation.LABEL, ()
    order = list(dict.fromkeys(label for document in gray for label in pod_labels(document)))
    if not caught:
        return Isolation.RELABEL, fewest_labels(caught, order)
    costs = _costs(baseline, index, {copy.document.place for copy in copies}, spec.suffix)
    return Isolation.RELABEL, fewest_labels(caught, order, costs)


def _costs(
    baseline: tuple[Document, ...], index: SelectableIndex, copied: Container[object], suffix: str
) -> dict[str, Cost]:
    """Return label → what another value of it costs: rules that no longer find gray pods, and what newly finds them.

    Args:
        copied: places of the objects that get copies, whose selectors look for gray pods.
    """
    lost: Counter[str] = Counter()
    carried: Counter[str] = Counter()
    pods = PodsByLabel(index.items)
    for selection in all_selections(baseline):
        if selection.of_services:
            continue
        if selection.use in GOVERNS:
            count = carried if selection.field.carried else lost
            found = index.selected_by(selection)
            count.update({each for pods in found for each in escapes(selection, pods.labels)})
        # What is left out by its value (`NotIn`) is left out no more, and nothing can take that back.
        lost.update(_left_out_by(selection, index))
    for document in baseline:
        if document.place not in copied:
            lost.update(label for mention in pod_selectors_anywhere(document) for label in _asked(mention, pods))
        if document.identity.group_kind == _DESTINATION_RULE:
            # One for the gray Service has the same subsets, and they choose pods by these values.
            lost.update(
                str(path[-1])
                for path, value in matches(document.data, ("spec", "subsets", "[*]", "labels", ".*"))
                if pods.has(str(path[-1]), str(value))
            )
    barred = Counter(label for item in index.items for label in _barred(item, suffix))
    return {label: Cost(barred[label], lost[label], carried[label]) for label in (*barred, *lost, *carried)}


def _asked(mention: Mention, pods: PodsByLabel) -> Iterable[str]:
    """Return the labels by which a selector of a kind without a row finds gray pods."""
    return mention.asked if pods.found_by(mention) else ()


def _barred(pods: Selectable, suffix: str) -> Iterator[str]:
    """Yield the labels that pods read of themselves, once for each place, and those without room for a longer value."""
    yield from (read.label for read in own_labels(pods.document) if read.label is not None)
    yield from (key for key, value in pods.labels.items() if len(f"{value}{suffix}") > LABEL_VALUE_LIMIT)


def _left_out_by(selection: Selection, index: SelectableIndex) -> set[str]:
    """Return the labels whose gray values alone keep a selector from finding gray pods."""
    if selection.use is SelectorUse.PLACEMENT or not isinstance(selection.value, dict):
        return set()
    found = set()
    expressions = get_list(selection.value, ("matchExpressions",))
    for label in {get_text(item, ("key",)) for item in expressions if get_text(item, ("operator",)) == "NotIn"}:
        rest = [
            item
            for item in expressions
            if get_text(item, ("key",)) != label or get_text(item, ("operator",)) != "NotIn"
        ]
        without = {**selection.value, "matchExpressions": rest}
        all_of_them = index.matching(selection.field, without, selection.namespaces)
        if any(
            label in pods.labels and not selects(selection.field, selection.value, pods.labels) for pods in all_of_them
        ):
            found.add(label)
    return found


def _with_lane_labels(copy: Copy, spec: ReleaseSpec) -> Document:
    """Return the copy with the pod labels that it will have."""
    path = (*WORKLOADS[copy.document.identity.group_kind].template, "metadata", "labels")
    labels = {
        **spec.pod_labels(copy.service.name),
        **named_application(copy.document, spec.lane.provider),
    }
    own = spec.marks.unclaimed(get_map(copy.document.data, path))
    return replace(copy.document, data=put(copy.document.data, path, {**own, **labels}))
