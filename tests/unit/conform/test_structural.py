"""CustomResourceDefinitions as JSON Schema; each row is what a kube-apiserver 1.37.2 said of such an object."""

import json
from typing import Any

import pytest

from grayc.conform.custom import problem_of
from grayc.conform.schemas import Schemas, load_schemas
from grayc.conform.structural import kind_of_definition, versions_of
from grayc.conform.with_jsonschema import conform
from grayc.conform.work import Work
from grayc.documents import Document
from tests.unit.conform.test_schemas import CRD
from tests.unit.diff.objects import documents

TEXT = {"type": "string"}
KEPT = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
INT_OR_STRING = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
ONE_OF_TWO = {"oneOf": [{"required": ["x"]}, {"required": ["y"]}]}
FIELDS: dict[str, Any] = {
    "text": TEXT,
    "needed": TEXT,
    "given": {"type": "string", "default": "x"},
    "word": {"type": "string", "enum": ["x"]},
    "word-or-none": {"type": "string", "enum": ["x"], "nullable": True},
    "list": {"type": "array", "items": TEXT},
    "map": {"type": "object", "additionalProperties": TEXT},
    "closed": {"type": "object"},
    "kept": {**KEPT, "properties": {"text": TEXT}},
    "port": INT_OR_STRING,
    "port-or-none": {**INT_OR_STRING, "nullable": True},
    "above": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
    "letters": {"type": "string", "pattern": "^\\p{L}+$"},
    "one": {"type": "object", "nullable": True, "properties": {"x": TEXT, "y": TEXT}, **ONE_OF_TWO},
    "address": {
        "type": "object",
        "properties": {"type": {"type": "string", "default": "IP"}, "value": TEXT},
        "oneOf": [{"properties": {"type": {"enum": ["IP"]}}}, {"properties": {"type": {"not": {"enum": ["IP"]}}}}],
    },
    "ip": {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
    "object": {**KEPT, "x-kubernetes-embedded-resource": True},
}
STRUCTURAL: dict[str, object] = {
    "type": "object",
    "properties": {"spec": {"type": "object", "required": ["needed", "given"], "properties": FIELDS}},
}


TAKEN: tuple[tuple[dict[str, object], bool], ...] = (
    ({}, True),
    ({"text": None}, True),
    ({"word": None}, True),
    ({"word-or-none": None}, False),
    ({"needed": None}, False),
    ({"given": None}, True),
    ({"list": [None]}, False),
    ({"map": {"a": None}}, True),
    ({"closed": {"x": 1}}, False),
    ({"kept": {"text": None, "x": None}}, True),
    ({"kept": {"text": 1}}, False),
    ({"port": None}, True),
    ({"port": "http"}, True),
    ({"port": True}, False),
    ({"port-or-none": None}, True),
    ({"above": 0}, False),
    ({"above": 1}, True),
    ({"letters": "é"}, True),
    ({"letters": "e\n"}, False),
    ({"one": None}, True),
    ({"one": {}}, False),
    ({"address": {"value": "x"}}, True),
    ({"ip": "::1"}, True),
    ({"object": {"apiVersion": "v1", "kind": "A", "metadata": {"lables": {}}}}, False),
)
"""Fields of an object, and whether the server takes it."""


def made(spec: object, **more: object) -> tuple[Document, ...]:
    found = {"apiVersion": "example.com/v1", "kind": "Cache", "metadata": {"name": "a"}, "spec": spec, **more}
    return documents(json.dumps(found))


def schemas() -> Schemas:
    kind = kind_of_definition(STRUCTURAL)
    assert problem_of(kind, Work()) == ""
    return load_schemas("1.37", {"example.com/v1/cache": kind})


def is_taken(spec: object, **more: object) -> bool:
    return not conform(made(spec, **more), schemas()).mismatches


@pytest.mark.parametrize(("spec", "taken"), TAKEN)
def test_what_the_server_takes(spec: dict[str, object], taken: bool) -> None:
    assert is_taken({"needed": "x", **spec}) is taken


def test_what_stands_beside_the_fields() -> None:
    spec = {"needed": "x"}
    assert is_taken(spec)
    assert not is_taken(spec, status={})
    assert not is_taken(spec, metadata={"name": "a", "lables": {}})
    assert not is_taken(spec, metadata={"name": "a", "labels": {"a": 1}})
    assert is_taken(spec, metadata={"name": "a", "labels": None})


def test_a_version_that_is_not_served_has_no_schema() -> None:
    (served,) = documents(CRD)
    assert [key for key, _ in versions_of(served)] == ["example.com/v1/cache"]
    (other,) = documents(CRD.replace("- name: v1", "- name: v1\n      served: false"))
    assert list(versions_of(other)) == []


def test_a_definition_refuses_what_the_server_would_drop() -> None:
    ((key, structural),) = versions_of(documents(CRD)[0])
    schema = kind_of_definition(structural).schema

    assert key == "example.com/v1/cache"
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    spec = schema["properties"]["spec"]
    assert spec["additionalProperties"] is False
    assert spec["properties"] == {
        "port": {"type": ["integer", "string"]},
        "free": {"type": "object"},
        "many": {"type": "object", "additionalProperties": {"type": "integer"}},
        "none": {"type": ["string", "null"]},
    }
