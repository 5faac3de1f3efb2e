"""What a pipeline knows, from the command line: which lane it makes, and what the folder keeps of it."""

import json
from pathlib import Path

import pytest

from grayc.output.inventory import INVENTORY, Command, parse_inventory
from tests.cli_run import run_grayc
from tests.lanes.test_pull_requests import EXAMPLE

IMAGE = "--image=web=registry.example.com/shop/web:2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "baseline").mkdir()
    for name in ("release.yaml", "baseline/shop.yaml"):
        (tmp_path / name).write_bytes((EXAMPLE / name).read_bytes())
    return tmp_path


def test_the_folder_keeps_the_flags_and_check_takes_them(folder: Path) -> None:
    line = ["build", "release.yaml", "-o", "out", "--tag=pr-1", IMAGE, "--expires=2027-01-31", "--owner=O'Brien"]
    assert run_grayc(line, folder=folder).status == 0
    lane = parse_inventory((folder / "out" / INVENTORY).read_bytes()).lanes["shop-pr-1"]
    assert lane.command == Command(
        spec="../release.yaml",
        tag="pr-1",
        images=("web=registry.example.com/shop/web:2",),
        expires="2027-01-31",
        owner="O'Brien",
    )
    for flags in ([], ["--tag=pr-1"]):
        assert run_grayc(["build", "release.yaml", "-o", "out", "--check", *flags], folder=folder).status == 0
    other = [
        "build",
        "release.yaml",
        "-o",
        "out",
        "--check",
        "--tag=pr-1",
        "--image=web=registry.example.com/shop/web:3",
    ]
    assert run_grayc(other, folder=folder).status == 1

    late = run_grayc(["lanes", "out", "--expired", "--today=2027-02-01", "-f", "json"], folder=folder)
    (told,) = json.loads(late.stdout)["lanes"]
    assert (told["owner"], told["offline"]) == ("O'Brien", "grayc offline --tag=pr-1 --output=out")
    assert run_grayc(["lanes", "out", "--expired"], folder=folder).status == 2

    promoted = run_grayc(["promote", "release.yaml", "--with", "out", "--diff"], folder=folder)
    assert "+          image: registry.example.com/shop/web:2" in promoted.stdout


def test_a_lane_under_which_production_moved_is_built_again_with_its_flags(folder: Path) -> None:
    line = ["build", "release.yaml", "-o", "out", "--tag=pr-1", IMAGE, "--expires=2027-01-31"]
    assert run_grayc(line, folder=folder).status == 0
    baseline = folder / "baseline" / "shop.yaml"
    baseline.write_text(baseline.read_text().replace("containerPort: 8080", "containerPort: 8081"))

    with_less = run_grayc(["build", "release.yaml", "-o", "out", "--tag=pr-1", "--check"], folder=folder)
    assert with_less.status == 1
    assert f"run `grayc build release.yaml --output=out --tag=pr-1 {IMAGE} --expires=2027-01-31`" in with_less.stderr
    assert "note[GC632]: baseline `Deployment.apps shop/web` says something else" in with_less.stderr
    with_all = run_grayc([*line, "--check"], folder=folder)
    assert "the same words but `--check`" in with_all.stderr


@pytest.mark.parametrize(
    ("flags", "lost"),
    [
        ([], f"{IMAGE}`, `--expires=2027-01-31"),
        ([IMAGE], "--expires=2027-01-31"),
        (["--image=web=r.example.com/web:3", "--expires=2027-02-28"], ""),
        ([IMAGE, "--expires=2027-01-31", "--owner=Shop"], ""),
    ],
)
def test_a_build_without_flags_that_the_lane_was_built_with_says_so(folder: Path, flags: list[str], lost: str) -> None:
    line = ["build", "release.yaml", "-o", "out", "--tag=pr-1"]
    assert run_grayc([*line, IMAGE, "--expires=2027-01-31"], folder=folder).status == 0
    again = run_grayc([*line, *flags], folder=folder)
    assert again.status == 0
    assert ("GC589" in again.stderr, f"was built with `{lost}`" in again.stderr) == (bool(lost), bool(lost))
    assert (f"--output=out --tag=pr-1 {IMAGE} --expires=2027-01-31`" in again.stderr) is bool(lost)
    assert "GC589" not in run_grayc([*line, *flags], folder=folder).stderr


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--image=nope=x:1"], "GC410"),
        (["--image=cart/web=x:1"], "GC410"),
        (["--image=nope/web=x:1"], "GC301"),
        (["--image=app=x:1"], "GC576"),
        (["release.yaml", "--tag=a"], "GC702"),
    ],
)
def test_what_cannot_be_meant_is_refused(folder: Path, flags: list[str], code: str) -> None:
    base = folder / "baseline" / "shop.yaml"
    if code == "GC576":
        base.write_text(
            base.read_text()
            .replace("- name: web\n          image", "- name: app\n          image")
            .replace("- name: cart\n          image", "- name: app\n          image")
        )
    said = run_grayc(["build", "release.yaml", "-o", "-", *flags], folder=folder)
    assert code in said.stderr and said.status != 0
