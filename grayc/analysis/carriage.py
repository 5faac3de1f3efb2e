"""A call to a released service, and whether it comes to the gray copy: the types that all who ask have in common."""

from collections.abc import Sequence
from enum import StrEnum

from grayc.documents import Document, Path
from grayc.k8s.providers import Propagation
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass

HOP_BEFORE = "GC390"
TAG_LOST = "GC486"
ROUTED_ALREADY = "GC490"
ROUTED_IN_FRONT = "GC583"
"""Codes of the findings that tell of an edge's cause."""


class Carriage(StrEnum):
    """Whether a call of the lane comes to the gray copy."""

    CARRIED = "carried"
    NOT = "not carried"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A call to a released service.

    Attributes:
        why: what is missing, or not to be seen; of one that is carried, after what, and None where nothing is left to
            do.
        cause: the same without the name of the caller, so that equal causes are reported once; None where `why` is it.
        told_by: code of the finding that tells the cause already; "" for none.
        document: what says so, None where it is no one object.
        path: where it does.
        help: what to do; "" where it is carried.
    """

    carriage: Carriage
    why: Reason | None = None
    cause: Reason | None = None
    told_by: str = ""
    document: Document | None = None
    path: Path = ()
    help: str = ""


CARRIED = Edge(carriage=Carriage.CARRIED)


def of_pods(name: str, what: Reason, *, all_of_them: bool = True) -> Reason:
    """Return what is so of a service's pods, or of some of them."""
    return because(HopWhy.PODS if all_of_them else HopWhy.SOME_PODS, name=name, what=what)


def led_by(route: Document, service: str, what: Reason | None = None) -> Reason:
    """Return that a route of the baseline leads the calls to a Service, and what is so of it."""
    title = f"{route.identity.kind} `{route.identity.name}`"
    if what is None:
        return because(HopWhy.LED, route=title, service=service)
    return because(HopWhy.LED_AND, route=title, service=service, what=what)


def once_patched(route: Document) -> Reason:
    """Return after what a call is carried that a route of the baseline leads."""
    return because(HopWhy.ONCE_PATCHED, route=f"{route.identity.kind} `{route.identity.name}`")


def unseen_namespace(name: str) -> Reason:
    """Return that a Namespace is not in the baseline; "" for that of no name."""
    if name:
        return because(HopWhy.NAMESPACE_UNSEEN, namespace=name)
    return because(HopWhy.THEIR_NAMESPACE_UNSEEN)


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
