"""Make a diagnostic about an object: the place, the field and the object's name are filled in here."""

from grayc.diagnostics import Diagnostic, Note
from grayc.documents.chunk import Path
from grayc.documents.model import Document
from grayc.documents.tree import show_path


def at_object(
    document: Document,
    path: Path,
    *,
    code: str,
    message: str,
    help: str,
    notes: tuple[Note, ...] = (),
    names: tuple[str, ...] = (),
    key: bool = False,
) -> Diagnostic:
    """Return a diagnostic about a value of an object, named as its file names it.

    Args:
        document: as read, or a gray copy: then the finding names the object that it was copied from.
        path: of the value, in the object.
        names: words of the text that name something, and so are shown even where a secret reads alike.
        key: the place is the key that leads to the value.
    """
    return Diagnostic(
        code=code,
        message=message,
        span=document.span(path, key=key),
        field=show_path(path),
        object=document.origin.ref,
        notes=notes,
        names=names,
        help=help,
    )


def note_at(document: Document, path: Path, message: str) -> Note:
    """Return a note that points at a value of an object."""
    return Note(message=message, span=document.span(path))
