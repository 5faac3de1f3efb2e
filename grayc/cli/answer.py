"""Give a command's answer: artefacts to standard output, talk to standard error, the status to the shell."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grayc.cli.options import Color, Format
from grayc.diagnostics import Diagnostic
from grayc.output.create import write_text
from grayc.report.formats import render
from grayc.report.model import Report, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a command talks.

    Attributes:
        reports: `FORMAT=PATH` of every report file.
    """

    form: Format
    color: Color
    quiet: bool = False
    reports: Sequence[str] = ()


def answer(report: Report, voice: Voice, *, artefact: str | None = None) -> int:
    """Print a report, and the artefact if the command made one, write the report files, and return the exit status.

    Machine formats go to standard output, unless an artefact stands there; text goes to standard error.
    """
    files, mistakes = _report_files(voice.reports)
    if mistakes:
        report = replace(report, diagnostics=(*mistakes, *report.diagnostics), status=max(report.status, 2), summary="")
    report = shortened(report)
    for form, path in files:
        written = write_text(path, render(report, form), what="report", flag="--report FORMAT=PATH")
        if written.diagnostics:
            report = replace(report, diagnostics=(*report.diagnostics, *written.diagnostics), status=2)
    if artefact is not None:
        sys.stdout.write(artefact)
    if voice.form is Format.TEXT:
        from grayc.report.text import render_text

        sys.stderr.write(render_text(report, color=is_colored(voice.color), quiet=voice.quiet))
    else:
        (sys.stderr if artefact is not None else sys.stdout).write(render(report, voice.form))
    return report.status


def _report_files(wanted: Sequence[str]) -> tuple[list[tuple[Format, Path]], tuple[Diagnostic, ...]]:
    """Return format and path of every `--report`, and what is wrong with the others."""
    files, mistakes = [], []
    for text in wanted:
        name, _, path = text.partition("=")
        if name in set(Format) and path not in ("", "-"):
            files.append((Format(name), Path(path)))
        else:
            mistakes.append(
                Diagnostic(
                    code="GC702",
                    message=f"`--report {text}` is not FORMAT=PATH",
                    help=f"formats: {', '.join(Format)}; such as `--report sarif=grayc.sarif`",
                )
            )
    return files, tuple(mistakes)


def is_colored(color: Color) -> bool:
    """Tell whether text on standard error is coloured.

    Source: no-color.org: NO_COLOR counts where it is set and not empty, and a flag beats it.
    """
    match color:
        case Color.ALWAYS:
            return True
        case Color.NEVER:
            return False
        case Color.AUTO:
            return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
