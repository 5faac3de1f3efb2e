"""What the values of flags are that several commands share; the flags themselves are in `syntax`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypedDict

from grayc.report.formats import Format


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


def asked_format(arguments: Sequence[str]) -> Format:
    """Return the format that the arguments ask for, where they could not be parsed or nobody kept it."""
    for flag, value in zip(arguments, [*arguments[1:], ""], strict=True):
        word = value if flag in ("-f", "--format") else flag.removeprefix("--format=").removeprefix("-f")
        if flag.startswith(("-f", "--format")) and word in set(Format):
            return Format(word)
    return Format.TEXT


__all__ = [
    "Color",
    "Engine",
    "Format",
    "asked_format",
]
