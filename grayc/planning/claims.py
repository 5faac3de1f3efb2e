"""Which baseline objects make up each service of a release."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from grayc.analysis.declared import installed_by
from grayc.analysis.graph import is_workload, references_of, template_holder
from grayc.analysis.made import made_objects
from grayc.analysis.removed import removed_api
from grayc.diagnostics import Diagnostic, Note, did_you_mean, nearest
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import note_at
from grayc.documents.generated import generated_name
from grayc.documents.tree import get
from grayc.k8s.kinds import ARGO, CONFIG_KINDS, CORE, POLICY, GroupKind, Policy, kind_row
from grayc.k8s.scalers import TARGETS
from grayc.k8s.steering import TRAFFIC_ROUTING, WRITES
from grayc.plan.model import key_of
from grayc.plan.reasons import Reason, Why, because
from grayc.planning.index import BaselineIndex
from grayc.records import dataclass
from grayc.spec.findings import at_spec
from grayc.spec.model import ReleaseSpec, ServiceSpec, WorkloadRef

_SCALING: frozenset[GroupKind] = frozenset(TARGETS)
"""Kinds that belong to the workload that they scale."""

_OWN_KINDS: frozenset[GroupKind] = frozenset({*CONFIG_KINDS, (ARGO, "AnalysisTemplate")})
"""Kinds that belong to the only workload that names them."""

_SERVICE: GroupKind = (CORE, "Service")

_QUOTED = re.compile(r"`([^`]*)`")

_MOST_PLACES = 20
"""Notes about objects that stand beside each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An object that belongs to a service of the release, and why."""

    document: Document
    service: ServiceSpec
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the services of a release are made of.

    Attributes:
        claims: in the order of the services and of place, then what only `config` names.
        changed_config: ConfigMap or Secret → the services whose `config` changes it, in the order of the spec.
    """

    claims: tuple[Claim, ...]
    changed_config: Mapping[ObjectKey, tuple[ServiceSpec, ...]]


_Found = tuple[tuple[Document, Reason], ...]
"""Objects of one service, each with the reason."""


def claim_objects(spec: ReleaseSpec, index: BaselineIndex) -> tuple[Claims, tuple[Diagnostic, ...]]:
    """Return what belongs to each service.

    An object is claimed once: a ConfigMap or Secret of two services by the first of them.

    Diagnostics:
        GC301: the service's workload is not in the baseline.
        GC302: `from` names a place that holds no object.
        GC304: several workloads have the name.
        GC307: the workload is of a version that servers no longer have.
        GC305: two services claim an object that is no ConfigMap or Secret.
        GC310: `config` names what the baseline does not have, or has twice.
    """
    by_service = [(service, *_find_objects(spec, service, index)) for service in spec.services]
    finding = tuple(chain.from_iterable(said for _, _, said in by_service))
    released = frozenset(
        key_of(spec, document.identity) for _, found, _ in by_service for document, _ in found if is_workload(document)
    )
    belonging = _Belonging(
        spec, [found[0][0] for service, found, _ in by_service if service.workload is not None and found], index
    )
    wanted = [
        Claim(document=document, service=service, reason=reason)
        for service, found, _ in by_service
        for document, reason in (
            *found,
            *(belonging.to(found[0][0], released) if service.workload is not None and found else ()),
        )
    ]
    claims, clashing = _claim_once(spec, wanted)
    changed, configuring = _find_config(spec, claims, index)
    claimed = {key_of(spec, claim.document.identity) for claim in claims}
    added = tuple(
        Claim(document=index.by_key[key], service=services[0], reason=because(Why.CHANGED_BY_CONFIG))
        for key, services in changed.items()
        if key not in claimed
    )
    return Claims(claims=(*claims, *added), changed_config=changed), (*finding, *clashing, *configuring)


def service_path(spec: ReleaseSpec, service: ServiceSpec) -> Path:
    """Return the field of the spec that says what makes up a service."""
    field = next((field for field in ("from", "workload") if spec.has((*service.path, field))), "name")
    return (*service.path, field)


def _find_objects(
    spec: ReleaseSpec, service: ServiceSpec, index: BaselineIndex
) -> tuple[_Found, tuple[Diagnostic, ...]]:
    if service.source is not None:
        return _in_folder(spec, service, service.source, index)
    workload, said = _find_workload(spec, service, index)
    if workload is None:
        return (), said
    holder = template_holder(workload, spec)
    # What runs a Rollout's pods is found from the workload that has their template.
    return ((index.by_key.get(holder, workload) if holder else workload, because(Why.WORKLOAD)),), said


