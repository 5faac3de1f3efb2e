"""`grayc diff`: what it compares, what it says, and the status it leaves."""

import json
from pathlib import Path

import pytest

from tests.cli_run import Run, run_grayc
from tests.killed import leave_killed_run
from tests.manifests import an_object, workload, write_shop, write_spec
from tests.unit.source.test_git import git

FORMATS = ("text", "json", "markdown")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    return tmp_path


def diff(folder: Path, *arguments: str) -> Run:
    return run_grayc(["diff", *arguments], folder=folder)


def build(folder: Path, image: str = "") -> None:
    images = {"images": {"web": image}} if image else {}
    write_spec(folder / "release.yaml", services=[{"name": "web", **images}], namespace=None)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=folder).status == 0


@pytest.mark.parametrize("form", FORMATS)
def test_status_is_the_same_in_every_format(form: str, shop: Path) -> None:
    asked = ("release.yaml", "--with", "out", "-f", form)
    assert diff(shop, *asked).status == 1
    build(shop)
    assert diff(shop, *asked).status == 0
    write_shop(shop, services=[{"name": "wbe"}])
    assert diff(shop, *asked).status == 2
    assert diff(shop, "none.yaml", "--with", "out", "-f", form).status == 2
    assert diff(shop, "release.yaml", "-f", form).status == 2
    assert diff(shop, "release.yaml", "--with", "out", "--baseline", "-f", form).status == 2
    assert diff(shop, "--with", "out", "-f", form).status == 2
    assert diff(shop, "release.yaml", "--with", "out", "-f", "sarif").status == 2


def test_json_is_one_document_whatever_the_status(shop: Path) -> None:
    for arguments in (("release.yaml", "--with", "out"), ("none.yaml", "--with", "out"), ("release.yaml",)):
        report = json.loads(diff(shop, *arguments, "-f", "json").stdout)
        assert report["command"] == "diff"
        assert report["exit_code"] in (1, 2)


def test_a_folder_that_is_up_to_date_but_for_its_format(shop: Path) -> None:
    build(shop)
    (path,) = (shop / "out").glob("*.yaml")
    path.write_text("# a comment\n" + path.read_text().replace("name: web-mse-gray", 'name: "web-mse-gray"'))

    done = diff(shop, "release.yaml", "--with", "out")
    assert (done.status, done.stdout) == (1, "out -> what a build writes: no difference\n")
    assert "GC603" in done.stderr, "a build refuses to write over it"


@pytest.mark.parametrize("lost", [False, True], ids=["listed", "inventory lost"])
@pytest.mark.parametrize("form", FORMATS)
def test_what_a_build_refuses_to_write_over_is_shown_and_said(form: str, lost: bool, shop: Path) -> None:
    build(shop, "registry.example.com/web:2")
    (path,) = (shop / "out").glob("*.yaml")
    path.write_text(path.read_text().replace("web:2", "web:3"))
    if lost:
        (shop / "out" / ".grayc-inventory").unlink()
    code = "GC610" if lost else "GC603"
    built = run_grayc(["build", "release.yaml", "-o", "out"], folder=shop)
    done = diff(shop, "release.yaml", "--with", "out", "-f", form)
    page = run_grayc(["report", "release.yaml", "--with", "out", "-o", "page.html"], folder=shop)

    assert (built.status, code in built.stderr) == (1, True)
    assert (done.status, code in done.stdout + done.stderr) == (1, True)
    assert "web:3" in done.stdout
    assert (page.status, code in page.stderr, (shop / "page.html").exists()) == (1, True, False)


def test_files_of_others_keep_nobody_from_building(shop: Path) -> None:
    build(shop)
    (shop / "out" / "notes.yaml").write_text("kind: Note\n")
    assert diff(shop, "release.yaml", "--with", "out", "-f", "json").status == 0


def test_a_folder_that_no_build_wrote_is_called_so(shop: Path) -> None:
    (shop / "empty").mkdir()
    for folder, told in {
        "nope": "`nope` does not exist: everything is new",
        "baseline": "no build wrote `baseline`",
        "empty": "",
    }.items():
        done = diff(shop, "release.yaml", "--with", folder)
        assert (done.status, "GC645" in done.stderr, told in done.stderr) == (1, bool(told), True)
        page = run_grayc(["report", "release.yaml", "--with", folder, "-o", "-"], folder=shop)
        assert (page.status, "GC645" in page.stdout) == (0, bool(told))


def test_what_would_change(shop: Path) -> None:
    build(shop, "registry.example.com/web:2")
    write_shop(shop)

    done = diff(shop, "release.yaml", "--with", "out")
    assert done.status == 1
    assert "containers[web].image: registry.example.com/web:2 -> registry.example.com/web:1" in done.stdout


