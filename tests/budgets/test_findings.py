"""Findings are told up to a number of each code, and counted all."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grayc.diagnostics import Diagnostic, Severity
from grayc.report.model import MAX_FINDINGS, Report, shortened
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import release

UNKNOWN = 20_000
MORE = f"and {UNKNOWN - MAX_FINDINGS} more findings GC301"
FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit")


def _found(code: str, count: int, *, accepted: str | None = None) -> list[Diagnostic]:
    return [Diagnostic(code=code, message=str(n), accepted=accepted) for n in range(count)]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_how_many_more_there_are(tmp_path: Path, form: str) -> None:
    lay_out(tmp_path, [deployment()], release=release(services=[{"name": f"nobody-{n}"} for n in range(UNKNOWN)]))
    cost = cost_of(["build", "release.yaml", "-o", "out", "-f", form], folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 1
    told = cost.stdout + cost.stderr
    assert told.count(MORE) == (2 if form == "junit" else 1)
    assert len(told) < 1_000_000
    if form == "json":
        data = json.loads(told)
        assert data["summary"]["errors"] == UNKNOWN
        assert len(data["diagnostics"]) == MAX_FINDINGS + 1
    if form == "text":
        assert f"grayc build: {UNKNOWN} errors" in told
    if form == "junit":
        suite = ElementTree.fromstring(told)
        assert suite.get("failures") == str(len(suite.findall(".//failure")))


def test_each_code_has_its_own_number() -> None:
    found = (*_found("GC301", MAX_FINDINGS), *_found("GC440", MAX_FINDINGS + 3), *_found("GC302", 1))
    report = shortened(Report(command="build", status=1, diagnostics=found))
    assert [item.code for item in report.diagnostics].count("GC301") == MAX_FINDINGS
    assert report.diagnostics[-1].message.startswith("and 3 more findings GC440")
    assert sum(report.count(severity) for severity in Severity) == len(found)


def test_accepted_findings_are_counted_apart() -> None:
    found = (*_found("GC440", MAX_FINDINGS + 1, accepted="known"), *_found("GC440", 1))
    report = shortened(Report(command="build", status=1, diagnostics=found))
    assert report.count(Severity.NOTE) == MAX_FINDINGS + 1
    assert report.count(Severity.ERROR) == 1
    assert report.diagnostics[-1].accepted is not None


def test_a_short_report_stays_as_it_is() -> None:
    report = Report(command="build", status=1, diagnostics=tuple(_found("GC301", MAX_FINDINGS)))
    assert shortened(report).diagnostics == report.diagnostics
