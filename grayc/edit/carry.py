"""Carry the difference between two forms of one object into its file."""

from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.tree import get, put
from grayc.edit.apply import Change
from grayc.edit.insert import append_items, insert_keys
from grayc.edit.model import Edit, not_in_place
from grayc.edit.remove import remove_children, stands_in_brackets
from grayc.edit.replace import replace_scalar
from grayc.edit.same import IN_ORDER, is_same, names_of
from grayc.edit.shared import sharing_of
from grayc.records import dataclass, replace

# Mappings whose keys say nothing of each other: one may stay while another changes.
_FREE = frozenset({"data", "stringData", "binaryData", "labels", "annotations", "nodeSelector", "limits", "requests"})
# What says which of the other keys of a mapping may be there.
# Source: Kubernetes API conventions, "Unions"; DeploymentStrategy `type` and `rollingUpdate`.
_DISCRIMINATOR = "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A part of the difference that cannot be carried.

    Attributes:
        value: what should stand there; None where it should go away.
        diagnostics: why it cannot, where that is known.
    """

    path: Path
    value: object
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """What can be carried into one object's file, and what is left."""

    change: Change
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """A value as the file will say it, what is to do for that, and what of the wanted value is not in it."""

    value: object
    edits: tuple[Edit, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sheet:
    """A document, and what in it stays since other places say it too.

    Attributes:
        kept: places whose value is shared, with one that is not to change alike.
        merged: mappings whose keys a `<<` takes.
    """

    document: Document
    kept: frozenset[Path]
    merged: frozenset[Path]


def carry(document: Document, wanted: dict[str, object]) -> Carried:
    """Return the edits that make a document say what is wanted, as far as its layout and comments allow.

    Values are replaced, added and taken away. What a comment speaks of is not taken away; and where keys of one mapping
    depend on each other, or places of one list, either all that changes there is carried or nothing: half a change
    would be a third form, which nobody has tested. A value behind an anchor is changed once, where it is written, if
    all that is wanted of the places that share it is the same.
    """
    if is_same(document.data, wanted):
        return Carried(change=Change(document=document, data=document.data, edits=()), left=())
    sharing = sharing_of(document)
    shared = {path: source for path, source in sharing.written.items() if _is_alike(document, wanted, path, source)}
    while True:
        others = {path: source for path, source in sharing.written.items() if path not in shared}
        sheet = _Sheet(
            document=document,
            kept=sharing.outside.union(others, others.values()),
            merged=sharing.merged,
        )
        followed = document.data
        for path in shared:
            followed = put(followed, path, _counterpart(document.data, wanted, path))
        part = _carry(sheet, (), followed, wanted)
        stuck = [path for path, source in shared.items() if any(_meet(item.path, source) for item in part.left)]
        if not stuck:
            break
        for path in stuck:
            del shared[path]
    data = part.value if isinstance(part.value, dict) else document.data
    return Carried(change=Change(document=document, data=data, edits=part.edits), left=part.left)


def list_differences(document: Document, wanted: dict[str, object]) -> tuple[Left, ...]:
    """Return all that differs as left, for a document whose text is no file of the user."""
    return tuple(_differences((), document.data, wanted))


def _is_alike(document: Document, wanted: dict[str, object], path: Path, source: Path) -> bool:
    """Tell whether a place is to change as the place where its value is written."""
    new = _counterpart(document.data, wanted, path)
    is_changed = new is not None and not is_same(get(document.data, path), new)
    return is_changed and is_same(_counterpart(document.data, wanted, source), new)


def _counterpart(old: object, new: object, path: Path) -> object:
    """Return what is wanted in place of the value at `path` of the old form; None for nothing."""
    for step in path:
        if isinstance(old, list) and isinstance(new, list) and isinstance(step, int):
            before, after = names_of(old), names_of(new)
            at = step
            if before is not None and after is not None:
                at = after.index(before[step]) if before[step] in after else len(new)
            old, new = old[step], new[at] if at < len(new) else None
        else:
            old, new = get(old, (step,)), get(new, (step,))
    return new


def _meet(one: Path, other: Path) -> bool:
    """Tell whether one place is the other, or in it, or around it."""
    return all(left == right for left, right in zip(one, other, strict=False))


def _carry(sheet: _Sheet, path: Path, old: object, new: object) -> _Part:
    if is_same(old, new):
        return _Part(value=old)
    if path in sheet.kept:
        why = _not_alike(sheet, path)
        return _Part(value=old, left=tuple(replace(item, diagnostics=why) for item in _differences(path, old, new)))
    if isinstance(old, dict) and isinstance(new, dict):
        return _carry_map(sheet, path, old, new)
    if isinstance(old, list) and isinstance(new, list):
        named = names_of(old) is not None and names_of(new) is not None
        return (_carry_named if named else _carry_places)(sheet, path, old, new)
    if isinstance(old, dict | list) or (isinstance(new, dict | list) and (old is not None or not new)):
        return _Part(value=old, left=(Left(path=path, value=new),))
    if isinstance(new, dict):
        made = insert_keys(sheet.document, path, new)
    elif isinstance(new, list):
        made = append_items(sheet.document, path, new)
    else:
        made = replace_scalar(sheet.document, path, new)
    if made.value is None:
        return _Part(value=old, left=(Left(path=path, value=new, diagnostics=made.diagnostics),))
    return _Part(value=new, edits=made.value)


def _not_alike(sheet: _Sheet, path: Path) -> tuple[Diagnostic, ...]:
    why = "an anchor shares it with places that are to say something else"
    return not_in_place(sheet.document, path, why, help_="write the value out in place of the anchor or alias")


def _carry_map(sheet: _Sheet, path: Path, old: dict[str, object], new: dict[str, object]) -> _Part:
    gone = tuple(key for key in old if key not in new)
    parts = {key: _carry(sheet, (*path, key), value, new[key]) for key, value in old.items() if key in new}
    edits: tuple[Edit, ...] = ()
    left: tuple[Left, ...] = ()
    is_free = bool(path) and path[-1] in _FREE
    value = dict(old)
    if path in sheet.merged and gone:
        left = tuple(Left(path=(*path, key), value=None, diagnostics=_not_alike(sheet, path)) for key in gone)
    elif gone:
        made = remove_children(sheet.document, path, gone, refilled=bool(new))
        if made.value is not None:
            edits = made.value
            value = {key: item for key, item in old.items() if key in new}
        else:
            left = tuple(Left(path=(*path, key), value=None, diagnostics=made.diagnostics) for key in gone)
    added = {key: item for key, item in new.items() if key not in old}
    if added:
        # They may take the place of what goes away, and both at once would be another thing.
        why = _not_alike(sheet, path) if path in sheet.merged else ()
        instead = not parts and bool(gone) and not left
        may_add = not why and (not left or is_free)
        put_in = insert_keys(sheet.document, path, added, instead=instead) if may_add else None
        if put_in is not None and put_in.value is not None:
            value |= added
            edits = (*edits, *put_in.value)
        else:
            why = put_in.diagnostics if put_in is not None else why
            left = (*left, *(Left(path=(*path, key), value=item, diagnostics=why) for key, item in added.items()))
    inner: tuple[Edit, ...] = ()
    for key, part in parts.items():
        if left and key == _DISCRIMINATOR and part.edits:
            left = (*left, Left(path=(*path, key), value=new[key]))
        else:
            value[key] = part.value
            inner, left = (*inner, *part.edits), (*left, *part.left)
    # What goes in at the end of a part goes before what goes in behind that part, and both may be at one place.
    return _Part(value=value, edits=(*inner, *edits), left=left)


def _carry_places(sheet: _Sheet, path: Path, old: list[object], new: list[object]) -> _Part:
    """Carry a list whose items have no names: place by place, all or nothing."""
    nothing = _Part(value=old, left=(Left(path=path, value=new),))
    parts = [_carry(sheet, (*path, at), item, new[at]) for at, item in enumerate(old[: len(new)])]
    edits = tuple(edit for part in parts for edit in part.edits)
    if any(part.left for part in parts):
        return nothing
    if len(new) < len(old):
        made = remove_children(sheet.document, path, range(len(new), len(old)))
        if made.value is None:
            return nothing
        edits = (*edits, *made.value)
    if len(new) > len(old):
        made = append_items(sheet.document, path, new[len(old) :])
        if made.value is None:
            return nothing
        edits = (*edits, *made.value)
    return _Part(value=[*(part.value for part in parts), *new[len(old) :]], edits=edits)


def _carry_named(sheet: _Sheet, path: Path, old: list[object], new: list[object]) -> _Part:
    before, after = names_of(old) or [], names_of(new) or []
    old_names, new_at = frozenset(before), {name: at for at, name in enumerate(after)}
    kept = [name for name in before if name in new_at]
    added = [name for name in after if name not in old_names]
    if path and path[-1] in IN_ORDER and [*kept, *added] != after:
        return _Part(value=old, left=(Left(path=path, value=new),))
    gone = [at for at, name in enumerate(before) if name not in new_at]
    parts = {
        at: _carry(sheet, (*path, at), old[at], new[new_at[name]]) for at, name in enumerate(before) if name in new_at
    }
    edits = tuple(edit for part in parts.values() for edit in part.edits)
    left = tuple(item for part in parts.values() for item in part.left)
    if gone and added and not kept:
        taken = remove_children(sheet.document, path, gone, refilled=True)
        put_in = append_items(sheet.document, path, new, instead=True)
        if taken.value is None or put_in.value is None:
            why = (*taken.diagnostics, *put_in.diagnostics)
            return _Part(value=old, left=tuple(replace(each, diagnostics=why) for each in _differences(path, old, new)))
        return _Part(value=new, edits=(*taken.value, *put_in.value))
    stay = set(parts)
    is_one = len(gone) == len(old) or (gone and stands_in_brackets(sheet.document, path))
    for group in [gone] if is_one else [[at] for at in gone]:
        made = remove_children(sheet.document, path, group)
        if made.value is None:
            stay.update(group)
            left = (*left, *(Left(path=(*path, at), value=None, diagnostics=made.diagnostics) for at in group))
        else:
            edits = (*edits, *made.value)
    items = [parts[at].value if at in parts else item for at, item in enumerate(old) if at in stay]
    if added:
        more = [new[new_at[name]] for name in added]
        made = append_items(sheet.document, path, more)
        if made.value is None:
            places = enumerate(more, len(old))
            left = (*left, *(Left(path=(*path, at), value=item, diagnostics=made.diagnostics) for at, item in places))
        else:
            edits = (*edits, *made.value)
            items += more
    return _Part(value=items, edits=edits, left=left)


def _differences(path: Path, old: object, new: object) -> list[Left]:
    if isinstance(old, dict) and isinstance(new, dict):
        found = [Left(path=(*path, key), value=None) for key in old if key not in new]
        for key, value in new.items():
            found += (
                _differences((*path, key), old[key], value) if key in old else [Left(path=(*path, key), value=value)]
            )
        return found
    if isinstance(old, list) and isinstance(new, list):
        before, after = names_of(old), names_of(new)
        if before is not None and after is not None:
            old_at = {name: at for at, name in enumerate(before)}
            kept = set(after)
            found = [Left(path=(*path, at), value=None) for name, at in old_at.items() if name not in kept]
            for at, name in enumerate(after):
                if name in old_at:
                    found += _differences((*path, old_at[name]), old[old_at[name]], new[at])
                else:
                    found.append(Left(path=(*path, len(old)), value=new[at]))
            return found
    return [] if is_same(old, new) else [Left(path=path, value=new)]
