"""Make references inside the copies follow the objects that were copied."""

from grayc.analysis.graph import references_of
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import get_text, put
from grayc.k8s.references import Use
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def rewrite_references(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Rewrite every field that names an object with a gray copy; all others keep naming the baseline's.

    So do fields that the table says stay, such as a certificate of an Ingress.

    Running it twice changes nothing more, unless a gray name is itself the name of a baseline object that is
    copied, which the plan refuses.
    Source: the table of `k8s.references`.
    """
    data = document.data
    # From the end: of several names in one text, the first ones keep their places.
    for reference in reversed(tuple(references_of(document, plan.spec))):
        gray = plan.gray_names.get(reference.target)
        if gray is not None and reference.row.use is Use.FOLLOW:
            text = get_text(data, reference.path)
            end = reference.start + len(reference.target.name)
            data = put(data, reference.path, text[: reference.start] + gray + text[end:])
    return Checked(value=document if data is document.data else replace(document, data=data))
