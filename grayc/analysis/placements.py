"""Selectors inside pods that look for the pods' own kind: what a gray copy's look for, and whom they must still see."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from grayc.analysis.graph import pod_labels
from grayc.analysis.label_mentions import released_pods
from grayc.analysis.selections import SelectableIndex, Selection, namespace_labels, pods_of
from grayc.documents import Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import SelectorField, SelectorStyle, SelectorUse
from grayc.plan.model import ReleasePlan

_EXPRESSIONS = "matchExpressions"
_PLAIN = SelectorField((), SelectorStyle.MAP, SelectorUse.PLACEMENT)


class _BaselinePods:
    """Pods of the baseline, with the position of each workload's own."""

    def __init__(self, plan: ReleasePlan) -> None:
        self.index = SelectableIndex(pods_of(plan.baseline), namespace_labels(plan.baseline))
        self._at = {item.document.place: at for at, item in enumerate(self.index.items)}

    def others(self, selection: Selection) -> int:
        """Return the pods that a placement finds besides its own workload's, as a mask of their positions."""
        at = self._at.get(selection.document.place)
        return self.index.mask_of(selection) & ~(0 if at is None else 1 << at)


@lru_cache(maxsize=2)
def _baseline_pods(plan: ReleasePlan) -> _BaselinePods:
    return _BaselinePods(plan)


def is_anti_affinity(selection: Selection) -> bool:
    """Tell whether a placement keeps pods away from others: of several such terms, each holds."""
    return "podAntiAffinity" in selection.path


def term_of(selection: Selection) -> tuple[Path, int]:
    """Return the list that an affinity's term stands in, and its position there."""
    at = max(position for position, step in enumerate(selection.path) if isinstance(step, int))
    return selection.path[:at], int(selection.path[at])


def lists_others(selection: Selection) -> str:
    """Return the label by which a placement lists the pods' own value and others; "" where there is none."""
    labels = pod_labels(selection.document)
    return next(
        (
            key
            for key, values in _listed(selection.value)
            if labels.get(key) in values and any(value != labels[key] for value in values)
        ),
        "",
    )


def names_others(selection: Selection, plan: ReleasePlan) -> bool:
    """Tell whether a placement of a workload's pods looks for pods of other workloads besides."""
    return bool(lists_others(selection) or _baseline_pods(plan).others(selection))


def _listed(selector: object) -> Iterator[tuple[str, list[object]]]:
    for item in get_list(selector, (_EXPRESSIONS,)):
        if get_text(item, ("operator",)) == "In":
            yield get_text(item, ("key",)), get_list(item, ("values",))


def without_own(selection: Selection, plan: ReleasePlan) -> dict[str, object]:
    """Return the selector of a placement that looks for the others alone.

    It looks for the workload's baseline pods too where no label tells those from the others.
    """
    selector = dict(selection.value) if is_mapping(selection.value) else {}
    labels = pod_labels(selection.document)
    expressions = get_list(selector, (_EXPRESSIONS,))
    listed = lists_others(selection)
    if listed:
        rest = [
            {**item, "values": [value for value in get_list(item, ("values",)) if value != labels[listed]]}
            if is_mapping(item) and item.get("key") == listed and item.get("operator") == "In"
            else item
            for item in expressions
        ]
        return {**selector, _EXPRESSIONS: rest}
    own = get_map(selection.document.data, (*WORKLOADS[selection.document.identity.group_kind].selector, "matchLabels"))
    pods = _baseline_pods(plan)
    others = pods.others(selection)
    for key, value in own.items():
        if not others & pods.index.mask(_PLAIN, {key: value}, selection.namespaces):
            return {**selector, _EXPRESSIONS: [*expressions, {"key": key, "operator": "NotIn", "values": [value]}]}
    return selector


def with_gray_own(selection: Selection, plan: ReleasePlan, suffix: str) -> dict[str, object]:
    """Return the selector of a placement that lists others, which looks for the gray value in place of the own.

    The others stay, each with its gray value beside it where it has one.
    """
    labels: Mapping[str, object] = pod_labels(selection.document)
    listed = lists_others(selection)
    selector = dict(selection.value) if is_mapping(selection.value) else {}
    result: list[object] = []
    for item in get_list(selector, (_EXPRESSIONS,)):
        if is_mapping(item) and item.get("key") == listed and item.get("operator") == "In":
            values: list[object] = []
            for value in get_list(item, ("values",)):
                is_own = value == labels[listed]
                if not is_own:
                    values.append(value)
                if is_own or (isinstance(value, str) and released_pods(plan).has(listed, value)):
                    values.append(f"{value}{suffix}")
            result.append({**item, "values": values})
        else:
            result.append(item)
    return {**selector, _EXPRESSIONS: result}


def is_told_by_list(selection: Selection, plan: ReleasePlan) -> bool:
    """Tell whether the label that a placement lists others by tells gray pods, and no other that it asks for."""
    listed = lists_others(selection)
    asked = {*get_map(selection.value, ("matchLabels",)), *(key for key, _ in _listed(selection.value))}
    return listed in plan.relabelled and not (asked - {listed}) & set(plan.relabelled)
