"""The order of objects in the output, and the files they go to."""

from collections.abc import Iterable

from grayc.documents import Document
from grayc.documents.tree import get_map
from grayc.k8s.kinds import KINDS, Rank, kind_row
from grayc.k8s.lane_labels import is_check
from grayc.k8s.profiles import tag_in
from grayc.output.inventory import MESH_FILES

Order = tuple[int, str, str, str, str]


def order_of(document: Document) -> Order:
    """Return an object's place in a stream: rank, kind, namespace, name, version.

    What others need comes first and the entry last; within a rank by kind and name.
    """
    identity = document.identity
    rank = kind_row((identity.group, identity.kind)).rank
    return (rank, identity.kind, identity.namespace, identity.name, identity.api_version)


def in_order(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return documents in the order of application."""
    return tuple(sorted(documents, key=order_of))


def service_of(document: Document) -> str:
    """Return the service that a gray object is labelled for."""
    return tag_in(get_map(document.data, ("metadata", "labels")))[1]


def tag_of(document: Document) -> str:
    """Return the tag that a gray object is labelled with."""
    return tag_in(get_map(document.data, ("metadata", "labels")))[0]


def is_entry(document: Document) -> bool:
    """Tell whether an object is an entry."""
    return kind_row((document.identity.group, document.identity.kind)).rank is Rank.ENTRY


def is_lane_check(document: Document) -> bool:
    """Tell whether an object checks the lane, and is no copy."""
    return is_check(document.identity.group_kind, service_of(document))


def entry_file(release: str) -> str:
    """Return the file of a release's entries, where each service has a file of its own.

    `_` comes after the `.` that follows the release's name in all its other files, so the entries come last; and it is
    in no release's name.
    """
    return f"{release}_entry.yaml"


def mesh_file(namespace: str, service: str) -> str:
    """Return the file of the routes that all lanes have in common to one Service.

    It comes after the files of nearly all releases, so that its routes lead to what is there.
    """
    return MESH_FILES + "_".join([*([namespace] if namespace else []), service]) + ".yaml"


def object_file(release: str, document: Document) -> str:
    """Return the file of one object, unique among all objects: no part of it may hold `_`, and the first no `.`."""
    identity = document.identity
    group_kind = (identity.group, identity.kind)
    kind = identity.kind.lower() if group_kind in KINDS else f"{identity.kind.lower()}.{identity.group}"
    rank = Rank(kind_row(group_kind).rank).value
    parts = [part for part in (kind, document.written_namespace, identity.name) if part]
    return f"{release}.{rank}-{'_'.join(parts)}.yaml"
