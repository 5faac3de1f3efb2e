"""What `grayc build` answered last, and to what: where nothing has changed since, it is the answer.

Only a run that would write nothing is answered from here: what it says, with status 0, and the digests of all that it
was given, of OUT as it left it, and of grayc itself. Whatever is not sure to be the same is compiled.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence

from grayc import __version__
from grayc.cache.inputs import ChangedError, Given, check_content, check_ways, seal
from grayc.cache.place import opened

FOLDER = "answers"
MOST_ANSWERS = 50
_FORMAT = "grayc.answer/v2"
_PARTS = ("folders", "ways", "absent", "whole")
_STAGE = ".grayc-"


def recall(words: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """Return what a build says, on standard output and on standard error; None where it must be compiled.

    Args:
        words: parameter → its texts on the command line, as `cli.quick` reads them.
    """
    near = _near(words["specs"])
    with opened(FOLDER, near, make=False) as cache:
        data = cache.read(_name(words)) if cache is not None else None
    if data is None:
        return None
    try:
        kept = json.loads(data)
        if kept["format"] != _FORMAT or kept["grayc"] != fingerprint():
            return None
        given = {part: [str(path) for path in kept[part]] for part in _PARTS}
        # What a run that was killed left beside OUT, the next one finishes.
        if any(_is_left(folder) for folder in given["whole"]):
            return None
        check_ways(given)
        check_content(given, {str(path): bytes.fromhex(digest) for path, digest in kept["digests"].items()})
        if seal(given["whole"]) != kept["seal"]:
            return None
        return str(kept["out"]), str(kept["err"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError, ChangedError):
        return None


def keep(
    words: Mapping[str, Sequence[str]], given: Given, digests: Mapping[str, bytes], sealed: str, answer: tuple[str, str]
) -> None:
    """Remember what a build would say if it ran again now; nothing where that cannot be.

    Args:
        given: all that it was given.
        digests: of every file, and of the listing of every folder, as the run saw them.
        sealed: the folders of `whole`, before the run looked into them.
    """
    try:
        check_ways(given)
    except (OSError, ChangedError):
        return
    kept = {
        "format": _FORMAT,
        "grayc": fingerprint(),
        **{part: list(given[part]) for part in _PARTS},
        "digests": {path: digest.hex() for path, digest in digests.items()},
        "seal": sealed,
        "out": answer[0],
        "err": answer[1],
    }
    try:
        with opened(FOLDER, _near(words["specs"]), make=True) as cache:
            if cache is not None:
                cache.write(_name(words), json.dumps(kept).encode())
                cache.shorten(MOST_ANSWERS)
    except (OSError, ValueError):
        return


def fingerprint() -> str:
    """Return what tells this grayc from any other: its version, its files, the Python and the libraries around it.

    Of a file its size and time count: a checkout has one version for many states.
    """
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - before any import
    rows: list[object] = [__version__, sys.version, sys.executable]
    left = [top]
    while left:
        folder = left.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        left.append(entry.path)
                    continue
                status = entry.stat()
                rows.append((entry.path, status.st_size, status.st_mtime_ns))
    # A library that is put in, taken out or changed by a package manager changes its folder.
    for path in sys.path:
        if path.endswith(("site-packages", "dist-packages")):
            try:
                rows.append((path, os.stat(path).st_mtime_ns))  # noqa: PTH116
            except OSError:
                continue
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _near(specs: Sequence[str]) -> list[str]:
    """Return the folders of what is compiled: that of the run, and those of the specs, by their folder or file."""
    whole = [os.path.abspath(spec) for spec in specs]  # noqa: PTH100
    return [os.getcwd(), *(spec if os.path.isdir(spec) else os.path.dirname(spec) for spec in whole)]  # noqa: PTH109, PTH112, PTH120


def _name(words: Mapping[str, Sequence[str]]) -> str:
    """Return the name of a record: one for each command line in each folder, whether it checks or writes."""
    asked = {name: list(texts) for name, texts in sorted(words.items()) if name != "check"}
    colours = [bool(os.environ.get("NO_COLOR")), os.environ.get("FORCE_COLOR", ""), os.environ.get("TERM") == "dumb"]
    text = json.dumps([asked, os.getcwd(), sys.stderr.isatty(), *colours])  # noqa: PTH109
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _is_left(folder: str) -> bool:
    with os.scandir(os.path.dirname(folder)) as entries:  # noqa: PTH120
        return any(entry.name.startswith(_STAGE) for entry in entries)
