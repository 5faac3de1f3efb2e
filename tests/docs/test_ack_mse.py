"""The pages about ACK with MSE: what they type is typed here, in a copy of the demo, and answers as they say."""

import shutil
from pathlib import Path

import pytest
import yaml

from grayc.diagnostics import CODES, Severity
from tests.docs.markdown import ROOT, blocks
from tests.docs.sessions import answers, programs, shown_in, typed
from tests.manifests import Object, objects_in

PAGES = ("docs/ack-mse.md", "docs/zh/ack-mse.md")
WORDS = {
    Severity.ERROR: ("error", "错误"),
    Severity.WARNING: ("warning", "警告"),
    Severity.NOTE: ("note", "提示"),
}
KUBECTL = """#!/bin/sh
[ "$1 $2 $3" = "apply -f out/" ] && ls out/*.yaml > /dev/null && exit 0
[ "$1 $2 $3" = "label namespace/mse-prod mse-enable=enabled" ] && exit 0
exit 1
"""
"""No cluster is here: what takes the commands of the page, and no others."""


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def sessions(page: str) -> list[tuple[str, list[str]]]:
    """Return every command of a page with the lines that it answers."""
    return [shown for block in blocks(text_of(page)) if block.language == "console" for shown in shown_in(block.text)]


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    folder = tmp_path / "mse-demo"
    shutil.copytree(ROOT / "examples" / "mse-demo", folder)
    programs(tmp_path / "bin", KUBECTL)
    return folder


def answered(command: str, folder: Path) -> list[str]:
    """Return what a command answers; it succeeds, unless it is there to show what `--strict` stops."""
    status, lines = typed(command, folder, folder.parent / "bin")
    assert status == int("--strict" in command), "\n".join(lines)
    return lines


def test_every_command_answers_as_the_pages_say(demo: Path) -> None:
    # Typed once: the other page has the same sessions, as the last test holds.
    commands = sessions(PAGES[0])
    assert len(commands) > 8
    for command, shown in commands:
        lines = answered(command, demo)
        assert answers(shown, lines), f"{command}\n" + "\n".join(lines)


def test_what_the_pages_show_of_the_output_is_written(demo: Path) -> None:
    answered("grayc build release.yaml -o out/", demo)
    written = [item for path in (demo / "out").glob("*.yaml") for item in objects_in(path.read_text())]
    for page in PAGES:
        shown = [yaml.safe_load(block.text) for block in blocks(text_of(page)) if block.language == "yaml"]
        assert shown
        for part in shown:
            assert any(holds(each, part) for each in written), part


def holds(whole: object, part: object) -> bool:
    """Tell whether an object has all that a part of it shows."""
    if isinstance(part, dict) and isinstance(whole, dict):
        known: Object = whole
        return all(key in known and holds(known[key], value) for key, value in part.items())
    return whole == part


@pytest.mark.parametrize("page", PAGES)
def test_every_code_is_one_of_that_severity(page: str) -> None:
    rows = [line.strip("| ").split(" | ") for line in text_of(page).splitlines() if line.startswith("| GC")]
    assert len(rows) > 15
    for code, severity, *_ in rows:
        assert severity in WORDS[CODES[code].severity]


def test_both_pages_type_and_tell_the_same() -> None:
    english, chinese = PAGES
    assert sessions(english) == sessions(chinese)
    codes = [[line.split()[1] for line in text_of(page).splitlines() if line.startswith("| GC")] for page in PAGES]
    assert codes[0] == codes[1]
