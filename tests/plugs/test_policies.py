"""The example policies, asked by Open Policy Agent over what grayc prints."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.plugs.ci import ROOT
from tools.dev_tools import prepare_opa

SHARE = "release shop-checkout, step a-tenth: 30 % of the requests go gray, at most 20 % may"
NO_DAY = "release shop-checkout has no last day: write `expires` in its spec"
ENTRY = "Ingress/shop-mse-gray changes which requests go where: the pull request needs the label entry-reviewed"


def denied(report: str, labels: list[str], folder: Path) -> list[str]:
    """Return what the policies say of a report."""
    (folder / "labels.json").write_text(json.dumps({"labels": labels}))
    (folder / "report.json").write_text(report)
    words = ["eval", "--format=json", f"--data={ROOT / 'examples' / 'policies'}", f"--data={folder / 'labels.json'}"]
    asked = [str(prepare_opa()), *words, f"--input={folder / 'report.json'}", "data.main.deny"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
    return sorted(found)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    return tmp_path / "shop"


def test_a_plan_is_held_against_share_and_last_day(shop: Path, tmp_path: Path) -> None:
    release = (shop / "release.yaml").read_text()
    plan = ["plan", "-f", "json"]
    assert denied(run_grayc(plan, folder=shop).stdout, [], tmp_path) == [NO_DAY]
    (shop / "release.yaml").write_text(release.replace("weight: 10", "weight: 30"))
    assert denied(run_grayc(plan, folder=shop).stdout, [], tmp_path) == [NO_DAY, SHARE]
    (shop / "release.yaml").write_text(release.replace("\nspec:\n", "\nspec:\n  expires: 2027-01-31\n"))
    assert denied(run_grayc(plan, folder=shop).stdout, [], tmp_path) == []


def test_an_entry_changes_with_a_label_alone(shop: Path, tmp_path: Path) -> None:
    run_grayc(["build", "-o", "out"], folder=shop)
    release = (shop / "release.yaml").read_text()
    (shop / "release.yaml").write_text(release.replace('"101"', '"102"'))
    difference = run_grayc(["diff", "--with", "out", "-f", "json"], folder=shop).stdout
    assert denied(difference, [], tmp_path) == [ENTRY]
    assert denied(difference, ["entry-reviewed"], tmp_path) == []
