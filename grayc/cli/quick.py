"""Common command lines, read without typer, whose import takes longer than a small build.

`read` knows the flags below in their plain spellings and nothing else. Whatever it is not sure of (help, completion,
a misspelt or unfinished flag, several short flags in one word) it leaves to `app`, which is the definition. Tests hold
that the table says what `app` says, and that a line that is read here is read the same there.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

COMPLETION_VARIABLE = "_GRAYC_COMPLETE"
"""Set by the shell when it asks what could come next, not for a run."""

POSITIONAL = "specs"

HELP = "help.txt"
"""Beside this module: what `app` prints. `tools.write_docs` writes it, and a test says when it is due."""

_WIDTH = 80
"""No line of help is longer, however wide the terminal. Source: click 8.2 `Context.max_content_width`."""


class Flag(NamedTuple):
    """One flag: its spellings, the parameter it fills, and what it takes.

    Attributes:
        takes: what its value is: a text, a path, or a word of an enumeration in `options`; "" for a switch.
        default: as plain text; None where the flag is required.
        repeats: every occurrence counts; otherwise the last one does.
    """

    names: tuple[str, ...]
    parameter: str
    takes: str = ""
    default: str | None = ""
    repeats: bool = False


_SHARED = (
    Flag(("--gateway",), "gateway", takes="text"),
    Flag(("--step",), "step", takes="text"),
    Flag(("--tag",), "tag", takes="text"),
    Flag(("--image",), "image", takes="text", repeats=True),
    Flag(("--expires",), "expires", takes="text"),
    Flag(("--owner",), "owner", takes="text"),
    Flag(("--strict",), "strict"),
    Flag(("--lanes",), "lanes", takes="path", repeats=True),
    Flag(("--allow-root",), "allow_root", takes="path", repeats=True),
    Flag(("--max-input",), "max_input", takes="MiB", default="256"),
    Flag(("-f", "--format"), "form", takes="Format", default="text"),
    Flag(("--color",), "color", takes="Color", default="auto"),
    Flag(("-q", "--quiet"), "quiet"),
    Flag(("--report",), "report", takes="text", repeats=True),
)

COMMANDS: Mapping[str, tuple[Flag, ...]] = {
    "build": (
        Flag(("-o", "--output"), "out", takes="text", default=None),
        Flag(("--check",), "check"),
        Flag(("--baseline-patch",), "baseline_patch", takes="text"),
        Flag(("--script",), "script", takes="text"),
        *_SHARED,
    ),
    "plan": (Flag(("--today",), "today", takes="text"), *_SHARED),
}
"""Command → its flags. The function has the name of its command and so has its module."""


def read(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return a call of the command that the arguments name, None where `app` must read them."""
    if not arguments or arguments[0] not in COMMANDS or os.environ.get(COMPLETION_VARIABLE):
        return None
    command = arguments[0]
    texts = _texts(arguments[1:], COMMANDS[command])
    values = None if texts is None else _values(texts, COMMANDS[command])
    if values is None:
        return None
    from importlib import import_module

    run: Callable[..., int] = getattr(import_module(f"grayc.cli.{command}"), command)
    return lambda: run(**values)


def help_text(arguments: Sequence[str]) -> str | None:
    """Return what `--help` prints, as `app` does where lines have 80 characters; None where `app` must say it."""
    if list(arguments) not in (["--help"], ["-h"]) or os.environ.get(COMPLETION_VARIABLE) or "COLUMNS" in os.environ:
        return None
    try:
        columns = os.get_terminal_size(1).columns
    except OSError:
        columns = 0
    if 0 < columns < _WIDTH:
        return None
    with open(f"{os.path.dirname(__file__)}/{HELP}", encoding="utf-8") as file:  # noqa: PTH120, PTH123 - fast
        return file.read()


def words(arguments: Sequence[str]) -> dict[str, list[str]] | None:
    """Return parameter → the texts given for it, of a line with a command above; None where it is not plain."""
    if not arguments or arguments[0] not in COMMANDS or os.environ.get(COMPLETION_VARIABLE):
        return None
    texts = _texts(arguments[1:], COMMANDS[arguments[0]])
    return texts if texts is not None and POSITIONAL in texts else None


def _texts(arguments: Sequence[str], flags: Sequence[Flag]) -> dict[str, list[str]] | None:
    """Return parameter → the texts given for it, in order; None where a word is not plain."""
    known = {name: flag for flag in flags for name in flag.names}
    texts: dict[str, list[str]] = {}
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if _is_value(word):
            flag, value = None, word
        elif name not in known or (equals and not (name.startswith("--") and known[name].takes)):
            return None
        else:
            flag = known[name]
            value = value if equals or not flag.takes else next(words, "")
            if flag.takes and not _is_value(value):
                return None
        texts.setdefault(flag.parameter if flag else POSITIONAL, []).append(value)
    return texts


def _is_value(word: str) -> bool:
    """Tell whether a word is surely no flag: `-` alone is standard input or output."""
    return word == "-" or (word != "" and not word.startswith("-"))


def _values(texts: Mapping[str, list[str]], flags: Sequence[Flag]) -> dict[str, object] | None:
    """Return parameter → value; None where one is missing or is no word of its enumeration."""
    if POSITIONAL not in texts:
        return None
    values: dict[str, object] = {POSITIONAL: texts[POSITIONAL]}
    for flag in flags:
        given = texts.get(flag.parameter, [])
        if not flag.takes:
            values[flag.parameter] = bool(given)
            continue
        try:
            made = [_value(text, flag.takes) for text in given]
            if not flag.repeats and not made:
                if flag.default is None:
                    return None
                made = [_value(flag.default, flag.takes)]
        except ValueError:
            return None
        values[flag.parameter] = made if flag.repeats else made[-1]
    return values


def _value(text: str, takes: str) -> object:
    """Return the value that a text stands for.

    Raises:
        ValueError: it is no word of the enumeration.
    """
    match takes:
        case "path":
            from pathlib import Path

            return Path(text)
        case "MiB":
            from grayc.cli import options

            # As typer reads it, spaces and underscores aside: those it may have.
            if (
                not text.isascii()
                or not text.isdigit()
                or len(text) > 6
                or not 1 <= int(text) <= options.MOST_MAX_INPUT
            ):
                raise ValueError(text)
            return int(text)
        case "Color" | "Format":
            from grayc.cli import options

            return options.Color(text) if takes == "Color" else options.Format(text)
        case _:
            return text