def test_what_others_own_is_not_looked_at(shop: Path) -> None:
    build(shop)
    (shop / "out" / "foreign.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: foreign}\n")
    (shop / "out" / "broken.yaml").write_text("{")
    write_spec(shop / "other.yaml", "other", tag="blue", namespace=None)
    assert run_grayc(["build", "other.yaml", "-o", "out"], folder=shop).status == 0

    assert diff(shop, "release.yaml", "--with", "out").status == 0
    assert diff(shop, "release.yaml", "other.yaml", "--with", "out").status == 0


def test_objects_that_the_release_no_longer_has_go(shop: Path) -> None:
    reads = workload(namespace="", container={"envFrom": [{"configMapRef": {"name": "web"}}]})
    objects = [reads, an_object("ConfigMap", namespace="")]
    write_shop(shop, *objects)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 0
    write_shop(shop, *objects, services=[{"name": "web", "share": ["ConfigMap"]}])

    done = diff(shop, "release.yaml", "--with", "out", "-f", "json")
    (difference,) = json.loads(done.stdout)["differences"]
    assert [(item["change"], item["kind"]) for item in difference["objects"]] == [
        ("changed", "Deployment"),
        ("removed", "ConfigMap"),
    ]


def test_a_damaged_manifest_in_the_folder_is_no_answer(shop: Path) -> None:
    build(shop)
    (path,) = (shop / "out").glob("*.yaml")
    path.write_text("{")

    done = diff(shop, "release.yaml", "--with", "out")
    assert done.status == 2
    assert f"out/{path.name}:" in done.stderr


def test_a_damaged_inventory_is_no_answer(shop: Path) -> None:
    build(shop)
    (shop / "out" / ".grayc-inventory").write_text("<<<<<<< ours\n")

    done = diff(shop, "release.yaml", "--with", "out")
    assert done.status == 2
    assert "GC606" in done.stderr


def test_a_run_that_was_stopped_half_way_is_no_answer(shop: Path) -> None:
    build(shop)
    leave_killed_run(shop / "out", owner="demo")

    done = diff(shop, "release.yaml", "--with", "out")
    assert done.status == 2
    assert "GC607" in done.stderr


def test_nothing_is_written(shop: Path) -> None:
    build(shop, "registry.example.com/web:2")
    before = {path: path.read_bytes() for path in (shop / "out").iterdir()}
    diff(shop, "release.yaml", "--with", "out")
    diff(shop, "release.yaml", "--with", "new")

    assert {path: path.read_bytes() for path in (shop / "out").iterdir()} == before
    assert not (shop / "new").exists()


def test_a_folder_at_a_revision(shop: Path) -> None:
    build(shop, "registry.example.com/web:2")
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "first")
    assert diff(shop, "release.yaml", "--with", "out", "--rev", "main").status == 0
    build(shop, "registry.example.com/web:3")

    for specs in ((), ("release.yaml",)):
        done = diff(shop, *specs, "--with", "out", "--rev", "main", "-f", "json")
        assert done.status == 1
        (difference,) = json.loads(done.stdout)["differences"]
        (field,) = difference["objects"][0]["fields"]
        assert (field["before"], field["after"]) == ("registry.example.com/web:2", "registry.example.com/web:3")


def test_a_folder_that_is_nowhere_is_no_answer(shop: Path) -> None:
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "first")

    done = diff(shop, "--with", "otu", "--rev", "main")
    assert (done.status, "GC101" in done.stderr) == (2, True)
    build(shop)
    assert diff(shop, "--with", "out", "--rev", "main").status == 1


def test_what_would_not_be_looked_at_is_refused(shop: Path) -> None:
    for asked in (("--step", "a"), ("--gateway", "mse")):
        done = diff(shop, "release.yaml", "--with", "out", "--rev", "main", *asked)
        assert (done.status, "GC702" in done.stderr) == (2, True)


def test_a_release_that_was_taken_away_since(shop: Path) -> None:
    build(shop)
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "first")
    git(shop, "rm", "-q", "-r", "out")

    done = diff(shop, "--with", "out", "--rev", "main")
    assert done.status == 1
    assert "- Deployment/web-mse-gray" in done.stdout


def test_strict_takes_a_warning_for_no_answer(shop: Path) -> None:
    web = workload(namespace="", container={"env": [{"name": "A", "value": "1"}]})
    write_shop(shop, web, services=[{"name": "web", "env": {"web": {"B": None}}}])

    assert diff(shop, "release.yaml", "--baseline").status == 1
    assert diff(shop, "release.yaml", "--baseline", "--strict").status == 2
