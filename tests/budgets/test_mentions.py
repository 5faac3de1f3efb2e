"""Names that nothing follows are looked up in one index, so the time goes with the size of the baseline."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import Object, release, service


def _thing(name: str, spec: Object, kind: str = "Thing", **metadata: object) -> Object:
    head = {"name": name, "namespace": "shop", **metadata}
    return {"apiVersion": "example.com/v1", "kind": kind, "metadata": head, "spec": spec}


def _found(folder: Path, objects: list[Object], **spec: Any) -> list[str]:
    lay_out(folder, objects, release=release(**spec))
    cost = cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)
    assert_cheap(cost)
    return [item["object"] for item in json.loads(cost.stdout)["diagnostics"] if item["code"] == "GC350"]


def test_many_objects_that_name_one(tmp_path: Path) -> None:
    things = [_thing(f"t{n}", {"guardedRef": {"kind": "Service", "name": "web"}}) for n in range(2_000)]
    # A report shows the first of many findings.
    assert len(_found(tmp_path, [deployment(), service(), *things])) > 100


def test_one_object_that_names_many(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(2_000)]
    web = deployment(container={"envFrom": [{"configMapRef": {"name": name}} for name in names]})
    maps: list[Object] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}} for name in names
    ]
    thing = _thing("all", {"configMaps": names, "also": [{"kind": "ConfigMap", "name": name} for name in names]})
    assert _found(tmp_path, [web, *maps, thing]) == ["Thing/all"]


def test_one_name_of_many_kinds(tmp_path: Path) -> None:
    things = [
        _thing("web", {"ref": "web", "targetRef": {"kind": f"K{n}", "name": "web"}}, f"K{n}") for n in range(2_000)
    ]
    _found(tmp_path, [deployment(), service(), *things], services=[{"name": "web", "from": "baseline/"}])


@pytest.mark.parametrize(
    "text",
    [
        "a" * 90_000,
        "a-" * 45_000,
        "a.b" * 30_000,
        "k: web\n" * 12_000,
        "web " * 22_000,
        '"' * 90_000,
        "[" * 90_000,
        "a=" * 45_000,
        " " * 90_000 + "=",
        "http://" * 12_000,
        "shop/web," * 9_000,
    ],
)
def test_an_annotation_of_one_sort_of_sign(text: str, tmp_path: Path) -> None:
    things = [_thing(f"t{n}", {}, annotations={"example.com/service": text}) for n in range(9)]
    _found(tmp_path, [deployment(), service(), *things])


def test_a_field_as_deep_as_the_reader_takes(tmp_path: Path) -> None:
    deep: object = "web"
    for _ in range(20):
        deep = {"service": [deep]}
    assert _found(tmp_path, [deployment(), service(), _thing("deep", {"service": deep})]) == ["Thing/deep"]
