"""How Higress, and MSE which is made from it, read canary Ingresses.

Sources: alibaba/higress 4e0d691, pkg/ingress/kube: annotations (canary.go, header_control.go, annotations.go),
ingressv1/controller.go (ConvertHTTPRoute, ApplyCanaryIngress, ApplyDefaultBackend, createRuleKey,
backendToRouteDestination), common/tool.go (SortHTTPRoutes, SortIngressByCreationTime), config/ingress_config.go
(applyAppRoot, normalizeWeightedCluster); annotations also redirect.go, ignore_case.go, destination.go, match.go;
envoyproxy/envoy for what a route table does:

- a canary honours one kind of rule: header value, else header pattern, else header or cookie, else weight;
- it is bound to the first ordinary route of its host with its path, effective path type and match annotations, in any
  namespace; header and cookie canaries stand in front of it, from the oldest to the youngest, of one time in order of
  `name.namespace`; a weight is a part of it;
- a header's expression must match the whole value; one that RE2 refuses keeps the whole route table out;
- shares are whole percents, truncated in single precision; header control is each one's own;
- redirects and ignored case are the base's, for its header and cookie canaries too;
- `destination` leads to the services of a registry, where the backend is a resource in place of a Service;
- the default backend of a host is its oldest Ingress's, that of any other host the youngest one's.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from grayc.documents import Document
from grayc.records import dataclass, field
from grayc.routing.ingress import Backend, Ingress, Path, ingresses_of, is_url, parse_bool, parse_int
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

_MATCH_WORDS = ("match-header", "match-pseudo-header", "match-query")
_ORDER = {"Exact": 0, "Prefix": 1, "AppRoot": 2, "Regex": 3, "FullRegex": 3}
# Source: annotations.go NeedRegexMatch.
_REGEX_SIGNS = frozenset("\\.+*?()|[]{}^$")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"))
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_CLUSTER = ".svc.cluster.local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What sets the two gateways apart.

    Attributes:
        prefixes: of annotations that both nginx and the gateway know; the first that has one counts.
        own: the prefix of header control, match annotations and destinations.
        of_product: what only the product's reference has is honoured: `canary-by-query`, `canary-by-cookie-value`,
            `service-subset`; and `canary-by-header-value` asks for that value alone.
    """

    name: str
    prefixes: tuple[str, ...]
    own: str
    of_product: bool = False


@dataclass(slots=True, kw_only=True)
class _Part:
    """One destination of a route.

    Attributes:
        weight: None for the first.
        is_canary: a weight canary's.
    """

    ref: ObjectRef
    namespace: str
    backend: Backend
    control: dict[str, str]
    weight: int | None = None
    subset: str = ""
    is_canary: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class _Route:
    """One route of a host.

    Attributes:
        redirect: status that it answers itself; 0 where it does not.
    """

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
    ignores_case: bool = False
    redirect: int = 0

    @property
    def is_catch_all(self) -> bool:
        """Tell whether it is `/` without any condition."""
        return self.kind == "Prefix" and self.text == "/" and not (self.methods or self.headers or self.queries)


