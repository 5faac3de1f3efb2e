"""What objects ask a cluster for: pods, CPU, memory, volumes, load balancers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from grayc.analysis.graph import is_workload, sibling_target, template_holder
from grayc.documents import Document, ObjectKey
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import CLAIM_TEMPLATES, WORKLOADS
from grayc.k8s.quantities import read_quantity, show_bytes, show_cpu
from grayc.k8s.scalers import SCALE_TARGET, SCALERS
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

RESOURCES = ("cpu", "memory")
STORAGE = "storage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """How many pods a workload has.

    Attributes:
        low: without load.
        high: the most that its autoscaler makes; None where that is not set.
        scaler: `Kind/name` of the autoscaler, "" where there is none.
    """

    low: int
    high: int | None
    scaler: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one workload asks for.

    Attributes:
        service: the release's service that it belongs to.
        requests: `cpu` in cores and `memory` in bytes of one pod.
        silent: names of containers that request no CPU or no memory.
        volumes: number and bytes of the volumes that one pod claims.
    """

    document: Document
    service: str
    pods: Pods
    requests: Mapping[str, Fraction]
    silent: tuple[str, ...]
    volumes: tuple[int, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a lane asks for.

    Attributes:
        asks: one for each gray workload, in order of application.
        load_balancers: `Kind/name` of each Service that gets one.
    """

    asks: tuple[Ask, ...] = ()
    load_balancers: tuple[str, ...] = ()

    def pods(self, *, at_most: bool) -> int:
        """Return the pods of all workloads, without load or at the most that is known."""
        return sum(_count(ask.pods, at_most=at_most) for ask in self.asks)

    def requested(self, resource: str, *, at_most: bool) -> Fraction:
        """Return what all pods request of `cpu` or `memory`."""
        return sum(
            (ask.requests.get(resource, Fraction(0)) * _count(ask.pods, at_most=at_most) for ask in self.asks),
            Fraction(0),
        )

    def volumes(self, *, at_most: bool) -> tuple[int, Fraction]:
        """Return number and bytes of the volumes that all pods claim."""
        counts = [(_count(ask.pods, at_most=at_most), ask.volumes) for ask in self.asks]
        return sum(pods * number for pods, (number, _) in counts), sum(
            (pods * size for pods, (_, size) in counts), Fraction(0)
        )


def _count(pods: Pods, *, at_most: bool) -> int:
    return pods.high if at_most and pods.high is not None else pods.low


def show_amount(resource: str, amount: Fraction) -> str:
    """Return an amount of CPU, memory or storage as Kubernetes writes it."""
    return show_cpu(amount) if resource == "cpu" else show_bytes(amount)


def capacity_of(documents: tuple[Document, ...], plan: ReleasePlan) -> Capacity:
    """Return what gray documents ask for."""
    counted = count_pods(documents, plan)
    asking = [document for document in documents if is_workload(document) and plan.is_copy(document)]
    return Capacity(
        asks=tuple(
            Ask(
                document=document,
                service=plan.copy_of(document).service.name,
                pods=counted[plan.key_of(document.identity)],
                requests=requests_of(template),
                silent=_silent(template),
                volumes=_volumes(template),
            )
            for document, template in with_templates(asking, plan)
        ),
        load_balancers=tuple(
            document.identity.ref
            for document in documents
            if document.identity.group_kind == (CORE, "Service")
            and get_text(document.data, ("spec", "type")) == "LoadBalancer"
        ),
    )


def with_templates(workloads: Sequence[Document], plan: ReleasePlan) -> Iterator[tuple[Document, Document]]:
    """Yield workloads of one side, each with the one that holds its pods' template: itself, but for some Rollouts.

    A workload whose template a Rollout takes has no pods, and is left out.
    """
    # Before references are rewritten and after, a Rollout finds the template of the copy that it takes.
    holders = {key: document for document in workloads for key in _keys(document, plan)}
    holder_of = {document.place: template_holder(document, plan.spec) for document in workloads}
    taken = {holder for holder in holder_of.values() if holder in holders}
    for document in workloads:
        if taken.isdisjoint(_keys(document, plan)):
            holder = holder_of[document.place]
            yield document, document if holder is None else holders.get(holder, document)


def _keys(document: Document, plan: ReleasePlan) -> tuple[ObjectKey, ...]:
    """Return the key of a workload, and that of the baseline's where it is a copy."""
    own = plan.key_of(document.identity)
    return (own, plan.key_of(plan.copy_of(document).document.identity)) if plan.is_copy(document) else (own,)


def pods_of_services(capacity: Capacity) -> dict[str, Pods]:
    """Return service → the pods of its workloads together."""
    result: dict[str, Pods] = {}
    for ask in capacity.asks:
        before = result.get(ask.service, Pods(low=0, high=0))
        high = None if before.high is None or ask.pods.high is None else before.high + ask.pods.high
        result[ask.service] = Pods(low=before.low + ask.pods.low, high=high)
    return result


def count_pods(documents: Iterable[Document], plan: ReleasePlan) -> dict[ObjectKey, Pods]:
    """Return workload → how many pods it has, by its replicas and its autoscaler.

    Source: apps/v1, `replicas` defaults to 1; an autoscaler whose workload has 0 replicas is off.
    """
    documents = tuple(documents)
    scalers: dict[ObjectKey, Document] = {}
    for document in documents:
        if document.identity.group_kind in SCALERS:
            target = ObjectKey(
                group_kind=sibling_target(document, SCALE_TARGET),
                namespace=plan.key_of(document.identity).namespace,
                name=get_text(document.data, SCALE_TARGET),
            )
            scalers.setdefault(target, document)
    result: dict[ObjectKey, Pods] = {}
    for document in documents:
        if not is_workload(document):
            continue
        key = plan.key_of(document.identity)
        path = WORKLOADS[key.group_kind].replicas
        replicas = _whole(get(document.data, path)) if path else None
        scaler = scalers.get(key)
        if scaler is None or replicas == 0:
            count = 1 if replicas is None else replicas
            result[key] = Pods(low=count, high=count)
            continue
        row = SCALERS[scaler.identity.group_kind]
        low = _whole(get(scaler.data, row.low))
        result[key] = Pods(
            low=row.default_low if low is None else low,
            high=_whole(get(scaler.data, row.high)),
            scaler=scaler.identity.ref,
        )
    return result


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def requests_of(document: Document) -> dict[str, Fraction]:
    """Return what the scheduler keeps free for one pod of a workload.

    Source: Kubernetes, "Init containers", resource sharing, and "Sidecar containers": containers and sidecars add up;
    each other init container runs with the sidecars before it; the larger of both counts, and the overhead comes on
    top. What the pod itself requests counts in place of its containers' (pod-level resources, 1.34).
    """
    spec = (*WORKLOADS[document.identity.group_kind].template, "spec")
    result: dict[str, Fraction] = {}
    for resource in RESOURCES:
        sidecars = peak = Fraction(0)
        for container in _containers(document, "initContainers"):
            wanted = _request(container, resource) or Fraction(0)
            if container.get("restartPolicy") == "Always":
                sidecars += wanted
                peak = max(peak, sidecars)
            else:
                peak = max(peak, sidecars + wanted)
        running = sidecars + sum(
            (_request(container, resource) or Fraction(0) for container in _containers(document, "containers")),
            Fraction(0),
        )
        whole = _request(get_map(document.data, spec), resource)
        overhead = read_quantity(get(document.data, (*spec, "overhead", resource))) or Fraction(0)
        result[resource] = (max(running, peak) if whole is None else whole) + overhead
    return result


def _containers(document: Document, field: str) -> list[dict[str, object]]:
    template = WORKLOADS[document.identity.group_kind].template
    return [item for item in get_list(document.data, (*template, "spec", field)) if is_mapping(item)]


def _request(holder: dict[str, object], resource: str) -> Fraction | None:
    """Return a request; a limit alone is a request too, as the API server sets it."""
    asked = read_quantity(get(holder, ("resources", "requests", resource)))
    return read_quantity(get(holder, ("resources", "limits", resource))) if asked is None else asked


def _silent(document: Document) -> tuple[str, ...]:
    template = WORKLOADS[document.identity.group_kind].template
    pod = get_map(document.data, (*template, "spec"))
    return tuple(
        get_text(container, ("name",))
        for container in _containers(document, "containers")
        if any(_request(container, resource) is None and _request(pod, resource) is None for resource in RESOURCES)
    )


def _volumes(document: Document) -> tuple[int, Fraction]:
    """Return number and bytes of the claims that are made for each pod, ephemeral volumes too."""
    kind = document.identity.group_kind
    claims = [*get_list(document.data, CLAIM_TEMPLATES[kind])] if kind in CLAIM_TEMPLATES else []
    for volume in get_list(document.data, (*WORKLOADS[kind].template, "spec", "volumes")):
        claim = get(volume, ("ephemeral", "volumeClaimTemplate"))
        if claim is not None:
            claims.append(claim)
    sizes = [read_quantity(get(claim, ("spec", "resources", "requests", STORAGE))) for claim in claims]
    return len(claims), sum((size for size in sizes if size is not None), Fraction(0))
