"""Flags that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"


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
Colors = Annotated[Color, typer.Option("--color", help="colour of text; NO_COLOR counts where this is auto")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="errors and warnings only")]
Roots = Annotated[
    list[Path],
    typer.Option("--allow-root", metavar="DIR", help="a folder besides the spec's own that files may be read from",
                 show_default=False),
]
