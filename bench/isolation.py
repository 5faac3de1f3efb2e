"""Share of the isolation proof and of the witness in a build, and how it grows.

    python -m bench.isolation                     500, 1,000 and 2,000 services of four objects
    python -m bench.isolation --sizes 100 200     other sizes
    python -m bench.isolation --tags 5            five releases, each of two services with an entry

The same baselines as `bench/run.py`, and the same ones unprepared, so that `relabel` has labels to choose: then no
object carries `zadigx-release-version`. CPU time of this process, of one run after a small one that warms up. The proof
is everything that evaluates a selector: the choice of labels, the rules that are carried, the check, the count. The
witness asks the gateways' simulators whether requests enter the lanes.
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

from bench.baselines import write_baseline, write_release
from grayc.checks.isolation import check_isolation, proof_of
from grayc.cli.main import main
from grayc.passes.model import LanePass
from grayc.planning.isolate import choose_isolation

SIZES = (500, 1000, 2000)
_WITNESS = "check_witnesses"


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
    from grayc.driver import witness  # noqa: PLC0415
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
        mock.patch.object(witness, "check_witnesses", around(_WITNESS, witness.check_witnesses)),
    ):
        yield


def measure(services: int, *, prepared: bool, tags: int = 0) -> tuple[float, float, float]:
    """Return the CPU seconds of a build, those of the proof in it, and those of the witness.

    Args:
        tags: releases, each of two services, the first of which has an entry; 0 for one release of all services.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_baseline(root, services)
        if not prepared:
            for path in (root / "baseline").rglob("*.yaml"):
                lines = path.read_text().splitlines(keepends=True)
                path.write_text("".join(line for line in lines if "zadigx-release-version" not in line))
        specs = [root / "release.yaml"]
        if tags:
            specs = [root / f"tag-{number}.yaml" for number in range(tags)]
            for number, spec in enumerate(specs):
                write_release(spec, (20 * number, 20 * number + 1), tag=f"t{number}", user=100 + number)
        seconds: dict[str, float] = {}
        nowhere = io.TextIOWrapper(io.BytesIO())
        start = time.process_time()
        with timed(seconds), contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
            try:
                main(["build", *map(str, specs), "-o", str(root / "out")])
            except SystemExit as leave:
                if leave.code:
                    raise
        whole, asked = time.process_time() - start, seconds.pop(_WITNESS, 0.0)
        return whole, sum(seconds.values()), asked


def print_figures(sizes: list[int], tags: int) -> None:
    """Print a row for each size and kind of baseline."""
    measure(20 * tags or 10, prepared=True, tags=tags)
    print("| services | baseline | build | proof | witness | share of both | power of the proof |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for prepared in (True, False):
        before: tuple[int, float] | None = None
        for size in sizes:
            whole, proof, asked = measure(size, prepared=prepared, tags=tags)
            power = math.log(proof / before[1]) / math.log(size / before[0]) if before else None
            shown = "" if power is None else f"{power:.2f}"
            kind = "prepared" if prepared else "relabelled"
            both = (proof + asked) / whole
            print(
                f"| {size:,} | {kind} | {whole:.2f} s | {proof:.2f} s | {asked:.2f} s | {both:.0%} | {shown} |",
                flush=True,
            )
            before = (size, proof)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--tags", type=int, default=0, help="releases of two services each, in place of one of all")
    given = parser.parse_args()
    print_figures(given.sizes, given.tags)
