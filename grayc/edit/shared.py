"""Values of one text that stand at several places of an object: behind an alias, and through `<<`."""

from collections.abc import Iterator

from grayc.documents import Document, Path
from grayc.documents.locate import Node
from grayc.edit.place import page_of


def shared_places(document: Document) -> dict[Path, Path]:
    """Return each place whose value is written elsewhere in the document → the place where it is written."""
    written: dict[int, Path] = {}
    shared: dict[Path, Node] = {}
    root = page_of(document).root
    for path, node in _written((), root) if root is not None else ():
        if node.target is not None:
            shared[path] = node.target
        else:
            written[id(node)] = path
            own = node.own_children()
            shared.update(
                ((*path, key), value.target or value)
                for key, (_, value) in (node.merged or {}).items()
                if key not in own
            )
    start = len(document.root)
    return {
        path[start:]: written[id(node)][start:]
        for path, node in shared.items()
        if id(node) in written and path[:start] == written[id(node)][:start] == document.root
    }


def _written(path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
    """Yield a node and all below it where they are written: what an alias stands for is not below the alias."""
    yield path, node
    for key, (_, value) in node.own_children().items():
        yield from _written((*path, key), value)
    for at, value in enumerate(node.items or ()):
        yield from _written((*path, at), value)
