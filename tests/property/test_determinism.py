"""The same input gives the same bytes, whatever the hash seed, the locale and the working folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENTS = {
    "plain": {},
    "hash seed": {"PYTHONHASHSEED": "7"},
    "locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
    "time zone": {"TZ": "Asia/Shanghai"},
}


@pytest.fixture(scope="module")
def reference(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return build(project, {"PYTHONHASHSEED": "0"}, project, tmp_path_factory.mktemp("reference") / "out")


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_same_bytes_in_every_environment(
    name: str, is_elsewhere: bool, project: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path if is_elsewhere else project
    assert build(project, ENVIRONMENTS[name], folder, tmp_path / "made") == reference


def build(project: Path, environment: dict[str, str], folder: Path, out: Path) -> dict[str, bytes]:
    spec = project / "examples" / "mse-demo" / "release.yaml"
    given = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    subprocess.run(
        [sys.executable, "-m", "grayc", "build", os.path.relpath(spec, folder), "-o", str(out)],
        cwd=folder,
        env={**given, "PYTHONPATH": str(project), **environment},
        check=True,
        capture_output=True,
    )
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}
