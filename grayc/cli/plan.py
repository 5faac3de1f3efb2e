"""`grayc plan`: what a release copies, shares, leaves out and opens, and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from grayc.cli.options import Color, Flags, Format, make_request


def plan(
    *,
    specs: Sequence[str],
    gateway: str,
    step: str,
    today: str,
    strict: bool,
    lanes: Sequence[Path],
    allow_root: Sequence[Path],
    max_input: int,
    index: str,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
    report: Sequence[str],
    **flags: Unpack[Flags],
) -> int:
    """Show every object that the releases copy, share or leave out, with the reason, and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.driver.planning import expired
    from grayc.driver.preview import preview_releases
    from grayc.report.model import Report, exit_status, in_order
    from grayc.report.plan import render_plan
    from grayc.report.plan_data import plan_data

    voice = Voice(form=form, color=color, quiet=quiet, verbose=verbose, reports=report, specs=specs)
    if today:
        from grayc.cli.day import refuse_day

        usage = refuse_day(today)
        if usage is not None:
            return answer(Report(command="plan", status=2, diagnostics=(usage,)), voice)
    planned = preview_releases(
        make_request(
            specs, allow_root, max_input=max_input, index=index, gateway=gateway, step=step, lanes=lanes, **flags
        )
    )
    plans = planned.value or ()
    found = (*planned.diagnostics, *(late for plan in plans for late in expired(plan.plan.spec, today)))
    made = Report(
        command="plan",
        status=exit_status(found, strict=strict),
        diagnostics=in_order(found),
        strict=strict,
        data={"plans": [plan_data(plan) for plan in plans]} if form is not Format.TEXT or report else {},
    )
    text = (
        "\n".join(render_plan(plan, color=voice.is_painted) for plan in plans)
        if plans and form is Format.TEXT
        else None
    )
    return answer(made, voice, artefact=text)
