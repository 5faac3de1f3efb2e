"""Kill the writer before every call to the operating system: no file is torn, and the next run repairs all."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grayc.output.journal import JOURNAL
from grayc.output.write import check_folder
from tests.faults.calls import Counter, fail_at, kill_at, watch
from tests.faults.child import Outcome, returned, run_child
from tests.faults.states import OWNER, SCENES, UPDATE, Scene, assert_old_or_new, assert_repaired, everything

MOST_CALLS = 1000


def build_under(fault: Counter, scene: Scene, out: Path) -> Outcome:
    def build() -> list[str]:
        watch(fault)
        return [diagnostic.code for diagnostic in scene.build(out).diagnostics]

    return run_child(build)


def clean_result(scene: Scene, place: Path) -> dict[str, bytes]:
    out = place / "clean" / "out"
    scene.set_up(out)
    assert scene.build(out).value is not None
    return everything(out)


def rooms(scene: Scene, place: Path, *, every: int = 1) -> Iterator[tuple[int, Path]]:
    """Yield 1, 2, 3, …, or every n-th of them, and a fresh output folder for each."""
    model = place / "model"
    model.mkdir()
    scene.set_up(model / "out")
    for number in range(every, MOST_CALLS, every):
        room = place / str(number)
        shutil.copytree(model, room)
        yield number, room / "out"
        shutil.rmtree(room)
    pytest.fail("the run does not end")


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_killed_at_any_call_files_are_old_or_new_and_the_next_run_repairs(scene: Scene, place: Path) -> None:
    clean = clean_result(scene, place)
    killed = journals = 0
    for number, out in rooms(scene, place):
        outcome = build_under(kill_at(number), scene, out)
        assert_old_or_new(scene, out)
        if not outcome.was_killed:
            assert outcome.status == 0
            break
        killed += 1
        if (out / JOURNAL).exists():
            journals += 1
            checked = check_folder(scene.new, out, owner=OWNER)
            assert [item.code for item in checked.diagnostics if item.code != "GC604"] == ["GC607"]
            assert checked.value is not None and checked.value.is_stale
            assert not (checked.value.added or checked.value.changed or checked.value.removed)
        assert_repaired(scene, out, clean)
    # The counts show that the loop went through the whole run, not that they must stay.
    assert killed > 40
    assert journals > 10 or scene.old is None


def test_killed_again_while_repairing_the_run_after_repairs(place: Path) -> None:
    """A spread of points of the first kill with a spread of points of the second."""
    scene = UPDATE
    clean = clean_result(scene, place)
    for first, out in rooms(scene, place, every=3):
        if not build_under(kill_at(first), scene, out).was_killed:
            break
        if not (out / JOURNAL).exists():
            continue
        for second in range(1 + first % 11, MOST_CALLS, 11):
            # A copy of what a killed run left is not believed, so each room has a killed run of its own.
            room = out.parent.with_name("again")
            shutil.copytree(place / "model", room)
            assert build_under(kill_at(first), scene, room / "out").was_killed
            outcome = build_under(kill_at(second), scene, room / "out")
            assert_old_or_new(scene, room / "out")
            assert_repaired(scene, room / "out", clean)
            shutil.rmtree(room)
            if not outcome.was_killed:
                break


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_interrupted_from_the_keyboard_at_any_call_the_next_run_repairs(scene: Scene, place: Path) -> None:
    clean = clean_result(scene, place)
    for number, out in rooms(scene, place):

        def build(number: int = number, out: Path = out) -> bool:
            fault = fail_at(number, KeyboardInterrupt)
            watch(fault)
            with contextlib.suppress(KeyboardInterrupt):
                scene.build(out)
            return fault.fired

        stopped = returned(build)
        assert_old_or_new(scene, out)
        assert_repaired(scene, out, clean)
        if not stopped:
            break
