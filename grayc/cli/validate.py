"""`grayc validate`: schema, every check, and what the releases compile to against Kubernetes' own schemas."""

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from grayc.cli.options import Color, Engine, Flags, Format, make_request


def validate(
    *,
    specs: Sequence[str],
    each: bool,
    version: str,
    crd_schemas: str,
    today: str,
    engine: Engine,
    gateway: str,
    step: str,
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
    """Look at releases from their files to what they compile to, and return the exit status; nothing is written."""
    from datetime import date

    from grayc.cli.answer import Voice, answer
    from grayc.cli.day import refuse_day
    from grayc.driver.validate import validate_each, validate_releases
    from grayc.report.model import Report, exit_status, in_order
    from grayc.report.validation import validation_data, validation_summary

    voice = Voice(form=form, color=color, quiet=quiet, verbose=verbose, reports=report, specs=specs)
    usage = refuse_day(today)
    if usage is not None:
        return answer(Report(command="validate", status=2, diagnostics=(usage,)), voice)
    checked = (validate_each if each else validate_releases)(
        make_request(
            specs, allow_root, max_input=max_input, index=index, gateway=gateway, step=step, lanes=lanes, **flags
        ),
        version=version,
        crd_schemas=Path(crd_schemas) if crd_schemas else None,
        # The one place where grayc asks what day it is: to report a lane past its date, and for nothing else.
        today=today or date.today().isoformat(),
        engine=engine,
    )
    made = Report(
        command="validate",
        status=exit_status(checked.diagnostics, strict=strict),
        diagnostics=in_order(checked.diagnostics),
        strict=strict,
        summary=validation_summary(checked.value) if checked.value else "",
        data=validation_data(checked.value) if checked.value else {},
    )
    return answer(made, voice)
