"""The parts of the language that this version of grayc does not compile yet: one table, emptied row by row."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.tree import matches, show_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part that is not supported yet.

    Attributes:
        pattern: where it stands, as `documents.tree.matches` takes it.
        values: the values that are meant; empty for any but an empty one.
        is_field: the field itself is meant, not its value.
        help: what to write meanwhile.
    """

    pattern: tuple[str, ...]
    values: tuple[object, ...] = ()
    is_field: bool = False
    help: str


NOT_SUPPORTED_YET: tuple[Missing, ...] = (
    Missing(
        pattern=("spec", "baseline", "[*]", "kustomize"),
        is_field=True,
        help="render it with `kubectl kustomize` into a file and name that file, or pipe it in with `stdin: true`",
    ),
    Missing(
        pattern=("spec", "baseline", "[*]", "helm"),
        is_field=True,
        help="render it with `helm template` into a file and name that file, or pipe it in with `stdin: true`",
    ),
)


def unsupported(document: Document) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every part of a release that this version does not compile.

    Diagnostics:
        GC214: a part is not supported yet.
    """
    for missing in NOT_SUPPORTED_YET:
        for path, value in matches(document.data, missing.pattern):
            if value in missing.values if missing.values else value not in (None, [], {}):
                what = missing.pattern[-1] + ("" if missing.is_field else f": {json.dumps(value)}".replace('"', ""))
                yield Diagnostic(
                    code="GC214",
                    message=f"`{what}` is not supported yet",
                    span=document.span(path, key=missing.is_field),
                    field=show_path(path),
                    help=missing.help,
                )
