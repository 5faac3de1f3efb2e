"""Which calls of `spec.calls` come to gray copies: what the lane's provider needs for it is seen, missing, or unknown.

A call to a service that is not released is nobody's to carry.
Source: release language, `spec.lane.provider`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from grayc.analysis.agents import absence_of, is_seen, namespaces_of
from grayc.analysis.carriage import CARRIED, Carriage, Edge, Side
from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.mesh_hosts import mesh_routes, why_not_in_front
from grayc.analysis.named_services import NamedCalls, NamedServices, deciding_of, unresolved
from grayc.analysis.propagation import Passages, Passing
from grayc.analysis.route_readers import RouteReaders, led_edge, parent_edge
from grayc.analysis.routes import host_of
from grayc.analysis.service_mentions import Mention, is_headless
from grayc.analysis.service_routes import ServiceRoute, on_led_ports, service_routes
from grayc.analysis.sidecars import Proxy, hides, labels_of, passed_by, proxy_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.service_ports import service_ports, show_ports
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
from grayc.k8s.kinds import CORE, GATEWAY, ISTIO
from grayc.k8s.mse_agent import NAMESPACE_ENABLED, NAMESPACE_LABEL, SWITCH, SWITCH_ON
from grayc.k8s.providers import PROVIDERS, Propagation
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import dataclass, replace

TAG_LOST = "GC486"
ROUTED_ALREADY = "GC490"
ROUTED_IN_FRONT = "GC583"
HOP_BEFORE = "GC390"
"""Codes of the findings that tell of an edge's cause."""

_MESH = "mesh"
_SIDECAR = (ISTIO, "Sidecar")
_GATEWAY = (GATEWAY, "Gateway")
_SERVICE = (CORE, "Service")
_SIDE_PORTS = frozenset({"metrics", "prometheus", "health", "healthz", "admin", "status", "debug", "profiling"})
"""Words in the name of a port that no other service calls, where the Service has another."""


