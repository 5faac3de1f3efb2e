"""The table of common flags says what the command line's definition says, and a plain build starts without libraries."""

import ast
import inspect
import json
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest
import typer
from typer.core import TyperOption

from grayc.cli import quick
from grayc.cli.app import app
from grayc.cli.options import DEFAULT_MAX_INPUT, Color, Format
from grayc.source.limits import MAX_TOTAL_BYTES
from grayc.spec import fit
from tests.cli_run import run_grayc
from tests.unit.cli.test_commands import PREPARED, RELEASE

DEFINED = typer.main.get_group(app).commands
ROOT = Path(__file__).parents[3]
TYPES = {"text": str, "path": Path, "MiB": int, "Format": Format, "Color": Color, "": bool}
ANNOTATIONS = {
    "$id", "$schema", "title", "description", "default", "examples", "errorMessage", "patternErrorMessage", "enumDescriptions",
}  # fmt: skip


@pytest.mark.parametrize("command", quick.COMMANDS)
def test_table_has_every_flag_as_it_is_defined(command: str) -> None:
    table = {
        flag.parameter: (set(flag.names), TYPES[flag.takes], flag.repeats, flag.default is None)
        for flag in quick.COMMANDS[command]
    }
    defined = {}
    for option in DEFINED[command].params:
        if isinstance(option, TyperOption):
            annotation = option.type_descriptor.annotation
            many = get_args(annotation)
            defined[option.name] = ({*option.opts}, many[0] if many else annotation, bool(many), option.required)
            assert not option.secondary_opts, "a switch has no spelling that turns it off"
            assert option.envvar is None, "no flag comes from the environment"
            assert option.nargs == 1
    defined.pop("help", None)

    assert table == defined


@pytest.mark.parametrize("command", quick.COMMANDS)
def test_table_has_every_default_as_it_is_defined(command: str) -> None:
    signature = inspect.signature(DEFINED[command].callback or pytest.fail("no function"))
    table = quick._values({quick.POSITIONAL: ["a"], "out": ["b"]}, quick.COMMANDS[command])
    assert table is not None
    defaults = {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }

    assert {name: value for name, value in table.items() if name != "out"} == defaults | {quick.POSITIONAL: ["a"]}
    assert {name: type(value) for name, value in table.items() if name in defaults} == {
        name: type(value) for name, value in defaults.items()
    }


@pytest.mark.parametrize("command", quick.COMMANDS)
def test_specs_are_the_only_words_without_a_flag(command: str) -> None:
    words = [item for item in DEFINED[command].params if item.param_type_name == "argument"]

    assert [(item.name, item.nargs, item.required) for item in words] == [(quick.POSITIONAL, -1, False)]


