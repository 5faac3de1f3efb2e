"""`grayc index`: a baseline, read once for all jobs that are handed what it holds."""

from pathlib import Path

from grayc.cli.options import Color, Format

STREAM = "-"


def index(*, path: Path, out: str, max_input: int, form: Format, color: Color, quiet: bool, verbose: bool) -> int:
    """Write the index of a baseline and return the exit status; `out` as `make_index` takes it."""
    from grayc.cli.answer import Voice, answer
    from grayc.driver.index import make_index
    from grayc.report.model import Report, exit_status, in_order

    made = make_index(path, out, most_bytes=max_input * 1024 * 1024)
    summary = ""
    if made.value is not None and made.value.path is not None:
        left = f"; {made.value.left} more are read every time" if made.value.left else ""
        summary = f"wrote {made.value.path.as_posix()}: {made.value.files} files{left}"
    report = Report(
        command="index", status=exit_status(made.diagnostics), diagnostics=in_order(made.diagnostics), summary=summary
    )
    artefact = made.value.text if made.value is not None and out == STREAM else None
    return answer(report, Voice(form=form, color=color, quiet=quiet, verbose=verbose), artefact=artefact)
