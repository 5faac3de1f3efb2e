"""JSON Schemas of files: what can be asked, and that nothing outside of them is."""

from typing import Any

import pytest

from grayc.conform.custom import kind_of_file, problem_of
from grayc.conform.work import Work

CLOSED = {"type": "object", "additionalProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/definitions/a", "definitions": {"a": CLOSED}},
        {"$id": "https://example.com/a", "properties": {"a": {"$ref": "#/$defs/a~1b"}}, "$defs": {"a/b": CLOSED}},
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 0, "exclusiveMinimum": True},
        {"$schema": "http://json-schema.org/schema#", "properties": {"$ref": {"type": "string"}}},
        {"allOf": [CLOSED], "properties": {"a": {"$ref": "#/allOf/0"}}},
        {"pattern": "^\\p{L}+\\z"},
    ],
)
def test_what_can_be_asked(schema: dict[str, object]) -> None:
    assert problem_of(kind_of_file(schema), Work()) == ""


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"$ref": "https://example.com/a.json"}, "`https://example.com/a.json`"),
        ({"items": {"$ref": "_definitions.json#/a"}}, "`_definitions.json#/a`"),
        ({"items": [{"$ref": "file:///etc/hostname"}]}, "`file:///etc/hostname`"),
        ({"properties": {"a": {"$ref": "#/definitions/a"}}}, "`#/definitions/a`"),
        ({"properties": {"a": {"type": "strng"}}}, "`properties.a.type`"),
        ({"properties": [1]}, "`properties`"),
        ({"pattern": "("}, "`pattern`"),
    ],
)
def test_what_can_not_be_asked(schema: dict[str, object], told: str) -> None:
    assert told in problem_of(kind_of_file(schema), Work())


def test_what_engines_read_each_in_their_own_way_is_left_out() -> None:
    schema: dict[str, Any] = {
        "$schema": "https://example.com/own",
        "$id": "https://example.com/a",
        "properties": {"format": {"format": "ipv4", "default": 1}, "id": {"enum": [{"format": 1}]}},
        "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}],
        "not": {"format": "int32", "type": "integer"},
    }

    assert kind_of_file(schema).schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"format": {}, "id": {"enum": [{"format": 1}]}},
        "not": {"type": "integer"},
    }
