"""Rules, patterns and calls of one release, in numbers that no release has."""

import json
from pathlib import Path

import pytest

from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, ingress, lay_out, rules
from tests.manifests import Object, release, service


def _many_paths(count: int) -> Object:
    made = ingress()
    http = made["spec"]["rules"][0]["http"]
    http["paths"] = [{**http["paths"][0], "path": f"/{n}"} for n in range(count)]
    return made


@pytest.mark.parametrize(
    ("given", "paths", "codes"),
    [
        ([{"header": f"x{n}", "value": "1"} for n in range(5_000)], 3_000, {"GC220"}),
        ([{"header": f"x{n}", "value": "1"} for n in range(15_000)], 1, {"GC220"}),
        ([{"header": "x", "values": [str(n) for n in range(30_000)]}], 1_000, {"GC220"}),
        ([{"header": "x", "values": [str(n) for n in range(30_000)]}], 1, set()),
        ([{"header": "x", "pattern": rf"\pL{{90}}{n}"} for n in range(10_000)], 1, {"GC219"}),
        ([{"header": "x", "pattern": rf"(\pL{{30}}){{30}}{n}"} for n in range(10_000)], 1, {"GC215", "GC219"}),
        ([{"header": "x", "pattern": f"^a{n}$"} for n in range(300)], 1, set()),
    ],
)
def test_rules_cost_little_or_are_refused(tmp_path: Path, given: list[Object], paths: int, codes: set[str]) -> None:
    lay_out(tmp_path, [deployment(), service(), _many_paths(paths)], release=release(traffic=rules(*given)))
    cost = cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    assert_cheap(cost)
    found = json.loads(cost.stdout)["diagnostics"]
    assert {item["code"] for item in found if item["severity"] == "error"} == codes


def test_many_calls_cost_little(tmp_path: Path) -> None:
    there = [deployment(), *(service(f"s{n}") for n in range(2_000))]
    calls = [f"s{n % 2_000} -> web -> s{(n + 1) % 2_000}" for n in range(15_000)]
    lay_out(tmp_path, there, release=release(calls=calls))
    assert_cheap(cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path))
