"""Istio at its gateways: VirtualServices in the order of their lists.

Sources: istio/istio 86c9f01, pilot/pkg/networking/core/route/route.go and core/gateway.go, pkg/config/validation;
istio/api b8f8791, networking/v1alpha3/virtual_service.proto:

- of all hosts that name the host the most exact one counts, and no other is looked at after it;
- VirtualServices of one host at one Envoy are joined, in the order of the Gateways' servers, then the older first, of
  one time by name; routes without conditions then move to the end;
- the first route that matches counts; what stands behind a route without conditions in its own list is not there;
- a prefix of a path is one of the text, so `/foo` names `/foobar` too; expressions match the whole value;
- destinations without weight get nothing where there are several; one without pods, Service, port or subset answers
  503.

A request names a host and no port: where a port answers with a redirect to HTTPS and the same gateway serves the host
on a port of HTTPS, the answer is that port's. Where Gateways of several pods serve a host, the first that has a route
answers, and the others are reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import isfinite

from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE, ISTIO
from grayc.records import dataclass, replace
from grayc.routing.istio_tables import (
    Listener,
    Plain,
    Proxy,
    Route,
    full_host,
    is_claim,
    matched_names,
    tables_of,
    unread_at,
)
from grayc.routing.matching import (
    BadExpression,
    HeaderEdits,
    is_below,
    is_whole,
    query_values,
    ref_of,
    shared_out,
    shown_header,
    told_header,
    told_query,
)
from grayc.routing.model import (
    NO_CIRCUMSTANCES,
    Answer,
    Candidate,
    Circumstances,
    Decider,
    Destination,
    EntryRule,
    Request,
)

NAME = "istio"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_GRPC: Mapping[str, int] = {
    "OK": 200, "CANCELLED": 499, "UNKNOWN": 500, "INVALID_ARGUMENT": 400, "DEADLINE_EXCEEDED": 504, "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409, "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429, "FAILED_PRECONDITION": 400,
    "ABORTED": 409, "OUT_OF_RANGE": 400, "UNIMPLEMENTED": 501, "INTERNAL": 500, "UNAVAILABLE": 503, "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}  # fmt: skip
"""Status of a gRPC call that a fault ends → status for a plain request. Source: envoy grpc/status.cc."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A Service or the host of a ServiceEntry: where it lives, how it is called, and the ports that it has."""

    namespace: str
    name: str
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """What one listener answers."""

    listener: Listener
    answer: Answer
    to_https: bool = False


def simulate(documents: Iterable[Document]) -> "VirtualServices":
    """Return a router over the VirtualServices, Gateways and Ingresses of Istio among the documents."""
    return VirtualServices(tuple(documents))


