"""Colour on standard output: of a terminal, of `--color`, NO_COLOR and FORCE_COLOR."""

import io
import re
import sys
from pathlib import Path

import pytest

from grayc.cli.answer import is_colored
from grayc.cli.options import Color
from tests.cli_run import run_grayc
from tests.unit.cli.test_steps import HEADER, TWO_STEPS, lay_out

ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
GREEN, YELLOW = "\x1b[32m", "\x1b[33m"
COMMANDS = {
    "diff": (["diff", "demo.yaml", "--baseline"], YELLOW),
    "diff of steps": (["diff", "demo.yaml", "--step", "testers", "--step", "everybody"], YELLOW + "~ "),
    "plan": (["plan", "demo.yaml"], GREEN + "  + Deployment"),
    "route": (["route", "demo.yaml", "--host", "h.test", "--path", "/"], GREEN + "goes to "),
    "gateways": (["route", "demo.yaml", "--compare-gateways", "--host", "h.test", "--path", "/"], YELLOW),
    "lanes": (["lanes", "out", "--today", "2100-01-02"], "\x1b[31m    until 2100-01-01: past"),
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    lay_out(tmp_path, TWO_STEPS, rules=[HEADER], expires="2100-01-01")
    assert run_grayc(["build", "demo.yaml", "-o", "out"], folder=tmp_path).status == 0
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_colour_adds_to_the_text_and_changes_none_of_it(demo: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command, shown = COMMANDS[name]
    plain = run_grayc(command, folder=demo)
    assert plain.stdout and "\x1b" not in plain.stdout, "a pipe has no colours"
    bright = run_grayc([*command, "--color", "always"], folder=demo)
    assert shown in bright.stdout
    assert ESCAPE.sub("", bright.stdout) == plain.stdout and bright.status == plain.status
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run_grayc(command, folder=demo).stdout == bright.stdout
    assert "\x1b" not in run_grayc([*command, "--color", "never"], folder=demo).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert run_grayc(command, folder=demo).stdout == plain.stdout


@pytest.mark.parametrize("name", ["diff", "plan", "route", "lanes"])
def test_data_has_no_colour(demo: Path, name: str) -> None:
    command, _ = COMMANDS[name]
    assert "\x1b" not in run_grayc([*command, "-f", "json", "--color", "always"], folder=demo).stdout


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "false"}, False),
        ({"FORCE_COLOR": ""}, True),
    ],
)
def test_each_stream_is_asked_for_itself(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert is_colored(Color.AUTO, Terminal()) is expected
    assert is_colored(Color.AUTO) is (environment.get("FORCE_COLOR") == "1" and not environment.get("NO_COLOR"))
