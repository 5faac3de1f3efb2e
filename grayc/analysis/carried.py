"""Which calls of `spec.calls` come to gray copies: what the lane's provider needs for it is seen, missing, or unknown.

A call to a service that is not released is nobody's to carry.
Source: release language, `spec.lane.provider`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from grayc.analysis.agents import absence_of, is_seen, namespaces_of
from grayc.analysis.carriage import (
    CARRIED,
    ROUTED_ALREADY,
    ROUTED_IN_FRONT,
    Carriage,
    Edge,
    Side,
    led_by,
    of_pods,
    unseen_namespace,
)
from grayc.analysis.named_services import Call, NamedCalls, NamedServices, deciding_of, plain_edge, unresolved
from grayc.analysis.propagation import Passages, Passing
from grayc.analysis.service_mentions import Mention
from grayc.analysis.service_routes import ServiceRoute, followed_by_istio, on_led_ports, service_routes
from grayc.documents import Document, ObjectKey
from grayc.k8s.mse_agent import NAMESPACE_ENABLED, NAMESPACE_LABEL, SWITCH, SWITCH_ON
from grayc.k8s.providers import PROVIDERS, Propagation
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import Reason, because
from grayc.records import replace

if TYPE_CHECKING:
    from grayc.analysis.istio_hops import IstioHops
    from grayc.analysis.route_readers import RouteReaders

_BEST_FIRST = (Carriage.CARRIED, Carriage.UNKNOWN, Carriage.NOT)


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
        # What is not there is reported of the agent itself.
        why = None if side.said is None or is_lost else self._passages.of(workloads, side.said).why
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
                why = because(HopWhy.NO_WORKLOAD_AGENT, name=caller.name)
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
        return edge if edge.why is None else replace(edge, why=of_pods(name, edge.why))

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
                why=because(HopWhy.OF_SEVERAL_PODS, what=absence.text, object=document.origin.ref),
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
            why = because(HopWhy.NO_GRAY_TO_LEAD, name=callee.name)
            return Edge(carriage=Carriage.NOT, why=why, help="let the release copy its Service")
        named = deciding_of(self._addresses.mentions(workloads, callee))
        if named:
            calls = {
                (each.copy.document.place, each.is_gray, each.uncopied, each.port, each.is_tls): each for each in named
            }
            return _together([self._by_named(name, workloads, callee, each) for each in calls.values()])
        from grayc.analysis.istio_hops import is_aside  # noqa: PLC0415 - few lanes have such a mesh

        main = [copy for copy in callee.services if not is_aside(copy, self._addresses.gray_of(copy))]
        found = [self._to_service(name, workloads, callee, copy, Call()) for copy in main or callee.services]
        return _together(found)

    def _by_named(self, name: str, workloads: Sequence[Document], callee: Side, mention: Mention) -> Edge:
        if mention.is_gray:
            return self._addresses.edge_of(name, callee.name, mention)
        reading = mention.reading
        if mention.uncopied or mention.is_outer:
            called = mention.uncopied or because(HopWhy.FROM_OUTSIDE, service=mention.name)
            return Edge(
                carriage=Carriage.NOT,
                why=because(HopWhy.CALLS_UNLED, name=name, called=called, where=mention.where),
                document=reading.document,
                path=reading.path,
                help=f"set the address with `env` or `config` to `{mention.copy.document.identity.name}`",
            )
        call = Call(port=mention.port, is_tls=mention.is_tls, mention=mention)
        found = unresolved(name, mention) or self._to_service(name, workloads, callee, mention.copy, call)
        if found.carriage is Carriage.NOT and mention.doubt:
            return replace(found, carriage=Carriage.UNKNOWN)
        return found

    def _to_service(self, name: str, workloads: Sequence[Document], callee: Side, copy: Copy, call: Call) -> Edge:
        """Return the first thing that keeps a call from the lane for certain, else the first that is unknown."""
        found = (
            self._by_parent(name, workloads, callee, copy, call)
            if self._row.has_parents
            else (
                *self._istio.edges(name, workloads, callee, copy, call),
                self._istio_route(copy) or self._istio.route(workloads, copy),
            )
        )
        for carriage in (Carriage.NOT, Carriage.UNKNOWN):
            for edge in found:
                if edge.carriage is carriage:
                    return edge
        return next((edge for edge in found if edge.why), CARRIED)

    def _by_parent(
        self, name: str, workloads: Sequence[Document], callee: Side, copy: Copy, call: Call
    ) -> tuple[Edge, ...]:
        from grayc.analysis.route_readers import led_edge, parent_edge  # noqa: PLC0415 - few lanes have such a mesh

        key = self._plan.key_of(copy.document.identity)
        read, is_istio = self._readers.edge(name, workloads, copy)
        homes = [self._plan.key_of(each.identity).namespace for each in workloads]
        routes = on_led_ports(self._service_routes.get(key, ()), copy.document)
        led = led_edge(copy, routes, homes or [key.namespace], self._plan.gray_names)
        if led is not CARRIED and not led.help:
            led = replace(led, told_by=ROUTED_IN_FRONT if led.carriage is Carriage.CARRIED else ROUTED_ALREADY)
        istio = self._istio.edges(name, workloads, callee, copy, call) if is_istio else ()
        virtual = self._virtual(copy) if key in self._istio.routes else CARRIED
        return (read, plain_edge(name, copy, call), parent_edge(copy, call.port), *istio, led, virtual)

    def _istio_route(self, copy: Copy) -> Edge | None:
        """Return that Istio follows a route of the Gateway API, and no VirtualService; None where there is no such."""
        routes = self._service_routes.get(self._plan.key_of(copy.document.identity), ())
        other = followed_by_istio(routes, copy.document)
        if other is None:
            return None
        return Edge(
            carriage=Carriage.NOT,
            why=led_by(other.document, copy.document.identity.name, because(HopWhy.FOLLOWED_INSTEAD)),
            told_by=ROUTED_ALREADY,
            document=other.document,
            path=("spec", "parentRefs", other.parent),
        )

    def _virtual(self, copy: Copy) -> Edge:
        route = self._istio.routes[self._plan.key_of(copy.document.identity)]
        return Edge(
            carriage=Carriage.NOT,
            why=led_by(route, copy.document.identity.name),
            told_by=ROUTED_ALREADY,
            document=route,
            path=("spec", "hosts"),
        )

    @cached_property
    def _istio(self) -> "IstioHops":
        from grayc.analysis.istio_hops import IstioHops  # noqa: PLC0415 - few lanes have such a mesh

        return IstioHops(self._plan, self._namespaces, self._addresses.gray_of)

    @cached_property
    def _readers(self) -> "RouteReaders":
        """The meshes that read routes of the Gateway API."""
        from grayc.analysis.route_readers import RouteReaders  # noqa: PLC0415 - few lanes have such a mesh

        return RouteReaders(
            self._plan.baseline, self._namespaces, lambda each: self._plan.key_of(each.identity).namespace
        )

    @cached_property
    def _service_routes(self) -> Mapping[ObjectKey, Sequence[ServiceRoute]]:
        return service_routes(self._plan.baseline)

    def _by_address(self, name: str, workloads: Sequence[Document], callee: Side, *, is_gray: bool) -> Edge:
        if is_gray:
            return self._addresses.edge(name, workloads, callee)
        return Edge(
            carriage=Carriage.NOT,
            why=because(HopWhy.PRODUCTION_CALLS, name=name, callee=callee.name),
            help=f"name `{name}` among the services too (`{{name: {name}}}` copies it unchanged), so that its gray "
            "copy names the gray Service",
        )

    @cached_property
    def _addresses(self) -> NamedServices:
        """The addresses in the gray objects."""
        return NamedServices(self._plan, self._gray)


def _agent_unseen(home: str) -> Reason:
    return because(HopWhy.AGENT_UNSEEN, switch=f"{SWITCH}: {SWITCH_ON}", where=unseen_namespace(home))


def unseen_cause(home: str) -> Reason:
    """Return the cause of calls of which it is unknown whether the agent gets into pods, for want of a Namespace."""
    return because(HopWhy.THE_PODS, what=_agent_unseen(home))


def _together(found: Sequence[Edge]) -> Edge:
    """Return one edge for calls that are made in several ways: unknown where these differ."""
    best = min(found, key=lambda edge: _BEST_FIRST.index(edge.carriage))
    worst = max(found, key=lambda edge: _BEST_FIRST.index(edge.carriage))
    if best.carriage is worst.carriage:
        return next((edge for edge in found if edge.why), best)
    unknown = next((edge for edge in found if edge.carriage is Carriage.UNKNOWN), None)
    if unknown is not None or worst.why is None:
        return unknown or worst
    return replace(worst, carriage=Carriage.UNKNOWN, why=because(HopWhy.OF_SEVERAL, what=worst.why))
