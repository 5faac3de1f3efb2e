"""What a command costs, with all that it starts."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.least import least, usual

CPU_SECONDS = 8.0
"""Most CPU of a command on its worst input. On two cores that four share the dearest takes four, and what waits for a
renderer up to five, of which the renderer's own bound is three."""
PEAK_MIB = 1024
_STOP_SECONDS = 30
"""CPU after which a command is stopped: a test that fails must end, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One run.

    Attributes:
        cpu_seconds: of the command and all that it waited for.
        peak_mib: the largest memory that one of these processes had.
    """

    status: int
    stdout: str
    stderr: str
    cpu_seconds: float
    peak_mib: int


def cost_of(arguments: Sequence[str], *, folder: Path, within: float = CPU_SECONDS) -> Cost:
    """Run grayc in a process of its own, with nothing kept from earlier runs, and return what that cost.

    Args:
        within: seconds; where a run took more, it is measured again, and held against how slow the machine is.
    """
    cost = least(lambda: _run(arguments, folder), lambda cost: cost.cpu_seconds, within=within)
    return cost if cost.cpu_seconds < within else replace(cost, cpu_seconds=usual(cost.cpu_seconds))


def _run(arguments: Sequence[str], folder: Path) -> Cost:
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryDirectory() as cache,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "grayc", *arguments],
            cwd=folder,
            env={**os.environ, "XDG_CACHE_HOME": cache},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (_STOP_SECONDS, _STOP_SECONDS))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
    return Cost(
        status=process.returncode,
        stdout=texts[0],
        stderr=texts[1],
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mib=used.ru_maxrss // 1024,
    )


def assert_cheap(cost: Cost) -> None:
    """Fail where a command passed what one may cost."""
    told = f"{cost.cpu_seconds:.1f} s, {cost.peak_mib} MiB, status {cost.status}\n{cost.stderr[-2000:]}"
    assert cost.status in (0, 1, 2), told
    assert cost.cpu_seconds < CPU_SECONDS, told
    assert cost.peak_mib < PEAK_MIB, told
