"""Which mesh reads the routes of a Service for the calls of a workload, as far as the baseline shows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from grayc.analysis.carriage import CARRIED, Carriage, Edge, led_by, of_pods, once_patched, unseen_namespace
from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.service_routes import ServiceRoute, gray_backends, led_ports, why_no_parent, why_not_in_front
from grayc.analysis.sidecars import Proxy, proxy_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_list, get_text
from grayc.k8s.hosts import CLUSTER_DOMAIN
from grayc.k8s.kinds import CORE, GATEWAY
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.route_meshes import (
    CILIUM,
    CILIUM_CONTROLLER,
    ISTIO,
    KUMA,
    LINKERD,
    LINKERD_OPAQUE,
    LINKERD_OPAQUE_PORTS,
    LINKERD_PROFILE,
    LINKERD_SKIPPED,
    ROUTE_MESHES,
    RouteMesh,
)
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass

_NAMESPACE = (CORE, "Namespace")
_GATEWAY_CLASS = (GATEWAY, "GatewayClass")
_NAME: Path = ("metadata", "name")

_SHOW = (
    "add to `spec.baseline` what lets the mesh in: a Namespace with `linkerd.io/inject: enabled`, "
    "`istio-injection: enabled`, `istio.io/dataplane-mode: ambient` or `kuma.io/sidecar-injection: enabled`, or the "
    "GatewayClass of Cilium"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reads routes for the calls of a workload's pods.

    Attributes:
        mesh: its name; "" where none does, or none is seen.
        carriage: carried where a mesh reads them.
        text: why it is not so, after "its pods"; None where nothing in the baseline shows a mesh at all.
        path: what says so in the workload; its name, where it is the Namespace or nothing.
    """

    mesh: str = ""
    carriage: Carriage = Carriage.CARRIED
    text: Reason | None = None
    path: Path = _NAME


