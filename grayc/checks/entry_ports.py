"""The ports by which entries lead to Services are ports of these Services."""

from collections.abc import Iterable, Iterator

from grayc.analysis.routes import ROUTES, Backend, backends_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectIdentity, ObjectKey, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.service_ports import lacks_port, service_ports, show_ports
from grayc.k8s.alb_ingresses import USE_ANNOTATION
from grayc.k8s.gateways import GATEWAYS, INGRESS, VIRTUAL_SERVICE, GatewayName
from grayc.k8s.kinds import CORE
from grayc.plan.model import ReleasePlan


def check_entry_ports(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the backends of entries, and of the lane's own routes, whose port their Service does not have.

    Diagnostics:
        GC560: of the baseline: no request gets through by it, whether it is gray or not.
        GC561: of the lane alone: requests that go gray get an error.
    Source: kubernetes/ingress-nginx 1.15.1 controller.go, serviceEndpoints (no endpoints: 503); Traefik 3.7.9
    ingress-nginx/build.go ("service port not found"); gateway-api apis/v1, HTTPBackendRef (an invalid one: 500); Istio
    has no cluster for such a port (503).
    """
    services = {
        plan.key_of(service.identity): service
        for service in (*plan.baseline, *documents)
        if service.identity.group_kind == (CORE, "Service")
    }
    found: list[Diagnostic] = []
    lost: set[tuple[ObjectIdentity, int | str]] = set()
    for entry in plan.entries:
        opened = {(path.rule, path.path, path.host) for path in entry.paths}
        lacking = _lacking(entry.document, plan, services, entry.gateway, backends_of(entry.document, plan.baseline))
        for backend, service, ports in lacking:
            lost.add((service.origin, backend.port))
            if (backend.rule, backend.path, backend.host) in opened:
                found.append(_without_port(entry.document, backend, service, ports))
    gateways = {entry.document.identity.group_kind: entry.gateway for entry in plan.entries}
    for document in documents:
        kind = document.identity.group_kind
        if kind in ROUTES and kind in gateways:
            lacking = _lacking(document, plan, services, gateways[kind], backends_of(document, documents))
            found += [
                _without_gray_port(document, backend, service, ports)
                for backend, service, ports in lacking
                if (service.origin, backend.port) not in lost
            ]
    return tuple(found)


def _lacking(
    route: Document,
    plan: ReleasePlan,
    services: dict[ObjectKey, Document],
    gateway: GatewayName,
    backends: Iterable[Backend],
) -> Iterator[tuple[Backend, Document, tuple[int | str, ...]]]:
    """Yield each backend whose Service lacks its port, once for each rule, with that Service and its ports."""
    home = plan.key_of(route.identity).namespace
    seen: set[tuple[int, str, int | str]] = set()
    for backend in backends:
        key = ObjectKey(group_kind=(CORE, "Service"), namespace=backend.namespace or home, name=backend.service)
        service = services.get(key)
        at = (backend.rule, backend.service, backend.port)
        if service is None or at in seen or backend.port == USE_ANNOTATION:
            continue
        seen.add(at)
        ports = service_ports(service, with_targets=GATEWAYS[gateway].takes_target_port)
        if lacks_port(ports, backend.port):
            yield backend, service, service_ports(service)


def _without_port(route: Document, backend: Backend, service: Document, ports: tuple[int | str, ...]) -> Diagnostic:
    where = f"`{backend.host}{backend.text}`"
    return at_object(
        route,
        _place(route, backend),
        code="GC560",
        message=f"{_asked(route, backend, ports)}: no request gets through by {where}, gray or not",
        notes=(_there(service),),
        help="write a port that the Service has, or add this one to it; or accept it",
    )


def _without_gray_port(
    route: Document, backend: Backend, service: Document, ports: tuple[int | str, ...]
) -> Diagnostic:
    return at_object(
        route,
        ("metadata", "name"),
        code="GC561",
        message=f"the gray {_asked(route, backend, ports)}: requests that go gray get an error",
        notes=(_there(service),),
        help="let the gray Service keep the port that the entry asks",
    )


def _asked(route: Document, backend: Backend, ports: tuple[int | str, ...]) -> str:
    return (
        f"{route.identity.kind} `{route.identity.name}` leads to port `{backend.port}` of Service `{backend.service}`, "
        f"which has {show_ports(ports)}"
    )


def _there(service: Document) -> Note:
    return note_at(service, ("spec", "ports"), f"the ports of Service `{service.identity.name}`")


def _place(route: Document, backend: Backend) -> Path:
    kind = route.identity.group_kind
    if kind == INGRESS:
        return ("spec", "rules", backend.rule, "http", "paths", backend.path, "backend", "service", "port")
    return ("spec", "http" if kind == VIRTUAL_SERVICE else "rules", backend.rule)
