import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import pytest

from grayc.diagnostics import CODES, Checked
from grayc.output import folder as folder_module
from grayc.output import write as write_module
from grayc.output.content import read_content
from grayc.output.folder import Folder
from grayc.output.inventory import INVENTORY
from grayc.output.journal import JOURNAL, STAGE_MARK, Finished, Journal
from grayc.output.write import FolderState, check_folder, finish_folder, read_folder, remove_release, write_folder

ZEROS = b"0" * 64
FILES = {"cart.api.yaml": "a: 1\n", "cart.web.yaml": "b: 1\n"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def build(files: Mapping[str, str], out: Path, owner: str = "cart") -> FolderState:
    """Check and write; both must say the same."""
    checked = check_folder(files, out, owner=owner)
    written = write_folder(files, out, owner=owner)
    assert written.value is not None, written.diagnostics
    assert checked == written
    return written.value


def refused(files: Mapping[str, str], out: Path, owner: str = "cart", protect: tuple[Path, ...] = ()) -> list[str]:
    """Check and write; both must refuse for the same reasons, and nothing may change."""
    before = snapshot(out)
    paths = tuple(map(str, protect))
    checked = check_folder(files, out, owner=owner, protect=paths)
    written = write_folder(files, out, owner=owner, protect=paths)
    assert checked == written
    assert written.value is None
    assert snapshot(out) == before
    return [diagnostic.code for diagnostic in written.diagnostics]


def snapshot(out: Path) -> dict[str, tuple[int, int, bytes]] | None:
    if not out.is_dir():
        return None
    return {
        path.name: (path.lstat().st_ino, path.lstat().st_mtime_ns, path.read_bytes() if is_small(path) else b"")
        for path in sorted(out.iterdir())
    }


def is_small(path: Path) -> bool:
    return path.is_file() and path.stat().st_size < 1 << 20


def texts(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(out.iterdir()) if path.name != INVENTORY}


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def codes(checked: Checked[Any]) -> list[str]:
    return [diagnostic.code for diagnostic in checked.diagnostics]


class TestWriting:
    def test_a_first_folder_is_made_with_its_parents(self, tmp_path: Path) -> None:
        out = tmp_path / "a" / "b" / "out"

        state = build(FILES, out)

        assert state.added == ("cart.api.yaml", "cart.web.yaml")
        assert texts(out) == FILES
        assert sorted(path.name for path in out.parent.iterdir()) == ["out"]

    def test_an_empty_folder_is_filled(self, out: Path) -> None:
        out.mkdir()

        build(FILES, out)

        assert texts(out) == FILES

    def test_a_second_run_touches_nothing(self, out: Path) -> None:
        build(FILES, out)
        before, folder = snapshot(out), out.stat().st_mtime_ns

        state = build(FILES, out)

        assert not state.is_stale and state.unchanged == tuple(FILES)
        assert (snapshot(out), out.stat().st_mtime_ns) == (before, folder)

    def test_only_what_changed_is_written(self, out: Path) -> None:
        build(FILES, out)
        before = snapshot(out) or {}

        state = build({**FILES, "cart.web.yaml": "b: 2\n", "cart.zone.yaml": "c: 1\n"}, out)

        assert state.added == ("cart.zone.yaml",)
        assert (state.changed, state.unchanged) == (("cart.web.yaml",), ("cart.api.yaml",))
        assert (snapshot(out) or {})["cart.api.yaml"] == before["cart.api.yaml"]
        assert texts(out) == {"cart.api.yaml": "a: 1\n", "cart.web.yaml": "b: 2\n", "cart.zone.yaml": "c: 1\n"}

    def test_what_the_release_no_longer_has_goes(self, out: Path) -> None:
        build(FILES, out)

        state = build({"cart.api.yaml": "a: 1\n"}, out)

        assert state.removed == ("cart.web.yaml",)
        assert texts(out) == {"cart.api.yaml": "a: 1\n"}

    def test_a_deleted_file_comes_back(self, out: Path) -> None:
        build(FILES, out)
        (out / "cart.web.yaml").unlink()

        assert build(FILES, out).added == ("cart.web.yaml",)

    def test_text_is_utf8_with_its_own_line_ends(self, out: Path) -> None:
        build({"cart.yaml": "a: é\u2028\nb: 'x\rx'\n"}, out)

        assert (out / "cart.yaml").read_bytes() == "a: é\u2028\nb: 'x\rx'\n".encode()

    @pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o644), (0o022, 0o644), (0o077, 0o600)])
    def test_files_are_readable_as_far_as_the_umask_lets_them(self, out: Path, umask: int, mode: int) -> None:
        previous = os.umask(umask)
        try:
            build(FILES, out)
        finally:
            os.umask(previous)

        assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {mode}

    def test_an_empty_compile_is_a_fault_of_the_caller(self, out: Path) -> None:
        build(FILES, out)

        for function in (write_folder, check_folder):
            with pytest.raises(ValueError, match="no files"):
                function({}, out, owner="cart")
        with pytest.raises(ValueError, match="no owner"):
            write_folder(FILES, out, owner="")
        assert texts(out) == FILES

    def test_checking_writes_nothing(self, out: Path) -> None:
        checked = check_folder(FILES, out, owner="cart")

        assert checked.value is not None and checked.value.is_stale
        assert not out.exists() and list(out.parent.iterdir()) == []

    def test_line_ends_that_a_checkout_changed_are_no_change(self, out: Path) -> None:
        build(FILES, out)
        for path in out.iterdir():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

        assert not build(FILES, out).is_stale


