"""Every exit status is reached for every reason that `--help` gives, and each format is taken or refused as it says."""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest

from grayc.cli.commands import FAULT, PROMISES
from grayc.cli.syntax import COMMANDS
from grayc.report.formats import Format
from tests.cli_run import Run, run_grayc
from tests.unit.cli.texts import PREPARED, RELEASE
from tools.commands_page import formats_of

Put = tuple[str, str | None]
"""A file and the text that is put into it, None where the file goes."""

Step = str | Put
"""A command line, of grayc or of git, or a file that is put."""

BROKEN: Put = ("release.yaml", RELEASE.replace("name: web", "name: wbe"))
GONE: Put = ("release.yaml", None)
IMAGE = RELEASE.replace("{name: web}", '{name: web, images: {web: "registry.example.com/web:2"}}')
NEWER: Put = ("release.yaml", IMAGE)
MISTAKEN: Put = ("release.yaml", RELEASE.replace("tag: gray", "tag: gray, wrong: 1"))
NO_TAG: Put = ("release.yaml", RELEASE.replace("tag: gray, ", ""))
MISSPELT: Put = (
    "release.yaml",
    RELEASE.replace("{name: web}", "{name: web, patches: [{kind: Deployment, patch: {spec: {minReadySecs: 5}}}]}"),
)
MOVED: Put = ("baseline/web.yaml", PREPARED.replace("web:1", "web:3"))
WARNING: Put = ("baseline/web.yaml", PREPARED.replace("{name: web}\nspec", "{name: web, annotations: {new: on}}\nspec"))
EDITED: Put = ("out/demo.web.yaml", "kind: Mine\n")
EMPTIED: Put = ("out/demo.web.yaml", "# mine\n")
_NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
_LISTED = {"demo.web.yaml": {"owner": "demo", "sha256": hashlib.sha256(_NAMESPACE.encode()).hexdigest()}}
PLANTED: tuple[Put, ...] = (
    ("out/demo.web.yaml", _NAMESPACE),
    ("out/.grayc-inventory", json.dumps({"format": "grayc.inventory/v1", "files": _LISTED})),
)
BARE: Put = ("baseline/web.yaml", PREPARED.replace(", zadigx-release-version: original", ""))
OTHER_LANE: Put = ("baseline/web.yaml", PREPARED.replace("original", "blue"))
DATED: Put = ("release.yaml", RELEASE.replace("tag: gray", "tag: gray, expires: 2026-01-31"))
BUILD = "grayc build release.yaml -o out"
ROUTE = "grayc route release.yaml --host shop.example.com"
ENTRY: Put = ("release.yaml", RELEASE.replace("tag: gray", "tag: gray, traffic: {gateway: mse}"))
JOB = "type: mse-gray-release, spec: {gray_tag: gray, gray_services: [{service_name: web}]}"
WORKFLOW: Put = ("workflow.yaml", f"name: demo\nstages: [{{jobs: [{{name: r, {JOB}}}]}}]\n")
OPEN_WORKFLOW: Put = ("workflow.yaml", str(WORKFLOW[1]).replace("gray_tag: gray, ", ""))

