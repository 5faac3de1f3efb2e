"""Istio at the gateway: routes for the lane in front of the baseline's own, in the baseline's own VirtualService.

Sources: istio/api b8f8791, networking/v1alpha3/virtual_service.proto; istio/istio 86c9f01,
pilot/pkg/networking/core/route/route.go and pkg/config/validation:

- the first route of a VirtualService that matches counts, and nothing is sorted;
- two VirtualServices of one host at one gateway are joined, the older first: what stands behind a catch-all of the
  older is never asked. So the lane's routes can stand in no object of their own, and are a change of the baseline's;
- a route's matches are alternatives, the conditions of a match are not; header names are in lower case;
- a regular expression must match the whole value;
- a delegate's route is one of the gateway's as far as its root lets it in (pilot/pkg/model/virtualservice.go): it is
  opened in the delegate, with what the root's matches ask of it;
- a VirtualService may serve the mesh besides its Gateways: there nothing changes.
"""

import copy
from collections.abc import Iterable, Iterator
from itertools import product
from math import gcd

from grayc.analysis.routes import host_of, roots_of, unread_sections
from grayc.analysis.traffic import Ask, Line, meaning_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import note_at
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.gateways import patterns
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import routes_to_guard
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import GatewayName
from grayc.k8s.kinds import CORE
from grayc.k8s.virtual_services import (
    MESH,
    contradicts,
    gateways_of,
    in_full,
    is_for_gateways,
    match_in_full,
    matches_of,
    merge_routes,
)
from grayc.plan.model import Entry, ReleasePlan
from grayc.spec.model import Part

NAME = GatewayName.ISTIO


