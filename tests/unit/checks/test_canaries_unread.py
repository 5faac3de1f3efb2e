"""What keeps the canary of an entry from being read, though no file has another one."""

from pathlib import Path

import pytest

from tests.manifests import Object, an_object, build, with_code, workload
from tests.unit.planning.test_entries import ACCEPT, RULES, WEB, ingress

PASSTHROUGH = "nginx.ingress.kubernetes.io/ssl-passthrough"


def found(folder: Path, *objects: Object, gateway: str = "ingress-nginx", notes: Object | None = None) -> list[str]:
    entry = ingress("web", "" if gateway == "mse" else "nginx", annotations=notes)
    findings, _ = build(
        folder,
        [workload(), WEB, entry, *objects],
        lane={"provider": "mse"},
        traffic={"gateway": gateway, "guard": False, "rules": RULES},
        accept=[] if gateway == "mse" else ACCEPT,
    )
    return [code for code, _ in with_code(findings, "GC525", "GC544", "GC545")]


def rollout(name: str = "web", **nginx: object) -> Object:
    canary = {"canaryService": "web-canary", "stableService": "web", "trafficRouting": {"nginx": nginx}}
    spec = {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}, "strategy": {"canary": canary}}
    return an_object("Rollout", spec, version="argoproj.io/v1alpha1", name=name)


def flagger(ingress_name: str, provider: str = "", namespace: str = "shop") -> Object:
    spec: Object = {"targetRef": {"kind": "Deployment", "name": "x"}, "ingressRef": {"name": ingress_name}}
    made = an_object(
        "Canary", {**spec, **({"provider": provider} if provider else {})}, version="flagger.app/v1beta1", name="c"
    )
    made["metadata"]["namespace"] = namespace
    return made


@pytest.mark.parametrize("gateway", ["ingress-nginx", "traefik"])
@pytest.mark.parametrize(
    ("item", "codes"),
    [
        (rollout("api", stableIngress="web"), ["GC545"]),
        (rollout("api", stableIngresses=["other", "web"]), ["GC545"]),
        (rollout("api", stableIngress="other"), []),
        (flagger("web", "nginx"), ["GC545"]),
        (flagger("web"), ["GC545"]),
        (flagger("web", "skipper"), []),
        (flagger("other", "nginx"), []),
        (flagger("web", "nginx", namespace="elsewhere"), []),
    ],
)
def test_a_canary_that_a_controller_keeps_has_the_place(
    item: Object, codes: list[str], gateway: str, tmp_path: Path
) -> None:
    assert found(tmp_path, item, gateway=gateway) == codes


def test_several_canaries_are_read_on_mse(tmp_path: Path) -> None:
    assert found(tmp_path, rollout("api", stableIngress="web"), gateway="mse") == []


def test_one_that_is_in_the_baseline_is_told_once(tmp_path: Path) -> None:
    notes = {
        f"nginx.ingress.kubernetes.io/{name}": value for name, value in (("canary", "true"), ("canary-weight", "0"))
    }
    kept = ingress("web-canary", "nginx", host="web.test", service="other", annotations=notes)
    other = an_object("Service", {"selector": {"app": "other"}, "ports": [{"port": 80}]}, name="other")
    assert found(tmp_path, flagger("web", "nginx"), kept, other) == ["GC525"]


@pytest.mark.parametrize(
    ("gateway", "value", "codes"),
    [
        ("ingress-nginx", "true", ["GC544"]),
        ("traefik", "true", ["GC544"]),
        ("ingress-nginx", "false", []),
        ("mse", "true", []),
    ],
)
def test_what_the_gateway_does_not_decrypt_meets_no_rule(
    gateway: str, value: str, codes: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, gateway=gateway, notes={PASSTHROUGH: value}) == codes


VIRTUAL = {
    "hosts": ["h.test"],
    "gateways": ["g"],
    "http": [{"name": "primary", "route": [{"destination": {"host": "web"}}]}],
}


def shifting(namespace: str = "shop", **istio: object) -> Object:
    canary = {"canaryService": "c", "stableService": "web", "trafficRouting": {"istio": istio}}
    spec = {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}, "strategy": {"canary": canary}}
    made = an_object("Rollout", spec, version="argoproj.io/v1alpha1", name="api")
    made["metadata"]["namespace"] = namespace
    return made


@pytest.mark.parametrize(
    ("item", "is_told"),
    [
        (shifting(virtualService={"name": "web"}), True),
        (shifting(virtualServices=[{"name": "other"}, {"name": "web"}]), True),
        (shifting("elsewhere", virtualService={"name": "web.shop"}), True),
        (shifting(virtualService={"name": "web", "routes": ["primary"]}), False),
        (shifting(virtualService={"name": "other"}), False),
        (shifting("elsewhere", virtualService={"name": "web"}), False),
        (shifting(destinationRule={"name": "web"}), False),
    ],
)
def test_a_rollout_that_lists_no_routes_finds_the_lanes(item: Object, is_told: bool, tmp_path: Path) -> None:
    findings, _ = build(
        tmp_path,
        [workload(), WEB, an_object("VirtualService", VIRTUAL, version="networking.istio.io/v1"), item],
        lane={"provider": "mse"},
        traffic={"gateway": "istio", "guard": False, "rules": RULES},
    )
    assert with_code(findings, "GC547") == [("GC547", "Rollout/api")] * is_told


@pytest.mark.parametrize(
    ("gateway", "prefix", "codes"),
    [
        ("higress", "higress.io/", []),
        ("mse", "mse.ingress.kubernetes.io/", []),
    ],
)
def test_a_destination_of_an_opened_ingress_is_led_by_its_canary(
    gateway: str, prefix: str, codes: list[str], tmp_path: Path
) -> None:
    findings, _ = build(
        tmp_path,
        [
            workload(),
            WEB,
            ingress("web", gateway, annotations={f"{prefix}destination": "web.shop.svc.cluster.local:80"}),
        ],
        lane={"provider": "mse"},
        traffic={"gateway": gateway, "guard": False, "rules": RULES},
    )
    assert [code for code, _ in with_code(findings, "GC326", "GC350")] == codes


def test_a_path_that_higress_leads_by_a_destination_alone_is_named(tmp_path: Path) -> None:
    entry = ingress("web", "higress", annotations={"higress.io/destination": "web.shop.svc.cluster.local:80"})
    bridge = {"resource": {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}}
    entry["spec"]["rules"][0]["http"]["paths"].append({"path": "/x", "pathType": "Prefix", "backend": bridge})
    findings, _ = build(
        tmp_path,
        [workload(), WEB, entry],
        lane={"provider": "mse"},
        traffic={"gateway": "higress", "guard": False, "rules": RULES},
    )
    assert [code for code, _ in with_code(findings, "GC326", "GC350")] == ["GC326"]
