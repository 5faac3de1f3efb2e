"""Plain command lines, read without typer, whose import takes longer than a small build.

`read` knows the rows of `syntax` in their plain spellings and nothing else. Whatever it is not sure of (help,
completion, a misspelt or unfinished flag, several short flags in one word) it leaves to `app`, which makes typer read
the same rows. A property holds that a line that is read here is read the same there.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grayc.cli.syntax import Parameter

COMPLETION_VARIABLE = "_GRAYC_COMPLETE"
"""Set by the shell when it asks what could come next, not for a run."""

HELP = "help.txt"
"""Beside this module: what `app` prints. `tools.write_docs` writes it, and a test says when it is due."""

_WIDTH = 80
"""No line of help is longer, however wide the terminal. Source: click 8.2 `Context.max_content_width`."""

Texts = Mapping[str, list[str]]


def read(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return a call of the command that the arguments name, None where `app` must read them."""
    line = words(arguments)
    if line is None:
        return None
    from grayc.cli import syntax

    command, texts = line
    try:
        values = {row.parameter: _value(row, texts.get(row.parameter, [])) for row in syntax.parameters_of(command)}
    except ValueError:
        return None
    run = syntax.function_of(command)
    return lambda: run(**values)


def words(arguments: Sequence[str]) -> tuple[str, Texts] | None:
    """Return the command of a line, and parameter → the texts given for it, in order; None where it is not plain."""
    if os.environ.get(COMPLETION_VARIABLE):
        return None
    try:
        return _line(iter(arguments))
    except ValueError:
        return None


def told(arguments: Sequence[str]) -> str | None:
    """Return what `--help` or `--version` prints, as `app` does where lines have 80 characters; None of other lines."""
    if os.environ.get(COMPLETION_VARIABLE):
        return None
    if list(arguments) == ["--version"]:
        return version_text()
    if list(arguments) not in (["--help"], ["-h"]) or "COLUMNS" in os.environ:
        return None
    try:
        columns = os.get_terminal_size(1).columns
    except OSError:
        columns = 0
    if 0 < columns < _WIDTH:
        return None
    with open(f"{os.path.dirname(__file__)}/{HELP}", encoding="utf-8") as file:  # noqa: PTH120, PTH123 - fast
        return file.read()


def version_text() -> str:
    """Return what `--version` prints."""
    from grayc import __version__

    return f"grayc {__version__}\n"


def _line(arguments: Iterator[str]) -> tuple[str, Texts]:
    """Return command and texts of a line.

    Raises:
        ValueError: a word is not plain.
    """
    from grayc.cli import syntax

    texts: dict[str, list[str]] = {}
    before, command = set(), ""
    for row, text in _given(arguments, syntax.parameters_of(syntax.BEFORE)):
        if row is None:
            command = f"{text} {next(arguments, '')}" if text in syntax.GROUPS else text
            break
        before.add(row.names)
        texts.setdefault(row.parameter, []).append(text)
    rows = syntax.parameters_of(command) if command in syntax.COMMANDS else ()
    if command not in syntax.COMMANDS or not before <= {row.names for row in rows}:
        raise ValueError(command)
    argument = next((row for row in rows if not row.names), None)
    for row, text in _given(arguments, rows):
        row = row or argument  # noqa: PLW2901 - a word without a flag
        if row is None or (not row.names and not row.repeats and row.parameter in texts):
            raise ValueError(text)
        texts.setdefault(row.parameter, []).append(text)
    if argument is not None and argument.default and argument.parameter not in texts:
        texts[argument.parameter] = syntax.release_here()
    return command, texts


def _given(words: Iterator[str], rows: "Sequence[Parameter]") -> "Iterator[tuple[Parameter | None, str]]":
    """Yield each flag with the text of its value, "" for a switch; words that belong to no flag with None.

    Raises:
        ValueError: a word is not plain.
    """
    known = {name: row for row in rows for name in row.names}
    for word in words:
        if _is_value(word):
            yield None, word
            continue
        name, equals, value = word.partition("=")
        if name not in known or (equals and not (name.startswith("--") and known[name].takes)):
            raise ValueError(word)
        row = known[name]
        value = value if equals or not row.takes else next(words, "")
        if row.takes and not _is_value(value):
            raise ValueError(word)
        yield row, value


def _is_value(word: str) -> bool:
    """Tell whether a word is surely no flag: `-` alone is standard input or output."""
    return word == "-" or (word != "" and not word.startswith("-"))


def _value(row: "Parameter", given: Sequence[str]) -> object:
    """Return what a command is given for a row.

    Raises:
        ValueError: it is required, or a text stands for no value.
    """
    from grayc.cli.syntax import value_of

    if not row.takes:
        return bool(given)
    made = [value_of(row, text) for text in given]
    if not made and (row.default is None or (row.default and not row.names)):
        raise ValueError(row.parameter)
    if row.repeats:
        return made
    return made[-1] if made else value_of(row, row.default or "")
