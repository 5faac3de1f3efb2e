"""What leads to released services and is not opened: of another gateway, a kind that none opens, a class unknown."""

from collections.abc import Iterable, Iterator, Mapping

from grayc.analysis.controllers import Controllers
from grayc.analysis.routes import ROUTES, backends_of, host_of, is_canary, is_without_gateway
from grayc.diagnostics import Diagnostic
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.documents.ingresses import CLASS_ANNOTATION, ingress_class, two_classes
from grayc.documents.sealed import object_sealed_by
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.alb_ingresses import ACTIONS, as_read, listed
from grayc.k8s.gateways import GATEWAYS, HIGRESS_PREFIX, INGRESS, MSE_PREFIX, GatewayName, serves_ingresses
from grayc.k8s.ingress_controllers import ISTIO, rows_of_class
from grayc.k8s.kinds import CORE
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.plan.model import Entry, key_of
from grayc.planning.index import BaselineIndex
from grayc.records import dataclass
from grayc.spec.model import ReleaseSpec, ServiceSpec, Traffic

_OTHER, _KIND, _CLASS = "GC325", "GC326", "GC327"

_SERVICE = (CORE, "Service")

_HIGRESS_DESTINATION, _MSE_DESTINATION = f"{HIGRESS_PREFIX}destination", f"{MSE_PREFIX}destination"

