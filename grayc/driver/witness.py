"""The witness: for every rule, a request that enters the lane by each opened path, and others that do not.

Each request is asked of the gateway's simulator, over production and lane together. It must go gray where the rules say
so (`analysis.traffic`), and else where it goes without the lane. What production answers itself, it may answer still.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from grayc.analysis.lanes import KnownLane
from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.routes import servers_of
from grayc.analysis.traffic import Meaning, meaning_of, share
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.ingresses import ingress_class
from grayc.driver.expect import applied
from grayc.driver.model import HeldLane, Mesh, Release
from grayc.driver.witness_findings import more_to_ask, told
from grayc.driver.witness_model import MAX_LOOKS, MAX_REQUESTS, Failure, Lane, Way
from grayc.driver.witness_requests import (
    Asked,
    Carried,
    asked_by_canaries,
    asked_of,
    comes_in,
    listener_hosts,
    shapes_of,
)
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import Entry, EntryPath, ReleasePlan
from grayc.records import dataclass, replace
from grayc.routing.hops import put_tag
from grayc.routing.matching import (
    DEFAULT_NAMESPACE,
    BadExpression,
    CostlyExpression,
    Matching,
    first_values,
    is_found,
    matching,
    ref_of,
    shown_said,
)
from grayc.routing.model import Answer, Circumstances, Destination, ObjectRef
from grayc.routing.slices import Slice, Slices, may_meet
from grayc.spec.model import Part

# Shares are whole percents, and what is off by less is a gateway's rounding.
_NEARLY = Fraction(1, 2)

_MAX_NEAR_MISSES = 20
_SERVICE = ("", "Service")
_ANSWERED_BY = "`{}` answers `{{}}{{}}` with status {} today, so no request goes on from there"
_NONE_COMES_IN = "no request is at hand that comes in by `{}{}` today"

_Place = tuple[str, str, int | str, str, int | None]
"""Namespace, Service, port, subset and status of a destination."""

_Opened = tuple[ObjectRef, str, str]
"""An entry's object, a host in lower case, and a path as written."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opening:
    """A path of an entry.

    Attributes:
        circumstances: by which servers a request for the entry comes in.
        listened: the hosts that the listeners of the entry name.
        base: names of the Services that the path leads to.
    """

    entry: Entry
    path: EntryPath
    circumstances: Circumstances
    listened: tuple[str, ...]
    base: frozenset[str]


class _World:
    """Production with and without the lanes, cut for each controller, and what there is left to ask of it.

    Attributes:
        unasked: how many requests were one too many.
    """

    def __init__(self, releases: Sequence[Release], beside: Sequence[HeldLane], mesh: Mesh | None) -> None:
        baseline = {document.place: document for release in releases for document in release.plan.baseline}
        self.before = tuple(baseline.values())
        self.after = applied(releases, beside, mesh)
        self.patterns = PatternMeetings()
        self.budget = Matching()
        self.unasked = 0
        self._requests = MAX_REQUESTS
        self._looks = MAX_LOOKS
        self._canaries: dict[Slice, tuple[Carried, ...]] = {}
        self._cut: dict[tuple[str, str], Slices] = {}

    def take(self, size: int) -> bool:
        """Tell whether one more request may be asked, of so many objects."""
        if self.is_spent(size):
            return False
        self._requests -= 1
        self._looks -= size
        return True

    def is_spent(self, size: int) -> bool:
        """Tell whether so many looks are more than are left, and count one request that is not asked."""
        if self._requests > 0 and self._looks >= size:
            return False
        self.unasked += 1
        return True

    def canaries(self, part: Slice) -> tuple[Carried, ...]:
        """Return what requests carry to meet the canaries that production has in a slice."""
        if part not in self._canaries:
            self._canaries[part] = asked_by_canaries(part.before, self.patterns)
        return self._canaries[part]

    def slices(self, plan: ReleasePlan, entry: Entry) -> Slices:
        """Return the objects of the controller that reads an entry."""
        gateway = entry.gateway
        key = (gateway.value, ingress_class(entry.document))
        if key not in self._cut:
            self._cut[key] = Slices(gateway, entry.document, self.before, self.after, self.budget)
        return self._cut[key]


def check_witnesses(
    releases: Sequence[Release], beside: Sequence[HeldLane] = (), mesh: Mesh | None = None
) -> tuple[Diagnostic, ...]:
    """Return the rules whose requests do not enter the lane, or whose lane takes others.

    Diagnostics:
        GC525: a request does not go where the rules say.
        GC540: that a rule enters could not be shown.
        GC541: there is more to ask than is asked.
        GC542: a request enters the lane by a path of an entry that has no such requests in production.
    """
    opening = [release for release in releases if release.plan.entries and release.plan.rules]
    if not opening:
        return ()
    world = _World(releases, beside, mesh)
    with matching(world.budget):
        return _checked(opening, [_other(each.lane, world) for each in beside if each.lane.places], world)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Other:
    """A lane that lives beside those that are asked.

    Attributes:
        places: hosts, in lower case, and paths that it opens, with the gateway.
    """

    meaning: Meaning
    asked: Asked
    places: frozenset[tuple[str, str, str]]

    def opens(self, gateway: GatewayName) -> bool:
        """Tell whether it has an entry on a gateway."""
        return any(place[0] == gateway for place in self.places)


