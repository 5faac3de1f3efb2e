"""Make docs/commands.md of the command line's definition and the promises of its commands."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from grayc.cli.app import app
from grayc.cli.commands import FAULT, PROMISES

_FORMATS: dict[str, str] = {
    "text": "for people: place, line, what is wrong, the next step",
    "json": "for programs: keys are added, never changed, within a version",
    "markdown": "a comment on a pull request, below 60,000 characters",
    "github": "workflow commands: findings at the lines of a pull request on GitHub",
    "gitlab": "a Code Quality report, for merge requests on GitLab",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, for the test tabs of build servers",
    "svg": "a picture for pages, without a script",
    "mermaid": "a picture for comments on GitHub and GitLab",
    "dot": "a picture for Graphviz",
}
"""Format → what it is, in the order of the page."""


class Row(NamedTuple):
    """A command that does something: its words and its definition."""

    words: str
    command: TyperCommand


def commands_of(group: object, words: tuple[str, ...] = ()) -> Iterator[Row]:
    """Yield every command below a group, those of groups in it too."""
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        if isinstance(command, TyperCommand):
            yield Row(" ".join((*words, name)), command)
        else:
            yield from commands_of(command, (*words, name))


def formats_of(command: TyperCommand) -> tuple[str, ...]:
    """Return the words that `--format` of a command takes; none where there is no such flag."""
    return next((_words(item) for item in _options(command) if "--format" in item.opts), ())


def commands_page() -> str:
    """Return docs/commands.md."""
    rows = list(commands_of(typer.main.get_command(app)))
    known = {row.words: formats_of(row.command) for row in rows}
    missing = {form for forms in known.values() for form in forms} - set(_FORMATS)
    assert not missing, f"say what {missing} are"
    index = "".join(f"| [`grayc {row.words}`](#{_anchor(row)}) | {_paragraphs(row)[0].rstrip('.')} |\n" for row in rows)
    formats = "\n".join(
        f"| `{form}` | {text} | {_all_but([name for name, forms in known.items() if form in forms], list(known))} |"
        for form, text in _FORMATS.items()
    )
    parts = {
        "{commands}": "| command | |\n|---|---|\n" + index + "".join(map(_section, rows)).rstrip("\n"),
        "{fault}": FAULT,
        "{formats}": formats,
        "{general}": "\n".join(map(_flag, _options(typer.main.get_command(app)))),
    }
    text = (Path(__file__).parent / "commands.md").read_text(encoding="utf-8")
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text


def _all_but(names: list[str], every: list[str]) -> str:
    others = [name for name in every if name not in names]
    if len(others) < len(names):
        return f"all but {', '.join(f'`{name}`' for name in others)}" if others else "all"
    return ", ".join(f"`{name}`" for name in names)


def _section(row: Row) -> str:
    promise = PROMISES[row.words]
    arguments = [item for item in row.command.params if isinstance(item, TyperArgument)]
    options = _options(row.command)
    lines = [f"## grayc {row.words}", "", "```text", _synopsis(row.words, arguments, options), "```", ""]
    for paragraph in _paragraphs(row):
        lines += [paragraph, ""]
    if arguments:
        lines += ["| argument | takes | |", "|---|---|---|"]
        lines += [f"| `{_metavar(item)}` | {_count(item)} | {_cell(item.help)} |" for item in arguments]
        lines.append("")
    if options:
        lines += ["| flag | takes | default | |", "|---|---|---|---|", *map(_flag, options), ""]
    lines += ["| exit status | when |", "|---|---|"]
    statuses = {**promise.statuses, 3: (FAULT,)}
    lines += [f"| {status} | {reason} |" for status, reasons in statuses.items() for reason in reasons]
    forms = ", ".join(f"`{form}`" for form in formats_of(row.command))
    lines += ["", f"- standard output{' with `-f text`' if forms else ''}: {promise.prints or 'nothing'}"]
    lines += [f"- standard error: {'findings and what was done' if forms else 'mistakes'}"]
    lines += [f"- files: {promise.writes or 'none'}"]
    lines += [f"- formats: {forms}" if forms else "- formats: none, there is no `--format`"]
    return "\n" + "\n".join([*lines, f"- more: [{promise.page.removesuffix('.md')}]({promise.page})"]) + "\n"


def _synopsis(words: str, arguments: list[TyperArgument], options: list[TyperOption]) -> str:
    parts = [f"grayc {words}"]
    for item in arguments:
        name = _metavar(item) + ("…" if item.nargs == -1 else "")
        parts.append(name if item.required else f"[{name}]")
    parts += [f"{item.opts[0]} {_metavar(item)}" for item in options if item.required]
    return " ".join([*parts, *(["[FLAG…]"] if any(not item.required for item in options) else [])])


def _flag(item: TyperOption) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(item.opts, key=len))
    if item.is_flag:
        takes, default = "", ""
    else:
        words = _words(item)
        takes = (
            ", ".join(f"`{word}`" for word in words) if words else f"`{_metavar(item)}`{'…' if item.multiple else ''}"
        )
        default = "required" if item.required else f"`{item.default}`" if item.default not in ("", None, []) else ""
    text = _cell(item.help)
    return f"| {names} | {takes} | {default} | {text[:1].lower() + text[1:].rstrip('.')} |"


def _options(command: Any) -> list[TyperOption]:
    """Return the options but `--help`, which is every command's."""
    return [item for item in command.params if isinstance(item, TyperOption) and item.name != "help"]


def _words(item: TyperOption) -> tuple[str, ...]:
    """Return the values that an option takes, where they are a closed set."""
    annotation = item.type_descriptor.annotation
    return tuple(annotation) if isinstance(annotation, type) and issubclass(annotation, StrEnum) else ()


def _metavar(item: TyperArgument | TyperOption) -> str:
    assert item.metavar, f"`{item.name}` has no metavar"
    return item.metavar


def _count(item: TyperArgument) -> str:
    many = "or more" if item.nargs == -1 else ""
    return f"one {many}".strip() if item.required else f"none {many or 'or one'}"


def _paragraphs(row: Row) -> list[str]:
    text = row.command.help or ""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _anchor(row: Row) -> str:
    return f"grayc-{row.words.replace(' ', '-')}"
