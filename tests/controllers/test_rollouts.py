"""Argo Rollouts' own controller runs gray Rollouts beside production, and production stays as it is.

The program in `rollouts/` is asked: the whole controller, with its validation and its traffic routers, over the clients'
fakes. Each case is asked of production's own Rollout too, which does change production's objects: else nothing would be
shown by a lane that changes none.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests import PREPARED, Object, an_object, build, with_code, workload
from tools.dev_tools import prepare_rollouts_harness

SUFFIX = "-mse-gray"
STEPS = [{"setWeight": 10}, {"pause": {}}]
CANARY = {"canaryService": "web-canary", "stableService": "web-stable", "steps": STEPS}


def rollout(strategy: Object, **spec: Any) -> Object:
    return workload("Rollout", version="argoproj.io/v1alpha1", replicas=4, strategy=strategy, **spec)


def service(name: str, **labels: str) -> Object:
    return an_object("Service", {"selector": {**PREPARED, **labels}, "ports": [{"port": 80}]}, name=name)


def ingress(name: str, service: str, port: object = 80) -> Object:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": service, "port": port_of(port)}}}
    rules = [{"host": f"{name}.example.com", "http": {"paths": [path]}}]
    return an_object("Ingress", {"rules": rules}, version="networking.k8s.io/v1", name=name)


def port_of(port: object) -> Object:
    return {"number": port} if isinstance(port, int) else {"name": port}


def virtual_service(*destinations: Object) -> Object:
    route = [{"destination": each, "weight": 0 if at else 100} for at, each in enumerate(destinations)]
    spec = {"hosts": ["web"], "http": [{"name": "primary", "route": route}]}
    return an_object("VirtualService", spec, version="networking.istio.io/v1")


def routed(**routing: Any) -> Object:
    return rollout({"canary": {**CANARY, "trafficRouting": routing}})


BOTH = (service("web-stable"), service("web-canary"))
SUBSETS = (
    service("web"),
    virtual_service({"host": "web", "subset": "stable"}, {"host": "web", "subset": "canary"}),
    an_object(
        "DestinationRule",
        {"host": "web", "subsets": [{"name": name, "labels": {"app": "web"}} for name in ("stable", "canary")]},
        version="networking.istio.io/v1",
    ),
)
ISTIO_SUBSETS = {
    "virtualService": {"name": "web", "routes": ["primary"]},
    "destinationRule": {"name": "web", "stableSubsetName": "stable", "canarySubsetName": "canary"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A baseline with the Rollout `web`.

    Attributes:
        changes: what production's own Rollout changes, at least.
        told: the gray copy is not quite as the baseline has it, and it is told.
        phases: of the gray Rollout, created and with a new image.
    """

    objects: Sequence[Object]
    changes: frozenset[str]
    told: bool = True
    phases: tuple[str, str] = ("Healthy", "Healthy")


