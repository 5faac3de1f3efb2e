"""Report a fault of grayc or of its installation, without a value of the user's files."""

import traceback

from grayc import __version__
from grayc.cli.answer import Voice, answer
from grayc.cli.options import Color, Format
from grayc.diagnostics import Diagnostic, Note
from grayc.passes.check import BrokenInvariant
from grayc.passes.pipeline import PassFault
from grayc.report.model import Report


def report_fault(error: BaseException, form: Format) -> int:
    """Print where grayc failed and return 3.

    The traceback keeps the places and kinds of the errors. Messages are left out but for grayc's own: those of others
    may quote a Secret.
    """
    notes: list[Note] = []
    cause: BaseException | None = error
    while cause is not None:
        words = f": {cause}" if isinstance(cause, PassFault | BrokenInvariant) else ""
        notes.append(Note(message=f"{type(cause).__name__}{words}"))
        for frame in traceback.extract_tb(cause.__traceback__):
            place = frame.filename.replace("\\", "/").rpartition("/grayc/")[2]
            notes.append(Note(message=f"  {place}:{frame.lineno} in {frame.name}"))
        cause = cause.__cause__
    fault = Diagnostic(
        code="GC902" if _is_broken_invariant(error) else "GC901",
        message=f"a fault of grayc {__version__}: {type(error).__name__}",
        notes=tuple(notes),
        help="please report it with this text; it may name an object, and quotes nothing else of your files",
    )
    return answer(Report(command="grayc", status=3, diagnostics=(fault,)), Voice(form=form, color=Color.AUTO))


def _is_broken_invariant(error: BaseException) -> bool:
    """Tell whether a pass left what no pass may leave."""
    return isinstance(error, BrokenInvariant) or isinstance(error.__cause__, BrokenInvariant)
