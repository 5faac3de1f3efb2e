"""What schemas have against gray objects, as findings."""

from collections.abc import Iterable

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
    for document in conformance.without_schema:
        kinds.setdefault((document.identity.api_version, document.identity.kind), []).append(document)
    for (api_version, kind), documents in sorted(kinds.items()):
        what = f"`{documents[0].identity.ref}` was" if len(documents) == 1 else f"{len(documents)} objects were"
        found.append(
            at_object(
                documents[0],
                ("kind",),
                code="GC722",
                message=f"{what} not checked: there is no schema of `{kind}` (`{api_version}`)",
                help="name a folder with its CustomResourceDefinition: `--crd-schemas DIR`; or accept it",
            )
        )
    return found
