"""Run a program of the user's that renders manifests: kustomize, kubectl, helm.

What is rendered is not trusted, and what it renders to must not depend on the machine. The program is found on PATH
alone and never beside the input; it is run without a shell, without input, in an environment of its own: an empty home,
no further programs, within bounds of memory and time, and without network (`bounds`), or, where the machine does not
allow that, with none but a proxy that nobody answers at.

Leaves to others: which files it may see (`stage`), what it is asked (`documents.render`).
"""

import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from grayc.source.bounds import MAX_RENDER_BYTES, Budget, Watch, bind, go_settings, was_ended_by_the_system
from grayc.source.error import SourceError
from grayc.source.limits import MAX_FILE_BYTES
from grayc.source.seen import now

TIMEOUT_SECONDS = 60

START_SECONDS = 0.08
"""Of the processor, about what helm or kubectl takes to start: not counted, so that many small charts are rendered."""

_MAX_SAID = 64 * 1024
_LINES, _WIDTH = 4, 300
_ANSWERS_IN = 10
"""Seconds in which a program tells its version."""
# The port is that of `discard`: nobody listens there, so whatever asks for the network fails at once.
_NOWHERE = "http://127.0.0.1:9"
_NO_MEMORY = re.compile(rb"^(?:fatal error|runtime): [^\n]*(?:memory|allocat)", re.MULTILINE)
"""How a Go program says that it got no more memory. Source: golang/go src/runtime/malloc.go, mheap.go, mem_linux.go."""


def find_program(names: Sequence[str], away_from: Sequence[Path]) -> Path:
    """Return the first of the programs that PATH has.

    Relative entries of PATH are passed over, and so is what lies below one of the folders `away_from`: a repository
    must not bring along the program that is run on it.

    Raises:
        SourceError: GC160.
    """
    closed = [Path(os.path.realpath(folder)) for folder in away_from]
    entries = [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if Path(entry).is_absolute()]
    for name in names:
        for entry in entries:
            path = Path(entry, name)
            real = Path(os.path.realpath(path))
            if any(place.is_relative_to(folder) for folder in closed for place in (path, real)):
                continue
            if real.is_file() and os.access(real, os.X_OK):
                return path
    shown = " or ".join(f"`{name}`" for name in names)
    raise SourceError(
        "GC160",
        f"there is no {shown} on PATH",
        f"install {shown}; one that lies below the release spec, or that PATH names by a relative path, is not run",
    )


