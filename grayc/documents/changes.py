"""Where two versions of one object differ."""

from collections.abc import Iterator

from grayc.documents.model import Path
from grayc.documents.tree import is_mapping


def touched_paths(before: object, after: object) -> tuple[Path, ...]:
    """Return the paths of all leaves that were added, removed or changed, each once.

    A leaf is a plain value, or a mapping or list that is empty. Where one side has a leaf and the other a mapping or
    list, the leaves of both count. Items of lists are compared by position. Values of different types differ: 1 is
    neither 1.0 nor true. The order is that of `before`, with what only `after` has behind it, level by level.
    """
    return tuple(dict.fromkeys(_touched(before, after, ())))


def _touched(before: object, after: object, path: Path) -> Iterator[Path]:
    if is_mapping(before) and is_mapping(after):
        for key in {**before, **after}:
            if key not in after:
                yield from _leaves(before[key], (*path, key))
            elif key not in before:
                yield from _leaves(after[key], (*path, key))
            else:
                yield from _touched(before[key], after[key], (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        shared = min(len(before), len(after))
        for position in range(shared):
            yield from _touched(before[position], after[position], (*path, position))
        for position, item in enumerate([*before[shared:], *after[shared:]], start=shared):
            yield from _leaves(item, (*path, position))
    elif type(before) is not type(after) or before != after:
        yield from _leaves(before, path)
        yield from _leaves(after, path)


def _leaves(value: object, path: Path) -> Iterator[Path]:
    if is_mapping(value) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield from _leaves(item, (*path, position))
    else:
        yield path
