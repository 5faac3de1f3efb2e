"""`grayc doctor`: a program is found with its version, is too old, or is not there; OUT can be written or not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, said in {"helm": "v3.17.0+g1", "kubeconform": "v0.4.9", "git": "no version"}.items():
        (folder / name).write_text(f"#!/bin/sh\necho {said}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def looked(folder: Path, *words: str) -> dict[str, dict[str, Any]]:
    return {
        look["name"]: look
        for look in json.loads(run_grayc(["doctor", *words, "-f", "json"], folder=folder).stdout)["looks"]
    }


def test_programs_are_found_too_old_or_not_there(programs: Path) -> None:
    looks = looked(programs)

    assert (looks["helm"]["found"], looks["helm"]["trouble"]) == (f"3.17.0, {programs.parent}/bin/helm", None)
    assert looks["kubeconform"]["trouble"] == "0.5.0 or newer is needed"
    assert looks["git"]["trouble"] == "does not say its version"
    assert looks["kubectl"]["trouble"] == "not found on PATH"
    assert [name for name, look in looks.items() if not look["ok"]] == ["kustomize", "kubectl", "kubeconform", "git"]
    said = run_grayc(["doctor"], folder=programs)
    told = "look at: kubeconform, git; not found: kustomize, kubectl; needed only for what stands beside each"
    assert (said.status, told in said.stderr) == (0, True)


def test_a_program_of_the_repository_is_not_run(programs: Path) -> None:
    looks = looked(programs.parent)

    assert looks["helm"]["trouble"] == "the one on PATH lies below this folder, and is not run"


def test_out_is_looked_at_where_it_is_named(programs: Path) -> None:
    assert looked(programs, "-o", "new/out")["OUT"]["ok"]
    assert "OUT" not in looked(programs)
    (programs / "file").write_text("")
    run = run_grayc(["doctor", "-o", "file/out"], folder=programs)
    assert (run.status, "is no folder" in run.stdout) == (1, True)
    assert not (programs / "new").exists()
