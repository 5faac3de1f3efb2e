"""Fields and notes that a copy must not carry: the server or another tool wrote them about the original."""

from collections.abc import Mapping

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
# pkg/action/validate.go; kpt and kustomize internal annotations; external-dns and cert-manager ingress annotations
# (two owners of one DNS name or certificate); cloud load balancers (a copy would buy a second one); argo-rollouts
# utils/annotations, ManagedByRolloutsKey (whose Service selectors the controller puts back when the Rollout goes), and
# validation_references.go, which refuses a Service that another Rollout manages; Flux helm-controller and
# kustomize-controller; rancher/wrangler pkg/apply (`objectset.rio.cattle.io/`); carvel kapp docs, "Apply"; client-go
# resourcelock, LeaderElectionRecordAnnotationKey; cli-utils `config.k8s.io/owning-inventory`; kubernetes/ingress-gce,
# status of NEGs.
OWNER_ANNOTATIONS: tuple[str, ...] = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "deployment.kubernetes.io/*",
    "deprecated.daemonset.template.generation",
    "autoscaling.alpha.kubernetes.io/*",
    "control-plane.alpha.kubernetes.io/leader",
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/installation-id",
    "argo-rollouts.argoproj.io/managed-by-rollouts",
    "meta.helm.sh/*",
    "rollout.argoproj.io/*",
    "helm.toolkit.fluxcd.io/*",
    "kapp.k14s.io/identity",
    "kapp.k14s.io/original",
    "kapp.k14s.io/original-diff",
    "objectset.rio.cattle.io/*",
    "config.k8s.io/owning-inventory",
    "cloud.google.com/neg-status",
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
    "kapp.k14s.io/app": None,
    "kapp.k14s.io/association": None,
    "objectset.rio.cattle.io/hash": None,
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


TRACKING_LABEL = "app.kubernetes.io/instance"
"""Label that names an application or a Helm release, by which Argo CD may track what it manages, and prune the rest.

Source: argo-cd docs/user-guide/resource_tracking.md (`application.resourceTrackingMethod: label`, the default before
3.0); kubernetes.io, "Recommended Labels". Charts put it on everything, so only a copy's own metadata loses it.
"""


def is_owner_label(key: str, value: object) -> bool:
    """Tell whether another tool deletes or adopts by a label."""
    return key in OWNER_LABELS and OWNER_LABELS[key] in (None, value)


def without_owner_labels(labels: Mapping[str, object], *, tracked: bool = False) -> dict[str, object]:
    """Return labels without those by which other tools delete or adopt.

    Args:
        tracked: `TRACKING_LABEL` stays.
    """
    return {
        key: value
        for key, value in labels.items()
        if not is_owner_label(key, value) and (tracked or key != TRACKING_LABEL)
    }


def is_owner_annotation(name: str) -> bool:
    """Tell whether an annotation ties an object to its owner."""
    return any(name.startswith(row[:-1]) if row.endswith("*") else name == row for row in OWNER_ANNOTATIONS)
