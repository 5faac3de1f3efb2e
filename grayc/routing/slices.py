"""The part of a gateway's objects that a request for one host can meet, simulated once and asked often.

A gateway looks up a host and then its routes, so what speaks of other hosts can be left out of a simulation: its cost
then grows with the routes of a host and not with the baseline. Objects of one slice are tied together by

- a host that both name, as a host or as an alias;
- a Service that two Ingresses lead to, where a canary belongs to its Service rather than to its route;
- the VirtualService that another delegates to.

Objects of the gateway's own groups that are no routes are in every slice; Services and DestinationRules are where a
route of the slice names them.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from grayc.documents import Document
from grayc.documents.ingresses import classes_among, controller_of_class, default_class, ingress_class
from grayc.documents.traefik_routers import INGRESS_ROUTES, OwnClasses, hosts_of_ingress_route
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.gateways import GATEWAYS, INGRESS, Canaries, GatewayName
from grayc.k8s.kinds import GATEWAY, ISTIO, NETWORKING
from grayc.records import dataclass, field
from grayc.routing import simulators
from grayc.routing.matching import DEFAULT_NAMESPACE, Matching
from grayc.routing.model import Router

_ROUTE_KINDS = frozenset({"Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "VirtualService"})
_CORE_KINDS = frozenset({"Service", "Namespace"})
_GROUPS = frozenset({NETWORKING, "extensions", GATEWAY, ISTIO, "gateway.envoyproxy.io"})

_Node = tuple[str, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Slice:
    """All that a request for one host can meet, with the lane and without it.

    Attributes:
        before: the objects of production alone.
        after: the same with what the releases add and change.
        routes: how many of production's objects are routes.
        budget: what the expressions of all slices may cost.
    """

    gateway: GatewayName
    before: Sequence[Document]
    after: Sequence[Document]
    routes: int
    budget: Matching
    _before: Router | None = field(default=None, init=False)
    _after: Router | None = field(default=None, init=False)

    @property
    def size(self) -> int:
        """Number of objects that a request is compared with, at most."""
        return len(self.after)

    def production(self) -> Router:
        """Return the gateway with production alone."""
        if self._before is None:
            self._before = simulators.simulate(self.gateway, self.before, self.budget)
        return self._before

    def together(self) -> Router:
        """Return the gateway with production and the lanes."""
        if self._after is None:
            self._after = simulators.simulate(self.gateway, self.after, self.budget)
        return self._after


class Slices:
    """The objects of one controller, cut by the hosts that they speak of."""

    def __init__(
        self,
        gateway: GatewayName,
        entry: Document,
        before: Sequence[Document],
        after: Sequence[Document],
        budget: Matching,
    ) -> None:
        """Cut the objects.

        Args:
            entry: whose controller it is: Ingresses of other classes are left out.
            before: the objects of production.
            after: the objects of production as the releases leave them, and those of the releases.
            budget: what the expressions of all that is asked in one run may cost.
        """
        self._gateway = gateway
        self._budget = budget
        self._parents: dict[_Node, _Node] = {}
        self._routes: list[tuple[_Node, Document]] = []
        self._others: list[Document] = []
        self._named: dict[str, list[Document]] = {}
        self._first_service: Document | None = None
        self._made: dict[tuple[_Node, ...], Slice] = {}
        self._before = {id(document) for document in before}
        self._after = {id(document) for document in after}
        kept = _read(after)
        changed = _read(document for document in before if id(document) not in self._after)
        classes = _Classes([*kept, *changed])
        # Traefik has the routers of all its providers in one list.
        own = OwnClasses([*kept, *changed]) if gateway is GatewayName.TRAEFIK else None
        by_service = GATEWAYS[gateway].canaries is Canaries.ALL_RULES
        # A changed object stands where the object that it was stood: its place decides between two of one age.
        for document in _merged(kept, changed):
            kind = document.identity.kind
            is_ingress_route = document.identity.group_kind in INGRESS_ROUTES
            if is_ingress_route and own is None:
                continue
            if kind in _ROUTE_KINDS or is_ingress_route:
                if kind == INGRESS[1] and not classes.same(entry, document) and not (own and own.has(document)):
                    continue
                nodes = list(_nodes(document, by_service=by_service))
                for node in nodes[1:]:
                    self._join(nodes[0], node)
                self._routes.append((nodes[0], document))
            elif kind == "Service":
                self._named.setdefault(document.identity.name, []).append(document)
                self._first_service = self._first_service or document
            elif kind == "DestinationRule":
                name = get_text(document.data, ("spec", "host")).split(".")[0]
                self._named.setdefault(name, []).append(document)
            else:
                self._others.append(document)
        self._by_root: dict[_Node, list[int]] = {}
        for at, (node, _) in enumerate(self._routes):
            self._by_root.setdefault(self._find(node), []).append(at)

    def of(self, host: str) -> Slice:
        """Return what a request for a host can meet."""
        roots = {self._find(node) for node in _hosts_for(host) if node in self._parents}
        key = tuple(sorted(roots))
        if key not in self._made:
            places = sorted(at for root in key for at in self._by_root.get(root, ()))
            routes = [self._routes[at][1] for at in places]
            names = dict.fromkeys(name for route in routes for name in _services(route))
            named = [document for name in names for document in self._named.get(name, ())]
            # To a simulator, no Service at all means that Services are not looked at.
            if self._first_service is not None and not any(each.identity.kind == "Service" for each in named):
                named.append(self._first_service)
            documents = [*self._others, *named, *routes]
            self._made[key] = Slice(
                gateway=self._gateway,
                before=[document for document in documents if id(document) in self._before],
                after=[document for document in documents if id(document) in self._after],
                routes=sum(id(route) in self._before for route in routes),
                budget=self._budget,
            )
        return self._made[key]

    def _find(self, node: _Node) -> _Node:
        parents = self._parents
        root = node
        while (above := parents.setdefault(root, root)) != root:
            root = above
        while parents[node] != root:
            parents[node], node = root, parents[node]
        return root

    def _join(self, one: _Node, other: _Node) -> None:
        first, second = sorted((self._find(one), self._find(other)))
        self._parents[second] = first


class _Classes:
    """Which Ingresses one controller reads."""

    def __init__(self, documents: Iterable[Document]) -> None:
        classes = classes_among(documents)
        self._controllers = {found.identity.name: controller_of_class(found) for found in classes}
        self._default = default_class(classes)

    def same(self, one: Document, other: Document) -> bool:
        """Tell whether one controller reads both; of an Ingress that says nothing, it can be."""
        first, second = self._of(one), self._of(other)
        return first == second or not first or not second

    def _of(self, ingress: Document) -> str:
        name = ingress_class(ingress) or self._default
        return self._controllers.get(name) or name


def may_meet(one: Document, other: Document) -> bool:
    """Tell whether one Gateway may serve two routes: they name one in common, or one of them names none."""
    first, second = _servers(one), _servers(other)
    return not first or not second or bool(first & second)


def _servers(route: Document) -> frozenset[str]:
    spec, home = get_map(route.data, ("spec",)), route.identity.namespace
    named = [name for name in get_list(spec, ("gateways",)) if isinstance(name, str)]
    parents = [
        f"{get_text(parent, ('namespace',)) or home}/{get_text(parent, ('name',))}"
        for parent in get_list(spec, ("parentRefs",))
    ]
    return frozenset(name if "/" in name else f"{home}/{name}" for name in (*named, *parents) if name != "mesh")


@cache
def _is_read(api_version: str, kind: str) -> bool:
    """Tell whether some gateway reads objects of a kind."""
    group, slash, _ = api_version.rpartition("/")
    if not slash:
        return kind in _CORE_KINDS
    if group in _GROUPS:
        return kind != "NetworkPolicy"
    return any(group in row.groups for row in GATEWAYS.values()) or (group, kind) in INGRESS_ROUTES


def _read(documents: Iterable[Document]) -> list[Document]:
    return [document for document in documents if _is_read(document.identity.api_version, document.identity.kind)]


def _merged(kept: list[Document], changed: list[Document]) -> Iterator[Document]:
    """Yield objects as they are after the releases, each behind what it was before, where that differs."""
    was = {document.place: document for document in changed}
    for document in kept:
        before = was.pop(document.place, None) if was else None
        if before is not None:
            yield before
        yield document
    yield from was.values()


def _nodes(route: Document, *, by_service: bool) -> Iterator[_Node]:
    """Yield what ties a route to others, at least one thing."""
    home = route.identity.namespace or DEFAULT_NAMESPACE
    yield ("object", route.identity.kind, home, route.identity.name)
    hosts = [host.lower() for host in _hosts(route) if isinstance(host, str)]
    for host in dict.fromkeys(hosts):
        yield ("host", "" if host == "*" else host)
    if route.identity.kind == "Ingress":
        annotations = get_map(route.data, ("metadata", "annotations"))
        for key, value in annotations.items():
            if key.endswith("/server-alias") and isinstance(value, str):
                for alias in value.replace(",", " ").split():
                    yield ("host", alias.lower())
            elif key.endswith("/from-to-www-redirect"):
                for host in hosts:
                    yield ("host", host[4:] if host.startswith("www.") else f"www.{host}")
        if by_service:
            for name in _services(route):
                yield ("service", home, name)
    for way in get_list(route.data, ("spec", "http")):
        delegate = get_text(way, ("delegate", "name"))
        if delegate:
            yield ("object", route.identity.kind, get_text(way, ("delegate", "namespace")) or home, delegate)


def _hosts(route: Document) -> Iterable[object]:
    if route.identity.kind == "Ingress":
        rules = get_list(route.data, ("spec", "rules"))
        named: list[object] = [get_text(rule, ("host",)) for rule in rules]
        return [*named, ""] if get_map(route.data, ("spec", "defaultBackend")) and not any(named) else named or [""]
    if route.identity.kind == "VirtualService":
        return get_list(route.data, ("spec", "hosts"))
    if route.identity.kind == "IngressRoute":
        return hosts_of_ingress_route(route)
    return get_list(route.data, ("spec", "hostnames")) or [""]


def _services(route: Document) -> Iterator[str]:
    """Yield the first names of all that a route leads to."""
    spec = get_map(route.data, ("spec",))
    if route.identity.kind == "Ingress":
        backends = [get_map(spec, ("defaultBackend",)), get_map(spec, ("backend",))]
        for rule in get_list(spec, ("rules",)):
            backends += [get_map(path, ("backend",)) for path in get_list(rule, ("http", "paths"))]
        for backend in backends:
            name = get_text(backend, ("service", "name")) or get_text(backend, ("serviceName",))
            if name:
                yield name
        return
    for rule in get_list(spec, ("rules",)):
        for ref in get_list(rule, ("backendRefs",)):
            yield get_text(ref, ("name",))
    for way in get_list(spec, ("http",)):
        for to in get_list(way, ("route",)):
            yield get_text(to, ("destination", "host")).split(".")[0]
    for way in get_list(spec, ("routes",)):
        for to in get_list(way, ("services",)):
            yield get_text(to, ("name",))


def _hosts_for(host: str) -> Iterator[_Node]:
    """Yield the host patterns that name a host, as nodes."""
    yield ("host", host)
    labels = host.split(".")
    for at in range(1, len(labels)):
        yield ("host", ".".join(("*", *labels[at:])))
    yield ("host", "")
