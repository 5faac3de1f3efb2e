"""The hosts, paths and Services of a route, whatever its kind, and what serves it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from grayc.documents import Document, Path
from grayc.documents.traefik_rules import hosts_of, paths_of, read_rule
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.gateways import CANARY_MARKS, GRPC_ROUTE, HTTP_ROUTE, INGRESS, INGRESS_ROUTE, VIRTUAL_SERVICE
from grayc.k8s.kinds import GATEWAY, GroupKind
from grayc.k8s.virtual_services import (
    MESH,
    gateways_of,
    in_full,
    is_for_gateways,
    matches_of,
    merged_matches,
)
from grayc.records import dataclass, replace


def is_canary(ingress: Document) -> bool:
    """Tell whether an Ingress carries a canary mark of any gateway."""
    annotations = get_map(ingress.data, ("metadata", "annotations"))
    return any(annotations.get(name) in ("true", "1", "t", "T", "TRUE", "True") for name in CANARY_MARKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One host and path of a route and one Service it leads to.

    Attributes:
        rule: position in the route's list of rules.
        path: position in that rule's list of paths or matches; 0 where there is no list.
        namespace: of the Service; "" for the route's own.
        service: "" where it leads to none.
        port: of the Service, a number or a name; "" where the route writes none.
    """

    rule: int
    path: int
    host: str
    text: str
    service: str = ""
    namespace: str = ""
    port: int | str = ""


def backends_of(route: Document, others: Iterable[Document] = ()) -> Iterator[Backend]:
    """Yield every host and path of a route with every Service behind it, in its order.

    Args:
        others: routes of the baseline, among which the VirtualServices that delegate to this one.

    Raises:
        KeyError: no gateway opens a route of this kind.
    """
    return ROUTES[route.identity.group_kind].backends(route, others)


def _of_ingress(ingress: Document, _: Iterable[Document]) -> Iterator[Backend]:
    for rule_at, rule in enumerate(get_list(ingress.data, ("spec", "rules"))):
        for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
            yield Backend(
                rule=rule_at,
                path=path_at,
                host=get_text(rule, ("host",)),
                text=get_text(path, ("path",)),
                service=get_text(path, ("backend", "service", "name")),
                port=_port(path, ("backend", "service", "port", "name"))
                or _port(path, ("backend", "service", "port", "number")),
            )


def _of_gateway_route(route: Document, _: Iterable[Document]) -> Iterator[Backend]:
    if is_without_gateway(route):
        return
    hosts = [host for host in get_list(route.data, ("spec", "hostnames")) if isinstance(host, str)] or [""]
    for rule_at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
        for host in hosts:
            for match_at, match in enumerate(get_list(rule, ("matches",)) or [{}]):
                for ref in get_list(rule, ("backendRefs",)):
                    if get_text(ref, ("kind",)) in ("", "Service") and not get_text(ref, ("group",)):
                        yield Backend(
                            rule=rule_at,
                            path=match_at,
                            host=host,
                            text=_text_of(match),
                            service=get_text(ref, ("name",)),
                            namespace=get_text(ref, ("namespace",)),
                            port=_port(ref, ("port",)),
                        )


def _port(data: object, path: Path) -> int | str:
    port = get(data, path)
    return port if isinstance(port, int | str) and not isinstance(port, bool) else ""


def _text_of(match: object) -> str:
    """Return the path of a match; of a GRPCRoute's `/service/method`, with `*` for what it leaves open."""
    method = get_map(match, ("method",))
    if not method:
        return get_text(match, ("path", "value")) or "/"
    return "/" + "/".join(get_text(method, (part,)) or "*" for part in ("service", "method"))


def way_in(parent: object) -> bool:
    """Tell whether a parent of a Gateway API route is one that requests come in by; a Service is a mesh's.

    Source: kubernetes-sigs/gateway-api, apis/v1/shared_types.go, ParentReference; geps/gep-1324 (mesh).
    """
    kind = get_text(parent, ("kind",)) or "Gateway"
    return kind in PARENT_KINDS and get_text(parent, ("group",)) in ("", *_GROUPS)


