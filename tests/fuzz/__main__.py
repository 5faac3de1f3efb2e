"""Run cases until the time is over, and tell what none of them may do.

    python -m tests.fuzz --minutes 30             processor time
    python -m tests.fuzz --first 4711 --cases 1   one case again
    python -m tests.fuzz --cases 2000 --digests a.txt

Of two runs with other PYTHONHASHSEED the files of `--digests` must be equal. Exit status 1 where a command ended in
status 3, hung, or left by an exception.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.cases import clean, run_case


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--first", type=int, default=0, help="seed of the first case")
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--minutes", type=float, default=30.0, help="of processor time")
    parser.add_argument("--digests", type=Path, help="write what each case left, for a comparison")
    asked = parser.parse_args()
    digests = asked.digests.open("w", encoding="utf-8") if asked.digests else None
    statuses: Counter[str] = Counter()
    distinct: set[str] = set()
    problems = seeds = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.first, asked.first + asked.cases):
            if time.process_time() > asked.minutes * 60:
                break
            seeds += 1
            scratch = Path(folder) / "case"
            for at, ran in enumerate(run_case(seed, scratch)):
                statuses[f"{ran.arguments[0]} {ran.status}"] += 1
                distinct.add(ran.digest)
                if digests is not None:
                    digests.write(f"{seed} {at} {ran.digest}\n")
                if ran.problem:
                    problems += 1
                    print(f"== seed {seed}: grayc {' '.join(ran.arguments)}\n{ran.problem}", flush=True)
            clean(scratch)
            if seeds % 200 == 0:
                print(
                    f"-- {seeds} cases, {statuses.total()} commands, {time.process_time():.0f} s, {problems} problems",
                    flush=True,
                )
    print(
        f"{seeds} cases, {statuses.total()} commands, {len(distinct)} distinct, {time.process_time():.0f} s of processor time"
    )
    print(", ".join(f"{name}: {count}" for name, count in sorted(statuses.items())))
    print(f"{problems} problems")
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
