"""Gray beside its baseline: what every lane does is folded, everything else is told."""

import io
from pathlib import Path

import pytest

from grayc.diff.model import Difference, Expected, Risk
from grayc.driver.request import Request
from grayc.driver.review import diff_with_baseline

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: 1234, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec:
      imagePullSecrets: [{name: pull}]
      containers:
        - name: web
          image: registry.example.com/web:1
          envFrom: [{configMapRef: {name: web}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data: {a: b}
---
apiVersion: v1
kind: Secret
metadata: {name: pull, namespace: shop}
stringData: {a: b}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: NodePort, selector: {app: web, zadigx-release-version: original}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: mse
  rules:
    - host: web.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec:
  tag: gray
  namespace: shop
  baseline: [baseline/]
  services:
    - name: web
      workload: Deployment/web
"""


def review(folder: Path, *, web: str = WEB, release: str = RELEASE) -> Difference:
    (folder / "baseline").mkdir(exist_ok=True)
    (folder / "baseline" / "web.yaml").write_text(web)
    (folder / "release.yaml").write_text(release)
    checked = diff_with_baseline(Request(specs=(str(folder / "release.yaml"),), stdin=io.BytesIO))
    assert checked.value is not None, checked.diagnostics
    (difference,) = checked.value
    return difference


def told(difference: Difference) -> dict[str, list[str]]:
    return {item.identity.kind: [field.path for field in item.fields] for item in difference.objects}


def test_a_release_that_asks_for_nothing_folds_all_but_what_isolates_a_service(tmp_path: Path) -> None:
    found = review(tmp_path)

    assert told(found) == {"Service": ["spec.ports[80/TCP].nodePort", "spec.type"]}
    folded = {item.identity.kind: dict(item.expected) for item in found.folded}
    # The metadata's three; the selector's and the pod's four, of which the version is a changed one; the application.
    assert folded["Deployment"] == {Expected.NAME: 1, Expected.LABELS: 12, Expected.REFERENCES: 2}
    assert folded["ConfigMap"] == {Expected.NAME: 1, Expected.LABELS: 3}


@pytest.mark.parametrize(
    ("asked", "kind", "path", "risk"),
    [
        ("images: {web: 'registry.example.com/web:2'}", "Deployment", "containers[web].image", Risk.IMAGE),
        ("replicas: 3", "Deployment", "spec.replicas", Risk.REPLICAS),
        ("env: {web: {A: b}}", "Deployment", "containers[web].env[A]", Risk.ENV),
        ("config: {web: {a: c}}", "ConfigMap", "data.a", Risk.CONFIG),
        (
            "patches: [{target: {kind: Service}, merge: {spec: {selector: {tier: front}}}},"
            " {target: {kind: Deployment}, merge: {spec: {template: {metadata: {labels: {tier: front}}}}}}]",
            "Service",
            "spec.selector.tier",
            Risk.SELECTOR,
        ),
        (
            "patches: [{target: {kind: Deployment}, merge: {spec: {template: {spec: {serviceAccountName: root}}}}}]",
            "Deployment",
            "serviceAccountName",
            Risk.ACCESS,
        ),
    ],
)
def test_what_the_release_asks_for_is_told(tmp_path: Path, asked: str, kind: str, path: str, risk: Risk) -> None:
    found = review(tmp_path, release=f"{RELEASE}      {asked}\n")

    fields = [field for item in found.objects if item.identity.kind == kind for field in item.fields]
    assert [field.risk for field in fields if field.path.endswith(path)] == [risk]


def test_a_reference_that_a_patch_leads_elsewhere_is_told(tmp_path: Path) -> None:
    patch = (
        "patches: [{target: {kind: Deployment}, merge: {spec: {template: {spec: {containers: [{name: web, "
        "envFrom: [{configMapRef: {name: other}}]}]}}}}}]"
    )
    found = review(tmp_path, release=f"{RELEASE}      {patch}\n")

    assert told(found)["Deployment"] == ["spec.template.spec.containers[web].envFrom[0].configMapRef.name"]


def test_relabelled_values_are_folded(tmp_path: Path) -> None:
    plain = WEB.replace(", zadigx-release-version: original", "")
    found = review(tmp_path, web=plain)

    folded = {item.identity.kind: dict(item.expected) for item in found.folded}
    assert folded["Deployment"][Expected.RELABELLED] == 2


def test_the_gray_side_of_an_entry_is_told_beside_its_ingress(tmp_path: Path) -> None:
    traffic = "  traffic: {gateway: mse, rules: [{header: x-user, value: '1'}]}\n"
    found = review(tmp_path, release=RELEASE + traffic)

    guard, entry = found.objects[:2]
    # The baseline's own Ingress lets the lane's header in from outside.
    assert (guard.identity.name, guard.baseline) == ("web", None)
    assert "from outside" in guard.wanted
    assert (entry.identity.kind, entry.risk) == ("Ingress", Risk.ENTRY)
    assert entry.baseline is not None
    assert entry.baseline.name == "web"
    assert dict(entry.expected) == {Expected.NAME: 1, Expected.LABELS: 3, Expected.REFERENCES: 1}
    assert all("annotations" in field.path for field in entry.fields)


def test_what_the_release_wants_of_the_baseline_itself_is_told_first(tmp_path: Path) -> None:
    """On Istio the lane opens in the baseline's VirtualService, so no copy tells of it."""
    service = """\
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.example.com]
  gateways: [front]
  http: [{route: [{destination: {host: web, port: {number: 80}}}]}]
"""
    traffic = "  lane: {provider: mse}\n  traffic: {gateway: istio, rules: [{header: x-user, value: '1'}]}\n"
    found = review(tmp_path, web=WEB.partition("---\napiVersion: networking")[0] + service, release=RELEASE + traffic)

    entry = found.objects[0]
    assert (entry.identity.kind, entry.identity.name, entry.risk) == ("VirtualService", "web", Risk.ENTRY)
    assert entry.wanted
    assert any(field.path.startswith("spec.http") for field in entry.fields)
