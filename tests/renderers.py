"""The programs that tests render with: kustomize, and kubectl and helm of the environment that the tests run in."""

import os
import sys
from pathlib import Path

from tools.dev_tools import prepare_kustomize

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent


def renderers_path(*, by: str = "kustomize") -> str:
    """Return a PATH on which the programs of the tests are, and no other of their names.

    Args:
        by: what renders kustomizations: `kustomize`, or `kubectl`, which takes four times as long for the same.
    """
    for name in ("kubectl", "helm"):
        assert (PROGRAMS / name).is_file(), f"{name} is missing from {PROGRAMS}: install the development tools"
    first = (str(prepare_kustomize().parent),) if by == "kustomize" else ()
    return os.pathsep.join((*first, str(PROGRAMS), "/usr/bin", "/bin"))