def _other(lane: KnownLane, world: "_World") -> _Other:
    meaning = meaning_of(lane.rules)
    return _Other(
        meaning=meaning,
        asked=asked_of(meaning, lane.rules, world.patterns),
        places=frozenset((gateway, host.lower(), path) for gateway, _, _, host, _, path in lane.places),
    )


class _Meant:
    """What the rules of some lanes mean, by what they ask: a request is compared with those that it may meet.

    Attributes:
        size: how many asks the rules have.
    """

    def __init__(self, lanes: Sequence[Lane | _Other]) -> None:
        self._lanes = lanes
        self.size = sum(each.asked.size for each in lanes)
        # Whose share is drawn, and by what the lines of all others begin: place and value, or place of a pattern.
        self._drawn: list[int] = []
        self._asking: dict[tuple[Part, str, str | None], list[int]] = {}
        for at, each in enumerate(lanes):
            if each.meaning.percent or not all(line.asks for line in each.meaning.lines):
                self._drawn.append(at)
            for first in {line.asks[0]: None for line in each.meaning.lines if line.asks}:
                for value in first.values if first.pattern is None else (None,):
                    self._asking.setdefault((*first.place, value), []).append(at)

    def shares(self, said: Mapping[Part, Mapping[str, str]], lane: Lane) -> list[tuple[Lane | _Other, int]]:
        """Return the lanes but one that take a share of a request, each with its percent.

        Args:
            said: what `share` is told of the request.
        Raises:
            CostlyExpression: it cannot be told.
        """
        near = {
            at
            for part, values in said.items()
            for name, value in values.items()
            for asked in (value, None)
            for at in self._asking.get((part, name, asked), ())
        }
        found = [
            (other, share(other.meaning, said[Part.HEADER], said[Part.COOKIE], _found, query=said[Part.QUERY]))
            for at in sorted(near.union(self._drawn))
            if (other := self._lanes[at]) is not lane
        ]
        return [(other, percent) for other, percent in found if percent]


def _checked(opening: Sequence[Release], beside: Sequence[_Other], world: _World) -> tuple[Diagnostic, ...]:
    lanes = [_lane(release, world) for release in opening]
    every: list[Lane | _Other] = [*lanes, *beside]
    # Every path is asked for the first value of each rule before any is for the second.
    gateways = {way.part.gateway for lane in lanes for way in lane.ways}
    by_gateway = {gateway: _Meant([each for each in every if each.opens(gateway)]) for gateway in gateways}
    meant = _Meant(every)
    for turn in range(max(len(lane.asked.carried) for lane in lanes)):
        for lane in lanes:
            if turn < len(lane.asked.carried):
                carried = lane.asked.carried[turn]
                # What a rule lets in besides is written alike for every path.
                for way in lane.ways[:_MAX_NEAR_MISSES] if carried.is_near_miss else lane.ways:
                    _ask(lane, way, carried, by_gateway[way.part.gateway], world)
    # What enters a lane that is there already must not enter this one.
    for lane in lanes:
        for way in lane.ways:
            for other in beside:
                if (way.part.gateway.value, *way.place) in other.places:
                    for carried in other.asked.carried:
                        if not carried.is_near_miss:
                            _ask(lane, way, carried, meant, world, of=other)
    for lane in lanes:
        for way in lane.ways:
            for carried in world.canaries(way.part):
                _ask(lane, way, carried, meant, world)
    diagnostics = [diagnostic for lane in lanes for diagnostic in told(lane, world.after)]
    return (*diagnostics, more_to_ask(lanes[0], world.unasked)) if world.unasked else tuple(diagnostics)


