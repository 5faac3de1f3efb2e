"""Files at a revision, from repositories made here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grayc.source import SourceError
from grayc.source.git import (
    commit_of_arrival,
    commit_of_last_change,
    days_of_arrival,
    read_file_at,
    read_revision,
    tracked_of,
)
from grayc.source.limits import MAX_FILE_BYTES
from grayc.source.repository import repository_among

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


def plant_bare(folder: Path, names: tuple[str, ...] = ("HEAD", "config", "objects", "refs")) -> None:
    """Put a repository of somebody else's into a folder; its `main` has another `a.yaml` for it."""
    made = folder.parent / "made"
    made.mkdir()
    (made / "a.yaml").write_text("planted\n")
    git(made, "init", "-q", "-b", "main")
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "planted")
    git(made, "config", "core.bare", "true")
    git(made, "tag", "then")
    for name in names:
        shutil.move(made / ".git" / name, folder / name)
    shutil.rmtree(made)


@pytest.mark.parametrize("place", ["deploy/out", "deploy"])
def test_a_repository_that_the_folder_or_one_above_it_brought_along_is_not_asked(repository: Path, place: str) -> None:
    (repository / "deploy" / "out").mkdir()
    plant_bare(repository / place)
    with pytest.raises(SourceError) as refused:
        read_revision(repository / "deploy" / "out", "then")

    assert refused.value.code == "GC713"
    assert f"`{Path(place).name}` holds `HEAD`, `objects`, `refs`" in refused.value.message
    assert days_of_arrival(repository / "deploy" / "out", "a.yaml", ["planted"]) == {}
    assert commit_of_last_change(repository / "deploy" / "out", "a.yaml") is None
    assert read_file_at(repository / "deploy" / "out" / "a.yaml", "HEAD") is None


def test_a_worktree_of_a_planted_repository_is_none(repository: Path) -> None:
    """With `commondir`, `objects` and `refs` may stand elsewhere."""
    (repository / "deploy" / "out").mkdir()
    (repository / "kept").mkdir()
    plant_bare(repository / "kept", ("HEAD", "objects", "refs", "config"))
    (repository / "deploy" / "out" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository / "deploy" / "out" / "commondir").write_text("../../kept\n")
    with pytest.raises(SourceError) as refused:
        read_revision(repository / "deploy" / "out", "then")
    assert refused.value.code == "GC713"


@pytest.mark.parametrize("target", ["../kept", "../.git"])
@pytest.mark.parametrize("is_link", [False, True])
def test_a_dot_git_that_leads_into_the_repository_around_it_is_not_followed(
    repository: Path, is_link: bool, target: str
) -> None:
    (repository / "kept").mkdir()
    plant_bare(repository / "kept")
    if is_link:
        (repository / "deploy" / ".git").symlink_to(target)
    else:
        (repository / "deploy" / ".git").write_text(f"gitdir: {target}\n")
    with pytest.raises(SourceError) as refused:
        read_revision(repository / "deploy" / "out", "then")
    assert refused.value.code == "GC713"


