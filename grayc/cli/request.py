"""Turn shared flags into a request to the driver."""

import sys
from collections.abc import Sequence
from pathlib import Path

from grayc.driver import Request


def make_request(specs: Sequence[str], allowed_roots: Sequence[Path], *, gateway: str = "") -> Request:
    """Return the request for these specs."""
    return Request(
        specs=tuple(specs), allowed_roots=tuple(allowed_roots), gateway=gateway, stdin=lambda: sys.stdin.buffer
    )
