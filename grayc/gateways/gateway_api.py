"""Gateway API: one route beside the baseline's, of its kind, whose matches are its base's and a condition more.

Sources: kubernetes-sigs/gateway-api 4564255, apis/v1/httproute_types.go and grpcroute_types.go:

- of all matches of all routes of a host the one counts whose path is more exact, then longer, then that names a method,
  then that names more headers, then more query parameters; then the older route, then the first rule in its list;
- matches of a rule are alternatives, the headers of a match are not; of two entries for one header the first counts;
- a share needs its own match: of two routes with one match the older has all requests. A match that names a method
  comes before one that does not, so a weight's rule of an HTTPRoute names them all; that of a GRPCRoute asks for the
  `content-type` that every such call has (grpc/grpc, doc/PROTOCOL-HTTP2.md);
- a rule has at most 64 matches and 16 backends, a route 16 rules and 128 matches; a weight is at most 1,000,000.

Of two matches with as many headers Envoy Gateway takes the one with more exact ones since 1.3.3, before that the older
one (envoyproxy/gateway b295b09, internal/gatewayapi/sort.go). `line_order` has the order of the rules.
"""

import copy
from collections.abc import Iterable, Iterator
from itertools import product

from grayc.analysis.routes import way_in
from grayc.analysis.traffic import Ask, Line, meaning_of
from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.gateways import patterns
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.canaries import annotations_of, gray_metadata
from grayc.gateways.guard import routes_to_guard, wants_guard
from grayc.gateways.line_order import in_rank_order
from grayc.gateways.route_conflicts import RouteConflicts, opened_rules
from grayc.gateways.splits import split
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import GRPC_ROUTE, GatewayName
from grayc.k8s.kinds import CORE, GATEWAY
from grayc.k8s.server_fields import is_owner_annotation
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Part

NAME = GatewayName.GATEWAY_API

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
_MOST_RULES = 16
_MOST_MATCHES = 64
_MOST_MATCHES_IN_ROUTE = 128
_MOST_WEIGHT = 1_000_000
_MODIFIER = "RequestHeaderModifier"
_OF_GRPC = {"type": "RegularExpression", "name": "content-type", "value": "^application/grpc.*$"}

Plain = dict[str, object]


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return one route for every entry, of its kind, and the ReferenceGrants that it needs.

    Diagnostics:
        GC503: the baseline's route sets the lane's header itself.
        GC512: a gray match comes before a rule of the baseline that the release does not open.
        GC514: the baseline's route asks for a header that a rule asks for too.
        GC515: more rules or matches than a route may have.
        GC530: a share of an HTTPRoute names the methods of the API.
        GC531: a rule of the baseline takes the requests that a rule means.
        GC532: the baseline does not hold the Gateway of a route.
        GC533: a mirror of the baseline's route is not there for what a share sends gray.
        GC553: a rule asks for a query parameter of a GRPCRoute.
    """
    diagnostics: list[Diagnostic] = []
    documents: list[Document] = []
    conflicts = RouteConflicts(plan)
    for entry in plan.entries:
        diagnostics += conflicts.of(entry)
        diagnostics += _check_query(entry, plan)
        route = _route(entry, plan)
        diagnostics += _check_size(entry, route, plan)
        documents.append(route)
    documents += _grants(plan)
    diagnostics += _share_by_method(plan)
    diagnostics += conflicts.gateways()
    return Checked(value=tuple(documents), diagnostics=tuple(diagnostics))


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what makes the baseline's routes drop the lane's header."""
    header = plan.spec.lane.carrier.header
    changes = []
    for route in routes_to_guard(plan):
        rules = get_list(route.data, ("spec", "rules"))
        # A rule that leads nowhere, such as a redirect to HTTPS, passes no header on.
        guarded = [
            {**rule, "filters": _dropping(rule, header)} if is_mapping(rule) and rule.get("backendRefs") else rule
            for rule in rules
        ]
        if guarded != list(rules):
            changes.append(
                BaselineChange(
                    document=route,
                    fields={"spec": {"rules": guarded}},
                    why=f"drops `{header}` when it comes from outside",
                )
            )
    return tuple(changes)


