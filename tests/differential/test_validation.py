"""Both ways to compare objects with their schemas find the same places, in goldens and in what is made wrong."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grayc.conform import with_jsonschema, with_kubeconform
from grayc.conform.model import Conformance
from grayc.conform.schemas import Schemas, load_schemas
from grayc.conform.structural import kind_of_definition, versions_of
from grayc.documents import Document
from tests.unit.conform import test_structural
from tests.unit.conform.test_schemas import CRD
from tests.unit.diff.objects import documents
from tools.dev_tools import prepare_kubeconform

ROOT = Path(__file__).parents[2]
PATHS = sorted(ROOT.glob("tests/golden/build/*/expected/*.yaml"))
WRONG = """\
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {portz: [], "a/b~c": 1, ports: [{port: "x"}], selector: {a: 1}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, labels: {a: 1}}
spec:
  replicas: "3"
  template: {spec: {containers: [{name: a, image: 1, ports: [{containerPort: 80, hots: 1}]}]}}
  strategy: {rollingUpdate: {maxSurge: []}}
---
apiVersion: v1
kind: Secret
metadata: {name: a}
data: {a: 7316}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a}
spec: {rules: [{hots: a}]}
---
apiVersion: example.com/v1
kind: Cache
metadata: {name: a}
spec: {prot: 1, port: true, many: {a: b}, free: {whatever: 1}, none: null}
---
apiVersion: example.com/v2
kind: Cache
metadata: {name: a}
"""


@pytest.fixture(scope="module")
def kubeconform() -> Path:
    return prepare_kubeconform()


def places(found: Conformance) -> set[tuple[str, tuple[str | int, ...]]]:
    return {(item.document.identity.kind, item.at) for item in found.mismatches}


def both(objects: tuple[Document, ...], schemas: Schemas, kubeconform: Path) -> tuple[Conformance, Conformance]:
    return with_jsonschema.conform(objects, schemas), with_kubeconform.conform(objects, schemas, kubeconform)


@pytest.mark.parametrize("version", ["1.25", "1.37"])
def test_the_same_places(version: str, kubeconform: Path) -> None:
    custom = {key: kind_of_definition(schema) for key, schema in versions_of(documents(CRD)[0])}
    schemas = load_schemas(version, custom)
    own, other = both(documents(WRONG), schemas, kubeconform)

    assert places(own) == places(other)
    assert len(places(own)) == 15
    assert own.checked == other.checked == 5
    assert [item.identity for item in own.without_schema] == [item.identity for item in other.without_schema]
    assert len(own.without_schema) == 1


VALUES: tuple[object, ...] = (None, True, 1, 1.5, "x", "10%", [], {}, [1], {"a": 1}, "' - at '/x': y", 2**40)
NAMES = ("x-y", "it's, odd", "a/b~c", "back\\slash", "名")


def made_wrong(data: dict[str, object], chance: random.Random) -> dict[str, object]:
    """Return an object in which one place has another value, is gone, has another name, or has a neighbour."""
    made = copy.deepcopy(data)
    holder, key = chance.choice([(holder, key) for holder, key in _places(made) if holder is not made])
    match chance.randrange(4) if isinstance(holder, dict) else 0:
        case 0:
            holder[key] = chance.choice(VALUES)
        case 1:
            del holder[key]
        case 2:
            holder[f"{key}s"] = holder.pop(key)
        case _:
            holder[chance.choice(NAMES)] = chance.choice(VALUES)
    return made


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, (dict, list)):
        for key, item in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
            # An object without a name is refused before anybody looks at its schema.
            if key not in ("name", "namespace") or "spec" in value:
                yield value, key
            yield from _places(item)


@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_the_same_places_in_objects_made_wrong_by_chance(version: str, kubeconform: Path) -> None:
    chance = random.Random(version)
    objects = [item for path in PATHS for item in documents(path.read_text(encoding="utf-8"))]
    wrong = tuple(replace(item, data=made_wrong(item.data, chance)) for item in objects * 3)
    own, other = both(wrong, load_schemas(version), kubeconform)

    found = [{(id(item.document), item.at) for item in each.mismatches} for each in (own, other)]
    assert found[0] == found[1]
    assert len({item for item, _ in found[0]}) > len(objects)


def test_the_same_places_in_objects_of_a_custom_kind(kubeconform: Path) -> None:
    objects = tuple(item for spec, _ in test_structural.TAKEN for item in test_structural.made({"needed": "x", **spec}))
    own, other = both(objects, test_structural.schemas(), kubeconform)

    found = [{(id(item.document), item.at) for item in each.mismatches} for each in (own, other)]
    assert found[0] == found[1]
    assert len({item for item, _ in found[0]}) == sum(not taken for _, taken in test_structural.TAKEN)


def test_no_value_is_told(kubeconform: Path) -> None:
    schemas = load_schemas("1.37")
    for found in both(documents(WRONG), schemas, kubeconform):
        assert "7316" not in json.dumps([item.message for item in found.mismatches])


@pytest.mark.parametrize("version", ["1.25", "1.37"])
def test_goldens_are_valid_to_both(version: str, kubeconform: Path) -> None:
    objects = tuple(item for path in PATHS for item in documents(path.read_text(encoding="utf-8")))
    own, other = both(objects, load_schemas(version), kubeconform)

    assert (own.mismatches, other.mismatches) == ((), ())
    assert own.checked == other.checked > 80


def test_the_package_finds_these_objects_wrong_too() -> None:
    """The package that the schemas come from agrees on every object."""
    import kubernetes_validate  # noqa: PLC0415 - a development tool

    for document in documents(WRONG)[:4]:
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(document.data, "1.37", strict=True)
