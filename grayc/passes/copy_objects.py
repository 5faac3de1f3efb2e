"""Start the gray side with a copy of every object that the plan copies."""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.plan.model import ReleasePlan


def copy_objects(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the documents and, after them, the plan's copies as the baseline has them.

    Data is shared with the baseline: passes never change it in place.
    """
    return Checked(value=(*documents, *(copy.document for copy in plan.copies)))
