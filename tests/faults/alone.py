"""A small process that runs tests: to fork copies the tables of all memory, and that of a whole test run is large.

In the middle of the suite a fork takes twenty times as long as here, and these tests fork thousands of times. One case
at a time comes in on standard input, and why it failed goes out.
"""

import importlib
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[2]


class Alone:
    """The running process; it ends when its input does."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.alone"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, module: str, test: str, arguments: Mapping[str, object]) -> str:
        """Return why a test failed, "" where it did not."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((module, test, dict(arguments)), self._process.stdin)
        self._process.stdin.flush()
        return cast(str, pickle.load(self._process.stdout))

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve() -> None:
    # What a test prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            module, test, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        failed = ""
        try:
            getattr(importlib.import_module(module), test)(**arguments)
        except BaseException:
            failed = traceback.format_exc()
        pickle.dump(failed, answers)
        answers.flush()


if __name__ == "__main__":
    _serve()
