"""`grayc lanes`: what lives in output folders, since when, and until when."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import workload, write_shop, write_spec


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_shop(tmp_path, expires="2027-01-31")
    write_spec(tmp_path / "blue.yaml", "sky", tag="blue", namespace=None)
    build(tmp_path, "release.yaml")
    return tmp_path


def build(shop: Path, *specs: str, out: str = "deploy/out") -> None:
    assert run_grayc(["build", *specs, "-o", out], folder=shop).status == 0


def lanes(shop: Path, *arguments: str) -> Run:
    return run_grayc(["lanes", *(arguments or ("deploy/out",)), "-f", "json"], folder=shop)


def listed(run: Run) -> list[dict[str, object]]:
    found = json.loads(run.stdout)["lanes"]
    assert isinstance(found, list)
    return found


def git(shop: Path, *arguments: str, day: str = "2026-03-01") -> None:
    """Run Git as nobody in particular, at noon of a day."""
    when = {f"GIT_{who}_DATE": f"{day}T12:00:00+0000" for who in ("AUTHOR", "COMMITTER")}
    who = {f"GIT_{role}_{what}": "a@b.invalid" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(shop), **when, **who}
    subprocess.run(["git", "-C", shop, *arguments], env=environment, check=True, capture_output=True)


def commit(shop: Path, day: str) -> None:
    git(shop, "add", "-A")
    git(shop, "commit", "-m", day, day=day)


def test_folders_inside_each_other_have_no_end_that_a_path_does_not_have(tmp_path: Path) -> None:
    # So many as a path can name: more than calls of a program go.
    deepest = tmp_path
    for _ in range(1_800):
        deepest /= "d"
        deepest.mkdir()
    (deepest / ".grayc-inventory").write_text("{}")
    run = run_grayc(["lanes", "."], folder=tmp_path)
    (deepest / ".grayc-inventory").unlink()
    while deepest != tmp_path:
        deepest.rmdir()
        deepest = deepest.parent

    assert run.status == 2
    assert "GC606" in run.stderr, run.stderr[:1000]


def test_a_lane_is_told_with_all_that_its_release_says(shop: Path) -> None:
    assert listed(lanes(shop)) == [
        {
            "folder": "deploy/out",
            "release": "demo",
            "tag": "gray",
            "services": ["web"],
            "gateway": None,
            "gateways": [],
            "rules": [],
            "entry": [],
            "files": 1,
            "since": None,
            "ageDays": None,
            "owner": None,
            "expires": "2027-01-31",
            "expired": None,
            "offline": "grayc offline --tag=gray --output=deploy/out",
        }
    ]


def test_a_folder_stands_for_the_output_folders_below_it(shop: Path) -> None:
    build(shop, "blue.yaml", out="deploy/b")
    build(shop, "blue.yaml", out="deploy/.hidden")

    assert [(lane["folder"], lane["tag"]) for lane in listed(lanes(shop, "."))] == [
        ("deploy/b", "blue"),
        ("deploy/out", "gray"),
    ]
    assert len(listed(lanes(shop, "deploy", "deploy/out"))) == 2


@pytest.mark.parametrize(("today", "expired"), [("2027-01-31", False), ("2027-02-01", True)])
def test_a_lane_lives_through_its_last_day(shop: Path, today: str, expired: bool) -> None:
    run = lanes(shop, "deploy/out", "--today", today)

    assert run.status == 0
    assert listed(run)[0]["expired"] is expired
    assert [found["code"] for found in json.loads(run.stdout)["diagnostics"]] == ["GC720"] * expired
    assert lanes(shop, "deploy/out", "--today", today, "--strict").status == int(expired)


@pytest.mark.parametrize("today", ["tomorrow", "2027-02-30", "20270201", "2027-2-1"])
def test_a_day_that_is_none_is_refused(shop: Path, today: str) -> None:
    assert lanes(shop, "deploy/out", "--today", today).status == 2


def test_nothing_is_no_output_folder(shop: Path) -> None:
    run = lanes(shop, "baseline")

    assert (run.status, json.loads(run.stdout)["diagnostics"][0]["code"]) == (2, "GC630")


def test_a_folder_whose_lanes_are_offline_has_none(shop: Path) -> None:
    run_grayc(["offline", "release.yaml", "-o", "deploy/out"], folder=shop)

    run = run_grayc(["lanes", "deploy/out"], folder=shop)

    assert (run.status, run.stdout, run.stderr) == (0, "", "no lane is alive\n")


def test_a_release_of_an_older_grayc_is_listed_with_what_is_known(shop: Path) -> None:
    path = shop / "deploy/out/.grayc-inventory"
    data = json.loads(path.read_text())
    del data["lanes"]
    path.write_text(json.dumps(data))

    lane = listed(lanes(shop))[0]

    assert (lane["release"], lane["files"], lane["tag"]) == ("demo", 1, None)
    assert "older grayc" in run_grayc(["lanes", "deploy/out"], folder=shop).stdout


class TestAge:
    def test_a_lane_is_as_old_as_the_commit_that_brought_it(self, shop: Path) -> None:
        git(shop, "init")
        commit(shop, "2026-03-01")
        build(shop, "blue.yaml")
        commit(shop, "2026-03-05")
        web = workload(namespace="", container={"image": "registry.example.com/web:2"})
        write_shop(shop, web, expires="2027-01-31")
        build(shop, "release.yaml", "blue.yaml")
        commit(shop, "2026-03-09")

        run = lanes(shop, "deploy/out", "--today", "2026-03-11")

        assert [(lane["tag"], lane["since"], lane["ageDays"]) for lane in listed(run)] == [
            ("gray", "2026-03-01", 10),
            ("blue", "2026-03-05", 6),
        ]

    def test_a_lane_that_went_and_came_back_is_as_old_as_its_return(self, shop: Path) -> None:
        git(shop, "init")
        commit(shop, "2026-03-01")
        run_grayc(["offline", "release.yaml", "-o", "deploy/out"], folder=shop)
        commit(shop, "2026-03-05")
        build(shop, "release.yaml")
        assert listed(lanes(shop))[0]["since"] is None
        commit(shop, "2026-03-09")

        assert listed(lanes(shop))[0]["since"] == "2026-03-09"

    def test_a_shallow_clone_does_not_know(self, shop: Path) -> None:
        git(shop, "init")
        commit(shop, "2026-03-01")
        (shop / "more").write_text("x")
        commit(shop, "2026-03-02")
        git(shop, "clone", "--depth", "1", f"file://{shop}", "copy")

        assert listed(lanes(shop, "copy/deploy/out"))[0]["since"] is None
        assert listed(lanes(shop, "deploy/out"))[0]["since"] == "2026-03-01"

    def test_a_repository_can_not_name_programs_to_run(self, shop: Path) -> None:
        git(shop, "init")
        (shop / ".gitattributes").write_text("* diff=evil\n")
        commit(shop, "2026-03-01")
        for key in ("diff.evil.textconv", "diff.evil.command", "core.fsmonitor", "gpg.program"):
            git(shop, "config", key, f"touch {shop}/ran; false")
        git(shop, "config", "log.showSignature", "true")

        assert listed(lanes(shop))[0]["since"] == "2026-03-01"
        assert not (shop / "ran").exists()