class TestTheInventory:
    def test_depends_on_the_files_alone(self, tmp_path: Path) -> None:
        for name in ("one", "two/deep"):
            build({"b.yaml": "2\n", "a.yaml": "1\n"}, tmp_path / name)
        build({"x.yaml": "2\n", "a.yaml": "3\n"}, tmp_path / "three")
        build({"a.yaml": "1\n", "b.yaml": "2\n"}, tmp_path / "three")

        assert len({(tmp_path / name / INVENTORY).read_bytes() for name in ("one", "two/deep", "three")}) == 1

    def test_has_owner_and_digest_of_every_file(self, out: Path) -> None:
        build({"b.yaml": "2\n", "a.yaml": "1\n"}, out)
        build({"shop.yaml": "3\n"}, out, "shop")

        data = json.loads((out / INVENTORY).read_text())

        assert list(data["files"]) == ["a.yaml", "b.yaml", "shop.yaml"]
        assert data["files"]["shop.yaml"] == {
            "owner": "shop",
            "sha256": "1121cfccd5913f0a63fec40a6ffd44ea64f9dc135c66634ba001d10bcf4302a2",
        }

    def test_has_no_name_that_kubectl_reads(self, out: Path) -> None:
        build(FILES, out)

        assert [name for name in names(out) if name.endswith((".yaml", ".yml", ".json"))] == sorted(FILES)

    def test_that_is_gone_is_made_again_where_all_files_are_as_they_would_be(self, out: Path) -> None:
        build(FILES, out)
        before = (out / INVENTORY).read_bytes()
        (out / INVENTORY).unlink()

        state = build(FILES, out)

        assert state.is_stale and state.unchanged == tuple(FILES)
        assert (out / INVENTORY).read_bytes() == before

    @pytest.mark.parametrize(
        "text",
        [
            b"", b"{", b"[]", b"null", b"\xff", b"{}", b'{"format": "grayc.inventory/v9", "files": {}}',
            b'{"format": "grayc.inventory/v1"}', b'{"format": "grayc.inventory/v1", "files": []}',
            b'{"format": "grayc.inventory/v1", "files": {"../x.yaml": {"owner": "cart", "sha256": "%s"}}}' % ZEROS,
            b'{"format": "grayc.inventory/v1", "files": {"a.yaml": {"owner": "cart", "sha256": "0"}}}',
            b'{"format": "grayc.inventory/v1", "files": {"a.yaml": {"owner": 1, "sha256": "%s"}}}' % ZEROS,
            b'{"format": "grayc.inventory/v1", "files": {"a.yaml": "x"}}',
            b'{"format": "grayc.inventory/v1", "files": {}, "files": {}}',
            b"<<<<<<< HEAD\n{}\n=======\n", b"[" * 100_000, b"9" * 5000,
        ],
        ids=range(17),
    )  # fmt: skip
    def test_that_is_damaged_stops_the_run(self, out: Path, text: bytes) -> None:
        build(FILES, out)
        (out / INVENTORY).write_bytes(text)

        assert refused({"cart.api.yaml": "new\n"}, out) == ["GC606"]

    def test_that_is_huge_a_link_or_a_pipe_is_not_read(self, out: Path, tmp_path: Path) -> None:
        build(FILES, out)
        inventory = out / INVENTORY
        with inventory.open("wb") as file:
            file.truncate(1 << 40)
        assert refused(FILES, out) == ["GC602"]
        inventory.unlink()
        (tmp_path / "elsewhere").write_text("{}")
        inventory.symlink_to(tmp_path / "elsewhere")
        assert refused(FILES, out) == ["GC602"]
        inventory.unlink()
        os.mkfifo(inventory)
        assert refused(FILES, out) == ["GC602"]


