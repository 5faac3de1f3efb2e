"""`grayc offline`: what goes, what stays, and what is refused."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli_run import Run, run_grayc
from tests.killed import leave_killed_run
from tests.manifests import an_object, ingress, service, workload, write_release, write_shop, write_spec
from tests.unit.cli.texts import RELEASE

FILE = "demo.web.yaml"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    write_spec(tmp_path / "blue.yaml", "sky", tag="blue", namespace=None)
    assert run_grayc(["build", "release.yaml", "blue.yaml", "-o", "out"], folder=tmp_path).status == 0
    return tmp_path


def offline(shop: Path, *arguments: str) -> Run:
    return run_grayc(["offline", "-o", "out", *arguments], folder=shop)


def codes(run: Run) -> list[str]:
    return [found["code"] for found in json.loads(run.stdout)["diagnostics"]]


def names(shop: Path) -> set[str]:
    return {path.name for path in (shop / "out").iterdir()}


def test_files_of_the_release_go_and_those_of_others_stay(shop: Path) -> None:
    other = (shop / "out" / "sky.web.yaml").read_bytes()

    run = offline(shop, "release.yaml")

    assert run.status == 0
    assert names(shop) == {".grayc-inventory", "sky.web.yaml"}
    assert (shop / "out" / "sky.web.yaml").read_bytes() == other
    assert "Deployment.apps/web-mse-gray" in run.stdout
    assert "blue" not in run.stdout
    assert run_grayc(["build", "blue.yaml", "-o", "out", "--check"], folder=shop).status == 0


def test_the_baseline_need_not_be_there_any_more(shop: Path) -> None:
    (shop / "baseline" / "web.yaml").unlink()

    assert offline(shop, "release.yaml").status == 0


def test_a_tag_goes_without_its_spec(shop: Path) -> None:
    (shop / "release.yaml").unlink()

    assert offline(shop, "--tag", "gray").status == 0
    assert names(shop) == {".grayc-inventory", "sky.web.yaml"}


def test_building_again_brings_it_back(shop: Path) -> None:
    before = {path.name: path.read_bytes() for path in (shop / "out").iterdir()}
    offline(shop, "release.yaml")

    run_grayc(["build", "release.yaml", "-o", "out"], folder=shop)

    assert {path.name: path.read_bytes() for path in (shop / "out").iterdir()} == before


def test_a_release_of_another_name_is_not_written_beside_the_same_objects(shop: Path) -> None:
    """Of two files with one object, the one whose name comes last would win: here the old one."""
    write_spec(shop / "release.yaml", "another", namespace=None)
    before = names(shop)

    build = ["build", "release.yaml", "-o", "out"]
    refused = run_grayc([*build, "-f", "json"], folder=shop)

    assert (refused.status, codes(refused), names(shop)) == (1, ["GC402"], before)
    assert run_grayc([*build, "--check"], folder=shop).status == 2
    assert offline(shop, "--tag", "gray").status == 0
    assert run_grayc(build, folder=shop).status == 0
    assert names(shop) == {".grayc-inventory", "another.web.yaml", "sky.web.yaml"}


def test_check_says_whether_something_is_left(shop: Path) -> None:
    before = names(shop)
    assert offline(shop, "release.yaml", "--check").status == 1
    assert names(shop) == before

    offline(shop, "release.yaml")

    assert offline(shop, "release.yaml", "--check").status == 0


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("--tag", "grey"), "GC631", 1),
        (("--tag", "grey", "--check"), "GC631", 2),
        ((), "GC702", 2),
        (("none.yaml",), "GC101", 2),
    ],
)
def test_what_can_not_be_meant_is_refused(shop: Path, arguments: tuple[str, ...], code: str, status: int) -> None:
    before = names(shop)

    run = offline(shop, *arguments, "-f", "json")

    assert (codes(run), run.status) == ([code], status)
    assert names(shop) == before


def test_a_release_that_is_offline_is_not_taken_offline_again(shop: Path) -> None:
    offline(shop, "release.yaml")

    run = offline(shop, "release.yaml", "-f", "json")

    assert (codes(run), run.status) == (["GC631"], 1)


@pytest.mark.parametrize("out", [".", "baseline/.."])
def test_the_working_folder_is_no_output_folder(shop: Path, out: str) -> None:
    run = run_grayc(["offline", "release.yaml", "-o", out, "-f", "json"], folder=shop)

    assert (run.status, codes(run)) == (2, ["GC608"])


def test_a_folder_that_grayc_did_not_write_is_no_output_folder(shop: Path) -> None:
    for folder in ("baseline", "nowhere"):
        run = run_grayc(["offline", "release.yaml", "-o", folder, "-f", "json"], folder=shop)
        assert (codes(run), run.status) == (["GC630"], 2)
    assert not (shop / "nowhere").exists()


def test_an_edited_file_stops_it_before_anything_goes(shop: Path) -> None:
    with (shop / "out" / FILE).open("a") as stream:
        stream.write("# mine\n")
    before = names(shop)

    run = offline(shop, "release.yaml", "--script", "off.sh", "-f", "json")

    assert (codes(run), run.status) == (["GC603"], 1)
    assert names(shop) == before
    assert not (shop / "off.sh").exists()


def test_a_file_that_is_gone_is_told_since_its_objects_are_not_known(shop: Path) -> None:
    (shop / "out" / FILE).unlink()

    run = offline(shop, "release.yaml", "-f", "json")

    assert (codes(run), run.status) == (["GC633"], 0)
    assert json.loads(run.stdout)["delete"] == []


def test_an_inventory_of_an_older_grayc_is_enough(shop: Path) -> None:
    path = shop / "out" / ".grayc-inventory"
    data = json.loads(path.read_text())
    del data["lanes"]
    path.write_text(json.dumps(data))

    assert offline(shop, "release.yaml").status == 0
    assert names(shop) == {".grayc-inventory", "sky.web.yaml"}


def test_the_script_does_what_is_printed_and_takes_arguments(shop: Path, tmp_path: Path) -> None:
    printed = offline(shop, "release.yaml", "--script", "off.sh").stdout
    (tmp_path / "bin").mkdir()
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.write_text('#!/bin/sh\necho kubectl "$@"\n')
    kubectl.chmod(0o755)
    environment = {"PATH": f"{kubectl.parent}:{os.environ['PATH']}", "DRAIN_SECONDS": "0"}

    done = subprocess.run(
        [shop / "off.sh", "--context=prod"], env=environment, capture_output=True, text=True, check=True
    )

    said = [line.replace(" --context=prod", "") for line in done.stdout.splitlines()]
    whole = printed.replace(" \\\n ", "").splitlines()
    assert said == [line for line in whole if line.startswith("kubectl")]
    assert done.stdout.count("--context=prod") == len(said)


@pytest.fixture
def stepped(tmp_path: Path) -> Path:
    """Return a folder with a lane that went a step back, and a kubectl that writes down what it is asked."""
    labels = {"app": "web"}
    rollout = workload("Rollout", version="argoproj.io/v1alpha1", labels=labels)
    write_release(
        tmp_path,
        [ingress(class_name="mse", host=""), service(labels=labels), rollout],
        lane=None,
        services=[{"name": "web", "workload": "Rollout/web"}],
        traffic={"gateway": "mse", "guard": False, "rules": [{"header": "x-user", "value": "1"}]},
        rollout={"steps": [{"name": "few"}, {"name": "more", "weight": 10}]},
        output=None,
    )
    for step in ("more", "few"):
        assert run_grayc(["build", "release.yaml", "-o", "out", "--step", step], folder=tmp_path).status == 0
    assert offline(tmp_path, "release.yaml", "--script", "off.sh").status == 0
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/log\n. {tmp_path}/answer\n')
    kubectl.chmod(0o755)
    (tmp_path / "answer").write_text("")
    return tmp_path


def run_script(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Return the exit status of the script, and what it asked kubectl to delete."""
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "DRAIN_SECONDS": "0"}
    done = subprocess.run(["sh", folder / "off.sh", *arguments], env=environment, capture_output=True, check=False)
    lines = (folder / "log").read_text().splitlines()
    return done.returncode, [line.removeprefix("delete --ignore-not-found ") for line in lines]