_TO_OPEN = "to open it, name each entry in `spec.traffic.entries`, this one as"
_STAYS = "requests by it stay on the baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A route that is left as it is.

    Attributes:
        code: of its finding, where other entries are opened.
        message: whose it is.
        help: what to write, if anything opens it.
    """

    document: Document
    code: str
    message: str
    help: str

    @property
    def finding(self) -> Diagnostic:
        """What to say of it beside an entry that is opened."""
        return at_object(
            self.document,
            ("metadata", "name"),
            code=self.code,
            message=f"{self.message}: {_STAYS}",
            help=f"{self.help}; or accept it",
        )


def not_opened(
    spec: ReleaseSpec,
    traffic: Traffic,
    index: BaselineIndex,
    released: Mapping[ObjectKey, ServiceSpec],
    *,
    controllers: Controllers,
    entries: Iterable[Entry],
) -> tuple[Left, ...]:
    """Return the routes that lead to released services and that nothing opens, in order of place.

    Those of the release's own gateway that `entries` does not name are the user's choice, and canaries no entries.
    """
    opened = {entry.document.place for entry in entries}
    leading = {
        document.place: document
        for key in released
        for document in index.referrers.get(key, ())
        if document.identity.group_kind in ROUTING_KINDS and document.place not in opened
    }
    found: list[Left] = []
    for _, document in sorted(leading.items()):
        kind = document.identity.group_kind
        if kind in ROUTES:
            if not is_canary(document) and not is_without_gateway(document) and _leads(spec, document, released):
                left = why_not(traffic, controllers, document, traffic.gateway)
                found += [left] if left else []
        else:
            found.append(_of_kind(document))
    aliases = _aliases(spec, index, released)
    if aliases:
        told = {left.document.place for left in found}
        found += [
            left
            for document in index.documents
            if document.identity.group_kind in ROUTES and document.place not in told
            for left in _by_alias(spec, document, aliases)
        ]
    told = {left.document.place for left in found}
    for document in index.documents:
        if document.identity.group_kind == INGRESS and document.place not in told and not is_canary(document):
            is_opened = document.place in opened
            found += _by_destination(traffic, controllers, document, released, is_opened=is_opened)
    return tuple(sorted(found, key=lambda left: left.document.place))


def destination_of(traffic: Traffic, controllers: Controllers, ingress: Document) -> str:
    """Return the annotation by which an Ingress leads to services, as what reads its class spells it; "" for none.

    Where nothing tells what reads it, either spelling counts.
    """
    of = controllers.of(ingress)
    reader = _gateway_of(of.product) if of.class_name else traffic.gateway
    names = {GatewayName.HIGRESS: (_HIGRESS_DESTINATION,), GatewayName.MSE: (_MSE_DESTINATION,)}
    unknown = (_HIGRESS_DESTINATION, _MSE_DESTINATION) if of.class_name and not of.product else ()
    read = names.get(reader, ()) if reader is not None else unknown
    return next((name for name in read if get_text(ingress.data, ("metadata", "annotations", name))), "")


def _by_destination(
    traffic: Traffic,
    controllers: Controllers,
    ingress: Document,
    released: Mapping[ObjectKey, ServiceSpec],
    *,
    is_opened: bool,
) -> Iterator[Left]:
    """Yield an Ingress that leads to a released service by an annotation.

    Source: Higress 2.2.1, annotations/destination.go and backendToRouteDestination: it holds where a path has no
    Service. Alibaba Cloud help, "Annotations supported by MSE Ingress gateways": there it takes the place of Services
    as well, and a canary leads by its own.

    Args:
        is_opened: a canary leads some of its paths.
    """
    if controllers.of(ingress).is_of(GatewayName.ALIYUN_ALB) and traffic.gateway is GatewayName.ALIYUN_ALB:
        yield from _by_actions(ingress, released)
    name = destination_of(traffic, controllers, ingress)
    paths = [path for rule in get_list(ingress.data, ("spec", "rules")) for path in get_list(rule, ("http", "paths"))]
    if name == _MSE_DESTINATION and is_opened:
        return
    if name != _MSE_DESTINATION and all(get_text(path, ("backend", "service", "name")) for path in paths):
        return
    words = get_text(ingress.data, ("metadata", "annotations", name)).split() if name else []
    services = [host_of(word.partition(":")[0]) for word in words if ".svc." in word]
    if any(
        ObjectKey(group_kind=(CORE, "Service"), namespace=home, name=service) in released for service, home in services
    ):
        yield Left(
            document=ingress,
            code=_KIND,
            message=f"Ingress `{ingress.identity.name}` leads to a released service by `{name}`, which no canary opens",
            help="lead its path to the Service itself",
        )


def _by_actions(ingress: Document, released: Mapping[ObjectKey, ServiceSpec]) -> Iterator[Left]:
    """Yield an Ingress of an ALB that leads to a released service by its actions. Source: `k8s.alb_ingresses`."""
    for key, text in get_map(ingress.data, ("metadata", "annotations")).items():
        for action in listed(text) or () if key.startswith(ACTIONS) else ():
            for group in get_list(as_read(action), ("forwardconfig", "servergroups")):
                name = get_text(group, ("servicename",))
                service = ObjectKey(group_kind=(CORE, "Service"), namespace=ingress.identity.namespace, name=name)
                if service in released:
                    yield Left(
                        document=ingress,
                        code=_KIND,
                        message=f"Ingress `{ingress.identity.name}` leads to a released service by `{key}`, which no "
                        "canary opens",
                        help="lead its path to the Service itself, with the number of its port",
                    )
                    return


def _aliases(
    spec: ReleaseSpec, index: BaselineIndex, released: Mapping[ObjectKey, ServiceSpec]
) -> dict[ObjectKey, ObjectKey]:
    """Return Services of type ExternalName that stand for released Services, each with that one."""
    found: dict[ObjectKey, ObjectKey] = {}
    for document in index.documents:
        if document.identity.group_kind != _SERVICE or get_text(document.data, ("spec", "type")) != "ExternalName":
            continue
        words = get_text(document.data, ("spec", "externalName")).rstrip(".").lower().split(".")
        if len(words) < 3 or words[2] != "svc":
            continue
        target = ObjectKey(group_kind=_SERVICE, namespace=words[1], name=words[0])
        if target in released:
            found[key_of(spec, document.identity)] = target
    return found


def _by_alias(spec: ReleaseSpec, route: Document, aliases: Mapping[ObjectKey, ObjectKey]) -> Iterator[Left]:
    """Yield a route that leads to a released service by a Service of type ExternalName.

    Source: Kubernetes, "Service", type ExternalName: a CNAME, so what reads the route knows the other name alone.
    """
    if is_canary(route) or is_without_gateway(route):
        return
    home = key_of(spec, route.identity).namespace
    default = get_text(route.data, ("spec", "defaultBackend", "service", "name"))
    for namespace, name in [(home, default), *((way.namespace or home, way.service) for way in backends_of(route))]:
        target = aliases.get(ObjectKey(group_kind=_SERVICE, namespace=namespace, name=name))
        if target is None:
            continue
        yield Left(
            document=route,
            code=_KIND,
            message=f"{route.identity.kind} `{route.identity.name}` leads to the released `{target.name}` of namespace "
            f"`{target.namespace}` by Service `{name}` of type ExternalName, which no rule opens",
            help="lead its path to the Service itself"
            if namespace == target.namespace
            else f"move it to namespace `{target.namespace}`, where it can lead to the Service itself",
        )
        return


def _leads(spec: ReleaseSpec, route: Document, released: Mapping[ObjectKey, ServiceSpec]) -> bool:
    """Tell whether a route's requests go to a released service: a mirror, or an annotation that names it, does not."""
    home = key_of(spec, route.identity).namespace
    default = get_text(route.data, ("spec", "defaultBackend", "service", "name"))
    ways = [(home, default), *((way.namespace or home, way.service) for way in backends_of(route))]
    return any(
        ObjectKey(group_kind=(CORE, "Service"), namespace=namespace, name=name) in released for namespace, name in ways
    )


