"""A rule that needs an expression is refused where the GatewayClass is known to have none."""

from pathlib import Path

import pytest

from tests.manifests import Object, build, with_code, workload
from tests.unit.gateways.test_unattached import API, gateway, route
from tests.unit.planning.test_entries import RULES, WEB

AZURE, LATTICE = "alb.networking.azure.io/alb-controller", "application-networking.k8s.aws/gateway-api-controller"
ENVOY = "gateway.envoyproxy.io/gatewayclass-controller"
PATTERN: list[Object] = [{"header": "x-user", "pattern": "^1"}]
QUERY: list[Object] = [{"query": "trial", "value": "1"}]
BY_DIGITS: list[Object] = [{"weight": 5, "by": {"query": "uid"}}]
COOKIE: list[Object] = [{"cookie": "gray", "value": "1"}]


@pytest.mark.parametrize(
    ("controller", "rules", "is_told"),
    [
        (AZURE, PATTERN, True),
        (AZURE, COOKIE, True),
        (AZURE, RULES, False),
        (LATTICE, PATTERN, True),
        (ENVOY, PATTERN, False),
        ("", PATTERN, False),
        (AZURE, QUERY, False),
        (LATTICE, QUERY, True),
        (AZURE, BY_DIGITS, True),
        (ENVOY, BY_DIGITS, False),
    ],
)
def test_expressions(controller: str, rules: list[Object], is_told: bool, tmp_path: Path) -> None:
    classed = gateway()
    classed["spec"]["gatewayClassName"] = "c"
    made = {
        "apiVersion": API,
        "kind": "GatewayClass",
        "metadata": {"name": "c"},
        "spec": {"controllerName": controller},
    }
    findings, _ = build(
        tmp_path,
        [workload(), WEB, classed, *([made] if controller else []), route({"name": "g"})],
        lane={"provider": "mse"},
        traffic={"gateway": "gateway-api", "guard": False, "rules": rules},
    )
    assert [code for code, _ in with_code(findings, "GC548")] == ["GC548"] * is_told
