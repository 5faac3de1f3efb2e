"""The hooks for pre-commit, by its own reader; `python -m tests.plugs` has pre-commit run them from a clone."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from pre_commit.clientlib import load_manifest

from tests.cli_run import run_grayc

ROOT = Path(__file__).parent.parent.parent
HOOKS = {hook["id"]: hook for hook in load_manifest(ROOT / ".pre-commit-hooks.yaml")}


@pytest.mark.parametrize(
    ("path", "taken"),
    [("release.yaml", True), ("shop/release.yml", True), ("web.grayc.yaml", True), ("my-release.yaml", False)],
)
def test_files_of_releases_are_taken(path: str, *, taken: bool) -> None:
    assert (re.search(HOOKS["grayc-validate"]["files"], path) is not None) is taken


def test_hooks_say_no_where_the_release_or_its_output_is_wrong(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "mse-demo", tmp_path, dirs_exist_ok=True)

    def status_of(hook: str, *names: str) -> int:
        line = [*shlex.split(HOOKS[hook]["entry"]), *HOOKS[hook]["args"], *names]
        return run_grayc(line[1:], folder=tmp_path).status

    assert status_of("grayc-check") == 1
    assert run_grayc(["build", "-o", "out"], folder=tmp_path).status == 0
    assert (status_of("grayc-validate", "release.yaml"), status_of("grayc-check")) == (0, 0)
    release = (tmp_path / "release.yaml").read_text()
    (tmp_path / "release.yaml").write_text(release.replace("demo/spring-cloud-a:0.2", "demo/spring-cloud-a:0.3"))
    assert (status_of("grayc-validate", "release.yaml"), status_of("grayc-check")) == (0, 1)
    (tmp_path / "release.yaml").write_text(release.replace("gateway: mse", "gateway: msa"))
    assert (status_of("grayc-validate", "release.yaml"), status_of("grayc-check")) == (1, 2)
