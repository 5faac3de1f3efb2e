"""What a promotion writes in vain: a file of Argo CD or Flux that the release does not use has the last word.

Each is rendered over the files as they would be: where production's object does not say the promoted value then, the
file was the wrong place.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, parse_documents
from grayc.documents.findings import at_object
from grayc.documents.recipes import Wanted
from grayc.documents.render import render_all
from grayc.documents.tree import get, show_path
from grayc.documents.unused import Beside, Unused, find_unused
from grayc.edit import Edited, list_differences
from grayc.edit.same import is_same
from grayc.source import Roots

_MOST = 20
"""Declarations that are rendered: each takes a program's time."""


def tell_overridden(
    rows: tuple[Wanted, ...],
    baseline: tuple[Document, ...],
    roots: Roots,
    files: Iterable[Edited],
    changes: Iterable[tuple[Document, Mapping[str, object]]],
) -> Iterator[Diagnostic]:
    """Yield the promoted values that production would not have.

    Args:
        files: that change.
        changes: objects that change, as they are, and what they would say.
    Diagnostics:
        GC184.
    """
    home = os.path.realpath(roots.folder)
    texts = {Path(os.path.realpath(f"{home}/{file.old.name}")): file.new.text for file in files}
    if not texts:
        return
    names = {document.file for document in baseline if not document.file.startswith("<")}
    changed = [(old, dict(new)) for old, new in changes]
    for each in find_unused(rows, baseline, names, roots, Beside())[:_MOST]:
        yield from _of_one(each, roots, texts, changed)


def _of_one(
    unused: Unused, roots: Roots, texts: Mapping[Path, str], changed: Iterable[tuple[Document, dict[str, object]]]
) -> Iterator[Diagnostic]:
    made = render_all(unused.declared, roots, texts, span=None).value if unused.declared is not None else None
    if made is None or unused.declared is None:
        return
    documents = (document for text in made for document in parse_documents(text.source).value or ())
    objects = {document.identity.ref: document for document in documents}
    for old, new in changed:
        there = objects.get(old.identity.ref)
        for item in list_differences(old, new) if there is not None else ():
            if there is not None and not is_same(get(there.data, item.path), item.value):
                yield at_object(
                    old,
                    item.path,
                    code="GC184",
                    message=f"`{show_path(item.path)}` of `{old.identity.ref}` would stay as it is in production: "
                    f"`{unused.document.identity.ref}` has the last word, and is not used",
                    help=f"name it in place of `{unused.folder}`, and promote then: "
                    f"`{{{unused.declared.tool}: {unused.declared.file}}}`",
                    notes=(Note(message="it is changed here", span=unused.document.span(unused.changes[0])),),
                )
