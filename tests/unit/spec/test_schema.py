"""The schema's file, and what it has against releases."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from grayc.diagnostics import nearest
from grayc.documents.tree import is_mapping
from grayc.k8s.gateways import GatewayName
from grayc.k8s.providers import Provider
from grayc.spec.fit import Schema
from grayc.spec.model import Isolation, Layout
from grayc.spec.schema import (
    MAX_VIOLATIONS,
    ViolationKind,
    check_schema,
    load_schema,
    places_of_fields,
    resolved,
    schema_text,
    walk_fields,
)
from tests.unit.spec.release import ISTIO, MORE, MSE, SMALL, read

DEFINITIONS: Schema = load_schema()["$defs"]


def subschemas(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield every subschema that describes a value of its own, each with its place in the schema's file."""
    yield path, schema
    for name in ("properties", "$defs"):
        for key, inner in schema.get(name, {}).items():
            yield from subschemas(inner, f"{path}/{name}/{key}")
    for at, inner in enumerate(schema.get("oneOf", ())):
        yield from subschemas(inner, f"{path}/oneOf/{at}")
    for name in ("items", "additionalProperties"):
        if is_mapping(schema.get(name)):
            yield from subschemas(schema[name], f"{path}/{name}")


ALL = list(subschemas(load_schema()))
FIELDS = list(walk_fields())


def kinds(data: object) -> list[tuple[ViolationKind, str]]:
    return [(item.kind, ".".join(str(step) for step in item.path)) for item in check_schema(data)]


def with_spec(**spec: object) -> dict[str, object]:
    return {**SMALL, "spec": {**SMALL["spec"], **spec}}  # type: ignore[dict-item]


def test_schema_is_valid_and_names_itself() -> None:
    schema = load_schema()
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "https://grayc.dev/schemas/release.schema.json"
    assert schema_text().endswith("}\n")


@pytest.mark.parametrize(("path", "schema"), ALL, ids=[path or "root" for path, _ in ALL])
def test_every_field_is_described_and_its_examples_are_right(path: str, schema: Schema) -> None:
    description = schema.get("description", "")

    if path.rsplit("/", maxsplit=1)[-1] != "items" or "$ref" not in schema:
        assert description.endswith("."), description
        assert schema.get("examples"), "an example helps more than a description"
    for example in schema.get("examples", ()):
        Draft202012Validator({**schema, "$defs": DEFINITIONS}).validate(example)
    if "default" in schema:
        Draft202012Validator({**schema, "$defs": DEFINITIONS}).validate(schema["default"])


@pytest.mark.parametrize(("path", "schema"), ALL, ids=[path or "root" for path, _ in ALL])
def test_mappings_are_closed_and_values_are_explained(path: str, schema: Schema) -> None:
    if schema.get("type") == "object" and not path.endswith("/merge"):
        assert "additionalProperties" in schema
        assert schema["additionalProperties"] is not True
    if "enum" in schema:
        assert len(schema["enumDescriptions"]) == len(schema["enum"])
    if "pattern" in schema:
        assert schema["patternErrorMessage"]


def test_values_are_those_of_the_model() -> None:
    values = {path[-1]: tuple(schema["enum"]) for path, schema in FIELDS if "enum" in schema}

    assert values["provider"] == tuple(Provider)
    assert values["isolation"] == tuple(Isolation)
    assert values["gateway"] == tuple(GatewayName)
    assert values["layout"] == tuple(Layout)


def test_branches_of_a_union_differ_by_type_or_by_a_required_field() -> None:
    for path, schema in ALL:
        branches = [resolved(branch) for branch in schema.get("oneOf", ())]
        mappings = [branch for branch in branches if branch.get("type") == "object"]
        others = [branch["type"] for branch in branches if branch.get("type") != "object"]
        assert len(others) == len(set(others)), path
        for mapping in mappings if len(mappings) > 1 else ():
            known = {name for other in mappings if other is not mapping for name in other["properties"]}
            assert set(mapping["required"]) - known, path


@pytest.mark.parametrize("text", [MSE, ISTIO], ids=["mse", "istio"])
def test_full_releases_are_right(text: str) -> None:
    assert kinds(read(text).data) == []


