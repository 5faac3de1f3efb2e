"""With `spec.namespace`, a baseline that names its namespace and one that leaves it out of some objects are the same.

They have the same plan, findings, routes and commands, and the same output but for `metadata.namespace`.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli_run import run_grayc
from tests.manifests import objects_in
from tests.property.strategies import Shop, shops

Object = dict[str, Any]
NAMESPACE = "shop"


def an(kind: str, version: str, name: str, spec: Object, **metadata: Any) -> Object:
    """Return an object in the namespace."""
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE, **metadata},
        "spec": spec,
    }


def app(name: str, **pod: Any) -> list[Object]:
    """Return a workload, which calls by short names and by long ones, and its Service."""
    labels = {"app": name, "msePilotAutoEnable": "on"}
    env = [{"name": "CART_URL", "value": "http://cart.shop.svc:80/"}, {"name": "CART_HOST", "value": "cart"}]
    container = {
        "name": name,
        "image": "r.example.com/app:1",
        "env": env,
        "envFrom": [{"configMapRef": {"name": "all"}}],
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod}}
    return [
        an("Deployment", "apps/v1", name, {"selector": {"matchLabels": {"app": name}}, "template": template}),
        an("Service", "v1", name, {"selector": {"app": name}, "ports": [{"port": 80, "name": "http"}]}),
    ]


APPS = (
    *app(
        "web",
        affinity={
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}
                ]
            }
        },
    ),
    *app("cart"),
    *app("stock"),
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "all", "namespace": NAMESPACE}, "data": {"A": "b"}},
    an(
        "NetworkPolicy",
        "networking.k8s.io/v1",
        "cart",
        {
            "podSelector": {"matchLabels": {"app": "cart"}},
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}],
        },
    ),
    an("PodDisruptionBudget", "policy/v1", "web", {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}),
    # Whoever looks from another namespace names this one.
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "spy", "namespace": "ops"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    },
)
ISTIO = (
    an(
        "Gateway",
        "networking.istio.io/v1",
        "edge",
        {
            "selector": {"istio": "ingressgateway"},
            "servers": [{"hosts": ["a.example.com"], "port": {"number": 80, "name": "http", "protocol": "HTTP"}}],
        },
    ),
    an(
        "VirtualService",
        "networking.istio.io/v1",
        "web",
        {"hosts": ["a.example.com"], "gateways": ["edge"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
    ),
    an(
        "VirtualService",
        "networking.istio.io/v1",
        "stock",
        {"hosts": ["stock"], "http": [{"route": [{"destination": {"host": "stock.shop.svc.cluster.local"}}]}]},
    ),
)
GATEWAY_API = (
    an(
        "Gateway",
        "gateway.networking.k8s.io/v1",
        "edge",
        {"gatewayClassName": "envoy", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
    ),
    an(
        "HTTPRoute",
        "gateway.networking.k8s.io/v1",
        "web",
        {
            "parentRefs": [{"name": "edge"}],
            "hostnames": ["a.example.com"],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
    ),
)


def ingress(name: str) -> tuple[Object, ...]:
    """Return the entry of an Ingress controller."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return (
        an(
            "Ingress",
            "networking.k8s.io/v1",
            "web",
            {"ingressClassName": name, "rules": [{"host": "a.example.com", "http": {"paths": paths}}]},
        ),
    )


BASELINES = {
    ("mse", "mse"): ingress("mse"),
    ("higress", "none"): ingress("higress"),
    ("ingress-nginx", "none"): ingress("nginx"),
    ("gateway-api", "none"): GATEWAY_API,
    ("istio", "istio"): ISTIO,
}


