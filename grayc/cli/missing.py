"""Report what the installation lacks. Imports little: what is missing may be needed by the rest."""

from grayc import __version__
from grayc.cli.answer import Voice, answer
from grayc.cli.options import Color, Format
from grayc.diagnostics import Diagnostic
from grayc.report.model import Report


def report_missing(error: ImportError, form: Format) -> int:
    """Say which library the installation lacks and return 2.

    Diagnostics:
        GC703: a library is not there, or not whole.
    """
    missing = Diagnostic(
        code="GC703",
        message=f"this installation of grayc {__version__} is not whole: {error}",
        help=f"install grayc again with pip: its wheels bring a whole `{error.name}`",
    )
    return answer(Report(command="grayc", status=2, diagnostics=(missing,)), Voice(form=form, color=Color.AUTO))
