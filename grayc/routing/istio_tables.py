"""What Istio makes of its objects for an Envoy at a gateway: listeners, their hosts, and the routes of each.

Source: istio/istio 86c9f01:

- pilot/pkg/model/virtualservice_controller.go and virtualservice.go: delegates, short names, `exportTo`;
- pilot/pkg/model/gateway.go (`mergeGateways`) and push_context.go: the Gateways that select one pod are one
  configuration, servers of plain HTTP on one port one route table, each server of HTTPS one of its own;
- pilot/pkg/networking/core/gateway.go (`buildGatewayHTTPRouteConfig`): hosts of servers and of VirtualServices
  intersect, in the order of servers, then of VirtualServices;
- pilot/pkg/networking/core/route/route.go: which matches stand at which gateway and port, and what is behind a
  catch-all;
- pilot/pkg/config/kube/ingress: an Ingress becomes a Gateway in `istio-system` and a VirtualService for each host.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.documents import Document
from grayc.documents.ingresses import CLASS_ANNOTATION, classes_among, controller_of_class
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.gateways import INGRESS
from grayc.k8s.kinds import ISTIO
from grayc.k8s.virtual_services import MESH, gateways_of, in_full, merge_routes
from grayc.records import dataclass, field
from grayc.routing.matching import in_age, ref_of
from grayc.routing.model import ObjectRef

CLASS = "istio"
CONTROLLER = "istio.io/ingress-controller"
INGRESS_NAMESPACE = "istio-system"
INGRESS_GATEWAY = "Ingress"
"""Stands for the Gateways that Istio makes of Ingresses: all have one selector."""

DEFAULT_PODS: Mapping[str, str] = {"app": "istio-ingressgateway", "istio": "ingressgateway"}
"""Labels of the gateway pods that Istio's own installation makes, in `istio-system`."""

_PLAIN = frozenset({"HTTP", "HTTP2", "GRPC", "GRPC-WEB"})
_CLAIM = "@request.auth.claims"

