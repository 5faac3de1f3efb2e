"""Who names whom, and who selects whom, in a set of objects."""

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import assert_never

from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.hosts import read_address, read_host
from grayc.k8s.kinds import CLUSTER_SCOPED, KINDS, GroupKind
from grayc.k8s.pod_templates import CONTAINER_LISTS, TEMPLATE_ELSEWHERE, WORKLOADS
from grayc.k8s.references import DEFAULT_TARGET, REFERENCES, RESOURCE_KINDS, Form, Pattern, Use, read_pattern
from grayc.k8s.references import Reference as Row
from grayc.k8s.selectors import matches_map
from grayc.plan.model import key_of
from grayc.records import dataclass
from grayc.spec.model import ReleaseSpec


@dataclass(frozen=True, slots=True)
class Reference:
    """One field of one object that names another.

    Attributes:
        path: the field.
        start: where the name starts in the field's text; it ends at `start + len(target.name)`.
    """

    path: Path
    target: ObjectKey
    start: int
    row: Row


def references_of(document: Document, spec: ReleaseSpec) -> Iterator[Reference]:
    """Yield every field of an object that names another, by the table of `k8s.references` and `spec.references`.

    What a controller makes from the object is no reference: see `made_by`.
    """
    return (reference for reference in _named_by(document, spec) if reference.row.use is not Use.MAKE)


def made_by(document: Document, spec: ReleaseSpec) -> Iterator[ObjectKey]:
    """Yield the objects that a controller makes from this one, as from an ExternalSecret its Secret."""
    if document.identity.group_kind not in _MAKE:
        return iter(())
    return (reference.target for reference in _named_by(document, spec) if reference.row.use is Use.MAKE)


_MAKE = frozenset(kind for kind, rows in REFERENCES.items() if any(row.use is Use.MAKE for row in rows))


def _named_by(document: Document, spec: ReleaseSpec) -> Iterator[Reference]:
    group_kind = document.identity.group_kind
    rows = REFERENCES.get(group_kind, ())
    if spec.references:
        rows = (*rows, *rows_of_spec(spec, group_kind))
    if not rows:
        return
    own = document.identity.namespace or spec.namespace or ""
    found = list(_walk(document.data, _tree_of(group_kind, rows), ()))
    # In the order of the rows, whatever the order of the fields.
    found.sort(key=itemgetter(0))
    for at, path, value in found:
        row = rows[at]
        beside = get_text(document.data, (*path[:-1], row.namespace_field)) or own
        targets = _targets(row, document, path)
        for name, namespace, start in _names(row.form, value):
            for target in targets:
                home = "" if target in CLUSTER_SCOPED else namespace or beside
                yield Reference(path, ObjectKey(group_kind=target, namespace=home, name=name), start, row)


class _Tree:
    """Rows by their steps, so that an object is walked once for all of them.

    Attributes:
        ends: positions of the rows whose pattern ends here.
    """

    __slots__ = ("below", "ends")

    def __init__(self) -> None:
        self.below: dict[str, _Tree] = {}
        self.ends: list[int] = []


_TREES: dict[GroupKind, tuple[tuple[Row, ...], _Tree]] = {}
"""Kind → rows and their tree, as last asked for; the rows tell whether it still holds."""


def _tree_of(group_kind: GroupKind, rows: tuple[Row, ...]) -> _Tree:
    known = _TREES.get(group_kind)
    if known is not None and known[0] is rows:
        return known[1]
    root = _Tree()
    for at, row in enumerate(rows):
        node = root
        for step in row.pattern:
            node = node.below.setdefault(step, _Tree())
        node.ends.append(at)
    _TREES[group_kind] = (rows, root)
    return root


def _walk(value: object, node: _Tree, path: Path) -> Iterator[tuple[int, Path, str]]:
    """Yield row, path and text of every field that a row names and that holds a text."""
    if isinstance(value, str):
        if value:
            for at in node.ends:
                yield at, path, value
    elif isinstance(value, dict):
        every = node.below.get(".*")
        for step, item in value.items():
            below = node.below.get(step)
            if below is not None:
                yield from _walk(item, below, (*path, step))
            if every is not None:
                yield from _walk(item, every, (*path, step))
    elif isinstance(value, list):
        below = node.below.get("[*]")
        if below is not None:
            for at, item in enumerate(value):
                yield from _walk(item, below, (*path, at))


