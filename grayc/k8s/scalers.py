"""Where a scaler keeps its bounds."""

from grayc.k8s.kinds import AUTOSCALING, KEDA, KRUISE, GroupKind
from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class Scaler:
    """A row of `SCALERS`.

    Attributes:
        low: path of the smallest number of pods.
        high: path of the largest.
        default_low: what counts where the object names none.
    """

    low: tuple[str, ...]
    high: tuple[str, ...]
    default_low: int


SCALE_TARGET = ("spec", "scaleTargetRef", "name")

# Source: autoscaling/v2 HorizontalPodAutoscalerSpec (maxReplicas is required); keda.sh/v1alpha1 ScaledObjectSpec.
SCALERS: dict[GroupKind, Scaler] = {
    (AUTOSCALING, "HorizontalPodAutoscaler"): Scaler(("spec", "minReplicas"), ("spec", "maxReplicas"), 1),
    (KEDA, "ScaledObject"): Scaler(("spec", "minReplicaCount"), ("spec", "maxReplicaCount"), 0),
}

TARGETS: dict[GroupKind, tuple[str, ...]] = {
    (AUTOSCALING, "HorizontalPodAutoscaler"): SCALE_TARGET,
    (KEDA, "ScaledObject"): SCALE_TARGET,
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): ("spec", "targetRef", "name"),
    (KRUISE, "WorkloadSpread"): ("spec", "targetRef", "name"),
}
"""Where what sets a workload's pods or their size names it: a copy is right where the workload is copied too."""

OWN_METRICS = frozenset({"Resource", "ContainerResource", "Pods"})
"""Metrics of a HorizontalPodAutoscaler that are measured at the pods which it scales. Source: autoscaling/v2,
MetricSourceType; `Object` and `External` are measured elsewhere."""

OWN_TRIGGERS = frozenset({"cpu", "memory", "cron"})
"""Triggers of a ScaledObject that count no load but that of its own pods. Source: keda.sh, "Scalers"."""
