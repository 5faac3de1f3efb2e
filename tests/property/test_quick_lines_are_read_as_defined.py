"""A command line that is read without typer calls the same function with the same values as typer does."""

from collections.abc import Mapping
from unittest.mock import patch

import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.cli import app, quick

NAMES = sorted({name for flags in quick.COMMANDS.values() for flag in flags for name in flag.names})
WORDS = [
    "a", "release.yaml", "-", "--", "", " ", "=", "out", "text", "json", "JSON", "always", "never", "sarif=a.sarif",
    "--help", "-h", "-qo", "-oout", "-fjson", "--chec", "--version", "-1", "-x", "build", "plan", "é", "a=b", "@a", "*",
]  # fmt: skip
ANY = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
VALUES = {
    "Format": st.sampled_from(["text", "json", "sarif"]),
    "Color": st.sampled_from(["auto", "never", "always"]),
    "MiB": st.sampled_from(["1", "64", "256"]),
}
JOINED = st.builds(lambda name, value: f"{name}={value}", st.sampled_from(NAMES), ANY)


@st.composite
def plain(draw: st.DrawFn) -> list[str]:
    """Draw a command line that is meant to be right, of flags in any order and number."""
    command = draw(st.sampled_from(sorted(quick.COMMANDS)))
    parts = [["-o", "out"]] if command == "build" else []
    parts += [[word] for word in draw(st.lists(st.sampled_from(["a", "b.yaml", "-", "c d"]), min_size=1, max_size=3))]
    for flag in draw(st.lists(st.sampled_from(quick.COMMANDS[command]), max_size=5)):
        name = draw(st.sampled_from(flag.names))
        value = draw(VALUES.get(flag.takes, st.sampled_from(["x", "-", "a=b", "y z", "é"])))
        joined = name.startswith("--") and draw(st.booleans())
        parts.append([name] if not flag.takes else [f"{name}={value}"] if joined else [name, value])
    return [command, *(word for part in draw(st.permutations(parts)) for word in part)]


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
    """Return what a line calls as read quickly, and as defined; nothing where it is refused or answered otherwise."""
    calls: list[Call] = []

    def build(**values: object) -> int:
        calls.append(("build", values))
        return 0

    def plan(**values: object) -> int:
        calls.append(("plan", values))
        return 0

    with patch("grayc.cli.build.build", build), patch("grayc.cli.plan.plan", plan):
        command = quick.read(line)
        if command is not None:
            command()
        quickly, calls[:] = list(calls), []
        # What is left to the definition needs no second opinion.
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
        raise AssertionError(f"{line} is refused by the definition") from error

    assert quickly == defined
    assert kinds(quickly) == kinds(defined)
