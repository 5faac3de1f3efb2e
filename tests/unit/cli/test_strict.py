"""With --strict, warnings count as errors."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.killed import leave_killed_run
from tests.manifests import PREPARED, Object, workload, write_shop

ACCEPTED: Object = {"accept": [{"code": "GC473", "reason": "not a Java application"}]}
COMMANDS = [["build", "release.yaml", "-o", "out"], ["plan", "release.yaml"]]


def shop(folder: Path, **spec: Any) -> None:
    """Write a release of a workload that has the agent switched off."""
    web = workload(namespace="")
    web["spec"]["template"]["metadata"]["labels"] = {**PREPARED, "msePilotAutoEnable": "off"}
    write_shop(folder, web, **spec)


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    shop(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_warning_is_an_error_only_with_strict(command: list[str], warned: Path) -> None:
    assert run_grayc(command, folder=warned).status == 0
    assert run_grayc([*command, "--strict"], folder=warned).status == 1


@pytest.mark.parametrize(
    "command",
    [*COMMANDS, ["validate", "release.yaml"], ["diff", "release.yaml", "--baseline"]],
    ids=lambda command: command[0],
)
def test_it_is_said_why_the_answer_is_no(command: list[str], warned: Path) -> None:
    words = f"grayc {command[0]}: 1 warning; with --strict, warnings count as errors\n"
    assert "--strict" not in run_grayc(command, folder=warned).stderr
    assert words in run_grayc([*command, "--strict"], folder=warned).stderr
    assert words in run_grayc([*command, "--strict", "--quiet"], folder=warned).stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_accepted_warning_is_none(command: list[str], warned: Path) -> None:
    shop(warned, **ACCEPTED)

    assert run_grayc([*command, "--strict"], folder=warned).status == 0


def test_a_note_is_no_warning(warned: Path) -> None:
    write_shop(warned, namespace="shop")
    run = run_grayc(["build", "release.yaml", "-o", "out", "--strict", "-f", "json"], folder=warned)

    assert [item["severity"] for item in json.loads(run.stdout)["diagnostics"]] == ["note"]
    assert run.status == 0


def test_nothing_is_written_where_a_warning_counts(warned: Path) -> None:
    run = run_grayc(["build", "release.yaml", "-o", "out", "--strict"], folder=warned)

    assert not (warned / "out").exists()
    assert "GC473" in run.stderr


def test_strict_is_named_only_where_it_refused(warned: Path) -> None:
    words = "with --strict, warnings count as errors"
    assert words in run_grayc(["build", "release.yaml", "-o", "out", "--strict"], folder=warned).stderr

    for patch in ("none/patch.yaml", "out/patch.yaml"):
        run = run_grayc(["build", "release.yaml", "-o", "out", "--baseline-patch", patch], folder=warned)
        assert (run.status, "nothing is written" in run.stderr, words in run.stderr) == (2, True, False)


def test_a_stream_stays_empty_where_a_warning_counts(warned: Path) -> None:
    run = run_grayc(["build", "release.yaml", "-o", "-", "--strict"], folder=warned)

    assert (run.status, run.stdout) == (1, "")


def test_a_check_says_no_where_a_warning_counts(warned: Path) -> None:
    check = ["build", "release.yaml", "-o", "out", "--check"]
    assert run_grayc(check[:-1], folder=warned).status == 0
    assert run_grayc(check, folder=warned).status == 0
    assert run_grayc([*check, "--strict"], folder=warned).status == 1


def test_a_run_that_was_killed_is_finished(warned: Path) -> None:
    """It is no warning of this run's: before, no build with `--strict` went through ever again."""
    shop(warned, **ACCEPTED)
    build = ["build", "release.yaml", "-o", "out", "--strict"]
    assert run_grayc(build, folder=warned).status == 0
    leave_killed_run(warned / "out", owner="demo")

    run = run_grayc([*build, "-q"], folder=warned)
    assert (run.status, "GC641" in run.stderr) == (0, True)
    assert not (warned / "out" / ".grayc-journal").exists()
    assert "GC641" not in run_grayc(build, folder=warned).stderr


@pytest.mark.parametrize("name", ["baseline/web.yaml", "release.yaml"])
def test_a_baseline_patch_is_written_over_another_patch_alone(name: str, warned: Path) -> None:
    """The flag does not name what is patched."""
    build = ["build", "release.yaml", "-o", "out", "--baseline-patch"]
    before = (warned / name).read_text()
    run = run_grayc([*build, name], folder=warned)

    assert (run.status, "GC612" in run.stderr, "nothing is written" in run.stderr) == (2, True, True)
    assert (warned / name).read_text() == before
    assert not (warned / "out").exists()
    for text in ("", None):
        if text is not None:
            (warned / "patch.yaml").write_text(text)
        assert run_grayc([*build, "patch.yaml"], folder=warned).status == 0
    assert (warned / "patch.yaml").read_text().startswith("#")


def test_a_baseline_patch_beside_what_the_run_reads_is_written_again(warned: Path) -> None:
    """Folders are looked through for declarations of Argo CD and Flux: what is only looked at is no input."""
    build = ["build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"]
    assert run_grayc(build, folder=warned).status == 0
    run = run_grayc(build, folder=warned)

    assert (run.status, "GC612" in run.stderr) == (0, False)


@pytest.mark.parametrize("strict", [[], ["--strict"]], ids=["", "strict"])
def test_no_baseline_patch_is_written_beside_a_lane_that_is_not(strict: list[str], warned: Path) -> None:
    shop(warned, **ACCEPTED)
    build = ["build", "release.yaml", "-o", "out", *strict]
    assert run_grayc(build, folder=warned).status == 0
    (file,) = (warned / "out").glob("*.yaml")
    file.write_text(file.read_text() + "# by hand\n")
    run = run_grayc([*build, "--baseline-patch", "patch.yaml"], folder=warned)

    assert (run.status, "GC603" in run.stderr) == (1, True)
    assert not (warned / "patch.yaml").exists()
