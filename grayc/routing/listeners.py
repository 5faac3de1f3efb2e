"""Gateway API: which listeners of which Gateways take a route, and for which hosts.

Sources: kubernetes-sigs/gateway-api 4564255, apis/v1/shared_types.go (ParentReference) and gateway_types.go (Listener,
AllowedRoutes); envoyproxy/gateway v1.9.0, internal/gatewayapi/helpers.go (GetReferencedListeners, computeHosts):

- a parent without `group` and `kind` is a Gateway; one of kind Service is a mesh's, and nothing comes in by it;
- `sectionName` and `port` choose listeners; without them a route is on all listeners of the Gateway;
- a listener takes the kinds of its protocol and of `allowedRoutes.kinds`, from its own namespace unless
  `allowedRoutes.namespaces` says otherwise; a route is there for the hosts that both name;
- a host that another listener of the same port is called by is left to that one.

A Gateway that is not among the objects may be anywhere: it takes every route that names it, and each `sectionName` or
`port` that a route names is a listener of its own.
"""

from collections.abc import Iterable, Iterator, Mapping

from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE, GATEWAY
from grayc.k8s.selectors import matches_label_selector
from grayc.records import dataclass, field
from grayc.routing.matching import ref_of

_NO_HTTP = frozenset({"TCP", "UDP", "TLS"})
_LISTENER_SETS = ("ListenerSet", "XListenerSet")
_GROUPS = (GATEWAY, "gateway.networking.x-k8s.io")
# Every namespace carries its name. Source: Kubernetes, "Well-Known Labels".
_NAME_LABEL = "kubernetes.io/metadata.name"

