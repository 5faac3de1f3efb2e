"""Baselines that others wrote, prepared by `grayc adopt`: whole lines are added, and `isolation: label` builds clean.

Figures of every baseline are printed: run with `-s`.
"""

import difflib
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.corpus.test_corpus import CORPUS, FOLDERS
from tests.corpus.test_isolation import ACCEPTED, RELEASES, assert_apart
from tests.manifests import write_spec

LABEL = "zadigx-release-version: original"


@pytest.mark.parametrize("name", RELEASES)
def test_prepared_baseline_builds_with_labels_and_lines_are_added_alone(
    name: str, corpus: Path, tmp_path: Path
) -> None:
    sources, services = RELEASES[name]
    shutil.copytree(corpus / name, tmp_path / "baseline")
    before = files(tmp_path / "baseline")
    paths = [f"baseline/{source}" for source in sources]
    write_spec(
        tmp_path / "release.yaml",
        namespace=None,
        lane={"isolation": "label"},
        baseline=paths,
        services=[{"name": service} for service in services],
        accept=ACCEPTED.get(name, []),
    )
    unprepared = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    leaks = [found["code"] for found in json.loads(unprepared.stdout)["diagnostics"]]

    run = run_grayc(["adopt", *paths, "--script", "adopt.sh", "-f", "json"], folder=tmp_path)

    assert run.status == 0, run.stdout
    after = files(tmp_path / "baseline")
    added = [line for path, text in before.items() for line in added_lines(text, after[path])]
    assert before.keys() == after.keys()
    assert all(line.strip() == LABEL for line in added)
    built = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    assert built.status == 0, built.stderr
    assert_apart(name, services, built.stderr)
    again = run_grayc(["adopt", *paths, "--check"], folder=tmp_path)
    assert again.status == 0, again.stderr
    adoption = json.loads(run.stdout)["adoption"]
    changed = sum(bool(item["added"]) for item in adoption["objects"])
    sys.stdout.write(
        f"\n{name}: {len(adoption['files'])} files, {changed} of {len(adoption['objects'])} objects, {len(added)} lines, "
        f"{len(adoption['groups'])} groups; before: {leaks.count('GC440')} GC440, {leaks.count('GC441')} GC441; "
        f"{next(line for line in built.stderr.splitlines() if line.startswith('isolation'))}\n"
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(CORPUS)))
def test_any_folder_is_prepared_or_refused_and_then_left_alone(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "baseline")
    before = files(tmp_path / "baseline")

    run = run_grayc(["adopt", "baseline", "-f", "json"], folder=tmp_path)

    assert run.status in {0, 1}, run.stdout
    after = files(tmp_path / "baseline")
    if run.status == 1:
        assert after == before
        codes = sorted({found["code"] for found in json.loads(run.stdout)["diagnostics"]})
        sys.stdout.write(f"\n{folder.relative_to(CORPUS)}: {', '.join(codes)}\n")
        return
    added = [line for path, text in before.items() for line in added_lines(text, after[path])]
    assert all(line.strip() == LABEL for line in added)
    assert run_grayc(["adopt", "baseline", "--check"], folder=tmp_path).status == 0
    sys.stdout.write(f"\n{folder.relative_to(CORPUS)}: {len(added)} lines\n")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def added_lines(before: bytes, after: bytes) -> list[str]:
    """Return the lines that are new; every other line must be there as it was, byte for byte."""
    if before == after:
        return []
    diff = list(difflib.diff_bytes(difflib.unified_diff, before.splitlines(True), after.splitlines(True), n=0))[2:]
    assert not [line for line in diff if line.startswith(b"-")]
    return [line[1:].decode() for line in diff if line.startswith(b"+")]
