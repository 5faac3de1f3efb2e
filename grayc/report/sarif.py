"""Findings as SARIF, for code scanning."""

from urllib.parse import quote

from grayc import __version__
from grayc.diagnostics import CODES, Diagnostic, Note, Severity
from grayc.diagnostics.visible import visible
from grayc.report.fingerprint import fingerprints
from grayc.report.json import indented
from grayc.report.model import Report
from grayc.source import Span

_RESULT_LIMIT = 5000
"""GitHub keeps no more of one run."""

_NOWHERE = {"artifactLocation": {"uri": "."}, "region": {"startLine": 1}}
"""GitHub refuses a whole log in which one result or related place has no file (codeql-action, issue 2459)."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(report: Report) -> str:
    """Return one SARIF log with one run; the gravest results where there are too many.

    Source: OASIS SARIF 2.1.0; GitHub Docs, "SARIF support for code scanning", for limits and fingerprints.
    """
    pairs = list(zip(report.diagnostics, fingerprints(report.diagnostics), strict=True))
    if len(pairs) > _RESULT_LIMIT:
        order = list(Severity)
        pairs = sorted(pairs, key=lambda pair: order.index(pair[0].severity))[:_RESULT_LIMIT]
    codes = sorted({diagnostic.code for diagnostic, _ in pairs})
    run = {
        "tool": {
            "driver": {
                "name": "grayc",
                "version": __version__,
                "informationUri": "https://grayc.dev",
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": report.status < 2, "exitCode": report.status}],
        "results": [_result(diagnostic, fingerprint, codes) for diagnostic, fingerprint in pairs],
    }
    return indented({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: str) -> dict[str, object]:
    row = CODES[code]
    return {
        "id": code,
        "name": row.name,
        "shortDescription": {"text": row.name.replace("-", " ")},
        "help": {"text": f"grayc explain {code}"},
        "defaultConfiguration": {"level": _LEVELS[row.severity]},
    }


def _result(diagnostic: Diagnostic, fingerprint: str, codes: list[str]) -> dict[str, object]:
    words = [
        visible(diagnostic.message),
        *(f"note: {visible(note.message)}" for note in diagnostic.notes if not note.span),
    ]
    words += [f"help: {visible(diagnostic.help)}"] if diagnostic.help else []
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": "\n".join(words)},
        "partialFingerprints": {"graycFinding/v1": fingerprint},
        "locations": [{"physicalLocation": _place(diagnostic.span) if diagnostic.span else _NOWHERE}],
    }
    placed = [(note, note.span) for note in diagnostic.notes if note.span]
    if placed:
        result["relatedLocations"] = [_related(note, span, at) for at, (note, span) in enumerate(placed, 1)]
    if diagnostic.accepted is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": visible(diagnostic.accepted)}]
    return result


def _related(note: Note, span: Span, number: int) -> dict[str, object]:
    return {"id": number, "message": {"text": visible(note.message)}, "physicalLocation": _place(span)}


def _place(span: Span) -> dict[str, object]:
    return {
        "artifactLocation": {"uri": quote(span.file)},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.line,
            "endColumn": span.column + span.length,
        },
    }
