"""`grayc lanes`: the lanes alive in output folders."""

from collections.abc import Sequence
from pathlib import Path

from grayc.cli.options import Color, Format


def lanes(
    *,
    folders: Sequence[Path],
    today: str,
    expired: bool,
    strict: bool,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
) -> int:
    """List the releases that output folders hold, or those past their day, and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.cli.day import refuse_day
    from grayc.diagnostics import Diagnostic
    from grayc.driver.life import list_lanes
    from grayc.report.lanes import lanes_data, render_lanes
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(form=form, color=color, quiet=quiet, verbose=verbose)
    usage = refuse_day(today)
    if expired and not today:
        usage = Diagnostic(
            code="GC702",
            message="`--expired` asks what is past its day, and nobody says which day it is",
            help='name the day: `--today "$(date +%F)"`',
        )
    if usage is not None:
        return answer(Report(command="lanes", status=2, diagnostics=(usage,)), voice)
    listed = list_lanes(folders, today=today)
    found = tuple(lane for lane in listed.value or () if lane.is_expired or not expired)
    made = Report(
        command="lanes",
        status=exit_status(listed.diagnostics, strict=strict),
        diagnostics=in_order(listed.diagnostics),
        strict=strict,
        summary="" if found or listed.value is None else "no lane is past its day" if expired else "no lane is alive",
        data={"lanes": lanes_data(found, today=today)},
    )
    text = render_lanes(found, today=today, color=voice.is_painted) if found and form is Format.TEXT else None
    return answer(made, voice, artefact=text)
