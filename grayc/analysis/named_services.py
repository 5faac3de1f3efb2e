"""Which Services of the lane, or production's of those that are copied, workloads name: by these addresses alone calls
stay in a lane that no agent and no mesh carries.

What a program has in its code, or asks a registry for, is not seen, and never taken for a fact.
Source: release language, `spec.lane.provider`.
"""

from collections.abc import Iterator, Mapping, Sequence

from grayc.analysis.carriage import CARRIED, Carriage, Edge, Side
from grayc.analysis.graph import is_workload
from grayc.analysis.service_mentions import OWN_RESOLVER, Mention, ServiceMentions, is_headless
from grayc.documents import Document, Path
from grayc.documents.service_ports import lacks_port, service_ports, show_ports
from grayc.documents.tree import get, get_list
from grayc.k8s.kinds import CORE
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass

_SERVICE = (CORE, "Service")
MAX_ADDRESSES = 20_000
"""Addresses in the objects of a release that `plan` and the checks look at; a shared ConfigMap is read by each pod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCall:
    """A call that an address shows.

    Attributes:
        caller: the service of the release whose copy makes it; the workload's ref, where that is not released.
        callee: the service of the release.
        mentions: the addresses, in order.
    """

    caller: str
    is_released: bool
    callee: str
    edge: Edge
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCalls:
    """What addresses show of a release.

    Attributes:
        unread: ConfigMaps that name production's Services of the lane and no container is given, with the services.
        is_whole: all addresses were looked at.
    """

    calls: tuple[NamedCall, ...]
    unread: tuple[tuple[Document, tuple[str, ...]], ...]
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How a call is made, as far as an address shows it.

    Attributes:
        port: of the Service; None where that is not seen.
        is_tls: the client encrypts what it sends.
        mention: the address.
    """

    port: int | None = None
    is_tls: bool = False
    mention: Mention | None = None


