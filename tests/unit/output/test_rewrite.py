"""New texts over files of the user: only over what was read, with permissions and links kept."""

import stat
from pathlib import Path

import pytest

from grayc.output.folder import Folder
from grayc.output.rewrite import Rewrite, rewrite_files


def rewrite(path: Path, old: str, new: str) -> Rewrite:
    return Rewrite(path=path, shown=path.name, old=old, new=new)


def test_texts_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text("old\n")

    done = rewrite_files([rewrite(tmp_path / name / "x.yaml", "old\n", f"{name}\n") for name in ("a", "b")])

    assert done.value == ("x.yaml", "x.yaml")
    assert {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == {
        "a/x.yaml": "a\n",
        "b/x.yaml": "b\n",
    }


def test_a_file_that_changed_since_it_was_read_stops_all(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("old\n")
    (tmp_path / "b.yaml").write_text("another\n")

    done = rewrite_files([rewrite(tmp_path / name, "old\n", "new\n") for name in ("a.yaml", "b.yaml")])

    assert [found.code for found in done.diagnostics] == ["GC153"]
    assert (tmp_path / "a.yaml").read_text() == "old\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


def test_permissions_and_the_mark_at_the_start_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfold\r\n")
    path.chmod(0o604)

    assert rewrite_files([rewrite(path, "old\r\n", "new\r\n")]).value
    assert path.read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_another_run_in_the_folder_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grayc.output.folder.LOCK_ATTEMPTS", 1)
    (tmp_path / "a.yaml").write_text("old\n")
    with Folder(tmp_path) as held:
        held.lock()
        done = rewrite_files([rewrite(tmp_path / "a.yaml", "old\n", "new\n")])

    assert [found.code for found in done.diagnostics] == ["GC605"]
    assert (tmp_path / "a.yaml").read_text() == "old\n"
