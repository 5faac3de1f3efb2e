"""The command line: statuses, streams, formats."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grayc import __version__
from grayc.cli.options import asked_format
from grayc.diagnostics import CODES
from grayc.report.formats import Format
from tests.cli_run import run_grayc
from tests.manifests import Object, write_shop, write_spec

BROKEN: Object = {"services": [{"name": "wbe"}]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    return tmp_path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    write_shop(tmp_path, **BROKEN)
    return tmp_path


@pytest.mark.parametrize("form", Format)
def test_status_is_the_same_in_every_format(form: Format, shop: Path) -> None:
    build = ["build", "release.yaml", "-o", "out", "-f", form]
    assert run_grayc([*build, "--check"], folder=shop).status == 1
    assert run_grayc(build, folder=shop).status == 0
    assert run_grayc([*build, "--check"], folder=shop).status == 0
    write_shop(shop, **BROKEN)
    assert run_grayc(build, folder=shop).status == 1
    assert run_grayc([*build, "--check"], folder=shop).status == 2
    assert run_grayc(["build", "none.yaml", "-o", "out", "-f", form], folder=shop).status == 2
    assert run_grayc(["build", "release.yaml", "-f", form], folder=shop).status == 2
    assert run_grayc(["bild", "-f", form], folder=shop).status == 2


def test_json_goes_to_standard_output_and_is_one_document(broken: Path) -> None:
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=broken)
    report = json.loads(run.stdout)
    assert (report["ok"], report["exit_code"], report["summary"]["errors"]) == (False, 1, 1)
    assert report["diagnostics"][0]["code"] == "GC301"
    assert run.stderr == ""


def test_a_usage_mistake_is_told_in_the_format_asked_for(shop: Path) -> None:
    run = run_grayc(["build", "release.yaml", "--outt", "x", "--format=json"], folder=shop)
    assert json.loads(run.stdout)["diagnostics"][0]["code"] == "GC702"


@pytest.mark.parametrize(
    "line",
    [
        "build -o out",
        "plan",
        "validate --engine jsonschema",
        "diff --baseline",
        "graph",
        "report -o p.html",
        "offline -o out",
        "promote",
    ],
)
def test_a_line_without_spec_means_the_release_of_the_working_folder(shop: Path, line: str) -> None:
    """But for what takes away or writes into production's files, which never guess."""
    command, *flags = line.split()
    named = run_grayc([command, "release.yaml", *flags], folder=shop)
    left_out = run_grayc([command, *flags], folder=shop)
    (shop / "release.yaml").rename(shop / "demo.yaml")
    nothing = run_grayc([command, *flags, "-q"], folder=shop)

    assert nothing.status == 2 and "GC702" in nothing.stderr
    if command in ("offline", "promote"):
        assert left_out.status == 2
    elif command == "build":
        assert (named.status, left_out.status) == (0, 0) and "out is up to date" in left_out.stderr
    else:
        assert (left_out.status, left_out.stdout) == (named.status, named.stdout)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["build", "", "-o", "out"], "an argument"),
        (["build", "release.yaml", "-o", ""], "the value of `-o`"),
        (["build", "release.yaml", "-o", "out", "--step="], "the value of `--step`"),
        (["diff", "release.yaml", "--with", "out", "--rev", ""], "the value of `--rev`"),
        (["lanes", "out", ""], "an argument"),
    ],
)
def test_an_empty_word_is_a_mistake(shop: Path, words: list[str], what: str) -> None:
    """A variable that is not set must not ask something else: another folder, the last step, no revision."""
    run = run_grayc([*words, "-f", "json"], folder=shop)

    assert run.status == 2
    (found,) = json.loads(run.stdout)["diagnostics"]
    assert (found["code"], found["message"]) == ("GC702", f"{what} is empty")
    assert not (shop / "out").exists()


def test_a_value_that_is_not_taken_is_told_with_those_that_are(shop: Path) -> None:
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "xml"], folder=shop)
    assert "invalid value for '-f' / '--format': 'xml' is not one of 'text', 'json'" in run.stderr


def test_stream_stands_alone_on_standard_output(shop: Path) -> None:
    run = run_grayc(["build", "release.yaml", "-o", "-", "-f", "json"], folder=shop)
    assert run.stdout.startswith("apiVersion: apps/v1\n")
    assert json.loads(run.stderr)["ok"] is True
    assert not (shop / "out").exists()


def test_stream_is_what_the_folder_would_hold(shop: Path) -> None:
    run_grayc(["build", "release.yaml", "-o", "out"], folder=shop)
    files = sorted(path for path in (shop / "out").iterdir() if path.suffix == ".yaml")
    stream = run_grayc(["build", "release.yaml", "-o", "-"], folder=shop).stdout
    assert stream == "---\n".join(path.read_text() for path in files)