REACHED: Mapping[str, Mapping[int, tuple[tuple[Step, ...], ...]]] = {
    "build": {
        0: ((BUILD,), (BUILD, f"{BUILD} --check")),
        1: (
            (BROKEN, BUILD),
            (WARNING, f"{BUILD} --strict"),
            (BUILD, EDITED, BUILD),
            (f"{BUILD} --check",),
            (BUILD, MOVED, f"{BUILD} --check"),
        ),
        2: (
            ("grayc build release.yaml",),
            (GONE, BUILD),
            (("out", ""), BUILD),
            (BROKEN, f"{BUILD} --check"),
            ("grayc build release.yaml -o other", f"{BUILD} --lanes other", f"{BUILD} --check"),
        ),
    },
    "plan": {
        0: (("grayc plan release.yaml",),),
        1: ((BROKEN, "grayc plan release.yaml"), (WARNING, "grayc plan release.yaml --strict")),
        2: (("grayc plan release.yaml --today soon",), (GONE, "grayc plan release.yaml")),
    },
    "diff": {
        0: ((BUILD, "grayc diff release.yaml --with out"),),
        1: (
            (BUILD, NEWER, "grayc diff release.yaml --with out"),
            (BUILD, EMPTIED, "grayc diff release.yaml --with out"),
        ),
        2: (
            ("grayc diff release.yaml",),
            (GONE, "grayc diff release.yaml --baseline"),
            (BROKEN, "grayc diff release.yaml --baseline"),
            (WARNING, "grayc diff release.yaml --baseline --strict"),
            ("git init -q", BUILD, "grayc diff --with out --rev nobody"),
        ),
    },
    "validate": {
        0: (("grayc validate release.yaml --engine jsonschema",),),
        1: (
            (BROKEN, "grayc validate release.yaml"),
            (MISSPELT, "grayc validate release.yaml --engine jsonschema"),
            (WARNING, "grayc validate release.yaml --engine jsonschema --strict"),
        ),
        2: (
            ("grayc validate release.yaml --today yesterday",),
            (GONE, "grayc validate release.yaml"),
            (("crds/a.yaml", "kind: [\n"), "grayc validate release.yaml --crd-schemas crds"),
            ("grayc validate release.yaml --engine kubeconform",),
            (("../bin/kubeconform", "#!/bin/sh\nexit 3\n"), "grayc validate release.yaml"),
        ),
    },
    "route": {
        0: ((ENTRY, ROUTE),),
        1: ((BROKEN, ROUTE), (BROKEN, f"{ROUTE} --compare-gateways")),
        2: ((f"{ROUTE} --path nowhere",), (GONE, ROUTE)),
    },
    "graph": {
        0: (("grayc graph release.yaml",),),
        1: ((BROKEN, "grayc graph release.yaml"), (WARNING, "grayc graph release.yaml --strict")),
        2: (("grayc graph release.yaml --lang de",), (GONE, "grayc graph release.yaml")),
    },
    "report": {
        0: (("grayc report release.yaml -o page.html",),),
        1: (
            (BROKEN, "grayc report release.yaml -o page.html"),
            (WARNING, "grayc report release.yaml -o page.html --strict"),
            (BUILD, EMPTIED, "grayc report release.yaml --with out -o page.html"),
        ),
        2: (
            ("grayc report release.yaml",),
            (GONE, "grayc report release.yaml -o page.html"),
            (("page.html", "<p>mine</p>\n"), "grayc report release.yaml -o page.html"),
        ),
    },
    "offline": {
        0: (
            (BUILD, "grayc offline release.yaml -o out"),
            (BUILD, MISTAKEN, "grayc offline release.yaml -o out"),
            (BUILD, "grayc offline release.yaml -o out", "grayc offline release.yaml -o out --check"),
        ),
        1: (
            (BUILD, NO_TAG, "grayc offline release.yaml -o out"),
            (BUILD, "grayc offline --tag grey -o out"),
            (BUILD, EDITED, "grayc offline release.yaml -o out"),
            (BUILD, *PLANTED, "grayc offline release.yaml -o out"),
            (BUILD, "grayc offline release.yaml -o out --check"),
        ),
        2: (
            ("grayc offline -o out",),
            (BUILD, GONE, "grayc offline release.yaml -o out"),
            (("out/other.yaml", "kind: Mine\n"), "grayc offline release.yaml -o out"),
            (BUILD, "grayc offline --tag grey -o out --check"),
            (BUILD, NO_TAG, "grayc offline release.yaml -o out --check"),
        ),
    },
    "doctor": {
        0: (("grayc doctor",),),
        1: ((("file", ""), "grayc doctor -o file/out"),),
        2: (("grayc doctor --nothing",),),
    },
    "lanes": {
        0: ((BUILD, "grayc lanes out"), (BUILD, "grayc offline release.yaml -o out", "grayc lanes out")),
        1: ((DATED, BUILD, "grayc lanes out --today 2026-02-01 --strict"),),
        2: (
            ("grayc lanes out --today soon",),
            ("grayc lanes none",),
            (BUILD, ("out/.grayc-inventory", "{"), "grayc lanes out"),
        ),
    },
    "init": {
        0: (("grayc init baseline -o first.yaml",),),
        1: (
            (("baseline/web.yaml", "kind: [\n"), "grayc init baseline -o first.yaml"),
            ("grayc init baseline -s wbe -o first.yaml",),
            ("grayc init baseline",),
        ),
        2: (("grayc init",), ("grayc init none",)),
    },
    "index": {
        0: (("grayc index baseline -o shop.index",), (("baseline/web.yaml", "kind: [\n"), "grayc index . -o -")),
        1: ((("baseline/web.yaml", None), "grayc index baseline -o shop.index"), (("shop.index", "mine\n"), "grayc index baseline -o shop.index")),
        2: (("grayc index baseline",), ("grayc index none -o shop.index",), ("grayc index baseline -o none/shop.index",)),
    },
    "promote": {
        0: ((NEWER, "grayc promote release.yaml"), ("grayc promote release.yaml",)),
        1: (
            (BROKEN, "grayc promote release.yaml"),
            (BUILD, NEWER, "grayc promote release.yaml --with out"),
            (NEWER, "grayc promote release.yaml --check"),
        ),
        2: (
            ("grayc promote release.yaml --check --diff",),
            (GONE, "grayc promote release.yaml"),
            (BROKEN, "grayc promote release.yaml --check"),
        ),
    },
    "adopt": {
        0: ((BARE, "grayc adopt baseline"), ("grayc adopt baseline",)),
        1: ((OTHER_LANE, "grayc adopt baseline"), (BARE, "grayc adopt baseline --check")),
        2: (
            ("grayc adopt baseline --check --diff",),
            ("grayc adopt none",),
            (OTHER_LANE, "grayc adopt baseline --check"),
        ),
    },
    "explain": {
        0: (("grayc explain GC440",),),
        1: ((BROKEN, "grayc explain Deployment/web-mse-gray spec.replicas"),),
        2: (("grayc explain --page",), ("grayc explain none.yaml:3",), ("grayc explain GC999",)),
    },
    "schema": {0: (("grayc schema",),), 2: (("grayc schema release",),)},
    "import zadig": {
        0: ((WORKFLOW, "grayc import zadig workflow.yaml -o first.yaml"),),
        1: (
            ("grayc import zadig release.yaml -o first.yaml",),
            (OPEN_WORKFLOW, "grayc import zadig workflow.yaml"),
            (WORKFLOW, "grayc import zadig workflow.yaml --tag Gray_1"),
            (WORKFLOW, "grayc import zadig workflow.yaml"),
        ),
        2: (("grayc import zadig",), ("grayc import zadig none.yaml",)),
    },
}  # fmt: skip
"""Command → exit status → for each reason, in the order of the promise, the steps whose last leaves that status."""


