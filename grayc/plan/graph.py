"""Who names whom, and who selects whom, in a set of objects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grayc.documents import Document, Path
from grayc.documents.tree import get_map, get_text, is_mapping, matches
from grayc.k8s.kinds import GroupKind
from grayc.k8s.pod_templates import CONTAINER_LISTS, WORKLOADS
from grayc.k8s.references import DEFAULT_TARGET, REFERENCES
from grayc.plan.model import ObjectKey, group_kind_of, key_of
from grayc.spec.model import ReleaseSpec


@dataclass(frozen=True, slots=True)
class Reference:
    """One field of one object that names another."""

    path: Path
    target: ObjectKey


def references_of(document: Document, spec: ReleaseSpec) -> Iterator[Reference]:
    """Yield every field of an object that names another, by the table of `k8s.references`."""
    namespace = document.identity.namespace or spec.namespace or ""
    for row in REFERENCES.get(group_kind_of(document.identity), ()):
        for path, value in matches(document.data, row.pattern):
            if isinstance(value, str) and value:
                target = row.target or sibling_target(document, path)
                yield Reference(path, ObjectKey(group_kind=target, namespace=namespace, name=value))


def sibling_target(document: Document, path: Path) -> GroupKind:
    """Return the kind that the fields beside a name tell, as a HorizontalPodAutoscaler's `scaleTargetRef` does."""
    beside = get_map(document.data, path[:-1])
    kind = get_text(beside, ("kind",))
    if not kind:
        return DEFAULT_TARGET
    return (get_text(beside, ("apiVersion",)).rpartition("/")[0], kind)


def is_workload(document: Document) -> bool:
    """Tell whether an object has a pod template."""
    return group_kind_of(document.identity) in WORKLOADS


def pod_labels(document: Document) -> dict[str, object]:
    """Return the labels of a workload's pods."""
    workload = WORKLOADS[group_kind_of(document.identity)]
    return get_map(document.data, (*workload.template, "metadata", "labels"))


def containers_of(document: Document) -> Iterator[tuple[Path, dict[str, object]]]:
    """Yield path and container for every container of a workload, init and ephemeral ones included."""
    template = WORKLOADS[group_kind_of(document.identity)].template
    for name in CONTAINER_LISTS:
        for path, container in matches(document.data, (*template, "spec", name, "[*]")):
            if is_mapping(container):
                yield path, container


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
    "is_workload",
    "key_of",
    "pod_labels",
    "reference_index",
    "references_of",
    "sibling_target",
]
