"""Strategic merge patches as Kubernetes applies them, and JSON merge patches for the kinds it does not know.

What merges by which key is a table, `grayc.k8s.merge_keys`; this module knows the algorithm and the directives:
`$patch`, `$retainKeys`, `$setElementOrder/LIST` and `$deleteFromPrimitiveList/LIST`. Merged lists come in Kubernetes'
own order: items of the patch as the patch has them, the others where they stood.

Where a directive has nothing to act on, Kubernetes sometimes leaves it in the object, which then cannot be applied;
and a few patches mean something else to it than to their readers. Here a directive takes effect, is dropped, or is
refused. Each such difference is a named case of `tests/differential/test_patches.py`.

Source: kubernetes/apimachinery v0.36, pkg/util/strategicpatch/patch.go; kubernetes/community
contributors/devel/sig-api-machinery/strategic-merge-patch.md; RFC 7386.
"""

from bisect import bisect_left
from collections.abc import Mapping
from operator import itemgetter
from typing import assert_never

from grayc.documents.chunk import Path
from grayc.documents.patch_directives import (
    DELETE_FROM,
    PATCH,
    RETAIN_KEYS,
    SET_ORDER,
    Directive,
    PatchError,
    directive_of,
    is_directive,
    is_list,
    is_marker,
    refuse_directives,
    refuse_replacing_item,
    settled,
    settled_list,
    settled_map,
    show_value,
    without_nulls,
)
from grayc.documents.tree import is_mapping
from grayc.k8s.merge_keys import ANY_ITEM, MergeRule, Pattern, merge_rules
from grayc.records import dataclass, replace

__all__ = ["PatchError", "json_merge", "strategic_merge"]

_Map = dict[str, object]
_Items = list[object]

_Name = tuple[type, object]
"""What tells an item of a list from others: its merge key's value, or itself; and its type, since 1 is not `true`."""


def strategic_merge(target: _Map, patch: _Map, *, api_version: str, kind: str) -> _Map:
    """Return `target` with `patch` merged into it; neither is changed, the result may share parts of both.

    Keys of `target` keep their place, new ones follow in the order of the patch. A kind that is neither Kubernetes'
    own nor a known workload gets a JSON merge patch, as in Kubernetes; a directive in such a patch is refused.

    Raises:
        PatchError: the patch does not fit the object, or says something that Kubernetes would misread.
    """
    rules = merge_rules(api_version.rpartition("/")[0], kind)
    if rules is None:
        refuse_directives(patch, (), kind)
        return json_merge(target, patch)
    if directive_of(patch, ()) is Directive.DELETE:
        raise PatchError((PATCH,), "`$patch: delete` at the root would delete the whole object",
                         help="a patch changes objects; which there are is up to the service")  # fmt: skip
    return _merge_map(target, patch, _Place(rules=rules))


def json_merge(target: _Map, patch: _Map) -> _Map:
    """Return `target` with a JSON merge patch applied: null removes a key, mappings merge, all else is replaced.

    Other than RFC 7386 says, and as in the library that Kubernetes uses, nulls in the items of a new list go too.

    Source: RFC 7386; evanphx/json-patch v4, merge.go.
    """
    result = dict(target)
    for key, value in patch.items():
        there = result.get(key)
        if value is None:
            result.pop(key, None)
        elif is_mapping(there) and is_mapping(value):
            result[key] = json_merge(there, value)
        else:
            result[key] = without_nulls(value)
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a merge is.

    Attributes:
        rules: the rows of the kind.
        pattern: the place as the rows name it.
        path: the place in the patch.
    """

    rules: Mapping[Pattern, MergeRule]
    pattern: Pattern = ()
    path: Path = ()

    def key(self, name: str) -> "_Place":
        """Return the place of a field."""
        return replace(self, pattern=(*self.pattern, name), path=(*self.path, name))

    def item(self, position: int) -> "_Place":
        """Return the place of an item of this list."""
        return replace(self, pattern=(*self.pattern, ANY_ITEM), path=(*self.path, position))

    @property
    def rule(self) -> MergeRule:
        """The row of this place, one that says nothing where there is none."""
        return self.rules.get(self.pattern, _NO_RULE)

    @property
    def name(self) -> str:
        """The field's own name."""
        return self.pattern[-1]


_NO_RULE = MergeRule("", strategies=())
_NONE: dict[str, object] = {}
"""Stands for a key that is not there, and is no name either."""


# Mappings


def _merge_map(target: _Map, patch: _Map, place: _Place) -> _Map:
    match directive_of(patch, place.path):
        case Directive.REPLACE:
            return settled_map(patch, place.path)
        case Directive.DELETE:
            return {}
        case Directive.MERGE:
            return _merge_fields(target, patch, place)
        case _ as never:
            assert_never(never)