def _dropping(rule: Plain, header: str) -> list[object]:
    filters = list(get_list(rule, ("filters",)))
    at = next((at for at, item in enumerate(filters) if get_text(item, ("type",)) == _MODIFIER), None)
    own = get_map(filters[at], ("requestHeaderModifier",)) if at is not None else {}
    removed = [name for name in get_list(own, ("remove",)) if isinstance(name, str)]
    if header.lower() in (name.lower() for name in removed):
        return filters
    made = {"type": _MODIFIER, "requestHeaderModifier": {**own, "remove": [*removed, header]}}
    return [*filters, made] if at is None else [*filters[:at], made, *filters[at + 1 :]]


def _route(entry: Entry, plan: ReleasePlan) -> Document:
    base = entry.document
    spec = get_map(base.data, ("spec",))
    hosts = list(dict.fromkeys(path.host for path in entry.paths if path.host))
    # A Service among the parents is a mesh's: how others call it is not the entry's matter.
    parents = [
        parent
        for at, parent in enumerate(get_list(spec, ("parentRefs",)))
        if way_in(parent) and (entry.parents is None or at in entry.parents)
    ]
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": gray_metadata(
                entry,
                plan,
                name=f"{base.identity.name}{plan.spec.suffix}",
                # Controllers read there what a route is under: plugins that log in, limits, how its path is cut.
                annotations={key: value for key, value in annotations_of(base).items() if not is_owner_annotation(key)},
            ),
            "spec": {
                **{key: copy.deepcopy(spec[key]) for key in spec if key not in ("hostnames", "parentRefs", "rules")},
                "parentRefs": [copy.deepcopy(parent) for parent in parents],
                **({"hostnames": hosts} if hosts else {}),
                "rules": list(_named(_rules(entry, plan), spec)),
            },
        },
    )


def _rules(entry: Entry, plan: ReleasePlan) -> Iterator[Plain]:
    """Yield the gray rules: for each line, then for the weight, one for each opened rule of the base."""
    meaning = meaning_of(plan.rules)
    opened = opened_rules(entry)
    outrank = _with_content_type if entry.document.identity.group_kind == GRPC_ROUTE else _with_methods
    for line in in_rank_order(meaning.lines):
        for rule, matches in opened:
            alternatives = [made for match in matches for made in matches_of_line(line, match)]
            yield _rule(
                rule,
                outrank(alternatives) if meaning.percent else alternatives,
                _backends(rule, entry, plan, gray=line.enters),
                _mirroring_gray(_coloured(rule, plan), entry, plan)
                if line.enters
                # A route of production, too: the guard of its own rules does not hold for it.
                else _dropping(rule, plan.spec.lane.carrier.header)
                if wants_guard(plan) and rule.get("backendRefs")
                else list(get_list(rule, ("filters",))),
            )
    # A route without rules is none: the API has a default for it, and no room for an empty list.
    if meaning.percent or not meaning.lines:
        for rule, matches in opened:
            # What a rule drops it drops after what a backend sets, so the guard moves to the baseline's backends.
            filters = _modified(rule, keep_out=plan.spec.lane.carrier.header)
            if meaning.percent == 100:
                filters = _mirroring_gray(filters, entry, plan)
            yield _rule(rule, outrank(list(matches)), _shares(rule, entry, plan), filters)


def _named(rules: Iterable[Plain], base: Plain) -> Iterator[Plain]:
    """Yield gray rules whose names, which are those of their base's, differ: policies name a rule by them.

    Source: kubernetes-sigs/gateway-api, apis/v1/httproute_types.go, HTTPRouteRule: a name is unique within its route.
    """
    taken = {get_text(rule, ("name",)) for rule in get_list(base, ("rules",))}
    told: dict[str, int] = {}
    for rule in rules:
        name = get_text(rule, ("name",))
        if name in told:
            number = told[name] + 1
            while f"{name}-{number}" in taken:
                number += 1
            told[name] = number
            yield {**rule, "name": f"{name}-{number}"}
        else:
            if name:
                told[name] = 1
            yield rule


