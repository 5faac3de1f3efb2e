"""Open the lane at the entry."""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.gateways import lower
from grayc.plan.model import ReleasePlan


def open_entries(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the documents and, after them, what the gateway needs for the plan's rules and entries.

    Diagnostics:
        GC5xx as the gateway reports them.
    """
    if not plan.entries:
        return Checked(value=documents)
    lowered = lower(plan)
    return Checked(value=(*documents, *(lowered.value or ())), diagnostics=lowered.diagnostics)