class NamedServices:
    """The addresses in a release.

    Args:
        gray: the gray objects as they are now, by the place that they were copied from.
    """

    def __init__(self, plan: ReleasePlan, gray: Mapping[tuple[str, int, Path], Document]) -> None:
        self._plan, self._gray = plan, gray
        self._mentions = ServiceMentions(plan, gray)

    def edge(self, name: str, workloads: Sequence[Document], callee: Side) -> Edge:
        """Return whether the call of a service's gray copy comes to the gray copy of another."""
        gray = [copy.gray_name for copy in callee.services]
        if not gray:
            why = because(HopWhy.NO_GRAY_TO_NAME, name=callee.name)
            return Edge(carriage=Carriage.NOT, why=why, help="let the release copy its Service")
        return self._edge(name, callee.name, self.mentions(workloads, callee))

    def mentions(self, workloads: Sequence[Document], callee: Side) -> list[Mention]:
        """Return the addresses of a service that some workloads are given."""
        of_callee = {copy.document.place for copy in callee.services}
        return [
            mention
            for workload in workloads
            for mention in self._mentions.of(workload)
            if mention.copy.document.place in of_callee
        ]

    def gray_of(self, copy: Copy) -> Document:
        """Return a gray object as it is now."""
        return self._mentions.gray_of(copy)

    def edge_of(self, name: str, callee: str, mention: Mention) -> Edge:
        """Return whether the call by one address comes to the gray copy that it names."""
        return self._edge(name, callee, [mention])

    def calls(self) -> NamedCalls:
        """Return the calls to released services that addresses show, of the gray copies and of production's workloads.

        A service's own address is no call: most register it, or tell it to others.
        """
        rows: dict[tuple[bool, str, str], list[Mention]] = {}
        count = 0
        for is_released, caller, workload in self._callers():
            for mention in self._mentions.of(workload):
                if not mention.is_namesake and (not is_released or mention.copy.service.name != caller):
                    count += 1
                    rows.setdefault((is_released, caller, mention.copy.service.name), []).append(mention)
            if count > MAX_ADDRESSES:
                break
        calls = tuple(
            NamedCall(
                caller=caller,
                is_released=is_released,
                callee=callee,
                edge=self._edge(caller, callee, found) if is_released else _of_production(caller, callee),
                mentions=tuple(found),
            )
            for (is_released, caller, callee), found in rows.items()
        )
        return NamedCalls(calls=calls, unread=self._mentions.unread(), is_whole=count <= MAX_ADDRESSES)

    def _callers(self) -> Iterator[tuple[bool, str, Document]]:
        """Yield the gray workloads with their service, then production's that are not released with their ref."""
        for copy in self._plan.copies:
            workload = self._gray.get(copy.document.place)
            if workload is not None and is_workload(workload):
                yield True, copy.service.name, workload
        for document in self._plan.baseline:
            if is_workload(document) and not self._plan.is_copy(document):
                yield False, document.identity.ref, document

    def _edge(self, name: str, callee: str, found: Sequence[Mention]) -> Edge:
        deciding = deciding_of(found)
        gray = [mention for mention in deciding if mention.is_gray]
        others = [mention for mention in deciding if not mention.is_gray]
        other = next((mention for mention in others if not mention.doubt), next(iter(others), None))
        if other is None:
            return self._to_gray(name, gray) if gray else self._not_named(found)
        reading = other.reading
        if gray:
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=because(HopWhy.BOTH_NAMED, name=name, callee=callee, gray=gray[0].where, production=other.where),
                document=reading.document,
                path=reading.path,
                help=f"set the other address to `{other.copy.gray_name}`, too",
            )
        return self._doubtful(other, other.doubt) if other.doubt else self._to_production(name, callee, other)

    def _to_production(self, name: str, callee: str, mention: Mention) -> Edge:
        wanted, way = mention.copy.gray_name, self._way_back(name, mention)
        named = mention.uncopied or because(HopWhy.PRODUCTION, callee=callee)
        why = HopWhy.NAMES_OTHER_BY_LINK if mention.link else HopWhy.NAMES_OTHER
        if mention.by or mention.link or mention.uncopied:
            way = f"set the address in `laneOnly` (`env` or `config`) to `{wanted}`, whose name DNS knows"
        return Edge(
            carriage=Carriage.NOT,
            why=because(why, name=name, named=named, where=mention.where, wanted=wanted),
            document=mention.reading.document,
            path=mention.reading.path,
            help=way,
        )

    def _to_gray(self, name: str, found: Sequence[Mention]) -> Edge:
        """Return whether calls come to the gray Service by the addresses that name it alone."""
        lost = next((edge for mention in found if (edge := unresolved(name, mention)) is not None), None)
        if lost is not None:
            return lost
        for mention in found:
            if mention.doubt:
                return self._doubtful(mention, mention.doubt)
        closed = [mention for mention in found if self._lacks(mention)]
        if not closed:
            return CARRIED
        first = closed[0]
        service = self._mentions.gray_of(first.copy)
        return Edge(
            carriage=Carriage.NOT if len(closed) == len(found) else Carriage.UNKNOWN,
            why=because(
                HopWhy.COPY_CALLS_PORT,
                name=name,
                port=str(first.port),
                service=first.name,
                where=first.where,
                ports=show_ports(service_ports(service)),
            ),
            document=first.reading.document,
            path=first.reading.path,
            help="set the address with `env` or `config` to a port that the Service has, or give it this one",
        )

    def _lacks(self, mention: Mention) -> bool:
        """Tell whether an address has a port that its Service lacks; of a headless one the pods' own ports count."""
        service = self._mentions.gray_of(mention.copy)
        if mention.port is None or mention.is_pod or is_headless(service):
            return False
        return lacks_port(service_ports(service), mention.port)

    def _way_back(self, name: str, mention: Mention) -> str:
        """Return what brings a text to the gray Service."""
        document = mention.reading.document
        by_hand = f"set the address in `laneOnly` (`env` or `config`) to `{mention.copy.gray_name}`"
        readers = {copy.service.name for copy in self._plan.copies if copy.service.rewrite_text}
        if document.place in self._gray:
            is_rewritten = self._plan.copy_of(document).service.rewrite_text
            return by_hand if is_rewritten else f"write `rewriteText: true` in its service, or {by_hand}"
        if name in readers:
            return f"take {document.origin.ref} out of `share` of service `{name}`, or {by_hand}"
        return f"write `rewriteText: true` in its service, so that {document.origin.ref} is copied, or {by_hand}"

    @staticmethod
    def _not_named(found: Sequence[Mention]) -> Edge:
        """Nothing says where the call goes, to production's Service neither."""
        return Edge(
            carriage=Carriage.UNKNOWN,
            why=because(HopWhy.ONLY_NAMED_BY, where=found[0].where) if found else because(HopWhy.NO_ADDRESS),
            help="give the caller the address of the gray Service in `laneOnly` (`env` or `config`), where it takes it "
            "from there",
        )

    @staticmethod
    def _doubtful(mention: Mention, doubt: Reason) -> Edge:
        way = (
            "a registry leads to instances of both sides" if mention.registry else "name the profiles in the manifests"
        )
        return Edge(
            carriage=Carriage.UNKNOWN,
            why=doubt,
            document=mention.reading.document,
            path=mention.reading.path,
            help=f"look at what the program calls by; {way}",
        )


