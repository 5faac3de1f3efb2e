"""Suggestions are made as long as their budget lasts, and the first findings have them."""

import json
from pathlib import Path

import pytest

from grayc.diagnostics import did_you_mean, nearest
from grayc.diagnostics.suggest import start_over
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import release


@pytest.fixture(autouse=True)
def _own_budget() -> None:
    start_over()


def test_one_mistake_beside_many_names_has_a_suggestion() -> None:
    names = [f"service-number-{n}" for n in range(20_000)]
    assert nearest("servise-number-777", names) == "service-number-777"


def test_after_the_budget_a_sentence_says_what_to_do() -> None:
    names = [f"service-number-{n}" for n in range(3_000)]
    told = [did_you_mean(f"servise-{n}", names, noun="service") for n in range(100)]
    assert told[0].startswith("did you mean ")
    assert told[-1] == "mend the first findings: of so many, no service is suggested"
    start_over()
    assert did_you_mean("servise-0", names, noun="service") == told[0]


def test_a_long_text_is_no_misspelt_name() -> None:
    assert nearest("ab" * 500, ["ab" * 499]) is None
    assert nearest("web", ["wep", "web" * 1_000]) == "wep"


@pytest.mark.parametrize("count", [150, 3_000])
def test_unknown_names_beside_as_many_workloads_cost_little(tmp_path: Path, count: int) -> None:
    there = [deployment(f"payment-service-{n}") for n in range(count)]
    asked = [{"name": f"peyment-servise-{n}"} for n in range(count)]
    lay_out(tmp_path, there, release=release(services=asked))
    cost = cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    assert_cheap(cost)
    found = json.loads(cost.stdout)
    assert cost.status == 1
    assert found["summary"]["errors"] == count
    assert "did you mean `payment-service-0`?" in found["diagnostics"][0]["help"]
