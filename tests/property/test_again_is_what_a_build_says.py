"""What a build is answered from the cache is what it would say, and whatever it cannot be is compiled.

Every golden that builds into a folder is built twice; the second time is asked from the cache, and of the compiler.
"""

from pathlib import Path

import pytest

from tests.cli_run import run_again, run_grayc
from tests.golden.test_golden import CASES, commands_of, copy_tree

BUILDS = [
    (case, command)
    for case in CASES
    if case.parent.name == "build"
    for command in [commands_of(case)]
    if len(command) == 1 and command[0][0] == "build" and "-" not in command[0]
]
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_goldens(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = 0
    for case, ([*command],) in BUILDS[part :: 2 * PARTS]:
        folder = tmp_path / case.name / "input"
        copy_tree(case / "input", folder, is_reversed=False)
        first, was_kept = run_again(command, folder=folder)
        assert not was_kept
        answer, was_kept = run_again(command, folder=folder)
        assert answer == run_grayc(command, folder=folder), case.name
        kept += was_kept
        if first.status == 0 and first.stderr.count("\n") == 2:
            assert was_kept, f"{case.name}: nothing is said, so the next answer is known"
    assert kept > 0
