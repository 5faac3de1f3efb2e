"""A command line that is read without typer calls the same function with the same values as typer does."""

from collections.abc import Callable, Mapping
from unittest.mock import patch

import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.cli import app, quick, syntax

NAMES = sorted({name for row in syntax.PARAMETERS for name in row.names})
WORDS = [
    "a", "release.yaml", "-", "--", "", " ", "=", "out", "text", "json", "JSON", "always", "never", "sarif=a.sarif",
    "--help", "-h", "-qo", "-oout", "-fjson", "--chec", "--version", "-1", "-x", "é", "a=b", "@a", "*", "schema", "zadig",
    *(word for command in syntax.COMMANDS for word in command.split()),
]  # fmt: skip
ANY = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
TEXTS = st.sampled_from(["x", "-", "a=b", "y z", "é", "release.yaml"])
JOINED = st.builds(lambda name, value: f"{name}={value}", st.sampled_from(NAMES), ANY)


def values_of(row: syntax.Parameter) -> st.SearchStrategy[str]:
    """Return values that a row takes."""
    if row.takes == syntax.MIB:
        return st.sampled_from(["1", "64", "256"])
    if row.takes in (syntax.TEXT, syntax.PATH):
        return TEXTS
    return st.sampled_from([str(word) for word in syntax.class_of(row.takes)])  # type: ignore[attr-defined]


@st.composite
def written(draw: st.DrawFn, row: syntax.Parameter) -> list[str]:
    """Draw a flag with its value, in one of its spellings."""
    name = draw(st.sampled_from(row.names))
    if not row.takes:
        return [name]
    value = draw(values_of(row))
    joined = name.startswith("--") and draw(st.booleans())
    return [f"{name}={value}"] if joined else [name, value]


@st.composite
def plain(draw: st.DrawFn) -> list[str]:
    """Draw a command line that is meant to be right, of flags in any order and number."""
    command = draw(st.sampled_from(sorted(syntax.COMMANDS)))
    rows = syntax.parameters_of(command)
    flags = [row for row in rows if row.names]
    parts = [draw(written(row)) for row in flags if row.default is None]
    if flags:
        parts += [draw(written(row)) for row in draw(st.lists(st.sampled_from(flags), max_size=5))]
    for row in rows:
        if not row.names:
            least = 1 if row.default is None or row.default else 0
            parts += [[draw(TEXTS)] for _ in range(draw(st.integers(least, 3 if row.repeats else 1)))]
    known = {row.names for row in rows}
    before = [each for each in syntax.parameters_of(syntax.BEFORE) if each.names in known and each.takes != syntax.TEXT]
    first = [draw(written(each)) for each in draw(st.lists(st.sampled_from(before), max_size=2))] if before else []
    if draw(st.booleans()) and before:
        first.append(["-f", "json"])  # The one format of all commands.
    return [
        *(word for part in first for word in part),
        *command.split(),
        *(word for part in draw(st.permutations(parts)) for word in part),
    ]


@st.composite
def disturbed(draw: st.DrawFn) -> list[str]:
    """Draw a plain line with words put in, changed or taken out."""
    words = draw(plain())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(words)))
        taken = draw(st.integers(0, 1))
        words[at : at + taken] = draw(st.lists(ANY | JOINED | st.sampled_from(NAMES), max_size=2))
    return words


Call = tuple[str, Mapping[str, object]]


def calls_of_both(line: list[str]) -> tuple[list[Call], list[Call]]:
    """Return what a line calls as read quickly, and as typer reads it; nothing where it is refused or answered otherwise."""
    calls: list[Call] = []

    def function_of(command: str) -> Callable[..., int]:
        def call(**values: object) -> int:
            calls.append((command, values))
            return 0

        return call

    with patch.object(syntax, "function_of", function_of):
        command = quick.read(line)
        if command is not None:
            command()
        quickly, calls[:] = list(calls), []
        # What is left to typer needs no second opinion.
        if quickly:
            app.app(line, prog_name="grayc", standalone_mode=False)
    return quickly, calls


def kinds(calls: list[Call]) -> list[dict[str, list[type]]]:
    return [
        {
            name: [type(item) for item in (value if isinstance(value, list) else [value])]
            for name, value in values.items()
        }
        for _, values in calls
    ]


@settings(max_examples=300, deadline=None)
@given(plain())
def test_a_plain_line_is_read_quickly_and_as_defined(line: list[str]) -> None:
    quickly, defined = calls_of_both(line)

    assert len(quickly) == 1
    assert quickly == defined
    assert kinds(quickly) == kinds(defined)


@settings(max_examples=500, deadline=None)
@given(disturbed() | st.lists(ANY | JOINED | st.sampled_from(NAMES), max_size=6))
def test_a_line_that_is_read_quickly_is_read_as_defined(line: list[str]) -> None:
    try:
        quickly, defined = calls_of_both(line)
    except typer.TyperException as error:
        raise AssertionError(f"{line} is refused by typer") from error

    assert quickly == defined
    assert kinds(quickly) == kinds(defined)
