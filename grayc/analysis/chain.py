"""The call paths of a release: which hops are gray, and what the entries reach."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from grayc.analysis.call_names import CallNames
from grayc.analysis.carriage import HOP_BEFORE, TAG_LOST, Carriage, Edge, Side
from grayc.analysis.carried import Carrier
from grayc.analysis.graph import LabelIndex, containers_of, is_workload
from grayc.analysis.propagation import Passing
from grayc.documents import Document, Path
from grayc.documents.tree import get_list
from grayc.k8s.kinds import BATCH, CORE
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass, replace
from grayc.spec.model import ALL_OTHERS, CallPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One service of a call path.

    Attributes:
        name: as the path calls it.
        service: the release's service that it is, "" where it stays on the baseline.
        edge: whether the call to it comes to the gray copy; None for the first of a path, and where it has no copy.
        is_told_apart: the call to it is one of the lane's still: it has the tag, or its caller is gray.
    """

    name: str
    service: str
    edge: Edge | None = None
    is_told_apart: bool = True

    @property
    def is_gray(self) -> bool:
        """Tell whether a tagged request meets the gray copy, or may meet it."""
        return bool(self.service) and (self.edge is None or self.edge.carriage is not Carriage.NOT)

    @property
    def copy(self) -> str:
        """Which copy answers: `gray`, `baseline`, or `unknown`."""
        if self.edge is not None and self.edge.carriage is Carriage.UNKNOWN:
            return "unknown"
        return "gray" if self.is_gray else "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A call path, hop by hop.

    Attributes:
        is_entered: an entry leads to its first hop, or another path that is entered does.
    """

    call: CallPath
    hops: tuple[Hop, ...]
    is_entered: bool

    @property
    def falls_back(self) -> tuple[str, ...]:
        """Names of the hops where a request leaves gray pods for baseline pods."""
        return self._turns("baseline")

    @property
    def comes_back(self) -> tuple[str, ...]:
        """Names of the hops where it returns from baseline pods to gray ones."""
        return self._turns("gray")

    def _turns(self, copy: str) -> tuple[str, ...]:
        """Return the hops that this copy answers after the other did; one that is unknown turns nowhere."""
        seen_gray, last, names = False, "", []
        for hop in self.hops:
            if seen_gray and hop.copy == copy != last:
                names.append(hop.name)
            if hop.copy != "unknown":
                seen_gray, last = seen_gray or hop.is_gray, hop.copy
        return tuple(names)


class CallGraph:
    """The services of a release's call paths.

    A path calls a service by its name in the release, by its workload or by its Service in the baseline, or by their
    folder: all of them are one here. Two workloads behind one Service are one too, since a call may meet either; but
    not where paths call them by different names, and nobody calls that Service, as one for metrics of all pods.
    """

    def __init__(self, plan: ReleasePlan) -> None:
        self._plan = plan
        self._names = CallNames(plan.spec, plan.baseline)
        self._parents: dict[str, str] = {}
        self._released: dict[str, str] = {}
        self._copied: dict[str, list[Document]] = {}
        for copy in plan.copies:
            self._copied.setdefault(copy.service.name, []).append(copy.document)
            if is_workload(copy.document) or copy.document.identity.group_kind == (CORE, "Service"):
                self._released.setdefault(copy.document.identity.name, copy.service.name)
                self._join(copy.document.identity.name, _of_release(copy.service.name))
        for released in plan.spec.services:
            self._released[released.name] = released.name
            self._join(released.name, _of_release(released.name))
        self.workloads: dict[str, list[Document]] = {}
        for document in plan.baseline:
            if is_workload(document):
                self.workloads.setdefault(document.identity.name, []).append(document)
        self._selected_by: dict[str, list[Document]] = {}
        self._selected: set[tuple[str, int, Path]] = set()
        for service, found in self._find_selected():
            self._selected_by.setdefault(service.identity.name, []).extend(found)
            self._selected.update(workload.place for workload in found)
        entered = [
            _of_release(path.service.name) if path.service else path.baseline_service
            for entry in plan.entries
            for path in entry.paths
        ]
        self._join_selected(entered)
        self._services: dict[str, list[Copy]] = {}
        for copy in plan.copies:
            if copy.document.identity.group_kind == (CORE, "Service"):
                self._services.setdefault(self._node(copy.document.identity.name), []).append(copy)
        self._next: dict[str, set[str]] = {}
        for call in plan.spec.calls:
            for caller, called in zip(call.services, call.services[1:], strict=False):
                self._next.setdefault(self._called_node(caller), set()).add(self._called_node(called))
        self._said = {
            self._called_node(name): how for name, how in plan.spec.lane.propagation.items() if name != ALL_OTHERS
        }
        self._called: dict[str, str] = {}
        for call in plan.spec.calls:
            for hop in call.services:
                self._called.setdefault(self._called_node(hop), hop)
        self._reached = self._from(entered)
        self._workloads: dict[str, tuple[Document, ...]] = {}

    def routes(self, carrier: Carrier) -> tuple[Route, ...]:
        """Return the call paths, in the order of the release."""

        # Many paths have callers and calls in common.
        @cache
        def passing(name: str) -> Passing:
            return carrier.passing(self.side(name))

        @cache
        def edge(caller: str, callee: str, is_gray: bool) -> Edge:
            return carrier.edge(self.side(caller), self.side(callee), is_gray=is_gray)

        return tuple(
            Route(
                call=call,
                hops=tuple(self._hops(call.services, carrier, passing, edge)),
                is_entered=self.is_reached(call.services[0]),
            )
            for call in self._plan.spec.calls
        )

    def _hops(
        self,
        names: Sequence[str],
        carrier: Carrier,
        passing_at: Callable[[str], Passing],
        edge_between: Callable[[str, str, bool], Edge],
    ) -> Iterator[Hop]:
        caller: Hop | None = None
        lost = told_by = ""
        reason: Reason | None = None
        is_entered = self.is_reached(names[0])
        for name in names:
            service = self._released.get(self._meaning(name), "")
            edge = None
            if caller is not None:
                passing = Passing() if lost else passing_at(caller.name)
                if passing.ends:
                    lost, reason = caller.name, passing.why if passing.is_said else None
                    is_told = passing.is_said or caller.service or not is_entered
                    told_by = passing.told_by if is_told else TAG_LOST
                if service:
                    is_gray = caller.copy == "gray" or (carrier.is_by_address and bool(caller.service))
                    edge = edge_between(caller.name, name, is_gray)
                    if edge.carriage is Carriage.CARRIED and is_gray and caller.copy == "baseline":
                        why = because(HopWhy.CALLER_NOT_CARRIED, name=caller.name)
                        edge = Edge(carriage=Carriage.NOT, why=why, told_by=HOP_BEFORE)
                    if edge.carriage is Carriage.CARRIED and carrier.is_by_address and caller.copy == "unknown":
                        why = because(HopWhy.CALLER_UNKNOWN, name=caller.name)
                        edge = Edge(carriage=Carriage.UNKNOWN, why=why, told_by=HOP_BEFORE)
                    if edge.carriage is not Carriage.NOT and lost:
                        edge = Edge(
                            carriage=Carriage.NOT,
                            why=because(HopWhy.TAG_ENDS, name=lost)
                            if reason is None
                            else because(HopWhy.TAG_ENDS_AS, name=lost, what=reason),
                            help=f"let `{lost}` pass the tag on",
                        )
                    if lost and edge.carriage is Carriage.NOT:
                        edge = replace(edge, told_by=told_by)
                        told_by = told_by or HOP_BEFORE
            left = lost or (carrier.is_by_address and caller is not None and caller.copy == "baseline")
            caller = Hop(name=name, service=service, edge=edge, is_told_apart=not left)
            yield caller

    def side(self, name: str) -> Side:
        """Return a service as calls meet it."""
        node = self._called_node(name)
        return Side(
            name=name,
            workloads=self.workloads_of(name),
            services=self._services.get(node, ()),
            said=self._said.get(node, self._plan.spec.lane.propagation.get(ALL_OTHERS)),
        )

    def edges(self, carrier: Carrier) -> Mapping[tuple[str, str, bool], Edge]:
        """Return caller and callee as `called` names them, and whether the caller is gray → the call between them.

        Only calls to released services are in it.
        """
        found: dict[tuple[str, str, bool], Edge] = {}
        copied = self.gray_services()
        for call in self._plan.spec.calls:
            for one, other in pairwise(map(self.called, call.services)):
                if other not in copied or (one, other, True) in found:
                    continue
                for is_gray in (True, False):
                    found[one, other, is_gray] = carrier.edge(self.side(one), self.side(other), is_gray=is_gray)
        return found

    def losers(self, carrier: Carrier) -> frozenset[str]:
        """Return the services of the call paths that pass no tag on."""
        names = {self.called(name) for call in self._plan.spec.calls for name in call.services}
        return frozenset(name for name in names if carrier.passing(self.side(name)).ends)

    def senders(self) -> tuple[str, ...]:
        """Return the services that must pass the carrier on for a released one behind them, each once.

        Where no call paths are declared these are the released ones, if they are several; and those that the release
        says something of.
        """
        spec = self._plan.spec
        names = [
            name
            for call in spec.calls
            for at, name in enumerate(call.services)
            if any(self._released.get(self._meaning(later)) for later in call.services[at + 1 :])
        ]
        if not spec.calls and (len(spec.services) > 1 or ALL_OTHERS in spec.lane.propagation):
            names = [service.name for service in spec.services]
        names += [name for name in spec.lane.propagation if name != ALL_OTHERS]
        found: dict[str, str] = {}
        for name in names:
            found.setdefault(self._called_node(name), name)
        return tuple(found.values())

    def called(self, name: str) -> str:
        """Return the name by which call paths call a service, itself where none does."""
        return self._called.get(self._called_node(name), name)

    def names(self) -> Mapping[str, str]:
        """Return the name of every Service of the baseline and service of the release → its name in call paths."""
        services = {
            document.identity.name
            for document in self._plan.baseline
            if document.identity.group_kind == (CORE, "Service")
        }
        released = {service.name for service in self._plan.spec.services}
        return {name: self.called(name) for name in sorted(services | released)}

    def gray_services(self) -> Mapping[str, str]:
        """Return name in call paths of every released service → name of its gray Service, "" where it has none."""
        found = {self.called(service.name): "" for service in self._plan.spec.services}
        for copy in reversed(self._plan.copies):
            if copy.document.identity.group_kind == (CORE, "Service"):
                found[self.called(copy.document.identity.name)] = copy.gray_name
        return found

    def is_reached(self, name: str) -> bool:
        """Tell whether an entry leads to a service, at once or by call paths."""
        return self._called_node(name) in self._reached

    def workloads_of(self, name: str) -> tuple[Document, ...]:
        """Return the baseline's workloads that are called by a name; none where it is not sure which.

        A name is a workload's and that of a Service that selects some, else that of a service of the release. Of one
        name in several namespaces, the released ones count, else those of the release's namespace.
        """
        meaning = self._meaning(name)
        if meaning not in self._workloads:
            self._workloads[meaning] = self._find_workloads(meaning)
        return self._workloads[meaning]

    def _find_workloads(self, name: str) -> tuple[Document, ...]:
        found = [*self.workloads.get(name, ()), *self._selected_by.get(name, ())] or [
            each for each in self._copied.get(name, ()) if is_workload(each)
        ]
        homes = {self._plan.key_of(each.identity).namespace for each in found if self._plan.is_copy(each)}
        homes = homes or {self._plan.spec.namespace or ""}
        near = [each for each in found if self._plan.key_of(each.identity).namespace in homes] or found
        serving = [each for each in near if self._is_called(each)] or near
        return tuple({each.place: each for each in serving}.values())

    def _is_called(self, workload: Document) -> bool:
        """Tell whether a workload may take requests: a Service selects it, or a registry may lead to a port of it."""
        if self.is_selected(workload):
            return True
        has_ports = any(get_list(container, ("ports",)) for _, container in containers_of(workload))
        return has_ports and workload.identity.group_kind[0] != BATCH

    def is_selected(self, workload: Document) -> bool:
        """Tell whether a Service of the baseline selects a workload's pods."""
        return workload.place in self._selected

    def _join_selected(self, entered: Sequence[str]) -> None:
        """Make a Service and the workloads that it selects one, the called Services first, then the narrow ones."""
        called = {self._meaning(name) for call in self._plan.spec.calls for name in call.services}
        known = called.union(entered)
        for service in sorted(
            self._selected_by, key=lambda name: (name not in known, len(self._selected_by[name]), name)
        ):
            workloads = [workload.identity.name for workload in self._selected_by[service]]
            nodes = {self._node(name) for name in workloads}
            if service in known or len(nodes) < 2 or len(nodes & {self._node(name) for name in called}) < 2:
                for name in workloads:
                    self._join(service, name)

    def _find_selected(self) -> list[tuple[Document, list[Document]]]:
        """Return every Service of the baseline with the workloads that it selects."""
        index = LabelIndex(document for documents in self.workloads.values() for document in documents)
        return [
            (document, index.selected_by(document, self._plan.spec))
            for document in self._plan.baseline
            if document.identity.group_kind == (CORE, "Service")
        ]

    def _meaning(self, name: str) -> str:
        """Return the name that the release or an object has, itself where a path calls it by nothing known."""
        return self._names.meaning(name) or name

    def _node(self, name: str) -> str:
        seen = []
        while (above := self._parents.get(name, name)) != name:
            seen.append(name)
            name = above
        for each in seen:
            self._parents[each] = name
        return name

    def _called_node(self, name: str) -> str:
        return self._node(self._meaning(name))

    def _join(self, one: str, other: str) -> None:
        self._parents[self._node(one)] = self._node(other)

    def _from(self, names: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        open_ends = [self._node(name) for name in names]
        while open_ends:
            node = open_ends.pop()
            if node not in reached:
                reached.add(node)
                open_ends += sorted(self._next.get(node, ()))
        return reached


def _of_release(service: str) -> str:
    """Return a name for a service of the release that no object has: names hold no slash."""
    return f"release/{service}"
