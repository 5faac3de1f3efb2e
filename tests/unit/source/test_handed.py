"""A file that is believed: it comes from the command line's side, never from a pull request."""

import os
from pathlib import Path

import pytest

from grayc.source import SourceError, handed
from grayc.source.handed import read_handed
from grayc.source.seen import forget_reads, given
from tests.unit.source.test_git import git


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with a file `in.index` that git tracks, and `own.index`, which it does not."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "in.index").write_text("tracked")
    git(folder, "add", "-A")
    (folder / "own.index").write_text("own")
    return folder


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as raised:
        read_handed(path)
    return raised.value.code


def test_outside_every_repository(tmp_path: Path) -> None:
    (tmp_path / "shop.index").write_bytes(b"\x00\xff")

    assert read_handed(tmp_path / "shop.index") == b"\x00\xff"


def test_in_a_repository_what_git_does_not_track(clone: Path) -> None:
    assert read_handed(clone / "own.index") == b"own"


@pytest.mark.parametrize("is_committed", [False, True])
def test_what_git_tracks_is_refused(clone: Path, is_committed: bool) -> None:
    if is_committed:
        git(clone, "commit", "-q", "-m", "first")

    assert refused(clone / "in.index") == "GC140"


def test_a_link_counts_and_what_it_leads_to(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "to-tracked").symlink_to(clone / "in.index")
    (clone / "to-own").symlink_to("own.index")
    git(clone, "add", "to-own")
    (clone / "to-outside").symlink_to(tmp_path / "other")
    (tmp_path / "other").write_text("other")

    assert refused(tmp_path / "to-tracked") == "GC140"
    assert refused(clone / "to-own") == "GC140"
    assert refused(clone / "to-outside") == "GC150"


def test_a_folder_behind_a_link_is_asked_where_it_is(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(clone)

    assert refused(tmp_path / "link" / "in.index") == "GC140"
    assert read_handed(tmp_path / "link" / "own.index") == b"own"


def test_a_link_on_the_way_counts(clone: Path, tmp_path: Path) -> None:
    (clone / "made").mkdir()
    (clone / "made" / "shop.index").write_text("own")
    (clone / "cache").symlink_to("made")
    (tmp_path / "first").symlink_to(clone / "cache")
    assert read_handed(clone / "cache" / "shop.index") == b"own"

    git(clone, "add", "cache")
    for way in (clone / "cache", clone / "made" / ".." / "cache", tmp_path / "first"):
        assert refused(way / "shop.index") == "GC140"
    assert read_handed(clone / "made" / "shop.index") == b"own"


def test_a_link_that_leads_to_itself_is_no_file(clone: Path) -> None:
    (clone / "loop").symlink_to("loop")

    assert refused(clone / "loop" / "shop.index") in {"GC101", "GC102", "GC150"}


def test_a_repository_around_another_is_asked_too(clone: Path) -> None:
    inner = clone / "inner"
    inner.mkdir()
    (inner / "shop.index").write_text("tracked outside")
    git(clone, "add", "inner/shop.index")
    git(inner, "init", "-q", "-b", "main")

    assert refused(inner / "shop.index") == "GC140"


def test_a_name_in_other_capitals_is_the_same(clone: Path) -> None:
    (clone / "IN.index").write_text("one file on some systems")

    assert refused(clone / "IN.index") == "GC140"


def test_a_repository_that_comes_later_counts(tmp_path: Path) -> None:
    (tmp_path / "shop.index").write_text("own")
    forget_reads()
    read_handed(tmp_path / "shop.index")

    assert str(tmp_path / ".git") in given().absent


def test_where_git_gives_no_answer_it_is_refused(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    assert refused(clone / "own.index") == "GC140"


def test_what_passes_itself_off_for_a_repository_is_not_asked(clone: Path) -> None:
    inner = clone / "inner"
    git(clone, "init", "-q", "--bare", "inner")
    (inner / "shop.index").write_text("brought along")
    git(clone, "add", "-A")

    assert refused(inner / "shop.index") == "GC140"


def test_no_program_of_the_repository_runs(clone: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = clone / "program"
    script.write_text(f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    git(clone, "config", "core.fsmonitor", str(script))
    hooks = clone / ".git" / "hooks"
    for name in ("post-index-change", "fsmonitor-watchman"):
        (hooks / name).write_text(script.read_text())
        (hooks / name).chmod(0o755)

    assert refused(clone / "in.index") == "GC140"
    assert read_handed(clone / "own.index") == b"own"
    assert not ran.exists()


def test_its_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed, "MAX_INDEX_BYTES", 10)
    (tmp_path / "small").write_bytes(b"x" * 10)
    (tmp_path / "large").write_bytes(b"x" * 11)

    assert len(read_handed(tmp_path / "small")) == 10
    assert refused(tmp_path / "large") == "GC122"


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert refused(tmp_path / "pipe") == "GC152"
    assert refused(tmp_path) == "GC152"
    assert refused(tmp_path / "missing") == "GC101"
