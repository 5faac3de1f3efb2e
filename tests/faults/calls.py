"""Stand between grayc and the operating system: count its calls, and let the n-th one fail."""

import fcntl
import os
from collections.abc import Callable
from typing import Any

from tests.faults.child import KILLED

WATCHED = (
    "open", "close", "read", "write", "fsync", "rename", "unlink", "mkdir", "rmdir", "listdir", "stat", "lstat",
    "fstat", "utime",
)  # fmt: skip
CHANGING = ("open", "write", "fsync", "rename", "unlink", "mkdir", "rmdir", "utime")

Fault = Callable[[str, tuple[Any, ...]], None]


def watch(fault: Fault, names: tuple[str, ...] = WATCHED) -> None:
    """Call `fault` with name and arguments before every call; for child processes, as it is never undone."""
    for name in names:
        setattr(os, name, _wrapped(getattr(os, name), name, fault))
    if names == WATCHED:
        fcntl.flock = _wrapped(fcntl.flock, "flock", fault)


def _wrapped(call: Callable[..., Any], name: str, fault: Fault) -> Callable[..., Any]:
    def run(*arguments: Any, **options: Any) -> Any:
        fault(name, arguments)
        return call(*arguments, **options)

    return run


class Counter:
    """A fault that waits for the n-th call.

    Attributes:
        fired: the n-th call has come.
    """

    def __init__(self, number: int, strike: Fault) -> None:
        self._number = number
        self._strike = strike
        self._count = 0

    def __call__(self, name: str, arguments: tuple[Any, ...]) -> None:
        self._count += 1
        if self._count == self._number:
            self._strike(name, arguments)

    @property
    def fired(self) -> bool:
        return self._count >= self._number


def kill_at(number: int) -> Counter:
    """End the process before the n-th call, as SIGKILL would; a write has put half of its text in the file."""
    write = os.write

    def strike(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "write":
            handle, data = arguments
            write(handle, bytes(data)[: len(data) // 2])
        os._exit(KILLED)

    return Counter(number, strike)


def fail_at(number: int, error: int | type[BaseException]) -> Counter:
    """Raise at the n-th call: an error of the operating system, or an exception such as a pressed Ctrl-C."""

    def strike(name: str, arguments: tuple[Any, ...]) -> None:
        if isinstance(error, int):
            raise OSError(error, os.strerror(error), "the file")
        raise error

    return Counter(number, strike)
