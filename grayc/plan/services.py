"""Which baseline objects make up each service of a release."""

import posixpath
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from grayc.diagnostics import Diagnostic, Note, did_you_mean, nearest
from grayc.documents import Document
from grayc.documents.tree import get_map
from grayc.k8s.kinds import AUTOSCALING, CORE, KEDA, POLICY
from grayc.k8s.selectors import POD_SELECTORS, selects
from grayc.plan.graph import is_workload, pod_labels, references_of
from grayc.plan.model import ObjectKey, group_kind_of, key_of
from grayc.spec.model import ReferenceRow, ReleaseSpec, ServiceSpec, WorkloadRef

_CONFIG_KINDS = ((CORE, "ConfigMap"), (CORE, "Secret"))
_SCALER_KINDS = (
    (AUTOSCALING, "HorizontalPodAutoscaler"),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"),
    (KEDA, "ScaledObject"),
)

_TEMPLATE = re.compile(r"\A(?:---\n)?# Source: [^/\n]+/(\S+)\n")
"""What helm writes above each document: the chart's name and the path of the template in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An object that belongs to a service of the release, and why."""

    document: Document
    service: ServiceSpec
    reason: str


class BaselineIndex:
    """The baseline by key and by kind of question, built once for plans that have it in common; see `index_of`."""

    def __init__(self, spec: ReleaseSpec, baseline: tuple[Document, ...]) -> None:
        self.documents = baseline
        self.by_key: dict[ObjectKey, Document] = {key_of(spec, document.identity): document for document in baseline}
        self.workloads = tuple(document for document in baseline if is_workload(document))
        self.workloads_by_name: dict[str, list[Document]] = {}
        for workload in self.workloads:
            self.workloads_by_name.setdefault(workload.identity.name, []).append(workload)
        self.by_folder: dict[str, list[Document]] = {}
        for document in baseline:
            folder = _place_of(document)
            while folder:
                self.by_folder.setdefault(folder, []).append(document)
                folder = posixpath.dirname(folder)
        self.referrers: dict[ObjectKey, list[Document]] = {}
        for document in baseline:
            for reference in references_of(document, spec):
                self.referrers.setdefault(reference.target, []).append(document)
        # Selectors by one of their labels, so that a pod is compared only with those that may select it.
        self._selecting: dict[tuple[str, object], list[Document]] = {}
        self._selecting_any: list[Document] = []
        for document in baseline:
            field = POD_SELECTORS.get(group_kind_of(document.identity))
            if field is None or is_workload(document):
                continue
            labels = get_map(document.data, field.path)
            if "matchLabels" in labels or "matchExpressions" in labels:
                labels = get_map(labels, ("matchLabels",))
            pair = next(((key, value) for key, value in labels.items() if isinstance(value, str)), None)
            if pair is None:
                self._selecting_any.append(document)
            else:
                self._selecting.setdefault(pair, []).append(document)

    def selecting(self, spec: ReleaseSpec, workload: Document) -> list[Document]:
        """Return the objects other than workloads that select a workload's pods, in order of place."""
        labels = pod_labels(workload)
        namespace = key_of(spec, workload.identity).namespace
        candidates = list(self._selecting_any)
        for key, value in labels.items():
            if isinstance(value, str):
                candidates += self._selecting.get((key, value), [])
        found = []
        for document in sorted(candidates, key=lambda candidate: candidate.place):
            field = POD_SELECTORS[group_kind_of(document.identity)]
            selector = get_map(document.data, field.path)
            if key_of(spec, document.identity).namespace == namespace and selects(field, selector, labels):
                found.append(document)
        return found


_INDEXES: "OrderedDict[tuple[int, str, tuple[ReferenceRow, ...]], BaselineIndex]" = OrderedDict()
"""What an index depends on → the index, those made last; each holds its baseline, so that no other has the same id."""

_MOST_INDEXES = 4
"""Releases over one baseline mostly agree on all else, and the steps of a rollout always do."""


