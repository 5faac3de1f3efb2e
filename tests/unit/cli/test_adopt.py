"""`grayc adopt` on files as they lie about: links, permissions, marks, paths named twice."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli_run import run_grayc

LABEL = "zadigx-release-version: original"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers: [{name: web, image: "registry.example.com/web:1.0"}]
"""
ADOPTED = WEB.replace("      app: web\n  template", f"      app: web\n      {LABEL}\n  template").replace(
    "        app: web\n    spec", f"        app: web\n        {LABEL}\n    spec"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop" / "baseline"
    folder.mkdir(parents=True)
    (folder / "web.yaml").write_text(WEB)
    return tmp_path / "shop"


def test_a_second_run_changes_nothing_and_says_so(shop: Path) -> None:
    first = run_grayc(["adopt", "baseline"], folder=shop)
    assert first.status == 0
    assert (shop / "baseline/web.yaml").read_text() == ADOPTED
    before = (shop / "baseline/web.yaml").stat()

    second = run_grayc(["adopt", "baseline"], folder=shop)

    assert (second.status, second.stdout) == (0, "")
    assert "nothing to change" in second.stderr
    after = (shop / "baseline/web.yaml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(("flag", "said"), [("--check", "stderr"), ("--diff", "stdout")])
def test_asking_writes_nothing(shop: Path, flag: str, said: str) -> None:
    run = run_grayc(["adopt", "baseline", flag], folder=shop)

    assert run.status == 1
    assert "web.yaml" in getattr(run, said)
    assert (shop / "baseline/web.yaml").read_text() == WEB
    run_grayc(["adopt", "baseline"], folder=shop)
    done = run_grayc(["adopt", "baseline", flag], folder=shop)
    assert (done.status, done.stdout) == (0, "")


def test_the_diff_is_one_that_patch_takes(shop: Path) -> None:
    lines = run_grayc(["adopt", "baseline", "--diff"], folder=shop).stdout.splitlines()

    assert lines[:2] == ["--- a/baseline/web.yaml", "+++ b/baseline/web.yaml"]
    assert [line for line in lines[2:] if line.startswith(("+", "-"))] == [f"+      {LABEL}", f"+        {LABEL}"]


def test_mark_line_ends_and_permissions_stay(shop: Path) -> None:
    path = shop / "baseline/web.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + WEB.replace("\n", "\r\n").encode())
    path.chmod(0o640)

    assert run_grayc(["adopt", "baseline"], folder=shop).status == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + ADOPTED.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_goes_on_leading_to_the_file(shop: Path) -> None:
    real = shop / "real.yaml"
    (shop / "baseline/web.yaml").rename(real)
    (shop / "baseline/web.yaml").symlink_to("../real.yaml")

    assert run_grayc(["adopt", "baseline/web.yaml"], folder=shop).status == 0
    assert (shop / "baseline/web.yaml").is_symlink()
    assert real.read_text() == ADOPTED


def test_a_file_that_is_reached_twice_is_changed_once(shop: Path) -> None:
    (shop / "baseline/again.yaml").symlink_to("web.yaml")

    run = run_grayc(["adopt", "baseline", "baseline/web.yaml", "baseline"], folder=shop)

    assert run.status == 0, run.stderr
    assert (shop / "baseline/web.yaml").read_text() == ADOPTED


def test_a_link_out_of_the_paths_is_refused_unless_its_folder_is_allowed(shop: Path) -> None:
    outside = shop.parent / "outside"
    outside.mkdir()
    (shop / "baseline/web.yaml").rename(outside / "web.yaml")
    (shop / "baseline/web.yaml").symlink_to(outside / "web.yaml")

    refused = run_grayc(["adopt", "baseline"], folder=shop)

    assert refused.status == 1
    assert "GC150" in refused.stderr and "release spec" not in refused.stderr
    assert (outside / "web.yaml").read_text() == WEB
    assert run_grayc(["adopt", "baseline", "--allow-root", str(outside)], folder=shop).status == 0
    assert (outside / "web.yaml").read_text() == ADOPTED


def test_paths_in_several_places_are_shown_as_they_were_named(shop: Path) -> None:
    other = shop.parent / "other"
    other.mkdir()
    (other / "cart.yaml").write_text(WEB.replace("web", "cart"))

    run = run_grayc(["adopt", "baseline", "../other/cart.yaml", "-f", "json"], folder=shop)

    assert run.status == 0, run.stdout
    adoption = json.loads(run.stdout)["adoption"]
    assert (adoption["files"], adoption["written"]) == (["../other/cart.yaml", "baseline/web.yaml"], True)
    assert LABEL in (other / "cart.yaml").read_text()


def test_one_file_that_can_not_be_edited_leaves_all_as_they_were(shop: Path) -> None:
    cart = WEB.replace("web", "cart").replace("{name: cart}", "{name: cart, labels: &l {app: cart}}")
    cart = cart.replace("    matchLabels:\n      app: cart", "    matchLabels: *l")
    (shop / "baseline/cart.yaml").write_text(cart)

    run = run_grayc(["adopt", "baseline"], folder=shop)

    assert run.status == 1 and "GC620" in run.stderr
    assert (shop / "baseline/web.yaml").read_text() == WEB
    assert (shop / "baseline/cart.yaml").read_text() == cart


def test_nothing_is_left_beside_the_files(shop: Path) -> None:
    (shop / "baseline/.grayc-edit-7").write_text("left by a killed run")

    assert run_grayc(["adopt", "baseline"], folder=shop).status == 0
    assert [path.name for path in (shop / "baseline").iterdir()] == ["web.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["-"],
        ["baseline", "--check", "--diff"],
        ["baseline", "--diff", "--script", "x.sh"],
        ["none"],
        ["baseline/x.yaml"],
    ],
)
def test_what_can_not_be_answered_is_2(shop: Path, arguments: list[str]) -> None:
    assert run_grayc(["adopt", *arguments], folder=shop).status == 2


def test_an_invalid_file_is_1_and_when_only_asked_2(shop: Path) -> None:
    (shop / "baseline/bad.yaml").write_text("a: [")

    assert run_grayc(["adopt", "baseline"], folder=shop).status == 1
    assert run_grayc(["adopt", "baseline", "--check"], folder=shop).status == 2


def test_the_script_goes_to_standard_output_where_asked(shop: Path) -> None:
    run = run_grayc(["adopt", "baseline", "--script", "-"], folder=shop)

    assert run.status == 0
    assert run.stdout.startswith("#!/bin/sh\n")


def test_a_prepared_baseline_still_gives_its_script(shop: Path) -> None:
    run_grayc(["adopt", "baseline", "--script", "one.sh"], folder=shop)
    run = run_grayc(["adopt", "baseline", "--script", "two.sh"], folder=shop)

    assert run.status == 0
    assert (shop / "one.sh").read_text() == (shop / "two.sh").read_text()
