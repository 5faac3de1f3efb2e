"""What a run is doing stands on a terminal where it takes more than a second, and nowhere else."""

import fcntl
import io
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

from grayc.cli import progress
from tests.unit.cli.texts import PREPARED, RELEASE

ROOT = Path(__file__).parents[3]
CLEAR = "\r\x1b[K"
COMMAND = [sys.executable, "-m", "grayc", "build", "release.yaml", "-o", "out"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder whose baseline is rendered by a program that sleeps as long as `sleep` beside it says."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "kustomize"
    program.write_text(f"#!/bin/sh\n/bin/sleep $(/bin/cat {tmp_path}/sleep)\n/bin/cat <<'E'\n{PREPARED}E\n")
    program.chmod(0o755)
    work = tmp_path / "shop"
    (work / "base").mkdir(parents=True)
    (work / "base" / "kustomization.yaml").write_text("resources: []\n")
    (work / "release.yaml").write_text(RELEASE.replace("[baseline/]", "[{kustomize: base}]"))
    (tmp_path / "sleep").write_text("1.7")
    return work


class TerminalIO(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def environment(shop: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {
        "PATH": f"{shop.parent / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": "1",
        "XDG_CACHE_HOME": str(shop.parent / "cache"), **(more or {}),
    }  # fmt: skip


def on_a_terminal(shop: Path, *flags: str, columns: int = 80, more: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Return status and standard error of a build whose standard error is a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *flags], cwd=shop, env=environment(shop, more), stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    read = b""
    try:
        while some := os.read(ours, 4096):
            read += some
    except OSError:  # Linux says that the other end is closed.
        pass
    os.close(ours)
    return process.wait(timeout=60), read.decode().replace("\r\n", "\n")


def test_a_terminal_is_told_what_is_waited_for_and_the_line_goes_before_the_answer(shop: Path) -> None:
    status, said = on_a_terminal(shop)
    *drawn, answer = said.split(CLEAR)

    assert status == 0, said
    assert drawn[0] == ""
    assert [line for line in drawn if line.startswith("1 s: `kustomize` renders ")], said
    assert not [line for line in drawn if "\n" in line or len(line) >= 80]
    assert answer.endswith("wrote out: 1 new\n")


def test_a_line_fits_a_narrow_terminal(shop: Path) -> None:
    _, said = on_a_terminal(shop, columns=20)

    assert "1 s: `kustomize` re" in said.split(CLEAR)
    assert "renders" not in said


@pytest.mark.parametrize(
    ("flags", "more"), [(["-q"], {}), (["--quiet"], {}), ([], {"TERM": "dumb"})], ids=["q", "quiet", "dumb"]
)
def test_nothing_is_drawn_where_it_is_not_wanted(flags: list[str], more: dict[str, str], shop: Path) -> None:
    status, said = on_a_terminal(shop, *flags, more=more)
    assert (status, "\x1b" in said, "1 s" in said) == (0, False, False), said


def test_nothing_is_drawn_in_the_first_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", TerminalIO())
    monkeypatch.setenv("TERM", "xterm")
    before = signal.getsignal(signal.SIGALRM)
    try:
        progress.begin(["build", "a"])
        first, then = signal.getitimer(signal.ITIMER_REAL)
        progress.end()
        assert 0.5 < first <= progress.AFTER_SECONDS == 1
        assert then == progress.EVERY_SECONDS
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_pipe_has_the_answer_alone(shop: Path) -> None:
    run = subprocess.run(COMMAND, cwd=shop, env=environment(shop), capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout, "\x1b" in run.stderr, "\r" in run.stderr) == (0, "", False, False)
    assert run.stderr.endswith("wrote out: 1 new\n")


def test_a_mistake_stands_alone_too(shop: Path) -> None:
    (shop / "release.yaml").write_text((shop / "release.yaml").read_text().replace("name: web", "name: wbe"))
    status, said = on_a_terminal(shop)

    assert status == 1
    assert said.rpartition(CLEAR)[2].startswith(("error[", "release.yaml:"))