def _rule(rule: Plain, matches: list[Plain], backends: list[Plain], filters: list[object]) -> Plain:
    kept = {key: rule[key] for key in rule if key not in ("name", "matches", "backendRefs", "filters")}
    name = {"name": rule["name"]} if get_text(rule, ("name",)) else {}
    made = {**name, "matches": matches, **({"filters": filters} if filters else {}), "backendRefs": backends, **kept}
    return copy.deepcopy(made)


def _with_methods(matches: list[Plain]) -> list[Plain]:
    return [
        made
        for match in matches
        for made in ([match] if "method" in match else [{**match, "method": method} for method in _METHODS])
    ]


def _with_content_type(matches: list[Plain]) -> list[Plain]:
    return [{**match, "headers": [*get_list(match, ("headers",)), dict(_OF_GRPC)]} for match in matches]


def matches_of_line(line: Line, match: Plain) -> Iterator[Plain]:
    """Yield what a match becomes that asks for a line too: one for each value where it asks for several."""
    listed = [list(_asked(ask)) for ask in line.asks if ask.part is not Part.COOKIE]
    cookies = [ask for ask in line.asks if ask.part is Part.COOKIE]
    if cookies:
        listed.append([("headers", _expression("cookie", patterns.cookies(cookies)))])
    for chosen in product(*listed):
        made = dict(match)
        for key, item in chosen:
            made[key] = [*get_list(made, (key,)), item]
        yield made


def _asked(ask: Ask) -> Iterator[tuple[str, Plain]]:
    """Yield the list of a match, and what asks there for each value that would do."""
    key = "headers" if ask.part is Part.HEADER else "queryParams"
    if ask.pattern is not None:
        yield key, _expression(ask.name, patterns.found_in(ask.pattern))
        return
    for value in ask.values:
        yield key, {"type": "Exact", "name": ask.name, "value": value}


def _expression(name: str, pattern: str) -> Plain:
    return {"type": "RegularExpression", "name": name, "value": pattern}


