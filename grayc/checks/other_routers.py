"""On Traefik a canary is a router among those of all its providers: the longer rule or the higher priority counts."""

from collections.abc import Iterator, Mapping

from grayc.analysis.controllers import row_of
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object, note_at
from grayc.documents.traefik_routers import OtherRouter, other_routers
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.gateways import INGRESS, NGINX_PREFIX, Canaries, GatewayName
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A path that is opened on Traefik.

    Attributes:
        base: length of the rule of the entry's own router, at least.
        canary: the same of the canary's; 0 where it has no condition, and so no router of its own.
    """

    entry: Entry
    host: str
    path: str
    is_exact: bool
    base: int
    canary: int


def check_other_routers(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the routers of Traefik's other providers that a canary comes before, or that nobody can follow.

    One that has all requests of an opened path is the witness's matter (GC525, GC542).

    Diagnostics:
        GC512: a canary takes the requests of a longer path.
        GC543: a router on an opened host may have requests of the rules, or lose its own.
    Source: `documents.traefik_routers`; the rules of the provider for ingress-nginx: traefik v3.7.13
    pkg/provider/kubernetes/ingress-nginx/translator.go.
    """
    by_host: dict[str, list[_Opened]] = {}
    for opened in _opened(documents, plan):
        by_host.setdefault(opened.host, []).append(opened)
    if not by_host:
        return ()
    found: list[Diagnostic] = []
    # Paths of Ingresses that are opened themselves have canaries of their own.
    places = {entry.document.place for entry in plan.entries}
    for router in other_routers(plan.baseline):
        if router.document.place in places:
            continue
        met = next((opened for opened in _met(router, by_host) if _matters(router, opened)), None)
        if met is not None and router.unread:
            found.append(_not_followed(router, met))
        elif met is not None and _is_narrower(router, met):
            found.append(_comes_after(router, met))
    return tuple(found)


def _opened(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[_Opened]:
    canaries = {
        (plan.key_of(document.identity).namespace, document.identity.name): document
        for document in documents
        if document.identity.group_kind == INGRESS
    }
    for entry in plan.entries:
        if entry.gateway is not GatewayName.TRAEFIK or row_of(entry).canaries is Canaries.NONE:
            continue
        name = f"{entry.document.identity.name}{plan.spec.suffix}"
        canary = canaries.get((plan.key_of(entry.document.identity).namespace, name))
        condition = 0 if canary is None else _condition(get_map(canary.data, ("metadata", "annotations")))
        rules = get_list(entry.document.data, ("spec", "rules"))
        for path in entry.paths:
            written = get_list(rules[path.rule], ("http", "paths"))[path.path] if path.rule < len(rules) else {}
            is_exact = get_text(written, ("pathType",)) == "Exact"
            base = _length(path.host, path.text, is_exact=is_exact)
            yield _Opened(
                entry=entry,
                host=path.host.lower(),
                path=path.text,
                is_exact=is_exact,
                base=base,
                canary=base + len("() && ()") + condition if condition else 0,
            )


def _length(host: str, path: str, *, is_exact: bool) -> int:
    """Return the length of an Ingress's rule; aliases and expressions make it longer."""
    terms = [f'Host("{host}")'] if host else []
    if path:
        stem = path.removesuffix("/")
        terms.append(
            f'Path("{path}")'
            if is_exact
            else f'(Path("{stem}") || PathPrefix("{stem}/"))'
            if stem
            else 'PathPrefix("/")'
        )
    return len(" && ".join(terms))


def _condition(annotations: Mapping[str, object]) -> int:
    """Return the length of what a canary asks for besides, 0 for nothing."""
    header, value, pattern, cookie = (
        str(annotations.get(f"{NGINX_PREFIX}canary-by-{name}") or "")
        for name in ("header", "header-value", "header-pattern", "cookie")
    )
    kind, asked = ("Header", value or "always") if value or not pattern else ("HeaderRegexp", pattern)
    terms = [f'{kind}("{header}", "{asked}")'] if header else []
    if cookie:
        terms.append(f'HeaderRegexp("Cookie", "(^|;\\\\s*){cookie}=always(;|$)")')
    return len(" || ".join(terms))


def _met(router: OtherRouter, by_host: Mapping[str, list[_Opened]]) -> Iterator[_Opened]:
    """Yield the opened paths whose hosts and paths a router's may share, likeliest first."""
    if router.hosts and not any(host.startswith("*.") for host in router.hosts):
        wide = [f"*.{host.partition('.')[2]}" for host in router.hosts]
        hosts = [host for host in (*router.hosts, *wide, "") if host in by_host]
    else:
        hosts = [host for host in by_host if router.is_for(host)]
    for host in dict.fromkeys(hosts):
        for opened in by_host[host]:
            if not router.path or _covers(router, opened) or _is_narrower(router, opened):
                yield opened


def _covers(router: OtherRouter, opened: _Opened) -> bool:
    """Tell whether a router's path takes all requests of an opened one."""
    if router.kind == "Exact":
        return opened.is_exact and router.path == opened.path
    if router.kind == "PathPrefix":
        return opened.path.startswith(router.path)
    return _is_below(opened.path, router.path)


def _is_narrower(router: OtherRouter, opened: _Opened) -> bool:
    """Tell whether a router's path takes some of the requests of an opened one, and not all."""
    return (
        bool(router.path)
        and not opened.is_exact
        and not _covers(router, opened)
        and _is_below(router.path, opened.path)
    )


def _is_below(path: str, prefix: str) -> bool:
    stem = prefix.rstrip("/")
    return path == stem or path.startswith(f"{stem}/")


def _matters(router: OtherRouter, opened: _Opened) -> bool:
    """Tell whether the lane changes what a router has, or the router has what the rules ask for."""
    if _is_narrower(router, opened):
        # What the entry's own router comes before has no such requests today.
        return opened.base <= router.priority < opened.canary
    return router.priority >= opened.base


def _comes_after(router: OtherRouter, opened: _Opened) -> Diagnostic:
    ref, entry = router.document.identity.ref, opened.entry.document
    shown = f"{router.hosts[0] if router.hosts else opened.host}{router.path}"
    return at_object(
        router.document,
        router.place,
        code="GC512",
        message=f"on gateway `{GatewayName.TRAEFIK}` requests to `{shown}` that meet a rule leave `{ref}` for the "
        f"canary of `{opened.host}{opened.path}`: the rules of all providers stand in one list, and the canary's is "
        "longer",
        notes=(note_at(entry, ("metadata", "name"), "the entry"),),
        help=f"give `{ref}` a `priority` above {opened.canary}, or a host of its own"
        if router.document.identity.kind == "IngressRoute"
        else f"give `{ref}` an annotation `traefik.ingress.kubernetes.io/router.priority` above {opened.canary}, or a "
        "host of its own"
        if router.document.identity.kind == "Ingress"
        else f"give `{ref}` a host of its own",
    )


def _not_followed(router: OtherRouter, opened: _Opened) -> Diagnostic:
    ref, entry = router.document.identity.ref, opened.entry.document
    return at_object(
        router.document,
        router.place,
        code="GC543",
        message=f"on gateway `{GatewayName.TRAEFIK}` rule `{router.rule}` of `{ref}` shares the opened "
        f"`{opened.host}{opened.path}`, and who of the two has a request is not proved: {router.unread}",
        notes=(note_at(entry, ("metadata", "name"), "the entry"),),
        help=f"compare its priority, {router.priority}, with that of the canary, at least "
        f"{opened.canary or opened.base} (the higher one counts), and ask such requests once the lane is applied; or "
        "accept it",
    )
