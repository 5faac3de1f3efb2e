"""Findings as JUnit XML, for the test tabs of build servers."""

from xml.etree import ElementTree as xml

from grayc.diagnostics import CODES, Diagnostic, Severity
from grayc.diagnostics.visible import visible
from grayc.report.model import Report


def render_junit(report: Report) -> str:
    """Return one test suite: a failed case for each error, a passed one for each other finding, one where all is well.

    Source: the JUnit XML schema that Jenkins and GitLab read (`testsuites`, `testsuite`, `testcase`, `failure`).
    """
    cases = [_case(diagnostic) for diagnostic in report.diagnostics]
    if not cases:
        cases = [xml.Element("testcase", name=report.command, classname="grayc", time="0")]
    failures = str(sum(diagnostic.severity is Severity.ERROR for diagnostic in report.diagnostics))
    counts = {"tests": str(len(cases)), "failures": failures, "errors": "0", "time": "0"}
    root = xml.Element("testsuites", {"name": "grayc", **counts})
    suite = xml.SubElement(root, "testsuite", {"name": f"grayc {report.command}", "skipped": "0", **counts})
    suite.extend(cases)
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


def _case(diagnostic: Diagnostic) -> xml.Element:
    place = str(diagnostic.span) if diagnostic.span else "-"
    case = xml.Element(
        "testcase",
        name=visible(f"{diagnostic.code} {place}"),
        time="0",
        classname=f"grayc.{CODES[diagnostic.code].name}",
    )
    words = [visible(diagnostic.message)]
    words += [visible(f"note: {f'{note.span}: ' if note.span else ''}{note.message}") for note in diagnostic.notes]
    words += [visible(f"help: {diagnostic.help}")] if diagnostic.help else []
    if diagnostic.severity is Severity.ERROR:
        failure = xml.SubElement(case, "failure", message=words[0], type=diagnostic.code)
        failure.text = "\n".join(words)
    else:
        xml.SubElement(case, "system-out").text = "\n".join([f"{diagnostic.severity}: {words[0]}", *words[1:]])
    return case
