"""Make names inside text follow the copies, where the release asks for it."""

from dataclasses import replace

from grayc.analysis.text_names import names_in_text
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import get_text, put
from grayc.plan.model import Copy, ReleasePlan


def rewrite_text(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Rewrite baseline names of copied Services and ConfigMaps in the texts of services with `rewriteText`.

    Texts are variables, commands, arguments, annotations and ConfigMaps. Only the name changes: `web.shop.svc:80`
    becomes `web-mse-gray.shop.svc:80`.
    Source: release language, `spec.services[].rewriteText`.
    """
    if not copy.service.rewrite_text:
        return Checked(value=document)
    data = document.data
    # From the end: of several names in one text, the first ones keep their places.
    for name in reversed(tuple(names_in_text(document, plan.copied))):
        text = get_text(data, name.path)
        data = put(data, name.path, text[: name.start] + name.gray + text[name.start + len(name.target.name) :])
    return Checked(value=document if data is document.data else replace(document, data=data))
