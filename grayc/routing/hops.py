"""What happens to a request behind the gateway: which copy answers at each hop, and which lane a Service is of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from grayc.documents import Document
from grayc.documents.service_ports import lacks_port, service_ports
from grayc.documents.tree import get_map
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.gateways import GATEWAYS, GatewayName
from grayc.k8s.profiles import tag_in
from grayc.records import dataclass
from grayc.routing.model import Answer, Circumstances, Destination, Hop, Request, Routed, Router

BASELINE = "baseline"
GRAY = "gray"
UNKNOWN = "unknown"
NOT_CARRIED = "not carried"
CARRIED = "carried"
_HOW = {
    CARRIED: "comes to the gray copy ",
    UNKNOWN: "may come to the gray copy or not: ",
    NOT_CARRIED: "does not come to the gray copy: ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """What the Services among the documents say of lanes.

    Attributes:
        lane_of: namespace and name of a Service → its tag; Services that are not in it are the baseline's.
        name_of: namespace and name of a gray Service → name of the service that it is a copy of.
        services: namespace and name → the Service.
    """

    lane_of: Mapping[tuple[str, str], str]
    name_of: Mapping[tuple[str, str], str]
    services: Mapping[tuple[str, str], Document]

    def of(self, destination: Destination) -> str:
        """Return the tag of a destination's lane, or `baseline`."""
        return self.lane_of.get((destination.namespace, destination.service), BASELINE)


