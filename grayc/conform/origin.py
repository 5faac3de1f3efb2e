"""Where a value of a gray object comes from: a patch of the release, the baseline, or the compiler."""

from collections.abc import Iterator
from dataclasses import dataclass

from grayc.conform.model import Mismatch
from grayc.documents import Document, Path, locate
from grayc.documents.tree import get, is_mapping
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A place in a file of the user's.

    Attributes:
        is_exact: the value itself stands there; else it is what the object was made of.
    """

    span: Span
    is_exact: bool


def origin_of(plan: ReleasePlan, found: Mismatch) -> Origin:
    """Return where to mend what a schema has against a gray object."""
    document = found.document
    value = get(document.data, found.at)
    is_key = found.message.startswith("there is no such field")
    for patch in _patches(plan, document):
        for path in _paths(patch, found.at, value):
            return Origin(span=locate(patch.chunk, patch.root + path, key=is_key), is_exact=True)
    original = next((item for item in plan.baseline if item.place == document.place), None)
    is_there = original is not None and get(original.data, found.at) == value
    return Origin(span=document.span(found.at, key=is_key and is_there), is_exact=is_there and value is not None)


def _patches(plan: ReleasePlan, document: Document) -> Iterator[LoadedPatch]:
    """Yield the patches that may have changed an object, the last one first."""
    for patches in plan.patches.values():
        for patch in reversed(patches):
            names = (None, plan.copy_of(document).document.identity.name) if plan.is_copy(document) else (None,)
            if patch.target.kind == document.identity.kind and patch.target.name in names:
                yield patch


def _paths(patch: LoadedPatch, at: Path, value: object) -> Iterator[Path]:
    """Yield the paths in a patch that lead to a place of the object and have its value.

    Positions in lists differ between the two, so every item counts.
    """
    if patch.merge is not None:
        yield from (path for path in _walk(patch.merge, at, ()) if get(patch.merge, path) == value)
    for number, operation in enumerate(patch.operations or ()):
        pointer = operation.get("path")
        steps = [part.replace("~1", "/").replace("~0", "~") for part in str(pointer).split("/")[1:]]
        own = [str(step) for step in at]
        if steps and "value" in operation and own[: len(steps)] == steps:
            rest = at[len(steps) :]
            if get(operation["value"], rest) == value:
                yield (number, "value", *rest)


def _walk(node: object, rest: Path, at: Path) -> Iterator[Path]:
    if not rest:
        yield at
    elif isinstance(node, list) and isinstance(rest[0], int):
        for position, item in enumerate(node):
            yield from _walk(item, rest[1:], (*at, position))
    elif is_mapping(node) and isinstance(rest[0], str) and rest[0] in node:
        yield from _walk(node[rest[0]], rest[1:], (*at, rest[0]))
