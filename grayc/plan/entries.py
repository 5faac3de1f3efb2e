"""Which ways in a release opens."""

from collections.abc import Mapping

from grayc.diagnostics import Diagnostic, Note, did_you_mean
from grayc.documents import Document
from grayc.documents.tree import get_map, get_text
from grayc.k8s.kinds import CORE
from grayc.k8s.selectors import matches_map
from grayc.plan.graph import pod_labels
from grayc.plan.model import Entry, EntryPath, ObjectKey, group_kind_of, key_of
from grayc.plan.services import BaselineIndex
from grayc.plan.ways import ENTRY_KINDS, INGRESS, Backend, backends_of
from grayc.spec.model import EntrySpec, ReleaseSpec, ServiceSpec, Traffic

CANARY_ANNOTATIONS = (
    "nginx.ingress.kubernetes.io/canary",
    "mse.ingress.kubernetes.io/canary",
    "higress.io/canary",
)


def is_canary(ingress: Document) -> bool:
    """Tell whether an Ingress carries a canary mark of any gateway."""
    annotations = get_map(ingress.data, ("metadata", "annotations"))
    return any(annotations.get(name) in ("true", "1", "t", "T", "TRUE", "True") for name in CANARY_ANNOTATIONS)


def find_entries(
    spec: ReleaseSpec, index: BaselineIndex, released: Mapping[ObjectKey, ServiceSpec]
) -> tuple[tuple[Entry, ...], tuple[Diagnostic, ...]]:
    """Return the entries that the rules open, in order of place.

    Args:
        released: baseline Service → the service of the release whose gray copy it has.

    Diagnostics:
        GC320: `entries` names an Ingress that the baseline does not have.
        GC321: there are rules but no entry.
        GC322: a named entry has no path that can be opened.
        GC323: a named entry is a canary itself.
        GC324: `calls` names a service that nobody knows.
        GC502: a default backend leads to a released service, which no canary can open.
        GC505: a named entry is of a kind that the gateway does not read.
        GC506: `entries` names a host or path that the Ingress does not have.
    """
    diagnostics: list[Diagnostic] = []
    starts = _call_starts(spec, index, diagnostics)
    traffic = spec.traffic
    if traffic is None or not traffic.rules:
        return (), tuple(diagnostics)
    kind = ENTRY_KINDS[traffic.gateway]
    ingresses = [document for document in index.documents if group_kind_of(document.identity) == kind]
    if traffic.entries:
        entries = _named_entries(spec, traffic, ingresses, released, diagnostics)
    else:
        entries = []
        for ingress in ingresses:
            if is_canary(ingress):
                continue
            entry = _open(spec, ingress, list(backends_of(ingress)), released)
            if entry is not None:
                entries.append(entry)
            _check_default_backend(spec, ingress, released, diagnostics)
        if not entries:
            entries = [
                entry
                for ingress in ingresses
                if not is_canary(ingress)
                for entry in [
                    _colour(
                        spec,
                        ingress,
                        [
                            backend
                            for backend in backends_of(ingress)
                            if _service_key(spec, ingress, backend.service, backend.namespace) in starts
                        ],
                    )
                ]
                if entry is not None
            ]
    # Where a named way in or a call path is wrong, that is why there is no entry.
    told = {"GC320", "GC322", "GC323", "GC324", "GC505", "GC506"}
    if not entries and not any(diagnostic.code in told for diagnostic in diagnostics):
        diagnostics.append(_no_entry(spec, traffic, ingresses, index, released))
    return tuple(sorted(entries, key=lambda entry: entry.document.place)), tuple(diagnostics)


def _service_key(spec: ReleaseSpec, ingress: Document, name: str, namespace: str = "") -> ObjectKey:
    home = namespace or key_of(spec, ingress.identity).namespace
    return ObjectKey(group_kind=(CORE, "Service"), namespace=home, name=name)


def _open(
    spec: ReleaseSpec, ingress: Document, backends: list[Backend], released: Mapping[ObjectKey, ServiceSpec]
) -> Entry | None:
    """Return an entry of the paths that lead to released services, None where no path does."""
    paths = tuple(
        _entry_path(backend, service)
        for backend in backends
        if (service := released.get(_service_key(spec, ingress, backend.service, backend.namespace))) is not None
    )
    if not paths:
        return None
    order = [service.name for service in spec.services]
    owner = min((path.service for path in paths if path.service), key=lambda service: order.index(service.name))
    return Entry(document=ingress, owner=owner, paths=paths)


