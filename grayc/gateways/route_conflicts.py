"""What an entry of the Gateway API meets: its own conditions, other routes of its listeners, what stands by it."""

from collections.abc import Iterator, Sequence

import re2

from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.routes import GatewayListeners
from grayc.analysis.traffic import Ask, Line, Meaning, meaning_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.gateways import GRPC_ROUTE, HTTP_ROUTE
from grayc.k8s.kinds import CORE
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass
from grayc.spec.model import Part

Plain = dict[str, object]


def opened_rules(entry: Entry) -> list[tuple[Plain, list[Plain]]]:
    """Return the rules of the base that the release opens, each with the matches that it opens."""
    wanted: dict[int, list[int]] = {}
    for path in entry.paths:
        places = wanted.setdefault(path.rule, [])
        if path.path not in places:
            places.append(path.path)
    found = []
    for at, rule in enumerate(get_list(entry.document.data, ("spec", "rules"))):
        if at in wanted and is_mapping(rule):
            matches = [match for match in get_list(rule, ("matches",)) if is_mapping(match)] or [
                _any_of(entry.document)
            ]
            found.append((rule, [matches[place] for place in wanted[at]]))
    return found


Rank = tuple[str, str, bool, int, int]
"""Type and text of a match's path, whether it names a method, and how many headers and query parameters it names."""


def _any_of(route: Document) -> Plain:
    """Return the match that a rule without any has."""
    return {} if route.identity.group_kind == GRPC_ROUTE else {"path": {"type": "PathPrefix", "value": "/"}}


def _rank(match: object) -> Rank:
    """Return the rank of a match; a GRPCRoute's method is a path, and as a mapping no method of HTTP.

    Source: envoyproxy/gateway v1.9.0, internal/gatewayapi/route.go, processGRPCRouteMethodExact.
    """
    headers, queries = len(get_list(match, ("headers",))), len(get_list(match, ("queryParams",)))
    asked = get_map(match, ("method",))
    if asked:
        parts = [get_text(asked, (part,)) for part in ("service", "method")]
        kind = "RegularExpression" if get_text(asked, ("type",)) == "RegularExpression" else "Exact"
        if all(parts) or kind == "RegularExpression" or not any(parts):
            return (
                (kind if any(parts) else "PathPrefix"),
                f"/{'/'.join(parts)}".rstrip("/") or "/",
                False,
                headers,
                queries,
            )
        return (
            ("PathPrefix", f"/{parts[0]}", False, headers, queries)
            if parts[0]
            else ("Ending", parts[1], False, headers, queries)
        )
    path = get_map(match, ("path",))
    return (
        get_text(path, ("type",)) or "PathPrefix",
        get_text(path, ("value",)) or "/",
        bool(get_text(match, ("method",))),
        headers,
        queries,
    )


