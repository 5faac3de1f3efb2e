"""MSE Ingress gateway: one canary Ingress for each condition, headers controlled by `mse.ingress.kubernetes.io`.

A plain value is a `canary-by-header-value`, as the product's reference and Zadig write it; where that
would let more in, an anchored `canary-by-header-pattern` is written.

The product's documents leave open how values are compared and weights are rounded: there it is taken to do what
Higress, which it is made from, does. Sources: `one_rule_canaries`.
"""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.gateways import one_rule_canaries
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import guard_by_annotation
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import MSE_PREFIX, GatewayName
from grayc.plan.model import ReleasePlan

NAME = GatewayName.MSE
_DIALECT = one_rule_canaries.Dialect(name=NAME, prefix=MSE_PREFIX, has_values=True)


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