Owner = tuple[str, str, str]
"""Kind, namespace and name of what a route names as its parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One port of a Gateway, by which requests come in.

    Attributes:
        gateway: `namespace/name`.
        port: 0 where the objects do not say.
        section: of a Gateway that is not among the objects, "" for all.
    """

    gateway: str
    port: int = 0
    section: str = ""

    def __str__(self) -> str:
        parts = [f"Gateway {self.gateway}"]
        parts += [f"listener {self.section}"] if self.section else []
        parts += [f"port {self.port}"] if self.port else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listener:
    """A listener.

    Attributes:
        host: "" for any.
        isolated: a connection is handed to it by name before a request is read, so no other listener of its port sees
            the requests for its host.
        kinds: of the routes that it takes, None for all.
        namespaces: `Same`, `All`, `Selector` or `None`.
    """

    door: Door
    owner: Owner
    name: str = ""
    host: str = ""
    isolated: bool = False
    kinds: frozenset[str] | None = None
    namespaces: str = "All"
    selector: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a route is: a listener, and one host for which it is there, "" for any."""

    listener: Listener
    host: str


class Listeners:
    """All listeners that the objects show."""

    def __init__(self, documents: Iterable[Document], routes: Iterable[Document]) -> None:
        listed = list(documents)
        self._namespaces = {
            document.identity.name: get_map(document.data, ("metadata", "labels"))
            for document in listed
            if document.identity.kind == "Namespace" and document.identity.group == CORE
        }
        self._known: dict[Owner, list[Listener]] = {}
        for document in listed:
            if document.identity.kind in ("Gateway", *_LISTENER_SETS) and document.identity.group in _GROUPS:
                owner = _owner(document)
                self._known[owner] = list(_listeners_of(document, owner))
        sections: dict[Owner, dict[tuple[str, int], None]] = {}
        for route in routes:
            for owner, section, port in _parents(route):
                if owner not in self._known:
                    sections.setdefault(owner, {})[section, port] = None
        self._unknown = {owner: list(_guessed(owner, listed)) for owner, listed in sections.items()}
        self._on_port: dict[Door, list[Listener]] = {}
        for found in self._known.values():
            for listener in found:
                self._on_port.setdefault(listener.door, []).append(listener)

    def places(self, route: Document) -> Iterator[Place]:
        """Yield every place of a route, each listener and host once."""
        home = ref_of(route).namespace
        hosts = [host.lower() for host in get_list(route.data, ("spec", "hostnames")) if isinstance(host, str)]
        seen: set[tuple[int, str]] = set()
        for owner, section, port in _parents(route):
            for listener in self._named(owner, section, port):
                if self._takes(listener, route.identity.kind, home):
                    for host in self._hosts(listener, hosts):
                        if (id(listener), host) not in seen:
                            seen.add((id(listener), host))
                            yield Place(listener=listener, host=host)

    def refusals(self, route: Document) -> tuple[str, ...]:
        """Return why each Gateway that a route names takes it on no listener; () where one does, or none is shown."""
        if next(self.places(route), None) is not None:
            return ()
        home = ref_of(route).namespace
        hosts = [host.lower() for host in get_list(route.data, ("spec", "hostnames")) if isinstance(host, str)]
        found: dict[str, None] = {}
        for owner, section, port in _parents(route):
            shown = f"{owner[0]} `{owner[1]}/{owner[2]}`"
            listeners = list(self._named(owner, section, port))
            if not listeners:
                asked = f" called `{section}`" if section else f" on port {port}" if port else ""
                found[f"{shown} has no listener for HTTP{asked}"] = None
            for listener in listeners:
                at = f"listener `{listener.name}` of {shown}"
                if listener.kinds is not None and route.identity.kind not in listener.kinds:
                    found[f"{at} takes no {route.identity.kind}"] = None
                elif not self._takes(listener, route.identity.kind, home):
                    found[f"{at} takes no route of namespace `{home}` (`allowedRoutes`)"] = None
                elif not any(_both(listener.host, host) is not None for host in hosts or [""]):
                    found[f"{at} is for `{listener.host}`"] = None
                else:
                    found[f"{at} leaves the route's hosts to other listeners"] = None
        return tuple(found)

    def isolated(self) -> Iterator[Listener]:
        """Yield the listeners to which connections come by name."""
        for found in self._on_port.values():
            yield from (listener for listener in found if listener.isolated)

    def _named(self, owner: Owner, section: str, port: int) -> Iterator[Listener]:
        for listener in self._known.get(owner, ()):
            if section in ("", listener.name) and port in (0, listener.door.port):
                yield listener
        for listener in self._unknown.get(owner, ()):
            # Whether a name and a port are one listener is not known: they are taken to be.
            if (not section or listener.name in ("", section)) and (not port or listener.door.port in (0, port)):
                yield listener

    def _takes(self, listener: Listener, kind: str, home: str) -> bool:
        if listener.kinds is not None and kind not in listener.kinds:
            return False
        match listener.namespaces:
            case "All":
                return True
            case "Selector":
                labels = self._namespaces.get(home)
                # Who does not show the namespace does not show its labels: the route may be meant.
                return labels is None or matches_label_selector(listener.selector, {**labels, _NAME_LABEL: home})
            case "None":
                return False
            case _:
                return listener.owner[1] == home

    def _hosts(self, listener: Listener, hosts: list[str]) -> Iterator[str]:
        others = {other.host for other in self._on_port.get(listener.door, ()) if other is not listener and other.host}
        for host in dict.fromkeys(_both(listener.host, host) for host in hosts or [""]):
            if host is not None and (not hosts or host not in others):
                yield host


def parent_owner(parent: object, home: str) -> Owner | None:
    """Return the Gateway or ListenerSet that a parent names, None where it is no entry."""
    kind = get_text(parent, ("kind",)) or "Gateway"
    group = get_text(parent, ("group",)) or (GATEWAY if kind != "Service" else CORE)
    if group not in _GROUPS or kind not in ("Gateway", *_LISTENER_SETS):
        return None
    return kind, get_text(parent, ("namespace",)) or home, get_text(parent, ("name",))


def _parents(route: Document) -> Iterator[tuple[Owner, str, int]]:
    home = ref_of(route).namespace
    for parent in get_list(route.data, ("spec", "parentRefs")):
        owner = parent_owner(parent, home)
        port = get_map(parent, ()).get("port")
        if owner is not None:
            yield owner, get_text(parent, ("sectionName",)), port if isinstance(port, int) else 0


def _owner(document: Document) -> Owner:
    ref = ref_of(document)
    return ref.kind, ref.namespace, ref.name


def _listeners_of(document: Document, owner: Owner) -> Iterator[Listener]:
    _, namespace, name = owner
    gateway = f"{namespace}/{name}"
    if owner[0] in _LISTENER_SETS:
        parent = get_map(document.data, ("spec", "parentRef"))
        gateway = f"{get_text(parent, ('namespace',)) or namespace}/{get_text(parent, ('name',))}"
    for item in get_list(document.data, ("spec", "listeners")):
        if not is_mapping(item) or get_text(item, ("protocol",)) in _NO_HTTP:
            continue
        port = item.get("port")
        kinds = get_list(item, ("allowedRoutes", "kinds"))
        yield Listener(
            door=Door(gateway=gateway, port=port if isinstance(port, int) else 0),
            owner=owner,
            name=get_text(item, ("name",)),
            host=get_text(item, ("hostname",)).lower(),
            isolated=get_text(item, ("protocol",)) == "HTTPS",
            kinds=frozenset(get_text(kind, ("kind",)) for kind in kinds) if kinds else None,
            namespaces=get_text(item, ("allowedRoutes", "namespaces", "from")) or "Same",
            selector=get_map(item, ("allowedRoutes", "namespaces", "selector")),
        )


def _guessed(owner: Owner, named: Iterable[tuple[str, int]]) -> Iterator[Listener]:
    """Yield the listeners of a Gateway that nobody shows: one for each name or port that routes ask for."""
    listed = list(named)
    asked = [pair for pair in listed if pair != ("", 0)] or listed
    for section, port in asked:
        door = Door(gateway=f"{owner[1]}/{owner[2]}", port=port, section=section)
        yield Listener(door=door, owner=owner, name=section)


def _both(listener: str, host: str) -> str | None:
    """Return the host that a listener and a route both name, None where there is none."""
    if not listener or not host or listener == host:
        return host or listener
    for wide, narrow in ((listener, host), (host, listener)):
        if wide.startswith("*.") and narrow.endswith(wide[1:]):
            return narrow
    return None
