"""Every selector of an object with the namespaces that it looks in, and pods by label, so that each meets but few."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from grayc.analysis.graph import has_own_pods, pod_labels
from grayc.analysis.label_masks import LabelMasks, mask_of, positions_in
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, matches
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import POD_SELECTORS_INSIDE, WORKLOADS
from grayc.k8s.selectors import (
    INSIDE_PODS,
    POD_SELECTORS,
    ROOT_NAMESPACE,
    SERVICE_SELECTORS,
    Scope,
    SelectorField,
    SelectorStyle,
    SelectorUse,
    matches_label_selector,
    selects,
)
from grayc.records import dataclass

_SELECTING = frozenset((*POD_SELECTORS, *SERVICE_SELECTORS, *WORKLOADS))
"""Kinds that have a selector."""

_NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Label of every Namespace, its name. Source: Kubernetes, "Namespaces", automatic labelling."""


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Where a selector looks.

    Attributes:
        names: these; None where `selector` or nothing decides.
        selector: a LabelSelector over labels of Namespaces; None where there is none.
    """

    names: frozenset[str] | None = None
    selector: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """One selector of one object.

    Attributes:
        path: the selector, where it has one.
        of_services: it looks for Services, not for pods.
        is_hard: of a placement: pods that break it are not scheduled.
    """

    document: Document
    path: Path
    field: SelectorField
    value: object
    namespaces: Namespaces
    of_services: bool = False
    is_hard: bool = True

    @property
    def use(self) -> SelectorUse:
        """What being selected means."""
        return self.field.use


@dataclass(frozen=True, slots=True)
class Selectable:
    """What a selector may find: the pods of a workload, or a Service."""

    document: Document
    namespace: str
    labels: Mapping[str, object]


@lru_cache(maxsize=8)
def all_selections(documents: tuple[Document, ...]) -> tuple[Selection, ...]:
    """Return every selector of objects, in their order; passes and checks of all releases ask the same baseline."""
    return tuple(selection for document in documents for selection in selections(document))


def selections(document: Document) -> Iterator[Selection]:
    """Yield every selector of an object, those inside its pod template last.

    Source: the tables of `k8s.selectors` and `k8s.pod_templates`.
    """
    kind = document.identity.group_kind
    if kind not in _SELECTING:
        return
    field = POD_SELECTORS.get(kind)
    of_services = field is None
    if field is None:
        field = SERVICE_SELECTORS.get(kind)
    value = get(document.data, field.path) if field is not None else None
    if field is not None and not (field.is_optional and value is None):
        yield Selection(
            document,
            field.path,
            field,
            value,
            _namespaces(document, field),
            of_services=of_services,
        )
    workload = WORKLOADS.get(kind)
    if workload is None:
        return
    pod = get_map(document.data, (*workload.template, "spec"))
    if "affinity" not in pod and "topologySpreadConstraints" not in pod:
        return
    own = document.identity.namespace
    for pattern in POD_SELECTORS_INSIDE:
        for path, value in matches(pod, pattern):
            around = get_map(pod, path[:-1])
            yield Selection(
                document,
                (*workload.template, "spec", *path),
                INSIDE_PODS,
                value,
                _of_term(around, own),
                is_hard=_is_hard(path, around),
            )


def own_placements(document: Document) -> tuple[Selection, ...]:
    """Return the selectors inside a workload's pod template that look for its own pods."""
    labels = pod_labels(document)
    own = document.identity.namespace
    return tuple(
        item
        for item in selections(document)
        if item.use is SelectorUse.PLACEMENT
        and covers(item.namespaces, own, {})
        and selects(item.field, item.value, labels)
    )


def _is_hard(path: Path, around: Mapping[str, object]) -> bool:
    """Tell whether pods wait where they cannot be placed so.

    Source: core/v1 TopologySpreadConstraint: `whenUnsatisfiable` is `DoNotSchedule` unless it says otherwise.
    """
    if path[0] == "topologySpreadConstraints":
        return around.get("whenUnsatisfiable") != "ScheduleAnyway"
    return "requiredDuringSchedulingIgnoredDuringExecution" in path


def _of_term(term: Mapping[str, object], own: str) -> Namespaces:
    """Return where a term of a pod's affinity looks.

    Source: core/v1 PodAffinityTerm: `namespaces` and those of `namespaceSelector` together; its own where both are
    missing; an empty `namespaceSelector` is all.
    """
    names = [name for name in get_list(term, ("namespaces",)) if isinstance(name, str)]
    selector = term.get("namespaceSelector")
    if is_mapping(selector):
        return Namespaces(frozenset(names), selector)
    return Namespaces(frozenset(names)) if names else _only(own)


