"""Traefik's own routes: an IngressRoute beside the baseline's route, whose rules are its base's and a condition more.

Sources: traefik/traefik v3.7.13:

- pkg/muxer/http (mux.go, matcher.go, parser.go): of the routers of all providers that match, the one with the highest
  priority has the request; where none is written, it is the length of the rule in bytes. Of two with one priority
  chance decides, at each load;
- pkg/provider/kubernetes/crd (kubernetes_http.go, kubernetes.go): what a route, a TraefikService and a Middleware are;
  a middleware of a Service (since 3.7) is looked up in that Service's namespace; what is in another namespace is
  refused unless `allowCrossNamespace` is set, which is not the default;
- pkg/provider/kubernetes/ingress (kubernetes.go, annotations.go): the router of an Ingress of its own class.

A gray router has the priority just above its base's. So it takes requests from its base alone: what comes before the
base comes before it, too, but for a router of that very priority (GC512). What of a request decides is one rule, whose
two sides exclude each other, so that no order among gray routers matters.
"""

import copy
from collections.abc import Iterator, Sequence

from grayc.analysis.routes import is_service_of_traefik
from grayc.analysis.traffic import Ask, Line, meaning_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.expressions import signs_of
from grayc.documents.findings import at_object, note_at
from grayc.documents.traefik_routers import OtherRouter, other_routers
from grayc.documents.traefik_rules import call, hosts_of, paths_of, read_rule
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.gateways import patterns
from grayc.gateways.canaries import annotations_of, gray_metadata
from grayc.gateways.own_ingresses import OwnOptions, why_not_copied
from grayc.gateways.splits import split
from grayc.k8s.gateways import INGRESS, INGRESS_ROUTE, GatewayName
from grayc.k8s.kinds import CORE
from grayc.k8s.providers import PROVIDERS
from grayc.k8s.server_fields import is_owner_annotation
from grayc.plan.model import Entry, EntryPath, ReleasePlan
from grayc.records import dataclass, replace
from grayc.spec.findings import at_spec
from grayc.spec.model import ByClient, Part

NAME = GatewayName.TRAEFIK
API_VERSION = "traefik.io/v1alpha1"

