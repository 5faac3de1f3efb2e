"""The servers, locations and upstreams that ingress-nginx makes of Ingresses.

Sources: kubernetes/ingress-nginx dbb11b9: internal/ingress/controller (controller.go createUpstreams, createServers,
getBackendServers, mergeAlternativeBackends; location.go updateServerLocations; template/template.go needsRewrite,
enforceRegexModifier, buildLocation), internal/ingress/annotations (alias, redirect, rewrite, parser/validators.go) and
pkg/util/ingress/ingress.go BuildRedirects:

- each host has a location `/` from the start, to the default backend of its oldest Ingress where that has one; a path
  `/` takes its place, and a canary on `/` is bound to it like to any other;
- one path with `use-regex`, or with a `rewrite-target` that is not the path itself, makes every path of the host an
  expression, which is asked from the longest to the shortest, in any case and without an end;
- a canary's own redirects, aliases and rewrites are not read; an Ingress with an alias or a redirect of signs that are
  not allowed is not read at all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from grayc.records import dataclass, field
from grayc.routing.ingress import Backend, Ingress, Path, is_url, parse_bool, parse_int
from grayc.routing.model import Candidate, EntryRule

Policy = TypeVar("Policy")

Key = tuple[str, str, int | str]
"""Namespace, Service and port as it is written."""

# Source: annotations/parser/validators.go URLIsValidRegex, RegexPathWithCapture, ValidateServerName.
_URL = re.compile(r"[\-._~a-zA-Z0-9/:,?&=]*")
_TARGET = re.compile(r"/?[\-._~a-zA-Z0-9/:$]*")
_SERVER_NAMES = re.compile(r"[A-Za-z0-9/\-._~:^$\[\](){}*+?|&=\\]*")
_PERMANENT, _TEMPORAL = 301, 302


@dataclass(slots=True, kw_only=True)
class Upstream(Generic[Policy]):
    """One Service and port.

    Attributes:
        policy: of the canary that named it first; None where an ordinary Ingress did.
        alternatives: upstreams of the canaries on it, in order.
    """

    namespace: str
    backend: Backend
    policy: Policy | None
    alternatives: list[Key] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Location:
    """One path of a server.

    Attributes:
        entry: None for the path `/` that nobody wrote.
        key: its upstream; None for the controller's own default backend.
        is_default: the path `/` that a host has from the start.
        redirect: status that it answers itself; 0 where it does not.
        target: of its `rewrite-target`.
    """

    entry: EntryRule | None
    text: str
    exact: bool
    key: Key | None
    is_default: bool = False
    redirect: int = 0
    target: str = ""
    uses_regex: bool = False
    app_root: str = ""

    @property
    def is_rewritten(self) -> bool:
        """Tell whether it asks for a rewrite, which makes expressions of its server's paths."""
        return self.target not in ("", self.text)


@dataclass(slots=True, kw_only=True, eq=False)
class Server:
    """One host.

    Attributes:
        www: a request to its other name, with or without `www.`, is sent here.
    """

    locations: list[Location]
    aliases: tuple[str, ...] = ()
    www: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers(Generic[Policy]):
    """All that the controller makes.

    Attributes:
        names: a host as a server says it → the host that `servers` has it under, None for a redirect to that host.
        sticky: upstreams that keep their clients by a cookie.
    """

    servers: dict[str, Server]
    upstreams: dict[Key, Upstream[Policy]]
    names: dict[str, str | None]
    sticky: frozenset[Key]
    unread: tuple[Candidate, ...]