Plain = dict[str, object]
_SERVICE = (CORE, "Service")


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return no object, since all the lane needs at the gateway is in `changes`.

    Diagnostics:
        GC503: the baseline's route sets the lane's header itself.
        GC514: the baseline's route asks for a header that a rule asks for too.
        GC516: the lane opens only once the baseline's VirtualService is changed.
        GC536: `tls` or `tcp` routes lead to a released service.
        GC534: a delegate takes different headers from different roots.
        GC535: a root drops a route of its delegate that the lane would open in part.
    """
    diagnostics: list[Diagnostic] = []
    for entry in plan.entries:
        diagnostics += _check_entry(entry, plan)
        identity = entry.document.identity
        diagnostics.append(
            Diagnostic(
                code="GC516",
                message=f"on gateway `{NAME}` the lane opens in VirtualService `{identity.name}` itself, which is the "
                "baseline's: until it is changed no request goes gray",
                span=entry.document.span(("metadata", "name")),
                object=identity.ref,
                help="`--baseline-patch FILE` writes what to put over it, and how; apply the baseline's own again "
                "before the lane goes offline",
            )
        )
    return Checked(value=(), diagnostics=(*diagnostics, *_unopened(plan)))


def _unopened(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield a finding for every list of connections at a gateway that lead to a Service with a gray copy."""
    for document in plan.baseline:
        gateways = get_list(document.data, ("spec", "gateways"))
        if all(gateway == MESH for gateway in gateways):
            continue
        home = document.identity.namespace
        for section in unread_sections(document):
            for at, route in enumerate(get_list(document.data, ("spec", section))):
                ways = [host_of(get_text(way, ("destination", "host"))) for way in get_list(route, ("route",))]
                gray = [name for name, space in ways if name and plan.gray_name(_SERVICE, space or home, name)]
                if gray:
                    yield Diagnostic(
                        code="GC536",
                        message=f"VirtualService `{document.identity.name}` leads connections to `{gray[0]}` by "
                        f"`{section}`, which is chosen before there is a request: they stay on the baseline",
                        span=document.span(("spec", section, at)),
                        object=document.identity.ref,
                        help="end TLS at the Gateway and route requests by `http`, or accept that this entry stays on "
                        "the baseline",
                    )


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what makes the baseline's routes drop the lane's header."""
    made = []
    for document in routes_to_guard(plan):
        service = _Service(document, plan)
        routes = [kept for at in range(len(service.routes)) for kept in service.guarded(at)]
        if routes != service.routes:
            made.append(
                BaselineChange(
                    document=document,
                    fields={"spec": {"http": copy.deepcopy(routes)}},
                    why=f"drops `{plan.spec.lane.carrier.header}` when it comes from outside",
                )
            )
    return tuple(made)


def changes(plan: ReleasePlan, *, guarded: bool) -> tuple[BaselineChange, ...]:
    """Return the entries' VirtualServices with the lane's routes in front of those that they open.

    Args:
        guarded: the baseline's own routes drop the lane's header.
    """
    made = []
    for entry in plan.entries:
        service = _Service(entry.document, plan)
        routes: list[object] = []
        wanted: dict[int, list[int]] = {}
        for path in entry.paths:
            places = wanted.setdefault(path.rule, [])
            if path.path not in places:
                places.append(path.path)
        for at in range(len(service.routes)):
            if at in wanted:
                routes += _gray_routes(service, at, wanted[at], entry, guarded=guarded)
                routes += _shared_routes(service, at, wanted[at], entry, guarded=guarded)
            else:
                routes += service.guarded(at) if guarded else [service.routes[at]]
        made.append(
            BaselineChange(
                document=entry.document,
                fields={"spec": {"http": copy.deepcopy(routes)}},
                why="opens the lane",
                opens=True,
            )
        )
    opened = {entry.document.place for entry in plan.entries}
    others = [change for change in guard(plan) if change.document.place not in opened] if guarded else []
    return (*made, *others)


class _Service:
    """A VirtualService of the baseline: which of its matches stand at gateways, and with what its roots let it in.

    Where it serves the mesh too, what the lane adds names the Gateways, so that calls inside the mesh stay as they are.
    """

    def __init__(self, document: Document, plan: ReleasePlan) -> None:
        self.document = document
        self.routes: list[object] = list(get_list(document.data, ("spec", "http")))
        self._header = plan.spec.lane.carrier.header
        self.plan = plan
        self.roots = tuple(roots_of(document, plan.baseline))
        spec, home = get_map(document.data, ("spec",)), document.identity.namespace
        self._own_gateways = _outside(gateways_of(spec, home))

    def route(self, at: int) -> Plain:
        """Return a route, with the headers that a delegate's takes from its root where it has none."""
        held = self.routes[at]
        route = held if is_mapping(held) else {}
        inherited = next((headers for _, root in self.roots if (headers := root.get("headers"))), None)
        return route if inherited is None or "headers" in route else {**route, "headers": inherited}

    def variants(self, at: int, places: Iterable[int] | None = None) -> list[list[Plain]]:
        """Return the matches of a route at gateways: one list, in a delegate one for each way in which a root takes it.

        Each list is a route of its own, since a root drops a route of a delegate whole where it takes one of its
        matches not.

        Args:
            places: of these matches only; None for all.
        """
        home = self.document.identity.namespace
        written = self._written(at)
        chosen = [written[place] for place in (range(len(written)) if places is None else places)]
        chosen = [match for match in chosen if is_for_gateways(match)]
        if not self.roots:
            return [[{**match, **_framed(match, {}, self._own_gateways)} for match in chosen]] if chosen else []
        found: list[list[Plain]] = []
        in_mesh = self.is_met_in_mesh(at)
        for root, route in self.roots:
            served = gateways_of(get_map(root.data, ("spec",)), root.identity.namespace) if in_mesh else ()
            rooted = matches_of(route) or ({},)
            for other in rooted:
                # A route without matches takes its root's, and must say what has to be equal in both once it has some.
                kept = {key: other[key] for key in ("ignoreUriCase", "sourceNamespace") if other.get(key)}
                variant = [
                    {**match, **(kept if written == ({},) else {}), **_framed(match, other, served)} for match in chosen
                ]
                fits = rooted == ({},) or all(
                    any(not contradicts(one, match_in_full(match, home)) for one in rooted if is_for_gateways(one))
                    for match in variant
                )
                if variant and fits and is_for_gateways(other) and variant not in found:
                    found.append(variant)
        return found

    def dropped_by(self, at: int, places: Iterable[int]) -> Document | None:
        """Return a root that takes some matches of a route but not the route; None where there is none."""
        home = self.document.identity.namespace
        whole = in_full({"match": list(self._written(at))}, home)
        for root, route in self.roots:
            if self._written(at) != ({},) and merge_routes(route, whole) is None:
                parts = (in_full({"match": list(variant)}, home) for variant in self.variants(at, places))
                if any(merge_routes(route, part) is not None for part in parts):
                    return root
        return None

    def is_met_in_mesh(self, at: int) -> bool:
        """Tell whether calls inside the mesh meet a route too."""
        if not self.roots:
            return bool(self._own_gateways) and any(_is_for_mesh(match) for match in self._written(at))
        return any(_is_for_mesh(match) for match in self._written(at)) and any(
            _is_for_mesh(match)
            for _, route in roots_of(self.document, self.plan.baseline, in_mesh=True)
            for match in matches_of(route) or ({},)
        )

    def _written(self, at: int) -> tuple[Plain, ...]:
        route = self.routes[at]
        return matches_of(route if is_mapping(route) else {}) or ({},)

    def is_opened_whole(self, at: int, places: Iterable[int]) -> bool:
        """Tell whether places are all that a route is met by."""
        return not self.is_met_in_mesh(at) and set(places) == set(range(len(self._written(at))))

    def guarded(self, at: int) -> list[object]:
        """Return a route that drops the lane's header, and behind it the route as it is where the mesh meets it too."""
        made = self.dropping(at)
        if made is None:
            return [self.routes[at]]
        if not self.is_met_in_mesh(at):
            return [made]
        return [*({**made, "match": matches} for matches in self.variants(at)), self.routes[at]]

    def dropping(self, at: int) -> Plain | None:
        """Return a route that drops the lane's header, None where it does already or leads nowhere."""
        route = self.route(at)
        removed = list(get_list(route, ("headers", "request", "remove")))
        if not get_list(route, ("route",)) or _names(removed, self._header):
            return None
        return _with_request(route, {"remove": [*removed, self._header]})


