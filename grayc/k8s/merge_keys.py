"""How Kubernetes merges a patch into its own kinds: which lists merge, by which key, and what is replaced whole.

A row says what the API's Go types say with `patchStrategy` and `patchMergeKey`. A list without a row is replaced
whole; a mapping without a row is merged key by key. Rows that no merge reaches are left out: those inside a list that
is replaced whole, such as `volumeClaimTemplates` of a StatefulSet, and those of `List` kinds. The versions of a kind
share their rows.

The tests derive this table from the OpenAPI schemas of the newest Kubernetes and compare row by row; the differential
tests fill every field of every kind and ask `kubectl`.

Source: kubernetes/kubernetes v1.37, api/openapi-spec, `x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`
and, for `also`, `x-kubernetes-list-map-keys`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache

from grayc.k8s.kinds import (
    APPS,
    AUTOSCALING,
    BATCH,
    CORE,
    NETWORKING,
    POLICY,
    RBAC,
    GroupKind,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.records import dataclass, replace

Pattern = tuple[str, ...]
"""Keys from the root of an object; the step `[*]` stands for any item of a list."""

ANY_ITEM = "[*]"


class PatchStrategy(StrEnum):
    """What a row asks for, in Kubernetes' words.

    `retainKeys` speaks to clients that compute a patch: they add the directive `$retainKeys`. A patch without the
    directive is applied as if the row did not say it.
    """

    MERGE = "merge"
    REPLACE = "replace"
    RETAIN_KEYS = "retainKeys"


@dataclass(frozen=True, slots=True)
class MergeRule:
    """A row of the table.

    Attributes:
        path: where the field stands, below whatever uses the row; `[*]` after a list's name for its items.
        key: key by which the items of a list merge; "" for a list of plain values, and for a mapping.
        also: further keys by which the API server tells items apart; a merge does not look at them.
        strategies: what the field asks for.
    """

    path: str
    key: str = ""
    also: tuple[str, ...] = ()
    strategies: tuple[PatchStrategy, ...] = (PatchStrategy.MERGE,)

    @property
    def is_merged(self) -> bool:
        """Whether the list is merged; one without a row is replaced whole."""
        return PatchStrategy.MERGE in self.strategies

    @property
    def is_replaced(self) -> bool:
        """Whether the mapping is replaced whole; one without a row is merged."""
        return PatchStrategy.REPLACE in self.strategies


_Rows = tuple[MergeRule, ...]


def _below(prefix: str, rows: Iterable[MergeRule]) -> _Rows:
    return tuple(replace(row, path=f"{prefix}.{row.path}") for row in rows)


_MERGE_RETAIN_KEYS = (PatchStrategy.MERGE, PatchStrategy.RETAIN_KEYS)

_METADATA: _Rows = (
    MergeRule("finalizers"),
    MergeRule("ownerReferences", "uid"),
)

_CONTAINER: _Rows = (
    MergeRule("env", "name"),
    MergeRule("ports", "containerPort", also=("protocol",)),
    MergeRule("volumeDevices", "devicePath"),
    MergeRule("volumeMounts", "mountPath"),
)

# Not here, and so replaced whole: `tolerations`, `readinessGates`, `securityContext.sysctls`, `dnsConfig.*`, and of a
# container `args`, `command`, `envFrom`, `resizePolicy` and `resources.claims`.
_POD_SPEC: _Rows = (
    MergeRule("containers", "name"),
    *_below("containers[*]", _CONTAINER),
    MergeRule("ephemeralContainers", "name"),
    *_below("ephemeralContainers[*]", _CONTAINER),
    MergeRule("evictionResponders", "name"),
    MergeRule("hostAliases", "ip"),
    MergeRule("imagePullSecrets", "name"),
    MergeRule("initContainers", "name"),
    *_below("initContainers[*]", _CONTAINER),
    MergeRule("resourceClaims", "name", strategies=_MERGE_RETAIN_KEYS),
    MergeRule("schedulingGates", "name"),
    MergeRule("topologySpreadConstraints", "topologyKey", also=("whenUnsatisfiable",)),
    MergeRule("volumes", "name", strategies=_MERGE_RETAIN_KEYS),
    *_below("volumes[*].ephemeral.volumeClaimTemplate.metadata", _METADATA),
)

_POD_TEMPLATE: _Rows = (*_below("metadata", _METADATA), *_below("spec", _POD_SPEC))

_CONDITIONS: _Rows = (MergeRule("status.conditions", "type"),)

_WEBHOOKS: _Rows = (
    MergeRule("webhooks", "name"),
    MergeRule("webhooks[*].matchConditions", "name"),
)

_RESERVATIONS: _Rows = (MergeRule("status.reservedFor", "uid"),)

_KIND_ROWS: dict[GroupKind, _Rows] = {
    (CORE, "ComponentStatus"): (MergeRule("conditions", "type"),),
    (CORE, "Namespace"): _CONDITIONS,
    (CORE, "Node"): (MergeRule("spec.podCIDRs"), MergeRule("status.addresses", "type"), *_CONDITIONS),
    (CORE, "PersistentVolumeClaim"): (
        *_CONDITIONS,
        MergeRule("status.healthStatus.healthConditions", "status", also=("reason",)),
    ),
    (CORE, "Pod"): (
        *_CONDITIONS,
        MergeRule("status.hostIPs", "ip"),
        MergeRule("status.nodeAllocatableResourceClaimStatuses", "resourceClaimName"),
        MergeRule("status.nodeAllocatableResourceClaimStatuses[*].mapping", "name"),
        MergeRule("status.nodeAllocatableResourceClaimStatuses[*].overhead", "name"),
        MergeRule("status.podIPs", "ip"),
        MergeRule("status.resourceClaimStatuses", "name", strategies=_MERGE_RETAIN_KEYS),
    ),
    (CORE, "PodTemplate"): _below("template", _POD_TEMPLATE),
    (CORE, "ReplicationController"): _CONDITIONS,
    # Port 53 for UDP and port 53 for TCP are two items to the API server and one to a merge.
    (CORE, "Service"): (MergeRule("spec.ports", "port", also=("protocol",)), *_CONDITIONS),
    (CORE, "ServiceAccount"): (MergeRule("secrets", "name"),),
    (APPS, "DaemonSet"): _CONDITIONS,
    (APPS, "Deployment"): (MergeRule("spec.strategy", strategies=(PatchStrategy.RETAIN_KEYS,)), *_CONDITIONS),
    (APPS, "ReplicaSet"): _CONDITIONS,
    (APPS, "StatefulSet"): _CONDITIONS,
    (AUTOSCALING, "HorizontalPodAutoscaler"): _CONDITIONS,
    (BATCH, "CronJob"): (
        *_below("spec.jobTemplate.metadata", _METADATA),
        MergeRule("spec.jobTemplate.spec.scheduling.resourceClaims", "name"),
    ),
    (BATCH, "Job"): (MergeRule("spec.scheduling.resourceClaims", "name"), *_CONDITIONS),
    (NETWORKING, "ServiceCIDR"): _CONDITIONS,
    (POLICY, "PodDisruptionBudget"): (
        MergeRule("spec.selector", strategies=(PatchStrategy.REPLACE,)),
        *_CONDITIONS,
    ),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): (MergeRule("spec.matchConditions", "name"),),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): (
        MergeRule("spec.matchConditions", "name"),
        MergeRule("spec.variables", "name"),
    ),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): _WEBHOOKS,
    ("apiregistration.k8s.io", "APIService"): _CONDITIONS,
    ("certificates.k8s.io", "PodCertificateRequest"): _CONDITIONS,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): _CONDITIONS,
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): _CONDITIONS,
    ("lifecycle.k8s.io", "Eviction"): (
        *_CONDITIONS,
        MergeRule("status.requesters", "name"),
        MergeRule("status.responders", "name"),
        MergeRule("status.targetResponders", "name"),
    ),
    ("lifecycle.k8s.io", "EvictionRequest"): _CONDITIONS,
    ("resource.k8s.io", "DeviceTaintRule"): _CONDITIONS,
    ("resource.k8s.io", "ResourceClaim"): _RESERVATIONS,
    ("resource.k8s.io", "ResourceClaimTemplate"): _below("spec.metadata", _METADATA),
    ("resource.k8s.io", "ResourcePoolStatusRequest"): _CONDITIONS,
    ("scheduling.k8s.io", "CompositePodGroup"): _CONDITIONS,
    ("scheduling.k8s.io", "PodGroup"): (
        MergeRule("spec.resourceClaims", "name", strategies=_MERGE_RETAIN_KEYS),
        *_CONDITIONS,
        MergeRule("status.resourceClaimStatuses", "name", strategies=_MERGE_RETAIN_KEYS),
    ),
    ("storage.k8s.io", "CSINode"): (MergeRule("spec.drivers", "name"), MergeRule("status.storageHealth", "name")),
    ("storagemigration.k8s.io", "StorageVersionMigration"): _CONDITIONS,
}

# Each has the rows of metadata, those of the pod template where it has one, and those of `_KIND_ROWS`.
BUILT_IN: dict[str, frozenset[str]] = {
    CORE: frozenset(
        {
            "Binding",
            "ComponentStatus",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        }
    ),
    APPS: frozenset({"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}),
    AUTOSCALING: frozenset({"HorizontalPodAutoscaler", "Scale"}),
    BATCH: frozenset({"CronJob", "Job"}),
    NETWORKING: frozenset({"IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"}),
    POLICY: frozenset({"Eviction", "PodDisruptionBudget"}),
    RBAC: frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}),
    "admissionregistration.k8s.io": frozenset(
        {
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        }
    ),
    "apiextensions.k8s.io": frozenset({"CustomResourceDefinition"}),
    "apiregistration.k8s.io": frozenset({"APIService"}),
    "authentication.k8s.io": frozenset({"SelfSubjectReview", "TokenRequest", "TokenReview"}),
    "authorization.k8s.io": frozenset(
        {
            "LocalSubjectAccessReview",
            "SelfSubjectAccessReview",
            "SelfSubjectRulesReview",
            "SubjectAccessReview",
        }
    ),
    "certificates.k8s.io": frozenset({"CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"}),
    "coordination.k8s.io": frozenset({"Lease", "LeaseCandidate"}),
    "discovery.k8s.io": frozenset({"EndpointSlice"}),
    "events.k8s.io": frozenset({"Event"}),
    "flowcontrol.apiserver.k8s.io": frozenset({"FlowSchema", "PriorityLevelConfiguration"}),
    "internal.apiserver.k8s.io": frozenset({"StorageVersion"}),
    "lifecycle.k8s.io": frozenset({"Eviction", "EvictionRequest"}),
    "node.k8s.io": frozenset({"RuntimeClass"}),
    "resource.k8s.io": frozenset(
        {
            "DeviceClass",
            "DeviceTaintRule",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourcePoolStatusRequest",
            "ResourceSlice",
        }
    ),
    "scheduling.k8s.io": frozenset({"CompositePodGroup", "PodGroup", "PriorityClass", "Workload"}),
    "storage.k8s.io": frozenset(
        {
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "StorageClass",
            "VolumeAttachment",
            "VolumeAttributesClass",
        }
    ),
    "storagemigration.k8s.io": frozenset({"StorageVersionMigration"}),
}


@cache
def merge_rules(group: str, kind: str) -> Mapping[Pattern, MergeRule] | None:
    """Return pattern → row for a kind, or None for a kind whose patches are JSON merge patches.

    Known are Kubernetes' own kinds and the custom workloads of `WORKLOADS`, such as a CloneSet or a Rollout.
    Kubernetes treats those as any custom kind; but a user who names one container of a Rollout's pod template means
    that one, as in a Deployment's, and a JSON merge patch would drop the others. So they have the rows of metadata
    and pod template.
    """
    workload = WORKLOADS.get((group, kind))
    if workload is None and kind not in BUILT_IN.get(group, ()):
        return None
    rows = [*_below("metadata", _METADATA), *_KIND_ROWS.get((group, kind), ())]
    if workload is not None:
        rows += _below(".".join(workload.template), _POD_TEMPLATE) if workload.template else _POD_TEMPLATE
    return {_pattern(row.path): row for row in rows}


def _pattern(path: str) -> Pattern:
    return tuple(path.replace(ANY_ITEM, f".{ANY_ITEM}").split("."))
