"""A build knows what the lane was made from, and says which objects of the baseline have moved since."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import Object, an_object, service, workload, write_baseline, write_spec
from tests.unit.cli.texts import PREPARED

KEY = an_object("Secret", name="key", namespace="", stringData={"token": "hunter2"})
PARTS = [service(namespace=""), KEY]
OTHER = an_object("ConfigMap", name="other", namespace="", data={"a": "b"})
SHARED: Object = {"name": "web", "share": ["Secret"]}
COPIED: Object = {"name": "web"}


def reading(image: str = "1", **spec: Any) -> Object:
    """Return a workload that reads a Secret."""
    container = {"image": f"registry.example.com/web:{image}", "envFrom": [{"secretRef": {"name": "key"}}]}
    return workload(namespace="", container=container, **spec)


def with_secret(**data: str) -> list[Object]:
    return [PARTS[0], {**KEY, "stringData": data}]


READING = PREPARED.replace(
    'image: "registry.example.com/web:1"', 'image: "registry.example.com/web:1", envFrom: [{secretRef: {name: key}}]'
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, web=[reading()], parts=PARTS, other=[OTHER])
    released(tmp_path, SHARED)
    assert build(tmp_path).status == 0
    return tmp_path


def write(shop: Path, **files: list[Object]) -> None:
    write_baseline(shop, {f"baseline/{name}.yaml": objects for name, objects in files.items()})


def released(shop: Path, *services: Object) -> None:
    write_spec(shop / "release.yaml", namespace=None, services=[*services])


def build(shop: Path, *more: str) -> Run:
    return run_grayc(["build", "release.yaml", "-o", "out", "-f", "json", *more], folder=shop)


def moved(run: Run) -> list[tuple[str, str | None]]:
    """Return what is said and where, of every object that moved."""
    found = json.loads(run.stdout)["diagnostics"]
    return [(item["message"], item["file"]) for item in found if item["code"] == "GC632"]


def test_nothing_moves_by_itself(shop: Path) -> None:
    run = build(shop, "--check")

    assert (run.status, moved(run)) == (0, [])


def test_a_changed_object_is_named_at_its_place(shop: Path) -> None:
    write(shop, web=[reading("2")])

    run = build(shop, "--check")

    assert run.status == 1
    assert moved(run) == [
        ("baseline `Deployment.apps web` says something else than when `demo` was built", "baseline/web.yaml")
    ]


def test_a_change_that_no_gray_object_shows_is_a_move_all_the_same(shop: Path) -> None:
    """Gray replicas are the release's own; the baseline's say how much production has grown since."""
    for replicas in (3, 9):
        build(shop)
        write(shop, web=[reading(replicas=replicas)])

    run = build(shop, "--check")

    assert (run.status, len(moved(run))) == (1, 1)
    assert json.loads(run.stdout)["changes"][0]["changed"] == []


def test_a_build_says_what_it_takes_over_and_then_it_is_taken_over(shop: Path) -> None:
    write(shop, web=[reading("2")])

    assert len(moved(build(shop))) == 1
    assert moved(build(shop)) == []
    assert build(shop, "--check").status == 0


@pytest.mark.parametrize(
    "text",
    [
        f"# a comment\n{READING}",
        READING.replace("metadata: {name: web}", "metadata: {name: web, uid: a1, resourceVersion: '7'}"),
        READING.replace("metadata: {name: web}", "metadata:\n  name: web\n  labels: {}\nstatus: {replicas: 1}"),
        READING.replace("kind: Deployment\nmetadata: {name: web}", "metadata: {name: web}\nkind: Deployment"),
    ],
    ids=["comment", "server fields", "status", "order"],
)
def test_what_an_object_does_not_mean_does_not_count(shop: Path, text: str) -> None:
    """The text alone is another one."""
    (shop / "baseline" / "web.yaml").write_text(READING)
    build(shop)
    assert text != READING
    (shop / "baseline" / "web.yaml").write_text(text)

    assert moved(build(shop, "--check")) == []


def test_an_object_that_the_lane_does_not_use_may_move(shop: Path) -> None:
    write(shop, other=[{**OTHER, "data": {"a": "c"}}])

    run = build(shop, "--check")

    assert (run.status, moved(run)) == (0, [])


def test_an_object_that_is_gone_and_one_that_is_new_are_told(shop: Path) -> None:
    # The Service goes, and another takes its place.
    write(shop, parts=[{**PARTS[0], "metadata": {"name": "www"}}, KEY])

    run = build(shop, "--check")

    assert moved(run) == [
        ("baseline `Service web` is gone since `demo` was built", None),
        ("baseline `Service www` was not there, or not used, when `demo` was built", "baseline/parts.yaml"),
    ]


def test_a_service_that_the_release_takes_in_is_no_move_of_the_baseline(shop: Path) -> None:
    write(shop, cart=[workload(name="cart", namespace="")])
    released(shop, {"name": "cart"}, SHARED)

    run = build(shop, "--check")

    assert (run.status, moved(run)) == (1, [])


def test_the_value_of_a_copied_secret_is_in_its_digest_where_the_copy_shows_it(shop: Path) -> None:
    """The digest of a short password can be guessed; one that stands in the copy need not be."""
    released(shop, COPIED)
    build(shop)
    write(shop, parts=with_secret(token="hunter3"))
    assert [message.split("`")[1] for message, _ in moved(build(shop, "--check"))] == ["Secret key"]

    build(shop)
    released(shop, {**COPIED, "config": {"key": {"token": "mine"}}})
    assert moved(build(shop)) == []
    before = (shop / "out" / ".grayc-inventory").read_bytes()
    write(shop, parts=with_secret(token="hunter4"))
    build(shop)
    assert (shop / "out" / ".grayc-inventory").read_bytes() == before

    released(shop, COPIED)
    assert moved(build(shop)) == []


def test_the_value_of_a_shared_secret_is_not_in_its_digest_and_its_keys_are(shop: Path) -> None:
    before = (shop / "out" / ".grayc-inventory").read_bytes()
    write(shop, parts=with_secret(token="hunter3"))
    build(shop)
    assert (shop / "out" / ".grayc-inventory").read_bytes() == before

    write(shop, parts=with_secret(password="hunter2"))
    assert [message.split("`")[1] for message, _ in moved(build(shop))] == ["Secret key"]


def test_an_inventory_of_an_older_grayc_knows_of_no_move(shop: Path) -> None:
    path = shop / "out" / ".grayc-inventory"
    data = json.loads(path.read_text())
    del data["lanes"]
    path.write_text(json.dumps(data))
    write(shop, web=[reading("2")])

    assert moved(build(shop)) == []
    assert "lanes" in json.loads(path.read_text())