def everything(objects: Sequence[Object], release: Object) -> dict[str, Any]:
    """Return all that grayc says and writes of a release, but for places in files and the namespaces of its objects."""
    said: dict[str, tuple[int, Any]] = {}
    written: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "baseline").mkdir()
        (folder / "release.yaml").write_text(json.dumps(release))
        (folder / "baseline" / "all.yaml").write_text("\n---\n".join(json.dumps(item, indent=1) for item in objects))
        for arguments in (
            ["build", "release.yaml", "-o", "out"],
            ["plan", "release.yaml"],
            ["route", "release.yaml", "--host", "a.example.com"],
            ["route", "release.yaml", "--host", "a.example.com", "-H", "x-user:7"],
            ["diff", "release.yaml", "--baseline"],
            ["offline", "release.yaml", "-o", "out"],
        ):
            if arguments[0] == "offline":
                made = [item for path in sorted((folder / "out").glob("*.yaml")) for item in read(path)]
                written = sorted(map(json.dumps, map(without_namespace, made)))
            run = run_grayc([*arguments, "-f", "json"], folder=folder)
            said[" ".join(arguments)] = (run.status, without_places(json.loads(run.stdout)))
    return {"said": said, "written": written}


def read(path: Path) -> list[Object]:
    return objects_in(path.read_text())


def without_namespace(item: Object) -> Object:
    if item["metadata"].get("namespace") != NAMESPACE:
        return item
    return {**item, "metadata": {key: value for key, value in item["metadata"].items() if key != "namespace"}}


def without_places(value: Any) -> Any:
    """Return an answer without what depends on the text of the baseline: lines, columns, digests."""
    if isinstance(value, dict):
        return {
            key: without_places(item) for key, item in value.items() if key not in ("span", "line", "column", "patch")
        }
    return [without_places(item) for item in value] if isinstance(value, list) else value


def silent(objects: Sequence[Object], which: Sequence[bool]) -> list[Object]:
    """Return objects of which some do not name the release's namespace."""
    return [without_namespace(item) if out else item for item, out in zip(objects, which, strict=True)]


@pytest.mark.parametrize(("gateway", "provider"), BASELINES)
@settings(max_examples=2, deadline=None)
@given(data=st.data(), isolation=st.sampled_from(["auto", "relabel"]))
def test_every_gateway(gateway: str, provider: str, data: st.DataObject, isolation: str) -> None:
    objects = [*APPS, *BASELINES[gateway, provider]]
    release: Object = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "demo"},
        "spec": {
            "tag": "gray",
            "namespace": NAMESPACE,
            "lane": {"provider": provider, "isolation": isolation},
            "baseline": ["baseline/"],
            "services": [{"name": "web", "rewriteText": provider == "none"}, {"name": "cart"}],
            "calls": ["web -> cart -> stock"],
            "accept": [{"code": "GC508", "reason": "nothing reads the header"}] if gateway == "ingress-nginx" else [],
            "traffic": {"gateway": gateway, "guard": False, "rules": [{"header": "x-user", "value": "7"}]},
            "expect": [
                {"name": "others", "request": {"host": "a.example.com", "path": "/"}, "goesTo": "baseline"},
                {
                    "name": "testers",
                    "request": {"host": "a.example.com", "path": "/", "headers": {"x-user": "7"}},
                    "goesTo": "gray",
                },
            ],
        },
    }
    which = data.draw(st.lists(st.booleans(), min_size=len(objects), max_size=len(objects)))

    written = everything(objects, release)

    status, answer = written["said"]["build release.yaml -o out"]
    assert status == 0, answer
    assert everything(silent(objects, which), release) == written


@settings(max_examples=4, deadline=None)
@given(shop=shops(), data=st.data())
def test_every_shop(shop: Shop, data: st.DataObject) -> None:
    which = data.draw(st.lists(st.booleans(), min_size=len(shop.objects), max_size=len(shop.objects)))

    # A file for each object is named by what the object itself says.
    asked: Any = shop.release["spec"]
    fields: Object = {**asked, "output": {"layout": "single"}}
    release: Object = {**shop.release, "spec": fields}

    assert everything(silent(shop.objects, which), release) == everything(shop.objects, release)
