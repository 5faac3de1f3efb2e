"""Kill a run that takes a release offline before every call to the operating system: the next one ends it."""

import shutil
from pathlib import Path

from grayc.output.folder import Folder
from grayc.output.inventory import INVENTORY
from grayc.output.journal import read_inventory
from grayc.output.write import finish_folder, remove_release
from tests.faults.calls import kill_at, watch
from tests.faults.child import Outcome, run_child
from tests.faults.states import FOREIGN, OLD, OTHER, OWNER, UPDATE, content, everything

MOST_CALLS = 1000


def remove_killed_at(number: int, out: Path) -> Outcome:
    def remove() -> list[str]:
        watch(kill_at(number))
        return [diagnostic.code for diagnostic in remove_release(out, owner=OWNER).diagnostics]

    return run_child(remove)


def test_killed_at_any_call_each_file_is_whole_or_gone_and_the_next_run_ends_it(place: Path) -> None:
    UPDATE.set_up(place / "model")
    clean = place / "clean"
    shutil.copytree(place / "model", clean)
    assert remove_release(clean, owner=OWNER).value is not None
    assert content(clean) == {**OTHER, **FOREIGN}
    killed = half = 0
    for number in range(1, MOST_CALLS):
        out = place / str(number)
        shutil.copytree(place / "model", out)
        outcome = remove_killed_at(number, out)
        left = content(out)
        assert {**left, **OTHER, **FOREIGN} == left
        assert {name: text for name, text in left.items() if name in OLD}.items() <= OLD.items()
        if not outcome.was_killed:
            assert outcome.value == []
            break
        killed += 1
        half += 0 < len(left) - len(OTHER) - len(FOREIGN) < len(OLD)
        assert finish_folder(out).value is not None
        assert remove_release(out, owner=OWNER).value is not None
        assert everything(out) == everything(clean)
        shutil.rmtree(out)
    assert killed > 20
    assert half > 0


def test_the_inventory_forgets_the_release_and_keeps_the_others(place: Path) -> None:
    UPDATE.set_up(place / "out")

    remove_release(place / "out", owner=OWNER)

    assert (place / "out" / INVENTORY).is_file()
    with Folder(place / "out") as folder:
        inventory = read_inventory(folder)
    assert inventory is not None
    assert inventory.owners == ("shop",)
