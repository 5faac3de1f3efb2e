"""Gateway API: one HTTPRoute beside the baseline's, whose matches are its base's and a condition more.

Sources: kubernetes-sigs/gateway-api 4564255, apis/v1/httproute_types.go:

- of all matches of all routes of a host the one counts whose path is more exact, then longer, then that names a method,
  then that names more headers, then more query parameters; then the older route, then the first rule in its list;
- matches of a rule are alternatives, the headers of a match are not; of two entries for one header the first counts;
- a share needs its own match: of two routes with one match the older has all requests. A match that names a method
  comes before one that does not, so a weight's rule names them all;
- a rule has at most 64 matches and 16 backends, a route 16 rules and 128 matches.
"""

import copy
from collections.abc import Iterator
from dataclasses import replace

from grayc.analysis.traffic import Condition, meaning_of
from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.gateways import patterns
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.canaries import gray_metadata
from grayc.gateways.guard import routes_to_guard
from grayc.gateways.writer import Writer
from grayc.k8s.gateways import HTTP_ROUTE, GatewayName
from grayc.k8s.kinds import CORE, GATEWAY
from grayc.k8s.lane_labels import gray_suffix
from grayc.plan.model import Entry, ReleasePlan

NAME = GatewayName.GATEWAY_API

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
_MOST_RULES = 16
_MOST_MATCHES = 64
_MOST_MATCHES_IN_ROUTE = 128
_MODIFIER = "RequestHeaderModifier"


Plain = dict[str, object]


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return one HTTPRoute for every entry, and the ReferenceGrants that it needs.

    Diagnostics:
        GC503: the baseline's route sets the lane's header itself.
        GC512: a gray match comes before a rule of the baseline that the release does not open.
        GC514: the baseline's route asks for a header that a rule asks for too.
        GC515: more rules or matches than a route may have.
    """
    diagnostics: list[Diagnostic] = []
    documents: list[Document] = []
    for entry in plan.entries:
        diagnostics += _check_entry(entry, plan)
        route = _route(entry, plan)
        diagnostics += _check_size(entry, route)
        documents.append(route)
    documents += _grants(plan)
    return Checked(value=tuple(documents), diagnostics=tuple(diagnostics))


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what makes the baseline's routes drop the lane's header."""
    header = plan.spec.lane.header
    changes = []
    for route in routes_to_guard(plan):
        rules = get_list(route.data, ("spec", "rules"))
        guarded = [{**rule, "filters": _dropping(rule, header)} if is_mapping(rule) else rule for rule in rules]
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
    kept = {key: copy.deepcopy(spec[key]) for key in spec if key not in ("hostnames", "rules")}
    if entry.parents is not None:
        parents = get_list(base.data, ("spec", "parentRefs"))
        kept["parentRefs"] = [copy.deepcopy(parents[at]) for at in entry.parents]
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": gray_metadata(
                entry, plan, name=f"{base.identity.name}{gray_suffix(plan.spec.tag)}", annotations={}
            ),
            "spec": {
                **kept,
                **({"hostnames": hosts} if hosts else {}),
                "rules": list(_rules(entry, plan)),
            },
        },
    )


def _rules(entry: Entry, plan: ReleasePlan) -> Iterator[Plain]:
    """Yield the gray rules: for each condition, then for the weight, one for each opened rule of the base."""
    meaning = meaning_of(plan.rules)
    opened = _opened(entry)
    for condition in meaning.conditions:
        for rule, matches in opened:
            alternatives = [
                {**match, "headers": [*get_list(match, ("headers",)), header]}
                for match in matches
                for header in _headers(condition)
            ]
            yield _rule(
                rule,
                _with_methods(alternatives) if meaning.percent else alternatives,
                _backends(rule, entry, plan, gray=condition.enters),
                _coloured(rule, plan) if condition.enters else list(get_list(rule, ("filters",))),
            )
    # A route without rules is none: the API has a default for it, and no room for an empty list.
    if meaning.percent or not meaning.conditions:
        for rule, matches in opened:
            # What a rule drops it drops after what a backend sets, so the guard moves to the baseline's backends.
            filters = _modified(rule, keep_out=plan.spec.lane.header)
            yield _rule(rule, _with_methods(list(matches)), _shares(rule, entry, plan), filters)


def _opened(entry: Entry) -> list[tuple[Plain, list[Plain]]]:
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
                {"path": {"type": "PathPrefix", "value": "/"}}
            ]
            found.append((rule, [matches[place] for place in wanted[at]]))
    return found


def _rule(rule: Plain, matches: list[Plain], backends: list[Plain], filters: list[object]) -> Plain:
    kept = {key: rule[key] for key in rule if key not in ("name", "matches", "backendRefs", "filters")}
    made = {"matches": matches, **({"filters": filters} if filters else {}), "backendRefs": backends, **kept}
    return copy.deepcopy(made)