def test_spec_comes_from_standard_input(shop: Path) -> None:
    from_file = run_grayc(["build", "release.yaml", "-o", "-"], folder=shop)
    from_pipe = run_grayc(["build", "-", "-o", "-"], folder=shop, stdin=(shop / "release.yaml").read_bytes())
    assert from_pipe.stdout == from_file.stdout


def test_spec_and_baseline_can_not_both_be_standard_input(shop: Path) -> None:
    both = write_shop(shop, baseline=[{"stdin": True}]).read_bytes()
    run = run_grayc(["build", "-", "-o", "-", "-f", "json"], folder=shop, stdin=both)
    assert run.status == 2


def test_baseline_comes_from_standard_input(shop: Path) -> None:
    wanted = run_grayc(["build", "release.yaml", "-o", "-"], folder=shop).stdout
    write_shop(shop, baseline=[{"stdin": True}])
    baseline = (shop / "baseline" / "web.yaml").read_bytes()
    run = run_grayc(["build", "release.yaml", "-o", "-"], folder=shop, stdin=baseline)
    assert (run.status, run.stdout) == (0, wanted)


def test_one_run_writes_many_reports(broken: Path) -> None:
    reports = [f"--report={form}={form}.out" for form in Format]
    run_grayc(["build", "release.yaml", "-o", "out", *reports], folder=broken)
    for form in Format:
        assert "GC301" in (broken / f"{form}.out").read_text(), form


@pytest.mark.parametrize("report", ["sarif", "sarif=", "sarif=-", "xml=a", "sarif=none/a.sarif"])
def test_a_report_that_can_not_be_written_is_told(report: str, shop: Path) -> None:
    assert run_grayc(["build", "release.yaml", "-o", "out", "--report", report], folder=shop).status == 2


def test_a_folder_of_specs_is_compiled_as_one(shop: Path) -> None:
    write_spec(shop / "other.yaml", "other", tag="blue", namespace=None)
    run = run_grayc(["build", ".", "-o", "out"], folder=shop)
    assert run.status == 0, run.stderr
    assert sorted(path.name for path in (shop / "out").iterdir() if path.suffix) == ["demo.web.yaml", "other.web.yaml"]


def test_what_two_releases_find_in_one_file_is_told_once(shop: Path) -> None:
    (shop / "baseline" / "more.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, b: y}\n")
    write_spec(shop / "other.yaml", "other", tag="blue", namespace=None)
    run = run_grayc(["build", ".", "-o", "out", "-f", "json"], folder=shop)
    assert [item["code"] for item in json.loads(run.stdout)["diagnostics"]] == ["GC112"]


def test_two_releases_of_one_tag_and_service_are_refused(shop: Path) -> None:
    write_spec(shop / "other.yaml", "other", namespace=None)
    run = run_grayc(["build", "release.yaml", "other.yaml", "-o", "out", "-f", "json"], folder=shop)
    assert (run.status, [item["code"] for item in json.loads(run.stdout)["diagnostics"]]) == (1, ["GC402"])
    assert not (shop / "out").exists()


def test_plan_names_every_object_and_reason(shop: Path) -> None:
    run = run_grayc(["plan", "release.yaml"], folder=shop)
    assert run.status == 0
    assert "Deployment/web -> web-mse-gray" in run.stdout
    data = json.loads(run_grayc(["plan", "release.yaml", "-f", "json"], folder=shop).stdout)
    assert [item["action"] for item in data["plans"][0]["objects"]] == ["copied"]


def test_first_spec_builds_as_it_is(shop: Path) -> None:
    (shop / "release.yaml").unlink()
    made = run_grayc(["init", "baseline/"], folder=shop)
    assert made.status == 0, made.stderr
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 0
    again = run_grayc(["init", "baseline/", "-f", "json"], folder=shop)
    assert [item["code"] for item in json.loads(again.stdout)["diagnostics"]] == ["GC610"]
    assert run_grayc(["init", "baseline/", "-o", "-"], folder=shop).stdout == (shop / "release.yaml").read_text()
    assert run_grayc(["init", "baseline/", "-s", "wbe", "-o", "-"], folder=shop).status == 1


def test_explain_prints_pages_and_knows_misspelt_codes(shop: Path) -> None:
    assert run_grayc(["explain", "gc440"], folder=shop).stdout.startswith("# GC440: ")
    unknown = run_grayc(["explain", "GC999"], folder=shop)
    assert (unknown.status, "GC701" in unknown.stderr) == (2, True)
    listing = run_grayc(["explain", "--all"], folder=shop).stdout
    assert [line.split()[0] for line in listing.splitlines()] == list(CODES)


def test_schema_is_json(shop: Path) -> None:
    assert json.loads(run_grayc(["schema"], folder=shop).stdout)["$schema"].endswith("2020-12/schema")


def test_version(shop: Path) -> None:
    assert run_grayc(["--version"], folder=shop).stdout == f"grayc {__version__}\n"


