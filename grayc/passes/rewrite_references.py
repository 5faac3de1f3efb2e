"""Make references inside the copies follow the objects that were copied."""

from dataclasses import replace

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import put
from grayc.plan.graph import references_of
from grayc.plan.model import ReleasePlan


def rewrite_references(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Rewrite every field that names an object with a gray copy; all others keep naming the baseline's.

    Running it twice changes nothing more, unless a gray name is itself the name of a baseline object that is
    copied, which the plan refuses.
    Source: the table of `k8s.references`.
    """
    return Checked(value=tuple(_rewrite(document, plan) for document in documents))


def _rewrite(document: Document, plan: ReleasePlan) -> Document:
    data = document.data
    for reference in references_of(document, plan.spec):
        gray = plan.gray_names.get(reference.target)
        if gray is not None:
            data = put(data, reference.path, gray)
    return document if data is document.data else replace(document, data=data)
