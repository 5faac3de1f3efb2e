"""Flags that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grayc.report.formats import Format


class Color(StrEnum):
    """When text is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Specs = Annotated[
    list[str],
    typer.Argument(metavar="SPEC...", help="release files, folders of them, or - for standard input", show_default=False),
]
Formats = Annotated[Format, typer.Option("-f", "--format", help="how findings are told")]
Reports = Annotated[
    list[str],
    typer.Option("--report", metavar="FORMAT=PATH", help="write findings to a file too; may be repeated",
                 show_default=False),
]
Colors = Annotated[Color, typer.Option("--color", help="colour of text; NO_COLOR counts where this is auto")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="errors and warnings only")]
Roots = Annotated[
    list[Path],
    typer.Option("--allow-root", metavar="DIR", help="a folder besides the spec's own that files may be read from",
                 show_default=False),
]

__all__ = ["Color", "Colors", "Format", "Formats", "Quiet", "Reports", "Roots", "Specs"]
