"""The programs of docs/services.md pass a request's tag on, lose it with the request, and hand it to threads."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "services.md"
CHINESE = PAGE.parent / "zh" / "services.md"
FAKES = Path(__file__).parent / "services"
"""For each language what takes the place of its libraries, and a program that asks the page's own."""

COMMANDS = {
    "java": ("javac", "javac -d . $(find . -name '*.java') && java Main"),
    "js": ("node", "node main.js"),
    "go": ("go", "go run ."),
    "python": ("python3", "python3 main.py"),
}
"""Language → the program that the machine must have, and how to run what is laid out."""


def programs(page: Path) -> dict[str, dict[str, str]]:
    """Return language → file → text of the programs on a page."""
    found: dict[str, dict[str, str]] = {}
    for language, name, text in re.findall(r"^```(java|js|go|python) (\S+)\n(.*?)^```$", page.read_text(), re.M | re.S):
        found.setdefault(language, {})[name] = text
    return found


@pytest.mark.parametrize("language", COMMANDS)
def test_program_of_the_page_passes_the_tag_on(tmp_path: Path, language: str) -> None:
    program, command = COMMANDS[language]
    if shutil.which(program) is None:
        pytest.skip(f"this machine has no {program}")
    shutil.copytree(FAKES / language, tmp_path, dirs_exist_ok=True)
    for name, text in programs(PAGE)[language].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    run = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )

    assert (run.stdout.split(), run.returncode) == (["request=gray", "next=", "thread=gray"], 0), run.stderr


def test_both_languages_show_the_same_programs() -> None:
    assert programs(CHINESE) == programs(PAGE)
