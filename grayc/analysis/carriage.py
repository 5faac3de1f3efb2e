"""A call to a released service, and whether it comes to the gray copy: the types that all who ask have in common."""

from collections.abc import Sequence
from enum import StrEnum

from grayc.documents import Document, Path
from grayc.k8s.providers import Propagation
from grayc.plan.model import Copy
from grayc.records import dataclass


class Carriage(StrEnum):
    """Whether a call of the lane comes to the gray copy."""

    CARRIED = "carried"
    NOT = "not carried"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A call to a released service.

    Attributes:
        why: what is missing, or not to be seen, in words of its own; of one that is carried, after what, as `once …`,
            and "" where nothing is left to do.
        cause: the same without the name of the caller, so that equal causes are told once; "" where `why` is it.
        told_by: code of the finding that tells the cause already; "" for none.
        document: what says so, None where it is no one object.
        path: where it does.
        help: what to do; "" where it is carried.
    """

    carriage: Carriage
    why: str = ""
    cause: str = ""
    told_by: str = ""
    document: Document | None = None
    path: Path = ()
    help: str = ""


CARRIED = Edge(carriage=Carriage.CARRIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A service of a call path as the calls meet it.

    Attributes:
        name: as the path calls it.
        workloads: of the baseline.
        services: the copied Services that it is called by.
        said: what passes the lane's carrier on there, as the release says; None where it says nothing.
    """

    name: str
    workloads: Sequence[Document]
    services: Sequence[Copy] = ()
    said: Propagation | None = None
