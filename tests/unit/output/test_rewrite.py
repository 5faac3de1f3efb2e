"""New texts over files of the user: only over what was read, with permissions and links kept."""

import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

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


NAMES = ("a/x.yaml", "b/x.yaml", "b/y.yaml")


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def lay(folder: Path) -> list[Rewrite]:
    for name in NAMES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("old\n")
    return [Rewrite(path=folder / name, shown=name, old="old\n", new="new\n") for name in NAMES]


def stopping(method: str, count: int, stop: Callable[[], object]) -> AbstractContextManager[object]:
    """Return a patch after which that call of the method does not come back."""
    calls = iter(range(99))
    real = getattr(Folder, method)

    def call(self: Folder, *given: object, **more: object) -> object:
        return stop() if next(calls) == count else real(self, *given, **more)

    return mock.patch.object(Folder, method, call)


def full() -> None:
    raise OSError(28, "No space left on device", ".grayc-edit-0")


@pytest.mark.parametrize("count", range(3))
@pytest.mark.parametrize("method", ["create", "rename"])
def test_an_error_leaves_all_files_as_they_were_and_names_the_file(tmp_path: Path, method: str, count: int) -> None:
    rewrites = lay(tmp_path)
    with stopping(method, count, full):
        (found,) = rewrite_files(rewrites).diagnostics

    assert (found.code, f"No space left on device at `{NAMES[count]}`" in found.message) == ("GC602", True)
    assert texts(tmp_path) == dict.fromkeys(NAMES, "old\n")


@pytest.mark.parametrize("count", range(3))
@pytest.mark.parametrize("method", ["create", "rename"])
def test_a_kill_leaves_whole_files_and_the_next_run_does_the_rest(tmp_path: Path, method: str, count: int) -> None:
    rewrites = lay(tmp_path)
    child = os.fork()
    if child == 0:
        with stopping(method, count, lambda: os._exit(9)):
            rewrite_files(rewrites)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    done = count if method == "rename" else 0
    left = texts(tmp_path)
    assert [left[name] for name in NAMES] == ["new\n"] * done + ["old\n"] * (3 - done)

    rest = [item for item in rewrites if left[item.shown] == "old\n"]

    assert rewrite_files(rest).value == NAMES[done:]
    assert texts(tmp_path) == dict.fromkeys(NAMES, "new\n")
