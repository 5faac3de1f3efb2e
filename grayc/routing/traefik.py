"""Traefik 3.7 with its provider for the annotations of ingress-nginx.

Sources: traefik/traefik v3.7.13, pkg/provider/kubernetes/ingress-nginx (build.go, translator.go, model.go) and
pkg/muxer/http (mux.go GetRulePriority, matcher.go):

- of the routers that match the one with the longest rule text counts; between two of one length chance decides at each
  load, and the one that comes first here is taken;
- a canary is bound by namespace, host, path and path type, all as written; of two for one path the older counts, of
  one time the one whose `namespace/name` sorts last. It belongs to the Service and port of its base, for every route,
  and of two for one Service the last counts. Without endpoints it is left out;
- header and cookie make a router of their own, the weight a round robin; nothing is added to requests;
- `server-alias` is a part of the rule, so it makes it longer; `app-root` and redirects stand before the Service of each
  router of a path, the canary's too; `from-to-www-redirect` is a router for the other name alone;
- routers of Traefik's other providers stand in the same list (`documents.traefik_routers`). Entry points are not looked
  at: all routers are taken to have the same ones, but for a router that sends requests to another scheme: one on other
  entry points has them then. Of an IngressRoute the whole rule is asked, but for `ClientIP`; a router whose Services
  have no endpoints is not built (crd/kubernetes_http.go, loadServers, without `allowEmptyServices`).
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from grayc.documents import Document
from grayc.documents.traefik_routers import OtherRouter, OwnClasses, other_routers
from grayc.documents.traefik_rules import Matcher, hosts_of, paths_of
from grayc.records import dataclass, replace
from grayc.routing.ingress import Backend, Ingress, ingresses_of, parse_int
from grayc.routing.matching import BadExpression, HeaderEdits, host_rank, is_below, is_found, ref_of, shared_out
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
from grayc.routing.traefik_rules import is_host, meets

NAME = "traefik"

_LEAST = 100
"""A total below this counts as this. Source: build.go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Canary:
    """The canary of a Service and port."""

    ref: ObjectRef
    backend: Backend
    weight: int
    total: int
    header: str
    value: str
    pattern: str
    cookie: str

    @property
    def is_switch(self) -> bool:
        """Tell whether its header is asked for `always` and `never`."""
        return bool(self.header) and not self.value and not self.pattern

    @property
    def rule(self) -> str:
        """Name of the annotation that decides by header or cookie."""
        if not self.header:
            return "canary-by-cookie"
        if self.value:
            return "canary-by-header-value"
        return "canary-by-header-pattern" if self.pattern else "canary-by-header"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asks:
    """What the middlewares of a path answer themselves.

    Attributes:
        redirect: status; 0 where there is none.
        of_url: the expression that the whole URL must have in it to be sent on.
        app_root: the path `/` is sent on.
    """

    redirect: int = 0
    of_url: str = ""
    app_root: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Router:
    """One router: what it asks for, and where it leads.

    Attributes:
        hosts: of its rule, the aliases among them; () for any.
        asks: of the Ingress, what it answers before its Service.
        fixed: its priority, where that is not the length of its rule.
        unread: why nothing tells which requests it takes.
        other: the router of an IngressRoute whose whole rule is read.
    """

    entry: EntryRule
    hosts: tuple[str, ...]
    rule: str
    uses_regex: bool
    condition: str
    decider: Decider
    base: Backend
    canary: _Canary | None
    asks: "_Asks"
    fixed: int = 0
    unread: str = ""
    base_namespace: str = ""
    other: OtherRouter | None = None

    @property
    def priority(self) -> int:
        """What is written, else the length of its rule."""
        return self.fixed or len(self.rule)

    @property
    def namespace(self) -> str:
        """Where its Services are."""
        return self.base_namespace or self.entry.object.namespace


