"""Findings as a GitLab Code Quality report."""

from grayc.diagnostics import CODES, Severity
from grayc.diagnostics.visible import visible
from grayc.report.fingerprint import fingerprints
from grayc.report.json import indented
from grayc.report.model import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render_gitlab(report: Report) -> str:
    """Return a JSON list of issues.

    Source: GitLab Docs, "Code Quality report format"; gitlabhq app/validators/json_schemas/codeclimate.json.
    """
    issues = [
        {
            "description": visible(
                f"{diagnostic.code}: {diagnostic.message}" + (f" (help: {diagnostic.help})" if diagnostic.help else "")
            ),
            "check_name": f"{diagnostic.code}-{CODES[diagnostic.code].name}",
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[diagnostic.severity],
            "location": {
                "path": visible(diagnostic.span.file if diagnostic.span else "."),
                "lines": {"begin": diagnostic.span.line if diagnostic.span else 1},
            },
        }
        for diagnostic, fingerprint in zip(report.diagnostics, fingerprints(report.diagnostics), strict=True)
    ]
    return indented(issues) + "\n"