def build(
    ingresses: Sequence[Ingress], canaries: Sequence[Ingress], policy_of: Callable[[Ingress], Policy]
) -> Servers[Policy]:
    """Return the servers of Ingresses in order of age, the canaries among them named once more."""
    unread: list[Candidate] = []
    read = []
    for ingress in ingresses:
        bad = _bad_annotation(ingress)
        if bad:
            outcome = f"never read: {bad} has signs that are not allowed"
            unread.append(Candidate(object=ingress.ref, rule="path", outcome=outcome))
        else:
            read.append(ingress)
    canaries = [ingress for ingress in canaries if ingress in read]
    ordinary = [ingress for ingress in read if ingress not in canaries]
    upstreams: dict[Key, Upstream[Policy]] = {}
    for ingress in read:
        policy = policy_of(ingress) if ingress in canaries else None
        home = ingress.ref.namespace
        if ingress.default is not None:
            # Alone of all backends it takes the place of what an older Ingress made of the Service.
            upstreams[key_of(ingress, ingress.default)] = Upstream(
                namespace=home, backend=ingress.default, policy=policy
            )
        for path in ingress.paths:
            if path.backend is not None:
                new = Upstream(namespace=home, backend=path.backend, policy=policy)
                upstreams.setdefault(key_of(ingress, path.backend), new)
    servers = _servers(ordinary)
    sticky: set[Key] = set()
    for ingress in read:
        _add_paths(ingress, servers, upstreams, sticky, unread, is_canary=ingress in canaries)
    if ordinary:
        for ingress in canaries:
            _merge(ingress, servers, upstreams, unread)
    for server in servers.values():
        # Source: getBackendServers: by path, then by its length, both from the end.
        server.locations.sort(key=lambda location: location.text, reverse=True)
        server.locations.sort(key=lambda location: -len(location.text.encode()))
    return Servers(
        servers=servers, upstreams=upstreams, names=_names(servers), sticky=frozenset(sticky), unread=tuple(unread)
    )


def key_of(ingress: Ingress, backend: Backend) -> Key:
    """Return the name of the upstream that an Ingress means by a backend."""
    return ingress.ref.namespace, backend.service, backend.port


def asked_in_order(server: Server) -> tuple[list[tuple[Location, str, bool]], bool]:
    """Return a server's locations as they are written for nginx, and whether all are expressions.

    Each with its text and whether it is exact. A Prefix is two of them, the path itself and what is below it.
    """
    exact = {location.text for location in server.locations if location.exact}
    written: list[tuple[Location, str, bool]] = []
    regex = False
    for location in server.locations:
        text = location.text
        plain = text == "/" or location.exact or location.is_rewritten or location.uses_regex
        below = text if plain or text.endswith("/") else f"{text}/"
        written.append((location, below, location.exact))
        if not plain and text not in exact:
            written.append((location, text, True))
        regex = regex or location.uses_regex or location.target not in ("", below)
    return written, regex


def _servers(ordinary: Sequence[Ingress]) -> dict[str, Server]:
    """Return the servers with the path `/` that each has from the start, and their aliases."""
    catch_all = Location(entry=None, text="/", exact=False, key=None, is_default=True)
    servers = {"": Server(locations=[catch_all])}
    for ingress in ordinary:
        key = key_of(ingress, ingress.default) if ingress.default is not None else None
        if key is not None and not ingress.hosts and catch_all.is_default:
            catch_all.key, catch_all.is_default = key, False
            catch_all.entry = EntryRule(object=ingress.ref, host="", path="/", path_type="Prefix")
        for host in ingress.hosts:
            if host not in servers:
                entry = EntryRule(object=ingress.ref, host=host, path="/", path_type="Prefix")
                location = Location(
                    entry=entry if key is not None else None, text="/", exact=False, key=key, is_default=True
                )
                _annotate(location, ingress)
                servers[host] = Server(locations=[location])
    for ingress in ordinary:
        aliases = tuple(
            name.strip().lower() for name in (ingress.note("server-alias") or "").split(",") if name.strip()
        )
        for host in ingress.hosts:
            servers[host].aliases = servers[host].aliases or aliases
    return servers


def _add_paths(
    ingress: Ingress,
    servers: dict[str, Server],
    upstreams: dict[Key, Upstream[Policy]],
    sticky: set[Key],
    unread: list[Candidate],
    *,
    is_canary: bool,
) -> None:
    """Add the paths of an Ingress; those of a canary too, where an ordinary Ingress named their Service first."""
    for path in ingress.paths:
        if path.backend is None:
            outcome = f"never read: path {path.text or '/'} leads to no Service"
            unread.append(Candidate(object=ingress.ref, rule="path", outcome=outcome))
            continue
        server = servers.get(path.host) or servers[""]
        key = key_of(ingress, path.backend)
        if upstreams[key].policy is not None:
            if not is_canary:
                outcome = "never read: a canary named its Service first"
                unread.append(Candidate(object=ingress.ref, rule="path", outcome=outcome))
            continue
        text, exact = path.text or "/", path.kind == "Exact"
        taken = next((other for other in server.locations if other.text == text), None)
        if taken is not None and taken.exact != exact:
            taken = None
        if taken is not None and not taken.is_default:
            if not is_canary:
                outcome = "never read: an older Ingress has this path"
                unread.append(Candidate(object=ingress.ref, rule="path", outcome=outcome))
        else:
            location = taken or Location(entry=None, text=text, exact=exact, key=key)
            location.entry, location.key, location.is_default = _entry(ingress, path), key, False
            _annotate(location, ingress)
            server.www = server.www or bool(parse_bool(ingress.note("from-to-www-redirect")))
            if taken is None:
                server.locations.append(location)
        if ingress.note("affinity") == "cookie":
            sticky.add(key)


