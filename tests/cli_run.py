"""Run the command line in this process, as a shell would run it."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grayc.cli import again
from grayc.cli.commands import PROMISES
from grayc.cli.main import main
from grayc.cli.syntax import BEFORE, parameters_of

LEFT_BEFORE_A_COMMAND = frozenset({0, 2})
"""Statuses of `--version`, `--help`, and lines that name no command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command left: exit status and both streams."""

    status: int
    stdout: str
    stderr: str


def run_grayc(arguments: Sequence[str], *, folder: Path, stdin: bytes = b"") -> Run:
    """Return what `grayc ARGUMENTS` does in a folder.

    Whatever it is: a status that the command does not promise is a mistake of the table or of the command.
    """
    with _swapped(folder, stdin) as (out, err):
        try:
            main(list(arguments))
        except SystemExit as leave:
            status = leave.code
        out.flush()
        err.flush()
    assert isinstance(status, int)
    assert status in {*promised(arguments), 3}, f"status {status} is not promised: {' '.join(arguments)}\n{_text(err)}"
    return Run(status=status, stdout=_text(out), stderr=_text(err))


def run_again(arguments: Sequence[str], *, folder: Path) -> tuple[Run, bool]:
    """Return what a process of its own does, which knows what earlier ones answered, and whether it went by that.

    Where the cache is, the environment says.
    """
    again.start_over()
    try:
        with _swapped(folder, b"") as (out, err):
            status = again.recall(list(arguments))
            out.flush()
            err.flush()
        if status is not None:
            return Run(status=status, stdout=_text(out), stderr=_text(err)), True
        return run_grayc(arguments, folder=folder), False
    finally:
        again.start_over()


def promised(arguments: Sequence[str]) -> frozenset[int]:
    """Return the statuses that the command of a line promises, 3 apart."""
    words = list(arguments)
    before = {name: row for row in parameters_of(BEFORE) for name in row.names}
    while len(words) > 1 and words[0] in before:
        words = words[2 if before[words[0]].takes else 1 :]
    for count in (2, 1):
        promise = PROMISES.get(" ".join(words[:count]))
        if promise is not None:
            return frozenset(promise.statuses)
    return LEFT_BEFORE_A_COMMAND


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@contextlib.contextmanager
def _swapped(folder: Path, stdin: bytes) -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    before, streams = Path.cwd(), (sys.stdin, sys.stdout, sys.stderr)
    os.chdir(folder)
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(stdin)), out, err
    try:
        yield out, err
    finally:
        os.chdir(before)
        sys.stdin, sys.stdout, sys.stderr = streams
