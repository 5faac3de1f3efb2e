"""Sample requests: made from the rules of a release, and answered by the gateway's simulator as a build asks it."""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.preview import Entering
from grayc.analysis.routes import parents_in, servers_of
from grayc.analysis.traffic import NEVER, asks_of, meaning_of
from grayc.documents import Document
from grayc.documents.tree import get_list, get_text
from grayc.driver.expect import applied, baseline_of, lane_of, request_of, routers_of
from grayc.driver.model import Compilation, Release
from grayc.driver.review_model import Answered, Sample, Samples, Sort
from grayc.driver.witness_requests import Carried, Shape, asked_of, comes_in, is_made_up, listener_hosts, shapes_of
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import Entry, EntryPath, ReleasePlan
from grayc.records import dataclass, replace
from grayc.routing.hops import Lane, lanes_of, route_request
from grayc.routing.matching import Matching, matching
from grayc.routing.model import NO_CIRCUMSTANCES, Routed, Router
from grayc.routing.model import Request as Asked
from grayc.routing.shares import goes_there
from grayc.spec.model import Part, Rule

MAX_PLACES = 3
"""Hosts and paths of a release that samples are made for."""
MAX_SAMPLES = 12
"""Samples of one place."""

SENT_BY_ITSELF = ("User-Agent", "Accept")
"""Headers that curl sends unasked, beside the host. Source: curl's manual, `--user-agent`, and lib/http.c."""

_TLS = frozenset({"HTTPS", "TLS"})
_IN_PATHS = "/%:@!$&'()*+,;=-._~[]{}|\\^`\"<>"
"""Signs of a path that curl sends as they are. A `%` starts what is encoded already."""
_IN_QUERIES = f"{_IN_PATHS}?"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """A path of an entry, and what a request by it looks like."""

    entry: Entry
    path: EntryPath
    shape: Shape


class Asker:
    """The gateways of all releases, and what they serve once those are applied beside the lanes that live."""

    def __init__(self, compilation: Compilation) -> None:
        self._documents = applied(compilation.releases, compilation.beside, compilation.mesh)
        self._lanes = lanes_of(self._documents)
        self._budget = Matching()

    def samples(self, release: Release) -> Samples:
        """Return samples for the first places of a release, the plain request of each first."""
        plan = release.plan
        if not plan.entries or not plan.rules:
            return Samples()
        patterns = PatternMeetings()
        asked = asked_of(meaning_of(plan.rules), plan.rules, patterns)
        every = [carried for carried in asked.carried if not carried.is_near_miss]
        wanted = every[:MAX_SAMPLES]
        places = list(_places_of(plan))
        met = {carried.rule for carried in every}
        with matching(self._budget):
            ways = _ways_of(places[:MAX_PLACES], plan, patterns, self._budget, is_sure=True)
            rows = tuple(self._rows(release, ways, wanted))
        return Samples(
            rows=rows,
            unmet=tuple(rule for rule in plan.rules if asks_of(rule) and rule not in met),
            requests_left=len(every) - len(wanted),
            places_left=max(len(places) - MAX_PLACES, 0),
            first_changes=tuple(each.document.identity.ref for each in release.baseline_changes if each.opens),
        )

    def _rows(self, release: Release, ways: Iterable[_Way], wanted: Sequence[Carried]) -> Iterator[Sample]:
        plan, lane = release.plan, lane_of(release)
        routers = routers_of((plan,), self._documents, self._budget)
        for at, way in enumerate(ways):
            # Who meets the first rule, and who meets none, tells of every further place.
            for carried in wanted[:2] if at else wanted:
                request = _sent(way.shape.request(carried))
                routed = self._route(routers, way.entry, request, lane)
                yield Sample(
                    sort=_sort_of(carried),
                    rule=carried.rule if carried.headers or carried.query or carried.cookies else None,
                    routed=routed,
                    is_https=_is_https(way.entry, plan),
                    stands_for=way.path.host if is_made_up(request.host) else None,
                    without=_unwanted(request, plan),
                )

    def _route(self, routers: Sequence[tuple[GatewayName, Router]], entry: Entry, request: Asked, lane: Lane) -> Routed:
        answers = [
            route_request(gateway, router, request, NO_CIRCUMSTANCES, lanes=self._lanes, lane=lane)
            for gateway, router in routers
            if gateway is entry.gateway
        ]
        return next((answer for answer in answers if answer.answer.entry is not None), answers[0])

    def expectations(self, release: Release) -> tuple[Answered, ...]:
        """Return the expectations of a release at its step with where their requests go."""
        spec = release.plan.spec
        if not spec.expectations or spec.traffic is None:
            return ()
        routers = routers_of((release.plan,), self._documents, self._budget)
        before = routers_of((release.plan,), release.plan.baseline, self._budget)
        lane = lane_of(release)
        found = []
        for wanted in spec.expectations:
            if not wanted.is_asked_at(spec.step):
                continue
            asked = request_of(wanted)
            answers = [
                route_request(gateway, router, asked, NO_CIRCUMSTANCES, lanes=self._lanes, lane=lane)
                for gateway, router in routers
            ]
            at = next((at for at, answer in enumerate(answers) if answer.answer.entry is not None), 0)
            own = baseline_of(before[at][1], asked, release.plan) if "baseline" in wanted.shares else None
            is_met = goes_there(answers[at], wanted.shares, tag=spec.tag, baseline=own)
            found.append(Answered(expectation=wanted, routed=answers[at], is_met=is_met))
        return tuple(found)


