"""Files that flags name: what is written over, and where no link leads."""

import errno
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grayc.output.create import SUMMARY_VARIABLE, Wanted, refuse_files, write_file
from grayc.source import LinkError, find_place, forget_reads, read_file

HEAD = "mine: "


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository that is worked in, beside a folder of somebody else's."""
    forget_reads()
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "deploy").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "repository")
    monkeypatch.delenv(SUMMARY_VARIABLE, raising=False)
    yield tmp_path
    forget_reads()


def wanted(path: str | Path, flag: str = "--report json=", **other: bool) -> Wanted:
    return Wanted(path=Path(path), what="report", flag=flag, is_own=lambda head: head.startswith(HEAD), **other)


def write(path: str | Path, text: str = HEAD + "new") -> str:
    """Return the code of what a write is refused for, "" where it is done; asking before must say the same."""
    before = [item.code for _, item in refuse_files([wanted(path)])]
    done = write_file(wanted(path), text)
    codes = [item.code for item in done.diagnostics]
    assert before == codes
    assert (done.value is None) == bool(codes)
    return "".join(codes)


class TestLinks:
    @pytest.mark.parametrize("to", ["../elsewhere/victim", "../elsewhere/none", "deploy/inside", "{home}/elsewhere/victim",
                                    "report.json", "/dev/stdout", "/dev/null"])  # fmt: skip
    def test_none_in_a_repository_is_followed(self, to: str, home: Path) -> None:
        (home / "elsewhere" / "victim").write_text("")
        (home / "repository" / "deploy" / "inside").write_text("")
        Path("report.json").symlink_to(to.format(home=home))

        assert write("report.json") == "GC611"
        assert write(home / "repository" / "report.json") == "GC611"
        assert write("deploy/../report.json") == "GC611"
        assert Path("report.json").is_symlink()
        assert sorted(path.name for path in (home / "elsewhere").iterdir()) == ["victim"]
        assert (home / "elsewhere" / "victim").read_text() == ""

    @pytest.mark.parametrize("path", ["link/report.json", "link/../elsewhere/report.json", "deploy/../link/a/../report.json",
                                      "deploy/chain/report.json"])  # fmt: skip
    def test_nor_of_a_folder_on_the_way(self, path: str, home: Path) -> None:
        Path("link").symlink_to("../elsewhere")
        Path("deploy/chain").symlink_to("../link")

        assert write(path) == "GC611"
        assert list((home / "elsewhere").iterdir()) == []

    def test_a_repository_is_one_wherever_the_work_is_done(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("report.json").symlink_to("../elsewhere/victim")
        monkeypatch.chdir(home / "elsewhere")

        assert write("../repository/report.json") == "GC611"

    def test_a_worktree_has_a_file_in_place_of_the_folder(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (home / "worktree").mkdir()
        (home / "worktree" / ".git").write_text("gitdir: elsewhere\n")
        (home / "worktree" / "report.json").symlink_to("../elsewhere/victim")
        monkeypatch.chdir(home / "elsewhere")

        assert write("../worktree/report.json") == "GC611"

    def test_without_a_repository_the_folders_of_work_and_specs_count(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (home / "spec" / "deep").mkdir(parents=True)
        (home / "spec" / "deep" / "report.json").symlink_to(home / "elsewhere" / "victim")
        monkeypatch.chdir(home / "spec")
        assert write("deep/report.json") == "GC611"
        monkeypatch.chdir(home)
        (home / "spec").rename(home / "other")
        monkeypatch.chdir(home / "elsewhere")

        assert [
            item.code for _, item in refuse_files([wanted("../other/deep/report.json")], near=[home / "other"])
        ] == ["GC611"]
        assert write("../other/deep/report.json") == ""

    def test_a_link_of_the_users_own_is_followed(self, home: Path) -> None:
        (home / "mine").symlink_to(home / "elsewhere")
        (home / "elsewhere" / "latest").symlink_to("report-1")

        assert write(home / "mine" / "latest") == ""
        assert (home / "elsewhere" / "report-1").read_text() == HEAD + "new"
        assert (home / "elsewhere" / "latest").is_symlink()

    def test_a_users_link_into_a_repository_ends_there(self, home: Path) -> None:
        (home / "mine").symlink_to(home / "repository")
        Path("report.json").symlink_to("../elsewhere/victim")

        assert write(home / "mine" / "report.json") == "GC611"
        assert write(home / "mine" / "other.json") == ""

    def test_links_without_end(self, home: Path) -> None:
        (home / "elsewhere" / "a").symlink_to("b")
        (home / "elsewhere" / "b").symlink_to("a")

        assert write(home / "elsewhere" / "a") == "GC602"

    def test_the_link_is_named_as_the_user_knows_it(self, home: Path) -> None:
        Path("link").symlink_to("../elsewhere")
        ((_, found),) = refuse_files([wanted("link/report.json")])

        assert "leads through `link`" in found.message
        assert "`--report json=link/report.json`" in found.message
        with pytest.raises(LinkError):
            find_place(Path("link/report.json"))

    def test_no_handle_stays_open(self, home: Path) -> None:
        Path("link").symlink_to("../elsewhere")
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208
        for path in ("link/a", "none/a", "deploy/a", "../elsewhere/a"):
            write(path)

        assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


class TestWhatIsThere:
    @pytest.mark.parametrize(("old", "code"), [("", ""), (HEAD + "old", ""), ("yours", "GC610"), ("\n", "GC610"),
                                               (" " + HEAD, "GC610"), ("x" * 5000, "GC610")])  # fmt: skip
    def test_only_its_own_form_is_written_over(self, old: str, code: str, home: Path) -> None:
        Path("report.json").write_text(old)

        assert write("report.json") == code
        assert Path("report.json").read_text() == (old if code else HEAD + "new")

    def test_nothing_else_is_left_and_the_mode_stays(self, home: Path) -> None:
        Path("report.json").write_text(HEAD)
        Path("report.json").chmod(0o640)
        inode = Path("report.json").stat().st_ino

        assert write("report.json") == ""
        assert Path("report.json").stat().st_mode & 0o777 == 0o640
        assert Path("report.json").stat().st_ino != inode, "the old file is whole until the new one is there"
        assert sorted(path.name for path in Path().iterdir()) == [".git", "deploy", "report.json"]

    def test_a_new_one_has_the_mode_of_any_new_file(self, home: Path) -> None:
        Path("other").touch()
        write("report.json")

        assert Path("report.json").stat().st_mode == Path("other").stat().st_mode

    def test_a_folder(self, home: Path) -> None:
        assert write("deploy") == "GC602"
        assert write("none/report.json") == "GC602"
        assert write("deploy/") == "GC602"
        assert write(".") == "GC602"
        assert write("a\0b") == "GC602"

    @pytest.mark.parametrize("way", ["report.json", "./deploy/../report.json", "{home}/repository/report.json", "hard"])
    def test_what_was_read_is_never_written_over(self, way: str, home: Path) -> None:
        Path("report.json").write_text(HEAD + "input")
        os.link("report.json", "hard")
        read_file(Path("report.json"))

        assert write(way.format(home=home)) == "GC612"
        assert Path("report.json").read_text() == HEAD + "input"
        forget_reads()
        assert write(way.format(home=home)) == ""

    def test_what_must_not_be_there(self, home: Path) -> None:
        new = Wanted(path=Path("release.yaml"), what="release", flag="-o", is_own=None)

        assert write_file(new, "a").value is not None
        assert [item.code for item in write_file(new, "b").diagnostics] == ["GC610"]
        assert Path("release.yaml").read_text() == "a"
        assert sorted(path.name for path in Path().iterdir()) == [".git", "deploy", "release.yaml"]

    def test_a_new_file_where_there_are_no_hard_links(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)
        new = Wanted(path=Path("release.yaml"), what="release", flag="-o", is_own=None)

        assert write_file(new, "a").value is not None
        assert Path("release.yaml").read_text() == "a"
        assert sorted(path.name for path in Path().iterdir()) == [".git", "deploy", "release.yaml"]


class TestStreams:
    def test_a_pipe_is_written_straight(self, home: Path) -> None:
        os.mkfifo("pipe")
        got: list[str] = []
        reader = threading.Thread(target=lambda: got.append(Path("pipe").read_text()))
        reader.start()

        assert write("pipe") == ""
        reader.join(120)
        assert got == [HEAD + "new"]

    def test_a_device(self, home: Path) -> None:
        assert write("/dev/null") == ""
        full = write_file(wanted("/dev/full"), "x").diagnostics
        assert [item.code for item in full] == ["GC602"]

    @pytest.mark.parametrize(
        "form", ["/dev/fd/{}", "/proc/self/fd/{}", "//dev/fd/{}", "../../../../../../../dev/fd/{}"]
    )
    def test_an_open_file_goes_on_where_it_is(self, form: str, home: Path) -> None:
        with Path("log").open("w+") as log:
            log.write("before\n")
            log.flush()

            assert write(form.format(log.fileno())) == ""
            log.write("after\n")
        assert Path("log").read_text() == f"before\n{HEAD}newafter\n"

    def test_one_that_is_not_open(self, home: Path) -> None:
        assert [item.code for item in write_file(wanted("/dev/fd/987"), "x").diagnostics] == ["GC602"]

    def test_the_summary_of_a_step_is_added_to(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        summary = home / "elsewhere" / "summary"
        summary.write_text("# By another\n")
        assert write(summary) == "GC610"
        monkeypatch.setenv(SUMMARY_VARIABLE, str(summary))

        assert write(summary) == write(summary) == ""
        assert summary.read_text() == f"# By another\n{HEAD}new{HEAD}new"

    def test_the_name_of_a_summary_leads_nowhere_else(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("report.json").write_text("yours")
        for name in ("", "none", "deploy", "a\0b"):
            if "\0" not in name:
                monkeypatch.setenv(SUMMARY_VARIABLE, name)
            assert write("report.json") == "GC610"


class TestTwoFlags:
    def test_one_file_by_two_names(self, home: Path) -> None:
        os.mkfifo("pipe")
        Path("there").write_text("")
        os.link("there", "hard")

        def codes(*paths: str) -> list[str]:
            return [item.code for _, item in refuse_files([wanted(path) for path in paths])]

        assert codes("a", "b") == []
        assert codes("a", "./a") == ["GC702"]
        assert codes("a", f"{home}/repository/deploy/../a") == ["GC702"]
        assert codes("there", "hard") == ["GC702"]
        assert codes("/dev/null", "/dev/null", "pipe", "pipe", "/dev/stdout", "/dev/stdout") == []

    def test_both_flags_are_named(self, home: Path) -> None:
        ((_, found),) = refuse_files([wanted("a"), wanted("a", "--baseline-patch")])

        assert found.message == "`--report json=a` and `--baseline-patch a` name one file"

    @pytest.mark.parametrize("path", ["out/a", "./deploy/../out/a", "out/sub/a"])
    def test_none_lies_in_the_output(self, path: str, home: Path) -> None:
        Path("out/sub").mkdir(parents=True)

        assert [item.code for _, item in refuse_files([wanted(path)], out=Path("out"))] == ["GC702"]
        assert refuse_files([wanted("out-2")], out=Path("out")) == []


@pytest.mark.parametrize("swap", ["link", "file"])
def test_what_comes_between_looking_and_writing_is_not_written_over(
    swap: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "elsewhere" / "victim").write_text("yours")
    Path("report.json").write_text(HEAD)
    real: Callable[[int], None] = os.fsync

    def change(handle: int) -> None:
        Path("report.json").unlink()
        if swap == "link":
            Path("report.json").symlink_to("../elsewhere/victim")
        else:
            Path("report.json").write_text("yours")
        real(handle)

    monkeypatch.setattr(os, "fsync", change)
    done = write_file(wanted("report.json"), HEAD + "new")

    assert [item.code for item in done.diagnostics] == ["GC602"]
    assert re.search("changed while", done.diagnostics[0].message)
    assert (home / "elsewhere" / "victim").read_text() == "yours"
    assert not any(path.name.startswith(".grayc") for path in Path().iterdir())


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_file_in_a_folder_that_is_closed_is_written_in_place(
    error: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write to every folder, so the folder's answer is put in its mouth."""
    Path("report.json").write_text(HEAD + "of more characters than the new")
    real = os.open

    def closed(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_EXCL:
            raise OSError(error, os.strerror(error))
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", closed)
    assert write("report.json") == ""
    assert Path("report.json").read_text() == HEAD + "new"