def why_not(
    traffic: Traffic,
    controllers: Controllers,
    route: Document,
    gateway: GatewayName,
    *,
    is_written: bool = False,
) -> Left | None:
    """Return why a gateway does not open a route of a kind that gateways open; None where it does.

    Args:
        is_written: the user says that this gateway serves it, and only the baseline's IngressClass can deny that: of
            a product whose classes the gateway does not read by their names.
    """
    kind = route.identity.group_kind
    shown = f"{route.identity.kind} `{route.identity.name}`"
    if tool := object_sealed_by(route):
        return Left(
            document=route,
            code=_KIND,
            message=f"{shown} leads to a released service, and is encrypted ({tool}): no rule can be written into it "
            "or into a copy of it",
            help="move the route into a file of its own that is not encrypted",
        )
    if kind not in GATEWAYS[gateway].entry_kinds:
        other = next((name for name, row in GATEWAYS.items() if kind in row.entry_kinds), None)
        row = f"`{{route: {route.identity.name}, gateway: {other}}}`"
        if kind == INGRESS:
            return _of_another_kind_of_gateway(controllers, route, gateway, shown)
        return Left(
            document=route,
            code=_OTHER,
            message=f"{shown} leads to a released service, and gateway `{gateway}` reads no {route.identity.kind}",
            help=f"{_TO_OPEN} {row}",
        )
    if kind != INGRESS:
        return None
    asked = gateway
    if gateway is traffic.gateway and serves_ingresses(GATEWAYS[traffic.written]):
        # What `--gateway` asks is how the entries of the spec's own gateway would be on another one.
        asked = traffic.written
    return _class_denies(controllers, route, asked, shown, is_written=is_written)