def deciding_of(found: Sequence[Mention]) -> list[Mention]:
    """Return the addresses that decide where a call goes.

    What another text takes in stands there too. Another Service of the name counts where nothing else is named.
    """
    deciding = [mention for mention in found if mention.is_deciding]
    whole = [mention for mention in deciding if not mention.reading.is_part] or deciding
    return [mention for mention in whole if not mention.is_namesake] or whole


def plain_edge(name: str, copy: Copy, call: Call) -> Edge:
    """Return whether the address of a call lets a mesh read it: it is plain text, and to a port that is there."""
    if call.mention is None:
        return CARRIED
    service, reading = copy.document.identity.name, call.mention.reading
    if call.is_tls:
        return Edge(
            carriage=Carriage.NOT,
            why=because(HopWhy.ENCRYPTS, name=name, service=service, where=call.mention.where),
            document=reading.document,
            path=reading.path,
            help="let it call by `http`: the sidecar encrypts between pods",
        )
    ports = get_list(copy.document.data, ("spec", "ports"))
    if call.port is None or any(get(item, ("port",)) == call.port for item in ports):
        return CARRIED
    return Edge(
        carriage=Carriage.NOT,
        why=because(
            HopWhy.CALLS_PORT,
            name=name,
            port=str(call.port),
            service=service,
            where=call.mention.where,
            ports=show_ports(service_ports(copy.document)),
        ),
        document=reading.document,
        path=reading.path,
        help="set the address with `env` or `config` to a port that the Service has",
    )


def unresolved(name: str, mention: Mention) -> Edge | None:
    """Return whether the pods' DNS knows the name of an address; None where nothing is against it."""
    if not mention.unresolved or mention.link:
        return None
    # With `None` the pods bring a resolver of their own, which may be the cluster's.
    is_own = mention.unresolved == OWN_RESOLVER
    return Edge(
        carriage=Carriage.UNKNOWN if is_own else Carriage.NOT,
        why=because(
            HopWhy.UNRESOLVED_MAYBE if is_own else HopWhy.UNRESOLVED,
            name=name,
            what=mention.unresolved,
            service=mention.name,
            where=mention.where,
        ),
        document=mention.reading.document,
        path=mention.reading.path,
        help="write `dnsPolicy: ClusterFirst`, or `ClusterFirstWithHostNet` on the node's network",
    )


def _of_production(caller: str, callee: str) -> Edge:
    why = because(HopWhy.PRODUCTION_NAMES, name=caller, callee=callee)
    return Edge(carriage=Carriage.NOT, why=why)


def unreached(plan: ReleasePlan, named: NamedCalls) -> tuple[str, ...]:
    """Return the released services that no entry leads to and no other gray copy names, in order.

    Only services that have a gray Service count: others take no requests.
    """
    if not named.is_whole:
        return ()
    called = {call.callee for call in named.calls if call.is_released}
    entered = {path.service.name for entry in plan.entries for path in entry.paths if path.service is not None}
    has_service = {copy.service.name for copy in plan.copies if copy.document.identity.group_kind == _SERVICE}
    return tuple(
        service.name
        for service in plan.spec.services
        if service.name in has_service and service.name not in called | entered
    )
