"""What grayc renders of a Kustomization is what Flux's own code makes of it.

The program in `flux/` is asked: the generator, the build and the substitution of kustomize-controller, in a copy of the
source and with the ConfigMaps and Secrets of its files as the cluster's.
"""

import subprocess
from pathlib import Path

import pytest

from grayc.documents.recipes import Tool
from tests.controllers.declared import lay, read, rendered
from tests.controllers.flux_cases import CASES
from tools.dev_tools import prepare_flux_harness

_VARIABLES = "vars.yaml"


@pytest.mark.parametrize("name", CASES)
def test_a_kustomization_renders_to_what_flux_applies(name: str, tmp_path: Path) -> None:
    files = CASES[name]
    lay(tmp_path / "ours", files)
    lay(tmp_path / "theirs", files)
    root = tmp_path / "theirs"
    paths = [root / each for each in ("ks.yaml", _VARIABLES) if each in files]
    command = [prepare_flux_harness(), root, *paths]
    theirs = read(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)

    assert theirs
    assert rendered(Tool.FLUX, tmp_path / "ours", "ks.yaml") == theirs
