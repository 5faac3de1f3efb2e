"""No selector crosses between baseline and lane."""

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_map, get_text, show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import ORIGINAL, VERSION
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle, SelectorUse, selects
from grayc.plan.crossings import Crossing, Proof, crossings, lacking_labels
from grayc.plan.graph import LabelIndex, is_workload, pod_labels
from grayc.plan.model import ReleasePlan, group_kind_of
from grayc.spec.model import Isolation


def proof_of(documents: tuple[Document, ...], plan: ReleasePlan) -> Proof:
    """Return how many selectors were compared with how many pod templates."""
    both = (*plan.baseline, *documents)
    fields = (POD_SELECTORS.get(group_kind_of(document.identity)) for document in both)
    return Proof(
        selectors=sum(field is not None and field.use is not SelectorUse.POLICY for field in fields),
        templates=sum(is_workload(document) for document in both),
    )


def check_isolation(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return every selector that crosses, in both directions, and every one that misses its own pods.

    A NetworkPolicy that also governs gray pods takes nothing from anyone and is no crossing.

    Diagnostics:
        GC440: a released workload does not carry `zadigx-release-version: original`.
        GC441: a selector of the baseline matches gray pods.
        GC442: a gray Service has no gray pods.
        GC444: a gray selector matches baseline pods.
        GC445: a gray workload's selector does not match its own pods.
    Source: release language, "What the mse lane puts on objects"; `zadigx-release-version` as Zadig checks it, values
    compared too.
    """
    gray = tuple(document for document in documents if is_workload(document))
    baseline = tuple(document for document in plan.baseline if is_workload(document))
    caught = list(crossings(plan.baseline, gray, plan.key_of))
    diagnostics: list[Diagnostic] = []
    unprepared = set()
    for copy in plan.copies:
        if plan.isolation is Isolation.LABEL and is_workload(copy.document):
            lacking = lacking_labels(copy.document)
            if lacking:
                unprepared.add(copy.document.place)
                diagnostics.append(_not_prepared(copy.document, lacking, caught))
    for crossing in caught:
        if crossing.workload.place not in unprepared:
            diagnostics.append(_leak(crossing, plan.isolation))
    diagnostics += [_reverse(crossing) for crossing in crossings(documents, baseline, plan.key_of)]
    diagnostics += _misses(documents, gray, plan)
    return tuple(diagnostics)


def _not_prepared(workload: Document, lacking: list[Path], caught: list[Crossing]) -> Diagnostic:
    identity = workload.identity
    shown = " and ".join(f"`{show_path(path)}`" for path in lacking)
    catching = [crossing.selector for crossing in caught if crossing.workload.place == workload.place]
    notes = [_note(document) for document in catching]
    wrong = get_map(workload.data, lacking[0]).get(VERSION)
    return Diagnostic(
        code="GC440",
        message=f"`{identity.ref}` is not prepared for a gray release: {shown} "
        + (
            f"has `{VERSION}: {wrong}`, not `{ORIGINAL}`"
            if wrong is not None
            else f"{'lacks' if len(lacking) == 1 else 'lack'} `{VERSION}: {ORIGINAL}`"
        ),
        span=workload.span(lacking[0]),
        field=show_path(lacking[0]),
        object=identity.ref,
        notes=tuple(notes),
        help="write `isolation: relabel` in `spec.lane`, which leaves the baseline as it is; or let `grayc adopt` add "
        f"`{VERSION}: {ORIGINAL}` to its pod labels, to its selector and to all that selects its pods"
        + (
            f"; a {identity.kind}'s selector can not be changed in place, so the workload is created anew, in an order "
            "of steps without outage that `grayc adopt --script FILE` writes"
            if WORKLOADS[group_kind_of(identity)].selector
            else ""
        ),
    )


def _note(document: Document) -> Note:
    field = POD_SELECTORS[group_kind_of(document.identity)]
    own = " of its own" if is_workload(document) else ""
    words = {
        SelectorUse.TRAFFIC: "would send production requests to gray pods",
        SelectorUse.OWNERSHIP: f"would take gray pods for pods{own}",
        SelectorUse.DISRUPTION: "would count gray pods as its own",
        SelectorUse.POLICY: "would govern gray pods",
    }[field.use]
    return Note(message=f"`{document.identity.ref}` {words}", span=document.span(field.path))


def _leak(crossing: Crossing, isolation: Isolation) -> Diagnostic:
    document, workload = crossing.selector, crossing.workload
    field = POD_SELECTORS[group_kind_of(document.identity)]
    path = field.path if field.style is SelectorStyle.MAP else (*field.path, "matchLabels")
    shown = ", ".join(f"{key}: {value}" for key, value in get_map(document.data, path).items()) or "everything"
    return Diagnostic(
        code="GC441",
        message=f"baseline `{document.identity.ref}` {_WORDS[field.use]} gray pods of `{workload.identity.ref}`: "
        f"it selects `{shown}`",
        span=document.span(field.path),
        field=show_path(field.path),
        object=document.identity.ref,
        notes=(Note(message="the gray pods' labels come from here", span=workload.span(_labels_path(workload))),),
        help=f"add `{VERSION}: {ORIGINAL}` to `{show_path(path)}` of `{document.identity.ref}`"
        if isolation is Isolation.LABEL
        else f"no label of the gray pods ends this: let `{document.identity.ref}` name its pods by a label such as "
        "`app`, or accept the finding with `spec.accept`",
    )


_WORDS = {
    SelectorUse.TRAFFIC: "would send production requests to",
    SelectorUse.OWNERSHIP: "would take over",
    SelectorUse.DISRUPTION: "would count",
    SelectorUse.POLICY: "would govern",
}


def _labels_path(workload: Document) -> tuple[str | int, ...]:
    return (*WORKLOADS[group_kind_of(workload.identity)].template, "metadata", "labels")


def _reverse(crossing: Crossing) -> Diagnostic:
    document, workload = crossing.selector, crossing.workload
    field = POD_SELECTORS[group_kind_of(document.identity)]
    return Diagnostic(
        code="GC444",
        message=f"gray `{document.identity.ref}` would select baseline pods of `{workload.identity.ref}`",
        span=workload.span(_labels_path(workload)),
        object=document.identity.ref,
        notes=(Note(message="the gray selector comes from here", span=document.span(field.path)),),
        help=f"pods of the baseline carry labels of a lane: set `{VERSION}: {ORIGINAL}` on them",
    )


def _misses(documents: tuple[Document, ...], gray: tuple[Document, ...], plan: ReleasePlan) -> list[Diagnostic]:
    """Return gray workloads that do not select their own pods, and gray Services without pods."""
    diagnostics: list[Diagnostic] = []
    for workload in gray:
        row = WORKLOADS[group_kind_of(workload.identity)]
        field = POD_SELECTORS.get(group_kind_of(workload.identity))
        if (
            row.selector
            and field is not None
            and not selects(field, get(workload.data, row.selector), pod_labels(workload))
        ):
            diagnostics.append(
                Diagnostic(
                    code="GC445",
                    message=f"the selector of `{workload.identity.ref}` does not match its own pods",
                    span=workload.span(row.selector),
                    field=show_path(row.selector),
                    object=workload.identity.ref,
                    help="the labels of `spec.template` must hold every label of the selector",
                )
            )
    index = LabelIndex(gray)
    for document in documents:
        if group_kind_of(document.identity) != (CORE, "Service"):
            continue
        field = POD_SELECTORS[(CORE, "Service")]
        selector = get_map(document.data, field.path)
        if not any(
            plan.key_of(workload.identity).namespace == plan.key_of(document.identity).namespace
            and selects(field, selector, pod_labels(workload))
            for workload in index.candidates(selector)
        ):
            own = get_text(document.data, ("metadata", "labels", "zadigx-release-service-name"))
            diagnostics.append(
                Diagnostic(
                    code="GC442",
                    message=f"gray Service `{document.identity.name}` would have no pods: service `{own}` has no "
                    "workload with the labels that it selects",
                    span=document.span(field.path),
                    field=show_path(field.path),
                    object=document.identity.ref,
                    help=f"write `share: [Service/{plan.copy_of(document).document.identity.name}]`, or release the "
                    "service whose pods it selects",
                )
            )
    return diagnostics
