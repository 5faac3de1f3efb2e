"""Traefik's provider for the annotations of ingress-nginx: one canary Ingress with all conditions.

Sources: traefik/traefik fd5a576, pkg/provider/kubernetes/ingress-nginx (build.go, translator.go) and
pkg/muxer/http/mux.go GetRulePriority: of two routers the one with the longer rule text is asked first.
"""

from collections.abc import Iterator, Mapping

from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import get_list, get_text
from grayc.gateways import all_rules_canary
from grayc.gateways.baseline_change import BaselineChange
from grayc.plan.model import Entry, ReleasePlan
from grayc.plan.traffic import Ability, Feature, Fit, meaning_of
from grayc.spec.model import GatewayName

NAME = GatewayName.TRAEFIK

ABILITIES: Mapping[Feature, Ability] = {
    **all_rules_canary.ABILITIES,
    Feature.WEIGHT: Ability(how="`canary-weight`; every proxy counts, none draws lots"),
    Feature.UNDERSCORE: Ability(how="as any other name"),
}
GUARD = Ability(
    fit=Fit.REFUSED,
    how="the provider has no annotation that drops a header",
    help="drop it with a middleware of the entry point, or write `guard: false` in `spec.traffic`",
)


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return one canary Ingress for every entry.

    Diagnostics:
        GC501: a pattern that the provider's character check would drop.
        GC509: a canary spreads to a route that the release does not open.
        GC512: a canary takes the requests of a longer path.
        GC513: of an exact and a prefix path of one text the gateway takes the prefix first.
    """
    diagnostics = [*all_rules_canary.check_patterns(plan), *all_rules_canary.check_spread(plan)]
    for entry in plan.entries:
        diagnostics += _check_paths(entry, plan)
    return Checked(value=all_rules_canary.canaries(plan), diagnostics=tuple(diagnostics))


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return nothing: the gateway has no guard."""
    return ()


def _check_paths(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find paths below an opened one that the canary's longer rule comes before.

    Source: traefik issue 13785. A canary's rule is its base's and a condition more: it is taken to be the longer one.
    """
    conditional = bool(meaning_of(plan.rules).conditions)
    opened = {(path.host, path.text) for path in entry.paths}
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
                if get_text(path, ("pathType",)) == "Exact" and any(
                    other is not path
                    and get_text(other, ("path",)) == text
                    and get_text(other, ("pathType",)) == "Prefix"
                    for other in get_list(rule, ("http", "paths"))
                ):
                    yield Diagnostic(
                        code="GC513",
                        message=f"on gateway `{NAME}` path `{text}` of type Prefix comes before the Exact one of that "
                        "text",
                        span=ingress.span((*place, "path")),
                        object=ingress.identity.ref,
                        help="give one of them another text, or let both lead to one Service",
                    )


def _is_below(path: str, above: str) -> bool:
    return path.startswith(above if above.endswith("/") else f"{above}/")
