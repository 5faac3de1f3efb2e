"""The `grayc` command: which commands there are, and what becomes of mistakes in using it and of faults."""

import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from grayc import __version__
from grayc.cli.build import build
from grayc.cli.explain import explain
from grayc.cli.init import init
from grayc.cli.options import Format
from grayc.cli.plan import plan
from grayc.cli.schema import schema

app = typer.Typer(
    name="grayc",
    help="The gray-release compiler: one release.yaml and your baseline manifests in, plain gray manifests out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (build, plan, init, explain, schema):
    app.command()(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"grayc {__version__}\n")
        raise typer.Exit


@app.callback()
def grayc(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version and leave"),
    ] = False,
) -> None:
    """Compile gray releases."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and leave with its status.

    0 yes, 1 no, 2 could not answer, 3 a fault of grayc; 130 and 141 where the user or the reader of a pipe left.
    """
    for stream in (sys.stdout, sys.stderr):
        # A path or message in any script must come out, whatever the locale says.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        # Nobody reads on. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 128 + signal.SIGPIPE
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    try:
        return app(arguments, prog_name="grayc", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _usage(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return 128 + signal.SIGINT
    except BrokenPipeError:
        raise
    except OSError as error:
        # The disk is full or standard output is closed: not a fault of grayc.
        sys.stderr.write(f"grayc: could not write: {error.strerror}\n")
        return 2
    except Exception as error:
        from grayc.cli.fault import report_fault

        return report_fault(error, _form(arguments))


def _form(arguments: list[str]) -> Format:
    """Return the format that the arguments ask for, where they could not be parsed or nobody kept it."""
    for flag, value in zip(arguments, [*arguments[1:], ""], strict=True):
        word = value if flag in ("-f", "--format") else flag.removeprefix("--format=").removeprefix("-f")
        if flag.startswith(("-f", "--format")) and word in set(Format):
            return Format(word)
    return Format.TEXT


def _usage(error: typer.TyperException, arguments: list[str]) -> int:
    from grayc.cli.answer import Voice, answer
    from grayc.cli.options import Color
    from grayc.diagnostics import Diagnostic
    from grayc.report.model import Report

    message = error.format_message().strip()
    if "\n" in message:  # No argument at all: typer gives the help text.
        sys.stderr.write(message + "\n")
        return 2
    usage = Diagnostic(
        code="GC702", message=message[:1].lower() + message[1:].rstrip("."),
        help="`grayc --help` lists the commands, `grayc COMMAND --help` the flags of one",
    )
    return answer(Report(command="grayc", status=2, diagnostics=(usage,)),
                  Voice(form=_form(arguments), color=Color.AUTO))
