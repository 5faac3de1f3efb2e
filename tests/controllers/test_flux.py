"""What grayc renders of a Kustomization is what Flux's own code makes of it.

The program in `flux/` is asked: the generator, the build and the substitution of kustomize-controller, in a copy of the
source and with the ConfigMaps and Secrets of its files as the cluster's.
"""

import json
import subprocess
from pathlib import Path

import pytest

from grayc.documents.recipes import Chart, Declared, Tool
from grayc.documents.render import expand
from grayc.source import Roots
from tests.controllers import release_cases
from tests.controllers.declared import read, rendered
from tests.controllers.flux_cases import CASES
from tests.manifests import write_texts
from tools.dev_tools import prepare_flux_harness

_VARIABLES = "vars.yaml"


@pytest.mark.parametrize("name", CASES)
def test_a_kustomization_renders_to_what_flux_applies(name: str, tmp_path: Path) -> None:
    files = CASES[name]
    write_texts(tmp_path / "ours", files)
    write_texts(tmp_path / "theirs", files)
    root = tmp_path / "theirs"
    paths = [root / each for each in ("ks.yaml", _VARIABLES) if each in files]
    command = [str(prepare_flux_harness()), str(root), *map(str, paths)]
    theirs = read(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)

    assert theirs
    assert rendered(Tool.FLUX, tmp_path / "ours", "ks.yaml") == theirs


@pytest.mark.parametrize("name", release_cases.CASES)
def test_values_of_a_helmrelease_are_those_that_flux_puts_together(name: str, tmp_path: Path) -> None:
    write_texts(
        tmp_path,
        {
            "hr.yaml": release_cases.release(release_cases.CASES[name]),
            "given.yaml": release_cases.GIVEN,
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
        },
    )
    command = [str(prepare_flux_harness()), "values", *(str(tmp_path / each) for each in ("hr.yaml", "given.yaml"))]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    made = expand(Declared(tool=Tool.FLUX, file="hr.yaml", root=".", asked=()), Roots(folder=tmp_path), span=None)
    assert made.value is not None, made.diagnostics
    (recipe,) = made.value.recipes
    assert isinstance(recipe, Chart)

    assert json.loads(recipe.inline or "{}") == theirs