def _merge(
    ingress: Ingress, servers: dict[str, Server], upstreams: dict[Key, Upstream[Policy]], unread: list[Candidate]
) -> None:
    """Bind a canary to its bases."""

    def bind(backend: Backend, locations: Iterable[Location], path: Path | None) -> None:
        key, where = key_of(ingress, backend), f"path {path.text or '/'}" if path is not None else "default backend"
        if key not in upstreams:
            said(f"a path that is not there took its Service out before: {where}")
            return
        merged = is_its_own = False
        for location in locations:
            is_its_own = location.key == key
            if is_its_own:
                said(f"{where}: its Service is that of an ordinary route there")
                break
            base = upstreams.get(location.key) if location.key is not None else None
            if base is None or base.policy is not None:
                continue
            if path is None or (location.text == (path.text or "/") and location.exact == (path.kind == "Exact")):
                merged = True
                if key not in base.alternatives:
                    base.alternatives.append(key)
        if not merged and not is_its_own:
            said(f"no {where} there, and its Service leaves every other canary")
            del upstreams[key]

    def said(reason: str) -> None:
        unread.append(Candidate(object=ingress.ref, rule="canary", outcome=f"never read: {reason}"))

    if ingress.default is not None:
        bind(ingress.default, servers[""].locations, None)
    for path in ingress.paths:
        if path.backend is None:
            continue
        if path.host not in servers:
            said(f"no ordinary Ingress names host {path.host}")
            continue
        bind(path.backend, servers[path.host].locations, path)


def _names(servers: dict[str, Server]) -> dict[str, str | None]:
    """Return what each name leads to; of two servers with one name nginx takes the first."""
    names: dict[str, str | None] = {}
    for host in sorted(servers):
        other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
        if servers[host].www and host and "*" not in host and other not in servers:
            names.setdefault(other, None)
    for host in sorted(servers):
        if host:
            names.setdefault(host, host)
        for alias in servers[host].aliases:
            if alias not in servers:
                names.setdefault(alias, host)
    return names


def _annotate(location: Location, ingress: Ingress) -> None:
    """Put on a location what its Ingress asks of redirects and rewrites."""
    target, root = (_lines(ingress.note(name)) for name in ("rewrite-target", "app-root"))
    location.redirect = _redirect(ingress)
    location.target = target if _TARGET.fullmatch(target) else ""
    location.uses_regex = bool(parse_bool(ingress.note("use-regex")))
    location.app_root = root if _TARGET.fullmatch(root) and root.startswith("/") else ""


def _redirect(ingress: Ingress) -> int:
    """Return the status that the paths of an Ingress answer, 0 where they do not answer themselves."""
    temporal, permanent = (_lines(ingress.note(name)) for name in ("temporal-redirect", "permanent-redirect"))
    if temporal:
        code = parse_int(ingress.note("temporal-redirect-code")) or 0
        return (code if 300 <= code <= 307 else _TEMPORAL) if is_url(temporal) else 0
    code = parse_int(ingress.note("permanent-redirect-code")) or 0
    return (code if 300 <= code <= 308 else _PERMANENT) if permanent else 0


def _bad_annotation(ingress: Ingress) -> str:
    """Return an annotation for whose value the controller drops the whole Ingress, "" where there is none.

    Source: annotations.go Extract and store.go syncIngress: a parser that hands on an error of validation ends both.
    """
    for name in ("server-alias", "temporal-redirect", "permanent-redirect"):
        value = ingress.note(name) or ""
        if name == "server-alias":
            bad = not all(_SERVER_NAMES.fullmatch(part.strip()) for part in value.split(","))
        else:
            bad = not _URL.fullmatch(value)
        if bad:
            return name
    for name in ("from-to-www-redirect", "relative-redirects"):
        value = ingress.note(name) or ""
        if value and parse_bool(value) is None:
            return name
    return ""


def _lines(value: str | None) -> str:
    return "\n".join(line.strip() for line in (value or "").split("\n"))


def _entry(ingress: Ingress, path: Path) -> EntryRule:
    return EntryRule(object=ingress.ref, host=path.host, path=path.text, path_type=path.kind)
