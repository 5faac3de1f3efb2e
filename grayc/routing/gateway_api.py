"""Gateway API: HTTPRoutes and GRPCRoutes, as a conformant implementation on Envoy reads them.

Sources: kubernetes-sigs/gateway-api 4564255, apis/v1/httproute_types.go, grpcroute_types.go and conformance/tests:

- a route is read where a listener of one of its parents takes it (`listeners`), and nowhere without one;
- of all hostnames that name the host the most exact one counts, and no other is looked at after it;
- then the match with the more exact path, the longer prefix, a method, more headers, more query parameters; then the
  older route, then the route whose `namespace/name` sorts first, then the first rule;
- a rule without backends, or with a backend that is not there, answers 500; one without ready pods 503;
- a GRPCRoute's method is the path `/service/method`, and its matches are ranked among those of HTTPRoutes
  (envoyproxy/gateway v1.9.0, internal/gatewayapi/route.go, processGRPCRouteRule; of two equal ones the HTTPRoute's
  comes first).

Where several Gateways, or ports of one, know the host, the answer is that of one of them: not of one that only
redirects, nor of one that knows no rule for the request; then of one that a lane's route is on; then the first.

An expression is compared with the whole value, as Envoy does; other implementations search. Where an expression stands
among paths the specification leaves open: here it comes after exact paths and before prefixes.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from grayc.documents import Document
from grayc.documents.service_ports import lacks_port, service_ports
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE, GATEWAY
from grayc.k8s.profiles import tag_in
from grayc.records import dataclass, replace
from grayc.routing.listeners import Door, Listener, Listeners
from grayc.routing.matching import (
    BadExpression,
    HeaderEdits,
    host_rank,
    in_age,
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
    ObjectRef,
    Request,
)

NAME = "gateway-api"

_KINDS = ("HTTPRoute", "GRPCRoute")
_PATH_ORDER = {"Exact": 0, "RegularExpression": 1, "PathPrefix": 2}
_NO_ENDPOINTS = 503
_NOT_THERE = 500
_REDIRECTS = range(300, 400)
# Source: envoyproxy/gateway v1.9.0, internal/gatewayapi/route.go, validServiceName and validMethodName.
_ANY_GRPC_SERVICE = r"(?i)\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*"
_ANY_GRPC_METHOD = "[A-Za-z_][A-Za-z_0-9]*"
Plain = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Match:
    """One match of one rule, with what ranks it.

    Attributes:
        path: type and text of its path.
        ending: what the path must end with, "" for anything: a GRPCRoute may name a method of any service.
    """

    route: Document
    ref: ObjectRef
    age: int
    rule_at: int
    rule: Plain
    match: Plain
    path: tuple[str, str]
    ending: str = ""

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts the match that comes first to the front."""
        kind, text = self.path
        return (
            _PATH_ORDER.get(kind, 3),
            -len(text),
            -len(self.ending),
            not _method(self.match),
            -len(_named_once(self.match, "headers")),
            -len(get_list(self.match, ("queryParams",))),
            _KINDS.index(self.ref.kind),
            self.age,
            f"{self.ref.namespace}/{self.ref.name}",
            self.rule_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Placed:
    """A match where a listener has it."""

    match: _Match
    listener: Listener


def simulate(documents: Iterable[Document]) -> "HttpRoutes":
    """Return a router over the HTTPRoutes and GRPCRoutes among the documents."""
    return HttpRoutes(tuple(documents))


class HttpRoutes:
    """All HTTPRoutes and GRPCRoutes of the Gateways among some objects."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        routes = in_age(
            document
            for document in documents
            if document.identity.kind in _KINDS and document.identity.group == GATEWAY
        )
        self._services = {
            (ref.namespace, ref.name): service_ports(document)
            for document in documents
            if document.identity.kind == "Service" and document.identity.group == CORE
            for ref in [ref_of(document)]
        }
        self._grants = [document for document in documents if document.identity.kind == "ReferenceGrant"]
        listeners = Listeners(documents, routes)
        # Door → host → what is there for it, the first that counts in front.
        self._doors: dict[Door, dict[str, list[_Placed]]] = {}
        self._isolated: dict[Door, list[Listener]] = {}
        self._of_lanes: set[Door] = set()
        matches: list[_Match] = []
        for route, age in _ages(routes):
            mine = list(_matches_of(route, age))
            matches += mine
            there: set[tuple[Door, str]] = set()
            for place in listeners.places(route):
                door = place.listener.door
                by_host = self._doors.setdefault(door, {})
                if place.listener.isolated or (door, place.host) not in there:
                    there.add((door, place.host))
                    by_host.setdefault(place.host, []).extend(
                        _Placed(match=match, listener=place.listener) for match in mine
                    )
                if any(tag_in(get_map(route.data, ("metadata", "labels")))):
                    self._of_lanes.add(door)
        for by_host in self._doors.values():
            for placed in by_host.values():
                placed.sort(key=lambda item: item.match.rank)
        for listener in listeners.isolated():
            self._isolated.setdefault(listener.door, []).append(listener)
        self._refused = _refused(matches)

    @property
    def doors(self) -> tuple[Door, ...]:
        """The ports of Gateways by which requests come to some route."""
        return tuple(self._doors)

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        if self._refused:
            return Answer(refused=self._refused)
        answers = [(door, self.at(door, request, circumstances)) for door in self._doors]
        if not answers:
            return Answer(status=404, why=("no rule matches the request",))
        order = sorted(range(len(answers)), key=lambda at: (*self._last(*answers[at]), at))
        door, answer = answers[order[0]]
        others = [
            (other, theirs)
            for other, theirs in (answers[at] for at in order[1:])
            if theirs.entry is not None and (theirs.status, theirs.destinations) != (answer.status, answer.destinations)
        ]
        if not others:
            return answer
        told = (f"by {other} it goes to {_told(theirs)}" for other, theirs in others)
        return replace(answer, why=(f"the request comes in by {door}", *answer.why, *told))

    def _last(self, door: Door, answer: Answer) -> tuple[bool, bool, bool]:
        return (
            answer.entry is None,
            answer.status is not None and answer.status in _REDIRECTS,
            door not in self._of_lanes,
        )

    def at(self, door: Door, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes that comes in by one of the `doors`."""
        by_host = self._doors.get(door, {})
        chosen = _most_exact(self._isolated.get(door, ()), request.host)
        ranked = sorted(
            (
                (rank, host, placed)
                for host in _patterns(request.host)
                if host in by_host and (rank := host_rank(host, request.host)) is not None
                for placed in by_host[host]
                if not placed.listener.isolated or placed.listener is chosen
            ),
            key=lambda item: item[2].match.rank,
        )
        best = max((rank for rank, _, _ in ranked), default=None)
        candidates: list[Candidate] = []
        winner: tuple[str, _Match] | None = None
        for rank, host, placed in ranked:
            match = placed.match
            missed = _missed(match, request) if rank == best else f"a more exact hostname than {host or '*'} is there"
            if missed == "path":
                continue
            won = winner is None and not missed
            candidates.append(
                Candidate(
                    object=match.ref,
                    rule=f"rules[{match.rule_at}]",
                    outcome="won" if won else missed or "comes later: another match is more specific",
                    won=won,
                )
            )
            if won:
                winner = (host, match)
        if winner is None:
            return Answer(status=404, candidates=tuple(candidates), why=("no rule matches the request",))
        return self._answer(winner[0], winner[1], request, circumstances, tuple(candidates))

    def _answer(
        self,
        host: str,
        match: _Match,
        request: Request,
        circumstances: Circumstances,
        candidates: tuple[Candidate, ...],
    ) -> Answer:
        kind, text = match.path
        entry = EntryRule(object=match.ref, host=host, path=text, path_type=kind)
        decider = Decider(object=match.ref, rule=f"rules[{match.rule_at}]")
        why = [f"{match.ref} rules[{match.rule_at}] is the most specific match: {_words(match)}"]
        for item in get_list(match.rule, ("filters",)):
            if get_text(item, ("type",)) == "RequestRedirect":
                code = get_map(item, ("requestRedirect",)).get("statusCode", 302)
                return Answer(
                    status=code if isinstance(code, int) else 302,
                    entry=entry,
                    decided_by=decider,
                    candidates=candidates,
                    why=(*why, "the rule redirects"),
                )
        shares: list[tuple[Fraction, Destination]] = []
        for ref in get_list(match.rule, ("backendRefs",)):
            if is_mapping(ref):
                weight = ref.get("weight", 1)
                destination, said = self._destination(ref, match, request, circumstances)
                shares.append((Fraction(weight if isinstance(weight, int) else 1), destination))
                why += [said] if said else []
        every = shares
        # Backends that change nothing are parts of one cluster to Envoy Gateway, which passes over an empty part.
        ready = [share for share in shares if share[1].status != _NO_ENDPOINTS]
        plain = not any(get_list(ref, ("filters",)) for ref in get_list(match.rule, ("backendRefs",)))
        if plain and len(ready) < len(shares) and any(weight for weight, _ in ready):
            shares = ready
            why.append("the other backends take its share")
        if match.ref.kind == "GRPCRoute":
            shares = _as_unavailable(shares, of=every)
        destinations = shared_out(shares)
        if not destinations:
            return Answer(
                status=500, entry=entry, decided_by=decider, candidates=candidates, why=(*why, "it has no backend")
            )
        if len(destinations) > 1:
            why.append("the backends share the requests by their weights")
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
        self, ref: Plain, match: _Match, request: Request, circumstances: Circumstances
    ) -> tuple[Destination, str]:
        name, namespace = get_text(ref, ("name",)), get_text(ref, ("namespace",)) or match.ref.namespace
        edits = HeaderEdits(request)
        # What a backend changes comes before what its rule changes, as Envoy has it.
        for holder in (ref, match.rule):
            _edit(edits, holder)
        port = ref.get("port", "")
        status, said = None, ""
        kind, group = get_text(ref, ("kind",)) or "Service", get_text(ref, ("group",))
        if (group, kind) != (CORE, "Service"):
            if group == CORE:
                status, said = 500, f"backend {name} is no Service"
            else:
                # What leads on from there, and whether the implementation takes it, the objects do not tell.
                name = f"{kind}/{name}"
                said = f"backend {name} is no Service, and what is behind it is not followed"
        elif self._services and (namespace, name) not in self._services:
            status, said = 500, f"there is no Service {name} in {namespace}"
        elif namespace != match.ref.namespace and not self._granted(match.ref, namespace, name):
            status, said = 500, f"no ReferenceGrant lets {match.ref.namespace} lead to Service {name} in {namespace}"
        elif isinstance(port, int | str) and lacks_port(self._services.get((namespace, name), ()), port):
            status, said = 500, f"Service {name} has no port {port}"
        elif name in circumstances.no_endpoints:
            status, said = _NO_ENDPOINTS, f"Service {name} has no ready pod"
        destination = Destination(
            namespace=namespace if status is None else "",
            service=name if status is None else "",
            port=port if status is None and isinstance(port, int | str) else "",
            status=status,
            changes=edits.changes() if status is None else (),
        )
        return destination, said

    def _granted(self, route: ObjectRef, namespace: str, name: str) -> bool:
        home, kind = route.namespace, route.kind
        for grant in self._grants:
            if ref_of(grant).namespace != namespace:
                continue
            origin = any(
                get_text(item, ("kind",)) == kind and get_text(item, ("namespace",)) == home
                for item in get_list(grant.data, ("spec", "from"))
            )
            target = any(
                get_text(item, ("kind",)) == "Service" and get_text(item, ("name",)) in ("", name)
                for item in get_list(grant.data, ("spec", "to"))
            )
            if origin and target:
                return True
        return False