def _check_query(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find a rule that a GRPCRoute has no match for. Source: gateway-api apis/v1/grpcroute_types.go, GRPCRouteMatch."""
    if entry.document.identity.group_kind != GRPC_ROUTE:
        return
    lines = meaning_of(plan.rules).lines
    rule = next((line.rule for line in lines if any(ask.part is Part.QUERY for ask in line.asks)), None)
    if rule is not None:
        yield at_spec(
            plan.spec,
            rule.path,
            code="GC553",
            message=f"GRPCRoute `{entry.document.identity.name}` is an entry, and calls of gRPC have no query",
            object=entry.document.identity.ref,
            notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
            help="ask for a header, or open the other entries alone with `spec.traffic.entries`",
        )


def _backends(rule: Plain, entry: Entry, plan: ReleasePlan, *, gray: bool) -> list[Plain]:
    """Return the backends of a rule, the base's own or the gray ones.

    Where one of them is released, a request that enters goes to no other: not to the canary of somebody's own split.
    What has no weight in production, as before the switch of a blue-green pair, has all requests of the lane.
    """
    refs = [ref for ref in get_list(rule, ("backendRefs",)) if is_mapping(ref)]
    if not gray:
        return refs
    named = [(ref, _gray_name(ref, entry, plan)) for ref in refs]
    released = [{**ref, "name": name} for ref, name in named if name is not None]
    if not released:
        return refs
    if len(released) < len(refs) and not any(_weight(ref) for ref in released):
        return [{key: value for key, value in ref.items() if key != "weight"} for ref in released]
    return released


def _mirroring_gray(filters: list[object], entry: Entry, plan: ReleasePlan) -> list[object]:
    """Return the filters with mirrors of released Services to their gray ones."""
    made: list[object] = []
    for item in filters:
        ref = get_map(item, ("requestMirror", "backendRef"))
        name = _gray_name(ref, entry, plan) if ref else None
        mirror = {**get_map(item, ("requestMirror",)), "backendRef": {**ref, "name": name}}
        made.append({**item, "requestMirror": mirror} if is_mapping(item) and name is not None else item)
    return made


def _gray_name(ref: Plain, entry: Entry, plan: ReleasePlan) -> str | None:
    if get_text(ref, ("kind",)) not in ("", "Service") or get_text(ref, ("group",)):
        return None
    namespace = get_text(ref, ("namespace",)) or entry.document.identity.namespace
    return plan.gray_name((CORE, "Service"), namespace, get_text(ref, ("name",)))


def _shares(rule: Plain, entry: Entry, plan: ReleasePlan) -> list[Plain]:
    """Return the base's backends and, beside them, the gray ones, with the weight's share and the lane's header."""
    percent = meaning_of(plan.rules).percent
    base, gray = _backends(rule, entry, plan, gray=False), _backends(rule, entry, plan, gray=True)
    header = plan.spec.lane.carrier.header
    guarded = wants_guard(plan) or _modified(rule, keep_out=header) != list(get_list(rule, ("filters",)))
    kept, given = split([_weight(ref) for ref in base], [_weight(ref) for ref in gray], percent, most=_MOST_WEIGHT)
    shares = [] if percent == 100 else [{**ref, "weight": weight} for ref, weight in zip(base, kept, strict=True)]
    if guarded:
        shares = [{**ref, "filters": _dropping(ref, header)} for ref in shares]
    for ref, weight in zip(gray, given, strict=True):
        filters = _mirroring_gray(_coloured(ref, plan), entry, plan)
        shares.append({**ref, "weight": weight, "filters": filters})
    return shares


def _weight(ref: Plain) -> int:
    weight = ref.get("weight", 1)
    return weight if isinstance(weight, int) else 1


def _coloured(holder: Plain, plan: ReleasePlan) -> list[object]:
    """Return the filters of a rule or backend with the lane's tag put on; there is one modifier for each at most."""
    # The guard of the baseline's own rule must not take the lane's header away again.
    return _modified(holder, keep_out=plan.spec.lane.carrier.header, put=plan)


def _modified(holder: Plain, *, keep_out: str, put: ReleasePlan | None = None) -> list[object]:
    """Return the filters of a rule or backend without the removal of a header, and with the tag of a release."""
    filters = list(get_list(holder, ("filters",)))
    at = next((at for at, item in enumerate(filters) if get_text(item, ("type",)) == _MODIFIER), None)
    own = get_map(filters[at], ("requestHeaderModifier",)) if at is not None else {}
    removed = [
        name for name in get_list(own, ("remove",)) if not isinstance(name, str) or name.lower() != keep_out.lower()
    ]
    changes = {
        **{key: own[key] for key in own if key != "remove"},
        **(_tagged(own, put) if put else {}),
        **({"remove": removed} if removed else {}),
    }
    made = [{"type": _MODIFIER, "requestHeaderModifier": changes}] if changes else []
    return [*filters, *made] if at is None else [*filters[:at], *made, *filters[at + 1 :]]


def _tagged(own: Plain, plan: ReleasePlan) -> Plain:
    """Return what a modifier sets or adds, with the lane's tag: in a list each name stands once."""
    carrier = plan.spec.lane.carrier
    verb, value = ("add" if carrier.is_shared else "set"), carrier.value(plan.spec.tag)
    listed = list(get_list(own, (verb,)))
    at = next((at for at, item in enumerate(listed) if get_text(item, ("name",)).lower() == carrier.name), None)
    if at is None:
        return {verb: [*listed, {"name": carrier.header, "value": value}]}
    held = get_map(listed, (at,))
    return {verb: [*listed[:at], {**held, "value": f"{get_text(held, ('value',))},{value}"}, *listed[at + 1 :]]}


def _check_size(entry: Entry, route: Document, plan: ReleasePlan) -> Iterator[Diagnostic]:
    rules = get_list(route.data, ("spec", "rules"))
    sizes = [len(get_list(rule, ("matches",))) for rule in rules]
    kind = route.identity.kind
    by_method = meaning_of(plan.rules).percent and route.identity.group_kind != GRPC_ROUTE
    for what, size, most in (
        ("rules", len(sizes), _MOST_RULES),
        ("matches in one rule", max(sizes, default=0), _MOST_MATCHES),
        ("matches", sum(sizes), _MOST_MATCHES_IN_ROUTE),
    ):
        if size > most:
            multiplied = by_method and what != "rules"
            yield Diagnostic(
                code="GC515",
                message=f"the gray {kind} of `{entry.document.identity.name}` would have {size} {what}, and the API "
                f"takes {most}"
                + (f": a weight multiplies the matches by {len(_METHODS)}, one for each method" if multiplied else ""),
                span=entry.document.span(("metadata", "name")),
                object=entry.document.identity.ref,
                help="open fewer hosts or paths with `spec.traffic.entries`, or one `pattern` for several `values`"
                + (", or leave the weight out" if multiplied else ""),
            )


def _share_by_method(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Say once that a share of an HTTPRoute is of the requests with the nine methods that the API knows."""
    weight = meaning_of(plan.rules).weight
    if weight is None or not weight.percent:
        return
    if any(entry.document.identity.group_kind != GRPC_ROUTE for entry in plan.entries):
        yield Diagnostic(
            code="GC530",
            message=f"the share is of requests with one of the {len(_METHODS)} methods that the Gateway API names; "
            "with any other method they stay on the baseline",
            span=plan.spec.span(weight.path),
            help="nothing, where clients speak plain HTTP; methods such as `PROPFIND` of WebDAV are the others",
        )


def _refs_of(rule: Plain) -> Iterator[object]:
    """Yield the backends of a rule, and those that it mirrors to."""
    refs = get_list(rule, ("backendRefs",))
    yield from refs
    for holder in (rule, *refs):
        for item in get_list(holder, ("filters",)):
            yield get_map(item, ("requestMirror", "backendRef"))


def _grants(plan: ReleasePlan) -> Iterator[Document]:
    """Yield a ReferenceGrant for every gray Service that a route of another namespace leads to."""
    made: set[tuple[str, str, str, str]] = set()
    for entry in plan.entries:
        home = plan.key_of(entry.document.identity).namespace
        for ref in (ref for rule, _ in opened_rules(entry) for ref in _refs_of(rule)):
            if is_mapping(ref):
                namespace = get_text(ref, ("namespace",))
                gray = _gray_name(ref, entry, plan)
                kind = entry.document.identity.kind
                if gray is None or namespace in ("", home) or (namespace, home, gray, kind) in made:
                    continue
                suffix = f"-{kind.lower()}" if any(grant[:3] == (namespace, home, gray) for grant in made) else ""
                made.add((namespace, home, gray, kind))
                yield replace(
                    entry.document,
                    data={
                        "apiVersion": f"{GATEWAY}/v1beta1",
                        "kind": "ReferenceGrant",
                        "metadata": {
                            **gray_metadata(
                                entry,
                                plan,
                                name=f"{gray}-from-{home}{suffix}",
                                annotations={},
                            ),
                            "namespace": namespace,
                        },
                        "spec": {
                            "from": [{"group": GATEWAY, "kind": entry.document.identity.kind, "namespace": home}],
                            "to": [{"group": "", "kind": "Service", "name": gray}],
                        },
                    },
                )


WRITER = Writer(name=NAME, lower=lower, guard=guard)
