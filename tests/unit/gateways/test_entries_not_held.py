"""What leads to a released service and opens nothing is named where there is no entry: old versions, destinations."""

from pathlib import Path

import pytest

from tests.manifests import Built, Object, ingress, run_build, service, workload

RESOURCE = {"resource": {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}}


def to(backend: Object, class_name: str = "mse", **annotations: str) -> Object:
    """Return the Ingress to a backend."""
    made = ingress(class_name=class_name, annotations=annotations)
    made["spec"]["rules"][0]["http"]["paths"][0]["backend"] = backend
    return made


def built(folder: Path, entry: Object, gateway: str = "mse", **traffic: object) -> Built:
    return run_build(
        folder,
        [workload(labels={"app": "web"}), service(labels={"app": "web"}), entry],
        traffic={"gateway": gateway, "guard": False, "rules": [{"header": "x-user", "value": "100"}], **traffic},
    )


@pytest.mark.parametrize("version", ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_ingress_of_a_version_that_is_gone(tmp_path: Path, version: str) -> None:
    old = {**to({"serviceName": "web", "servicePort": 80}), "apiVersion": version}

    made = built(tmp_path, old)

    assert made.status == 1
    assert "GC307" in made.errors
    assert made.said["GC307"].startswith(f"`{version}` has no `Ingress` since Kubernetes 1.22")
    assert "write `apiVersion: networking.k8s.io/v1`" in made.said["GC307"]


def test_ingress_to_a_destination(tmp_path: Path) -> None:
    entry = to(RESOURCE, "higress", **{"higress.io/destination": "web.shop.svc.cluster.local:80"})

    made = built(tmp_path, entry, "higress")

    assert made.status == 1
    assert "leads to a released service by `higress.io/destination`, which no canary opens" in str(made.findings)
    assert "; lead its path to the Service itself" in " ".join(made.said.values())


def test_a_named_ingress_to_a_destination(tmp_path: Path) -> None:
    made = built(tmp_path, to(RESOURCE), entries=[{"ingress": "web"}])

    assert "GC322" in made.errors
    assert "; lead one of its paths to a Service: a canary opens no resource" in made.said["GC322"]
