"""No selector crosses between baseline and lane, and no rule of the baseline loses the gray pods."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache

from grayc.analysis.crossings import (
    Catching,
    Crossing,
    Proof,
    count_proof,
    fewest_labels,
    finds,
    lacking_labels,
    masks_found,
    placements,
    ungoverned,
)
from grayc.analysis.graph import has_own_pods, is_workload, pod_labels
from grayc.analysis.selections import Selectable, SelectableIndex, Selection, namespace_labels, pods_of, selections
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_map, get_text, show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import APPLICATIONS, NAMES_FOR_AGENTS, PROTECTED
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.profiles import ORIGINAL, Marks
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle, SelectorUse, selects
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.spec.model import Isolation, ReleaseSpec

MAX_CROSSINGS_OF_ONE = 200
"""Workloads of which one selector's crossings are reported one by one; of the others it is said how many there are."""

MAX_CROSSINGS = 1_000
"""Crossings that are reported one by one; of each further selector one is reported, with how many more there are."""

_MOST_NOTES = 50


def proof_of(documents: tuple[Document, ...], plan: ReleasePlan) -> Proof:
    """Return how many selectors were compared with how many pod templates."""
    return count_proof(documents, plan)


def check_isolation(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return every selector that crosses, in both directions, and every one that misses its own pods.

    A selector of rules or monitors takes nothing from anyone and is no crossing; there, a gray pod must be found as its
    baseline pod is.

    Diagnostics:
        GC440: on a released workload the profile's tag label does not say `original`.
        GC441: a selector of the baseline matches gray pods.
        GC442: a gray Service has no gray pods.
        GC444: a gray selector matches baseline pods.
        GC445: a gray workload's selector does not match its own pods.
        GC447: baseline pods are placed by a rule that counts gray pods.
        GC448: a rule of the baseline finds pods, and not their gray copies.
    Source: release language, "What the lane puts on objects"; Zadig checks the label of its profile, and grayc its
    value, too.
    """
    known = namespace_labels(plan.baseline)
    gray = SelectableIndex(pods_of(documents), known)
    baseline = SelectableIndex(pods_of(plan.baseline), known)
    caught = list(masks_found(plan.baseline, gray))
    diagnostics: list[Diagnostic] = []
    unprepared = set()
    covered = 0
    if plan.isolation is Isolation.LABEL:
        position_of = {pods.document.place: at for at, pods in enumerate(gray.items)}
        catching = Catching(caught)
        note_of = cache(lambda position: _note(caught[position][0]))
        for copy in plan.copies:
            lacking = lacking_labels(copy.document, plan.spec.marks) if has_own_pods(copy.document) else ()
            if lacking:
                place = copy.document.place
                unprepared.add(place)
                at = position_of.get(place)
                notes: list[Note] = []
                labels: tuple[str, ...] = ()
                if at is not None:
                    covered |= 1 << at
                    notes = [note_of(position) for position in catching.first(at, _MOST_NOTES)]
                    if more := catching.count(at) - len(notes):
                        notes.append(Note(message=f"and {more} more selectors find its gray pods"))
                    labels = catching.fewest_labels(at, gray.items[at].labels)
                diagnostics.append(_not_prepared(copy.document, lacking, notes, labels, plan.spec))
    pods_at = cache(gray.at)
    leaks = ((selection, pods_at(mask & ~covered)) for selection, mask in caught)
    diagnostics += _told(leaks, lambda crossing: _leak(crossing, plan, baseline))
    diagnostics += _told(finds(documents, baseline), lambda crossing: _reverse(crossing, plan.spec.marks))
    diagnostics += _misses(documents, gray, plan)
    diagnostics += _placed(gray, unprepared, plan)
    diagnostics += [_lost(selection, copies, plan) for selection, copies in ungoverned(documents, plan)]
    return tuple(diagnostics)


def _told(
    caught: Iterable[tuple[Selection, Sequence[Selectable]]], tell: Callable[[Crossing], Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield what is said of each crossing; of many of one selector, and of many selectors, what one is like.

    Each selector that crosses is named, so that what is accepted of it is accepted of all its pods.
    """
    left = MAX_CROSSINGS
    for selection, found in caught:
        one_by_one = found[: max(1, min(MAX_CROSSINGS_OF_ONE, left))]
        more = len(found) - len(one_by_one)
        left -= len(one_by_one)
        for at, pods in enumerate(one_by_one, start=1):
            diagnostic = tell(Crossing(selection, pods))
            if more and at == len(one_by_one):
                note = Note(message=f"and the same with the pods of {more} more workloads")
                diagnostic = replace(diagnostic, notes=(*diagnostic.notes, note))
            yield diagnostic


def _not_prepared(
    workload: Document, lacking: Sequence[Path], notes: Sequence[Note], fewest: Sequence[str], spec: ReleaseSpec
) -> Diagnostic:
    identity = workload.identity
    shown = " and ".join(f"`{show_path(path)}`" for path in lacking)
    labels = _shown(fewest)
    wrong = get_map(workload.data, lacking[0]).get(spec.marks.tag)
    return Diagnostic(
        code="GC440",
        message=f"`{identity.ref}` is not prepared for a gray release: {shown} "
        + (
            f"has `{spec.marks.tag}: {wrong}`, not `{ORIGINAL}`"
            if wrong is not None
            else f"{'lacks' if len(lacking) == 1 else 'lack'} `{spec.marks.tag}: {ORIGINAL}`"
        ),
        span=workload.span(lacking[0]),
        field=show_path(lacking[0]),
        object=identity.ref,
        notes=tuple(notes),
        help="write `isolation: relabel` in `spec.lane`, which leaves the baseline as it is"
        + (f" and gives {labels} of the gray pods a value of its own" if labels else "")
        + f"; or let `{spec.adopt_command}` add "
        f"`{spec.marks.tag}: {ORIGINAL}` to its pod labels, to its selector and to all that selects its pods"
        + (
            f"; a {identity.kind}'s selector cannot be changed in place, so the workload is created anew, in an order "
            f"of steps without outage that `{spec.adopt_command} --script FILE` writes"
            if WORKLOADS[identity.group_kind].selector
            else ""
        ),
    )


def _smallest(crossing: Crossing) -> tuple[str, ...]:
    """Return the fewest labels of which other values on gray pods end a crossing."""
    return fewest_labels([(crossing.selection, [crossing.pods])], [*crossing.pods.labels])


def _shown(labels: Sequence[str]) -> str:
    return ", ".join(f"`{label}`" for label in labels)


def _note(selection: Selection) -> Note:
    document = selection.document
    own = " of its own" if is_workload(document) else ""
    words = {
        SelectorUse.TRAFFIC: "would send production requests to gray pods",
        SelectorUse.OWNERSHIP: f"would take gray pods for pods{own}",
        SelectorUse.DISRUPTION: "would count gray pods as its own",
    }[selection.use]
    return Note(message=f"`{document.identity.ref}` {words}", span=document.span(selection.path))


def _leak(crossing: Crossing, plan: ReleasePlan, baseline: SelectableIndex) -> Diagnostic:
    document, workload, selection = crossing.selector, crossing.workload, crossing.selection
    return at_object(
        document,
        selection.path,
        code="GC441",
        message=f"baseline `{document.identity.ref}` {_WORDS[selection.use]} gray pods of `{workload.identity.ref}`: "
        f"it selects `{_shown_selector(selection)}`",
        notes=(Note(message="the gray pods' labels come from here", span=workload.span(_labels_path(workload))),),
        help=_smallest_change(crossing, plan, baseline),
    )


def _shown_selector(selection: Selection) -> str:
    """Return a selector in one line."""
    value = selection.value if isinstance(selection.value, dict) else {}
    if selection.field.style is not SelectorStyle.LABEL_SELECTOR:
        return ", ".join(f"{key}: {text}" for key, text in value.items()) or "everything"
    parts = [f"{key}: {text}" for key, text in get_map(value, ("matchLabels",)).items()]
    expressions = value.get("matchExpressions")
    for item in expressions if isinstance(expressions, list) else ():
        values = get(item, ("values",))
        listed = f" [{', '.join(map(str, values))}]" if isinstance(values, list) and values else ""
        parts.append(f"{get_text(item, ('key',))} {get_text(item, ('operator',))}{listed}")
    return ", ".join(parts) or "everything"


def _smallest_change(crossing: Crossing, plan: ReleasePlan, baseline: SelectableIndex) -> str:
    """Return the least that ends a leak: one label of the gray side, else one of the selector.

    No leak needs more: one label that gray pods have otherwise, or lack, is enough for a selector not to find them.
    """
    document, selection = crossing.selector, crossing.selection
    name = f"`{document.identity.ref}`"
    selector_path = (
        (*selection.path, "matchLabels") if selection.field.style is SelectorStyle.LABEL_SELECTOR else selection.path
    )
    fixed = (
        f"; the selector of a {document.identity.kind} cannot be changed in place, so it is created anew"
        if is_workload(document)
        else ""
    )
    if plan.isolation is Isolation.LABEL:
        labels = _smallest(crossing)
        relabel = (
            f"; or write `isolation: relabel`, which gives {_shown(labels)} of the gray pods a value of its own"
            if labels
            else ""
        )
        return f"add `{plan.spec.marks.tag}: {ORIGINAL}` to `{show_path(selector_path)}` of {name}{fixed}{relabel}"
    if selection.field.style is SelectorStyle.LABEL_SELECTOR:
        return (
            "no label of the gray pods ends this: add "
            f"`{{key: {plan.spec.marks.alone}, operator: DoesNotExist}}`, a label that gray pods alone have, to "
            f"`{show_path((*selection.path, 'matchExpressions'))}` of {name}{fixed}; or accept the finding with "
            "`spec.accept`"
        )
    own = [item.labels for item in baseline.selected_by(selection)]
    shared = [
        f"{key}: {value}"
        for key, value in (own[0].items() if own else ())
        if isinstance(value, str)
        and key not in (*PROTECTED, *NAMES_FOR_AGENTS)
        and all(labels.get(key) == value for labels in own)
    ]
    if shared:
        return (
            f"no label of the gray pods ends this, as {name} asks for none that may change: add `{shared[0]}`, which "
            f"its pods have, to `{show_path(selector_path)}`{fixed}; or accept the finding with `spec.accept`"
        )
    return (
        f"no label of the gray pods ends this: give the pods that {name} is for a label such as `app`, and ask for it "
        f"in `{show_path(selector_path)}`; or accept the finding with `spec.accept`"
    )


_WORDS = {
    SelectorUse.TRAFFIC: "would send production requests to",
    SelectorUse.OWNERSHIP: "would take over",
    SelectorUse.DISRUPTION: "would count",
}


def _labels_path(workload: Document) -> tuple[str | int, ...]:
    return (*WORKLOADS[workload.identity.group_kind].template, "metadata", "labels")


def _reverse(crossing: Crossing, marks: Marks) -> Diagnostic:
    document, workload = crossing.selector, crossing.workload
    return Diagnostic(
        code="GC444",
        message=f"gray `{document.identity.ref}` would select baseline pods of `{workload.identity.ref}`",
        span=workload.span(_labels_path(workload)),
        object=document.identity.ref,
        notes=(Note(message="the gray selector comes from here", span=document.span(crossing.selection.path)),),
        help=f"pods of the baseline carry labels of a lane: set `{marks.tag}: {ORIGINAL}` on them",
    )


def _misses(documents: tuple[Document, ...], gray: SelectableIndex, plan: ReleasePlan) -> list[Diagnostic]:
    """Return gray workloads that do not select their own pods, and gray Services without pods."""
    diagnostics: list[Diagnostic] = []
    for workload in documents:
        row = WORKLOADS.get(workload.identity.group_kind)
        field = POD_SELECTORS.get(workload.identity.group_kind)
        if (
            row is not None
            and row.selector
            and field is not None
            and has_own_pods(workload)
            and not selects(field, get(workload.data, row.selector), pod_labels(workload))
        ):
            diagnostics.append(
                at_object(
                    workload,
                    row.selector,
                    code="GC445",
                    message=f"the selector of `{workload.identity.ref}` does not match its own pods",
                    help="the labels of `spec.template` must hold every label of the selector",
                )
            )
    for document in documents:
        if document.identity.group_kind != (CORE, "Service"):
            continue
        (selection,) = selections(document)
        if not gray.selected_by(selection):
            own = get_text(document.data, ("metadata", "labels", plan.spec.marks.service))
            diagnostics.append(
                at_object(
                    document,
                    selection.path,
                    code="GC442",
                    message=f"gray Service `{document.identity.name}` would have no pods: service `{own}` has no "
                    "workload with the labels that it selects",
                    help=f"write `share: [Service/{plan.copy_of(document).document.identity.name}]`, or release the "
                    "service whose pods it selects",
                )
            )
    return diagnostics


def _placed(gray: SelectableIndex, unprepared: Container[object], plan: ReleasePlan) -> list[Diagnostic]:
    """Return the baseline's workloads whose pods may find no node because of gray pods.

    One finding for each workload, at its first selector: one change of it is made for all.
    """
    diagnostics: list[Diagnostic] = []
    seen: set[tuple[str, int, Path]] = set()
    for crossing in placements(plan.baseline, gray):
        document, selection = crossing.selector, crossing.selection
        if not selection.is_hard or document.place in seen or crossing.workload.place in unprepared:
            continue
        seen.add(document.place)
        labels = _shown(_smallest(crossing)) if plan.isolation is Isolation.LABEL else ""
        diagnostics.append(
            at_object(
                document,
                selection.path,
                code="GC447",
                message=f"pods of baseline `{document.identity.ref}` are placed by a rule that counts gray pods of "
                f"`{crossing.workload.identity.ref}`: it selects `{_shown_selector(selection)}`",
                notes=(
                    Note(
                        message="the gray pods' labels come from here",
                        span=crossing.workload.span(_labels_path(crossing.workload)),
                    ),
                ),
                help=(
                    f"write `isolation: relabel`, which gives {labels} of the gray pods a value of its own; or "
                    if labels
                    else ""
                )
                + f"add `{{key: {plan.spec.marks.alone}, operator: DoesNotExist}}` to its `matchExpressions`, so that "
                "it counts no gray pods; or have nodes enough for both",
            )
        )
    return diagnostics


def _lost(selection: Selection, copies: Sequence[Document], plan: ReleasePlan) -> Diagnostic:
    document = selection.document
    copy = copies[0]
    others = f" and {len(copies) - 1} more" if len(copies) > 1 else ""
    return at_object(
        document,
        selection.path,
        code="GC448",
        message=f"`{document.identity.ref}` {selection.use} the pods of baseline "
        f"`{plan.copy_of(copy).document.identity.ref}`, but not their gray copies{others}: it selects "
        f"`{_shown_selector(selection)}`",
        notes=(Note(message="the gray pods' labels come from here", span=copy.span(_labels_path(copy))),)
        if is_workload(copy)
        else (),
        help="select by a label that gray pods keep, such as `"
        + next((label for label in pod_labels(copy) if label in APPLICATIONS), APPLICATIONS[0])
        + "`; or write `isolation: label`, with which gray pods keep all labels of a prepared baseline",
    )
