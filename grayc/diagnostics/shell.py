"""Words of a POSIX shell: the one place where a value becomes part of a command line or a script.

A word is quoted, so that a shell reads it as it is. That alone does not keep a program from taking it for a flag, so
a value stands behind `--`, behind `--flag=` or behind `KIND/` in all that grayc prints and writes.
"""

import shlex
from collections.abc import Iterable


def word(text: str) -> str:
    """Return one word that a shell reads as `text`, whatever stands in it.

    Raises:
        ValueError: it holds a NUL, which no argument of a program can.
    """
    if "\0" in text:
        raise ValueError("no word of a shell holds a NUL")
    return shlex.quote(text)


def flag(name: str, value: str) -> str:
    """Return `--name=value`, one word."""
    return f"--{name}={word(value)}"


def command(*words: str) -> str:
    """Return a command line of these words. Those that are not grayc's own must not be where a flag may stand."""
    return " ".join(map(word, words))


def path(text: str) -> str:
    """Return the word of a path that the user typed: behind no flag's name, one with a dash in front is a flag."""
    return word(f"./{text}" if text.startswith("-") else text)


def operands(words: Iterable[str]) -> str:
    """Return what a command is about, for its end: none of it is taken for a flag."""
    return f"-- {command(*words)}"


def holds(text: str) -> str:
    """Return a pattern of `case` for whatever has `text` somewhere; nothing in `text` is a sign of a pattern."""
    return f"*{word(text)}*"
