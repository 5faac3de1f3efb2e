"""Thousands of patches of one large object cost what they change, or are refused where they begin to cost too much."""

import json
from pathlib import Path

import pytest

from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import Object, release

ENTRIES = 10_000


def _patched(patches: list[Object]) -> tuple[Object, Object]:
    env = [{"name": f"A{at}", "value": "x"} for at in range(ENTRIES)]
    each = [{"target": {"kind": "Deployment"}, **patch} for patch in patches]
    return deployment(container={"env": env}), release(services=[{"name": "web", "patches": each}])


def _env(at: int) -> Object:
    containers = [{"name": "web", "env": [{"name": f"A{at}", "value": "y"}]}]
    return {"merge": {"spec": {"template": {"spec": {"containers": containers}}}}}


def _operations(at: int) -> Object:
    place = f"/spec/template/spec/containers/0/env/{at}/value"
    return {"json6902": [{"op": "replace", "path": place, "value": "y"}]}


MANY: dict[str, tuple[list[Object], bool]] = {
    "annotations": ([{"merge": {"metadata": {"annotations": {f"a{at}": "x"}}}} for at in range(5_000)], True),
    "few annotations": ([{"merge": {"metadata": {"annotations": {f"a{at}": "x"}}}} for at in range(1_000)], False),
    "the same": ([{"json6902": [{"op": "add", "path": "/metadata/annotations", "value": {}}]}] * 4_000, False),
    "variables": ([_env(at) for at in range(3_000)], True),
    "few variables": ([_env(at) for at in range(50)], False),
    "operations": ([_operations(at) for at in range(3_000)], True),
    "failing": ([{"json6902": [{"op": "remove", "path": "/spec/none"}]}] * 4_000, True),
}


@pytest.mark.parametrize(("patches", "is_refused"), MANY.values(), ids=MANY)
@pytest.mark.parametrize("command", [["build", "release.yaml", "-o", "out"], ["plan", "release.yaml"]], ids="-".join)
def test_many_patches_of_a_large_object(
    tmp_path: Path, command: list[str], patches: list[Object], is_refused: bool
) -> None:
    workload, spec = _patched(patches)
    lay_out(tmp_path, [workload], release=spec)
    cost = cost_of([*command, "-f", "json"], folder=tmp_path)
    assert_cheap(cost)
    if command[0] == "build":
        found = [item for item in json.loads(cost.stdout)["diagnostics"] if item["code"] == "GC128"]
        assert [item["field"].partition("[")[0] for item in found] == ["spec.services"] * is_refused


@pytest.mark.parametrize("directive", [{}, {"$patch": "delete"}], ids=["merged", "deleted"])
def test_one_patch_of_many_ports(tmp_path: Path, directive: Object) -> None:
    """Ports merge by one field and may be told apart by another, so each is held against those of its number."""
    ports = [{"containerPort": at, "protocol": "TCP"} for at in range(ENTRIES)]
    container = {"name": "web", "ports": [{**port, **directive} for port in ports]}
    merge = {"spec": {"template": {"spec": {"containers": [container]}}}}
    patch = {"target": {"kind": "Deployment"}, "merge": merge}
    lay_out(
        tmp_path,
        [deployment(container={"ports": ports})],
        release=release(services=[{"name": "web", "patches": [patch]}]),
    )
    assert_cheap(cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path))