def test_the_way_in_of_every_step_goes_by_label(stepped: Path) -> None:
    status, (first, *_) = run_script(stepped)

    assert status == 0
    assert first == (
        "--namespace=shop --selector=zadigx-release-version=gray,zadigx-release-service-name in (web) "
        "-- Ingress.networking.k8s.io"
    )


def test_a_namespace_on_the_command_line_is_for_objects_that_name_none(stepped: Path) -> None:
    _, asked = run_script(stepped, "-n", "elsewhere")

    assert all(line.startswith("-n elsewhere --namespace=shop ") for line in asked)


@pytest.mark.parametrize(("said", "status"), [("the server doesn't have a resource type", 0), ("forbidden", 1)])
def test_a_kind_that_the_cluster_does_not_know_does_not_stop_the_script(stepped: Path, said: str, status: int) -> None:
    (stepped / "answer").write_text(f'case $* in *Rollout*) echo "error: {said}" >&2; exit 1;; esac\n')

    assert run_script(stepped)[0] == status


def test_a_kind_that_a_cluster_may_not_know_takes_no_others_with_it(stepped: Path) -> None:
    _, asked = run_script(stepped)

    assert [line.count("/") for line in asked if "Rollout" in line] == [1]


def test_a_script_replaces_an_earlier_one_and_nothing_else(shop: Path) -> None:
    (shop / "mine.sh").write_text("#!/bin/sh\nexit 1\n")
    before = names(shop)
    run = offline(shop, "release.yaml", "--script", "mine.sh", "-f", "json")
    assert (codes(run), names(shop)) == (["GC610"], before)

    assert offline(shop, "release.yaml", "--script", "off.sh").status == 0
    assert offline(shop, "blue.yaml", "--script", "off.sh").status == 0
    assert "web-mse-blue" in (shop / "off.sh").read_text()