def _gray_ranks(match: Plain, meaning: Meaning, *, grpc: bool) -> tuple[list[tuple[Rank, Line]], Rank | None]:
    """Return the ranks of what the lane makes of a match: for each line, and for a share."""
    kind, text, method, headers, queries = _rank(match)
    share = int(bool(meaning.percent))
    named = method or (bool(share) and not grpc)
    headers += share if grpc else 0
    return (
        [
            ((kind, text, named, headers + line.count(Part.HEADER), queries + line.count(Part.QUERY)), line)
            for line in meaning.lines
        ],
        (kind, text, named, headers, queries) if share else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """A match of the baseline, and where it stands."""

    route: Document
    at: int
    place: Path
    match: object
    key: tuple[object, int, int]
    rank: Rank


class RouteConflicts:
    """What opened routes of the Gateway API meet in the baseline, which is read once."""

    def __init__(self, plan: ReleasePlan) -> None:
        self._plan = plan
        self._meaning = meaning_of(plan.rules)
        self._listeners = GatewayListeners(plan.baseline)
        self._own = {(entry.document.place, path.rule, path.path) for entry in plan.entries for path in entry.paths}
        self._meetings = PatternMeetings()
        # Host, type and text of a path → the matches of all routes.
        self._others: dict[tuple[str, str, str], list[_Other]] = {}
        for route in plan.baseline:
            if route.identity.group_kind in (HTTP_ROUTE, GRPC_ROUTE):
                hosts = {host for host in get_list(route.data, ("spec", "hostnames")) if isinstance(host, str)} or {""}
                for other in _matches_of(route):
                    for host in hosts:
                        self._others.setdefault((host, *other.rank[:2]), []).append(other)

    def of(self, entry: Entry) -> Iterator[Diagnostic]:
        """Find what of an opened route, or of others on its listeners, does not go with the lane's matches.

        Diagnostics:
            GC503: the route sets the lane's header itself.
            GC512: a gray match comes before a rule of the baseline that the release does not open.
            GC514: the route asks for a header that a rule asks for too.
            GC531: a rule of the baseline takes the requests that a rule means.
            GC533: a share of its requests is mirrored.
        """
        yield from _asks_itself(entry, self._plan)
        yield from self._met(entry)
        yield from _mirrored(entry, self._plan)

    def gateways(self) -> Iterator[Diagnostic]:
        """Say once which Gateways of the opened routes nobody shows.

        Diagnostics:
            GC532: the baseline does not hold a Gateway.
        """
        missing = {
            name: each.document for each in self._plan.entries for name in self._listeners.missing(each.document)
        }
        if missing:
            first = next(iter(missing.values()))
            yield Diagnostic(
                code="GC532",
                message=f"the baseline does not hold {', '.join(f'`{name}`' for name in missing)}: every route that "
                "names it is taken to be on it",
                span=first.span(("spec", "parentRefs")),
                object=first.identity.ref,
                help="add its file to `spec.baseline`: then hosts, ports and namespaces of its listeners count too",
            )

    def _met(self, entry: Entry) -> Iterator[Diagnostic]:
        grpc = entry.document.identity.group_kind == GRPC_ROUTE
        said: set[tuple[object, int, int]] = set()
        for host in dict.fromkeys(path.host for path in entry.paths):
            for mine in (match for _, matches in opened_rules(entry) for match in matches):
                base = _rank(mine)
                lines, shared = _gray_ranks(mine, self._meaning, grpc=grpc)
                highest = max((rank[2:] for rank in (*(rank for rank, _ in lines), shared) if rank), default=None)
                for other in self._others.get((host, *base[:2]), ()):
                    told = other.key in self._own or other.key in said
                    if told or not self._listeners.shared(entry.document, other.route):
                        continue
                    if highest is not None and base[2:] < other.rank[2:] < highest:
                        said.add(other.key)
                        yield _comes_after(entry, other)
                        continue
                    below = [line for rank, line in lines if line.enters and other.rank[2:] >= rank[2:]]
                    name = next(_asks_the_same(other.match, mine, below, self._meetings), None)
                    if name is not None:
                        said.add(other.key)
                        yield _comes_before(entry, other, name)


def _matches_of(route: Document) -> Iterator[_Other]:
    for at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
        matches = get_list(rule, ("matches",))
        for match_at, match in enumerate(matches or [_any_of(route)]):
            yield _Other(
                route=route,
                at=at,
                place=("spec", "rules", at, *(("matches", match_at) if matches else ())),
                match=match,
                key=(route.place, at, match_at),
                rank=_rank(match),
            )


def _asks_itself(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    route, header = entry.document, plan.spec.lane.carrier.header
    asked = {ask.carrier for line in meaning_of(plan.rules).lines for ask in line.asks}
    opened = {(path.rule, path.path) for path in entry.paths}
    for at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
        if at not in {rule_at for rule_at, _ in opened}:
            continue
        for filter_at, item in enumerate(get_list(rule, ("filters",))):
            for verb in ("set",) if plan.spec.lane.carrier.is_shared else ("set", "add"):
                for name_at, change in enumerate(get_list(item, ("requestHeaderModifier", verb))):
                    if get_text(change, ("name",)).lower() == header.lower():
                        place: Path = (
                            "spec", "rules", at, "filters", filter_at, "requestHeaderModifier", verb, name_at, "name",
                        )  # fmt: skip
                        yield Diagnostic(
                            code="GC503",
                            message=f"{route.identity.kind} `{route.identity.name}` sets the lane's header `{header}` "
                            "itself",
                            span=route.span(place),
                            object=route.identity.ref,
                            help="take it away, or choose another header with `spec.lane.header`",
                        )
        for match_at, match in enumerate(get_list(rule, ("matches",))):
            for key, part in (("headers", Part.HEADER), ("queryParams", Part.QUERY)):
                for own_at, own in enumerate(get_list(match, (key,))):
                    name = get_text(own, ("name",))
                    read = name.lower() if part is Part.HEADER else name
                    if (at, match_at) not in opened or (part, read) not in asked:
                        continue
                    what = "header" if part is Part.HEADER else "query parameter"
                    yield Diagnostic(
                        code="GC514",
                        message=f"{route.identity.kind} `{route.identity.name}` asks for {what} `{name}` itself, and "
                        f"of two conditions on one {what} a route reads the first only",
                        span=route.span(("spec", "rules", at, "matches", match_at, key, own_at, "name")),
                        object=route.identity.ref,
                        help=f"open the lane by another {what}, or by a weight",
                    )


def _comes_after(entry: Entry, other: _Other) -> Diagnostic:
    route = other.route
    return Diagnostic(
        code="GC512",
        message=f"requests that rule {other.at + 1} of {route.identity.kind} `{route.identity.name}` takes from path "
        f"`{other.rank[1]}` would go gray before it is asked: what the lane adds to a match outranks its own",
        span=route.span(other.place),
        object=route.identity.ref,
        notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
        help="release the service behind it too, or give it a path of its own",
    )


def _comes_before(entry: Entry, other: _Other, asked: str) -> Diagnostic:
    route = other.route
    return Diagnostic(
        code="GC531",
        message=f"rule {other.at + 1} of {route.identity.kind} `{route.identity.name}` asks for {asked} too "
        f"and takes the requests of path `{other.rank[1]}` that are to go gray",
        span=route.span(other.place),
        object=route.identity.ref,
        notes=(
            Note(
                message="the entry; of two matches that ask for as much the older one counts",
                span=entry.document.span(("metadata", "name")),
            ),
        ),
        help="open the lane by another header, or take that rule away, or release the service behind it",
    )


def _asks_the_same(theirs: object, mine: Plain, lines: Sequence[Line], meetings: PatternMeetings) -> Iterator[str]:
    """Yield by what a match of the baseline takes requests that a line means to go gray: all that it asks besides.

    Which of two matches comes first, one with a value or one with an expression, is not the same in all releases of
    the implementations, so a match counts whichever it has.
    """
    more: list[tuple[Part, object]] = []
    for key, part in (("headers", Part.HEADER), ("queryParams", Part.QUERY)):
        held = {_told(item, part) for item in get_list(mine, (key,))}
        more += [(part, item) for item in get_list(theirs, (key,)) if _told(item, part) not in held]
    for line in lines if more else ():
        if all(any(_takes(item, part, ask, meetings) for ask in line.asks) for part, item in more):
            part, item = more[0]
            yield f"{'header' if part is Part.HEADER else 'query parameter'} `{get_text(item, ('name',))}`"


def _told(item: object, part: Part) -> tuple[str, str, str]:
    name = get_text(item, ("name",))
    return (
        name.lower() if part is Part.HEADER else name,
        get_text(item, ("type",)) or "Exact",
        get_text(item, ("value",)),
    )


def _takes(item: object, part: Part, ask: Ask, meetings: PatternMeetings) -> bool:
    """Tell whether a match takes what is asked of the same header or parameter; where that is not known, it does."""
    name, kind, wanted = _told(item, part)
    if ask.carrier != (part, name):
        return False
    if ask.pattern is not None:
        if kind == "Exact":
            return re2.search(ask.pattern, wanted) is not None
        met = meetings.meet(ask.pattern, _whole(wanted))
        return met.text is not None or not met.is_known
    values = [f"{ask.name}={value}" if ask.part is Part.COOKIE else value for value in ask.values]
    if kind == "Exact":
        return wanted in values
    try:
        return any(re2.fullmatch(wanted, value) for value in values)
    except re2.error:
        return False


def _whole(pattern: str) -> str:
    anchored = pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith("\\$")
    return pattern if anchored else f"^(?:{pattern})$"


def _mirrored(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    route = entry.document
    percent = meaning_of(plan.rules).percent
    for at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
        for item_at, item in enumerate(get_list(rule, ("filters",))):
            ref = get_map(item, ("requestMirror", "backendRef"))
            namespace = get_text(ref, ("namespace",)) or route.identity.namespace
            name = get_text(ref, ("name",))
            if (
                0 < percent < 100
                and at in {path.rule for path in entry.paths}
                and get_text(ref, ("kind",)) in ("", "Service")
                and plan.gray_name((CORE, "Service"), namespace, name) is not None
            ):
                yield Diagnostic(
                    code="GC533",
                    message=f"{route.identity.kind} `{route.identity.name}` mirrors to released Service `{name}`, and "
                    "a mirror belongs to a whole rule: what the share sends gray is mirrored to the baseline's",
                    span=route.span(("spec", "rules", at, "filters", item_at, "requestMirror", "backendRef", "name")),
                    object=route.identity.ref,
                    help="open the lane by a header or cookie, whose rules mirror to the gray Service",
                )
