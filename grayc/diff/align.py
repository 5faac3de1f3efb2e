"""Which items of two lists are versions of each other, so that one that comes or goes does not change all behind it.

Lists with a key are none any more by then: what is left has nothing but its order to go by.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from grayc.documents.tree import is_mapping

_MOST_ITEMS = 2_000
"""Of a list whose items are looked for in the other one."""

_MOST_EQUAL = 50_000
"""Pairs of equal items in lists whose items are looked for in the other one."""

_MOST_PAIRS = 2_500
"""Pairs of items that are weighed against each other where none are equal."""

_Pair = tuple[int, int]
"""Position on the old side and on the new one, -1 where there is none."""


def align(before: object, after: object) -> tuple[object, object]:
    """Return two values with every list that both have as a mapping: positions on both sides → item."""
    if is_mapping(before) and is_mapping(after):
        both = {key: align(item, after[key]) for key, item in before.items() if key in after}
        return _with(before, both, 0), _with(after, both, 1)
    if isinstance(before, list) and isinstance(after, list):
        old: dict[_Pair, object] = {}
        new: dict[_Pair, object] = {}
        for at, to in _pairs(before, after):
            if to < 0:
                old[at, to] = before[at]
            elif at < 0:
                new[at, to] = after[to]
            else:
                old[at, to], new[at, to] = align(before[at], after[to])
        return old, new
    return before, after


def _with(whole: Mapping[str, object], both: Mapping[str, tuple[object, object]], side: int) -> dict[str, object]:
    return {key: both[key][side] if key in both else item for key, item in whole.items()}


def _pairs(before: Sequence[object], after: Sequence[object]) -> Iterator[_Pair]:
    """Yield all items of both lists in their order: those that are equal together, the others by what they share."""
    old, new = [_text(item) for item in before], [_text(item) for item in after]
    counts = Counter(new)
    if max(len(old), len(new)) > _MOST_ITEMS or sum(counts[item] for item in old) > _MOST_EQUAL:
        yield from _alike(before, after, 0, 0)
        return
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, at, at_end, to, to_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(at, at_end), range(to, to_end), strict=True)
        else:
            yield from _alike(before[at:at_end], after[to:to_end], at, to)


def _alike(before: Sequence[object], after: Sequence[object], at: int, to: int) -> Iterator[_Pair]:
    """Yield the items of two lists, as many as can be beside one that has much in common with it."""
    rows, columns = len(before), len(after)
    shared = min(rows, columns)
    if rows * columns <= 1 or rows * columns > _MOST_PAIRS:
        yield from ((at + step, to + step) for step in range(shared))
        yield from ((at + step, -1) for step in range(shared, rows))
        yield from ((-1, to + step) for step in range(shared, columns))
        return
    old, new = ([Counter(_leaves(item)) for item in items] for items in (before, after))
    # best[row][column]: what the pairs from there on have in common.
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    likeness = _likenesses(old, new)
    for row in reversed(range(rows)):
        alike, here, below = likeness[row], best[row], best[row + 1]
        for column in reversed(range(columns)):
            here[column] = max(alike[column] + below[column + 1], below[column], here[column + 1])
    row = column = 0
    while row < rows and column < columns:
        if best[row][column] == likeness[row][column] + best[row + 1][column + 1]:
            yield at + row, to + column
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            yield at + row, -1
            row += 1
        else:
            yield -1, to + column
            column += 1
    yield from ((at + rest, -1) for rest in range(row, rows))
    yield from ((-1, to + rest) for rest in range(column, columns))


def _likenesses(old: Sequence[Counter[str]], new: Sequence[Counter[str]]) -> list[list[float]]:
    """Return for each old item how much of each new one it has, by their leaves.

    That is how much of the smaller is in the larger, more where little else is; never 0, so that all are paired. Items
    are looked up by leaf: most pairs have nothing in common, and cost nothing.
    """
    holders: dict[str, list[tuple[int, int]]] = {}
    for column, leaves in enumerate(new):
        for leaf, count in leaves.items():
            holders.setdefault(leaf, []).append((column, count))
    sizes = [leaves.total() for leaves in new]
    found = []
    for leaves in old:
        size, common = leaves.total(), [0] * len(new)
        for leaf, count in leaves.items():
            for column, other in holders.get(leaf, ()):
                common[column] += min(count, other)
        found.append(
            [
                (1 + shared) / (1 + min(size, other)) + shared / (1 + size + other)
                for shared, other in zip(common, sizes, strict=True)
            ]
        )
    return found


def _leaves(value: object, path: str = "") -> Iterator[str]:
    """Yield the plain values of an item with their places; of an argument its flag too."""
    if is_mapping(value):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield f"{path}={_text(value)}"
        if isinstance(value, str) and "=" in value:
            yield f"{path}={value.partition('=')[0]}"


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