class HigressFamily:
    """All Ingresses of one gateway."""

    def __init__(self, documents: Iterable[Document], dialect: Dialect, classes: frozenset[str] | None = None) -> None:
        self._dialect = dialect
        self._hosts: dict[str, list[_Route]] = {}
        self._taken: set[tuple[object, ...]] = set()
        self._unread: list[Candidate] = []
        ingresses = ingresses_of(documents, lambda ref: f"{ref.name}.{ref.namespace}", classes=classes)
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
        self._add_defaults(ordinary)
        for ingress in ordinary:
            self._add_root(ingress)
        # A host without any route is none: what comes for it meets the wildcards.
        self._hosts = {host: routes for host, routes in self._hosts.items() if routes}
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
            for part, share in _weights(route)[1:] if len(route.parts) > 1 else ():
                if not part.is_canary:
                    continue
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
        if route.redirect:
            why.append(f"the route answers {route.redirect} itself")
            return Answer(
                status=route.redirect,
                entry=route.entry,
                decided_by=route.decider,
                candidates=candidates,
                why=tuple(why),
            )
        shares: list[tuple[Fraction, Destination]] = []
        shown = _weights(route)
        weighted = [part for part in route.parts if part.is_canary]
        with_fallback = [
            part
            for part, share in shown
            if share and (part.is_canary or (route.fallback is not None and part is route.parts[0]))
        ]
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
        if len(shown) > 1:
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
            namespace=part.namespace,
            service=part.backend.service,
            port=part.backend.port,
            subset=part.subset,
            changes=edits.changes(),
        )

    def _add(self, ingress: Ingress) -> None:
        for path in ingress.paths:
            routes = self._hosts.setdefault(path.host, [])
            key = self._key(ingress, path)
            # A path that leads nowhere keeps younger ones out all the same.
            is_new = key not in self._taken
            self._taken.add(key)
            parts = self._parts(ingress, path.backend, has_resource=path.has_resource)
            if not parts:
                outcome = "never read: it leads to no Service, and no destination is named"
                self._unread.append(Candidate(object=ingress.ref, rule="path", outcome=outcome))
            elif is_new:
                routes.append(self._ordinary(ingress, path, key, parts))
            else:
                self._unread.append(
                    Candidate(object=ingress.ref, rule="path", outcome="never read: an older Ingress has this route")
                )

    def _ordinary(self, ingress: Ingress, path: Path, key: tuple[object, ...], parts: list[_Part]) -> _Route:
        kind, text = self._effective(ingress, path)
        named = (ingress.note("match-method", (self._dialect.own,)) or "").upper().split(" ")
        return _Route(
            entry=EntryRule(object=ingress.ref, host=path.host, path=path.text, path_type=path.kind),
            decider=Decider(object=ingress.ref, rule="path"),
            kind=kind,
            text=text,
            methods=tuple(dict.fromkeys(method for method in named if method in _METHODS)),
            headers={
                **self._matched(ingress, "match-header-"),
                **{f":{name}": how for name, how in self._matched(ingress, "match-pseudo-header-").items()},
            },
            queries=self._matched(ingress, "match-query-"),
            key=key,
            parts=parts,
            total=sum(weight for _, weight, _ in self._destinations(ingress)),
            ignores_case=bool(parse_bool(ingress.note("ignore-path-case", self._dialect.prefixes))),
            redirect=self._redirect(ingress),
        )

    def _parts(self, ingress: Ingress, backend: Backend | None, *, has_resource: bool) -> list[_Part]:
        """Return where a backend of an Ingress leads: to its Service, or where its `destination` says."""
        control = self._control(ingress)
        if backend is not None:
            subset = self._subset(ingress)
            home = ingress.ref.namespace
            return [_Part(ref=ingress.ref, namespace=home, backend=backend, control=control, subset=subset)]
        parts = []
        for at, (address, weight, subset) in enumerate(self._destinations(ingress) if has_resource else ()):
            namespace, target = _service_of(address)
            parts.append(
                _Part(
                    ref=ingress.ref,
                    namespace=namespace,
                    backend=target,
                    control=control,
                    weight=weight if at else None,
                    subset=subset,
                )
            )
        return parts

    def _destinations(self, ingress: Ingress) -> list[tuple[str, int, str]]:
        """Return the address, weight and subset of each line of a `destination`: `[100%] host[:port] [subset]`."""
        found: list[tuple[str, int, str]] = []
        for line in (ingress.note("destination", (self._dialect.own,)) or "").splitlines():
            words = line.split()
            weight: int | None = 100
            if words and words[0].endswith("%"):
                weight = parse_int(words.pop(0)[:-1])
                if not words:
                    return []
            if weight is None:
                return []
            if words:
                found.append((words[0], weight, words[1] if len(words) > 1 else ""))
        return found

    def _subset(self, ingress: Ingress) -> str:
        """Return the part of a Service's pods that an Ingress leads to, "" for all of them or for those of no part."""
        subset = (ingress.note("service-subset", (self._dialect.own,)) or "").strip()
        return subset if self._dialect.of_product and subset != "base" else ""

    def _redirect(self, ingress: Ingress) -> int:
        """Return the status that the paths of an Ingress answer, 0 where they lead on."""
        prefixes = self._dialect.prefixes
        temporal, permanent = ((ingress.note(f"{word}-redirect", prefixes) or "") for word in ("temporal", "permanent"))
        if is_url(temporal.strip()):
            return 302
        code = parse_int(ingress.note("permanent-redirect-code", prefixes))
        if not is_url(permanent.strip()):
            return 0
        return code if code is not None and 300 <= code <= 308 else 301

    def _apply(
        self, ingress: Ingress, bases: Mapping[tuple[str, object], _Route], conditions: dict[int, list[_Route]]
    ) -> None:
        for path in ingress.paths:
            parts = self._parts(ingress, path.backend, has_resource=path.has_resource)
            if not parts:
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
            rule, headers, queries = self._rule(ingress)
            if not headers and not queries:
                part = parts[0]
                part.weight = parse_int(ingress.note("canary-weight", self._dialect.prefixes)) or 0
                part.is_canary = True
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
                    headers=headers or base.headers,
                    queries=queries or base.queries,
                    key=(*key, "canary"),
                    parts=parts,
                    fallback=base,
                    ignores_case=base.ignores_case,
                    redirect=base.redirect,
                ),
            )

    def _rule(self, ingress: Ingress) -> tuple[str, dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
        """Return the annotation that counts, and what it asks of headers and of the query; of neither for a weight."""
        prefixes, product = self._dialect.prefixes, self._dialect.of_product
        header, value, pattern, cookie = (
            (ingress.note(f"canary-by-{word}", prefixes) or "").strip()
            for word in ("header", "header-value", "header-pattern", "cookie")
        )
        if value and header:
            exact = product and _PLAIN.fullmatch(value) is not None
            return "canary-by-header-value", {header: ("value", value) if exact else ("regex", f"always|{value}")}, {}
        if pattern and header and not value:
            return "canary-by-header-pattern", {header: ("regex", f".*{pattern}.*")}, {}
        if header:
            return "canary-by-header", {header: ("exact", "always")}, {}
        query, asked, found = (
            (ingress.note(f"canary-by-query{ending}", (self._dialect.own,)) or "").strip() if product else ""
            for ending in ("", "-value", "-pattern")
        )
        if query and asked:
            return "canary-by-query-value", {}, {query: ("exact", asked)}
        if query:
            how = ("regex", f".*{found}.*") if found else ("exact", "always")
            return "canary-by-query-pattern" if found else "canary-by-query", {}, {query: how}
        if cookie:
            wanted = (ingress.note("canary-by-cookie-value", (self._dialect.own,)) or "").strip() if product else ""
            # A value or pattern without a header takes the place of what follows it.
            wanted = wanted if not (value or pattern) else ""
            rule = "canary-by-cookie-value" if wanted else "canary-by-cookie"
            return rule, {"cookie": ("regex", rf"^(.*?;\s*)?({cookie}={wanted or 'always'})(;.*)?$")}, {}
        return "canary-weight", {}, {}

    def _effective(self, ingress: Ingress, path: Path) -> tuple[str, str]:
        """Return the path type that counts and the path as it is compared."""
        prefixes = self._dialect.prefixes
        if parse_bool(ingress.note("full-path-regex", (self._dialect.own,))):
            return "FullRegex", path.text
        rewrite = (ingress.note("rewrite-target", prefixes) or "").strip()
        if (
            parse_bool(ingress.note("use-regex", prefixes))
            or (rewrite and not _REGEX_SIGNS.isdisjoint(path.text))
            or not {"$", "\\"}.isdisjoint(rewrite)
        ):
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

    def _add_defaults(self, ordinary: Iterable[Ingress]) -> None:
        rooted = {
            host
            for host, routes in self._hosts.items()
            if any(route.kind == "Prefix" and route.text == "/" for route in routes)
        }
        of_any: _Route | None = None
        for ingress in ordinary:
            parts = self._parts(ingress, ingress.default, has_resource=ingress.default_has_resource)
            if not parts:
                continue
            of_any = self._default(ingress, "", parts)
            for host in dict.fromkeys(ingress.hosts):
                if host and host not in rooted:
                    rooted.add(host)
                    self._hosts.setdefault(host, []).append(self._default(ingress, host, parts))
        if of_any is not None and "" not in rooted:
            self._hosts.setdefault("", []).append(of_any)

    def _default(self, ingress: Ingress, host: str, parts: list[_Part]) -> _Route:
        for part in parts:
            part.control = {}
        return _Route(
            entry=EntryRule(object=ingress.ref, host=host, path="/", path_type="Prefix"),
            decider=Decider(object=ingress.ref, rule="default backend"),
            kind="Prefix",
            text="/",
            methods=(),
            headers={},
            queries={},
            key=("default", host),
            parts=parts,
            is_default=True,
        )

    def _add_root(self, ingress: Ingress) -> None:
        """Add the redirect of an `app-root`; the youngest one of a host counts."""
        if not (ingress.note("app-root", self._dialect.prefixes) or "").strip():
            return
        for host in dict.fromkeys(path.host for path in ingress.paths):
            routes = self._hosts.setdefault(host, [])
            routes[:] = [route for route in routes if route.kind != "AppRoot"]
            routes.insert(
                0,
                _Route(
                    entry=EntryRule(object=ingress.ref, host=host, path="/", path_type="Exact"),
                    decider=Decider(object=ingress.ref, rule="app-root"),
                    kind="AppRoot",
                    text="/",
                    methods=(),
                    headers={},
                    queries={},
                    key=("app-root", host),
                    redirect=302,
                ),
            )

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
        -len(route.text) if route.kind != "AppRoot" else 0,
        len("|".join(route.methods)) if route.methods else 1000,
        -len(route.headers),
        -len(route.queries),
    )


