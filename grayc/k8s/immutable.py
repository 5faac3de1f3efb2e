"""Fields that a cluster refuses to change once an object is there.

Sources: kubernetes v1.37 pkg/apis/apps/validation/validation.go (`ValidateDeploymentUpdate` and its like),
pkg/apis/batch/validation/validation.go (`ValidateJobSpecUpdate`), pkg/apis/core/validation/validation.go
(`ValidateSecretUpdate`, `ValidateServiceClusterIPsRelatedFields`). `make e2e` asks a real API server for each row.
"""

from collections.abc import Mapping

from grayc.k8s.kinds import APPS, BATCH, CORE, GroupKind

KeyPath = tuple[str, ...]

_SELECTOR: tuple[KeyPath, ...] = (("spec", "selector"),)

IMMUTABLE: Mapping[GroupKind, tuple[KeyPath, ...]] = {
    (APPS, "DaemonSet"): _SELECTOR,
    (APPS, "Deployment"): _SELECTOR,
    (APPS, "ReplicaSet"): _SELECTOR,
    (APPS, "StatefulSet"): (
        *_SELECTOR,
        ("spec", "podManagementPolicy"),
        ("spec", "serviceName"),
        ("spec", "volumeClaimTemplates"),
    ),
    (BATCH, "Job"): (*_SELECTOR, ("spec", "completionMode"), ("spec", "podFailurePolicy"), ("spec", "template")),
    (CORE, "Secret"): (("type",),),
    # An address that was given is kept; from headless to one with an address, and back, there is no way.
    (CORE, "Service"): (("spec", "clusterIP"),),
}
"""Kind → its fields that stay as they are."""