def _colour(spec: ReleaseSpec, ingress: Document, backends: list[Backend]) -> Entry | None:
    paths = tuple(_entry_path(backend, None) for backend in backends if backend.service)
    return Entry(document=ingress, owner=spec.services[0], paths=paths) if paths else None


def _entry_path(backend: Backend, service: ServiceSpec | None) -> EntryPath:
    return EntryPath(
        rule=backend.rule,
        path=backend.path,
        host=backend.host,
        text=backend.text,
        baseline_service=backend.service,
        service=service,
    )


def _named_entries(
    spec: ReleaseSpec,
    traffic: Traffic,
    ingresses: list[Document],
    released: Mapping[ObjectKey, ServiceSpec],
    diagnostics: list[Diagnostic],
) -> list[Entry]:
    entries: list[Entry] = []
    kind = ENTRY_KINDS[traffic.gateway][1]
    for wanted in traffic.entries:
        field = f"spec.traffic.entries[{wanted.path[-1]}]"
        key = "ingress" if wanted.kind == "Ingress" else "route"
        span = spec.span((*wanted.path, key))
        if (wanted.kind == "Ingress") != (ENTRY_KINDS[traffic.gateway] == INGRESS):
            diagnostics.append(
                Diagnostic(
                    code="GC505",
                    message=f"gateway `{traffic.gateway}` reads {_plural(kind)}, not `{key}: {wanted.name}`",
                    span=span,
                    field=f"{field}.{key}",
                    help=f"name one with `{'ingress' if kind == 'Ingress' else 'route'}`, or another `gateway`",
                )
            )
            continue
        found = [
            ingress
            for ingress in ingresses
            if ingress.identity.name == wanted.name
            and (spec.namespace is None or ingress.identity.namespace in ("", spec.namespace))
        ]
        if len(found) != 1:
            diagnostics.append(
                Diagnostic(
                    code="GC320",
                    message=f"the baseline has no {kind} `{wanted.name}`"
                    if not found
                    else f"`{wanted.name}` names {len(found)} {_plural(kind)}",
                    span=span,
                    field=f"{field}.{key}",
                    notes=tuple(
                        Note(message=f"`{other.identity}`", span=other.span(("metadata", "name"))) for other in found
                    ),
                    help=did_you_mean(wanted.name, [ingress.identity.name for ingress in ingresses], noun=kind)
                    if not found
                    else "set `spec.namespace` to choose one",
                )
            )
            continue
        ingress = found[0]
        if is_canary(ingress):
            diagnostics.append(
                Diagnostic(
                    code="GC323",
                    message=f"Ingress `{wanted.name}` is a canary itself, so it is no way in of the baseline",
                    span=span,
                    field=f"{field}.{key}",
                    object=ingress.identity.ref,
                    notes=(Note(message="its canary mark", span=ingress.span(("metadata", "annotations"))),),
                    help="name the ordinary Ingress of the same host and path",
                )
            )
            continue
        backends = _filtered(spec, wanted, ingress, field, diagnostics)
        entry = _open(spec, ingress, backends, released) or _colour(spec, ingress, backends)
        if entry is not None:
            entries.append(entry)
        elif not any(diagnostic.code == "GC506" for diagnostic in diagnostics):
            diagnostics.append(
                Diagnostic(
                    code="GC322",
                    message=f"{kind} `{wanted.name}` has no path that leads to a Service",
                    span=span,
                    field=f"{field}.{key}",
                    object=ingress.identity.ref,
                    notes=(Note(message=f"the {kind}", span=ingress.span(("metadata", "name"))),),
                    help="a canary can not stand for a default backend: give the Ingress a rule with a path"
                    if kind == "Ingress"
                    else "name a route whose rules lead to Services, through a gateway",
                )
            )
        _check_default_backend(spec, ingress, released, diagnostics)
    return entries


def _filtered(
    spec: ReleaseSpec, wanted: EntrySpec, ingress: Document, field: str, diagnostics: list[Diagnostic]
) -> list[Backend]:
    backends = list(backends_of(ingress))
    for key, choices, known in (
        ("hosts", wanted.hosts, {backend.host for backend in backends}),
        ("paths", wanted.paths, {backend.text for backend in backends}),
    ):
        for at, choice in enumerate(choices):
            if choice not in known:
                diagnostics.append(
                    Diagnostic(
                        code="GC506",
                        message=f"{ingress.identity.kind} `{wanted.name}` has no {key[:-1]} `{choice}`",
                        span=spec.span((*wanted.path, key, at)),
                        field=f"{field}.{key}[{at}]",
                        object=ingress.identity.ref,
                        help=did_you_mean(choice, known, noun=key[:-1]),
                    )
                )
    return [
        backend
        for backend in backends
        if (not wanted.hosts or backend.host in wanted.hosts) and (not wanted.paths or backend.text in wanted.paths)
    ]


