"""The two Kustomizations of `examples/flux` apply a lane in two parts: all of it, and nothing twice."""

import shutil
import subprocess
from pathlib import Path

import yaml

from tests.cli_run import run_grayc
from tests.manifests import objects_in
from tests.plugs.ci import ROOT
from tools.dev_tools import prepare_flux_harness

Key = tuple[str, str]


def applied(root: Path, file: Path) -> set[Key]:
    """Return kind and name of what Flux applies."""
    command = [str(prepare_flux_harness()), str(root), str(file)]
    made = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return {(each["kind"], each["metadata"]["name"]) for each in objects_in(made)}


def test_services_first_and_then_the_way_in(tmp_path: Path) -> None:
    shop, lane = tmp_path / "shop", tmp_path / "root" / "lanes" / "shop-checkout"
    shutil.copytree(ROOT / "examples" / "shop", shop)
    release = (shop / "release.yaml").read_text()
    (shop / "release.yaml").write_text(release.replace("\nspec:\n", "\nspec:\n  output: {gitops: flux}\n"))
    assert run_grayc(["build", "-o", str(lane / "out")], folder=shop).status == 0
    shutil.copytree(ROOT / "examples" / "flux" / "entry", lane / "entry")
    parts = []
    for number, each in enumerate(objects_in((ROOT / "examples" / "flux" / "lane.yaml").read_text())):
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(each))
        # The program writes into the root, as the controller does into its own copy.
        root = shutil.copytree(tmp_path / "root", tmp_path / f"root-{number}")
        parts.append(applied(root, file))
    built = {
        (each["kind"], each["metadata"]["name"])
        for path in (lane / "out").glob("*.yaml")
        for each in objects_in(path.read_text())
    }
    services, entry = parts
    assert {kind for kind, _ in entry} == {"Ingress"}
    assert services | entry == built and not services & entry
