"""Findings as GitHub workflow commands, which mark the lines of a pull request."""

from grayc.diagnostics import Diagnostic, Severity
from grayc.diagnostics.visible import visible
from grayc.report.model import Report

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def render_github(report: Report) -> str:
    """Return one command a line, the gravest first: GitHub shows only about ten of a level for each step.

    Source: GitHub Docs, "Workflow commands", and actions/toolkit packages/core/src/command.ts for the escapes.
    """
    ordered = sorted(report.diagnostics, key=lambda diagnostic: _ORDER[diagnostic.severity])
    return "".join(_command(diagnostic) for diagnostic in ordered)


def _command(diagnostic: Diagnostic) -> str:
    properties = {"title": f"{diagnostic.code} {diagnostic.object}".strip()}
    if diagnostic.span is not None:
        span = diagnostic.span
        properties = {
            "file": span.file,
            "line": str(span.line),
            "endLine": str(span.line),
            "col": str(span.column),
            "endColumn": str(span.column + span.length),
            **properties,
        }
    words = visible(diagnostic.message)
    words += "".join(
        f"\nnote: {f'{visible(str(note.span))}: ' if note.span else ''}{visible(note.message)}"
        for note in diagnostic.notes
    )
    if diagnostic.accepted is not None:
        words += f"\naccepted: {visible(diagnostic.accepted)}"
    if diagnostic.help:
        words += f"\nhelp: {visible(diagnostic.help)}"
    shown = ",".join(f"{name}={_property(visible(value))}" for name, value in properties.items())
    return f"::{_LEVELS[diagnostic.severity]} {shown}::{_data(words)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
