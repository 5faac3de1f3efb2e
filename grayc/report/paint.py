"""Colour of the lines that a command prints for people: green comes, red goes, yellow is other than it was."""

from collections.abc import Iterable
from enum import StrEnum

from grayc.diagnostics.visible import visible, without_commands


class Paint(StrEnum):
    """A colour, as a terminal is asked for it.

    Source: helm-diff 3, diff/diff.go, `printDiffRecord`: a whole line is coloured, a new one green, an old one red.
    """

    RED = "31"
    GREEN = "32"
    YELLOW = "33"


class Painted(str):
    """A line that has a colour on a terminal; all else takes it for its text."""

    __slots__ = ("paint",)
    paint: Paint


def painted(text: str, paint: Paint | None) -> str:
    """Return a line of this colour, or as it is."""
    if paint is None:
        return text
    line = Painted(text)
    line.paint = paint
    return line


def finish(lines: Iterable[str], *, color: bool) -> str:
    """Return lines as they are printed: nothing in them is hidden or a command, and a colour is that of a whole line.

    Args:
        lines: without their ends; those of `painted` have a colour where `color` is asked for.
    """
    kept = list(lines)
    text = without_commands("\n".join(map(visible, kept)))
    if color:
        text = "\n".join(
            f"\x1b[{line.paint}m{shown}\x1b[0m" if isinstance(line, Painted) else shown
            for line, shown in zip(kept, text.split("\n"), strict=True)
        )
    return f"{text}\n"
