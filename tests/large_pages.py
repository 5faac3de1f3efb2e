"""Let a fork of the test run cost what that of a small process does.

A fork copies the tables of all memory, page by page: 25 ms of CPU from a run that has collected the suite, for each
chart or kustomization that a test renders. In pages of 2 MiB there is little to copy, and it takes 4.
"""

import ctypes
import re
from pathlib import Path

# Source: Linux, include/uapi/asm-generic/mman-common.h. The second came with 6.1, an older kernel refuses it.
_USE_LARGE_PAGES, _MAKE_LARGE_NOW = 14, 25
_LARGE_PAGE = 2 * 1024 * 1024
_MAPS = Path("/proc/self/maps")
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0\s*(?:\[heap\])?")


def put_memory_in_large_pages() -> None:
    """Put all that this process has in memory so far in large pages, where the system has them."""
    if not _MAPS.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in _MAPS.read_text().splitlines():
        place = _ANONYMOUS.fullmatch(line.rstrip())
        if place:
            start, end = (int(each, 16) for each in place.groups())
            if end - start >= _LARGE_PAGE:
                for advice in (_USE_LARGE_PAGES, _MAKE_LARGE_NOW):
                    madvise(start, end - start, advice)
