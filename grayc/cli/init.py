"""`grayc init`: a first release.yaml from a baseline."""

from pathlib import Path
from typing import Annotated

import typer

from grayc.cli.options import Color, Colors, Format, Formats

STREAM = "-"


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="a file or folder with the objects now in production")],
    service: Annotated[
        list[str],
        typer.Option("--service", "-s", metavar="NAME", help="a workload to release, such as cart or Deployment/cart; "
                     "may be repeated", show_default=False),
    ] = [],  # noqa: B006 - typer reads it
    out: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="where to write it, or - for standard output; by default "
                          "release.yaml beside PATH", show_default=False),
    ] = "",
    tag: Annotated[str, typer.Option("--tag", help="the gray tag")] = "gray",
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
) -> int:
    """Write a first release.yaml for a baseline; change its images and rules, then build it."""
    from grayc.cli.answer import Voice, answer
    from grayc.driver import first_release
    from grayc.report.model import Report, exit_status, in_order

    made = first_release(path, service, out=out, tag=tag)
    artefact = made.value.text if made.value is not None and out == STREAM else None
    summary = f"wrote {made.value.path}; next: grayc plan {made.value.path}" if made.value and made.value.path else ""
    report = Report(command="init", status=exit_status(made.diagnostics), diagnostics=in_order(made.diagnostics),
                    summary=summary)
    return answer(report, Voice(form=form, color=color), artefact=artefact)
