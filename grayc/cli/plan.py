"""`grayc plan`: what a release copies, shares, leaves out and opens, and why."""

from collections.abc import Sequence
from pathlib import Path

from grayc.cli.options import Color, Format


def plan(
    *,
    specs: Sequence[str],
    gateway: str,
    step: str,
    strict: bool,
    allow_root: Sequence[Path],
    form: Format,
    color: Color,
    quiet: bool,
    report: Sequence[str],
) -> int:
    """Show every object that the releases copy, share or leave out, with the reason, and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.cli.request import make_request
    from grayc.driver.planning import plan_releases
    from grayc.report.model import Report, exit_status, in_order
    from grayc.report.plan import plan_data, render_plan

    planned = plan_releases(make_request(specs, allow_root, gateway=gateway, step=step))
    plans = planned.value or ()
    made = Report(
        command="plan",
        status=exit_status(planned.diagnostics, strict=strict),
        diagnostics=in_order(planned.diagnostics),
        data={"plans": [plan_data(plan) for plan in plans]},
    )
    text = "\n".join(render_plan(plan) for plan in plans) if plans and form is Format.TEXT else None
    return answer(made, Voice(form=form, color=color, quiet=quiet, reports=report), artefact=text)
