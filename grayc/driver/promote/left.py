"""What a promotion leaves to the user: which value, why, and the exact edit."""

import json
import re
from posixpath import normpath

from grayc.analysis.release_place import release_place
from grayc.diagnostics import Diagnostic
from grayc.diff.mask import has_secret
from grayc.documents import Document
from grayc.documents.tree import get, show_path
from grayc.driver.request import PIPED
from grayc.edit import Left
from grayc.plan.model import ReleasePlan

_DECLARED = re.compile(r"<flux (.+?)>")
"""What is rendered by a Kustomization of Flux: its file."""
_SOURCE = "# Source: "
"""What helm prints above a document, before the name of its template."""


def tell_left(document: Document, item: Left, plan: ReleasePlan, *, is_exhausted: bool = False) -> Diagnostic:
    """Return the finding that a value of production is left to the user.

    Args:
        document: gray, but with its baseline name.
        item: what production should say.
        is_exhausted: not every place that it may be rendered from was tried.
    """
    shown = show_path(item.path)
    source = document.chunk.source
    span = plan.copy_of(document).document.span(item.path)
    value = _value(document, item, plan)
    help_ = f"write {value} there yourself" if value else f"take `{shown}` away yourself"
    why = item.diagnostics[0].message.partition(" in place: ")[2] if item.diagnostics else ""
    if source.name == PIPED:
        why = "it came in by a pipe"
        help_ = f"write {value} where it comes from" if value else f"take `{shown}` away where it comes from"
    elif source.origin:
        template = _template(document)
        why = f"it is rendered from `{template or source.origin}`, and "
        why += "it has too many values to try" if is_exhausted else "no plain value there makes it so"
        if template and (given := _given_by_set(document, item, plan)):
            help_ = f"`{given}` stands in `helm.set` of the release's source, over all values files: change it where "
            help_ += "production is installed, and there"
        elif template:
            wanted = f"says {value}" if value else "is gone"
            help_ = f"change the template or its values so that `{shown}` {wanted}; `--check` tells when it does"
        else:
            declared = _DECLARED.fullmatch(source.name)
            where = declared[1] if declared else source.origin
            help_ = f"add to `patches` of `{where}`, for this object, {_operation(document, item, value)}"
    return Diagnostic(
        code="GC345",
        message=f"`{shown}` of `{document.identity.ref}` is not carried over" + (f": {why}" if why else ""),
        span=span,
        field=shown,
        object=document.identity.ref,
        help=help_,
    )


def _given_by_set(document: Document, item: Left, plan: ReleasePlan) -> str:
    """Return the key of `set` that gives what production says now, "" where none does."""
    old = get(plan.copy_of(document).document.data, item.path)
    for source in plan.spec.baseline:
        chart = source.chart
        if chart is None or document.chunk.source.name != f"<helm {normpath(chart.chart)} as {chart.release}>":
            continue
        for key, value in chart.settings:
            plain = json.loads(value)
            if plain is not None and (plain == old or (isinstance(old, str) and str(plain) and str(plain) in old)):
                return key
    return ""


def _value(document: Document, item: Left, plan: ReleasePlan) -> str:
    """Return the value, or where the release has it; "" where there is to be none.

    Variables and data may hold secrets, and a finding is read by many.
    """
    kind = document.identity.kind
    if item.value is None:
        return ""
    if (
        kind not in ("Secret", "ConfigMap")
        and "env" not in item.path
        and not has_secret(document, item.path, item.value)
    ):
        return f"`{json.dumps(item.value, ensure_ascii=False)}`"
    place = release_place(document, item.path, item.value, plan)
    coded = " in base64" if kind == "Secret" and item.path[:1] == ("data",) else ""
    return f"what the release says{f' at `{place}`' if place else ''}{coded}"


def _operation(document: Document, item: Left, value: str) -> str:
    """Return the JSON patch that does it, as text for people.

    Source: RFC 6901 and RFC 6902.
    """
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in item.path)
    if not value:
        return f"`{{op: remove, path: {pointer}}}`"
    verb = "add" if get(document.data, item.path) is None else "replace"
    if value.startswith("`"):
        return f"`{{op: {verb}, path: {pointer}, value: {value.strip('`')}}}`"
    return f"`{{op: {verb}, path: {pointer}}}` with {value}"


def _template(document: Document) -> str:
    """Return the template that helm rendered a document from, "" where it was not helm."""
    lines = document.chunk.source.text.split("\n")[: document.chunk.line + 1]
    return next((line.removeprefix(_SOURCE).strip() for line in reversed(lines) if line.startswith(_SOURCE)), "")