def _claim_once(spec: ReleaseSpec, wanted: Iterable[Claim]) -> tuple[tuple[Claim, ...], tuple[Diagnostic, ...]]:
    claimed: dict[ObjectKey, Claim] = {}
    clashes: dict[tuple[str, str], Diagnostic] = {}
    for claim in wanted:
        key = key_of(spec, claim.document.identity)
        earlier = claimed.setdefault(key, claim)
        if earlier.service is claim.service or key.group_kind in CONFIG_KINDS:
            continue
        if claim.service.source is None and not is_workload(claim.document):
            continue  # What belongs to two workloads is copied once, for the first of them.
        # Two paths that overlap are one mistake, whatever they have in common.
        clashes.setdefault((earlier.service.name, claim.service.name), _clash(spec, earlier, claim))
    order = {service.name: at for at, service in enumerate(spec.services)}
    claims = sorted(claimed.values(), key=lambda claim: (order[claim.service.name], claim.document.place))
    return tuple(claims), tuple(clashes.values())


def _clash(spec: ReleaseSpec, earlier: Claim, claim: Claim) -> Diagnostic:
    ref = claim.document.identity.ref
    return at_spec(
        spec,
        service_path(spec, claim.service),
        code="GC305",
        message=f"`{ref}` belongs to two services: `{earlier.service.name}` and `{claim.service.name}`",
        object=ref,
        notes=(
            Note(
                message=f"`{earlier.service.name}` takes it here", span=spec.span(service_path(spec, earlier.service))
            ),
            note_at(claim.document, ("metadata", "name"), "the object"),
        ),
        help="give each service a path or workload of its own",
    )


def _in_folder(
    spec: ReleaseSpec, service: ServiceSpec, source: str, index: BaselineIndex
) -> tuple[_Found, tuple[Diagnostic, ...]]:
    folder = posixpath.normpath(source)
    found = index.by_folder.get(folder, []) if folder != "." else index.documents
    if found:
        return tuple((document, because(Why.APPEARS_IN, folder=folder)) for document in found), ()
    empty = at_spec(
        spec,
        (*service.path, "from"),
        code="GC302",
        message=f"no object of the baseline stands in `{source}`",
        help="`spec.baseline` must hold the files of every service; "
        + did_you_mean(folder, _nearby(folder, index), noun="place"),
    )
    return (), (empty,)


def _nearby(folder: str, index: BaselineIndex) -> Iterable[str]:
    """Return the folders and files at the depth of `folder`, all places where there are none."""
    depth = folder.count("/")
    level = [place for place in index.by_folder if place.count("/") == depth]
    return level or list(index.by_folder)


def _find_workload(
    spec: ReleaseSpec, service: ServiceSpec, index: BaselineIndex
) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    wanted = service.workload or WorkloadRef(kind=None, name=service.name)
    shown = f"{wanted.kind}/{wanted.name}" if wanted.kind else wanted.name
    found = [
        workload
        for workload in index.workloads_by_name.get(wanted.name, ())
        if (wanted.kind is None or workload.identity.kind == wanted.kind)
        and (spec.namespace is None or workload.identity.namespace in ("", spec.namespace))
    ]
    if len(found) > 1:
        holders = {template_holder(workload, spec) for workload in found}
        found = [workload for workload in found if key_of(spec, workload.identity) in holders] or found
    if len(found) == 1:
        return found[0], ()
    if found:
        ambiguous = at_spec(
            spec,
            service_path(spec, service),
            code="GC304",
            message=f"`{shown}` names {len(found)} workloads",
            notes=_places(found),
            help="write `workload: Kind/name`, and `spec.namespace` where the kind is the same",
        )
        return None, (ambiguous,)
    others = [
        other
        for other in index.other_pods_by_name.get(wanted.name, ())
        if (wanted.kind is None or other.identity.kind == wanted.kind)
        and (spec.namespace is None or other.identity.namespace in ("", spec.namespace))
    ]
    removed = next((said for other in others if (said := removed_api(other)) is not None), None)
    if removed is not None:
        return None, (removed,)
    names = index.workload_refs if wanted.kind else index.workload_names
    elsewhere = index.workloads_by_name.get(wanted.name, ())
    suggestion = did_you_mean(shown, names, noun="workload")
    is_plain = nearest(shown, names) or spec.has((*service.path, "workload")) or not names
    help_ = suggestion if is_plain else f"name its folder with `from`, or its workload with `workload`; {suggestion}"
    namespaces = sorted({workload.identity.namespace for workload in elsewhere})
    if spec.namespace is not None and namespaces:
        # The word is right, so no other is like it.
        help_ = f"write `namespace: {namespaces[0]}` in `spec`, or name a baseline whose `{shown}` is in "
        help_ += f"`{spec.namespace}`"
    elif not names or not nearest(shown, names):
        help_ = installed_by(index.documents, wanted.name) or help_
    missing = at_spec(
        spec,
        service_path(spec, service),
        code="GC301",
        message=f"the baseline has no workload `{shown}`"
        + (f" in namespace `{spec.namespace}`" if spec.namespace and elsewhere else ""),
        notes=(
            *_places(elsewhere, "there is "),
            *_places(others, "a kind that grayc knows no workload of: "),
        ),
        help=help_,
    )
    return None, (missing,)


