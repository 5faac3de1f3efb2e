"""Reports are what the official schemas of their formats ask for, for all that the goldens and the pages find."""

import json
from pathlib import Path

import jsonschema
import pytest
import xmlschema

from grayc.report.formats import Format
from tests.cli_run import run_grayc
from tests.golden.test_golden import CASES, copy_tree
from tests.unit.report.test_formats import REPORT as HOSTILE
from tools.dev_tools import prepare_report_schemas

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}
"""Source: GitLab Docs, "Code Quality report format"."""


@pytest.fixture(scope="module")
def schemas() -> Path:
    return prepare_report_schemas()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[Format, list[str]]:
    """Return the reports of every golden's build, and one of hostile text."""
    from grayc.report.formats import render  # noqa: PLC0415 - beside its one use

    found: dict[Format, list[str]] = {form: [render(HOSTILE, form)] for form in Format}
    for case in CASES:
        folder = tmp_path_factory.mktemp(case.name[:20])
        copy_tree(case / "input", folder / "input", is_reversed=False)
        wanted = [f"--report={form}=../{form}.out" for form in Format]
        run_grayc(["build", "release.yaml", "-o", "../out", *wanted], folder=folder / "input")
        for form in Format:
            found[form].append((folder / f"{form}.out").read_text(encoding="utf-8"))
    return found


def test_sarif(schemas: Path, reports: dict[Format, list[str]]) -> None:
    schema = json.loads((schemas / "sarif.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert len(reports[Format.SARIF]) > len(CASES)
    for text in reports[Format.SARIF]:
        assert [error.message for error in validator.iter_errors(json.loads(text))] == []


def test_junit(schemas: Path, reports: dict[Format, list[str]]) -> None:
    schema = xmlschema.XMLSchema(schemas / "junit.xsd")
    for text in reports[Format.JUNIT]:
        assert [error.reason for error in schema.iter_errors(text)] == []


def test_code_quality(reports: dict[Format, list[str]]) -> None:
    """Source: gitlabhq app/validators/json_schemas/codeclimate.json: four fields are required."""
    for text in reports[Format.GITLAB]:
        issues = json.loads(text)
        assert len({issue["fingerprint"] for issue in issues}) == len(issues)
        for issue in issues:
            assert isinstance(issue["description"], str)
            assert issue["severity"] in SEVERITIES
            assert isinstance(issue["location"]["path"], str)
            assert issue["location"]["lines"]["begin"] >= 1


def test_workflow_commands(reports: dict[Format, list[str]]) -> None:
    for text in reports[Format.GITHUB]:
        assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in text.splitlines())