def lanes_of(documents: Iterable[Document]) -> Lanes:
    """Return the lanes of the Services among the documents, by the labels that lanes put on them."""
    lanes: dict[tuple[str, str], str] = {}
    names: dict[tuple[str, str], str] = {}
    services: dict[tuple[str, str], Document] = {}
    for document in documents:
        identity = document.identity
        if identity.kind != "Service" or identity.group:
            continue
        tag, service = tag_in(get_map(document.data, ("metadata", "labels")))
        # A manifest without a namespace lands in the one called `default`, as simulators read it.
        key = (identity.namespace or "default", identity.name)
        services[key] = document
        if tag:
            lanes[key] = tag
            names[key] = service or identity.name
    return Lanes(lane_of=lanes, name_of=names, services=services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A release as a request meets it behind the gateway.

    Attributes:
        carrier: carries the tag from hop to hop.
        copies: name, as call paths use it, of a service with a gray copy → name of its gray Service, "" for none.
        called: name of a Service or of a service of the release → the name that call paths use.
        carried: caller, called service with a gray copy, whether the caller's is gray → `carried`, `not carried` or
            `unknown`, and why.
        losers: services that pass no tag on.
        is_by_address: a gray copy is met where it is named, whatever headers a request has.
    """

    tag: str
    carrier: TagCarrier
    copies: Mapping[str, str]
    called: Mapping[str, str]
    calls: Sequence[Sequence[str]]
    carried: Mapping[tuple[str, str, bool], tuple[str, str]]
    losers: frozenset[str]
    is_by_address: bool


def route_request(
    gateway: str, router: Router, request: Request, circumstances: Circumstances, *, lanes: Lanes, lane: Lane | None
) -> Routed:
    """Return where a request goes, at the gateway and behind it."""
    answer = router.route(request, circumstances)
    hops, paths, why = _hops_of(answer, request, lanes, lane, circumstances)
    return Routed(
        gateway=gateway,
        request=request,
        answer=answer,
        lanes=tuple(lanes.of(destination) for destination in answer.destinations),
        hops=hops,
        paths=paths,
        why=(*answer.why, *why, *_lost(GatewayName(gateway), answer, lanes)),
    )


def _lost(gateway: GatewayName, answer: Answer, lanes: Lanes) -> Iterator[str]:
    """Yield a sentence for each share that goes to a port which its Service does not have."""
    for share in answer.destinations:
        service = lanes.services.get((share.namespace, share.service))
        if service is None or share.status is not None:
            continue
        ports = service_ports(service, with_targets=GATEWAYS[gateway].takes_target_port)
        if lacks_port(ports, share.port):
            has = ", ".join(map(str, service_ports(service)))
            yield f"Service {share.service} has no port {share.port}, but {has}: the gateway answers with an error"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """A service as one call meets it.

    Attributes:
        lost: the service at which the tag was lost before it or at it, "" for nowhere.
    """

    hop: Hop
    lost: str


def _hops_of(
    answer: Answer, request: Request, lanes: Lanes, lane: Lane | None, circumstances: Circumstances
) -> tuple[tuple[Hop, ...], tuple[tuple[Hop, ...], ...], tuple[str, ...]]:
    """Return the services that a request meets, each once, the call paths one by one, and a sentence for each turn.

    Of several shares it is the lane's; where no share is the lane's, as on an entry whose service is not released, the
    one that carries the tag.

    A call goes to the gray copy where the request carries the tag and the service has one, else to the baseline.
    """
    shares = [share for share in answer.destinations if share.service and share.status is None]
    if not shares:
        return (), (), ()
    tagged_shares = [] if lane is None else [share for share in shares if is_tagged(share, request, lane)]
    taken = next((share for share in shares if lanes.of(share) != BASELINE), [*tagged_shares, *shares][0])
    key = (taken.namespace, taken.service)
    tag = lanes.of(taken)
    name = lanes.name_of.get(key, taken.service)
    if lane is not None:
        name = lane.called.get(name, name)
    first = Hop(service=name, copy=BASELINE if tag == BASELINE else GRAY, lane=tag)
    copy = "the baseline" if tag == BASELINE else f"lane {tag}"
    is_service = not {".", "/"} & set(taken.service)
    why = [f"{name} is answered by Service {taken.service}, {copy}" if is_service else f"{name} is no Service: {copy}"]
    if lane is None or not lane.calls:
        return (first,), ((first,),), tuple(why)
    is_carried = lane.is_by_address or is_tagged(taken, request, lane)
    if not is_carried and first.copy == GRAY:
        line = lane.carrier.line(lane.tag)
        why.append(f"the request carries no {line}, so nothing tells the next services of the lane")
    start = _Met(hop=first, lost=name if name in lane.losers else "")

    def call(caller: _Met, called: str) -> _Met:
        return _called(caller, called, lane, circumstances, is_carried=is_carried)

    met = {name: start}
    for caller, called in _behind(name, lane.calls):
        met[called] = call(met[caller], called)
    paths = tuple(_paths(start, lane.calls, frozenset(met), call))
    hops = tuple(each.hop for each in met.values())
    why += [hop.why for hop in (*hops, *(hop for path in paths for hop in path)) if hop.why]
    return hops, paths, tuple(dict.fromkeys(why))


def _called(caller: _Met, called: str, lane: Lane, circumstances: Circumstances, *, is_carried: bool) -> _Met:
    """Return a service as a call of another one meets it."""
    at = caller.hop.service
    lost = caller.lost or (called if called in lane.losers else "")
    why = carried = ""
    if not is_carried:
        pass
    elif called not in lane.copies:
        why = f"{called} has no gray copy: the baseline answers" + (
            "" if lane.is_by_address or caller.lost else ", and the tag goes on"
        )
    elif lane.copies[called] in circumstances.no_endpoints:
        # A gateway's fallback and a mesh's are not the same: a Service that is named has nothing behind it.
        why = f"{called} has no ready gray pod: the baseline answers"
    else:
        carried, reason = lane.carried[at, called, caller.hop.copy == GRAY]
        if lane.is_by_address and caller.hop.copy == UNKNOWN:
            # Its gray copy may make the call, or production's, which names production's Service.
            carried, reason = lane.carried[at, called, True]
            if carried == CARRIED:
                carried, reason = UNKNOWN, f"whether the call to {at} is carried is not to be seen"
        if carried != NOT_CARRIED and caller.lost:
            carried, reason = NOT_CARRIED, f"the tag ends at {caller.lost}"
        if reason:
            why = f"the call of {at} to {called} {_HOW[carried]}{reason}"
    copy = {CARRIED: GRAY, UNKNOWN: UNKNOWN}.get(carried, BASELINE)
    tag = {GRAY: lane.tag, UNKNOWN: ""}.get(copy, BASELINE)
    return _Met(hop=Hop(service=called, copy=copy, lane=tag, carried=carried, why=why), lost=lost)


def _paths(
    start: _Met, calls: Sequence[Sequence[str]], reached: frozenset[str], call: Callable[[_Met, str], _Met]
) -> Iterator[tuple[Hop, ...]]:
    """Yield the call paths behind a service, each from the first service on that the request reaches.

    A path that starts where others come to is there once for each copy that they meet.
    """
    starts: dict[str, list[Sequence[str]]] = {}
    for path in calls:
        at = path.index(start.hop.service) if start.hop.service in path else 0
        tail = path[at:]
        if tail[0] in reached and len(tail) > 1:
            starts.setdefault(tail[0], []).append(tail)
    if start.hop.service not in starts:
        yield (start.hop,)
    todo, seen = [start], set()
    for met in todo:
        known = (met.hop.service, met.hop.copy, bool(met.lost))
        if known in seen:
            continue
        seen.add(known)
        for path in starts.get(met.hop.service, ()):
            walked = [met]
            for called in path[1:]:
                walked.append(call(walked[-1], called))
            todo += [each for each in walked if each.hop.service != start.hop.service]
            yield tuple(each.hop for each in walked)


def is_tagged(share: Destination, request: Request, lane: Lane) -> bool:
    """Tell whether a share of a request carries a lane's tag behind the gateway."""
    return carried_tag(share, request, lane.carrier) == lane.tag


def put_tag(share: Destination, carrier: TagCarrier) -> str | None:
    """Return the tag that the gateway puts on a share of requests, None where it puts none."""
    changed = (change.value for change in share.changes if change.name == carrier.name)
    return next((carrier.tag_in([value]) for value in changed if value is not None), None)


def carried_tag(share: Destination, request: Request, carrier: TagCarrier) -> str | None:
    """Return the tag that a request carries after the gateway, None where it carries none."""
    for change in share.changes:
        if change.name == carrier.name:
            return None if change.value is None else carrier.tag_in([change.value])
    return carrier.tag_in(request.values(carrier.header))


def _behind(start: str, calls: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the services that are called behind one, in the order of the call paths, each once, with its caller."""
    found: dict[str, str] = {start: ""}
    todo = [start]
    while todo:
        at = todo.pop(0)
        for path in calls:
            for caller, called in pairwise(path):
                if caller == at and called not in found:
                    found[called] = caller
                    todo.append(called)
    return [(caller, called) for called, caller in found.items() if caller]
