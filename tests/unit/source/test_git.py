"""Files at a revision, from repositories made here."""

import os
import subprocess
from pathlib import Path

import pytest

from grayc.source import SourceError
from grayc.source.git import read_revision
from grayc.source.limits import MAX_FILE_BYTES

AUTHOR = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"} | {
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **AUTHOR}
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose tag `then` has two files in `deploy/out`, a folder and a link; now both files are gone."""
    out = tmp_path / "deploy" / "out"
    (out / "inner").mkdir(parents=True)
    (out / "a.yaml").write_bytes(b"a\r\n\xff")
    (out / "b c.yaml").write_text("")
    (out / "inner" / "d.yaml").write_text("d")
    (out / "link.yaml").symlink_to("a.yaml")
    (tmp_path / "deploy" / "other.yaml").write_text("other")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "tag", "then")
    git(tmp_path, "rm", "-q", "-r", "deploy/out")
    git(tmp_path, "commit", "-q", "-m", "second")
    return tmp_path


def test_regular_files_right_in_the_folder(repository: Path) -> None:
    found = read_revision(repository / "deploy" / "out", "then")

    assert found.files == {"a.yaml": b"a\r\n\xff", "b c.yaml": b""}
    assert found.commit == git(repository, "rev-parse", "then").strip()


@pytest.mark.parametrize("variables", [{"GIT_DIR": ".git"}, {"GIT_DIR": "/nowhere/.git", "GIT_WORK_TREE": "/nowhere"}])
def test_in_a_hook_the_repository_is_the_one_that_the_folder_lies_in(
    repository: Path, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git(repository, "rev-parse", "then").strip()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert read_revision(repository / "deploy" / "out", "then").commit == commit


def test_a_folder_that_is_not_there_has_no_files(repository: Path) -> None:
    assert read_revision(repository / "deploy" / "out", "main").files == {}
    assert read_revision(repository / "nowhere", "then").files == {}


def test_the_root_of_a_repository(repository: Path) -> None:
    (repository / "top.yaml").write_text("top")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "third")

    assert read_revision(repository, "HEAD").files == {"top.yaml": b"top"}
    assert read_revision(repository, "HEAD~1").files == {}


@pytest.mark.parametrize("revision", ["nope", "--output=x", "-h", "", "a\nb", "then:deploy", "HEAD; true", "^main"])
def test_what_is_no_revision(repository: Path, revision: str) -> None:
    with pytest.raises(SourceError) as refused:
        read_revision(repository / "deploy", revision)
    assert refused.value.code == "GC712"


def test_a_folder_outside_of_any_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        read_revision(tmp_path / "out", "HEAD")
    assert refused.value.code == "GC711"


def test_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(SourceError) as refused:
        read_revision(repository, "HEAD")
    assert refused.value.code == "GC711"
    assert "no `git`" in refused.value.message


def test_names_are_no_patterns(repository: Path) -> None:
    """A folder called `*` is that folder, not every folder."""
    (repository / "*").mkdir()
    (repository / "*" / "x.yaml").write_text("x")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "third")

    assert read_revision(repository / "*", "HEAD").files == {"x.yaml": b"x"}


def test_a_file_beyond_the_limit(repository: Path) -> None:
    (repository / "big.yaml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "third")

    with pytest.raises(SourceError) as refused:
        read_revision(repository, "HEAD")
    assert refused.value.code == "GC122"


def test_nothing_of_the_repository_changes(repository: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in (repository / ".git").rglob("*"))
    read_revision(repository / "deploy" / "out", "then")

    assert sorted((path, path.stat().st_mtime_ns) for path in (repository / ".git").rglob("*")) == before