def index_of(spec: ReleaseSpec, baseline: tuple[Document, ...]) -> BaselineIndex:
    """Return a baseline's index, that of an earlier plan where it is the same one.

    Of the spec it depends on the namespace and on the references that it adds.
    """
    key = (id(baseline), spec.namespace or "", spec.references)
    index = _INDEXES.pop(key, None) or BaselineIndex(spec, baseline)
    _INDEXES[key] = index
    if len(_INDEXES) > _MOST_INDEXES:
        _INDEXES.popitem(last=False)
    return index


def _place_of(document: Document) -> str:
    """Return the path that `from` knows an object by.

    What was rendered goes by what it was rendered from: a kustomization as a whole, a chart by its templates, which
    helm names above each document.
    """
    origin = document.chunk.source.origin
    if not origin:
        return document.file
    found = _TEMPLATE.search(document.chunk.text)
    return posixpath.normpath(posixpath.join(origin, found[1])) if found else origin


def claim_objects(spec: ReleaseSpec, index: BaselineIndex) -> tuple[tuple[Claim, ...], tuple[Diagnostic, ...]]:
    """Return what belongs to each service, in the order of the services and of place.

    An object is claimed once: a ConfigMap or Secret of two services by the first of them.

    Diagnostics:
        GC301: the service's workload is not in the baseline.
        GC302: `from` names a place that holds no object.
        GC304: several workloads have the name.
        GC305: two services claim an object that is no ConfigMap or Secret.
    """
    diagnostics: list[Diagnostic] = []
    shared: set[tuple[str, str]] = set()
    claimed: dict[ObjectKey, Claim] = {}
    by_service: list[tuple[ServiceSpec, list[tuple[Document, str]]]] = []
    for service in spec.services:
        if service.source is not None:
            found = _claim_folder(spec, service, service.source, index, diagnostics)
        else:
            workload = _find_workload(spec, service, index, diagnostics)
            found = [] if workload is None else [(workload, "the service's workload")]
        by_service.append((service, found))
    released = {
        key_of(spec, document.identity) for _, found in by_service for document, _ in found if is_workload(document)
    }
    for service, found in by_service:
        if service.workload is not None and found:
            found.extend(_claim_belongings(spec, found[0][0], index, released))
        for document, reason in found:
            key = key_of(spec, document.identity)
            earlier = claimed.get(key)
            if earlier is None:
                claimed[key] = Claim(document=document, service=service, reason=reason)
            elif earlier.service is not service and group_kind_of(document.identity) not in _CONFIG_KINDS:
                if service.source is None and not is_workload(document):
                    continue  # What belongs to two workloads is copied once, for the first of them.
                if (earlier.service.name, service.name) in shared:
                    continue  # Two paths that overlap are one mistake, whatever they have in common.
                shared.add((earlier.service.name, service.name))
                diagnostics.append(
                    Diagnostic(
                        code="GC305",
                        message=f"`{document.identity.ref}` belongs to two services: `{earlier.service.name}` and "
                        f"`{service.name}`",
                        span=spec.span(_where(service)),
                        field=_field(service),
                        object=document.identity.ref,
                        notes=(
                            Note(
                                message=f"`{earlier.service.name}` takes it here",
                                span=spec.span(_where(earlier.service)),
                            ),
                            Note(message="the object", span=document.span(("metadata", "name"))),
                        ),
                        help="give each service a path or workload of its own",
                    )
                )
    order = {service.name: at for at, service in enumerate(spec.services)}
    claims = sorted(claimed.values(), key=lambda claim: (order[claim.service.name], claim.document.place))
    return tuple(claims), tuple(diagnostics)


def _where(service: ServiceSpec) -> tuple[str | int, ...]:
    return (*service.path, "from" if service.source is not None else "name")


def _field(service: ServiceSpec) -> str:
    return f"spec.services[{service.path[-1]}].{'from' if service.source is not None else 'workload'}"


def _claim_folder(
    spec: ReleaseSpec, service: ServiceSpec, source: str, index: BaselineIndex, diagnostics: list[Diagnostic]
) -> list[tuple[Document, str]]:
    folder = posixpath.normpath(source)
    found = index.by_folder.get(folder, []) if folder != "." else list(index.documents)
    if not found:
        diagnostics.append(
            Diagnostic(
                code="GC302",
                message=f"no object of the baseline stands in `{source}`",
                span=spec.span((*service.path, "from")),
                field=_field(service),
                help="`spec.baseline` must hold the files of every service; "
                + did_you_mean(folder, _nearby(folder, index), noun="place"),
            )
        )
    return [(document, f"in {folder}") for document in found]


