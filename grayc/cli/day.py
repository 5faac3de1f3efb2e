"""The flag `--today`."""

from datetime import date

from grayc.diagnostics import Diagnostic


def refuse_day(text: str) -> Diagnostic | None:
    """Return what is wrong with a day, None where it is one, or where none is given."""
    try:
        if not text or date.fromisoformat(text).isoformat() == text:
            return None
    except ValueError:
        pass
    return Diagnostic(
        code="GC702", message=f"`--today {text}` is no day", help="write year, month and day, such as 2027-01-31"
    )