_GROUPS = (GATEWAY, "gateway.networking.x-k8s.io")
PARENT_KINDS = ("Gateway", "ListenerSet", "XListenerSet")
"""Kinds of the parents by which requests come to a route of the Gateway API."""


def is_without_gateway(route: Document) -> bool:
    """Tell whether a route of the Gateway API has no parent that requests come in by.

    So is a mesh's, and one that only another route leads to.
    """
    is_of_gateway_api = route.identity.group_kind in (HTTP_ROUTE, GRPC_ROUTE)
    return is_of_gateway_api and not any(way_in(parent) for parent in get_list(route.data, ("spec", "parentRefs")))


_Parent = tuple[str, str, str]
"""Kind, namespace and name."""


def _parents(route: Document) -> Iterator[tuple[_Parent, str, int]]:
    home = route.identity.namespace
    for parent in get_list(route.data, ("spec", "parentRefs")):
        if way_in(parent):
            port = get_map(parent, ()).get("port")
            owner = (
                get_text(parent, ("kind",)) or "Gateway",
                get_text(parent, ("namespace",)) or home,
                get_text(parent, ("name",)),
            )
            yield owner, get_text(parent, ("sectionName",)), port if isinstance(port, int) else 0


@lru_cache(maxsize=4)
def parents_in(baseline: tuple[Document, ...]) -> tuple[Document, ...]:
    """Return the Gateways among objects, those of Istio too, and their sets of listeners."""
    return tuple(document for document in baseline if document.identity.kind in PARENT_KINDS)


class GatewayListeners:
    """The Gateways of the Gateway API in a baseline: which routes meet on one of their listeners."""

    def __init__(self, baseline: Iterable[Document]) -> None:
        self._known: dict[_Parent, list[tuple[str, object]]] = {
            (document.identity.kind, document.identity.namespace, document.identity.name): [
                (get_text(item, ("name",)), get_map(item, ()).get("port"))
                for item in get_list(document.data, ("spec", "listeners"))
            ]
            for document in baseline
            if document.identity.kind in PARENT_KINDS and document.identity.group in _GROUPS
        }

    def shared(self, first: Document, second: Document) -> bool:
        """Tell whether two routes may be on one listener.

        Which listener a `sectionName` or `port` means is asked of the Gateway. Of one that the baseline does not hold
        only two names, or two ports, that differ are known to be two listeners.
        """
        theirs = list(_parents(second))
        return any(
            section in ("", name) and other_section in ("", name) and port in (0, at) and other_port in (0, at)
            for gateway, section, port in _parents(first)
            for other, other_section, other_port in theirs
            if gateway == other
            for name, at in self._known.get(gateway, [(section or other_section, port or other_port)])
        )

    def missing(self, route: Document) -> tuple[str, ...]:
        """Return `Kind/name` of every parent of a route that the baseline does not hold."""
        parents = dict.fromkeys(owner for owner, _, _ in _parents(route))
        return tuple(f"{owner[0]}/{owner[2]}" for owner in parents if owner not in self._known)


def _of_virtual_service(route: Document, others: Iterable[Document]) -> Iterator[Backend]:
    """Yield what a VirtualService leads to at gateways; a delegate's routes by the hosts and paths of its roots."""
    home = route.identity.namespace
    rules = [
        (at, in_full(rule, home)) for at, rule in enumerate(get_list(route.data, ("spec", "http"))) if is_mapping(rule)
    ]
    for root, rooted in _ways_in(route, others):
        hosts = [host for host in get_list(root.data, ("spec", "hosts")) if isinstance(host, str)]
        for rule_at, rule in rules:
            for host in hosts:
                for match_at, match in enumerate(matches_of(rule) or ({},)):
                    for met in (match,) if rooted is None else _met(rule, match, rooted):
                        yield from _of_match(rule, met, Backend(rule=rule_at, path=match_at, host=host, text="/"))


