"""How Higress, and MSE which is made from it, read canary Ingresses.

Sources: alibaba/higress 4e0d691, pkg/ingress/kube: annotations (canary.go, header_control.go, annotations.go),
ingressv1/controller.go (ApplyCanaryIngress, createRuleKey), common/tool.go (SortHTTPRoutes, SortIngressByCreationTime),
config/ingress_config.go (normalizeWeightedCluster); envoyproxy/envoy for what a route table does:

- a canary honours one kind of rule: header value, else header pattern, else header or cookie, else weight;
- it is bound to the first ordinary route of its host with its path, effective path type and match annotations, in any
  namespace; header and cookie canaries stand in front of it, from the oldest to the youngest, of one time in order of
  `name.namespace`; a weight is a part of it;
- a header's expression must match the whole value; one that RE2 refuses keeps the whole route table out;
- shares are whole percents, truncated in single precision; header control is each one's own.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from grayc.documents import Document
from grayc.routing.ingress import Backend, Ingress, Path, ingresses_of, parse_bool, parse_int
from grayc.routing.matching import (
    BadExpression,
    HeaderEdits,
    host_rank,
    is_below,
    is_found,
    is_whole,
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

_MATCH_WORDS = ("match-header", "match-pseudo-header", "match-query")
_ORDER = {"Exact": 0, "Prefix": 1, "Regex": 2, "FullRegex": 2}
_REGEX_SIGNS = frozenset("^$*+?()[]{}|\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What sets the two gateways apart.

    Attributes:
        prefixes: of annotations that both nginx and the gateway know; the first that has one counts.
        own: the prefix of header control and of match annotations.
        cookie_values: `canary-by-cookie-value` and the like are honoured.
    """

    name: str
    prefixes: tuple[str, ...]
    own: str
    cookie_values: bool = False


@dataclass(slots=True, kw_only=True)
class _Part:
    """One destination of a route, with its weight where it is a canary's."""

    ref: ObjectRef
    namespace: str
    backend: Backend
    control: dict[str, str]
    weight: int | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class _Route:
    """One route of a host."""

    entry: EntryRule
    decider: Decider
    kind: str
    text: str
    methods: tuple[str, ...]
    headers: dict[str, tuple[str, str]]
    queries: dict[str, tuple[str, str]]
    key: tuple[object, ...]
    parts: list[_Part] = field(default_factory=list)
    total: int = 0
    is_default: bool = False
    fallback: "_Route | None" = None

    @property
    def is_catch_all(self) -> bool:
        """Tell whether it is `/` without any condition."""
        return self.kind == "Prefix" and self.text == "/" and not (self.methods or self.headers or self.queries)


