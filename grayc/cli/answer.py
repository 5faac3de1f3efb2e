"""Give a command's answer: artefacts to standard output, talk to standard error, the status to the shell."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from grayc.cli.options import Color, Format
from grayc.diagnostics import Diagnostic
from grayc.output.create import Wanted, refuse_files, write_file
from grayc.records import dataclass, replace
from grayc.report.formats import begins_as, render, render_file
from grayc.report.model import Report, folded, shortened, weighed


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a command talks.

    Attributes:
        verbose: in text, every note stands in full.
        reports: `FORMAT=PATH` of every report file.
        specs: paths of specs, or other input of the user's; no link in their folders is followed when writing.
        out: the output folder, where there is one.
        others: the other files that the command writes, each named by a flag of its own.
    """

    form: Format
    color: Color
    quiet: bool = False
    verbose: bool = False
    reports: Sequence[str] = ()
    specs: Sequence[str] = ()
    out: Path | None = None
    others: Sequence[Wanted] = ()

    @property
    def is_painted(self) -> bool:
        """Whether what the command prints on standard output has colours."""
        return is_colored(self.color, sys.stdout)

    @property
    def near(self) -> tuple[Path, ...]:
        """The folders of the input."""
        paths = [Path(spec) for spec in self.specs if spec != "-"]
        return tuple(path if path.is_dir() else path.parent for path in paths)

    def refused(self) -> tuple[Diagnostic, ...]:
        """Return why files that flags name would not be written; asked before a command changes anything.

        `answer` says the same, and the status that they ask for is 2: whoever is refused need not tell them.
        """
        files, _ = _report_files(self.reports)
        return tuple(item for _, item in self.refused_of([each for _, each in files]))

    def refused_of(self, reports: Sequence[Wanted]) -> list[tuple[Wanted, Diagnostic]]:
        """Return which files, those of reports or others, would not be written, and why."""
        wanted = (*self.others, *reports)
        return refuse_files(wanted, near=self.near, out=self.out) if wanted else []


def answer(report: Report, voice: Voice, *, artefact: str | None = None) -> int:
    """Print a report, and the artefact if the command made one, write the report files, and return the exit status.

    Machine formats go to standard output, unless an artefact stands there; text goes to standard error.
    """
    files, mistakes = _report_files(voice.reports)
    if mistakes:
        report = replace(report, diagnostics=(*mistakes, *report.diagnostics), status=max(report.status, 2), summary="")
    refused = voice.refused_of([wanted for _, wanted in files]) if files else []
    if refused:
        new = tuple(item for _, item in refused if item not in report.diagnostics)
        report = replace(report, diagnostics=(*report.diagnostics, *new), status=max(report.status, 2))
    report = weighed(report)
    for form, wanted in files:
        if any(each is wanted for each, _ in refused):
            continue
        written = write_file(wanted, render_file(shortened(report), form), near=voice.near)
        if written.diagnostics:
            report = replace(report, diagnostics=(*report.diagnostics, *written.diagnostics), status=2)
    out, err = texts_of(report, voice)
    end_progress()
    if artefact is not None:
        out, err = artefact, out + err
    sys.stdout.write(out)
    sys.stderr.write(err)
    return report.status


def end_progress() -> None:
    """Take the line about progress away, where there is one, before anything else is shown."""
    progress = sys.modules.get("grayc.cli.progress")
    if progress is not None:
        progress.end()


def texts_of(report: Report, voice: Voice) -> tuple[str, str]:
    """Return what is said on standard output, and on standard error."""
    report = weighed(report)
    if voice.form is not Format.TEXT:
        return render(shortened(report), voice.form), ""
    from grayc.report.text import render_text

    shown = shortened(report if voice.verbose else folded(report))
    return "", render_text(shown, color=is_colored(voice.color), quiet=voice.quiet, verbose=voice.verbose)


def _report_files(texts: Sequence[str]) -> tuple[list[tuple[Format, Wanted]], tuple[Diagnostic, ...]]:
    """Return format and file of every `--report`, and what is wrong with the others."""
    files, mistakes = [], []
    for text in texts:
        name, _, path = text.partition("=")
        if name in set(Format) and path not in ("", "-"):
            form = Format(name)
            is_own = partial(begins_as, form=form)
            files.append(
                (form, Wanted(path=Path(path), what=f"{form} report", flag=f"--report {form}=", is_own=is_own))
            )
        else:
            mistakes.append(
                Diagnostic(
                    code="GC702",
                    message=f"`--report {text}` is not FORMAT=PATH",
                    help=f"formats: {', '.join(Format)}; such as `--report sarif=grayc.sarif`",
                )
            )
    return files, tuple(mistakes)


def is_colored(color: Color, stream: TextIO | None = None) -> bool:
    """Tell whether text on a stream, standard error where none is named, is coloured.

    Source: no-color.org and force-color.org: NO_COLOR and FORCE_COLOR count where they are set and not empty,
    and a flag beats both. Where both are set, nothing is coloured. nodejs.org/api/cli.html, `FORCE_COLOR`: `0` is no;
    supports-color 10 takes `false` for it, too.
    """
    match color:
        case Color.ALWAYS:
            return True
        case Color.NEVER:
            return False
        case Color.AUTO:
            forced = os.environ.get("FORCE_COLOR", "")
            if os.environ.get("NO_COLOR") or forced in ("0", "false"):
                return False
            is_terminal = (stream or sys.stderr).isatty() and os.environ.get("TERM") != "dumb"
            return is_terminal or bool(forced)