CASES = {
    "istio, subsets": Case(
        objects=(rollout({"canary": {"steps": STEPS, "trafficRouting": {"istio": ISTIO_SUBSETS}}}), *SUBSETS),
        changes=frozenset({"VirtualService/web", "DestinationRule/web"}),
    ),
    "istio, hosts": Case(
        objects=(
            routed(istio={"virtualService": {"name": "web", "routes": ["primary"]}}),
            *BOTH,
            virtual_service({"host": "web-stable"}, {"host": "web-canary"}),
        ),
        changes=frozenset({"VirtualService/web", "Service/web-stable"}),
    ),
    "nginx": Case(
        objects=(routed(nginx={"stableIngress": "web"}), *BOTH, ingress("web", "web-stable")),
        changes=frozenset({"Ingress/web-web-canary", "Service/web-canary"}),
    ),
    "nginx, several": Case(
        objects=(
            routed(nginx={"stableIngresses": ["web", "api"]}),
            *BOTH,
            ingress("web", "web-stable"),
            ingress("api", "web-stable"),
        ),
        changes=frozenset({"Ingress/web-web-canary", "Ingress/web-api-canary"}),
    ),
    "alb": Case(
        objects=(
            routed(alb={"ingress": "web", "servicePort": 80, "rootService": "web-root"}),
            *BOTH,
            service("web-root"),
            ingress("web", "web-root", "use-annotation"),
        ),
        changes=frozenset({"Ingress/web"}),
    ),
    "traefik": Case(
        objects=(
            routed(traefik={"weightedTraefikServiceName": "web"}),
            *BOTH,
            an_object(
                "TraefikService",
                {"weighted": {"services": [{"name": "web-stable", "port": 80}, {"name": "web-canary", "port": 80}]}},
                version="traefik.io/v1alpha1",
            ),
        ),
        changes=frozenset({"Service/web-stable"}),
    ),
    "fields that are refused without a router": Case(
        objects=(
            rollout(
                {
                    "canary": {
                        **CANARY,
                        "dynamicStableScale": True,
                        "steps": [{"setCanaryScale": {"replicas": 1}}, *STEPS],
                        "trafficRouting": {"nginx": {"stableIngress": "web"}},
                    }
                }
            ),
            *BOTH,
            ingress("web", "web-stable"),
        ),
        changes=frozenset({"Ingress/web-web-canary"}),
    ),
    "Services alone": Case(
        objects=(rollout({"canary": CANARY}), *BOTH),
        changes=frozenset({"Service/web-stable", "Service/web-canary"}),
        told=False,
        phases=("Healthy", "Paused"),
    ),
    "blue and green": Case(
        objects=(
            rollout({"blueGreen": {"activeService": "web-active", "previewService": "web-preview"}}),
            service("web-active"),
            service("web-preview"),
        ),
        changes=frozenset({"Service/web-active", "Service/web-preview"}),
        told=False,
    ),
    "Services as they are in a cluster": Case(
        objects=(
            rollout({"canary": CANARY}),
            *(
                {
                    **service(name, **{"rollouts-pod-template-hash": "6b49594fd8"}),
                    "metadata": {
                        "name": name,
                        "namespace": "shop",
                        "annotations": {"argo-rollouts.argoproj.io/managed-by-rollouts": "web"},
                    },
                }
                for name in ("web-stable", "web-canary")
            ),
        ),
        changes=frozenset({"Service/web-stable", "Service/web-canary"}),
        told=False,
        phases=("Healthy", "Paused"),
    ),
    "pods of a Deployment": Case(
        objects=(
            an_object(
                "Rollout",
                {
                    "replicas": 4,
                    "selector": {"matchLabels": PREPARED},
                    "workloadRef": {
                        "apiVersion": "apps/v1",
                        "kind": "Deployment",
                        "name": "web",
                        "scaleDown": "progressively",
                    },
                    "strategy": {"canary": CANARY},
                },
                version="argoproj.io/v1alpha1",
            ),
            workload(replicas=2),
            *BOTH,
        ),
        changes=frozenset({"Deployment/web", "Service/web-stable"}),
        told=False,
    ),
    "judged by templates": Case(
        objects=(
            rollout(
                {
                    "canary": {
                        **CANARY,
                        "steps": [
                            {"setWeight": 10},
                            {
                                "analysis": {
                                    "templates": [{"templateName": "ok"}, {"templateName": "ok", "clusterScope": True}]
                                }
                            },
                        ],
                    }
                }
            ),
            *BOTH,
            *(
                an_object(
                    kind,
                    {
                        "metrics": [
                            {
                                "name": kind.lower(),
                                "count": 1,
                                "provider": {"web": {"url": "http://web-canary/healthy"}},
                            }
                        ]
                    },
                    version="argoproj.io/v1alpha1",
                    name="ok",
                )
                for kind in ("AnalysisTemplate", "ClusterAnalysisTemplate")
            ),
        ),
        changes=frozenset({"Service/web-stable"}),
        told=False,
        phases=("Healthy", "Progressing"),
    ),
}


def run(objects: Sequence[Object], *names: str) -> list[Object]:
    """Return what the controller does with each of some Rollouts, each in a cluster of its own."""
    manifests = yaml.safe_dump_all(objects, sort_keys=False)
    asked = [{"id": at, "manifests": manifests, "namespace": "shop", "rollout": name} for at, name in enumerate(names)]
    program = subprocess.run(
        [str(prepare_rollouts_harness())],
        input="".join(json.dumps(each) + "\n" for each in asked),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = [json.loads(line) for line in program.stdout.splitlines()]
    assert [each.get("error") for each in found] == [None] * len(names)
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_gray_rollout_changes_nothing_of_production(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    findings, made = build(tmp_path, case.objects)
    assert [finding for finding in findings if finding["severity"] == "error"] == []
    assert bool(with_code(findings, "GC489")) is case.told

    production, gray = run([*case.objects, *made], "web", f"web{SUFFIX}")

    assert case.changes <= set(production["changed"] or ())
    assert "refused" not in gray
    assert tuple(gray["phases"]) == case.phases
    assert [changed for changed in gray["changed"] or () if not changed.endswith(SUFFIX)] == []


def test_the_controller_refuses_what_it_does_not_take() -> None:
    """Else an empty list of refusals would show nothing."""
    broken = rollout({"canary": {**CANARY, "trafficRouting": {"nginx": {"stableIngress": "web"}}}})
    (found,) = run([broken, *BOTH, ingress("web", "another")], "web")
    assert "has no rules using service web-stable backend" in found["refused"]
