"""Yes or no, by the schema."""

import pytest

from grayc.spec.fit import fits, has_match, repeated


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (1, {"type": "integer"}),
        (1.5, {"type": "number"}),
        (True, {"type": "boolean"}),
        (None, {"type": ["string", "null"]}),
        ("a", {"enum": ["a", "b"]}),
        (True, {"const": True}),
        (5, {"minimum": 5, "maximum": 5}),
        ({"a": 1}, {"properties": {"a": {"type": "integer"}}, "additionalProperties": False}),
        ({"a": 1}, {"additionalProperties": {"type": "integer"}}),
        ([1, True], {"uniqueItems": True}),
        ("a", {"$ref": "#/$defs/letter"}),
        ({"a": 1}, {"if": {"required": ["b"]}, "then": {"required": ["c"]}}),
    ],
)
def test_fits(value: object, schema: dict[str, object]) -> None:
    assert fits(value, schema, {"letter": {"type": "string"}})


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (True, {"type": "integer"}),
        ("1", {"type": "number"}),
        (1, {"const": True}),
        (6, {"maximum": 5}),
        ("", {"minLength": 1}),
        ("ab", {"maxLength": 1}),
        ("b", {"pattern": "^a$"}),
        ("a\n", {"pattern": "^a$"}),
        ([], {"minItems": 1}),
        ([1, 1], {"uniqueItems": True}),
        ({}, {"minProperties": 1}),
        ({}, {"required": ["a"]}),
        ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": False}),
        ({"b": 1}, {"propertyNames": {"const": "a"}}),
        ([1, 1], {"contains": {"const": 1}, "minContains": 0, "maxContains": 1}),
        (1, {"$ref": "#/$defs/letter"}),
        (1, {"not": {"type": "integer"}}),
        (1, {"oneOf": [{"type": "integer"}, {"const": 1}]}),
        (1, {"oneOf": []}),
        (1, {"allOf": [{"type": "string"}]}),
        ({"b": 1}, {"if": {"required": ["b"]}, "then": {"required": ["c"]}}),
    ],
)
def test_does_not_fit(value: object, schema: dict[str, object]) -> None:
    assert not fits(value, schema, {"letter": {"type": "string"}})


def test_a_pattern_ends_where_the_text_does() -> None:
    assert has_match("^a$", "a")
    assert not has_match("^a$", "a\n")
    assert has_match("a", "cab")


def test_repeated_items_are_found_with_the_first_of_them() -> None:
    assert list(repeated(["a", {"b": 1, "c": 2}, "a", {"c": 2, "b": 1}, "a"])) == [(0, 2), (1, 3), (0, 4)]
    assert list(repeated([1, True, "1", 1.5])) == []
