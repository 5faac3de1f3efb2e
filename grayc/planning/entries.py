"""Which entries a release opens: routes of the baseline, whatever kind the gateway has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain

from grayc.analysis.call_names import CallNames
from grayc.analysis.controllers import Controllers, controller_for
from grayc.analysis.graph import pod_labels
from grayc.analysis.routes import Backend, backends_of, is_canary, is_without_gateway, unread_sections
from grayc.diagnostics import Diagnostic, Note, did_you_mean, has_errors
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.ingresses import is_ingress, why_not_held
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.gateways import (
    GATEWAYS,
    INGRESS,
    VIRTUAL_SERVICE,
    GatewayName,
    serves_ingresses,
)
from grayc.k8s.kinds import CORE, GATEWAY
from grayc.k8s.removed_apis import REMOVED_APIS
from grayc.k8s.selectors import matches_map
from grayc.plan.model import Entry, EntryPath, key_of
from grayc.planning.index import BaselineIndex
from grayc.planning.not_opened import Left, destination_of, not_opened, why_not
from grayc.records import dataclass
from grayc.spec.findings import at_spec
from grayc.spec.model import ALL_OTHERS, EntrySpec, ReleaseSpec, ServiceSpec, Traffic

_Released = Mapping[ObjectKey, ServiceSpec]
"""Baseline Service → the service of the release whose gray copy it has."""

_Found = tuple[Diagnostic, ...]
_Place = tuple[str, int, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What the rules open, and what leads to released services by another way.

    Attributes:
        opened: in order of place.
        left: in order of place.
    """

    opened: tuple[Entry, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """A route that a row of `entries` names, and the backends of it.

    Attributes:
        row: the row.
        gateway: opens it.
        parents: positions of the `parentRefs` through which it is opened; None for all.
    """

    row: EntrySpec
    route: Document
    gateway: GatewayName
    backends: tuple[Backend, ...]
    parents: tuple[int, ...] | None = None


def find_entries(
    spec: ReleaseSpec, index: BaselineIndex, released: _Released, copied: Set[str], *, is_whole: bool
) -> tuple[Entries, _Found]:
    """Return the entries that the rules open, in order of place, and what else leads to released services.

    Args:
        released: baseline Service → the service of the release whose gray copy it has.
        copied: names of the workloads and Services that get a gray copy.
        is_whole: every service was found; else the entry of one that was not is no mistake of its own.

    Diagnostics:
        GC307: an Ingress of a version that servers no longer have leads to a released service.
        GC320: `entries` names a route that the baseline does not have.
        GC321: there are rules but no entry.
        GC322: a named entry has no path that can be opened.
        GC323: a named entry is a canary itself.
        GC324: `calls` or `lane.propagation` names a service that nobody knows, or a folder that may mean several.
        GC325, GC326, GC327: what leads to a released service beside the entries.
        GC328: two rows of `entries` hold one host and path.
        GC329: on Traefik an entry names no class.
        GC502: a default backend leads to a released service, which no canary can open.
        GC505: a named entry is not for the gateway.
        GC506: `entries` names a host or path that the route does not have.
    """
    starts, found = _call_starts(spec, index, copied)
    traffic = spec.traffic
    if traffic is None or not traffic.rules:
        return Entries(), found
    finder = _Finder(spec, traffic, index, released)
    opened, said = finder.named() if traffic.entries else finder.all_of_gateway(starts)
    found = (*found, *said, *_removed(spec, index, released))
    left = not_opened(spec, traffic, index, released, controllers=finder.controllers, entries=opened)
    # Where a named entry or a call path is wrong, that is why there is no entry.
    if not opened and is_whole and not has_errors(found):
        found = (*found, _no_entry(spec, traffic, index, released, left, controllers=finder.controllers))
    elif opened:
        found = (*found, *(each.finding for each in left))
    return Entries(opened=tuple(sorted(opened, key=lambda entry: entry.document.place)), left=left), found


class _Finder:
    """Finds the entries of one release."""

    def __init__(self, spec: ReleaseSpec, traffic: Traffic, index: BaselineIndex, released: _Released) -> None:
        self._spec, self._traffic, self._index, self._released = spec, traffic, index, released
        self.controllers = Controllers(index.documents)

    def all_of_gateway(self, starts: frozenset[ObjectKey]) -> tuple[tuple[Entry, ...], _Found]:
        """Return what `traffic.gateway` serves and leads to a released service, else what leads to a call's start."""
        gateway = self._traffic.gateway
        ordinary = [
            route
            for route in self._routes(gateway)
            if not is_canary(route) and not why_not(self._traffic, self.controllers, route, gateway)
        ]
        entries = tuple(
            entry
            for route in ordinary
            for entry in [self._open(route, backends_of(route, self._index.documents), gateway)]
            if entry
        ) or tuple(
            entry
            for route in ordinary
            for entry in [
                self._colour(
                    route,
                    [
                        way
                        for way in backends_of(route, self._index.documents)
                        if _service_key(self._spec, route, way) in starts
                    ],
                    gateway,
                )
            ]
            if entry
        )
        said = chain.from_iterable(_default_backend(self._spec, route, self._released) for route in ordinary)
        return entries, (*said, *self._without_class(entries, frozenset()))

    def named(self) -> tuple[tuple[Entry, ...], _Found]:
        """Return what the rows of `entries` name, several rows of one route in one entry."""
        found: list[Diagnostic] = []
        entries: dict[_Place, Entry] = {}
        rows: dict[_Place, EntrySpec] = {}
        written: set[_Place] = set()
        for wanted in self._traffic.entries:
            chosen, said = self._row(wanted)
            found += said
            for each in chosen:
                entry = self._open(each.route, each.backends, each.gateway, each.parents) or (
                    None if wanted.class_name else self._colour(each.route, each.backends, each.gateway)
                )
                found += _default_backend(self._spec, each.route, self._released)
                if entry is None:
                    if not said:
                        found.append(self._closed(wanted, each.route))
                    continue
                place = each.route.place
                if wanted.gateway is not None:
                    written.add(place)
                earlier = entries.get(place)
                if earlier is None:
                    entries[place], rows[place] = entry, wanted
                    continue
                twice = self._twice(rows[place], wanted, earlier, entry)
                found += twice
                if not twice:
                    paths = sorted((*earlier.paths, *entry.paths), key=lambda path: (path.rule, path.path))
                    both = self._entry(each.route, tuple(paths), each.gateway, each.parents)
                    entries[place] = both
        made = tuple(entries.values())
        return made, (*found, *self._without_class(made, written))

    def _routes(self, gateway: GatewayName) -> list[Document]:
        kinds = GATEWAYS[gateway].entry_kinds
        return [
            document
            for document in self._index.documents
            if document.identity.group_kind in kinds and not is_without_gateway(document)
        ]

    def _open(
        self,
        route: Document,
        backends: Iterable[Backend],
        gateway: GatewayName,
        parents: tuple[int, ...] | None = None,
    ) -> Entry | None:
        """Return an entry of the paths that lead to released services, None where no path does."""
        paths = tuple(
            _entry_path(backend, service)
            for backend in backends
            if (service := self._released.get(_service_key(self._spec, route, backend))) is not None
        )
        return self._entry(route, paths, gateway, parents) if paths else None

    def _colour(self, route: Document, backends: Iterable[Backend], gateway: GatewayName) -> Entry | None:
        paths = tuple(_entry_path(backend, None) for backend in backends if backend.service)
        return self._entry(route, paths, gateway, None) if paths else None

    def _entry(
        self, route: Document, paths: tuple[EntryPath, ...], gateway: GatewayName, parents: tuple[int, ...] | None
    ) -> Entry:
        order = [service.name for service in self._spec.services]
        released = [path.service for path in paths if path.service is not None]
        is_ingress = route.identity.group_kind == INGRESS
        return Entry(
            document=route,
            owner=min(released, key=lambda service: order.index(service.name)) if released else self._spec.services[0],
            paths=tuple(path for path in paths if path.service is not None) or paths,
            gateway=gateway,
            controller=controller_for(self.controllers.of(route), gateway) if is_ingress else "",
            parents=parents,
        )

    def _row(self, wanted: EntrySpec) -> tuple[list[_Chosen], _Found]:
        """Return the routes that a row names, each with its backends of the row's hosts and paths."""
        gateway = wanted.gateway or self._traffic.gateway
        if wanted.class_name:
            return self._of_class(wanted, gateway)
        path = (*wanted.path, "ingress" if wanted.ingress else "route")
        kinds = [
            kind
            for kind in GATEWAYS[gateway].entry_kinds
            if wanted.kind in ("", kind[1]) and bool(wanted.ingress) == (kind == INGRESS)
        ]
        if not kinds:
            return [], (self._of_another_kind(wanted, gateway),)
        name = wanted.ingress or wanted.route
        known = [route for route in self._routes(gateway) if route.identity.group_kind in kinds]
        found = [route for route in known if route.identity.name == name and self._is_in(wanted, route)]
        kind = "Ingress" if wanted.ingress else " or ".join(kind for _, kind in kinds)
        if len(found) != 1:
            unclear = at_spec(
                self._spec,
                path,
                code="GC320",
                message=f"`{name}` names {len(found)} {_plural(kind)}"
                if found
                else f"the baseline has no {kind} `{name}`"
                + (f" in namespace `{wanted.namespace}`" if wanted.namespace else ""),
                notes=tuple(note_at(other, ("metadata", "name"), f"`{other.identity}`") for other in found),
                help="write `namespace` beside it to choose one"
                if len({route.identity.namespace for route in found}) > 1
                else "write `route: Kind/NAME`"
                if found
                else did_you_mean(name, [route.identity.name for route in known], noun=kind),
            )
            return [], (unclear,)
        route = found[0]
        if is_canary(route):
            canary = at_spec(
                self._spec,
                path,
                code="GC323",
                message=f"Ingress `{name}` is a canary itself, so it is no entry of the baseline",
                object=route.identity.ref,
                notes=(note_at(route, ("metadata", "annotations"), "its canary mark"),),
                help="name the ordinary Ingress of the same host and path",
            )
            return [], (canary,)
        why = why_not(self._traffic, self.controllers, route, gateway, is_written=wanted.gateway is not None)
        if why:
            return [], (self._refused(wanted, route, why),)
        backends, unknown = _chosen(self._spec, wanted, route, self._index.documents)
        return [_Chosen(row=wanted, route=route, gateway=gateway, backends=tuple(backends))], unknown

    def _of_class(self, wanted: EntrySpec, gateway: GatewayName) -> tuple[list[_Chosen], _Found]:
        """Return the routes of a class that lead to released services."""
        if not serves_ingresses(GATEWAYS[gateway]):
            return self._of_gateway_class(wanted, gateway)
        found = [
            route
            for route in self._routes(gateway)
            if route.identity.group_kind == INGRESS
            and not is_canary(route)
            and self.controllers.of(route).class_name == wanted.class_name
            and self._is_in(wanted, route)
        ]
        leading = [(route, each) for route in found if (each := self._leading(wanted, route))]
        if not leading:
            classes = {
                self.controllers.of(route).class_name
                for route in self._routes(gateway)
                if route.identity.group_kind == INGRESS
            } - {""}
            return [], (self._no_class(wanted, "Ingress", classes, found),)
        for route, _ in leading:
            why = why_not(self._traffic, self.controllers, route, gateway, is_written=wanted.gateway is not None)
            if why:
                return [], (self._refused(wanted, route, why),)
        return [
            _Chosen(row=wanted, route=route, gateway=gateway, backends=backends) for route, backends in leading
        ], self._unheld(wanted, [route for route, _ in leading])

    def _of_gateway_class(self, wanted: EntrySpec, gateway: GatewayName) -> tuple[list[_Chosen], _Found]:
        """Return the routes on Gateways of a GatewayClass, each through these Gateways alone."""
        if gateway is not GatewayName.GATEWAY_API:
            none = at_spec(
                self._spec,
                (*wanted.path, "class"),
                code="GC505",
                message=f"what gateway `{gateway}` reads has no class",
                help="name each with `route`",
            )
            return [], (none,)
        gateways = [found for found in self._index.documents if found.identity.group_kind == (GATEWAY, "Gateway")]
        of_class = {
            key_of(self._spec, found.identity)
            for found in gateways
            if get_text(found.data, ("spec", "gatewayClassName")) == wanted.class_name
        }
        chosen: list[_Chosen] = []
        for route in self._routes(gateway):
            home = key_of(self._spec, route.identity).namespace
            parents = get_list(route.data, ("spec", "parentRefs"))
            held = tuple(
                at
                for at, parent in enumerate(parents)
                if get_text(parent, ("kind",)) in ("", "Gateway")
                and ObjectKey(
                    group_kind=(GATEWAY, "Gateway"),
                    namespace=get_text(parent, ("namespace",)) or home,
                    name=get_text(parent, ("name",)),
                )
                in of_class
            )
            backends = self._leading(wanted, route) if held and self._is_in(wanted, route) else ()
            if backends:
                some = None if len(held) == len(parents) else held
                chosen.append(_Chosen(row=wanted, route=route, gateway=gateway, backends=backends, parents=some))
        if chosen:
            return chosen, self._unheld(wanted, [each.route for each in chosen])
        classes = {get_text(found.data, ("spec", "gatewayClassName")) for found in gateways} - {""}
        return [], (self._no_class(wanted, "route", classes, []),)

    def _leading(self, wanted: EntrySpec, route: Document) -> tuple[Backend, ...]:
        """Return the backends under the row's hosts and paths that lead to released services."""
        return tuple(
            backend
            for backend in _held(wanted, backends_of(route, self._index.documents))
            if _service_key(self._spec, route, backend) in self._released
        )

    def _is_in(self, wanted: EntrySpec, route: Document) -> bool:
        if wanted.namespace:
            return key_of(self._spec, route.identity).namespace == wanted.namespace
        return self._spec.namespace is None or route.identity.namespace in ("", self._spec.namespace)

    def _unheld(self, wanted: EntrySpec, routes: Sequence[Document]) -> _Found:
        """Return the hosts and paths of a class's row that none of its routes has."""
        backends = [backend for route in routes for backend in backends_of(route, self._index.documents)]
        return tuple(_unknown(self._spec, wanted, backends, f"no route of class `{wanted.class_name}` has", None))

    def _of_another_kind(self, wanted: EntrySpec, gateway: GatewayName) -> Diagnostic:
        key = "ingress" if wanted.ingress else "route"
        named = wanted.ingress or (f"{wanted.kind}/{wanted.route}" if wanted.kind else wanted.route)
        reads = _plural(" or ".join(kind for _, kind in GATEWAYS[gateway].entry_kinds))
        other = "ingress" if serves_ingresses(GATEWAYS[gateway]) else "route"
        return at_spec(
            self._spec,
            (*wanted.path, key),
            code="GC505",
            message=f"gateway `{gateway}` reads {reads}, not `{key}: {named}`",
            help=f"name one with `{other}`, or the `gateway` that reads it",
        )

    def _refused(self, wanted: EntrySpec, route: Document, why: Left) -> Diagnostic:
        key = "ingress" if wanted.ingress else "route" if wanted.route else "class"
        return at_spec(
            self._spec,
            (*wanted.path, key),
            code="GC505",
            message=why.message,
            object=route.identity.ref,
            notes=(note_at(route, ("metadata", "name"), f"the {route.identity.kind}"),),
            help=why.help,
        )

    def _no_class(self, wanted: EntrySpec, noun: str, classes: Iterable[str], found: Sequence[Document]) -> Diagnostic:
        under = " under these hosts and paths" if found and (wanted.hosts or wanted.paths) else ""
        return at_spec(
            self._spec,
            (*wanted.path, "class"),
            code="GC320",
            message=f"no {noun} of class `{wanted.class_name}` leads to a released service{under}",
            notes=tuple(note_at(route, ("metadata", "name"), _described(route)) for route in found[:_MOST_NOTES]),
            help=did_you_mean(wanted.class_name, classes, noun="class")
            if not found
            else "name an entry whose service is not released with `ingress`: its requests are coloured",
        )

    def _closed(self, wanted: EntrySpec, route: Document) -> Diagnostic:
        kind = route.identity.kind
        return at_spec(
            self._spec,
            (*wanted.path, "ingress" if wanted.ingress else "route" if wanted.route else "class"),
            code="GC322",
            message=f"{kind} `{route.identity.name}` has no path that leads to a Service",
            object=route.identity.ref,
            notes=(note_at(route, ("metadata", "name"), f"the {kind}"),),
            help="lead one of its paths to a Service: a canary opens no resource"
            if kind == "Ingress" and any(backends_of(route))
            else "a canary cannot stand for a default backend: give the Ingress a rule with a path"
            if kind == "Ingress"
            else "name a route whose rules lead to Services, through a gateway",
        )

    def _twice(self, first: EntrySpec, second: EntrySpec, earlier: Entry, entry: Entry) -> _Found:
        taken = {(path.rule, path.path, path.host) for path in earlier.paths}
        both = next((path for path in entry.paths if (path.rule, path.path, path.host) in taken), None)
        if both is None and earlier.gateway is entry.gateway and earlier.parents == entry.parents:
            return ()
        ref = entry.document.identity.ref
        message = (
            f"two rows hold `{both.host}{both.text}` of `{ref}`"
            if both is not None
            else f"two rows open `{ref}` by different gateways: `{earlier.gateway}` and `{entry.gateway}`"
        )
        twice = at_spec(
            self._spec,
            second.path,
            code="GC328",
            message=message,
            object=ref,
            notes=(Note(message="the other row", span=self._spec.span(first.path)),),
            help="let each host and path of an entry stand in one row",
        )
        return (twice,)

    def _without_class(self, entries: Iterable[Entry], written: Set[_Place]) -> Iterator[Diagnostic]:
        """Find entries on Traefik whose Ingress no class gives to the provider that reads canaries.

        Args:
            written: places of the Ingresses that a row opens by a gateway of its own.

        Source: traefik pkg/provider/kubernetes/ingress shouldProcessIngress, and pkg/provider/kubernetes/ingress-nginx:
        an Ingress without a class is read by the one, and by the other only with `watchIngressWithoutClass`.
        """
        for entry in entries:
            if (
                entry.gateway is GatewayName.TRAEFIK
                and entry.document.identity.group_kind == INGRESS
                and self._traffic.written is GatewayName.TRAEFIK
                and not self.controllers.of(entry.document).class_name
                and entry.document.place not in written
            ):
                yield at_object(
                    entry.document,
                    ("metadata", "name"),
                    code="GC329",
                    message=f"Ingress `{entry.document.identity.name}` names no class: Traefik's own provider reads "
                    "it, too, and takes its canary for a second route of the same host and path",
                    help="write `ingressClassName: traefik`, and the lane gets an IngressRoute, or "
                    "`ingressClassName: nginx`, which Traefik's provider for ingress-nginx reads alone; or, "
                    "where only that provider runs, with `watchIngressWithoutClass`, name the entry with "
                    "`gateway: traefik`",
                )


_MOST_NOTES = 10
_NO_HOST = "*"
"""How a row of `entries` names what stands under no host."""


def _service_key(spec: ReleaseSpec, route: Document, backend: Backend) -> ObjectKey:
    home = backend.namespace or key_of(spec, route.identity).namespace
    return ObjectKey(group_kind=(CORE, "Service"), namespace=home, name=backend.service)


def _entry_path(backend: Backend, service: ServiceSpec | None) -> EntryPath:
    return EntryPath(
        rule=backend.rule,
        path=backend.path,
        host=backend.host,
        text=backend.text,
        baseline_service=backend.service,
        service=service,
    )


def _chosen(
    spec: ReleaseSpec, wanted: EntrySpec, route: Document, others: Iterable[Document]
) -> tuple[list[Backend], _Found]:
    """Return the backends of a route under the hosts and paths that a row of `entries` names."""
    backends = list(backends_of(route, others))
    shown = f"{route.identity.kind} `{route.identity.name}` has no"
    unknown = [*_unknown(spec, wanted, backends, shown, route)]
    hosts = {backend.host or _NO_HOST for backend in backends}
    if route.identity.group_kind == VIRTUAL_SERVICE and wanted.hosts and not unknown and hosts - set(wanted.hosts):
        # It is opened in the object itself, whose routes hold for all of its hosts.
        unknown.append(
            at_spec(
                spec,
                (*wanted.path, "hosts"),
                code="GC505",
                message=f"the routes of VirtualService `{route.identity.name}` hold for all of its hosts",
                object=route.identity.ref,
                help="leave `hosts` out, or give these hosts a VirtualService of their own",
            )
        )
    return list(_held(wanted, backends)), tuple(unknown)


def _held(wanted: EntrySpec, backends: Iterable[Backend]) -> Iterator[Backend]:
    for backend in backends:
        if (not wanted.hosts or (backend.host or _NO_HOST) in wanted.hosts) and (
            not wanted.paths or backend.text in wanted.paths
        ):
            yield backend


def _unknown(
    spec: ReleaseSpec, wanted: EntrySpec, backends: Sequence[Backend], shown: str, route: Document | None
) -> Iterator[Diagnostic]:
    """Find hosts and paths of a row that stand nowhere."""
    for word, choices, known in (
        ("host", wanted.hosts, {backend.host or _NO_HOST for backend in backends}),
        ("path", wanted.paths, {backend.text for backend in backends}),
    ):
        for at, choice in enumerate(choices):
            if choice not in known:
                yield at_spec(
                    spec,
                    (*wanted.path, f"{word}s", at),
                    code="GC506",
                    message=f"{shown} {word} `{choice}`",
                    object=route.identity.ref if route is not None else "",
                    help=did_you_mean(choice, known, noun=word),
                )


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


def _call_starts(spec: ReleaseSpec, index: BaselineIndex, copied: Set[str]) -> tuple[frozenset[ObjectKey], _Found]:
    """Return the Services of the first service of each call path that has a released service on it."""
    if not spec.calls and not spec.lane.propagation:
        return frozenset(), ()
    names = CallNames(spec, index.documents)
    unknown = []
    for name in spec.lane.propagation:
        if name != ALL_OTHERS and not names.meaning(name):
            why, help_ = names.why_unknown(name)
            path = (*spec.lane.path, "propagation", name)
            unknown.append(at_spec(spec, path, code="GC324", message=f"`{name}` {why}", help=help_, key=True))
    for call in spec.calls:
        for name in call.services:
            if not names.meaning(name):
                why, help_ = names.why_unknown(name)
                unknown.append(at_spec(spec, call.path, code="GC324", message=f"`{name}` {why}", help=help_))
    released = {service.name for service in spec.services} | copied
    paths = [[names.meaning(name) for name in call.services] for call in spec.calls]
    firsts = {path[0] for path in paths if released.intersection(path)} - {""}
    pods = [pod_labels(workload) for first in firsts for workload in index.workloads_by_name.get(first, [])]
    starts = frozenset(
        key_of(spec, service.identity)
        for service in index.documents
        if service.identity.group_kind == (CORE, "Service")
        and (
            service.identity.name in firsts
            or any(matches_map(get_map(service.data, ("spec", "selector")), labels) for labels in pods)
        )
    )
    return starts, tuple(unknown)


def _no_entry(
    spec: ReleaseSpec,
    traffic: Traffic,
    index: BaselineIndex,
    released: _Released,
    left: Sequence[Left],
    *,
    controllers: Controllers,
) -> Diagnostic:
    balancers = [
        index.by_key[key] for key in released if get_text(index.by_key[key].data, ("spec", "type")) == "LoadBalancer"
    ]
    names = ", ".join(f"`{service.name}`" for service in spec.services)
    kinds = GATEWAYS[traffic.gateway].entry_kinds
    kind = " or ".join(kind for _, kind in kinds)
    told = {each.document.place for each in left}
    routes = [
        document for document in index.documents if document.identity.group_kind in kinds and document.place not in told
    ]
    if INGRESS in kinds:
        # One of another API group is named as well: it was an Ingress once.
        held = {each.place for each in routes} | told
        routes += [each for each in index.documents if is_ingress(each) and each.place not in held]
    if left:
        first = left[0]
        message = f"there are rules, but no entry that gateway `{traffic.gateway}` opens: {first.message}"
        help_ = first.help
    else:
        message = f"there are rules, but no {kind} of the baseline leads to a released service ({names})"
        help_ = (
            f"name the entry with `spec.traffic.entries: [{{{'ingress' if kind == 'Ingress' else 'route'}: NAME}}]`, "
            "or the call paths with `spec.calls`; requests of an entry whose service is not released are coloured and "
            "stay on the baseline service"
            if any(not is_without_gateway(route) for route in routes)
            else f"the baseline holds no {kind}, which gateway `{traffic.gateway}` reads: add its file to "
            "`spec.baseline`, choose another gateway, or leave `spec.traffic` out"
        )
    return at_spec(
        spec,
        (*traffic.path, "rules"),
        key=True,
        code="GC321",
        message=message,
        notes=(
            *(note_at(each.document, ("metadata", "name"), f"{each.message}; {each.help}") for each in left[1:]),
            *(note_at(each.document, ("metadata", "name"), "it stands here") for each in left[:1]),
            *(
                note_at(route, ("metadata", "name"), _described(route, destination_of(traffic, controllers, route)))
                for route in routes
            ),
            *(
                note_at(
                    service,
                    ("spec", "type"),
                    f"Service `{service.identity.name}` is of type LoadBalancer, which cannot choose by request",
                )
                for service in balancers
            ),
        ),
        help=help_,
    )


def _removed(spec: ReleaseSpec, index: BaselineIndex, released: _Released) -> Iterator[Diagnostic]:
    """Find Ingresses as servers no longer take them that lead to released services: no gateway reads them."""
    names = {(key.namespace, key.name) for key in released}
    for document in index.documents:
        identity = document.identity
        gone = REMOVED_APIS.get((identity.api_version, identity.kind))
        if gone is None or identity.kind != "Ingress":
            continue
        home = key_of(spec, identity).namespace
        services = [
            get_text(path, ("backend", "serviceName"))
            for rule in get_list(document.data, ("spec", "rules"))
            for path in get_list(rule, ("http", "paths"))
        ]
        services.append(get_text(document.data, ("spec", "backend", "serviceName")))
        if any((home, service) in names for service in services):
            yield at_object(
                document,
                ("apiVersion",),
                code="GC307",
                message=f"`{identity.api_version}` has no `Ingress` since Kubernetes {gone.since}",
                help=f"write `apiVersion: {gone.use}`, and the fields as that version has them",
            )


def _described(route: Document, destination: str = "") -> str:
    shown = f"there is `{route.identity.ref}`"
    if is_ingress(route):
        reason = why_not_held(route)
        if reason:
            return f"{shown}: {reason}" + ("; write `networking.k8s.io/v1`" if "served" in reason else "")
        if destination:
            words = get_text(route.data, ("metadata", "annotations", destination)).split()
            hosts = " and ".join(f"`{word}`" for word in words if "." in word)
            return f"{shown}, whose `{destination}` to {hosts} is not opened: lead its path to the Service itself"
    if is_canary(route):
        return f"{shown}, a canary"
    if is_without_gateway(route):
        return f"{shown}, but no parent in its `parentRefs` is a Gateway: nothing comes in by a route of a mesh"
    services = dict.fromkeys(f"`{backend.service}`" for backend in backends_of(route) if backend.service)
    if not services and (sections := unread_sections(route)):
        return f"{shown}, with {' and '.join(f'`{name}`' for name in sections)} routes, which no rule opens"
    return f"{shown}, to {', '.join(services)}" if services else shown


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"
