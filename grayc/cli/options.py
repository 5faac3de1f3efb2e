"""What flags that several commands share give: values, and a request to the driver. The flags are rows of `syntax`."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from grayc.cli.syntax import DEFAULT_MAX_INPUT
from grayc.report.formats import Format

if TYPE_CHECKING:
    from grayc.driver.request import Request


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
    for flag, value in zip(arguments, [*arguments, ""][1:], strict=True):
        word = value if flag in ("-f", "--format") else flag.removeprefix("--format=").removeprefix("-f")
        if flag.startswith(("-f", "--format")) and word in set(Format):
            return Format(word)
    return Format.TEXT


def make_request(
    specs: Sequence[str],
    allowed_roots: Sequence[Path],
    *,
    max_input: int = DEFAULT_MAX_INPUT,
    index: str = "",
    gateway: str = "",
    step: str = "",
    out: Path | None = None,
    lanes: Sequence[Path] = (),
    is_check: bool = False,
    patch: str = "",
    recorded: bool = False,
    tag: str = "",
    image: Sequence[str] = (),
    expires: str = "",
    owner: str = "",
) -> "Request":
    """Return the request for these specs."""
    from grayc.driver.request import Request, flags_of

    return Request(
        specs=tuple(specs),
        allowed_roots=tuple(allowed_roots),
        most_bytes=max_input * 1024 * 1024,
        index=Path(index) if index else None,
        flags=flags_of(tag=tag, images=image, expires=expires, owner=owner),
        gateway=gateway,
        step=step,
        out=out,
        lanes=tuple(lanes),
        is_check=is_check,
        patch=patch,
        as_recorded=recorded,
        stdin=lambda: sys.stdin.buffer,
    )


__all__ = [
    "Color",
    "Engine",
    "Format",
    "asked_format",
    "make_request",
]
