"""Whichever lane is built last, and whatever went before: a folder holds what one build of its lanes makes."""

import random
from itertools import permutations
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.lanes.shop import build, contents, in_turn, lay, offline, settle

SHOPS = [("mse", "mse"), ("mse", "istio"), ("ingress-nginx", "istio"), ("ingress-nginx", "none"), ("higress", "mse")]


@pytest.mark.parametrize(("gateway", "provider"), SHOPS)
@pytest.mark.parametrize("count", [2, 3])
def test_every_order_comes_to_the_same_bytes(tmp_path: Path, gateway: str, provider: str, count: int) -> None:
    files = lay(tmp_path, count, gateway=gateway, provider=provider)
    build(tmp_path, *files, out="together")
    wanted = contents(tmp_path / "together")

    for at, order in enumerate(permutations(files)):
        list(in_turn(tmp_path, order, f"out{at}"))
        assert contents(tmp_path / f"out{at}") == wanted, order
        assert run_grayc(["build", *files, "-o", f"out{at}", "--check"], folder=tmp_path).status == 0

        settle(tmp_path, offline(tmp_path, order[0], out=f"out{at}"))
        rest = [file for file in files if file != order[0]]
        build(tmp_path, *rest, out=f"rest{at}")
        assert contents(tmp_path / f"out{at}") == contents(tmp_path / f"rest{at}"), order


@pytest.mark.parametrize(("gateway", "provider"), SHOPS[:3])
def test_ten_lanes_in_some_orders(tmp_path: Path, gateway: str, provider: str) -> None:
    files = lay(tmp_path, 10, gateway=gateway, provider=provider)
    build(tmp_path, *files, out="together")
    wanted = contents(tmp_path / "together")
    chance = random.Random(25)

    for at in range(2):
        order = chance.sample(files, len(files))
        list(in_turn(tmp_path, order, f"out{at}"))
        assert contents(tmp_path / f"out{at}") == wanted, order
        settle(tmp_path, offline(tmp_path, order[3], out=f"out{at}"))
        build(tmp_path, *(file for file in files if file != order[3]), out=f"rest{at}")
        assert contents(tmp_path / f"out{at}") == contents(tmp_path / f"rest{at}"), order