def fields_named(
    documents: Iterable[Document], rows: Sequence[tuple[str | None, Pattern]]
) -> frozenset[tuple[str | None, Pattern]]:
    """Return those rows, each an API group or None for any and a field, whose field holds a text in some document."""
    root = _Tree()
    for at, (_, pattern) in enumerate(rows):
        node = root
        for step in pattern:
            node = node.below.setdefault(step, _Tree())
        node.ends.append(at)
    return frozenset(
        rows[at]
        for document in documents
        for at, _, _ in _walk(document.data, root, ())
        if rows[at][0] in {None, document.identity.group}
    )


def rows_of_spec(spec: ReleaseSpec, group_kind: GroupKind) -> Iterator[Row]:
    """Yield the rows that the release adds for a kind."""
    for added in spec.references:
        if added.kind == group_kind[1] and added.group in (None, group_kind[0]):
            yield Row(read_pattern(added.field), _kind_of_spec(spec, added.to, group_kind[0]))


def _kind_of_spec(spec: ReleaseSpec, kind: str, group: str) -> GroupKind:
    """Return the kind that `to` means: a known one, else one that the release gives a group, else one of `group`."""
    known = next((known for known in KINDS if known[1] == kind), None)
    if known is not None:
        return known
    return (next((row.group for row in spec.references if row.kind == kind and row.group is not None), group), kind)


def _names(form: Form, value: str) -> Iterator[tuple[str, str, int]]:
    """Yield name, namespace (or "") and start of every name in a value."""
    match form:
        case Form.NAME | Form.RESOURCE:
            yield value, "", 0
        case Form.NAMESPACED:
            namespace, slash, name = value.rpartition("/")
            yield name, namespace, len(namespace) + len(slash)
        case Form.LIST:
            for item in re.finditer(r"[^,\s]+", value):
                yield item[0], "", item.start()
        case Form.HOST | Form.URL:
            host = read_host(value) if form is Form.HOST else read_address(value)
            if host is not None:
                yield host.name, host.namespace, host.start
        case Form.KUMA:
            tag = re.fullmatch(r"(.+?)_(.+)_svc(?:_\d+)?", value)
            yield (tag[1], tag[2], 0) if tag else (value, "", 0)
        case _:
            assert_never(form)


def _targets(row: Row, document: Document, path: Path) -> tuple[GroupKind, ...]:
    if row.form is Form.RESOURCE:
        return _resources(document, path)
    if row.flag is not None and get(document.data, (*path[:-1], row.flag[0])) is True:
        return (row.flag[1],)
    return (row.target or sibling_target(document, path, row.default),)


def _resources(document: Document, path: Path) -> tuple[GroupKind, ...]:
    """Return the kinds of the RBAC rule that names the object at `path`."""
    rule = path[:-2]
    groups = get_list(document.data, (*rule, "apiGroups"))
    resources = get_list(document.data, (*rule, "resources"))
    return tuple(
        kind for (group, resource), kind in RESOURCE_KINDS.items() if group in groups and resource in resources
    )


def sibling_target(document: Document, path: Path, default: GroupKind = DEFAULT_TARGET) -> GroupKind:
    """Return the kind that the fields beside a name tell, as a HorizontalPodAutoscaler's `scaleTargetRef` does."""
    beside = get_map(document.data, path[:-1])
    kind = get_text(beside, ("kind",)) or default[1]
    for key in ("apiGroup", "group"):
        if isinstance(beside.get(key), str):
            return (str(beside[key]), kind)
    version = get_text(beside, ("apiVersion",))
    return (version.rpartition("/")[0], kind) if version else (default[0], kind)


def is_workload(document: Document) -> bool:
    """Tell whether an object has a pod template."""
    return document.identity.group_kind in WORKLOADS


