"""Baselines that others wrote: whatever is in them, grayc answers, and never with a fault.

`GRAYC_CORPUS` names a folder with one baseline in each of its folders.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.cli_run import Run, run_grayc
from tests.manifests import write_spec

CORPUS = Path(os.environ["GRAYC_CORPUS"])
MANIFESTS = {".yaml", ".yml", ".json"}

FOLDERS = sorted(
    {path.parent for path in CORPUS.rglob("*") if path.suffix in MANIFESTS}
    | {path for path in CORPUS.iterdir() if path.is_dir()}
)

Objects = Mapping[str, Mapping[str, object]]
"""`Kind/name` → object."""

ZADIG_DEMO = CORPUS / "zadig-mse-demo"
RULES = {"gateway": "mse", "rules": [{"header": "x-user-id", "value": "100"}]}


def place(folder: Path, scratch: Path) -> Path:
    """Return a folder with a copy of a baseline in `baseline`: grayc reads only what lies below the spec."""
    shutil.copytree(folder, scratch / "baseline")
    return scratch


def assert_answered(run: Run) -> None:
    """Assert that grayc did what it was asked, or says in a diagnostic why not."""
    assert run.status in {0, 1}, run.stdout + run.stderr
    report = json.loads(run.stdout)
    errors = [found for found in report["diagnostics"] if found["severity"] == "error"]
    assert bool(errors) == (run.status == 1)
    for found in report["diagnostics"]:
        assert re.fullmatch(r"GC[1-8]\d\d", found["code"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(CORPUS)))
def test_a_first_spec_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    assert_answered(run_grayc(["init", "baseline", "-f", "json"], folder=place(folder, tmp_path)))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(CORPUS)))
def test_every_deployment_can_be_asked_to_be_released(folder: Path, tmp_path: Path) -> None:
    home = place(folder, tmp_path)
    # By text, since some of these files are not valid YAML.
    names = {
        found[1]
        for path in sorted(folder.rglob("*"))
        if path.suffix in MANIFESTS
        for found in re.finditer(
            r"^kind: Deployment\nmetadata:\n(?:  .*\n)*?  name: ([a-z0-9-]+)$",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    services = [{"name": name, "workload": f"Deployment/{name}"} for name in sorted(names) or ["none"]]
    write_spec(home / "release.yaml", namespace=None, lane=None, services=services, traffic=RULES)

    for command in ("plan", "build"):
        out = ["-o", "out"] if command == "build" else []
        assert_answered(run_grayc([command, "release.yaml", "-f", "json", *out], folder=home))


@pytest.fixture(scope="module")
def zadig_gray(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    """Return the gray objects of a release of spring-a and spring-c of the public demo."""
    home = place(ZADIG_DEMO, tmp_path_factory.mktemp("zadig"))
    services = [{"name": name, "from": f"baseline/{name}"} for name in ("spring-a", "spring-c")]
    write_spec(home / "release.yaml", namespace=None, lane=None, services=services, traffic=RULES)
    run = run_grayc(["build", "release.yaml", "-o", "out"], folder=home)
    assert run.status == 0, run.stderr
    texts = [path.read_text(encoding="utf-8") for path in sorted((home / "out").glob("*.yaml"))]
    objects = [made for text in texts for made in yaml.load_all(text, Loader=yaml.CSafeLoader)]
    return {f"{made['kind']}/{made['metadata']['name']}": made for made in objects}


def at(value: object, *path: str | int) -> object:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        else:
            assert isinstance(value, list) and isinstance(step, int)
            value = value[step]
    return value


def lane(service: str) -> dict[str, str]:
    return {
        "zadigx-release-version": "gray",
        "zadigx-release-type": "mse-gray",
        "zadigx-release-service-name": service,
    }


def test_zadig_demo_objects_have_the_names_that_zadig_gives(zadig_gray: Objects) -> None:
    assert set(zadig_gray) == {
        "Deployment/spring-cloud-a-mse-gray",
        "Service/spring-cloud-a-base-mse-gray",
        "Ingress/spring-cloud-a-mse-gray",
        "Deployment/spring-cloud-c-mse-gray",
    }


def test_zadig_demo_objects_carry_the_lane_labels(zadig_gray: Objects) -> None:
    for name, made in zadig_gray.items():
        service = "spring-c" if "spring-cloud-c" in name else "spring-a"
        assert at(made, "metadata", "labels") == lane(service), name


@pytest.mark.parametrize("letter", ["a", "c"])
def test_zadig_demo_workload_selects_by_lane_and_keeps_the_application(zadig_gray: Objects, letter: str) -> None:
    made = zadig_gray[f"Deployment/spring-cloud-{letter}-mse-gray"]
    selector = {"app": f"spring-cloud-{letter}", **lane(f"spring-{letter}"), "alicloud.service.tag": "gray"}

    assert at(made, "spec", "replicas") == 1
    assert at(made, "spec", "selector", "matchLabels") == selector
    assert at(made, "spec", "template", "metadata", "labels") == {
        **selector,
        "msePilotCreateAppName": f"spring-cloud-{letter}",
    }


def test_zadig_demo_service_selects_by_lane_without_the_agents_label(zadig_gray: Objects) -> None:
    made = zadig_gray["Service/spring-cloud-a-base-mse-gray"]

    assert at(made, "spec", "selector") == {"app": "spring-cloud-a", **lane("spring-a")}


def test_zadig_demo_entry_is_a_canary_to_the_gray_service(zadig_gray: Objects) -> None:
    """Zadig copies the Ingress as it is; who uses it edits the copy to this."""
    made = zadig_gray["Ingress/spring-cloud-a-mse-gray"]

    assert at(made, "metadata", "annotations") == {
        "nginx.ingress.kubernetes.io/canary": "true",
        "nginx.ingress.kubernetes.io/canary-by-header": "x-user-id",
        "nginx.ingress.kubernetes.io/canary-by-header-value": "100",
        "mse.ingress.kubernetes.io/request-header-control-update": "x-mse-tag gray",
    }
    backend = at(made, "spec", "rules", 0, "http", "paths", 0, "backend", "service", "name")
    assert backend == "spring-cloud-a-base-mse-gray"
