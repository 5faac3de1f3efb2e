"""The hosts, paths and Services of a route, whatever its kind, and what serves it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.gateways import CANARY_MARKS, HTTP_ROUTE, INGRESS, VIRTUAL_SERVICE
from grayc.k8s.kinds import GATEWAY, GroupKind


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
    """

    rule: int
    path: int
    host: str
    text: str
    service: str
    namespace: str = ""


def backends_of(route: Document) -> Iterator[Backend]:
    """Yield every host and path of a route with every Service behind it, in its order.

    Raises:
        KeyError: no gateway opens a route of this kind.
    """
    return ROUTES[route.identity.group_kind].backends(route)


def _of_ingress(ingress: Document) -> Iterator[Backend]:
    for rule_at, rule in enumerate(get_list(ingress.data, ("spec", "rules"))):
        for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
            yield Backend(
                rule=rule_at,
                path=path_at,
                host=get_text(rule, ("host",)),
                text=get_text(path, ("path",)),
                service=get_text(path, ("backend", "service", "name")),
            )


def _of_http_route(route: Document) -> Iterator[Backend]:
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
                            text=get_text(match, ("path", "value")) or "/",
                            service=get_text(ref, ("name",)),
                            namespace=get_text(ref, ("namespace",)),
                        )


def _of_virtual_service(route: Document) -> Iterator[Backend]:
    gateways = get_list(route.data, ("spec", "gateways"))
    if all(gateway == "mesh" for gateway in gateways):
        return
    for rule_at, rule in enumerate(get_list(route.data, ("spec", "http"))):
        for host in get_list(route.data, ("spec", "hosts")):
            for match_at, match in enumerate(get_list(rule, ("match",)) or [{}]):
                uri = get_map(match, ("uri",))
                text = next((value for value in uri.values() if isinstance(value, str)), "/")
                for way in get_list(rule, ("route",)):
                    service, namespace = host_of(get_text(way, ("destination", "host")))
                    if isinstance(host, str) and is_mapping(way):
                        yield Backend(
                            rule=rule_at,
                            path=match_at,
                            host="" if host == "*" else host,
                            text=text,
                            service=service,
                            namespace=namespace,
                        )


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


def is_of_mesh(route: Document) -> bool:
    """Tell whether a route leads calls between services: all of its parents are Services. Such a route is no entry."""
    parents = get_list(route.data, ("spec", "parentRefs"))
    return (
        route.identity.group_kind[0] == GATEWAY
        and bool(parents)
        and all(get_text(parent, ("kind",)) == "Service" for parent in parents)
    )


def servers_of(route: Document) -> frozenset[str]:
    """Return what serves a route: the Gateways of one; for Ingresses nothing that sets them apart.

    Which of them one controller reads is the matter of `controllers`.

    Raises:
        KeyError: no gateway opens a route of this kind.
    """
    return ROUTES[route.identity.group_kind].servers(route)


def _every_ingress(_: Document) -> frozenset[str]:
    return frozenset({""})


def _parents_of(route: Document) -> frozenset[str]:
    home = route.identity.namespace
    return frozenset(
        f"{get_text(parent, ('namespace',)) or home}/{get_text(parent, ('name',))}"
        for parent in get_list(route.data, ("spec", "parentRefs"))
    )


def _gateways_of(route: Document) -> frozenset[str]:
    home = route.identity.namespace
    names = [name for name in get_list(route.data, ("spec", "gateways")) if isinstance(name, str)]
    return frozenset(name if "/" in name else f"{home}/{name}" for name in names if name != "mesh")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteKind:
    """How one kind of route is read."""

    backends: Callable[[Document], Iterator[Backend]]
    servers: Callable[[Document], frozenset[str]]


ROUTES: Mapping[GroupKind, RouteKind] = {
    INGRESS: RouteKind(backends=_of_ingress, servers=_every_ingress),
    HTTP_ROUTE: RouteKind(backends=_of_http_route, servers=_parents_of),
    VIRTUAL_SERVICE: RouteKind(backends=_of_virtual_service, servers=_gateways_of),
}
"""Kind of some gateway's entries → how it is read."""