def _framed(match: Plain, other: Plain, served: Iterable[str]) -> Plain:
    """Return the Gateways that a match must name to stand at no mesh: its own, its root's, or those of the whole.

    Args:
        served: of the whole; empty where the mesh meets none of it, for then nothing is to be told.
    """
    named = [name for name in get_list(match, ("gateways",)) if isinstance(name, str)]
    asked = [name for name in get_list(other, ("gateways",)) if isinstance(name, str)]
    whole = _apart(served)
    wanted = next((listed for listed in (_apart(named), _apart(asked), whole) if listed), [])
    return _at(wanted) if whole and wanted != named else {}


def _apart(gateways: Iterable[str]) -> list[str]:
    return [name for name in gateways if name != MESH]


def _is_for_mesh(match: Plain) -> bool:
    named = get_list(match, ("gateways",))
    return not named or MESH in named


def _at(gateways: Iterable[str]) -> Plain:
    """Return what names Gateways in a match; one of an object without a namespace is of the match's own."""
    return {"gateways": [name.removeprefix("/") for name in gateways]}


def _outside(gateways: tuple[str, ...]) -> tuple[str, ...]:
    """Return the Gateways beside the mesh; none where the mesh is not among them, for then nothing is to be told."""
    return tuple(name for name in gateways if name != MESH) if MESH in gateways else ()


def _names(listed: Iterable[object], header: str) -> bool:
    return header.lower() in (name.lower() for name in listed if isinstance(name, str))


def _with_request(holder: Plain, changed: Plain) -> Plain:
    headers = get_map(holder, ("headers",))
    request = {**get_map(headers, ("request",)), **changed}
    request = {key: value for key, value in request.items() if value}
    return {**holder, "headers": {**headers, "request": request}}


def _gray_routes(service: _Service, at: int, places: list[int], entry: Entry, *, guarded: bool) -> Iterator[Plain]:
    """Yield the route for each line, in order; a route that keeps requests on the baseline is as it was."""
    plan = service.plan
    route = (service.dropping(at) if guarded else None) or service.route(at)
    for line, matches in product(meaning_of(plan.rules).lines, service.variants(at, places)):
        alternatives = [made for match in matches for made in _matches_of_line(line, match)]
        kept = {key: value for key, value in route.items() if key not in ("name", "match")}
        made: Plain = {"match": [_nameless(match) for match in alternatives], **kept}
        if line.enters:
            made["route"] = _gray_ways(get_list(route, ("route",)), entry, plan)
            made = _coloured(made, plan)
        yield made


def _gray_ways(ways: Iterable[object], entry: Entry, plan: ReleasePlan) -> list[Plain]:
    """Return the destinations of the lane alone: who is split off to another Service would leave it.

    Where none of them is released the requests stay, and only their colour changes.
    """
    listed = [way for way in ways if is_mapping(way)]
    gray = [_to(way, host) for way in listed if (host := _gray_host(way, entry, plan))]
    if not gray:
        return listed
    if len(gray) == 1:
        return [{key: value for key, value in gray[0].items() if key != "weight"}]
    return gray if any(_weight(way) for way in gray) else [{**way, "weight": 1} for way in gray]


def _nameless(match: Plain) -> Plain:
    return {key: value for key, value in match.items() if key != "name"}


