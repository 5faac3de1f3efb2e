"""Make names inside text follow the copies, where the release asks for it."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from grayc.analysis.text_names import TextName, names_in_text
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import get_text, put
from grayc.plan.model import Copy, ReleasePlan


def rewrite_text(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Rewrite addresses of copied Services, and names of copied objects, in the texts of services with `rewriteText`.

    Texts are variables, commands, arguments, probes, hooks, annotations and configuration. Only the name changes:
    `web.shop.svc:80` becomes `web-mse-gray.shop.svc:80`.
    Source: release language, `spec.services[].rewriteText`.
    """
    if not copy.service.rewrite_text:
        return Checked(value=document)
    data = document.data
    for path, names in groupby(names_in_text(document, plan.copied), key=lambda name: name.path):
        data = put(data, path, _rewritten(get_text(data, path), names))
    return Checked(value=document if data is document.data else replace(document, data=data))


def _rewritten(text: str, names: Iterable[TextName]) -> str:
    """Return a text with the gray names, which are given from start to end."""
    parts: list[str] = []
    done = 0
    for name in names:
        parts += (text[done : name.start], name.gray)
        done = name.start + len(name.target.name)
    return "".join((*parts, text[done:]))
