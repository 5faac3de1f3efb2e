"""Four times the input is no more than n log n of the work, at any place of grayc, counted in turns.

A function counts each time that it runs, and a loop or a comprehension each time that it turns: no line runs more often
than one of these; comparisons inside of a sort or a set are none, and cost n log n at most. They are looked at one by
one: where all services are gone through for each of them, that is one place of thousands, and of an input of this size
a small part of the whole.
"""

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bench.baselines import INGRESS, name_of, write_baseline, write_release
from grayc.documents import Document
from tests.cli_run import Run, run_grayc
from tests.property.turns import Counted, Place, Twin

FEW, TIMES = 8, 4
# n log n from 8 to 32 is 6.7 times; what is linear is 4, and what is quadratic 16.
MOST = 7
SLACK = 8 * FEW * TIMES
"""So often anything may turn: what only a larger input has, and pairs of a handful."""

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: policy-{number}}}
spec:
  podSelector: {{matchLabels: {{app: {name}}}}}
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: {other}}}}}}}]}}]
"""


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


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin("grayc", "tests.cli_run")


def counted_run(twin: Twin, arguments: list[str], folder: Path) -> tuple[Run, Counter[Place]]:
    """Return what grayc does, and how often each place of it turns."""
    with twin.instead():
        run = import_module("tests.cli_run").run_grayc
        before = twin.counted.so_far()
        done: Run = run(arguments, folder=folder)
    return done, twin.counted.so_far() - before


def too_often(few: Counter[Place], many: Counter[Place]) -> list[str]:
    """Return the places that turn more often than n log n, for four times the input."""
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
def test_nothing_turns_more_often_than_the_input_grows(
    make: Callable[[Path, int], list[str]], command: str, tmp_path: Path, twin: Twin
) -> None:
    def work(folder: Path, count: int) -> Counter[Place]:
        folder.mkdir()
        name, *more = COMMANDS[command]
        specs = make(folder, count)
        if command == "diff --with":
            assert run_grayc(["build", *specs, "-o", "out"], folder=folder).status == 0
        run, counted = counted_run(twin, [name, *specs, *more], folder)
        assert run.status in ((0, 1) if name == "diff" else (0,)), run.stderr
        return counted

    few, many = work(tmp_path / "few", FEW), work(tmp_path / "many", FEW * TIMES)

    allowed = ALLOWED.get(make.__name__, ())
    found = [line for line in too_often(few, many) if not any(part in line for part in allowed)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("command", ["build", "plan", "diff --baseline"])
def test_objects_are_not_looked_up_all_together_for_each_of_them(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept for a whole baseline is found by all of its objects, which no turn shows."""
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


SOURCE = """\
def doubled(each):
    'Return twice as much.'
    return 2 * each
found = [
    other
    for each in range(5)
    for other in range(7) if other
]
sum(
    each for each in range(9)
)
{each: each
 for each in range(11)}
for each in range(13):
    if each == 2:
        continue
at = 0
while at < 17:
    at = at + 1
sorted(range(19), key=lambda each: doubled(each))
"""


def test_each_turn_counts() -> None:
    counted = Counted()
    namespace: dict[str, Any] = {"__turns__": counted.turns}
    exec(counted.in_code(SOURCE, "made.py"), namespace)
    turns = {line: count for (_, line), count in counted.so_far().items()}
    assert turns == {1: 19, 6: 5, 7: 35, 10: 9, 13: 11, 14: 13, 18: 17, 20: 19}
    assert namespace["found"] == [1, 2, 3, 4, 5, 6] * 5
    assert namespace["doubled"].__doc__ == "Return twice as much."


def test_the_twin_is_another_and_leaves_all_as_it_was(twin: Twin, tmp_path: Path) -> None:
    write_baseline(tmp_path, 1)
    done, counted = counted_run(twin, ["build", "release.yaml", "-o", "out"], tmp_path)
    assert done.status == 0
    assert len({path for path, _ in counted}) > 100
    assert import_module("tests.cli_run").run_grayc is run_grayc
    assert import_module("grayc.documents").Document is Document
