"""Choose what a first release of a baseline may look like."""

from collections.abc import Mapping, Sequence

from grayc.analysis.graph import containers_of, is_workload, pod_labels
from grayc.analysis.routes import with_routes
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.first_spec.guess import Guess, guess, routes_of
from grayc.k8s.kinds import CORE
from grayc.k8s.selectors import POD_SELECTORS, selects
from grayc.k8s.stores import product_of_image, product_of_port
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
        way: how requests come to a chosen workload, and what carries the lane's tag from there.
    """

    services: tuple[FirstService, ...]
    others: tuple[Document, ...]
    unknown: tuple[str, ...]
    namespace: str | None
    way: Guess


def choose_first_spec(baseline: Sequence[Document], wanted: Sequence[str]) -> FirstSpec:
    """Return a first release of the `wanted` workloads; of none, one reached from outside, or one that is no store."""
    workloads = [document for document in baseline if _is_releasable(document)]
    seen = with_routes(baseline)
    services = _services_of(seen)
    routes = routes_of(seen)
    led = frozenset().union(*(each for _, each in routes))
    behind = [workload for workload in workloads if led & services[workload.place]]
    if wanted:
        chosen = [workload for name in wanted for workload in workloads if name in _names(workload)]
    else:
        outside = _outside(seen)
        shown = [workload for workload in workloads if outside & services[workload.place]]
        own = [each for each in workloads if not _is_store(each)]
        chosen = [*behind, *shown, *own, *workloads][:1]
    known = {name for workload in workloads for name in _names(workload)}
    namespaces = {workload.identity.namespace for workload in chosen}
    named = frozenset().union(*(services[workload.place] for workload in chosen))
    entries = [route for route, each in routes if each & named]
    return FirstSpec(
        services=tuple(_service(workload) for workload in chosen),
        others=tuple(workload for workload in workloads if workload not in chosen),
        unknown=tuple(name for name in wanted if name not in known),
        namespace=next(iter(namespaces)) if len(namespaces) == 1 else None,
        way=guess(baseline, entries),
    )


def _outside(baseline: Sequence[Document]) -> frozenset[tuple[str, str]]:
    """Return the Services that are open to the outside by themselves, by namespace and name."""
    return frozenset(
        (document.identity.namespace, document.identity.name)
        for document in baseline
        if document.identity.group_kind == (CORE, "Service")
        and get_text(document.data, ("spec", "type")) in ("LoadBalancer", "NodePort")
    )


def _is_releasable(document: Document) -> bool:
    return is_workload(document) and document.identity.kind in _RELEASABLE


def _is_store(workload: Document) -> bool:
    """Tell whether a workload runs a database, cache or the like: nobody's first gray release."""
    return any(
        product_of_image(get_text(container, ("image",)))
        or any(product_of_port(get(port, ("containerPort",))) for port in get_list(container, ("ports",)))
        for _, container in containers_of(workload)
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


def _services_of(baseline: Sequence[Document]) -> dict[tuple[str, int, Path], frozenset[tuple[str, str]]]:
    """Return the Services that select each workload's pods, by its place; of each its namespace and name."""
    selecting = POD_SELECTORS[(CORE, "Service")]
    selectors = [
        (document.identity.namespace, document.identity.name, get_map(document.data, selecting.path))
        for document in baseline
        if document.identity.group_kind == (CORE, "Service")
    ]
    return {
        workload.place: frozenset(
            (namespace, name)
            for namespace, name, selector in selectors
            if namespace == workload.identity.namespace and selects(selecting, selector, pod_labels(workload))
        )
        for workload in baseline
        if _is_releasable(workload)
    }
