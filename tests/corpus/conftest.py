"""The corpus is other people's work and stays out of the repository: without it, there is nothing to collect."""

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.environ.get("GRAYC_CORPUS") else ["test_*.py"]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder with the baselines."""
    return Path(os.environ["GRAYC_CORPUS"])
