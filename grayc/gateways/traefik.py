"""Traefik: one canary Ingress with all conditions, by its provider for ingress-nginx's annotations, or IngressRoutes.

What the entry is decides: see `ingress_routes` for those of Traefik's own. Here are the canaries.

Sources: traefik/traefik fd5a576, pkg/provider/kubernetes/ingress-nginx (build.go, translator.go) and
pkg/muxer/http/mux.go GetRulePriority: of two routers the one with the longer rule text is asked first.
"""

from collections.abc import Iterator

from grayc.analysis.controllers import row_of_view
from grayc.analysis.traffic import meaning_of
from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document
from grayc.documents.traefik_routers import other_routers
from grayc.documents.tree import get_list, get_text
from grayc.gateways import all_rules_canary, ingress_routes
from grayc.gateways.guard import routes_to_guard
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import Canaries, GatewayName
from grayc.plan.model import Entry, ReleasePlan

NAME = GatewayName.TRAEFIK


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return one canary Ingress for every entry; an IngressRoute where it is one, or an Ingress of Traefik's own.

    Diagnostics:
        GC501: a pattern that the provider's character check would drop.
        GC509: a canary spreads to a route that the release does not open.
        GC512: a canary takes the requests of a longer path.
        GC513: a path of type Prefix comes before an opened Exact one.
        GC549: a share that clients are to keep, and no session cookie that keeps it.
        More as `ingress_routes` says.
    """
    if row_of_view(plan).canaries is Canaries.NONE:
        return ingress_routes.lower(plan)
    diagnostics = [*all_rules_canary.check_patterns(plan), *all_rules_canary.check_spread(plan)]
    diagnostics += all_rules_canary.check_clients(plan)
    for entry in plan.entries:
        diagnostics += _check_paths(entry, plan)
    return Checked(value=all_rules_canary.canaries(plan), diagnostics=tuple(diagnostics))


def _check_paths(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find paths below an opened one that the canary's longer rule comes before.

    Source: traefik issue 13785. A canary's rule is its base's and a condition more: it is taken to be the longer one.
    """
    conditional = bool(meaning_of(plan.rules).lines)
    opened = {(path.host, path.text) for path in entry.paths}
    prefixes = _prefixes(plan)
    every = {(path.host, path.text) for other in plan.entries for path in other.paths}
    for ingress in all_rules_canary.ingresses_of(plan):
        for rule_at, rule in enumerate(get_list(ingress.data, ("spec", "rules"))):
            host = get_text(rule, ("host",))
            for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
                text = get_text(path, ("path",))
                place = ("spec", "rules", rule_at, "http", "paths", path_at)
                above = next(
                    (own for own_host, own in opened if own_host == host and own != text and _is_below(text, own)), None
                )
                if conditional and above is not None and (host, text) not in every:
                    yield Diagnostic(
                        code="GC512",
                        message=f"on gateway `{NAME}` requests to `{host}{text}` that meet a rule go to the canary of "
                        f"`{host}{above}`: a canary's rule is longer than that of `{text}`, and the longer one counts",
                        span=ingress.span((*place, "path")),
                        object=ingress.identity.ref,
                        notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
                        help="open the longer path too, give it a host of its own, or choose gateway `ingress-nginx`, "
                        "`higress` or `mse`",
                    )
                exact = get_text(path, ("pathType",)) == "Exact" and (host, text) in opened
                service = get_text(path, ("backend", "service", "name"))
                hiding = next(
                    (
                        prefix
                        for prefix, other in prefixes.get(host, ())
                        if exact and other != service and _hides(prefix, text)
                    ),
                    None,
                )
                if hiding is not None:
                    yield Diagnostic(
                        code="GC513",
                        message=f"on gateway `{NAME}` path `{hiding}` of type Prefix comes before Exact `{text}`: "
                        "of two rules the longer one counts",
                        span=ingress.span((*place, "path")),
                        object=ingress.identity.ref,
                        help="let both lead to one Service, or give the exact path a host of its own",
                    )


def _prefixes(plan: ReleasePlan) -> dict[str, list[tuple[str, str]]]:
    """Return host → text and Service of its paths of type Prefix."""
    found: dict[str, list[tuple[str, str]]] = {}
    for ingress in all_rules_canary.ingresses_of(plan):
        for rule in get_list(ingress.data, ("spec", "rules")):
            for path in get_list(rule, ("http", "paths")):
                if get_text(path, ("pathType",)) != "Exact":
                    texts = (get_text(path, ("path",)), get_text(path, ("backend", "service", "name")))
                    found.setdefault(get_text(rule, ("host",)), []).append(texts)
    return found


def _hides(prefix: str, exact: str) -> bool:
    """Tell whether a prefix takes the requests of an exact path: it matches them, and its rule is not the shorter one.

    Source: traefik pkg/provider/kubernetes/ingress-nginx/build.go: the rules are Path(`X`), PathPrefix(`/`) and
    (Path(`X`) || PathPrefix(`X/`)).
    """
    length = len("PathPrefix(`/`)") if prefix == "/" else len("(Path(``) || PathPrefix(`/`))") + 2 * len(prefix)
    return (exact == prefix or _is_below(exact, prefix)) and length >= len("Path(``)") + len(exact)


def _is_below(path: str, above: str) -> bool:
    return path.startswith(above if above.endswith("/") else f"{above}/")


def left_open(plan: ReleasePlan) -> list[Document]:
    """Return the baseline's routes that let the lane's header in: those whose Middlewares do not take it away."""
    header = plan.spec.lane.carrier.name
    dropping: dict[tuple[str, int, object], bool] = {}
    for router in other_routers(plan.baseline):
        drops = any(name.lower() == header and not value for name, value in router.headers)
        dropping[router.document.place] = drops and dropping.get(router.document.place, True)
    return [route for route in routes_to_guard(plan) if not dropping.get(route.place, False)]


WRITER = Writer(name=NAME, lower=lower, left_open=left_open)
