"""Istio at the gateway: routes for the lane in front of the baseline's own, in the baseline's own VirtualService.

Sources: istio/api b8f8791, networking/v1alpha3/virtual_service.proto; istio/istio 86c9f01,
pilot/pkg/networking/core/route/route.go and pkg/config/validation:

- the first route of a VirtualService that matches counts, and nothing is sorted;
- two VirtualServices of one host at one gateway are joined, the older first: what stands behind a catch-all of the
  older is never asked. So the lane's routes can stand in no object of their own, and are a change of the baseline's;
- a route's matches are alternatives, the conditions of a match are not; header names are in lower case;
- a regular expression must match the whole value.
"""

import copy
from collections.abc import Iterator

from grayc.analysis.routes import host_of
from grayc.analysis.traffic import Condition, meaning_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.gateways import patterns
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import routes_to_guard
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import GatewayName
from grayc.k8s.kinds import CORE
from grayc.plan.model import Entry, ReleasePlan

NAME = GatewayName.ISTIO


Plain = dict[str, object]


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return no object, since all the lane needs at the gateway is in `changes`.

    Diagnostics:
        GC503: the baseline's route sets the lane's header itself.
        GC514: the baseline's route asks for a header that a rule asks for too.
        GC516: the lane opens only once the baseline's VirtualService is changed.
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
    return Checked(value=(), diagnostics=tuple(diagnostics))


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what makes the baseline's routes drop the lane's header."""
    header = plan.spec.lane.header
    return tuple(
        BaselineChange(
            document=document,
            fields={"spec": {"http": routes}},
            why=f"drops `{header}` when it comes from outside",
        )
        for document in routes_to_guard(plan)
        if (routes := [_guarded(route, header) for route in _http(document)]) != _http(document)
    )


def changes(plan: ReleasePlan, *, guarded: bool) -> tuple[BaselineChange, ...]:
    """Return the entries' VirtualServices with the lane's routes in front of those that they open.

    Args:
        guarded: the baseline's own routes drop the lane's header.
    """
    header = plan.spec.lane.header
    made = []
    for entry in plan.entries:
        routes: list[object] = []
        wanted: dict[int, list[int]] = {}
        for path in entry.paths:
            places = wanted.setdefault(path.rule, [])
            if path.path not in places:
                places.append(path.path)
        for at, route in enumerate(_http(entry.document)):
            own = _guarded(route, header) if guarded else route
            if at not in wanted or not is_mapping(route) or not is_mapping(own):
                routes.append(own)
                continue
            routes += _gray_routes(own, wanted[at], entry, plan)
            routes.append(_shared(own, entry, plan))
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


def _http(route: Document) -> list[object]:
    return list(get_list(route.data, ("spec", "http")))


def _guarded(route: object, header: str) -> object:
    if not is_mapping(route) or not get_list(route, ("route",)):
        return route
    removed = list(get_list(route, ("headers", "request", "remove")))
    if header.lower() in (name.lower() for name in removed if isinstance(name, str)):
        return route
    return _with_request(route, {"remove": [*removed, header]})


def _with_request(holder: Plain, changed: Plain) -> Plain:
    headers = get_map(holder, ("headers",))
    request = {**get_map(headers, ("request",)), **changed}
    request = {key: value for key, value in request.items() if value}
    return {**holder, "headers": {**headers, "request": request}}


def _gray_routes(route: Plain, places: list[int], entry: Entry, plan: ReleasePlan) -> Iterator[Plain]:
    """Yield the route for each condition, in order; a route that keeps requests on the baseline is as it was."""
    matches = [match for match in get_list(route, ("match",)) if is_mapping(match)] or [{}]
    for condition in meaning_of(plan.rules).conditions:
        alternatives = [
            {**matches[place], "headers": {**get_map(matches[place], ("headers",)), **header}}
            for place in places
            for header in _headers(condition)
        ]
        kept = {key: value for key, value in route.items() if key not in ("name", "match")}
        made: Plain = {"match": [_nameless(match) for match in alternatives], **kept}
        if condition.enters:
            made["route"] = [
                _to(way, gray) if (gray := _gray_host(way, entry, plan)) else way for way in get_list(route, ("route",))
            ]
            made = _coloured(made, plan)
        yield made


def _nameless(match: Plain) -> Plain:
    return {key: value for key, value in match.items() if key != "name"}


def _headers(condition: Condition) -> Iterator[Plain]:
    if condition.cookie:
        yield {"cookie": {"regex": patterns.cookie(condition.cookie, condition.values[0])}}
    elif condition.pattern is not None:
        yield {condition.header.lower(): {"regex": patterns.found_in(condition.pattern)}}
    else:
        for value in condition.values:
            yield {condition.header.lower(): {"exact": value}}


def _coloured(holder: Plain, plan: ReleasePlan) -> Plain:
    """Return a route or destination that sets the lane's header, and does not drop it."""
    header = plan.spec.lane.header
    request = get_map(holder, ("headers", "request"))
    kept = [
        name for name in get_list(request, ("remove",)) if not isinstance(name, str) or name.lower() != header.lower()
    ]
    return _with_request(holder, {"remove": kept, "set": {**get_map(request, ("set",)), header: plan.spec.tag}})


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


