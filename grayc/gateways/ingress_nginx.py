"""ingress-nginx: one canary Ingress with all conditions.

The project has been retired since March 2026, and its clusters keep running. Sources: `all_rules_canary`.
"""

from collections.abc import Iterator

from grayc.analysis.traffic import meaning_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import show_path
from grayc.gateways import all_rules_canary, patterns
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import ReleasePlan
from grayc.spec.rule_data import conditions_of

NAME = GatewayName.INGRESS_NGINX


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return one canary Ingress for every entry.

    Diagnostics:
        GC501: a pattern that the gateway's character check would drop.
        GC509: a canary spreads to a route that the release does not open.
        GC511: clients with a session cookie stay where they are.
        GC517: a pattern that PCRE may take very long over.
        GC549: a share that clients are to keep, and no session cookie that keeps it.
    """
    diagnostics = [*all_rules_canary.check_patterns(plan), *all_rules_canary.check_spread(plan)]
    diagnostics += all_rules_canary.check_clients(plan)
    diagnostics += _check_time(plan)
    sticky = [entry.document for entry in plan.entries if all_rules_canary.is_sticky(entry.document)]
    if sticky and meaning_of(plan.rules).lines:
        diagnostics.append(
            Diagnostic(
                code="GC511",
                message=f"Ingress `{sticky[0].identity.name}` keeps clients by a session cookie, and on gateway "
                f"`{NAME}` that comes before every rule: a client that is on the baseline stays there",
                span=sticky[0].span(("metadata", "annotations", "nginx.ingress.kubernetes.io/affinity")),
                object=sticky[0].identity.ref,
                help="let testers start without the session cookie, or take `affinity` away while the lane is there",
            )
        )
    return Checked(value=all_rules_canary.canaries(plan), diagnostics=tuple(diagnostics))


def _check_time(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find patterns that a client could hold the gateway up with."""
    for rule in conditions_of(plan.rules):
        if rule.pattern is not None and patterns.can_run_away(rule.pattern):
            yield Diagnostic(
                code="GC517",
                message=f"gateway `{NAME}` may take very long over this pattern, which repeats a repetition",
                span=plan.spec.span((*rule.path, "pattern")),
                field=show_path((*rule.path, "pattern")),
                help="write one repetition, such as `^a+$` for `^(a+)+$`",
            )


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return nothing: the gateway has no guard."""
    return ()


WRITER = Writer(name=NAME, lower=lower, guard=guard)
