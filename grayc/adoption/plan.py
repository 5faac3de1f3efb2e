"""What a baseline lacks for gray releases that are told apart by a label, and in what order a cluster gets it."""

from collections.abc import Iterator, Sequence

from grayc.analysis.graph import has_own_pods, is_workload, pod_labels
from grayc.analysis.label_masks import LabelMasks, first_in, mask_of, positions_in
from grayc.analysis.removed import removed_workloads
from grayc.diagnostics import Checked, Diagnostic, Note, did_you_mean, has_errors
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_map, get_text, put, show_path
from grayc.k8s.adoption import ADOPTIONS, Adoption, Way
from grayc.k8s.kinds import ARGO, KRUISE, Policy, kind_row
from grayc.k8s.names import LABEL_VALUE_WORDS, is_label_key, is_label_value
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.profiles import ADOPTED, ORIGINAL, PROFILES, Profile
from grayc.k8s.scalers import SCALE_TARGET, SCALERS
from grayc.k8s.selectors import POD_SELECTORS, SelectorField, SelectorUse, selects
from grayc.records import dataclass

__all__ = ["ORIGINAL", "Adopted", "AdoptionPlan", "Group", "Way", "plan_adoption"]


_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adopted:
    """An object that has the label when all is done.

    Attributes:
        data: the object with the label.
        missing: the mappings that lack the label now, in the order of the text.
        fields: those mappings as users write them.
        patch: a merge patch that gives an object in a cluster the label.
        selector: what selects its pods now, as `kubectl -l` takes it; "" for what has no selector of its own.
        row: of a workload, what is known about its kind; None for what only selects pods.
        way: how a workload in a cluster gets it; None for what only selects pods.
        by_hand: why no order of steps is safe for it, "" where one is.
    """

    document: Document
    data: dict[str, object]
    missing: tuple[Path, ...]
    fields: tuple[str, ...]
    patch: dict[str, object]
    selector: str
    row: Adoption | None = None
    way: Way | None = None
    by_hand: str = ""

    @property
    def ref(self) -> str:
        """`Kind/name`."""
        return self.document.identity.ref


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Objects of one namespace that change together, since what selects pods must change after all of its pods have.

    Attributes:
        namespace: "" where the objects name none.
        workloads: in the order of their places.
        selecting: Services, then PodDisruptionBudgets.
        scalers: name of a workload's object → the scalers that would change its number of pods meanwhile.
    """

    namespace: str
    workloads: tuple[Adopted, ...]
    selecting: tuple[Adopted, ...]
    scalers: dict[tuple[str, str], tuple[Document, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdoptionPlan:
    """What becomes of a baseline.

    Attributes:
        label: that tells production from the lanes of a profile.
        objects: all that have the label when it is done, in the order of their places.
        groups: the same, by what must change together.
    """

    label: str
    objects: tuple[Adopted, ...]
    groups: tuple[Group, ...]


def plan_adoption(
    baseline: Sequence[Document], wanted: Sequence[str], profile: Profile = ADOPTED
) -> Checked[AdoptionPlan]:
    """Return where the label of a profile is to say `original` so that no selector catches gray pods.

    That is in the selectors and pod labels of the workloads, and in the Services and PodDisruptionBudgets that select
    their pods. Jobs, CronJobs and bare Pods get no gray copy and so no label, unless something that changes selects
    them. A NetworkPolicy stays: a lane carries its own.

    Args:
        wanted: names of workloads, such as `web` or `Deployment/web`; none for all.
    Diagnostics:
        GC301: there is no such workload. GC303: there is none at all.
        GC307: it is of a version that servers no longer have.
        GC340: an object says another version, or its selector rules the label out.
        GC341: a selector also finds pods of a workload that is not wanted.
        GC342: a workload has no selector or no pod template: it is a part of one.
        GC405: a selector asks for a label that no pod can have.
    """
    label = PROFILES[profile].tag
    work = _Work(baseline, wanted, label)
    work.choose()
    if not has_errors(work.diagnostics):
        work.close()
    if has_errors(work.diagnostics):
        return Checked(value=None, diagnostics=tuple(work.diagnostics))
    taken = [document for document in baseline if document in work.chosen or document in work.selecting]
    work.diagnostics += [found for document in taken for found in _selector_faults(document)]
    if has_errors(work.diagnostics):
        return Checked(value=None, diagnostics=tuple(work.diagnostics))
    objects = tuple(_adopted(document, label) for document in taken)
    return Checked(
        value=AdoptionPlan(label=label, objects=objects, groups=_groups(objects, baseline, label)),
        diagnostics=tuple(work.diagnostics),
    )


class _Pods:
    """The workloads of one namespace, by position.

    Attributes:
        now: the labels of their pods.
        then: with the label that is to be added.
        unsaid: the mask of those that have it in no form.
        chosen: the mask of those that are to have it.
    """

    def __init__(self, workloads: Sequence[Document], label: str) -> None:
        self.workloads = workloads
        labels = [pod_labels(workload) for workload in workloads]
        self.now = LabelMasks(labels)
        self.then = LabelMasks([{**each, label: ORIGINAL} for each in labels])
        self.unsaid = mask_of([at for at, each in enumerate(labels) if label not in each])
        self.chosen = 0
        self._at = {workload: at for at, workload in enumerate(workloads)}

    def choose(self, workload: Document) -> None:
        """Add a workload to those that are to have the label."""
        self.chosen |= 1 << self._at[workload]


class _Work:
    """The choice in the making."""

    def __init__(self, baseline: Sequence[Document], wanted: Sequence[str], label: str) -> None:
        self.baseline, self.wanted, self.label = baseline, wanted, label
        self.workloads = [document for document in baseline if is_workload(document)]
        self.chosen: dict[Document, None] = {}
        within: dict[str, list[Document]] = {}
        for workload in self.workloads:
            within.setdefault(workload.identity.namespace, []).append(workload)
        self.pods = {namespace: _Pods(workloads, label) for namespace, workloads in within.items()}
        self.selecting: dict[Document, None] = {}
        self.diagnostics: list[Diagnostic] = []

    def choose(self) -> None:
        """Take the workloads that are wanted, and refuse those that cannot have the label."""
        names = {name: None for workload in self.workloads for name in _names(workload)}
        missing = [name for name in self.wanted if name not in names]
        gone = tuple(removed_workloads(self.baseline, missing)) if missing or not names else ()
        self.diagnostics += gone
        if not names and not gone:
            self.diagnostics.append(
                Diagnostic(
                    code="GC303",
                    message="no file holds a workload",
                    help="name the manifests of Deployments, StatefulSets and the like, with their Services",
                )
            )
        told = {word for item in gone for word in (item.object, item.object.rpartition("/")[2])}
        for name in missing:
            if name not in told:
                self.diagnostics.append(
                    Diagnostic(
                        code="GC301",
                        message=f"no file holds a workload `{name}`",
                        help=did_you_mean(name, list(names), noun="workload"),
                    )
                )
        for workload in self.workloads:
            named = any(name in self.wanted for name in _names(workload))
            if named or (not self.wanted and _is_asked_for(workload)):
                self._take(workload)

    def close(self) -> None:
        """Take all that selects pods of the chosen workloads; a selector that finds others too needs those as well."""
        before = -1
        while before != len(self.chosen):
            before = len(self.chosen)
            for document in self.baseline:
                field = POD_SELECTORS.get(document.identity.group_kind)
                if field is not None and field.use is not SelectorUse.POLICY and document not in self.selecting:
                    self._follow(document, field)

    def _take(self, workload: Document) -> None:
        problem = _unfit(workload, self.label)
        if problem is not None:
            self.diagnostics.append(problem)
        self.chosen[workload] = None
        self.pods[workload.identity.namespace].choose(workload)

    def _follow(self, document: Document, field: SelectorField) -> None:
        selector = get(document.data, field.path)
        pods = self.pods.get(document.identity.namespace)
        if pods is None:
            return
        now, then = pods.now.selected(field, selector), pods.then.selected(field, selector)
        lost = first_in(now & pods.chosen & ~then)
        if lost is not None:
            self.diagnostics.append(_rules_out(document, field, pods.workloads[lost], self.label))
            return
        if is_workload(document) and document in self.chosen:
            return
        if not then & pods.chosen:
            return
        if _leaves_gray_out(document, field, self.label):
            if not is_workload(document):
                self.selecting[document] = None
            return
        others = [document] if is_workload(document) else []
        others += [pods.workloads[at] for at in positions_in(now & ~pods.chosen & pods.unsaid)]
        # A Job's pods go with what selects them: nobody would think of naming it.
        plain = [item for item in others if not _is_asked_for(item)]
        for item in others if not self.wanted else plain:
            self._take(item)
        left = [item for item in others if item not in self.chosen]
        if left:
            self.diagnostics.append(_needs_others(document, field, left, self.wanted))
        if not is_workload(document):
            self.selecting[document] = None


def _is_asked_for(workload: Document) -> bool:
    """Tell whether a workload gets the label where nobody names it: it owns pods by a selector, or gets a gray copy."""
    group_kind = workload.identity.group_kind
    return group_kind in POD_SELECTORS or kind_row(group_kind).policy is Policy.COPY


def _names(workload: Document) -> tuple[str, str]:
    return (workload.identity.name, workload.identity.ref)


def _labels(workload: Document, label: str) -> dict[str, object]:
    return {**pod_labels(workload), label: ORIGINAL}


def _maps(document: Document) -> list[Path]:
    """Return the mappings of an object that hold the label when all is done, in the order of the text."""
    group_kind = document.identity.group_kind
    maps: list[Path] = []
    field = POD_SELECTORS.get(group_kind)
    if field is not None and (not is_workload(document) or get_map(document.data, field.path)):
        maps.append(field.labels)
    workload = WORKLOADS.get(group_kind)
    if workload is not None and has_own_pods(document):
        maps.append((*workload.template, "metadata", "labels"))
    return maps


def _adopted(document: Document, label: str) -> Adopted:
    data, missing = document.data, []
    for path in _maps(document):
        entries = get_map(data, path)
        if label in entries:
            continue
        field = POD_SELECTORS.get(document.identity.group_kind)
        if field is not None and not is_workload(document) and _leaves_gray_out(document, field, label):
            continue
        missing.append(path)
        data = put(data, path, {**entries, label: ORIGINAL})
    row = ADOPTIONS[document.identity.group_kind] if is_workload(document) else None
    way = row.way if row is not None else None
    by_hand = _by_hand(document) if way is not None else ""
    patch: dict[str, object] = {}
    for path in _maps(document):
        patch = put(patch, path, {label: ORIGINAL})
    if way is Way.BESIDE and get(document.data, ("spec", "strategy", "type")) == "Recreate":
        way = Way.REPLACE
    return Adopted(
        document=document,
        data=data,
        missing=tuple(missing),
        fields=tuple(show_path(path) for path in missing),
        patch=patch,
        selector=_selector_text(document, label),
        row=row,
        way=Way.BY_HAND if by_hand else way,
        by_hand=by_hand,
    )


def _selector_faults(document: Document) -> Iterator[Diagnostic]:
    """Yield the words of a selector that are none of a label: kubectl would read another selector in them."""
    field = POD_SELECTORS.get(document.identity.group_kind)
    if field is None:
        return
    labels = get_map(document.data, field.labels)
    asked: list[tuple[Path, object, list[object]]] = [
        ((*field.labels, key), key, [value]) for key, value in labels.items()
    ]
    for position, item in enumerate(get_list(document.data, (*field.path, "matchExpressions"))):
        place: Path = (*field.path, "matchExpressions", position)
        asked.append((place, get(item, ("key",)), get_list(item, ("values",))))
    for place, key, values in asked:
        wrong: list[str] = [key] if isinstance(key, str) and not is_label_key(key) else []
        wrong += [value for value in values if isinstance(value, str) and not is_label_value(value)]
        if wrong:
            yield at_object(
                document,
                place,
                code="GC405",
                message=f"`{document.identity.ref}` selects by `{wrong[0][:_SHOWN]}`, which is not a label: a key "
                f"and a value have {LABEL_VALUE_WORDS}; a domain and `/` may stand before a key",
                help="write the selector that the object has in the cluster, which takes no other",
            )


def _selector_text(document: Document, label: str) -> str:
    """Return the selector that finds an object's pods before it has the label, in kubectl's words.

    Source: Kubernetes, "Labels and Selectors", set-based requirements.
    """
    field = POD_SELECTORS.get(document.identity.group_kind)
    if field is None:
        return ""
    selector = get_map(document.data, field.path)
    labels = get_map(document.data, field.labels)
    parts = [f"{key}={value}" for key, value in labels.items() if key != label]
    for item in get_list(selector, ("matchExpressions",)):
        key, values = get_text(item, ("key",)), ",".join(map(str, get_list(item, ("values",))))
        match get_text(item, ("operator",)):
            case "In":
                parts.append(f"{key} in ({values})")
            case "NotIn":
                parts.append(f"{key} notin ({values})")
            case "Exists":
                parts.append(key)
            case "DoesNotExist":
                parts.append(f"!{key}")
            case _:
                pass
    return ",".join(parts)


def _leaves_gray_out(document: Document, field: SelectorField, label: str) -> bool:
    """Tell whether a selector asks for `original` already, as a plain label or in an expression."""
    selector = get_map(document.data, field.path)
    labels = get_map(document.data, field.labels)
    return label in labels or any(
        get_text(item, ("key",)) == label
        and get_text(item, ("operator",)) == "In"
        and get_list(item, ("values",)) == [ORIGINAL]
        for item in get_list(selector, ("matchExpressions",))
    )


def _by_hand(workload: Document) -> str:
    """Return why no order of steps is safe for a workload, "" where one is."""
    group_kind = workload.identity.group_kind
    if group_kind == (ARGO, "Rollout"):
        strategy = get_map(workload.data, ("spec", "strategy"))
        canary = get_map(strategy, ("canary",))
        if not has_own_pods(workload):
            return "its pods are those of a Deployment that it names"
        if "blueGreen" in get_map(workload.data, ("spec", "strategy")) or {"stableService", "trafficRouting"} & set(
            canary
        ):
            return "its controller writes into the selectors of its Services, which must not change meanwhile"
    if group_kind == (KRUISE, "CloneSet") and get_list(workload.data, ("spec", "volumeClaimTemplates")):
        return "its pods have volumes of their own, which new pods beside them would not get"
    return ""


def _unfit(workload: Document, label: str) -> Diagnostic | None:
    """Return why a workload cannot be adopted, None where it can."""
    row, field = WORKLOADS[workload.identity.group_kind], POD_SELECTORS.get(workload.identity.group_kind)
    elsewhere = not has_own_pods(workload)
    needed: tuple[Path, ...] = (row.selector, row.template)
    for path in needed:
        if path and not get_map(workload.data, path) and not elsewhere:
            return at_object(
                workload,
                path,
                code="GC342",
                message=f"`{workload.identity.ref}` has no `{show_path(path)}`",
                help="a patch of a kustomization holds a part of an object only: name the file with the whole one, "
                "and leave this one out",
            )
    for path in _maps(workload):
        found = get_map(workload.data, path).get(label, ORIGINAL)
        if found != ORIGINAL:
            return at_object(
                workload,
                (*path, label),
                code="GC340",
                message=f"`{workload.identity.ref}` says `{label}: {found}`, not `{ORIGINAL}`",
                help="a gray copy is no baseline: leave the output of a release out; if production runs with this "
                f"value, write `{ORIGINAL}` yourself",
            )
    selector = get(workload.data, field.path) if field is not None else None
    if (
        field is not None
        and selects(field, selector, pod_labels(workload))
        and not selects(field, selector, _labels(workload, label))
    ):
        return _rules_out(workload, field, workload, label)
    return None


def _rules_out(document: Document, field: SelectorField, workload: Document, label: str) -> Diagnostic:
    return at_object(
        document,
        field.path,
        code="GC340",
        message=f"`{document.identity.ref}` would not select pods of `{workload.identity.ref}` any more: its selector "
        f"rules `{label}: {ORIGINAL}` out",
        help=f"take the expression about `{label}` out of the selector",
    )


def _needs_others(
    document: Document, field: SelectorField, others: list[Document], wanted: Sequence[str]
) -> Diagnostic:
    names = [item.identity.name for item in others]
    shown = ", ".join(f"`{item.identity.ref}`" for item in others)
    whom = "pods of the workloads that are named" if document in others else f"pods of {shown}"
    return at_object(
        document,
        field.path,
        code="GC341",
        message=f"`{document.identity.ref}` also selects {whom}, and would have to change with them"
        if document in others
        else f"`{document.identity.ref}` also selects {whom}, which would not have the label that it asks for",
        notes=tuple(Note(message=f"`{item.identity.ref}` is not named", span=item.span()) for item in others),
        help="name them too: " + " ".join(f"`-s {name}`" for name in dict.fromkeys((*wanted, *names))),
    )


def _groups(objects: Sequence[Adopted], baseline: Sequence[Document], label: str) -> tuple[Group, ...]:
    """Return the objects in groups; what selects pods joins the groups of all workloads that it selects."""
    order = {document: at for at, document in enumerate(baseline)}
    parts = [item for item in objects if item.way is not None]
    masks = LabelMasks([_labels(item.document, label) for item in parts])
    within: dict[str, list[int]] = {}
    for at, item in enumerate(parts):
        within.setdefault(item.document.identity.namespace, []).append(at)
    there = {namespace: mask_of(found) for namespace, found in within.items()}
    joined: list[tuple[int, list[Adopted]]] = [(1 << at, []) for at in range(len(parts))]
    for item in objects:
        if item.way is not None:
            continue
        field = POD_SELECTORS[item.document.identity.group_kind]
        whole = there.get(item.document.identity.namespace, 0) & masks.selected(field, get(item.data, field.path))
        own, selecting, kept = whole, [item], []
        for group in joined:
            if group[0] & own:
                whole |= group[0]
                selecting[:0] = group[1]
            else:
                kept.append(group)
        joined = [*kept, (whole, selecting)]
    groups = [([parts[at] for at in positions_in(mask)], selecting) for mask, selecting in joined]
    scaling = [document for document in baseline if document.identity.group_kind in SCALERS]
    made = [
        Group(
            namespace=workloads[0].document.identity.namespace,
            workloads=tuple(sorted(workloads, key=lambda item: order[item.document])),
            # Requests first: a PodDisruptionBudget may count both sets of pods for a while.
            selecting=tuple(
                sorted(selecting, key=lambda item: (item.document.identity.kind != "Service", order[item.document]))
            ),
            scalers={_ref(item): found for item in workloads if (found := _scalers(item, scaling))},
        )
        for workloads, selecting in groups
    ]
    return tuple(sorted(made, key=lambda group: order[group.workloads[0].document]))


def _ref(item: Adopted) -> tuple[str, str]:
    return (item.document.identity.kind, item.document.identity.name)


def _scalers(item: Adopted, scaling: Sequence[Document]) -> tuple[Document, ...]:
    identity = item.document.identity
    return tuple(
        document
        for document in scaling
        if document.identity.namespace == identity.namespace
        and get_text(document.data, SCALE_TARGET) == identity.name
        and get_text(document.data, (*SCALE_TARGET[:-1], "kind")) in ("", identity.kind)
    )
