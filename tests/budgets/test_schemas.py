"""What schemas of custom kinds may cost, and that no pattern of theirs meets an engine that runs away."""

import json
from pathlib import Path
from typing import Any

import pytest

from grayc.conform import work
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import Object, release

SLOW = "^(a+)+$"
NEARLY = "a" * 40 + "!"


def _doubling(word: str, levels: int = 24) -> Object:
    """Return definitions of which each asks the next twice."""
    made: dict[str, Any] = {
        f"d{at}": {word: [{"$ref": f"#/definitions/d{at + 1}"}, {"$ref": f"#/definitions/d{at + 1}"}]}
        for at in range(levels)
    }
    return {
        "definitions": {**made, f"d{levels}": {"type": "string" if word == "anyOf" else "object"}},
        "allOf": [{"$ref": "#/definitions/d0"}],
    }


def _asked(folder: Path, schema: Object, spec: Object | None = None) -> list[str]:
    kept = {"apiVersion": "x.io/v1", "kind": "Foo", "metadata": {"name": "foo", "namespace": "shop"}}
    lay_out(
        folder,
        [deployment(), {**kept, "spec": spec or {NEARLY: 1}}],
        release=release(services=[{"name": "web", "from": "baseline/"}]),
    )
    (folder / "schemas" / "x.io").mkdir(parents=True)
    (folder / "schemas" / "x.io" / "foo_v1.json").write_text(json.dumps(schema))
    return ["validate", "release.yaml", "--crd-schemas", "schemas", "--engine", "jsonschema", "-f", "json"]


def _spec(schema: Object) -> Object:
    return {"type": "object", "properties": {"spec": schema}}


@pytest.mark.parametrize(
    ("schema", "spec", "codes"),
    [
        pytest.param(_spec({"patternProperties": {SLOW: {}}}), None, set(), id="patternProperties"),
        pytest.param(
            _spec({"patternProperties": {SLOW: {}}, "additionalProperties": False}),
            None,
            {"GC721"},
            id="additionalProperties beside patternProperties",
        ),
        pytest.param(_spec({"propertyNames": {"pattern": SLOW}}), None, {"GC721"}, id="propertyNames"),
        pytest.param(
            {**_spec({"patternProperties": {SLOW: {}}, "additionalProperties": False}), "allOf": [{"$ref": "#"}]},
            None,
            {"GC725"},
            id="a reference to the root",
        ),
        pytest.param(
            {
                "properties": {"spec": {"$ref": "#"}},
                "patternProperties": {SLOW: {}, "^(api|kind|meta|spec)": {}},
                "additionalProperties": False,
            },
            None,
            {"GC721"},
            id="a reference to the root from below",
        ),
        pytest.param(
            _spec({"patternProperties": {SLOW: {}}, "unevaluatedProperties": False}), None, {"GC725"}, id="unevaluated"
        ),
        pytest.param(_spec({"patternProperties": {"(?=a)": {}}}), None, {"GC725"}, id="what RE2 does not read"),
        *(pytest.param(_doubling(word), None, {"GC726"}, id=f"{word} doubles") for word in ("allOf", "anyOf", "oneOf")),
        pytest.param(
            _spec({"allOf": [{"type": "string"}] * 20_000}), {"a": "x" * 300_000}, {"GC726"}, id="words of errors"
        ),
        pytest.param(
            _spec({"properties": {"a": {"uniqueItems": True}}}),
            {"a": [{"n": n} for n in range(50_000)]},
            set(),
            id="unique items",
        ),
        pytest.param(
            _spec({"properties": {"a": {"items": {"enum": [f"v{n}" for n in range(40_000)]}}}}),
            {"a": [f"w{n}" for n in range(20_000)]},
            {"GC726"},
            id="an enumeration",
        ),
        pytest.param(_spec({"pattern": r"\pL{99}"}), None, set(), id="a large pattern"),
        pytest.param(
            _spec({"properties": {f"p{n}": {"pattern": rf"\pL{{99}}{n}"} for n in range(5_000)}}),
            None,
            {"GC726"},
            id="large patterns",
        ),
        pytest.param(
            _spec({"properties": {f"p{n}": {"type": "string", "maxLength": n} for n in range(15_000)}}),
            None,
            {"GC726"},
            id="many kinds of parts",
        ),
        pytest.param(
            _spec({"properties": {f"p{n}": {"type": "string"} for n in range(20_000)}}), None, set(), id="many fields"
        ),
        pytest.param(
            _spec({"properties": {"a": {"pattern": "[ab]*a[ab]{500}c"}}}), {"a": "ab" * 300_000}, {"GC721"}, id="a text"
        ),
    ],
)
def test_a_schema_costs_little_or_is_not_asked(
    tmp_path: Path, schema: Object, spec: Object | None, codes: set[str]
) -> None:
    cost = cost_of(_asked(tmp_path, schema, spec), folder=tmp_path)
    assert_cheap(cost)
    found = {item["code"] for item in json.loads(cost.stdout)["diagnostics"]}
    assert {code for code in found if code.startswith("GC72")} - {"GC722"} == codes


def _defaults(levels: int, width: int) -> Object:
    """Return a structural schema in which each value gets a mapping of many, and each of these one of its own."""
    made: Object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    for _ in range(levels):
        filled = {**made, "default": {f"k{number}": {} for number in range(width)}}
        made = {"type": "object", "additionalProperties": {"type": "object", "properties": {"x": filled}}}
    return made


@pytest.mark.parametrize(("levels", "width", "codes"), [(4, 200, {"GC726"}), (1, 200, set())])
def test_defaults_come_to_little_or_are_not_made(tmp_path: Path, levels: int, width: int, codes: set[str]) -> None:
    arguments = _asked(tmp_path, {}, {"a": {}})
    (tmp_path / "schemas" / "x.io" / "foo_v1.json").unlink()
    version = {"name": "v1", "served": True, "schema": {"openAPIV3Schema": _spec(_defaults(levels, width))}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "foos.x.io"},
        "spec": {"group": "x.io", "names": {"kind": "Foo"}, "versions": [version]},
    }
    (tmp_path / "schemas" / "foo.json").write_text(json.dumps(definition))

    cost = cost_of(arguments, folder=tmp_path)

    assert_cheap(cost)
    found = {item["code"] for item in json.loads(cost.stdout)["diagnostics"]}
    assert {code for code in found if code.startswith("GC72")} - {"GC722"} == codes


def test_the_finding_names_the_schema(tmp_path: Path) -> None:
    cost = cost_of(_asked(tmp_path, _doubling("anyOf")), folder=tmp_path)
    (found,) = (item for item in json.loads(cost.stdout)["diagnostics"] if item["code"] == "GC726")
    assert "`x.io/v1/Foo`" in found["message"]
    assert cost.status == 2


def test_what_is_left_of_the_budget_is_known() -> None:
    budget = work.Work(left=5)
    budget.take(5)
    with pytest.raises(work.TooMuchWorkError):
        budget.take(1)