class HigressFamily:
    """All Ingresses of one gateway."""

    def __init__(self, documents: Iterable[Document], dialect: Dialect) -> None:
        self._dialect = dialect
        self._hosts: dict[str, list[_Route]] = {}
        self._keys: set[tuple[str, object]] = set()
        self._unread: list[Candidate] = []
        ingresses = ingresses_of(documents, lambda ref: f"{ref.name}.{ref.namespace}")
        canaries: list[Ingress] = []
        ordinary: list[Ingress] = []
        for ingress in ingresses:
            (canaries if parse_bool(ingress.note("canary", dialect.prefixes)) else ordinary).append(ingress)
        for ingress in ordinary:
            self._add(ingress)
        bases: dict[tuple[str, object], _Route] = {}
        for host, routes in self._hosts.items():
            for route in routes:
                bases.setdefault((host, route.key), route)
        conditions: dict[int, list[_Route]] = {}
        for ingress in canaries:
            self._apply(ingress, bases, conditions)
        for host, routes in self._hosts.items() if conditions else ():
            # What a canary asks for is looked at before the route that it is a canary of.
            self._hosts[host] = [each for route in routes for each in (*conditions.get(id(route), ()), route)]
        for ingress in ordinary:
            self._add_default(ingress)
        for routes in self._hosts.values():
            routes.sort(key=_rank)
        self._refused = self._check()

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        if self._refused:
            return Answer(refused=self._refused)
        ranked = [(rank, host) for host in self._hosts if (rank := host_rank(host, request.host)) is not None]
        unread = tuple(self._unread)
        if not ranked:
            return Answer(status=404, candidates=unread, why=(f"no Ingress names host {request.host}",))
        candidates: list[Candidate] = []
        winner: _Route | None = None
        for route in self._hosts[max(ranked)[1]]:
            missed = _missed(route, request)
            if missed == "path":
                continue
            won = winner is None and not missed
            outcome = "won" if won else missed or "comes later"
            candidates.append(Candidate(object=route.decider.object, rule=route.decider.rule, outcome=outcome, won=won))
            for part, share in _weights(route)[1:]:
                said = f"takes {share} % of what comes by its base" if won else "its base does not have the request"
                candidates.append(Candidate(object=part.ref, rule="canary-weight", outcome=said, won=won and share > 0))
            winner = route if won else winner
        if winner is None:
            return Answer(status=404, candidates=(*candidates, *unread), why=("no route matches the request",))
        return self._answer(winner, request, circumstances, (*candidates, *unread))

    def _answer(
        self, route: _Route, request: Request, circumstances: Circumstances, candidates: tuple[Candidate, ...]
    ) -> Answer:
        why = [f"{route.decider.object} {route.decider.rule} is the first route that matches"]
        shares: list[tuple[Fraction, Destination]] = []
        shown = _weights(route)
        weighted = [part for part in route.parts if part.weight is not None]
        with_fallback = [part for part, share in shown if share and (part in weighted or route.fallback is not None)]
        # Envoy's fallback is attached where one destination is left, or where two or more have one.
        live = [part for part, share in shown if share]
        attached = len(live) == 1 or len(with_fallback) > 1
        base = route.fallback.parts[0] if route.fallback is not None else route.parts[0]
        for part, share in shown:
            destination = self._to(part, request)
            if part.backend.service in circumstances.no_endpoints:
                if part in with_fallback and attached and base.backend.service not in circumstances.no_endpoints:
                    destination = self._to_service(base, part.control, request)
                    why.append(f"Service {part.backend.service} has no ready pod, so {base.backend.service} answers")
                else:
                    destination = Destination(namespace="", service="", status=503)
                    why.append(f"Service {part.backend.service} has no ready pod: 503")
            shares.append((Fraction(share), destination))
        decider = route.decider
        if weighted:
            decider = Decider(object=weighted[0].ref, rule="canary-weight")
            why.append("the weights share the requests: " + ", ".join(f"{share} %" for _, share in shown))
        destinations = shared_out(shares)
        statuses = {destination.status for destination in destinations}
        status = statuses.pop() if len(statuses) == 1 else None
        return Answer(
            status=status,
            entry=route.entry,
            decided_by=decider,
            destinations=destinations if status is None else (),
            candidates=candidates,
            why=tuple(why),
        )

    def _to(self, part: _Part, request: Request) -> Destination:
        return self._to_service(part, part.control, request)

    def _to_service(self, part: _Part, control: dict[str, str], request: Request) -> Destination:
        edits = HeaderEdits(request)
        for name, value in _pairs(control.get("update", "")):
            edits.put(name, value)
        for name, value in _pairs(control.get("add", "")):
            edits.append(name, value)
        for line in control.get("remove", "").splitlines():
            for name in line.split(","):
                if name.strip():
                    edits.drop(name.strip())
        return Destination(
            namespace=part.namespace, service=part.backend.service, port=part.backend.port, changes=edits.changes()
        )

    def _add(self, ingress: Ingress) -> None:
        for host in ingress.hosts:
            self._hosts.setdefault(host.lower(), [])
        for path in ingress.paths:
            if path.backend is None:
                continue
            route = self._ordinary(ingress, path)
            routes = self._hosts.setdefault(path.host, [])
            if (path.host, route.key) in self._keys:
                self._unread.append(
                    Candidate(object=ingress.ref, rule="path", outcome="never read: an older Ingress has this route")
                )
                continue
            self._keys.add((path.host, route.key))
            routes.append(route)

    def _ordinary(self, ingress: Ingress, path: Path) -> _Route:
        kind, text = self._effective(ingress, path)
        route = _Route(
            entry=EntryRule(object=ingress.ref, host=path.host, path=path.text, path_type=path.kind),
            decider=Decider(object=ingress.ref, rule="path"),
            kind=kind,
            text=text,
            methods=tuple((ingress.note("match-method", (self._dialect.own,)) or "").upper().split()),
            headers=self._matched(ingress, "match-header-"),
            queries=self._matched(ingress, "match-query-"),
            key=self._key(ingress, path),
        )
        assert path.backend is not None
        route.parts.append(
            _Part(
                ref=ingress.ref,
                namespace=ingress.ref.namespace,
                backend=path.backend,
                control=self._control(ingress),
            )
        )
        return route

    def _apply(
        self, ingress: Ingress, bases: Mapping[tuple[str, object], _Route], conditions: dict[int, list[_Route]]
    ) -> None:
        for path in ingress.paths:
            if path.backend is None:
                continue
            key = self._key(ingress, path)
            base = bases.get((path.host, key))
            if base is None:
                self._unread.append(
                    Candidate(
                        object=ingress.ref,
                        rule="canary",
                        outcome="never read: no ordinary Ingress has its host, path, path type and match annotations",
                    )
                )
                continue
            part = _Part(
                ref=ingress.ref,
                namespace=ingress.ref.namespace,
                backend=path.backend,
                control=self._control(ingress),
            )
            rule, name, condition = self._rule(ingress)
            if not name:
                part.weight = parse_int(ingress.note("canary-weight", self._dialect.prefixes)) or 0
                total = parse_int(ingress.note("canary-weight-total", self._dialect.prefixes)) or 0
                if not base.total:
                    base.total = total if total > 0 else 100
                base.parts.append(part)
                continue
            conditions.setdefault(id(base), []).append(
                _Route(
                    entry=base.entry,
                    decider=Decider(object=ingress.ref, rule=rule),
                    kind=base.kind,
                    text=base.text,
                    methods=base.methods,
                    headers={name: condition},
                    queries=base.queries,
                    key=(*key, "canary"),
                    parts=[part],
                    fallback=base,
                ),
            )

    def _rule(self, ingress: Ingress) -> tuple[str, str, tuple[str, str]]:
        """Return the annotation that counts, the header that it asks, "" for a weight, and how it asks."""
        prefixes = self._dialect.prefixes
        header = (ingress.note("canary-by-header", prefixes) or "").strip()
        value = (ingress.note("canary-by-header-value", prefixes) or "").strip()
        pattern = (ingress.note("canary-by-header-pattern", prefixes) or "").strip()
        cookie = (ingress.note("canary-by-cookie", prefixes) or "").strip()
        if value and header:
            return "canary-by-header-value", header, ("regex", f"always|{value}")
        if pattern and header and not value:
            return "canary-by-header-pattern", header, ("regex", f".*{pattern}.*")
        if header:
            return "canary-by-header", header, ("exact", "always")
        if cookie:
            # A value or pattern without a header takes the place of what follows it.
            if value or pattern:
                return "canary-by-cookie", "cookie", ("regex", rf"^(.*?;\s*)?({cookie}=always)(;.*)?$")
            wanted = (ingress.note("canary-by-cookie-value", (self._dialect.own,)) or "").strip()
            if self._dialect.cookie_values and wanted:
                return "canary-by-cookie-value", "cookie", ("regex", rf"^(.*?;\s*)?({cookie}={wanted})(;.*)?$")
            return "canary-by-cookie", "cookie", ("regex", rf"^(.*?;\s*)?({cookie}=always)(;.*)?$")
        return "canary-weight", "", ("", "")

    def _effective(self, ingress: Ingress, path: Path) -> tuple[str, str]:
        """Return the path type that counts and the path as it is compared."""
        prefixes = self._dialect.prefixes
        if parse_bool(ingress.note("full-path-regex", (self._dialect.own,))):
            return "FullRegex", path.text
        rewrite = ingress.note("rewrite-target", prefixes) or ""
        if parse_bool(ingress.note("use-regex", prefixes)) or "$" in rewrite:
            return "Regex", path.text
        if path.kind == "Exact":
            return "Exact", path.text
        return "Prefix", path.text.rstrip("/") or "/"

    def _key(self, ingress: Ingress, path: Path) -> tuple[object, ...]:
        own = self._dialect.own
        matches = sorted(
            (key.rpartition("/")[2], value)
            for key, value in ingress.annotations.items()
            if any(word in key for word in _MATCH_WORDS)
        )
        return (path.host, *self._effective(ingress, path), ingress.note("match-method", (own,)) or "", tuple(matches))

    def _matched(self, ingress: Ingress, word: str) -> dict[str, tuple[str, str]]:
        """Return header or query parameter → how it is asked, of the match annotations."""
        found = {}
        for kind in ("exact", "prefix", "regex"):
            start = f"{self._dialect.own}{kind}-{word}"
            for key, value in ingress.annotations.items():
                if key.startswith(start):
                    found[key[len(start) :]] = (kind, value)
        return found

    def _control(self, ingress: Ingress) -> dict[str, str]:
        own = self._dialect.own
        names = ("update", "add", "remove")
        return {name: ingress.annotations.get(f"{own}request-header-control-{name}", "") for name in names}

    def _add_default(self, ingress: Ingress) -> None:
        if ingress.default is None:
            return
        for host in ingress.hosts or ("",):
            route = _Route(
                entry=EntryRule(object=ingress.ref, host=host.lower(), path="/", path_type="Prefix"),
                decider=Decider(object=ingress.ref, rule="default backend"),
                kind="Prefix",
                text="/",
                methods=(),
                headers={},
                queries={},
                key=("default", host),
                is_default=True,
            )
            route.parts.append(
                _Part(ref=ingress.ref, namespace=ingress.ref.namespace, backend=ingress.default, control={})
            )
            routes = self._hosts.setdefault(host.lower(), [])
            if not any(other.is_default for other in routes):
                routes.append(route)

    def _check(self) -> str:
        """Return why Envoy would refuse the route table, "" where it takes it."""
        for routes in self._hosts.values():
            for route in routes:
                expressions = [
                    text for kind, text in (*route.headers.values(), *route.queries.values()) if kind == "regex"
                ]
                expressions += [route.text] if route.kind in ("Regex", "FullRegex") else []
                for pattern in expressions:
                    try:
                        is_whole(pattern, "")
                    except BadExpression as error:
                        return f"{route.decider.object}: expression {pattern}: {error}"
        return ""


