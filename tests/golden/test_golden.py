"""Every directory below `<command>/` is one behaviour: input, and what grayc must make and say of it.

`command.txt` holds the arguments, `build release.yaml -o ../out` where it is absent; of several lines each is run, and
what the last one says counts. `expected/` holds the files of the output folder, and those of the input that were changed
or are new there; `stdout.txt` and `stderr.txt` where something is said; `status.txt` where it is not 0.
"""

import os
import shutil
from pathlib import Path
from unittest import mock

import pytest

from tests.cli_run import Run, run_grayc
from tests.renderers import renderers_path

HERE = Path(__file__).resolve().parent
CASES = sorted(path.parent for path in HERE.glob("*/*/input"))
DEFAULT_COMMAND = "build release.yaml -o ../out"
INVENTORY = ".grayc-inventory"


def run_case(case: Path, scratch: Path, *, is_reversed: bool = False) -> dict[str, str]:
    """Return file name → text of everything that a case makes and says.

    With `is_reversed`, the input's files are created in the opposite order, so that a folder lists them otherwise.
    """
    folder = scratch / "input"
    copy_tree(case / "input", folder, is_reversed=is_reversed)
    spec = folder / "release.yaml"
    is_rendered = spec.is_file() and any(
        word in spec.read_text() for word in ("kustomize:", "helm:", "argocd:", "flux:")
    )
    with mock.patch.dict(os.environ, {"PATH": renderers_path()} if is_rendered else {}):
        run = [run_grayc(arguments, folder=folder) for arguments in commands_of(case)][-1]
    out = scratch / "out"
    made = {path.name: path.read_text() for path in out.iterdir() if path.name != INVENTORY} if out.exists() else {}
    return {**made, **changed_files(case / "input", folder), **said(run)}


def commands_of(case: Path) -> list[list[str]]:
    """Return the arguments of each run of a case."""
    command = case / "command.txt"
    return [line.split() for line in (command.read_text() if command.exists() else DEFAULT_COMMAND).splitlines()]


def changed_files(before: Path, after: Path) -> dict[str, str]:
    """Return name → text of every file that a command changed in place, or put beside what it read."""
    files = {path.relative_to(after): path for path in after.rglob("*") if path.is_file()}
    return {
        path.name: path.read_text()
        for relative, path in sorted(files.items())
        if not (before / relative).is_file() or (before / relative).read_bytes() != path.read_bytes()
    }


def copy_tree(source: Path, target: Path, *, is_reversed: bool) -> None:
    files = sorted((path for path in source.rglob("*") if path.is_file()), reverse=is_reversed)
    for path in files:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def said(run: Run) -> dict[str, str]:
    spoken = {"stdout.txt": run.stdout, "stderr.txt": run.stderr, "status.txt": f"{run.status}\n" if run.status else ""}
    return {name: text for name, text in spoken.items() if text}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_golden(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made = run_case(case, tmp_path / "once")
    expected = case / "expected"
    assert "GC9" not in made.get("stderr.txt", ""), "a fault of grayc is never what is expected"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        expected.mkdir()
        for name, text in made.items():
            (expected / name).write_text(text)
    assert {path.name: path.read_text() for path in sorted(expected.iterdir())} == dict(sorted(made.items()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_same_bytes_again_and_with_files_listed_otherwise(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What `test_golden` shows to be what one run makes.
    expected = {path.name: path.read_text() for path in (case / "expected").iterdir()}
    scandir, listdir = os.scandir, os.listdir

    class Reversed:
        def __init__(self, path: str = ".") -> None:
            with scandir(path) as entries:
                self._entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self._entries

        def __exit__(self, *_: object) -> None:
            pass

        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter(self._entries)

        def close(self) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Reversed)
    monkeypatch.setattr(os, "listdir", lambda path=".": sorted(listdir(path), reverse=True))
    assert run_case(case, tmp_path / "again", is_reversed=True) == expected


def test_every_case_has_an_expectation() -> None:
    assert [case.name for case in CASES if not any((case / "expected").iterdir())] == []