def _weights(route: _Route) -> list[tuple[_Part, int]]:
    """Return the whole percents that the gateway gives to each part of a route, the first takes the rest."""
    if not route.parts:
        return []
    first, *weighted = route.parts
    if not weighted:
        return [(first, 100)]
    total = max(sum(part.weight or 0 for part in weighted), route.total)
    shares = [(part, _truncated(part.weight or 0, total) if total else 0) for part in weighted]
    return [(first, 100 - sum(share for _, share in shares)), *shares]


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
    path, text = request.path, route.text
    if route.ignores_case:
        path, text = path.lower(), text.lower()
    if route.kind in ("Exact", "AppRoot"):
        met = path == text
    elif route.kind == "Prefix":
        met = text == "/" or is_below(path, text)
    elif route.kind == "FullRegex":
        met = is_whole(route.text, request.path)
    else:
        met = is_found(f"^(?:{route.text})", request.path)
    if not met:
        return "path"
    if route.methods and request.method not in route.methods:
        return f"asks for method {' or '.join(route.methods)}"
    for name, (kind, wanted) in route.headers.items():
        values = _values(request, name)
        if not values:
            return f"header {name} is absent"
        if not _asked(kind, wanted, ",".join(values)):
            more = "; Higress would let `always` in beside the value" if (kind, *values) == ("value", "always") else ""
            return told_header(name, ",".join(values), f", not {shown_header(name, wanted)}{more}")
    for name, (kind, wanted) in route.queries.items():
        value = next((part.partition("=")[2] for part in request.query.split("&") if part.split("=")[0] == name), None)
        if value is None or not _asked(kind, wanted, value):
            return told_query(name, value, wanted)
    return ""


def _values(request: Request, name: str) -> tuple[str, ...]:
    """Return the values of a header, or of what Envoy has as one."""
    if not name.startswith(":"):
        return request.values(name)
    query = f"?{request.query}" if request.query else ""
    pseudo = {":authority": request.host, ":method": request.method, ":path": request.path + query, ":scheme": "http"}
    return (pseudo[name.lower()],) if name.lower() in pseudo else ()


def _service_of(address: str) -> tuple[str, Backend]:
    """Return the namespace and Service of an address in the cluster; an address elsewhere has no namespace."""
    host, _, number = address.rpartition(":")
    port = parse_int(number)
    if host and port is not None and 0 < port < 65536:
        target = Backend(service=host, port=port)
    else:
        target = Backend(service=address, port="")
    name, _, namespace = target.service.removesuffix(_CLUSTER).partition(".")
    if target.service.endswith(_CLUSTER) and namespace and "." not in namespace:
        return namespace, Backend(service=name, port=target.port)
    return "", target


def _asked(kind: str, wanted: str, value: str) -> bool:
    if kind == "regex":
        return is_whole(wanted, value)
    return value.startswith(wanted) if kind == "prefix" else value == wanted
