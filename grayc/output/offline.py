"""What takes a lane out of a cluster: its objects, in the order in which they must go."""

from collections.abc import Iterable, Mapping

from grayc.documents import Document
from grayc.documents.tree import get_map
from grayc.k8s.kinds import CORE, IN_EVERY_CLUSTER, Rank, kind_row
from grayc.k8s.lane_labels import is_check
from grayc.k8s.profiles import Marks, marks_of
from grayc.output.order import service_of, tag_of
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Objects that are deleted together.

    Attributes:
        namespace: "" for objects that name none.
        objects: as kubectl takes them: `Deployment.apps/web`.
        selector: labels by which all of their kind are found, those of earlier builds too; "" where the names are all.
        kind: of all of them, where a cluster may not know it; else "".
    """

    rank: Rank
    namespace: str
    objects: tuple[str, ...]
    selector: str = ""
    kind: str = ""

    @property
    def is_entry(self) -> bool:
        """Whether these are the entry."""
        return self.rank is Rank.ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An object of production that leads into the lane, and must no longer do so before anything goes.

    Attributes:
        namespace: "" for one that names none.
        object: as kubectl takes it: `VirtualService.networking.istio.io/web`.
        services: names of the lane's Services.
        is_of_lanes: lanes alone have it, and production none: the lanes that stay say what it is without this one.
        again: production has it, and it leads into lanes that stay, too: the command that builds one of these again.
    """

    namespace: str
    object: str
    services: tuple[str, ...]
    is_of_lanes: bool = False
    again: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """An object that the lane has in common with others, and that must no longer lead into it before its pods go.

    Attributes:
        namespace: "" for one that names none.
        object: as kubectl takes it.
        text: what it says without the lane; "" where no other lane needs it.
    """

    namespace: str
    object: str
    text: str


def openings(
    opens_in: Iterable[str],
    documents: Iterable[Document],
    *,
    of_lanes: Iterable[str] = (),
    again: Mapping[str, str] | None = None,
) -> tuple[Opening, ...]:
    """Return the objects of production that must be put back first, and those that lanes of other folders have, too.

    Args:
        of_lanes: the latter, named alike.
        opens_in: as the inventory names them: `VirtualService.networking.istio.io shop/web`.
        documents: the gray objects.
        again: of the first, those that lead into lanes that stay, too → what builds one of these again.
    """
    identities = (document.identity for document in documents)
    services = tuple(sorted({each.name for each in identities if (each.group, each.kind) == (CORE, "Service")}))
    found = []
    for key, is_of_lanes in (*((key, False) for key in opens_in), *((key, True) for key in of_lanes)):
        kind, _, place = key.partition(" ")
        namespace, _, name = place.rpartition("/")
        found.append(
            Opening(
                namespace=namespace,
                object=f"{kind}/{name}",
                services=services,
                is_of_lanes=is_of_lanes,
                again="" if is_of_lanes else (again or {}).get(key, ""),
            )
        )
    return tuple(found)


def deletions(documents: Iterable[Document]) -> tuple[Deletion, ...]:
    """Return all deletions, the reverse of the order of application: the entry closes first.

    Two kinds of object may be there that no file holds any more: a check has another name in each build, and its Job
    stays for a while; an entry that an earlier build opened, as another step does, would lead to nothing.
    Source: kubectl reference, resource types: `KIND.GROUP` names a kind whatever version the server prefers.
    """
    every = tuple(documents)
    groups: dict[tuple[int, str, str, str], set[str]] = {}
    for document in every:
        identity = document.identity
        kind = f"{identity.kind}.{identity.group}" if identity.group else identity.kind
        rank = kind_row((identity.group, identity.kind)).rank
        own = "" if identity.group in IN_EVERY_CLUSTER else kind
        group = (-rank, identity.namespace, own, _selector(document, rank, every))
        groups.setdefault(group, set()).add(f"{kind}/{identity.name}")
    return tuple(
        Deletion(rank=Rank(-rank), namespace=namespace, objects=tuple(sorted(objects)), selector=selector, kind=kind)
        for (rank, namespace, kind, selector), objects in sorted(groups.items())
    )


def _selector(document: Document, rank: Rank, every: Iterable[Document]) -> str:
    service, tag, marks = service_of(document), tag_of(document), _marks_of(document)
    if marks is None:
        return ""
    if rank is Rank.ENTRY:
        # Under one tag a service is released once, so nothing of another release is found by both.
        services = {
            service_of(other)
            for other in every
            if (tag_of(other), _marks_of(other)) == (tag, marks) and not _is_check(other)
        }
        return f"{marks.tag}={tag},{marks.service} in ({','.join(sorted(services))})"
    if _is_check(document):
        return f"{marks.tag}={tag},{marks.service}={service}"
    return ""


def _marks_of(document: Document) -> Marks | None:
    return marks_of(get_map(document.data, ("metadata", "labels")))


def _is_check(document: Document) -> bool:
    return is_check((document.identity.group, document.identity.kind), service_of(document))
