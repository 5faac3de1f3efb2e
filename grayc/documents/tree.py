"""Read and change plain data by path; a change makes a new tree and shares what it did not touch."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from grayc.documents.chunk import Path
from grayc.k8s.numbers import read_integer

_POSITION = re.compile(r"0|[1-9][0-9]*")


def is_mapping(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether `value` is a mapping of a document."""
    return isinstance(value, dict)


def get(data: object, path: Path) -> object:
    """Return the value at `path`, or None where there is none."""
    for step in path:
        if isinstance(data, dict):
            # Keys are texts: it has nothing at a position.
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            data = data[step]
        else:
            return None
    return data


def get_map(data: object, path: Path) -> dict[str, object]:
    """Return the mapping at `path`, or an empty one where there is none."""
    value = get(data, path)
    return value if is_mapping(value) else {}


def get_list(data: object, path: Path) -> list[object]:
    """Return the list at `path`, or an empty one where there is none."""
    value = get(data, path)
    return value if isinstance(value, list) else []


def get_text(data: object, path: Path) -> str:
    """Return the string at `path`, or "" where there is none."""
    value = get(data, path)
    return value if isinstance(value, str) else ""


def can_put(data: object, path: Path) -> bool:
    """Tell whether a value can stand at `path`: no step on the way meets a single value, or a list that lacks it."""
    for at, step in enumerate(path):
        if isinstance(step, int):
            if not isinstance(data, list) or not 0 <= step < len(data):
                return False
            data = data[step]
        elif data is None:
            return all(isinstance(later, str) for later in path[at:])
        elif is_mapping(data):
            data = data.get(step)
        else:
            return False
    return True


def put(data: dict[str, object], path: Path, value: object) -> dict[str, object]:
    """Return `data` with `value` at `path`; mappings on the way are made where missing, in last place.

    Where a step meets a value that is no mapping or list, or a list without that position, `data` stays as it is:
    `can_put` tells. Of fields that `k8s.structure` lists none does, since the reader refuses such an object.
    """
    result = _put(data, path, value) if can_put(data, path) else data
    return result if is_mapping(result) else data


def _put(node: object, path: Path, value: object) -> object:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = node if isinstance(node, list) else []
        return [_put(item, rest, value) if at == step else item for at, item in enumerate(items)]
    fields = node if is_mapping(node) else {}
    return {**fields, step: _put(fields.get(step), rest, value)}


def drop(data: dict[str, object], path: Path) -> dict[str, object]:
    """Return `data` without the key or position at `path`; unchanged where it has none."""
    parent = get(data, path[:-1])
    last = path[-1]
    if isinstance(parent, dict) and last in parent:
        kept: object = {key: value for key, value in parent.items() if key != last}
    elif isinstance(parent, list) and isinstance(last, int) and 0 <= last < len(parent):
        kept = [item for at, item in enumerate(parent) if at != last]
    else:
        return data
    if len(path) == 1:
        return kept if is_mapping(kept) else data
    return put(data, path[:-1], kept)


def merge_map(data: dict[str, object], path: Path, entries: Mapping[str, object]) -> dict[str, object]:
    """Return `data` with `entries` set in the mapping at `path`; keys there already keep their place."""
    return put(data, path, {**get_map(data, path), **entries})


def matches(data: object, pattern: tuple[str, ...]) -> Iterator[tuple[Path, object]]:
    """Return path and value for every place a pattern names.

    A pattern's steps are keys, `[*]` for every item of a list and `.*` for every value of a mapping.
    """
    found: list[tuple[Path, object]] = [((), data)]
    for step in pattern:
        if step == "[*]":
            found = [
                ((*at, position), item)
                for at, node in found
                if isinstance(node, list)
                for position, item in enumerate(node)
            ]
        elif step == ".*":
            found = [((*at, key), item) for at, node in found if isinstance(node, dict) for key, item in node.items()]
        else:
            found = [((*at, step), node[step]) for at, node in found if isinstance(node, dict) and step in node]
        if not found:
            break
    return iter(found)


def differing(one: object, other: object) -> Iterator[Path]:
    """Yield the smallest places at which two values differ, in order; where parts are missing, the whole is one."""
    todo: list[tuple[Path, object, object]] = [((), one, other)]
    while todo:
        path, left, right = todo.pop()
        if left == right and type(left) is type(right):
            continue
        if is_mapping(left) and is_mapping(right) and left.keys() == right.keys():
            todo += [((*path, key), left[key], right[key]) for key in reversed(left)]
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            todo += [((*path, at), left[at], right[at]) for at in reversed(range(len(left)))]
        else:
            yield path


def position_of(items: Sequence[object], step: str) -> int | None:
    """Return which item of a list a step of a JSON pointer names, None where it names none.

    Source: RFC 6901, 4: digits without a zero before them.
    """
    at = read_integer(step) if _POSITION.fullmatch(step) else None
    return at if at is not None and at < len(items) else None


def show_path(path: Path) -> str:
    """Return a path as users write it: `spec.rules[0].host`; keys with dots in brackets and quotes."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif any(sign in step for sign in ".[]/ "):
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text
