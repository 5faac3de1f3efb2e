"""Flags and paths that all tests share."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.large_pages import put_memory_in_large_pages

MEMORY = Path("/dev/shm")
ROOM = 4 << 30

# The tests make half a million files that live for a moment: on a disk each takes ten times as long as in memory.
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# The Go programs that tests ask live for a moment: to look for garbage less often saves a fifth of their time.
os.environ.setdefault("GOGC", "400")

# How quickly inputs come depends on who shares the machine. A build server asks the same inputs each time, so that a change
# is judged by what it changes; other runs go on looking for new ones.
settings.register_profile(
    "grayc", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("grayc")

OBJECTS_BETWEEN_COLLECTIONS = 20_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what grayc says now as what is expected")
    parser.addoption("--orders", type=int, default=0, help="how many orders of the passes to try, at least those kept")


def pytest_collection_finish() -> None:
    # Twenty thousand tests live as long as the run: nobody has to look through them for garbage again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    put_memory_in_large_pages()


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).resolve().parent.parent
