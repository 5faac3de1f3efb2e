"""Share of the isolation proof in a build, and how it grows.

    python -m bench.isolation                     500, 1,000 and 2,000 services of four objects
    python -m bench.isolation --sizes 100 200     other sizes

The same baselines as `bench/run.py`, and the same ones unprepared, so that `relabel` has labels to choose: then no
object carries `zadigx-release-version`. CPU time of this process, of one run after a small one that warms up. The proof
is everything that evaluates a selector: the choice of labels, the rules that are carried, the check, the count.
"""

import argparse
import contextlib
import io
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

from bench.baselines import write_baseline
from grayc.checks.isolation import check_isolation, proof_of
from grayc.cli.main import main
from grayc.passes.model import LanePass
from grayc.planning.isolate import choose_isolation

SIZES = (500, 1000, 2000)


@contextlib.contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Add up the CPU time of each part of the proof."""

    def around(name: str, run: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*arguments: object) -> object:
            start = time.process_time()
            try:
                return run(*arguments)
            finally:
                seconds[name] = seconds.get(name, 0.0) + time.process_time() - start

        return wrapper

    from grayc import checks  # noqa: PLC0415 - beside what is replaced in them
    from grayc.driver import compile as compiling  # noqa: PLC0415
    from grayc.passes import registry  # noqa: PLC0415
    from grayc.planning import make  # noqa: PLC0415

    passes = tuple(
        replace(row, run=LanePass(around(row.name, row.run.function)))  # type: ignore[arg-type]
        if row.name == "carry_policies"
        else row
        for row in registry.BUILD
    )
    laws = tuple(around("check_isolation", law) if law is check_isolation else law for law in checks.CHECKS)
    with (
        mock.patch.object(make, "choose_isolation", around("choose_isolation", choose_isolation)),
        mock.patch.object(compiling, "BUILD", passes),
        mock.patch.object(checks, "CHECKS", laws),
        mock.patch.object(compiling, "proof_of", around("proof_of", proof_of)),
    ):
        yield


def measure(services: int, *, prepared: bool) -> tuple[float, float]:
    """Return the CPU seconds of a build, and those of the proof in it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_baseline(root, services)
        if not prepared:
            for path in (root / "baseline").rglob("*.yaml"):
                lines = path.read_text().splitlines(keepends=True)
                path.write_text("".join(line for line in lines if "zadigx-release-version" not in line))
        seconds: dict[str, float] = {}
        nowhere = io.TextIOWrapper(io.BytesIO())
        start = time.process_time()
        with timed(seconds), contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
            try:
                main(["build", str(root / "release.yaml"), "-o", str(root / "out")])
            except SystemExit as leave:
                if leave.code:
                    raise
        return time.process_time() - start, sum(seconds.values())


def print_figures(sizes: list[int]) -> None:
    """Print a row for each size and kind of baseline."""
    measure(10, prepared=True)
    print("| services | baseline | build | proof | share | power |")
    print("|---:|---|---:|---:|---:|---:|")
    for prepared in (True, False):
        before: tuple[int, float] | None = None
        for size in sizes:
            whole, proof = measure(size, prepared=prepared)
            power = math.log(proof / before[1]) / math.log(size / before[0]) if before else None
            shown = "" if power is None else f"{power:.2f}"
            kind = "prepared" if prepared else "relabelled"
            print(f"| {size:,} | {kind} | {whole:.2f} s | {proof:.2f} s | {proof / whole:.0%} | {shown} |")
            before = (size, proof)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    print_figures(parser.parse_args().sizes)
