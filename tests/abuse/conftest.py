"""Folders in memory where there is such a place: hundreds of flushes to a real disk would only take time."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return an empty folder."""
    with tempfile.TemporaryDirectory(prefix="grayc-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as path:
        yield Path(path)
