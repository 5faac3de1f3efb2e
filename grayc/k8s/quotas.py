"""What a ResourceQuota counts, and what a LimitRange sets.

Sources: kubernetes v1.34 pkg/quota/v1/evaluator/core (pods.go, services.go, persistent_volume_claims.go),
staging/src/k8s.io/apiserver/pkg/quota/v1/generic; plugin/pkg/admission/limitranger/admission.go;
pkg/apis/core/v1/defaults.go (`SetDefaults_LimitRangeItem`).
"""

SAME_AS: dict[str, str] = {
    "cpu": "requests.cpu",
    "memory": "requests.memory",
    "ephemeral-storage": "requests.ephemeral-storage",
    "count/pods": "pods",
    "count/services": "services",
    "count/configmaps": "configmaps",
    "count/secrets": "secrets",
    "count/persistentvolumeclaims": "persistentvolumeclaims",
}
"""Key of a quota → the key that counts the same."""

REQUIRED = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""What each container must name where a quota counts it. Source: pods.go, `validationSet`."""

PODS_OF_SCOPES = frozenset(
    {"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"}
)
"""Scopes that a pod template tells. `VolumeAttributesClass`, of claims, is not followed."""

MAX_RULES = 100
"""Quotas of a namespace, and limits of its LimitRanges, that are looked at: each is asked of every workload."""

COUNTED_OBJECTS: dict[str, str] = {
    "services": "Service",
    "configmaps": "ConfigMap",
    "secrets": "Secret",
}
"""Key of a quota → the kind of the core group that it counts one by one."""

MADE_BY_CONTROLLERS = frozenset(
    {
        "controllerrevisions.apps",
        "endpoints",
        "endpointslices.discovery.k8s.io",
        "events",
        "leases.coordination.k8s.io",
        "replicasets.apps",
    }
)
"""Resources that controllers make besides: how many there are, no manifest tells."""

STORAGE_CLASS = ".storageclass.storage.k8s.io/"
"""Between the name of a class and what a quota counts of its claims."""


def resource_of(kind: str, group: str) -> str:
    """Return the resource of a kind, as `count/` names it.

    Source: apimachinery v0.34 pkg/api/meta/restmapper.go, `UnsafeGuessKindToResource`; a vowel before `y` keeps it, as
    Gateway API's `gateways` shows.
    """
    lower = kind.lower()
    if lower == "endpoints":
        plural = lower
    elif lower.endswith("s"):
        plural = f"{lower}es"
    elif lower.endswith("y") and not lower.endswith(("ay", "ey", "oy", "uy")):
        plural = f"{lower[:-1]}ies"
    else:
        plural = f"{lower}s"
    return f"{plural}.{group}" if group else plural