def test_full_releases_have_every_field() -> None:
    def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
        yield path
        if isinstance(value, dict):
            for key, item in value.items():
                yield from places(item, (*path, key))
        elif isinstance(value, list):
            for item in value:
                yield from places(item, (*path, 0))

    there = {path for text in (MSE, ISTIO, *MORE) for path in places(read(text).data)}
    missing = [path for path, _ in FIELDS if "*" not in path and path not in there]

    # A step's rules are rules, and patches for the lane alone are patches: all sorts of both stand elsewhere.
    elsewhere = (("spec", "rollout", "steps", 0, "rules"), ("spec", "services", 0, "laneOnly", "patches"))
    assert [path for path in missing if path[:5] not in elsewhere] == []


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({}, [(ViolationKind.MISSING_FIELD, name) for name in ("apiVersion", "kind", "metadata", "spec")]),
        (with_spec(tagg="x"), [(ViolationKind.UNKNOWN_FIELD, "spec.tagg")]),
        (with_spec(tag=1), [(ViolationKind.WRONG_TYPE, "spec.tag")]),
        (with_spec(tag="-"), [(ViolationKind.MISMATCH, "spec.tag")]),
        (with_spec(tag="original"), [(ViolationKind.MISMATCH, "spec.tag")]),
        (with_spec(tag="gray\n"), [(ViolationKind.MISMATCH, "spec.tag")]),
        (with_spec(tag="A" * 64), [(ViolationKind.TOO_LONG, "spec.tag")]),
        (with_spec(baseline=[]), [(ViolationKind.EMPTY, "spec.baseline")]),
        (with_spec(baseline=[{}]), [(ViolationKind.NO_CHOICE, "spec.baseline.0")]),
        (with_spec(output={"layout": "x"}), [(ViolationKind.NOT_ALLOWED, "spec.output.layout")]),
        (with_spec(output={"layout": True}), [(ViolationKind.WRONG_TYPE, "spec.output.layout")]),
        (
            with_spec(services=[{"name": "a", "replicas": -1}]),
            [(ViolationKind.OUT_OF_RANGE, "spec.services.0.replicas")],
        ),
        (
            with_spec(services=[{"name": "a", "from": "b", "workload": "c"}]),
            [(ViolationKind.EXCLUDES, "spec.services.0")],
        ),
        (
            with_spec(services=[{"name": "a", "share": ["A", "A"]}]),
            [(ViolationKind.REPEATED, "spec.services.0.share.1")],
        ),
        (
            with_spec(services=[{"name": "a", "config": {"b": {"c d": "e"}}}]),
            [(ViolationKind.MISMATCH, "spec.services.0.config.b.c d")],
        ),
        (
            with_spec(traffic={"gateway": "mse", "rules": [{"weight": 1}, {"weight": 2}, {"weight": 3}]}),
            [(ViolationKind.TOO_MANY, f"spec.traffic.rules.{at}.weight") for at in (1, 2)],
        ),
        (
            with_spec(traffic={"gateway": "mse", "rules": [{"header": "a", "cookie": "b", "value": 5}]}),
            [(ViolationKind.SEVERAL_CHOICES, "spec.traffic.rules.0")],
        ),
    ],
)
def test_one_mistake_is_one_violation(data: object, wanted: list[tuple[ViolationKind, str]]) -> None:
    assert kinds(data) == wanted


def test_a_misspelt_field_is_not_missing_as_well() -> None:
    assert kinds(with_spec(services=[{"nmae": "web"}])) == [(ViolationKind.UNKNOWN_FIELD, "spec.services.0.nmae")]
    assert kinds(with_spec(services=[{"colour": "web"}])) == [
        (ViolationKind.UNKNOWN_FIELD, "spec.services.0.colour"),
        (ViolationKind.MISSING_FIELD, "spec.services.0.name"),
    ]


def test_a_misspelt_field_that_tells_rules_apart_is_found() -> None:
    data = with_spec(traffic={"gateway": "mse", "rules": [{"heeder": "x", "value": "y"}]})

    assert kinds(data) == [(ViolationKind.UNKNOWN_FIELD, "spec.traffic.rules.0.heeder")]


def test_violations_are_in_order_of_place() -> None:
    places = [item.path for item in check_schema(with_spec(services=[{"name": n % 3} for n in range(12)]))]

    assert places == [("spec", "services", at, "name") for at in range(12)]


def test_the_same_mistakes_are_looked_at_in_every_run() -> None:
    values = {f"V{n:04}": n for n in range(MAX_VIOLATIONS + 500)}
    places = [item.path[-1] for item in check_schema(with_spec(services=[{"name": "a", "env": {"a": values}}]))]

    assert places == list(values)[:MAX_VIOLATIONS]


def test_fields_know_their_places() -> None:
    assert places_of_fields()["gateway"] == ("spec.traffic.gateway", "spec.traffic.entries[].gateway")
    assert places_of_fields()["ingress"] == ("spec.traffic.entries[].ingress",)


def test_a_slip_of_one_letter_finds_the_field() -> None:
    slips = wrong = 0
    for _, schema in ALL:
        known = list(schema.get("properties", ()))
        for name in known:
            for at in range(len(name)):
                before, sign, after = name[:at], name[at], name[at + 1 :]
                slips_here = {
                    before + after,
                    before + "q" + after,
                    before + sign + sign + after,
                    before + after[:1] + sign + after[1:],
                }
                for slip in slips_here - set(known):
                    slips += 1
                    wrong += nearest(slip, known) != name

    assert slips > 1000
    assert wrong / slips < 0.05
