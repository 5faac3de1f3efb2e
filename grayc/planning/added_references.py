"""Whether the rows that a release adds to the table of references mean anything."""

from collections.abc import Iterator
from itertools import islice

from grayc.analysis.graph import fields_named
from grayc.diagnostics import Diagnostic, did_you_mean
from grayc.documents import Document
from grayc.documents.findings import note_at
from grayc.documents.tree import is_mapping
from grayc.k8s.references import read_pattern
from grayc.spec.findings import at_spec
from grayc.spec.model import ReferenceRow, ReleaseSpec

_MOST_PATHS = 200
"""Fields of a kind that a misspelt path is compared with."""


def check_added(spec: ReleaseSpec, baseline: tuple[Document, ...]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with `spec.references`: a row that does nothing would leave its names to production.

    Diagnostics:
        GC353: the baseline has no object of the row's kind, or none that has the field.
        GC354: the baseline has no object of the kind that the field should name.
    """
    if not spec.references:
        return ()
    by_kind: dict[str, list[Document]] = {}
    for document in baseline:
        by_kind.setdefault(document.identity.kind, []).append(document)
    used = {
        (kind, pattern)
        for kind in {row.kind for row in spec.references}
        for pattern in fields_named(
            by_kind.get(kind, ()), [(row.group, read_pattern(row.field)) for row in spec.references if row.kind == kind]
        )
    }
    return tuple(
        diagnostic
        for row in spec.references
        for diagnostic in _faults(spec, row, by_kind, is_used=(row.kind, (row.group, read_pattern(row.field))) in used)
    )


def _faults(
    spec: ReleaseSpec, row: ReferenceRow, by_kind: dict[str, list[Document]], *, is_used: bool
) -> Iterator[Diagnostic]:
    named = by_kind.get(row.kind, [])
    found = [document for document in named if row.group in {None, document.identity.group}]
    if not found:
        of = f" of group `{row.group}`" if row.group is not None and named else ""
        yield at_spec(
            spec,
            (*row.path, "group" if named else "kind"),
            code="GC353",
            message=f"the baseline has no `{row.kind}`{of} whose field could name anything",
            help=did_you_mean(row.group or "", sorted({each.identity.group for each in named}), noun="group")
            if named
            else did_you_mean(row.kind, sorted(by_kind), noun="kind"),
        )
    elif not is_used:
        fields = sorted(set(islice((path for each in found for path in _fields(each.data, "")), _MOST_PATHS)))
        yield at_spec(
            spec,
            (*row.path, "path"),
            code="GC353",
            message=f"no `{row.kind}` of the baseline has a text at `{row.field}`",
            notes=(note_at(found[0], ("kind",), f"`{found[0].identity.ref}`"),),
            help=did_you_mean(row.field, fields, noun="field"),
        )
    if row.to not in by_kind:
        yield at_spec(
            spec,
            (*row.path, "to"),
            code="GC354",
            message=f"the baseline has no `{row.to}` that `{row.field}` of `{row.kind}` could name",
            help=did_you_mean(row.to, sorted(by_kind), noun="kind"),
        )


def _fields(value: object, path: str) -> Iterator[str]:
    """Yield the paths of all texts as users write them."""
    if isinstance(value, str):
        yield path
    elif is_mapping(value):
        for key, item in value.items():
            step = f'["{key}"]' if any(sign in key for sign in ".[]/ ") else f".{key}" if path else key
            yield from _fields(item, path + step)
    elif isinstance(value, list):
        for item in value:
            yield from _fields(item, f"{path}[*]")
