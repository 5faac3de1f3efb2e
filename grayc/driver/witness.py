"""The witness: for every rule, a request that enters the lane by each opened path, and others that do not.

Each request is asked of the gateway's simulator, over production and lane together. It must go gray where the rules say
so (`analysis.traffic`), and else where it goes without the lane. What production answers itself, it may answer still.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction

from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.routes import backends_of, is_canary, servers_of
from grayc.analysis.traffic import Meaning, meaning_of, share
from grayc.diagnostics import Diagnostic, Note
from grayc.diagnostics.shell import path as shell_path
from grayc.diagnostics.shell import word
from grayc.documents import Document
from grayc.documents.ingresses import ingress_class
from grayc.driver.expect import applied
from grayc.driver.model import Release
from grayc.driver.witness_requests import Asked, Carried, Shape, asked_by_canaries, asked_of, listener_hosts, shapes_of
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import Entry, EntryPath, ReleasePlan
from grayc.routing.hops import lanes_of
from grayc.routing.matching import BadExpression, CostlyExpression, Matching, is_found, matching, ref_of, shown_header
from grayc.routing.model import Answer, Candidate, Circumstances, Destination, ObjectRef, Request, Routed
from grayc.routing.shares import place
from grayc.routing.slices import Slice, Slices, may_meet
from grayc.spec.findings import at_spec

MAX_REQUESTS = 4_000
"""Requests that one run asks."""

MAX_LOOKS = 1_000_000
"""Objects and conditions that one run compares requests with; counted, so that every machine asks the same."""

MAX_TOLD = 20
"""Requests of one release that are told; of those with one cause, the first only."""

# Shares are whole percents, and what is off by less is a gateway's rounding.
_NEARLY = Fraction(1, 2)

_MAX_OWN = 3
_MAX_NEAR_MISSES = 20
_SERVICE = ("", "Service")
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """One path of an entry, and the request that comes in by it.

    Attributes:
        place: its host in lower case, and its path as written.
        circumstances: by which servers the request comes in.
        answer: where the request goes in production when it meets no rule.
        base: names of the Services that it leads to.
        gray: names of the gray copies of the Services that it leads to; empty where requests are coloured only.
        is_by_itself: without a rule it goes there with the lane too.
        is_sure: the path is opened to this request; else another may come in by it.
    """

    entry: Entry
    place: tuple[str, str]
    part: Slice
    shape: Shape
    circumstances: Circumstances
    answer: Answer
    base: frozenset[str] = frozenset()
    gray: frozenset[str] = frozenset()
    is_sure: bool = True
    is_by_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Failure:
    """A request that does not go where the rules say."""

    way: _Way
    carried: Carried
    percent: int
    gray: Fraction
    answer: Answer
    production: Answer


@dataclass(slots=True, kw_only=True, eq=False)
class _Lane:
    """A release that is asked."""

    release: Release
    meaning: Meaning
    asked: Asked
    ways: list[_Way] = field(default_factory=list)
    failures: list[_Failure] = field(default_factory=list)
    unproved: dict[str, int] = field(default_factory=dict)

    @property
    def plan(self) -> ReleasePlan:
        """Its plan."""
        return self.release.plan

    def opens(self, gateway: GatewayName) -> bool:
        """Tell whether it has an entry on a gateway."""
        return any(entry.gateway is gateway for entry in self.plan.entries)

    def is_unproved(self, reason: str) -> None:
        """Count what could not be asked."""
        self.unproved[reason] = self.unproved.get(reason, 0) + 1


class _World:
    """Production with and without the lanes, cut for each controller, and what there is left to ask of it.

    Attributes:
        unasked: how many requests were one too many.
    """

    def __init__(self, releases: Sequence[Release]) -> None:
        baseline = {document.place: document for release in releases for document in release.plan.baseline}
        self.before = tuple(baseline.values())
        self.after = applied(releases)
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


def check_witnesses(releases: Sequence[Release]) -> tuple[Diagnostic, ...]:
    """Return the rules whose requests do not enter the lane, or whose lane takes others.

    Diagnostics:
        GC525: a request does not go where the rules say.
        GC540: that a rule enters could not be shown.
        GC541: there is more to ask than is asked.
    """
    opening = [release for release in releases if release.plan.entries and release.plan.rules]
    if not opening:
        return ()
    world = _World(releases)
    with matching(world.budget):
        return _checked(opening, world)


def _checked(opening: Sequence[Release], world: _World) -> tuple[Diagnostic, ...]:
    lanes = [_lane(release, world) for release in opening]
    # Every path is asked for the first value of each rule before any is for the second.
    for turn in range(max(len(lane.asked.carried) for lane in lanes)):
        for lane in lanes:
            if turn < len(lane.asked.carried):
                carried = lane.asked.carried[turn]
                # What a rule lets in besides is written alike for every path.
                for way in lane.ways[:_MAX_NEAR_MISSES] if carried.is_near_miss else lane.ways:
                    others = [other for other in lanes if other is not lane and other.opens(way.part.gateway)]
                    _ask(lane, way, carried, others, world)
    for lane in lanes:
        for way in lane.ways:
            for carried in world.canaries(way.part):
                _ask(lane, way, carried, [other for other in lanes if other is not lane], world)
    diagnostics = [diagnostic for lane in lanes for diagnostic in _told(lane, world.after)]
    return (*diagnostics, _more(lanes[0], world)) if world.unasked else tuple(diagnostics)


def _lane(release: Release, world: _World) -> _Lane:
    """Return a release with the requests that come in by each path that it opens."""
    plan = release.plan
    meaning = meaning_of(plan.rules)
    lane = _Lane(release=release, meaning=meaning, asked=asked_of(meaning, plan.rules, world.patterns))
    for rule in lane.asked.unasked:
        lane.is_unproved(f"no value is at hand in which `{shown_header(rule.name, rule.pattern or '')}` is found")
    opened = frozenset(
        (ref_of(entry.document), path.host.lower(), path.text) for entry in plan.entries for path in entry.paths
    )
    copies = _gray_services(plan)
    for entry in plan.entries:
        slices = world.slices(plan, entry)
        # Once for each entry: both look through the baseline.
        circumstances = Circumstances(servers=servers_of(entry.document, plan.baseline))
        is_open = any(not path.host or path.host.startswith("*") for path in entry.paths)
        listened = listener_hosts(entry.document, plan.baseline) if is_open else ()
        for paths in _paths(entry):
            base = frozenset(path.baseline_service for path in paths)
            opening = _Opening(entry=entry, path=paths[0], circumstances=circumstances, listened=listened, base=base)
            found = list(_found_ways(lane, opening, slices, world))
            if not found:
                continue
            came_in = [way for way in found if _comes_in(way.answer, entry, paths[0])]
            way = (came_in or found)[0]
            is_sure = True if came_in else _is_sure(lane, way, opened, world.before)
            if is_sure is not None:
                released = [path.baseline_service for path in paths if path.service is not None]
                names = [name for service in released for name in copies.get(service, ())]
                lane.ways.append(replace(way, gray=frozenset(names), is_sure=is_sure))
    return lane


def _found_ways(lane: _Lane, opening: _Opening, slices: Slices, world: _World) -> Iterator[_Way]:
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
            if _comes_in(answer, entry, path) and _is_by_itself(answer, opening.base, lane.plan):
                yield _Way(
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
        yield _Way(
            entry=entry,
            place=at,
            part=part,
            shape=shape,
            circumstances=circumstances,
            answer=answer,
            base=opening.base,
        )
        if _comes_in(answer, entry, path):
            return


def _is_by_itself(answer: Answer, base: frozenset[str], plan: ReleasePlan) -> bool:
    """Tell whether a request goes to Services of the baseline, without the lane's header."""
    header = plan.spec.lane.header.lower()
    return len(answer.destinations) == 1 and all(
        to.service in base and not any(change.name == header and change.value is not None for change in to.changes)
        for to in answer.destinations
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


def _comes_in(answer: Answer, entry: Entry, path: EntryPath) -> bool:
    """Tell whether a request came in by a path of an entry, or of one that delegates to it."""
    by, decider, own = answer.entry, answer.decided_by, ref_of(entry.document)
    if by is None or (by.object != own and (decider is None or decider.object != own)):
        return False
    # A GRPCRoute's path is a method, which a simulator writes as an expression.
    return by.path in (path.text, path.text or "/") or own.kind == "GRPCRoute"


def _is_sure(lane: _Lane, way: _Way, opened: frozenset[_Opened], before: Sequence[Document]) -> bool | None:
    """Tell whether a request that comes in elsewhere in production is one that the rules speak of.

    Returns:
        None where there is nothing to ask; False where another request may come in by the path.
    """
    answer, shape = way.answer, way.shape
    if answer.refused:
        lane.is_unproved(f"the simulator does not follow it: {answer.refused}")
        return None
    by = answer.entry
    if by is not None and (by.object, by.host.lower(), by.path) in opened:
        return None  # Another path that is opened too, which has requests of its own.
    if answer.status is not None:
        if by is None:
            lane.is_unproved(_NONE_COMES_IN.format(shape.host, shape.path))
        return None  # Production answers it itself.
    there = None if by is None else next((each for each in before if ref_of(each) == by.object), None)
    is_elsewhere = there is not None and not may_meet(way.entry.document, there)
    return shape.is_whole and not shape.is_pattern and not is_elsewhere


def _ask(lane: _Lane, way: _Way, carried: Carried, others: Sequence[_Lane], world: _World) -> None:
    """Ask one request, and note it where it goes elsewhere."""
    # What rules mean is looked through for each request, as objects are.
    meant = sum(len(each.meaning.conditions) for each in (lane, *others))
    if world.is_spent(way.part.size + meant):
        return
    request = way.shape.request(carried)
    headers = {name.lower(): value for name, value in request.headers}
    cookies = dict(request.cookies)
    try:
        percent = share(lane.meaning, headers, cookies, _found)
        theirs = [share(other.meaning, headers, cookies, _found) for other in others]
    except CostlyExpression as error:
        lane.is_unproved(str(error))
        return
    is_plain = not carried.headers and not carried.cookies
    if is_plain and way.is_by_itself and percent == 0:
        return
    # What meets rules of two releases is told of them both.
    if 100 in theirs or not world.take(meant + way.part.size * (1 if percent == 100 else 2)):
        return
    answer = way.part.together().route(request, way.circumstances)
    if answer.refused:
        lane.is_unproved(f"the simulator does not follow it: {answer.refused}")
        return
    gray = _share_of(answer, lambda to: _is_gray(to, way, lane.plan))
    if percent == 100 and way.gray and _near(gray, percent):
        return
    production = way.answer if is_plain else way.part.production().route(request, way.circumstances)
    if production.refused or (production.status is not None and production.status == answer.status):
        return
    is_alone = not any(theirs)
    if carried.is_of_another and percent < 100 and (not is_alone or _is_unchanged(answer, production)):
        return
    if _near(gray, percent) and _rest_stays(answer, production, way, lane, is_alone=is_alone):
        return
    if not way.is_sure:
        lane.is_unproved(_NONE_COMES_IN.format(way.shape.host, way.shape.path))
        return
    lane.failures.append(
        _Failure(way=way, carried=carried, percent=percent, gray=gray, answer=answer, production=production)
    )


def _found(pattern: str, text: str) -> bool:
    try:
        return is_found(pattern, text)
    except BadExpression:
        return False


def _is_gray(to: Destination, way: _Way, plan: ReleasePlan) -> bool:
    """Tell whether a destination is where the rules of a release lead; where no service is released, is coloured."""
    if way.gray:
        return to.status is None and to.service in way.gray
    header = plan.spec.lane.header.lower()
    return any(change.name == header and change.value == plan.spec.tag for change in to.changes)


def _rest_stays(answer: Answer, production: Answer, way: _Way, lane: _Lane, *, is_alone: bool) -> bool:
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


def _told(lane: _Lane, after: Sequence[Document]) -> Iterator[Diagnostic]:
    """Yield what was found of a release; of requests with one cause, the first."""
    own = {ref_of(document) for document in lane.release.documents}
    first: dict[tuple[object, bool, Candidate | None], list[_Failure]] = {}
    for failure in lane.failures:
        cause = (failure.way.entry.document.place, failure.percent == 0, _winner(failure, own))
        first.setdefault(cause, []).append(failure)
    for (_, _, winner), failures in list(first.items())[:MAX_TOLD]:
        yield _elsewhere(lane, failures, winner, own, after)
    if len(first) > MAX_TOLD:
        spec = lane.plan.spec
        yield at_spec(
            spec,
            ("spec", "traffic", "rules"),
            key=True,
            code="GC525",
            message=f"requests of {len(first) - MAX_TOLD} more causes do not go where the rules of release "
            f"`{spec.name}` say",
            help="mend those that are told, and build again",
        )
    if lane.unproved:
        spec = lane.plan.spec
        reason = next(iter(lane.unproved))
        more = sum(lane.unproved.values()) - 1
        yield at_spec(
            spec,
            ("spec", "traffic", "rules"),
            key=True,
            code="GC540",
            message=f"that the rules of release `{spec.name}` enter its lane is not proved everywhere: {reason}"
            + (f", and {more} more like it" if more else ""),
            help="ask such a request of the lane itself once it is applied",
        )


def _winner(failure: _Failure, own: Set[ObjectRef]) -> Candidate | None:
    """Return what has the request before the lane; None where nothing has it.

    Args:
        own: the objects of the lane.
    """
    answer, entry = failure.answer, ref_of(failure.way.entry.document)
    by = answer.decided_by
    decided = None if by is None else Candidate(object=by.object, rule=by.rule, outcome="won", won=True)
    if decided is None or decided.object != entry or failure.percent == 0:
        return decided
    # The entry's own path has it: another canary on it was asked, and the lane's was not.
    asked = (
        each
        for each in answer.candidates
        if each.object != entry and each.object not in own and not each.outcome.startswith("never read")
    )
    # Of one that lets nobody in, a simulator need not tell.
    idle = (
        Candidate(object=ref_of(document), rule="canary", outcome="has the route", won=True)
        for document in failure.way.part.before
        if document.identity.kind == "Ingress" and is_canary(document)
        for backend in backends_of(document)
        if (backend.host.lower(), backend.text) == failure.way.place
    )
    return next(asked, None) or next(idle, decided)


def _elsewhere(
    lane: _Lane,
    failures: Sequence[_Failure],
    winner: Candidate | None,
    own: Set[ObjectRef],
    after: Sequence[Document],
) -> Diagnostic:
    """Tell of the first of the requests that one winner has."""
    failure, more = failures[0], len(failures) - 1
    plan, way, answer = lane.plan, failure.way, failure.answer
    spec, request = plan.spec, way.shape.request(failure.carried)
    lanes = lanes_of(after)
    goes, went = (
        place(
            Routed(
                gateway=way.part.gateway,
                request=request,
                answer=each,
                lanes=tuple(lanes.of(to) for to in each.destinations),
                hops=(),
                why=(),
            )
        )
        for each in (answer, failure.production)
    )
    by = f" by `{winner.rule}` of `{winner.object}`" if winner is not None else ""
    shown = _shown(request)
    if failure.percent == 100:
        message = f"{shown} meets a rule and does not enter the lane: it goes to {goes}{by}"
    elif failure.percent:
        message = f"{failure.percent} % of {shown} is to enter the lane, and {float(failure.gray):g} % does: {goes}{by}"
    else:
        message = (
            f"{shown} meets no rule and does not stay where it is: it goes to {goes}{by}, without the lane to {went}"
        )
    rule = failure.carried.rule
    path = rule.path if rule is not None else ("spec", "traffic", "rules")
    notes = [Note(message=f"ask it: {_command(lane, request)}")]
    if winner is not None and winner.object not in own:
        there = next((document for document in after if ref_of(document) == winner.object), None)
        if there is not None:
            notes.append(Note(message=f"`{winner.object}` has the request", span=there.span(("metadata", "name"))))
    notes += [
        Note(message=f"`{each.object}`, {each.rule}: {each.outcome}")
        for each in answer.candidates
        if each.object in own and not each.won
    ][:_MAX_OWN]
    if more:
        notes.append(Note(message=f"{more} more request{'' if more == 1 else 's'} for the same reason"))
    return at_spec(
        spec,
        path,
        key=rule is None,
        code="GC525",
        message=message,
        object=way.entry.document.identity.ref,
        notes=tuple(notes),
        help="take away what has the request before the lane, let the rules ask for something else, or open other "
        "entries with `spec.traffic.entries`",
    )


def _shown(request: Request) -> str:
    """Return a request in words."""
    carried = [f"`{name}: {shown_header(name, value)}`" for name, value in request.headers]
    carried += [f"`cookie: {name}={shown_header(name, value)}`" for name, value in request.cookies]
    query = f"?{request.query}" if request.query else ""
    return f"`{request.method} {request.host}{request.path}{query}`" + (
        f" with {', '.join(carried)}" if carried else ""
    )


def _command(lane: _Lane, request: Request) -> str:
    """Return the command that asks a request."""
    source = lane.plan.spec.document.file
    words = ["grayc route", "-" if source.startswith("<") else shell_path(source)]
    words += [f"--host={word(request.host)}"]
    query = f"?{request.query}" if request.query else ""
    words.append(f"--path={word(request.path + query)}")
    if request.method != "GET":
        words.append(f"--method={word(request.method)}")
    words += [f"-H {word(f'{name}: {shown_header(name, value)}')}" for name, value in request.headers]
    words += [f"--cookie={word(f'{name}={shown_header(name, value)}')}" for name, value in request.cookies]
    return f"`{' '.join(words)}`"


def _more(lane: _Lane, world: _World) -> Diagnostic:
    return at_spec(
        lane.plan.spec,
        ("spec", "traffic", "rules"),
        key=True,
        code="GC541",
        message=f"{world.unasked} requests of the rules' proof are not asked: one run asks {MAX_REQUESTS}, of "
        f"{MAX_LOOKS} objects",
        help="every path is asked for the first value of each rule before any is for the second; build fewer releases "
        "at once to have all asked",
    )
