"""Many policies beside many routes that they name or select cost their number, not the product."""

from pathlib import Path

import pytest

from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import Object, release, service

COUNT = 700
LABEL = "argocd.argoproj.io/instance"
"""A gray route does not have it, so a policy that asks for it misses every one."""


def _route(at: int) -> Object:
    spec = {
        "parentRefs": [{"name": "gw"}],
        "hostnames": [f"h{at}.example.com"],
        "rules": [{"name": "all", "backendRefs": [{"name": "web", "port": 80}]}],
    }
    metadata = {"name": f"r{at}", "namespace": "shop", "labels": {"team": "a", LABEL: f"r{at}"}}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata, "spec": spec}


def _policy(at: int, **spec: object) -> Object:
    metadata = {"name": f"p{at}", "namespace": "shop"}
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "SecurityPolicy",
        "metadata": metadata,
        "spec": {**spec, "jwt": {}},
    }


def _named(at: int) -> Object:
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": f"r{at}", "sectionName": "all"}
    return _policy(at, targetRefs=[target])


def _selected(at: int, label: str, value: str) -> Object:
    return _policy(at, targetSelectors=[{"kind": "HTTPRoute", "matchLabels": {label: value}}])


@pytest.mark.parametrize(
    "policies",
    [
        [_named(at) for at in range(COUNT)],
        [_selected(at, "team", "a") for at in range(COUNT)],
        [_selected(at, LABEL, f"r{at}") for at in range(COUNT)],
    ],
    ids=["named", "selected", "missed"],
)
def test_policies_beside_routes(tmp_path: Path, policies: list[Object]) -> None:
    routes = [_route(at) for at in range(COUNT)]
    opened = {"gateway": "gateway-api", "guard": False, "rules": [{"header": "x-user", "value": "1"}]}
    lay_out(
        tmp_path,
        [deployment("web"), service("web"), *routes, *policies],
        release=release(services=[{"name": "web"}], traffic=opened),
    )
    cost = cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 0, cost.stderr[-2000:]
