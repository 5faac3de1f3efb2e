"""An inventory says of each release what lane it is; one of an older grayc says less and is read all the same."""

import json

import pytest

from grayc.output.inventory import (
    DamagedError,
    Inventory,
    LaneRecord,
    Owned,
    format_inventory,
    lane_head,
    parse_inventory,
)

ZEROS = "0" * 64
LANE = LaneRecord(
    tag="gray",
    services=("web", "cart"),
    gateways=("mse",),
    rules=({"header": "x-user-id", "values": ["100"]}, {"weight": 5}),
    expires="2027-01-31",
    baseline={"Deployment.apps shop/web": ZEROS, "Service shop/web": ZEROS},
)
FILES = {"demo.web.yaml": Owned(owner="demo", sha256=ZEROS)}


def test_what_is_written_is_read() -> None:
    for inventory in (
        Inventory(),
        Inventory(files=FILES),
        Inventory(files=FILES, lanes={"demo": LANE, "other": LaneRecord(tag="blue")}),
    ):
        assert parse_inventory(format_inventory(inventory).encode()) == inventory


def test_each_file_and_each_object_has_a_line_of_its_own() -> None:
    lines = format_inventory(Inventory(files=FILES, lanes={"demo": LANE})).splitlines()

    for word in ("demo.web.yaml", "Deployment.apps shop/web", "Service shop/web"):
        assert sum(word in line for line in lines) == 1
    assert lines.count(lane_head("demo")) == 1


def test_an_inventory_without_lanes_is_one_of_an_older_grayc() -> None:
    old = {"format": "grayc.inventory/v1", "files": {"demo.web.yaml": {"owner": "demo", "sha256": ZEROS}}}

    assert parse_inventory(json.dumps(old).encode()) == Inventory(files=FILES)


def test_what_a_later_grayc_adds_to_a_lane_is_passed_over() -> None:
    data = json.loads(format_inventory(Inventory(lanes={"demo": LANE})))
    data["lanes"]["demo"]["colour"] = "blue"

    assert parse_inventory(json.dumps(data).encode()).lanes == {"demo": LANE}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tag", None),
        ("tag", 1),
        ("services", "web"),
        ("services", [1]),
        ("gateway", 1),
        ("rules", ["x"]),
        ("expires", 20270131),
        ("baseline", []),
        ("baseline", {"Service web": "0"}),
    ],
)
def test_a_lane_that_grayc_would_not_write_is_damage(field: str, value: object) -> None:
    data = json.loads(format_inventory(Inventory(lanes={"demo": LANE})))
    data["lanes"]["demo"][field] = value

    with pytest.raises(DamagedError):
        parse_inventory(json.dumps(data).encode())


@pytest.mark.parametrize("lanes", [[], {"demo": None}, {"demo": "gray"}])
def test_lanes_of_another_shape_are_damage(lanes: object) -> None:
    with pytest.raises(DamagedError):
        parse_inventory(json.dumps({"format": "grayc.inventory/v1", "files": {}, "lanes": lanes}).encode())
