"""What a cluster that has a lane will refuse to make of it, or will make otherwise than one that has it not."""

from collections.abc import Iterable, Iterator, Sequence

from grayc.diagnostics import Diagnostic, Note
from grayc.diagnostics.shell import flag, operands
from grayc.documents import Document
from grayc.documents.tree import get
from grayc.k8s.gitops import ARGOCD_HOOK
from grayc.k8s.immutable import IMMUTABLE
from grayc.k8s.lane_labels import is_check
from grayc.output.offline import deletions
from grayc.output.order import service_of


def refused_changes(
    before: Sequence[Document], after: Sequence[Document], in_order: Iterable[tuple[str, str]] = ()
) -> Iterator[Diagnostic]:
    """Yield the changes between two builds of a lane that no `kubectl apply` can make.

    Args:
        in_order: names of two canaries of which a gateway that asks the oldest first must ask the first first.
    Diagnostics:
        GC635: a field changes that a cluster does not let change.
        GC637: a canary is to be asked before one that is older in the cluster.
    """
    yield from _late_canaries(before, after, in_order)
    old = {document.identity.key: document for document in before}
    for document in after:
        identity = document.identity
        was = old.get(document.identity.key)
        if was is None or get(document.data, ("metadata", "annotations", ARGOCD_HOOK)) is not None:
            # A hook is made anew each time.
            continue
        for path in IMMUTABLE.get((identity.group, identity.kind), ()):
            # Both were made by grayc, so what means the same is written the same.
            if get(was.data, path) != get(document.data, path):
                kind = f"{identity.kind}.{identity.group}" if identity.group else identity.kind
                delete = _delete(identity.namespace, (f"{kind}/{identity.name}",))
                field = ".".join(path)
                yield Diagnostic(
                    code="GC635",
                    message=f"`{field}` of `{identity.ref}` changes, which a cluster that has the lane refuses",
                    field=field,
                    object=identity.ref,
                    help=f"before you apply, `{delete}`; close the entry first if requests come by it",
                )


def _delete(namespace: str, objects: Iterable[str]) -> str:
    """Return the command that deletes objects, named as kubectl takes them."""
    home = f"{flag('namespace', namespace)} " if namespace else ""
    return f"kubectl delete {home}{operands(objects)}"


def _late_canaries(
    before: Iterable[Document], after: Iterable[Document], in_order: Iterable[tuple[str, str]]
) -> Iterator[Diagnostic]:
    """Yield the canaries of a lane that are to be asked before others, and come to a cluster after them."""
    there = {document.identity.key for document in before}
    made = {
        (document.identity.namespace, document.identity.name): document
        for document in after
        if document.identity.kind == "Ingress"
    }
    behind: dict[str, list[str]] = {}
    for first, then in in_order:
        behind.setdefault(first, []).append(then)
    for (namespace, name), late in made.items():
        others = (made.get((namespace, then)) for then in behind.get(name, ()))
        older = next((other for other in others if other is not None and other.identity.key in there), None)
        if older is not None and late.identity.key not in there:
            delete = _delete(namespace, (f"Ingress.{older.identity.group}/{older.identity.name}",))
            yield Diagnostic(
                code="GC637",
                message=f"`{late.identity.ref}` is to be asked before `{older.identity.ref}`, and a cluster that has "
                "the lane asks the older one first",
                object=late.identity.ref,
                help=f"before you apply, `{delete}`: applied again, it is the younger one",
            )


def left_behind(before: Iterable[Document], after: Iterable[Document], *, release: str) -> Iterator[Diagnostic]:
    """Yield what a lane no longer has, and stays in a cluster all the same.

    A check that has another name now goes by itself.

    Diagnostics:
        GC636: there is such an object.
    """
    there = {document.identity.key for document in after}
    gone = [
        document
        for document in before
        if document.identity.key not in there
        and not is_check((document.identity.group, document.identity.kind), service_of(document))
    ]
    if gone:
        what, stay = ("an object is", "stays") if len(gone) == 1 else (f"{len(gone)} objects are", "stay")
        commands = []
        for step in deletions(gone):
            commands.append(Note(message=f"`{_delete(step.namespace, step.objects)}`"))
        yield Diagnostic(
            code="GC636",
            message=f"{what} no longer in the lane of `{release}`, and {stay} where it was applied",
            notes=tuple(commands),
            help="apply the build with pruning, or apply it and then delete what is named, in this order",
        )
