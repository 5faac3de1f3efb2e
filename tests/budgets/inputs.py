"""Small baselines and releases that tests make large in one place."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.manifests import Object, stream, workload


def deployment(name: str = "web", **pod: Any) -> Object:
    """Return a prepared Deployment."""
    container = pod.pop("container", {})
    return workload(name=name, pod=pod, container=container)


def ingress(name: str = "web", host: str = "h.test") -> Object:
    """Return an Ingress to a Service."""
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": 80}}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"ingressClassName": "higress", "rules": [{"host": host, "http": {"paths": [path]}}]},
    }


def rules(*given: Mapping[str, object]) -> Object:
    """Return the `traffic` of a release at Higress."""
    return {"gateway": "higress", "guard": False, "rules": [*given]}


def lay_out(folder: Path, objects: Sequence[Object], **files: Object | str) -> None:
    """Write objects as the baseline, and files by name, `__` for `/` and without `.yaml`."""
    (folder / "baseline").mkdir(parents=True, exist_ok=True)
    (folder / "baseline" / "all.yaml").write_text(stream(objects))
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
