"""How grave a change is: a table of kinds, and one of fields."""

from functools import lru_cache

from grayc.diff.model import Risk
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.kinds import (
    AUTOSCALING,
    CORE,
    KEDA,
    NETWORKING,
    POLICY,
    RBAC,
    GroupKind,
    Rank,
    kind_row,
)
from grayc.k8s.merge_keys import ANY_ITEM, Pattern
from grayc.k8s.pod_templates import CONTAINER_LISTS, WORKLOADS

_ENTRY_GROUPS = frozenset(group for row in GATEWAYS.values() for group in row.groups)
_ACCESS_GROUPS = frozenset({RBAC, "security.istio.io", "admissionregistration.k8s.io"})

_KINDS: dict[GroupKind, Risk] = {
    (NETWORKING, "NetworkPolicy"): Risk.ACCESS,
    (CORE, "ServiceAccount"): Risk.ACCESS,
    (CORE, "ConfigMap"): Risk.CONFIG,
    (CORE, "Secret"): Risk.CONFIG,
    (CORE, "PersistentVolumeClaim"): Risk.CONFIG,
    (AUTOSCALING, "HorizontalPodAutoscaler"): Risk.REPLICAS,
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): Risk.REPLICAS,
    (KEDA, "ScaledObject"): Risk.REPLICAS,
    (POLICY, "PodDisruptionBudget"): Risk.REPLICAS,
}
"""Kind → class of every change of it, where no field says otherwise."""

_METADATA: tuple[tuple[Pattern, Risk], ...] = (
    # Of objects that are compared, only a check has another name: it ends with a hash of the lane.
    (("metadata", "name"), Risk.LABEL),
    (("metadata", "labels"), Risk.LABEL),
    (("metadata", "annotations"), Risk.ANNOTATION),
)

_SERVICE: tuple[tuple[Pattern, Risk], ...] = (
    (("spec", "selector"), Risk.SELECTOR),
    (("spec",), Risk.NETWORK),
)

_CONTAINER: tuple[tuple[Pattern, Risk], ...] = (
    (("image",), Risk.IMAGE),
    (("command",), Risk.COMMAND),
    (("args",), Risk.COMMAND),
    (("workingDir",), Risk.COMMAND),
    (("lifecycle",), Risk.COMMAND),
    (("env",), Risk.ENV),
    (("envFrom",), Risk.ENV),
    (("securityContext",), Risk.ACCESS),
    (("volumeMounts",), Risk.CONFIG),
    (("volumeDevices",), Risk.CONFIG),
    (("ports",), Risk.NETWORK),
    (("livenessProbe",), Risk.NETWORK),
    (("readinessProbe",), Risk.NETWORK),
    (("startupProbe",), Risk.NETWORK),
    (("resources",), Risk.RESOURCES),
    # A container that comes or goes is a program that does.
    ((), Risk.IMAGE),
)

_POD: tuple[tuple[Pattern, Risk], ...] = (
    (("metadata", "labels"), Risk.SELECTOR),
    (("metadata", "annotations"), Risk.ANNOTATION),
    *(
        (("spec", containers, ANY_ITEM, *below), risk)
        for containers in CONTAINER_LISTS
        for below, risk in _CONTAINER
        if below
    ),
    *((("spec", containers), Risk.IMAGE) for containers in CONTAINER_LISTS),
    (("spec", "volumes"), Risk.CONFIG),
    (("spec", "serviceAccountName"), Risk.ACCESS),
    (("spec", "serviceAccount"), Risk.ACCESS),
    (("spec", "automountServiceAccountToken"), Risk.ACCESS),
    (("spec", "securityContext"), Risk.ACCESS),
    (("spec", "hostNetwork"), Risk.ACCESS),
    (("spec", "hostPID"), Risk.ACCESS),
    (("spec", "hostIPC"), Risk.ACCESS),
    (("spec", "hostUsers"), Risk.ACCESS),
    (("spec", "runtimeClassName"), Risk.ACCESS),
    (("spec", "imagePullSecrets"), Risk.ACCESS),
    (("spec", "hostAliases"), Risk.NETWORK),
    (("spec", "dnsConfig"), Risk.NETWORK),
    (("spec", "dnsPolicy"), Risk.NETWORK),
    (("spec", "terminationGracePeriodSeconds"), Risk.COMMAND),
    (("spec", "resources"), Risk.RESOURCES),
    (("spec", "affinity"), Risk.PLACEMENT),
    (("spec", "nodeSelector"), Risk.PLACEMENT),
    (("spec", "tolerations"), Risk.PLACEMENT),
    (("spec", "topologySpreadConstraints"), Risk.PLACEMENT),
    (("spec", "priorityClassName"), Risk.PLACEMENT),
)
"""Field of a pod template → class; first match."""


def risk_of_kind(group_kind: GroupKind) -> Risk:
    """Return the class of an object that comes or goes."""
    if group_kind in WORKLOADS:
        return Risk.IMAGE
    if group_kind == (CORE, "Service"):
        return Risk.SELECTOR
    return _whole(group_kind)


def risk_of(group_kind: GroupKind, pattern: Pattern) -> Risk:
    """Return the class of a change at a field, `[*]` for items of lists."""
    rows, whole = _rows_of(group_kind)
    return next((risk for below, risk in rows if pattern[: len(below)] == below), whole)


@lru_cache(maxsize=1_024)
def _rows_of(group_kind: GroupKind) -> tuple[tuple[tuple[Pattern, Risk], ...], Risk]:
    """Return a kind's fields with their classes, first match, and the class of all others."""
    workload = WORKLOADS.get(group_kind)
    rows = _METADATA
    if group_kind == (CORE, "Service"):
        rows = (*_METADATA, *_SERVICE)
    elif workload is not None:
        rows = tuple((((*workload.template, *below)), risk) for below, risk in _POD)
        rows += _METADATA if workload.template else ()
        rows += ((workload.selector, Risk.SELECTOR),) if workload.selector else ()
        rows += ((workload.replicas, Risk.REPLICAS),) if workload.replicas else ()
        rows += ((("spec", "volumeClaimTemplates"), Risk.CONFIG),)
    elif _whole(group_kind) is Risk.ENTRY:
        # A gateway takes its rules from annotations too.
        rows = ((("metadata", "labels"), Risk.LABEL),)
    return rows, _whole(group_kind)


def _whole(group_kind: GroupKind) -> Risk:
    if group_kind in _KINDS:
        return _KINDS[group_kind]
    if kind_row(group_kind).rank is Rank.ENTRY or group_kind[0] in _ENTRY_GROUPS:
        return Risk.ENTRY
    return Risk.ACCESS if group_kind[0] in _ACCESS_GROUPS else Risk.OTHER