def test_worktrees_and_submodules_are_repositories(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    commit = git(repository, "rev-parse", "then").strip()
    beside = tmp_path_factory.mktemp("beside")
    git(repository, "worktree", "add", "-q", "--detach", str(beside / "tree"), "then")
    git(repository, "worktree", "add", "-q", "--detach", str(repository / "inner"), "then")
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q", "-b", "main")
    git(other, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "cd")
    git(other / "cd", "fetch", "-q", "--tags")

    for top in (beside / "tree", repository / "inner", other / "cd"):
        assert read_revision(top / "deploy" / "out", "then").commit == commit


def test_worktrees_of_a_bare_clone_in_one_folder_are_repositories(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A layout that many use: `.bare` beside its worktrees, and a `.git` that leads to it."""
    home = tmp_path_factory.mktemp("project")
    git(home, "clone", "-q", "--bare", str(repository), ".bare")
    (home / ".git").write_text("gitdir: ./.bare\n")
    git(home, "worktree", "add", "-q", "main-tree", "main")

    assert set(read_revision(home / "main-tree" / "deploy" / "out", "then").files) == {"a.yaml", "b c.yaml"}


def test_a_folder_called_dot_git_that_is_no_repository_is_passed_over(repository: Path) -> None:
    (repository / "deploy" / ".git").mkdir()

    assert set(read_revision(repository / "deploy" / "out", "then").files) == {"a.yaml", "b c.yaml"}


def test_another_work_tree_than_the_folder_it_lies_in_is_not_believed(repository: Path) -> None:
    (repository / "deploy" / "elsewhere").mkdir()
    git(repository, "config", "core.worktree", str(repository / "deploy" / "elsewhere"))
    with pytest.raises(SourceError) as refused:
        read_revision(repository / "deploy" / "out", "then")
    assert refused.value.code == "GC713"


def test_the_repository_of_the_folder_is_asked_not_that_of_the_working_folder(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("app")
    git(other, "init", "-q", "-b", "main")
    monkeypatch.chdir(other)
    out = Path(os.path.relpath(repository / "deploy" / "out"))

    assert set(read_revision(out, "then").files) == {"a.yaml", "b c.yaml"}


@pytest.mark.parametrize("entry", [".", "", "bin", "{top}/bin", "{top}/deploy"])
def test_a_git_that_the_repository_brought_along_is_not_run(
    repository: Path, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (repository, repository / "bin", repository / "deploy"):
        place.mkdir(exist_ok=True)
        (place / "git").write_text('#!/bin/sh\ntouch ran\nexec /usr/bin/git "$@"\n')
        (place / "git").chmod(0o755)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", f"{entry.format(top=repository)}:{os.environ['PATH']}")

    assert read_revision(repository / "deploy" / "out", "then").files
    assert not list(repository.rglob("ran"))


def test_of_the_repository_that_grayc_is_called_in_no_git_is_run_either(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path_factory.mktemp("app")
    git(app, "init", "-q")
    (app / "sub").mkdir()
    (app / "git").write_text("#!/bin/sh\ntouch ran\n")
    (app / "git").chmod(0o755)
    monkeypatch.chdir(app / "sub")
    monkeypatch.setenv("PATH", f"{app}:{os.environ['PATH']}")

    assert read_revision(repository / "deploy" / "out", "then").files
    assert not list(app.rglob("ran"))


def test_variables_that_name_other_repositories_or_programs_do_not_count(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    commit = git(repository, "rev-parse", "then").strip()
    nowhere = str(tmp_path_factory.mktemp("nowhere"))
    for name in (
        "GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_SHALLOW_FILE",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_INDEX_FILE",
        "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_TRACE",
    ):  # fmt: skip
        monkeypatch.setenv(name, nowhere)
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.worktree={nowhere}'")

    assert read_revision(repository / "deploy" / "out", "then").commit == commit


def test_programs_of_the_configuration_are_not_run(repository: Path) -> None:
    (repository / ".gitattributes").write_text("* diff=own\n")
    (repository / "deploy" / "out").mkdir()
    (repository / "deploy" / "out" / "a.yaml").write_text("a\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "third")
    ran = repository / "ran"
    for key in ("core.fsmonitor", "diff.own.textconv", "diff.own.command", "diff.external", "core.pager", "pager.log"):
        git(repository, "config", key, f"touch {ran}; cat")
    git(repository, "config", "alias.log", f"!touch {ran}")
    git(repository, "config", "alias.rev-parse", f"!touch {ran}")

    folder = repository / "deploy" / "out"
    assert read_revision(folder, "HEAD").files == {"a.yaml": b"a\n"}
    assert list(days_of_arrival(folder, "a.yaml", ["a"])) == ["a"]
    assert commit_of_arrival(folder, "a.yaml", "a") == commit_of_last_change(folder, "a.yaml")
    assert tracked_of(folder, ["a.yaml", "b.yaml"]) == ("a.yaml",)
    assert not ran.exists()


def test_a_replaced_commit_is_the_one_that_it_replaces(repository: Path) -> None:
    commit = git(repository, "rev-parse", "then").strip()
    git(repository, "replace", commit, "main")

    assert read_revision(repository / "deploy" / "out", "then").files


@pytest.mark.parametrize("what", ["blob", "tree", "commit"])
def test_what_the_repository_lacks(repository: Path, what: str) -> None:
    name = {"blob": "then:deploy/out/a.yaml", "tree": "then:deploy", "commit": "then^{commit}"}[what]
    identity = git(repository, "rev-parse", name).strip()
    (repository / ".git" / "objects" / identity[:2] / identity[2:]).unlink()
    with pytest.raises(SourceError) as refused:
        read_revision(repository / "deploy" / "out", "then")
    assert refused.value.code == "GC712"


def test_a_missing_blob_of_a_partial_clone_is_not_fetched(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path_factory.mktemp("partial") / "clone"
    git(repository, "clone", "-q", "--filter=blob:none", f"file://{repository}", str(clone))
    git(clone, "config", "protocol.file.allow", "always")
    with pytest.raises(SourceError) as refused:
        read_revision(clone / "deploy" / "out", "then")
    assert refused.value.code == "GC712"


class TestDays:
    """The day on which a line came into a file, of all lines by one run of git."""

    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        git(tmp_path, "init", "-q", "-b", "main")
        (tmp_path / "out").mkdir()
        return tmp_path / "out"

    def commit(self, out: Path, day: str, *lines: str, name: str = "list") -> None:
        (out / name).write_text("".join(f"{line}\n" for line in lines))
        git(out, "add", "-A", ".")
        date = f"{day}T12:00:00 +0000"
        subprocess.run(
            ["git", "commit", "-q", "--allow-empty", "-m", day],
            cwd=out,
            check=True,
            env={**os.environ, **AUTHOR, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": "2001-01-01T00:00:00 +0000"},
        )

    def test_the_last_time_that_each_came_counts(self, out: Path) -> None:
        self.commit(out, "2026-01-01", "a", "b", "c")
        self.commit(out, "2026-01-02", "b", "c", "d")
        self.commit(out, "2026-01-03", "c", "b", "a", "d")
        self.commit(out, "2026-01-04", "a", "d", "b")
        self.commit(out, "2026-01-05", "other", name="file")

        days = {"a": "2026-01-03", "b": "2026-01-01", "d": "2026-01-02"}
        assert days_of_arrival(out, "list", ["a", "b", "c", "d", "e"]) == days

    def test_a_file_that_was_renamed_came_by_that(self, out: Path) -> None:
        self.commit(out, "2026-01-01", "a")
        git(out, "mv", "list", "new")
        self.commit(out, "2026-01-02", "a", name="new")

        assert days_of_arrival(out, "new", ["a"]) == {"a": "2026-01-02"}

    def test_line_ends_and_attributes_do_not_count(self, out: Path) -> None:
        (out / ".gitattributes").write_text("list -diff -text\n")
        self.commit(out, "2026-01-01", "a\r")

        assert days_of_arrival(out, "list", ["a"]) == {"a": "2026-01-01"}

    def test_a_side_of_a_merge_brought_it(self, out: Path) -> None:
        self.commit(out, "2026-01-01", "a", "x", "y", "z")
        git(out, "checkout", "-q", "-b", "side")
        self.commit(out, "2026-01-02", "a", "x", "y", "z", "b")
        git(out, "checkout", "-q", "main")
        self.commit(out, "2026-01-03", "c", "a", "x", "y", "z")
        git(out, "merge", "-q", "-m", "merge", "side")

        days = {"a": "2026-01-01", "b": "2026-01-02", "c": "2026-01-03"}
        assert days_of_arrival(out, "list", ["a", "b", "c"]) == days

    def test_of_a_shallow_clone_nobody_knows(self, out: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.commit(out, "2026-01-01", "a")
        self.commit(out, "2026-01-02", "a", "b")
        clone = tmp_path_factory.mktemp("shallow") / "clone"
        git(out, "clone", "-q", "--depth=1", f"file://{out.parent}", str(clone))

        assert days_of_arrival(clone / "out", "list", ["a", "b"]) == {}

    def test_git_is_run_once(self, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        lines = [str(number) for number in range(150)]
        self.commit(out, "2026-01-01", *lines)
        stand_in = tmp_path.parent / f"{tmp_path.name}-bin"
        stand_in.mkdir()
        (stand_in / "git").write_text(f'#!/bin/sh\necho "$@" >> {stand_in}/calls\nexec {shutil.which("git")} "$@"\n')
        (stand_in / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{stand_in}:{os.environ['PATH']}")

        assert days_of_arrival(out, "list", lines) == dict.fromkeys(lines, "2026-01-01")
        assert len((stand_in / "calls").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("HEAD", "objects", "refs", "a.yaml"), "`HEAD`, `objects`, `refs`"),
        (("head", "OBJECTS", "Refs"), "`head`, `OBJECTS`, `Refs`"),
        (("HEAD", "commondir"), "`HEAD`, `commondir`"),
        ((".GIT",), "`.GIT`"),
        ((".g\u200cit",), "`.g\u200cit`"),
        ((".git .",), "`.git .`"),
        (("GIT~1",), "`GIT~1`"),
        (("git", "git.yaml", ".gitkeep", ".gitattributes"), ""),
        (("HEAD", "objects", "a.yaml"), ""),
        (("HEAD.yaml", "objects.yaml", "refs.yaml", ".gitignore"), ""),
    ],
)  # fmt: skip
def test_names_that_make_a_folder_a_repository(names: tuple[str, ...], shown: str) -> None:
    assert repository_among(names) == shown
