"""Sample requests: made from the rules of a release, and answered by the gateway's simulator as a build asks it."""

from collections.abc import Iterator, Sequence

from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.preview import Entering
from grayc.analysis.routes import parents_in, servers_of
from grayc.analysis.traffic import NEVER, meaning_of
from grayc.documents import Document
from grayc.documents.tree import get_list, get_text
from grayc.driver.expect import applied, baseline_of, lane_of, request_of, routers_of
from grayc.driver.model import Compilation, Release
from grayc.driver.review_model import Answered, Sample, Sort
from grayc.driver.witness_requests import Carried, asked_of, listener_hosts, shapes_of
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import Entry, ReleasePlan
from grayc.routing.hops import Lane, lanes_of, route_request
from grayc.routing.matching import Matching, matching
from grayc.routing.model import NO_CIRCUMSTANCES, Routed, Router
from grayc.routing.model import Request as Asked
from grayc.routing.shares import goes_there
from grayc.spec.model import Rule

MAX_PLACES = 3
"""Hosts and paths of a release that samples are made for."""
MAX_SAMPLES = 12
"""Samples of one place."""

_TLS = frozenset({"HTTPS", "TLS"})


class Asker:
    """The gateways of all releases, and what they serve once those are applied beside the lanes that live."""

    def __init__(self, compilation: Compilation) -> None:
        self._documents = applied(compilation.releases, compilation.beside, compilation.mesh)
        self._lanes = lanes_of(self._documents)
        self._budget = Matching()

    def samples(self, release: Release) -> tuple[Sample, ...]:
        """Return samples for the first places of a release, the plain request of each first."""
        plan = release.plan
        if not plan.entries or not plan.rules:
            return ()
        with matching(self._budget):
            return tuple(self._samples(release, routers_of((plan,), self._documents, self._budget)))

    def _samples(self, release: Release, routers: Sequence[tuple[GatewayName, Router]]) -> Iterator[Sample]:
        plan, patterns = release.plan, PatternMeetings()
        asked = asked_of(meaning_of(plan.rules), plan.rules, patterns)
        lane = lane_of(release)
        wanted = [carried for carried in asked.carried if not carried.is_near_miss][:MAX_SAMPLES]
        seen: set[tuple[str, str]] = set()
        for entry in plan.entries:
            for path in entry.paths:
                if (path.host, path.text) in seen or len(seen) >= MAX_PLACES:
                    continue
                seen.add((path.host, path.text))
                shapes = shapes_of(entry.document, path, patterns, listener_hosts(entry.document, plan.baseline))
                # Who meets the first rule, and who meets none, tells of every further place.
                for carried in wanted if len(seen) == 1 else wanted[:2]:
                    request = shapes[0].request(carried)
                    routed = self._route(routers, entry, request, lane)
                    yield Sample(
                        sort=_sort_of(carried),
                        rule=carried.rule if carried.headers or carried.query or carried.cookies else None,
                        routed=routed,
                        is_https=_is_https(entry, plan),
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
    places: set[tuple[str, str]] = set()
    for entry in plan.entries:
        for path in entry.paths:
            if (path.host, path.text) in places or len(places) >= MAX_PLACES:
                continue
            places.add((path.host, path.text))
            shapes = shapes_of(entry.document, path, patterns, listener_hosts(entry.document, plan.baseline))
            for rule, carried in wanted[:MAX_SAMPLES]:
                request = shapes[0].request(carried)
                yield Entering(
                    rule=rule,
                    method=request.method,
                    host=request.host,
                    path=request.path,
                    query=request.query,
                    headers=request.headers,
                    cookies=request.cookies,
                    is_https=_is_https(entry, plan),
                )


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
