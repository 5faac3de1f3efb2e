"""What keeps the canary of an entry from being read, though no file has another one."""

from pathlib import Path

import pytest

from tests.unit.lane import Object, an_object, build, with_code, workload
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
