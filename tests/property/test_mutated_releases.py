"""Whatever a release holds, it loads or has errors, and the quick answer about it is the schema's."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from grayc.diagnostics import has_errors
from grayc.source import SourceFile
from grayc.spec.fit import fits
from grayc.spec.load import load_spec
from grayc.spec.schema import check_schema, load_schema, walk_fields
from tests.unit.spec.release import ISTIO, MSE, read

RELEASES = [read(MSE).data, read(ISTIO).data]
WORDS = sorted({str(path[-1]) for path, _ in walk_fields() if isinstance(path[-1], str)})

EXAMPLES = [example for _, schema in walk_fields() for example in schema["examples"]]

ODD = ["", "original", "gray\n", "a -> b", "(", "none"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(ODD),
)
KEYS = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NODES = st.recursive(
    SCALARS | st.sampled_from(EXAMPLES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        found += places(node[key], (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a right release in which up to four nodes are deleted, replaced, renamed, doubled or new."""
    data: Any = copy.deepcopy(draw(st.sampled_from(RELEASES)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(data) or [("spec",)]))
        parent = data
        for step in path[:-1]:
            parent = parent[step]
        last: Any = path[-1]
        # What is drawn belongs to others, who would see it change.
        node = copy.deepcopy(draw(NODES))
        match draw(st.sampled_from(["delete", "replace", "rename", "double", "insert"])):
            case "delete" if last in parent or isinstance(parent, list):
                del parent[last]
            case "rename" if isinstance(parent, dict):
                parent[draw(st.sampled_from(WORDS))] = parent.pop(last, None)
            case "double" if isinstance(parent, list):
                parent.insert(last, copy.deepcopy(parent[last]))
            case "insert" if isinstance(parent, list):
                parent.insert(last, node)
            case "insert":
                parent[draw(st.sampled_from(WORDS))] = node
            case _:
                parent[last] = node
    return data  # type: ignore[no-any-return]


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_a_release_loads_or_has_errors_whose_places_are_in_the_file(data: dict[str, Any]) -> None:
    text = json.dumps(data, indent=1)
    checked = load_spec(SourceFile(name="release.yaml", text=text))

    assert (checked.value is None) is has_errors(checked.diagnostics)
    lines = text.split("\n")
    for diagnostic in checked.diagnostics:
        assert diagnostic.span is not None
        line = lines[diagnostic.span.line - 1]
        assert 1 <= diagnostic.span.column <= diagnostic.span.column - 1 + diagnostic.span.length <= max(len(line), 1)
        assert diagnostic.message
    assert list(checked.diagnostics) == sorted(checked.diagnostics, key=lambda item: item.order)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_quick_answer_is_the_answer_of_the_schema(data: dict[str, Any]) -> None:
    quick = fits(data, load_schema(), load_schema()["$defs"])

    assert quick is (check_schema(data) == ())
    # The library's own patterns let a last line end pass.
    if "\\n" not in json.dumps(data):
        assert quick is Draft202012Validator(load_schema()).is_valid(data)


@pytest.mark.parametrize("data", RELEASES, ids=["mse", "istio"])
def test_one_field_less_or_other_is_one_violation_at_most(data: dict[str, Any]) -> None:
    """A law of the schema's words: one mistake, one violation."""
    for path in places(data):
        for change in ("delete", "number", "mapping"):
            broken: Any = copy.deepcopy(data)
            parent = broken
            for step in path[:-1]:
                parent = parent[step]
            if change == "delete":
                del parent[path[-1]]
            else:
                parent[path[-1]] = -1.5 if change == "number" else {}
            found = check_schema(broken)
            limit = 3 if change == "mapping" else 1  # each of the fields that a mapping must have is missing
            assert len(found) <= limit, (path, change, found)
