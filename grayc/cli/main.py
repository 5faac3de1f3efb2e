"""The `grayc` command: what becomes of its status, of faults, and of people who leave early."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from grayc.cli import quick

_OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""A build of ten services makes fewer, one of 1,000 is not measurably slower for it."""


KEEPS = False
"""A run inside a process that lives on asks what earlier ones found, too; tests set it."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and leave with its status.

    0 yes, 1 no, 2 could not answer, 3 a fault of grayc; 130 and 141 where the user or the reader of a pipe left.
    """
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        # A path or message in any script must come out, whatever the locale says.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    # A run is short and keeps nearly all it makes. Looking for garbage on the way as often as Python does takes a tenth
    # of a small build. Now and then it is looked for all the same: a library that leaves
    # cycles behind for every object would fill the memory.
    thresholds = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *thresholds[1:])
    if arguments is not None:  # Called inside a process that lives on.
        from grayc.diagnostics.suggest import start_over
        from grayc.source import forget_reads

        forget_reads()
        start_over()
    from grayc import cache

    cache.is_on = arguments is None or KEEPS
    try:
        status = _recall() if arguments is None else None
        if status is None:
            if arguments is None and sys.stderr.isatty():
                from grayc.cli import progress

                progress.begin(sys.argv[1:])
            status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        import signal

        status = 128 + signal.SIGPIPE
        drop_the_rest()
    except OSError as error:
        # The disk is full or standard output is closed: not a fault of grayc.
        status = 2
        with suppress(OSError):
            sys.stderr.write(f"grayc: could not write: {error.strerror}\n")
            sys.stderr.flush()
        drop_the_rest()
    if arguments is None:
        if "grayc.cli.progress" in sys.modules:
            sys.modules["grayc.cli.progress"].end()
        # All is said and written: folders for temporary files, locks and programs end with what used them. Taking every
        # object apart would cost a large build a twentieth.
        os._exit(status)
    # Called inside a process that lives on.
    gc.set_threshold(*thresholds)
    sys.exit(status)


def _recall() -> int | None:
    """Answer a build of what has not changed since the last one; None where there is no such answer."""
    told = quick.told(sys.argv[1:])
    if told is not None:
        sys.stdout.write(told)
        return 0
    if "build" not in sys.argv[1:]:
        return None
    try:
        from grayc.cli import again

        return again.recall(sys.argv[1:])
    except OSError:
        raise
    except Exception as error:
        return _fault(error, sys.argv[1:])


def _open_streams() -> None:
    """Give every stream that was closed before the start one that cannot be used.

    Otherwise the first files that are opened would take their places. What standard error would have shown, nobody
    wants to see where it is closed.
    """
    for number, name, mode, direction in (
        (0, "stdin", "r", os.O_WRONLY),
        (1, "stdout", "w", os.O_RDONLY),
        (2, "stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, direction)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - as long as we live


def drop_the_rest() -> None:
    """Let nobody see what could not be written: Python would try once more when it closes the streams."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _run(arguments: list[str]) -> int:
    try:
        command = quick.read(arguments)
        if command is not None:
            return command()
        if _is_completing():
            from grayc.cli import shell_line

            if not shell_line.mend():
                return 0
        from grayc.cli import app

        return app.run(arguments)
    except KeyboardInterrupt:
        import signal

        return 128 + signal.SIGINT
    except OSError:
        raise
    except ImportError as error:
        from grayc.cli.options import asked_format

        if _is_completing() or (error.name or "grayc").partition(".")[0] == "grayc":
            return _fault(error, arguments)
        from grayc.cli.missing import report_missing

        return report_missing(error, asked_format(arguments))
    except Exception as error:
        return _fault(error, arguments)


def _is_completing() -> bool:
    """Tell whether the shell asks for words: whoever is typing sees no findings, and no faults."""
    return os.environ.get(quick.COMPLETION_VARIABLE, "").startswith("complete_")


def _fault(error: Exception, arguments: list[str]) -> int:
    """Report a fault of grayc, and return the status; 0 and nothing where the shell asks for words.

    What reports it may have a fault of its own, or be what is not installed whole.
    """
    if _is_completing():
        return 0
    try:
        from grayc.cli.fault import report_fault
        from grayc.cli.options import asked_format

        return report_fault(error, asked_format(arguments))
    except OSError:
        raise
    except Exception as second:
        # Kinds alone: messages may quote a Secret.
        kinds = f"{type(error).__name__}, and {type(second).__name__} while that was reported"
        sys.stderr.write(f"grayc: a fault of grayc: {kinds}; please report it\n")
        return 3
