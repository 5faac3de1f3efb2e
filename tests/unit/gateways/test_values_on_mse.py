"""On gateway `mse`, what makes a pattern of a header's plain value: a switch, another lane, another canary."""

from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import objects_in

BASELINE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: registry.example.com/web:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: mse
  rules: [{host: h.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
"""
CANARY = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: other
  namespace: shop
  annotations: {mse.ingress.kubernetes.io/canary: "true", mse.ingress.kubernetes.io/canary-by-header: X-User}
spec:
  ingressClassName: mse
  rules: [{host: HOST, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
"""


def release(tag: str, *rules: dict[str, str], gateway: str = "mse") -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "grayc.dev/v1",
            "kind": "GrayRelease",
            "metadata": {"name": tag},
            "spec": {
                "tag": tag,
                "namespace": "shop",
                "lane": {"provider": "mse"},
                "baseline": ["baseline.yaml"],
                "services": [{"name": "web", "images": {"app": f"registry.example.com/web:{tag}"}}],
                "traffic": {"gateway": gateway, "guard": False, "rules": list(rules)},
            },
        }
    )


def entry_of(folder: Path, *tags: str) -> dict[str, str]:
    """Build the releases and return what their canaries ask of `x-user`, `value` or `pattern`, by tag."""
    run = run_grayc(["build", *(f"{tag}.yaml" for tag in tags), "-o", "out"], folder=folder)
    assert run.status == 0, run.stderr
    found = {}
    for file in (folder / "out").glob("*.yaml"):
        for document in objects_in(file.read_text()):
            if document and document["kind"] == "Ingress":
                annotations = document["metadata"]["annotations"]
                for how in ("value", "pattern"):
                    if f"nginx.ingress.kubernetes.io/canary-by-header-{how}" in annotations:
                        found[document["metadata"]["labels"]["zadigx-release-version"]] = how
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "baseline.yaml").write_text(BASELINE)
    (tmp_path / "red.yaml").write_text(release("red", {"header": "x-user", "value": "100"}))
    (tmp_path / "blue.yaml").write_text(release("blue", {"header": "X-User", "value": "200"}))
    (tmp_path / "green.yaml").write_text(release("green", {"header": "x-team", "value": "300"}))
    return tmp_path


def test_lane_alone_has_a_value(folder: Path) -> None:
    assert entry_of(folder, "red") == {"red": "value"}


def test_lanes_of_one_header_have_patterns(folder: Path) -> None:
    assert entry_of(folder, "red", "blue") == {"red": "pattern", "blue": "pattern"}


def test_lane_of_another_header_keeps_its_value(folder: Path) -> None:
    assert entry_of(folder, "red", "green") == {"red": "value", "green": "value"}


def test_switch_of_the_release_makes_a_pattern(folder: Path) -> None:
    (folder / "red.yaml").write_text(release("red", {"header": "x-user", "value": "100"}, {"header": "x-user"}))

    assert entry_of(folder, "red")["red"] == "pattern"


@pytest.mark.parametrize(("host", "how"), [("h.test", "pattern"), ("other.test", "value")])
def test_canary_of_the_baseline_makes_a_pattern_on_its_host(folder: Path, host: str, how: str) -> None:
    (folder / "baseline.yaml").write_text(BASELINE + CANARY.replace("HOST", host))

    assert entry_of(folder, "red") == {"red": how}


def test_higress_has_patterns(folder: Path) -> None:
    baseline = folder / "baseline.yaml"
    baseline.write_text(baseline.read_text().replace("ingressClassName: mse", "ingressClassName: higress"))
    (folder / "red.yaml").write_text(release("red", {"header": "x-user", "value": "100"}, gateway="higress"))

    assert entry_of(folder, "red") == {"red": "pattern"}
