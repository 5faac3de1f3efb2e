"""Short spellings of the objects that the gateway tests are made of, each with an age, in namespace `default`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests import manifests
from tests.manifests import Object, an_object

NAMESPACE = "default"


def workload(name: str = "web") -> Object:
    """Return a workload that is not prepared for gray releases."""
    return manifests.workload(name=name, namespace=NAMESPACE, labels={"app": name})


def service(name: str, namespace: str = NAMESPACE, ports: Iterable[int] = (80, 8080)) -> Object:
    """Return a Service of such a workload; the gateway tests ask only for its name and ports."""
    listed: list[Object] = [{"name": f"p{port}", "port": port, "targetPort": 8080} for port in ports]
    return manifests.service(name, namespace=namespace, labels={"app": name}, ports=listed)


def ingress(
    name: str,
    paths: Sequence[tuple[str, str, str]] = (("/", "Prefix", "base"),),
    class_name: str = "",
    *,
    host: str = "h.test",
    annotations: Mapping[str, str] | None = None,
    namespace: str = NAMESPACE,
    age: int = 0,
    port: int = 80,
) -> Object:
    """Return an Ingress of one host; a path is text, type and Service, and a higher `age` is an older object."""
    made = manifests.ingress(
        name, class_name, host=host, paths=paths, annotations=annotations, namespace=namespace, port=port
    )
    return aged(made, age)


def route(
    name: str,
    rules: Sequence[Object],
    *,
    hosts: Sequence[str] = ("h.test",),
    namespace: str = NAMESPACE,
    age: int = 0,
) -> Object:
    """Return an HTTPRoute on the Gateway `gw`."""
    spec = {"parentRefs": [{"name": "gw"}], "hostnames": list(hosts), "rules": list(rules)}
    version = "gateway.networking.k8s.io/v1"
    return aged(an_object("HTTPRoute", spec, version=version, name=name, namespace=namespace), age)


def rule(*backends: str | tuple[str, int], matches: Sequence[Object] = (), **fields: Any) -> Object:
    """Return a rule of an HTTPRoute to these Services on port 80, each a name or a name and a weight."""
    refs = [
        {"name": entry, "port": 80} if isinstance(entry, str) else {"name": entry[0], "port": 80, "weight": entry[1]}
        for entry in backends
    ]
    return {**({"matches": list(matches)} if matches else {}), "backendRefs": refs, **fields}


def match(
    path: str = "", kind: str = "PathPrefix", headers: Mapping[str, str] | None = None, regex: Sequence[str] = ()
) -> Object:
    """Return a match of an HTTPRoute; the headers named in `regex` are regular expressions."""
    found: Object = {"path": {"type": kind, "value": path}} if path else {}
    if headers:
        found["headers"] = [
            {"name": name, "value": value, "type": "RegularExpression" if name in regex else "Exact"}
            for name, value in headers.items()
        ]
    return found


def virtual_service(
    name: str,
    routes: Sequence[Object],
    *,
    hosts: Sequence[str] = ("h.test",),
    namespace: str = NAMESPACE,
    age: int = 0,
) -> Object:
    """Return a VirtualService on the Gateway `gw`."""
    spec = {"hosts": list(hosts), "gateways": ["gw"], "http": list(routes)}
    version = "networking.istio.io/v1"
    return aged(an_object("VirtualService", spec, version=version, name=name, namespace=namespace), age)


def to(*destinations: str | tuple[str, int], match: Sequence[Object] = (), **fields: Any) -> Object:
    """Return a route of a VirtualService to these hosts, each a name or a name and a weight."""
    listed: list[Object] = [
        {"destination": {"host": entry}}
        if isinstance(entry, str)
        else {"destination": {"host": entry[0]}, "weight": entry[1]}
        for entry in destinations
    ]
    return {**({"match": list(match)} if match else {}), "route": listed, **fields}


def aged(item: Object, age: int) -> Object:
    """Return an object with a creation time."""
    return {**item, "metadata": {**item["metadata"], "creationTimestamp": created(age)}}


def created(age: int) -> str:
    """Return a creation time: the higher the age, the earlier."""
    return f"2026-01-01T00:{59 - age:02}:00Z"
