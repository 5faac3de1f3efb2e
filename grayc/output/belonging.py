"""Which objects of an output folder's files are a lane's own.

The folder lies in a repository, and whoever writes there can put anything into a file and its digest into the
inventory. What is deleted from a cluster is named from these files. So an object counts as the lane's only where three
say so: what the inventory records of the release, the object's labels, and its name.
"""

from collections.abc import Iterable, Iterator

from grayc.diagnostics import Diagnostic
from grayc.documents import Document, ObjectIdentity
from grayc.documents.findings import at_object
from grayc.documents.tree import get_map
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import is_check
from grayc.k8s.names import is_label_value
from grayc.k8s.profiles import marks_of
from grayc.output.inventory import INVENTORY, LaneRecord


def strangers(documents: Iterable[Document], *, release: str, record: LaneRecord) -> Iterator[Diagnostic]:
    """Yield the objects that are not the lane's, though the inventory lists their file for its release.

    Args:
        documents: of files that the inventory lists for the release.
        record: what the inventory says of the release.
    Diagnostics:
        GC642: there is such an object.
    """
    for document in documents:
        why, path = _why_not(document, release, record)
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


def _why_not(document: Document, release: str, record: LaneRecord) -> tuple[str, tuple[str, ...]]:
    """Return why an object is not the lane's and the path that says so; "" where it is."""
    identity, marks = document.identity, record.marks
    names = ("metadata", "name")
    at = ("metadata", "labels")
    labels = get_map(document.data, at)
    service, suffix = labels.get(marks.service), marks.suffix(record.tag)
    asked = {marks.tag: record.tag, **marks.fixed, **({marks.release: release} if marks.release else {})}
    for label, value in asked.items():
        if labels.get(label) != value:
            return f"its label `{label}` is not `{value}`", (*at, label)
    if not isinstance(service, str) or not is_label_value(service) or not _is_ours(identity, service, record):
        return f"its label `{marks.service}` names no service of the release", (*at, marks.service)
    others = marks_of(labels)
    if others is not None and others is not marks:
        # What is found by labels would be another lane's.
        return f"its label `{others.tag}` says that it is of a lane of profile `{others.profile}`", (*at, others.tag)
    if not identity.name.endswith(suffix) or identity.name == suffix:
        return f"its name does not end in `{suffix}`", names
    return "", ()


def _is_ours(identity: ObjectIdentity, service: str, record: LaneRecord) -> bool:
    return service in record.services or is_check((identity.group, identity.kind), service)