def _matches_of_line(line: Line, match: Plain) -> Iterator[Plain]:
    """Yield what a match becomes that asks for a line too: one for each value where it asks for several."""
    listed = [list(_asked(ask)) for ask in line.asks if ask.part is not Part.COOKIE]
    cookies = [ask for ask in line.asks if ask.part is Part.COOKIE]
    if cookies:
        listed.append([("headers", "cookie", {"regex": patterns.cookies(cookies)})])
    for chosen in product(*listed):
        made = dict(match)
        for key, name, condition in chosen:
            made[key] = {**get_map(made, (key,)), name: condition}
        yield made


def _asked(ask: Ask) -> Iterator[tuple[str, str, Plain]]:
    """Yield the mapping of a match, and name and condition there for each value that would do."""
    key = "headers" if ask.part is Part.HEADER else "queryParams"
    if ask.pattern is not None:
        yield key, ask.place[1], {"regex": patterns.found_in(ask.pattern)}
        return
    for value in ask.values:
        yield key, ask.place[1], {"exact": value}


def _coloured(holder: Plain, plan: ReleasePlan) -> Plain:
    """Return a route or destination that puts the lane's tag on, and does not drop it."""
    carrier = plan.spec.lane.carrier
    request = get_map(holder, ("headers", "request"))
    kept = [
        name for name in get_list(request, ("remove",)) if not isinstance(name, str) or name.lower() != carrier.name
    ]
    verb, value = ("add" if carrier.is_shared else "set"), carrier.value(plan.spec.tag)
    put = get_map(request, (verb,))
    name = next((name for name in put if name.lower() == carrier.name), carrier.header)
    value = f"{put[name]},{value}" if name in put else value
    return _with_request(holder, {"remove": kept, verb: {**put, name: value}})


def _gray_host(way: object, entry: Entry, plan: ReleasePlan) -> str:
    """Return the host of a destination's gray Service in the way that the destination is written; "" for none."""
    host = get_text(way, ("destination", "host"))
    service, namespace = host_of(host)
    home = namespace or entry.document.identity.namespace
    gray = plan.gray_name((CORE, "Service"), home, service) if service else None
    return "" if gray is None else gray + host[len(service) :]


def _to(way: object, host: str) -> Plain:
    own = way if is_mapping(way) else {}
    destination = {**get_map(own, ("destination",)), "host": host}
    # A subset is a cut of the baseline Service's own pods.
    destination.pop("subset", None)
    return {**own, "destination": destination}


def _shared_routes(service: _Service, at: int, places: list[int], entry: Entry, *, guarded: bool) -> Iterator[object]:
    """Yield the baseline's own route, with the weight's share for the lane where there is one.

    What of the route the release does not open, or what calls inside the mesh meet, stands behind it as it was.
    """
    own = service.guarded(at) if guarded else [service.routes[at]]
    percent = meaning_of(service.plan.rules).percent
    if not percent:
        yield from own
        return
    route = (service.dropping(at) if guarded else None) or service.route(at)
    shared = _shared(route, entry, service.plan)
    if service.is_opened_whole(at, places):
        yield shared
        return
    yield from ({**shared, "match": matches} for matches in service.variants(at, places))
    yield from own


def _shared(route: Plain, entry: Entry, plan: ReleasePlan) -> Plain:
    """Return a route with the weight's share for the lane."""
    percent = meaning_of(plan.rules).percent
    base = [way for way in get_list(route, ("route",)) if is_mapping(way)]
    weights = [1 if len(base) == 1 else _weight(way) for way in base]
    gray = _gray_ways(base, entry, plan)
    grays = [1 if len(gray) == 1 else _weight(way) for way in gray]
    # What a route drops it drops after what a destination sets, so the guard moves to the baseline's destinations.
    header = plan.spec.lane.carrier.header
    removed = [name for name in get_list(route, ("headers", "request", "remove")) if isinstance(name, str)]
    guards = _names(removed, header)
    kept = [name for name in removed if name.lower() != header.lower()]
    ways: list[Plain] = []
    shares: list[int] = []
    if percent < 100:
        for way, weight in zip(base, weights, strict=True):
            own = _with_request(way, {"remove": [*get_list(way, ("headers", "request", "remove")), header]})
            ways.append(own if guards else way)
            shares.append(weight * (100 - percent) * sum(grays))
    for way, weight in zip(gray, grays, strict=True):
        ways.append(_coloured(way, plan))
        shares.append(weight * percent * sum(weights))
    made = _with_request(route, {"remove": kept}) if guards else route
    if guards and not get_map(made, ("headers", "request")):
        made = {key: value for key, value in made.items() if key != "headers"}
    return {**made, "route": [{**way, "weight": share} for way, share in zip(ways, _small(shares), strict=True)]}


