"""Make names inside text follow the copies, where the release asks for it, and where instances register them."""

from base64 import b64encode
from collections.abc import Iterable
from itertools import groupby

from grayc.analysis.containers import variable_span
from grayc.analysis.graph import is_workload
from grayc.analysis.registrations import Setting, address_names
from grayc.analysis.text_names import TextName, decoded, names_in_text
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_text, put
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def rewrite_text(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Rewrite addresses of copied Services, and names of copied objects, in the texts of services with `rewriteText`.

    Texts are variables, commands, arguments, probes, hooks, annotations and configuration. Only the name changes:
    `web.shop.svc:80` becomes `web-gray.shop.svc:80`. An address that gray instances register in a registry is
    always rewritten: under production's, calls for the lane would go to production.

    Diagnostics:
        GC449: an address that gray instances register was rewritten, though the release asks for no text.
    Source: release language, `spec.services[].rewriteText`.
    """
    addresses = list(address_names(document, plan)) if is_workload(document) else []
    names = list(names_in_text(document, plan.copied)) if copy.service.rewrite_text else []
    notes = () if names else tuple(_note(document, plan, *found) for found in addresses)
    data = document.data
    places = {(name.path, name.start): name for name in (*(name for _, name in addresses), *names)}
    ordered = sorted(places.values(), key=lambda name: (list(map(str, name.path)), name.start))
    for path, found in groupby(ordered, key=lambda name: name.path):
        own, text = list(found), get_text(data, path)
        if own[0].is_coded:
            data = put(data, path, b64encode(_rewritten(decoded(text), own).encode()).decode())
        else:
            data = put(data, path, _rewritten(text, own))
    return Checked(value=document if data is document.data else replace(document, data=data), diagnostics=notes)


def _rewritten(text: str, names: Iterable[TextName]) -> str:
    """Return a text with the gray names, which are given from start to end."""
    parts: list[str] = []
    done = 0
    for name in names:
        parts += (text[done : name.start], name.gray)
        done = name.start + len(name.target.name)
    return "".join((*parts, text[done:]))


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
