"""What the first pages type is typed here, in copies of the examples, and grayc takes it."""

import shutil
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks
from tests.docs.sessions import programs, shown_in, typed

BUILD = "grayc build release.yaml -o out/"
INSTALLED = "#!/bin/sh\nexit 0\n"
MAKE = f"#!/bin/sh\ngrep -q \"^$1:\" '{ROOT / 'Makefile'}'\n"
DIFFERS = "grayc diff release.yaml --baseline"
"""Its status says that gray differs from production."""


def sessions(page: str) -> list[list[str]]:
    """Return the commands of each console of a page."""
    shown = [block for block in blocks((ROOT / page).read_text("utf-8")) if block.language == "console"]
    return [[command for command, _ in shown_in(block.text)] for block in shown]


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(ROOT / "examples", folder / "examples")
    programs(tmp_path / "bin", '#!/bin/sh\n[ "$*" = "apply -f out/" ] && ls out/*.yaml > /dev/null\n')
    for name, text in {"pip": INSTALLED, "make": MAKE}.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("page", "folder", "before"),
    [
        ("README.md", "examples/mse-demo", ()),
        ("docs/zh/README.md", ".", ()),
        ("docs/report.md", "examples/shop", (BUILD,)),
        ("docs/zh/report.md", "examples/shop", (BUILD,)),
    ],
)
def test_every_command_is_answered(page: str, folder: str, before: tuple[str, ...], examples: Path) -> None:
    commands = [command for session in sessions(page) for command in session]
    assert len(commands) >= 3
    for command in (*before, *commands):
        status, lines = typed(command, examples / folder, examples.parent / "bin")
        assert status == int(command.split("  #")[0].rstrip() == DIFFERS), f"{command}\n" + "\n".join(lines)


def test_a_command_of_an_object_that_is_not_there_is_found(examples: Path) -> None:
    wrong = "grayc explain Deployment/spring-a-mse-gray spec.replicas"
    assert typed(wrong, examples / "examples/mse-demo", examples.parent / "bin")[0] == 2


def test_what_the_chinese_page_explains_is_there(examples: Path) -> None:
    """Its table of commands names a file of the output and an object by their names."""
    text = (ROOT / "docs/zh/README.md").read_text("utf-8")
    folder, beside = examples / "examples/mse-demo", examples.parent / "bin"
    assert typed(BUILD, folder, beside)[0] == 0
    for words in ("out/spring-demo.spring-a.yaml:12", "Deployment/spring-cloud-a-mse-gray spec.replicas"):
        assert words in text
        status, lines = typed(f"grayc explain {words}", folder, beside)
        assert status == 0, "\n".join(lines)
