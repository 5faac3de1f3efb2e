"""Pages that show a session: what they type is typed, and what it answers is held against what they show."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import ROOT

ELIDED = "..."


def shown_in(text: str) -> list[tuple[str, list[str]]]:
    """Return every command of a block with the lines that it answers."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def answers(shown: list[str], lines: list[str]) -> bool:
    """Tell whether a page's lines are an answer's: all of them, or those around what is elided."""
    if not shown:
        return True
    parts: list[list[str]] = [[]]
    for line in shown:
        if line == ELIDED:
            parts.append([])
        else:
            parts[-1].append(line)
    if len(parts) == 1:
        return shown == lines
    at = 0
    for number, part in enumerate(parts):
        if number == 0 and lines[: len(part)] != part:
            return False
        if number == len(parts) - 1 and part:
            return lines[-len(part) :] == part and len(lines) - len(part) >= at
        found = next((here for here in range(at, len(lines) + 1) if lines[here : here + len(part)] == part), None)
        if found is None:
            return False
        at = found + len(part)
    return True


def programs(folder: Path, kubectl: str) -> None:
    """Write the programs that a page types into a folder: grayc, and what stands for kubectl, as no cluster is here."""
    folder.mkdir()
    for name, text in {
        "kubectl": kubectl,
        "grayc": f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m grayc "$@"\n',
    }.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def typed(command: str, folder: Path, beside: Path) -> tuple[int, list[str]]:
    """Return the status and the lines of a command; `beside` holds the programs."""
    environment = {**os.environ, "PATH": f"{beside}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["/bin/sh", "-c", f"({command}\n) 2>&1"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.rstrip("\n").splitlines()
