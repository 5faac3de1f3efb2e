"""ingress-nginx 1.15, the last line of a retired project.

Sources: kubernetes/ingress-nginx dbb11b9: internal/ingress/annotations/canary/main.go and parser/validators.go,
internal/ingress/controller (controller.go, util.go, location.go, template/template.go), controller/store/store.go
sortIngressSlice, rootfs/etc/nginx/lua/balancer.lua route_to_alternative_balancer:

- a canary belongs to the Service and port of its base as they are written, and so to each of its hosts and paths; only
  the first canary of a Service is asked, there or not; the first Ingress to name a Service makes it a canary's or not;
- it is bound by host, path and path type; a path that is not there, on a host that is, takes its Service out of every
  canary;
- header, cookie and weight are asked in this order; a value with other signs than its list allows is read as none;
- a redirect, `app-root` or `from-to-www-redirect` answers before any canary.

`nginx_servers` has the rest: what a host, a path and a default backend are.

Expressions are PCRE there and RE2 here: what RE2 does not have is said to be out of reach.
"""

import re
from collections.abc import Iterable
from fractions import Fraction

from grayc.documents import Document
from grayc.records import dataclass
from grayc.routing.ingress import Ingress, cookie_values, ingresses_of, parse_bool, parse_int
from grayc.routing.matching import BadExpression, host_rank, is_found, shared_out, told_header
from grayc.routing.model import (
    NO_CIRCUMSTANCES,
    Answer,
    Candidate,
    Circumstances,
    Decider,
    Destination,
    ObjectRef,
    Request,
)
from grayc.routing.nginx_servers import Location, Upstream, asked_in_order, build

NAME = "ingress-nginx"

# Source: annotations/parser/validators.go BasicCharsRegex, IsValidRegex.
_PLAIN = re.compile(r"[A-Za-z0-9/\-._~: ]*")
_PATTERN = re.compile(r"[A-Za-z0-9/\-._~:^$\[\](){}*+?|&=\\]*")
_BEYOND_RE2 = re.compile(r"\(\?[=!<>]|\\[1-9]|\(\?P[>=]|[*+?}]\+")
_FROM_WWW = 308
"""`http-redirect-code` of the controller unless it is told otherwise."""
_LEAST = 100
"""A total below this counts as this. Source: balancer.lua."""


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