class TestWhatIsNotOurs:
    def test_stays_and_is_reported(self, out: Path) -> None:
        build(FILES, out)
        (out / "kustomization.yaml").write_text("resources: []\n")
        (out / "README").write_text("read me\n")
        (out / "sub").mkdir()
        (out / ".gitkeep").touch()

        checked = check_folder(FILES, out, owner="cart")
        written = write_folder({"cart.api.yaml": "a: 2\n"}, out, owner="cart")

        assert codes(checked) == codes(written) == ["GC604"]
        assert checked.value is not None and checked.value.foreign == ("README", "kustomization.yaml")
        assert not checked.value.is_stale
        assert names(out) == [".gitkeep", INVENTORY, "README", "cart.api.yaml", "kustomization.yaml", "sub"]
        assert (out / "kustomization.yaml").read_text() == "resources: []\n"

    def test_is_not_overwritten(self, out: Path) -> None:
        out.mkdir()
        (out / "cart.api.yaml").write_text("mine\n")

        assert refused(FILES, out) == ["GC610"]

    def test_is_not_read_where_it_is_huge(self, out: Path) -> None:
        out.mkdir()
        with (out / "cart.api.yaml").open("wb") as file:
            file.truncate(1 << 40)

        assert refused(FILES, out) == ["GC610"]

    def test_is_taken_over_where_it_has_our_text(self, out: Path) -> None:
        out.mkdir()
        (out / "cart.api.yaml").write_text("a: 1\n")

        assert build(FILES, out).unchanged == ("cart.api.yaml",)
        assert build({"cart.web.yaml": "b: 1\n"}, out).removed == ("cart.api.yaml",)

    @pytest.mark.parametrize("listed", [False, True])
    @pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
    def test_is_not_followed_or_opened(self, out: Path, tmp_path: Path, kind: str, listed: bool) -> None:
        if listed:
            build(FILES, out)
            (out / "cart.api.yaml").unlink()
        else:
            out.mkdir()
        target = tmp_path / "elsewhere.yaml"
        target.write_text("a: 1\n")
        match kind:
            case "link":
                (out / "cart.api.yaml").symlink_to(target)
            case "dangling link":
                (out / "cart.api.yaml").symlink_to(tmp_path / "nothing")
            case "folder":
                (out / "cart.api.yaml").mkdir()
            case _:
                os.mkfifo(out / "cart.api.yaml")

        assert refused(FILES, out) == ["GC603" if listed else "GC610"]
        assert target.read_text() == "a: 1\n"
        assert not (tmp_path / "nothing").exists()


class TestHandEditedFiles:
    def test_are_not_overwritten(self, out: Path) -> None:
        build(FILES, out)
        (out / "cart.web.yaml").write_text("b: 7\n")

        assert refused({**FILES, "cart.new.yaml": "c: 1\n"}, out) == ["GC603"]

    def test_are_not_removed(self, out: Path) -> None:
        build(FILES, out)
        (out / "cart.web.yaml").write_text("b: 7\n")

        assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC603"]

    def test_are_reported_each(self, out: Path) -> None:
        build(FILES, out)
        for name in FILES:
            (out / name).write_text("mine\n")

        assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC603", "GC603"]

    def test_are_fine_where_the_edit_is_what_grayc_writes_now(self, out: Path) -> None:
        build(FILES, out)
        (out / "cart.web.yaml").write_text("b: 2\n")

        assert build({**FILES, "cart.web.yaml": "b: 2\n"}, out).unchanged == tuple(FILES)
        assert not build({**FILES, "cart.web.yaml": "b: 2\n"}, out).is_stale

    def test_of_another_release_do_not_matter(self, out: Path) -> None:
        build(FILES, out)
        build({"shop.yaml": "1\n"}, out, "shop")
        (out / "cart.web.yaml").write_text("b: 7\n")

        assert build({"shop.yaml": "2\n"}, out, "shop").changed == ("shop.yaml",)


