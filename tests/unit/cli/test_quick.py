"""The table of commands and flags says what each command's function takes, and a plain line starts without libraries."""

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer
from typer.core import TyperGroup, TyperOption

from grayc.cli import complete, quick, syntax
from grayc.cli.app import app
from grayc.source.limits import MAX_TOTAL_BYTES
from grayc.spec import fit
from tests.cli_run import run_grayc
from tests.unit.cli.texts import PREPARED, RELEASE

ROOT = Path(__file__).parents[3]
TYPES = {syntax.SWITCH: bool, syntax.TEXT: str, syntax.PATH: Path, syntax.MIB: int}
ANNOTATIONS = {
    "$id", "$schema", "title", "description", "default", "examples", "errorMessage", "patternErrorMessage", "enumDescriptions",
}  # fmt: skip


def taken(command: str) -> Mapping[str, object]:
    """Return what a command's function takes: parameter → type."""
    function = syntax.function_of(command)
    hints = get_type_hints(function)
    found: dict[str, object] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            found |= get_type_hints(get_args(hints[name])[0])
        else:
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
            assert parameter.default is inspect.Parameter.empty, "defaults stand in the table"
            found[name] = hints[name]
    return found


@pytest.mark.parametrize("command", syntax.COMMANDS)
def test_a_command_takes_what_its_rows_give(command: str) -> None:
    rows: dict[str, object] = {}
    for row in syntax.parameters_of(command):
        kind: Any = TYPES.get(row.takes) or syntax.class_of(row.takes)
        assert row.parameter not in rows, "two rows for one parameter"
        rows[row.parameter] = Sequence[kind] if row.repeats else kind

    assert rows == taken(command)


def test_a_row_can_be_read() -> None:
    known = {*syntax.COMMANDS, syntax.BEFORE}
    for row in syntax.PARAMETERS:
        assert row.commands and set(row.commands) <= known
        assert all(name.startswith("--" if len(name) > 2 else "-") for name in row.names)
        assert not row.completes or callable(getattr(complete, row.completes))
        # Where an enumeration has the words, and for a switch, nothing stands for the value.
        assert bool(row.metavar) == (row.takes in (syntax.TEXT, syntax.PATH, syntax.MIB)), row
        if row.takes not in TYPES:
            assert issubclass(syntax.class_of(row.takes), StrEnum)
        if row.default and row.names:
            syntax.value_of(row, row.default)


@pytest.mark.parametrize("command", [*syntax.COMMANDS, syntax.BEFORE])
def test_names_of_a_command_are_not_ambiguous(command: str) -> None:
    rows = syntax.parameters_of(command)
    names = [name for row in rows for name in row.names]

    assert len(names) == len(set(names))
    assert sum(not row.names for row in rows) <= 1


def test_typer_adds_nothing_of_its_own() -> None:
    def options(group: TyperGroup) -> list[TyperOption]:
        return [
            option
            for command in group.commands.values()
            for option in (
                options(command)
                if isinstance(command, TyperGroup)
                else [each for each in command.params if isinstance(each, TyperOption)]
            )
        ]

    found = options(typer.main.get_group(app))
    assert len(found) > len(syntax.PARAMETERS)
    for option in found:
        assert not option.secondary_opts, "a switch has no spelling that turns it off"
        assert option.envvar is None, "no flag comes from the environment"
        assert option.nargs == 1


@pytest.mark.parametrize("command", ["import zadig", "doctor", "explain"])
@pytest.mark.parametrize("before", [["-f", "json"], ["-fjson"], ["--color", "never", "--format=json"]])
def test_flags_before_the_command_hold_for_it(command: str, before: list[str], tmp_path: Path) -> None:
    words = command.split() + (["gone.yaml"] if command != "doctor" else [])
    run = run_grayc([*before, *words], folder=tmp_path)

    assert isinstance(json.loads(run.stdout), dict)
    assert run_grayc([*before, *words, "-f", "text"], folder=tmp_path) == run_grayc(words, folder=tmp_path)


def test_flags_before_the_command_are_those_that_all_with_findings_take() -> None:
    before = {name for row in syntax.parameters_of(syntax.BEFORE) for name in row.names} - {"--version"}
    for command in set(syntax.COMMANDS) - {"schema"}:
        assert before <= {name for row in syntax.parameters_of(command) for name in row.names}


def test_a_flag_before_the_command_that_it_does_not_know_is_refused(tmp_path: Path) -> None:
    run = run_grayc(["-f", "svg", "doctor"], folder=tmp_path)
    assert (run.status, "'svg' is not one of 'text'" in run.stderr) == (2, True)
    assert run_grayc(["-q", "schema"], folder=tmp_path).status == 0


@pytest.mark.parametrize(
    "line",
    [
        "", "build", "build a", "build -o out", "build a -o", "build a -o out --help", "build a -h -o out", "--version",
        "build a -o out --chec", "build a -oout", "build a -qo out", "build a -o -q", "build a --output= -q",
        "build a -o=out", "build a -o out --check=yes", "build a -o out --", "build a -o out -f xml", "build a -o out -f JSON",
        "build a -o out --max-input 0", "build a -o out --max-input x", "build a -o out --max-input 99999", "plan a --max-input -1",
        "plan a -o out", "bild a -o out", "-x build a -o out", "plan", "plan a --report", "-qf json plan a", "--version plan a",
        "-q schema", "-f xml plan a", "schema a", "promote", "promote a b", "init", "lanes", "import", "import bild a", "route a",
        "-- plan a",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_definition(line: str) -> None:
    assert quick.read(line.split()) is None


def test_a_limit_is_read_here_and_there_alike() -> None:
    assert syntax.DEFAULT_MAX_INPUT * 1024 * 1024 == MAX_TOTAL_BYTES


def test_a_spec_is_that_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert quick.words(["plan"]) == ("plan", {"specs": []})
    (tmp_path / "release.yaml").touch()
    assert quick.words(["plan"]) == ("plan", {"specs": ["release.yaml"]})
    assert quick.read(["plan"]) is not None


def test_help_is_told_without_the_definition(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    defined = run_grayc(["--help"], folder=tmp_path)
    assert quick.told(["--help"]) == quick.told(["-h"]) == defined.stdout
    assert quick.told(["--version"]) == run_grayc(["--version"], folder=tmp_path).stdout
    assert quick.told(["build", "--help"]) is None
    monkeypatch.setenv("COLUMNS", "60")
    assert quick.told(["--help"]) is None


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
        "grayc.cli", "grayc.cli.main", "grayc.cli.quick", "grayc.cli.syntax", "grayc.cli.again", "grayc.records",
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
    "command",
    [
        ["build", "release.yaml", "-o", "out"],
        ["plan"],
        ["-q", "diff", "--with", "out"],
        ["graph", "--lang=zh"],
        ["route", "--host", "shop.example.com", "-H", "a: b"],
        ["lanes", "out"],
        ["offline", "-o", "out", "--tag", "gray", "--check"],
        ["explain", "GC440"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_a_plain_line_needs_neither_typer_nor_jsonschema(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "web.yaml").write_text(PREPARED)
    (tmp_path / "release.yaml").write_text(RELEASE)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
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
        check=False,
    )
    loaded = set(ast.literal_eval(run.stderr.splitlines()[-1]))

    assert run.returncode in (0, 1)
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
