"""Lines of pictures from a copy of production to another: of the lane's request as long as something tells it apart."""

from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import ingress, service, workload, write_release

LANE, PRODUCTION = "==>", "-->"


def arrow(folder: Path, calls: str, before: str, hop: str, **lane: object) -> str:
    """Return how Mermaid shows the call of production's `before` to production's `hop`; `a` and `c` are released."""
    objects = [made for name in "abcd" for made in (workload(name=name), service(name))]
    write_release(
        folder,
        [*objects, ingress(paths=[("/", "Prefix", "a")])],
        services=[{"name": "a"}, {"name": "c"}],
        lane=lane,
        calls=[calls],
        traffic={"gateway": "higress", "rules": [{"header": "x-u", "value": "1"}]},
    )
    made = run_grayc(["graph", "release.yaml", "-f", "mermaid"], folder=folder).stdout
    lines = [line.strip() for line in made.splitlines()]
    ids = {
        line.partition('("')[2].split("<br>")[0]: line.split("(")[0] for line in lines if line.endswith("production")
    }
    (found,) = (line.split(" ") for line in lines if line.startswith(f"{ids[before]} ") and line.endswith(ids[hop]))
    return found[1].split("|")[0]


@pytest.mark.parametrize(
    ("lane", "shown"),
    [
        ({"provider": "address"}, PRODUCTION),
        ({"provider": "mse"}, LANE),
        ({"provider": "mse", "propagation": {"b": "none"}}, PRODUCTION),
        ({"provider": "mse", "propagation": {"d": "none"}}, LANE),
    ],
)
def test_a_call_between_copies_of_production(lane: dict[str, object], shown: str, tmp_path: Path) -> None:
    assert arrow(tmp_path, "a -> b -> d -> c", "b", "d", **lane) == shown


@pytest.mark.parametrize(
    "lane", [{"provider": "address"}, {"provider": "mse", "propagation": {"b": "none"}}], ids=["address", "dropped"]
)
def test_a_call_behind_one_that_is_not_carried(lane: dict[str, object], tmp_path: Path) -> None:
    assert arrow(tmp_path, "a -> b -> c -> d", "b", "c", **lane) == "--x"
    assert arrow(tmp_path, "a -> b -> c -> d", "c", "d", **lane) == PRODUCTION