def _rank(route: _Route) -> tuple[object, ...]:
    """Sort as SortHTTPRoutes does; what is equal keeps its order."""
    if route.is_default:
        return (2,)
    if route.is_catch_all:
        return (1,)
    return (
        0,
        _ORDER[route.kind],
        -len(route.text),
        len(route.methods) if route.methods else 1000,
        -len(route.headers),
        -len(route.queries),
    )


def _weights(route: _Route) -> list[tuple[_Part, int]]:
    """Return the whole percents that the gateway gives to each part of a route, the base first."""
    weighted = [part for part in route.parts if part.weight is not None]
    if not weighted:
        return [(route.parts[0], 100)]
    total = max(sum(part.weight or 0 for part in weighted), route.total)
    shares = [(part, _truncated(part.weight or 0, total)) for part in weighted]
    return [(route.parts[0], 100 - sum(share for _, share in shares)), *shares]


def _truncated(weight: int, total: int) -> int:
    return int(_single(_single(_single(weight) / _single(total)) * 100))


def _single(number: float) -> float:
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of every line; quotes around a part are taken off, a line of one word is none."""
    for line in text.splitlines():
        words = line.strip().split(None, 1)
        if len(words) == 2:
            yield words[0].strip("'\""), words[1].strip().strip("'\"")


def _missed(route: _Route, request: Request) -> str:
    """Return what a request lacks for a route, "" where nothing, `path` where the path is another."""
    path = request.path
    if route.kind == "Exact":
        met = path == route.text
    elif route.kind == "Prefix":
        met = route.text == "/" or is_below(path, route.text)
    elif route.kind == "FullRegex":
        met = is_whole(route.text, path)
    else:
        met = is_found(f"^(?:{route.text})", path)
    if not met:
        return "path"
    if route.methods and request.method not in route.methods:
        return f"asks for method {' or '.join(route.methods)}"
    for name, (kind, wanted) in route.headers.items():
        values = request.values(name)
        if not values:
            return f"header {name} is absent"
        if not _asked(kind, wanted, ",".join(values)):
            return told_header(name, ",".join(values), f", not {shown_header(name, wanted)}")
    for name, (kind, wanted) in route.queries.items():
        value = next((part.partition("=")[2] for part in request.query.split("&") if part.split("=")[0] == name), None)
        if value is None or not _asked(kind, wanted, value):
            return f"query parameter {name} is {'absent' if value is None else value}, not {wanted}"
    return ""


def _asked(kind: str, wanted: str, value: str) -> bool:
    if kind == "regex":
        return is_whole(wanted, value)
    return value.startswith(wanted) if kind == "prefix" else value == wanted