def _check_default_backend(
    spec: ReleaseSpec, ingress: Document, released: Mapping[ObjectKey, ServiceSpec], diagnostics: list[Diagnostic]
) -> None:
    name = get_text(ingress.data, ("spec", "defaultBackend", "service", "name"))
    if name and _service_key(spec, ingress, name) in released:
        diagnostics.append(
            Diagnostic(
                code="GC502",
                message=f"the default backend of Ingress `{ingress.identity.name}` leads to released service `{name}`, "
                "and no canary can open a default backend",
                span=ingress.span(("spec", "defaultBackend", "service", "name")),
                object=ingress.identity.ref,
                help="give the Ingress a rule with path `/` to that Service; until then such requests stay on the "
                "baseline",
            )
        )


def _call_starts(spec: ReleaseSpec, index: BaselineIndex, diagnostics: list[Diagnostic]) -> set[ObjectKey]:
    """Return the Services of the first service of each call path that has a released service on it."""
    released = {service.name for service in spec.services}
    services = [document for document in index.documents if group_kind_of(document.identity) == (CORE, "Service")]
    known = released | set(index.workloads_by_name) | {service.identity.name for service in services}
    by_name: dict[str, list[Document]] = {}
    for service in services:
        by_name.setdefault(service.identity.name, []).append(service)
    starts: set[ObjectKey] = set()
    seen: set[str] = set()
    for call in spec.calls:
        for name in call.services:
            if name not in known:
                diagnostics.append(
                    Diagnostic(
                        code="GC324",
                        message=f"`{name}` is neither a service of the release nor a workload or Service of the "
                        "baseline",
                        span=spec.span(call.path),
                        field=f"spec.calls[{call.path[-1]}]",
                        help=did_you_mean(name, known, noun="service"),
                    )
                )
        if not released.intersection(call.services):
            continue
        first = call.services[0]
        if first in seen:
            continue
        seen.add(first)
        workloads = index.workloads_by_name.get(first, [])
        for service in services if workloads else by_name.get(first, ()):
            selector = get_map(service.data, ("spec", "selector"))
            if service.identity.name == first or any(
                matches_map(selector, pod_labels(workload)) for workload in workloads
            ):
                starts.add(key_of(spec, service.identity))
    return starts


def _no_entry(
    spec: ReleaseSpec,
    traffic: Traffic,
    ingresses: list[Document],
    index: BaselineIndex,
    released: Mapping[ObjectKey, ServiceSpec],
) -> Diagnostic:
    balancers = [
        index.by_key[key] for key in released if get_text(index.by_key[key].data, ("spec", "type")) == "LoadBalancer"
    ]
    notes = [
        Note(
            message=f"there is `{ingress.identity.ref}`"
            + (
                ", a canary"
                if is_canary(ingress)
                else ", to "
                + ", ".join(
                    dict.fromkeys(f"`{backend.service}`" for backend in backends_of(ingress) if backend.service)
                )
                if any(backend.service for backend in backends_of(ingress))
                else ""
            ),
            span=ingress.span(("metadata", "name")),
        )
        for ingress in ingresses
    ] + [
        Note(
            message=f"Service `{service.identity.name}` is of type LoadBalancer, which can not choose by request",
            span=service.span(("spec", "type")),
        )
        for service in balancers
    ]
    names = ", ".join(f"`{service.name}`" for service in spec.services)
    kind = ENTRY_KINDS[traffic.gateway][1]
    return Diagnostic(
        code="GC321",
        message=f"there are rules, but no {kind} of the baseline leads to a released service ({names})",
        span=spec.span((*traffic.path, "rules"), key=True),
        field="spec.traffic.rules",
        notes=tuple(notes),
        help=f"name the way in with `spec.traffic.entries: [{{{'ingress' if kind == 'Ingress' else 'route'}: NAME}}]`, "
        "or the call paths with `spec.calls`; requests of an entry whose service is not released are coloured and stay "
        "on the baseline service"
        if ingresses
        else f"the baseline holds no {kind}, which gateway `{traffic.gateway}` reads: add its file to `spec.baseline`, "
        "choose another gateway, or leave `spec.traffic` out",
    )


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"
