"""No link of a repository makes a command read, or change, what lies elsewhere."""

import os
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import stream, workload, write_shop, write_spec

KEY = "key-line-of-elsewhere"
UNPREPARED = workload(namespace="", labels={"app": "web"})
COMMANDS = {
    "plan": ["plan", "x/release.yaml"],
    "plan of a folder": ["plan", "x"],
    "plan of a file in a folder": ["plan", "specs"],
    "plan of a file": ["plan", "linked.yaml"],
    "build": ["build", "linked.yaml", "-o", "out"],
    "validate": ["validate", "linked.yaml"],
    "diff": ["diff", "linked.yaml", "--baseline"],
    "promote": ["promote", "x/release.yaml"],
    "offline": ["offline", "linked.yaml", "-o", "lane"],
    "schemas": ["validate", "release.yaml", "--crd-schemas", "x"],
    "import": ["import", "zadig", "linked.yaml", "-o", "-"],
    "init": ["init", "x", "-o", "-"],
    "init of a folder in it": ["init", "x/baseline", "-o", "-"],
    "route": ["route", "-d", "x", "--host", "a.example.com", "--gateway", "mse"],
    "adopt": ["adopt", "x/baseline"],
    "adopt of a file": ["adopt", "web.yaml"],
    "adopt that only looks": ["adopt", "web.yaml", "--diff"],
    "a root": ["plan", "release.yaml", "--allow-root", "x"],
    "a root of adopt": ["adopt", "baseline", "--allow-root", "x"],
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder, elsewhere = tmp_path / "shop", tmp_path / "elsewhere"
    for home in (folder, elsewhere):
        write_shop(home, UNPREPARED)
    (elsewhere / "release.yaml").write_text(f"{KEY}: kind GrayRelease\nkind: GrayRelease\n")
    (folder / "specs").mkdir()
    (folder / "x").symlink_to("../elsewhere")
    (folder / "linked.yaml").symlink_to("x/release.yaml")
    (folder / "specs" / "a.yaml").symlink_to("../../elsewhere/release.yaml")
    (folder / "web.yaml").symlink_to(elsewhere / "baseline" / "web.yaml")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_behind_a_link_out_is_read_or_changed(command: str, shop: Path) -> None:
    run = run_grayc(COMMANDS[command], folder=shop)

    assert run.status in (1, 2), run.stderr
    assert f"error[{'GC725' if command == 'schemas' else 'GC150'}]" in run.stderr, run.stderr
    assert "out of the repository" in run.stderr
    assert KEY not in run.stdout + run.stderr
    assert (shop.parent / "elsewhere" / "baseline" / "web.yaml").read_text() == stream([UNPREPARED])


def test_a_link_to_another_place_of_the_repository_is_followed(shop: Path) -> None:
    (shop / ".git").mkdir()
    (shop / "team").mkdir()
    (shop / "team" / "release.yaml").symlink_to("../release.yaml")
    (shop / "team" / "baseline").symlink_to("../baseline")

    run = run_grayc(["plan", "release.yaml", "-q", "--allow-root", "../baseline"], folder=shop / "team")

    assert run.status == 0, run.stderr


def test_a_link_that_stands_in_no_repository_is_the_user_s_own(shop: Path) -> None:
    (shop.parent / "mine").symlink_to("elsewhere/baseline")

    assert run_grayc(["adopt", "../mine"], folder=shop).status == 0
    assert run_grayc(["adopt", "x/baseline", "--allow-root", "../elsewhere"], folder=shop).status == 0
    assert (shop.parent / "elsewhere" / "baseline" / "web.yaml").read_text() != stream([UNPREPARED])


def test_a_pipe_of_the_shell_is_read(shop: Path) -> None:
    ends = os.pipe()
    os.write(ends[1], (shop / "release.yaml").read_bytes())
    os.close(ends[1])
    try:
        run = run_grayc(["plan", f"/dev/fd/{ends[0]}"], folder=shop)
    finally:
        os.close(ends[0])

    assert "GC150" not in run.stderr, run.stderr


def test_a_first_release_is_not_written_through_a_link_beside_the_baseline(shop: Path) -> None:
    target = shop.parent / "elsewhere" / "new"
    (shop / "release.yaml").unlink()
    (shop / "release.yaml").symlink_to(target)
    (shop.parent / "here").mkdir()

    run = run_grayc(["init", "../shop/baseline"], folder=shop.parent / "here")

    assert (run.status, "error[GC611]" in run.stderr) == (2, True), run.stderr
    assert not target.exists()


def test_a_baseline_behind_a_link_out_is_refused(shop: Path) -> None:
    write_spec(shop / "specs" / "release.yaml", namespace=None)
    (shop / "specs" / "baseline").symlink_to("../baseline")
    run = run_grayc(["plan", "specs/release.yaml"], folder=shop)

    assert (run.status, "error[GC150]" in run.stderr) == (1, True)
