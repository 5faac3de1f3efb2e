"""The six operations of RFC 6902, and how each mistake is refused."""

import copy
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grayc.documents.chunk import Path
from grayc.documents.json_patch import PatchError, json_patch
from grayc.documents.limits import MAX_DEPTH
from grayc.documents.tree import get
from tests.vectors import rows

Map = dict[str, Any]


def patch(target: Map, *operations: Map) -> Map:
    """Patch, and see that neither side was changed."""
    before = copy.deepcopy((target, operations))
    result = json_patch(target, operations)
    assert (target, operations) == before
    return result


def refusal(target: Map, *operations: Any) -> PatchError:
    with pytest.raises(PatchError) as caught:
        patch(target, *operations)
    assert caught.value.message
    return caught.value


class Done(NamedTuple):
    target: Map
    operation: Map
    expected: Map | None


@pytest.mark.parametrize(Done._fields, rows(__file__, "json_patch.yaml", Done, table="done"))
def test_an_operation_does_what_the_rfc_says(target: Map, operation: Map, expected: Map | None) -> None:
    result = patch(target, operation)
    assert result == (target if expected is None else expected)
    assert [*result] == [*(target if expected is None else expected)]


def test_operations_see_what_the_earlier_ones_left() -> None:
    result = patch(
        {"a": ["x"]},
        {"op": "add", "path": "/b", "value": {}},
        {"op": "move", "from": "/a/0", "path": "/b/c"},
        {"op": "test", "path": "/a", "value": []},
        {"op": "copy", "from": "/b/c", "path": "/a/-"},
    )
    assert result == {"a": ["x"], "b": {"c": "x"}}


def test_no_operations_change_nothing() -> None:
    assert patch({"a": 1}) == {"a": 1}


def test_a_value_that_a_later_operation_changes_stays_as_it_is_in_the_patch() -> None:
    value: Map = {"x": 1}
    patch({}, {"op": "add", "path": "/a", "value": value}, {"op": "add", "path": "/a/y", "value": 2})
    assert value == {"x": 1}


def test_copies_are_independent() -> None:
    result = patch({"a": {}}, {"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/b/c", "value": 1})
    assert result == {"a": {}, "b": {"c": 1}}


TARGET: Map = {"spec": {"list": [{"name": "a"}, {"name": "b"}], "empty": [], "text": "x", "nothing": None, "one": 1}}


class Mistake(NamedTuple):
    operation: object
    path: Path


MISTAKES = [
    *rows(__file__, "json_patch.yaml", Mistake, table="mistakes"),
    Mistake({"op": "add", "path": "/spec/list/" + "9" * 5000, "value": 1}, ("path",)),
]


@pytest.mark.parametrize(Mistake._fields, MISTAKES)
def test_a_mistake_is_refused_at_its_place_in_its_operation(operation: Any, path: Path) -> None:
    fits = {"op": "test", "path": "/spec/text", "value": "x"}
    assert refusal(TARGET, fits, operation).path == (1, *path)


@pytest.mark.parametrize(
    ("operation", "hint"),
    [
        ({"op": "remove", "path": "/spec/lst"}, "`list`"),
        ({"op": "replace", "path": "/spec/new", "value": 1}, "`add`"),
        ({"op": "replace", "path": "/spec/list/7", "value": 1}, "0 to 1"),
        ({"op": "replace", "path": "/spec/list/7", "value": 1}, "1 is `b`"),
        ({"op": "add", "path": "/spec/list/b", "value": 1}, "`-`"),
        ({"op": "add", "path": "/metadata/labels", "value": {}}, "`/metadata`"),
        ({"op": "rmove", "path": "/spec"}, "`remove`"),
        ({"op": "add", "path": "/spec/a~b", "value": 1}, "`~0`"),
    ],
)
def test_the_help_says_what_there_is_instead(operation: Map, hint: str) -> None:
    assert hint in refusal(TARGET, operation).help


def nested(depth: int) -> Map:
    value: Map = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "copy", "from": "", "path": f"/a{number}"} for number in range(60)],
        [{"op": "copy", "from": "/spec", "path": "/spec/list/-"}] * 60,
        [{"op": "add", "path": "/spec" + "/a" * depth, "value": {}} for depth in range(1, 3 * MAX_DEPTH)],
        [{"op": "add", "path": "/spec" + "/a" * MAX_DEPTH, "value": 1}],
        [{"op": "add", "path": "/spec/a", "value": nested(MAX_DEPTH)}],
    ],
    ids=["doubling", "doubling in a list", "one level at a time", "long path", "deep value"],
)
def test_an_object_grows_no_deeper_and_no_larger_than_one_that_is_read(operations: list[Map]) -> None:
    assert refusal(TARGET, *operations).path[0] in range(len(operations))


POINTERS = st.lists(
    st.sampled_from(["a", "b", "0", "1", "2", "-", "-1", "01", "", "~0", "~1", "~2", "~", "x"]), max_size=3
).map(lambda steps: "".join(f"/{step}" for step in steps))
SCALARS = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "/a", 1.0])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("ab01-~/"), below, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["add", "remove", "replace", "move", "copy", "test"])
OPERATIONS = st.fixed_dictionaries(
    {"op": NAMES, "path": POINTERS}, optional={"value": VALUES, "from": POINTERS}
) | st.dictionaries(st.sampled_from(["op", "path", "from", "value"]), NAMES | POINTERS | VALUES)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from("ab01-~/"), VALUES, max_size=4)


@given(target=OBJECTS, operations=st.lists(OPERATIONS | VALUES, max_size=4))
def test_any_patch_applies_or_is_refused_at_a_place_that_it_has(target: Map, operations: list[Any]) -> None:
    before = copy.deepcopy((target, operations))
    try:
        assert isinstance(json_patch(target, operations), dict)
    except PatchError as error:
        parent = get(operations, error.path[:-1])
        assert isinstance(parent, list | dict)
        assert error.path[-1] in (range(len(parent)) if isinstance(parent, list) else parent)
    assert (target, operations) == before


def inverse(target: Map, operation: Map) -> Callable[[Map], Map]:
    if operation["op"] == "add":
        return lambda after: json_patch(after, [{"op": "remove", "path": operation["path"]}])
    value = target[operation["path"][1:]]
    return lambda after: json_patch(after, [{"op": "add", "path": operation["path"], "value": value}])


@given(target=st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1), value=VALUES, data=st.data())
def test_remove_undoes_add_and_add_undoes_remove(target: Map, value: Any, data: st.DataObject) -> None:
    operation: Map = data.draw(
        st.sampled_from(sorted(target)).map(lambda key: {"op": "remove", "path": f"/{key}"})
        | st.just({"op": "add", "path": "/new", "value": value})
    )
    undone = inverse(target, operation)(json_patch(target, [operation]))
    assert json.dumps(undone, sort_keys=True) == json.dumps(target, sort_keys=True)
