"""Every code has a page, and what the page shows is what grayc does."""

import contextlib
import fcntl
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

import pytest

import grayc
from grayc.diagnostics import CODES, Severity
from tests.cli_run import Run, run_grayc
from tests.pages.page import FOLDER, PAGES, Page, Part
from tests.renderers import renderers_path

SOURCE = Path(grayc.__file__).parent
BASELINE = Path(__file__).resolve().parent / "baseline"
"""The ordinary baseline, as `docs/diagnostics.md` shows it: there, unless a page has files of the same names."""
DEFAULT_COMMAND = "grayc build release.yaml -o out/"

WITHOUT_EXAMPLE: dict[str, str] = {
    "GC153": "a file must be written to in the moment in which it is read",
    "GC162": "a program must hang",
    "GC315": "GC303 comes first: every service has a workload",
    "GC404": "the schema refuses such a tag or name",
    "GC411": "every kind that is copied has replicas",
    "GC703": "a library of the installation must be missing",
    "GC564": "an object must have more than 500 settings about stores, which no page can show",
    "GC607": "a run must be killed in its middle: no journal made by hand is believed",
    "GC641": "as GC607",
    "GC901": "a fault of grayc: no input is known that leads to one",
    "GC902": "a fault of grayc: no input is known that leads to one",
}
"""Code → why its page tells in words what another has files for."""


@contextlib.contextmanager
def another_run(folder: Path) -> Iterator[None]:
    """Hold the output folder as another run of grayc does, and have no patience with it."""
    out = folder / "out"
    out.mkdir()
    handle = os.open(out, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with mock.patch("grayc.output.folder.LOCK_ATTEMPTS", 1):
            yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def no_tools(folder: Path) -> Iterator[None]:
    """Look for tools where there are none."""
    with mock.patch.dict(os.environ, {"PATH": str(folder / "nowhere")}):
        yield


@contextlib.contextmanager
def renderers(folder: Path) -> Iterator[None]:
    """Look for tools where those are that the tests render with."""
    with mock.patch.dict(os.environ, {"PATH": renderers_path()}):
        yield


SURROUNDINGS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "GC160": no_tools,
    "GC161": renderers,
    "GC163": renderers,
    "GC164": renderers,
    "GC165": renderers,
    "GC166": renderers,
    "GC167": renderers,
    "GC168": renderers,
    "GC180": renderers,
    "GC181": renderers,
    "GC182": renderers,
    "GC183": renderers,
    "GC184": renderers,
    "GC185": renderers,
    "GC186": renderers,
    "GC187": renderers,
    "GC347": renderers,
    "GC605": another_run,
    "GC724": no_tools,
}
"""Code → what goes on around its example."""

ALSO: dict[str, set[str]] = {"GC586": {"GC650"}}
"""Code → errors that its example has besides."""

NOT_REPORTED: set[str] = set()
"""Codes that no part of grayc reports; to be implemented or retired."""

SAYS_NO = frozenset({"GC586"})
"""Notes whose example asks `--check`, which answers no."""

WITH_EXAMPLE = [page for code, page in PAGES.items() if code not in WITHOUT_EXAMPLE]


def lay(part: Part, folder: Path) -> None:
    for name, text in part.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(commands: tuple[str, ...], folder: Path) -> Run:
    """Run the commands in order, those of the shell too, and return what the last, a grayc one, did."""
    done = None
    for command in commands:
        words = shlex.split(command)
        if words[0] != "grayc":
            subprocess.run(["sh", "-e", "-c", command], cwd=folder, check=True, capture_output=True)
            continue
        stdin = b""
        if "<" in words:
            stdin = (folder / words[words.index("<") + 1]).read_bytes()
            words = words[: words.index("<")]
        done = run_grayc([*words[1:], "-f", "json"], folder=folder, stdin=stdin)
    assert done is not None, "the last command is one of grayc"
    return done


def findings(done: Run) -> list[tuple[str, str]]:
    """Return code and severity of everything that was found."""
    report = done.stdout if done.stdout.startswith("{") else done.stderr
    return [(item["code"], item["severity"]) for item in json.loads(report).get("diagnostics", [])]


def run_example(page: Page, folder: Path) -> Run:
    example = page.example
    assert example is not None
    shutil.copytree(BASELINE, folder / "baseline")
    lay(example, folder)
    with SURROUNDINGS.get(page.code, contextlib.nullcontext)(folder):
        return run(example.commands or (DEFAULT_COMMAND,), folder)


@pytest.mark.parametrize("page", WITH_EXAMPLE, ids=lambda page: page.code)
def test_example_has_the_finding_and_what_to_write_instead_has_it_no_more(page: Page, tmp_path: Path) -> None:
    row = CODES[page.code]
    done = run_example(page, tmp_path)
    found = findings(done)

    assert (page.code, str(row.severity)) in found
    errors = {code for code, severity in found if severity == Severity.ERROR}
    assert errors <= {page.code} | ALSO.get(page.code, set())
    assert done.status == (row.exit_status if row.severity is Severity.ERROR else int(page.code in SAYS_NO))

    assert page.example is not None
    assert page.instead is not None
    lay(page.instead, tmp_path)
    last = (page.example.commands or (DEFAULT_COMMAND,))[-1]
    # What to write instead of a rendering that fails is one that works.
    around = renderers(tmp_path) if SURROUNDINGS.get(page.code) is renderers else contextlib.nullcontext()
    with around:
        done = run(page.instead.commands or (last,), tmp_path)

    assert page.code not in {code for code, _ in findings(done)}
    assert done.status == page.status_after, done.stdout + done.stderr


def test_every_code_has_one_page_and_every_page_a_code() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.md")) == [f"{code}.md" for code in sorted(CODES)]


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.code)
def test_title_is_code_and_name(page: Page) -> None:
    assert page.title == f"# {page.code}: {CODES[page.code].name}"


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.code)
def test_page_says_why_it_matters_and_what_to_do(page: Page) -> None:
    assert "\nWhy it matters: " in page.text
    assert "\n## Example\n" in page.text
    assert "\n## Instead\n" in page.text


def test_pages_without_example_are_those_that_say_why() -> None:
    assert sorted(code for code, page in PAGES.items() if page.example is None) == sorted(WITHOUT_EXAMPLE)


def test_every_code_is_reported_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "codes.py")

    assert {code for code in CODES if f'"{code}"' not in text} == NOT_REPORTED
