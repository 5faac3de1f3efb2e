"""Which objects of an output folder's files are a lane's own.

The folder lies in a repository, and whoever writes there can put anything into a file and its digest into the
inventory. What is deleted from a cluster is named from these files. So an object counts as the lane's only where three
say so: what the inventory records of the release, the object's labels, and its name.
"""

from collections.abc import Iterable, Iterator

from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get_text
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import GRAY_TYPE, SERVICE_NAME, TYPE, VERSION, gray_suffix, is_check
from grayc.k8s.names import is_label_value
from grayc.output.inventory import INVENTORY, LaneRecord
from grayc.output.order import service_of, tag_of


def strangers(documents: Iterable[Document], *, release: str, record: LaneRecord) -> Iterator[Diagnostic]:
    """Yield the objects that are not the lane's, though the inventory lists their file for its release.

    Args:
        documents: of files that the inventory lists for the release.
        record: what the inventory says of the release.
    Diagnostics:
        GC642: there is such an object.
    """
    for document in documents:
        why, path = _why_not(document, record)
        if why:
            yield at_object(
                document,
                path,
                code="GC642",
                message=f"`{document.identity.ref}` is not of release `{release}`'s lane `{record.tag}`: {why}",
                help=f"take `{document.chunk.source.shown}` and `.grayc-inventory` back from version control, and look"
                " who changed them; until then nothing is made of the file",
            )


def strange_hosts(
    documents: Iterable[Document], *, release: str, record: LaneRecord, shown: str
) -> Iterator[Diagnostic]:
    """Yield the hosts of a mesh that the inventory says a lane leads calls of, though it has no such Service.

    Of these the object is made that all lanes have in common, in any namespace and for any Service of production.

    Args:
        documents: all gray objects of the release.
        shown: what diagnostics call the folder.
    Diagnostics:
        GC642: there is such a host.
    """
    there = {
        (document.identity.namespace, document.identity.name)
        for document in documents
        if document.identity.group_kind == (CORE, "Service")
    }
    for claim in record.mesh:
        if (claim.namespace, claim.gray) not in there:
            place = f"{claim.namespace}/{claim.gray}" if claim.namespace else claim.gray
            yield Diagnostic(
                code="GC642",
                message=f"the inventory of `{shown}` says that lane `{record.tag}` of release `{release}` takes calls "
                f"to `{claim.service}`, and the lane has no `Service {place}`",
                help=f"take `{shown}/{INVENTORY}` back from version control, and look who changed it; until then "
                "nothing is made of it",
            )


def _why_not(document: Document, record: LaneRecord) -> tuple[str, tuple[str, ...]]:
    """Return why an object is not the lane's and the path that says so; "" where it is."""
    identity, service = document.identity, service_of(document)
    names = ("metadata", "name")
    labels = ("metadata", "labels")
    suffix = gray_suffix(record.tag)
    if tag_of(document) != record.tag:
        return f"its label `{VERSION}` is not `{record.tag}`", (*labels, VERSION)
    if get_text(document.data, (*labels, TYPE)) != GRAY_TYPE:
        return f"its label `{TYPE}` is not `{GRAY_TYPE}`", (*labels, TYPE)
    is_ours = service in record.services or is_check((identity.group, identity.kind), service)
    if not is_ours or not is_label_value(service):
        return f"its label `{SERVICE_NAME}` names no service of the release", (*labels, SERVICE_NAME)
    if not identity.name.endswith(suffix) or identity.name == suffix:
        return f"its name does not end in `{suffix}`", names
    return "", ()