def _lane(release: Release, world: _World) -> Lane:
    """Return a release with the requests that come in by each path that it opens."""
    plan = release.plan
    meaning = meaning_of(plan.rules)
    lane = Lane(release=release, meaning=meaning, asked=asked_of(meaning, plan.rules, world.patterns))
    for rule in lane.asked.unasked:
        lane.is_unproved(
            f"no value is at hand in which `{shown_said(rule.name, rule.pattern or '', rule.part)}` is found"
        )
    opened = frozenset(
        (ref_of(entry.document), path.host.lower(), path.text) for entry in plan.entries for path in entry.paths
    )
    copies = _gray_services(plan)
    for entry in plan.entries:
        slices = world.slices(plan, entry)
        # Once for each entry: both look through the baseline.
        circumstances = Circumstances(servers=_servers(entry, plan))
        is_open = any(not path.host or path.host.startswith("*") for path in entry.paths)
        listened = listener_hosts(entry.document, plan.baseline) if is_open else ()
        for paths in _paths(entry):
            base = frozenset(path.baseline_service for path in paths)
            opening = _Opening(entry=entry, path=paths[0], circumstances=circumstances, listened=listened, base=base)
            found = list(_found_ways(lane, opening, slices, world))
            if not found:
                continue
            came_in = [way for way in found if comes_in(way.answer, entry, paths[0], way.shape)]
            way = (came_in or found)[0]
            is_sure = True if came_in else _is_sure(lane, way, opened, world.before)
            if is_sure is not None:
                released = [path.baseline_service for path in paths if path.service is not None]
                names = [name for service in released for name in copies.get(service, ())]
                services = {to.service for to in way.answer.destinations}
                is_of_others = not came_in and is_sure and way.answer.entry is not None and base.isdisjoint(services)
                lane.ways.append(
                    replace(way, gray=frozenset(names), is_sure=is_sure, is_of_others=is_of_others),
                )
    return lane


def _servers(entry: Entry, plan: ReleasePlan) -> frozenset[str]:
    """Return the Gateways of an entry, as the simulators name them."""
    named = servers_of(entry.document, plan.baseline)
    return frozenset(f"{DEFAULT_NAMESPACE}{name}" if name.startswith("/") else name for name in named)


def _found_ways(lane: Lane, opening: _Opening, slices: Slices, world: _World) -> Iterator[Way]:
    """Yield requests for a path with where they go in production, until one comes in by it."""
    entry, path, circumstances = opening.entry, opening.path, opening.circumstances
    for shape in shapes_of(entry.document, path, world.patterns, opening.listened):
        part = slices.of(shape.host)
        at = (path.host.lower(), path.text)
        if not world.take(part.size):
            return
        # Where production has one route, and lane and all lead by it to its own Service, so does production alone.
        if part.routes == 1:
            answer = part.together().route(shape.request(), circumstances)
            if comes_in(answer, entry, path, shape) and _is_by_itself(answer, opening.base, lane.plan):
                yield Way(
                    entry=entry,
                    place=at,
                    part=part,
                    shape=shape,
                    circumstances=circumstances,
                    answer=answer,
                    base=opening.base,
                    is_by_itself=True,
                )
                return
        answer = part.production().route(shape.request(), circumstances)
        yield Way(
            entry=entry,
            place=at,
            part=part,
            shape=shape,
            circumstances=circumstances,
            answer=answer,
            base=opening.base,
        )
        if comes_in(answer, entry, path, shape):
            return


def _is_by_itself(answer: Answer, base: frozenset[str], plan: ReleasePlan) -> bool:
    """Tell whether a request goes to Services of the baseline, without the lane's header."""
    carrier = plan.spec.lane.carrier
    return len(answer.destinations) == 1 and all(
        to.service in base and put_tag(to, carrier) is None for to in answer.destinations
    )


def _paths(entry: Entry) -> Iterable[Sequence[EntryPath]]:
    """Return each opened path, as often as there are Services that it leads to."""
    found: dict[tuple[int, int, str], list[EntryPath]] = {}
    for path in entry.paths:
        found.setdefault((path.rule, path.path, path.host), []).append(path)
    return found.values()


def _gray_services(plan: ReleasePlan) -> dict[str, frozenset[str]]:
    """Return name of a Service → names of its gray copies, of all namespaces."""
    found: dict[str, frozenset[str]] = {}
    for key, name in plan.gray_names.items():
        if key.group_kind == _SERVICE:
            found[key.name] = found.get(key.name, frozenset()) | {name}
    return found


def _is_sure(lane: Lane, way: Way, opened: frozenset[_Opened], before: Sequence[Document]) -> bool | None:
    """Tell whether a request that comes in elsewhere in production is one that the rules speak of.

    Returns:
        None where there is nothing to ask; False where another request may come in by the path.
    """
    answer, shape = way.answer, way.shape
    if answer.refused:
        lane.is_unproved(f"the simulator does not follow it: {answer.refused}")
        return None
    by = answer.entry
    if answer.status is not None:
        reason = _NONE_COMES_IN if by is None else _ANSWERED_BY.format(by.object, answer.status)
        lane.is_unproved(reason.format(shape.host, shape.path))
        return None
    if by is not None and (by.object, by.host.lower(), by.path) in opened:
        return None  # Another path that is opened too, which has requests of its own.
    there = None if by is None else next((each for each in before if ref_of(each) == by.object), None)
    is_elsewhere = there is not None and not may_meet(way.entry.document, there)
    return shape.is_whole and not shape.is_pattern and not is_elsewhere


