"""The schemas that grayc carries, and those of custom kinds."""

import json
import lzma

import pytest

from grayc.conform.custom import references, schema_key
from grayc.conform.schemas import load_schemas, versions
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
    for key in schemas.kinds:
        schema = schemas.schema(key)
        assert schema is not None
        assert {name.removeprefix("#/$defs/") for name in references(schema)} == set(schema["$defs"])


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


@pytest.mark.parametrize(
    ("version", "api_version", "kind", "told", "hint"),
    [
        (
            "1.37",
            "apps/v1",
            "Deploymnt",
            "Kubernetes 1.37 has no `Deploymnt` in `apps/v1`",
            "did you mean `Deployment`?",
        ),
        ("1.37", "v1", "Servce", "Kubernetes 1.37 has no `Servce` in `v1`", "did you mean `Service`?"),
        ("1.28", "flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "Kubernetes 1.28 has no", "Kubernetes 1.29 to 1.37"),
        ("1.37", "autoscaling/v2beta2", "HorizontalPodAutoscaler", "has no", "write `apiVersion: autoscaling/v"),
    ],
)
def test_a_kind_that_kubernetes_does_not_have(version: str, api_version: str, kind: str, told: str, hint: str) -> None:
    (document,) = documents(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n")
    refusal = load_schemas(version).refusal(document)
    assert refusal is not None
    assert told in refusal[0]
    assert hint in refusal[1]


@pytest.mark.parametrize("api_version", ["example.com/v1", "gateway.networking.k8s.io/v1", "app/v1", "apps/v1"])
def test_a_kind_that_kubernetes_may_have(api_version: str) -> None:
    (document,) = documents(f"apiVersion: {api_version}\nkind: Deployment\nmetadata: {{name: a}}\n")
    assert load_schemas("1.37").refusal(document) is None
