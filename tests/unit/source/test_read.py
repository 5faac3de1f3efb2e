import io
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from grayc.source import Roots, SourceError, SourceFile, read_file, read_source, read_stream
from grayc.source import read as module
from grayc.source.limits import MAX_FILE_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "spec"
    path.mkdir()
    return path


def read(folder: Path, name: str, *, allowed: tuple[Path, ...] = ()) -> SourceFile:
    return read_source(folder / name, name, Roots(folder=folder, allowed=allowed))


def refused(task: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        task()
    return caught.value


def test_text_and_names_are_those_of_the_file(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "x.yaml").write_bytes("é: 1\r\nb: 2\n".encode())

    source = read_source(folder / "a/x.yaml", "a/x.yaml", Roots(folder=folder, shown="releases"))

    assert source.text == "é: 1\r\nb: 2\n"
    assert (source.name, source.shown) == ("a/x.yaml", "releases/a/x.yaml")


def test_a_byte_order_mark_is_dropped_at_the_start_only(folder: Path) -> None:
    (folder / "x.yaml").write_bytes(b"\xef\xbb\xbfa: \xef\xbb\xbf1\n")

    assert read(folder, "x.yaml").text == "a: \ufeff1\n"


def test_an_empty_file_is_empty_text(folder: Path) -> None:
    (folder / "x.yaml").touch()

    assert read(folder, "x.yaml").text == ""


def test_bytes_that_are_not_utf8_are_placed(folder: Path) -> None:
    (folder / "x.yaml").write_bytes("a: 1\né: \udcff\n".encode(errors="surrogateescape"))

    error = refused(lambda: read(folder, "x.yaml"))

    assert error.code == "GC104"
    assert error.span is not None and (error.span.line, error.span.column) == (2, 4)


@pytest.mark.parametrize(
    "text", [b"\xff\xfea\x00", b"a: \xed\xa0\x80\n", b"\xc0\xaf"], ids=["utf-16", "surrogate", "overlong"]
)
def test_other_encodings_are_refused(folder: Path, text: bytes) -> None:
    (folder / "x.yaml").write_bytes(text)

    assert refused(lambda: read(folder, "x.yaml")).code == "GC104"
    assert refused(lambda: read_file(folder / "x.yaml")).code == "GC104"
    assert refused(lambda: read_stream(io.BytesIO(text), "<stdin>")).code == "GC104"


def test_a_file_that_is_not_there_is_reported(folder: Path) -> None:
    assert refused(lambda: read(folder, "x.yaml")).code == "GC101"
    assert refused(lambda: read_file(folder / "x.yaml")).code == "GC101"


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "//server/share", "~/x.yaml", "~root/x", "file:///etc/passwd", "https://host/x.yaml",
        "git@host:x.git", "ssh://host/x", r"\\server\share", r"a\b.yaml", "a\0b", "a\nb.yaml", "a\x1b[31m.yaml",
        "a\x85b", "\udcff.yaml", "a/" * 3000,
    ],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_plain_relative_path_is_refused(folder: Path, name: str) -> None:
    error = refused(lambda: read(folder, name))

    assert error.code == "GC151"
    assert error.message.isprintable()


def test_a_single_name_that_is_too_long_is_reported(folder: Path) -> None:
    assert refused(lambda: read(folder, "a" * 300 + ".yaml")).code == "GC102"


class TestNothingOutsideTheRootsIsRead:
    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        path = tmp_path / "elsewhere"
        path.mkdir()
        (path / "x.yaml").write_text("secret: 1\n")
        return path

    def test_by_a_relative_path(self, folder: Path, secret: Path) -> None:
        assert refused(lambda: read(folder, "../elsewhere/x.yaml")).code == "GC150"

    def test_whether_it_exists_or_not(self, folder: Path, secret: Path) -> None:
        there = refused(lambda: read(folder, "../elsewhere/x.yaml"))
        missing = refused(lambda: read(folder, "../elsewhere/y.yaml"))

        assert there.message.replace("x.yaml", "y.yaml") == missing.message

    def test_by_a_link_to_a_file(self, folder: Path, secret: Path) -> None:
        (folder / "x.yaml").symlink_to(secret / "x.yaml")

        assert refused(lambda: read(folder, "x.yaml")).code == "GC150"

    def test_by_a_relative_link_to_a_folder(self, folder: Path, secret: Path) -> None:
        (folder / "a").symlink_to("../elsewhere")

        assert refused(lambda: read(folder, "a/x.yaml")).code == "GC150"

    def test_by_a_chain_of_links(self, folder: Path, secret: Path) -> None:
        (folder / "one").symlink_to("two")
        (folder / "two").symlink_to(secret)

        assert refused(lambda: read(folder, "one/x.yaml")).code == "GC150"

    def test_by_a_link_and_back_up(self, folder: Path, secret: Path) -> None:
        (secret / "deep").mkdir()
        (folder / "a").symlink_to(secret / "deep")

        assert refused(lambda: read(folder, "a/../x.yaml")).code == "GC150"

    def test_in_a_folder_whose_name_begins_alike(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "spec-evil").mkdir()
        (tmp_path / "spec-evil" / "x.yaml").write_text("a: 1\n")

        assert refused(lambda: read(folder, "../spec-evil/x.yaml")).code == "GC150"

    def test_unless_its_folder_is_allowed(self, folder: Path, secret: Path) -> None:
        (folder / "x.yaml").symlink_to(secret / "x.yaml")

        assert read(folder, "x.yaml", allowed=(secret,)).text == "secret: 1\n"
        assert read(folder, "../elsewhere/x.yaml", allowed=(secret,)).text == "secret: 1\n"

    @pytest.mark.parametrize("swapped", ["a", "a/x.yaml"])
    def test_by_a_link_put_there_after_the_path_was_resolved(
        self, folder: Path, secret: Path, swapped: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "a").mkdir()
        (folder / "a" / "x.yaml").write_text("mine: 1\n")
        resolve = module.locate

        def locate_then_swap(path: Path, shown: str, roots: Roots) -> tuple[Path, Path]:
            found = resolve(path, shown, roots)
            target = folder / swapped
            target.rename(folder / "moved")
            target.symlink_to(secret if swapped == "a" else secret / "x.yaml")
            return found

        monkeypatch.setattr(module, "locate", locate_then_swap)

        assert refused(lambda: read(folder, "a/x.yaml")).code == "GC102"


