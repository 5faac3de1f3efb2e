"""What pods ask for as a cluster fills it in, and what a ResourceQuota would count."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from grayc.analysis.capacity import Pods, count_pods, with_templates
from grayc.analysis.graph import is_workload
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import BATCH, CORE
from grayc.k8s.pod_templates import CLAIM_TEMPLATES, WORKLOADS
from grayc.k8s.quantities import read_quantity, show_bytes, show_cpu
from grayc.k8s.quotas import COUNTED_OBJECTS, PODS_OF_SCOPES, SAME_AS, STORAGE_CLASS, resource_of
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

Amounts = Mapping[str, Fraction]
"""Resource, or key of a quota → amount."""

_COMPUTE = ("cpu", "memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a container, or a pod, has in `resources`."""

    requests: Amounts
    limits: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container with what the cluster fills in.

    Attributes:
        path: in its workload.
        starts_first: an init container that ends before the others run.
    """

    name: str
    path: Path
    resources: Resources
    is_init: bool
    starts_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PodAsk:
    """One pod of a workload.

    Attributes:
        whole: of all its containers, as the scheduler adds them up.
        is_whole: resources that the pod names itself, in place of its containers.
    """

    containers: tuple[Container, ...]
    whole: Resources
    is_whole: frozenset[str]


def amounts_of(value: object) -> dict[str, Fraction]:
    """Return a mapping of quantities, without those that are none."""
    read = {key: read_quantity(item) for key, item in value.items()} if is_mapping(value) else {}
    return {key: amount for key, amount in read.items() if amount is not None}


def show_resource(resource: str, amount: Fraction) -> str:
    """Return an amount of a resource, or of what a key of a quota counts, as Kubernetes writes it."""
    name = resource.rpartition("/")[2].removeprefix("requests.").removeprefix("limits.")
    if name == "cpu":
        return show_cpu(amount)
    if name in ("memory", "storage", "ephemeral-storage") or name.startswith("hugepages-"):
        return show_bytes(amount)
    return show_cpu(amount)


def defaults_of(limits_of_ranges: Iterable[object]) -> Resources:
    """Return what the LimitRanges of a namespace fill into containers.

    Args:
        limits_of_ranges: the items of their `spec.limits`.
    """
    limits: dict[str, Fraction] = {}
    requests: dict[str, Fraction] = {}
    for item in limits_of_ranges:
        if get_text(item, ("type",)) != "Container":
            continue
        default = {**amounts_of(get(item, ("max",))), **amounts_of(get(item, ("default",)))}
        request = {**amounts_of(get(item, ("min",))), **default, **amounts_of(get(item, ("defaultRequest",)))}
        # The first that says something of a resource has its say.
        limits = {**default, **limits}
        requests = {**request, **requests}
    return Resources(requests=requests, limits=limits)


def pod_of(workload: Document, defaults: Resources) -> PodAsk:
    """Return what a pod of a workload asks for.

    Source: Kubernetes, "Init containers", resource sharing; component-helpers v0.34 resource/helpers.go, PodRequests
    and PodLimits.
    """
    spec = (*WORKLOADS[workload.identity.group_kind].template, "spec")
    containers = tuple(_containers(workload, spec, defaults))
    pod = _resources(get(workload.data, (*spec, "resources")), Resources(requests={}, limits={}))
    overhead = amounts_of(get(workload.data, (*spec, "overhead")))
    requests = {**_added(containers, "requests"), **pod.requests}
    limits = {**_added(containers, "limits"), **pod.limits}
    return PodAsk(
        containers=containers,
        whole=Resources(
            requests={key: requests.get(key, Fraction(0)) + overhead.get(key, 0) for key in {*requests, *overhead}},
            limits={key: amount + overhead.get(key, 0) for key, amount in limits.items()},
        ),
        is_whole=frozenset({*pod.requests, *pod.limits}),
    )


def _containers(workload: Document, spec: Path, defaults: Resources) -> Iterator[Container]:
    for field in ("initContainers", "containers"):
        for at, item in enumerate(get_list(workload.data, (*spec, field))):
            if is_mapping(item):
                is_init = field == "initContainers"
                yield Container(
                    name=get_text(item, ("name",)),
                    path=(*spec, field, at),
                    resources=_resources(item.get("resources"), defaults),
                    is_init=is_init,
                    starts_first=is_init and item.get("restartPolicy") != "Always",
                )


def _resources(value: object, defaults: Resources) -> Resources:
    """Return what `resources` come to: a limit alone is a request too, then the defaults of the namespace."""
    limits = amounts_of(get(value, ("limits",)))
    requests = {**limits, **amounts_of(get(value, ("requests",)))}
    return Resources(requests={**defaults.requests, **requests}, limits={**defaults.limits, **limits})


def _added(containers: Iterable[Container], field: str) -> dict[str, Fraction]:
    running: dict[str, Fraction] = {}
    peak: dict[str, Fraction] = {}
    for container in containers:
        wanted: Amounts = getattr(container.resources, field)
        for key, amount in wanted.items():
            together = running.get(key, Fraction(0)) + amount
            peak[key] = max(peak.get(key, Fraction(0)), together)
            if not container.starts_first:
                running[key] = together
    return peak


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One condition of a quota on the pods that it counts."""

    name: str
    operator: str
    values: tuple[str, ...]

    @property
    def is_followed(self) -> bool:
        """Tell whether a pod template says if its pods meet it."""
        return self.name in PODS_OF_SCOPES


