"""What a run is doing, on a terminal, where it takes more than a second.

A timer's signal draws one line on standard error and draws it anew; before the answer it goes. There is no second
thread: programs that render are started as if there were none. Nothing is drawn in a pipe, a file, or a dumb terminal.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from grayc.diagnostics.visible import columns, visible
from grayc.source.seen import given

AFTER_SECONDS = 1.0
EVERY_SECONDS = 0.25

_CLEAR = "\r\x1b[K"
_QUIET = frozenset({"-q", "--quiet"})

_drawn = 0


def begin(arguments: Sequence[str]) -> None:
    """Draw from the first second on, where somebody looks at standard error and the line does not ask for quiet."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb" or _QUIET & set(arguments):
        return
    signal.signal(signal.SIGALRM, _draw)
    signal.setitimer(signal.ITIMER_REAL, AFTER_SECONDS, EVERY_SECONDS)


def end() -> None:
    """Draw no more, and take away what was drawn."""
    global _drawn  # noqa: PLW0603 - a process has one terminal
    if signal.getsignal(signal.SIGALRM) is not _draw:
        return
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    if _drawn:
        _drawn = 0
        _write(_CLEAR)


def _draw(*_: object) -> None:
    global _drawn  # noqa: PLW0603
    seconds = int(AFTER_SECONDS + _drawn * EVERY_SECONDS)
    _drawn += 1
    run = given()
    text = f"{seconds} s: {visible(run.doing) or 'reading'}, {len(run.files):,} files read"
    with suppress(OSError):
        width = os.get_terminal_size(2).columns
        while columns(text) >= width > 0:
            text = text[:-1]
    _write(f"{_CLEAR}{text}")


def _write(text: str) -> None:
    # Past the stream, which the signal may have come upon while it writes.
    with suppress(OSError):
        os.write(2, text.encode())
