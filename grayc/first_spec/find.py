"""Choose what a first release of a baseline may look like."""

from collections.abc import Mapping, Sequence

from grayc.analysis.addresses import Reading
from grayc.analysis.agents import image_name
from grayc.analysis.graph import containers_of, is_workload, main_containers_of, pod_labels
from grayc.analysis.routes import with_routes
from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.first_spec.calls import Place, Service, calls_of
from grayc.first_spec.guess import Call, Guess, Way, guess, ways_of
from grayc.k8s.beside_services import BESIDE_SERVICES
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
    """Return a first release of the `wanted` workloads; of none, of the one that others reach first."""
    workloads = [document for document in baseline if _is_releasable(document)]
    seen = with_routes(baseline)
    services = _services_of(seen)
    ways = ways_of(seen)
    calls = calls_of([each for each in seen if each.place in services], services, seen)
    if wanted:
        chosen = [workload for name in wanted for workload in workloads if name in _names(workload)]
    else:
        ranks = _ranks(workloads, services, calls, ways=ways, outside=_outside(seen))
        chosen = sorted(workloads, key=lambda workload: ranks[workload.place])[:1]
    known = {name for workload in workloads for name in _names(workload)}
    namespaces = {workload.identity.namespace for workload in chosen}
    named = frozenset().union(*(services[workload.place] for workload in chosen))
    entries = [way.route for way in ways if way.services & named]
    return FirstSpec(
        services=tuple(_service(workload) for workload in chosen),
        others=tuple(workload for workload in workloads if workload not in chosen),
        unknown=tuple(name for name in wanted if name not in known),
        namespace=next(iter(namespaces)) if len(namespaces) == 1 else None,
        way=guess(baseline, entries, _call_of(chosen, workloads, services, calls)),
    )


def _ranks(
    workloads: Sequence[Document],
    services: Mapping[Place, frozenset[Service]],
    calls: Mapping[Place, Mapping[Service, Reading]],
    *,
    ways: Sequence[Way],
    outside: frozenset[Service],
) -> dict[Place, tuple[bool, int, bool, bool]]:
    """Return a workload's place → its rank among those that a first release may be of: the least comes first.

    Stores, registries and what watches others come last. Of the rest: what a route leads to, what is open to the
    outside by itself, what has a Service, and the others. Among equals the one comes first that names others and is
    named by none; what has no Service names others as a client, such as a generator of load, and does not count. Then
    come those that name others, or that a route leads `/` to.
    """
    led = frozenset().union(*(way.services for way in ways))
    at_root = frozenset().union(*(way.at_root for way in ways))
    called = {service for place, each in calls.items() if services[place] for service in each}

    def rank(workload: Document) -> tuple[bool, int, bool, bool]:
        own = services[workload.place]
        nearness = next(at for at, near in enumerate((own & led, own & outside, own, True)) if near)
        is_first = bool(calls[workload.place]) and not own & called
        is_in_front = bool(calls[workload.place]) or bool(own & at_root)
        return _is_beside(workload), nearness, not is_first, not is_in_front

    return {workload.place: rank(workload) for workload in workloads}


def _call_of(
    chosen: Sequence[Document],
    workloads: Sequence[Document],
    services: Mapping[Place, frozenset[Service]],
    calls: Mapping[Place, Mapping[Service, Reading]],
) -> Call | None:
    """Return a call by address between a chosen workload and another service, one between two chosen ones first."""
    others = [each for each in workloads if each not in chosen and not _is_beside(each)]
    for callers, callees in ((chosen, chosen), (chosen, others), (others, chosen)):
        behind = frozenset().union(*(services[each.place] for each in callees))
        for caller in callers:
            for service, reading in calls[caller.place].items():
                if service in behind:
                    return Call(caller=caller, service=service[1], reading=reading)
    return None


def _outside(baseline: Sequence[Document]) -> frozenset[Service]:
    """Return the Services that are open to the outside by themselves, by namespace and name."""
    return frozenset(
        (document.identity.namespace, document.identity.name)
        for document in baseline
        if document.identity.group_kind == (CORE, "Service")
        and get_text(document.data, ("spec", "type")) in ("LoadBalancer", "NodePort")
    )


def _is_releasable(document: Document) -> bool:
    return is_workload(document) and document.identity.kind in _RELEASABLE


def _is_beside(workload: Document) -> bool:
    """Tell whether a workload runs a store, a registry or what watches others: nobody's first gray release.

    Its first container counts: one beside it may be a proxy to a store, or a cache of its own.
    """
    for _, container in main_containers_of(workload):
        return (
            image_name(container) in BESIDE_SERVICES
            or product_of_image(get_text(container, ("image",))) is not None
            or any(product_of_port(get(port, ("containerPort",))) for port in get_list(container, ("ports",)))
        )
    return False


def _names(workload: Document) -> tuple[str, str]:
    return (workload.identity.name, workload.identity.ref)


def _service(workload: Document) -> FirstService:
    """Return a service with its images; that of an init container only where it is the program's own."""
    images = [
        (get_text(container, ("name",)), get_text(container, ("image",)), "initContainers" in place)
        for place, container in containers_of(workload)
    ]
    own = {image for _, image, is_init in images if not is_init}
    return FirstService(
        workload=workload,
        images={name: image for name, image, is_init in images if not is_init or image in own},
    )


def _services_of(baseline: Sequence[Document]) -> dict[Place, frozenset[Service]]:
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
