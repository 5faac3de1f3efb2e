"""Where a value of a gray object comes from: a patch of the release, the baseline, or the compiler."""

import re
from collections.abc import Iterator

from grayc.conform.model import Mismatch
from grayc.documents import Document, Path, locate
from grayc.documents.tree import get, get_map, is_mapping
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.records import dataclass
from grayc.source import Span

_MISSING = re.compile(r"`([^`]*)` is missing")


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
    is_key = found.message.startswith("there is no such field")
    missing = _MISSING.match(found.message)
    for patch in _patches(plan, document):
        paths = [*_taken_away(patch, (*found.at, missing[1]))] if missing else []
        for path in paths or _paths(patch, document.data, found.at):
            return Origin(span=locate(patch.chunk, patch.root + path, key=is_key), is_exact=True)
    original = next((item for item in plan.baseline if item.place == document.place), None)
    for path in _alike(original.data, document.data, found.at) if original is not None else ():
        return Origin(span=document.span(path, key=is_key), is_exact=True)
    return Origin(span=document.span(found.at), is_exact=False)


def _patches(plan: ReleasePlan, document: Document) -> Iterator[LoadedPatch]:
    """Yield the patches that may have changed an object, the last one first."""
    if plan.is_copy(document):
        copy = plan.copy_of(document)
        for patch in reversed(plan.patches.get(copy.service.name, ())):
            target, own = patch.target, copy.document.identity
            if target.kind == own.kind and target.name in (None, own.name):
                yield patch


def _paths(patch: LoadedPatch, data: object, at: Path) -> Iterator[Path]:
    """Yield the paths in a patch that lead to what an object has at a place, the likeliest first."""
    if patch.merge is not None:
        yield from _alike(patch.merge, data, at)
    for is_same in (True, False):
        for number, operation in reversed([*enumerate(patch.operations or ())]):
            steps = _steps(operation)
            if not _leads(steps, at[: len(steps)], is_same=is_same):
                continue
            if operation.get("op") in ("copy", "move"):
                yield (number,)
            rest, own = at[len(steps) :], get(data, at[: len(steps)])
            for path in _alike(operation["value"], own, rest) if "value" in operation else ():
                yield (number, "value", *path)


def _taken_away(patch: LoadedPatch, at: Path) -> Iterator[Path]:
    """Yield the paths in a patch that take away what stood at a place."""
    if patch.merge is not None and get_map(patch.merge, at[:-1]).get(str(at[-1]), at) is None:
        yield at
    for number, operation in enumerate(patch.operations or ()):
        if operation.get("op") == "remove" and _leads(_steps(operation), at, is_same=True):
            yield (number,)


def _steps(operation: dict[str, object]) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in str(operation.get("path")).split("/")[1:]]


def _leads(steps: list[str], at: Path, *, is_same: bool) -> bool:
    """Tell whether a pointer's steps are a path, or without `is_same` another position in the same lists."""
    return len(steps) == len(at) > 0 and all(
        step == str(own) or (not is_same and isinstance(own, int)) for step, own in zip(steps, at, strict=True)
    )


def _alike(node: object, own: object, rest: Path) -> Iterator[Path]:
    """Yield the paths in `node` to the value that `own` has at a path.

    Positions in lists differ between the two, so every item counts, those first that say the most of the same.
    """
    if not rest:
        if node == own:
            yield ()
        return
    step, inner = rest[0], get(own, rest[:1])
    if isinstance(node, list) and isinstance(step, int):
        likeliest = sorted(range(len(node)), key=lambda at: (-_likeness(node[at], inner), at != step))
        for position in likeliest:
            yield from ((position, *path) for path in _alike(node[position], inner, rest[1:]))
    elif is_mapping(node) and isinstance(step, str) and step in node:
        yield from ((step, *path) for path in _alike(node[step], inner, rest[1:]))


def _likeness(item: object, own: object) -> int:
    """Return how many fields two mappings have in common."""
    return sum(get(own, (key,)) == value for key, value in item.items()) if is_mapping(item) else 0
