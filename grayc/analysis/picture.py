"""The lane as a picture: call paths in rows, their services in columns, which copy answers, and what leads in."""

from collections.abc import Iterator, Mapping

from grayc.analysis.carriage import Carriage
from grayc.analysis.chain import CallGraph, Hop
from grayc.analysis.named_services import NamedCall
from grayc.analysis.preview import Preview
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import Entry
from grayc.plan.reasons import Reason
from grayc.records import dataclass
from grayc.spec.model import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A service on a row.

    Attributes:
        name: as the call path has it; of a row that is no call path, the service's, or the Service's that is named.
        has_gray: a gray copy of it is made.
        copy: which copy answers a request of the lane: `gray`, `baseline` or `unknown`.
        carriage: of the call that leads here; None for the first, and where there is no gray copy to come to.
        why: why that call is not carried, or not to be seen.
        is_told_apart: that call is one of the lane's still; another is as any call of production.
    """

    name: str
    has_gray: bool
    copy: str
    carriage: Carriage | None = None
    why: Reason | None = None
    is_told_apart: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call path, or a service that no call path names with one that its gray copy calls by address.

    Attributes:
        entries: positions of the entries that lead to its first service.
        is_entered: an entry leads there, at once or by another path.
    """

    stops: tuple[Stop, ...]
    entries: tuple[int, ...]
    is_entered: bool
    is_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An entry that the rules open.

    Attributes:
        title: `Kind/name`.
        places: host and path of each opened path, each once; "" stands for any host.
        is_coloured_only: its requests stay on the baseline's Service, and carry the tag on.
    """

    title: str
    gateway: GatewayName
    places: tuple[str, ...]
    is_coloured_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The lane of one release."""

    release: str
    tag: str
    rules: tuple[Rule, ...]
    ways: tuple[Way, ...]
    rows: tuple[Row, ...]


def make_picture(preview: Preview) -> Picture:
    """Return the picture of a release: first its call paths, then the released services that none of them names."""
    plan = preview.plan
    graph = CallGraph(plan)
    leading: dict[str, list[int]] = {}
    for at, entry in enumerate(plan.entries):
        for name in dict.fromkeys(_names_behind(entry)):
            leading.setdefault(graph.called(name), []).append(at)
    rows = [
        Row(
            stops=tuple(map(_stop, route.hops)),
            entries=tuple(leading.get(graph.called(route.hops[0].name), ())),
            is_entered=route.is_entered,
            is_call=True,
        )
        for route in preview.routes
    ]
    on_paths = {hop.service for route in preview.routes for hop in route.hops}
    rows += _alone(preview, leading, graph, on_paths)
    return Picture(
        release=plan.spec.name,
        tag=plan.spec.tag,
        rules=plan.rules,
        ways=tuple(map(_way, plan.entries)),
        rows=tuple(rows),
    )


def _names_behind(entry: Entry) -> Iterator[str]:
    for path in entry.paths:
        yield path.service.name if path.service is not None else path.baseline_service


def _stop(hop: Hop) -> Stop:
    edge = hop.edge
    return Stop(
        name=hop.name,
        has_gray=bool(hop.service),
        copy=hop.copy,
        carriage=None if edge is None else edge.carriage,
        why=None if edge is None else edge.why,
        is_told_apart=hop.is_told_apart,
    )


def _alone(preview: Preview, leading: Mapping[str, list[int]], graph: CallGraph, on_paths: set[str]) -> Iterator[Row]:
    """Yield a row for each service that no call path names, and for each Service that its gray copy names."""
    shown = preview.edges.calls if preview.edges is not None else ()
    calls = [call for call in shown if call.is_released]
    met = {call.callee for call in calls}
    for service in preview.plan.spec.services:
        if service.name in on_paths:
            continue
        entries = tuple(leading.get(graph.called(service.name), ()))
        first = Stop(name=service.name, has_gray=True, copy="gray")
        behind = [(first, _named(call)) for call in calls if call.caller == service.name]
        is_met = service.name in met
        for stops in behind or (() if is_met and not entries else ((first,),)):
            yield Row(stops=stops, entries=entries, is_entered=bool(entries) or is_met, is_call=False)


def _named(call: NamedCall) -> Stop:
    """Return the service that an address names."""
    copies = {Carriage.CARRIED: "gray", Carriage.NOT: "baseline", Carriage.UNKNOWN: "unknown"}
    edge = call.edge
    return Stop(name=call.callee, has_gray=True, copy=copies[edge.carriage], carriage=edge.carriage, why=edge.why)


def _way(entry: Entry) -> Way:
    return Way(
        title=entry.document.identity.ref,
        gateway=entry.gateway,
        places=tuple(dict.fromkeys(f"{path.host}{path.text}" for path in entry.paths)),
        is_coloured_only=entry.coloured_only,
    )