def _places(workloads: Sequence[Document], start: str = "") -> tuple[Note, ...]:
    """Return where workloads of one name stand, the first of many."""
    notes = tuple(
        note_at(workload, ("metadata", "name"), f"{start}`{workload.identity}`")
        for workload in workloads[:_MOST_PLACES]
    )
    more = len(workloads) - len(notes)
    return (*notes, Note(message=f"and {more} more")) if more else notes


class _Belonging:
    """What belongs to the workloads of a release: whatever several of them have in common, to the first of them."""

    def __init__(self, spec: ReleaseSpec, workloads: Sequence[Document], index: BaselineIndex) -> None:
        self._spec = spec
        self._index = index
        selecting = index.selecting(spec, workloads)
        self._selecting = {workloads[at].place: found for at, found in selecting.items()}
        self._seen: set[ObjectKey] = set()

    def to(self, workload: Document, released: frozenset[ObjectKey]) -> Iterator[tuple[Document, Reason]]:
        """Yield what belongs to one workload: its own configuration and analyses, its Services, PDB and scalers.

        With the Rollouts that take their pods from it, and what steers it or them.
        """
        spec, index = self._spec, self._index
        rollouts = self._rollouts_of(workload)
        for holder in (workload, *rollouts):
            yield from self._read_by(holder, released)
        for document in self._selecting.get(workload.place, ()):
            match document.identity.group_kind:
                case (g, "Service") if g == CORE:
                    yield document, because(Why.SELECTS, object=workload.identity.ref)
                case (g, "PodDisruptionBudget") if g == POLICY:
                    yield document, because(Why.GUARDS, object=workload.identity.ref)
                case _:
                    pass
        for rollout in rollouts:
            yield rollout, because(Why.PODS_FROM, object=workload.identity.ref)
        for holder in (workload, *rollouts):
            yield from self._steered_by(holder)
            for document in index.referrers.get(key_of(spec, holder.identity), ()):
                if document.identity.group_kind in _SCALING:
                    yield document, because(Why.SCALES, object=holder.identity.ref)
                elif kind_row(document.identity.group_kind).policy is Policy.STAY:
                    yield document, because(Why.STEERS, object=holder.identity.ref)

    def _read_by(self, workload: Document, released: frozenset[ObjectKey]) -> Iterator[tuple[Document, Reason]]:
        """Yield what released workloads alone read."""
        spec, index = self._spec, self._index
        for target in dict.fromkeys(reference.target for reference in references_of(workload, spec)):
            document = index.by_key.get(target)
            if document is None or target.group_kind not in _OWN_KINDS or target in self._seen:
                continue
            if target.group_kind not in CONFIG_KINDS and get(workload.data, TRAFFIC_ROUTING) is not None:
                continue  # Its copy shifts no traffic, and judges none.
            self._seen.add(target)
            users = [
                user for user in index.referrers[target] if is_workload(user) or target.group_kind not in CONFIG_KINDS
            ]
            if all((template_holder(user, spec) or key_of(spec, user.identity)) in released for user in users):
                only = len({user.place for user in users}) == 1
                reader = because(Why.ONLY_READER, object=workload.identity.ref)
                yield document, reader if only else because(Why.ONLY_RELEASED_READ)

    def _rollouts_of(self, workload: Document) -> tuple[Document, ...]:
        """Return the Rollouts that take their pods from a workload."""
        key = key_of(self._spec, workload.identity)
        return tuple(user for user in self._index.referrers.get(key, ()) if template_holder(user, self._spec) == key)

    def _steered_by(self, workload: Document) -> Iterator[tuple[Document, Reason]]:
        """Yield the Services that a Rollout steers: in a cluster they select one version, so selectors do not tell."""
        written = WRITES.get(workload.identity.group_kind)
        if not written:
            return
        for reference in references_of(workload, self._spec):
            service = self._index.by_key.get(reference.target)
            if service is not None and reference.target.group_kind == _SERVICE and reference.row.pattern in written:
                yield service, because(Why.STEERED_BY, object=workload.identity.ref)


