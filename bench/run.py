"""What grayc's commands cost, beside kubectl kustomize, helm, a plain Go program, and a YAML library alone.

    make bench                                 all of it; ten minutes on two idle cores
    python -m bench.run --sizes 10 100         other sizes
    python -m bench.run --sizes 10000 50000    what a fleet costs: of more than 10,000, two are released
    python -m bench.run --repeat 3 --quick     no peers but the Go program, no commands beside build

An installed wheel is measured, in an environment of its own and with its modules compiled; the surroundings are made
here and inherit nothing that would change what is measured. Commands that are compared take turns, so that a machine
with other work slows all of them, and the ratio is the median of those of each turn. CPU time, user and system, is that
of the process and its children (`wait4`); memory is the peak of one process.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.baselines import write_baseline, write_chart, write_kustomization, write_release
from bench.peers import Peers, prepare

SIZES = (3, 10, 100, 1000, 10000)
LARGE = 1000
HUGE = 10 * LARGE
"""More services than that are built two of them at a time, with a limit of their own on what is read."""
MAX_INPUT_MEBIBYTES = 1024
KUSTOMIZE_UP_TO = 100
"""Its time grows with the square of the input: 300 services take it 8 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one run of a command."""

    cpu_seconds: float
    wall_seconds: float
    mebibytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something to measure.

    Attributes:
        before: makes its input as it is to be found; not measured.
        statuses: that it may leave with.
    """

    name: str
    words: Sequence[str]
    before: Callable[[], None] = lambda: None
    statuses: tuple[int, ...] = (0,)
    keeps: bool = False


