"""Run something in a child process that may be killed, starved or stripped of rights; get back what it returned."""

import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

T = TypeVar("T")

NOBODY = 65534


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a child ended: what it returned, or None, and its wait status."""

    value: object
    status: int

    @property
    def was_killed(self) -> bool:
        return os.WIFSIGNALED(self.status) or os.waitstatus_to_exitcode(self.status) == KILLED


KILLED = 137
"""Exit status of a child that a fault stopped."""


def run_child(task: Callable[[], object]) -> Outcome:
    """Return what a task returned in a child process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            os.close(reading)
            data = pickle.dumps(task())
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(data)
            status = 0
        except BaseException as error:
            # The child must not go on as a second test run.
            sys.__stderr__.write(f"child: {error!r}\n") if sys.__stderr__ else None
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, ended = os.waitpid(pid, 0)
    return Outcome(value=pickle.loads(data) if data else None, status=ended)


def returned(task: Callable[[], T]) -> T:
    """Return what a task returned in a child process that ended well."""
    outcome = run_child(task)
    assert outcome.status == 0, outcome
    return cast(T, outcome.value)


def without_rights(task: Callable[[], T]) -> Callable[[], T]:
    """Return the task, run as a user whom permission bits bind: root is not."""

    def run() -> T:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        assert os.geteuid() != 0
        return task()

    return run


def with_file_limit(size: int, task: Callable[[], T]) -> Callable[[], T]:
    """Return the task, run where no file can grow past `size` bytes: a real failure in the middle of a write."""

    def run() -> T:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return task()

    return run