_BEST_FIRST = (Carriage.CARRIED, Carriage.UNKNOWN, Carriage.NOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """How a call is made, as far as an address shows it.

    Attributes:
        port: of the Service; None where that is not seen.
        is_tls: the client encrypts what it sends.
        mention: the address.
    """

    port: int | None = None
    is_tls: bool = False
    mention: Mention | None = None


class Carrier:
    """What carries the calls of a release."""

    def __init__(self, plan: ReleasePlan, documents: Iterable[Document] | None = None) -> None:
        """Take a plan, and what was made of its copies; without it the baseline's objects stand for them."""
        self._plan = plan
        made = [copy.document for copy in plan.copies] if documents is None else list(documents)
        self._gray = {each.place: each for each in made if plan.is_copy(each)}
        self._namespaces = namespaces_of(plan.baseline)
        self._row = PROVIDERS[plan.spec.lane.provider]

    @property
    def is_by_address(self) -> bool:
        """Tell whether a gray copy is met where it is named, and no header is read."""
        return not self._row.carries_calls

    @property
    def has_agent(self) -> bool:
        """Tell whether an agent in the pods routes the calls, and passes the tag on."""
        return self._row.has_agent

    def named_calls(self) -> NamedCalls | None:
        """Return the calls that addresses show, where they carry the calls; None where headers decide."""
        return self._addresses.calls() if self.is_by_address else None

    def passing(self, side: Side) -> Passing:
        """Return what passes the tag on at a service, from a request to the calls that it makes."""
        if self.is_by_address:
            return Passing()
        workloads = [self._gray.get(each.place, each) for each in side.workloads]
        if not self._row.has_agent or side.said in (Propagation.APP, Propagation.NONE, Propagation.OTEL):
            return self._passages.of(workloads, side.said)
        found = self._without_agent(side.workloads)
        is_lost = found.carriage is Carriage.NOT
        by = None if found.carriage is Carriage.UNKNOWN and side.said is None else Propagation.AGENT
        # What is not there is told of the agent itself.
        why = "" if side.said is None or is_lost else self._passages.of(workloads, side.said).why
        return Passing(by=by, is_said=side.said is not None, ends=is_lost, why=found.why if is_lost else why)

    @cached_property
    def _passages(self) -> Passages:
        plan = self._plan
        return Passages(
            plan.spec.lane, self._namespaces, plan.baseline, lambda each: plan.key_of(each.identity).namespace
        )

    def edge(self, caller: Side, callee: Side, *, is_gray: bool) -> Edge:
        """Return whether a call to a released service comes to its gray copy.

        Args:
            is_gray: the gray copy of the caller makes it.
        """
        # Of versions behind one Service, some may have no gray copy.
        copies = [self._gray[each.place] for each in caller.workloads if each.place in self._gray] if is_gray else ()
        workloads = copies or caller.workloads
        if self._row.has_agent:
            found = self._unless_said(self._without_agent(workloads), caller)
            if not workloads:
                why = (
                    f"no workload of `{caller.name}` is in the baseline, so whether the agent gets in is not to be seen"
                )
                return Edge(carriage=Carriage.UNKNOWN, why=why, help="add its manifests to `spec.baseline`")
            gray = [self._gray[each.place] for each in callee.workloads if each.place in self._gray]
            # What is missing for certain comes before what is not to be seen.
            both = (
                self._of_pods(found, caller.name),
                self._of_pods(self._unless_said(self._without_agent(gray), callee), callee.name),
            )
            return max(both, key=lambda edge: _BEST_FIRST.index(edge.carriage))
        if self._row.routes_calls:
            return self._by_mesh(caller.name, workloads, callee)
        return self._by_address(caller.name, workloads, callee, is_gray=is_gray)

    @staticmethod
    def _unless_said(edge: Edge, side: Side) -> Edge:
        """Return what is missing for the agent, but what is only not seen of one that the release says is there."""
        return CARRIED if side.said is Propagation.AGENT and edge.carriage is Carriage.UNKNOWN else edge

    @staticmethod
    def _of_pods(edge: Edge, name: str) -> Edge:
        if edge is CARRIED:
            return edge
        return Edge(
            carriage=edge.carriage,
            why=f"pods of `{name}` {edge.why}",
            cause=edge.cause,
            told_by=edge.told_by,
            document=edge.document,
            path=edge.path,
            help=edge.help,
        )

    def _without_agent(self, workloads: Sequence[Document]) -> Edge:
        """Return why no agent gets into some workloads; carried where it does into all, or there are none."""
        absences = [
            (each, absence)
            for each in workloads
            if (absence := absence_of(each, self._namespaces, self._plan.key_of(each.identity).namespace))
        ]
        if workloads and len(absences) == len(workloads):
            document, absence = absences[0]
            return Edge(
                carriage=Carriage.NOT,
                why=absence.text,
                document=document,
                path=absence.path,
                help="let the agent in, and start the pods anew, since only new ones get it",
            )
        if absences:
            document, absence = absences[0]
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=f"{absence.text} (those of `{document.origin.ref}`, not all)",
                document=document,
                path=absence.path,
                help="let the agent into all of them",
            )
        homes = [(each, self._plan.key_of(each.identity).namespace) for each in workloads]
        if not homes or any(is_seen(each, self._namespaces, home) for each, home in homes):
            return CARRIED
        home = homes[0][1]
        why = _agent_unseen(home)
        command = f"kubectl label namespace/{home} {NAMESPACE_LABEL}={NAMESPACE_ENABLED}"
        return Edge(
            carriage=Carriage.UNKNOWN,
            why=why,
            cause=unseen_cause(home),
            help=f"add the Namespace's manifest with `{NAMESPACE_LABEL}: {NAMESPACE_ENABLED}` to `spec.baseline`"
            + (f", and run `{command}` once where the cluster has no such label" if home else ""),
        )

    def _by_mesh(self, name: str, workloads: Sequence[Document], callee: Side) -> Edge:
        """Return whether a mesh leads a call to the gray Service, by the addresses that show how it is made."""
        if not callee.services:
            why = f"`{callee.name}` has no gray Service that a route could lead to"
            return Edge(carriage=Carriage.NOT, why=why, help="let the release copy its Service")
        named = deciding_of(self._addresses.mentions(workloads, callee))
        if named:
            calls = {
                (each.copy.document.place, each.is_gray, each.uncopied, each.port, each.is_tls): each for each in named
            }
            return _together([self._by_named(name, workloads, callee, each) for each in calls.values()])
        main = [copy for copy in callee.services if not self._is_aside(copy)]
        found = [self._to_service(name, workloads, callee, copy, _Call()) for copy in main or callee.services]
        return _together(found)

    def _is_aside(self, copy: Copy) -> bool:
        """Tell whether callers mean another Service of the pods, where there is one: it is headless, or for metrics."""
        ports = get_list(copy.document.data, ("spec", "ports"))
        return is_headless(self._addresses.gray_of(copy)) or (bool(ports) and all(map(_is_side_port, ports)))

    def _by_named(self, name: str, workloads: Sequence[Document], callee: Side, mention: Mention) -> Edge:
        if mention.is_gray:
            return self._addresses.edge_of(name, callee.name, mention)
        reading = mention.reading
        if mention.uncopied or mention.is_outer:
            called = mention.uncopied or f"`{mention.name}` from outside of the mesh"
            return Edge(
                carriage=Carriage.NOT,
                why=f"`{name}` calls {called} ({mention.where}), to which no route of the lane leads",
                document=reading.document,
                path=reading.path,
                help=f"set the address with `env` or `config` to `{mention.copy.document.identity.name}`",
            )
        call = _Call(port=mention.port, is_tls=mention.is_tls, mention=mention)
        found = unresolved(name, mention) or self._to_service(name, workloads, callee, mention.copy, call)
        if found.carriage is Carriage.NOT and mention.doubt:
            return replace(found, carriage=Carriage.UNKNOWN)
        return found

    def _to_service(self, name: str, workloads: Sequence[Document], callee: Side, copy: Copy, call: _Call) -> Edge:
        """Return the first thing that keeps a call from the lane for certain, else the first that is unknown."""
        found = (
            self._by_parent(name, workloads, callee, copy, call)
            if self._row.has_parents
            else (*self._by_istio(name, workloads, callee, copy, call), self._route(workloads, copy))
        )
        for carriage in (Carriage.NOT, Carriage.UNKNOWN):
            for edge in found:
                if edge.carriage is carriage:
                    return edge
        return next((edge for edge in found if edge.why), CARRIED)

    def _by_istio(
        self, name: str, workloads: Sequence[Document], callee: Side, copy: Copy, call: _Call
    ) -> tuple[Edge, ...]:
        return (
            self._proxy(name, workloads, copy),
            self._passing(name, workloads, copy, call),
            self._hidden(name, workloads, copy, call),
            self._port(name, callee, copy, call),
            self._to_pods(workloads, copy),
        )

    def _by_parent(
        self, name: str, workloads: Sequence[Document], callee: Side, copy: Copy, call: _Call
    ) -> tuple[Edge, ...]:
        key = self._plan.key_of(copy.document.identity)
        read, is_istio = self._readers.edge(name, workloads, copy)
        homes = [self._plan.key_of(each.identity).namespace for each in workloads]
        routes = on_led_ports(self._service_routes.get(key, ()), copy.document)
        led = led_edge(copy, routes, homes or [key.namespace], self._plan.gray_names)
        if led is not CARRIED and not led.help:
            led = replace(led, told_by=ROUTED_IN_FRONT if led.carriage is Carriage.CARRIED else ROUTED_ALREADY)
        istio = self._by_istio(name, workloads, callee, copy, call) if is_istio else ()
        virtual = self._virtual(copy) if key in self._routes else CARRIED
        return (read, self._of_call(name, copy, call), parent_edge(copy, call.port), *istio, led, virtual)

    def _virtual(self, copy: Copy) -> Edge:
        route = self._routes[self._plan.key_of(copy.document.identity)]
        return Edge(
            carriage=Carriage.NOT,
            why=f"VirtualService `{route.identity.name}` of the baseline leads the calls to "
            f"`{copy.document.identity.name}`",
            told_by=ROUTED_ALREADY,
            document=route,
            path=("spec", "hosts"),
        )

    @cached_property
    def _readers(self) -> RouteReaders:
        """The meshes that read routes of the Gateway API."""
        return RouteReaders(
            self._plan.baseline, self._namespaces, lambda each: self._plan.key_of(each.identity).namespace
        )

    @cached_property
    def _service_routes(self) -> Mapping[ObjectKey, Sequence[ServiceRoute]]:
        return service_routes(self._plan.baseline)

    def _proxy(self, name: str, workloads: Sequence[Document], copy: Copy) -> Edge:
        if not workloads:
            why = f"no workload of `{name}` is in the baseline, so whether its pods have a sidecar is not to be seen"
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
                why=f"pods of `{name}` are in ambient mode, and Service `{document.identity.name}` has no "
                f"`{USE_WAYPOINT}`: nothing reads the header",
                document=document,
                path=("metadata", "name"),
                help=f"give the Service or its Namespace a waypoint (`{USE_WAYPOINT}: NAME`)",
            )
        document, worst = next((each for each in found if each[1].proxy in {Proxy.NONE, Proxy.UNKNOWN}), found[0])
        if worst.proxy is Proxy.NONE:
            is_all = kinds == {Proxy.NONE}
            return Edge(
                carriage=Carriage.NOT if is_all else Carriage.UNKNOWN,
                why=f"pods of `{name}` {worst.text}" if is_all else f"some pods of `{name}` {worst.text}",
                document=document,
                path=worst.path,
                help="let the sidecar in, and start the pods anew, since only new ones get it",
            )
        if worst.proxy is Proxy.UNKNOWN:
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=f"pods of `{name}` {worst.text}",
                cause=f"the callers' pods {worst.text}",
                document=document,
                path=worst.path,
                help="add the Namespace with its labels to `spec.baseline`",
            )
        return CARRIED

    def _passing(self, name: str, workloads: Sequence[Document], copy: Copy, call: _Call) -> Edge:
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
            why=f"pods of `{name}` {past.text}"
            if len(found) == len(workloads)
            else f"some pods of `{name}` {past.text}",
            document=document,
            path=past.path,
            help=f"take the annotation off, or name the gray Service `{copy.gray_name}` with `env` or `config`",
        )

    def _is_ambient(self, workloads: Sequence[Document]) -> bool:
        homes = ((each, self._plan.key_of(each.identity).namespace) for each in workloads)
        return all(proxy_of(each, self._namespaces, home).proxy is Proxy.AMBIENT for each, home in homes)

    def _hidden(self, name: str, workloads: Sequence[Document], copy: Copy, call: _Call) -> Edge:
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
                why=f"Service `{document.identity.name}` has `{EXPORT_TO}: {text}`: pods of `{name}` do not see it",
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
            why=f"Sidecar `{sidecar.identity.name}` lets pods of `{name}` see {hosts}, and not Service "
            f"`{document.identity.name}`",
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
                why=f"waypoint `{name}` of Service `{service}` is not in the baseline",
                document=copy.document,
                path=("metadata", "name"),
                help="add its Gateway to `spec.baseline`",
            )
        kind = labels_of(gateways[0]).get(WAYPOINT_FOR, "service")
        if kind in FOR_SERVICES:
            return None
        return Edge(
            carriage=Carriage.NOT,
            why=f"waypoint `{name}` has `{WAYPOINT_FOR}: {kind}`: calls to Service `{service}` do not pass it",
            document=gateways[0],
            path=("metadata", "labels", WAYPOINT_FOR),
            help=f"write `{WAYPOINT_FOR}: service` or `all`",
        )

    def _has_waypoint(self, copy: Copy) -> bool:
        namespace = self._namespaces.get(self._plan.key_of(copy.document.identity).namespace)
        waypoint = labels_of(copy.document).get(USE_WAYPOINT) or labels_of(namespace).get(USE_WAYPOINT)
        return isinstance(waypoint, str) and waypoint not in {"", NO_WAYPOINT}

    @staticmethod
    def _of_call(name: str, copy: Copy, call: _Call) -> Edge:
        """Return whether the address of a call lets a mesh read it: it is plain text, and to a port that is there."""
        if call.mention is None:
            return CARRIED
        service, reading = copy.document.identity.name, call.mention.reading
        if call.is_tls:
            return Edge(
                carriage=Carriage.NOT,
                why=f"`{name}` encrypts what it sends to `{service}` ({call.mention.where}), so no header is read",
                document=reading.document,
                path=reading.path,
                help="let it call by `http`: the sidecar encrypts between pods",
            )
        ports = get_list(copy.document.data, ("spec", "ports"))
        if call.port is None or any(get(item, ("port",)) == call.port for item in ports):
            return CARRIED
        return Edge(
            carriage=Carriage.NOT,
            why=f"`{name}` calls port {call.port} of `{service}` ({call.mention.where}), which has "
            f"{show_ports(service_ports(copy.document))} only",
            document=reading.document,
            path=reading.path,
            help="set the address with `env` or `config` to a port that the Service has",
        )

    def _port(self, name: str, callee: Side, copy: Copy, call: _Call) -> Edge:
        """Return whether the sidecar reads headers on the port that is called, or on all that may be."""
        service = copy.document.identity.name
        lacking = self._of_call(name, copy, call)
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
                why=f"no address of `{service}` shows by which port `{name}` calls it, and not all are HTTP to Istio: "
                f"{_show(left)}",
                document=copy.document,
                path=path,
                help="give the caller the address with its port by `env` or `config`; or write `appProtocol: http` or "
                "`grpc` where the port speaks it",
            )
        if looked_at:
            shown = ", ".join(f"`{get_text(item, ('name',)) or get(item, ('port',))}`" for item in looked_at)
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=f"port {shown} of Service `{service}` names no protocol, so the sidecar looks at each connection",
                document=copy.document,
                path=path,
                help="write `appProtocol: http`, or a name that starts with `http` or `grpc`",
            )
        return Edge(
            carriage=Carriage.NOT,
            why=f"port {_show(told)} of Service `{service}` is not HTTP to Istio, so no header is read"
            if told
            else f"Service `{service}` has no port",
            document=copy.document,
            path=path,
            help="where it speaks HTTP or gRPC, write `appProtocol: http` or `grpc`, which comes before the name",
        )

    def _to_pods(self, workloads: Sequence[Document], copy: Copy) -> Edge:
        """Return whether the client has chosen the pod already that the sidecar sends the call to.

        Source: istio/istio eed52eb, pilot/pkg/networking/core/cluster.go, `convertResolution`.
        """
        gray = self._addresses.gray_of(copy)
        if not is_headless(gray) or self._is_ambient(workloads):
            return CARRIED
        return Edge(
            carriage=Carriage.NOT,
            why=f"Service `{copy.document.identity.name}` is headless: the client looks up production's pods, and the "
            "sidecar sends the call where the client does",
            document=copy.document,
            path=("spec", "clusterIP"),
            help=f"give the caller the address `{copy.gray_name}` with `env` or `config`; or give the Service an "
            "address of its own",
        )

    def _route(self, workloads: Sequence[Document], copy: Copy) -> Edge:
        """Return whether the VirtualService of a host has the lane's route, or will have it."""
        route = self._routes.get(self._plan.key_of(copy.document.identity))
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
                why=f"VirtualService `{route.identity.name}`, which leads the calls to `{service}`, is not exported to "
                f"namespace `{min(blind)}`",
                document=route,
                path=("spec", "exportTo"),
                help="let `exportTo` name the callers' namespaces",
            )
        if self._leads_to(route, copy):
            return CARRIED
        if not why_not_in_front(route):
            why = f"once VirtualService `{route.identity.name}` is changed, as `--baseline-patch` writes it"
            return Edge(carriage=Carriage.CARRIED, why=why, told_by=ROUTED_IN_FRONT)
        return Edge(
            carriage=Carriage.NOT,
            why=f"VirtualService `{route.identity.name}` of the baseline leads the calls to `{service}`, and has no "
            f"route to `{copy.gray_name}`",
            told_by=ROUTED_ALREADY,
            document=route,
            path=("spec", "hosts"),
        )

    @cached_property
    def _routes(self) -> Mapping[ObjectKey, Document]:
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

    def _by_address(self, name: str, workloads: Sequence[Document], callee: Side, *, is_gray: bool) -> Edge:
        if is_gray:
            return self._addresses.edge(name, workloads, callee)
        return Edge(
            carriage=Carriage.NOT,
            why=f"production's `{name}` makes it, and names production's `{callee.name}`",
            help=f"name `{name}` among the services too (`{{name: {name}}}` copies it unchanged), so that its gray "
            "copy names the gray Service",
        )

    @cached_property
    def _addresses(self) -> NamedServices:
        """The addresses in the gray objects."""
        return NamedServices(self._plan, self._gray)


def _agent_unseen(home: str) -> str:
    where = f"Namespace `{home}` is" if home else "their Namespace is"
    return (
        f"have no `{SWITCH}: {SWITCH_ON}`, and {where} not in the baseline, "
        "so whether the agent gets in is not to be seen"
    )


def unseen_cause(home: str) -> str:
    """Return the cause of calls of which it is unknown whether the agent gets into pods, for want of a Namespace."""
    return f"the pods {_agent_unseen(home)}"


def _is_side_port(port: object) -> bool:
    return bool(_SIDE_PORTS & set(get_text(port, ("name",)).split("-")))


def _together(found: Sequence[Edge]) -> Edge:
    """Return one edge for calls that are made in several ways: unknown where these differ."""
    best = min(found, key=lambda edge: _BEST_FIRST.index(edge.carriage))
    worst = max(found, key=lambda edge: _BEST_FIRST.index(edge.carriage))
    if best.carriage is worst.carriage:
        return next((edge for edge in found if edge.why), best)
    unknown = next((edge for edge in found if edge.carriage is Carriage.UNKNOWN), None)
    return unknown or replace(
        worst, carriage=Carriage.UNKNOWN, why=f"of several ways to call it, one is not carried: {worst.why}"
    )


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
