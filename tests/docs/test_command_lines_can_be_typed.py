"""Every grayc command line in the documentation, and in what grayc says, is one that grayc takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from grayc.cli.app import app
from grayc.cli.syntax import BEFORE, parameters_of
from tests.docs.markdown import PAGES, ROOT, blocks, spans

SHELL = {"sh", "bash", "shell", "yaml", "makefile"}
STOPS = {"|", "||", "&", "&&", ";", ">", ">>", "<", ")", "#"}
SOURCES = sorted(path.relative_to(ROOT) for path in (ROOT / "grayc").rglob("*.py"))
GRAYC = typer.main.get_command(app)
WRONG_ON_PURPOSE = {("GC702.md", "build release.yaml")}
"""The page of GC702 shows a line that is refused."""


def typed(text: str) -> Iterator[str]:
    """Yield the lines of a page's code blocks that call grayc: after a prompt in a console, anywhere in a script."""
    for block in blocks(text):
        for line in block.text.replace("\\\n", " ").splitlines():
            if block.language == "console":
                if line.startswith("$ "):
                    yield from calls(line[2:])
            elif block.language.lower() in SHELL and not line.lstrip().startswith("#"):
                yield from calls(line)


def calls(line: str) -> Iterator[str]:
    """Yield what follows each `grayc` that stands where a command does."""
    for found in re.finditer(r"(?:^|[;&|(]|\brun:|\bif|\bthen|!|- )\s*grayc (?=\S)", line):
        yield line[found.end() :]


def words_of(line: str) -> list[str]:
    """Return the arguments of a call, up to where the shell would end it."""
    lexer = shlex.shlex(re.sub(r"\$\([^()]*\)", "substituted", line), posix=True, punctuation_chars=True)
    lexer.commenters = "#"
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word in STOPS or set(word) <= set("<>|&;()"):
            break
        words.append(word)
    return words


def mistake(words: list[str], *, is_whole: bool) -> str:
    """Return what grayc would say of the words, "" where it takes them; what is missing counts in a whole line only."""
    command: object = GRAYC
    rest = list(words)
    before = {name: row for row in parameters_of(BEFORE) for name in row.names}
    while len(rest) > 1 and rest[0] in before:
        rest = rest[2 if before[rest[0]].takes else 1 :]
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        if rest[0] not in command.commands:
            return f"no command {rest[0]}"
        command = command.commands[rest.pop(0)]
    try:
        if isinstance(command, TyperGroup):
            unknown = [word for word in rest if word not in {name for item in command.params for name in item.opts}]
            return f"no such flag: {unknown}" if set(unknown) - {"-h", "--help"} else ""
        assert isinstance(command, typer.core.TyperCommand)
        command.make_context("grayc", rest)
    except typer.Exit:
        return ""
    except typer.TyperException as error:
        told = error.format_message()
        missing = type(error).__name__ == "MissingParameter" or "requires an argument" in told
        # The reader's working folder has a release, this one has none.
        return "" if (missing and not is_whole) or "the working folder has no" in told else told
    return ""


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_lines_of_code_blocks_can_be_typed(page: Path) -> None:
    lines = [
        line for line in typed((ROOT / page).read_text(encoding="utf-8")) if (page.name, line) not in WRONG_ON_PURPOSE
    ]

    assert [(line, told) for line in lines if (told := mistake(words_of(line), is_whole=True))] == []


@pytest.mark.parametrize("page", [*PAGES, *SOURCES], ids=str)
def test_commands_inside_of_text_are_known_with_their_flags(page: Path) -> None:
    lines = [span[6:] for span in spans((ROOT / page).read_text(encoding="utf-8")) if span.startswith("grayc ")]
    wrong = [
        (line, told)
        for line in lines
        if not line.startswith("COMMAND") and (told := mistake(words_of(line), is_whole=False))
    ]

    assert wrong == []


def test_the_readme_and_most_pages_show_lines() -> None:
    shown = {page: list(typed((ROOT / page).read_text(encoding="utf-8"))) for page in PAGES}

    assert len(shown[Path("README.md")]) >= 10
    assert sum(map(len, shown.values())) >= 30


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("build release.yaml -o out/ --chek", "No such option"),
        ("bild release.yaml", "no command bild"),
        ("build release.yaml", "Missing option"),
        ("plan release.yaml -f xml", "xml"),
        ("--versoin", "no such flag"),
        ("--color never bild", "no command bild"),
    ],
)
def test_a_wrong_line_is_found(line: str, told: str) -> None:
    assert told.lower() in mistake(words_of(line), is_whole=True).lower()


def test_a_line_ends_where_the_shell_ends_it() -> None:
    assert words_of("route a -H 'x: 1' --cookie a=b > out.txt") == ["route", "a", "-H", "x: 1", "--cookie", "a=b"]
    assert words_of('lanes deploy/ --today "$(date +%F)" || status=$?') == [
        "lanes",
        "deploy/",
        "--today",
        "substituted",
    ]
    assert words_of("build a -o out/   # in CI") == ["build", "a", "-o", "out/"]
