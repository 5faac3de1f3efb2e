"""What a command costs, with all that it starts."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.budgets.forks import Asked, started
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
    with tempfile.TemporaryDirectory() as kept:
        out, err, cache = (Path(kept) / name for name in ("out", "err", "cache"))
        out.touch()
        err.touch()
        cache.mkdir()
        ended = started().run(
            Asked(
                arguments=arguments,
                folder=folder,
                environment={**os.environ, "XDG_CACHE_HOME": str(cache)},
                out=out,
                err=err,
                stop_seconds=_STOP_SECONDS,
            )
        )
        texts = [path.read_text(encoding="utf-8") for path in (out, err)]
    return Cost(
        status=ended.status,
        stdout=texts[0],
        stderr=texts[1],
        cpu_seconds=ended.cpu_seconds,
        peak_mib=ended.peak_mib,
    )


def assert_cheap(cost: Cost) -> None:
    """Fail where a command passed what one may cost."""
    told = f"{cost.cpu_seconds:.1f} s, {cost.peak_mib} MiB, status {cost.status}\n{cost.stderr[-2000:]}"
    assert cost.status in (0, 1, 2), told
    assert cost.cpu_seconds < CPU_SECONDS, told
    assert cost.peak_mib < PEAK_MIB, told