class VirtualServices:
    """All VirtualServices of one mesh's gateways."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self._knows_services = any(document.identity.group_kind == (CORE, "Service") for document in documents)
        self._targets = dict(_targets(documents))
        self._subsets = _subsets(documents)
        self._tables = tables_of(documents)
        refused = (_refused(entry) for entry in documents if entry.identity.group_kind == (ISTIO, "VirtualService"))
        self._refused = next((reason for reason in refused if reason), "")

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        if self._refused:
            return Answer(refused=self._refused)
        asked = circumstances.servers
        met = [
            (proxy, found)
            for proxy in self._tables.proxies
            if not asked or asked.intersection(proxy.gateways)
            if (found := self._at(proxy, request, circumstances)) is not None
        ]
        unread = tuple(
            f"{ref} names the host in `tls` or `tcp` routes, which are chosen before there is a request: not followed"
            for ref in unread_at(self._tables, request.host)
        )
        if not met:
            return Answer(status=404, why=(f"no VirtualService at a gateway names host {request.host}", *unread))
        proxy, answer = next((one for one in met if one[1].entry is not None or one[1].status != 404), met[0])
        others = tuple(
            f"Gateway {', '.join(other.gateways)} serves the host too, in pods of its own: there it is {_told(said)}"
            for other, said in met
            if other is not proxy and (said.destinations, said.status) != (answer.destinations, answer.status)
        )
        unknown = tuple(
            f"Gateway {name} is not among the manifests: it is taken to serve every host"
            for name in proxy.gateways
            if name in self._tables.unknown
        )
        return _because(answer, (*unknown, *others, *(unread if answer.status == 404 else ())))

    def _at(self, proxy: Proxy, request: Request, circumstances: Circumstances) -> Answer | None:
        """Return what the pods of a gateway answer, None where they do not serve the host."""
        met = [
            found
            for listener in matched_names(proxy.listeners, request.host)
            if (found := self._in(listener, request, circumstances)) is not None
        ]
        if not met:
            return None
        served = [one for one in met if one.answer.status != 404 or one.answer.entry is not None] or met
        secured = [one for one in served if one.listener.is_tls]
        first = served[0]
        if first.to_https and secured and secured[0].answer.status != 404:
            why = f"port {first.listener.number} redirects to HTTPS, so this is what port "
            return _because(secured[0].answer, (f"{why}{secured[0].listener.number} answers",))
        return first.answer

    def _in(self, listener: Listener, request: Request, circumstances: Circumstances) -> _Met | None:
        host = listener.host_of(request.host)
        if host is None:
            return None
        if host in listener.to_https:
            gateways = ", ".join(listener.gateways)
            why = (f"Gateway {gateways} redirects port {listener.number} to HTTPS",)
            return _Met(listener=listener, answer=Answer(status=301, why=why), to_https=True)
        candidates: list[Candidate] = []
        winner: Route | None = None
        for route in listener.hosts[host]:
            missed = _missed(route, request, is_tls=listener.is_tls)
            if missed == "path":
                continue
            won = winner is None and not missed
            outcome = "won" if won else missed or "comes later: the first that matches counts"
            candidates.append(Candidate(object=route.ref, rule=route.rule, outcome=outcome, won=won))
            winner = route if won else winner
        if winner is None:
            why = (f"no route of host {host} matches the request",)
            return _Met(listener=listener, answer=Answer(status=404, candidates=tuple(candidates), why=why))
        answer = replace(self._answer(host, winner, request, circumstances, listener), candidates=tuple(candidates))
        scheme = get_text(winner.route, ("redirect", "scheme"))
        return _Met(listener=listener, answer=answer, to_https=not listener.is_tls and scheme == "https")

    def _answer(
        self, host: str, route: Route, request: Request, circumstances: Circumstances, listener: Listener
    ) -> Answer:
        uri = get_map(route.match, ("uri",))
        kind, text = next(((key, str(value)) for key, value in uri.items()), ("prefix", "/"))
        entry = EntryRule(object=route.entry, host="" if host == "*" else host, path=text, path_type=kind)
        decider = Decider(object=route.ref, rule=route.rule)
        why = [f"{route.ref} {route.rule} is the first route of host {host} that matches"]
        if route.ref != route.entry:
            why.append(f"{route.entry} delegates to it")
        aborted, share = _fault(route.route)
        if aborted:
            why.append(f"a fault ends {float(share):g} % of its requests with {aborted}")
        fixed = _fixed_status(route.route)
        ways = [way for way in get_list(route.route, ("route",)) if is_mapping(way)]
        weighed = [
            (way, weight, self._destination(way, route, request, circumstances, listener, alone=len(ways) == 1))
            for way in ways
            if (weight := 100 if len(ways) == 1 else _weight(way))
        ]
        if fixed or not weighed:
            why.append("the route answers itself")
            own = shared_out([(Fraction(1), Destination(namespace="", service="", status=fixed or 404))])
        else:
            own = shared_out((Fraction(weight), destination) for _, weight, destination in weighed)
            if len(own) > 1:
                why.append("its destinations share the requests by their weights")
            why += [
                f"{get_text(way, ('destination', 'host'))} has no Service, port, subset or ready pod: 503"
                for way, _, destination in weighed
                if destination.status
            ]
        fault = Destination(namespace="", service="", status=aborted or None)
        destinations = shared_out(
            [(share, fault), *((item.percent * (100 - share) / 100, item) for item in own)]
            if aborted
            else [(item.percent, item) for item in own]
        )
        statuses = {destination.status for destination in destinations}
        status = statuses.pop() if len(statuses) == 1 else None
        return Answer(
            status=status,
            entry=entry,
            decided_by=decider,
            destinations=destinations if status is None else (),
            why=tuple(why),
        )

    def _destination(
        self,
        way: Plain,
        route: Route,
        request: Request,
        circumstances: Circumstances,
        listener: Listener,
        *,
        alone: bool,
    ) -> Destination:
        host, subset = (
            full_host(get_text(way, ("destination", "host")), route.home),
            get_text(way, ("destination", "subset")),
        )
        target = self._targets.get(host.lower())
        port = get_map(way, ("destination", "port")).get("number", "")
        if target is None and self._knows_services:
            return Destination(namespace="", service="", status=503)
        if target is None:
            parts = host.split(".")
            is_service = parts[2:3] == ["svc"]
            target = _Target(
                namespace=parts[1] if is_service else route.home, name=parts[0] if is_service else host, ports=()
            )
        reached = port if isinstance(port, int) and port else target.ports[0] if len(target.ports) == 1 else None
        missing = (
            (bool(target.ports) and (reached or listener.number) not in target.ports)
            or target.name in circumstances.no_endpoints
            or (subset != "" and (host.lower(), subset) not in self._subsets)
        )
        if missing:
            return Destination(namespace="", service="", status=503)
        edits = HeaderEdits(request)
        # Of several destinations each changes headers before the route does; a single one is a part of its route.
        for holder in (route.route, way) if alone else (way, route.route):
            _edit(edits, holder)
        return Destination(
            namespace=target.namespace,
            service=target.name,
            port=port if isinstance(port, int) else "",
            subset=subset,
            changes=edits.changes(),
        )


def _because(answer: Answer, more: Sequence[str]) -> Answer:
    return replace(answer, why=(*answer.why, *more))


def _told(answer: Answer) -> str:
    if answer.status is not None:
        return f"answered with {answer.status}"
    return f"sent to {', '.join(destination.service or str(destination.status) for destination in answer.destinations)}"


def _targets(documents: Iterable[Document]) -> Iterator[tuple[str, _Target]]:
    """Yield every host that a destination can name, the hosts of ServiceEntries before those of Services."""
    listed = [document for document in documents if document.identity.kind in ("Service", "ServiceEntry")]
    for document in sorted(listed, key=lambda document: document.identity.kind == "Service"):
        ref, ports = ref_of(document), get_list(document.data, ("spec", "ports"))
        if document.identity.group_kind == (CORE, "Service"):
            numbers = [get_map(port, ()).get("port") for port in ports if get_text(port, ("protocol",)) in ("", "TCP")]
            host = f"{ref.name}.{ref.namespace}.svc.cluster.local"
            yield host, _Target(namespace=ref.namespace, name=ref.name, ports=_numbers(numbers))
        elif document.identity.group == ISTIO:
            numbers = [get_map(port, ()).get("number") for port in ports]
            for name in get_list(document.data, ("spec", "hosts")):
                if isinstance(name, str):
                    yield name.lower(), _Target(namespace=ref.namespace, name=name, ports=_numbers(numbers))


def _numbers(ports: Iterable[object]) -> tuple[int, ...]:
    return tuple(port for port in ports if isinstance(port, int))


def _subsets(documents: Iterable[Document]) -> set[tuple[str, str]]:
    """Return host and name of every subset."""
    found = set()
    for document in documents:
        if document.identity.group_kind == (ISTIO, "DestinationRule"):
            host = full_host(get_text(document.data, ("spec", "host")), ref_of(document).namespace)
            for subset in get_list(document.data, ("spec", "subsets")):
                found.add((host.lower(), get_text(subset, ("name",))))
    return found


def _refused(entry: Document) -> str:
    """Return why the API server's webhook would refuse a VirtualService, "" where it takes it."""
    for at, route in enumerate(get_list(entry.data, ("spec", "http"))):
        ways = [way for way in get_list(route, ("route",)) if is_mapping(way)]
        if len(ways) > 1 and not any(_weight(way) for way in ways):
            return f"{ref_of(entry)} http[{at}]: the weights of several destinations are all 0"
        for match in get_list(route, ("match",)):
            for part, condition in _conditions(match):
                pattern = get_text(condition, ("regex",))
                try:
                    # Where a header must not be, `*` is a word of Istio's own.
                    if pattern and (pattern != "*" or part != "withoutHeaders"):
                        is_whole(pattern, "")
                except BadExpression as error:
                    return f"{ref_of(entry)} http[{at}]: expression {pattern}: {error}"
    return ""


