"""Several runs at once, and runs killed at any instant: the folder is what one after the other would leave."""

import os
import signal
from pathlib import Path

from grayc.output.write import check_folder, write_folder
from tests.faults.child import KILLED
from tests.faults.states import content

WRITERS = 6
ROUNDS = 12


def start(task: int, out: Path) -> int:
    """Start a writer in a child process; return its id."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if write_many(task, out) else 1
        finally:
            os._exit(status)
    return pid


def texts(task: int, number: int) -> dict[str, str]:
    return {f"cart.{name}.yaml": f"writer {task} round {number} file {name}\n" for name in ("api", "bus", "web")}


def write_many(task: int, out: Path) -> bool:
    return all(write_folder(texts(task, number), out, owner="cart").value is not None for number in range(ROUNDS))


def assert_one_run(out: Path) -> None:
    """Assert that all files are of one run of one writer."""
    found = content(out)
    runs = {" ".join(text.split()[:4]) for text in found.values()}
    assert len(runs) == 1 and len(found) == 3, found


def test_writers_of_one_release_take_turns(place: Path) -> None:
    out = place / "out"

    pids = [start(task, out) for task in range(WRITERS)]

    assert {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids} == {0}
    assert_one_run(out)
    assert sorted(path.name for path in place.iterdir()) == ["out"]
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == [".grayc-inventory"]


def test_writers_of_several_releases_keep_each_others_files(place: Path) -> None:
    out = place / "out"
    pids = []
    for task in range(WRITERS):
        pid = os.fork()
        if pid == 0:
            files = {f"lane{task}.yaml": f"# {task}\n"}
            done = write_folder(files, out, owner=f"lane{task}").value is not None
            os._exit(0 if done else KILLED)
        pids.append(pid)

    assert {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids} == {0}
    assert content(out) == {f"lane{task}.yaml": f"# {task}\n" for task in range(WRITERS)}


def test_a_writer_killed_at_any_instant_leaves_nothing_that_the_next_does_not_repair(place: Path) -> None:
    """SIGKILL from outside, wherever it hits; the assertions hold for every instant."""
    out = place / "out"
    for number in range(25):
        pid = start(number, out)
        for _ in range(number * 40):
            out.exists()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if out.exists():
            assert all(text.endswith("\n") and text.startswith("writer") for text in content(out).values())
            assert len(content(out)) == 3
        assert write_folder(texts(99, number), out, owner="cart").value is not None
        checked = check_folder(texts(99, number), out, owner="cart")
        assert checked.value is not None and not checked.value.is_stale
        assert_one_run(out)
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == [".grayc-inventory"]
