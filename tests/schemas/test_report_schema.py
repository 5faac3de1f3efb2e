"""Every JSON report is what `schemas/report.schema.json` says, and has no key that it does not describe."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli_run import Run, run_grayc
from tests.golden.test_golden import CASES, DEFAULT_COMMAND, copy_tree

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
PLAN = ["plan", "release.yaml"]
VALIDATE = ["validate", "release.yaml", "--engine", "jsonschema"]


def closed(schema: object, at: str = "") -> object:
    """Return a schema that refuses keys which it does not describe; users' copies take them, as the promise has it."""
    if isinstance(schema, list):
        return [closed(item, f"{at}/{number}") for number, item in enumerate(schema)]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(item, f"{at}/{key}") for key, item in schema.items()}
    if schema.get("type") == "object" and "properties" in schema and "/allOf/" not in at and at:
        return {**made, "unevaluatedProperties": False}
    return {**made, "unevaluatedProperties": False} if "allOf" in schema or not at else made


def closed_identity(schema: object) -> object:
    """Close everything but the part that is joined with others."""
    made = closed(schema)
    assert isinstance(made, dict)
    made["$defs"]["identity"].pop("unevaluatedProperties")
    return made


VALIDATOR = jsonschema.Draft202012Validator(closed_identity(SCHEMA))  # type: ignore[arg-type]


def problems(run: Run) -> list[str]:
    text = run.stdout if run.stdout.startswith("{") else run.stderr
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(json.loads(text))]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_reports_of_goldens(case: Path, tmp_path: Path) -> None:
    copy_tree(case / "input", tmp_path / "input", is_reversed=False)
    command = case / "command.txt"
    own = (command.read_text() if command.exists() else DEFAULT_COMMAND).split()
    # The answer to `route` has a form of its own, which the release language promises.
    first = () if own[0] == "route" else (own,)
    for arguments in (
        *first,
        [*DEFAULT_COMMAND.split(), "--check"],
        PLAN,
        ["diff", "release.yaml", "--baseline"],
        VALIDATE,
    ):
        assert problems(run_grayc([*arguments, "-f", "json"], folder=tmp_path / "input")) == []


@pytest.mark.parametrize("arguments", [["bild"], ["build", "none.yaml", "-o", "out"], ["diff"], ["explain", "GC000"]])
def test_reports_of_mistakes(arguments: list[str], tmp_path: Path) -> None:
    assert problems(run_grayc([*arguments, "-f", "json"], folder=tmp_path)) == []


def test_a_key_that_nobody_described_is_found(tmp_path: Path) -> None:
    """The check itself can fail."""
    run = run_grayc(["explain", "GC000", "-f", "json"], folder=tmp_path)
    report = json.loads(run.stdout)
    assert list(VALIDATOR.iter_errors(report)) == []
    assert list(VALIDATOR.iter_errors({**report, "more": 1})) != []
    (diagnostic,) = report["diagnostics"]
    assert list(VALIDATOR.iter_errors({**report, "diagnostics": [{**diagnostic, "more": 1}]})) != []
