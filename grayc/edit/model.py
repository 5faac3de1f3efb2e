"""`Edit`, and what is said where none can be made."""

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.tree import show_path
from grayc.records import dataclass
from grayc.source import SourceFile

CODE = "GC620"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A part of a file's text, and what takes its place.

    Attributes:
        source: the file.
        start: where the part begins, in characters of `source.text`.
        end: where it ends; equal to `start` where text is only put in.
        text: what stands there afterwards.
    """

    source: SourceFile
    start: int
    end: int
    text: str


def not_in_place(
    document: Document, path: Path, why: str, *, help_: str, notes: tuple[Note, ...] = ()
) -> tuple[Diagnostic, ...]:
    """Return the one finding that a value of a document cannot be edited where it stands."""
    shown = show_path(path)
    return (
        Diagnostic(
            code=CODE,
            message=f"`{shown}` of `{document.identity.ref}` cannot be edited in place: {why}",
            span=document.span(path),
            field=shown,
            object=document.identity.ref,
            notes=notes,
            help=help_,
        ),
    )
