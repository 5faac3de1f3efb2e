"""Fields by which one object names another.

One table serves renaming, the question who uses a ConfigMap, and the checks.
"""

from dataclasses import dataclass

from grayc.k8s.kinds import APPS, ARGO, AUTOSCALING, CORE, KEDA, KRUISE, NETWORKING, GroupKind
from grayc.k8s.pod_templates import CONTAINER_LISTS, WORKLOADS

Pattern = tuple[str, ...]
"""Keys, `[*]` for every item of a list, `.*` for every value of a mapping."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A row: the value at `pattern` is the name of an object of `target`, in the same namespace.

    Attributes:
        target: kind that is named; None where the fields `apiVersion` and `kind` beside the name tell it.
    """

    pattern: Pattern
    target: GroupKind | None


_CONFIG_MAP: GroupKind = (CORE, "ConfigMap")
_SECRET: GroupKind = (CORE, "Secret")
_SERVICE: GroupKind = (CORE, "Service")
_SERVICE_ACCOUNT: GroupKind = (CORE, "ServiceAccount")
_CLAIM: GroupKind = (CORE, "PersistentVolumeClaim")
_RESOURCES = "resource.k8s.io"

# Source: core/v1 PodSpec, Volume, EnvVarSource and EnvFromSource in the Kubernetes API reference 1.37.
_POD_ROWS: tuple[tuple[Pattern, GroupKind], ...] = (
    (("volumes", "[*]", "configMap", "name"), _CONFIG_MAP),
    (("volumes", "[*]", "secret", "secretName"), _SECRET),
    (("volumes", "[*]", "projected", "sources", "[*]", "configMap", "name"), _CONFIG_MAP),
    (("volumes", "[*]", "projected", "sources", "[*]", "secret", "name"), _SECRET),
    (("volumes", "[*]", "csi", "nodePublishSecretRef", "name"), _SECRET),
    (("volumes", "[*]", "azureFile", "secretName"), _SECRET),
    (("volumes", "[*]", "persistentVolumeClaim", "claimName"), _CLAIM),
    (("imagePullSecrets", "[*]", "name"), _SECRET),
    (("serviceAccountName",), _SERVICE_ACCOUNT),
    (("serviceAccount",), _SERVICE_ACCOUNT),
    (("subdomain",), _SERVICE),
    (("resourceClaims", "[*]", "resourceClaimName"), (_RESOURCES, "ResourceClaim")),
    (("resourceClaims", "[*]", "resourceClaimTemplateName"), (_RESOURCES, "ResourceClaimTemplate")),
    (("schedulingGroup", "podGroupName"), ("scheduling.k8s.io", "PodGroup")),
    *(
        (("volumes", "[*]", volume, "secretRef", "name"), _SECRET)
        for volume in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
    ),
    *(
        row
        for containers in CONTAINER_LISTS
        for row in (
            ((containers, "[*]", "env", "[*]", "valueFrom", "configMapKeyRef", "name"), _CONFIG_MAP),
            ((containers, "[*]", "env", "[*]", "valueFrom", "secretKeyRef", "name"), _SECRET),
            ((containers, "[*]", "envFrom", "[*]", "configMapRef", "name"), _CONFIG_MAP),
            ((containers, "[*]", "envFrom", "[*]", "secretRef", "name"), _SECRET),
        )
    ),
)

# Source: Kubernetes API reference 1.37; keda.sh/v1alpha1; autoscaling.k8s.io/v1.
# Not here on purpose: an Ingress's `spec.tls[].secretName` - a canary serves the same host with the same certificate.
_OTHER_ROWS: dict[GroupKind, tuple[tuple[Pattern, GroupKind | None], ...]] = {
    (NETWORKING, "Ingress"): (
        (("spec", "rules", "[*]", "http", "paths", "[*]", "backend", "service", "name"), _SERVICE),
        (("spec", "defaultBackend", "service", "name"), _SERVICE),
    ),
    (APPS, "StatefulSet"): ((("spec", "serviceName"), _SERVICE),),
    (KRUISE, "StatefulSet"): ((("spec", "serviceName"), _SERVICE),),
    (AUTOSCALING, "HorizontalPodAutoscaler"): (
        (("spec", "scaleTargetRef", "name"), None),
        (("spec", "metrics", "[*]", "object", "describedObject", "name"), None),
    ),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): ((("spec", "targetRef", "name"), None),),
    (KEDA, "ScaledObject"): ((("spec", "scaleTargetRef", "name"), None),),
    (CORE, "ServiceAccount"): (
        (("imagePullSecrets", "[*]", "name"), _SECRET),
        (("secrets", "[*]", "name"), _SECRET),
    ),
    (ARGO, "Rollout"): (
        (("spec", "strategy", "canary", "canaryService"), _SERVICE),
        (("spec", "strategy", "canary", "stableService"), _SERVICE),
        (("spec", "strategy", "blueGreen", "activeService"), _SERVICE),
        (("spec", "strategy", "blueGreen", "previewService"), _SERVICE),
    ),
}

DEFAULT_TARGET: GroupKind = (APPS, "Deployment")
"""What a sibling reference without `kind` means. Source: KEDA, ScaledObject: `scaleTargetRef.kind`."""


def _rows() -> dict[GroupKind, tuple[Reference, ...]]:
    rows: dict[GroupKind, list[Reference]] = {}
    for group_kind, workload in WORKLOADS.items():
        spec = (*workload.template, "spec")
        rows[group_kind] = [Reference((*spec, *pattern), target) for pattern, target in _POD_ROWS]
    for group_kind, extra in _OTHER_ROWS.items():
        rows.setdefault(group_kind, []).extend(Reference(pattern, target) for pattern, target in extra)
    return {group_kind: tuple(found) for group_kind, found in rows.items()}


REFERENCES: dict[GroupKind, tuple[Reference, ...]] = _rows()
