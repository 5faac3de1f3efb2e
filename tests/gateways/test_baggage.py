"""The lane's tag as a member of `baggage`: it is added by real gateways, and what others put there stays.

Envoy adds it as a line of its own, which is the same list to whoever reads all lines (RFC 9110, 5.3).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.gateways import gateway_api, higress_envoy, istio_envoy
from tests.gateways.envoy import Envoy
from tests.gateways.traffic import Case, Outcome, Request
from tests.manifests import Object, an_object, ingress, run_build, service, stream, workload

Gateway = Callable[[Envoy, Sequence[Case]], list[list[Outcome]]]

RULE = {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [{"name": "web", "port": 80}]}
ADDED = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"add": [{"name": "Baggage", "value": "by=shop"}]}}
HTTP_ROUTE = [
    an_object(
        "HTTPRoute",
        {"parentRefs": [{"name": "public"}], "hostnames": ["shop.test"], "rules": [{**RULE, "filters": [ADDED]}]},
        version="gateway.networking.k8s.io/v1",
    ),
    an_object(
        "Gateway",
        {"gatewayClassName": "eg", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
        version="gateway.networking.k8s.io/v1",
        name="public",
    ),
]
WAY = {"destination": {"host": "web", "port": {"number": 80}}}
VIRTUAL_SERVICE = an_object(
    "VirtualService",
    {"hosts": ["shop.test"], "gateways": ["public"], "http": [{"route": [WAY]}]},
    version="networking.istio.io/v1",
)
Entry = tuple[Sequence[Object], Gateway, Sequence[str]]
GATEWAYS: dict[str, Entry] = {
    "higress": ([ingress(class_name="higress", host="shop.test")], higress_envoy.outcomes, []),
    "gateway-api": (HTTP_ROUTE, gateway_api.outcomes, ["by=shop"]),
    "istio": ([VIRTUAL_SERVICE], istio_envoy.outcomes, []),
}


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_member_is_added_and_others_stay(envoy: Envoy, tmp_path: Path, name: str) -> None:
    entry, outcomes, own = GATEWAYS[name]
    baseline = [workload(), service(ports=({"name": "http", "port": 80},)), *entry]
    built = run_build(
        tmp_path,
        baseline,
        *("--baseline-patch", "patch.yaml"),
        tag="pr-1",
        lane={"provider": "none", "baggage": "lane"},
        services=[{"name": "web", "images": {"web": "r.example.com/web:2"}}],
        traffic={"gateway": name, "guard": False, "rules": [{"header": "x-user", "value": "1"}, {"tagged": True}]},
    )
    assert built.status == 0, built.findings
    every = [*baseline, *built.objects]
    for whole in built.patch:
        every = [
            {**data, "spec": {**data["spec"], **whole["spec"]}} if data["kind"] == whole["kind"] else data
            for data in every
        ]
    sent = (
        (("x-user", "1"), ("baggage", "a=b,lane=pr-2;p=v")),
        (("baggage", "a=b, lane = pr%2D1;p=v,c=d"),),
        (("baggage", "a=b,lane=pr-12"),),
        (("baggage", "lane=pr-1,lane=pr-2"),),
        (),
    )
    case = Case(
        manifests=stream(every),
        requests=tuple(Request(host="shop.test", path="/", headers=headers) for headers in sent),
    )

    answers = [outcome.only() for outcome in outcomes(envoy, [case])[0]]

    assert [answer.service for answer in answers] == [
        "shop/web-pr-1",
        "shop/web-pr-1",
        "shop/web",
        "shop/web",
        "shop/web",
    ]
    # What a client sends stays as it is, and the tag is a line of its own.
    added = ",".join((*own, "lane=pr-1"))
    lines = [[value for key, value in answer.seen if key == "baggage"] for answer in answers[:2]]
    assert lines == [["a=b,lane=pr-2;p=v", added], ["a=b, lane = pr%2D1;p=v,c=d", added]]
