"""What Istio needs before a call comes to a gray Service: the caller's proxy, a port whose headers it reads, a route.

Sources: by row in `grayc.k8s.istio_mesh`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from grayc.analysis.carriage import (
    CARRIED,
    ROUTED_ALREADY,
    ROUTED_IN_FRONT,
    Carriage,
    Edge,
    Side,
    led_by,
    of_pods,
    once_patched,
)
from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.mesh_hosts import mesh_routes, why_not_in_front
from grayc.analysis.named_services import Call, plain_edge
from grayc.analysis.routes import host_of
from grayc.analysis.service_mentions import is_headless
from grayc.analysis.sidecars import Proxy, hides, labels_of, passed_by, proxy_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.k8s.hosts import CLUSTER_DOMAIN
from grayc.k8s.istio_mesh import (
    EXPORT_TO,
    FOR_SERVICES,
    HTTP_PROTOCOLS,
    NO_WAYPOINT,
    USE_WAYPOINT,
    WAYPOINT_FOR,
    WAYPOINT_HOME,
    protocol_of,
)
from grayc.k8s.kinds import GATEWAY, ISTIO
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import because

_SIDECAR = (ISTIO, "Sidecar")
_GATEWAY = (GATEWAY, "Gateway")
_SIDE_PORTS = frozenset({"metrics", "prometheus", "health", "healthz", "admin", "status", "debug", "profiling"})
"""Words in the name of a port that no other service calls, where the Service has another."""


class IstioHops:
    """What stands between a caller and a gray Service on Istio.

    Args:
        namespaces: the Namespaces of the baseline, by name.
        gray_of: a copied Service → the gray one as it is now.
    """

    def __init__(
        self, plan: ReleasePlan, namespaces: Mapping[str, Document], gray_of: Callable[[Copy], Document]
    ) -> None:
        self._plan, self._namespaces, self._gray_of = plan, namespaces, gray_of

    def edges(self, name: str, workloads: Sequence[Document], callee: Side, copy: Copy, call: Call) -> tuple[Edge, ...]:
        """Return what is needed besides a route, each as an edge of its own."""
        return (
            self._proxy(name, workloads, copy),
            self._passing(name, workloads, copy, call),
            self._hidden(name, workloads, copy, call),
            self._port(name, callee, copy, call),
            self._to_pods(workloads, copy),
        )

    def route(self, workloads: Sequence[Document], copy: Copy) -> Edge:
        """Return whether the VirtualService of a host has the lane's route, or will have it."""
        route = self.routes.get(self._plan.key_of(copy.document.identity))
        if route is None:
            return CARRIED
        service = copy.document.identity.name
        shown = {each for each in get_list(route.data, ("spec", "exportTo")) if isinstance(each, str)} or {"*"}
        home = self._plan.key_of(route.identity).namespace
        callers = {self._plan.key_of(each.identity).namespace for each in workloads}
        blind = {each for each in callers if not ({"*", each} | ({"."} if each == home else set())) & shown}
        if blind:
            return Edge(
                carriage=Carriage.NOT if blind == callers else Carriage.UNKNOWN,
                why=because(HopWhy.NOT_EXPORTED, route=route.identity.name, service=service, namespace=min(blind)),
                document=route,
                path=("spec", "exportTo"),
                help="let `exportTo` name the callers' namespaces",
            )
        if self._leads_to(route, copy):
            return CARRIED
        if not why_not_in_front(route):
            return Edge(carriage=Carriage.CARRIED, why=once_patched(route), told_by=ROUTED_IN_FRONT)
        return Edge(
            carriage=Carriage.NOT,
            why=led_by(route, service, because(HopWhy.NO_ROUTE_TO, gray=copy.gray_name)),
            told_by=ROUTED_ALREADY,
            document=route,
            path=("spec", "hosts"),
        )

    @cached_property
    def routes(self) -> Mapping[ObjectKey, Document]:
        """Service → the VirtualService of the baseline that leads the calls to it."""
        return mesh_routes(self._plan.baseline)

    def _leads_to(self, route: Document, copy: Copy) -> bool:
        """Tell whether a VirtualService has a route for the lane's header to the gray Service."""
        carrier, home = self._plan.spec.lane.carrier, self._plan.key_of(route.identity).namespace
        key = self._plan.key_of(copy.document.identity)
        for item in get_list(route.data, ("spec", "http")):
            asked = any(
                name.lower() == carrier.name and self._asks_for_tag(value)
                for match in get_list(item, ("match",))
                for name, value in get_map(match, ("headers",)).items()
            )
            for way in get_list(item, ("route",)) if asked else ():
                service, namespace = host_of(get_text(way, ("destination", "host")))
                if (service, namespace or home) == (copy.gray_name, key.namespace):
                    return True
        return False

    def _asks_for_tag(self, value: object) -> bool:
        carrier, tag = self._plan.spec.lane.carrier, self._plan.spec.tag
        pattern = carrier.pattern(tag)
        return get(value, ("exact",)) == tag if pattern is None else get(value, ("regex",)) == pattern

    def _proxy(self, name: str, workloads: Sequence[Document], copy: Copy) -> Edge:
        if not workloads:
            why = because(HopWhy.NO_WORKLOAD_SIDECAR, name=name)
            return Edge(carriage=Carriage.UNKNOWN, why=why, help="add its manifests to `spec.baseline`")
        found = [
            (each, proxy_of(each, self._namespaces, self._plan.key_of(each.identity).namespace)) for each in workloads
        ]
        kinds = {each.proxy for _, each in found}
        if Proxy.AMBIENT in kinds and Proxy.NONE not in kinds and self._has_waypoint(copy):
            lacking = self._waypoint(copy)
            if lacking is not None:
                return lacking
        if Proxy.AMBIENT in kinds and Proxy.NONE not in kinds and not self._has_waypoint(copy):
            document = copy.document
            return Edge(
                carriage=Carriage.NOT,
                why=because(HopWhy.NO_WAYPOINT, name=name, service=document.identity.name, label=USE_WAYPOINT),
                document=document,
                path=("metadata", "name"),
                help=f"give the Service or its Namespace a waypoint (`{USE_WAYPOINT}: NAME`)",
            )
        document, worst = next((each for each in found if each[1].proxy in {Proxy.NONE, Proxy.UNKNOWN}), found[0])
        if worst.proxy is Proxy.NONE:
            is_all = kinds == {Proxy.NONE}
            return Edge(
                carriage=Carriage.NOT if is_all else Carriage.UNKNOWN,
                why=of_pods(name, worst.text, all_of_them=is_all),
                document=document,
                path=worst.path,
                help="let the sidecar in, and start the pods anew, since only new ones get it",
            )
        if worst.proxy is Proxy.UNKNOWN:
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=of_pods(name, worst.text),
                cause=because(HopWhy.CALLERS_PODS, what=worst.text),
                document=document,
                path=worst.path,
                help="add the Namespace with its labels to `spec.baseline`",
            )
        return CARRIED

    def _passing(self, name: str, workloads: Sequence[Document], copy: Copy, call: Call) -> Edge:
        """Return what lets the calls pass by the callers' sidecar."""
        ports = (
            {call.port}
            if call.port is not None
            else {
                number
                for item in get_list(copy.document.data, ("spec", "ports"))
                if isinstance(number := get(item, ("port",)), int)
            }
        )
        found = [(each, past) for each in workloads if (past := passed_by(each, ports)) is not None]
        if not found or self._is_ambient(workloads):
            return CARRIED
        document, past = next((each for each in found if each[1].proxy is Proxy.UNKNOWN), found[0])
        is_all = len(found) == len(workloads) and past.proxy is Proxy.NONE
        return Edge(
            carriage=Carriage.NOT if is_all else Carriage.UNKNOWN,
            why=of_pods(name, past.text, all_of_them=len(found) == len(workloads)),
            document=document,
            path=past.path,
            help=f"{past.help}, or name the gray Service `{copy.gray_name}` in `laneOnly` (`env` or `config`)",
        )

    def _is_ambient(self, workloads: Sequence[Document]) -> bool:
        homes = ((each, self._plan.key_of(each.identity).namespace) for each in workloads)
        return all(proxy_of(each, self._namespaces, home).proxy is Proxy.AMBIENT for each, home in homes)

    def _hidden(self, name: str, workloads: Sequence[Document], copy: Copy, call: Call) -> Edge:
        """Return what keeps the callee's Service from what the callers' sidecar knows."""
        document = copy.document
        home = self._plan.key_of(document.identity).namespace
        text = get_text(document.data, ("metadata", "annotations", EXPORT_TO))
        shown = {part.strip() for part in text.split(",")} if text else {"*"}
        homes = {self._plan.key_of(each.identity).namespace for each in workloads}
        seen = {each for each in homes if "*" in shown or each in shown or ("." in shown and each == home)}
        if homes - seen:
            return Edge(
                carriage=Carriage.UNKNOWN if seen else Carriage.NOT,
                why=because(
                    HopWhy.SERVICE_NOT_EXPORTED,
                    service=document.identity.name,
                    setting=f"{EXPORT_TO}: {text}",
                    name=name,
                ),
                document=document,
                path=("metadata", "annotations", EXPORT_TO),
                help="let the annotation name the callers' namespaces",
            )
        if self._is_ambient(workloads):
            return CARRIED  # A Sidecar is for sidecars.
        key = self._plan.key_of(document.identity)
        ports = () if call.port is None else (call.port,)
        found = [
            hidden
            for each in (workloads if self._sidecars else ())
            if (hidden := hides(self._sidecars, each, self._plan.key_of(each.identity).namespace, key, ports))
        ]
        if not found:
            return CARRIED
        sidecar, hosts = found[0]
        return Edge(
            carriage=Carriage.NOT if len(found) == len(workloads) else Carriage.UNKNOWN,
            why=because(
                HopWhy.SIDECAR_HIDES,
                sidecar=sidecar.identity.name,
                name=name,
                hosts=hosts,
                service=document.identity.name,
            ),
            document=sidecar,
            path=("spec", "egress"),
            help=f"add `{home}/{document.identity.name}.{home}.svc.{CLUSTER_DOMAIN}` to its `hosts`",
        )

    @cached_property
    def _sidecars(self) -> Mapping[str, list[Document]]:
        """The baseline's Sidecars by namespace."""
        found: dict[str, list[Document]] = {}
        for each in self._plan.baseline:
            if each.identity.group_kind == _SIDECAR:
                found.setdefault(self._plan.key_of(each.identity).namespace, []).append(each)
        return found

    def _waypoint(self, copy: Copy) -> Edge | None:
        """Return what is wrong with the waypoint that a Service is given."""
        home = self._plan.key_of(copy.document.identity).namespace
        namespace = self._namespaces.get(home)
        own, above = labels_of(copy.document), labels_of(namespace)
        name = own.get(USE_WAYPOINT) or above.get(USE_WAYPOINT)
        at = own.get(WAYPOINT_HOME) or above.get(WAYPOINT_HOME) or home
        gateways = [
            each
            for each in self._plan.baseline
            if each.identity.group_kind == _GATEWAY
            and (each.identity.name, self._plan.key_of(each.identity).namespace) == (name, at)
        ]
        service = copy.document.identity.name
        if not gateways:
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=because(HopWhy.GATEWAY_UNSEEN, waypoint=str(name), service=service),
                document=copy.document,
                path=("metadata", "name"),
                help="add its Gateway to `spec.baseline`",
            )
        kind = labels_of(gateways[0]).get(WAYPOINT_FOR, "service")
        if kind in FOR_SERVICES:
            return None
        return Edge(
            carriage=Carriage.NOT,
            why=because(
                HopWhy.WAYPOINT_FOR_OTHERS, waypoint=str(name), setting=f"{WAYPOINT_FOR}: {kind}", service=service
            ),
            document=gateways[0],
            path=("metadata", "labels", WAYPOINT_FOR),
            help=f"write `{WAYPOINT_FOR}: service` or `all`",
        )

    def _has_waypoint(self, copy: Copy) -> bool:
        namespace = self._namespaces.get(self._plan.key_of(copy.document.identity).namespace)
        waypoint = labels_of(copy.document).get(USE_WAYPOINT) or labels_of(namespace).get(USE_WAYPOINT)
        return isinstance(waypoint, str) and waypoint not in {"", NO_WAYPOINT}

    def _port(self, name: str, callee: Side, copy: Copy, call: Call) -> Edge:
        """Return whether the sidecar reads headers on the port that is called, or on all that may be."""
        service = copy.document.identity.name
        lacking = plain_edge(name, copy, call)
        if lacking is not CARRIED:
            return lacking
        rows = [
            (("spec", "ports", at), item)
            for at, item in enumerate(get_list(copy.document.data, ("spec", "ports")))
            if call.port is None or call.mention is None or get(item, ("port",)) == call.port
        ]
        serving = [row for row in rows if not _is_side_port(row[1]) and get(row[1], ("protocol",)) != "UDP"] or rows
        told = [(path, item, _protocol(item)) for path, item in serving]
        http = [
            row for row in told if row[2] in HTTP_PROTOCOLS or (not row[2] and _is_probed(row[1], callee.workloads))
        ]
        if told and len(http) == len(told):
            return CARRIED
        left = [row for row in told if row not in http]
        path: Path = left[0][0] if left else ("metadata", "name")
        looked_at = [item for _, item, protocol in left if not protocol]
        if http:
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=because(HopWhy.PORTS_MIXED, service=service, name=name, ports=_show(left)),
                document=copy.document,
                path=path,
                help="give the caller the address with its port by `env` or `config`; or write `appProtocol: http` or "
                "`grpc` where the port speaks it",
            )
        if looked_at:
            shown = ", ".join(f"`{get_text(item, ('name',)) or get(item, ('port',))}`" for item in looked_at)
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=because(HopWhy.PORT_UNNAMED, ports=shown, service=service),
                document=copy.document,
                path=path,
                help="write `appProtocol: http`, or a name that starts with `http` or `grpc`",
            )
        return Edge(
            carriage=Carriage.NOT,
            why=because(HopWhy.PORT_NOT_HTTP, ports=_show(told), service=service)
            if told
            else because(HopWhy.NO_PORT, service=service),
            document=copy.document,
            path=path,
            help="where it speaks HTTP or gRPC, write `appProtocol: http` or `grpc`, which comes before the name",
        )

    def _to_pods(self, workloads: Sequence[Document], copy: Copy) -> Edge:
        """Return whether the client has chosen the pod already that the sidecar sends the call to.

        Source: istio/istio eed52eb, pilot/pkg/networking/core/cluster.go, `convertResolution`.
        """
        gray = self._gray_of(copy)
        if not is_headless(gray) or self._is_ambient(workloads):
            return CARRIED
        return Edge(
            carriage=Carriage.NOT,
            why=because(HopWhy.HEADLESS, service=copy.document.identity.name),
            document=copy.document,
            path=("spec", "clusterIP"),
            help=f"give the caller the address `{copy.gray_name}` in `laneOnly` (`env` or `config`); or give the "
            "Service an address of its own",
        )


