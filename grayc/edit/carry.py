"""Carry the difference between two forms of one object into its file."""

from collections.abc import Iterator
from dataclasses import dataclass

from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_text, put
from grayc.edit.apply import Change
from grayc.edit.insert import append_item, insert_key
from grayc.edit.model import Edit
from grayc.edit.replace import replace_scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A part of the difference that can not be carried.

    Attributes:
        value: what should stand there; None where it should go away.
        diagnostics: why it can not, where that is more than that nothing is taken away.
    """

    path: Path
    value: object
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """What can be carried into one object's file, and what is left."""

    change: Change
    left: tuple[Left, ...]


def carry(document: Document, wanted: dict[str, object]) -> Carried:
    """Return the edits that make a document say what is wanted, as far as values are replaced and added.

    Nothing is taken away: a comment beside it would speak of something else.
    """
    data = document.data
    edits: list[Edit] = []
    left: list[Left] = []
    for step in _steps(document, (), document.data, wanted):
        if isinstance(step, Left):
            left.append(step)
            continue
        path, value, made = step
        edits += made
        held = get(data, path[:-1]) if isinstance(path[-1], int) else None
        if isinstance(held, list) and isinstance(path[-1], int) and path[-1] >= len(held):
            data = put(data, path[:-1], [*held, value])
        else:
            data = put(data, path, value)
    return Carried(change=Change(document=document, data=data, edits=tuple(edits)), left=tuple(left))


_Step = Left | tuple[Path, object, tuple[Edit, ...]]


def _steps(document: Document, path: Path, old: object, new: object) -> Iterator[_Step]:
    if isinstance(old, dict) and isinstance(new, dict):
        whole = all(key in new for key in old)
        for key in old:
            if key in new:
                yield from _steps(document, (*path, key), old[key], new[key])
            else:
                yield Left(path=(*path, key), value=None)
        for key, value in new.items():
            if key not in old and whole:
                made = insert_key(document, path, key, value)
                yield _step((*path, key), value, made.value, made.diagnostics)
            elif key not in old:
                # It may take the place of what goes away, and both at once would be another thing.
                yield Left(path=(*path, key), value=value)
    elif isinstance(old, list) and isinstance(new, list) and _names(old) and _names(new):
        yield from _named_steps(document, path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        if len(new) < len(old):
            yield Left(path=path, value=new)
            return
        for at, item in enumerate(old):
            yield from _steps(document, (*path, at), item, new[at])
        for at in range(len(old), len(new)):
            made = append_item(document, path, new[at])
            yield _step((*path, at), new[at], made.value, made.diagnostics)
    elif type(old) is not type(new) or old != new:
        if isinstance(old, dict | list) or isinstance(new, dict | list):
            yield Left(path=path, value=new)
            return
        made = replace_scalar(document, path, new)
        yield _step(path, new, made.value, made.diagnostics)


def _names(items: list[object]) -> list[str] | None:
    """Return the names of a list's items, None where not each has one of its own."""
    names = [get_text(item, ("name",)) for item in items]
    return names if all(names) and len(set(names)) == len(names) else None


def _named_steps(document: Document, path: Path, old: list[object], new: list[object]) -> Iterator[_Step]:
    before, after = _names(old) or [], _names(new) or []
    for at, name in enumerate(before):
        if name in after:
            yield from _steps(document, (*path, at), old[at], new[after.index(name)])
        else:
            yield Left(path=(*path, at), value=None)
    for at, name in enumerate(after):
        if name not in before:
            made = append_item(document, path, new[at])
            yield _step((*path, len(old) + at), new[at], made.value, made.diagnostics)


def _step(path: Path, value: object, edits: tuple[Edit, ...] | None, diagnostics: tuple[Diagnostic, ...]) -> _Step:
    return Left(path=path, value=value, diagnostics=diagnostics) if edits is None else (path, value, edits)
