"""One module per gateway: the plan's rules and entries → that gateway's objects.

Leaves to others: reading such objects back (`routing`).
"""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.gateways import mse
from grayc.plan.model import ReleasePlan


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the objects that open the plan's entries on the gateway that the spec names.

    Raises:
        NotImplementedError: the gateway has no module yet; the spec stage has refused it by then.
    """
    gateway = plan.spec.traffic.gateway if plan.spec.traffic else None
    if gateway != mse.NAME:
        raise NotImplementedError(f"gateway {gateway}")
    return mse.lower(plan)