_MOST_WEIGHT = 1_000_000
# What a value has only once it is decoded, or no more then. Source: Go, net/url ParseQuery, which drops what has a `;`.
_DECODED = frozenset("%+ &#;")
Plain = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """A router of the baseline that the lane opens.

    Attributes:
        place: of the router in its object.
        rule: what its gray routers ask, before the rules of the release.
        priority: it has, as Traefik counts.
        route: the fields of an IngressRoute's route that are the same for a gray one.
        services: of the route.
    """

    entry: Entry
    at: int
    place: tuple[str | int, ...]
    rule: str
    priority: int
    route: Plain
    services: tuple[Plain, ...]


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return an IngressRoute for every entry, and the Middlewares and TraefikServices that it names.

    Diagnostics:
        GC501: a query is asked for a sign that is encoded in a URL.
        GC512: a router of the baseline has the priority of the gray one, and may match the same requests.
        GC543: the same of a router that is not followed.
        GC570: the baseline's route has what a route beside it cannot repeat.
    """
    found: list[Diagnostic] = [*_check_query(plan)]
    routers = other_routers(plan.baseline)
    documents: list[Document] = []
    middlewares = _Middlewares(plan)
    for entry in plan.entries:
        reason = why_not_copied(entry.document, plan.key_of(entry.document.identity).namespace)
        if reason is not None:
            place, why, help_ = reason
            found.append(
                at_object(
                    entry.document,
                    place,
                    code="GC570",
                    message=f"`{entry.document.identity.ref}` cannot be opened: {why}",
                    help=help_,
                )
            )
            continue
        bases = tuple(_bases(entry, plan))
        found += _check_priorities(bases, plan, routers)
        documents += _objects(entry, bases, plan, middlewares)
    return Checked(value=(*middlewares.documents(), *documents), diagnostics=tuple(found))


def _bases(entry: Entry, plan: ReleasePlan) -> Iterator[_Base]:
    """Yield the routers that an entry opens, in their order."""
    if entry.document.identity.group_kind == INGRESS:
        yield from _bases_of_ingress(entry, plan)
        return
    routes = get_list(entry.document.data, ("spec", "routes"))
    for at in dict.fromkeys(path.rule for path in entry.paths):
        route = get_map(routes[at], ())
        rule = get_text(route, ("match",))
        priority = route.get("priority")
        yield _Base(
            entry=entry,
            at=at,
            place=("spec", "routes", at, "match"),
            rule=_opened(rule, [path for path in entry.paths if path.rule == at]),
            priority=priority if isinstance(priority, int) and priority else len(rule.encode()),
            route={key: value for key, value in route.items() if key not in ("match", "kind", "priority", "services")},
            services=tuple(service for service in get_list(route, ("services",)) if is_mapping(service)),
        )


def _opened(rule: str, paths: Sequence[EntryPath]) -> str:
    """Return a rule of the hosts and paths that are opened, where these are not all of it."""
    asked = read_rule(rule)
    if asked is None:
        return rule
    parts = [_grouped(rule)]
    hosts, opened = hosts_of(asked), {path.host for path in paths}
    if set(hosts) - opened:
        parts.append(_any([call("Host", host) for host in hosts if host in opened]))
    every, at = paths_of(asked), {path.path for path in paths}
    if len(every) > len(at):
        parts.append(_any([call(*ask) for number, ask in enumerate(every) if number in at]))
    return " && ".join(parts) if len(parts) > 1 else rule


def _bases_of_ingress(entry: Entry, plan: ReleasePlan) -> Iterator[_Base]:
    options = OwnOptions.of(entry.document, plan.key_of(entry.document.identity).namespace)
    home = plan.key_of(entry.document.identity).namespace
    services = {
        (plan.key_of(found.identity).namespace, found.identity.name): found
        for found in plan.baseline
        if found.identity.group_kind == (CORE, "Service")
    }
    every = {
        (router.place): router
        for router in other_routers(plan.baseline)
        if router.document.place == entry.document.place
    }
    for number, path in enumerate(entry.paths):
        place = ("spec", "rules", path.rule, "http", "paths", path.path)
        router = every.get(place)
        if router is None:
            continue
        backend = get_map(get(entry.document.data, place), ("backend", "service"))
        port = get(backend, ("port", "number")) or get(backend, ("port", "name"))
        name = get_text(backend, ("name",))
        yield _Base(
            entry=entry,
            at=number,
            place=place,
            rule=router.rule,
            priority=router.priority,
            route={"middlewares": list(options.middlewares)} if options.middlewares else {},
            services=({"name": name, "port": port, **OwnOptions.of_service(services.get((home, name)))},),
        )


def _objects(
    entry: Entry, bases: Sequence[_Base], plan: ReleasePlan, middlewares: "_Middlewares"
) -> Iterator[Document]:
    base, suffix = entry.document, plan.spec.suffix
    shares: list[Document] = []
    routes: list[Plain] = []
    for each in bases:
        routes += _routes(each, plan, middlewares, shares)
    spec = get_map(base.data, ("spec",))
    if base.identity.group_kind == INGRESS_ROUTE:
        kept = {key: copy.deepcopy(spec[key]) for key in spec if key != "routes"}
        annotations = {key: value for key, value in annotations_of(base).items() if not is_owner_annotation(key)}
    else:
        options = OwnOptions.of(base, plan.key_of(base.identity).namespace)
        kept, annotations = options.spec(), {}
    yield from shares
    yield replace(
        base,
        data={
            "apiVersion": API_VERSION,
            "kind": "IngressRoute",
            "metadata": gray_metadata(entry, plan, name=f"{base.identity.name}{suffix}", annotations=annotations),
            "spec": {**kept, "routes": routes},
        },
    )


def _routes(base: _Base, plan: ReleasePlan, middlewares: "_Middlewares", shares: list[Document]) -> Iterator[Plain]:
    """Yield the gray routes of a router: who enters by a rule, and what a share is drawn from."""
    meaning = meaning_of(plan.rules)
    gray = _gray_services(base, plan)
    header = middlewares.of(base.entry)
    entering = _entering(meaning.lines)
    if entering is not None:
        yield _route(base, f"{_grouped(base.rule)} && {_grouped(entering)}", gray, [{"name": header}])
    # A route is there at every step, so that its share can grow.
    if not meaning.percent and meaning.lines:
        return
    decided = _any([_asking(line) for line in meaning.lines])
    rule = f"{_grouped(base.rule)} && !{_grouped(decided)}" if decided else base.rule
    if meaning.percent == 100:
        yield _route(base, rule, gray, [{"name": header}])
        return
    share = _share(base, gray, plan, header)
    shares.append(share)
    yield _route(base, rule, [{"name": share.identity.name, "kind": "TraefikService"}], [])


def _route(base: _Base, rule: str, services: Sequence[Plain], more: Sequence[Plain]) -> Plain:
    own = get_list(base.route, ("middlewares",))
    both = [*own, *more]
    kept = {key: value for key, value in base.route.items() if key != "middlewares"}
    return copy.deepcopy(
        {
            "kind": "Rule",
            "match": rule,
            "priority": base.priority + 1,
            **({"middlewares": both} if both else {}),
            "services": list(services),
            **kept,
        }
    )


def _gray_services(base: _Base, plan: ReleasePlan) -> list[Plain]:
    """Return where a request that enters goes: to the gray ones of the services alone, where one is released."""
    named = [(service, _gray_name(service, base.entry, plan)) for service in base.services]
    released = [{**service, "name": name} for service, name in named if name is not None]
    if not released:
        return list(base.services)
    if len(released) < len(base.services) and not any(map(_weight, released)):
        return [{key: value for key, value in service.items() if key != "weight"} for service in released]
    return released


def _gray_name(service: Plain, entry: Entry, plan: ReleasePlan) -> str | None:
    if not is_service_of_traefik(service):
        return None
    namespace = get_text(service, ("namespace",)) or entry.document.identity.namespace
    return plan.gray_name((CORE, "Service"), namespace, get_text(service, ("name",)))


def _weight(service: Plain) -> int:
    weight = service.get("weight", 1)
    return weight if isinstance(weight, int) else 1


def _share(base: _Base, gray: Sequence[Plain], plan: ReleasePlan, header: str) -> Document:
    """Return the TraefikService of a drawn share."""
    meaning, entry = meaning_of(plan.rules), base.entry
    weights = [_weight(service) for service in base.services]
    kept, given = split(weights, [_weight(service) for service in gray], meaning.percent, most=_MOST_WEIGHT)
    home = plan.key_of(entry.document.identity).namespace
    is_read = PROVIDERS[plan.spec.lane.provider].needs_header
    services = [{**service, "weight": weight} for service, weight in zip(base.services, kept, strict=True)]
    for service, weight in zip(gray, given, strict=True):
        elsewhere = get_text(service, ("namespace",)) not in ("", home)
        # It is looked up in the Service's namespace.
        ref = {"name": header, **({"namespace": home} if elsewhere else {})}
        own = get_list(service, ("middlewares",))
        services.append({**service, "weight": weight, **({"middlewares": [*own, ref]} if is_read else {})})
    name = f"{entry.document.identity.name}-share-{base.at}{plan.spec.suffix}"
    keeps = meaning.weight is not None and isinstance(meaning.weight.by, ByClient)
    # Each share has a cookie of its own: one that names a Service of another share is drawn anew.
    sticky: Plain = {"sticky": {"cookie": {"name": name, "httpOnly": True}}} if keeps else {}
    return replace(
        entry.document,
        data={
            "apiVersion": API_VERSION,
            "kind": "TraefikService",
            "metadata": gray_metadata(entry, plan, name=name, annotations={}),
            "spec": {"weighted": {"services": copy.deepcopy(services), **sticky}},
        },
    )


class _Middlewares:
    """The Middlewares that add the lane's header: one for a namespace, since a router finds those of its own alone."""

    def __init__(self, plan: ReleasePlan) -> None:
        self._plan = plan
        self._first: dict[str, Entry] = {}
        self._used: set[str] = set()

    def of(self, entry: Entry) -> str:
        """Return the name of the Middleware that an entry's routes name."""
        home = self._plan.key_of(entry.document.identity).namespace
        first = self._first.setdefault(home, entry)
        return f"{first.document.identity.name}-header{self._plan.spec.suffix}"

    def documents(self) -> Iterator[Document]:
        """Yield them, in order of first use."""
        spec = self._plan.spec
        for entry in self._first.values():
            yield replace(
                entry.document,
                data={
                    "apiVersion": API_VERSION,
                    "kind": "Middleware",
                    "metadata": gray_metadata(entry, self._plan, name=self.of(entry), annotations={}),
                    "spec": {"headers": {"customRequestHeaders": {spec.lane.carrier.header: spec.tag}}},
                },
            )


