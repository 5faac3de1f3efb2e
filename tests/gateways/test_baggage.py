"""The lane's tag as a member of `baggage`: it is added by real gateways, and what others put there stays.

Envoy adds it as a line of its own, which is the same list to whoever reads all lines (RFC 9110, 5.3).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.gateways import gateway_api, higress_envoy, istio_envoy
from tests.gateways.envoy import Envoy
from tests.gateways.traffic import Case, Outcome, Request
from tests.manifests import objects_in

Gateway = Callable[[Envoy, Sequence[Case]], list[list[Outcome]]]

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec: {containers: [{name: web, image: "r.example.com/web:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web, zadigx-release-version: original}
  ports: [{name: http, port: 80}]
---
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: higress
  rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
"""
HTTP_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: public}]
  hostnames: [shop.test]
  rules:
    - matches: [{path: {type: PathPrefix, value: /}}]
      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: Baggage, value: by=shop}]}}]
      backendRefs: [{name: web, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {gatewayClassName: eg, listeners: [{name: http, port: 80, protocol: HTTP}]}
"""
VIRTUAL_SERVICE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.test]
  gateways: [public]
  http: [{route: [{destination: {host: web, port: {number: 80}}}]}]
"""
RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {{name: web}}
spec:
  tag: pr-1
  namespace: shop
  lane: {{provider: none, baggage: lane}}
  baseline: [baseline/]
  services: [{{name: web, images: {{web: "r.example.com/web:2"}}}}]
  traffic: {{gateway: {gateway}, guard: false, rules: [{{header: x-user, value: "1"}}, {{tagged: true}}]}}
"""
GATEWAYS = {
    "higress": (INGRESS, higress_envoy.outcomes, []),
    "gateway-api": (HTTP_ROUTE, gateway_api.outcomes, ["by=shop"]),
    "istio": (VIRTUAL_SERVICE, istio_envoy.outcomes, []),
}


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_member_is_added_and_others_stay(envoy: Envoy, tmp_path: Path, name: str) -> None:
    entry, outcomes, own = GATEWAYS[name]
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "shop.yaml").write_text(SHOP + entry)
    (tmp_path / "release.yaml").write_text(RELEASE.format(gateway=name))
    done = run_grayc(["build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"], folder=tmp_path)
    assert done.status == 0, done.stderr
    files = [*(tmp_path / "baseline").iterdir(), *(tmp_path / "out").glob("*.yaml")]
    every = [data for file in files for data in objects_in(file.read_text())]
    for whole in objects_in((tmp_path / "patch.yaml").read_text()):
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
        manifests=yaml.safe_dump_all(every),
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
