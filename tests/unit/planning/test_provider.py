"""Off MSE's gateway the release says what carries its calls, and the error says what the baseline shows."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, a_namespace, an_object, service, workload, write_release

RULES = [{"header": "x-user", "value": "7"}]
SERVICE = service(labels={"app": "web"}, ports=({"name": "http", "port": 80},))
ENTRY = an_object(
    "Ingress",
    {
        "ingressClassName": "higress",
        "rules": [
            {
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "web", "port": {"number": 80}}},
                        }
                    ]
                }
            }
        ],
    },
    version="networking.k8s.io/v1",
)


def said(folder: Path, *objects: Object, **spec: Any) -> list[Object]:
    """Return the findings GC392 of a plan."""
    baseline = [workload(), SERVICE, ENTRY, *objects]
    write_release(folder, baseline, **{"traffic": {"gateway": "higress", "rules": RULES}, "lane": None, **spec})
    found = json.loads(run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder).stdout)["diagnostics"]
    return [item for item in found if item["code"] == "GC392"]


@pytest.mark.parametrize(
    ("spec", "is_told"),
    [
        ({}, True),
        ({"lane": {"isolation": "relabel"}}, True),
        ({"lane": {"provider": "none"}}, False),
        ({"lane": {"provider": "mse"}}, False),
        ({"traffic": {"gateway": "mse", "rules": RULES}}, False),
        ({"traffic": None}, False),
        # Rules or none: what the gateway is for is not said.
        ({"traffic": {"gateway": "higress", "rules": []}}, True),
    ],
)
def test_the_provider_is_said_off_mse(spec: dict[str, Any], is_told: bool, tmp_path: Path) -> None:
    found = said(tmp_path, **spec)

    assert [item["field"] for item in found] == (["spec.traffic.gateway"] if is_told else [])


def test_the_spec_and_no_flag_decides(tmp_path: Path) -> None:
    objects = [workload(), SERVICE, ENTRY]
    write_release(tmp_path, objects, traffic={"gateway": "mse", "rules": RULES}, lane=None)
    found = run_grayc(["build", "release.yaml", "-o", "out", "--gateway", "higress", "-f", "json"], folder=tmp_path)

    assert "GC392" not in found.stdout


def namespace(**labels: str) -> Object:
    return a_namespace(labels=labels)


def other(**pod: Any) -> Object:
    labels = {"app": "cart"}
    containers = [{"name": "cart", "image": "registry.example.com/cart:1", **pod}]
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
    }
    return an_object("Deployment", spec, version="apps/v1", name="cart")


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([namespace(**{"mse-enable": "enabled"})], "`mse` (the MSE agent is let in)"),
        ([namespace(**{"istio-injection": "enabled"})], "`istio` (Istio's proxy is asked for)"),
        ([namespace(**{"istio.io/dataplane-mode": "ambient"})], "`istio` (Istio's proxy is asked for)"),
        (
            [
                an_object(
                    "VirtualService",
                    {"hosts": ["web"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
                    version="networking.istio.io/v1",
                )
            ],
            "`istio` (a VirtualService leads calls in the mesh)",
        ),
        ([other(env=[{"name": "WEB_URL", "value": "http://web"}])], "`address` (a text names Service `web`)"),
        ([], "shows no agent, no sidecar, no route of a mesh and no address"),
        ([other(image="web:1")], "shows no agent"),
    ],
)
def test_the_help_says_what_the_baseline_shows(objects: list[Object], words: str, tmp_path: Path) -> None:
    (found,) = said(tmp_path, *objects)

    assert words in found["help"]
    assert len(found["notes"]) == (0 if "no agent" in words else 1)