def _as_unavailable(
    shares: list[tuple[Fraction, Destination]], *, of: list[tuple[Fraction, Destination]]
) -> list[tuple[Fraction, Destination]]:
    """Return the shares of a GRPCRoute with the status of backends that are not there: 503, as long as another is.

    Args:
        of: all shares of the rule.

    Source: envoyproxy/gateway v1.9.0, internal/gatewayapi/route.go, processGRPCRouteRules, which unlike
    processHTTPRouteRules does not mark such a backend; internal/xds/translator/route.go, buildXdsWeightedRouteAction.
    """
    if all(destination.status == _NOT_THERE for weight, destination in of if weight):
        return shares
    return [
        (weight, replace(each, status=_NO_ENDPOINTS) if each.status == _NOT_THERE else each) for weight, each in shares
    ]


def _ages(routes: list[Document]) -> list[tuple[Document, int]]:
    """Return routes with their place in time; those of one time share it."""
    found: list[tuple[Document, int]] = []
    before = None
    for at, route in enumerate(routes):
        time = get_text(route.data, ("metadata", "creationTimestamp"))
        same = time and time == before and found
        found.append((route, found[-1][1] if same else at))
        before = time
    return found


def _matches_of(route: Document, age: int) -> Iterator[_Match]:
    read = _grpc_path if route.identity.kind == "GRPCRoute" else _http_path
    for rule_at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
        if is_mapping(rule):
            for item in get_list(rule, ("matches",)) or [{}]:
                match = item if is_mapping(item) else {}
                path, ending = read(match)
                yield _Match(
                    route=route,
                    ref=ref_of(route),
                    age=age,
                    rule_at=rule_at,
                    rule=rule,
                    match=match,
                    path=path,
                    ending=ending,
                )


