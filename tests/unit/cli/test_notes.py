"""Notes are a line each in text, all of them in full with `-v`, and none with `-q`."""

import json
from pathlib import Path

import pytest

from grayc.report.model import MOST_LINES
from tests.cli_run import Run, run_again, run_grayc
from tests.manifests import an_object, workload, write_shop

LAST = "notes in full: `-v`; what one means: `grayc explain CODE`"
COMMANDS = (["build", "-o", "out"], ["build", "-o", "-"], ["plan"], ["validate"], ["diff", "--with", "out"])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    outside = {"type": "ExternalName", "externalName": "db.example.com"}
    others = [an_object("Service", outside, name=f"db{at}", namespace="") for at in range(MOST_LINES + 2)]
    write_shop(tmp_path, workload(namespace=""), *others, services=[{"name": "web", "from": "baseline"}])
    return tmp_path


def notes(run: Run) -> list[str]:
    return [line for line in run.stderr.splitlines() if "note[GC313]" in line]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_first_of_a_kind_are_a_line_each(command: list[str], shop: Path) -> None:
    run = run_grayc(command, folder=shop)
    lines = run.stderr.splitlines()

    assert len(notes(run)) == MOST_LINES
    assert [line.endswith("(and 2 more)") for line in notes(run)] == [False] * (MOST_LINES - 1) + [True]
    assert LAST in lines
    assert not [line for line in lines if line.lstrip().startswith(("|", "="))]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["-v", "--verbose"])
def test_all_of_them_stand_in_full_where_they_are_asked_for(command: list[str], flag: str, shop: Path) -> None:
    run = run_grayc([*command, flag], folder=shop)

    assert len(notes(run)) == MOST_LINES + 2
    assert run.stderr.count("= more: grayc explain GC313 ") == MOST_LINES + 2
    assert LAST not in run.stderr
    assert notes(run) == notes(run_grayc([flag, *command], folder=shop))


def test_quiet_says_none(shop: Path) -> None:
    assert run_grayc(["build", "-o", "out", "-q"], folder=shop).stderr == ""
    assert run_grayc(["build", "-o", "out", "-q", "-v"], folder=shop).stderr == ""


def test_other_formats_and_report_files_have_all(shop: Path) -> None:
    run = run_grayc(["build", "-o", "out", "-f", "json", "--report", "text=a.txt"], folder=shop)

    assert len([each for each in json.loads(run.stdout)["diagnostics"] if each["code"] == "GC313"]) == MOST_LINES + 2
    assert (shop / "a.txt").read_text().count("= more: grayc explain GC313 ") == MOST_LINES + 2


def test_a_build_that_is_answered_again_says_the_same(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run_grayc(["build", "-o", "out"], folder=shop)
    for flags in ([], ["-v"]):
        told = [run_again(["build", "-o", "out", *flags], folder=shop) for _ in range(2)]
        assert told[0][0] == told[1][0]
        assert len(notes(told[0][0])) == (MOST_LINES + 2 if flags else MOST_LINES)
