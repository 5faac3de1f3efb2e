"""Short spellings of the objects that the gateway tests are made of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.gateways.traffic import Object


def text(objects: Iterable[Object]) -> str:
    """Return the objects as one YAML text; JSON is YAML."""
    return "\n---\n".join(json.dumps(entry) for entry in objects)


def service(name: str, namespace: str = "default", ports: Sequence[int] = (80, 8080)) -> Object:
    """Return a Service; the gateway tests ask only for its name and ports."""
    listed = [{"name": f"p{port}", "port": port, "targetPort": 8080} for port in ports]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": name}, "ports": listed},
    }


def ingress(
    name: str,
    paths: Sequence[tuple[str, str, str]] = (("/", "Prefix", "base"),),
    *,
    host: str = "h.test",
    annotations: Mapping[str, str] | None = None,
    namespace: str = "default",
    age: int = 0,
    port: int = 80,
) -> Object:
    """Return an Ingress of one host; a path is text, type and Service, and a higher `age` is an older object."""
    listed = [
        {"path": path, "pathType": kind, "backend": {"service": {"name": backend, "port": {"number": port}}}}
        for path, kind, backend in paths
    ]
    rule: Object = {"http": {"paths": listed}}
    if host:
        rule["host"] = host
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "creationTimestamp": created(age),
            "annotations": dict(annotations or {}),
        },
        "spec": {"rules": [rule]},
    }


def route(
    name: str,
    rules: Sequence[Object],
    *,
    hosts: Sequence[str] = ("h.test",),
    namespace: str = "default",
    age: int = 0,
) -> Object:
    """Return an HTTPRoute on the Gateway `gw`."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created(age)},
        "spec": {"parentRefs": [{"name": "gw"}], "hostnames": list(hosts), "rules": list(rules)},
    }


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
    namespace: str = "default",
    age: int = 0,
) -> Object:
    """Return a VirtualService on the Gateway `gw`."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created(age)},
        "spec": {"hosts": list(hosts), "gateways": ["gw"], "http": list(routes)},
    }


def to(*destinations: str | tuple[str, int], match: Sequence[Object] = (), **fields: Any) -> Object:
    """Return a route of a VirtualService to these hosts, each a name or a name and a weight."""
    listed: list[Object] = [
        {"destination": {"host": entry}}
        if isinstance(entry, str)
        else {"destination": {"host": entry[0]}, "weight": entry[1]}
        for entry in destinations
    ]
    return {**({"match": list(match)} if match else {}), "route": listed, **fields}


def created(age: int) -> str:
    """Return a creation time: the higher the age, the earlier."""
    return f"2026-01-01T00:{59 - age:02}:00Z"
