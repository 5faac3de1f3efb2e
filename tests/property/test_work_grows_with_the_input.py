"""Four times the input is no more than n log n of the work, at any line of grayc, counted in lines that run.

A line counts each time that it runs, and each turn of a comprehension; comparisons inside of a sort or a set are none,
and cost n log n at most. Lines are looked at one by one: where all services are gone through for each of them, that is
one line of thousands, and of an input of this size a small part of the whole.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING

import pytest

import grayc
from bench.baselines import INGRESS, name_of, write_baseline, write_release
from grayc.documents import Document
from tests.cli_run import Run, run_grayc

if TYPE_CHECKING:
    from _typeshed import TraceFunction

FEW, TIMES = 8, 4
# n log n from 8 to 32 is 6.7 times; what is linear is 4, and what is quadratic 16.
MOST = 7
SLACK = 8 * FEW * TIMES
"""So often any line may run: what only a larger input has, and pairs of a handful."""

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: policy-{number}}}
spec:
  podSelector: {{matchLabels: {{app: {name}}}}}
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: {other}}}}}}}]}}]
"""

Place = tuple[str, int]
"""A file of grayc and a line of it."""


def services(folder: Path, count: int) -> list[str]:
    write_baseline(folder, count, prepared=False)
    return ["release.yaml"]


def patches(folder: Path, count: int) -> list[str]:
    write_baseline(folder, count)
    write_release(folder / "release.yaml", range(count), patched=True)
    return ["release.yaml"]


def policies(folder: Path, count: int) -> list[str]:
    write_baseline(folder, FEW)
    for number in range(4 * count):
        name, other = name_of(number % FEW), name_of((number + 3) % FEW)
        text = POLICY.format(number=number, name=name, other=other)
        (folder / "baseline" / f"policy-{number}.yaml").write_text(text)
    return ["release.yaml"]


def lanes(folder: Path, count: int) -> list[str]:
    write_baseline(folder, FEW * TIMES)
    for number in range(FEW * TIMES):
        (folder / "baseline" / name_of(number) / "ingress.yaml").write_text(INGRESS.format(name=name_of(number)))
    for number in range(count):
        write_release(folder / f"lane-{number:02}.yaml", (number,), tag=f"t{number}", user=number)
    (folder / "release.yaml").unlink()
    return [f"lane-{number:02}.yaml" for number in range(count)]


def lines_run(run: Callable[[], object]) -> Counter[Place]:
    """Return how often each line of grayc runs while something runs."""
    home = str(Path(grayc.__file__).parent)
    count: Counter[Place] = Counter()
    known: dict[CodeType, bool] = {}

    def of_frame(frame: FrameType, event: str, _: object) -> "TraceFunction | None":
        code = frame.f_code
        if code not in known:
            known[code] = code.co_filename.startswith(home)
        return of_line if known[code] else None

    def of_line(frame: FrameType, event: str, _: object) -> "TraceFunction":
        if event == "line":
            count[frame.f_code.co_filename, frame.f_lineno] += 1
        return of_line

    before = sys.gettrace()
    sys.settrace(of_frame)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def too_often(few: Counter[Place], many: Counter[Place]) -> list[str]:
    """Return the lines that run more often than n log n, for four times the input."""
    return [
        f"{path}:{line}: {few[path, line]} times, then {count}"
        for (path, line), count in sorted(many.items())
        if count > MOST * few[path, line] + SLACK
    ]


COMMANDS = {
    "build": ["build", "-o", "out"],
    "plan": ["plan"],
    "plan as JSON": ["plan", "-f", "json"],
    "diff --baseline": ["diff", "--baseline"],
    "diff --with": ["diff", "--with", "out"],
}
ALLOWED = {"lanes": ("/checks/meetings.py:", "/output/", "/source/repository.py:")}
"""Every two lanes of a run are held against each other by their rules: that is what is asked. And each release is
written by itself, with the records of all that are there: a run that is killed has left none half written.
"""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("make", [services, patches, policies, lanes], ids=lambda make: make.__name__)
def test_no_line_runs_more_often_than_the_input_grows(
    make: Callable[[Path, int], list[str]], command: str, tmp_path: Path
) -> None:
    def work(folder: Path, count: int) -> Counter[Place]:
        folder.mkdir()
        name, *more = COMMANDS[command]
        specs = make(folder, count)
        if command == "diff --with":
            assert run_grayc(["build", *specs, "-o", "out"], folder=folder).status == 0
        runs: list[Run] = []
        counted = lines_run(lambda: runs.append(run_grayc([name, *specs, *more], folder=folder)))
        assert runs[0].status in ((0, 1) if name == "diff" else (0,)), runs[0].stderr
        return counted

    few, many = work(tmp_path / "few", FEW), work(tmp_path / "many", FEW * TIMES)

    allowed = ALLOWED.get(make.__name__, ())
    found = [line for line in too_often(few, many) if not any(part in line for part in allowed)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("command", ["build", "plan", "diff --baseline"])
def test_objects_are_not_looked_up_all_together_for_each_of_them(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept for a whole baseline is found by all of its objects, which no line shows."""
    count = 0

    def counted(document: Document) -> int:
        nonlocal count
        count += 1
        return object.__hash__(document)

    def lookups(folder: Path, size: int) -> int:
        nonlocal count
        folder.mkdir()
        name, *more = COMMANDS[command]
        specs = services(folder, size)
        count = 0
        assert run_grayc([name, *specs, *more], folder=folder).status in (0, 1)
        return count

    monkeypatch.setattr(Document, "__hash__", counted)
    few, many = lookups(tmp_path / "few", FEW), lookups(tmp_path / "many", FEW * TIMES)

    assert 0 < many < MOST * few


def test_what_goes_through_all_for_each_is_found() -> None:
    def pairs(count: int) -> Counter[Place]:
        return Counter({("a.py", 1): count, ("a.py", 2): count * count, ("a.py", 3): count * (count - 1) // 2})

    assert [found.partition(": ")[0] for found in too_often(pairs(FEW), pairs(FEW * TIMES))] == ["a.py:2", "a.py:3"]


def test_a_turn_of_a_comprehension_counts() -> None:
    source = "[each for each in range(50)]\n"
    path = str(Path(grayc.__file__).parent / "made.py")
    assert lines_run(lambda: exec(compile(source, path, "exec")))[path, 1] >= 50
