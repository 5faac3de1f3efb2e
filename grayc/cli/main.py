"""The `grayc` command: what becomes of its status, of faults, and of people who leave early."""

import gc
import os
import sys
from typing import NoReturn

from grayc.cli import quick


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and leave with its status.

    0 yes, 1 no, 2 could not answer, 3 a fault of grayc; 130 and 141 where the user or the reader of a pipe left.
    """
    for stream in (sys.stdout, sys.stderr):
        # A path or message in any script must come out, whatever the locale says.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    # A run is short and keeps nearly all it makes. Looking for garbage on the way and tidying up at the end take a
    # tenth of a small build; a large one needs no more memory without.
    gc.disable()
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        import signal

        # Nobody reads on. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 128 + signal.SIGPIPE
    if arguments is None:
        gc.freeze()
    else:  # Called inside a process that lives on.
        gc.enable()
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    try:
        command = quick.read(arguments)
        if command is not None:
            return command()
        from grayc.cli import app

        return app.run(arguments)
    except KeyboardInterrupt:
        import signal

        return 128 + signal.SIGINT
    except BrokenPipeError:
        raise
    except OSError as error:
        # The disk is full or standard output is closed: not a fault of grayc.
        sys.stderr.write(f"grayc: could not write: {error.strerror}\n")
        return 2
    except Exception as error:
        from grayc.cli.fault import report_fault
        from grayc.cli.options import asked_format

        return report_fault(error, asked_format(arguments))
