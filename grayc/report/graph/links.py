"""The picture as nodes and links, each once: what languages that place nodes themselves are written from."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise

from grayc.analysis.carriage import Carriage
from grayc.analysis.picture import Picture, Stop
from grayc.records import dataclass

ENTRY = ("entry", "")
"""The node that stands for all entries."""


class Look(StrEnum):
    """What a link says."""

    LANE = "lane"
    """A request of the lane goes so."""
    FALLS_BACK = "falls back"
    """It leaves gray pods for production's."""
    LOST = "not carried"
    """It does so though there is a gray copy."""
    UNKNOWN = "unknown"
    """Whether it comes to the gray copy is not to be seen."""
    PRODUCTION = "production"
    """A request that is not of the lane goes so."""


Node = tuple[str, str]
"""`gray` or `baseline`, and the service's name; or `ENTRY`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One arrow."""

    source: Node
    target: Node
    look: Look


def look_of(before: Stop, stop: Stop) -> Look:
    """Return what the call between two neighbours of a row says."""
    match stop.carriage:
        case Carriage.NOT:
            return Look.LOST
        case Carriage.UNKNOWN:
            return Look.UNKNOWN
        case _ if stop.copy != "baseline":
            return Look.LANE
        case _ if before.copy != "baseline":
            return Look.FALLS_BACK
        case _:
            return Look.LANE if stop.is_told_apart else Look.PRODUCTION


def node_of(stop: Stop) -> Node:
    """Return the copy that answers; of one that is not known, the gray one."""
    return ("baseline" if stop.copy == "baseline" else "gray", stop.name)


def nodes_of(picture: Picture) -> tuple[Node, ...]:
    """Return the nodes, gray copies first; production's of every service that has one on a row."""
    stops = [stop for row in picture.rows for stop in row.stops]
    gray = dict.fromkeys(("gray", stop.name) for stop in stops if stop.has_gray)
    return (*([ENTRY] if picture.ways else []), *gray, *dict.fromkeys(("baseline", stop.name) for stop in stops))


def links_of(picture: Picture) -> tuple[Link, ...]:
    """Return the links, each once, those of the lane first."""
    return tuple(dict.fromkeys((*_lane(picture), *_production(picture))))


def _lane(picture: Picture) -> Iterator[Link]:
    for row in picture.rows:
        if row.entries:
            yield Link(source=ENTRY, target=node_of(row.stops[0]), look=Look.LANE)
        for before, stop in pairwise(row.stops):
            yield Link(source=node_of(before), target=node_of(stop), look=look_of(before, stop))


def _production(picture: Picture) -> Iterator[Link]:
    taken = {(link.source, link.target) for link in _lane(picture)}
    for row in picture.rows:
        nodes = [*([ENTRY] if row.entries else []), *(("baseline", stop.name) for stop in row.stops)]
        for source, target in pairwise(nodes):
            if (source, target) not in taken:
                yield Link(source=source, target=target, look=Look.PRODUCTION)
