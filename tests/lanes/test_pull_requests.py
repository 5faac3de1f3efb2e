"""Lanes of pull requests: whatever opens, is built again and closes, OUT is what a build of those that are open gives."""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest
import yaml

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
    for number in todo:
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
        if open_ones:
            fresh = f"fresh-{number}-{turns[number]}"
            for each in sorted(open_ones):
                build(tmp_path, fresh, each, open_ones[each])
            assert held(tmp_path / fresh) == found
    assert open_ones == {} and set(held(tmp_path / "out")) == {INVENTORY}


WORKFLOW = EXAMPLE / "workflow.yaml"
GRAYC = """#!/bin/sh
# Writes what it is asked for; the first time, another's push comes in between.
if [ "$1" = offline ]; then
  case "$*" in *--check) [ ! -e lanes/out/"$TAG" ]; exit ;; esac
  rm -f lanes/out/"$TAG"
  exit
fi
echo "$TAG" > lanes/out/"$TAG"
if [ ! -e raced ]; then
  touch raced
  echo other > {other}/out/other
  git -C {other} add -A
  git -C {other} commit -qm other
  git -C {other} push -q origin HEAD:lanes
fi
"""


def git(*words: str, folder: Path) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_the_workflow_pushes_beside_another_and_takes_away_what_is_closed(tmp_path: Path) -> None:
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["lane"]["steps"]
    program = next(step["run"] for step in steps if step.get("name", "").startswith("Build"))
    git("init", "-q", "--bare", "-b", "lanes", "branch.git", folder=tmp_path)
    other = tmp_path / "other"
    git("clone", "-q", "branch.git", "other", folder=tmp_path)
    for key, value in (("user.name", "other"), ("user.email", "other@example.com")):
        git("config", key, value, folder=other)
    (other / "out").mkdir()
    (other / "out" / INVENTORY).write_text("", encoding="utf-8")
    git("add", "-A", folder=other)
    git("commit", "-qm", "first", folder=other)
    git("push", "-q", "origin", "HEAD:lanes", folder=other)
    git("clone", "-q", "-b", "lanes", "branch.git", "lanes", folder=tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grayc").write_text(GRAYC.format(other=other), encoding="utf-8")
    (tmp_path / "bin" / "grayc").chmod(0o755)
    for opened, files in (("true", {"other", "pr-7"}), ("false", {"other"}), ("false", {"other"})):
        words = {"TAG": "pr-7", "IMAGE": "web=web:1", "OWNER": "dev", "OPEN": opened}
        there = {**os.environ, **words, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
        subprocess.run(["bash", "-e", "-c", program], cwd=tmp_path, env=there, check=True)
        found = git("ls-tree", "--name-only", "-r", "lanes", folder=tmp_path / "branch.git").split()
        assert set(found) == {f"out/{name}" for name in (INVENTORY, *files)}


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: cart}]
  rules: [{backendRefs: [{name: cart, port: 8080}]}]
"""


def test_production_is_not_put_back_where_it_leads_into_lanes_that_stay(tmp_path: Path) -> None:
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "route.yaml").write_text(ROUTE, encoding="utf-8")
    (tmp_path / "baseline" / "shop.yaml").write_bytes((EXAMPLE / "baseline" / "shop.yaml").read_bytes())
    text = (EXAMPLE / "release.yaml").read_text(encoding="utf-8")
    (tmp_path / "release.yaml").write_text(text.replace("provider: address", "provider: gateway-api"), encoding="utf-8")
    for tag in ("pr-1", "pr-2"):
        flags = ["--tag", tag, "--baseline-patch", "patch.yaml"]
        made = run_grayc(["build", "release.yaml", "-o", "out", "-q", *flags], folder=tmp_path)
        assert made.status == 0, made.stderr
    told = run_grayc(["offline", "--tag", "pr-1", "-o", "out", "--check", "-f", "json"], folder=tmp_path)
    said = [run_grayc(["offline", "--tag", tag, "-o", "out"], folder=tmp_path).stdout for tag in ("pr-1", "pr-2")]
    route = "HTTPRoute.gateway.networking.k8s.io/cart in shop"
    again = "grayc build release.yaml --output=out --tag=pr-2 --baseline-patch=patch.yaml"
    assert (
        said[0].splitlines()[1] == f"# First run `{again}`, and apply its {route}: it leads into lanes that stay, too."
    )
    assert said[1].splitlines()[1] == f"# First apply production's own {route} again: it leads into the lane."
    assert [item.get("buildAgain") for item in json.loads(told.stdout)["putBack"]] == [again]
