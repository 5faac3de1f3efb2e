"""Workloads that are not prepared, and what selects them all, cost what they are and not their product."""

from pathlib import Path

import pytest

from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import Object, release, service

WORKLOADS, SELECTORS = 800, 2_500
BUILD = ["build", "release.yaml", "-o", "out"]
ADOPT = ["adopt", "baseline/"]


def _unprepared(name: str) -> Object:
    workload = deployment(name)
    workload["spec"]["selector"]["matchLabels"] = {"app": name}
    workload["spec"]["template"]["metadata"]["labels"] = {"app": name, "all": "y"}
    return workload


@pytest.mark.parametrize(
    ("command", "lane", "status"),
    [(BUILD, {"isolation": "label"}, 1), (ADOPT, {"isolation": "label"}, 0), (BUILD, {}, 0)],
    ids=["build", "adopt", "relabel"],
)
def test_services_of_all_unprepared_workloads(tmp_path: Path, command: list[str], lane: Object, status: int) -> None:
    ports = [{"port": 80}]
    services = [{**service(f"s{at}"), "spec": {"selector": {"all": "y"}, "ports": ports}} for at in range(SELECTORS)]
    names = [f"w{at}" for at in range(WORKLOADS)]
    spec = release(lane=lane, services=[{"name": name} for name in names])
    lay_out(tmp_path, [*map(_unprepared, names), *services], release=spec)
    cost = cost_of(command, folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == status, cost.stderr[-2000:]


def test_budgets_of_all_workloads(tmp_path: Path) -> None:
    budgets: list[Object] = [
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": f"p{at}", "namespace": "shop"},
            "spec": {"minAvailable": 1, "selector": {}},
        }
        for at in range(SELECTORS)
    ]
    names = [f"w{at}" for at in range(1_200)]
    lay_out(tmp_path, [*map(deployment, names), *budgets], release=release(services=[{"name": name} for name in names]))
    for command in (BUILD, ADOPT):
        assert_cheap(cost_of(command, folder=tmp_path))
