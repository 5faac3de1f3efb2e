"""Where a workload keeps its pod template, its selector and its replicas."""

from grayc.k8s.kinds import APPS, ARGO, BATCH, CORE, KRUISE, GroupKind
from grayc.records import dataclass

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """A row of `WORKLOADS`.

    Attributes:
        template: path of the pod template, the mapping that holds `metadata` and `spec`; empty for a bare Pod.
        selector: path of the LabelSelector, empty where the kind has none that a user sets.
        replicas: path of the number of pods, empty where the kind has none.
    """

    template: KeyPath
    selector: KeyPath = ()
    replicas: KeyPath = ()


_TEMPLATE = ("spec", "template")
_SELECTOR = ("spec", "selector")
_REPLICAS = ("spec", "replicas")
_SCALED = Workload(_TEMPLATE, _SELECTOR, _REPLICAS)

# Source: Kubernetes API reference 1.37 (apps/v1, batch/v1, core/v1); OpenKruise apps.kruise.io/v1alpha1 CloneSet and
# StatefulSet; argoproj.io/v1alpha1 Rollout.
WORKLOADS: dict[GroupKind, Workload] = {
    (APPS, "Deployment"): _SCALED,
    (APPS, "StatefulSet"): _SCALED,
    (APPS, "ReplicaSet"): _SCALED,
    (APPS, "DaemonSet"): Workload(_TEMPLATE, _SELECTOR),
    (KRUISE, "CloneSet"): _SCALED,
    (KRUISE, "StatefulSet"): _SCALED,
    (ARGO, "Rollout"): _SCALED,
    (BATCH, "Job"): Workload(_TEMPLATE),
    (BATCH, "CronJob"): Workload(("spec", "jobTemplate", "spec", "template")),
    (CORE, "Pod"): Workload(()),
    # A ReplicationController's selector is a plain map; it is refused, so only its pods matter.
    (CORE, "ReplicationController"): Workload(_TEMPLATE),
}

TEMPLATE_ELSEWHERE: dict[GroupKind, KeyPath] = {(ARGO, "Rollout"): ("spec", "workloadRef")}
"""Where a workload without a pod template names the one whose template it takes.

Source: Argo Rollouts v1.8.3, rollout/templateref.go: a Deployment, a ReplicaSet or a PodTemplate.
"""

OVERRIDING_LABELS: dict[GroupKind, tuple[KeyPath, ...]] = {
    (ARGO, "Rollout"): tuple(
        ("spec", "strategy", *path)
        for path in (
            ("canary", "canaryMetadata", "labels"),
            ("canary", "stableMetadata", "labels"),
            ("canary", "steps", "[*]", "experiment", "templates", "[*]", "metadata", "labels"),
            ("canary", "steps", "[*]", "experiment", "templates", "[*]", "selector", "matchLabels"),
            ("blueGreen", "activeMetadata", "labels"),
            ("blueGreen", "previewMetadata", "labels"),
        )
    ),
}
"""Labels that a controller puts on some pods of a workload, over those of its template.

Source: Argo Rollouts v1.8.3, rollout/ephemeralmetadata.go; rollout/experiment.go, GetExperimentFromTemplate.
"""

# Source: core/v1 PodSpec. Ephemeral containers stand only in a Pod's own spec, yet templates of tools carry them.
CONTAINER_LISTS: tuple[str, ...] = ("containers", "initContainers", "ephemeralContainers")

# Selectors in a pod's own spec that look for other pods. Source: core/v1 Affinity, TopologySpreadConstraint.
POD_SELECTORS_INSIDE: tuple[KeyPath, ...] = (
    ("topologySpreadConstraints", "[*]", "labelSelector"),
    *(
        ("affinity", affinity, *term, "labelSelector")
        for affinity in ("podAffinity", "podAntiAffinity")
        for term in (
            ("requiredDuringSchedulingIgnoredDuringExecution", "[*]"),
            ("preferredDuringSchedulingIgnoredDuringExecution", "[*]", "podAffinityTerm"),
        )
    ),
)

CLAIM_TEMPLATES: dict[GroupKind, KeyPath] = {
    (APPS, "StatefulSet"): ("spec", "volumeClaimTemplates"),
    (KRUISE, "StatefulSet"): ("spec", "volumeClaimTemplates"),
    (KRUISE, "CloneSet"): ("spec", "volumeClaimTemplates"),
}
"""Where a workload keeps the claims that are made for each pod.

Source: apps/v1 StatefulSetSpec; OpenKruise apps.kruise.io/v1alpha1 and v1beta1.
"""

CLAIM_SOURCES = ("dataSource", "dataSourceRef")
"""What fills a claim's new volume. Source: core/v1 PersistentVolumeClaimSpec."""