def template_holder(document: Document, spec: ReleaseSpec) -> ObjectKey | None:
    """Return the object whose pod template a workload takes, as a Rollout with `workloadRef`; None for all others."""
    path = TEMPLATE_ELSEWHERE.get(document.identity.group_kind)
    if path is None or get(document.data, ("spec", "template")) is not None or not get_map(document.data, path):
        return None
    at = (*path, "name")
    return ObjectKey(
        group_kind=sibling_target(document, at),
        namespace=key_of(spec, document.identity).namespace,
        name=get_text(document.data, at),
    )


def has_own_pods(document: Document) -> bool:
    """Tell whether an object has a pod template of its own."""
    path = TEMPLATE_ELSEWHERE.get(document.identity.group_kind)
    return is_workload(document) and (
        path is None or get(document.data, ("spec", "template")) is not None or not get_map(document.data, path)
    )


def pod_labels(document: Document) -> dict[str, object]:
    """Return the labels of a workload's pods."""
    workload = WORKLOADS[document.identity.group_kind]
    return get_map(document.data, (*workload.template, "metadata", "labels"))


def containers_of(document: Document) -> Iterator[tuple[Path, dict[str, object]]]:
    """Yield path and container for every container of a workload, init and ephemeral ones included."""
    pods: Path = (*WORKLOADS[document.identity.group_kind].template, "spec")
    spec = get_map(document.data, pods)
    for name in CONTAINER_LISTS:
        containers = spec.get(name)
        if isinstance(containers, list):
            yield from (((*pods, name, at), each) for at, each in enumerate(containers) if is_mapping(each))


def main_containers_of(document: Document) -> Iterator[tuple[Path, dict[str, object]]]:
    """Yield path and container for the containers of a workload that run as long as its pods: no init containers."""
    return (each for each in containers_of(document) if "initContainers" not in each[0])


class LabelIndex:
    """Pods by label, so that a selector is compared with few of them.

    Built over (labels, owner) pairs; `candidates` gives, in the order of building, the owners that may match a
    selector of plain labels: those that have its rarest label.
    """

    def __init__(self, workloads: Iterable[Document]) -> None:
        self._all = tuple(workloads)
        self._by_label: dict[tuple[str, object], list[Document]] = {}
        for workload in self._all:
            for key, value in pod_labels(workload).items():
                if isinstance(value, str):
                    self._by_label.setdefault((key, value), []).append(workload)

    def candidates(self, match_labels: dict[str, object]) -> tuple[Document, ...]:
        """Return the workloads that carry the rarest of these labels; all where there are none."""
        if not match_labels:
            return self._all
        found = [
            tuple(self._by_label.get((key, value), ())) for key, value in match_labels.items() if isinstance(value, str)
        ]
        return min(found, key=len, default=())

    def selected_by(self, service: Document, spec: ReleaseSpec) -> list[Document]:
        """Return the workloads whose pods a Service selects; without a selector it finds none."""
        selector = get_map(service.data, ("spec", "selector"))
        namespace = key_of(spec, service.identity).namespace
        return [
            workload
            for workload in (self.candidates(selector) if selector else ())
            if key_of(spec, workload.identity).namespace == namespace and matches_map(selector, pod_labels(workload))
        ]


def reference_index(documents: Iterable[Document], spec: ReleaseSpec) -> dict[ObjectKey, list[Document]]:
    """Return for every object that is named: the objects that name it, in order."""
    index: dict[ObjectKey, list[Document]] = {}
    for document in documents:
        for reference in references_of(document, spec):
            namers = index.setdefault(reference.target, [])
            if not namers or namers[-1] is not document:
                namers.append(document)
    return index


__all__ = [
    "LabelIndex",
    "Reference",
    "containers_of",
    "fields_named",
    "has_own_pods",
    "is_workload",
    "key_of",
    "made_by",
    "main_containers_of",
    "pod_labels",
    "reference_index",
    "references_of",
    "rows_of_spec",
    "sibling_target",
    "template_holder",
]
