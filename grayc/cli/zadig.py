"""`grayc import zadig`: a release.yaml from a workflow of Zadig."""

import sys
from collections.abc import Sequence

from grayc.cli.options import Color, Format

STREAM = "-"


def zadig(
    *,
    file: str,
    job: str,
    tag: str,
    service: Sequence[str],
    baseline: Sequence[str],
    out: str,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
) -> int:
    """Write the release and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics.shell import path as path_word
    from grayc.driver.from_zadig import ZadigRequest, import_zadig
    from grayc.report.model import Report, exit_status, in_order

    request = ZadigRequest(
        file=file,
        job=job,
        tag=tag,
        services=tuple(service),
        baseline=tuple(baseline) or ("baseline/",),
        out=out,
        stdin=lambda: sys.stdin.buffer,
    )
    made = import_zadig(request)
    artefact = made.value.text if made.value is not None and out == STREAM else None
    summary = (
        f"wrote {made.value.path}; next: grayc plan {path_word(str(made.value.path))}"
        if made.value and made.value.path
        else ""
    )
    report = Report(
        command="import zadig",
        status=exit_status(made.diagnostics),
        diagnostics=in_order(made.diagnostics),
        summary=summary,
    )
    return answer(report, Voice(form=form, color=color, quiet=quiet, verbose=verbose), artefact=artefact)
