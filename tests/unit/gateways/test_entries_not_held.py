"""What leads to a released service and opens nothing is named where there is no entry: old versions, destinations."""

from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.unit.gateways.test_values_on_mse import BASELINE, release

V1 = "apiVersion: networking.k8s.io/v1\nkind: Ingress"
SERVICE = "backend: {service: {name: web, port: {number: 80}}}"
RESOURCE = "backend: {resource: {apiGroup: networking.higress.io, kind: McpBridge, name: default}}"


@pytest.mark.parametrize("version", ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_ingress_of_a_version_that_is_gone(tmp_path: Path, version: str) -> None:
    old = BASELINE.replace(V1, f"apiVersion: {version}\nkind: Ingress")
    old = old.replace(SERVICE, "backend: {serviceName: web, servicePort: 80}")
    (tmp_path / "baseline.yaml").write_text(old)
    (tmp_path / "red.yaml").write_text(release("red", {"header": "x-user", "value": "100"}))

    run = run_grayc(["build", "red.yaml", "-o", "out"], folder=tmp_path)

    assert run.status == 1
    assert f"error[GC307]: `{version}` has no `Ingress` since Kubernetes 1.22" in run.stderr
    assert "write `apiVersion: networking.k8s.io/v1`" in run.stderr


def test_ingress_to_a_destination(tmp_path: Path) -> None:
    annotated = BASELINE.replace("ingressClassName: mse", "ingressClassName: higress").replace(
        "kind: Ingress\nmetadata: {name: web, namespace: shop}",
        "kind: Ingress\nmetadata:\n  name: web\n  namespace: shop\n"
        "  annotations: {higress.io/destination: web.shop.svc.cluster.local:80}",
    )
    (tmp_path / "baseline.yaml").write_text(annotated.replace(SERVICE, RESOURCE))
    (tmp_path / "red.yaml").write_text(release("red", {"header": "x-user", "value": "100"}, gateway="higress"))

    run = run_grayc(["build", "red.yaml", "-o", "out"], folder=tmp_path)

    assert run.status == 1
    assert "leads to a released service by `higress.io/destination`, which no canary opens" in run.stderr
    assert "help: lead its path to the Service itself" in run.stderr


def test_a_named_ingress_to_a_destination(tmp_path: Path) -> None:
    (tmp_path / "baseline.yaml").write_text(BASELINE.replace(SERVICE, RESOURCE))
    named = release("red", {"header": "x-user", "value": "100"})
    (tmp_path / "red.yaml").write_text(named.replace("gateway: mse", "gateway: mse\n    entries: [{ingress: web}]"))

    run = run_grayc(["build", "red.yaml", "-o", "out"], folder=tmp_path)

    assert "error[GC322]" in run.stderr
    assert "help: lead one of its paths to a Service: a canary opens no resource" in run.stderr
