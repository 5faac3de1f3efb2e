"""What a program that renders is kept to: so much memory, so much time of the processor, and no network.

Three things hold it, since none does everywhere. Limits of the kernel are the last resort: a Go program reserves far
more addresses than it uses, so that a limit of addresses alone is either too tight or too wide. What the program and
its children really use is looked at while it runs, where there is `/proc`. And where the machine allows it, the program
gets a network of its own, which has no interface; where it does not, nothing is said: what a kustomization would fetch
is refused before, and the rest of its surroundings (`program`) is made for a machine that has one.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from grayc.records import dataclass, field

MAX_RENDER_BYTES = 640 * 1024 * 1024
"""Memory of a program that renders, with its children. A kustomization of 3,000 objects takes 140 MiB. GC164."""

_ADDRESSES = 4 * 1024 * 1024 * 1024
# Go collects its garbage the harder the nearer it comes to this, so that an ordinary rendering stays below the limit.
# Far from it, to look for garbage at each doubling is a fifth of what a program costs that lives for a moment.
_GO_MEMORY = "448MiB"
_GO_GROWTH = "400"
_PAUSE_SECONDS = 0.01
# Source: Linux, include/uapi/linux/sched.h.
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a program and its children use: seconds of the processor, and bytes of memory."""

    seconds: float = 0.0
    size: int = 0


@dataclass(slots=True, kw_only=True)
class Budget:
    """The time of the processor for all runs of all that one run of grayc renders.

    Attributes:
        seconds: granted altogether.
        used: by the runs so far.
        earlier: of these, by what was rendered before what is rendered now.
    """

    seconds: float
    used: float = 0.0
    earlier: float = 0.0

    @property
    def left(self) -> float:
        """Seconds that the next run may take."""
        return max(self.seconds - self.used, 0.0)


@dataclass(slots=True, kw_only=True)
class Watch:
    """A look now and then at what a program uses, until it ends.

    Attributes:
        stop: ends the program.
        seconds: of the processor that it may take.
        passed: "memory" or "time", of which the program took too much; "" where it did not.
        used: seconds that it was last seen to have taken.
    """

    process: int
    stop: Callable[[], None]
    seconds: float
    passed: str = ""
    used: float = 0.0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look until the program ends or has taken too much."""
        while not self._is_over.wait(_PAUSE_SECONDS):
            cost = cost_of(self.process)
            self.used = max(self.used, cost.seconds)
            if cost.size > MAX_RENDER_BYTES:
                self.passed = "memory"
            elif cost.seconds > self.seconds:
                self.passed = "time"
            if self.passed:
                self.stop()
                return

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look as long as the block runs."""
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()


def cost_of(process: int) -> Cost:
    """Return what a process and its children use; nothing where nobody tells or it is gone."""
    total = _own_cost(process)
    children: list[str] = []
    with contextlib.suppress(OSError):
        children = (_PROCESSES / str(process) / "task" / str(process) / "children").read_text().split()
    for child in children:
        cost = cost_of(int(child))
        total = Cost(seconds=total.seconds + cost.seconds, size=total.size + cost.size)
    return total


def _own_cost(process: int) -> Cost:
    """Source: proc_pid_stat(5), fields 14 to 17; proc_pid_statm(5), field 2."""
    folder = _PROCESSES / str(process)
    try:
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        ticks = sum(map(int, fields[11:15]))
        pages = int((folder / "statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return Cost()
    return Cost(seconds=ticks / os.sysconf("SC_CLK_TCK"), size=pages * os.sysconf("SC_PAGE_SIZE"))


def go_settings() -> dict[str, str]:
    """Return what tells a Go program to be sparing, of time and then of memory.

    Source: the environment of package `runtime`.
    """
    return {"GOGC": _GO_GROWTH, "GOMEMLIMIT": _GO_MEMORY}


def bind(seconds: float, *, is_alone: bool) -> Callable[[], None]:
    """Return what a new process does before it becomes the program: limits, and a network without an interface.

    Args:
        seconds: of the processor that it may take.
        is_alone: give it a network of its own, where that is allowed.
    """
    leave_network = _leaver() if is_alone else None
    limits = _limits(seconds)

    def limit() -> None:
        for set_limit, what, most in limits:
            with contextlib.suppress(OSError, ValueError):
                set_limit(what, (most, most))
        if leave_network is not None:
            leave_network()

    return limit


def _limits(seconds: float) -> list[tuple[Callable[[int, tuple[int, int]], None], int, int]]:
    """Return what sets a limit, which one, and how high; nothing where the system has none."""
    try:
        import resource  # noqa: PLC0415 - not there on every system
    except ImportError:
        return []
    wanted = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, int(seconds) + 2), (resource.RLIMIT_AS, _ADDRESSES))
    limits = []
    for what, most in wanted:
        hard = resource.getrlimit(what)[1]
        limits.append((resource.setrlimit, what, most if hard == resource.RLIM_INFINITY else min(most, hard)))
    return limits


def _leaver() -> Callable[[], None] | None:
    """Return what puts the process that calls it into a network of its own; None on a system that has no such thing.

    Who may not do it stays in the network there is. Root keeps its user; others become nobody to do it, in the names
    of whose files nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # noqa: PLC0415 - few builds render, and all would wait for it

    try:
        unshare = ctypes.CDLL(None).unshare
    except (OSError, AttributeError):
        return None

    def leave() -> None:
        if unshare(_NEW_NETWORK) != 0:
            unshare(_NEW_USER | _NEW_NETWORK)

    return leave


def was_ended_by_the_system(status: int) -> bool:
    """Tell by its status whether the kernel ended a program: out of time by the limit, or out of memory."""
    return status in (-signal.SIGKILL, -signal.SIGXCPU)
