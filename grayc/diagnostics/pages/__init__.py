"""One page per diagnostic code, as `grayc explain` prints it."""

from pathlib import Path

from grayc.diagnostics.codes import CODES

_FOLDER = Path(__file__).parent


def page_text(code: str) -> str:
    """Return the page of a code as Markdown.

    Raises:
        KeyError: there is no such code.
    """
    if code not in CODES:
        raise KeyError(code)
    return (_FOLDER / f"{code}.md").read_text(encoding="utf-8")