def _nearby(folder: str, index: BaselineIndex) -> Iterable[str]:
    """Return the folders and files at the depth of `folder`, all places where there are none."""
    depth = folder.count("/")
    level = [place for place in index.by_folder if place.count("/") == depth]
    return level or list(index.by_folder)


def _find_workload(
    spec: ReleaseSpec, service: ServiceSpec, index: BaselineIndex, diagnostics: list[Diagnostic]
) -> Document | None:
    wanted = service.workload or WorkloadRef(kind=None, name=service.name)
    field = "workload" if spec.has((*service.path, "workload")) else "name"
    found = [
        workload
        for workload in index.workloads_by_name.get(wanted.name, ())
        if (wanted.kind is None or workload.identity.kind == wanted.kind)
        and (spec.namespace is None or workload.identity.namespace in ("", spec.namespace))
    ]
    if len(found) == 1:
        return found[0]
    shown = f"{wanted.kind}/{wanted.name}" if wanted.kind else wanted.name
    if not found:
        names = sorted(
            {workload.identity.ref if wanted.kind else workload.identity.name for workload in index.workloads}
        )
        elsewhere = index.workloads_by_name.get(wanted.name, ())
        guess = nearest(shown, names)
        diagnostics.append(
            Diagnostic(
                code="GC301",
                message=f"the baseline has no workload `{shown}`"
                + (f" in namespace `{spec.namespace}`" if spec.namespace and elsewhere else ""),
                span=spec.span((*service.path, field)),
                field=f"spec.services[{service.path[-1]}].{field}",
                notes=tuple(
                    Note(message=f"there is `{other.identity}`", span=other.span(("metadata", "name")))
                    for other in elsewhere
                ),
                help=did_you_mean(shown, names, noun="workload")
                if guess or field == "workload" or not names
                else "name its folder with `from`, or its workload with `workload`; "
                + did_you_mean(shown, names, noun="workload"),
            )
        )
        return None
    diagnostics.append(
        Diagnostic(
            code="GC304",
            message=f"`{shown}` names {len(found)} workloads",
            span=spec.span((*service.path, field)),
            field=f"spec.services[{service.path[-1]}].{field}",
            notes=tuple(
                Note(message=f"`{workload.identity}`", span=workload.span(("metadata", "name"))) for workload in found
            ),
            help="write `workload: Kind/name`, and `spec.namespace` where the kind is the same",
        )
    )
    return None


def _claim_belongings(
    spec: ReleaseSpec, workload: Document, index: BaselineIndex, released: set[ObjectKey]
) -> list[tuple[Document, str]]:
    """Return what belongs to one workload: its Services, its own ConfigMaps and Secrets, its scalers and PDB."""
    own = key_of(spec, workload.identity)
    found: list[tuple[Document, str]] = []
    for target in dict.fromkeys(reference.target for reference in references_of(workload, spec)):
        document = index.by_key.get(target)
        if document is None or target.group_kind not in _CONFIG_KINDS:
            continue
        users = [user for user in index.referrers[target] if is_workload(user)]
        if all(key_of(spec, user.identity) in released for user in users):
            only = len({user.place for user in users}) == 1
            found.append(
                (document, f"only {workload.identity.ref} reads it" if only else "only released services read it")
            )
    for document in index.selecting(spec, workload):
        match group_kind_of(document.identity):
            case (g, "Service") if g == CORE:
                found.append((document, f"selects the pods of {workload.identity.ref}"))
            case (g, "PodDisruptionBudget") if g == POLICY:
                found.append((document, f"guards the pods of {workload.identity.ref}"))
            case _:
                pass
    for document in index.referrers.get(own, ()):
        if group_kind_of(document.identity) in _SCALER_KINDS:
            found.append((document, f"scales {workload.identity.ref}"))
    return found
