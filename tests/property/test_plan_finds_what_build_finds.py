"""`plan` ends as `build` does: the same status and the same findings, but for those about the output folder."""

import contextlib
import json
import os
import shutil
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest

from tests.cli_run import run_grayc
from tests.golden.test_golden import CASES
from tests.manifests import objects_in
from tests.pages.page import Page
from tests.pages.test_pages import BASELINE, SURROUNDINGS, WITH_EXAMPLE, lay
from tests.renderers import renderers_path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_OUTPUT_STAGE = "GC6"
_ABOUT_OUTPUT = {"GC614"}
"""Codes of the output stage that need no folder."""
_OF_A_FIRST_BUILD = "GC738"
"""What a folder tells that does not hold the lane yet, and so of no other stage."""

FOLDERS = [
    *(
        pytest.param(case / "input", id=f"golden-{case.name}")
        for case in CASES
        if (case / "input/release.yaml").is_file()
    ),
    *(pytest.param(spec.parent, id=f"example-{spec.parent.name}") for spec in sorted(EXAMPLES.glob("*/release.yaml"))),
    *(
        pytest.param(spec.parent, id=f"case-{spec.parent.name}")
        for root in os.environ.get("GRAYC_CASES", "").split(os.pathsep)
        if root
        for spec in sorted(Path(root).glob("**/release.yaml"))
    ),
]
BUILT = [
    page
    for page in WITH_EXAMPLE
    if page.example is not None
    and not page.example.commands
    and (not page.code.startswith(_OUTPUT_STAGE) or page.code in _ABOUT_OUTPUT)
]


def found_by(command: str, folder: Path) -> tuple[int, Counter[tuple[str, str]], object]:
    """Return exit status, code and message of every finding, and the plans."""
    flags = ["-o", str(folder.parent / "made")] if command == "build" else []
    done = run_grayc([command, "release.yaml", *flags, "-f", "json"], folder=folder)
    told = json.loads(done.stdout)
    findings = Counter(
        (item["code"], item["message"])
        for item in told["diagnostics"]
        if (not item["code"].startswith(_OUTPUT_STAGE) or item["code"] in _ABOUT_OUTPUT)
        and item["code"] != _OF_A_FIRST_BUILD
    )
    return done.status, findings, told.get("plans")


def both(folder: Path) -> None:
    """Ask both; where the release is built, every object that the plan names a copy for is there."""
    built, planned = found_by("build", folder), found_by("plan", folder)
    assert planned[1] == built[1]
    assert planned[0] == built[0]
    if built[0] == 0:
        assert isinstance(planned[2], list)
        made = {
            (item["kind"], item["metadata"]["name"])
            for file in sorted((folder.parent / "made").glob("*.yaml"))
            for item in objects_in(file.read_text())
        }
        # An Ingress of Traefik's own is opened by an IngressRoute of that name.
        made |= {("Ingress", name) for kind, name in made if kind == "IngressRoute"}
        shown = {(row["kind"], row["grayName"]) for plan in planned[2] for row in plan["objects"] if row["grayName"]}
        assert shown <= made, shown - made


@pytest.mark.parametrize("folder", FOLDERS)
def test_of_a_release(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(folder, root)
    is_rendered = any(word in (root / "release.yaml").read_text() for word in ("kustomize:", "helm:"))
    with mock.patch.dict(os.environ, {"PATH": renderers_path()} if is_rendered else {}):
        both(root)


@pytest.mark.parametrize("page", BUILT, ids=lambda page: page.code)
def test_of_the_example_of_a_page(page: Page, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(BASELINE, root / "baseline")
    assert page.example is not None
    lay(page.example, root)
    with SURROUNDINGS.get(page.code, contextlib.nullcontext)(root):
        both(root)