def test_an_interrupted_run_is_finished_first(shop: Path) -> None:
    """A build was killed after its journal stood: what it had left to do is nothing, and the release is taken offline."""
    journal = shop / "out" / ".grayc-journal"
    leave_killed_run(shop / "out", owner="demo")

    assert codes(offline(shop, "release.yaml", "--check", "-f", "json")) == ["GC607"]
    assert journal.exists()
    assert offline(shop, "release.yaml").status == 0
    assert names(shop) == {".grayc-inventory", "sky.web.yaml"}


@pytest.fixture
def killed(shop: Path) -> Path:
    """Return a folder in which `offline` was killed after its journal stood: `demo` is to go."""
    leave_killed_run(shop / "out", owner="demo", removes=[FILE])
    return shop


@pytest.mark.parametrize("asked", [("release.yaml",), ("--tag", "gray")])
def test_what_a_killed_run_took_offline_is_no_mistake_and_its_commands_are_missed(
    killed: Path, asked: tuple[str, ...]
) -> None:
    run = offline(killed, *asked)

    assert (run.status, run.stdout) == (0, "")
    assert "out holds nothing of demo" in run.stderr
    assert "for its commands" in run.stderr
    assert names(killed) == {".grayc-inventory", "sky.web.yaml"}


@pytest.mark.parametrize("asked", [("other.yaml",), ("--tag", "grey")])
def test_a_typo_is_one_after_a_killed_run_too(killed: Path, asked: tuple[str, ...]) -> None:
    write_spec(killed / "other.yaml", "other", namespace=None)

    run = offline(killed, *asked, "-f", "json")

    assert (codes(run), run.status) == (["GC631", "GC641"], 1)


ROUTE = an_object(
    "VirtualService",
    {
        "hosts": ["shop.example.com"],
        "gateways": ["public"],
        "http": [{"route": [{"destination": {"host": "web"}}]}],
    },
    version="networking.istio.io/v1",
    namespace="",
)


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    """Return a folder with a lane that opens in production's own VirtualService."""
    objects = [workload(namespace=""), service(namespace=""), ROUTE]
    write_shop(tmp_path, *objects, traffic={"gateway": "istio", "rules": [{"header": "x-user", "value": "ann"}]})
    run = run_grayc(["build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"], folder=tmp_path)
    assert run.status == 0, run.stderr
    return tmp_path