def _merge_fields(target: _Map, patch: _Map, place: _Place) -> _Map:
    result = _retained(target, patch, place)
    ordered = _merge_ordered_lists(result, patch, place)
    for key, value in patch.items():
        if is_directive(key) or key in ordered:
            continue
        below = place.key(key)
        there = result.get(key)
        if value is None:
            result.pop(key, None)
        elif is_mapping(there) and is_mapping(value):
            result[key] = _replaced_map(value, below) if below.rule.is_replaced else _merge_map(there, value, below)
        elif is_list(there) and is_list(value):
            result[key] = _merge_list(there, value, below) if below.rule.is_merged else _replaced_list(value, below)
        elif is_mapping(value) and directive_of(value, below.path) is Directive.DELETE:
            result.pop(key, None)
        else:
            result[key] = settled(without_nulls(value), below.path)
    # Kubernetes takes the keys of a patch in no fixed order; what is added comes first, as with `$setElementOrder`.
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            _delete_from(result, patch, key, value, place)
    return result


def _retained(target: _Map, patch: _Map, place: _Place) -> _Map:
    """Return the keys of `target` that `$retainKeys` names: all, where the patch has no such directive."""
    if RETAIN_KEYS not in patch:
        return dict(target)
    names = patch[RETAIN_KEYS]
    if not is_list(names) or not all(isinstance(name, str) for name in names):
        raise PatchError((*place.path, RETAIN_KEYS), "`$retainKeys` takes a list of field names")
    for key, value in patch.items():
        if value is not None and key not in names and not is_directive(key):
            raise PatchError((*place.path, key), f"`{key}` is set, but `$retainKeys` does not name it",
                             help=f"add `{key}` to `$retainKeys`")  # fmt: skip
    return {key: value for key, value in target.items() if key in names}


def _replaced_map(patch: _Map, place: _Place) -> _Map:
    """Return what takes the place of a mapping that its row replaces whole."""
    directive = directive_of(patch, place.path)
    if PATCH in patch and directive is Directive.MERGE:
        raise PatchError((*place.path, PATCH), f"`{place.name}` cannot be merged: Kubernetes replaces it whole",
                         help=f"leave out `$patch` and write all of `{place.name}`")  # fmt: skip
    return {} if directive is Directive.DELETE else settled_map(patch, place.path)


def _delete_from(result: _Map, patch: _Map, key: str, unwanted: object, place: _Place) -> None:
    """Delete values from a list of plain values of `result`, whether or not its row merges it."""
    name = key.removeprefix(DELETE_FROM)
    path = (*place.path, key)
    if not is_list(unwanted):
        raise PatchError(path, f"`{key}` takes a list of the values to delete")
    there = result.get(name)
    if not is_list(there):
        return
    if _item_type(path, there, unwanted) is dict:
        raise PatchError(path, f"`{key}` deletes plain values, and `{name}` is a list of mappings",
                         help="delete an item with its merge key and `$patch: delete`")  # fmt: skip
    added = patch.get(name)
    names_added = _positions([value for value in added if not is_mapping(value)], "") if is_list(added) else {}
    for position, value in enumerate(unwanted):
        if _name(value, "") in names_added:
            raise PatchError((*path, position), f"{show_value(value)} is set in `{name}` and deleted by `{key}`")
    names = _positions(unwanted, "")
    result[name] = [value for value in there if _name(value, "") not in names]


# Lists


def _replaced_list(patch: _Items, place: _Place) -> _Items:
    """Return what takes the place of a list that has no row; directives that count on a merge are refused."""
    for position, item in enumerate(patch):
        if is_mapping(item) and PATCH in item and item[PATCH] != Directive.REPLACE:
            raise PatchError(
                (*place.path, position),
                f"`$patch: {item[PATCH]}` cannot work in `{place.name}`: Kubernetes replaces the list whole",
                help=f"write all of `{place.name}`, or use a json6902 patch",
            )
    return settled_list(patch, place.path)