def _met(
    rule: dict[str, object], match: dict[str, object], rooted: dict[str, object]
) -> Iterable[Mapping[str, object]]:
    """Return what of a match of a delegate's route is left under its root; a route without matches takes its root's."""
    return merged_matches(matches_of(rooted), match) if matches_of(rule) else matches_of(rooted) or ({},)


def _ways_in(route: Document, others: Iterable[Document]) -> Iterator[tuple[Document, dict[str, object] | None]]:
    """Yield the VirtualService itself, or of a delegate each VirtualService at a gateway with its route that names it.

    A VirtualService without hosts is a delegate.
    """
    if get_list(route.data, ("spec", "hosts")):
        if any(gateway != MESH for gateway in get_list(route.data, ("spec", "gateways"))):
            yield route, None
        return
    yield from roots_of(route, others)


def roots_of(
    delegate: Document, others: Iterable[Document], *, in_mesh: bool = False
) -> Iterator[tuple[Document, dict[str, object]]]:
    """Yield the VirtualServices at gateways that delegate to this one, each with its route that does.

    Args:
        in_mesh: those that the mesh meets instead, some of them at gateways too.
    """
    own = delegate.identity.namespace
    if get_list(delegate.data, ("spec", "hosts")):
        return
    exported = get_list(delegate.data, ("spec", "exportTo")) or ["*"]
    for root, rule in _delegating(tuple(others)).get(delegate.identity.name, ()):
        home = root.identity.namespace
        gateways = get_list(root.data, ("spec", "gateways")) or [MESH]
        if (MESH not in gateways) if in_mesh else all(gateway == MESH for gateway in gateways):
            continue
        if "*" not in exported and home not in exported and not ("." in exported and home == own):
            continue
        # An object without a namespace goes to the one that the release says.
        spaces = get_map(rule, ("delegate",)).get("namespace") or home, own
        if spaces[0] == spaces[1] or "" in spaces:
            yield root, in_full(rule, home)


@lru_cache(maxsize=4)
def _delegating(others: tuple[Document, ...]) -> Mapping[str, Sequence[tuple[Document, dict[str, object]]]]:
    """Return name of a delegate → the VirtualServices with hosts that name it, each with its route that does."""
    found: dict[str, list[tuple[Document, dict[str, object]]]] = {}
    for root in others:
        if root.identity.group_kind == VIRTUAL_SERVICE and get_list(root.data, ("spec", "hosts")):
            for rule in get_list(root.data, ("spec", "http")):
                name = get_text(rule, ("delegate", "name"))
                if name and is_mapping(rule):
                    found.setdefault(name, []).append((root, rule))
    return found


def unread_sections(route: Document) -> tuple[str, ...]:
    """Return the lists of a VirtualService that are chosen before there is a request, so that no rule opens them."""
    if route.identity.group_kind != VIRTUAL_SERVICE:
        return ()
    return tuple(name for name in ("tls", "tcp") if get_list(route.data, ("spec", name)))


def _of_match(rule: dict[str, object], match: Mapping[str, object], place: Backend) -> Iterator[Backend]:
    if not is_for_gateways(match):
        return
    uri = get_map(match, ("uri",))
    text = next((value for value in uri.values() if isinstance(value, str)), "/")
    for way in get_list(rule, ("route",)):
        service, namespace = host_of(get_text(way, ("destination", "host")))
        if is_mapping(way):
            host = "" if place.host == "*" else place.host
            port = _port(way, ("destination", "port", "number"))
            yield replace(place, host=host, text=text, service=service, namespace=namespace, port=port)


