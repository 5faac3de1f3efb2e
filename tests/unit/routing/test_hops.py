"""The call paths behind a gateway: each by itself, with the copy that each call meets."""

import itertools
from collections.abc import Mapping, Sequence

import pytest

from grayc.k8s.carriers import TagCarrier
from grayc.routing.hops import Lane, Lanes, route_request
from grayc.routing.model import NO_CIRCUMSTANCES, Answer, Circumstances, Destination, HeaderChange, Request

_NOT = ("not carried", "no sidecar")


class AtWeb:
    """A gateway that sends every request to the gray copy of `web`, with its tag."""

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        colour = HeaderChange(name="x-gray-tag", value="blue")
        return Answer(destinations=(Destination(namespace="shop", service="web-blue", changes=(colour,)),))


def paths(
    calls: Sequence[str], copies: Sequence[str], lost: Mapping[tuple[str, str], tuple[str, str]]
) -> tuple[list[str], str]:
    """Return the paths that are met, and the services each once."""
    written = [call.split(" -> ") for call in calls]
    edges = {(one, other) for call in written for one, other in itertools.pairwise(call)}
    lane = Lane(
        tag="blue",
        carrier=TagCarrier(header="x-gray-tag"),
        copies=dict.fromkeys(copies, "gray"),
        called={},
        calls=written,
        carried={(*edge, gray): lost.get(edge, ("carried", "")) for edge in edges for gray in (True, False)},
        losers=frozenset({"old"}),
        is_by_address=False,
    )
    key = ("shop", "web-blue")
    lanes = Lanes(lane_of={key: "blue"}, name_of={key: "web"}, services={})
    asked = Request(host="shop.example.com")
    routed = route_request("istio", AtWeb(), asked, NO_CIRCUMSTANCES, lanes=lanes, lane=lane)
    assert all(
        hop.lane == {"gray": "blue", "unknown": ""}.get(hop.copy, hop.copy) for path in routed.paths for hop in path
    )
    told = {hop.why for path in routed.paths for hop in path if hop.why}
    assert told <= set(routed.why)
    shown = [" ".join(f"{hop.service}:{hop.copy}" for hop in path) for path in routed.paths]
    return shown, " ".join(f"{hop.service}:{hop.copy}" for hop in routed.hops)


@pytest.mark.parametrize(
    ("calls", "lost", "met", "each"),
    [
        pytest.param([], {}, ["web:gray"], "web:gray", id="no calls"),
        pytest.param(["cart -> stock"], {}, ["web:gray"], "web:gray", id="a path that it does not come to"),
        pytest.param(
            ["web -> cart", "web -> offers -> cart"],
            {("offers", "cart"): _NOT},
            ["web:gray cart:gray", "web:gray offers:baseline cart:baseline"],
            "web:gray cart:gray offers:baseline",
            id="a second caller's call is not carried",
        ),
        pytest.param(
            ["cart -> stock", "web -> cart", "web -> offers -> cart"],
            {("offers", "cart"): _NOT, ("cart", "stock"): ("unknown", "no name of the port")},
            [
                "web:gray cart:gray",
                "web:gray offers:baseline cart:baseline",
                "cart:gray stock:unknown",
                "cart:baseline stock:unknown",
            ],
            "web:gray cart:gray offers:baseline stock:unknown",
            id="a path that starts where others come to is there once for each copy",
        ),
        pytest.param(
            ["gate -> web -> old -> cart -> web"],
            {},
            ["web:gray old:baseline cart:baseline web:baseline"],
            "web:gray old:baseline cart:baseline",
            id="from the service on that it enters, and round",
        ),
    ],
)
def test_paths(
    calls: Sequence[str], lost: Mapping[tuple[str, str], tuple[str, str]], met: Sequence[str], each: str
) -> None:
    assert paths(calls, ("web", "cart", "stock"), lost) == (met, each)