def simulate(documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> "Traefik":
    """Return a router over the Ingresses of some classes among the documents."""
    return Traefik(tuple(documents), classes)


class Traefik:
    """All Ingresses of one Traefik."""

    def __init__(self, documents: tuple[Document, ...], classes: frozenset[str] | None = None) -> None:
        own = OwnClasses(documents)
        of_others = {id(document) for document in documents if own.has(document)}
        self._ingresses = ingresses_of(
            [document for document in documents if id(document) not in of_others],
            lambda ref: _inverted(f"{ref.namespace}/{ref.name}"),
            classes=classes,
        )
        self._others = tuple(
            _of_another(router)
            for router in other_routers(documents)
            if router.document.identity.kind != "Ingress" or id(router.document) in of_others
        )
        self._built: dict[frozenset[str], tuple[list[_Router], list[Candidate], Ingress | None]] = {}

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        dead = circumstances.no_endpoints
        if dead not in self._built:
            self._built[dead] = self._build(dead)
        routers, unread, default = self._built[dead]
        candidates: list[Candidate] = []
        winner: _Router | None = None
        for router in routers:
            missed = _missed(router, request)
            if missed == "path":
                continue
            if router.unread and winner is None:
                return Answer(refused=f"`{router.decider.object}` may have the request, and {router.unread}")
            if router.unread:
                continue
            won = winner is None and not missed
            later = f"priority is {router.fixed}" if router.fixed else f"rule is {router.priority} signs long"
            outcome = "won" if won else missed or f"comes later: its {later}"
            candidates.append(
                Candidate(object=router.decider.object, rule=router.decider.rule, outcome=outcome, won=won)
            )
            winner = router if won else winner
        candidates += unread
        if winner is not None and winner.other is not None and winner.other.redirect:
            winner = _of_the_other_scheme(winner, routers, request) or winner
            candidates = [
                replace(each, outcome="sends requests to another scheme")
                if each.won and each.object != winner.decider.object
                else each
                for each in candidates
            ]
        if winner is None:
            if default is None or default.default is None:
                return Answer(status=404, candidates=tuple(candidates), why=("no router matches the request",))
            why = "no router matches, so the default backend answers"
            status = _itself(_asks(default, "", regex=False), request)
            if status:
                return Answer(status=status, candidates=tuple(candidates), why=(why, f"it answers {status} itself"))
            backend = default.default
            return Answer(
                destinations=(
                    Destination(namespace=default.ref.namespace, service=backend.service, port=backend.port),
                ),
                candidates=tuple(candidates),
                why=(why,),
            )
        status = winner.other.redirect if winner.other is not None else 0
        status = status or _itself(winner.asks, request)
        if status:
            decider = winner.decider
            return Answer(
                status=status,
                entry=winner.entry,
                decided_by=decider,
                candidates=tuple(candidates),
                why=(f"of the routers that match, {decider.object} {decider.rule} has the longest rule: {status}",),
            )
        if winner.other is not None and winner.other.shares:
            return _answer_of_route(winner, winner.other, request, circumstances, tuple(candidates))
        return self._answer(winner, circumstances, tuple(candidates))

    def _answer(self, router: _Router, circumstances: Circumstances, candidates: tuple[Candidate, ...]) -> Answer:
        has = "highest priority" if router.fixed else "longest rule"
        why = [f"of the routers that match, {router.decider.object} {router.decider.rule} has the {has}"]
        namespace, canary = router.namespace, router.canary
        shares: list[tuple[Fraction, Destination]]
        decider = router.decider
        if canary is not None and router.condition == "canary":
            shares = [(Fraction(1), _to(namespace, canary.backend, circumstances))]
        elif canary is not None and router.condition == "":
            shares = [
                (Fraction(canary.total - canary.weight), _to(namespace, router.base, circumstances)),
                (Fraction(canary.weight), _to(namespace, canary.backend, circumstances)),
            ]
            sticky = circumstances.sticky
            if sticky in (router.base.service, canary.backend.service) and sticky:
                shares = [share for share in shares if share[1].service == sticky] or shares
                why.append(f"the client's session sticks to {sticky}")
            elif canary.weight:
                decider = Decider(object=canary.ref, rule="canary-weight")
                why.append(f"{canary.weight} of {canary.total} requests go to the canary, in turn")
        else:
            shares = [(Fraction(1), _to(namespace, router.base, circumstances))]
        destinations = shared_out(shares)
        statuses = {destination.status for destination in destinations}
        status = statuses.pop() if len(statuses) == 1 else None
        if status or any(destination.status for destination in destinations):
            why.append("a Service without ready pods answers 503")
        return Answer(
            status=status,
            entry=router.entry,
            decided_by=decider,
            destinations=destinations if status is None else (),
            candidates=candidates,
            why=tuple(why),
        )

    def _build(self, dead: frozenset[str]) -> tuple[list[_Router], list[Candidate], Ingress | None]:
        regular = [ingress for ingress in self._ingresses if (ingress.note("canary") or "").lower() != "true"]
        paths: dict[tuple[str, str, str, str], Backend] = {}
        regex_hosts = set()
        for ingress in regular:
            if (ingress.note("use-regex") or "").lower() == "true" or ingress.note("rewrite-target"):
                regex_hosts |= set(ingress.hosts)
            for path in ingress.paths:
                if path.backend is not None:
                    paths[ingress.ref.namespace, path.host, path.text, path.kind] = path.backend
        canaries: dict[tuple[str, Backend], _Canary] = {}
        unread: list[Candidate] = []
        matched: set[tuple[str, str, str, str]] = set()
        for ingress in self._ingresses:
            if ingress in regular:
                continue
            for path in ingress.paths:
                key = (ingress.ref.namespace, path.host, path.text, path.kind)
                reason = (
                    "never read: no Ingress of its namespace has its host, path and path type"
                    if key not in paths
                    else "never read: another canary has its path already"
                    if key in matched
                    else "never read: it leads to no Service, or to that of its base"
                    if path.backend is None or path.backend == paths[key]
                    else "left out: its Service has no ready pod"
                    if path.backend.service in dead
                    else ""
                )
                if reason or path.backend is None:
                    unread.append(Candidate(object=ingress.ref, rule="canary", outcome=reason))
                    continue
                matched.add(key)
                canaries[ingress.ref.namespace, paths[key]] = _canary(ingress, path.backend)
        hosts = frozenset(host for ingress in regular for host in ingress.hosts)
        aliases = _aliases(regular, hosts)
        routers = [
            router
            for ingress in regular
            for router in _routers(ingress, canaries, regex_hosts, aliases[ingress.ref], hosts)
        ]
        default = next((ingress for ingress in regular if ingress.default and not ingress.hosts), None)
        others = []
        for other in self._others:
            if other.other is not None and any(share.service in dead for share in other.other.shares):
                outcome = "never built: its Service has no ready pod"
                unread.append(Candidate(object=other.decider.object, rule=other.decider.rule, outcome=outcome))
            else:
                others.append(other)
        return sorted([*routers, *others], key=lambda router: -router.priority), unread, default


def _of_the_other_scheme(winner: _Router, routers: Iterable[_Router], request: Request) -> _Router | None:
    """Return the router that has a request after one sent it to another scheme: the first on other entry points."""
    other = winner.other
    points = frozenset(other.entry_points) if other is not None else frozenset()
    return next(
        (
            router
            for router in routers
            if router.other is not None
            and not router.other.redirect
            and not router.unread
            and points.isdisjoint(router.other.entry_points)
            and not _missed(router, request)
        ),
        None,
    )


def _answer_of_route(
    router: _Router,
    other: OtherRouter,
    request: Request,
    circumstances: Circumstances,
    candidates: tuple[Candidate, ...],
) -> Answer:
    """Return where an IngressRoute leads."""
    decider = router.decider
    why = [f"of the routers that match, {decider.object} {decider.rule} has the highest priority, {other.priority}"]
    shares = list(other.shares)
    if other.is_sticky and circumstances.sticky in {share.service for share in shares}:
        shares = [share for share in shares if share.service == circumstances.sticky]
        why.append(f"the client's session sticks to {circumstances.sticky}")
    elif len(shares) > 1:
        why.append("its weights share the requests out, in turn")
    destinations = []
    for share in shares:
        edits = HeaderEdits(request)
        for name, value in (*other.headers, *share.headers):
            if value:
                edits.put(name, value)
            else:
                edits.drop(name)
        to = Destination(
            namespace=share.namespace or router.namespace,
            service=share.service,
            port=share.port,
            changes=edits.changes(),
        )
        destinations.append((share.part, to))
    return Answer(
        entry=_entry_of(router, other, request),
        decided_by=decider,
        destinations=shared_out(destinations),
        candidates=candidates,
        why=tuple(why),
    )


def _entry_of(router: _Router, other: OtherRouter, request: Request) -> EntryRule:
    """Return the host and path of a rule by which a request came in."""
    if other.asks is None:
        return router.entry
    hosts = [host for host in hosts_of(other.asks) if is_host(host, request.host)]
    for name, text in paths_of(other.asks):
        asked = Matcher(name=name, values=(text,))
        if meets(asked, request):
            kind = "Exact" if name == "Path" else name
            return replace(router.entry, host=hosts[0] if hosts else "", path=text, path_type=kind)
    return replace(router.entry, host=hosts[0] if hosts else "", path="/", path_type="PathPrefix")


def _of_another(router: OtherRouter) -> _Router:
    """Return a router of another provider."""
    ref = ref_of(router.document)
    is_read = router.asks is not None and bool(router.shares)
    at = next((step for step in router.place if isinstance(step, int)), 0)
    namespace, service, port = router.backends[0] if router.backends else ("", "", "")
    return _Router(
        entry=EntryRule(
            object=ref, host=router.hosts[0] if router.hosts else "", path=router.path, path_type=router.kind
        ),
        hosts=router.hosts,
        rule=router.rule,
        uses_regex=False,
        condition="",
        decider=Decider(object=ref, rule=f"routes[{at}]" if is_read else "path"),
        base=Backend(service=service, port=port),
        canary=None,
        asks=_Asks(),
        fixed=router.priority,
        unread="" if is_read else router.unread or router.leads,
        base_namespace=namespace,
        other=router if is_read else None,
    )


def _inverted(text: str) -> str:
    """Return a text that sorts the other way round."""
    return "".join(chr(0x10FFFF - ord(sign)) for sign in text) + chr(0x10FFFF)


def _canary(ingress: Ingress, backend: Backend) -> _Canary:
    total = max(parse_int(ingress.note("canary-weight-total")) or 0, _LEAST)
    return _Canary(
        ref=ingress.ref,
        backend=backend,
        weight=min(max(parse_int(ingress.note("canary-weight")) or 0, 0), total),
        total=total,
        header=ingress.note("canary-by-header") or "",
        value=ingress.note("canary-by-header-value") or "",
        pattern=ingress.note("canary-by-header-pattern") or "",
        cookie=ingress.note("canary-by-cookie") or "",
    )


def _aliases(regular: Iterable[Ingress], hosts: frozenset[str]) -> dict[ObjectRef, tuple[str, ...]]:
    """Return the aliases of each Ingress: no host of another, and the oldest Ingress to name one has it."""
    owners: dict[str, ObjectRef] = {}
    found: dict[ObjectRef, tuple[str, ...]] = {}
    for ingress in regular:
        text = ingress.note("server-alias")
        named = [name.strip() for name in text.split(",")] if text is not None else []
        for name in named:
            owners.setdefault(name.lower(), ingress.ref)
        found[ingress.ref] = tuple(
            name for name in named if name.lower() not in hosts and owners[name.lower()] == ingress.ref
        )
    return found


def _routers(
    ingress: Ingress,
    canaries: dict[tuple[str, Backend], _Canary],
    regex_hosts: set[str],
    aliases: tuple[str, ...],
    every_host: frozenset[str],
) -> Iterator[_Router]:
    for path in ingress.paths:
        if path.backend is None:
            continue
        entry = EntryRule(object=ingress.ref, host=path.host, path=path.text, path_type=path.kind)
        regex = path.host in regex_hosts and path.kind != "Exact"
        hosts = (path.host, *aliases) if path.host else ()
        rule = _rule(hosts, path.text, exact=path.kind == "Exact", regex=regex)
        canary = canaries.get((ingress.ref.namespace, path.backend))
        router = _Router(
            entry=entry,
            hosts=hosts,
            rule=rule,
            uses_regex=regex,
            condition="",
            decider=Decider(object=ingress.ref, rule="path"),
            base=path.backend,
            canary=canary,
            asks=_asks(ingress, path.text, regex=path.host in regex_hosts),
        )
        yield router
        yield from _from_www(ingress, router, every_host)
        if canary is None:
            continue
        for condition, text in (("canary", _entering(canary)), ("non-canary", _staying(canary))):
            if text:
                yield replace(
                    router,
                    rule=f"({rule}) && ({text})",
                    condition=condition,
                    decider=Decider(object=canary.ref, rule=canary.rule),
                )
    if ingress.default is not None:
        # Without a host its rule is empty, and such a router is not built.
        for host in dict.fromkeys(host for host in ingress.hosts if host):
            hosts = (host, *aliases)
            router = _Router(
                entry=EntryRule(object=ingress.ref, host=host, path="", path_type="Prefix"),
                hosts=hosts,
                rule=_rule(hosts, "", exact=False, regex=False),
                uses_regex=False,
                condition="",
                decider=Decider(object=ingress.ref, rule="default backend"),
                base=ingress.default,
                canary=None,
                asks=_asks(ingress, "", regex=host in regex_hosts),
            )
            yield router
            yield from _from_www(ingress, router, every_host)


def _from_www(ingress: Ingress, router: _Router, every_host: frozenset[str]) -> Iterator[_Router]:
    """Yield the router that sends the other name of a host, with or without `www.`, to that host.

    Source: middleware.go buildFromToWwwRedirect, translator.go applyFromToWwwRedirect.
    """
    host = router.entry.host
    other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    asked = (ingress.note("from-to-www-redirect") or "").lower() == "true"
    if asked and host and other not in every_host and not host.startswith("*."):
        yield replace(
            router,
            entry=EntryRule(object=ingress.ref, host=other, path="", path_type="Prefix"),
            hosts=(other,),
            rule=f"Host({_quoted(other)})",
            uses_regex=False,
            decider=Decider(object=ingress.ref, rule="from-to-www-redirect"),
            canary=None,
            asks=_Asks(redirect=308),
        )


def _asks(ingress: Ingress, path: str, *, regex: bool) -> _Asks:
    """Return what the middlewares of a path answer. Source: middleware.go buildRedirect, buildAppRoot."""
    code = 0
    for word, usual in (("permanent", 301), ("temporal", 302)):
        if ingress.note(f"{word}-redirect") is not None:
            own = parse_int(ingress.note(f"{word}-redirect-code"))
            code = own if own is not None and 300 <= own <= 308 else usual
    return _Asks(
        redirect=code,
        of_url=f"^https?://[^/]+{path}" if regex else "",
        app_root=(ingress.note("app-root") or "").startswith("/"),
    )


def _itself(asks: _Asks, request: Request) -> int:
    """Return the status that a router's middlewares answer, 0 where the request goes on to its Service."""
    if asks.app_root and request.path == "/":
        return 302
    query = f"?{request.query}" if request.query else ""
    try:
        sent_on = is_found(asks.of_url, f"http://{request.host}{request.path}{query}")
    except BadExpression:
        # The middleware is not built, and so is no router that has it.
        return 404
    return asks.redirect if sent_on else 0


def _rule(hosts: tuple[str, ...], path: str, *, exact: bool, regex: bool) -> str:
    """Return the text of a router's rule, whose length ranks it."""
    named = " || ".join(f"Host({_quoted(host)})" for host in hosts)
    parts = [f"({named})" if len(hosts) > 1 else named] if hosts else []
    if path:
        stem = path.removesuffix("/")
        if exact:
            parts.append(f"Path({_quoted(path)})")
        elif regex:
            parts.append(f"PathRegexp({_quoted('(?i)^' + path)})")
        elif path == "/":
            parts.append('PathPrefix("/")')
        else:
            parts.append(f"(Path({_quoted(stem)}) || PathPrefix({_quoted(stem + '/')}))")
    return " && ".join(parts)


def _entering(canary: _Canary) -> str:
    parts = []
    if canary.header:
        if canary.value:
            parts.append(f"Header({_quoted(canary.header)}, {_quoted(canary.value)})")
        elif canary.pattern:
            parts.append(f"HeaderRegexp({_quoted(canary.header)}, {_quoted(canary.pattern)})")
        else:
            parts.append(f'Header({_quoted(canary.header)}, "always")')
    if canary.cookie:
        cookie = f'HeaderRegexp("Cookie", {_quoted(_cookie(canary.cookie, "always"))})'
        if canary.is_switch:
            cookie = f'({cookie} && !Header({_quoted(canary.header)}, "never"))'
        parts.append(cookie)
    return " || ".join(parts)


def _staying(canary: _Canary) -> str:
    if not canary.weight:
        return ""
    parts = [f'Header({_quoted(canary.header)}, "never")'] if canary.is_switch else []
    if canary.cookie:
        parts.append(f'HeaderRegexp("Cookie", {_quoted(_cookie(canary.cookie, "never"))})')
    return " || ".join(parts)


def _cookie(name: str, value: str) -> str:
    quoted = "".join(f"\\{sign}" if sign in r"\.+*?()|[]{}^$" else sign for sign in name)
    return rf"(^|;\s*){quoted}={value}(;|$)"


def _quoted(text: str) -> str:
    """Return a text as Go's `%q` writes it, as far as its length goes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _missed(router: _Router, request: Request) -> str:
    """Return what a request lacks for a router, "" where nothing, `path` where host or path are others."""
    entry = router.entry
    if router.other is not None and router.other.asks is not None:
        hosts = hosts_of(router.other.asks)
        if hosts and not any(is_host(host, request.host) for host in hosts):
            return "path"
        try:
            return "" if meets(router.other.asks, request) else "its rule does not hold"
        except BadExpression as error:
            return f"never built: its expression is refused: {error}"
    if router.hosts and not any(_is_host(host.lower(), request.host) for host in router.hosts):
        return "path"
    try:
        if entry.path and not _is_path(router, request.path):
            return "path"
        return _missed_condition(router, request)
    except BadExpression as error:
        return f"never built: its expression is refused: {error}"


def _is_host(pattern: str, host: str) -> bool:
    if not pattern.startswith("*."):
        return host_rank(pattern, host) is not None
    return host_rank(pattern, host) is not None and "." not in host[: len(host) - len(pattern) + 1]


def _is_path(router: _Router, path: str) -> bool:
    entry = router.entry
    if entry.path_type == "Exact":
        return path == entry.path
    if entry.path_type == "PathPrefix":
        return path.startswith(entry.path)
    if router.uses_regex:
        return is_found("(?i)^" + entry.path, path)
    return is_below(path, entry.path) if entry.path != "/" else True


def _missed_condition(router: _Router, request: Request) -> str:
    canary = router.canary
    if canary is None or router.condition == "":
        return ""
    headers, cookies = request.values(canary.header) if canary.header else (), request.values("cookie")
    says_never = canary.is_switch and "never" in headers
    if router.condition == "non-canary":
        cookie = bool(canary.cookie) and any(is_found(_cookie(canary.cookie, "never"), value) for value in cookies)
        return "" if says_never or cookie else "neither header nor cookie says never"
    if canary.header and (
        canary.value in headers
        if canary.value
        else any(is_found(canary.pattern, value) for value in headers)
        if canary.pattern
        else "always" in headers
    ):
        return ""
    if canary.cookie and any(is_found(_cookie(canary.cookie, "always"), value) for value in cookies) and not says_never:
        return ""
    asked = [f"header {canary.header}"] if canary.header else []
    asked += [f"cookie {canary.cookie}"] if canary.cookie else []
    return f"{' and '.join(asked)} {'do' if len(asked) > 1 else 'does'} not ask for it"


def _to(namespace: str, backend: Backend, circumstances: Circumstances) -> Destination:
    if backend.service in circumstances.no_endpoints:
        return Destination(namespace="", service="", status=503)
    return Destination(namespace=namespace, service=backend.service, port=backend.port)
