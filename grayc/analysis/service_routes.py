"""The baseline's own routes whose parent is a Service, and whether the lanes' rules fit in front of theirs."""

from collections.abc import Iterable, Iterator, Mapping

from grayc.analysis.routes import way_in
from grayc.documents import Document, ObjectKey
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.k8s.gateways import GRPC_ROUTE, HTTP_ROUTE
from grayc.k8s.istio_mesh import OPAQUE_PROTOCOLS, protocol_of
from grayc.k8s.kinds import CORE
from grayc.k8s.service_routes import MOST_RULES, NO_PARENTS, WITH_RULES, WITHOUT_HEADERS
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass

_SERVICE = (CORE, "Service")
_KINDS = WITH_RULES | WITHOUT_HEADERS.keys()
_GRPC = "grpc"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRoute:
    """A route that leads the calls to a Service.

    Attributes:
        parent: position in its `parentRefs`.
        port: of the Service; None for all.
        is_producer: it is in the Service's own namespace, and holds for all callers.
    """

    document: Document
    parent: int
    port: int | None
    is_producer: bool


def service_routes(baseline: Iterable[Document]) -> Mapping[ObjectKey, tuple[ServiceRoute, ...]]:
    """Return Service → the routes that lead the calls to it, in the order of the baseline."""
    found: dict[ObjectKey, list[ServiceRoute]] = {}
    for document in baseline:
        if document.identity.group_kind in _KINDS:
            for key, route in _of(document):
                found.setdefault(key, []).append(route)
    return {key: tuple(routes) for key, routes in found.items()}


def _of(document: Document) -> Iterator[tuple[ObjectKey, ServiceRoute]]:
    home = document.identity.namespace
    for at, parent in enumerate(get_list(document.data, ("spec", "parentRefs"))):
        if get_text(parent, ("kind",)) != "Service" or get_text(parent, ("group",)) not in ("", "core"):
            continue
        namespace = get_text(parent, ("namespace",)) or home
        port = get(parent, ("port",))
        key = ObjectKey(group_kind=_SERVICE, namespace=namespace, name=get_text(parent, ("name",)))
        yield (
            key,
            ServiceRoute(
                document=document,
                parent=at,
                port=port if isinstance(port, int) and not isinstance(port, bool) else None,
                is_producer=namespace == home,
            ),
        )


def why_no_parent(service: Document) -> Reason | None:
    """Return why no route leads the calls to a Service, after its name; None where one can."""
    if get_text(service.data, ("spec", "type")) == "ExternalName":
        return because(HopWhy.TEXT, text=NO_PARENTS["ExternalName"])
    is_headless = get_text(service.data, ("spec", "clusterIP")) == "None"
    return because(HopWhy.TEXT, text=NO_PARENTS["headless"]) if is_headless else None


def led_ports(service: Document) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the ports of a Service whose calls have headers, or may have, and those among them that speak gRPC."""
    ports: list[int] = []
    grpc: list[int] = []
    for item in get_list(service.data, ("spec", "ports")):
        number = get(item, ("port",))
        if not isinstance(number, int) or isinstance(number, bool):
            continue
        name, app = get_text(item, ("name",)), get_text(item, ("appProtocol",))
        protocol = protocol_of(name, app, number, get_text(item, ("protocol",)))
        if protocol not in OPAQUE_PROTOCOLS:
            ports.append(number)
            grpc += [number] if protocol == _GRPC else []
    return tuple(ports), tuple(grpc)


def on_led_ports(routes: Iterable[ServiceRoute], service: Document) -> tuple[ServiceRoute, ...]:
    """Return the routes of a Service that lead its calls on ports which carry headers."""
    ports, _ = led_ports(service)
    return tuple(route for route in routes if route.port is None or route.port in ports)


def followed_by_istio(routes: Iterable[ServiceRoute], service: Document) -> ServiceRoute | None:
    """Return a route that Istio follows in the place of a VirtualService of the host; None where there is none."""
    led = on_led_ports(routes, service)
    return next((route for route in led if route.document.identity.group_kind in (HTTP_ROUTE, GRPC_ROUTE)), None)


def why_not_in_front(route: Document) -> Reason | None:
    """Return why no rules of lanes can stand in front of a route's own; None where they can."""
    if (what := WITHOUT_HEADERS.get(route.identity.group_kind)) is not None:
        return because(HopWhy.LEADS_CONNECTIONS, what=what)
    rules = get_list(route.data, ("spec", "rules"))
    if not rules:
        return because(HopWhy.NO_RULES)
    if any(way_in(parent) for parent in get_list(route.data, ("spec", "parentRefs"))):
        return because(HopWhy.GATEWAY_PARENT)
    if len(rules) * 2 > MOST_RULES:
        return because(HopWhy.TOO_MANY_RULES, count=str(len(rules)), most=str(MOST_RULES))
    return None


def gray_backends(rule: object, gray: Mapping[tuple[str, str], str], home: str) -> list[dict[str, object]]:
    """Return the backends of a rule that lead to released Services, as they lead to the gray ones; [] for none.

    Args:
        gray: namespace and name of a Service → name of its gray one.
        home: namespace of the route.
    """
    found = []
    for ref in get_list(rule, ("backendRefs",)):
        if get_text(ref, ("kind",)) in ("", "Service") and get_text(ref, ("group",)) in ("", "core"):
            name = gray.get((get_text(ref, ("namespace",)) or home, get_text(ref, ("name",))))
            if name is not None:
                found.append({**get_map(ref, ()), "name": name})
    if len(found) == 1 or not any(ref.get("weight", 1) for ref in found):
        found = [{key: value for key, value in ref.items() if key != "weight"} for ref in found]
    return found
