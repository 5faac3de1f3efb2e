"""Objects of consoles, meshes and rollout controllers that lead the lane's requests or calls beside its own objects."""

from collections.abc import Iterable, Iterator, Mapping

from grayc.analysis.application import application_of
from grayc.analysis.controllers import Controllers
from grayc.analysis.graph import is_workload
from grayc.analysis.routes import host_of, is_canary
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.ingresses import classes_among, ingress_class
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, matches
from grayc.k8s.beside_lane import (
    BESIDE,
    BRIDGE,
    CLASS_WITH_NONE,
    CONFIG_CLASS,
    CONFIG_NAMESPACES,
    GATEWAY_CONFIG,
    HEADERS_SET,
    KRUISE_ROLLOUTS,
    OPENSERGO_TAG,
    OVERRIDES,
    REGISTRY_HOSTS,
    REUSED_GATEWAY,
    ROLLOUT_LABELS,
    BesideRow,
    NamedObject,
)
from grayc.k8s.gateways import HIGRESS_PREFIX, INGRESS, MSE_PREFIX, GatewayName
from grayc.k8s.ingress_controllers import HIGRESS, MSE
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.providers import MSE_TAG
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

_ANNOTATIONS: Mapping[str, str] = {HIGRESS: f"{HIGRESS_PREFIX}destination", MSE: f"{MSE_PREFIX}destination"}
_PRODUCT_OF: Mapping[GatewayName, str] = {GatewayName.HIGRESS: HIGRESS, GatewayName.MSE: MSE}
_NAME = ("metadata", "name")
_SHOWN = 3
"""How many of a kind a message tells one by one."""


