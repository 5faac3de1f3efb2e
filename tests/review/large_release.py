"""Write releases of many services, each of which asks for something else."""

from pathlib import Path

from tests.manifests import Object, an_object, ingress, service, workload, write_baseline, write_spec

TAG = "r42"


def write_release(folder: Path, count: int, *, image: str = "1.1", header: str = "100", stranger: str = "") -> Path:
    """Write a release of so many services and its baseline, and return the release's path.

    Args:
        image: the tag of every service's gray image.
        header: value of the header that opens the lane.
        stranger: text of a variable of the first service, for text that is up to no good.
    """
    write_baseline(folder, {f"baseline/{_name(number)}.yaml": _objects(number) for number in range(count)})
    return write_spec(
        folder / "release.yaml",
        "autumn",
        tag=TAG,
        lane={"isolation": "label"},
        services=[_service(number, image, stranger) for number in range(count)],
        traffic={"gateway": "mse", "rules": [{"header": "x-user-id", "value": header}]},
    )


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


def _objects(number: int) -> list[Object]:
    name = _name(number)
    container = {
        "image": f"registry.example.com/{name}:1.0",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "DB_PASSWORD", "value": f"canary-before-{number}"}],
        "envFrom": [{"configMapRef": {"name": name}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    }
    objects = [
        workload(name=name, container=container, replicas=2),
        service(name, ports=({"name": "http", "port": 80, "targetPort": "http"},)),
        an_object("ConfigMap", name=name, data={"app.properties": "log=info\npool=8\n"}),
    ]
    if number % 10 == 0:
        objects.append(ingress(name, "mse", host=f"{name}.example.com", paths=[("/", "Prefix", name)], port="http"))
    return objects