def _ask(
    lane: Lane,
    way: Way,
    carried: Carried,
    lanes: _Meant,
    world: _World,
    *,
    of: _Other | None = None,
) -> None:
    """Ask one request, and note it where it goes elsewhere.

    Args:
        lanes: those that may take requests from each other, this one among them.
        of: the lane that lives beside and whose rule it meets; None for a rule of the lane itself.
    """
    if world.is_spent(way.part.size + lanes.size):
        return
    request = way.shape.request(carried)
    headers = {name.lower(): value for name, value in request.headers}
    cookies, query = dict(request.cookies), first_values(request.query)
    try:
        percent = share(lane.meaning, headers, cookies, _found, query=query)
        theirs = lanes.shares({Part.HEADER: headers, Part.COOKIE: cookies, Part.QUERY: query}, lane)
    except CostlyExpression as error:
        lane.is_unproved(str(error))
        return
    is_plain = carried.is_plain
    if is_plain and way.is_by_itself and percent == 0:
        return
    # What meets rules of two releases is reported for both.
    if (
        any(taken == 100 for other, taken in theirs if other is not of)
        or (of is not None and percent)
        or not world.take(lanes.size + way.part.size * (1 if percent == 100 else 2))
    ):
        return
    answer = way.part.together().route(request, way.circumstances)
    if answer.refused:
        lane.is_unproved(f"the simulator does not follow it: {answer.refused}")
        return
    gray = _share_of(answer, lambda to: _is_gray(to, way, lane.plan))
    if percent == 100 and way.gray and _near(gray, percent) and not way.is_of_others:
        return
    production = way.answer if is_plain else way.part.production().route(request, way.circumstances)
    if production.refused or (production.status is not None and production.status == answer.status):
        return
    is_alone = not theirs
    if carried.is_of_another and percent < 100 and (not is_alone or _is_unchanged(answer, production)):
        return
    failure = Failure(way=way, carried=carried, percent=percent, gray=gray, answer=answer, production=production)
    if way.is_of_others and percent and _near(gray, percent) and production.entry is not None:
        cause = (ref_of(way.entry.document), production.entry.object)
        lane.of_others.setdefault(cause, []).append(failure)
        return
    if _near(gray, percent) and _rest_stays(answer, production, way, lane, is_alone=is_alone):
        return
    if not way.is_sure:
        lane.is_unproved(_NONE_COMES_IN.format(way.shape.host, way.shape.path))
        return
    lane.failures.append(failure)


def _found(pattern: str, text: str) -> bool:
    try:
        return is_found(pattern, text)
    except BadExpression:
        return False


def _is_gray(to: Destination, way: Way, plan: ReleasePlan) -> bool:
    """Tell whether a destination is where the rules of a release lead; where no service is released, is coloured."""
    if way.gray:
        return to.status is None and to.service in way.gray
    return put_tag(to, plan.spec.lane.carrier) == plan.spec.tag


def _rest_stays(answer: Answer, production: Answer, way: Way, lane: Lane, *, is_alone: bool) -> bool:
    """Tell whether what does not go gray goes where it goes in production.

    Args:
        is_alone: no other release takes a share of such requests.
    """
    rest = [to for to in answer.destinations if not _is_gray(to, way, lane.plan)]
    if not is_alone:
        return True
    if not way.gray or len(rest) == len(answer.destinations):
        return _is_unchanged(answer, production)
    was, left = _shares(production), {_place_of(to) for to in rest}
    # Where others have shares besides, the lane may take all of its own from the Service that it is a copy of.
    return left <= was.keys() and all(service in way.base for _, service, _, _, _ in was.keys() - left)


def _is_unchanged(answer: Answer, production: Answer) -> bool:
    """Tell whether a request goes where it goes in production."""
    was, now = _shares(production), _shares(answer)
    return (
        answer.status == production.status
        and was.keys() == now.keys()
        and all(_near(was[place], now[place]) for place in was)
    )


def _shares(answer: Answer) -> dict[_Place, Fraction]:
    found: dict[_Place, Fraction] = {}
    for to in answer.destinations:
        found[_place_of(to)] = found.get(_place_of(to), Fraction(0)) + to.percent
    return found


def _place_of(to: Destination) -> _Place:
    return (to.namespace, to.service, to.port, to.subset, to.status)


def _share_of(answer: Answer, is_meant: Callable[[Destination], bool]) -> Fraction:
    return sum((to.percent for to in answer.destinations if is_meant(to)), start=Fraction(0))


def _near(one: Fraction, other: Fraction | int) -> bool:
    return abs(one - other) < _NEARLY