def _with_methods(matches: list[Plain]) -> list[Plain]:
    return [
        made
        for match in matches
        for made in ([match] if "method" in match else [{**match, "method": method} for method in _METHODS])
    ]


def _headers(condition: Condition) -> Iterator[Plain]:
    if condition.cookie:
        yield _expression("cookie", patterns.cookie(condition.cookie, condition.values[0]))
    elif condition.pattern is not None:
        yield _expression(condition.header, patterns.found_in(condition.pattern))
    else:
        for value in condition.values:
            yield {"type": "Exact", "name": condition.header, "value": value}


def _expression(name: str, pattern: str) -> Plain:
    return {"type": "RegularExpression", "name": name, "value": pattern}


def _backends(rule: Plain, entry: Entry, plan: ReleasePlan, *, gray: bool) -> list[Plain]:
    refs = [ref for ref in get_list(rule, ("backendRefs",)) if is_mapping(ref)]
    return [{**ref, "name": _gray_name(ref, entry, plan) or ref.get("name")} if gray else ref for ref in refs]


def _gray_name(ref: Plain, entry: Entry, plan: ReleasePlan) -> str | None:
    if get_text(ref, ("kind",)) not in ("", "Service") or get_text(ref, ("group",)):
        return None
    namespace = get_text(ref, ("namespace",)) or entry.document.identity.namespace
    return plan.gray_name((CORE, "Service"), namespace, get_text(ref, ("name",)))


def _shares(rule: Plain, entry: Entry, plan: ReleasePlan) -> list[Plain]:
    """Return the base's backends and, beside them, the gray ones, with the weight's share and the lane's header."""
    percent = meaning_of(plan.rules).percent
    base, gray = _backends(rule, entry, plan, gray=False), _backends(rule, entry, plan, gray=True)
    header = plan.spec.lane.header
    guarded = _modified(rule, keep_out=header) != list(get_list(rule, ("filters",)))
    shares = [] if percent == 100 else [{**ref, "weight": _weight(ref) * (100 - percent)} for ref in base]
    if guarded:
        shares = [{**ref, "filters": _dropping(ref, header)} for ref in shares]
    for ref in gray:
        coloured = {**ref, "weight": _weight(ref) * percent, "filters": _coloured(ref, plan)}
        shares.append(coloured)
    return shares


def _weight(ref: Plain) -> int:
    weight = ref.get("weight", 1)
    return weight if isinstance(weight, int) else 1


def _coloured(holder: Plain, plan: ReleasePlan) -> list[object]:
    """Return the filters of a rule or backend with the lane's header set; there is one modifier for each at most."""
    header = plan.spec.lane.header
    # The guard of the baseline's own rule must not take the lane's header away again.
    return _modified(holder, keep_out=header, put={"name": header, "value": plan.spec.tag})


def _modified(holder: Plain, *, keep_out: str, put: Plain | None = None) -> list[object]:
    """Return the filters of a rule or backend without the removal of a header, and with one set."""
    filters = list(get_list(holder, ("filters",)))
    at = next((at for at, item in enumerate(filters) if get_text(item, ("type",)) == _MODIFIER), None)
    own = get_map(filters[at], ("requestHeaderModifier",)) if at is not None else {}
    removed = [
        name for name in get_list(own, ("remove",)) if not isinstance(name, str) or name.lower() != keep_out.lower()
    ]
    changes = {
        **{key: own[key] for key in own if key != "remove"},
        **({"set": [*get_list(own, ("set",)), put]} if put else {}),
        **({"remove": removed} if removed else {}),
    }
    made = [{"type": _MODIFIER, "requestHeaderModifier": changes}] if changes else []
    return [*filters, *made] if at is None else [*filters[:at], *made, *filters[at + 1 :]]