class TestAnInnerLinkIsFollowed:
    def test_to_a_file_and_a_folder(self, folder: Path) -> None:
        (folder / "real").mkdir()
        (folder / "real" / "x.yaml").write_text("a: 1\n")
        (folder / "linked").symlink_to("real")
        (folder / "y.yaml").symlink_to("linked/x.yaml")

        assert read(folder, "linked/x.yaml").text == "a: 1\n"
        assert read(folder, "y.yaml").text == "a: 1\n"

    def test_but_not_for_ever(self, folder: Path) -> None:
        (folder / "x.yaml").symlink_to("x.yaml")

        assert refused(lambda: read(folder, "x.yaml")).code == "GC102"

    def test_when_the_root_itself_is_one(self, folder: Path, tmp_path: Path) -> None:
        (folder / "x.yaml").write_text("a: 1\n")
        (tmp_path / "here").symlink_to(folder)

        assert read(tmp_path / "here", "x.yaml").text == "a: 1\n"


class TestOnlyRegularFilesAreRead:
    def test_a_pipe_does_not_make_grayc_wait(self, folder: Path) -> None:
        os.mkfifo(folder / "x.yaml")

        assert refused(lambda: read(folder, "x.yaml")).code == "GC152"
        assert refused(lambda: read_file(folder / "x.yaml")).code == "GC152"

    def test_a_folder(self, folder: Path) -> None:
        (folder / "x.yaml").mkdir()

        assert refused(lambda: read(folder, "x.yaml")).code == "GC152"
        assert refused(lambda: read(folder, ".")).code == "GC152"

    def test_a_device(self, folder: Path) -> None:
        (folder / "x.yaml").symlink_to("/dev/zero")

        assert refused(lambda: read(folder, "x.yaml", allowed=(Path("/dev"),))).code == "GC152"
        assert refused(lambda: read_file(Path("/dev/zero"))).code == "GC152"

    def test_a_socket(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("x.yaml")

            assert refused(lambda: read(folder, "x.yaml")).code == "GC152"

    def test_a_file_in_place_of_a_folder(self, folder: Path) -> None:
        (folder / "a").write_text("a: 1\n")

        assert refused(lambda: read(folder, "a/x.yaml")).code in {"GC101", "GC102"}


class TestSize:
    def test_the_largest_file_is_read(self, folder: Path) -> None:
        text = "#" * MAX_FILE_BYTES
        (folder / "x.yaml").write_text(text)

        assert read(folder, "x.yaml").text == text
        assert read_stream(io.BytesIO(text.encode()), "<stdin>").text == text

    def test_one_byte_more_is_refused(self, folder: Path) -> None:
        text = "#" * (MAX_FILE_BYTES + 1)
        (folder / "x.yaml").write_text(text)

        assert refused(lambda: read(folder, "x.yaml")).code == "GC122"
        assert refused(lambda: read_stream(io.BytesIO(text.encode()), "<stdin>")).code == "GC122"

    def test_a_huge_file_is_refused_unread(self, folder: Path) -> None:
        with (folder / "x.yaml").open("wb") as file:
            file.truncate(1 << 40)

        assert refused(lambda: read(folder, "x.yaml")).code == "GC122"


class TestAFileThatChangesMeanwhile:
    @pytest.mark.parametrize("change", ["grows", "shrinks", "is written over"])
    def test_is_not_read_half_old_half_new(self, folder: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
        path = folder / "x.yaml"
        path.write_text("a: 1\n")
        os.utime(path, ns=(1, 1))
        whole = module._read_all

        def read_then_change(handle: int, size: int, most: int) -> bytes:
            data = whole(handle, size, most)
            path.write_text({"grows": "a: 1\nb: 2\n", "shrinks": "", "is written over": "a: 2\n"}[change])
            return data

        monkeypatch.setattr(module, "_read_all", read_then_change)

        assert refused(lambda: read(folder, "x.yaml")).code == "GC153"


def test_a_stream_that_can_not_be_read_is_reported() -> None:
    stream = io.BytesIO()
    stream.close()

    assert refused(lambda: read_stream(stream, "<stdin>")).code == "GC102"


def test_a_stream_keeps_its_name() -> None:
    assert read_stream(io.BytesIO(b"a: 1\n"), "<stdin>").name == "<stdin>"


def test_a_file_of_git_crypt_is_told_as_one(folder: Path) -> None:
    (folder / "x.yaml").write_bytes(b"\0GITCRYPT\0\xaa\xbb")
    error = refused(lambda: read(folder, "x.yaml"))
    assert error.code == "GC104"
    assert "git-crypt" in error.message
    assert "unlock" in error.help
