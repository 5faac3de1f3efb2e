"""Istio at its gateways: VirtualServices in the order of their lists.

Sources: istio/istio 86c9f01, pilot/pkg/networking/core/route/route.go and core/gateway.go, pkg/config/validation;
istio/api b8f8791, networking/v1alpha3/virtual_service.proto:

- of all hosts that name the host the most exact one counts, and no other is looked at after it;
- VirtualServices of one host at the gateways are joined, the older first, of one time the one whose `name.namespace`
  sorts first; routes without conditions then move to the end;
- the first route that matches counts; what stands behind a route without conditions in its own list is not there;
- a prefix of a path is one of the text, so `/foo` names `/foobar` too; expressions match the whole value;
- destinations without weight get nothing where there are several; one without pods, Service or subset answers 503.

Delegates and matches on ports, schemes and source pods are passed over: a route that asks for them is said to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE, ISTIO
from grayc.routing.matching import (
    DEFAULT_NAMESPACE,
    BadExpression,
    HeaderEdits,
    host_rank,
    in_age,
    is_whole,
    query_values,
    ref_of,
    shared_out,
    shown_header,
    told_header,
)
from grayc.routing.model import (
    NO_CIRCUMSTANCES,
    Answer,
    Candidate,
    Circumstances,
    Decider,
    Destination,
    EntryRule,
    ObjectRef,
    Request,
)

NAME = "istio"

_MESH = "mesh"
Plain = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Route:
    """One match of one route of a list; `match` is empty where there are no conditions."""

    ref: ObjectRef
    at: int
    route: Plain
    match: Plain

    @property
    def rule(self) -> str:
        """Where it stands in its object."""
        return f"http[{self.at}]"

    @property
    def is_catch_all(self) -> bool:
        """Tell whether every request meets it."""
        uri = get_map(self.match, ("uri",))
        others = any(value for key, value in self.match.items() if key not in ("uri", "name", "ignoreUriCase"))
        return not others and (not uri or uri == {"prefix": "/"})


def simulate(documents: Iterable[Document]) -> "VirtualServices":
    """Return a router over the VirtualServices among the documents that are bound to gateways."""
    return VirtualServices(tuple(documents))


class VirtualServices:
    """All VirtualServices of one mesh's gateways."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self._services = {
            (ref.namespace, ref.name)
            for document in documents
            if document.identity.kind == "Service" and document.identity.group == CORE
            for ref in [ref_of(document)]
        }
        self._subsets = _subsets(documents)
        self._hosts: dict[str, list[_Route]] = {}
        self._refused = ""
        entries = [
            document
            for document in documents
            if document.identity.kind == "VirtualService"
            and document.identity.group == ISTIO
            and any(gateway != _MESH for gateway in get_list(document.data, ("spec", "gateways")))
        ]
        for entry in in_age(entries, lambda ref: f"{ref.name}.{ref.namespace}"):
            self._refused = self._refused or _refused(entry)
            routes = list(_routes(entry))
            for host in get_list(entry.data, ("spec", "hosts")):
                if isinstance(host, str):
                    self._hosts.setdefault(_full(host, ref_of(entry).namespace), []).extend(routes)
        for routes in self._hosts.values():
            routes.sort(key=lambda route: route.is_catch_all)

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        if self._refused:
            return Answer(refused=self._refused)
        ranked = [(rank, host) for host in self._hosts if (rank := host_rank(host, request.host)) is not None]
        if not ranked:
            return Answer(status=404, why=(f"no VirtualService at a gateway names host {request.host}",))
        host = max(ranked)[1]
        candidates: list[Candidate] = []
        winner: _Route | None = None
        for route in self._hosts[host]:
            missed = _missed(route.match, request)
            if missed == "path":
                continue
            won = winner is None and not missed
            outcome = "won" if won else missed or "comes later: the first that matches counts"
            candidates.append(Candidate(object=route.ref, rule=route.rule, outcome=outcome, won=won))
            winner = route if won else winner
        if winner is None:
            why = (f"no route of host {host} matches the request",)
            return Answer(status=404, candidates=tuple(candidates), why=why)
        return self._answer(host, winner, request, circumstances, tuple(candidates))

    def _answer(
        self,
        host: str,
        route: _Route,
        request: Request,
        circumstances: Circumstances,
        candidates: tuple[Candidate, ...],
    ) -> Answer:
        uri = get_map(route.match, ("uri",))
        kind, text = next(((key, str(value)) for key, value in uri.items()), ("prefix", "/"))
        entry = EntryRule(object=route.ref, host="" if host == "*" else host, path=text, path_type=kind)
        decider = Decider(object=route.ref, rule=route.rule)
        why = [f"{route.ref} {route.rule} is the first route of host {host} that matches"]
        fixed = _fixed_status(route.route)
        ways = [way for way in get_list(route.route, ("route",)) if is_mapping(way)]
        weighed = [(way, 100 if len(ways) == 1 else _weight(way)) for way in ways]
        destinations = shared_out(
            (Fraction(weight), self._destination(way, route, request, circumstances, alone=len(ways) == 1))
            for way, weight in weighed
        )
        if fixed or not destinations:
            return Answer(
                status=fixed or 404,
                entry=entry,
                decided_by=decider,
                candidates=candidates,
                why=(*why, "the route answers itself"),
            )
        if len(destinations) > 1:
            why.append("its destinations share the requests by their weights")
        why += [
            f"{get_text(way, ('destination', 'host'))} has no Service, subset or ready pod: 503"
            for way, weight in weighed
            if weight and self._destination(way, route, request, circumstances, alone=False).status
        ]
        statuses = {destination.status for destination in destinations}
        status = statuses.pop() if len(statuses) == 1 else None
        return Answer(
            status=status,
            entry=entry,
            decided_by=decider,
            destinations=destinations if status is None else (),
            candidates=candidates,
            why=tuple(why),
        )

    def _destination(
        self, way: Plain, route: _Route, request: Request, circumstances: Circumstances, *, alone: bool
    ) -> Destination:
        host, subset = get_text(way, ("destination", "host")), get_text(way, ("destination", "subset"))
        parts = _full(host, route.ref.namespace).split(".")
        name, namespace = parts[0], parts[1] if len(parts) > 1 else route.ref.namespace
        missing = (
            (bool(self._services) and (namespace, name) not in self._services)
            or name in circumstances.no_endpoints
            or (subset != "" and (namespace, name, subset) not in self._subsets)
        )
        if missing:
            return Destination(namespace="", service="", status=503)
        edits = HeaderEdits(request)
        # Of several destinations each changes headers before the route does; a single one is a part of its route.
        for holder in (route.route, way) if alone else (way, route.route):
            _edit(edits, holder)
        port = get_map(way, ("destination", "port")).get("number", "")
        return Destination(
            namespace=namespace,
            service=name,
            port=port if isinstance(port, int) else "",
            subset=subset,
            changes=edits.changes(),
        )