def _namespaces(document: Document, field: SelectorField) -> Namespaces:
    own = document.identity.namespace
    match field.scope:
        case Scope.ANY:
            return Namespaces()
        case Scope.MESH if own == ROOT_NAMESPACE:
            return Namespaces()
        case Scope.NAMED:
            named = get_map(document.data, ("spec", "namespaceSelector"))
            if named.get("any") is True:
                return Namespaces()
            names = [name for name in get_list(named, ("matchNames",)) if isinstance(name, str)]
            return Namespaces(frozenset(names)) if names else _only(own)
        case _:
            return _only(own)


@lru_cache(maxsize=1_024)
def _only(namespace: str) -> Namespaces:
    # Thousands of selectors look in their own alone.
    return Namespaces(frozenset((namespace,)))


def covers(namespaces: Namespaces, namespace: str, known: Mapping[str, Mapping[str, object]]) -> bool:
    """Tell whether a selector looks in a namespace; true where its labels would decide and are not known.

    Args:
        known: namespace → its labels.
    """
    names, selector = namespaces.names, namespaces.selector
    if names is None and selector is None:
        return True
    if names is not None and namespace in names:
        return True
    if selector is None:
        return False
    labels = {**known.get(namespace, {}), _NAMESPACE_NAME: namespace}
    if namespace in known:
        return matches_label_selector(selector, labels)
    plain = get_map(selector, ("matchLabels",))
    expressions = get_list(selector, ("matchExpressions",))
    sure = {
        "matchLabels": {key: value for key, value in plain.items() if key == _NAMESPACE_NAME},
        "matchExpressions": [item for item in expressions if get_text(item, ("key",)) == _NAMESPACE_NAME],
    }
    return matches_label_selector(sure, labels)


def namespace_labels(documents: Iterable[Document]) -> dict[str, Mapping[str, object]]:
    """Return namespace → its labels, of the Namespaces among the objects."""
    return {
        document.identity.name: get_map(document.data, ("metadata", "labels"))
        for document in documents
        if document.identity.group_kind == (CORE, "Namespace")
    }


def pods_of(documents: Iterable[Document]) -> tuple[Selectable, ...]:
    """Return the pods of every workload among the objects."""
    return tuple(
        Selectable(document, document.identity.namespace, pod_labels(document))
        for document in documents
        if has_own_pods(document)
    )


def services_of(documents: Iterable[Document]) -> tuple[Selectable, ...]:
    """Return every Service among the objects, with its own labels."""
    return tuple(
        Selectable(document, document.identity.namespace, get_map(document.data, ("metadata", "labels")))
        for document in documents
        if document.identity.group_kind == (CORE, "Service")
    )


class SelectableIndex:
    """Pods or Services by namespace and label, so that no selector is compared with each of them.

    Attributes:
        items: in the order of building.
    """

    def __init__(self, items: Iterable[Selectable], known: Mapping[str, Mapping[str, object]] | None = None) -> None:
        self.items = tuple(items)
        self._known = known or {}
        positions: dict[str, list[int]] = {}
        for at, item in enumerate(self.items):
            positions.setdefault(item.namespace, []).append(at)
        self._in = {namespace: mask_of(found) for namespace, found in positions.items()}
        self._masks = LabelMasks([item.labels for item in self.items])

    def mask(self, field: SelectorField, value: object, namespaces: Namespaces) -> int:
        """Return the positions of what a selector finds in its namespaces, as bits of a number."""
        if (
            not value
            and (value is None or field.style is SelectorStyle.MAP)
            and field.style is not SelectorStyle.FILTER
        ):
            return 0
        only = (
            next(iter(namespaces.names))
            if namespaces.selector is None and namespaces.names is not None and len(namespaces.names) == 1
            else None
        )
        within = self._masks.every if only is None else self._in.get(only, 0)
        mask = within and within & self._masks.selected(field, value)
        if only is not None or (namespaces.names is None and namespaces.selector is None):
            return mask
        for namespace, there in self._in.items():
            if mask & there and not covers(namespaces, namespace, self._known):
                mask &= ~there
        return mask

    def matching(self, field: SelectorField, value: object, namespaces: Namespaces) -> list[Selectable]:
        """Return what a selector finds in its namespaces, in the order of building."""
        return self.at(self.mask(field, value, namespaces))

    def at(self, mask: int) -> list[Selectable]:
        """Return what stands at the positions of a mask, in the order of building."""
        return [self.items[at] for at in positions_in(mask)]

    def selected_by(self, selection: Selection) -> list[Selectable]:
        """Return what one selector of an object finds."""
        return self.matching(selection.field, selection.value, selection.namespaces)

    def mask_of(self, selection: Selection) -> int:
        """Return what one selector of an object finds, as `mask` does."""
        return self.mask(selection.field, selection.value, selection.namespaces)
