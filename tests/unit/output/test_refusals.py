"""What no apply makes of a lane that a cluster has."""

import json
from pathlib import Path

import pytest

from grayc.output.refusals import left_behind, refused_changes
from tests.cli_run import Run, run_grayc
from tests.manifests import Object, ingress, service, workload, write_release, write_shop
from tests.unit.diff.objects import documents

JOB = (
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}, parallelism: 1}\n"
)


def fields(before: str, after: str) -> list[str]:
    return [item.field for item in refused_changes(documents(before), documents(after))]


def test_fields_of_the_table_alone_are_told() -> None:
    assert fields(JOB, JOB.replace("containers: []", "containers: [{}]")) == ["spec.template"]
    assert fields(JOB, JOB.replace("parallelism: 1", "parallelism: 2")) == []
    assert fields(JOB, JOB) == []


def test_objects_that_come_or_go_and_hooks_are_none_of_it() -> None:
    other = JOB.replace("containers: []", "containers: [{}]")
    hook = "{name: a, annotations: {argocd.argoproj.io/hook: PostSync}}"

    assert fields(JOB, other.replace("name: a", "name: b")) == []
    assert fields("", other) == fields(JOB, "") == []
    assert fields(JOB, other.replace("{name: a}", hook)) == []


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder whose lane was built before its service got another name."""
    write_shop(tmp_path)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    write_shop(tmp_path, services=[{"name": "front", "workload": "web"}])
    return tmp_path


def codes(run: Run) -> list[str]:
    return [found["code"] for found in json.loads(run.stdout)["diagnostics"] if found["severity"] != "note"]


def test_build_check_and_diff_tell_it(shop: Path) -> None:
    check = run_grayc(["build", "release.yaml", "-o", "out", "--check", "-f", "json"], folder=shop)
    diff = run_grayc(["diff", "release.yaml", "--with", "out", "-f", "json"], folder=shop)
    build = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=shop)
    again = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=shop)

    assert codes(check) == ["GC635", "GC650"]
    assert codes(diff) == codes(build) == ["GC635"]
    assert (build.status, codes(again)) == (0, [])


def test_with_strict_nothing_is_written(shop: Path) -> None:
    before = {path.name: path.read_bytes() for path in (shop / "out").iterdir()}

    run = run_grayc(["build", "release.yaml", "-o", "out", "--strict", "-f", "json"], folder=shop)

    assert (run.status, codes(run)) == (1, ["GC635"])
    assert {path.name: path.read_bytes() for path in (shop / "out").iterdir()} == before


THREE = """\
apiVersion: v1
kind: Service
metadata: {name: a, namespace: x}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: b, namespace: x}
---
apiVersion: batch/v1
kind: Job
metadata: {name: c, labels: {zadigx-release-version: gray, zadigx-release-service-name: verify-c}}
"""


def test_what_left_the_lane_is_named_in_the_order_in_which_it_goes() -> None:
    (left,) = left_behind(documents(THREE), [], release="demo")

    assert left.code == "GC636"
    assert [note.message for note in left.notes] == [
        "`kubectl delete --namespace=x -- Ingress.networking.k8s.io/b`",
        "`kubectl delete --namespace=x -- Service/a`",
    ]
    assert not list(left_behind(documents(THREE), documents(THREE), release="demo"))


@pytest.mark.parametrize(("gitops", "found"), [("none", ["GC636"]), ("argocd", []), ("flux", [])])
def test_a_service_that_leaves_is_told_where_nobody_prunes(tmp_path: Path, gitops: str, found: list[str]) -> None:
    objects = [workload(namespace=""), workload(name="cart", namespace="")]
    spec: Object = {"output": {"gitops": gitops}}
    write_shop(tmp_path, *objects, services=[{"name": "web"}, {"name": "cart"}], **spec)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    write_shop(tmp_path, *objects, **spec)

    runs = [
        run_grayc(["build", "release.yaml", "-o", "out", "-f", "json", *more], folder=tmp_path)
        for more in (["--check"], ["--strict"], [])
    ]

    told = [[item["code"] for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC636"] for run in runs]
    assert told == [found, found, []]
    assert [run.status for run in runs] == [1, 0, 0]


USER, STRANGER = {"header": "x-user", "value": "1"}, {"header": "x-gray"}
NOT_N = {"header": "a", "pattern": "^n"}
PREVIEW, SHARE = {"cookie": "preview"}, {"weight": 5}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([USER], [USER, STRANGER], ["Ingress/web-0-never-mse-gray"]),
        ([NOT_N], [NOT_N, {"header": "a"}], ["Ingress/web-0-never-mse-gray"]),
        ([USER], [STRANGER, USER], []),
        ([USER], [USER, PREVIEW], []),
        ([STRANGER], [STRANGER, SHARE], []),
        ([PREVIEW], [PREVIEW, SHARE], []),
        ([USER, STRANGER], [USER, STRANGER, SHARE], []),
        ([], [USER, STRANGER], []),
    ],
    ids=[
        "opt-out of what was there",
        "opt-out of a pattern",
        "the older one is the opt-out's own",
        "all enter",
        "no request meets both",
        "no request has a cookie twice",
        "it was there",
        "all are new",
    ],
)
@pytest.mark.parametrize("layout", ["service", "object"])
def test_an_opt_out_that_comes_to_a_living_lane_is_asked_too_late(
    before: list[Object], after: list[Object], told: list[str], layout: str, tmp_path: Path
) -> None:
    """MSE and Higress ask the oldest canary first."""
    said = []
    for rules in (before, after):
        write_release(
            tmp_path,
            [workload(), ingress(), service()],
            lane=None,
            traffic={"gateway": "mse", "guard": False, "rules": rules},
            output={"layout": layout},
        )
        for command in (["diff", "--with"], ["build", "--check", "-o"], ["build", "-o"]):
            run = run_grayc([command[0], "release.yaml", *command[1:], "out", "-f", "json"], folder=tmp_path)
            said.append([item["object"] for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC637"])

    assert said == [[], [], [], told, told, told]
