"""`SourceFile`: one file's text, and its name as diagnostics show it."""

import posixpath
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceFile:
    """Text of one input.

    Attributes:
        name: path with `/`, relative to the spec's folder; `<stdin>` for a pipe.
        text: decoded content without a leading byte order mark; line ends as in the file.
        folder: the spec's folder as the user named it, "" for the working folder.
    """

    name: str
    text: str
    folder: str = ""

    @property
    def shown(self) -> str:
        """The path from where the user stands, for diagnostics only: what is compiled depends on `name`."""
        if not self.folder or self.name.startswith(("/", "<")):
            return self.name
        return posixpath.normpath(posixpath.join(self.folder, self.name))

    def line(self, number: int) -> str:
        """Return line `number` (1-based) without its line end, or "" past the end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 1 <= number <= len(lines) else ""
