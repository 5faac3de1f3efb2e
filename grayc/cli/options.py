"""What flags that several commands share can hold."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypedDict

from grayc.report.formats import Format
from grayc.report.language import Language as Lang

DEFAULT_MAX_INPUT = 256
"""MiB of one baseline; `source.MAX_TOTAL_BYTES` for whoever names none."""
MOST_MAX_INPUT = 65_536


class Flags(TypedDict):
    """What a pipeline knows and a spec does not; "" and nothing for what the spec says."""

    tag: str
    image: Sequence[str]
    expires: str
    owner: str


class Color(StrEnum):
    """When text is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Engine(StrEnum):
    """Who compares objects with schemas."""

    AUTO = "auto"
    KUBECONFORM = "kubeconform"
    JSONSCHEMA = "jsonschema"


RELEASE = "release.yaml"
"""The spec of a line that names none, where the working folder has it."""
NO_SPEC = f"missing argument `SPEC`, and the working folder has no `{RELEASE}`"


def release_here() -> list[str]:
    """Return the spec of the working folder, where it has one."""
    return [RELEASE] if Path(RELEASE).is_file() else []


def asked_format(arguments: Sequence[str]) -> Format:
    """Return the format that the arguments ask for, where they could not be parsed or nobody kept it."""
    for flag, value in zip(arguments, [*arguments[1:], ""], strict=True):
        word = value if flag in ("-f", "--format") else flag.removeprefix("--format=").removeprefix("-f")
        if flag.startswith(("-f", "--format")) and word in set(Format):
            return Format(word)
    return Format.TEXT


__all__ = [
    "DEFAULT_MAX_INPUT",
    "MOST_MAX_INPUT",
    "RELEASE",
    "Color",
    "Engine",
    "Format",
    "Lang",
    "asked_format",
    "release_here",
]
