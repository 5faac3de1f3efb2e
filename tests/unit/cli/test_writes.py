"""No flag that names a file writes elsewhere, over input, or over what somebody else wrote, and it is known before."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grayc.report.formats import Format, begins_as
from tests.cli_run import Run, run_grayc
from tests.manifests import stream, workload, write_shop
from tests.unit.cli.texts import RELEASE

BUILD = ["build", "release.yaml", "-o", "out"]
UNPREPARED = stream([workload(namespace="", labels={"app": "web"})])
FLAGS = {
    **{f"report {form}": [*BUILD, "--report", f"{form}={{}}"] for form in Format},
    "plan": ["plan", "release.yaml", "--report", "json={}"],
    "validate": ["validate", "release.yaml", "--engine", "jsonschema", "--report", "json={}"],
    "promote": ["promote", "release.yaml", "--report", "json={}"],
    "adopt report": ["adopt", "baseline", "--report", "json={}"],
    "patch": [*BUILD, "--baseline-patch", "{}"],
    "offline script": ["offline", "release.yaml", "-o", "lane", "--script", "{}"],
    "adopt script": ["adopt", "baseline", "--script", "{}"],
    "init": ["init", "baseline", "-o", "{}"],
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    write_shop(folder)
    assert run_grayc(["build", "release.yaml", "-o", "lane"], folder=folder).status == 0
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "victim").write_text("yours\n")
    return folder


def everything(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()} | {
        str(path.relative_to(folder)): str(path.readlink()) for path in folder.rglob("*") if path.is_symlink()
    }


def asked(flag: str, path: str, shop: Path) -> Run:
    if flag.startswith("adopt"):
        (shop / "baseline" / "web.yaml").write_text(UNPREPARED)
    return run_grayc([word.format(path) for word in FLAGS[flag]], folder=shop)


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("link", ["../elsewhere/victim", "../elsewhere/none", "/dev/null", "release.yaml"])
def test_no_link_is_followed_and_nothing_is_changed(flag: str, link: str, shop: Path) -> None:
    (shop / "x").symlink_to(link)
    if flag.startswith("adopt"):
        (shop / "baseline" / "web.yaml").write_text(UNPREPARED)
    before = everything(shop.parent)
    run = asked(flag, "x", shop)

    assert (run.status, "error[GC611]" in run.stderr) == (2, True), run.stderr
    assert everything(shop.parent) == before


@pytest.mark.parametrize("flag", FLAGS)
def test_nor_a_folder_that_is_a_link(flag: str, shop: Path) -> None:
    (shop / "x").symlink_to("../elsewhere")
    if flag.startswith("adopt"):
        (shop / "baseline" / "web.yaml").write_text(UNPREPARED)
    before = everything(shop.parent)
    run = asked(flag, "x/new", shop)

    assert run.status in (1, 2)
    # What `init` writes there would name a baseline outside of its folder.
    assert f"error[{'GC150' if flag == 'init' else 'GC611'}]" in run.stderr, run.stderr
    assert everything(shop.parent) == before


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag != "init"])
@pytest.mark.parametrize("way", ["release.yaml", "./baseline/../release.yaml", "baseline/web.yaml", "hard"])
def test_no_input_is_written_over(flag: str, way: str, shop: Path) -> None:
    os.link(shop / "release.yaml", shop / "hard")
    if flag.startswith("adopt"):
        (shop / "baseline" / "web.yaml").write_text(UNPREPARED)
    before = everything(shop)
    run = asked(flag, way, shop)

    assert run.status in (1, 2), run.stderr
    assert "error[GC612]" in run.stderr or "error[GC610]" in run.stderr
    assert everything(shop) == before


def test_input_of_the_form_that_is_written_is_input_all_the_same(shop: Path) -> None:
    asked("report json", "baseline/report.json", shop)
    run = asked("report json", "baseline/report.json", shop)

    assert (run.status, "GC612" in run.stderr) == (2, True), run.stderr


@pytest.mark.parametrize("flag", FLAGS)
def test_a_file_of_the_output_is_not_written_over(flag: str, shop: Path) -> None:
    before = everything(shop / "lane")
    manifest = next(name for name in before if name.endswith(".yaml"))
    os.link(shop / "lane" / manifest, shop / "hard.yaml")
    for way in (f"lane/{manifest}", "lane/.grayc-inventory", "hard.yaml"):
        assert asked(flag, way, shop).status in (1, 2)
        assert (shop / "lane" / manifest).read_text() == before[manifest] == (shop / "hard.yaml").read_text()
        assert everything(shop / "lane") == before


@pytest.mark.parametrize("flag", FLAGS)
def test_what_this_flag_writes_it_writes_over(flag: str, shop: Path) -> None:
    if flag == "init":
        assert asked(flag, "new", shop).status == 0
        assert asked(flag, "new", shop).status == 1
        return
    shutil.copytree(shop / "lane", shop / "kept")
    (shop / "new").write_text("")
    for _ in range(2):
        shutil.rmtree(shop / "lane")
        shutil.copytree(shop / "kept", shop / "lane")
        run = asked(flag, "new", shop)
        assert not any(code in run.stderr for code in ("GC61", "GC602", "GC702")), run.stderr
        assert (shop / "new").read_text() or flag == "report github"


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("release", [RELEASE, RELEASE.replace("name: web", "name: none"), "a: [", ""], ids=range(4))
def test_a_report_begins_as_its_form_and_as_no_other(form: Format, release: str, shop: Path) -> None:
    (shop / "release.yaml").write_text(release)
    asked(f"report {form}", "new", shop)
    text = (shop / "new").read_text()

    assert {other for other in Format if text and begins_as(text[:1024], other)} == ({form} if text else set())
    assert text or form is Format.GITHUB


@pytest.mark.parametrize("text", ["{}", "[]", "[1]", '{"schema": "x"}', "a: b\n", "#!/bin/sh\necho\n", "<xml/>", "::set-output x",
                                  "grayc is nice\n"])  # fmt: skip
@pytest.mark.parametrize("flag", FLAGS)
def test_what_another_wrote_stays(text: str, flag: str, shop: Path) -> None:
    (shop / "x").write_text(text)
    if flag.startswith("adopt"):
        (shop / "baseline" / "web.yaml").write_text(UNPREPARED)
    before = everything(shop)
    run = asked(flag, "x", shop)

    assert (run.status in (1, 2), "error[GC610]" in run.stderr) == (True, True), run.stderr
    assert everything(shop) == before


@pytest.mark.parametrize(
    "flags",
    [["--report", "json=a", "--report", "sarif=./a"], ["--report", "json=a", "--baseline-patch", "a"],
     ["--report", "json=out/a"], ["--baseline-patch", "out/a"], ["--report", "text=out/../out/a"]],
)  # fmt: skip
def test_flags_that_get_in_each_others_way(flags: Sequence[str], shop: Path) -> None:
    run = run_grayc([*BUILD, *flags], folder=shop)

    assert (run.status, "error[GC702]" in run.stderr) == (2, True)
    assert not (shop / "out").exists()
    # The first of two that name one file is a report like any.
    assert (shop / "a").exists() == (flags[-1] == "sarif=./a")


@pytest.mark.parametrize("way", ["deploy/out", "./deploy/out", "baseline/../deploy/out", "deploy/deep/out"])
def test_no_folder_on_the_way_to_the_output_is_a_link(way: str, shop: Path) -> None:
    (shop / "deploy").symlink_to("../elsewhere")
    run = run_grayc(["build", "release.yaml", "-o", way], folder=shop)

    assert (run.status, "error[GC608]" in run.stderr, "`deploy`" in run.stderr) == (2, True, True), run.stderr
    assert [path.name for path in (shop.parent / "elsewhere").iterdir()] == ["victim"]


def test_an_output_elsewhere_may_lie_behind_a_link_of_the_users(shop: Path) -> None:
    (shop.parent / "mine").symlink_to("elsewhere")

    assert run_grayc(["build", "release.yaml", "-o", "../mine/out"], folder=shop).status == 0
    assert (shop.parent / "elsewhere" / "out").is_dir()


@pytest.fixture
def piped() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_a_pipe_of_the_shell(piped: tuple[int, int], shop: Path) -> None:
    reader, writer = piped
    assert asked("report json", f"/dev/fd/{writer}", shop).status == 0

    assert json.loads(os.read(reader, 1 << 16))["ok"] is True


def test_the_other_reports_are_written_and_tell_it(shop: Path) -> None:
    (shop / "x").symlink_to("../elsewhere/victim")
    run_grayc([*BUILD, "--report", "json=x", "--report", "json=good.json"], folder=shop)

    assert [item["code"] for item in json.loads((shop / "good.json").read_text())["diagnostics"]] == ["GC611"]
