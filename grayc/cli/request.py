"""Turn shared flags into a request to the driver."""

import sys
from collections.abc import Sequence
from pathlib import Path

from grayc.driver.request import Request


def make_request(specs: Sequence[str], allowed_roots: Sequence[Path], *, gateway: str = "", step: str = "") -> Request:
    """Return the request for these specs."""
    return Request(
        specs=tuple(specs),
        allowed_roots=tuple(allowed_roots),
        gateway=gateway,
        step=step,
        stdin=lambda: sys.stdin.buffer,
    )
