"""Give a command's answer: artefacts to standard output, talk to standard error, the status to the shell."""

import os
import sys

from grayc.cli.options import Color, Format
from grayc.report.model import Report


def answer(report: Report, *, form: Format, color: Color, quiet: bool = False, artefact: str | None = None) -> int:
    """Print a report, and the artefact if the command made one, and return the exit status.

    Machine formats go to standard output, unless an artefact stands there; text goes to standard error.
    """
    if artefact is not None:
        sys.stdout.write(artefact)
    if form is Format.JSON:
        from grayc.report.json import render_json

        (sys.stderr if artefact is not None else sys.stdout).write(render_json(report))
    else:
        from grayc.report.text import render_text

        sys.stderr.write(render_text(report, color=is_colored(color), quiet=quiet))
    return report.status


def is_colored(color: Color) -> bool:
    """Tell whether text on standard error is coloured.

    Source: no-color.org: NO_COLOR counts where it is set and not empty, and a flag beats it.
    """
    match color:
        case Color.ALWAYS:
            return True
        case Color.NEVER:
            return False
        case Color.AUTO:
            return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
