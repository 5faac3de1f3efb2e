"""Where a scaler keeps its bounds."""

from dataclasses import dataclass

from grayc.k8s.kinds import AUTOSCALING, KEDA, GroupKind


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
