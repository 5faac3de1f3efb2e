"""ingress-nginx 1.15, the last line of a retired project.

Sources: kubernetes/ingress-nginx dbb11b9: internal/ingress/annotations/canary/main.go and parser/validators.go,
internal/ingress/controller (controller.go, util.go, location.go, template/template.go), controller/store/store.go
sortIngressSlice, rootfs/etc/nginx/lua/balancer.lua route_to_alternative_balancer:

- a canary belongs to the Service and port of its base as they are written, and so to each of its hosts and paths; only
  the first canary of a Service is asked; the first Ingress to name a Service makes it a canary's or not;
- it is bound by host, path and path type; a path that is not there, on a host that is, takes its Service out of every
  canary;
- header, cookie and weight are asked in this order; a value with other signs than its list allows is read as none.

Expressions are PCRE there and RE2 here: what RE2 does not have is said to be out of reach.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from grayc.documents import Document
from grayc.routing.ingress import Backend, Ingress, Path, cookie_values, ingresses_of, parse_bool, parse_int
from grayc.routing.matching import BadExpression, host_rank, is_found, shared_out, told_header
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

NAME = "ingress-nginx"

# Source: annotations/parser/validators.go BasicCharsRegex, IsValidRegex.
_PLAIN = re.compile(r"[A-Za-z0-9/\-._~: ]*")
_PATTERN = re.compile(r"[A-Za-z0-9/\-._~:^$\[\](){}*+?|&=\\]*")
_BEYOND_RE2 = re.compile(r"\(\?[=!<>]|\\[1-9]|\(\?P[>=]|[*+?}]\+")
_LEAST = 100
"""A total below this counts as this. Source: balancer.lua."""

_Key = tuple[str, str, int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy:
    """What a canary asks for."""

    ref: ObjectRef
    header: str
    value: str
    pattern: str
    cookie: str
    weight: int
    total: int
    emptied: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Upstream:
    """One Service and port.

    Attributes:
        policy: of the canary that named it first; None where an ordinary Ingress did.
        alternatives: upstreams of the canaries on it, in order.
    """

    namespace: str
    backend: Backend
    policy: _Policy | None
    alternatives: list[_Key] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Location:
    """One path of a server."""

    entry: EntryRule
    text: str
    exact: bool
    key: _Key
    sticky: bool


def simulate(documents: Iterable[Document]) -> "IngressNginx":
    """Return a router over the Ingresses among the documents."""
    return IngressNginx(documents)


class IngressNginx:
    """All Ingresses of one controller."""

    def __init__(self, documents: Iterable[Document]) -> None:
        ingresses = ingresses_of(documents, lambda ref: _inverted(f"{ref.namespace}/{ref.name}"))
        canaries = [ingress for ingress in ingresses if parse_bool(ingress.note("canary"))]
        self._ordinary = [ingress for ingress in ingresses if ingress not in canaries]
        self._upstreams: dict[_Key, _Upstream] = {}
        self._servers: dict[str, list[_Location]] = {}
        self._defaults: dict[str, _Location] = {}
        self._unread: list[Candidate] = []
        for ingress in ingresses:
            policy = _policy(ingress) if ingress in canaries else None
            backends = [path.backend for path in ingress.paths] + [ingress.default]
            for backend in backends:
                if backend is not None:
                    upstream = _Upstream(namespace=ingress.ref.namespace, backend=backend, policy=policy)
                    self._upstreams.setdefault(_key(ingress, backend), upstream)
        for ingress in self._ordinary:
            self._serve(ingress)
        if self._ordinary:
            for ingress in canaries:
                self._merge(ingress)
        self._regex_hosts = {
            host.lower()
            for ingress in self._ordinary
            if parse_bool(ingress.note("use-regex")) or ingress.note("rewrite-target") not in (None, "", "/")
            for host in ingress.hosts
        }

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        ranked = [
            (rank, host) for host in self._servers if host and (rank := host_rank(host, request.host)) is not None
        ]
        host = max(ranked)[1] if ranked else ""
        unread = tuple(self._unread)
        location = self._location(host, request.path)
        if location is None:
            return Answer(status=404, candidates=unread, why=("no Ingress names this host and path",))
        base = self._upstreams[location.key]
        why = [f"{location.entry.object} has host {location.entry.host or 'any'} and path {location.text}"]
        candidates = [
            Candidate(object=location.entry.object, rule="path", outcome="the route", won=not base.alternatives)
        ]
        here = Decider(object=location.entry.object, rule="path")
        if base.backend.service in circumstances.no_endpoints:
            why.append(f"Service {base.backend.service} has no ready pod: 503, whatever canaries say")
            return Answer(
                status=503, entry=location.entry, decided_by=here, candidates=(*candidates, *unread), why=tuple(why)
            )
        share, decider, refused = self._share(base, location, request, circumstances, why)
        if refused:
            return Answer(refused=refused, candidates=(*candidates, *unread))
        for at, key in enumerate(base.alternatives):
            policy = self._upstreams[key].policy
            if policy is not None:
                won = at == 0 and decider is not None and share > 0
                outcome = (
                    "won" if won else "asked, and it stays on the baseline" if at == 0 else "never read: not the first"
                )
                candidates.append(Candidate(object=policy.ref, rule=_rule(policy), outcome=outcome, won=won))
        gray = self._upstreams[base.alternatives[0]] if base.alternatives else base
        destinations = shared_out(((1 - share, _to(base)), (share, _to(gray))))
        return Answer(
            entry=location.entry,
            decided_by=decider or here,
            destinations=destinations,
            candidates=(*candidates, *unread),
            why=tuple(why),
        )

    def _share(
        self, base: _Upstream, location: _Location, request: Request, circumstances: Circumstances, why: list[str]
    ) -> tuple[Fraction, Decider | None, str]:
        """Return the part that the first canary takes, what decided, and what is out of reach."""
        nobody, everybody = Fraction(0), Fraction(1)
        if not base.alternatives:
            return nobody, None, ""
        gray = self._upstreams[base.alternatives[0]]
        policy = gray.policy
        if policy is None:
            return nobody, None, ""
        sticky = circumstances.sticky if location.sticky else ""
        if sticky == base.backend.service:
            why.append(f"the client's session sticks to {sticky}, which comes before every rule")
            return nobody, None, ""
        if gray.backend.service in circumstances.no_endpoints:
            why.append(f"Service {gray.backend.service} has no ready pod, so the canary is passed over")
            return nobody, None, ""
        if sticky == gray.backend.service:
            why.append(f"the client's session sticks to {sticky}, which comes before every rule")
            return everybody, Decider(object=policy.ref, rule="affinity"), ""
        why += [f"{policy.ref} {name} has signs that are not allowed, so it is read as none" for name in policy.emptied]
        value = _header(request, policy.header)
        if policy.header and value is not None:
            decided, refused = _by_header(policy, value)
            if refused or decided is not None:
                rule = _header_rule(policy)
                why.append(told_header(policy.header, value, f": {'the canary' if decided else 'the baseline'}"))
                return everybody if decided else nobody, Decider(object=policy.ref, rule=rule), refused
            why.append(told_header(policy.header, value, ", which decides nothing"))
        for said in cookie_values(_header(request, "cookie") or "", policy.cookie, same_case=False)[:1]:
            if policy.cookie and said in ("always", "never"):
                why.append(f"cookie {policy.cookie} is {said}")
                decider = Decider(object=policy.ref, rule="canary-by-cookie")
                return everybody if said == "always" else nobody, decider, ""
        share = min(max(Fraction(policy.weight, policy.total), nobody), everybody)
        why.append(f"weight {policy.weight} of {policy.total}")
        return share, Decider(object=policy.ref, rule="canary-weight") if share else None, ""

    def _serve(self, ingress: Ingress) -> None:
        sticky = ingress.note("affinity") == "cookie"
        for host in ingress.hosts:
            self._servers.setdefault(host.lower(), [])
        for path in ingress.paths:
            if path.backend is None:
                continue
            locations = self._servers.setdefault(path.host, [])
            text, exact = path.text or "/", path.kind == "Exact"
            key = _key(ingress, path.backend)
            taken = any(other.text == text and other.exact == exact for other in locations)
            if self._upstreams[key].policy is not None or taken:
                reason = "an older Ingress has this path" if taken else "a canary named its Service first"
                self._unread.append(Candidate(object=ingress.ref, rule="path", outcome=f"never read: {reason}"))
                continue
            locations.append(_Location(entry=_entry(ingress, path), text=text, exact=exact, key=key, sticky=sticky))
        if ingress.default is not None:
            for host in ingress.hosts or ("",):
                entry = EntryRule(object=ingress.ref, host=host.lower(), path="/", path_type="Prefix")
                location = _Location(
                    entry=entry, text="/", exact=False, key=_key(ingress, ingress.default), sticky=sticky
                )
                self._defaults.setdefault(host.lower(), location)
                self._servers.setdefault(host.lower(), [])

    def _merge(self, ingress: Ingress) -> None:
        for path in ingress.paths:
            if path.backend is None:
                continue
            key = _key(ingress, path.backend)
            locations = self._servers.get(path.host)
            if locations is None or key not in self._upstreams:
                reason = f"no ordinary Ingress names host {path.host or 'any'}"
                self._unread.append(Candidate(object=ingress.ref, rule="canary", outcome=f"never read: {reason}"))
                continue
            base = next(
                (
                    location
                    for location in locations
                    if location.text == (path.text or "/") and location.exact == (path.kind == "Exact")
                ),
                None,
            )
            if base is None:
                self._unread.append(
                    Candidate(
                        object=ingress.ref,
                        rule="canary",
                        outcome=f"never read: no path {path.text} there, and its Service leaves every other canary",
                    )
                )
                for upstream in self._upstreams.values():
                    upstream.alternatives = [other for other in upstream.alternatives if other != key]
                self._upstreams.pop(key)
                continue
            if base.key != key and key not in self._upstreams[base.key].alternatives:
                self._upstreams[base.key].alternatives.append(key)
        if ingress.default is not None:
            key = _key(ingress, ingress.default)
            for location in self._servers.get("", []):
                if location.key != key and key in self._upstreams:
                    self._upstreams[location.key].alternatives.append(key)

    def _location(self, host: str, path: str) -> _Location | None:
        locations = self._servers.get(host, [])
        if host in self._regex_hosts:
            for location in sorted(locations, key=lambda each: -len(each.text)):
                try:
                    if is_found(f"(?i)^{location.text}", path):
                        return location
                except BadExpression:
                    continue
            return self._defaults.get(host)
        found = [location for location in locations if location.exact and location.text == path]
        if not found:
            below = [location for location in locations if not location.exact and _is_prefix(location.text, path)]
            found = sorted(below, key=lambda each: -len(each.text))[:1]
        return found[0] if found else self._defaults.get(host)


def _is_prefix(text: str, path: str) -> bool:
    return path == text or path.startswith(text if text.endswith("/") else f"{text}/")


def _entry(ingress: Ingress, path: Path) -> EntryRule:
    return EntryRule(object=ingress.ref, host=path.host, path=path.text, path_type=path.kind)


def _key(ingress: Ingress, backend: Backend) -> _Key:
    return ingress.ref.namespace, backend.service, backend.port


def _inverted(text: str) -> str:
    """Return a text that sorts the other way round."""
    return "".join(chr(0x10FFFF - ord(sign)) for sign in text) + chr(0x10FFFF)


def _policy(ingress: Ingress) -> _Policy:
    emptied: list[str] = []

    def text(name: str, allowed: re.Pattern[str]) -> str:
        value = ingress.note(name) or ""
        if not allowed.fullmatch(value):
            emptied.append(name)
            return ""
        return value

    total = parse_int(ingress.note("canary-weight-total"))
    return _Policy(
        ref=ingress.ref,
        header=text("canary-by-header", _PLAIN).strip(),
        value=text("canary-by-header-value", _PLAIN),
        pattern=text("canary-by-header-pattern", _PATTERN),
        cookie=text("canary-by-cookie", _PLAIN).strip(),
        weight=parse_int(ingress.note("canary-weight")) or 0,
        total=max(100 if total is None else total, _LEAST),
        emptied=tuple(emptied),
    )


def _header(request: Request, name: str) -> str | None:
    """Return a header as nginx's variables have it; a sent name with `_` is dropped, an asked one means `-`."""
    wanted = name.lower().replace("_", "-")
    values = [value for key, value in request.headers if key.lower() == wanted and "_" not in key]
    if wanted == "cookie" and request.cookies:
        values += request.values("cookie")[-1:]
    return ("; " if wanted == "cookie" else ", ").join(values) if values else None


def _by_header(policy: _Policy, value: str) -> tuple[bool | None, str]:
    """Return what the header decides, None for nothing, and what is out of reach."""
    if policy.value:
        return (True if value == policy.value else None), ""
    if policy.pattern:
        try:
            return (True if is_found(policy.pattern, value) else None), ""
        except BadExpression as error:
            if _BEYOND_RE2.search(policy.pattern):
                return None, f"{policy.ref}: expression {policy.pattern} is PCRE's own, and RE2 here can not ask it"
            # An expression that PCRE refuses too ends the matter: the baseline.
            del error
            return False, ""
    return {"always": True, "never": False}.get(value), ""


def _header_rule(policy: _Policy) -> str:
    if policy.value:
        return "canary-by-header-value"
    return "canary-by-header-pattern" if policy.pattern else "canary-by-header"


def _rule(policy: _Policy) -> str:
    if policy.header:
        return _header_rule(policy)
    return "canary-by-cookie" if policy.cookie else "canary-weight"


def _to(upstream: _Upstream) -> Destination:
    return Destination(namespace=upstream.namespace, service=upstream.backend.service, port=upstream.backend.port)
