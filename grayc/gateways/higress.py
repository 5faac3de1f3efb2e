"""Higress: one canary Ingress for each condition, headers controlled by `higress.io`.

Sources: `one_rule_canaries`.
"""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.gateways import one_rule_canaries
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import guard_by_annotation
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import HIGRESS_PREFIX, GatewayName
from grayc.plan.model import ReleasePlan

NAME = GatewayName.HIGRESS
_DIALECT = one_rule_canaries.Dialect(name=NAME, prefix=HIGRESS_PREFIX)


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the canary Ingresses of every entry, in order of place and condition.

    Diagnostics:
        GC503, GC507, GC510, GC511 as `lower_each` reports them.
    """
    return one_rule_canaries.lower_each(plan, _DIALECT)


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what makes the baseline's Ingresses drop the lane's header."""
    return tuple(guard_by_annotation(plan, _DIALECT.remove))


WRITER = Writer(name=NAME, lower=lower, guard=guard, asked_in_order=one_rule_canaries.asked_in_order)
