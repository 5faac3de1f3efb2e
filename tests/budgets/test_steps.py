"""A rollout of thousands of steps costs what its text does; a plan looks at as many of its steps as it can afford."""

import json
from pathlib import Path

import pytest

from grayc.driver.preview import MAX_STEP_COPIES
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, ingress, lay_out, rules
from tests.manifests import release, service


@pytest.mark.parametrize("workloads", [1, 700])
def test_many_steps(tmp_path: Path, workloads: int) -> None:
    names = ["web", *(f"w{at}" for at in range(workloads - 1))]
    count = 15_000 if workloads == 1 else 1_000
    steps = [{"name": f"s{at}", "weight": at % 100} for at in range(count)]
    spec = release(
        services=[{"name": name} for name in names],
        traffic=rules({"header": "x", "value": "1"}),
        rollout={"steps": steps},
    )
    objects = [*map(deployment, names), *map(service, names), ingress()]
    lay_out(tmp_path, objects, release=spec)
    cost = cost_of(["plan", "release.yaml", "-f", "json"], folder=tmp_path)
    assert_cheap(cost)
    told = json.loads(cost.stdout)["plans"][0]["steps"]
    unseen = [at for at, step in enumerate(told) if step.get("isSeen") is False]
    assert len(told) == count
    assert unseen == list(range(count - len(unseen), count))
    assert 5 <= count - len(unseen) <= MAX_STEP_COPIES


def test_a_rollout_of_fifty_steps_is_seen_whole(tmp_path: Path) -> None:
    steps = [{"name": f"s{at}", "weight": at * 2} for at in range(50)]
    spec = release(traffic=rules({"header": "x", "value": "1"}), rollout={"steps": steps})
    lay_out(tmp_path, [deployment(), service(), ingress()], release=spec)
    cost = cost_of(["plan", "release.yaml", "-f", "json"], folder=tmp_path)
    assert "isSeen" not in cost.stdout
    assert "not looked at" not in cost_of(["plan", "release.yaml"], folder=tmp_path).stdout
