"""Lanes of pull requests: whatever opens, is built again and closes, OUT is what a build of those that are open gives."""

import random
from pathlib import Path

import pytest

from grayc.output.inventory import INVENTORY, parse_inventory
from tests.cli_run import run_grayc

EXAMPLE = Path(__file__).parents[2] / "examples" / "pull-requests"
COUNT = 10


def build(folder: Path, out: str, number: int, version: int) -> None:
    flags = [
        "--tag",
        f"pr-{number}",
        "--image",
        f"web=registry.example.com/shop/web:{version}",
        "--owner",
        f"dev-{number}",
    ]
    made = run_grayc(["build", "release.yaml", "-o", out, "-q", *flags], folder=folder)
    assert made.status == 0, made.stderr


def held(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.mark.parametrize("seed", [1])
def test_the_folder_is_a_build_of_the_open_ones(tmp_path: Path, seed: int) -> None:
    (tmp_path / "baseline").mkdir()
    for name in ("release.yaml", "baseline/shop.yaml"):
        (tmp_path / name).write_bytes((EXAMPLE / name).read_bytes())
    chance = random.Random(seed)
    todo = [number for number in range(1, COUNT + 1) for _ in range(3)]
    chance.shuffle(todo)
    open_ones: dict[int, int] = {}
    turns: dict[int, int] = {}
    for at, number in enumerate(todo):
        turns[number] = turns.get(number, 0) + 1
        if turns[number] < 3:
            open_ones[number] = turns[number]
            build(tmp_path, "out", number, turns[number])
        else:
            del open_ones[number]
            gone = run_grayc(["offline", "release.yaml", "--tag", f"pr-{number}", "-o", "out"], folder=tmp_path)
            assert gone.status == 0, gone.stderr
        found = held(tmp_path / "out")
        lanes = parse_inventory(found[INVENTORY]).lanes
        assert set(lanes) == {f"shop-pr-{each}" for each in open_ones}
        assert {name.split(".")[0].split("_")[0] for name in found} - {""} == set(lanes)
        if at % 10 == 9 and open_ones:
            fresh = f"fresh-{at}"
            for each in sorted(open_ones):
                build(tmp_path, fresh, each, open_ones[each])
            assert held(tmp_path / fresh) == found
    assert open_ones == {} and set(held(tmp_path / "out")) == {INVENTORY}
