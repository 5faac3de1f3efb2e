"""Traefik 3.7 with its provider for the annotations of ingress-nginx.

Sources: traefik/traefik v3.7.13, pkg/provider/kubernetes/ingress-nginx (build.go, translator.go, model.go) and
pkg/muxer/http (mux.go GetRulePriority, matcher.go):

- of the routers that match the one with the longest rule text counts; between two of one length chance decides at each
  load, and the one that comes first here is taken;
- a canary is bound by namespace, host, path and path type, all as written; of two for one path the older counts, of
  one time the one whose `namespace/name` sorts last. It belongs to the Service and port of its base, for every route,
  and of two for one Service the last counts. Without endpoints it is left out;
- header and cookie make a router of their own, the weight a round robin; nothing is added to requests.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from grayc.documents import Document
from grayc.routing.ingress import Backend, Ingress, ingresses_of, parse_int
from grayc.routing.matching import BadExpression, host_rank, is_below, is_found, shared_out
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
class _Router:
    """One router: what it asks for, and where it leads."""

    entry: EntryRule
    rule: str
    uses_regex: bool
    condition: str
    decider: Decider
    base: Backend
    canary: _Canary | None

    @property
    def priority(self) -> int:
        """Length of its rule."""
        return len(self.rule)


def simulate(documents: Iterable[Document]) -> "Traefik":
    """Return a router over the Ingresses among the documents."""
    return Traefik(tuple(documents))


class Traefik:
    """All Ingresses of one Traefik."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self._ingresses = ingresses_of(documents, lambda ref: _inverted(f"{ref.namespace}/{ref.name}"))
        self._built: dict[frozenset[str], tuple[list[_Router], list[Candidate], Backend | None]] = {}

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
            won = winner is None and not missed
            outcome = "won" if won else missed or f"comes later: its rule is {router.priority} signs long"
            candidates.append(
                Candidate(object=router.decider.object, rule=router.decider.rule, outcome=outcome, won=won)
            )
            winner = router if won else winner
        candidates += unread
        if winner is None:
            if default is None:
                return Answer(status=404, candidates=tuple(candidates), why=("no router matches the request",))
            return Answer(
                destinations=(Destination(namespace="default", service=default.service, port=default.port),),
                candidates=tuple(candidates),
                why=("no router matches, so the default backend answers",),
            )
        return self._answer(winner, circumstances, tuple(candidates))

    def _answer(self, router: _Router, circumstances: Circumstances, candidates: tuple[Candidate, ...]) -> Answer:
        why = [f"of the routers that match, {router.decider.object} {router.decider.rule} has the longest rule"]
        namespace, canary = router.entry.object.namespace, router.canary
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

    def _build(self, dead: frozenset[str]) -> tuple[list[_Router], list[Candidate], Backend | None]:
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
        routers = [router for ingress in regular for router in _routers(ingress, canaries, regex_hosts)]
        default = next((ingress.default for ingress in regular if ingress.default and not ingress.hosts), None)
        return sorted(routers, key=lambda router: -router.priority), unread, default


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


def _routers(
    ingress: Ingress, canaries: dict[tuple[str, Backend], _Canary], regex_hosts: set[str]
) -> Iterator[_Router]:
    for path in ingress.paths:
        if path.backend is None:
            continue
        entry = EntryRule(object=ingress.ref, host=path.host, path=path.text, path_type=path.kind)
        regex = path.host in regex_hosts and path.kind != "Exact"
        rule = _rule(path.host, path.text, exact=path.kind == "Exact", regex=regex)
        canary = canaries.get((ingress.ref.namespace, path.backend))
        yield _Router(
            entry=entry,
            rule=rule,
            uses_regex=regex,
            condition="",
            decider=Decider(object=ingress.ref, rule="path"),
            base=path.backend,
            canary=canary,
        )
        if canary is None:
            continue
        for condition, text in (("canary", _entering(canary)), ("non-canary", _staying(canary))):
            if text:
                yield _Router(
                    entry=entry,
                    rule=f"({rule}) && ({text})",
                    uses_regex=regex,
                    condition=condition,
                    decider=Decider(object=canary.ref, rule=canary.rule),
                    base=path.backend,
                    canary=canary,
                )
    if ingress.default is not None:
        for host in dict.fromkeys(ingress.hosts):
            yield _Router(
                entry=EntryRule(object=ingress.ref, host=host, path="", path_type="Prefix"),
                rule=f"Host({_quoted(host)})" if host else "",
                uses_regex=False,
                condition="",
                decider=Decider(object=ingress.ref, rule="default backend"),
                base=ingress.default,
                canary=None,
            )


def _rule(host: str, path: str, *, exact: bool, regex: bool) -> str:
    """Return the text of a router's rule, whose length ranks it."""
    parts = [f"Host({_quoted(host)})"] if host else []
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
    if entry.host and not _is_host(entry.host, request.host):
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