def check_beside(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what leads the lane's requests or calls beside the lane's own objects, as far as the baseline shows it.

    Diagnostics:
        GC385: no MseIngressConfig of the baseline listens to an entry.
        GC386: an Ingress leads to a released service by a registry.
        GC387: Kruise Rollouts leads the requests of a released service.
        GC388: lanes of ASM hold a released service.
        GC389: a Rollout tags production's pods or requests with the lane's tag.
    Source: `grayc.k8s.beside_lane`.
    """
    controllers = Controllers(plan.baseline)
    return (
        *_gateways(plan, controllers),
        *_registries(plan, controllers),
        *_named(plan),
        *_tags(plan),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listens:
    """What one gateway listens to.

    Attributes:
        classes: names of the classes; None for all, with `""` for an Ingress without one.
        namespaces: None for all.
    """

    config: Document
    classes: frozenset[str] | None
    namespaces: frozenset[str] | None

    @property
    def pairs(self) -> Iterator[tuple[str | None, str | None]]:
        """Every class with every namespace that it listens to; None for all of them."""
        for class_name in (None,) if self.classes is None else self.classes:
            for namespace in (None,) if self.namespaces is None else self.namespaces:
                yield class_name, namespace

    @property
    def shown(self) -> str:
        classes = "every class" if self.classes is None else _listed("class", self.classes)
        where = "" if self.namespaces is None else f" in {_listed('namespace', self.namespaces)}"
        return f"`{self.config.identity.name}` listens to {classes}{where}"


def _listed(noun: str, names: Iterable[str]) -> str:
    known = [f"`{name}`" for name in sorted(names) if name]
    return f"{noun} {' and '.join(known)}" if known else f"no {noun}"


def _gateways(plan: ReleasePlan, controllers: Controllers) -> Iterator[Diagnostic]:
    """Yield the entries that no MseIngressConfig listens to, where the baseline has any."""
    configs = [document for document in plan.baseline if document.identity.group_kind == GATEWAY_CONFIG]
    if not configs:
        return
    configured: dict[str, set[str]] = {config.identity.name: set() for config in configs}
    elsewhere = set()
    for found in classes_among(plan.baseline):
        parameters = get_map(found.data, ("spec", "parameters"))
        if (parameters.get("apiGroup"), parameters.get("kind")) == GATEWAY_CONFIG:
            name = str(parameters.get("name"))
            if name in configured:
                configured[name].add(found.identity.name)
            else:
                elsewhere.add(found.identity.name)
    listening = [_listens(config, configured[config.identity.name]) for config in configs]
    heard = {pair for each in listening for pair in each.pairs}
    shown = "; ".join(each.shown for each in listening[:_SHOWN])
    shown += f"; {len(listening) - _SHOWN} more listen elsewhere" if len(listening) > _SHOWN else ""
    joined = any(
        get_text(config.data, REUSED_GATEWAY) and get(config.data, OVERRIDES) is not True for config in configs
    )
    notes = tuple(note_at(config, _NAME, "the MseIngressConfig") for config in configs[:_SHOWN])
    for entry in plan.entries:
        route = entry.document
        if entry.gateway is not GatewayName.MSE or route.identity.group_kind != INGRESS:
            continue
        namespace = plan.key_of(route.identity).namespace
        class_name = ingress_class(route) or controllers.of(route).class_name
        ways = {(each, where) for each in (class_name, None) for where in (namespace, None)}
        if class_name in elsewhere or not namespace or not heard.isdisjoint(ways):
            continue
        yield at_object(
            route,
            _NAME,
            code="GC385",
            message=f"Ingress `{route.identity.name}` has "
            + (f"class `{class_name}`" if class_name else "no class")
            + f" in namespace `{namespace}`, and no MseIngressConfig of the baseline listens to that: "
            + shown
            + ": neither it nor its canary is read",
            notes=notes,
            help="give it a class that a gateway listens to, or let a gateway listen to its class and namespace"
            + (
                "; or accept it where the gateway was joined to the cluster before, which keeps what it listened to"
                if joined
                else "; or accept it where another gateway reads it, whose MseIngressConfig is not in `spec.baseline`"
            ),
        )


def _listens(config: Document, associated: set[str]) -> _Listens:
    named = get(config.data, CONFIG_CLASS)
    if associated:
        classes: frozenset[str] | None = frozenset(associated)
    elif not isinstance(named, str):
        classes = frozenset()
    elif not named:
        classes = None
    else:
        classes = frozenset({named, ""} if named == CLASS_WITH_NONE else {named})
    namespaces: set[str] = set()
    for path in CONFIG_NAMESPACES:
        value = get(config.data, path)
        namespaces |= {str(each) for each in (value if isinstance(value, list) else [value]) if each}
    return _Listens(config=config, classes=classes, namespaces=frozenset(namespaces) or None)


def _registries(plan: ReleasePlan, controllers: Controllers) -> Iterator[Diagnostic]:
    """Yield the Ingresses that lead to a released service's instances by a registry, or mean to."""
    gateways = {entry.document.place: entry.gateway for entry in plan.entries if not entry.coloured_only}
    names = _names_of_released(plan)
    bridges = [document for document in plan.baseline if document.identity.group_kind == BRIDGE]
    notes = tuple(note_at(bridge, _NAME, "the registries stand here") for bridge in bridges[:1])
    traffic = plan.spec.traffic
    for ingress in plan.baseline:
        if ingress.identity.group_kind != INGRESS or is_canary(ingress):
            continue
        of = controllers.of(ingress)
        gateway = gateways.get(ingress.place) or (traffic.gateway if traffic and not of.class_name else None)
        product = of.product or (_PRODUCT_OF.get(gateway, "") if gateway else "")
        annotation = _ANNOTATIONS.get(product, "")
        hosts = _registry_hosts(ingress, annotation) if annotation else []
        if not hosts or (ingress.place not in gateways and not any(_is_of(host, names) for host in hosts)):
            continue
        path = ("metadata", "annotations", annotation)
        shown = " and ".join(f"`{host}`" for host in hosts)
        if product == HIGRESS and _every_path_has_service(ingress):
            yield at_object(
                ingress,
                path,
                code="GC386",
                message=f"Ingress `{ingress.identity.name}` has `{annotation}` to {shown} of a registry, beside "
                "Services, and Higress reads that only where a path has a resource in place of a Service",
                notes=notes,
                help="take the annotation away; no canary opens a path that leads to a registry",
            )
            continue
        yield at_object(
            ingress,
            path,
            code="GC386",
            message=f"production's requests by Ingress `{ingress.identity.name}` go to {shown}, instances that a "
            "registry names: gray ones stand in that list too"
            + ("" if ingress.place in gateways else ", and no canary opens it"),
            notes=notes,
            help="lead its paths to the Services themselves; or accept it where the gateway keeps gray instances "
            "apart by their tag",
        )


def _registry_hosts(ingress: Document, annotation: str) -> list[str]:
    words = get_text(ingress.data, ("metadata", "annotations", annotation)).split()
    hosts = dict.fromkeys(word.partition(":")[0] for word in words)
    return [host for host in hosts if host.endswith(REGISTRY_HOSTS)]


def _every_path_has_service(ingress: Document) -> bool:
    paths = [path for rule in get_list(ingress.data, ("spec", "rules")) for path in get_list(rule, ("http", "paths"))]
    return all(get_text(path, ("backend", "service", "name")) for path in paths)


def _names_of_released(plan: ReleasePlan) -> frozenset[str]:
    """Return the names by which a registry may know the released services, as hosts spell them."""
    names = set()
    for copy in plan.copies:
        document = copy.document
        if is_workload(document):
            names |= {document.identity.name, application_of(document)}
        elif document.identity.group_kind == (CORE, "Service"):
            names.add(document.identity.name)
    return frozenset(_in_host(name) for name in names)


def _in_host(name: str) -> str:
    return name.lower().replace("_", "-")


def _is_of(host: str, names: frozenset[str]) -> bool:
    most = max((name.count(".") for name in names), default=0) + 1
    parts = _in_host(host).split(".", most)
    return any(".".join(parts[:count]) in names for count in range(1, len(parts)))


def _named(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the objects of `BESIDE` that name something released, those that act together in one finding."""
    released = {plan.key_of(copy.document.identity) for copy in plan.copies}
    opened = {plan.key_of(entry.document.identity) for entry in plan.entries if not entry.coloured_only}
    told: dict[str, list[tuple[Document, Path, str]]] = {}
    for document in plan.baseline:
        row = BESIDE.get(document.identity.group_kind)
        if row is None:
            continue
        found = dict(_found(document, row, plan, released | opened))
        if not found:
            continue
        at = next(iter(found.values()))
        shown = ", ".join(f"`{name}`" for name in found)
        group = row.product if row.act_together else f"{row.product} {len(told)}"
        told.setdefault(group, []).append((document, at, f"`{document.identity.ref}` names {shown}"))
    for every in told.values():
        (first, at, _), *others = every
        row = BESIDE[first.identity.group_kind]
        yield at_object(
            first,
            at,
            code=row.code,
            message=f"{'; '.join(text for _, _, text in every)}: {row.product} reads that, and {row.effect}",
            notes=tuple(note_at(document, path, "it stands here too") for document, path, _ in others),
            help=row.advice,
        )


def _found(document: Document, row: BesideRow, plan: ReleasePlan, keys: set[ObjectKey]) -> Iterator[tuple[str, Path]]:
    """Yield what an object names of the lane, and where."""
    home = plan.key_of(document.identity).namespace
    for field in row.named:
        for path, name in matches(document.data, field.path):
            if not isinstance(name, str):
                continue
            kind = field.kind or _kind_beside(document, path)
            own, namespace = _name_in(field, document, path, name)
            key = ObjectKey(group_kind=kind, namespace=namespace or home or plan.spec.namespace or "", name=own)
            if key in keys:
                yield f"{kind[1]}/{own}", path


def _kind_beside(document: Document, path: Path) -> GroupKind:
    group, _, _ = get_text(document.data, (*path[:-1], "apiVersion")).rpartition("/")
    return group, get_text(document.data, (*path[:-1], "kind"))


def _name_in(field: NamedObject, document: Document, path: Path, name: str) -> tuple[str, str]:
    if field.is_host:
        return host_of(name)
    return name, get_text(document.data, (*path[:-1], "namespace"))


def _tags(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the Rollouts and TrafficRoutings that give the lane's own tag to what is not the lane's."""
    tag, carrier = plan.spec.tag, plan.spec.lane.carrier
    note = Note(message="the lane's tag", span=plan.spec.span(("spec", "tag")))
    for document in plan.baseline:
        if document.identity.group != KRUISE_ROLLOUTS:
            continue
        for at in ROLLOUT_LABELS:
            for label, value in get_map(document.data, at).items():
                if value == tag and (label == MSE_TAG or label.startswith(OPENSERGO_TAG)):
                    yield _tagged(document, (*at, label), f"gives its own canary pods `{label}: {value}`", note)
        for path, item in matches(document.data, HEADERS_SET):
            value = item.get("value") if is_mapping(item) else None
            carried = carrier.tag_in([value]) if isinstance(value, str) else None
            if is_mapping(item) and str(item.get("name")).lower() == carrier.name and carried == tag:
                yield _tagged(document, path, f"gives the requests that it leads `{carrier.line(tag)}`", note)


def _tagged(document: Document, path: Path, what: str, note: Note) -> Diagnostic:
    return at_object(
        document,
        path,
        code="GC389",
        message=f"`{document.identity.ref}` of Kruise Rollouts {what}, which is the lane's own tag: the lane and its "
        "canary would take each other's requests",
        notes=(note,),
        help="give the release another tag, or the Rollout another value; or accept it where only one stands at a time",
    )
