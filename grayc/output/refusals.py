"""What a cluster that has a lane will refuse to make of it."""

from collections.abc import Iterable, Iterator

from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.tree import get
from grayc.k8s.gitops import ARGOCD_HOOK
from grayc.k8s.immutable import IMMUTABLE


def refused_changes(before: Iterable[Document], after: Iterable[Document]) -> Iterator[Diagnostic]:
    """Yield the changes between two builds of a lane that no `kubectl apply` can make.

    Diagnostics:
        GC635: a field changes that a cluster does not let change.
    """
    old = {_key(document): document for document in before}
    for document in after:
        identity = document.identity
        was = old.get(_key(document))
        if was is None or get(document.data, ("metadata", "annotations", ARGOCD_HOOK)) is not None:
            # A hook is made anew each time.
            continue
        for path in IMMUTABLE.get((identity.group, identity.kind), ()):
            # Both were made by grayc, so what means the same is written the same.
            if get(was.data, path) != get(document.data, path):
                kind = f"{identity.kind}.{identity.group}" if identity.group else identity.kind
                home = f" --namespace={identity.namespace}" if identity.namespace else ""
                field = ".".join(path)
                yield Diagnostic(
                    code="GC635",
                    message=f"`{field}` of `{identity.ref}` changes, which a cluster that has the lane refuses",
                    field=field,
                    object=identity.ref,
                    help=f"before you apply, `kubectl delete {kind}/{identity.name}{home}`; close the way in first if "
                    "requests come by it",
                )


def _key(document: Document) -> tuple[str, str, str, str]:
    identity = document.identity
    return (identity.group, identity.kind, identity.namespace, identity.name)
