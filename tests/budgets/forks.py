"""A small process that runs grayc in forks of itself, all modules loaded and nothing else known.

A start of Python and what it imports are the same whatever the input, and two hundred of them a tenth of the suite.
"""

import atexit
import gc
import importlib
import os
import pickle
import pkgutil
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grayc
from grayc.cli.main import main
from tests.serving import Serving

START_SECONDS = 0.25
"""CPU of a start of Python with all that a build imports, which a fork does without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One run.

    Attributes:
        out, err: files that the two streams go to.
        stop_seconds: CPU after which it is stopped: a test that fails must end, too.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    out: Path
    err: Path
    stop_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended.

    Attributes:
        cpu_seconds: of the process and all that it waited for.
        peak_mib: the largest memory that one of them had.
    """

    status: int
    cpu_seconds: float
    peak_mib: int


class Forks(Serving):
    """The running process."""

    def __init__(self) -> None:
        super().__init__("tests.budgets.forks")

    def run(self, asked: Asked) -> Ended:
        """Return how a run of grayc ended."""
        ended = self.ask(asked)
        assert isinstance(ended, Ended)
        return ended


@cache
def started() -> Forks:
    """Start the process; it lives as long as the tests."""
    forks = Forks()
    atexit.register(forks.stop)
    return forks


def _serve() -> None:
    for module in pkgutil.walk_packages(grayc.__path__, "grayc."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    # What no command loads all of is no garbage of one.
    gc.collect()
    gc.freeze()
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        process = os.fork()
        if not process:
            _become(asked)
        _, status, used = os.wait4(process, 0)
        ended = Ended(
            status=os.waitstatus_to_exitcode(status),
            cpu_seconds=START_SECONDS + used.ru_utime + used.ru_stime,
            peak_mib=used.ru_maxrss // 1024,
        )
        pickle.dump(ended, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _become(asked: Asked) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (asked.stop_seconds, asked.stop_seconds))
    for number, path, flags in (
        (0, Path(os.devnull), os.O_RDONLY),
        (1, asked.out, os.O_WRONLY),
        (2, asked.err, os.O_WRONLY),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    sys.argv = ["grayc", *asked.arguments]
    try:
        main()
    except BaseException:
        # No more than a command does: what is raised out of it ends it with Python's own status.
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(1)


if __name__ == "__main__":
    # Pickled by the name that the other side knows, too.
    importlib.import_module("tests.budgets.forks")._serve()