def entering(plan: ReleasePlan) -> Iterator[Entering]:
    """Yield a request for each rule and each of the first places of a release, as nothing asked a gateway yet."""
    patterns = PatternMeetings()
    asked = asked_of(meaning_of(plan.rules), plan.rules, patterns)
    rules: set[Rule] = set()
    wanted = []
    for carried in asked.carried:
        is_new = carried.rule not in rules and not carried.is_near_miss
        if carried.rule is not None and is_new and _sort_of(carried) is Sort.MEETS:
            rules.add(carried.rule)
            wanted.append((carried.rule, carried))
    places = list(_places_of(plan))[:MAX_PLACES]
    for way in _ways_of(places, plan, patterns, Matching(), is_sure=False):
        for rule, carried in wanted[:MAX_SAMPLES]:
            request = _sent(way.shape.request(carried))
            yield Entering(
                rule=rule,
                method=request.method,
                host=request.host,
                path=request.path,
                query=request.query,
                headers=request.headers,
                cookies=request.cookies,
                is_https=_is_https(way.entry, plan),
                without=_unwanted(request, plan),
            )


def _places_of(plan: ReleasePlan) -> Iterator[tuple[Entry, EntryPath]]:
    """Yield the paths of the entries, of one host and text the first."""
    seen: set[tuple[str, str]] = set()
    for entry in plan.entries:
        for path in entry.paths:
            if (path.host, path.text) not in seen:
                seen.add((path.host, path.text))
                yield entry, path


def _ways_of(
    places: Iterable[tuple[Entry, EntryPath]],
    plan: ReleasePlan,
    patterns: PatternMeetings,
    budget: Matching,
    *,
    is_sure: bool,
) -> Iterator[_Way]:
    """Yield for each path the first request that comes in by it, as the gateways of production answer.

    Args:
        is_sure: ask the gateways always, not only where a path may be an expression.
    """
    before: Sequence[tuple[GatewayName, Router]] | None = None
    for entry, path in places:
        shapes = shapes_of(entry.document, path, patterns, listener_hosts(entry.document, plan.baseline))
        chosen = shapes[0]
        if is_sure or chosen.is_pattern:
            before = routers_of((plan,), plan.baseline, budget) if before is None else before
            own = [router for name, router in before if name is entry.gateway]
            answered = (
                (shape, router.route(_sent(shape.request()), NO_CIRCUMSTANCES)) for shape in shapes for router in own
            )
            chosen = next((shape for shape, said in answered if comes_in(said, entry, path, shape)), chosen)
        yield _Way(entry=entry, path=path, shape=chosen)


def _sent(request: Asked) -> Asked:
    """Return a request with a URL that can be sent: what would end a path, or cannot stand in one, is encoded."""
    return replace(request, path=quote(request.path, safe=_IN_PATHS), query=quote(request.query, safe=_IN_QUERIES))


def _unwanted(request: Asked, plan: ReleasePlan) -> tuple[str, ...]:
    """Return headers that clients send by themselves, of those that a rule asks for and the request does not have."""
    asked = {ask.name.lower() for rule in plan.rules for ask in asks_of(rule) if ask.part is Part.HEADER}
    return tuple(name for name in SENT_BY_ITSELF if name.lower() in asked and not request.values(name))


def _sort_of(carried: Carried) -> Sort:
    if not carried.headers and not carried.query and not carried.cookies:
        return Sort.PLAIN
    values = (*carried.headers.values(), *carried.query.values(), *carried.cookies.values())
    return Sort.OPTS_OUT if NEVER in values else Sort.MEETS


def _is_https(entry: Entry, plan: ReleasePlan) -> bool:
    """Tell whether an entry, or a Gateway of it, serves TLS."""
    if get_list(entry.document.data, ("spec", "tls")):
        return True
    servers = servers_of(entry.document, plan.baseline)
    return any(
        _serves_tls(each)
        for each in parents_in(plan.baseline)
        if f"{each.identity.namespace}/{each.identity.name}" in servers
    )


def _serves_tls(gateway: Document) -> bool:
    """Source: Gateway API v1 Listener.protocol; Istio 1.27 reference, Port.protocol."""
    protocols = [get_text(item, ("protocol",)) for item in get_list(gateway.data, ("spec", "listeners"))]
    protocols += [get_text(item, ("port", "protocol")) for item in get_list(gateway.data, ("spec", "servers"))]
    return not _TLS.isdisjoint(protocols)