CASES = [
    (command, status, position)
    for command, promise in PROMISES.items()
    for status, reasons in promise.statuses.items()
    for position in range(len(reasons))
]
SUCCESSES = {command: rows[0][0] for command, rows in REACHED.items()}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "baseline").mkdir(parents=True)
    (tmp_path / "shop" / "baseline" / "web.yaml").write_text(PREPARED)
    (tmp_path / "shop" / "release.yaml").write_text(RELEASE)
    return tmp_path / "shop"


def take(steps: tuple[Step, ...], folder: Path, *more: str) -> Run:
    """Return what the last of some steps does, given more arguments."""
    *before, last = steps
    for step in before:
        match step:
            case str() if step.startswith("git "):
                subprocess.run(step.split(), cwd=folder, check=True)
            case str():
                assert run_grayc(step.split()[1:], folder=folder).status == 0, step
            case (name, None):
                (folder / name).unlink()
            case (name, str() as text):
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text)
                (folder / name).chmod(0o755)
    assert isinstance(last, str)
    return run_grayc([*last.split()[1:], *more], folder=folder)


def test_every_command_has_a_promise() -> None:
    assert list(COMMANDS) == list(PROMISES)


def test_every_reason_has_a_test() -> None:
    promised = {
        (command, status): len(reasons)
        for command, promise in PROMISES.items()
        for status, reasons in promise.statuses.items()
    }

    assert {(name, status): len(cases) for name, rows in REACHED.items() for status, cases in rows.items()} == promised


