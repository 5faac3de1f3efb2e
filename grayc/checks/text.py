"""Names of copied objects in texts that nothing follows.

When this speaks: a lane whose provider routes by the header (`mse`, `istio`) is meant to call baseline names, and the
agent or sidecar finds the gray pods; there a Service's name in a text is as it should be. With `none`, nobody does, so
the call stays on the baseline: worth a note. A ConfigMap that is read by name is never found by an agent, so its name
is worth one in any lane. With `rewriteText: true` the names are rewritten, and there is nothing to say.
"""

from grayc.analysis.text_names import TextName, names_in_text
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import Copy, ReleasePlan


def check_text(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return one note for every gray object whose texts hold baseline names, the places in its notes.

    Diagnostics:
        GC462: texts of a gray copy hold the baseline name of a copied Service or ConfigMap.
    """
    copies = {copy.document.place: copy for copy in plan.copies if not copy.service.rewrite_text}
    diagnostics = []
    for document in documents:
        copy = copies.get(document.place)
        if copy is None:
            continue
        found = [
            name
            for name in names_in_text(document, plan.copied)
            if name.target.group_kind != (CORE, "Service") or not PROVIDERS[plan.spec.lane.provider].carries_calls
        ]
        if found:
            diagnostics.append(_hint(document, copy, found, plan))
    return tuple(diagnostics)


def _hint(document: Document, copy: Copy, found: list[TextName], plan: ReleasePlan) -> Diagnostic:
    targets = list(dict.fromkeys(f"{name.target.group_kind[1]} `{name.target.name}`" for name in found))
    places = list(dict.fromkeys(name.path for name in found))
    return Diagnostic(
        code="GC462",
        message=f"texts of `{document.identity.ref}` name baseline objects that have gray copies: {', '.join(targets)}",
        span=copy.document.span(places[0]),
        field=show_path(places[0]),
        object=document.identity.ref,
        names=tuple(dict.fromkeys(name.target.name for name in found)),
        notes=tuple(Note(message=f"`{show_path(path)}`", span=copy.document.span(path)) for path in places[1:]),
        help=f"nothing to do where the baseline's are meant; else write `rewriteText: true` in service "
        f"`{copy.service.name}`, or set the value with `env` or `config`",
    )