def _http_path(match: Plain) -> tuple[tuple[str, str], str]:
    path = get_map(match, ("path",))
    return (get_text(path, ("type",)) or "PathPrefix", get_text(path, ("value",)) or "/"), ""


def _grpc_path(match: Plain) -> tuple[tuple[str, str], str]:
    asked = get_map(match, ("method",))
    service, method = get_text(asked, ("service",)), get_text(asked, ("method",))
    if get_text(asked, ("type",)) == "RegularExpression" and (service or method):
        return ("RegularExpression", f"/{service or _ANY_GRPC_SERVICE}/{method or _ANY_GRPC_METHOD}"), ""
    if service:
        return (("Exact", f"/{service}/{method}") if method else ("PathPrefix", f"/{service}")), ""
    return ("PathPrefix", "/"), f"/{method}" if method else ""


def _method(match: Plain) -> str:
    """Return the method of HTTP that a match names; a GRPCRoute's is no text, and part of the path."""
    return get_text(match, ("method",))


def _patterns(host: str) -> Iterator[str]:
    """Yield every pattern that may name a host."""
    yield host
    labels = host.split(".")
    for at in range(1, len(labels)):
        yield ".".join(("*", *labels[at:]))
    yield "*"
    yield ""


def _most_exact(listeners: Iterable[Listener], host: str) -> Listener | None:
    ranked = ((rank, listener) for listener in listeners if (rank := host_rank(listener.host, host)) is not None)
    return max(ranked, key=lambda item: item[0], default=(0, None))[1]


