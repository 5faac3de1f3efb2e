"""Files of the user that are changed in place: an error leaves all old or all new, a kill leaves each of them whole."""

import errno
import itertools
from pathlib import Path

import pytest

from grayc.output.rewrite import Rewrite, rewrite_files
from tests.faults.calls import CHANGING, fail_at, kill_at, watch
from tests.faults.child import returned, run_child

NAMES = ("a/x.yaml", "a/y.yaml", "b/z.yaml")
OLD = {name: f"old text of {name}\n" * 50 for name in NAMES}
NEW = {name: text.replace("old", "new") + "more\n" for name, text in OLD.items()}


def lay(folder: Path) -> list[Rewrite]:
    for name, text in OLD.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [Rewrite(path=folder / name, shown=name, old=OLD[name], new=NEW[name]) for name in NAMES]


def texts(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in NAMES}


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name.startswith("."))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=lambda error: errno.errorcode[error])
def test_failing_at_any_call_all_files_are_old_or_all_are_new(error: int, place: Path) -> None:
    for number in itertools.count(1):
        folder = place / str(number)
        rewrites = lay(folder)

        def fired_and_codes(number: int = number, rewrites: list[Rewrite] = rewrites) -> tuple[bool, list[str]]:
            fault = fail_at(number, error)
            watch(fault, CHANGING)
            codes = [found.code for found in rewrite_files(rewrites).diagnostics]
            return fault.fired, codes

        fired, codes = returned(fired_and_codes)
        if not fired:
            assert codes == [] and number > 10
            break
        if codes == ["GC602"]:
            assert texts(folder) == OLD
        else:
            # Such as cleaning up: nothing that counts failed.
            assert codes == [] and texts(folder) == NEW
        assert len(leftovers(folder)) <= 1


def test_killed_at_any_call_each_file_is_whole_and_the_next_run_finishes(place: Path) -> None:
    for number in itertools.count(1):
        folder = place / str(number)
        rewrites = lay(folder)

        def run(number: int = number, rewrites: list[Rewrite] = rewrites) -> None:
            watch(kill_at(number), CHANGING)
            rewrite_files(rewrites)

        outcome = run_child(run)
        left = texts(folder)
        assert all(left[name] in (OLD[name], NEW[name]) for name in NAMES)
        again = [item for item in rewrites if left[item.shown] == item.old]
        assert rewrite_files(again).diagnostics == ()
        assert texts(folder) == NEW
        if not outcome.was_killed:
            assert number > 10
            break
