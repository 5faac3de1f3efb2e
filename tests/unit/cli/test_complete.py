"""The shell completes values: by tables, and by the spec and OUT that the line names."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grayc.cli import kubectl
from tests.cli_run import run_grayc
from tests.manifests import write_release
from tests.unit.output.test_apply import SHOP

ROOT = Path(__file__).parents[3]
STEPS = {"steps": [{"name": "ten", "weight": 10}, {"name": "all", "weight": 100}]}
ASKED = {"request": {"host": "shop.example.com", "path": "/"}, "goesTo": {"percent": {"gray": 100}}}
FIELDS: dict[str, Any] = {
    "lane": {"provider": "address"},
    "traffic": {"gateway": "higress", "rules": []},
    "rollout": STEPS,
    "expect": [{**ASKED, "steps": ["all"]}],
}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("grayc build release.yaml --step ", ["ten", "all"]),
        ("grayc plan --step t", ["ten"]),
        ("grayc build gone.yaml --step ", []),
        ("grayc build --gateway h", ["higress"]),
        ("grayc route release.yaml --host ", ["shop.example.com"]),
        ("grayc route release.yaml --no-endpoints w", ["web"]),
        ("grayc route -d out --host ", ["shop.example.com"]),
        ("grayc route -d baseline -d out --host s", ["shop.example.com"]),
        ("grayc route -d out --gateway higress --sticky ", ["web-gray"]),
        ("grayc route release.yaml --lanes out --no-endpoints web", ["web", "web-gray"]),
        ("grayc route -d gone --host ", []),
        ("grayc init baseline -s w", ["web"]),
        ("grayc adopt baseline --service ", ["web"]),
        ("grayc offline -o out --tag g", ["gray"]),
        ("grayc offline -o gone --tag ", []),
        ("grayc explain GC440", ["GC440"]),
        ("grayc explain gc440", ["gc440"]),
        ("grayc explain spec.traffic.g", ["spec.traffic.gateway", "spec.traffic.guard"]),
        ("grayc explain spec.services.repl", ["spec.services.replicas"]),
        ("grayc build --step=t", ["ten"]),
        ("grayc --color always build --step t", ["ten"]),
        ("grayc nope ", []),
        ("grayc --color always nope --", []),
        ("grayc bui", ["build"]),
    ],
)
def test_values_are_completed(line: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_release(tmp_path / "shop", SHOP, **FIELDS)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path / "shop").status == 0
    monkeypatch.setenv("_GRAYC_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - (not line.endswith(" "))))

    assert run_grayc([], folder=tmp_path / "shop").stdout.split() == words


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not on this machine")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["build", "--step", "="], ["ten", "all"]),
        (["build", "--step", "=", "t"], ["ten"]),
        (["graph", "--format", "=", "m"], ["mermaid"]),
        (["build", "-i", "web", "=", "web:2", "--step", ""], ["ten", "all"]),
        (["explain", "spec.tr"], ["spec.traffic"]),
        (["explain", "gc44"], ["gc440"]),
        (["nope", ""], []),
    ],
    ids=str,
)
def test_bash_takes_a_line_apart_at_an_equals_sign(words: list[str], found: list[str], tmp_path: Path) -> None:
    write_release(tmp_path, SHOP, **FIELDS)
    made = run_grayc(["--show-completion", "bash"], folder=tmp_path).stdout
    line = " ".join(map(shlex.quote, ["grayc", *words]))
    program = tmp_path / "grayc"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m grayc "$@"\n')
    program.chmod(0o755)
    script = f"{made}\nCOMP_WORDS=({line}) COMP_CWORD={len(words)}\n_grayc_completion ./grayc\n"
    script += "printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)

    assert run.stdout.split()[: len(found)] == found
    assert bool(run.stdout.split()) is bool(found)


def test_kubectl_is_told_values_and_a_directive(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("_GRAYC_COMPLETE", "COMP_WORDS", "COMP_CWORD"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "argv", ["kubectl_complete-grayc", "build", "--gateway", "h"])

    kubectl.complete()

    assert capsys.readouterr().out.split() == ["higress", ":0"]


def test_who_stops_reading_is_told_nothing() -> None:
    code = "import sys; from grayc.cli.kubectl import complete; sys.argv[1:] = ['']; complete()"
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert run.stderr == ""


@pytest.mark.parametrize("given", [{}, {"COMP_CWORD": "x"}], ids=str)
def test_a_line_that_no_shell_gives_completes_to_nothing(
    given: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_GRAYC_COMPLETE", "complete_bash")
    for name in ("COMP_WORDS", "COMP_CWORD"):
        monkeypatch.delenv(name, raising=False)
    for name, text in given.items():
        monkeypatch.setenv(name, text)
    run = run_grayc([], folder=tmp_path)

    assert (run.status, run.stdout.strip(), run.stderr) == (0, "", "")
