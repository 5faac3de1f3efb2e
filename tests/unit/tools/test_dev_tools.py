"""The cache of development tools holds whole things only, each made once."""

import json
import lzma
import os
import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tools import dev_tools


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "grayc-dev"


def write_answer(folder: Path) -> None:
    (folder / "answer").write_text("42", encoding="utf-8")


def test_a_tool_is_made_once() -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        write_answer(folder)

    first, second = dev_tools.prepare_folder("thing", make), dev_tools.prepare_folder("thing", make)

    assert first == second
    assert (first / "answer").read_text(encoding="utf-8") == "42"
    assert len(made) == 1


def test_a_failed_making_leaves_nothing_that_looks_finished(cache: Path) -> None:
    def fail(folder: Path) -> None:
        write_answer(folder)
        raise dev_tools.ToolError("no")

    with pytest.raises(dev_tools.ToolError):
        dev_tools.prepare_folder("thing", fail)

    assert [path.name for path in cache.iterdir()] == ["thing.lock"]
    assert dev_tools.prepare_folder("thing", write_answer).is_dir()


def test_two_processes_at_once_make_a_tool_once(cache: Path, tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, sys, time
        from tools.dev_tools import prepare_folder

        def make(folder):
            with open(sys.argv[1], "a") as log:
                log.write("made\\n")
            time.sleep(0.3)
            (folder / "answer").write_text("42")

        print(prepare_folder("thing", make))
    """)
    log = tmp_path / "log"
    command = [sys.executable, "-c", script, str(log)]
    root = Path(dev_tools.__file__).parents[1]
    runs = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate()[0].strip() for run in runs]

    assert said == [str(cache / "thing")] * 2
    assert log.read_text(encoding="utf-8") == "made\n"


def test_a_download_that_hangs_is_ended_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_tools, "FETCH_SECONDS", 0.5)
    # The shell hands the pipes on to what it waits for, so that has to go, too.
    hangs = 'echo tried >> log; if [ "$(wc -l < log)" -le "$1" ]; then sleep 60; fi; echo done'

    assert dev_tools.fetch(["sh", "-c", hangs, "sh", "1"], folder=str(tmp_path)) == "done\n"
    assert (tmp_path / "log").read_text(encoding="utf-8") == "tried\n" * 2

    with pytest.raises(dev_tools.ToolError, match="3 times"):
        dev_tools.fetch(["sh", "-c", hangs, "sh", "9"], folder=str(tmp_path))


def test_schemas_name_nothing_that_lies_outside_their_folder() -> None:
    schemas = dev_tools.prepare_schemas()

    for version in dev_tools.KUBERNETES_VERSIONS:
        folder = schemas / f"v{version}-standalone-strict"
        text = (folder / "deployment-apps-v1.json").read_text(encoding="utf-8")
        assert "$id" not in json.loads(text)
        assert '"$ref":"_definitions.json#' in text
        assert '"$ref":"/' not in text
        assert (folder / "_definitions.json").is_file()


def packed_egctl(folder: Path, content: bytes) -> None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    name = f"egctl-{dev_tools.EGCTL_VERSION}-{platform.system().lower()}-{machine}.xz"
    (folder / name).write_bytes(lzma.compress(content))


def test_egctl_is_unpacked_where_a_build_is_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builds = tmp_path / "builds"
    builds.mkdir()
    packed_egctl(builds, b"#!/bin/sh\necho unpacked\n")
    monkeypatch.setenv(dev_tools.BUILDS_VARIABLE, str(builds))

    binary = dev_tools.prepare_egctl()

    assert subprocess.run([binary], capture_output=True, check=True).stdout == b"unpacked\n"
    # The cache has it now.
    monkeypatch.delenv(dev_tools.BUILDS_VARIABLE)
    assert dev_tools.prepare_egctl() == binary


@pytest.mark.parametrize("builds", ["", "/nowhere"])
def test_egctl_is_built_where_no_build_is_at_hand(builds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Go of a few lines stands in for the real one, which needs half an hour."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(GO, encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GO_LOG", str(tmp_path / "log"))
    monkeypatch.setenv(dev_tools.BUILDS_VARIABLE, builds)

    binary = dev_tools.prepare_egctl()

    assert binary.read_text(encoding="utf-8") == "built\n"
    package = "github.com/envoyproxy/gateway/cmd/egctl"
    init, get, build = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert init == "mod init grayc.dev/egctl"
    assert get == f"get {package}@v{dev_tools.EGCTL_VERSION}"
    assert build.startswith("build -trimpath ")
    assert build.endswith(package)
    assert [path.name for path in binary.parent.parent.iterdir() if path.name.startswith("egctl.")] == []


GO = """#!/bin/sh
echo "$@" >> "$GO_LOG"
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then echo built > "$2"; fi
  shift
done
"""