def _full(host: str, namespace: str) -> str:
    """Return a host in full: a short name is a Service of the object's own namespace."""
    return f"{host}.{namespace}.svc.cluster.local" if host != "*" and "." not in host else host


def _subsets(documents: Iterable[Document]) -> set[tuple[str, str, str]]:
    """Return namespace, Service and name of every subset."""
    found = set()
    for document in documents:
        if document.identity.kind == "DestinationRule" and document.identity.group == ISTIO:
            home = document.identity.namespace or DEFAULT_NAMESPACE
            parts = _full(get_text(document.data, ("spec", "host")), home).split(".")
            for subset in get_list(document.data, ("spec", "subsets")):
                found.add((parts[1] if len(parts) > 1 else home, parts[0], get_text(subset, ("name",))))
    return found


def _routes(entry: Document) -> Iterator[_Route]:
    """Yield the routes of a VirtualService as far as they are there: nothing behind one without conditions."""
    ref = ref_of(entry)
    for at, route in enumerate(get_list(entry.data, ("spec", "http"))):
        if not is_mapping(route):
            continue
        for match in get_list(route, ("match",)) or [{}]:
            made = _Route(ref=ref, at=at, route=route, match=match if is_mapping(match) else {})
            yield made
            if made.is_catch_all:
                return


def _refused(entry: Document) -> str:
    """Return why the API server's webhook would refuse a VirtualService, "" where it takes it."""
    for at, route in enumerate(get_list(entry.data, ("spec", "http"))):
        ways = [way for way in get_list(route, ("route",)) if is_mapping(way)]
        if len(ways) > 1 and not any(_weight(way) for way in ways):
            return f"{ref_of(entry)} http[{at}]: the weights of several destinations are all 0"
        for match in get_list(route, ("match",)):
            for condition in _conditions(match):
                pattern = get_text(condition, ("regex",))
                try:
                    if pattern and pattern != "*":
                        is_whole(pattern, "")
                except BadExpression as error:
                    return f"{ref_of(entry)} http[{at}]: expression {pattern}: {error}"
    return ""


def _conditions(match: object) -> Iterator[Mapping[str, object]]:
    for part in ("uri", "method", "authority", "scheme"):
        yield get_map(match, (part,))
    for part in ("headers", "withoutHeaders", "queryParams"):
        for condition in get_map(match, (part,)).values():
            if is_mapping(condition):
                yield condition


def _missed(match: Plain, request: Request) -> str:
    """Return what of a match a request does not meet, "" where it meets all, `path` for the path."""
    uri = get_map(match, ("uri",))
    ignored = match.get("ignoreUriCase") is True
    path = request.path
    if ignored and "regex" not in uri:
        path = path.lower()
        uri = {key: str(value).lower() for key, value in uri.items()}
    if uri and not _meets(uri, path):
        return "path"
    method = get_map(match, ("method",))
    if method and not _meets(method, request.method):
        return f"asks for method {_asked(method)}"
    authority = get_map(match, ("authority",))
    if authority and not _meets(authority, request.host):
        return f"asks for authority {_asked(authority)}"
    for part in ("sourceLabels", "sourceNamespace", "port", "scheme"):
        if match.get(part):
            return f"asks for {part}, which no request here has"
    for name, condition in get_map(match, ("headers",)).items():
        values = request.values(name)
        if not values:
            return f"header {name} is absent"
        if not _meets(condition, ",".join(values)):
            return told_header(name, ",".join(values), f", not {shown_header(name, _asked(condition))}")
    for name, condition in get_map(match, ("withoutHeaders",)).items():
        values = request.values(name)
        if values and _meets(condition, ",".join(values)):
            return told_header(name, ",".join(values), ", which is ruled out")
    for name, condition in get_map(match, ("queryParams",)).items():
        value = next(query_values(request.query, name), None)
        if value is None or not _meets(condition, value):
            return f"query parameter {name} is {'absent' if value is None else value}, not {_asked(condition)}"
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


def _asked(condition: object) -> str:
    if is_mapping(condition):
        for kind, wanted in condition.items():
            return str(wanted) if kind == "exact" else f"{kind} {wanted}"
    return "present"


def _weight(way: Plain) -> int:
    weight = way.get("weight", 0)
    return weight if isinstance(weight, int) else 0


def _fixed_status(route: Plain) -> int | None:
    """Return the status of a route that answers by itself."""
    redirect, direct = route.get("redirect"), route.get("directResponse")
    if is_mapping(redirect):
        code = redirect.get("redirectCode", 301)
        return code if isinstance(code, int) else 301
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
