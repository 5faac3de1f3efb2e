"""The routers that Traefik makes beside those of its provider for ingress-nginx.

They are of IngressRoutes, of Ingresses of its own class, and of HTTPRoutes. All routers of an entry point stand in one
list. The one with the highest priority that matches has the request; where none is written, it is the rule's length.

Source: traefik/traefik v3.7.13 pkg/muxer/http/mux.go (GetRulePriority, ServeHTTP), pkg/provider/kubernetes/crd
kubernetes_http.go, ingress/kubernetes.go (loadRouter), gateway/httproute.go (buildMatchRule).
"""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

from grayc.documents.chunk import Path
from grayc.documents.ingresses import classes_among, controller_of_class, ingress_class, is_ingress, why_not_held
from grayc.documents.model import Document
from grayc.documents.traefik_rules import Rule, hosts_of, matchers_of, read_rule
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.ingress_controllers import TRAEFIK, product_of_controller, rows_of_class
from grayc.k8s.kinds import GATEWAY
from grayc.records import dataclass, replace

INGRESS_ROUTES = (("traefik.io", "IngressRoute"), ("traefik.containo.us", "IngressRoute"))

_HTTP_ROUTE = (GATEWAY, "HTTPRoute")
_CONTROLLER = "traefik.io/gateway-controller"
"""`spec.controllerName` of Traefik's GatewayClasses. Source: gateway/kubernetes.go, controllerName."""

_OPTIONS = "traefik.ingress.kubernetes.io/router."
_EXACT, _PREFIX = 100_000, 10_000
_GROUPS = ("traefik.io", "traefik.containo.us")
_DEEPEST = 8
_TEXT = r"(?:`[^`]*`|\"[^\"\\]*\")"
_TERM = re.compile(rf"(Host|Path|PathPrefix)\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)")
_HOSTS = re.compile(rf"Host\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)")
_EITHER = re.compile(rf"\(\s*(Host\({_TEXT}\)(?:\s*\|\|\s*Host\({_TEXT}\))+)\s*\)")


Headers = tuple[tuple[str, str], ...]
"""Names and values that a Middleware sets; "" takes a header away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A Service that a router leads to.

    Attributes:
        part: of the router's requests.
        headers: that are set for it alone.
    """

    namespace: str
    service: str
    port: int | str
    part: Fraction
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRouter:
    """A router.

    Attributes:
        place: of what names its path, in the document.
        rule: as its object has it, for messages.
        hosts: in lower case; () for any.
        path: "" for any.
        kind: `Exact`, `Prefix` (whole elements of the path) or `PathPrefix` (any characters).
        unread: why nobody here tells which requests it takes; "" where host and path are all it asks for.
        leads: why nobody here tells where it leads; "" where that is one Service.
        backends: namespace, Service and port.
        asks: its rule, of an IngressRoute; None where that is not read.
        shares: of an IngressRoute, where `leads` is "".
        is_sticky: a client stays on its share.
        headers: that its Middlewares set.
        redirect: status by which a Middleware answers requests of another scheme, 0 for none.
        entry_points: that its IngressRoute names; () for the default ones.
    """

    document: Document
    place: Path
    rule: str
    hosts: tuple[str, ...]
    path: str
    kind: str
    priority: int
    unread: str = ""
    leads: str = ""
    backends: tuple[tuple[str, str, int | str], ...] = ()
    asks: Rule | None = None
    shares: tuple[Share, ...] = ()
    is_sticky: bool = False
    headers: Headers = ()
    redirect: int = 0
    entry_points: tuple[str, ...] = ()

    def is_for(self, host: str) -> bool:
        """Tell whether it may take requests for a host, or for some that a pattern stands for."""
        return not self.hosts or not host or any(_may_be(one, host) for one in self.hosts)


def other_routers(documents: Iterable[Document]) -> tuple[OtherRouter, ...]:
    """Return the routers of all documents, in their order."""
    every = tuple(documents)
    own = OwnClasses(every)
    gateways = _Gateways(every)
    named = _Named(every)
    return tuple(
        router
        for document in every
        for router in (
            _of_ingress_route(document, named)
            if document.identity.group_kind in INGRESS_ROUTES
            else _of_ingress(document)
            if own.has(document)
            else _of_http_route(document, gateways)
            if document.identity.group_kind == _HTTP_ROUTE
            else ()
        )
    )


