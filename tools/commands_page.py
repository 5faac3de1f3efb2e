"""Make docs/commands.md of the table of commands and flags, and the promises of its commands."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from grayc.cli.commands import FAULT, PROMISES
from grayc.cli.syntax import BEFORE, COMMANDS, Parameter, class_of, parameters_of

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


_OF_TYPER = """\
| `--install-completion` |  |  | install completion for the current shell |
| `--show-completion` |  |  | show completion for the current shell, to copy it or customize the installation |"""
"""The two flags that typer adds on its own."""


def formats_of(command: str) -> tuple[str, ...]:
    """Return the words that `--format` of a command takes; none where there is no such flag."""
    return next((_words(row) for row in parameters_of(command) if "--format" in row.names), ())


def commands_page() -> str:
    """Return docs/commands.md."""
    known = {command: formats_of(command) for command in COMMANDS}
    missing = {form for forms in known.values() for form in forms} - set(_FORMATS)
    assert not missing, f"say what {missing} are"
    index = "".join(
        f"| [`grayc {command}`](#{_anchor(command)}) | {_paragraphs(text)[0].rstrip('.')} |\n"
        for command, text in COMMANDS.items()
    )
    formats = "\n".join(
        f"| `{form}` | {text} | {_all_but([name for name, forms in known.items() if form in forms], list(known))} |"
        for form, text in _FORMATS.items()
    )
    parts = {
        "{commands}": "| command | |\n|---|---|\n" + index + "".join(map(_section, COMMANDS)).rstrip("\n"),
        "{fault}": FAULT,
        "{formats}": formats,
        "{general}": "\n".join((*map(_flag, parameters_of(BEFORE)), _OF_TYPER)),
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


def _section(command: str) -> str:
    promise = PROMISES[command]
    arguments = [row for row in parameters_of(command) if not row.names]
    flags = [row for row in parameters_of(command) if row.names]
    lines = [f"## grayc {command}", "", "```text", _synopsis(command, arguments, flags), "```", ""]
    for paragraph in _paragraphs(COMMANDS[command]):
        lines += [paragraph, ""]
    if arguments:
        lines += ["| argument | takes | |", "|---|---|---|"]
        lines += [f"| `{row.metavar}` | {_count(row)} | {_cell(row.help)} |" for row in arguments]
        lines.append("")
    if flags:
        lines += ["| flag | takes | default | |", "|---|---|---|---|", *map(_flag, flags), ""]
    lines += ["| exit status | when |", "|---|---|"]
    statuses = {**promise.statuses, 3: (FAULT,)}
    lines += [f"| {status} | {reason} |" for status, reasons in statuses.items() for reason in reasons]
    forms = ", ".join(f"`{form}`" for form in formats_of(command))
    lines += ["", f"- standard output{' with `-f text`' if forms else ''}: {promise.prints or 'nothing'}"]
    lines += [f"- standard error: {'findings and what was done' if forms else 'mistakes'}"]
    lines += [f"- files: {promise.writes or 'none'}"]
    lines += [f"- formats: {forms}" if forms else "- formats: none, there is no `--format`"]
    return "\n" + "\n".join([*lines, f"- more: [{promise.page.removesuffix('.md')}]({promise.page})"]) + "\n"


def _synopsis(command: str, arguments: Sequence[Parameter], flags: Sequence[Parameter]) -> str:
    parts = [f"grayc {command}"]
    for row in arguments:
        name = row.metavar + ("…" if row.repeats else "")
        parts.append(name if row.default is None else f"[{name}]")
    parts += [f"{row.names[0]} {row.metavar}" for row in flags if row.default is None]
    return " ".join([*parts, *(["[FLAG…]"] if any(row.default is not None for row in flags) else [])])


def _flag(row: Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in row.names)
    words = _words(row)
    takes = ", ".join(f"`{word}`" for word in words) or (row.takes and f"`{row.metavar}`{'…' if row.repeats else ''}")
    default = "required" if row.default is None else row.default and f"`{row.default}`"
    return f"| {names} | {takes} | {default} | {_cell(row.help)} |"


def _words(row: Parameter) -> tuple[str, ...]:
    """Return the values that a flag takes, where they are a closed set."""
    if "." not in row.takes:
        return ()
    made = class_of(row.takes)
    assert issubclass(made, StrEnum)
    return tuple(made)


def _count(row: Parameter) -> str:
    many = "or more" if row.repeats else ""
    return f"one {many}".strip() if row.default is None else f"none {many or 'or one'}"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _anchor(command: str) -> str:
    return f"grayc-{command.replace(' ', '-')}"