def version_of(path: Path, words: Sequence[str]) -> str:
    """Return what a program prints when it is asked for its version, "" where it does not answer in time."""
    try:
        run = subprocess.run(
            [str(path), *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWERS_IN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (run.stdout or run.stderr).decode(errors="replace")


def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    scratch: Path,
    hidden: Sequence[tuple[str, str]],
    what: str,
    budget: Budget,
    advice: str = "render it by hand and name the file that gives as the baseline",
    hide: Callable[[str], str] = str,
    signs: Sequence[str] = (),
    zone: str = "UTC",
    after_seconds: float = 0,
) -> bytes:
    """Return what a program prints.

    Args:
        command: the program's path and its arguments.
        folder: where it runs.
        scratch: an empty folder that it may fill: its home and its temporary files.
        hidden: what is replaced in the program's own words, and by what: where things lie on this machine.
        what: what it renders, in words.
        budget: the time of the processor that it may take; what it took is added there.
        advice: what to do where it takes too much.
        hide: takes secrets out of the program's own words.
        signs: texts that the caller wants to know of in those words, whatever is masked there.
        zone: the time zone that it is told.
        after_seconds: how long it is waited before.
    Raises:
        SourceError: GC122, GC161, GC162, GC164.
    """
    name = Path(command[0]).name
    if budget.left <= 0:
        raise _too_costly(name, what, "time", budget, advice)
    now(f"`{name}` renders {what}")
    threading.Event().wait(after_seconds)
    for inner in ("home", "tmp", "bin"):
        (scratch / inner).mkdir(exist_ok=True)
    with tempfile.TemporaryFile(dir=scratch) as said:

        def start(*, is_alone: bool) -> "subprocess.Popen[bytes]":
            return subprocess.Popen(
                list(command),
                cwd=folder,
                env=_environment(scratch, zone),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
                preexec_fn=bind(budget.left, is_alone=is_alone),  # noqa: PLW1509 - no other thread runs by now
            )

        try:
            try:
                process = start(is_alone=True)
            except PermissionError:
                # Who may run it as oneself alone may not as nobody.
                process = start(is_alone=False)
        except OSError as error:
            raise SourceError("GC161", f"`{name}` does not run: {error.strerror}", "try it by hand") from None
        already = _children_seconds()
        watch = Watch(process=process.pid, stop=lambda: _kill(process), seconds=budget.left)
        with watch.watching():
            printed, late = _collect(process)
        budget.used += max(0.0, max(watch.used, _children_seconds() - already) - START_SECONDS)
        said.seek(0)
        words = said.read(_MAX_SAID)
        passed = watch.passed or _passed(process.returncode, words, is_late=watch.used >= watch.seconds)
        if passed and not late and len(printed) <= MAX_FILE_BYTES:
            raise _too_costly(name, what, passed, budget, advice)
        if late:
            raise SourceError(
                "GC162",
                f"`{name}` did not end within {TIMEOUT_SECONDS} seconds",
                "render it by hand to see what it waits for, and name the file that gives as the baseline",
            )
        if len(printed) > MAX_FILE_BYTES:
            raise SourceError(
                "GC122",
                f"what `{name}` renders is larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB",
                "name parts of it as sources of their own",
            )
        if process.returncode != 0:
            text = words.decode(errors="replace")
            told = _words(text, hidden, hide)
            raise SourceError(
                "GC161",
                f"`{name}` left exit status {process.returncode}" + (f": {told}" if told else " and no word"),
                "grayc runs it without network, plugins or settings of yours: render it by hand as you install it, and "
                "name the file that gives as the baseline",
                signs=tuple(sign for sign in signs if sign in text),
            )
        now(f"reading what `{name}` rendered")
        return printed


def _children_seconds() -> float:
    """Return the time of the processor that programs which have ended took: looking now and then misses their last."""
    used = os.times()
    return used.children_user + used.children_system


def _passed(status: int, words: bytes, *, is_late: bool) -> str:
    """Return of what the kernel or the program itself says that there was too little; "" where nobody does."""
    if was_ended_by_the_system(status):
        return "time" if is_late else "memory"
    return "memory" if status != 0 and _NO_MEMORY.search(words) else ""


def _too_costly(name: str, what: str, passed: str, budget: Budget, advice: str) -> SourceError:
    limit = f"{budget.seconds:.3g} seconds of processor time"
    if passed == "memory":
        limit = f"{MAX_RENDER_BYTES // (1024 * 1024)} MiB of memory"
    elif budget.earlier:
        limit += ", with what was rendered before,"
    return SourceError("GC164", f"`{name}` took more than {limit} for {what}, and was ended", advice)


def _collect(process: "subprocess.Popen[bytes]") -> tuple[bytes, bool]:
    """Return what a program prints, one byte past the limit at most, and whether it took too long.

    Whatever happens, the program and all that it started are gone afterwards.
    """
    late = threading.Event()

    def stop() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(TIMEOUT_SECONDS, stop)
    timer.start()
    try:
        stream = process.stdout
        printed = stream.read(MAX_FILE_BYTES + 1) if stream is not None else b""
        if len(printed) > MAX_FILE_BYTES:
            _kill(process)
        process.wait()
    finally:
        timer.cancel()
        timer.join()
        _kill(process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    return printed, late.is_set()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the program's whole group. It is a group of its own: `start_new_session`."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Gone already; macOS says the latter of a group whose leader waits to be taken leave of.
        return


def _environment(scratch: Path, zone: str) -> dict[str, str]:
    home = str(scratch / "home")
    return {
        "PATH": str(scratch / "bin"),
        "HOME": home,
        "TMPDIR": str(scratch / "tmp"),
        "LC_ALL": "C",
        "TZ": zone,
        "KUBECONFIG": f"{home}/kubeconfig",
        "XDG_CACHE_HOME": f"{home}/cache",
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_DATA_HOME": f"{home}/data",
        "HELM_CACHE_HOME": f"{home}/helm/cache",
        "HELM_CONFIG_HOME": f"{home}/helm/config",
        "HELM_DATA_HOME": f"{home}/helm/data",
        "HELM_PLUGINS": f"{home}/helm/plugins",
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
        "http_proxy": _NOWHERE,
        "https_proxy": _NOWHERE,
        "ALL_PROXY": _NOWHERE,
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        **go_settings(),
    }


def _words(text: str, hidden: Sequence[tuple[str, str]], hide: Callable[[str], str]) -> str:
    """Return the first and last lines of what a program says, in one line, its middle cut.

    Left out are secrets, and what only this machine knows.
    """
    for what, instead in hidden:
        text = text.replace(what, instead)
    text = hide(text)
    lines = [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]
    # What went wrong stands in the last line, what was tried before in the first.
    shown = "; ".join(lines if len(lines) <= _LINES else [*lines[:1], "…", *lines[1 - _LINES :]])
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in shown)
    if len(shown) <= _WIDTH:
        return shown
    return f"{shown[: _WIDTH // 2].rstrip()}…{shown[-_WIDTH // 2 :].lstrip()}"