def _small(shares: list[int]) -> list[int]:
    """Return the smallest weights of the same proportions, of 100 together where they can be.

    Releases of Istio before 1.17 take no other sum. Source: istio/istio, pkg/config/validation, release notes of 1.17.
    """
    divisor = gcd(*shares) or 1
    small = [share // divisor for share in shares]
    factor = 100 // sum(small) if sum(small) and 100 % sum(small) == 0 else 1
    return [share * factor for share in small]


def _weight(way: Plain) -> int:
    weight = way.get("weight", 0)
    return weight if isinstance(weight, int) else 0


def _check_entry(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    document = entry.document
    opened: dict[int, set[int]] = {}
    for path in entry.paths:
        opened.setdefault(path.rule, set()).add(path.path)
    for at in sorted(opened):
        yield from _check_route(document, at, opened[at], plan)
    for root, _ in roots_of(document, plan.baseline):
        for at, route in enumerate(get_list(root.data, ("spec", "http"))):
            if get_text(route, ("delegate", "name")) == document.identity.name:
                yield from _check_route(root, at, set(range(len(get_list(route, ("match",))))), plan)
    yield from _check_roots(entry, plan)
    service = _Service(document, plan)
    for at in sorted(opened):
        dropping = service.dropped_by(at, opened[at])
        if dropping is not None:
            yield Diagnostic(
                code="GC535",
                message=f"VirtualService `{dropping.identity.name}` drops this route of its delegate "
                f"`{document.identity.name}` whole, since it contradicts one of its matches: a route of the lane with "
                "the others alone would be there",
                span=document.span(("spec", "http", at)),
                object=document.identity.ref,
                notes=(note_at(dropping, ("metadata", "name"), f"`{dropping.identity.name}` delegates to it"),),
                help="give each of the matches a route of its own",
            )


def _check_route(document: Document, at: int, places: set[int], plan: ReleasePlan) -> Iterator[Diagnostic]:
    header = plan.spec.lane.carrier.header
    asked = {ask.carrier for line in meaning_of(plan.rules).lines for ask in line.asks}
    route = get_map(document.data, ("spec", "http", at))
    for verb in ("set",) if plan.spec.lane.carrier.is_shared else ("set", "add"):
        place: Path = ("spec", "http", at, "headers", "request", verb)
        for name in get_map(route, ("headers", "request", verb)):
            if name.lower() == header.lower():
                yield Diagnostic(
                    code="GC503",
                    message=f"VirtualService `{document.identity.name}` sets the lane's header `{header}` itself",
                    span=document.span((*place, name), key=True),
                    object=document.identity.ref,
                    help="take it away, or choose another header with `spec.lane.header`",
                )
    for match_at, match in enumerate(get_list(route, ("match",))):
        for key, part in (("headers", Part.HEADER), ("queryParams", Part.QUERY)):
            for name in get_map(match, (key,)):
                own = name.lower() if part is Part.HEADER else name
                if match_at in places and (part, own) in asked:
                    what = "header" if part is Part.HEADER else "query parameter"
                    yield Diagnostic(
                        code="GC514",
                        message=f"VirtualService `{document.identity.name}` asks for {what} `{name}` itself, and a "
                        f"match has room for one condition on a {what}",
                        span=document.span(("spec", "http", at, "match", match_at, key, name), key=True),
                        object=document.identity.ref,
                        help=f"open the lane by another {what}, or by a weight",
                    )


def _check_roots(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield a finding where a delegate takes different headers from different roots, and a change needs its own."""
    document = entry.document
    roots = list(roots_of(document, plan.baseline))
    headers = [route.get("headers") for _, route in roots]
    bare = [
        at
        for at in sorted({path.rule for path in entry.paths})
        if not get_map(document.data, ("spec", "http", at, "headers"))
    ]
    if bare and any(other != headers[0] for other in headers):
        yield Diagnostic(
            code="GC534",
            message=f"VirtualService `{document.identity.name}` takes `headers` from the routes that delegate to it, "
            "and they differ: a route of the lane has headers of its own, and would lose them",
            span=document.span(("spec", "http", bare[0])),
            object=document.identity.ref,
            notes=tuple(
                note_at(root, ("metadata", "name"), f"`{root.identity.name}` delegates to it")
                for root in {root.place: root for root, _ in roots}.values()
            ),
            help="write the `headers` into the delegate's own routes, or use a delegate for each of them",
        )


WRITER = Writer(name=NAME, lower=lower, guard=guard, changes=changes)
