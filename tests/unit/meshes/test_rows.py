"""Every lane provider has all that a row of `PROVIDERS` promises: whatever is missing is named here."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from grayc.k8s.providers import PROVIDERS, Provider
from grayc.meshes import router_of

ROOT = Path(__file__).parents[3]


def test_every_name_of_the_language_has_a_row() -> None:
    schema = json.loads((ROOT / "schemas" / "release.schema.json").read_text(encoding="utf-8"))
    lane = schema["properties"]["spec"]["properties"]["lane"]["properties"]

    assert set(lane["provider"]["enum"]) == set(Provider) == set(PROVIDERS), (
        "add the name to `Provider`, schema and rows"
    )


@pytest.mark.parametrize("name", [name for name, row in PROVIDERS.items() if row.routes_calls])
def test_a_provider_that_routes_calls_has_a_module_of_its_name(name: Provider) -> None:
    assert callable(router_of(name).claims), f"grayc/meshes/{name.replace('-', '_')}.py needs a function `claims`"


def test_no_mesh_is_without_a_row() -> None:
    written = {
        path.stem
        for path in (ROOT / "grayc" / "meshes").glob("*.py")
        if path.stem != "__init__" and hasattr(import_module(f"grayc.meshes.{path.stem}"), "claims")
    }

    assert written == {name.replace("-", "_") for name, row in PROVIDERS.items() if row.routes_calls}
