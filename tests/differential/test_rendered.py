"""A rendered source is what the user's own rendering, named as a file, would be."""

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.differential.kubectl import KUBECTL
from tests.renderers import ROOT, renderers_path

EXAMPLE = ROOT / "examples" / "shop"


def outputs(folder: Path) -> dict[str, str]:
    done = run_grayc(["build", "release.yaml", "-o", "../out"], folder=folder)
    assert done.status == 0, done.stderr
    return {path.name: path.read_text() for path in (folder.parent / "out").iterdir()}


def test_an_example_as_an_overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same gray objects and the same inventory, digests of the baseline included."""
    monkeypatch.setenv("PATH", renderers_path())
    spec = (EXAMPLE / "release.yaml").read_text()
    assert "baseline: [baseline/]" in spec or "baseline:\n    - baseline/" in spec
    made = {}
    for way in ("source", "file"):
        folder = tmp_path / way / "spec"
        shutil.copytree(EXAMPLE / "baseline", folder / "base")
        names = sorted(str(path.relative_to(folder / "base")) for path in (folder / "base").rglob("*.yaml"))
        (folder / "base" / "kustomization.yaml").write_text("resources:\n" + "".join(f"  - {name}\n" for name in names))
        (folder / "prod").mkdir()
        (folder / "prod" / "kustomization.yaml").write_text("resources: [../base]\ncommonAnnotations: {team: shop}\n")
        if way == "file":
            text = subprocess.run([KUBECTL, "kustomize", "prod"], cwd=folder, check=True, capture_output=True).stdout
            (folder / "rendered.yaml").write_bytes(text)
        source = "{kustomize: prod}" if way == "source" else "rendered.yaml"
        changed = spec.replace("[baseline/]", f"[{source}]").replace("    - baseline/\n", f"    - {source}\n")
        (folder / "release.yaml").write_text(changed)
        made[way] = outputs(folder)

    assert made["source"] == made["file"]
    assert len(made["source"]) > 1


PROMOTED = {
    "kustomization_gets_its_image_and_a_base_its_variables": (
        [str(KUBECTL), "kustomize", "overlays/prod"],
        {
            "-  mode: plain",
            '+  added: "yes"',
            "+  mode: fancy",
            "-        - name: OLD",
            "-          value: gone",
            "-          value: info",
            "+          value: debug",
            "+        - name: NEW",
            '+          value: "on"',
            "-        image: registry.example.com/web:1.0",
            "+        image: registry.example.com/mirror/web:1.1",
        },
    ),
    "values_of_a_chart_get_what_they_are_the_source_of": (
        ["helm", "template", "shop", "charts/shop", "--namespace=shop", "-f", "values.yaml", "-f", "values-prod.yaml"],
        {
            '-          image: "registry.example.com/web:1.0"',
            '+          image: "registry.example.com/new/web:1.1"',
            '-            - {name: LEVEL, value: "info"}',
            '+            - {name: LEVEL, value: "debug"}',
            "-          image: registry.example.com/agent:7",
            "+          image: registry.example.com/agent:8",
        },
    ),
}


@pytest.mark.parametrize("case", PROMOTED)
def test_what_is_promoted_is_what_the_users_own_rendering_changes(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, wanted = PROMOTED[case]
    monkeypatch.setenv("PATH", renderers_path())
    folder = tmp_path / "spec"
    shutil.copytree(ROOT / "tests" / "golden" / "promote" / case / "input", folder)

    def rendered() -> list[str]:
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()

    before = rendered()
    assert run_grayc(["promote", "release.yaml"], folder=folder).status == 0
    changed = [
        line
        for line in difflib.unified_diff(before, rendered(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]

    assert set(changed) == wanted
    assert run_grayc(["promote", "release.yaml", "--check"], folder=folder).status == int("chart" in case)
