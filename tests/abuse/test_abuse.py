"""Every row of the threat table: the listed answer, and nothing else happens."""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.abuse.contract import Answer, ask, assert_harmless, copy_release, fingerprint, inside, make_release, outside
from tests.abuse.model import Case
from tests.abuse.rows import CASES, HELD_BY, NOT_OURS, NOT_YET


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
    manifests = "".join(path.read_text(encoding="utf-8") for path in sorted((home / "out").glob("*.yaml")))
    for text in case.emits:
        assert text in manifests
    for text in case.shows:
        assert text in answer.stderr + answer.stdout
    for text in case.hides:
        assert all(text not in shown for shown in answer.texts.values())
        assert text not in str(sorted(os.fsdecode(bytes.fromhex(name)) for name in after))
