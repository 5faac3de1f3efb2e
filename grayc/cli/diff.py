"""`grayc diff`: what a build would change, what gray has that its baseline has not, or what became of a folder."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from grayc.cli.options import Color, Flags, Format, make_request
from grayc.cli.syntax import NO_SPEC, release_here

if TYPE_CHECKING:
    from grayc.driver.model import Release


class DiffFormat(StrEnum):
    """How a difference is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def diff(
    *,
    specs: Sequence[str],
    out: str,
    baseline: bool,
    revision: str,
    gateway: str,
    step: Sequence[str],
    strict: bool,
    allow_root: Sequence[Path],
    max_input: int,
    index: str,
    form: DiffFormat,
    color: Color,
    quiet: bool,
    verbose: bool,
    **flags: Unpack[Flags],
) -> int:
    """Show a difference and return 0 where there is none, 1 where there is one, 2 where it could not be told."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import CODES, Diagnostic, Mark
    from grayc.driver.review import compare
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(
        form=Format.JSON if form is DiffFormat.JSON else Format.TEXT, color=color, quiet=quiet, verbose=verbose
    )
    specs = specs or ([] if revision else release_here())
    mistake = _mistake(specs, out, revision, step, gateway, baseline=baseline)
    if mistake:
        usage = Diagnostic(code="GC702", message=mistake, help="`grayc diff --help` tells what can be compared")
        return answer(Report(command="diff", status=2, diagnostics=(usage,)), voice)
    compiled: list[Release] = []
    compared = compare(
        make_request(
            specs,
            allow_root,
            max_input=max_input,
            index=index,
            gateway=gateway,
            step=step[0] if len(step) == 1 else "",
            **flags,
        ),
        out=Path(out) if out else None,
        revision=revision,
        steps=tuple(step),
        compiled=compiled,
    )
    found = compared.diagnostics
    # What a build refuses to write over is shown, as what it would write is.
    others = tuple(item for item in found if CODES[item.code].mark is not Mark.UNWRITTEN)
    if compared.value is None or exit_status(others, strict=strict):
        return answer(Report(command="diff", status=2, diagnostics=in_order(found), strict=strict), voice)
    from grayc.report.comment import render_comment
    from grayc.report.diff import diff_data, render_diff

    differs = not all(item.is_none for item in compared.value)
    status = int(differs or len(others) < len(found))
    report = Report(command="diff", status=status, diagnostics=in_order(found), data=diff_data(compared.value))
    match form:
        case DiffFormat.TEXT:
            return answer(report, voice, artefact=render_diff(compared.value, color=voice.is_painted))
        case DiffFormat.MARKDOWN:
            from grayc.driver.preview import pictures_of

            return answer(report, voice, artefact=render_comment(compared.value, pictures_of(compiled)))
        case DiffFormat.JSON:
            return answer(report, voice)


def _mistake(
    specs: Sequence[str], out: str, revision: str, steps: Sequence[str], gateway: str, *, baseline: bool
) -> str:
    if len(steps) > 2:
        return "`--step` names one step, or two to compare"
    if len(steps) == 2:
        if baseline or out or revision:
            return "two steps are compared with each other, so there is no `--with`, no `--rev` and no `--baseline`"
        return "" if specs else NO_SPEC
    if baseline and (out or revision):
        return "`--baseline` compares with the baseline, so there is no `--with` and no `--rev`"
    if revision and (steps or gateway):
        return "`--rev` compares OUT with what Git has, so `--step` and `--gateway` have no effect"
    if not baseline and not out:
        return "with what? name the output folder, `--with OUT`, ask for `--baseline`, or name two steps"
    if not specs and not revision:
        return NO_SPEC
    return ""