def test_a_fault_is_status_3_and_quotes_nothing(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("hunter2")

    monkeypatch.setattr("grayc.driver.planning.make_plan", fail)
    run = run_grayc(["build", "release.yaml", "-o", "out"], folder=shop)
    assert run.status == 3
    assert "GC901" in run.stderr
    assert "in make_plan" in run.stderr or "planning.py" in run.stderr
    assert "hunter2" not in run.stderr + run.stdout


@pytest.mark.parametrize("arguments", [[], ["plan", "release.yaml"]], ids=str)
def test_a_fault_while_a_fault_is_reported_is_status_3_too(
    arguments: list[str], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("hunter2")

    monkeypatch.setattr("grayc.cli.quick.read", fail)
    monkeypatch.setattr("grayc.cli.fault.report_fault", fail)
    run = run_grayc(arguments, folder=shop)

    assert (run.status, run.stdout) == (3, "")
    assert (
        run.stderr == "grayc: a fault of grayc: ValueError, and ValueError while that was reported; please report it\n"
    )


def test_no_argument_asks_for_text() -> None:
    assert asked_format([]) is Format.TEXT


ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/bin:/bin"}
"""Without PYTHONUNBUFFERED, whoever sets it for the tests: most output is written as a command ends."""

PRINTING = (
    "--version",
    "schema",
    "explain GC440",
    "plan release.yaml",
    "validate release.yaml -f json --engine jsonschema",
)


def in_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `grayc` is the one under test."""
    start = f'set -o pipefail; grayc() {{ {sys.executable} -m grayc "$@"; }}; '
    command = ["bash", "-c", start + line]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=ENVIRONMENT)


@pytest.mark.parametrize("command", [*PRINTING, "diff release.yaml --with out"])
def test_a_closed_pipe_is_no_answer(command: str, shop: Path) -> None:
    run_grayc(["build", "release.yaml", "-o", "out"], folder=shop)
    run = in_shell(f"(sleep 0.2; grayc {command}) | true", shop)

    assert (run.returncode, run.stderr) == (141, "")


@pytest.mark.parametrize("command", PRINTING)
@pytest.mark.parametrize(("to", "why"), [("/dev/full", "No space left on device"), ("&-", "Bad file descriptor")])
def test_what_can_not_be_written_is_status_2(command: str, to: str, why: str, shop: Path) -> None:
    run = in_shell(f"grayc {command} >{to}", shop)

    assert (run.returncode, run.stderr) == (2, f"grayc: could not write: {why}\n")


@pytest.mark.parametrize(
    ("streams", "status"),
    [
        (">&-", 0),
        ("<&-", 0),
        ("2>&-", 0),
        ("<&- >&- 2>&-", 0),
        (">/dev/full", 0),
        ("2>/dev/full", 2),
        ("2>&1 | true", 141),
    ],
)
def test_a_stream_that_nothing_is_written_to_does_not_matter(streams: str, status: int, shop: Path) -> None:
    assert in_shell(f"sleep 0.2; grayc build release.yaml -o out {streams}", shop).returncode == status


def test_a_release_from_a_closed_stream_can_not_be_read(shop: Path) -> None:
    run = in_shell("grayc build - -o out <&-", shop)

    assert (run.returncode, "error[GC102]: cannot read `<stdin>`" in run.stderr) == (2, True)


def test_working_folder_does_not_matter(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    here = run_grayc(["build", "release.yaml", "-o", "-"], folder=shop).stdout
    assert run_grayc(["build", str(shop / "release.yaml"), "-o", "-"], folder=elsewhere).stdout == here
    moved = elsewhere / "moved"
    shutil.copytree(shop, moved)
    assert run_grayc(["build", "moved/release.yaml", "-o", "-"], folder=elsewhere).stdout == here


@pytest.mark.parametrize(("day", "late"), [("2026-01-31", False), ("2026-02-01", True), ("", False)])
def test_a_plan_tells_of_a_release_past_its_date(shop: Path, day: str, late: bool) -> None:
    write_shop(shop, expires="2026-01-31")
    run = run_grayc(["plan", "release.yaml", *(["--today", day] if day else [])], folder=shop)

    assert run.status == 0
    assert ", until 2026-01-31\n" in run.stdout
    assert ("warning[GC720]" in run.stderr) is late


def test_no_line_of_the_list_of_commands_is_cut(tmp_path: Path) -> None:
    listed = run_grayc(["--help"], folder=tmp_path).stdout.partition("Commands:")[2]

    assert "promote" in listed
    assert "..." not in listed


def test_a_folder_that_is_out_of_date_is_told_in_every_format(shop: Path) -> None:
    check = ["build", "-o", "out", "--check"]
    for form in Format:
        assert "GC650" in "".join([(run := run_grayc([*check, "-f", form], folder=shop)).stdout, run.stderr])
    run_grayc(["build", "-o", "out"], folder=shop)
    assert "GC650" not in run_grayc([*check, "-f", "json"], folder=shop).stdout
