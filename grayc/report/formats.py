"""The formats by name, each imported when it is asked for."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    # `--help` needs the names alone, and what findings are made of takes a third of its time to import.
    from grayc.report.model import Report


class Format(StrEnum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    JUNIT = "junit"


def render(report: "Report", form: Format) -> str:
    """Return a report in a format, without colour."""
    renderer = getattr(import_module(f"grayc.report.{form}"), f"render_{form}")
    return cast("Callable[[Report], str]", renderer)(report)
