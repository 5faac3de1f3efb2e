"""Values of one text that stand at several places: behind an alias, and through `<<`."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from grayc.documents import Document, Path
from grayc.documents.chunk import Chunk
from grayc.documents.locate import Node, compose
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What of an object's text stands for several places.

    Attributes:
        written: place whose value is written elsewhere in the object → the place where it is written.
        outside: places whose text other objects of the file share, or that is written in another.
        merged: mappings whose keys a `<<` takes, too.
    """

    written: Mapping[Path, Path]
    outside: frozenset[Path]
    merged: frozenset[Path]


def sharing_of(document: Document) -> Sharing:
    """Return what of an object's text stands for several places."""
    pairs, merged = _sharing_of(document.chunk)
    start = len(document.root)
    written: dict[Path, Path] = {}
    outside: set[Path] = set()
    for pair in pairs:
        ends = [end[start:] for end in pair if end and end[:start] == document.root]
        if len(ends) > 1:
            written[ends[0]] = ends[1]
        else:
            outside.update(ends)
    return Sharing(
        written=written,
        outside=frozenset(outside),
        merged=frozenset(place[start:] for place in merged if place[:start] == document.root),
    )


@lru_cache(maxsize=4)
def _sharing_of(chunk: Chunk) -> tuple[tuple[tuple[Path, Path], ...], tuple[Path, ...]]:
    """Return each place of a chunk whose value is written elsewhere, with that place, and what a `<<` takes."""
    places: dict[int, Path] = {}
    shared: dict[Path, Node] = {}
    taken: list[Node] = []
    root = compose(chunk).root if "*" in chunk.text else None
    for path, node in _written((), root) if root is not None else ():
        if node.target is not None:
            shared[path] = node.target
            continue
        places[id(node)] = path
        own = node.own_children()
        shared.update(
            ((*path, key), value.target or value) for key, (_, value) in (node.merged or {}).items() if key not in own
        )
        for name, value in node.entries or ():
            taken += (part.target for part in (value, *(value.items or ())) if name.is_merge and part.target)
    pairs = ((path, places.get(id(node), ())) for path, node in shared.items())
    return tuple(pairs), tuple(places[id(node)] for node in taken if id(node) in places)


def _written(path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
    """Yield a node and all below it where they are written: what an alias stands for is not below the alias."""
    yield path, node
    for key, (_, value) in node.own_children().items():
        yield from _written((*path, key), value)
    for at, value in enumerate(node.items or ()):
        yield from _written((*path, at), value)
