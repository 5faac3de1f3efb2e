"""Items of a list are beside those that they are versions of."""

from collections.abc import Iterable

import pytest

from grayc.diff.align import align

RULE = {"match": {"path": "/"}, "to": {"host": "web", "port": 80}}
API = {"match": {"path": "/api"}, "to": {"host": "api", "port": 80}}


def places(before: list[object], after: list[object]) -> list[tuple[int, int]]:
    """Return where items stand on both sides, -1 where there is none, in the order of the lists."""
    old, new = align(before, after)
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    return in_order({**old, **new})


def in_order(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(pairs, key=lambda pair: (max(pair[0], 0) + max(pair[1], 0), pair))


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ([], [], []),
        ([], [1], [(-1, 0)]),
        (["a", "b"], ["z", "a", "b"], [(-1, 0), (0, 1), (1, 2)]),
        (["a", "b", "c"], ["b", "c"], [(0, -1), (1, 0), (2, 1)]),
        (["a", "b"], ["c", "d"], [(0, 0), (1, 1)]),
        (["a", "b"], ["c"], [(0, 0), (1, -1)]),
        ([1], [True], [(0, 0)]),
        ([1, 2], [True, 1, 2], [(-1, 0), (0, 1), (1, 2)]),
        # Both rules change, and each gets another one in front of it.
        ([API, RULE], [{"new": 1}, {**API, "w": 1}, {"new": 2}, {**RULE, "w": 1}], [(-1, 0), (0, 1), (-1, 2), (1, 3)]),
        (["--log=info"], ["--new=1", "--log=warn"], [(-1, 0), (0, 1)]),
    ],
)
def test_places(before: list[object], after: list[object], pairs: list[tuple[int, int]]) -> None:
    assert places(before, after) == pairs
    assert places(after, before) == in_order((to, at) for at, to in pairs)


def test_inner_lists_are_aligned_too() -> None:
    old, new = align({"a": [{"b": [1, 2]}]}, {"a": [{"b": [0, 1, 2]}], "c": [1]})

    assert old == {"a": {(0, 0): {"b": {(0, 1): 1, (1, 2): 2}}}}
    assert new == {"a": {(0, 0): {"b": {(-1, 0): 0, (0, 1): 1, (1, 2): 2}}}, "c": [1]}


def test_long_lists_are_beside_each_other_in_their_order() -> None:
    assert places([*range(3_000)], [*range(1, 3_000)])[:2] == [(0, 0), (1, 1)]
