"""Choose what a first release of a baseline may look like."""

from collections.abc import Mapping, Sequence

from grayc.analysis.graph import containers_of, is_workload, pod_labels
from grayc.documents import Document
from grayc.documents.tree import get_map, get_text, matches
from grayc.k8s.kinds import CORE, NETWORKING
from grayc.k8s.selectors import POD_SELECTORS, selects
from grayc.records import dataclass, field

_RELEASABLE = ("Deployment", "StatefulSet")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstService:
    """A service of the first spec.

    Attributes:
        images: container name → the image that it has now.
        left: such images that no release may say, as a template has them.
    """

    workload: Document
    images: Mapping[str, str]
    left: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSpec:
    """What the first spec says.

    Attributes:
        others: workloads that could be released too.
        unknown: names that were asked for and are no workload.
        namespace: of all chosen workloads; None where they have several, "" where they have none.
        has_entry: an Ingress leads to a chosen workload.
    """

    services: tuple[FirstService, ...]
    others: tuple[Document, ...]
    unknown: tuple[str, ...]
    namespace: str | None
    has_entry: bool


def choose_first_spec(baseline: Sequence[Document], wanted: Sequence[str]) -> FirstSpec:
    """Return a first release of the `wanted` workloads; of none, one that an Ingress leads to, or the first."""
    workloads = [document for document in baseline if is_workload(document) and document.identity.kind in _RELEASABLE]
    behind = _behind_an_ingress(baseline, workloads)
    if wanted:
        chosen = [workload for name in wanted for workload in workloads if name in _names(workload)]
    else:
        chosen = (behind or workloads)[:1]
    known = {name for workload in workloads for name in _names(workload)}
    namespaces = {workload.identity.namespace for workload in chosen}
    return FirstSpec(
        services=tuple(_service(workload) for workload in chosen),
        others=tuple(workload for workload in workloads if workload not in chosen),
        unknown=tuple(name for name in wanted if name not in known),
        namespace=next(iter(namespaces)) if len(namespaces) == 1 else None,
        has_entry=any(workload in behind for workload in chosen),
    )


def _names(workload: Document) -> tuple[str, str]:
    return (workload.identity.name, workload.identity.ref)


def _service(workload: Document) -> FirstService:
    images = {
        get_text(container, ("name",)): get_text(container, ("image",)) for _, container in containers_of(workload)
    }
    return FirstService(
        workload=workload,
        images=images,
    )


def _behind_an_ingress(baseline: Sequence[Document], workloads: list[Document]) -> list[Document]:
    """Return the workloads whose Service an Ingress names, in order of place."""
    named = {
        (document.identity.namespace, name)
        for document in baseline
        if document.identity.group_kind == (NETWORKING, "Ingress")
        for _, name in matches(
            document.data, ("spec", "rules", "[*]", "http", "paths", "[*]", "backend", "service", "name")
        )
    }
    selector_field = POD_SELECTORS[(CORE, "Service")]
    selectors = [
        (document.identity.namespace, get_map(document.data, selector_field.path))
        for document in baseline
        if document.identity.group_kind == (CORE, "Service")
        and (document.identity.namespace, document.identity.name) in named
    ]
    return [
        workload
        for workload in workloads
        if any(
            namespace == workload.identity.namespace and selects(selector_field, selector, pod_labels(workload))
            for namespace, selector in selectors
        )
    ]