def _entering(lines: Sequence[Line]) -> str | None:
    """Return a rule of the requests that enter by the lines, the first that holds deciding; None where none does."""
    rest: list[str] = []
    for line in reversed(lines):
        if line.enters:
            rest.insert(0, _asking(line))
        elif rest:
            rest = [f"!{_grouped(_asking(line))} && {_grouped(_any(rest))}"]
    return _any(rest) if rest else None


def _any(rules: Sequence[str]) -> str:
    return rules[0] if len(rules) == 1 else " || ".join(_grouped(rule) if "&&" in rule else rule for rule in rules)


def _grouped(rule: str) -> str:
    """Return a rule that can stand beside others."""
    return f"({rule})" if "&&" in rule or "||" in rule else rule


def _asking(line: Line) -> str:
    """Return the rule of a line."""
    asked = [_matcher(ask) for ask in line.asks]
    return asked[0] if len(asked) == 1 else " && ".join(map(_grouped, asked))


def _matcher(ask: Ask) -> str:
    if ask.part is Part.COOKIE:
        return call("HeaderRegexp", "Cookie", patterns.cookies([ask]))
    name = "Header" if ask.part is Part.HEADER else "Query"
    if ask.pattern is not None:
        return call(f"{name}Regexp", ask.name, ask.pattern)
    # An empty text is no argument of a matcher.
    return _any(
        [call(name, ask.name, value) if value else call(f"{name}Regexp", ask.name, "^$") for value in ask.values]
    )