def is_aside(copy: Copy, gray: Document) -> bool:
    """Tell whether callers mean another Service of the pods, where there is one: it is headless, or for metrics."""
    ports = get_list(copy.document.data, ("spec", "ports"))
    return is_headless(gray) or (bool(ports) and all(map(_is_side_port, ports)))


def _is_side_port(port: object) -> bool:
    return bool(_SIDE_PORTS & set(get_text(port, ("name",)).split("-")))


def _show(rows: Iterable[tuple[Path, object, str]]) -> str:
    return ", ".join(
        f"`{get_text(item, ('name',)) or get(item, ('port',))}` ({protocol or 'no protocol'})"
        for _, item, protocol in rows
    )


def _protocol(item: object) -> str:
    number = get(item, ("port",))
    return protocol_of(
        get_text(item, ("name",)),
        get_text(item, ("appProtocol",)),
        number if isinstance(number, int) else 0,
        get_text(item, ("protocol",)),
    )


def _is_probed(port: object, workloads: Iterable[Document]) -> bool:
    """Tell whether a probe asks by HTTP or gRPC where a port of a Service leads."""
    target = get(port, ("targetPort",)) or get(port, ("port",))
    for workload in workloads:
        for _, container in containers_of(workload) if is_workload(workload) else ():
            names = {
                get_text(item, ("name",)): get(item, ("containerPort",)) for item in get_list(container, ("ports",))
            }
            number = names.get(target, target) if isinstance(target, str) else target
            for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
                for way in ("httpGet", "grpc"):
                    asked = get(container, (probe, way, "port"))
                    if asked is not None and (names.get(asked, asked) if isinstance(asked, str) else asked) == number:
                        return True
    return False
