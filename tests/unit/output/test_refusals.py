"""What a cluster will refuse to make of a lane that it has."""

import json
from pathlib import Path

import pytest

from grayc.output.refusals import refused_changes
from tests.cli_run import Run, run_grayc
from tests.unit.cli.test_commands import PREPARED, RELEASE
from tests.unit.diff.objects import documents

JOB = (
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}, parallelism: 1}\n"
)


def fields(before: str, after: str) -> list[str]:
    return [item.field for item in refused_changes(documents(before), documents(after))]


def test_fields_of_the_table_alone_are_told() -> None:
    assert fields(JOB, JOB.replace("containers: []", "containers: [{}]")) == ["spec.template"]
    assert fields(JOB, JOB.replace("parallelism: 1", "parallelism: 2")) == []
    assert fields(JOB, JOB) == []


def test_objects_that_come_or_go_and_hooks_are_none_of_it() -> None:
    other = JOB.replace("containers: []", "containers: [{}]")
    hook = "{name: a, annotations: {argocd.argoproj.io/hook: PostSync}}"

    assert fields(JOB, other.replace("name: a", "name: b")) == []
    assert fields("", other) == fields(JOB, "") == []
    assert fields(JOB, other.replace("{name: a}", hook)) == []


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder whose lane was built before its service got another name."""
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "web.yaml").write_text(PREPARED)
    (tmp_path / "release.yaml").write_text(RELEASE)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    (tmp_path / "release.yaml").write_text(RELEASE.replace("{name: web}", "{name: front, workload: web}"))
    return tmp_path


def codes(run: Run) -> list[str]:
    return [found["code"] for found in json.loads(run.stdout)["diagnostics"] if found["severity"] != "note"]


def test_build_check_and_diff_tell_it(shop: Path) -> None:
    check = run_grayc(["build", "release.yaml", "-o", "out", "--check", "-f", "json"], folder=shop)
    diff = run_grayc(["diff", "release.yaml", "--with", "out", "-f", "json"], folder=shop)
    build = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=shop)
    again = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=shop)

    assert codes(check) == codes(diff) == codes(build) == ["GC635"]
    assert (build.status, codes(again)) == (0, [])


def test_with_strict_nothing_is_written(shop: Path) -> None:
    before = {path.name: path.read_bytes() for path in (shop / "out").iterdir()}

    run = run_grayc(["build", "release.yaml", "-o", "out", "--strict", "-f", "json"], folder=shop)

    assert (run.status, codes(run)) == (1, ["GC635"])
    assert {path.name: path.read_bytes() for path in (shop / "out").iterdir()} == before