@dataclass(slots=True, kw_only=True)
class Series:
    """What one command cost in every turn."""

    name: str
    costs: list[Cost] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Median of its CPU time."""
        return statistics.median(cost.cpu_seconds for cost in self.costs)

    def row(self, first: "Series") -> str:
        """Return it as a row of a table, with its ratio to another."""
        wall = statistics.median(cost.wall_seconds for cost in self.costs)
        memory = statistics.median(cost.mebibytes for cost in self.costs)
        return f"| {self.name} | {self.cpu:.3f} s | {wall:.3f} s | {memory:.0f} MiB | {ratio(self, first):.2f} |"


def ratio(one: Series, other: Series) -> float:
    """Return the median of the ratios of CPU time, turn by turn."""
    return statistics.median(
        mine.cpu_seconds / theirs.cpu_seconds for mine, theirs in zip(one.costs, other.costs, strict=True)
    )


class Bench:
    """One folder for everything that is measured."""

    def __init__(self, folder: Path, peers: Peers, repeat: int) -> None:
        self.folder, self.peers, self.repeat = folder, peers, repeat
        # What is released → number of services → what a build of it costs.
        self.builds: dict[str, dict[int, Series]] = {}
        self.cache = folder / "cache"
        # Nothing of the surroundings counts: some images set PYTHONDONTWRITEBYTECODE, which doubles a small build.
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"}

    def run(self, command: Command) -> Cost:
        """Return what a command costs.

        Raises:
            SystemExit: it fails.
        """
        if not command.keeps:
            shutil.rmtree(self.cache, ignore_errors=True)
        command.before()
        start = time.perf_counter()
        process = subprocess.Popen(
            command.words,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**self.environment, "XDG_CACHE_HOME": str(self.cache)},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in command.statuses:
            raise SystemExit(f"bench: {' '.join(command.words)}: exit status {process.returncode}")
        unit = 1 if sys.platform == "darwin" else 1024  # Linux counts kibibytes, macOS bytes.
        return Cost(
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            wall_seconds=wall,
            mebibytes=usage.ru_maxrss * unit / 2**20,
        )

    def turns(self, title: str, commands: Sequence[Command], *, repeat: int = 0) -> list[Series]:
        """Run commands in turns, A B A B, and print what they cost, the ratio to the first."""
        series = [Series(name=command.name) for command in commands]
        for _ in range(repeat or self.repeat):
            for command, each in zip(commands, series, strict=True):
                each.costs.append(self.run(command))
        print(f"\n{title}\n\n| | CPU | wall | memory | ratio |\n|---|---:|---:|---:|---:|")
        for each in series:
            print(each.row(series[0]), flush=True)
        return series

    def grayc(
        self,
        name: str,
        *words: str | Path,
        cold: bool = False,
        out: Path | None = None,
        statuses: tuple[int, ...] = (0,),
    ) -> Command:
        """Return a command of grayc.

        Args:
            cold: nothing is kept from earlier runs.
            out: a folder that is not there, then.
        """

        def clear() -> None:
            if cold and out is not None:
                shutil.rmtree(out, ignore_errors=True)

        line = [str(self.peers.grayc), *map(str, words)]
        return Command(name=name, words=line, before=clear, keeps=not cold, statuses=statuses)


def measure_start(bench: Bench) -> None:
    """Measure what a command costs that has nothing to do, or next to nothing."""
    folder = bench.folder / "start"
    write_baseline(folder, 3, prepared=False)
    out = folder / "out"
    empty = Command(name="`python -c pass`", words=[str(bench.peers.python), "-c", "pass"])
    build = bench.grayc("`grayc build`, 3 services", "build", folder / "release.yaml", "-o", out, cold=True, out=out)
    bench.turns("Start", [empty, bench.grayc("`grayc --help`", "--help"), build], repeat=3 * bench.repeat)


def measure_size(bench: Bench, services: int, *, quick: bool) -> None:
    """Measure builds of one size, the peers beside them, and at one size all commands."""
    folder = bench.folder / str(services)
    objects = write_baseline(folder, services, prepared=False)
    out, other = folder / "out", folder / "other"
    whole, few, tenth = folder / "release.yaml", folder / "few.yaml", folder / "tenth.yaml"
    released = (0, min(7, services - 1))
    write_release(few, released)
    write_release(tenth, range(0, services, 10))
    title = f"{services:,} services, {objects:,} objects"
    repeat = bench.repeat if services < HUGE else 1
    limit = ["--max-input", str(MAX_INPUT_MEBIBYTES)] if services > HUGE else []
    released_here = {"all released": whole, "two released": few, "a tenth released": tenth}
    if services > HUGE:
        released_here = {"two released": few}

    def floor(spec: Path) -> Command:
        return Command(name="plain Go program", words=[str(bench.peers.floor), str(folder), str(other), str(spec)])

    for name, spec in released_here.items():
        build = bench.grayc("`grayc build`", "build", spec, "-o", out, *limit, cold=True, out=out)
        commands = [floor(spec), build]
        if spec is whole and not quick:
            commands += peers_of(bench, folder, services)
        series = bench.turns(f"{title}, {name}", commands, repeat=repeat)
        bench.builds.setdefault(name, {})[services] = series[1]
    if quick or services not in (LARGE, HUGE):
        return
    for name, spec in (("all released", whole), ("two released", few)):
        again(bench, f"{title}, {name}, again", spec, out, repeat)
    if services == LARGE:
        others(bench, title, folder, out)


def show_growth(bench: Bench) -> None:
    """Print what builds of each size cost, against those of the size before."""
    print("\nGrowth\n\n| released | services | CPU | memory | against the size before |\n|---|---:|---:|---:|---:|")
    for name, sizes in bench.builds.items():
        before: tuple[int, Series] | None = None
        for services, series in sorted(sizes.items()):
            memory = statistics.median(cost.mebibytes for cost in series.costs)
            grown = "" if before is None else f"{series.cpu / before[1].cpu:.2f} of {services / before[0]:.1f}"
            print(f"| {name} | {services:,} | {series.cpu:.2f} s | {memory:.0f} MiB | {grown} |")
            before = services, series


def peers_of(bench: Bench, folder: Path, services: int) -> list[Command]:
    """Return the other programs that do a part of the task over the same objects."""
    chart = folder / "chart"
    if not chart.exists():
        write_chart(chart, services)
    stream = folder / "stream.yaml"
    found = [
        Command(name="`helm template`", words=[str(bench.peers.helm), "template", "bench", str(chart)]),
        Command(
            name="rapidyaml, parse and emit alone",
            words=[str(bench.peers.python), str(Path(__file__).parent / "rapid.py"), str(folder / "baseline")],
        ),
    ]
    for with_images in (True, False) if services <= KUSTOMIZE_UP_TO else ():
        name = f"`kubectl kustomize`, {'with' if with_images else 'without'} images"
        words = [str(bench.peers.kubectl), "kustomize", str(folder), "-o", str(stream)]

        def before(with_images: bool = with_images) -> None:
            write_kustomization(folder, services, with_images=with_images)

        found.append(Command(name=name, words=words, before=before))
    return found


def again(bench: Bench, title: str, spec: Path, out: Path, repeat: int) -> None:
    """Measure builds of what was built before."""
    changed = spec.parent / "baseline" / "service-0001" / "config.yaml"
    text = changed.read_text(encoding="utf-8")
    count = 0

    def change() -> None:
        nonlocal count
        count += 1
        changed.write_text(f"{text}  CHANGED: '{count}'\n", encoding="utf-8")

    build: list[str | Path] = ["build", spec, "-o", out]
    one = bench.grayc("one file changed", *build)
    bench.turns(
        title,
        [
            bench.grayc("cold", *build, cold=True, out=out),
            bench.grayc("nothing changed", *build),
            bench.grayc("`--check`, nothing changed", *build, "--check"),
            Command(name=one.name, words=one.words, before=change, keeps=True),
        ],
        repeat=repeat,
    )
    changed.write_text(text, encoding="utf-8")


def others(bench: Bench, title: str, folder: Path, out: Path) -> None:
    """Measure the other commands beside a build."""
    spec, few = folder / "release.yaml", folder / "few.yaml"
    patched = folder / "patched.yaml"
    write_release(patched, range(0, bench_size(folder), 2), patched=True)
    build = bench.grayc("`build`, all", "build", spec, "-o", out, cold=True, out=out)
    five = []
    for number in range(5):
        path = folder / f"five-{number}.yaml"
        write_release(path, (20 * number, 20 * number + 1), tag=f"t{number}", user=100 + number)
        five.append(path)
    bench.turns(
        f"{title}, other commands, all released",
        [
            build,
            bench.grayc("`build`, half of them patched", "build", patched, "-o", folder / "patched", cold=True,
                        out=folder / "patched"),
            bench.grayc("`plan`", "plan", spec, cold=True),
            bench.grayc("`diff --with OUT`", "diff", spec, "--with", out, statuses=(0, 1), cold=True),
            bench.grayc("`diff --baseline`", "diff", spec, "--baseline", statuses=(0, 1), cold=True),
            bench.grayc("`validate`", "validate", spec, statuses=(0, 1, 2), cold=True),
            bench.grayc("`route`", "route", spec, "--host", "service-0000.example.com", cold=True),
        ],
    )  # fmt: skip
    bench.turns(
        f"{title}, five releases of two services each",
        [
            bench.grayc("one", "build", few, "-o", folder / "one", cold=True, out=folder / "one"),
            bench.grayc("five", "build", *five, "-o", folder / "all5", cold=True, out=folder / "all5"),
        ],
    )


def bench_size(folder: Path) -> int:
    """Return how many services a baseline has."""
    return sum(1 for _ in (folder / "baseline").iterdir())


def main() -> int:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of services")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="turns")
    parser.add_argument("--quick", action="store_true", help="builds alone, beside the Go program")
    arguments = parser.parse_args()
    peers = prepare(quick=arguments.quick)
    with tempfile.TemporaryDirectory(prefix="grayc-bench-") as scratch:
        bench = Bench(Path(scratch), peers, arguments.repeat)
        measure_start(bench)
        for services in sorted(arguments.sizes):
            measure_size(bench, services, quick=arguments.quick)
            shutil.rmtree(bench.folder / str(services))
        show_growth(bench)
    return 0


if __name__ == "__main__":
    sys.exit(main())
