"""`touched_paths` names every leaf by which two versions of an object differ."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grayc.documents.changes import touched_paths
from grayc.documents.model import Path


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({}, {}, ()),
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ()),
        ({"a": 1}, {"a": 2}, (("a",),)),
        ({"a": 1}, {}, (("a",),)),
        ({}, {"a": {"b": 1, "c": [2, {"d": 3}]}}, (("a", "b"), ("a", "c", 0), ("a", "c", 1, "d"))),
        ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": 1, "d": 3}}}, (("a", "b", "d"),)),
        ({"a": [1, 2, 3]}, {"a": [1, 9]}, (("a", 1), ("a", 2))),
        ({"a": [1]}, {"a": [1, {"b": 2}]}, (("a", 1, "b"),)),
        ({"a": {"b": 1}}, {"a": {}}, (("a", "b"),)),
        ({}, {"a": {}}, (("a",),)),
        ({}, {"a": []}, (("a",),)),
        ({"a": {}}, {"a": []}, (("a",),)),
        ({"a": 1}, {"a": {"b": 2}}, (("a",), ("a", "b"))),
        ({"a": {"b": 2}}, {"a": None}, (("a", "b"), ("a",))),
        ({"a": None}, {}, (("a",),)),
    ],
)
def test_leaves_that_differ(before: object, after: object, paths: tuple[Path, ...]) -> None:
    assert touched_paths(before, after) == paths


@pytest.mark.parametrize(("before", "after"), [(1, True), (0, False), (1, 1.0), ("1", 1), (None, False), ("", None)])
def test_values_of_different_types_differ(before: object, after: object) -> None:
    assert touched_paths({"a": before}, {"a": after}) == (("a",),)


def test_keys_come_in_the_order_of_before_and_new_ones_last() -> None:
    assert touched_paths({"b": 1, "a": 1}, {"c": 1, "a": 2, "b": 2}) == (("b",), ("a",), ("c",))


KEYS = st.sampled_from("abc")
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=10,
)


def canonical(value: object) -> object:
    """Return a form in which values of different types are unequal and the order of keys does not count."""
    if isinstance(value, dict):
        return ("map", sorted((key, canonical(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", [canonical(item) for item in value])
    return repr(value)


@given(before=VALUES, after=VALUES)
def test_nothing_is_touched_exactly_where_both_are_the_same(before: object, after: object) -> None:
    kept = copy.deepcopy((before, after))

    paths = touched_paths(before, after)

    assert (not paths) == (repr(canonical(before)) == repr(canonical(after)))
    assert len(set(paths)) == len(paths)
    assert set(paths) == set(touched_paths(after, before))
    assert (before, after) == kept
