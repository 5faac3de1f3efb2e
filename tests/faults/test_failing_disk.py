"""The operating system says no: a full disk, a broken one, a read-only folder. Nothing is torn, and it says so."""

import errno
import shutil
from pathlib import Path

import pytest

from grayc.documents.load import load_baseline
from grayc.output.journal import JOURNAL
from grayc.output.write import check_folder, write_folder
from grayc.source import Roots
from tests.faults.calls import CHANGING, fail_at, watch
from tests.faults.child import returned, with_file_limit, without_rights
from tests.faults.states import (
    FIRST,
    OWNER,
    SCENES,
    UPDATE,
    Scene,
    assert_old_or_new,
    assert_repaired,
    content,
    everything,
)
from tests.faults.test_crash_loop import clean_result, rooms


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=lambda error: errno.errorcode[error])
@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_failing_at_any_call_the_folder_is_as_before_or_a_journal_stands(scene: Scene, error: int, place: Path) -> None:
    clean = clean_result(scene, place)
    before = None
    for number, out in rooms(scene, place):
        before = before or (everything(out) if out.exists() else {})

        def build(number: int = number, out: Path = out) -> tuple[bool, list[str]]:
            fault = fail_at(number, error)
            watch(fault, CHANGING)
            codes = [item.code for item in scene.build(out).diagnostics if item.code != "GC604"]
            return fault.fired, codes

        fired, codes = returned(build)
        assert_old_or_new(scene, out)
        assert codes in ([], ["GC602"])
        if codes:
            left = everything(out) if out.exists() else {}
            assert JOURNAL in left or left in (before, clean)
        assert_repaired(scene, out, clean)
        if not fired:
            assert codes == [] and number > 20
            break


def test_a_disk_that_fills_up_in_the_middle_of_a_file_leaves_the_old_state(place: Path) -> None:
    out = place / "out"
    UPDATE.set_up(out)
    before = everything(out)

    codes = returned(with_file_limit(300, lambda: [item.code for item in UPDATE.build(out).diagnostics]))

    assert codes == ["GC602"]
    assert everything(out) == before


def test_a_disk_that_is_full_from_the_start_leaves_no_folder(place: Path) -> None:
    out = place / "new" / "out"

    codes = returned(with_file_limit(5, lambda: [item.code for item in FIRST.build(out).diagnostics]))

    assert codes == ["GC602"]
    assert list(place.iterdir()) == []


def test_a_folder_that_may_not_be_written_is_left_alone(place: Path) -> None:
    out = place / "out"
    UPDATE.set_up(out)
    before = everything(out)
    out.chmod(0o555)

    codes = returned(without_rights(lambda: [item.code for item in UPDATE.build(out).diagnostics]))

    assert codes == ["GC602"]
    assert everything(out) == before


def test_a_folder_that_may_not_be_made_is_reported(place: Path) -> None:
    place.chmod(0o555)

    codes = returned(without_rights(lambda: [item.code for item in FIRST.build(place / "new" / "out").diagnostics]))

    assert codes == ["GC602"]
    assert list(place.iterdir()) == []


def test_a_folder_that_may_only_be_read_can_be_checked(place: Path) -> None:
    out = place / "out"
    UPDATE.set_up(out)
    out.chmod(0o555)

    state = returned(without_rights(lambda: check_folder(UPDATE.new, out, owner=OWNER))).value

    assert state is not None and state.is_stale


def test_an_input_that_may_not_be_read_is_reported(place: Path) -> None:
    (place / "closed").mkdir()
    for name in ("x.yaml", "closed/y.yaml"):
        (place / name).write_text("a: 1\n")
    (place / "x.yaml").chmod(0)
    (place / "closed").chmod(0)

    def codes() -> list[str]:
        loaded = load_baseline([("x.yaml", ()), ("closed", ()), ("closed/y.yaml", ())], Roots(folder=place))
        return [item.code for item in loaded.diagnostics]

    assert returned(without_rights(codes)) == ["GC102", "GC102", "GC102"]


def test_a_file_that_may_not_be_read_stops_the_run(place: Path) -> None:
    out = place / "out"
    assert write_folder({"cart.yaml": "a\n"}, out, owner=OWNER).value is not None
    (out / "cart.yaml").chmod(0)
    out.chmod(0o777)

    codes = returned(
        without_rights(lambda: [item.code for item in write_folder({"cart.yaml": "b\n"}, out, owner=OWNER).diagnostics])
    )

    assert codes == ["GC602"]
    (out / "cart.yaml").chmod(0o644)
    assert content(out) == {"cart.yaml": "a\n"}
    shutil.rmtree(out)
