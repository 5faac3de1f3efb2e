"""Processor time on a machine that others share, too."""

import re
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_RUNS = 3
_WORK_SECONDS = 0.031
"""What `_work` takes on the machine that bounds of processor time were set on, with nothing beside it."""
_LINES = "".join(f"key-{number}: value {number}\n" for number in range(2_000))
_LINE = re.compile(r"(?P<key>[a-z0-9-]+): (?P<value>[^\n]*)\n")


def least(run: Callable[[], T], seconds: Callable[[T], float], *, within: float) -> T:
    """Return what the first of three runs gives that keeps a bound, or the cheapest.

    The work is the same each time. What a busy machine adds to its processor time is not: shared caches and clocks
    double it, and nothing ever makes a run cheaper than it is.

    Args:
        seconds: of the processor, that a run took.
    """
    best = run()
    for _ in range(_RUNS - 1):
        if seconds(best) < within:
            break
        best = min(best, run(), key=seconds)
    return best


def usual(seconds: float) -> float:
    """Return what a run that took so long just now takes on the machine that the bounds were set on.

    A machine that is slower at all runs says nothing of the program. A faster one is not counted.
    """
    return seconds / max(1.0, min(_work() for _ in range(_RUNS)) / _WORK_SECONDS)


def _work() -> float:
    """Do what a run mostly does, take texts apart and put values into mappings, and return what that took."""
    start = time.process_time()
    for _ in range(30):
        found: dict[str, list[object]] = {}
        for match in _LINE.finditer(_LINES):
            found.setdefault(match["key"], []).append((match["value"], len(match["value"])))
        sorted(found, key=lambda key: found[key][0])  # type: ignore[arg-type, return-value]
    return time.process_time() - start
