"""Routes of the Gateway API for calls: what the claims of lanes make, whatever their number and order."""

import random
from typing import Any

from grayc.documents.mesh_claim import MeshClaim
from grayc.k8s.carriers import TagCarrier
from grayc.meshes.gateway_api import objects


def claim(tag: str, ports: tuple[int, ...] = (80,), grpc: tuple[int, ...] = ()) -> MeshClaim:
    return MeshClaim(
        namespace="shop",
        service="cart",
        tag=tag,
        release=f"release-{tag}",
        gray=f"cart-{tag}",
        carrier=TagCarrier(header="x-gray-tag"),
        ports=ports,
        grpc=grpc,
        api_version="gateway.networking.k8s.io/v1",
    )


def shown(claims: list[MeshClaim]) -> list[tuple[str, str, list[str]]]:
    """Return kind, name, and where each rule leads, of every route."""
    made: Any = objects(claims).get(("shop", "cart"), ())
    return [
        (each["kind"], each["metadata"]["name"], [rule["backendRefs"][0]["name"] for rule in each["spec"]["rules"]])
        for each in made
    ]


def test_a_route_has_sixteen_rules_and_the_next_lane_another_route() -> None:
    claims = [claim(f"t{number:02}") for number in range(32)]
    made = shown(claims)

    assert [(name, len(rules)) for _, name, rules in made] == [
        ("cart-grayc-lanes-80", 16),
        ("cart-grayc-lanes-80-2", 15),
        ("cart-grayc-lanes-80-3", 2),
    ]
    assert [rules[-1] == "cart" for _, _, rules in made] == [True, False, False], "one route leads all others on"
    random.Random(1).shuffle(claims)
    assert shown(claims) == made


def test_a_port_of_grpc_has_a_route_of_its_kind_and_old_lanes_keep_theirs() -> None:
    claims = [claim("old", ports=(80,)), claim("new", ports=(80, 9000), grpc=(9000,)), claim("none", ports=())]

    assert shown(claims) == [
        ("HTTPRoute", "cart-grayc-lanes-80", ["cart-new", "cart-old", "cart"]),
        ("GRPCRoute", "cart-grayc-lanes-9000", ["cart-new", "cart"]),
    ]
    assert objects([claim("none", ports=())]) == {}
