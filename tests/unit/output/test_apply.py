"""kubectl applies a lane whose checks come before its entry, and a check that fails keeps it closed."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import Object, ingress, service, workload, write_release

SHOP: list[Object] = [
    workload(labels={"app": "web"}),
    service(labels={"app": "web"}, ports=({"name": "http", "port": 80},)),
    ingress(class_name="higress", host="shop.example.com"),
]
READY = {"name": "ready", "http": {"service": "web", "path": "/"}, "timeoutSeconds": 30}
KUBECTL = """\
#!/bin/sh
echo "$@" >> "$LOG"
case $1 in wait) exit "$WAIT_ENDS_WITH" ;; esac
"""


def build(folder: Path, *words: str, **spec: Any) -> Run:
    rules = {"gateway": "higress", "rules": [{"header": "x-user", "value": "1"}]}
    fields = {"lane": {"provider": "address"}, "traffic": rules, "verify": [READY], "output": {}, **spec}
    write_release(folder, SHOP, **fields)
    return run_grayc(["build", "release.yaml", "-o", "out", *words], folder=folder)


@pytest.mark.parametrize(("ends_with", "opens"), [(0, True), (1, False)])
def test_a_check_that_fails_keeps_the_entry_closed(tmp_path: Path, ends_with: int, opens: bool) -> None:
    assert build(tmp_path / "lane", "--script", "apply.sh").status == 0
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = {"PATH": path, "LOG": str(tmp_path / "log"), "WAIT_ENDS_WITH": str(ends_with)}
    run = subprocess.run(["./apply.sh", "--context=prod"], cwd=tmp_path / "lane", env=environment, check=False)

    asked = (tmp_path / "log").read_text().splitlines()
    wanted = ["out/demo.web.yaml", "out/demo.verify-ready.yaml", "out/demo.verify-ready.yaml"]
    assert [line.split(" -f ")[1].split()[0] for line in asked] == [*wanted, *(["out/"] if opens else [])]
    assert all("--context=prod" in line for line in asked)
    # The check has 30 seconds to ask in and 60 for its image, which is its own deadline, and 60 until that is told.
    assert asked[2].endswith("--for=condition=Complete --timeout=150s")
    assert run.returncode == ends_with


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ({}, True),
        ({"output": {"layout": "object"}}, True),
        ({"output": {"layout": "single"}}, False),
        ({"output": {"gitops": "argocd"}}, False),
        ({"output": {"gitops": "flux"}}, False),
        ({"verify": None}, False),
        ({"traffic": None}, False),
    ],
)
def test_steps_are_printed_where_kubectl_applies_checks_and_a_entry(tmp_path: Path, spec: Object, shown: bool) -> None:
    run = build(tmp_path / "lane", **spec)

    assert run.status == 0, run.stderr
    assert ("to check the lane before its entry opens:" in run.stderr) is shown
    again = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path / "lane").stderr
    assert "before its entry opens" not in again


@pytest.mark.parametrize("output", [{"layout": "single"}, {"gitops": "argocd"}, {"gitops": "flux"}])
def test_no_script_is_written_that_could_not_wait(tmp_path: Path, output: Object) -> None:
    run = build(tmp_path / "lane", "--script", "apply.sh", output=output)

    assert (run.status, "GC656" in run.stderr) == (1, True)
    assert not {"out", "apply.sh"} & {path.name for path in (tmp_path / "lane").iterdir()}