class TestSeveralReleases:
    def test_share_a_folder(self, out: Path) -> None:
        build(FILES, out)
        build({"shop.yaml": "1\n"}, out, "shop")

        state = build({"cart.api.yaml": "a: 2\n"}, out)

        assert (state.changed, state.removed, state.foreign) == (("cart.api.yaml",), ("cart.web.yaml",), ())
        assert texts(out) == {"cart.api.yaml": "a: 2\n", "shop.yaml": "1\n"}
        assert not check_stale({"shop.yaml": "1\n"}, out, "shop")

    def test_do_not_claim_one_file(self, out: Path) -> None:
        build(FILES, out)

        assert refused({"cart.api.yaml": "a: 1\n"}, out, "shop") == ["GC601"]


def check_stale(files: Mapping[str, str], out: Path, owner: str) -> bool:
    checked = check_folder(files, out, owner=owner)
    assert checked.value is not None
    return checked.value.is_stale


class TestMassRemoval:
    MANY: ClassVar = {f"cart.{number}.yaml": f"{number}\n" for number in range(6)}

    def keep(self, count: int) -> dict[str, str]:
        return dict(list(self.MANY.items())[:count])

    def test_of_more_than_half_is_refused(self, out: Path) -> None:
        build(self.MANY, out)

        assert refused(self.keep(2), out) == ["GC609"]

    def test_of_half_is_done(self, out: Path) -> None:
        build(self.MANY, out)

        assert len(build(self.keep(3), out).removed) == 3

    def test_is_done_where_it_is_meant(self, out: Path) -> None:
        build(self.MANY, out)

        taken = remove_release(out, owner="cart")

        assert taken.value is not None and len(taken.value.removed) == 6

    def test_is_not_what_a_small_release_does(self, out: Path) -> None:
        build(self.keep(2), out)

        assert len(build({"cart.yaml": "all\n"}, out).removed) == 2

    def test_counts_the_files_of_the_release_alone(self, out: Path) -> None:
        build(self.MANY, out)
        build({f"shop.{number}.yaml": "1\n" for number in range(20)}, out, "shop")

        assert refused(self.keep(2), out) == ["GC609"]

    def test_done_by_hand_before_is_no_concern(self, out: Path) -> None:
        build(self.MANY, out)
        for name in list(self.MANY)[1:]:
            (out / name).unlink()

        assert build(self.keep(1), out).removed == ()


class TestFileNames:
    @pytest.mark.parametrize(
        "name",
        [
            "", ".", "..", "a", "a.txt", ".yaml", ".a.yaml", "-rf.yaml", "a/b.yaml", "../a.yaml", "/a.yaml",
            r"a\b.yaml", "a\nb.yaml", "a.yaml\n", "a\0.yaml", "é.yaml", "a b.yaml", "b.YAML", "a" * 300 + ".yaml",
            ".grayc-inventory",
        ],
        ids=ascii,
    )  # fmt: skip
    def test_that_could_lead_elsewhere_are_refused(self, out: Path, name: str) -> None:
        assert refused({"a.yaml": "a: 1\n", name: "b: 1\n"}, out) == ["GC608"]
        assert not out.exists()

    def test_that_differ_only_in_case_are_refused(self, out: Path) -> None:
        assert refused({"a.yaml": "1\n", "A.yaml": "2\n"}, out) == ["GC601"]

    def test_of_255_characters_are_written(self, out: Path) -> None:
        build({"a" * 250 + ".yaml": "1\n"}, out)


