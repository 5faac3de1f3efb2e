"""Every order of the passes that `after` allows gives the same bytes and findings: the order is a law, not a habit.

As golang's `cmd/compile` states the order of its phases in `passOrder`, and shuffles what it leaves open.
"""

from pathlib import Path

import pytest

from grayc.passes.model import Row
from grayc.passes.registry import BUILD, check_order
from tests.pass_orders import an_order, made_of, plans_of, seeds_to_try

ROOT = Path(__file__).parents[2]
SPECS = sorted(
    path
    for folder in ("tests/golden", "examples")
    for path in (ROOT / folder).rglob("*.yaml")
    if "expected" not in path.parts and "kind: GrayRelease" in path.read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def orders(request: pytest.FixtureRequest) -> dict[int, tuple[Row, ...]]:
    """Return seed → order. Every two passes stand both ways in them; `--orders` asks for more."""
    return {seed: an_order(seed) for seed in seeds_to_try(request.config.getoption("--orders"))}


def test_there_are_specs() -> None:
    assert len(SPECS) > 100


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: str(path.relative_to(ROOT).parent))
def test_a_release_is_the_same_in_every_order(spec: Path, orders: dict[int, tuple[Row, ...]]) -> None:
    for plan in plans_of(spec):
        made = made_of(BUILD, plan)

        assert made.fault == ""
        differ = {seed: [row.name for row in order] for seed, order in orders.items() if made_of(order, plan) != made}
        assert differ == {}


def test_an_order_that_after_forbids_is_refused() -> None:
    with pytest.raises(ValueError, match="pass set_env must stand once, after set_images"):
        check_order(tuple(row for row in BUILD if row.name != "set_images"))
