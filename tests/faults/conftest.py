"""An output folder in the states that a run may find it in."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.alone import Alone


@pytest.fixture(scope="session", autouse=True)
def alone() -> Iterator[Alone]:
    """Start the process in which the tests of this folder run."""
    running = Alone()
    yield running
    running.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    given = dict(pyfuncitem.funcargs)
    running = given.pop("alone")
    assert isinstance(running, Alone)
    failed = running.run(pyfuncitem.function.__module__, pyfuncitem.function.__name__, given)
    if failed:
        pytest.fail(failed, pytrace=False)
    return True


@pytest.fixture
def place() -> Iterator[Path]:
    """Return an empty folder that another user can reach too; pytest's own cannot be reached."""
    # Thousands of flushes to a real disk would only take time.
    memory = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(prefix="grayc-", dir=memory if os.access(memory, os.W_OK) else None))
    path.chmod(0o777)
    yield path
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o755)
    shutil.rmtree(path)
