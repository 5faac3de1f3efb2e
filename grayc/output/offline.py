"""What takes a lane out of a cluster: its objects, in the order in which they must go."""

from collections.abc import Iterable
from dataclasses import dataclass

from grayc.documents import Document
from grayc.k8s.kinds import Rank, kind_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Objects that are deleted together.

    Attributes:
        namespace: "" for objects that name none.
        objects: as kubectl takes them: `Deployment.apps/web`.
    """

    rank: Rank
    namespace: str
    objects: tuple[str, ...]

    @property
    def is_entry(self) -> bool:
        """Whether these are the way in."""
        return self.rank is Rank.ENTRY


def deletions(documents: Iterable[Document]) -> tuple[Deletion, ...]:
    """Return all deletions, the reverse of the order of application: the way in closes first.

    Source: kubectl reference, resource types: `KIND.GROUP` names a kind whatever version the server prefers.
    """
    groups: dict[tuple[int, str], set[str]] = {}
    for document in documents:
        identity = document.identity
        kind = f"{identity.kind}.{identity.group}" if identity.group else identity.kind
        rank = kind_row((identity.group, identity.kind)).rank
        groups.setdefault((-rank, identity.namespace), set()).add(f"{kind}/{identity.name}")
    return tuple(
        Deletion(rank=Rank(-rank), namespace=namespace, objects=tuple(sorted(groups[rank, namespace])))
        for rank, namespace in sorted(groups)
    )
