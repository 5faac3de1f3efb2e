"""Findings as data. Readers must ignore keys they do not know; a minor version adds keys, a major one changes them."""

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring, encode_basestring_ascii

from grayc.diagnostics import CODES, Diagnostic, Severity
from grayc.diagnostics.visible import json_without_commands
from grayc.report.model import Report
from grayc.source import Span

SCHEMA = "grayc.report/v1"
FORMAT_VERSION = "1.0"


def render_json(report: Report) -> str:
    """Return a report as one JSON document, ASCII only."""
    return to_json(report_data(report))


def to_json(data: Mapping[str, object]) -> str:
    """Return plain data as JSON text with a final newline."""
    return json_without_commands(indented(data)) + "\n"


def indented(value: object, *, ensure_ascii: bool = True) -> str:
    """Return what `json.dumps` makes of plain data with two blanks a level, in a fifth of its time."""
    return _indented(value, "\n", encode_basestring_ascii if ensure_ascii else encode_basestring)


def _indented(value: object, end: str, quoted: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return quoted(value)
    inner = end + "  "
    if isinstance(value, dict):
        fields = [
            f"{inner}{quoted(key if isinstance(key, str) else json.dumps(key))}: {_indented(item, inner, quoted)}"
            for key, item in value.items()
        ]
        return f"{{{','.join(fields)}{end}}}" if fields else "{}"
    if isinstance(value, list | tuple):
        return f"[{','.join([inner + _indented(item, inner, quoted) for item in value])}{end}]" if value else "[]"
    if value is None:
        return "null"
    # Nearly all of the rest are numbers, and `dumps` makes an encoder for each.
    return str(value) if type(value) is int else json.dumps(value)


def report_data(report: Report) -> dict[str, object]:
    """Return a report as plain data."""
    return {
        "schema": SCHEMA,
        "format_version": FORMAT_VERSION,
        "command": report.command,
        "ok": report.status == 0,
        "exit_code": report.status,
        "summary": {f"{severity}s": report.count(severity) for severity in Severity},
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in report.diagnostics],
        **report.data,
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    data: dict[str, object] = {
        "code": diagnostic.code,
        "name": CODES[diagnostic.code].name,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "field": diagnostic.field or None,
        "object": diagnostic.object or None,
        "notes": [{"message": note.message, **_place(note.span)} for note in diagnostic.notes],
        "help": diagnostic.help or None,
    }
    if diagnostic.accepted is not None:
        data["accepted"] = diagnostic.accepted
    return data


def _place(span: Span | None) -> dict[str, object]:
    if span is None:
        return {"file": None, "range": None}
    return {
        "file": span.file,
        "range": {
            "start": {"line": span.line, "column": span.column},
            "end": {"line": span.line, "column": span.column + span.length},
        },
    }
