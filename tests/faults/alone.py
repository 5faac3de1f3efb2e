"""A small process that runs tests: to fork copies the tables of all memory, and that of a whole test run is large.

In the middle of the suite a fork takes twenty times as long as here, and these tests fork thousands of times. One case
at a time comes in on standard input, and why it failed goes out.
"""

import importlib
import os
import pickle
import sys
import traceback
from collections.abc import Mapping
from typing import cast

from tests.serving import Serving


class Alone(Serving):
    """The running process."""

    def __init__(self) -> None:
        super().__init__("tests.faults.alone")

    def run(self, module: str, test: str, arguments: Mapping[str, object]) -> str:
        """Return why a test failed, "" where it did not."""
        return cast(str, self.ask((module, test, dict(arguments))))


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
