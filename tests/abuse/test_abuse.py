"""Every row of the threat table: the listed answer, and nothing else happens."""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.abuse.contract import ask, assert_harmless, copy_release, fingerprint, inside, make_release, outside
from tests.abuse.model import Case
from tests.abuse.rows import CASES, HELD_BY, NOT_YET, ROWS


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def home(release: Path, tmp_path: Path) -> Path:
    return copy_release(release, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_abuse_is_answered_and_changes_nothing(case: Case, home: Path, tmp_path: Path) -> None:
    case.make(home)
    before = fingerprint(home)

    answer = ask(case, home, tmp_path / "reports")

    after = fingerprint(home)
    assert answer.problems == case.finds, answer.stderr
    assert answer.status == case.status, answer.stderr
    assert_harmless(answer)
    assert outside("out", after) == outside("out", before)
    if answer.status:
        assert inside("out", after) == inside("out", before)
    manifests = "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in sorted((home / "out").glob("*.yaml"))
    )
    for text in case.emits:
        assert text in manifests
    for text in case.omits:
        assert text not in manifests
    for text in case.shows:
        assert text in answer.stderr + answer.stdout
    for text in case.hides:
        assert all(text not in shown for shown in answer.texts.values())
        assert text not in str(sorted(os.fsdecode(bytes.fromhex(name)) for name in after))


def test_every_row_of_the_table_is_a_case_is_held_elsewhere_or_waits_for_its_feature() -> None:
    cases = {case.row for case in CASES}
    assert cases | set(HELD_BY) | set(NOT_YET) == set(ROWS)
    assert not (cases | set(HELD_BY)) & set(NOT_YET)
    names = Counter(map(str, CASES))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("row", HELD_BY)
def test_the_test_that_holds_a_row_is_there(row: str, project: Path) -> None:
    path, _, name = HELD_BY[row].partition("::")
    assert f"def {name}(" in (project / path).read_text(encoding="utf-8")
