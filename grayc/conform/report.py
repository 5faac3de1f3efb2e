"""What schemas have against gray objects, as findings."""

from collections.abc import Iterable, Sequence

from grayc.conform.model import Conformance
from grayc.conform.origin import origin_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import show_path
from grayc.plan.model import ReleasePlan


def findings(conformance: Conformance, plans: Iterable[tuple[ReleasePlan, tuple[Document, ...]]]) -> list[Diagnostic]:
    """Return a finding for each mismatch, and one for each kind that was not checked.

    Args:
        plans: every release's plan and gray objects.
    Diagnostics:
        GC721: an object is not what its schema says.
        GC722: objects of a kind were not checked.
        GC727: nor were those of a kind that grayc writes without a word of the user's in it.
    """
    owners = {id(document): plan for plan, documents in plans for document in documents}
    found: list[Diagnostic] = []
    for mismatch in conformance.mismatches:
        identity = mismatch.document.identity
        origin = origin_of(owners[id(mismatch.document)], mismatch)
        place = show_path(mismatch.at)
        notes = (
            () if origin.is_exact else (Note(message="no file has this value: the object is made of what stands here"),)
        )
        found.append(
            Diagnostic(
                code="GC721",
                message=f"`{place}` of `{identity.ref}`: {mismatch.message}"
                if place
                else f"`{identity.ref}`: {mismatch.message}",
                span=origin.span,
                field=place,
                object=identity.ref,
                notes=notes,
                help=mismatch.help
                or f"Kubernetes {conformance.version} would refuse or drop it; mend it where it stands",
            )
        )
    kinds: dict[tuple[str, str], list[Document]] = {}
    written: list[Document] = []
    for document in conformance.without_schema:
        if _is_written(document, owners[id(document)]):
            written.append(document)
        else:
            kinds.setdefault((document.identity.api_version, document.identity.kind), []).append(document)
    if written:
        found.append(_written(written, owners[id(written[0])]))
    for (api_version, kind), documents in sorted(kinds.items()):
        what = f"`{documents[0].identity.ref}` was" if len(documents) == 1 else f"{len(documents)} objects were"
        found.append(
            at_object(
                documents[0],
                ("kind",),
                code="GC722",
                message=f"{what} not checked: there is no schema of `{kind}` (`{api_version}`)",
                help="name a folder with its CustomResourceDefinition: `--crd-schemas DIR`",
            )
        )
    return found


def _is_written(document: Document, plan: ReleasePlan) -> bool:
    """Tell whether grayc made an object of one of another kind, or of none, so that no field of it is the user's."""
    return not plan.is_copy(document) or plan.copy_of(document).document.identity.kind != document.identity.kind


def _written(documents: Sequence[Document], plan: ReleasePlan) -> Diagnostic:
    """Return one note about objects that grayc made whole, whatever their number."""
    kinds = sorted({f"`{document.identity.kind}` (`{document.identity.api_version}`)" for document in documents})
    many = len(documents) > 1
    what = (
        f"{len(documents)} objects that grayc itself writes were" if many else "an object that grayc itself writes was"
    )
    return Diagnostic(
        code="GC727",
        message=f"{what} not compared with a schema: there is none of {', '.join(kinds)}",
        span=plan.spec.document.span(("metadata", "name")),
        field="metadata.name",
        help="nothing to do: no file of yours has a part in them; `--crd-schemas DIR` compares them too",
    )
