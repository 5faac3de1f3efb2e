"""`SourceFile`: one file's text, named as diagnostics show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceFile:
    """Text of one input.

    Attributes:
        name: path as shown to the user, with `/`, relative to the spec's folder where it lies below it; `<stdin>` for a pipe.
        text: decoded content without a leading byte order mark; line ends as in the file.
    """

    name: str
    text: str

    def line(self, number: int) -> str:
        """Return line `number` (1-based) without its line end, or "" past the end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 1 <= number <= len(lines) else ""