def _shared(route: Plain, entry: Entry, plan: ReleasePlan) -> Plain:
    """Return the baseline's own route, with the weight's share for the lane where there is one."""
    percent = meaning_of(plan.rules).percent
    if not percent:
        return route
    base = [way for way in get_list(route, ("route",)) if is_mapping(way)]
    whole = len(base) == 1
    weights = [1 if whole else _weight(way) for way in base]
    # What a route drops it drops after what a destination sets, so the guard moves to the baseline's destinations.
    header = plan.spec.lane.header
    removed = [name for name in get_list(route, ("headers", "request", "remove")) if isinstance(name, str)]
    guards = header.lower() in (name.lower() for name in removed)
    kept = [name for name in removed if name.lower() != header.lower()]
    ways: list[Plain] = []
    if percent < 100:
        for way, weight in zip(base, weights, strict=True):
            own = _with_request(way, {"remove": [*get_list(way, ("headers", "request", "remove")), header]})
            ways.append({**(own if guards else way), "weight": weight * (100 - percent)})
    for way, weight in zip(base, weights, strict=True):
        gray = _gray_host(way, entry, plan)
        ways.append({**_coloured(_to(way, gray) if gray else way, plan), "weight": weight * percent})
    made = _with_request(route, {"remove": kept}) if guards else route
    if guards and not get_map(made, ("headers", "request")):
        made = {key: value for key, value in made.items() if key != "headers"}
    return {**made, "route": ways}


def _weight(way: Plain) -> int:
    weight = way.get("weight", 0)
    return weight if isinstance(weight, int) else 0


def _check_entry(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    document, header = entry.document, plan.spec.lane.header
    asked = {condition.header.lower() or "cookie" for condition in meaning_of(plan.rules).conditions}
    opened = {(path.rule, path.path) for path in entry.paths}
    for at in sorted({rule for rule, _ in opened}):
        route = get_map(document.data, ("spec", "http", at))
        for verb in ("set", "add"):
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
            for name in get_map(match, ("headers",)):
                if (at, match_at) in opened and name.lower() in asked:
                    yield Diagnostic(
                        code="GC514",
                        message=f"VirtualService `{document.identity.name}` asks for header `{name}` itself, and a "
                        "match has room for one condition on a header",
                        span=document.span(("spec", "http", at, "match", match_at, "headers", name), key=True),
                        object=document.identity.ref,
                        help="open the lane by another header, or by a weight",
                    )


WRITER = Writer(name=NAME, lower=lower, guard=guard, changes=changes)