def _check_entry(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    route, header = entry.document, plan.spec.lane.header
    asked = {condition.header.lower() or "cookie" for condition in meaning_of(plan.rules).conditions}
    opened = {(path.rule, path.path) for path in entry.paths}
    for at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
        if at not in {rule_at for rule_at, _ in opened}:
            continue
        for filter_at, item in enumerate(get_list(rule, ("filters",))):
            for verb in ("set", "add"):
                for name_at, change in enumerate(get_list(item, ("requestHeaderModifier", verb))):
                    if get_text(change, ("name",)).lower() == header.lower():
                        place: Path = (
                            "spec", "rules", at, "filters", filter_at, "requestHeaderModifier", verb, name_at, "name",
                        )  # fmt: skip
                        yield Diagnostic(
                            code="GC503",
                            message=f"HTTPRoute `{route.identity.name}` sets the lane's header `{header}` itself",
                            span=route.span(place),
                            object=route.identity.ref,
                            help="take it away, or choose another header with `spec.lane.header`",
                        )
        for match_at, match in enumerate(get_list(rule, ("matches",))):
            for header_at, own in enumerate(get_list(match, ("headers",))):
                name = get_text(own, ("name",))
                if (at, match_at) in opened and name.lower() in asked:
                    yield Diagnostic(
                        code="GC514",
                        message=f"HTTPRoute `{route.identity.name}` asks for header `{name}` itself, and of two "
                        "conditions on one header a route reads the first only",
                        span=route.span(("spec", "rules", at, "matches", match_at, "headers", header_at, "name")),
                        object=route.identity.ref,
                        help="open the lane by another header, or by a weight",
                    )
    yield from _taken(entry, plan)


Rank = tuple[object, str, bool, int, int]
"""Type and text of a match's path, whether it names a method, and how many headers and query parameters it names."""


def _rank(match: object) -> Rank:
    path = get_map(match, ("path",))
    return (
        path.get("type", "PathPrefix"),
        get_text(path, ("value",)) or "/",
        bool(get_text(match, ("method",))),
        len(get_list(match, ("headers",))),
        len(get_list(match, ("queryParams",))),
    )


def _taken(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find matches of the baseline that come before an opened one, and after what the lane makes of it."""
    meaning = meaning_of(plan.rules)
    headers = 1 if meaning.conditions else 0
    hosts = {path.host for path in entry.paths}
    opened = [_rank(match) for _, matches in _opened(entry) for match in matches]
    own = {(other.document.place, path.rule, path.path) for other in plan.entries for path in other.paths}
    for route in plan.baseline:
        if route.identity.group_kind != HTTP_ROUTE:
            continue
        theirs = {host for host in get_list(route.data, ("spec", "hostnames")) if isinstance(host, str)} or {""}
        if not theirs & hosts:
            continue
        for at, rule in enumerate(get_list(route.data, ("spec", "rules"))):
            for match_at, match in enumerate(get_list(rule, ("matches",)) or [{}]):
                rank = _rank(match)
                if (route.place, at, match_at) in own or not any(
                    rank[:2] == mine[:2]
                    and rank[2:] > mine[2:]
                    and (bool(meaning.percent) or mine[2], mine[3] + headers) > rank[2:4]
                    for mine in opened
                ):
                    continue
                yield Diagnostic(
                    code="GC512",
                    message=f"requests that rule {at + 1} of HTTPRoute `{route.identity.name}` takes from path "
                    f"`{rank[1]}` would go gray before it is asked: what the lane adds to a match outranks its own",
                    span=route.span(
                        ("spec", "rules", at, *(("matches", match_at) if get_list(rule, ("matches",)) else ()))
                    ),
                    object=route.identity.ref,
                    notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
                    help="release the service behind it too, or give it a path of its own",
                )


def _check_size(entry: Entry, route: Document) -> Iterator[Diagnostic]:
    rules = get_list(route.data, ("spec", "rules"))
    sizes = [len(get_list(rule, ("matches",))) for rule in rules]
    for what, size, most in (
        ("rules", len(sizes), _MOST_RULES),
        ("matches in one rule", max(sizes, default=0), _MOST_MATCHES),
        ("matches", sum(sizes), _MOST_MATCHES_IN_ROUTE),
    ):
        if size > most:
            yield Diagnostic(
                code="GC515",
                message=f"the gray HTTPRoute of `{entry.document.identity.name}` would have {size} {what}, and the API "
                f"takes {most}",
                span=entry.document.span(("metadata", "name")),
                object=entry.document.identity.ref,
                help="open fewer hosts or paths with `spec.traffic.entries`, or one `pattern` for several `values`",
            )


def _grants(plan: ReleasePlan) -> Iterator[Document]:
    """Yield a ReferenceGrant for every gray Service that a route of another namespace leads to."""
    made: set[tuple[str, str, str]] = set()
    for entry in plan.entries:
        home = plan.key_of(entry.document.identity).namespace
        for ref in (ref for rule, _ in _opened(entry) for ref in get_list(rule, ("backendRefs",))):
            if is_mapping(ref):
                namespace = get_text(ref, ("namespace",))
                gray = _gray_name(ref, entry, plan)
                if gray is None or namespace in ("", home) or (namespace, home, gray) in made:
                    continue
                made.add((namespace, home, gray))
                yield replace(
                    entry.document,
                    data={
                        "apiVersion": f"{GATEWAY}/v1beta1",
                        "kind": "ReferenceGrant",
                        "metadata": {
                            **gray_metadata(entry, plan, name=f"{gray}-from-{home}", annotations={}),
                            "namespace": namespace,
                        },
                        "spec": {
                            "from": [{"group": GATEWAY, "kind": "HTTPRoute", "namespace": home}],
                            "to": [{"group": "", "kind": "Service", "name": gray}],
                        },
                    },
                )


WRITER = Writer(name=NAME, lower=lower, guard=guard)
