"""Four times the input is at most a little more than four times the work, counted in calls and not in time.

A call of a function, ours or a library's, is a unit; comparisons inside of a sort or a set are none, and cost n log n at
most. What does not depend on the input, which imports and first uses are, is taken off by a first run.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.baselines import INGRESS, name_of, write_baseline, write_release
from tests.cli_run import Run, run_grayc

FEW, TIMES = 8, 4
# n log n from 8 to 32 is 6.7; what is linear is 4, and what is quadratic 16.
MOST = 6.0

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
    for number in range(count):
        (folder / "baseline" / name_of(number) / "ingress.yaml").write_text(INGRESS.format(name=name_of(number)))
        write_release(folder / f"lane-{number:02}.yaml", (number,), tag=f"t{number}", user=number)
    (folder / "release.yaml").unlink()
    return [f"lane-{number:02}.yaml" for number in range(count)]


def calls(run: Callable[[], object]) -> int:
    """Return how many functions are called while something runs."""
    count = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("command", ["build", "plan", "diff"])
@pytest.mark.parametrize("make", [services, patches, policies, lanes], ids=lambda make: make.__name__)
def test_work_grows_no_faster_than_the_input(
    make: Callable[[Path, int], list[str]], command: str, tmp_path: Path
) -> None:
    def work(folder: Path, count: int) -> int:
        folder.mkdir()
        specs = make(folder, count)
        more = {"build": ["-o", "out"], "plan": [], "diff": ["--baseline"]}[command]
        runs: list[Run] = []
        counted = calls(lambda: runs.append(run_grayc([command, *specs, *more], folder=folder)))
        assert runs[0].status in ((0, 1) if command == "diff" else (0,)), runs[0].stderr
        return counted

    work(tmp_path / "first", 2)
    few, many = work(tmp_path / "few", FEW), work(tmp_path / "many", FEW * TIMES)

    assert many < MOST * few, f"{many / few:.1f} times the work for {TIMES} times the input"