def _find_config(
    spec: ReleaseSpec, claims: Iterable[Claim], index: BaselineIndex
) -> tuple[Mapping[ObjectKey, tuple[ServiceSpec, ...]], tuple[Diagnostic, ...]]:
    """Return the ConfigMaps and Secrets that `config` names; they are copied whoever else has them."""
    namespaces: dict[str, set[str]] = {service.name: set() for service in spec.services}
    for claim in claims:
        if is_workload(claim.document):
            namespaces[claim.service.name].add(key_of(spec, claim.document.identity).namespace)
    configs = tuple(document for document in index.documents if document.identity.group_kind in CONFIG_KINDS)
    # A generator's name is what people know: its hash is another one with each change.
    choices = [generated_name(document) or document.identity.name for document in configs]
    changed: dict[ObjectKey, tuple[ServiceSpec, ...]] = {}
    said: list[Diagnostic] = []
    makers: Mapping[str, Document] | None = None
    for service in spec.services:
        for name, path in _named_config(service):
            keys = [
                key
                for namespace in sorted(namespaces[service.name])
                for kind in CONFIG_KINDS
                if (key := ObjectKey(group_kind=kind, namespace=namespace, name=name)) in index.by_key
            ]
            if len(keys) == 1:
                changed[keys[0]] = (*changed.get(keys[0], ()), service)
            elif namespaces[service.name]:
                makers = _makers(spec, index) if not keys and makers is None else makers
                maker = makers.get(name) if makers is not None and not keys else None
                said.append(_unknown_config(spec, path, [index.by_key[key] for key in keys], choices, maker))
    return changed, tuple(said)


def _named_config(service: ServiceSpec) -> Iterable[tuple[str, Path]]:
    """Return the names of the ConfigMaps and Secrets that a service changes, and where it first says so."""
    places: dict[str, Path] = {}
    for changes in service.changes:
        for name in changes.config:
            places.setdefault(name, changes.config_path(name))
    return places.items()


def _makers(spec: ReleaseSpec, index: BaselineIndex) -> Mapping[str, Document]:
    """Return what controllers make ConfigMaps and Secrets of, by the names of those."""
    made = made_objects(index.documents, spec).by_key
    return {key.name: maker for key, maker in reversed([*made]) if key.group_kind in CONFIG_KINDS}


def _unknown_config(
    spec: ReleaseSpec, path: Path, found: list[Document], choices: Sequence[str], maker: Document | None
) -> Diagnostic:
    name = str(path[-1])
    if maker is not None:
        return at_spec(
            spec,
            path,
            key=True,
            code="GC310",
            names=(name, maker.identity.name),
            message=f"`{name}` stands in no file: a controller makes it of `{maker.identity.ref}`",
            notes=(note_at(maker, ("metadata", "name"), "what it is made of"),),
            help=f"change it for production and lane where `{maker.identity.ref}` takes it from; or give the lane a "
            "value of its own by `env`",
        )
    suggestion = did_you_mean(name, choices, noun="ConfigMap or Secret")
    return at_spec(
        spec,
        path,
        key=True,
        code="GC310",
        names=(name, *_QUOTED.findall(suggestion)),
        message=f"`{name}` names {len(found)} objects"
        if found
        else f"the baseline has no ConfigMap or Secret `{name}`",
        notes=tuple(note_at(document, ("metadata", "name"), f"`{document.identity}`") for document in found),
        help="give the two different names in the baseline" if found else suggestion,
    )
