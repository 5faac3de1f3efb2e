"""The formats by name, each imported when it is asked for."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    # `--help` needs the names alone, and what findings are made of takes a third of its time to import.
    from grayc.report.model import Report


class Format(StrEnum):
    """How findings are reported."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    JUNIT = "junit"


_HEADS: Mapping[Format, str] = {
    Format.TEXT: r"grayc [a-z ]+: exit status \d\n",
    Format.JSON: r'\{\n  "schema": "grayc\.report/v1",\n',
    Format.GITHUB: r"::(error|warning|notice) [^\n]*title=GC\d{3}",
    Format.GITLAB: r'\[\]\n|\[\n  \{\n    "description": "GC\d{3}: ',
    Format.SARIF: r'\{\n  "\$schema": "https://docs\.oasis-open\.org/sarif/[^}]*"driver": \{\s*"name": "grayc",\n',
    Format.JUNIT: r'<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="grayc" ',
}
"""How a report file begins in each format."""


def begins_as(head: str, form: Format) -> bool:
    """Tell by its first characters whether a file is an earlier report in a format."""
    return re.match(_HEADS[form], head) is not None


def render_file(report: "Report", form: Format) -> str:
    """Return a report as a file has it. A text begins with a line that says what it is; the others do by themselves."""
    text = render(report, form)
    return f"grayc {report.command}: exit status {report.status}\n\n{text}" if form is Format.TEXT else text


def render(report: "Report", form: Format) -> str:
    """Return a report in a format, without colour."""
    renderer = getattr(import_module(f"grayc.report.{form}"), f"render_{form}")
    return cast("Callable[[Report], str]", renderer)(report)
