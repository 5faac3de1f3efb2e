"""A build again: where nothing has changed since the last one, its answer is given before the compiler is imported."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grayc.cache import inputs, record
from grayc.cli import quick
from grayc.records import dataclass

if TYPE_CHECKING:
    from grayc.cli.answer import Voice
    from grayc.report.model import Report

_asked: Mapping[str, Sequence[str]] | None = None
"""The words of this process' command line, where its answer may be kept."""


def recall(arguments: Sequence[str]) -> int | None:
    """Answer as the last run did and return the status; None where that is not known to be the answer."""
    global _asked  # noqa: PLW0603 - a process has one command line
    command, words = quick.words(arguments) or ("", {})
    if command != "build" or any(map(words.get, ("report", "baseline_patch", "script"))):
        return None
    if not (words.get("specs") and words.get("out")) or "-" in (*words["specs"], *words["out"]):
        return None
    _asked = words
    told = record.recall(words)
    if told is None:
        return None
    sys.stdout.write(told[0])
    sys.stderr.write(told[1])
    return 0


def start_over() -> None:
    """Forget the words: what runs next in this process has none of its own."""
    global _asked  # noqa: PLW0603
    _asked = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A build whose answer may be asked for again.

    Attributes:
        words: of its command line.
        folders: OUT, and the others whose lanes count.
        sealed: what they hold, before anybody looked into them.
        is_new: OUT is not there.
    """

    words: Mapping[str, Sequence[str]]
    folders: tuple[str, ...]
    sealed: str
    is_new: bool


def asking(out: str, lanes: Sequence[Path]) -> Asking | None:
    """Return this build, as it is asked for; None where its answer cannot be kept."""
    from grayc.source.seen import given

    if _asked is None:
        return None
    folders = tuple(sorted({os.path.abspath(folder) for folder in map(str, (out, *lanes))}))  # noqa: PTH100
    given().apart = folders
    is_new = not os.path.lexists(out)
    try:
        sealed = "" if is_new else inputs.seal(folders)
    except (OSError, inputs.ChangedError):
        return None
    return Asking(words=_asked, folders=folders, sealed=sealed, is_new=is_new)


def keep(report: "Report", voice: "Voice", asking: Asking) -> None:
    """Keep the answer to a build that has nothing to write.

    Args:
        report: with status 0.
    """
    from grayc.cli.answer import texts_of
    from grayc.cli.options import Format
    from grayc.source.seen import given, note_way

    if asking.is_new or voice.form not in (Format.TEXT, Format.JSON):
        return
    for folder in asking.folders:
        note_way(folder)
    known = given()
    if known.obstacle:
        return
    # All that a run is given: whatever counts one day goes here, and into `Given`.
    record.keep(
        asking.words,
        {
            "folders": sorted(known.folders),
            "ways": sorted(known.ways),
            "absent": sorted(known.absent),
            "whole": asking.folders,
        },
        {**known.files, **known.folders},
        asking.sealed,
        texts_of(report, voice),
    )