def _of_another_kind_of_gateway(controllers: Controllers, route: Document, gateway: GatewayName, shown: str) -> Left:
    """Return whose an Ingress is, where the gateway opens routes of other kinds."""
    of = controllers.of(route)
    if of.product == ISTIO and gateway is GatewayName.ISTIO:
        return Left(
            document=route,
            code=_KIND,
            message=f"{shown} leads to a released service, and has class `{of.class_name}`: Istio makes routes of it, "
            "which no rule opens",
            help="lead its hosts and paths by a VirtualService",
        )
    # Products that are known, and none of which reads what a gateway of the release language writes.
    several = [row.product for row in rows_of_class(of.class_name)] if not of.product else [of.product]
    is_nobodys = bool(several) and all(_gateway_of(product) is None for product in several)
    return Left(
        document=route,
        code=_OTHER,
        message=f"{shown} leads to a released service, "
        + (
            f"and has class `{of.class_name}`, which {' or '.join(several)} reads"
            if is_nobodys
            else f"and gateway `{gateway}` reads no Ingress"
        ),
        help="no gateway of the release language opens it"
        if is_nobodys
        else f"{_TO_OPEN} {_row_of_ingress(controllers, route)}",
    )


def _class_denies(
    controllers: Controllers, route: Document, gateway: GatewayName, shown: str, *, is_written: bool
) -> Left | None:
    of = controllers.of(route)
    if two := two_classes(route):
        return Left(
            document=route,
            code=_CLASS,
            message=f"{shown} has class `{two[0]}` by its field and `{two[1]}` by its annotation, and controllers "
            "differ in which of the two they read",
            help=f"take away the field or annotation `{CLASS_ANNOTATION}`: a cluster takes no new Ingress, so no "
            "canary, on which they differ",
        )
    if controllers.rival_defaults and not ingress_class(route) and not is_written:
        return Left(
            document=route,
            code=_CLASS,
            message=f"{shown} names no class, and several are default classes: "
            + ", ".join(f"`{name}`" for name in controllers.rival_defaults),
            help="give the Ingress the class that the cluster gave it: of several default classes it takes the newest",
        )
    by_name = of.product in GATEWAYS[gateway].by_name_of
    if of.is_of(gateway) or (is_written and (by_name or not (of.is_proved and of.product))):
        return None
    if of.product:
        return Left(
            document=route,
            code=_OTHER,
            message=f"{shown} has class `{of.class_name}`, which {of.product} reads, not gateway `{gateway}`",
            help=f"{_TO_OPEN} {_row_of_ingress(controllers, route)}"
            + (f", or with `gateway: {gateway}` where that is set to read class `{of.class_name}`" if by_name else "")
            if _gateway_of(of.product) is not None
            else "no gateway of the release language opens it",
        )
    several = " or ".join(row.product for row in rows_of_class(of.class_name))
    return Left(
        document=route,
        code=_CLASS,
        message=f"{shown} has class `{of.class_name}`, "
        + (f"which may be read by {several}" if several else "and nothing tells what reads that class"),
        help="add its IngressClass to `spec.baseline`"
        + (
            ""
            if several
            else f"; or, where gateway `{gateway}` reads it, name each entry in `spec.traffic.entries`, this "
            f"one as `{{ingress: {route.identity.name}, gateway: {gateway}}}`"
        ),
    )


def _gateway_of(product: str) -> GatewayName | None:
    return next((name for name, row in GATEWAYS.items() if product in row.controllers), None)


def _row_of_ingress(controllers: Controllers, route: Document) -> str:
    of = controllers.of(route)
    products = [of.product] if of.product else [row.product for row in rows_of_class(of.class_name)]
    gateway, product = next(((name, each) for each in products if (name := _gateway_of(each))), (None, ""))
    where = f", where {product} reads it" if len(products) > 1 else ""
    return f"`{{ingress: {route.identity.name}, gateway: {gateway or 'NAME'}}}`{where}"


def _of_kind(document: Document) -> Left:
    kind = ROUTING_KINDS[document.identity.group_kind]
    what = "calls" if kind.is_mesh else "requests"
    return Left(
        document=document,
        code=_KIND,
        message=f"`{document.identity.ref}` of {kind.product} leads {what} to a released service, and no gateway of "
        "the release language opens that kind",
        help="open the lane behind another entry, or send such requests with the lane's own header"
        if not kind.is_mesh
        else "lead these calls with `lane.provider`",
    )
