"""Turn shared flags into a request to the driver."""

import sys
from collections.abc import Sequence
from pathlib import Path

from grayc.cli.syntax import DEFAULT_MAX_INPUT
from grayc.driver.request import Request, flags_of


def make_request(
    specs: Sequence[str],
    allowed_roots: Sequence[Path],
    *,
    max_input: int = DEFAULT_MAX_INPUT,
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
) -> Request:
    """Return the request for these specs."""
    return Request(
        specs=tuple(specs),
        allowed_roots=tuple(allowed_roots),
        most_bytes=max_input * 1024 * 1024,
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