class OwnClasses:
    """The classes whose Ingresses Traefik's own provider reads."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._controllers = {found.identity.name: controller_of_class(found) for found in classes_among(documents)}

    def has(self, document: Document) -> bool:
        """Tell whether an object is an Ingress of such a class."""
        if not is_ingress(document) or why_not_held(document):
            return False
        name = ingress_class(document)
        controller = self._controllers.get(name, "")
        if controller:
            return product_of_controller(controller) == TRAEFIK
        return [row.product for row in rows_of_class(name)] == [TRAEFIK]


def hosts_of_ingress_route(document: Document) -> tuple[str, ...]:
    """Return the hosts that an IngressRoute speaks of, "" among them where one of its rules may be for any."""
    found: dict[str, None] = {}
    for router in _of_ingress_route(document, _Named(())):
        found.update(dict.fromkeys(router.hosts or ("",)))
    return tuple(found)


class _Gateways:
    """Which Gateways are Traefik's: True, False, or None where nothing tells."""

    def __init__(self, documents: Iterable[Document]) -> None:
        every = tuple(documents)
        classes = {
            found.identity.name: get_text(found.data, ("spec", "controllerName")) == _CONTROLLER
            for found in every
            if found.identity.group_kind == (GATEWAY, "GatewayClass")
        }
        self._known: dict[tuple[str, str], bool | None] = {}
        for found in every:
            if found.identity.group_kind == (GATEWAY, "Gateway"):
                name = get_text(found.data, ("spec", "gatewayClassName"))
                is_own = classes.get(name, True if name == "traefik" else None)
                self._known[found.identity.namespace or "", found.identity.name] = is_own

    def are_own(self, route: Document) -> bool | None:
        """Tell whether one of the Gateways that a route names is Traefik's."""
        home = route.identity.namespace or ""
        told = [
            self._known.get((get_text(parent, ("namespace",)) or home, get_text(parent, ("name",))))
            for parent in get_list(route.data, ("spec", "parentRefs"))
            if get_text(parent, ("kind",)) in ("", "Gateway")
        ]
        return True if True in told else None if None in told else False


