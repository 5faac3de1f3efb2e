"""Fields and notes that a copy must not carry: the server or another tool wrote them about the original."""

KeyPath = tuple[str, ...]

# Source: kubernetes apimachinery pkg/apis/meta/v1/types.go, ObjectMeta: what it calls read-only, and what controllers
# keep there about the one object: its owners, its finalizers, who set which field.
SERVER_FIELDS: tuple[KeyPath, ...] = (
    ("status",),
    ("metadata", "uid"),
    ("metadata", "resourceVersion"),
    ("metadata", "generation"),
    ("metadata", "creationTimestamp"),
    ("metadata", "deletionTimestamp"),
    ("metadata", "deletionGracePeriodSeconds"),
    ("metadata", "managedFields"),
    ("metadata", "ownerReferences"),
    ("metadata", "selfLink"),
    ("metadata", "generateName"),
    ("metadata", "finalizers"),
)

# A null creation time is what typed printers leave in templates; it says nothing.
TEMPLATE_FIELDS: tuple[KeyPath, ...] = (("metadata", "creationTimestamp"),)

# Annotations that tie an object to its own history or owner. A trailing `*` is a prefix.
# Sources: kubectl apply; kubernetes deployment controller; argo-cd docs/user-guide/resource_tracking.md; Helm 3
# pkg/action/validate.go; argo-rollouts utils/annotations, and validation_references.go, which refuses a Service that
# another Rollout manages; kpt and kustomize internal annotations; external-dns and cert-manager ingress annotations
# (two owners of one DNS name or certificate); cloud load balancers (a copy would buy a second one).
OWNER_ANNOTATIONS: tuple[str, ...] = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "deployment.kubernetes.io/*",
    "deprecated.daemonset.template.generation",
    "autoscaling.alpha.kubernetes.io/*",
    "argocd.argoproj.io/tracking-id",
    "meta.helm.sh/*",
    "argo-rollouts.argoproj.io/managed-by-rollouts",
    "rollout.argoproj.io/*",
    "internal.config.kubernetes.io/*",
    "config.kubernetes.io/index",
    "config.kubernetes.io/path",
    "pv.kubernetes.io/*",
    "field.cattle.io/*",
    "external-dns.alpha.kubernetes.io/*",
    "service.beta.kubernetes.io/*",
    "service.kubernetes.io/*",
)

# Labels that other tools delete or adopt by. Sources as above; Flux kustomize-controller garbage collection.
OWNER_LABELS: dict[str, str | None] = {
    "argocd.argoproj.io/instance": None,
    "kustomize.toolkit.fluxcd.io/name": None,
    "kustomize.toolkit.fluxcd.io/namespace": None,
    "helm.toolkit.fluxcd.io/name": None,
    "helm.toolkit.fluxcd.io/namespace": None,
    "applyset.kubernetes.io/part-of": None,
    "app.kubernetes.io/managed-by": "Helm",
}
"""Label → the value with which it is dropped, None for any value."""

# Source: core/v1 ServiceSpec; what only makes sense once in a cluster, or only for an address from outside.
SERVICE_ADDRESS_FIELDS: tuple[str, ...] = (
    "clusterIPs",
    "loadBalancerIP",
    "loadBalancerClass",
    "loadBalancerSourceRanges",
    "allocateLoadBalancerNodePorts",
    "externalIPs",
    "externalTrafficPolicy",
    "healthCheckNodePort",
)


LIVE_SELECTORS: tuple[str, ...] = ("rollouts-pod-template-hash",)
"""Labels that a controller writes into the selector of a Service to choose one version of the pods.

Source: Argo Rollouts v1.8.3, rollout/service.go, switchServiceSelector.
"""


def is_owner_annotation(name: str) -> bool:
    """Tell whether an annotation ties an object to its owner."""
    return any(name.startswith(row[:-1]) if row.endswith("*") else name == row for row in OWNER_ANNOTATIONS)
