"""The command line as typer reads it, helps with it and completes it: made from the rows of `syntax`.

`quick` reads plain lines by the same rows, without this module.
"""

import inspect
import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from grayc.cli import complete, quick, syntax
from grayc.cli.commands import epilog
from grayc.cli.options import Color, asked_format

_TYPES = {syntax.SWITCH: bool, syntax.TEXT: str, syntax.PATH: Path, syntax.MIB: int}
_SETTINGS = {"help_option_names": ["-h", "--help"]}


def _specs(given: list[str]) -> list[str]:
    """Return the specs of a line, that of the working folder where it names none."""
    specs = given or syntax.release_here()
    if not specs:
        raise typer.TyperException(syntax.NO_SPEC)
    return specs


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(quick.version_text())
        raise typer.Exit


def _parameter(row: syntax.Parameter) -> inspect.Parameter:
    """Return a row as a parameter of a function, which is what typer reads."""
    what: dict[str, Any] = {"help": row.help, "show_default": bool(row.default) and bool(row.names)}
    if row.metavar:
        what["metavar"] = row.metavar
    if row.completes:
        what["autocompletion"] = getattr(complete, row.completes)
    if row.takes == syntax.MIB:
        what |= {"min": 1, "max": syntax.MOST_MAX_INPUT}
    if not row.names and row.default:
        what["callback"] = _specs
    if row.names == ("--version",):
        what |= {"callback": _print_version, "is_eager": True}
    kind: Any = _TYPES.get(row.takes) or syntax.class_of(row.takes)
    return inspect.Parameter(
        row.parameter,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[
            list[kind] if row.repeats else kind,
            typer.Option(*row.names, **what) if row.names else typer.Argument(**what),
        ],
        default=_default(row),
    )


def _default(row: syntax.Parameter) -> object:
    if row.default is None:
        return inspect.Parameter.empty
    if row.repeats:
        return []
    return syntax.value_of(row, row.default) if row.takes else False


def _with_signature(call: Callable[..., Any], parameters: list[inspect.Parameter]) -> Callable[..., Any]:
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    return call


def _call(command: str) -> Callable[..., Any]:
    """Return what runs a command: a function with its rows as parameters."""

    def call(**values: object) -> int:
        return syntax.function_of(command)(**values)

    return _with_signature(call, [_parameter(row) for row in syntax.parameters_of(command)])


def _before() -> Callable[..., Any]:
    """Return what takes the flags before a command: they are what its own are where it has none."""

    def call(ctx: typer.Context, **values: object) -> None:
        rows = {row.parameter: row for row in syntax.parameters_of(syntax.BEFORE)}
        given = {name: value for name, value in values.items() if value != _default(rows[name])}
        ctx.default_map = {}
        for command in syntax.COMMANDS:
            group, _, name = command.rpartition(" ")
            below = ctx.default_map.setdefault(group, {}) if group else ctx.default_map
            below[name] = given

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    return _with_signature(call, [context, *(_parameter(row) for row in syntax.parameters_of(syntax.BEFORE))])


def _made() -> typer.Typer:
    made = typer.Typer(
        name="grayc",
        help="The gray-release compiler: one release.yaml and your baseline manifests in, plain gray manifests out.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_SETTINGS,
    )
    made.callback()(_before())
    groups = {
        name: typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None, context_settings=_SETTINGS)
        for name, text in syntax.GROUPS.items()
    }
    for command, text in syntax.COMMANDS.items():
        group, _, name = command.rpartition(" ")
        add = groups[group].command if group else made.command
        add(name, help=text, epilog=epilog(command))(_call(command))
    for name, each in groups.items():
        made.add_typer(each, name=name)
    return made


app = _made()


def run(arguments: list[str]) -> int:
    """Run the command that the arguments name and return its status."""
    empty = _empty(arguments)
    if empty:
        return _wrong(f"{empty} is empty", "a variable of the shell that is not set leaves such a word", arguments)
    try:
        return _command()(arguments, prog_name="grayc", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _usage(error, arguments)
    except typer.Abort:
        return 128 + signal.SIGINT
    except SystemExit as leave:
        # typer leaves with 1, which is an answer, where nobody reads on.
        if isinstance(leave.__context__, BrokenPipeError):
            raise leave.__context__ from None
        raise


@cache
def _command() -> Callable[..., int | None]:
    """Return what typer makes of the definitions, which takes longer than many commands: once in a process."""
    return get_command(app)


def _empty(arguments: list[str]) -> str:
    """Return which word says nothing, "" where there is none: most would be read as if the flag were not there."""
    for flag, word in zip(["", *arguments], arguments, strict=False):
        if not word:
            return f"the value of `{flag}`" if flag.startswith("-") else "an argument"
        if word.startswith("--") and word.endswith("=") and word.count("=") == 1:
            return f"the value of `{word[:-1]}`"
    return ""


def _usage(error: typer.TyperException, arguments: list[str]) -> int:
    message = error.format_message().strip()
    if "\n" in message:  # No argument at all: typer gives the help text.
        sys.stderr.write(message + "\n")
        return 2
    help = "`grayc --help` lists the commands, `grayc COMMAND --help` the flags of one"
    # Some versions of typer put their validator's words before the mistake.
    message = (message[:1].lower() + message[1:].rstrip(".")).replace("Value error, ", "")
    return _wrong(message, help, arguments)


def _wrong(message: str, help: str, arguments: list[str]) -> int:
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import Diagnostic
    from grayc.report.model import Report

    usage = Diagnostic(code="GC702", message=message, help=help)
    return answer(
        Report(command="grayc", status=2, diagnostics=(usage,)), Voice(form=asked_format(arguments), color=Color.AUTO)
    )
