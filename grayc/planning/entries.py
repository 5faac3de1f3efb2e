"""Which entries a release opens: routes of the baseline, whatever kind the gateway has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from grayc.analysis.graph import pod_labels
from grayc.analysis.routes import Backend, backends_of, is_canary, unread_sections
from grayc.diagnostics import Diagnostic, did_you_mean, has_errors
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get_map, get_text
from grayc.k8s.gateways import GATEWAYS, INGRESS
from grayc.k8s.kinds import CORE
from grayc.k8s.selectors import matches_map
from grayc.plan.model import Entry, EntryPath, key_of
from grayc.planning.index import BaselineIndex
from grayc.spec.findings import at_spec
from grayc.spec.model import EntrySpec, ReleaseSpec, ServiceSpec, Traffic

_Released = Mapping[ObjectKey, ServiceSpec]
"""Baseline Service → the service of the release whose gray copy it has."""

_Found = tuple[Diagnostic, ...]


def find_entries(
    spec: ReleaseSpec, index: BaselineIndex, released: _Released, *, is_whole: bool
) -> tuple[tuple[Entry, ...], _Found]:
    """Return the entries that the rules open, in order of place.

    Args:
        released: baseline Service → the service of the release whose gray copy it has.
        is_whole: every service was found; else the entry of one that was not is no mistake of its own.

    Diagnostics:
        GC320: `entries` names a route that the baseline does not have.
        GC321: there are rules but no entry.
        GC322: a named entry has no path that can be opened.
        GC323: a named entry is a canary itself.
        GC324: `calls` names a service that nobody knows.
        GC502: a default backend leads to a released service, which no canary can open.
        GC505: a named entry is of a kind that the gateway does not read.
        GC506: `entries` names a host or path that the route does not have.
    """
    starts, found = _call_starts(spec, index)
    traffic = spec.traffic
    if traffic is None or not traffic.rules:
        return (), found
    kind = GATEWAYS[traffic.gateway].entry_kind
    routes = [document for document in index.documents if document.identity.group_kind == kind]
    if traffic.entries:
        named = [_named_entry(spec, traffic, wanted, routes, released) for wanted in traffic.entries]
        entries = tuple(entry for entry, _ in named if entry is not None)
        found = (*found, *chain.from_iterable(said for _, said in named))
    else:
        ordinary = [route for route in routes if not is_canary(route)]
        entries = tuple(_leading_to_released(spec, ordinary, released)) or tuple(
            _leading_to_starts(spec, ordinary, starts)
        )
        found = (*found, *chain.from_iterable(_default_backend(spec, route, released) for route in ordinary))
    # Where a named entry or a call path is wrong, that is why there is no entry.
    if not entries and is_whole and not has_errors(found):
        found = (*found, _no_entry(spec, traffic, routes, index, released))
    return tuple(sorted(entries, key=lambda entry: entry.document.place)), found


def _leading_to_released(spec: ReleaseSpec, routes: Sequence[Document], released: _Released) -> Iterator[Entry]:
    for route in routes:
        entry = _open(spec, route, list(backends_of(route, routes)), released)
        if entry is not None:
            yield entry


def _leading_to_starts(spec: ReleaseSpec, routes: Sequence[Document], starts: frozenset[ObjectKey]) -> Iterator[Entry]:
    for route in routes:
        ways = [way for way in backends_of(route, routes) if _service_key(spec, route, way) in starts]
        entry = _colour(spec, route, ways)
        if entry is not None:
            yield entry


def _service_key(spec: ReleaseSpec, route: Document, backend: Backend) -> ObjectKey:
    home = backend.namespace or key_of(spec, route.identity).namespace
    return ObjectKey(group_kind=(CORE, "Service"), namespace=home, name=backend.service)


def _open(spec: ReleaseSpec, route: Document, backends: Iterable[Backend], released: _Released) -> Entry | None:
    """Return an entry of the paths that lead to released services, None where no path does."""
    paths = tuple(
        _entry_path(backend, service)
        for backend in backends
        if (service := released.get(_service_key(spec, route, backend))) is not None
    )
    if not paths:
        return None
    order = [service.name for service in spec.services]
    owner = min((path.service for path in paths if path.service), key=lambda service: order.index(service.name))
    return Entry(document=route, owner=owner, paths=paths)


def _colour(spec: ReleaseSpec, route: Document, backends: Iterable[Backend]) -> Entry | None:
    paths = tuple(_entry_path(backend, None) for backend in backends if backend.service)
    return Entry(document=route, owner=spec.services[0], paths=paths) if paths else None


def _entry_path(backend: Backend, service: ServiceSpec | None) -> EntryPath:
    return EntryPath(
        rule=backend.rule,
        path=backend.path,
        host=backend.host,
        text=backend.text,
        baseline_service=backend.service,
        service=service,
    )


def _named_entry(
    spec: ReleaseSpec, traffic: Traffic, wanted: EntrySpec, routes: Sequence[Document], released: _Released
) -> tuple[Entry | None, _Found]:
    """Return the entry that a row of `entries` names, None where it names none that can be opened."""
    entry_kind = GATEWAYS[traffic.gateway].entry_kind
    kind = entry_kind[1]
    key = "ingress" if wanted.kind == "Ingress" else "route"
    path = (*wanted.path, key)
    if (key == "ingress") != (entry_kind == INGRESS):
        other = at_spec(
            spec,
            path,
            code="GC505",
            message=f"gateway `{traffic.gateway}` reads {_plural(kind)}, not `{key}: {wanted.name}`",
            help=f"name one with `{'ingress' if entry_kind == INGRESS else 'route'}`, or another `gateway`",
        )
        return None, (other,)
    found = [
        route
        for route in routes
        if route.identity.name == wanted.name
        and (spec.namespace is None or route.identity.namespace in ("", spec.namespace))
    ]
    if len(found) != 1:
        unclear = at_spec(
            spec,
            path,
            code="GC320",
            message=f"`{wanted.name}` names {len(found)} {_plural(kind)}"
            if found
            else f"the baseline has no {kind} `{wanted.name}`",
            notes=tuple(note_at(other, ("metadata", "name"), f"`{other.identity}`") for other in found),
            help="set `spec.namespace` to choose one"
            if found
            else did_you_mean(wanted.name, [route.identity.name for route in routes], noun=kind),
        )
        return None, (unclear,)
    route = found[0]
    if is_canary(route):
        canary = at_spec(
            spec,
            path,
            code="GC323",
            message=f"Ingress `{wanted.name}` is a canary itself, so it is no way in of the baseline",
            object=route.identity.ref,
            notes=(note_at(route, ("metadata", "annotations"), "its canary mark"),),
            help="name the ordinary Ingress of the same host and path",
        )
        return None, (canary,)
    backends, unknown = _chosen(spec, wanted, route, routes)
    entry = _open(spec, route, backends, released) or _colour(spec, route, backends)
    said = (*unknown, *_default_backend(spec, route, released))
    if entry is None and not unknown:
        closed = at_spec(
            spec,
            path,
            code="GC322",
            message=f"{kind} `{wanted.name}` has no path that leads to a Service",
            object=route.identity.ref,
            notes=(note_at(route, ("metadata", "name"), f"the {kind}"),),
            help="a canary can not stand for a default backend: give the Ingress a rule with a path"
            if entry_kind == INGRESS
            else "name a route whose rules lead to Services, through a gateway",
        )
        said = (*said, closed)
    return entry, said


def _chosen(
    spec: ReleaseSpec, wanted: EntrySpec, route: Document, routes: Iterable[Document]
) -> tuple[list[Backend], _Found]:
    """Return the backends of a route under the hosts and paths that a row of `entries` names."""
    backends = list(backends_of(route, routes))
    unknown = tuple(
        at_spec(
            spec,
            (*wanted.path, f"{word}s", at),
            code="GC506",
            message=f"{route.identity.kind} `{wanted.name}` has no {word} `{choice}`",
            object=route.identity.ref,
            help=did_you_mean(choice, known, noun=word),
        )
        for word, choices, known in (
            ("host", wanted.hosts, {backend.host for backend in backends}),
            ("path", wanted.paths, {backend.text for backend in backends}),
        )
        for at, choice in enumerate(choices)
        if choice not in known
    )
    chosen = [
        backend
        for backend in backends
        if (not wanted.hosts or backend.host in wanted.hosts) and (not wanted.paths or backend.text in wanted.paths)
    ]
    return chosen, unknown


def _default_backend(spec: ReleaseSpec, route: Document, released: _Released) -> Iterator[Diagnostic]:
    path = ("spec", "defaultBackend", "service", "name")
    name = get_text(route.data, path)
    key = ObjectKey(group_kind=(CORE, "Service"), namespace=key_of(spec, route.identity).namespace, name=name)
    if name and key in released:
        yield at_object(
            route,
            path,
            code="GC502",
            message=f"the default backend of Ingress `{route.identity.name}` leads to released service `{name}`, and "
            "no canary can open a default backend",
            help="give the Ingress a rule with path `/` to that Service; until then such requests stay on the baseline",
        )


def _call_starts(spec: ReleaseSpec, index: BaselineIndex) -> tuple[frozenset[ObjectKey], _Found]:
    """Return the Services of the first service of each call path that has a released service on it."""
    if not spec.calls:
        return frozenset(), ()
    released = {service.name for service in spec.services}
    services = [document for document in index.documents if document.identity.group_kind == (CORE, "Service")]
    known = released | set(index.workloads_by_name) | {service.identity.name for service in services}
    unknown = tuple(
        at_spec(
            spec,
            call.path,
            code="GC324",
            message=f"`{name}` is neither a service of the release nor a workload or Service of the baseline",
            help=did_you_mean(name, known, noun="service"),
        )
        for call in spec.calls
        for name in call.services
        if name not in known
    )
    firsts = {call.services[0] for call in spec.calls if released.intersection(call.services)}
    pods = [pod_labels(workload) for first in firsts for workload in index.workloads_by_name.get(first, [])]
    starts = frozenset(
        key_of(spec, service.identity)
        for service in services
        if service.identity.name in firsts
        or any(matches_map(get_map(service.data, ("spec", "selector")), labels) for labels in pods)
    )
    return starts, unknown


def _no_entry(
    spec: ReleaseSpec, traffic: Traffic, routes: Sequence[Document], index: BaselineIndex, released: _Released
) -> Diagnostic:
    balancers = [
        index.by_key[key] for key in released if get_text(index.by_key[key].data, ("spec", "type")) == "LoadBalancer"
    ]
    names = ", ".join(f"`{service.name}`" for service in spec.services)
    kind = GATEWAYS[traffic.gateway].entry_kind[1]
    return at_spec(
        spec,
        (*traffic.path, "rules"),
        key=True,
        code="GC321",
        message=f"there are rules, but no {kind} of the baseline leads to a released service ({names})",
        notes=(
            *(note_at(route, ("metadata", "name"), _described(route)) for route in routes),
            *(
                note_at(
                    service,
                    ("spec", "type"),
                    f"Service `{service.identity.name}` is of type LoadBalancer, which can not choose by request",
                )
                for service in balancers
            ),
        ),
        help=f"name the way in with `spec.traffic.entries: [{{{'ingress' if kind == 'Ingress' else 'route'}: NAME}}]`, "
        "or the call paths with `spec.calls`; requests of an entry whose service is not released are coloured and stay "
        "on the baseline service"
        if routes
        else f"the baseline holds no {kind}, which gateway `{traffic.gateway}` reads: add its file to `spec.baseline`, "
        "choose another gateway, or leave `spec.traffic` out",
    )


def _described(route: Document) -> str:
    shown = f"there is `{route.identity.ref}`"
    if is_canary(route):
        return f"{shown}, a canary"
    services = dict.fromkeys(f"`{backend.service}`" for backend in backends_of(route) if backend.service)
    if not services and (sections := unread_sections(route)):
        return f"{shown}, with {' and '.join(f'`{name}`' for name in sections)} routes, which no rule opens"
    return f"{shown}, to {', '.join(services)}" if services else shown


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"
