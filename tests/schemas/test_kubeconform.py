"""What grayc writes is valid Kubernetes, says kubeconform with the strict schemas of the oldest and newest version.

kubeconform and the schemas are made by `tools/dev_tools.py`, once for a machine.
"""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tools.dev_tools import prepare_crd_schemas, prepare_kubeconform, prepare_schemas

ROOT = Path(__file__).parents[2]
VERSIONS = ("1.25.0", "1.37.0")

WITHOUT_SCHEMA: tuple[str, ...] = (
    # apiVersion/Kind of goldens that no Kubernetes schema describes; everything else must have one.
    "grayc.dev/v1/GrayRelease",
    "argoproj.io/v1alpha1/Rollout",
    "apps.kruise.io/v1alpha1/CloneSet",
    "keda.sh/v1alpha1/ScaledObject",
    "cache.example.com/v1/CacheCluster",
    "gateway.envoyproxy.io/v1alpha1/SecurityPolicy",
)

RENDERED_FROM = ("kustomization.yaml", "values*.yaml", "*.patch.yaml", "expected/ks.yaml", "expected/application.yaml")
"""Goldens that are no manifests: what manifests are rendered from."""

EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/release.yaml"))


@pytest.fixture(scope="module")
def kubeconform() -> Path:
    return prepare_kubeconform()


@pytest.fixture(scope="module")
def schemas() -> Path:
    return prepare_schemas()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the manifests that the examples build."""
    home = tmp_path_factory.mktemp("built")
    found: list[Path] = []
    for example in EXAMPLES:
        run = run_grayc(["build", str(ROOT / "examples" / example / "release.yaml"), "-o", example], folder=home)
        assert run.status == 0, run.stderr
        manifests = sorted((home / example).glob("*.yaml"))
        assert manifests
        found += manifests
    return found


def validate(kubeconform: Path, schemas: Path, version: str, paths: Iterable[Path]) -> tuple[dict[str, int], list[str]]:
    """Return kubeconform's counts, and a line for each manifest it objects to."""
    done = subprocess.run(
        [
            str(kubeconform),
            # Workers only wait for each other here.
            "-n",
            "1",
            "-strict",
            "-summary",
            "-output",
            "json",
            "-kubernetes-version",
            version,
            "-schema-location",
            str(schemas),
            "-schema-location",
            f"{prepare_crd_schemas()}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
            "-skip",
            ",".join(WITHOUT_SCHEMA),
            *map(str, paths),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    problems = sorted(
        f"{item['filename']}: {item['kind']}/{item['name']}: {item['msg']}" for item in report["resources"]
    )
    assert (done.returncode != 0) == bool(problems), done.stderr
    return report["summary"], problems


@pytest.mark.parametrize("version", VERSIONS)
def test_goldens_and_examples_are_valid(kubeconform: Path, schemas: Path, version: str, built: list[Path]) -> None:
    goldens = sorted(ROOT.glob("tests/golden/**/expected/**/*.yaml"))
    manifests = [path for path in goldens if not any(path.match(pattern) for pattern in RENDERED_FROM)]
    manifests += sorted(ROOT.glob("examples/*/baseline/**/*.yaml"))

    summary, problems = validate(kubeconform, schemas, version, [*manifests, *built])

    assert problems == []
    assert summary["valid"] >= len(EXAMPLES)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_field_that_kubernetes_does_not_have_is_found(
    kubeconform: Path, schemas: Path, version: str, tmp_path: Path
) -> None:
    path = tmp_path / "service.yaml"
    path.write_text("apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  portz: []\n", encoding="utf-8")

    summary, problems = validate(kubeconform, schemas, version, [path])

    assert summary["invalid"] == 1
    assert "portz" in problems[0]


def test_each_version_has_schemas_of_its_own(kubeconform: Path, schemas: Path, tmp_path: Path) -> None:
    """autoscaling/v2beta2 was last served by Kubernetes 1.25."""
    path = tmp_path / "hpa.yaml"
    path.write_text(
        "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: a\n"
        "spec:\n  maxReplicas: 2\n  scaleTargetRef:\n    kind: Deployment\n    name: a\n",
        encoding="utf-8",
    )

    assert validate(kubeconform, schemas, "1.25.0", [path])[1] == []
    assert len(validate(kubeconform, schemas, "1.37.0", [path])[1]) == 1
