"""What programs answered to the same question, kept from run to run beside the tools in the user's cache folder.

A program of a fixed version that takes neither a clock nor chance, and reads nothing but what it is handed, answers the
same each time, so it is asked once. The question is all that it reads, and the program is known by its bytes: another
version, argument or input is another question. Remove the folder `answers`, and all are asked again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tools.dev_tools import cache_folder

_BYTES = 256 << 20
"""How much is kept: more is what runs with random inputs left, and all is asked again."""


ENVIRONMENT = {"GOGC": "400"}
"""It names no home and no program. To look for garbage less often saves a Go program that lives for a moment a fifth of
its time."""


class Answer(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def answer_of(program: Path, *arguments: str, files: Mapping[str, str] | None = None, stdin: str = "") -> Answer:
    """Return how a program answers in a folder with these files and no more.

    Args:
        files: path in the folder → text.
    """
    written = dict(files or {})

    def ask(_: Sequence[str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in written.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
            done = subprocess.run(
                [program, *arguments],
                cwd=folder, env=ENVIRONMENT, input=stdin.encode(), capture_output=True, check=False,
            )  # fmt: skip
        return [json.dumps((done.returncode, done.stdout.decode(), done.stderr.decode()))]

    [told] = answers_of(program, [json.dumps((arguments, written, stdin))], ask)
    return Answer(*json.loads(told))


def answers_of(program: Path, questions: Sequence[str], ask: Callable[[Sequence[str]], Sequence[str]]) -> list[str]:
    """Return the answer to each question.

    Args:
        ask: takes the questions that nobody asked before, and answers them in their order. What it raises is raised,
            and nothing is kept.
    """
    places = [_place(program, question) for question in questions]
    found = [_read(place) for place in places]
    open_ = [at for at, answer in enumerate(found) if answer is None]
    if open_:
        for at, answer in zip(open_, ask([questions[at] for at in open_]), strict=True):
            found[at] = _keep(places[at], answer)
    return [answer for answer in found if answer is not None]


@cache
def _folder(program: Path) -> Path:
    """Return where the answers of a program are, made where it is not there, and emptied where it holds too much."""
    with program.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = cache_folder() / "answers" / f"{program.name}-{digest[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if sum(entry.stat().st_size for entry in os.scandir(folder)) > _BYTES:
            shutil.rmtree(folder)
            folder.mkdir(exist_ok=True)
    return folder


def _place(program: Path, question: str) -> Path:
    return _folder(program) / hashlib.sha256(question.encode()).hexdigest()


def _read(place: Path) -> str | None:
    """Return an answer; one that was cut off is none."""
    try:
        return zlib.decompress(place.read_bytes()).decode()
    except (FileNotFoundError, zlib.error):
        return None


def _keep(place: Path, answer: str) -> str:
    """Keep an answer, and return the one that is kept: of two that come at once, the first that is whole."""
    place.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(zlib.compress(answer.encode()))
    made = Path(name)
    with suppress(FileExistsError):
        place.hardlink_to(made)
    kept = _read(place)
    if kept is None:
        made.replace(place)
        return answer
    made.unlink()
    return kept