@pytest.mark.parametrize(("command", "status", "position"), CASES)
def test_a_status_is_reached_for_its_reason(
    command: str, status: int, position: int, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{shop.parent / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    run = take(REACHED[command][status][position], shop)

    assert run.status == status, run.stderr
    if status == 2:
        assert run.stdout == "", "what could not be answered is no artefact"
        assert "[GC" in run.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_is_status_3_in_every_command(command: str, shop: Path) -> None:
    *before, last = SUCCESSES[command]
    assert isinstance(last, str)
    if before:
        take((*before, "grayc schema"), shop)
    words = command.split()
    with patch(f"grayc.cli.{words[-1]}.{words[-1]}", side_effect=ValueError("hunter2")):
        run = run_grayc(last.split()[1:], folder=shop)

    assert (run.status, "GC901" in run.stderr, "hunter2" in run.stderr) == (3, True, False)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_the_promise(command: str, shop: Path) -> None:
    run = run_grayc([*command.split(), "--help"], folder=shop)
    said = " ".join(run.stdout.split())

    assert run.status == 0
    assert max(len(line) for line in run.stdout.splitlines()) <= 80
    for reason in (*(reason for reasons in PROMISES[command].statuses.values() for reason in reasons), FAULT):
        assert reason in said
    assert (PROMISES[command].prints or "nothing") in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_format_that_is_listed_is_taken_with_the_same_status(command: str, shop: Path) -> None:
    *before, last = SUCCESSES[command]
    assert isinstance(last, str)
    for form in formats_of(command):
        scratch = shop / form
        (scratch / "baseline").mkdir(parents=True)
        (scratch / "baseline" / "web.yaml").write_text(PREPARED)
        (scratch / "release.yaml").write_text(RELEASE)
        run = take((*before, last), scratch, "-f", form)
        assert run.status == 0, (form, run.stderr)
        if form == Format.JSON:
            assert isinstance(json.loads(run.stdout), dict)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_format_that_is_not_listed_is_refused(command: str, shop: Path) -> None:
    known = set(formats_of(command))
    last = SUCCESSES[command][-1]
    assert isinstance(last, str)
    for form in {*Format, "markdown", "xml", "JSON", ""} - known:
        run = run_grayc([*last.split()[1:], "-f", form], folder=shop)
        assert (run.status, "GC702" in run.stderr + run.stdout) == (2, True), form


@pytest.mark.parametrize("command", [name for name in COMMANDS if formats_of(name)])
def test_every_command_can_be_quiet(command: str, shop: Path) -> None:
    run = take(SUCCESSES[command], shop, "--quiet")

    assert (run.status, run.stderr) == (0, "")


@pytest.mark.parametrize("command", [name for name in COMMANDS if formats_of(name)])
def test_a_mistake_is_one_document_in_json(command: str, shop: Path) -> None:
    run = take(REACHED[command][2][0], shop, "-f", "json")

    assert (run.status, run.stderr) == (2, "")
    assert json.loads(run.stdout)["exit_code"] == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_standard_output_has_what_is_promised_and_nothing_else(command: str, shop: Path) -> None:
    """A promise that begins with a flag leaves standard output empty without it."""
    prints = PROMISES[command].prints
    run = take(SUCCESSES[command], shop)

    assert bool(run.stdout) is bool(prints and not prints.startswith("`-"))
