"""A renderer in a pipe makes the lane that its row of `spec.baseline` makes."""

import os
import shutil
import subprocess
from pathlib import Path
from unittest import mock

import pytest

from tests.cli_run import run_grayc
from tests.plugs.ci import ROOT
from tests.renderers import renderers_path

ROWS = {
    "kustomize": ("{kustomize: rendered}", ["kubectl", "kustomize", "rendered"]),
    "helm": (
        "{helm: {chart: rendered, release: shop}}",
        ["helm", "template", "shop", "rendered", "--namespace", "mse-prod"],
    ),
}


@pytest.mark.parametrize("renderer", ROWS)
def test_a_pipe_makes_the_lane_of_the_row(renderer: str, tmp_path: Path) -> None:
    row, line = ROWS[renderer]
    shutil.copytree(ROOT / "examples" / "mse-demo" / "baseline", tmp_path / "rendered" / "templates")
    folder = tmp_path / "rendered"
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    names = sorted(str(path.relative_to(folder)) for path in folder.glob("templates/**/*.yaml"))
    (folder / "kustomization.yaml").write_text(f"resources: [{', '.join(names)}]\n")
    release = (ROOT / "examples" / "mse-demo" / "release.yaml").read_text()
    for service in ("spring-a", "spring-c"):
        release = release.replace(f"from: baseline/{service}", f"workload: {service.replace('-', '-cloud-')}")

    with mock.patch.dict(os.environ, {"PATH": renderers_path()}):
        rendered = subprocess.run(line, cwd=tmp_path, capture_output=True, check=True).stdout
        made = []
        for source, piped in ((row, b""), ("{stdin: true}", rendered)):
            (tmp_path / "release.yaml").write_text(release.replace("baseline/\n", f"{source}\n"))
            done = run_grayc(["build", "-o", "-"], folder=tmp_path, stdin=piped)
            assert done.status == 0, done.stderr
            made.append(done.stdout)
    assert made[0] == made[1] and "spring-cloud-a-mse-gray" in made[0]
