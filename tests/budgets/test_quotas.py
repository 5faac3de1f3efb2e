"""Many quotas, limits and workloads of one namespace cost what their number does, not their product."""

from pathlib import Path

import pytest

from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import release


@pytest.mark.parametrize("kind", ["ResourceQuota", "LimitRange"])
def test_many_rules_of_one_namespace(kind: str, tmp_path: Path) -> None:
    names = ["web", *(f"w{at}" for at in range(899))]
    spec = release(services=[{"name": name} for name in names])
    rules = [
        {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": f"r{at}", "namespace": "shop"},
            "spec": {
                "hard": {"pods": "9000"},
                "scopeSelector": {
                    "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": [f"c{at}"]}]
                },
            }
            if kind == "ResourceQuota"
            else {"limits": [{"type": "Container", "max": {"cpu": "1"}}]},
        }
        for at in range(900)
    ]
    lay_out(tmp_path, [*map(deployment, names), *rules], release=spec)
    assert_cheap(cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path))