def host_of(text: str) -> tuple[str, str]:
    """Return the Service and namespace that an Istio host names; no namespace for a short name, no Service for others.

    Source: Istio 1.27 reference, Destination.host: a short name stands for a Service of the rule's own namespace.
    """
    parts = text.split(".")
    if len(parts) == 1:
        return text, ""
    if len(parts) == 2 or parts[2:3] == ["svc"]:
        return parts[0], parts[1]
    return "", ""


def servers_of(route: Document, others: Iterable[Document] = ()) -> frozenset[str]:
    """Return what serves a route: the Gateways of one; for Ingresses nothing that sets them apart.

    Which of them one controller reads is the matter of `controllers`.

    Args:
        others: routes of the baseline, among which the VirtualServices that delegate to this one.

    Raises:
        KeyError: no gateway opens a route of this kind.
    """
    return ROUTES[route.identity.group_kind].servers(route, others)


def _every_ingress(_: Document, __: Iterable[Document]) -> frozenset[str]:
    return frozenset({""})


def _parents_of(route: Document, _: Iterable[Document]) -> frozenset[str]:
    home = route.identity.namespace
    return frozenset(
        f"{get_text(parent, ('namespace',)) or home}/{get_text(parent, ('name',))}"
        for parent in get_list(route.data, ("spec", "parentRefs"))
        if way_in(parent)
    )


def _gateways_of(route: Document, others: Iterable[Document]) -> frozenset[str]:
    return frozenset(
        name
        for root, _ in _ways_in(route, others)
        for name in gateways_of(get_map(root.data, ("spec",)), root.identity.namespace)
        if name != MESH
    )


def _of_ingress_route(route: Document, _: Iterable[Document]) -> Iterator[Backend]:
    """Yield what an IngressRoute leads to, where that are Services themselves, by the hosts and paths of its rules."""
    for at, rule in enumerate(get_list(route.data, ("spec", "routes"))):
        asked = read_rule(get_text(rule, ("match",)))
        if asked is None:
            continue
        for host in hosts_of(asked) or ("",):
            for path_at, (_kind, text) in enumerate(paths_of(asked) or (("PathPrefix", "/"),)):
                for to in get_list(rule, ("services",)):
                    if is_service_of_traefik(to):
                        yield Backend(
                            rule=at,
                            path=path_at,
                            host=host,
                            text=text,
                            service=get_text(to, ("name",)),
                            namespace=get_text(to, ("namespace",)),
                            port=_port(to, ("port",)),
                        )


def is_service_of_traefik(to: object) -> bool:
    """Tell whether a service of an IngressRoute is a Service of Kubernetes. Source: crd/kubernetes_http.go."""
    return get_text(to, ("kind",)) in ("", "Service") and "@" not in get_text(to, ("name",))


def _one_list(_: Document, __: Iterable[Document]) -> frozenset[str]:
    return frozenset({""})


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteKind:
    """How one kind of route is read."""

    backends: Callable[[Document, Iterable[Document]], Iterator[Backend]]
    servers: Callable[[Document, Iterable[Document]], frozenset[str]]


ROUTES: Mapping[GroupKind, RouteKind] = {
    INGRESS: RouteKind(backends=_of_ingress, servers=_every_ingress),
    HTTP_ROUTE: RouteKind(backends=_of_gateway_route, servers=_parents_of),
    GRPC_ROUTE: RouteKind(backends=_of_gateway_route, servers=_parents_of),
    VIRTUAL_SERVICE: RouteKind(backends=_of_virtual_service, servers=_gateways_of),
    INGRESS_ROUTE: RouteKind(backends=_of_ingress_route, servers=_one_list),
}
"""Kind of some gateway's entries → how it is read."""


def with_routes(documents: Sequence[Document]) -> Sequence[Document]:
    """Return the objects that name no namespace in that of the routes, where these name one alone.

    For manifests of which no release says where they are.
    """
    homes = {document.written_namespace for document in documents if document.identity.group_kind in ROUTES} - {""}
    return [document.placed(*homes) for document in documents] if len(homes) == 1 else documents
