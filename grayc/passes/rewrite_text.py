"""Make names inside text follow the copies, where the release asks for it, and where instances register them."""

from dataclasses import replace

from grayc.analysis.containers import variable_span
from grayc.analysis.graph import is_workload
from grayc.analysis.registrations import Setting, address_names
from grayc.analysis.text_names import TextName, names_in_text
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_text, put
from grayc.plan.model import Copy, ReleasePlan


def rewrite_text(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Rewrite baseline names of copied Services and ConfigMaps in the texts of services with `rewriteText`.

    Texts are variables, commands, arguments, annotations and ConfigMaps. Only the name changes: `web.shop.svc:80`
    becomes `web-mse-gray.shop.svc:80`. An address that gray instances register in a registry is always rewritten:
    under production's, calls for the lane would go to production.

    Diagnostics:
        GC449: an address that gray instances register was rewritten, though the release asks for no text.
    Source: release language, `spec.services[].rewriteText`.
    """
    addresses = list(address_names(document, plan)) if is_workload(document) else []
    names = list(names_in_text(document, plan)) if copy.service.rewrite_text else []
    notes = () if names else tuple(_note(document, plan, *found) for found in addresses)
    data = document.data
    places = {(name.path, name.start): name for name in (*names, *(name for _, name in addresses))}
    # From the end: of several names in one text, the first ones keep their places.
    for name in sorted(places.values(), key=lambda name: name.start, reverse=True):
        text = get_text(data, name.path)
        data = put(data, name.path, text[: name.start] + name.gray + text[name.start + len(name.target.name) :])
    return Checked(value=document if data is document.data else replace(document, data=data), diagnostics=notes)


def _note(document: Document, plan: ReleasePlan, setting: Setting, name: TextName) -> Diagnostic:
    container = get_text(get(document.data, setting.path[: _depth(setting)]), ("name",))
    found = at_object(
        document,
        setting.path,
        code="GC449",
        message=f"`{setting.key}` of container `{container}` of `{document.origin.ref}` registers Service "
        f"`{name.target.name}`, and gray pods register its gray copy `{name.gray}`",
        names=(name.target.name, name.gray),
        help="nothing to do; calls for the lane would go to production under production's address",
    )
    return (
        replace(found, span=variable_span(document, plan, container, setting.variable)) if setting.variable else found
    )


def _depth(setting: Setting) -> int:
    """Return how many steps of a setting's path lead to its container."""
    return next(at for at, step in enumerate(setting.path) if step == "containers") + 2
