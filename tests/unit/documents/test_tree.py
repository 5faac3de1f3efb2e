"""Plain data read and changed by path, whatever stands on the way."""

import pytest

from grayc.documents import Path
from grayc.documents.tree import can_put, differing, drop, merge_map, position_of, put


@pytest.mark.parametrize(
    ("data", "path", "made"),
    [
        ({}, ("a", "b"), {"a": {"b": 1}}),
        ({"a": None}, ("a", "b"), {"a": {"b": 1}}),
        ({"a": {"c": 2}}, ("a", "b"), {"a": {"c": 2, "b": 1}}),
        ({"a": [{}, {}]}, ("a", 1, "b"), {"a": [{}, {"b": 1}]}),
        ({"a": {"a": None}}, ("a", "a", "a"), {"a": {"a": {"a": 1}}}),
    ],
)
def test_a_value_is_put_where_it_can_stand(data: dict[str, object], path: Path, made: object) -> None:
    assert can_put(data, path)
    assert put(data, path, 1) == made


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": "text"}, ("a", "b")),
        ({"a": 7}, ("a", "b", "c")),
        ({"a": [1]}, ("a", "b")),
        ({"a": [1]}, ("a", 1)),
        ({"a": {"b": 1}}, ("a", 0)),
        ({"a": None}, ("a", 0)),
        ({"a": None}, ("a", "b", 0, "c")),
    ],
)
def test_where_it_can_not_stand_nothing_changes(data: dict[str, object], path: Path) -> None:
    assert not can_put(data, path)
    assert put(data, path, 1) == data
    assert merge_map(data, path, {"x": 1}) == data
    assert drop(data, path) == data or path == ("a", 1)


@pytest.mark.parametrize(
    ("step", "at"), [("0", 0), ("1", 1), ("2", None), ("01", None), ("-1", None), ("²", None), ("9" * 5000, None)]
)
def test_a_step_of_a_pointer_names_an_item_by_its_digits(step: str, at: int | None) -> None:
    assert position_of(["a", "b"], step) == at


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, [("a", "b")]),
        ({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}], "c": 2}, [("a", 1, "b"), ("c",)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a",)]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [("a",)]),
        ({"a": 1}, {"b": 1}, [()]),
        ({"a": {}}, {"a": []}, [("a",)]),
    ],
)
def test_the_smallest_places_that_differ_are_found(one: object, other: object, places: list[object]) -> None:
    assert list(differing(one, other)) == places
