"""`grayc build`: compile releases and write the gray manifests."""

from pathlib import Path
from typing import Annotated

import typer

from grayc.cli.options import Color, Colors, Format, Formats, Quiet, Reports, Roots, Specs

STREAM = "-"


def build(
    specs: Specs,
    out: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="folder to write, or - for one stream on standard output",
                          show_default=False),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="write nothing; say whether OUT is up to date (exit status 0 or 1)"),
    ] = False,
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
    report: Reports = [],  # noqa: B006 - typer reads it
) -> int:
    """Compile releases into OUT, which `kubectl apply -f OUT` takes as it is."""
    from grayc.cli.answer import Voice, answer
    from grayc.cli.request import make_request
    from grayc.driver import check_releases_in, compile_releases, write_releases
    from grayc.report.changes import changes_data, summary
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(form=form, color=color, quiet=quiet, reports=report)
    compiled = compile_releases(make_request(specs, allow_root))
    found = compiled.diagnostics
    if compiled.value is None:
        status = 2 if check else exit_status(found)
        return answer(Report(command="build", status=status, diagnostics=in_order(found)), voice)
    if out == STREAM:
        stream = "---\n".join(compiled.value.files.values())
        return answer(Report(command="build", status=0, diagnostics=in_order(found)), voice, artefact=stream)
    folder = Path(out)
    done = check_releases_in(compiled.value, folder) if check else write_releases(compiled.value, folder)
    found = (*found, *done.diagnostics)
    status = exit_status(found)
    if check and done.value is not None:
        status = max(status, int(any(state.is_stale for state in done.value)))
    made = Report(
        command="build", status=status, diagnostics=in_order(found),
        summary=summary(done.value, out, check=check) if done.value is not None else "",
        data=changes_data(done.value) if done.value is not None else {},
    )
    return answer(made, voice)
