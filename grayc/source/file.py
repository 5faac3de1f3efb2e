"""`SourceFile`: one file's text, and its name as diagnostics show it."""

import posixpath
import re
from functools import lru_cache

from grayc.records import dataclass

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line of YAML. Source: YAML 1.1, 4.1.4 `b-break`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """Text of one input; a file that several releases read is equal to itself.

    Attributes:
        name: path with `/`, relative to the spec's folder; `<stdin>` for a pipe, `<kustomize DIR>` or `<helm DIR as
            NAME>` for what was rendered.
        text: decoded content without a leading byte order mark; line ends as in the file.
        folder: the spec's folder as the user named it, "" for the working folder.
        is_secret: all of it may be the content of a Secret, which the text itself does not tell.
        origin: path that it was rendered from, relative to the spec's folder; "" where it was not rendered.
    """

    name: str
    text: str
    folder: str = ""
    is_secret: bool = False
    origin: str = ""

    @property
    def shown(self) -> str:
        """The path from where the user stands, for diagnostics only: what is compiled depends on `name`."""
        if not self.folder or self.name.startswith(("/", "<")):
            return self.name
        return posixpath.normpath(posixpath.join(self.folder, self.name))

    def line(self, number: int) -> str:
        """Return line `number` (1-based) without its line end, or "" past the end."""
        lines = _lines(self.text)
        return lines[number - 1] if 1 <= number <= len(lines) else ""

    def rest(self, line: int, column: int) -> str:
        """Return the text from a place on, both 1-based; line ends may differ from those of the file."""
        return "\n".join(_lines(self.text)[line - 1 :])[column - 1 :]


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends, as YAML counts them."""
    if text.isascii() and "\r" not in text:
        return text.split("\n")
    return _LINE_END.split(text)


# Many findings may stand in one large file.
@lru_cache(maxsize=4)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(split_lines(text))
