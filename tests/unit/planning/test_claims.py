"""A workload that is there and cannot be released is named, not called missing."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, build, with_code, workload, write_release


@pytest.mark.parametrize("field", [{}, {"workload": "Deployment/web"}, {"from": "baseline/"}])
@pytest.mark.parametrize("version", ["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"])
def test_a_workload_of_a_removed_version_is_named(version: str, field: dict[str, str], tmp_path: Path) -> None:
    findings, made = build(
        tmp_path,
        [{**workload(), "apiVersion": version}],
        services=[{"name": "web", **field}],
        lane={"provider": "none"},
    )

    assert with_code(findings, "GC301", "GC307") == [("GC307", "Deployment/web")]
    assert not made


def test_a_workload_of_another_name_is_still_missing(tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [{**workload(), "apiVersion": "extensions/v1beta1"}], services=[{"name": "cart"}])

    assert [item["code"] for item in findings if item["severity"] == "error"] == ["GC301"]


def test_a_kind_with_pods_that_nobody_knows_is_noted(tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [{**workload("DeploymentConfig"), "apiVersion": "apps.openshift.io/v1"}])

    [missing] = [item for item in findings if item["code"] == "GC301"]
    assert "DeploymentConfig/web" in str(missing["notes"])


@pytest.mark.parametrize("command", [["init", "baseline"], ["adopt", "baseline"]])
@pytest.mark.parametrize("others", [[], [workload()]])
@pytest.mark.parametrize("wanted", [[], ["-s", "old"], ["-s", "Deployment/old"]])
def test_init_and_adopt_name_it_too(
    command: list[str], others: list[Object], wanted: list[str], tmp_path: Path
) -> None:
    old = {**workload(), "apiVersion": "extensions/v1beta1"}
    old["metadata"] = {**old["metadata"], "name": "old"}
    write_release(tmp_path, [*others, old])
    done = run_grayc([*command, *wanted, "-f", "json"], folder=tmp_path)
    found = {item["code"] for item in json.loads(done.stdout)["diagnostics"] if item["severity"] == "error"}
    assert ("GC307" in found) == (bool(wanted) or not others)
    assert not found & {"GC301", "GC303"}
