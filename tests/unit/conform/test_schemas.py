"""The schemas that grayc carries, and those of custom kinds."""

import json
import lzma

import pytest

from grayc.conform.schemas import custom_schemas, load_schemas, schema_key, versions
from tests.unit.diff.objects import documents
from tools.pack_schemas import TARGET, packed


def test_the_bundle_is_what_the_tool_makes() -> None:
    assert json.loads(lzma.decompress(TARGET.read_bytes())) == packed(), "run python -m tools.pack_schemas"


def test_the_bundle_is_small() -> None:
    assert TARGET.stat().st_size < 64_000


def test_versions() -> None:
    assert versions()[0] == "1.25"
    assert versions()[-1] == "1.37"


@pytest.mark.parametrize("version", versions())
def test_every_reference_of_a_version_leads_to_a_definition(version: str) -> None:
    schemas = load_schemas(version)
    for name in schemas.kinds.values():
        assert schemas.closure(name) <= set(schemas.definitions)


def test_versions_differ() -> None:
    assert "autoscaling/v2beta2/HorizontalPodAutoscaler" in load_schemas("1.25").kinds
    assert "autoscaling/v2beta2/HorizontalPodAutoscaler" not in load_schemas("1.26").kinds


CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a}
spec:
  group: example.com
  names: {kind: Cache}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                many: {type: object, additionalProperties: {type: integer}}
                none: {type: string, nullable: true}
"""


def test_a_definition_refuses_what_the_server_would_drop() -> None:
    ((key, schema),) = custom_schemas(documents(CRD)[0])

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


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("argoproj.io/rollout_v1alpha1.json", "argoproj.io/v1alpha1/rollout"),
        ("a/keda.sh/scaledobject_v1alpha1.json", "keda.sh/v1alpha1/scaledobject"),
        ("rollout_v1alpha1.json", None),
        ("argoproj.io/rollout.json", None),
        ("argoproj.io/rollout_v1alpha1.yaml", None),
    ],
)
def test_names_of_schema_files(name: str, key: str | None) -> None:
    assert schema_key(name) == key
