"""The programs that tests render with: kubectl and helm of the environment that the tests run in."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent


def renderers_path() -> str:
    """Return a PATH on which the programs of the tests are, and no other of their names."""
    for name in ("kubectl", "helm"):
        assert (PROGRAMS / name).is_file(), f"{name} is missing from {PROGRAMS}: install the development tools"
    return os.pathsep.join((str(PROGRAMS), "/usr/bin", "/bin"))
