"""`grayc init`: a first release.yaml from a baseline."""

from collections.abc import Sequence
from pathlib import Path

from grayc.cli.options import Color, Format

STREAM = "-"


def init(
    *, path: Path, service: Sequence[str], out: str, tag: str, form: Format, color: Color, quiet: bool, verbose: bool
) -> int:
    """Write a first release.yaml and return the exit status; `out` as `first_release` takes it."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics.shell import path as path_word
    from grayc.driver.first import first_release
    from grayc.report.model import Report, exit_status, in_order

    made = first_release(path, service, out=out, tag=tag)
    artefact = made.value.text if made.value is not None and out == STREAM else None
    summary = ""
    if made.value and made.value.path:
        spec = path_word(made.value.path)
        summary = f"wrote {made.value.path}; next: grayc plan {spec}"
        if made.value.out:
            summary += f"; then grayc build {spec} -o {path_word(made.value.out)}, outside of the baseline"
    report = Report(
        command="init", status=exit_status(made.diagnostics), diagnostics=in_order(made.diagnostics), summary=summary
    )
    return answer(report, Voice(form=form, color=color, quiet=quiet, verbose=verbose), artefact=artefact)