class RouteReaders:
    """The meshes of a baseline that read routes of the Gateway API."""

    def __init__(
        self, baseline: Sequence[Document], namespaces: Mapping[str, Document], home_of: Callable[[Document], str]
    ) -> None:
        self._baseline = baseline
        self._namespaces = namespaces
        self._home_of = home_of
        self._is_cilium = any(
            document.identity.group_kind == _GATEWAY_CLASS
            and get_text(document.data, ("spec", "controllerName")) == CILIUM_CONTROLLER
            for document in baseline
        )
        self._used = frozenset(self._seen())

    def _seen(self) -> Iterator[str]:
        """Yield the meshes whose proxies the baseline lets in somewhere."""
        for document in self._baseline:
            if document.identity.group_kind == _NAMESPACE:
                yield from (mesh.name for mesh in ROUTE_MESHES if _switch(document, ("metadata",), mesh) in mesh.on)
            elif is_workload(document):
                yield from (mesh.name for mesh in ROUTE_MESHES if self._by_sidecar(document, mesh) is not None)
                if self._istio(document) in {Proxy.SIDECAR, Proxy.AMBIENT}:
                    yield ISTIO

    def _istio(self, workload: Document) -> Proxy:
        return proxy_of(workload, self._namespaces, self._home_of(workload)).proxy

    def _by_sidecar(self, workload: Document, mesh: RouteMesh) -> Reader | None:
        """Return the reader where pods have a mesh's proxy, or may read routes by it; None where they have none."""
        template = WORKLOADS[workload.identity.group_kind].template
        if any(container.get("name") == mesh.container for _, container in containers_of(workload)):
            return Reader(mesh=mesh.name)
        value = self._switch_of(workload, mesh)
        if get(workload.data, (*template, "spec", "hostNetwork")) is True:
            return None
        if value in mesh.unsure:
            return Reader(carriage=Carriage.UNKNOWN, text=because(HopWhy.TEXT, text=mesh.unsure[value]))
        return Reader(mesh=mesh.name) if value in mesh.on else None

    def _switch_of(self, workload: Document, mesh: RouteMesh) -> str:
        template = WORKLOADS[workload.identity.group_kind].template
        namespace = self._namespaces.get(self._home_of(workload))
        above = _switch(namespace, ("metadata",), mesh) if namespace is not None else ""
        return _switch(workload, (*template, "metadata"), mesh) or above

    def of(self, workload: Document) -> Reader:
        """Return what reads routes for the calls of a workload's pods."""
        for mesh in ROUTE_MESHES:
            found = self._by_sidecar(workload, mesh)
            if found is not None:
                return found
        if self._istio(workload) in {Proxy.SIDECAR, Proxy.AMBIENT}:
            return Reader(mesh=ISTIO)
        if self._is_cilium:
            return Reader(mesh=CILIUM)
        return self._none(workload)

    def _none(self, workload: Document) -> Reader:
        template = WORKLOADS[workload.identity.group_kind].template
        home = self._home_of(workload)
        for mesh in ROUTE_MESHES:
            value = self._switch_of(workload, mesh)
            if value in mesh.off:
                path = (*template, "metadata", mesh.place, mesh.switch)
                text = because(HopWhy.NO_PROXY_READS, setting=f"{mesh.switch}: {value}", mesh=mesh.name)
                return Reader(carriage=Carriage.NOT, text=text, path=path if get(workload.data, path) else _NAME)
        if self._used and get(workload.data, (*template, "spec", "hostNetwork")) is True:
            text = because(HopWhy.NODE_NETWORK)
            return Reader(carriage=Carriage.NOT, text=text, path=(*template, "spec", "hostNetwork"))
        if not self._used:
            return Reader(carriage=Carriage.UNKNOWN)
        used = " or ".join(sorted(self._used))
        if home in self._namespaces:
            text = because(HopWhy.NO_PROXY_OF, meshes=used, namespace=home)
            return Reader(carriage=Carriage.NOT, text=text)
        text = because(HopWhy.ASKS_NO_PROXY, meshes=used, where=unseen_namespace(home))
        return Reader(carriage=Carriage.UNKNOWN, text=text)

    def edge(self, name: str, workloads: Sequence[Document], copy: Copy) -> tuple[Edge, bool]:
        """Return whether a mesh reads a Service's routes for the calls to it, and whether it is Istio.

        Args:
            name: of the caller.
        """
        if not workloads:
            why = because(HopWhy.NO_WORKLOAD_READER, name=name)
            return Edge(carriage=Carriage.UNKNOWN, why=why, help="add its manifests to `spec.baseline`"), False
        readers = [(each, self.of(each)) for each in workloads]
        worst = [each for each in readers if each[1].carriage is not Carriage.CARRIED]
        if worst:
            document, reader = worst[0]
            if reader.text is None:
                return Edge(carriage=Carriage.UNKNOWN, why=because(HopWhy.NO_MESH_SEEN), help=_SHOW), False
            is_all = all(reader.carriage is Carriage.NOT for _, reader in readers)
            edge = Edge(
                carriage=Carriage.NOT if is_all else Carriage.UNKNOWN,
                why=of_pods(name, reader.text, all_of_them=len(worst) == len(readers)),
                document=document,
                path=reader.path,
                help="let the mesh's proxy in, and start the pods anew, since only new ones get it",
            )
            return edge, False
        meshes = {reader.mesh for _, reader in readers}
        if meshes == {ISTIO}:
            return CARRIED, True
        if LINKERD.name in meshes:
            return self._by_linkerd(name, workloads, copy), False
        if KUMA.name in meshes:
            return _by_kuma(copy), False
        return CARRIED, False

    def _by_linkerd(self, name: str, workloads: Sequence[Document], copy: Copy) -> Edge:
        service, home = copy.document.identity.name, self._home_of(copy.document)
        full = f"{service}.{home}.svc.{CLUSTER_DOMAIN}"
        places = {home, *map(self._home_of, workloads)}
        for document in self._baseline:
            identity = document.identity
            if identity.group_kind == LINKERD_PROFILE and identity.name == full and self._home_of(document) in places:
                return Edge(
                    carriage=Carriage.NOT,
                    why=because(HopWhy.PROFILE_INSTEAD, profile=full, service=service),
                    document=document,
                    path=_NAME,
                    help="write what the profile says as an HTTPRoute, and take the profile away",
                )
        ports, _ = led_ports(copy.document)
        opaque, at = self._annotation(copy.document, ("metadata",), LINKERD_OPAQUE)
        names = {
            get_text(item, ("name",)): get(item, ("port",)) for item in get_list(copy.document.data, ("spec", "ports"))
        }
        unread = [port for port in ports if _is_listed(port, opaque or LINKERD_OPAQUE_PORTS, names)]
        if ports and len(unread) == len(ports):
            return Edge(
                carriage=Carriage.NOT,
                why=because(HopWhy.OPAQUE, port=str(unread[0]), service=service),
                document=copy.document,
                path=at,
                help=f"where it speaks HTTP or gRPC, take it out of `{LINKERD_OPAQUE}`",
            )
        for workload in workloads:
            template = WORKLOADS[workload.identity.group_kind].template
            skipped, at = self._annotation(workload, (*template, "metadata"), LINKERD_SKIPPED)
            if ports and skipped and all(_is_listed(port, skipped, {}) for port in ports):
                return Edge(
                    carriage=Carriage.NOT if len(workloads) == 1 else Carriage.UNKNOWN,
                    why=because(HopWhy.SKIPPED, name=name, setting=f"{LINKERD_SKIPPED}: {skipped}", service=service),
                    document=workload,
                    path=at,
                    help=f"take the port off, or name the gray Service `{copy.gray_name}` in `laneOnly` (`env` or "
                    "`config`)",
                )
        return CARRIED

    def _annotation(self, document: Document, metadata: Path, key: str) -> tuple[str, Path]:
        """Return an annotation, of the object or else of its Namespace, and its place in the object."""
        own = get_text(document.data, (*metadata, "annotations", key))
        if own:
            return own, (*metadata, "annotations", key)
        namespace = self._namespaces.get(self._home_of(document))
        above = get_text(namespace.data, ("metadata", "annotations", key)) if namespace is not None else ""
        return above, _NAME


