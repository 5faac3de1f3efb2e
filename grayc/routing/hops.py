"""What happens to a request behind the gateway: which copy answers at each hop, and which lane a Service is of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from grayc.documents import Document
from grayc.documents.service_ports import lacks_port, service_ports
from grayc.documents.tree import get_text
from grayc.k8s.gateways import GATEWAYS, GatewayName
from grayc.k8s.lane_labels import ORIGINAL, SERVICE_NAME, VERSION
from grayc.records import dataclass
from grayc.routing.model import Answer, Circumstances, Destination, Hop, Request, Routed, Router

BASELINE = "baseline"
GRAY = "gray"
UNKNOWN = "unknown"
NOT_CARRIED = "not carried"
CARRIED = "carried"


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
        tag = get_text(document.data, ("metadata", "labels", VERSION))
        # A manifest without a namespace lands in the one called `default`, as simulators read it.
        key = (identity.namespace or "default", identity.name)
        services[key] = document
        if tag not in ("", ORIGINAL):
            lanes[key] = tag
            names[key] = get_text(document.data, ("metadata", "labels", SERVICE_NAME)) or identity.name
    return Lanes(lane_of=lanes, name_of=names, services=services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A release as a request meets it behind the gateway.

    Attributes:
        header: carries the tag from hop to hop.
        copies: name, as call paths use it, of a service with a gray copy → name of its gray Service, "" for none.
        called: name of a Service or of a service of the release → the name that call paths use.
        carried: caller, called service with a gray copy, whether the caller's is gray → `carried`, `not carried` or
            `unknown`, and why.
        losers: services that pass no tag on.
        is_by_address: a gray copy is met where it is named, whatever headers a request has.
    """

    tag: str
    header: str
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
    hops, why = _hops_of(answer, request, lanes, lane, circumstances)
    return Routed(
        gateway=gateway,
        request=request,
        answer=answer,
        lanes=tuple(lanes.of(destination) for destination in answer.destinations),
        hops=hops,
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


def _hops_of(
    answer: Answer, request: Request, lanes: Lanes, lane: Lane | None, circumstances: Circumstances
) -> tuple[tuple[Hop, ...], tuple[str, ...]]:
    """Return the hops of a request along the call paths, and a sentence for each turn; of several shares the lane's.

    Where no share is the lane's, as on an entry whose service is not released, it is the one that carries the tag.

    A call goes to the gray copy where the request carries the tag and the service has one, else to the baseline.
    """
    shares = [share for share in answer.destinations if share.service and share.status is None]
    if not shares:
        return (), ()
    tagged_shares = [] if lane is None else [share for share in shares if is_tagged(share, request, lane)]
    taken = next((share for share in shares if lanes.of(share) != BASELINE), [*tagged_shares, *shares][0])
    key = (taken.namespace, taken.service)
    tag = lanes.of(taken)
    name = lanes.name_of.get(key, taken.service)
    if lane is not None:
        name = lane.called.get(name, name)
    first = Hop(service=name, copy=BASELINE if tag == BASELINE else GRAY)
    copy = "the baseline" if tag == BASELINE else f"lane {tag}"
    is_service = not {".", "/"} & set(taken.service)
    why = [f"{name} is answered by Service {taken.service}, {copy}" if is_service else f"{name} is no Service: {copy}"]
    if lane is None or not lane.calls:
        return (first,), tuple(why)
    tagged = lane.is_by_address or is_tagged(taken, request, lane)
    if not tagged and first.copy == GRAY:
        why.append(f"the request carries no {lane.header}: {lane.tag}, so nothing tells the next services of the lane")
    hops = [first]
    # Service → where the tag was lost before it or at it, "" for nowhere.
    lost = {name: name if name in lane.losers else ""}
    met = {name: first}
    for caller, called in _behind(name, lane.calls):
        copy, carried = BASELINE, ""
        if not tagged:
            pass
        elif called not in lane.copies:
            why.append(
                f"{called} has no gray copy: the baseline answers"
                + ("" if lane.is_by_address or lost[caller] else ", and the tag goes on")
            )
        elif lane.copies[called] in circumstances.no_endpoints:
            # A gateway's fallback and a mesh's are not the same: a Service that is named has nothing behind it.
            why.append(f"{called} has no ready gray pod: the baseline answers")
        else:
            carried, reason = lane.carried[caller, called, met[caller].copy == GRAY]
            if lane.is_by_address and met[caller].copy == UNKNOWN:
                # Its gray copy may make the call, or production's, which names production's Service.
                carried, reason = lane.carried[caller, called, True]
                if carried == CARRIED:
                    carried, reason = UNKNOWN, f"whether the call to {caller} is carried is not to be seen"
            if carried != NOT_CARRIED and lost[caller]:
                carried, reason = NOT_CARRIED, f"the tag ends at {lost[caller]}"
            copy = {NOT_CARRIED: BASELINE, UNKNOWN: UNKNOWN}.get(carried, GRAY)
            if reason:
                start = "may come to the gray copy or not" if copy == UNKNOWN else "does not come to the gray copy"
                why.append(f"the call of {caller} to {called} {start}: {reason}")
        met[called] = Hop(service=called, copy=copy, carried=carried)
        lost[called] = lost[caller] or (called if called in lane.losers else "")
        hops.append(met[called])
    return tuple(hops), tuple(why)


def is_tagged(share: Destination, request: Request, lane: Lane) -> bool:
    """Tell whether a share of a request carries a lane's tag behind the gateway."""
    return carried_tag(share, request, lane.header) == lane.tag


def carried_tag(share: Destination, request: Request, header: str) -> str | None:
    """Return the value of a header after the gateway, None where it is not there."""
    for change in share.changes:
        if change.name == header.lower():
            return change.value
    values = request.values(header)
    return values[0] if values else None


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