class TestThePlace:
    def test_is_no_file(self, out: Path) -> None:
        out.write_text("mine\n")

        assert refused(FILES, out) == ["GC608"]
        assert out.read_text() == "mine\n"

    def test_is_no_link(self, out: Path, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        out.symlink_to("real")

        assert refused(FILES, out) == ["GC608"]
        assert list((tmp_path / "real").iterdir()) == []

    def test_may_lie_behind_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "linked").symlink_to("real")

        build(FILES, tmp_path / "linked" / "out")

        assert texts(tmp_path / "real" / "out") == FILES

    def test_is_not_the_root_of_a_repository(self, out: Path) -> None:
        (out / ".git").mkdir(parents=True)

        assert refused(FILES, out) == ["GC608"]

    def test_is_not_the_working_folder(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        out.mkdir()
        monkeypatch.chdir(out)

        assert refused(FILES, Path()) == ["GC608"]
        assert refused(FILES, out) == ["GC608"]

    def test_is_not_the_home_folder(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        out.mkdir()
        monkeypatch.setenv("HOME", str(out))

        assert refused(FILES, out) == ["GC608"]

    def test_is_not_the_root_folder(self) -> None:
        assert codes(check_folder(FILES, Path("/"), owner="cart")) == ["GC608"]

    def test_has_a_name_that_can_be_written(self, tmp_path: Path) -> None:
        assert refused(FILES, tmp_path / "a\0b") == ["GC608"]
        assert codes(write_folder(FILES, tmp_path / ("a" * 300), owner="cart")) == ["GC608"]
        assert codes(write_folder(FILES, tmp_path / ("a" * 250), owner="cart")) == ["GC602"]

    def test_does_not_lie_in_a_baseline_folder(self, tmp_path: Path) -> None:
        base = tmp_path / "base"
        base.mkdir()

        assert refused(FILES, base / "gray" / "out", protect=(base,)) == ["GC154"]
        assert refused(FILES, base, protect=(base,)) == ["GC154"]

    def test_does_not_lie_in_one_by_way_of_a_link(self, tmp_path: Path) -> None:
        base = tmp_path / "base"
        base.mkdir()
        (tmp_path / "linked").symlink_to("base")

        assert refused(FILES, tmp_path / "linked" / "out", protect=(base,)) == ["GC154"]

    def test_holds_no_file_that_is_read(self, out: Path) -> None:
        (out / "deep").mkdir(parents=True)
        (out / "deep" / "a.yaml").touch()

        assert refused(FILES, out, protect=(out / "deep" / "a.yaml",)) == ["GC154"]

    def test_may_lie_beside_what_is_read(self, tmp_path: Path) -> None:
        base = tmp_path / "out-base"
        base.mkdir()
        (tmp_path / "release.yaml").touch()

        read = (str(base), str(tmp_path / "release.yaml"))

        written = write_folder(FILES, tmp_path / "out", owner="cart", protect=read)

        assert written.value is not None


class TestOtherRuns:
    def test_that_do_not_end_are_not_waited_for_for_ever(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folder_module, "LOCK_ATTEMPTS", 2)
        build(FILES, out)

        with Folder(out) as held:
            held.lock()
            assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC605"]
        assert build({"cart.api.yaml": "a: 2\n"}, out).changed == ("cart.api.yaml",)

    def test_that_only_look_do_not_stop_each_other(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folder_module, "LOCK_ATTEMPTS", 2)
        build(FILES, out)

        with Folder(out) as held:
            held.lock(shared=True)
            assert codes(check_folder(FILES, out, owner="cart")) == []

    def test_that_make_the_folder_first_are_joined(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lock = Folder.lock

        def lock_late(folder: Folder, *, shared: bool = False) -> None:
            if not out.exists():
                out.mkdir()
                (out / "README").write_text("here first\n")
            lock(folder, shared=shared)

        monkeypatch.setattr(Folder, "lock", lock_late)

        written = write_folder(FILES, out, owner="cart")

        assert written.value is not None and written.value.foreign == ("README",)
        assert texts(out) == {**FILES, "README": "here first\n"}
        assert names(out.parent) == ["out"]

    def test_that_replace_the_folder_are_noticed(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        build(FILES, out)
        monkeypatch.setattr(Folder, "is_at", lambda self, path: False)

        assert codes(write_folder({"cart.api.yaml": "a: 2\n"}, out, owner="cart")) == ["GC605"]
        assert texts(out) == FILES


class TestLeftOvers:
    def test_of_a_run_killed_before_its_journal_are_thrown_away(self, out: Path) -> None:
        build(FILES, out)
        for name in (".grayc-new-0", ".grayc-new-inventory", ".grayc-new-journal"):
            (out / name).write_text("half")

        assert not check_stale(FILES, out, "cart")
        build({**FILES, "cart.web.yaml": "b: 2\n"}, out)

        assert names(out) == [INVENTORY, "cart.api.yaml", "cart.web.yaml"]

    @pytest.mark.parametrize(
        "text",
        [
            b"", b"{}", b'{"format": "grayc.journal/v2"}', b'{"format": "grayc.journal/v1", "replace": [], "remove": []}',
            b"\xff", b"<<<<<<< ours", b"[" * 100_000,
        ],
        ids=range(7),
    )  # fmt: skip
    def test_a_journal_that_grayc_did_not_write_is_not_followed(self, out: Path, text: bytes) -> None:
        build(FILES, out)
        (out / JOURNAL).write_bytes(text)
        before = raw(out)

        assert refused(FILES, out) == ["GC640"]
        assert codes(remove_release(out, owner="cart")) == codes(finish_folder(out)) == ["GC640"]
        assert codes(read_folder(out)) == codes(check_folder(FILES, out, owner="cart")) == ["GC640"]
        assert codes(read_content(out, lambda name, listed: True)) == ["GC640"]
        assert raw(out) == before

    def test_an_honest_one_is_finished_and_that_is_said(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n", "cart.zone.yaml": "z: 1\n"}, out)
        assert codes(check_folder({"cart.api.yaml": "a: 2\n"}, out, owner="cart")) == ["GC607"]

        written = write_folder({"cart.api.yaml": "a: 2\n", "cart.zone.yaml": "z: 1\n"}, out, owner="cart")

        assert codes(written) == ["GC641"]
        assert "release `cart`" in written.diagnostics[0].message
        assert "2 files written and 1 file removed" in written.diagnostics[0].message
        assert texts(out) == {"cart.api.yaml": "a: 2\n", "cart.zone.yaml": "z: 1\n"}
        assert codes(write_folder(texts(out), out, owner="cart")) == []

    def test_that_another_release_was_being_written_is_said_by_the_run_that_finishes_it(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)

        written = write_folder({"shop.yaml": "s: 1\n"}, out, owner="shop")

        assert codes(written) == ["GC641"]
        assert texts(out) == {"cart.api.yaml": "a: 2\n", "shop.yaml": "s: 1\n"}

    @pytest.mark.parametrize("what", [JOURNAL, ".grayc-new-0", ".grayc-new-inventory"])
    @pytest.mark.parametrize("how", ["copied", "touched", "linked"])
    def test_one_file_that_is_another_is_enough_not_to_believe_it(self, out: Path, what: str, how: str) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)
        path = out / what
        if how == "touched":
            os.utime(path, ns=(0, 0))
        else:
            path.rename(out.parent / "kept")
            if how == "linked":
                path.symlink_to("../kept")
            else:
                shutil.copy2(out.parent / "kept", path)
        before = raw(out)

        assert refused({"cart.api.yaml": "a: 3\n"}, out) == ["GC640"]
        assert raw(out) == before

    @pytest.mark.parametrize("copy", ["cp -a", "cp -r", "tar", "git"])
    def test_a_copy_of_a_folder_with_one_is_not_finished(self, out: Path, copy: str) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)
        there = out.parent / "there"
        there.mkdir()
        commands = {
            "cp -a": "cp -a out there/",
            "cp -r": "cp -r out there/",
            "tar": "tar -cf - out | tar -xf - -C there",
            "git": "git init -q . && git add -Af out && git -c user.name=a -c user.email=a@b commit -qm x"
            " && git clone -q . there/new && mv there/new/out there/",
        }
        subprocess.run(commands[copy], shell=True, cwd=out.parent, check=True)
        before = raw(there / "out")

        assert refused({"cart.api.yaml": "a: 2\n"}, there / "out") == ["GC640"]
        assert raw(there / "out") == before

    def test_one_that_git_tracks_is_not_followed(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)
        for command in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *command], cwd=out.parent, check=True)

        written = write_folder({"cart.api.yaml": "a: 2\n"}, out, owner="cart")

        assert codes(written) == ["GC640"]
        assert "git tracks" in written.diagnostics[0].message
        assert FILES.items() <= texts(out).items()

    @pytest.mark.parametrize(
        "change",
        [
            {"remove": [{"file": "mine.yaml", "old": hashlib.sha256(b"mine\n").hexdigest()}]},
            {"remove": [{"file": "shop.yaml", "old": hashlib.sha256(b"s: 1\n").hexdigest()}]},
            {"remove": [{"file": "../x.yaml", "old": "0" * 64}]},
            {"remove": [{"file": ".gitignore", "old": "0" * 64}]},
            {"remove": [{"file": "cart.api.yaml", "old": hashlib.sha256(b"a: 1\n").hexdigest()}]},
            {"owner": "shop"},
            {"inventory.old": "0" * 64},
            {"inventory.old": None},
            {"inventory.new": "0" * 64},
            {"replace.file": "mine.yaml"},
            {"replace.file": "shop.yaml"},
            {"replace.file": "../x.yaml"},
            {"replace.from": "mine.yaml"},
            {"replace.from": ".grayc-new-inventory"},
            {"replace.old": "0" * 64},
            {"replace.new": "0" * 64},
            {"replace.mark": {"device": "1"}},
            {"replace": [7]},
        ],
        ids=str,
    )  # fmt: skip
    def test_one_that_asks_for_more_than_the_inventory_lets_it_is_not_followed(
        self, out: Path, change: dict[str, object]
    ) -> None:
        """Even where every file is the one that it says: what it says is written over in its place."""
        build(FILES, out)
        build({"shop.yaml": "s: 1\n"}, out, owner="shop")
        (out / "mine.yaml").write_text("mine\n")
        kill({"cart.api.yaml": "a: 2\n"}, out)
        data = json.loads((out / JOURNAL).read_text())
        for path, value in change.items():
            key, _, inner = path.partition(".")
            if inner:
                (data[key][0] if key == "replace" else data[key])[inner] = value
            else:
                data[key] = value
        (out / JOURNAL).write_text(json.dumps(data))
        os.utime(out / JOURNAL, ns=(data["mark"]["modified"],) * 2)
        before = raw(out)

        assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC640"]
        assert raw(out) == before

    def test_a_new_inventory_that_lists_what_nobody_wrote_is_not_followed(self, out: Path) -> None:
        """A file of somebody else's under this release's name, and one more of another's."""
        for row in ({"owner": "cart", "sha256": "1" * 64}, {"owner": "other", "sha256": "1" * 64}):
            shutil.rmtree(out, ignore_errors=True)
            build(FILES, out)
            kill({"cart.api.yaml": "a: 2\n"}, out)
            waiting = out / ".grayc-new-inventory"
            listed = json.loads(waiting.read_text())
            listed["files"]["evil.yaml"] = row
            data = json.loads((out / JOURNAL).read_text())
            with waiting.open("r+") as stream:
                stream.write(json.dumps(listed))
                stream.truncate()
            data["inventory"]["new"] = digest_of(waiting.read_text())
            (out / JOURNAL).write_text(json.dumps(data))
            os.utime(waiting, ns=(data["inventory"]["mark"]["modified"],) * 2)
            os.utime(out / JOURNAL, ns=(data["mark"]["modified"],) * 2)

            assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC640"]

    def test_once_the_inventory_has_moved_on_it_is_not_followed(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)
        listed = json.loads((out / INVENTORY).read_text())
        listed["files"]["shop.yaml"] = {"owner": "shop", "sha256": "0" * 64}
        (out / INVENTORY).write_text(json.dumps(listed))

        assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC640"]

    def test_a_file_edited_after_the_crash_is_kept(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)
        (out / "cart.api.yaml").write_text("mine\n")

        written = write_folder({**FILES, "cart.api.yaml": "a: 2\n"}, out, owner="cart")

        assert codes(written) == ["GC641", "GC603"]
        assert (out / "cart.api.yaml").read_text() == "mine\n"

    def test_a_file_edited_after_the_crash_is_not_removed(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 1\n"}, out)
        (out / "cart.web.yaml").write_text("mine\n")

        written = write_folder({"cart.api.yaml": "a: 1\n"}, out, owner="cart")

        assert codes(written) == ["GC641", "GC603"]
        assert (out / "cart.web.yaml").read_text() == "mine\n"

    def test_without_one_of_its_new_texts_it_is_not_finished(self, out: Path) -> None:
        build(FILES, out)
        kill({"cart.api.yaml": "a: 2\n"}, out)
        (out / ".grayc-new-0").unlink()

        assert refused({"cart.api.yaml": "a: 2\n"}, out) == ["GC640"]
        (out / JOURNAL).unlink()
        assert codes(write_folder(FILES, out, owner="cart")) == []


class TestTheFolderBesideItsPlace:
    def stage(self, out: Path) -> Path:
        stage = out.parent / ".grayc-new-out"
        stage.mkdir()
        return stage

    def planted(self, out: Path) -> Path:
        """A stage that is whole but for its last step, made elsewhere."""
        stage = self.stage(out)
        build({**FILES, "evil.yaml": "e: 1\n"}, out.parent / "made")
        for path in (out.parent / "made").iterdir():
            path.rename(stage / path.name)
        (out.parent / "made").rmdir()
        return stage

    def test_that_somebody_brought_along_is_not_taken(self, out: Path) -> None:
        stage = self.planted(out)
        before = raw(stage)

        assert codes(write_folder(FILES, out, owner="cart")) == ["GC640"]
        assert raw(stage) == before
        assert not out.exists()

    @pytest.mark.parametrize("name", ["evil.yaml", ".grayc-new-0", ".hidden", "inner/evil.yaml", JOURNAL])
    def test_with_anything_in_it(self, out: Path, name: str) -> None:
        path = self.stage(out) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x: 1\n")

        assert codes(write_folder(FILES, out, owner="cart")) == ["GC640"]
        assert path.exists()

    def test_that_is_empty_or_half_marked_is_taken(self, out: Path) -> None:
        (self.stage(out) / STAGE_MARK).write_text('{"format": ')

        assert codes(write_folder(FILES, out, owner="cart")) == []
        assert names(out) == [INVENTORY, *FILES]
        assert names(out.parent) == ["out"]

    def test_that_was_made_here_is_taken_up_but_not_with_what_came_to_it(
        self, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        killed_stage(out, monkeypatch)
        stage = out.parent / ".grayc-new-out"
        (stage / "evil.yaml").write_text("e: 1\n")

        assert codes(write_folder(FILES, out, owner="cart")) == ["GC640"]
        assert not out.exists()
        (stage / "evil.yaml").unlink()
        assert codes(write_folder({"shop.yaml": "s: 1\n"}, out, owner="shop")) == ["GC641"]
        assert names(out) == [INVENTORY, *FILES, "shop.yaml"]

    def test_that_was_made_here_and_copied_is_not(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        killed_stage(out, monkeypatch)
        subprocess.run(
            "cp -a .grayc-new-out kept; rm -r .grayc-new-out; mv kept .grayc-new-out",
            shell=True,
            cwd=out.parent,
            check=True,
        )

        assert codes(write_folder(FILES, out, owner="cart")) == ["GC640"]

    def test_that_git_tracks_is_not(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        killed_stage(out, monkeypatch)
        for command in (["init", "-q"], ["add", "-Af", "."]):
            subprocess.run(["git", *command], cwd=out.parent, check=True)

        assert codes(write_folder(FILES, out, owner="cart")) == ["GC640"]


def killed_stage(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the folder beside its place as a run does that is killed before it renames it."""

    def killed(stage: Folder) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(write_module, "refuse_strangers", killed)
        with pytest.raises(KeyboardInterrupt):
            write_folder(FILES, out, owner="cart")


def kill(files: dict[str, str], out: Path) -> None:
    """Leave a folder as a run does that is killed when its journal stands."""

    def killed(folder: Folder, journal: Journal) -> Finished:
        raise KeyboardInterrupt

    with mock.patch.object(write_module, "finish", killed), pytest.raises(KeyboardInterrupt):
        write_folder(files, out, owner="cart")


def raw(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if not path.is_dir()}


def digest_of(text: str) -> str:
    return folder_module.digest([text.encode()])


def test_a_digest_does_not_depend_on_how_the_text_is_cut() -> None:
    text = b"a\r\nb\r\r\nc\rd\n\r\n\r"
    cuts = [[text[:cut], text[cut:]] for cut in range(len(text) + 1)]

    expected = hashlib.sha256(b"a\nb\r\nc\rd\n\n\r").hexdigest()
    assert {folder_module.digest(chunks) for chunks in cuts} == {expected}


def test_every_refusal_has_the_exit_status_of_its_cause() -> None:
    machine = ("GC154", "GC602", "GC605", "GC606", "GC607", "GC608")

    assert {CODES[code].exit_status for code in machine} == {2}
    assert {CODES[code].exit_status for code in ("GC601", "GC603", "GC609", "GC610")} == {1}