def _merge_list(there: _Items, patch: _Items, place: _Place) -> _Items:
    """Merge a list whose row says so: plain values as a set, mappings by their key."""
    if not _check_items(there, patch, place, place.path):
        unique = {_name(value, ""): value for value in [*there, *patch]}
        return _in_order([*unique.values()], [*unique], _positions(patch, ""), _positions(there, ""))
    key = place.rule.key
    names = _names(there, key)
    gone, items, is_replaced = _apply_item_directives(there, names, patch, place)
    if is_replaced:
        return [settled_map(item, place.item(position).path) for position, item in items]
    merged = [item for item, name in zip(there, names, strict=True) if name not in gone] if gone else list(there)
    names = [name for name in names if name not in gone] if gone else names
    before = _first(names)
    positions = dict(before)
    twins = _twins(names, before)
    for position, item in items:
        below = place.item(position)
        name = _name(item, key)
        found = positions.setdefault(name, len(merged))
        if found == len(merged):
            merged.append(settled_map(item, below.path))
            names.append(name)
            continue
        same = twins.get(name, ())
        times = len(same)
        if times > 1 and not place.rule.also:
            # Of two variables of one name the later counts, and Kubernetes would change the first.
            raise PatchError(
                below.path,
                f"`{item[key]}` stands {times} times in `{place.name}`, and Kubernetes would change the first alone",
                help="leave one of them in the baseline, or use a json6902 patch; for variables there is `env`",
            )
        _refuse_ambiguous(item, [merged[at] for at in same], below, place, is_deleted=False)
        counterpart = merged[found]
        if is_mapping(counterpart):
            merged[found] = _merge_map(counterpart, item, below)
    return _in_order(merged, names, _positions([item for _, item in items], key), before)


def _check_items(there: _Items, patch: _Items, place: _Place, path: Path) -> bool:
    """Return whether the items are mappings, each with its merge key; not so for plain values, or without items.

    Args:
        path: what in the patch asks for the merge, where a fault of the whole list is reported.
    """
    if _item_type(path, there, patch) is not dict:
        return False
    key = place.rule.key
    if not key:
        raise PatchError(path, f"`{place.name}` holds mappings, and Kubernetes has no key to merge them by",
                         help="write the list whole, without directives; it is replaced")  # fmt: skip
    if {type(item.get(key, _NONE)) for item in there if isinstance(item, dict)} & {dict, list}:
        raise PatchError(
            path,
            f"an item of `{place.name}` in the object has no `{key}`, the key by which Kubernetes merges the list",
            help=f"give each item of `{place.name}` its `{key}`",
        )
    for position, item in enumerate(patch):
        if not _has_name(item, key) and not is_marker(item):
            raise PatchError(
                (*place.path, position),
                f"item has no `{key}`, the key by which Kubernetes merges `{place.name}`",
                help=f"give the item its `{key}`",
            )
    return True


def _apply_item_directives(
    there: _Items, names: list[_Name], patch: _Items, place: _Place
) -> tuple[set[_Name], list[tuple[int, _Map]], bool]:
    """Return the names that are deleted, position and item of what is to merge, and whether that is the whole list."""
    gone: set[_Name] = set()
    items: list[tuple[int, _Map]] = []
    is_replaced = False
    key = place.rule.key
    twins: dict[_Name, list[int]] | None = None
    for position, item in enumerate(patch):
        if not is_mapping(item):
            continue
        below = place.item(position)
        match directive_of(item, below.path):
            case Directive.REPLACE:
                refuse_replacing_item(item, below.path)
                is_replaced = True
            case Directive.DELETE:
                name = _name(item, key)
                twins = _twins(names, _first(names)) if twins is None else twins
                if name not in gone:
                    _refuse_ambiguous(item, [there[at] for at in twins.get(name, ())], below, place, is_deleted=True)
                gone.add(name)
            case Directive.MERGE:
                if not is_marker(item):
                    items.append((position, item))
            case _ as never:
                assert_never(never)
    return gone, items, is_replaced


def _refuse_ambiguous(item: _Map, twins: _Items, below: _Place, place: _Place, *, is_deleted: bool) -> None:
    """Refuse an item that means one of several of its key, where Kubernetes takes another one, or deletes all.

    Args:
        twins: the items of its key, where there are several.
    """
    rule = place.rule
    same = [old for old in twins if is_mapping(old)]
    taken = same if is_deleted else same[:1]
    if any(old.get(also) != item[also] for old in taken for also in rule.also if also in item):
        raise PatchError(
            below.path,
            f"{len(same)} items of `{place.name}` have `{rule.key}: {item[rule.key]}`, and Kubernetes merges by that"
            f" key alone: it would {'delete them all' if is_deleted else 'change the first'}",
            help=f"use a json6902 patch, or write all of `{place.name}` after an item `- $patch: replace`",
        )


def _in_order(items: _Items, names: list[_Name], wanted: Mapping[_Name, int], before: Mapping[_Name, int]) -> _Items:
    """Return `items` with those in `wanted` in its order and the others in the order they had `before`.

    The two are interleaved: one of the others comes first where it stood ahead before.
    """
    listed = sorted([(wanted[name], at) for at, name in enumerate(names) if name in wanted])
    others = sorted([(before[name], at) for at, name in enumerate(names) if name not in wanted])
    result: list[int] = []
    taken = 0
    for _, at in listed:
        right = before.get(names[at], -1)
        ahead = bisect_left(others, right, lo=taken, key=itemgetter(0))
        result += [other for _, other in others[taken:ahead]]
        taken = ahead
        result.append(at)
    return [items[at] for at in (*result, *(other for _, other in others[taken:]))]