@pytest.mark.parametrize(
    "line",
    [
        "", "build", "build a", "build -o out", "build a -o", "build a -o out --help", "build a -h -o out", "--version",
        "build a -o out --chec", "build a -oout", "build a -qo out", "build a -o -q", "build a --output= -q",
        "build a -o=out", "build a -o out --check=yes", "build a -o out --", "build a -o out -f xml", "build a -o out -f JSON",
        "build a -o out --max-input 0", "build a -o out --max-input x", "build a -o out --max-input 99999", "plan a --max-input -1",
        "plan a -o out", "explain GC440", "bild a -o out", "-q build a -o out", "plan", "plan a --report",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_definition(line: str) -> None:
    assert quick.read(line.split()) is None


def test_a_limit_is_read_here_and_there_alike() -> None:
    assert DEFAULT_MAX_INPUT * 1024 * 1024 == MAX_TOTAL_BYTES
    assert quick._value("1024", "MiB") == 1024


def test_help_is_told_without_the_definition(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    defined = run_grayc(["--help"], folder=tmp_path)
    assert quick.help_text(["--help"]) == quick.help_text(["-h"]) == defined.stdout
    assert quick.help_text(["build", "--help"]) is None
    monkeypatch.setenv("COLUMNS", "60")
    assert quick.help_text(["--help"]) is None


def test_no_module_is_imported_that_a_command_does_not_need(tmp_path: Path) -> None:
    """How many there are, and none of those that cost most; what a command needs is imported when it is clear."""

    def loaded(*words: str) -> set[str]:
        script = (
            "import sys\nfrom grayc.cli import main\nmain.os._exit = lambda _: print(*sys.modules, file=sys.stderr)\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", f"{script}sys.argv[0] = 'grayc'\nmain.main()", *words],
            cwd=tmp_path / "shop", env={"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return {name for name in run.stderr.splitlines()[-1].split() if name.partition(".")[0] != "encodings"}

    (tmp_path / "shop" / "baseline").mkdir(parents=True)
    (tmp_path / "shop" / "baseline" / "web.yaml").write_text(PREPARED)
    (tmp_path / "shop" / "release.yaml").write_text(RELEASE)
    build = ("build", "release.yaml", "-o", "out")
    helped, built, again = loaded("--help"), loaded(*build), loaded(*build)

    assert not {name for name in helped if name.startswith("grayc.")} - {
        "grayc.cli", "grayc.cli.main", "grayc.cli.quick", "grayc.cache",
    }  # fmt: skip
    assert len(built) < 437
    assert not built & {
        "dataclasses",
        "inspect",
        "ast",
        "typer",
        "jsonschema",
        "jinja2",
        "asyncio",
        "tempfile",
        "subprocess",
    }
    assert not {name for name in again if name.startswith("grayc.")} - {
        "grayc.cli", "grayc.cli.main", "grayc.cli.quick", "grayc.cli.again", "grayc.records",
        "grayc.cache", "grayc.cache.inputs", "grayc.cache.place", "grayc.cache.record",
    }  # fmt: skip


def test_an_empty_word_is_left_to_the_definition() -> None:
    assert quick.read(["build", "", "-o", "out"]) is None
    assert quick.read(["build", "a", "-o", ""]) is None


def test_completion_is_left_to_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    assert quick.read(["plan", "a"]) is not None
    monkeypatch.setenv(quick.COMPLETION_VARIABLE, "complete_bash")
    assert quick.read(["plan", "a"]) is None


@pytest.mark.parametrize(
    "command", [["build", "release.yaml", "-o", "out"], ["plan", "release.yaml"]], ids=lambda line: line[0]
)
def test_a_right_release_needs_neither_typer_nor_jsonschema(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "web.yaml").write_text(PREPARED)
    (tmp_path / "release.yaml").write_text(RELEASE)
    script = (
        "import sys\nfrom grayc.cli.main import main\ntry:\n    main(sys.argv[1:])\nfinally:\n"
        "    print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ast.literal_eval(run.stderr.splitlines()[-1]))

    assert "grayc" in loaded
    assert loaded & {"typer", "click", "pydantic", "jsonschema", "jsonpatch", "rich"} == set()


def test_every_keyword_of_the_schema_is_known_to_the_quick_answer() -> None:
    schema = json.loads((ROOT / "schemas" / "release.schema.json").read_text(encoding="utf-8"))
    known = {node.value for node in ast.walk(ast.parse(inspect.getsource(fit))) if isinstance(node, ast.Constant)}
    # It reads no format: `expires` is a date for the checks after the schema, and the library reads none either.
    unknown = keywords(schema) - ANNOTATIONS - known - {"$defs", "format"}

    assert unknown == set()


def keywords(schema: object) -> set[str]:
    """Return the keywords of a schema and of the schemas in it."""
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for keyword, value in schema.items():
        match keyword:
            case "properties" | "$defs":
                found |= {word for inner in value.values() for word in keywords(inner)}
            case "allOf" | "oneOf":
                found |= {word for inner in value for word in keywords(inner)}
            case "items" | "contains" | "not" | "if" | "then" | "propertyNames" | "additionalProperties":
                found |= keywords(value)
            case _:
                pass
    return found


def test_words_of_enumerations_are_those_of_options() -> None:
    takes = {flag.takes for flags in quick.COMMANDS.values() for flag in flags}

    assert takes <= set(TYPES)
    assert all(issubclass(TYPES[name], StrEnum) for name in ("Format", "Color"))
