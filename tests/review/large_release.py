"""Write releases of many services, each of which asks for something else."""

import json
from pathlib import Path

TAG = "r42"


def write_release(folder: Path, count: int, *, image: str = "1.1", header: str = "100", stranger: str = "") -> Path:
    """Write a release of so many services and its baseline, and return the release's path.

    Args:
        image: the tag of every service's gray image.
        header: value of the header that opens the lane.
        stranger: text of a variable of the first service, for text that is up to no good.
    """
    (folder / "baseline").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = _name(number)
        text = "---\n".join(json.dumps(item, indent=1) + "\n" for item in _objects(number))
        (folder / "baseline" / f"{name}.yaml").write_text(text, encoding="utf-8")
    path = folder / "release.yaml"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "grayc.dev/v1",
                "kind": "GrayRelease",
                "metadata": {"name": "autumn"},
                "spec": {
                    "tag": TAG,
                    "namespace": "shop",
                    "lane": {"isolation": "label"},
                    "baseline": ["baseline/"],
                    "services": [_service(number, image, stranger) for number in range(count)],
                    "traffic": {"gateway": "mse", "rules": [{"header": "x-user-id", "value": header}]},
                },
            },
            indent=1,
        ),
        encoding="utf-8",
    )
    return path


def _name(number: int) -> str:
    return f"service-{number:04}"


def _service(number: int, image: str, stranger: str) -> dict[str, object]:
    """Return what a release asks of a service: an image of each, and of some a variable, a setting or a patch."""
    name = _name(number)
    asked: dict[str, object] = {"name": name, "images": {name: f"registry.example.com/{name}:{image}"}}
    env = {}
    if number % 3 == 0:
        env["FEATURE"] = f"on-{number}"
    if number % 5 == 0:
        env["DB_PASSWORD"] = f"canary-{number}"
    if stranger and number == 0:
        env["NOTE"] = stranger
    if env:
        asked["env"] = {name: env}
    if number % 4 == 0:
        asked["config"] = {name: {"app.properties": f"log=debug\npool={number}\n"}}
    if number % 7 == 0:
        asked["replicas"] = 3
    if number % 11 == 0:
        asked["patches"] = [{"target": {"kind": "Service"}, "merge": {"spec": {"sessionAffinity": "ClientIP"}}}]
    if number % 13 == 0:
        context = {"containers": [{"name": name, "securityContext": {"privileged": True}}]}
        asked["patches"] = [{"target": {"kind": "Deployment"}, "merge": {"spec": {"template": {"spec": context}}}}]
    return asked


def _objects(number: int) -> list[dict[str, object]]:
    name = _name(number)
    metadata = {"name": name, "namespace": "shop"}
    labels = {"app": name, "zadigx-release-version": "original"}
    container = {
        "name": name,
        "image": f"registry.example.com/{name}:1.0",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "DB_PASSWORD", "value": f"canary-before-{number}"}],
        "envFrom": [{"configMapRef": {"name": name}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    }
    objects: list[dict[str, object]] = [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": {"app.properties": "log=info\npool=8\n"},
        },
    ]
    if number % 10 == 0:
        backend = {"service": {"name": name, "port": {"name": "http"}}}
        rule = {
            "host": f"{name}.example.com",
            "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
        }
        objects.append(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": metadata,
                "spec": {"ingressClassName": "mse", "rules": [rule]},
            }
        )
    return objects