Plain = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """One match of one route of a list; `match` is empty where there are no conditions.

    Attributes:
        ref: the object that holds it: of a delegate's route the delegate.
        entry: the object by which the request comes in.
        home: namespace that short names of destinations stand for.
        rule: where it stands in its object.
        by_element: its prefix is one of path elements, as an Ingress has it.
    """

    ref: ObjectRef
    entry: ObjectRef
    home: str
    rule: str
    route: Plain
    match: Plain
    by_element: bool = False

    @property
    def is_catch_all(self) -> bool:
        """Tell whether every request meets it, at the gateway and port for which it was made."""
        uri = get_map(self.match, ("uri",))
        others = ("headers", "withoutHeaders", "queryParams", "method", "authority", "scheme")
        whole = not uri or uri.get("prefix") == "/" or uri.get("regex") == ".*"
        return whole and not any(key in self.match and self.match[key] not in ({}, None) for key in others)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """One server of a Gateway: `hosts` are `namespace/host` or `host`."""

    gateway: str
    number: int
    hosts: tuple[str, ...]
    is_tls: bool = False
    redirects: bool = False
    bind: str = ""
    passes: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Listener:
    """One route table of one Envoy.

    Attributes:
        gateways: `namespace/name` of the Gateways whose servers it joins.
        names: of servers of TLS: the hosts that it answers to; empty for any.
        hosts: host → its routes, in order.
        to_https: hosts that answer plain requests with a redirect to HTTPS.
    """

    number: int
    is_tls: bool
    gateways: tuple[str, ...]
    names: frozenset[str] = frozenset()
    hosts: dict[str, list[Route]] = field(default_factory=dict)
    to_https: set[str] = field(default_factory=set)

    def host_of(self, name: str) -> str | None:
        """Return the most exact host that names a request's, None where none does."""
        return next((host for host in _patterns(name) if host in self.hosts or host in self.to_https), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proxy:
    """The pods of one or several Gateways, one Envoy configuration.

    Attributes:
        listeners: in the order of the Gateways.
    """

    gateways: tuple[str, ...]
    listeners: tuple[Listener, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """All that is known of the gateways of one set of manifests.

    Attributes:
        unknown: Gateways that VirtualServices name and the manifests do not hold.
        unread: hosts of `tls` and `tcp` routes at gateways → the VirtualServices.
    """

    proxies: tuple[Proxy, ...]
    unknown: frozenset[str]
    unread: Mapping[str, tuple[ObjectRef, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Service:
    """A VirtualService with its delegates merged in, or what Istio makes of the Ingresses of one host."""

    ref: ObjectRef
    hosts: tuple[str, ...]
    gateways: tuple[str, ...]
    exported: frozenset[str]
    routes: tuple[tuple[ObjectRef, str, str, Plain], ...]
    by_element: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pods:
    """Labels and namespace of pods of a gateway, and the Gateways that select them."""

    labels: Mapping[str, str]
    namespace: str
    gateways: tuple[str, ...]


def tables_of(documents: Sequence[Document]) -> Tables:
    """Return the route tables of every gateway that the documents describe or name."""
    services = [*_of_ingresses(documents), *_virtual_services(documents)]
    servers = dict(_gateways(documents))
    named = {name: None for service in services for name in service.gateways if name != MESH}
    unknown = [name for name in named if name not in servers]
    bound: dict[str, list[_Service]] = {}
    for service in services:
        for name in dict.fromkeys(service.gateways):
            bound.setdefault(name, []).append(service)
    proxies = []
    for pods in _pods(documents, servers):
        own = [server for name in pods.gateways for server in servers[name][1]]
        proxies.append(_proxy(pods, own, bound))
    for name in unknown:
        # Nothing is known of it: it serves every host, on port 80 and on the ports that its routes ask for.
        asked = {80, *(port for service in bound[name] for port in _asked_ports(service))}
        own = [_Server(gateway=name, number=number, hosts=("*",), is_tls=number == 443) for number in sorted(asked)]
        proxies.append(_proxy(_Pods(labels={}, namespace=name.partition("/")[0], gateways=(name,)), own, bound))
    return Tables(proxies=tuple(proxies), unknown=frozenset(unknown), unread=_unread(documents))


def refusals(documents: Sequence[Document], routes: Sequence[Document]) -> Iterator[tuple[Document, tuple[str, ...]]]:
    """Yield the VirtualServices that no server of their Gateways serves, with the reason of each server.

    Those that name a Gateway which is not among the documents are left out, and so are delegates.

    Args:
        routes: the VirtualServices to look at.
    """
    servers = dict(_gateways(documents))
    pods: list[_Pods] | None = None
    for route in routes:
        home = ref_of(route).namespace
        hosts = [host for host in get_list(route.data, ("spec", "hosts")) if isinstance(host, str)]
        full = [full_host(host, home) for host in hosts]
        names = [name for name in gateways_of(get_map(route.data, ("spec",)), home) if name != MESH]
        if not hosts or not names or any(name not in servers for name in names):
            continue
        pods = list(_pods(documents, servers)) if pods is None else pods
        exported = _exported(route)
        found: dict[str, None] = {}
        for name in names:
            seen = [each.namespace for each in pods if name in each.gateways]
            if "~" in exported or not ("*" in exported or exported.intersection(seen)):
                found[f"its `exportTo` leaves out the pods of Gateway `{name}`, in namespace `{seen[0]}`"] = None
                continue
            told = [_refusal(server, full, home) for server in servers[name][1]]
            if not all(told):
                found = {}
                break
            found.update(dict.fromkeys(told or [f"Gateway `{name}` has no server"]))
        if found:
            yield route, tuple(found)


def _refusal(server: _Server, hosts: Sequence[str], home: str) -> str:
    """Return why a server does not serve hosts of a namespace, "" where it may."""
    at = f"port {server.number} of Gateway `{server.gateway}`"
    if server.passes:
        return f"{at} reads no HTTP (it passes TLS through, or has a protocol of TCP)"
    own = [name for host in server.hosts for space, slash, name in [host.rpartition("/")] if not slash or space == home]
    if not own:
        return f"{at} takes no VirtualService of namespace `{home}`"
    return "" if _common(own, hosts) else f"{at} is for " + ", ".join(f"`{host}`" for host in own[:3])


def matched_names(listeners: Sequence[Listener], host: str) -> Iterator[Listener]:
    """Yield the listeners that a connection for a host comes to: of those of TLS the one that names it best."""
    rank = {pattern: at for at, pattern in enumerate(_patterns(host))}
    best: dict[int, int] = {}
    for listener in listeners:
        for name in listener.names:
            if name in rank:
                best[listener.number] = min(rank[name], best.get(listener.number, rank[name]))
    for listener in listeners:
        if not listener.is_tls or any(name in rank and rank[name] == best[listener.number] for name in listener.names):
            yield listener


def _patterns(name: str) -> Iterator[str]:
    """Yield the domains by which Envoy looks a host up, the most exact first."""
    name = name.lower()
    yield name
    for at, sign in enumerate(name):
        if sign == "." and at:
            yield f"*{name[at:]}"
    yield "*"


def _asked_ports(service: _Service) -> Iterator[int]:
    for _, _, _, route in service.routes:
        for match in get_list(route, ("match",)):
            port = match.get("port") if is_mapping(match) else None
            if isinstance(port, int) and port:
                yield port


def full_host(host: str, namespace: str) -> str:
    """Return a host in full: one without a dot is a Service of the object's own namespace."""
    return f"{host}.{namespace}.svc.cluster.local" if host and host != "*" and "." not in host else host


def _exported(document: Document) -> frozenset[str]:
    home = ref_of(document).namespace
    listed = [text for text in get_list(document.data, ("spec", "exportTo")) if isinstance(text, str)]
    return frozenset(home if text == "." else text for text in listed) or frozenset({"*"})


def _istio(documents: Iterable[Document], kind: str) -> list[Document]:
    found = [document for document in documents if document.identity.group_kind == (ISTIO, kind)]
    return in_age(found, lambda ref: f"{ref.name}\0{ref.namespace}")


def _virtual_services(documents: Sequence[Document]) -> Iterator[_Service]:
    listed = _istio(documents, "VirtualService")
    delegates = {
        (ref.namespace, ref.name): document
        for document in listed
        if not get_list(document.data, ("spec", "hosts"))
        for ref in [ref_of(document)]
    }
    for document in listed:
        ref = ref_of(document)
        hosts = [host for host in get_list(document.data, ("spec", "hosts")) if isinstance(host, str)]
        named = gateways_of(get_map(document.data, ("spec",)), ref.namespace)
        if hosts and any(name != MESH for name in named):
            yield _Service(
                ref=ref,
                hosts=tuple(full_host(host, ref.namespace) for host in hosts),
                gateways=named,
                exported=_exported(document),
                routes=tuple(_merged(document, delegates)),
            )


def _merged(
    root: Document, delegates: Mapping[tuple[str, str], Document]
) -> Iterator[tuple[ObjectRef, str, str, Plain]]:
    """Yield holder, namespace, place and route of every route of a VirtualService, its delegates' in their place."""
    ref = ref_of(root)
    for at, route in enumerate(_http(root)):
        delegate = get_map(route, ("delegate",))
        if not delegate:
            yield ref, ref.namespace, f"http[{at}]", route
            continue
        held = delegates.get((get_text(delegate, ("namespace",)) or ref.namespace, get_text(delegate, ("name",))))
        if held is None or not _exported(held) & {"*", ref.namespace}:
            continue
        own = ref_of(held)
        for own_at, own_route in enumerate(_http(held)):
            merged = merge_routes(route, own_route)
            if merged is not None:
                yield own, own.namespace, f"http[{own_at}]", merged


def _http(document: Document) -> list[Plain]:
    """Return the routes of a VirtualService, the Gateways of their matches named in full."""
    home = ref_of(document).namespace
    return [in_full(route, home) for route in get_list(document.data, ("spec", "http")) if is_mapping(route)]


def _gateways(documents: Sequence[Document]) -> Iterator[tuple[str, tuple[Mapping[str, object], tuple[_Server, ...]]]]:
    """Yield each Gateway with its selector and servers, the older first; before them those made of Ingresses."""
    made = _istio_ingresses(documents)
    if made:
        selector: dict[str, object] = {"istio": DEFAULT_PODS["istio"]}
        for ingress in made:
            hosts = [
                tuple(host for host in get_list(tls, ("hosts",)) if isinstance(host, str)) or ("*",)
                for tls in get_list(ingress.data, ("spec", "tls"))
                if get_text(tls, ("secretName",))
            ]
            name = _gateway_of_ingress(ref_of(ingress))
            servers = [_Server(gateway=name, number=443, hosts=own, is_tls=True) for own in hosts]
            yield name, (selector, (*servers, _Server(gateway=name, number=80, hosts=("*",))))
    for document in _istio(documents, "Gateway"):
        ref = ref_of(document)
        name = f"{ref.namespace}/{ref.name}"
        servers = [_server(name, ref.namespace, server) for server in get_list(document.data, ("spec", "servers"))]
        yield name, (get_map(document.data, ("spec", "selector")), tuple(servers))


def _server(gateway: str, namespace: str, server: object) -> _Server:
    protocol = get_text(server, ("port", "protocol")).upper()
    number = get_map(server, ("port",)).get("number")
    tls = get_map(server, ("tls",))
    passed = get_text(tls, ("mode",)) in ("PASSTHROUGH", "AUTO_PASSTHROUGH")
    hosts = []
    for host in get_list(server, ("hosts",)):
        space, slash, name = host.partition("/") if isinstance(host, str) else ("", "", "")
        if slash:
            hosts.append(name if space == "*" else f"{namespace if space == '.' else space}/{name}")
        else:
            hosts.append(space)
    is_https = protocol == "HTTPS" and bool(tls) and not passed
    return _Server(
        gateway=gateway,
        number=number if isinstance(number, int) else 0,
        hosts=("*",) if "*" in hosts else tuple(hosts),
        is_tls=protocol not in _PLAIN,
        redirects=protocol in _PLAIN and tls.get("httpsRedirect") is True,
        bind=get_text(server, ("bind",)),
        passes=protocol not in _PLAIN and not is_https,
    )


def _pods(
    documents: Sequence[Document], servers: Mapping[str, tuple[Mapping[str, object], tuple[_Server, ...]]]
) -> Iterator[_Pods]:
    """Yield the pods of the Gateways: workloads of the documents, Istio's own, or what the selector alone says."""
    selectors = {name: {key: str(value) for key, value in selector.items()} for name, (selector, _) in servers.items()}
    known: list[tuple[Mapping[str, str], str]] = []
    for document in documents:
        labels = get_map(document.data, ("spec", "template", "metadata", "labels"))
        if labels:
            known.append(({key: str(value) for key, value in labels.items()}, ref_of(document).namespace))
    known.append((DEFAULT_PODS, INGRESS_NAMESPACE))
    met: set[str] = set()
    found: dict[tuple[str, ...], _Pods] = {}

    def add(labels: Mapping[str, str], namespace: str) -> None:
        names = tuple(name for name, selector in selectors.items() if selector.items() <= labels.items())
        met.update(names)
        found.setdefault(names, _Pods(labels=labels, namespace=namespace, gateways=names))

    for own, namespace in known:
        if any(selector and selector.items() <= own.items() for selector in selectors.values()):
            add(own, namespace)
    for name, selector in selectors.items():
        if name not in met:
            add(selector, name.partition("/")[0])
    order = list(selectors)
    yield from sorted(found.values(), key=lambda pods: [order.index(name) for name in pods.gateways])


def _proxy(pods: _Pods, servers: Iterable[_Server], bound: Mapping[str, Sequence[_Service]]) -> Proxy:
    """Return the listeners that servers make, joined as `mergeGateways` does, and their tables."""
    joined: dict[tuple[object, ...], list[_Server]] = {}
    plain: set[tuple[int, str]] = set()
    secured: dict[tuple[int, str], set[str]] = {}
    for server in servers:
        place = server.number, server.bind
        if not server.is_tls:
            plain.add(place)
            joined.setdefault(place, []).append(server)
            continue
        taken = secured.setdefault(place, set())
        if place in plain or taken & set(server.hosts):
            continue
        taken.update(server.hosts)
        if not server.passes:
            joined[(*place, server.gateway, server.hosts)] = [server]
    return Proxy(
        gateways=pods.gateways, listeners=tuple(_listener(pods, grouped, bound) for grouped in joined.values())
    )


def _listener(pods: _Pods, servers: Sequence[_Server], bound: Mapping[str, Sequence[_Service]]) -> Listener:
    first = servers[0]
    listener = Listener(
        number=first.number,
        is_tls=first.is_tls,
        gateways=tuple(dict.fromkeys(server.gateway for server in servers)),
        names=frozenset(host.rpartition("/")[2].lower() for host in first.hosts) if first.is_tls else frozenset(),
    )
    for server in servers:
        for service in _seen(bound.get(server.gateway, ()), pods.namespace):
            own = [
                name
                for host in server.hosts
                for space, slash, name in [host.rpartition("/")]
                if not slash or space == service.ref.namespace
            ]
            routes = list(_routes(service, server, pods))
            for host in _common(own, service.hosts) if routes else ():
                listener.hosts.setdefault(host, []).extend(routes)
                if server.redirects:
                    listener.to_https.add(host)
        if server.redirects:
            listener.to_https.update(host.lower() for host in server.hosts)
    for routes in listener.hosts.values():
        routes.sort(key=lambda route: route.is_catch_all)
    return listener


def _seen(services: Sequence[_Service], namespace: str) -> list[_Service]:
    """Return the VirtualServices that pods of a namespace see, those for it alone first.

    Source: istio/istio 86c9f01, pilot/pkg/model/push_context.go, `VirtualServicesForGateway`.
    """
    seen = [
        service
        for service in services
        if "*" in service.exported or ("~" not in service.exported and namespace in service.exported)
    ]
    return sorted(
        seen, key=lambda service: 2 if "*" in service.exported else 0 if service.ref.namespace == namespace else 1
    )


def _common(servers: Sequence[str], services: Sequence[str]) -> list[str]:
    """Return the hosts that two lists have in common: of two that overlap the narrower one."""
    found: dict[str, None] = {}
    for host in servers:
        for other in services:
            if _is_inside(host, other):
                found[host.lower()] = None
            elif _is_inside(other, host):
                found[other.lower()] = None
    return list(found)


def _is_inside(host: str, other: str) -> bool:
    if other.startswith("*"):
        if host.startswith("*"):
            return len(host) >= len(other) and host[1:].endswith(other[1:])
        return host.endswith(other[1:])
    return host == other


def _routes(service: _Service, server: _Server, pods: _Pods) -> Iterator[Route]:
    """Yield the routes that stand at a server: nothing behind one without conditions."""
    for ref, home, rule, route in service.routes:
        for match in get_list(route, ("match",)) or [{}]:
            own = match if is_mapping(match) else {}
            if not _applies(own, server, pods):
                continue
            made = Route(
                ref=ref,
                entry=service.ref if not service.by_element else ref,
                home=home,
                rule=rule,
                route=route,
                match=own,
                by_element=service.by_element,
            )
            yield made
            if made.is_catch_all:
                return


def _applies(match: Plain, server: _Server, pods: _Pods) -> bool:
    """Tell whether a match is one for a server. Source: route.go, `TranslateRoute` and `sourceMatchHTTP`."""
    port = match.get("port")
    if port and port != server.number:
        return False
    gateways = get_list(match, ("gateways",))
    if gateways:
        return server.gateway in gateways
    labels = {key: str(value) for key, value in get_map(match, ("sourceLabels",)).items()}
    return labels.items() <= pods.labels.items() and match.get("sourceNamespace", pods.namespace) == pods.namespace


def _unread(documents: Sequence[Document]) -> Mapping[str, tuple[ObjectRef, ...]]:
    found: dict[str, list[ObjectRef]] = {}
    for document in _istio(documents, "VirtualService"):
        sections = [name for name in ("tls", "tcp") if get_list(document.data, ("spec", name))]
        if sections and any(name != MESH for name in get_list(document.data, ("spec", "gateways"))):
            for host in get_list(document.data, ("spec", "hosts")):
                if isinstance(host, str):
                    found.setdefault(host.lower(), []).append(ref_of(document))
    return {host: tuple(refs) for host, refs in found.items()}


def unread_at(tables: Tables, host: str) -> tuple[ObjectRef, ...]:
    """Return the VirtualServices whose `tls` or `tcp` routes name a host."""
    return next((tables.unread[pattern] for pattern in _patterns(host) if pattern in tables.unread), ())


def _istio_ingresses(documents: Sequence[Document]) -> list[Document]:
    """Return the Ingresses of Istio, the oldest first. Source: `shouldProcessIngressWithClass`, mode STRICT."""
    controllers = {found.identity.name: controller_of_class(found) for found in classes_among(documents)}
    found = []
    for document in documents:
        if document.identity.group_kind == INGRESS:
            annotated = get_text(document.data, ("metadata", "annotations", CLASS_ANNOTATION))
            named = get_text(document.data, ("spec", "ingressClassName"))
            # A class that is not among the documents is known by its name alone.
            by_class = controllers.get(named, CONTROLLER if named == CLASS else "") == CONTROLLER
            if annotated == CLASS if annotated else by_class:
                found.append(document)
    return in_age(found, lambda ref: f"{ref.name}\0{ref.namespace}")


def _gateway_of_ingress(ref: ObjectRef) -> str:
    return f"{INGRESS_NAMESPACE}/{ref.name}-istio-autogenerated-k8s-ingress-{ref.namespace}"


def _of_ingresses(documents: Sequence[Document]) -> Iterator[_Service]:
    """Yield what Istio makes of the Ingresses of its class: for each host one, the longest path first."""
    listed = _istio_ingresses(documents)
    ports = {
        (ref.namespace, ref.name, get_text(port, ("name",))): get_map(port, ()).get("port")
        for document in documents
        if document.identity.kind == "Service"
        for ref in [ref_of(document)]
        for port in get_list(document.data, ("spec", "ports"))
    }
    hosts: dict[str, list[tuple[Document, int, object]]] = {}
    for ingress in listed:
        for at, rule in enumerate(get_list(ingress.data, ("spec", "rules"))):
            if get_map(rule, ("http",)):
                hosts.setdefault(get_text(rule, ("host",)) or "*", []).append((ingress, at, rule))
    for host, rules in hosts.items():
        made: list[tuple[ObjectRef, str, str, Plain]] = []
        for ingress, at, rule in rules:
            ref = ref_of(ingress)
            for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
                name = get_text(path, ("backend", "service", "name"))
                asked = get_map(path, ("backend", "service", "port"))
                number = asked.get("number") or ports.get((ref.namespace, name, str(asked.get("name", ""))))
                uri = _uri_of(get_text(path, ("pathType",)), get_text(path, ("path",)))
                if name and number:
                    target = {"host": full_host(name, ref.namespace), "port": {"number": number}}
                    route: Plain = {"route": [{"destination": target}]}
                    place = f"rules[{at}].http.paths[{path_at}]"
                    made.append((ref, ref.namespace, place, {**route, **({"match": [{"uri": uri}]} if uri else {})}))
        made.sort(key=lambda item: _rank(item[3]))
        first = ref_of(rules[0][0])
        yield _Service(
            ref=first,
            hosts=(host,),
            gateways=(_gateway_of_ingress(first),),
            exported=frozenset({"*"}),
            routes=tuple(made),
            by_element=True,
        )


def _uri_of(kind: str, path: str) -> Plain:
    if kind in ("Exact", "Prefix"):
        return {kind.lower(): path}
    # Source: `createFallbackStringMatch`.
    if path in ("", "*", "/*", ".*"):
        return {}
    if path.endswith((".*", "/*")):
        return {"prefix": path[:-2]}
    return {"exact": path}


def _rank(route: Plain) -> tuple[int, bool]:
    uri = get_map(next(iter(get_list(route, ("match",))), {}), ("uri",))
    text = next((value for value in uri.values() if isinstance(value, str)), None)
    return (1, True) if text is None else (-len(text), "exact" not in uri)


def is_claim(header: str) -> bool:
    """Tell whether a header of a match stands for a claim of a token instead."""
    return header.startswith(_CLAIM)