def scopes_of(quota: Document) -> tuple[Scope, ...]:
    """Return the scopes of a quota; a pod is counted that meets all."""
    spec = get_map(quota.data, ("spec",))
    plain = (Scope(name=str(name), operator="Exists", values=()) for name in get_list(spec, ("scopes",)))
    selected = (
        Scope(
            name=get_text(item, ("scopeName",)),
            operator=get_text(item, ("operator",)),
            values=tuple(str(value) for value in get_list(item, ("values",))),
        )
        for item in get_list(spec, ("scopeSelector", "matchExpressions"))
    )
    return (*plain, *selected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """All of a pod that scopes ask for."""

    is_terminating: bool
    is_best_effort: bool
    priority_class: str
    looks_elsewhere: bool

    def is_in(self, scope: Scope) -> bool:
        """Tell whether such pods meet a scope. Source: pods.go, `podMatchesScopeFunc`."""
        match scope.name:
            case "Terminating" | "NotTerminating":
                return self.is_terminating == (scope.name == "Terminating")
            case "BestEffort" | "NotBestEffort":
                return self.is_best_effort == (scope.name == "BestEffort")
            case "CrossNamespacePodAffinity":
                return self.looks_elsewhere
            case "PriorityClass":
                match scope.operator:
                    case "Exists":
                        return bool(self.priority_class)
                    case "DoesNotExist":
                        return not self.priority_class
                    case "NotIn":
                        return self.priority_class not in scope.values
                    case _:
                        return bool(self.priority_class) and self.priority_class in scope.values
            case _:
                return False


def sort_of(workload: Document, pod: PodAsk) -> Sort:
    """Return what scopes ask for of the pods of a workload."""
    spec = get_map(workload.data, (*WORKLOADS[workload.identity.group_kind].template, "spec"))
    asks = any(
        amount
        for resources in (pod.whole, *(container.resources for container in pod.containers))
        for amounts in (resources.requests, resources.limits)
        for key, amount in amounts.items()
        if key in _COMPUTE
    )
    terms = [
        get(item, ("podAffinityTerm",)) or item
        for affinity in ("podAffinity", "podAntiAffinity")
        for when in ("required", "preferred")
        for item in get_list(spec, ("affinity", affinity, f"{when}DuringSchedulingIgnoredDuringExecution"))
    ]
    return Sort(
        is_terminating=isinstance(spec.get("activeDeadlineSeconds"), int),
        is_best_effort=not asks,
        priority_class=get_text(spec, ("priorityClassName",)),
        looks_elsewhere=any(
            get_list(term, ("namespaces",)) or get(term, ("namespaceSelector",)) is not None for term in terms
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What objects ask for by key of a quota: without load, and at the most that autoscalers make."""

    low: Amounts
    high: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingWorkload:
    """A workload with what its pods ask for.

    Attributes:
        document: it, or the workload whose pod template it takes.
    """

    document: Document
    pod: PodAsk
    pods: Pods
    sort: Sort


class Tally:
    """What the objects of one namespace on one side ask for, counted once for all quotas.

    Objects that a controller made of others are passed over.
    """

    def __init__(self, documents: Iterable[Document], defaults: Resources, plan: ReleasePlan) -> None:
        counted = [item for item in documents if not get_list(item.data, ("metadata", "ownerReferences"))]
        pods = count_pods(counted, plan)
        self.workloads = tuple(
            AskingWorkload(
                document=template,
                pod=(pod := pod_of(template, defaults)),
                pods=_lasting(document, pods[plan.key_of(document.identity)]),
                sort=sort_of(template, pod),
            )
            for document, template in with_templates([item for item in counted if is_workload(item)], plan)
        )
        self._objects: dict[str, Fraction] = {}
        for document in counted:
            for key, amount in _of_object(document):
                _add(self._objects, key, amount)
        self._of_sorts: dict[Sort, tuple[dict[str, Fraction], dict[str, Fraction]]] = {}
        self._of_claims: tuple[dict[str, Fraction], dict[str, Fraction]] = ({}, {})
        for asking in self.workloads:
            most = asking.pods.low if asking.pods.high is None else asking.pods.high
            sides = self._of_sorts.setdefault(asking.sort, ({}, {}))
            for side, claimed, count in zip(sides, self._of_claims, (asking.pods.low, most), strict=True):
                for key, amount in _of_pod(asking.pod):
                    _add(side, key, amount * count)
                for key, amount in _of_claims(asking.document):
                    _add(claimed, key, amount * count)
        self._usages: dict[tuple[Scope, ...], Usage] = {}

    def usage(self, scopes: tuple[Scope, ...]) -> Usage:
        """Return what a quota with these scopes counts; one with scopes counts pods alone."""
        if scopes not in self._usages:
            low: dict[str, Fraction] = {}
            high: dict[str, Fraction] = {}
            for at, total in enumerate((low, high)):
                parts = [sides[at] for sort, sides in self._of_sorts.items() if all(map(sort.is_in, scopes))]
                for part in (*parts, *(() if scopes else (self._objects, self._of_claims[at]))):
                    for key, amount in part.items():
                        _add(total, key, amount)
            self._usages[scopes] = Usage(low=low, high=high)
        return self._usages[scopes]


def _lasting(document: Document, pods: Pods) -> Pods:
    """Return the pods of a workload; those of a Job of production may be over, and of a CronJob not be there yet."""
    is_brief = document.identity.group_kind in ((BATCH, "CronJob"), (BATCH, "Job"))
    return Pods(low=0, high=pods.high) if is_brief else pods


def _add(amounts: dict[str, Fraction], key: str, amount: Fraction) -> None:
    amounts[key] = amounts.get(key, Fraction(0)) + amount


def _of_pod(pod: PodAsk) -> Iterator[tuple[str, Fraction]]:
    yield "pods", Fraction(1)
    for field, amounts in (("requests", pod.whole.requests), ("limits", pod.whole.limits)):
        for key, amount in amounts.items():
            yield f"{field}.{key}", amount


def _of_claims(workload: Document) -> Iterator[tuple[str, Fraction]]:
    """Yield what the claims of one pod of a workload come to."""
    kind = workload.identity.group_kind
    claims = [*get_list(workload.data, CLAIM_TEMPLATES[kind])] if kind in CLAIM_TEMPLATES else []
    for volume in get_list(workload.data, (*WORKLOADS[kind].template, "spec", "volumes")):
        claim = get(volume, ("ephemeral", "volumeClaimTemplate"))
        if claim is not None:
            claims.append(claim)
    for claim in claims:
        yield from _of_claim(claim)


def _of_claim(claim: object) -> Iterator[tuple[str, Fraction]]:
    size = read_quantity(get(claim, ("spec", "resources", "requests", "storage"))) or Fraction(0)
    name = get_text(claim, ("spec", "storageClassName"))
    for prefix in ("", *([f"{name}{STORAGE_CLASS}"] if name else [])):
        yield f"{prefix}persistentvolumeclaims", Fraction(1)
        yield f"{prefix}requests.storage", size


def _of_object(document: Document) -> Iterator[tuple[str, Fraction]]:
    """Yield what an object counts by itself."""
    identity = document.identity
    group, kind = identity.group_kind
    yield f"count/{resource_of(kind, group)}", Fraction(1)
    if group != CORE:
        return
    for key, counted in COUNTED_OBJECTS.items():
        if kind == counted:
            yield key, Fraction(1)
    if kind == "PersistentVolumeClaim":
        yield from _of_claim(document.data)
    elif kind == "Service":
        service = get_text(document.data, ("spec", "type"))
        ports = get_list(document.data, ("spec", "ports"))
        if service == "LoadBalancer":
            yield "services.loadbalancers", Fraction(1)
            if get(document.data, ("spec", "allocateLoadBalancerNodePorts")) is False:
                ports = [port for port in ports if get(port, ("nodePort",))]
        if service in ("LoadBalancer", "NodePort"):
            yield "services.nodeports", Fraction(len(ports))


def key_of_quota(key: str) -> str:
    """Return the key by which `Usage` has what a key of a quota counts."""
    return SAME_AS.get(key, key)