def _told(answer: Answer) -> str:
    if answer.status is not None:
        return str(answer.status)
    return ", ".join(
        (item.service or str(item.status)) + (f" ({float(item.percent):g} %)" if item.percent != 100 else "")
        for item in answer.destinations
    )


def _refused(matches: list[_Match]) -> str:
    """Return why the implementation would refuse an expression, "" where it takes all."""
    for match in matches:
        for part in ("headers", "queryParams"):
            for item in get_list(match.match, (part,)):
                if get_text(item, ("type",)) == "RegularExpression":
                    try:
                        is_whole(get_text(item, ("value",)), "")
                    except BadExpression as error:
                        return f"{match.ref}: expression {get_text(item, ('value',))}: {error}"
    return ""


def _missed(match: _Match, request: Request) -> str:
    """Return what of a match a request does not meet, "" where it meets all, `path` for the path."""
    kind, text = match.path
    try:
        met = (
            request.path == text
            if kind == "Exact"
            else is_whole(text, request.path)
            if kind == "RegularExpression"
            else is_below(request.path, text)
        )
    except BadExpression:
        met = False
    if not met or not request.path.endswith(match.ending):
        return "path"
    method = _method(match.match)
    if method and method != request.method:
        return f"asks for method {method}"
    for name, item in _named_once(match.match, "headers").items():
        values = request.values(name)
        if not values:
            return f"header {name} is absent"
        if not _equals(item, ",".join(values)):
            return told_header(name, ",".join(values), f", not {shown_header(name, _asked(item))}")
    for item in get_list(match.match, ("queryParams",)):
        name = get_text(item, ("name",))
        value = next(query_values(request.query, name), None)
        if value is None or not _equals(item, value):
            return told_query(name, value, _asked(item))
    return ""


def _named_once(match: Plain, part: str) -> dict[str, object]:
    """Return name in lower case → condition; of two on one name the first counts."""
    found: dict[str, object] = {}
    for item in get_list(match, (part,)):
        found.setdefault(get_text(item, ("name",)).lower(), item)
    return found


def _equals(item: object, value: str) -> bool:
    wanted = get_text(item, ("value",))
    if get_text(item, ("type",)) == "RegularExpression":
        return is_whole(wanted, value)
    return wanted == value


def _asked(item: object) -> str:
    form = "like " if get_text(item, ("type",)) == "RegularExpression" else ""
    return f"{form}{get_text(item, ('value',))}"


def _words(match: _Match) -> str:
    kind, text = match.path
    parts = [f"path {kind} {text}"]
    parts += [f"path that ends with {match.ending}"] if match.ending else []
    method = _method(match.match)
    parts += [f"method {method}"] if method else []
    parts += [f"header {name} {_asked(item)}" for name, item in _named_once(match.match, "headers").items()]
    return ", ".join(parts)


def _edit(edits: HeaderEdits, holder: object) -> None:
    for item in get_list(holder, ("filters",)):
        if get_text(item, ("type",)) != "RequestHeaderModifier":
            continue
        modifier = get_map(item, ("requestHeaderModifier",))
        for change in get_list(modifier, ("set",)):
            edits.put(get_text(change, ("name",)), get_text(change, ("value",)))
        for change in get_list(modifier, ("add",)):
            edits.append(get_text(change, ("name",)), get_text(change, ("value",)))
        for name in get_list(modifier, ("remove",)):
            if isinstance(name, str):
                edits.drop(name)
