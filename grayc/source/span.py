"""`Span`: a place in a source file."""

from grayc.records import dataclass, field
from grayc.source.file import SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of characters on one line.

    Attributes:
        source: the file.
        line: 1-based.
        column: 1-based, in characters.
        length: in characters, at least 1, never past the line's end.
        sensitive: the line holds a secret value and is never shown.
        secrets: of a sensitive place, the values that no words about it may quote; None where nobody can tell which
            these are, and all that follows may be one.
    """

    source: SourceFile
    line: int
    column: int
    length: int = 1
    sensitive: bool = False
    secrets: tuple[str, ...] | None = field(default=None, compare=False, repr=False)

    @property
    def file(self) -> str:
        """Path of the file, as shown to the user."""
        return self.source.shown

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
