"""Findings for people: a place, the line, what is wrong and the next step."""

import re

from grayc.diagnostics import CODES, Diagnostic, Mark, Severity
from grayc.diagnostics.visible import columns, visible, without_commands
from grayc.report.model import Report
from grayc.source import Span

_COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_BOLD, _BLUE = "1", "34"
_TAB = "    "
_WIDTH_LIMIT = 160
_COMMAND = re.compile(r"`[^`]+`")
_IN_FULL = "notes in full: `-v`; what one means: `grayc explain CODE`\n"


def render_text(report: Report, *, color: bool = False, quiet: bool = False, verbose: bool = True) -> str:
    """Return all findings, a count of errors and warnings, and the summary; "" where there is nothing to say.

    Where something must be mended first, errors, warnings, what was accepted and what moved only; with `quiet`, errors
    and warnings only: what was accepted stands in the spec. Without `verbose`, notes are a line each, below the others:
    whoever reads them at every build knows them.
    """
    brief = quiet or report.count(Severity.ERROR) > 0
    shown = [item for item in report.diagnostics if not brief or _matters(item, quiet=quiet)]
    notes = [] if verbose else [item for item in shown if item.severity is Severity.NOTE]
    parts = [_render(item, color) for item in shown if verbose or item.severity is not Severity.NOTE]
    if notes:
        parts.append("".join(f"{_line(item, color)}\n" for item in notes) + _IN_FULL)
    counts = [
        _count(report.count(severity), str(severity))
        for severity in (Severity.ERROR, Severity.WARNING)
        if report.count(severity)
    ]
    if counts and (report.strict or report.count(Severity.ERROR)):
        command = f"grayc {report.command}".removesuffix(" grayc")
        words = "" if report.count(Severity.ERROR) else "; with --strict, warnings count as errors"
        parts.append(f"{command}: {' and '.join(counts)}{words}\n")
    if report.summary and not quiet:
        parts.append("".join(f"{visible(line)}\n" for line in report.summary.splitlines()))
    return without_commands("\n".join(parts))


def _matters(diagnostic: Diagnostic, *, quiet: bool) -> bool:
    if diagnostic.accepted is not None:
        return not quiet
    # That production moved is why OUT is out of date.
    return diagnostic.severity is not Severity.NOTE or (diagnostic.mark is Mark.MOVED and not quiet)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _paint(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def _what(diagnostic: Diagnostic, color: bool) -> str:
    severity = diagnostic.severity
    place = f"{visible(str(diagnostic.span))}: " if diagnostic.span else ""
    head = _paint(f"{severity}[{diagnostic.code}]", _COLOURS[severity], color)
    return f"{place}{head}: {_paint(visible(diagnostic.message), _BOLD, color)}"


def _line(diagnostic: Diagnostic, color: bool) -> str:
    """Return a note in one line; a help that is a command alone is the next step, and stays."""
    reason = f" (accepted: {visible(diagnostic.accepted)})" if diagnostic.accepted is not None else ""
    step = f": {visible(diagnostic.help)}" if diagnostic.help and _COMMAND.fullmatch(diagnostic.help) else ""
    return f"{_what(diagnostic, color)}{reason}{step}"


def _render(diagnostic: Diagnostic, color: bool) -> str:
    severity = diagnostic.severity
    lines = [_what(diagnostic, color)]
    margin = " " * len(str(diagnostic.span.line)) if diagnostic.span else ""
    if diagnostic.span:
        lines += _snippet(diagnostic.span, margin, severity, color)
    bar = f"{margin} {_paint('=', _BLUE, color)}"
    if diagnostic.field:
        lines.append(f"{bar} field: {visible(diagnostic.field)}")
    for note in diagnostic.notes:
        where = f"{visible(str(note.span))}: " if note.span else ""
        lines.append(f"{bar} note: {where}{visible(note.message)}")
    if diagnostic.accepted is not None:
        lines.append(f"{bar} accepted: {visible(diagnostic.accepted)}")
    if diagnostic.help:
        lines.append(f"{bar} help: {visible(diagnostic.help)}")
    lines.append(f"{bar} more: grayc explain {diagnostic.code} ({CODES[diagnostic.code].name})")
    return "\n".join(lines) + "\n"


def _snippet(span: Span, margin: str, severity: Severity, color: bool) -> list[str]:
    """Return the line that a span stands on, and a row of `^` under it."""
    line = span.source.line(span.line)
    if not line and not span.sensitive:
        return []
    bar = _paint("|", _BLUE, color)
    number = _paint(str(span.line), _BLUE, color)
    if span.sensitive:
        return [f"{margin} {bar}", f"{number} {bar} (not shown: it may hold a secret)"]
    start, end = span.column - 1, span.column - 1 + span.length
    before, within, after = (_shown(part) for part in (line[:start], line[start:end], line[end:]))
    if columns(before) > _WIDTH_LIMIT:
        before = "…"
    if columns(within) > _WIDTH_LIMIT:
        within, after = within[:_WIDTH_LIMIT] + "…", ""
    after = after if columns(after) <= _WIDTH_LIMIT else "…"
    carets = _paint("^" * max(columns(within), 1), _COLOURS[severity], color)
    return [
        f"{margin} {bar}",
        f"{number} {bar} {before}{within}{after}",
        f"{margin} {bar} {' ' * columns(before)}{carets}",
    ]


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))