def _item_type(path: Path, *lists: _Items) -> type | None:
    """Return the one type that all items have, None where there are none."""
    types = {type(item) for items in lists for item in items}
    if len(types) > 1:
        raise PatchError(path, "items of the list differ in type, among themselves or from those in the object")
    if types & {list, type(None)}:
        raise PatchError(path, "a list that merges can hold no lists and no nulls")
    return next(iter(types), None)


# Lists in a given order


def _merge_ordered_lists(result: _Map, patch: _Map, place: _Place) -> frozenset[str]:
    """Merge and order in `result` the lists that the patch has a `$setElementOrder` for; return their names."""
    done = []
    for key, order in patch.items():
        if not key.startswith(SET_ORDER):
            continue
        name = key.removeprefix(SET_ORDER)
        done.append(name)
        there, given = result.get(name, []), patch.get(name, [])
        below = place.key(name)
        if not is_list(order) or not is_list(there) or not is_list(given):
            raise PatchError((*place.path, key), f"`{key}` and `{name}` are lists, in the patch and in the object")
        if name in result or name in patch:
            result[name] = _merge_in_order(there, given, order, below, is_set=name in patch, order_key=key)
    return frozenset(done)


def _merge_in_order(
    there: _Items, given: _Items, order: _Items, place: _Place, *, is_set: bool, order_key: str
) -> _Items:
    """Return a list merged, its items ordered as in `order` and the others where they stood."""
    key = place.rule.key
    order_path = (*place.path[:-1], order_key)
    _check_items(there, given, place, place.path if is_set else order_path)
    _check_order(given, order, place, order_path)
    if not is_set:
        merged = there
    elif place.rule.is_merged and there:
        merged = _merge_list(there, given, place)
    else:
        merged = settled_list(given, place.path)
    # Kubernetes compares with the memory of the old list, where deletions have closed up and additions followed.
    old, names = _positions(there, key), _positions(merged, key)
    kept = [item for item in there if _name(item, key) in names]
    new = [item for item in given if _name(item, key) in names and _name(item, key) not in old]
    before = _positions([*kept, *new][: len(there)], key)
    return _in_order(merged, _names(merged, key), _positions(order, key), before)


def _check_order(given: _Items, order: _Items, place: _Place, order_path: Path) -> None:
    """Refuse a list whose items the order does not name, or names in another order."""
    key, order_key = place.rule.key, order_path[-1]
    for position, entry in enumerate(order):
        if not _has_name(entry, key) if key else isinstance(entry, dict | list):
            by = f"its `{key}`" if key else "itself"
            raise PatchError((*order_path, position), f"`{order_key}` names an item by {by}")
    positions, last = _positions(order, key), -1
    for position, item in enumerate(given):
        if is_mapping(item) and (is_marker(item) or item.get(PATCH) == Directive.DELETE):
            continue
        path = (*place.path, position)
        found = positions.get(_name(item, key))
        if found is None:
            raise PatchError(path, f"{show_value(_name(item, key)[1])} is in `{place.name}` but not in `{order_key}`",
                             help=f"name each item of `{place.name}` in `{order_key}`")  # fmt: skip
        if found <= last:
            raise PatchError(path, f"`{place.name}` and `{order_key}` name items in different orders")
        last = found


# Names of items


def _name(item: object, key: str) -> _Name:
    """Return the value of an item's merge key; the item itself where `key` is ""."""
    value = item.get(key) if key and is_mapping(item) else item
    return (type(value), value)


def _has_name(item: object, key: str) -> bool:
    return is_mapping(item) and key in item and not isinstance(item[key], dict | list)


def _positions(items: _Items, key: str) -> dict[_Name, int]:
    """Return name → position of the first item of that name."""
    return _first(_names(items, key))


def _first(names: list[_Name]) -> dict[_Name, int]:
    return dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))


def _twins(names: list[_Name], first: Mapping[_Name, int]) -> dict[_Name, list[int]]:
    """Return name → positions, of the names that stand several times; `first` has where each stands first."""
    if len(first) == len(names):
        return {}
    found: dict[_Name, list[int]] = {}
    for at, name in enumerate(names):
        found.setdefault(name, []).append(at)
    return {name: places for name, places in found.items() if len(places) > 1}


def _names(items: _Items, key: str) -> list[_Name]:
    """Return the name of each item, as `_name` has it."""
    values = [item.get(key) if isinstance(item, dict) else item for item in items] if key else items
    return [(type(value), value) for value in values]
