"""An inventory says of each release what lane it is; one of an older grayc says less and is read all the same."""

import json

import pytest

from grayc.documents.mesh_claim import MeshClaim
from grayc.k8s.carriers import TagCarrier
from grayc.output.inventory import (
    MESH_OWNER,
    Command,
    DamagedError,
    Inventory,
    LaneRecord,
    Opened,
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
    opens=(
        Opened(gateway="mse", controller="", namespace="shop", host="shop.example.com", path_type="Prefix", path="/"),
    ),
    asks=("x-user-id",),
    beside=("x-user-id",),
    mesh=(
        MeshClaim(
            namespace="shop",
            service="cart",
            tag="gray",
            release="demo",
            gray="cart-mse-gray",
            carrier=TagCarrier(header="x-gray-tag"),
            ports=(80, 9090),
            api_version="networking.istio.io/v1",
            routes=("VirtualService.networking.istio.io shop/cart",),
            is_argocd=True,
        ),
    ),
    command=Command(spec="../release.yaml", step="a-fifth", gateway="mse", lanes=("../other",), patch="../p.yaml"),
    baseline={"Deployment.apps shop/web": ZEROS, "Service shop/web": ZEROS},
)
CLAIM = {
    "service": "cart",
    "namespace": "shop",
    "gray": "cart-mse-gray",
    "header": "x-gray-tag",
    "ports": [80],
    "api": "networking.istio.io/v1",
}
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
        ("opens", {}),
        ("profile", "evil"),
        ("profile", None),
        ("owner", "a\nb"),
        ("build", {"tag": "A"}),
        ("build", {"images": ["web=x\n--rm"]}),
        ("build", {"owner": "\u202e"}),
        ("build", {"expires": "soon"}),
        ("opens", [["mse", "", "shop", "h.test", "Prefix"]]),
        ("opens", [["mse", "", "Shop", "h.test", "Prefix", "/"]]),
        ("opens", [["mse", "", "shop", "h.test/x", "Prefix", "/"]]),
        ("opens", [["mse", "", "shop", "h.test", "Prefix", "/\n"]]),
        ("opens", [["mse", "\x1b[0m", "shop", "h.test", "Prefix", "/"]]),
        ("asks", ["x user"]),
        ("beside", [1]),
        ("build", []),
        ("build", {"spec": "/etc/passwd"}),
        ("build", {"spec": "a\nb"}),
        ("build", {"spec": "a" * 5000}),
        ("build", {"step": "$(x)"}),
        ("build", {"lanes": "../other"}),
        ("mesh", {}),
        ("mesh", [CLAIM, CLAIM]),
        ("mesh", [{**CLAIM, "service": "Cart"}]),
        ("mesh", [{**CLAIM, "gray": "a b"}]),
        ("mesh", [{**CLAIM, "namespace": "../shop"}]),
        ("mesh", [{**CLAIM, "header": "X-Gray-Tag"}]),
        ("mesh", [{**CLAIM, "header": "x: y"}]),
        ("mesh", [{**CLAIM, "ports": [0]}]),
        ("mesh", [{**CLAIM, "ports": [True]}]),
        ("mesh", [{**CLAIM, "ports": [70000]}]),
        ("mesh", [{**CLAIM, "ports": list(range(1, 1002))}]),
        ("mesh", [{**CLAIM, "api": "apps/v1"}]),
        ("mesh", [{**CLAIM, "in": "cart; rm"}]),
        ("mesh", [{**CLAIM, "argocd": "yes"}]),
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


def test_what_all_lanes_have_in_common_has_files_of_its_own_names_only() -> None:
    """Else whoever writes to the repository could have a file of somebody's removed as one of no lane."""
    ours = Inventory(files={"zz_mesh_shop_cart.yaml": Owned(owner=MESH_OWNER, sha256=ZEROS)})
    assert parse_inventory(format_inventory(ours).encode()) == ours
    assert ours.owners == ()

    theirs = Inventory(files={"kustomization.yaml": Owned(owner=MESH_OWNER, sha256=ZEROS)})
    with pytest.raises(DamagedError):
        parse_inventory(format_inventory(theirs).encode())