def _check_query(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find a pattern that asks for what a query is encoded by: Traefik asks it of the decoded value.

    Source: Go, net/url ParseQuery. Values have none of these signs.
    """
    for line in meaning_of(plan.rules).lines:
        for ask in line.asks:
            odd = dict.fromkeys(sign for sign in signs_of(ask.pattern or "") if sign in _DECODED)
            if ask.part is Part.QUERY and odd:
                named = "a space" if " " in odd else f"`{next(iter(odd))}`"
                yield at_spec(
                    plan.spec,
                    line.rule.path,
                    code="GC501",
                    message=f"gateway `{NAME}` decodes a query before it asks a pattern, and this one has {named}",
                    help="ask for letters, digits, `-`, `_` and `.`, or for a header",
                )


def _check_priorities(
    bases: Sequence[_Base], plan: ReleasePlan, routers: Sequence[OtherRouter]
) -> Iterator[Diagnostic]:
    """Find routers of the baseline that the gray ones come before without being theirs, or that chance decides with."""
    opened = {
        (entry.document.place, path.rule, path.path if entry.document.identity.group_kind == INGRESS else 0)
        for entry in plan.entries
        for path in entry.paths
    }
    for base in bases:
        for router in routers:
            if router.priority not in (base.priority, base.priority + 1) or not _may_meet(base, router):
                continue
            at = router.place
            path = at[5] if len(at) > 5 and isinstance(at[5], int) else 0
            number = at[2] if len(at) > 2 and isinstance(at[2], int) else 0
            if (router.document.place, number, path) in opened:
                continue
            ref = router.document.identity.ref
            if router.unread:
                yield at_object(
                    router.document,
                    at,
                    code="GC543",
                    message=f"on gateway `{NAME}` rule `{router.rule}` of `{ref}` has priority {router.priority}, and "
                    f"the lane's route beside `{base.entry.document.identity.ref}` has {base.priority + 1}; who of the "
                    f"two has a request is not proved: {router.unread}",
                    notes=(note_at(base.entry.document, ("metadata", "name"), "the entry"),),
                    help=f"give one of the two a `priority` of its own, {base.priority + 2} or more for `{ref}` where "
                    "it is to come first; or accept it",
                )
                continue
            yield at_object(
                router.document,
                at,
                code="GC512",
                message=f"on gateway `{NAME}` `{ref}` may match requests of `{base.entry.document.identity.ref}` with "
                f"priority {router.priority}, and the lane's route takes {base.priority + 1}: "
                + (
                    "of two routers of one priority chance decides"
                    if router.priority > base.priority
                    else "today chance decides between the two, and the lane's would come before both"
                ),
                notes=(note_at(base.entry.document, ("metadata", "name"), "the entry"),),
                help=f"write `priority: {base.priority + 2}` in `{ref}` where it is to come first, or open it too",
            )


def _may_meet(base: _Base, router: OtherRouter) -> bool:
    """Tell whether a router of the baseline may match a request that an opened one matches, too."""
    document = base.entry.document
    if router.document.place == document.place and router.place == base.place:
        return False
    ours, theirs = (set(names) for names in (entry_points(document), entry_points(router.document)))
    if ours and theirs and not ours & theirs:
        return False
    asked = read_rule(base.rule)
    hosts = hosts_of(asked) if asked is not None else ()
    if hosts and router.hosts and not any(router.is_for(host) for host in hosts):
        return False
    if not router.path:
        return True
    return not (paths := paths_of(asked) if asked is not None else ()) or any(
        _paths_meet(kind, text, router) for kind, text in paths
    )


def _paths_meet(kind: str, text: str, router: OtherRouter) -> bool:
    if kind == "PathRegexp":
        return True
    if kind == "Path":
        return text == router.path if router.kind == "Exact" else text.startswith(router.path)
    return router.path.startswith(text) or (router.kind != "Exact" and text.startswith(router.path))


def entry_points(document: Document) -> tuple[str, ...]:
    """Return the entry points that a route names, () for the default ones."""
    if document.identity.group_kind == INGRESS:
        return OwnOptions.of(document, "").entry_points
    return tuple(name for name in get_list(document.data, ("spec", "entryPoints")) if isinstance(name, str))