def _switch(document: Document, metadata: Path, mesh: RouteMesh) -> str:
    return get_text(document.data, (*metadata, mesh.place, mesh.switch))


def _is_listed(port: int, listed: str, names: Mapping[str, object]) -> bool:
    """Tell whether a list of ports, ranges and names of ports has a port."""
    for part in (item.strip() for item in listed.split(",")):
        first, dash, last = part.partition("-")
        if first.isdecimal() and (last.isdecimal() or not dash):
            if int(first) <= port <= int(last or first):
                return True
        elif part and names.get(part) == port:
            return True
    return False


def _by_kuma(copy: Copy) -> Edge:
    ports = get_list(copy.document.data, ("spec", "ports"))
    if any(get_text(item, ("appProtocol",)) for item in ports):
        return CARRIED
    return Edge(
        carriage=Carriage.UNKNOWN,
        why=because(HopWhy.NO_APP_PROTOCOL, service=copy.document.identity.name),
        document=copy.document,
        path=("spec", "ports"),
        help="write `appProtocol: http` or `grpc`",
    )


def parent_edge(copy: Copy, port: int | None) -> Edge:
    """Return whether a Service can be the parent of a route that reads headers, on the port that is called.

    Args:
        port: None where that is not seen.
    """
    document = copy.document
    service, (led, _) = document.identity.name, led_ports(document)
    why = why_no_parent(document)
    if not why and (port in led if port is not None else led):
        return CARRIED
    return Edge(
        carriage=Carriage.NOT,
        why=because(HopWhy.PARENT, service=service, what=why)
        if why
        else because(HopWhy.PORT_NOT_OF_HTTP, port=str(port), service=service)
        if port is not None
        else because(HopWhy.NO_HTTP_PORT, service=service),
        document=document,
        path=("spec", "ports") if get(document.data, ("spec", "ports")) and not why else _NAME,
        help=f"name the gray Service `{copy.gray_name}` in `laneOnly` (`env` or `config`)"
        if why
        else "where it speaks HTTP or gRPC, write `appProtocol: http` or `grpc`, which comes before the name",
    )


def led_edge(copy: Copy, routes: Sequence[ServiceRoute], callers: Iterable[str], gray: Mapping[ObjectKey, str]) -> Edge:
    """Return whether the baseline's own routes leave room for a way to a gray Service; with a help where no finding
    tells what they lack.

    Args:
        routes: of the Service.
        callers: namespaces of the callers' pods: where one has routes of its own for the Service, those count there.
        gray: object → name of its gray copy.
    """
    named = {(key.namespace, key.name): name for key, name in gray.items() if key.group_kind == (CORE, "Service")}
    found = CARRIED
    for home in sorted(set(callers)):
        own = [route for route in routes if not route.is_producer and route.document.identity.namespace == home]
        for route in own or [route for route in routes if route.is_producer]:
            document = route.document
            why = why_not_in_front(document)
            rules = get_list(document.data, ("spec", "rules"))
            if not why and any(gray_backends(rule, named, document.identity.namespace) for rule in rules):
                found = Edge(carriage=Carriage.CARRIED, why=once_patched(document))
                continue
            return Edge(
                carriage=Carriage.NOT,
                why=led_by(document, copy.document.identity.name, why or because(HopWhy.NO_RULE_LEADS)),
                document=document,
                path=("spec", "parentRefs", route.parent),
                help="" if why else "release the Services that it leads to",
            )
    return found
