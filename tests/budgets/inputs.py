"""Small baselines and releases that tests make large in one place."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Object = dict[str, Any]
PREPARED = {"app": "web", "zadigx-release-version": "original"}


def deployment(name: str = "web", **pod: Any) -> Object:
    """Return a prepared Deployment."""
    labels = {**PREPARED, "app": name}
    containers = [{"name": name, "image": f"registry.example.com/{name}:1", **pod.pop("container", {})}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers, **pod}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def service(name: str = "web") -> Object:
    """Return the Service of a Deployment."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {**PREPARED, "app": name}, "ports": [{"port": 80}]},
    }


def ingress(name: str = "web", host: str = "h.test") -> Object:
    """Return an Ingress to a Service."""
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": 80}}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"ingressClassName": "higress", "rules": [{"host": host, "http": {"paths": [path]}}]},
    }


def release(name: str = "demo", **spec: Any) -> Object:
    """Return a release of service `web` in namespace `shop`."""
    fields = {"tag": "gray", "namespace": "shop", "baseline": ["baseline/"], "services": [{"name": "web"}], **spec}
    if "traffic" in fields:
        fields.setdefault("lane", {"provider": "mse"})
    return {"apiVersion": "grayc.dev/v1", "kind": "GrayRelease", "metadata": {"name": name}, "spec": fields}


def rules(*given: Mapping[str, object]) -> Object:
    """Return the `traffic` of a release at Higress."""
    return {"gateway": "higress", "guard": False, "rules": [*given]}


def lay_out(folder: Path, objects: Sequence[Object], **files: Object | str) -> None:
    """Write objects as the baseline, and files by name, `__` for `/` and without `.yaml`."""
    (folder / "baseline").mkdir(parents=True, exist_ok=True)
    (folder / "baseline" / "all.yaml").write_text("\n---\n".join(map(json.dumps, objects)))
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