def _conditions(match: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    for part in ("uri", "method", "authority", "scheme"):
        yield part, get_map(match, (part,))
    for part in ("headers", "withoutHeaders", "queryParams"):
        for condition in get_map(match, (part,)).values():
            if is_mapping(condition):
                yield part, condition


def _missed(route: Route, request: Request, *, is_tls: bool) -> str:
    """Return what of a match a request does not meet, "" where it meets all, `path` for the path."""
    match = route.match
    uri = get_map(match, ("uri",))
    ignored = match.get("ignoreUriCase") is True
    path = request.path
    if ignored and "regex" not in uri:
        path = path.lower()
        uri = {key: str(value).lower() for key, value in uri.items()}
    if route.by_element and "prefix" in uri:
        if not is_below(path, str(uri["prefix"])):
            return "path"
    elif uri and not _meets(uri, path):
        return "path"
    method = get_map(match, ("method",))
    if method and not _meets(method, request.method):
        return f"asks for method {_asked(method)}"
    authority = get_map(match, ("authority",))
    if authority and not _meets(authority, request.host):
        return f"asks for authority {_asked(authority)}"
    scheme = get_map(match, ("scheme",))
    if scheme and not _meets(scheme, "https" if is_tls else "http"):
        return f"asks for scheme {_asked(scheme)}"
    for name, condition in get_map(match, ("headers",)).items():
        if is_claim(name):
            return f"asks for {name}, which no request here has"
        values = _values(request, name)
        if not values:
            return f"header {name} is absent"
        if not _meets(condition, ",".join(values)):
            return told_header(name, ",".join(values), f", not {shown_header(name, _asked(condition))}")
    for name, condition in get_map(match, ("withoutHeaders",)).items():
        values = _values(request, name)
        # A header that is not there counts as an empty one, but where presence alone is asked for.
        if (values or not _asks_presence(condition)) and _meets(condition, ",".join(values)):
            return told_header(name, ",".join(values), ", which is ruled out")
    for name, condition in get_map(match, ("queryParams",)).items():
        value = next(query_values(request.query, name), None)
        if value is None or not _meets(condition, value):
            return told_query(name, value, _asked(condition))
    return ""


def _meets(condition: object, value: str) -> bool:
    """Tell whether a value meets a StringMatch; an empty one, or the expression `*`, asks for presence alone."""
    if not is_mapping(condition):
        return condition is None
    for kind, wanted in condition.items():
        text = wanted if isinstance(wanted, str) else ""
        match kind:
            case "exact":
                return value == text
            case "prefix":
                return value.startswith(text)
            case "regex":
                return text == "*" or is_whole(text, value)
    return True


def _values(request: Request, name: str) -> tuple[str, ...]:
    """Return the values of a header; the names of HTTP/2 stand for parts of the request."""
    match name.lower():
        case ":authority" | "host":
            return (request.host,)
        case ":method":
            return (request.method,)
        case ":path":
            return (f"{request.path}?{request.query}" if request.query else request.path,)
    return request.values(name)


def _asks_presence(condition: object) -> bool:
    return not is_mapping(condition) or not condition or condition.get("regex") == "*"


def _asked(condition: object) -> str:
    if is_mapping(condition):
        for kind, wanted in condition.items():
            return str(wanted) if kind == "exact" else f"{kind} {wanted}"
    return "present"


def _weight(way: Plain) -> int:
    weight = way.get("weight", 0)
    return weight if isinstance(weight, int) else 0


def _fault(route: Plain) -> tuple[int, Fraction]:
    """Return the status with which a fault ends requests of a route and for how many of 100; 0 for none."""
    abort = get_map(route, ("fault", "abort"))
    value = get_map(abort, ("percentage",)).get("value", 0)
    is_number = isinstance(value, int) or (isinstance(value, float) and isfinite(value))
    share = Fraction(str(value)) if is_number else Fraction(0)
    status = abort.get("httpStatus")
    if not isinstance(status, int):
        status = _OF_GRPC.get(get_text(abort, ("grpcStatus",)), 0)
    return (status, min(share, Fraction(100))) if share > 0 else (0, Fraction(0))


def _fixed_status(route: Plain) -> int | None:
    """Return the status of a route that answers by itself."""
    redirect, direct = route.get("redirect"), route.get("directResponse")
    if is_mapping(redirect):
        code = redirect.get("redirectCode", 301)
        return code if isinstance(code, int) and code in _REDIRECTS else 301
    if is_mapping(direct):
        code = direct.get("status", 200)
        return code if isinstance(code, int) else 200
    return None


def _edit(edits: HeaderEdits, holder: object) -> None:
    request = get_map(holder, ("headers", "request"))
    for header, value in get_map(request, ("set",)).items():
        edits.put(header, str(value))
    for header, value in get_map(request, ("add",)).items():
        edits.append(header, str(value))
    for name in get_list(request, ("remove",)):
        if isinstance(name, str):
            edits.drop(name)