def simulate(documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> "IngressNginx":
    """Return a router over the Ingresses of some classes among the documents."""
    return IngressNginx(documents, classes)


class IngressNginx:
    """All Ingresses of one controller."""

    def __init__(self, documents: Iterable[Document], classes: frozenset[str] | None = None) -> None:
        ingresses = ingresses_of(documents, lambda ref: _inverted(f"{ref.namespace}/{ref.name}"), classes=classes)
        canaries = [ingress for ingress in ingresses if parse_bool(ingress.note("canary"))]
        self._built = build(ingresses, canaries, _policy)
        self._upstreams = self._built.upstreams
        self._asked = {host: asked_in_order(server) for host, server in self._built.servers.items()}

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes."""
        name = self._name(request.host)
        host = self._built.names[name] if name else ""
        unread = self._built.unread
        if host is None:
            sent = f"from-to-www-redirect sends host {name} on"
            return Answer(status=_FROM_WWW, candidates=unread, why=(sent,))
        rooted = next((location for location, *_ in self._asked[host][0] if location.app_root), None)
        if rooted is not None and request.path == "/":
            return self._itself(302, rooted, "app-root", unread)
        location = self._location(host, request.path)
        if location is None or (location.key is None and not location.redirect):
            return Answer(status=404, candidates=unread, why=("no Ingress names this host and path",))
        if location.redirect:
            return self._itself(location.redirect, location, "redirect", unread)
        entry, key = location.entry, location.key
        assert entry is not None and key is not None
        base = self._upstreams.get(key)
        rule = "default backend" if location.is_default else "path"
        here = Decider(object=entry.object, rule=rule)
        why = [f"{entry.object} has host {entry.host or 'any'} and path {location.text}"]
        if name != host:
            why.insert(0, f"host {request.host} is an alias of {host or 'any'}")
        if base is None:
            why.append(f"a canary took Service {key[1]} out of the configuration: 503")
            return Answer(status=503, entry=entry, decided_by=here, candidates=unread, why=tuple(why))
        candidates = [Candidate(object=entry.object, rule=rule, outcome="the route", won=not base.alternatives)]
        if base.backend.service in circumstances.no_endpoints:
            why.append(f"Service {base.backend.service} has no ready pod: 503, whatever canaries say")
            return Answer(status=503, entry=entry, decided_by=here, candidates=(*candidates, *unread), why=tuple(why))
        share, decider, refused = self._share(base, request, circumstances, why, is_sticky=key in self._built.sticky)
        if refused:
            return Answer(refused=refused, candidates=(*candidates, *unread))
        for at, other in enumerate(base.alternatives):
            policy = self._upstreams[other].policy if other in self._upstreams else None
            if policy is not None:
                won = at == 0 and decider is not None and share > 0
                outcome = (
                    "won" if won else "asked, and it stays on the baseline" if at == 0 else "never read: not the first"
                )
                candidates.append(Candidate(object=policy.ref, rule=_rule(policy), outcome=outcome, won=won))
        gray = self._upstreams[base.alternatives[0]] if share else base
        destinations = shared_out(((1 - share, _to(base)), (share, _to(gray))))
        return Answer(
            entry=entry,
            decided_by=decider or here,
            destinations=destinations,
            candidates=(*candidates, *unread),
            why=tuple(why),
        )

    def _itself(self, status: int, location: Location, rule: str, unread: tuple[Candidate, ...]) -> Answer:
        """Return what nginx answers before it asks any Service or canary."""
        entry = location.entry
        if entry is None:
            return Answer(status=status, candidates=unread, why=(f"{rule} answers {status} before any canary",))
        won = Candidate(object=entry.object, rule=rule, outcome="won", won=True)
        return Answer(
            status=status,
            entry=entry,
            decided_by=Decider(object=entry.object, rule=rule),
            candidates=(won, *unread),
            why=(f"{entry.object} {rule} answers {status} before any canary",),
        )

    def _name(self, host: str) -> str:
        """Return the name by which a server takes a host, "" for the one that takes the rest.

        Source: nginx, server_name: the name itself, the longest wildcard in front, the longest at the end, the first
        expression.
        """
        names = self._built.names
        if host in names:
            return host
        ranked = [(rank, name) for name in names if name[:1] == "*" and (rank := host_rank(name, host)) is not None]
        if ranked:
            return max(ranked)[1]
        behind = [name for name in names if name.endswith(".*") and host.startswith(name[:-1]) and host != name[:-1]]
        if behind:
            return max(behind, key=lambda name: (len(name), name))
        for name in names:
            try:
                if name.startswith("~") and is_found(f"(?i){name[1:]}", host):
                    return name
            except BadExpression:
                continue
        return ""

    def _share(
        self,
        base: Upstream[_Policy],
        request: Request,
        circumstances: Circumstances,
        why: list[str],
        *,
        is_sticky: bool,
    ) -> tuple[Fraction, Decider | None, str]:
        """Return the part that the first canary takes, what decided, and what is out of reach."""
        nobody, everybody = Fraction(0), Fraction(1)
        if not base.alternatives:
            return nobody, None, ""
        gray = self._upstreams.get(base.alternatives[0])
        policy = gray.policy if gray is not None else None
        if gray is None or policy is None:
            return nobody, None, ""
        sticky = circumstances.sticky if is_sticky else ""
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
        why.append(
            f"weight {policy.weight} of {policy.total}" if share else f"no rule of {policy.ref} is met: the baseline"
        )
        return share, Decider(object=policy.ref, rule="canary-weight") if share else None, ""

    def _location(self, host: str, path: str) -> Location | None:
        written, regex = self._asked[host]
        if regex:
            for location, text, _ in written:
                try:
                    if is_found(f"(?i)^{text}", path):
                        return location
                except BadExpression:
                    continue
            return None
        found = [location for location, text, exact in written if exact and text == path]
        if not found:
            below = [(text, location) for location, text, exact in written if not exact and path.startswith(text)]
            found = [max(below, key=lambda each: len(each[0]))[1]] if below else []
        return found[0] if found else None


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
                return None, f"{policy.ref}: expression {policy.pattern} is PCRE's own, and RE2 here cannot ask it"
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


def _to(upstream: Upstream[_Policy]) -> Destination:
    return Destination(namespace=upstream.namespace, service=upstream.backend.service, port=upstream.backend.port)
