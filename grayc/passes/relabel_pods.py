"""Give gray pods values of their own for the labels by which baseline selectors would catch them."""

from grayc.analysis.graph import has_own_pods
from grayc.analysis.label_mentions import pod_selectors_anywhere, released_pods, with_gray_values
from grayc.analysis.placements import is_told_by_list, lists_others, with_gray_own
from grayc.analysis.selections import own_placements
from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_map, is_mapping, matches, put
from grayc.k8s.names import LABEL_VALUE_LIMIT
from grayc.k8s.pod_templates import OVERRIDING_LABELS, WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle, with_suffix
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def relabel_pods(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Suffix the plan's `relabelled` labels on gray pods, and in every gray selector that looks for them.

    Selectors inside a pod template (affinity, topology spread) that look for the workload's own pods look for the gray
    ones then, and still for the others that they list. So do selectors of kinds that no table has, in a copy. Nothing
    changes where the isolation is `label`.

    Diagnostics:
        GC404: a value is too long with the suffix.
    Source: release language, `lane.isolation: relabel`.
    """
    if not plan.relabelled:
        return Checked(value=document)
    suffix = plan.spec.suffix
    group_kind = document.identity.group_kind
    data = document.data
    found: tuple[Diagnostic, ...] = ()
    field = POD_SELECTORS.get(group_kind)
    if field is not None and get(data, field.path) is not None:
        data = put(data, field.path, with_suffix(get_map(data, field.path), field.style, plan.relabelled, suffix))
    workload = WORKLOADS.get(group_kind)
    if workload is not None and has_own_pods(document):
        path: Path = (*workload.template, "metadata", "labels")
        own = get_map(data, path)
        data = put(data, path, with_suffix(own, SelectorStyle.MAP, plan.relabelled, suffix))
        for item in own_placements(document):
            if lists_others(item) and is_told_by_list(item, plan):
                data = put(data, item.path, with_gray_own(item, plan, suffix))
                continue
            selector = get_map(data, item.path)
            if get(selector, ("matchLabels", plan.spec.marks.tag)) != plan.spec.tag:
                continue
            gray = with_suffix(selector, SelectorStyle.LABEL_SELECTOR, plan.relabelled, suffix)
            data = put(data, item.path, gray)
        for pattern in OVERRIDING_LABELS.get(group_kind, ()):
            for at, labels in tuple(matches(data, pattern)):
                if is_mapping(labels):
                    data = put(data, at, with_suffix(labels, SelectorStyle.MAP, plan.relabelled, suffix))
        found = _too_long(copy.document, path, own, plan)
    for mention in pod_selectors_anywhere(document):
        if any(label in mention.asked for label in plan.relabelled) and released_pods(plan).found_by(mention):
            value = with_gray_values(mention, get(data, mention.path), plan.relabelled, suffix)
            data = put(data, mention.path, value)
    return Checked(value=replace(document, data=data), diagnostics=found)


def _shorter(over: int, label: str, plan: ReleasePlan) -> str:
    tag = plan.spec.tag
    if over < len(tag):
        return f"choose a tag shorter by {over}"
    return (
        f"no tag is short enough: give `{label}` a shorter value in the baseline, or tell the pods apart with "
        f"`isolation: label`, which `{plan.spec.adopt_command}` prepares production for"
    )


def _too_long(baseline: Document, path: Path, own: dict[str, object], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    suffix = plan.spec.suffix
    return tuple(
        at_object(
            baseline,
            (*path, label),
            code="GC404",
            message=f"gray label `{label}: {own[label]}{suffix}` has {len(f'{own[label]}{suffix}')} characters; a "
            f"label value has at most {LABEL_VALUE_LIMIT}",
            notes=(Note(message="the tag is part of it", span=plan.spec.span(("spec", "tag"))),),
            help=_shorter(len(f"{own[label]}{suffix}") - LABEL_VALUE_LIMIT, label, plan),
        )
        for label in plan.relabelled
        if label in own and len(f"{own[label]}{suffix}") > LABEL_VALUE_LIMIT
    )