class _Named:
    """The objects that IngressRoutes name: TraefikServices and Middlewares."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._found: dict[tuple[str, str, str], Document] = {
            (document.identity.kind, document.identity.namespace or "", document.identity.name): document
            for document in documents
            if document.identity.group in _GROUPS and document.identity.kind in ("TraefikService", "Middleware")
        }

    def shares(self, services: Iterable[object], home: str, depth: int = 0) -> tuple[tuple[Share, ...], bool]:
        """Return where a list of services leads, and whether clients stay there; no share where that is not known."""
        listed = [service for service in services if is_mapping(service)]
        weights = [_weight(service) for service in listed] if len(listed) > 1 else [1] * len(listed)
        whole = sum(weights)
        found: list[Share] = []
        sticky = False
        for service, weight in zip(listed, weights, strict=True):
            shares, stays = self._of(service, home, depth)
            if not shares:
                return (), False
            sticky = sticky or stays
            headers = self.headers(get_list(service, ("middlewares",)), get_text(service, ("namespace",)) or home)
            for share in shares if weight else ():
                part = share.part * weight / whole
                found.append(replace(share, part=part, headers=(*headers, *share.headers)))
        return tuple(found), sticky

    def _of(self, service: object, home: str, depth: int) -> tuple[tuple[Share, ...], bool]:
        name, space = get_text(service, ("name",)), get_text(service, ("namespace",)) or home
        kind = get_text(service, ("kind",)) or "Service"
        if kind == "Service" and "@" not in name:
            return (Share(namespace=space, service=name, port=_port(get(service, ("port",))), part=Fraction(1)),), False
        document = self._found.get((kind, space, name))
        if document is None or depth >= _DEEPEST:
            return (), False
        spec = get_map(document.data, ("spec",))
        weighted = get_map(spec, ("weighted",))
        if weighted:
            shares, sticky = self.shares(get_list(weighted, ("services",)), space, depth + 1)
            return shares, sticky or "sticky" in weighted
        # A mirror gets copies, and a fallback what the first cannot take.
        first = get_map(spec, ("mirroring",)) or get_map(spec, ("failover", "service"))
        return self._of(first, space, depth + 1) if first else ((), False)

    def headers(self, refs: Iterable[object], home: str) -> Headers:
        """Return what the Middlewares of a list set, in their order."""
        return tuple(
            (name, value)
            for spec in self._specs(refs, home, 0)
            for name, value in get_map(spec, ("headers", "customRequestHeaders")).items()
            if isinstance(value, str)
        )

    def redirect(self, refs: Iterable[object], home: str) -> int:
        """Return the status of a Middleware that sends requests to another scheme, 0 for none."""
        found = (spec["redirectScheme"] for spec in self._specs(refs, home, 0) if "redirectScheme" in spec)
        asked = next(found, None)
        return 0 if asked is None else 301 if get(asked, ("permanent",)) is True else 302

    def _specs(self, refs: Iterable[object], home: str, depth: int) -> Iterator[dict[str, object]]:
        for ref in refs:
            space = get_text(ref, ("namespace",)) or home
            document = self._found.get(("Middleware", space, get_text(ref, ("name",))))
            spec = get_map(document.data, ("spec",)) if document is not None else {}
            chain = get_list(spec, ("chain", "middlewares"))
            if chain and depth < _DEEPEST:
                yield from self._specs(chain, space, depth + 1)
            elif spec:
                yield spec


def _weight(service: object) -> int:
    weight = get(service, ("weight",))
    return weight if isinstance(weight, int) and weight >= 0 else 1


def _of_ingress_route(document: Document, named: _Named) -> Iterator[OtherRouter]:
    home = document.identity.namespace or ""
    points = get_list(document.data, ("spec", "entryPoints"))
    for at, route in enumerate(get_list(document.data, ("spec", "routes"))):
        rule = get_text(route, ("match",))
        syntax = get_text(route, ("syntax",)) or get_text(document.data, ("spec", "syntax"))
        hosts, path, kind, unread = _read(rule)
        asks = read_rule(rule)
        if asks is not None and any(matcher.name == "ClientIP" for matcher in matchers_of(asks)):
            asks = None
        if syntax == "v2":
            unread = unread or "its rule is written in the syntax of Traefik v2"
            asks = None
        if asks is not None:
            hosts = hosts_of(asks)
        services = get_list(route, ("services",))
        shares, sticky = named.shares(services, home)
        middlewares = get_list(route, ("middlewares",))
        is_one = len(services) == 1 and get_text(services[0], ("kind",)) in ("", "Service")
        priority = get(route, ("priority",))
        yield OtherRouter(
            document=document,
            place=("spec", "routes", at, "match"),
            rule=rule,
            hosts=hosts,
            path=path,
            kind=kind,
            priority=priority if isinstance(priority, int) and priority else len(rule.encode()),
            unread=unread,
            leads="" if is_one or shares else "it leads to no Service that is known",
            backends=tuple(
                (get_text(to, ("namespace",)) or home, get_text(to, ("name",)), _port(get(to, ("port",))))
                for to in services
            ),
            asks=asks,
            shares=shares,
            is_sticky=sticky,
            headers=named.headers(middlewares, home),
            redirect=named.redirect(middlewares, home),
            entry_points=tuple(point for point in points if isinstance(point, str)),
        )


def _of_ingress(document: Document) -> Iterator[OtherRouter]:
    options = get_map(document.data, ("metadata", "annotations"))
    written = options.get(f"{_OPTIONS}priority")
    fixed = int(written) if isinstance(written, str) and re.fullmatch(r"-?\d{1,9}", written) else 0
    matcher = options.get(f"{_OPTIONS}pathmatcher")
    for rule_at, rule in enumerate(get_list(document.data, ("spec", "rules"))):
        host = get_text(rule, ("host",)).lower()
        for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
            text, kind = get_text(path, ("path",)), get_text(path, ("pathType",))
            asked = "Path" if kind == "Exact" else "PathPrefix"
            if kind not in ("Exact", "Prefix") and isinstance(matcher, str):
                asked = matcher
            terms = [f'Host("{host}")'] if host else []
            terms += [f'{asked}("{text}")'] if text else []
            shown = " && ".join(terms)
            service = get_map(path, ("backend", "service"))
            port = get(service, ("port", "number")) or get(service, ("port", "name"))
            yield OtherRouter(
                document=document,
                place=("spec", "rules", rule_at, "http", "paths", path_at),
                rule=shown,
                hosts=(host,) if host else (),
                path="" if asked == "PathRegexp" else text,
                kind="Exact" if asked == "Path" else "PathPrefix",
                priority=fixed or len(shown),
                unread="its path is an expression" if asked == "PathRegexp" else "",
                backends=((document.identity.namespace or "", get_text(service, ("name",)), _port(port)),),
            )


def _of_http_route(document: Document, gateways: _Gateways) -> Iterator[OtherRouter]:
    is_own = gateways.are_own(document)
    if is_own is False:
        return
    hosts = tuple(host.lower() for host in get_list(document.data, ("spec", "hostnames")) if isinstance(host, str))
    longest = max((len(host) for host in hosts), default=0)
    home = document.identity.namespace or ""
    for rule_at, rule in enumerate(get_list(document.data, ("spec", "rules"))):
        backends = get_list(rule, ("backendRefs",))
        for match_at, match in enumerate(get_list(rule, ("matches",)) or [{}]):
            kind = get_text(match, ("path", "type")) or "PathPrefix"
            path = get_text(match, ("path", "value")) or "/"
            asks = {name: get_list(match, (name,)) for name in ("headers", "queryParams")}
            priority = _EXACT if kind == "Exact" else 1 if path == "/" else _PREFIX + 100 * len(path)
            priority += 1000 * bool(get_text(match, ("method",)))
            priority += longest + 100 * len(asks["headers"]) + 10 * len(asks["queryParams"])
            unread = (
                "nothing tells whether its Gateway is Traefik's"
                if is_own is None
                else "its path is an expression"
                if kind == "RegularExpression"
                else "it asks for more than host and path"
                if any(asks.values()) or get_text(match, ("method",))
                else ""
            )
            is_one = len(backends) == 1 and not get_list(rule, ("filters",))
            yield OtherRouter(
                document=document,
                place=("spec", "rules", rule_at, "matches", match_at)
                if get_list(rule, ("matches",))
                else (
                    "spec",
                    "rules",
                    rule_at,
                ),
                rule=f"{kind} {path}",
                hosts=hosts,
                path="" if kind == "RegularExpression" else path,
                kind="Exact" if kind == "Exact" else "Prefix",
                priority=priority,
                unread=unread,
                leads="" if is_one else "it leads to no single Service",
                backends=tuple(
                    (get_text(to, ("namespace",)) or home, get_text(to, ("name",)), _port(get(to, ("port",))))
                    for to in backends
                ),
            )


@lru_cache(maxsize=4096)
def _read(rule: str) -> tuple[tuple[str, ...], str, str, str]:
    """Return hosts, path, kind of the path, and why the rule is not wholly read."""
    hosts: list[str] = []
    path, kind = "", "PathPrefix"
    for term in rule.split("&&"):
        either = _EITHER.fullmatch(term.strip())
        read = _TERM.fullmatch(term.strip())
        if (either or (read and read[1] == "Host")) and not hosts:
            hosts = _texts(term)
        elif read and read[1] != "Host" and not path and len(_texts(read[2])) == 1:
            path, kind = _texts(read[2])[0], "Exact" if read[1] == "Path" else "PathPrefix"
        else:
            named = [name for found in _HOSTS.findall(rule) for name in _texts(found)]
            # Beside these words the hosts of a rule may be any, or all but those.
            is_any = not named or "!" in rule or "HostRegexp" in rule or ("||" in rule and not _EITHER.search(rule))
            shown = () if is_any else tuple(name.lower() for name in named)
            return shown, "", "PathPrefix", "its rule asks for more than `Host`, `Path` and `PathPrefix`"
    return tuple(host.lower() for host in hosts), path, kind, ""


def _texts(text: str) -> list[str]:
    return [found[1:-1] for found in re.findall(_TEXT, text)]


def _port(port: object) -> int | str:
    return port if isinstance(port, int | str) else ""


def _may_be(one: str, host: str) -> bool:
    if one == host:
        return True
    return any(
        wide.startswith("*.") and other.removeprefix("*").endswith(wide[1:])
        for wide, other in ((one, host), (host, one))
    )
