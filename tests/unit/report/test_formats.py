"""Every machine format carries every finding, and user text cannot act in it."""

import json
from xml.etree import ElementTree as xml

import pytest

from grayc.diagnostics import Diagnostic, Note
from grayc.report.formats import Format, render
from grayc.report.json import indented
from grayc.report.model import Report
from grayc.source import SourceFile, Span

ODD = {"a": [], "b": {}, "c": [1, True, None, 1.5, 1e30, "é\u2028"], 1: (), None: {True: [[{"x": {"y": ["z"]}}]]}}
HOSTILE = "100%\n::set-output name=x::y\r\x1b[31m\u202e<&\"'>`"
SOURCE = SourceFile(name="a b,c.yaml", text="key: value\n")
SPAN = Span(source=SOURCE, line=1, column=6, length=5)
FINDINGS = (
    Diagnostic(
        code="GC205",
        message=HOSTILE,
        span=SPAN,
        field="spec.tag",
        help=HOSTILE,
        notes=(Note(message=HOSTILE, span=SPAN), Note(message="without a place")),
    ),
    Diagnostic(code="GC312", message="left out", span=SPAN),
    Diagnostic(code="GC441", message="caught", span=SPAN, accepted="we know"),
    Diagnostic(code="GC101", message="no file"),
)
REPORT = Report(command="build", status=1, diagnostics=FINDINGS)
MACHINE = [form for form in Format if form is not Format.TEXT]


@pytest.mark.parametrize("form", Format)
def test_no_raw_control_or_bidirectional_character_comes_out(form: Format) -> None:
    text = render(REPORT, form)
    assert all(sign.isprintable() or sign == "\n" for sign in text)


@pytest.mark.parametrize("form", MACHINE)
def test_every_code_is_there(form: Format) -> None:
    text = render(REPORT, form)
    assert all(diagnostic.code in text for diagnostic in FINDINGS)


def test_json_places_are_one_based_and_end_after_the_last_character() -> None:
    first = json.loads(render(REPORT, Format.JSON))["diagnostics"][0]
    assert first["range"] == {"start": {"line": 1, "column": 6}, "end": {"line": 1, "column": 11}}
    assert first["message"] == HOSTILE


def test_github_commands_stay_one_line_each() -> None:
    lines = render(REPORT, Format.GITHUB).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::error", "::warning", "::notice"]
    assert "file=a b%2Cc.yaml" in lines[0]
    assert "100%25" in lines[0]


def test_gitlab_fingerprints_differ_and_do_not_move_with_lines() -> None:
    issues = json.loads(render(REPORT, Format.GITLAB))
    assert len({issue["fingerprint"] for issue in issues}) == len(FINDINGS)
    twice = Report(command="build", status=1, diagnostics=(FINDINGS[0], FINDINGS[0]))
    assert len({issue["fingerprint"] for issue in json.loads(render(twice, Format.GITLAB))}) == 2
    moved = SourceFile(name=SOURCE.name, text="\n" + SOURCE.text)
    later = Diagnostic(code="GC312", message="left out", span=Span(source=moved, line=2, column=6))
    assert (
        json.loads(render(Report(command="build", status=0, diagnostics=(later,)), Format.GITLAB))[0]["fingerprint"]
        == (issues[1]["fingerprint"])
    )


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_indented_text_is_that_of_the_library(ensure_ascii: bool) -> None:
    assert indented(ODD, ensure_ascii=ensure_ascii) == json.dumps(ODD, indent=2, ensure_ascii=ensure_ascii)


def test_sarif_marks_accepted_findings_as_suppressed() -> None:
    run = json.loads(render(REPORT, Format.SARIF))["runs"][0]
    assert [bool(result.get("suppressions")) for result in run["results"]] == [False, False, True, False]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%2Cc.yaml"


def test_sarif_has_a_file_for_every_finding_and_every_related_place() -> None:
    """GitHub refuses the whole log otherwise."""
    results = json.loads(render(REPORT, Format.SARIF))["runs"][0]["results"]
    for result in results:
        for place in (*result["locations"], *result.get("relatedLocations", [])):
            assert place["physicalLocation"]["artifactLocation"]["uri"]
    assert "note: without a place" in results[0]["message"]["text"]


def test_junit_fails_a_case_for_each_error_and_passes_one_where_all_is_well() -> None:
    suite = xml.fromstring(render(REPORT, Format.JUNIT))[0]
    assert [case.find("failure") is not None for case in suite] == [True, False, False, True]
    calm = xml.fromstring(render(Report(command="build", status=0), Format.JUNIT))
    assert calm.get("tests") == "1"
    assert calm.get("failures") == "0"