def test_what_of_production_leads_into_the_lane_is_told(mesh: Path) -> None:
    run = offline(mesh, "release.yaml", "-f", "json")

    assert (codes(run), run.status) == (["GC634"], 0)
    wanted = {"namespace": None, "object": "VirtualService.networking.istio.io/web"}
    assert json.loads(run.stdout)["putBack"] == [wanted]


@pytest.mark.parametrize(
    ("host", "status"),
    [("web-mse-gray", 1), ("web-mse-gray.shop.svc.cluster.local", 1), ("web-mse-gray2", 0), ("web", 0)],
)
def test_the_script_deletes_nothing_while_production_leads_into_the_lane(mesh: Path, host: str, status: int) -> None:
    offline(mesh, "release.yaml", "--script", "off.sh")
    kubectl = mesh / "bin" / "kubectl"
    kubectl.parent.mkdir()
    route = json.dumps({"http": [{"route": [{"destination": {"host": host}}]}]}, separators=(",", ":"))
    kubectl.write_text(f"#!/bin/sh\necho \"$@\" >> {mesh}/log\nif [ $1 = get ]; then echo '{route}'; fi\n")
    kubectl.chmod(0o755)
    environment = {"PATH": f"{kubectl.parent}:{os.environ['PATH']}", "DRAIN_SECONDS": "0"}

    done = subprocess.run(
        ["sh", mesh / "off.sh", "--context=prod", "--dry-run=server"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    asked, *deleted = (mesh / "log").read_text().splitlines()
    assert asked.startswith("get ")
    assert asked.endswith("} --context=prod -- VirtualService.networking.istio.io/web")
    assert done.returncode == status
    assert ("still leads into the lane" in done.stderr) == bool(status)
    assert bool(deleted) != bool(status)
    assert all("--dry-run=server" in line for line in deleted)


MISTAKES = {
    # What stands in the spec now → how many mistakes are told.
    "an image of a template": ("{name: web}", "{name: web, images: {web: 'example.com/web:${TAG}'}}", 1),
    "a field that does not exist": ("services:", "servces: 1, services:", 1),
    "a date that is none": ("services:", "expires: 2026-02-31, services:", 1),
}


@pytest.mark.parametrize(("old", "new", "count"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistakes_elsewhere_in_the_spec_are_a_warning(shop: Path, old: str, new: str, count: int) -> None:
    assert old in RELEASE
    (shop / "release.yaml").write_text(RELEASE.replace(old, new))
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 1

    run = offline(shop, "release.yaml", "-f", "json")

    (found,) = json.loads(run.stdout)["diagnostics"]
    assert (run.status, found["code"], len(found["notes"])) == (0, "GC638", count)
    assert names(shop) == {".grayc-inventory", "sky.web.yaml"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: demo", "name: De_mo"),
        ("tag: gray", "tag: original"),
        ("tag: gray", "tag: {a: gray}"),
        ("tag: gray", "namespace: A_B, tag: gray"),
        ("kind: GrayRelease", "kind: GreyRelease"),
        ("tag: gray", "tag: gray, tag: blue"),
    ],
)
def test_what_a_spec_says_wrong_of_its_lane_takes_nothing_offline(shop: Path, old: str, new: str) -> None:
    assert old in RELEASE
    (shop / "release.yaml").write_text(RELEASE.replace(old, new, 1))
    before = names(shop)

    assert offline(shop, "release.yaml").status == 1
    assert offline(shop, "release.yaml", "--check").status == 2
    assert names(shop) == before


def test_of_many_mistakes_some_are_told(shop: Path) -> None:
    many = ", ".join(f"wrong{at}: 1" for at in range(9))
    (shop / "release.yaml").write_text(RELEASE.replace("tag: gray", f"{many}, tag: gray"))
    (found,) = json.loads(offline(shop, "release.yaml", "-f", "json").stdout)["diagnostics"]
    assert [note["message"] for note in found["notes"]][5:] == ["there are 4 more mistakes"]
