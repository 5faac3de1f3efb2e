"""Controllers that write into the objects which another object names: whose copy would change production."""

from collections.abc import Mapping

from grayc.k8s.kinds import ARGO, AUTOSCALING, KEDA, KRUISE, GroupKind
from grayc.k8s.references import Pattern, read_pattern

KeyPath = tuple[str, ...]

TRAFFIC_ROUTING: KeyPath = ("spec", "strategy", "canary", "trafficRouting")
"""By what a Rollout shifts traffic. Source: Argo Rollouts v1.8.3, pkg/apis/rollouts/v1alpha1/types.go."""

ROUTED_FIELDS: tuple[str, ...] = (
    "trafficRouting",
    "steps",
    "analysis",
    "pingPong",
    "dynamicStableScale",
    "scaleDownDelaySeconds",
    "scaleDownDelayRevisionLimit",
    "abortScaleDownDelaySeconds",
    "minPodsPerReplicaSet",
)
"""Fields of a Rollout's canary strategy that are written for `trafficRouting`, itself among them.

Without it the controller refuses `dynamicStableScale`, `scaleDownDelaySeconds`, and steps that set a scale, a header or
a mirror or give an experiment a weight; weights of the others would be shares of one pod, the background analysis is of
the traffic that is shifted, and the rest is not looked at.
Source: Argo Rollouts v1.8.3, validation.go, ValidateRolloutStrategyCanary; utils/replicaset/canary.go.
"""

MADE_NAMES: tuple[KeyPath, ...] = (
    ("spec", "strategy", "canary", "steps", "[*]", "experiment", "templates", "[*]", "service", "name"),
)
"""Names of what a Rollout's controller makes, which are made up where they are left out.

Two experiments with a Service of one name fail in turn. Source: Argo Rollouts v1.8.3, experiments/service.go.
"""

SPARE_SERVICES: tuple[KeyPath, ...] = (
    ("spec", "strategy", "canary", "canaryService"),
    ("spec", "strategy", "canary", "stableService"),
    ("spec", "strategy", "blueGreen", "previewService"),
)
"""Services that a Rollout without `trafficRouting` may do without. Source: as above, requireCanaryStableServices."""

_ROUTING = "spec.strategy.canary.trafficRouting"
_PLUGIN = (*TRAFFIC_ROUTING, "plugins", "argoproj-labs/gatewayAPI")

# Source: Argo Rollouts v1.8.3, rollout/service.go (selectors of Services), rollout/replicaset.go and sync.go
# (`workloadRef.scaleDown`), rollout/trafficrouting/* (the objects of each router); for scalers, the scale subresource.
WRITES: Mapping[GroupKind, frozenset[Pattern]] = {
    (ARGO, "Rollout"): frozenset(
        {
            *map(
                read_pattern,
                (
                    "spec.workloadRef.name",
                    "spec.strategy.canary.canaryService",
                    "spec.strategy.canary.stableService",
                    "spec.strategy.canary.pingPong.pingService",
                    "spec.strategy.canary.pingPong.pongService",
                    "spec.strategy.blueGreen.activeService",
                    "spec.strategy.blueGreen.previewService",
                    f"{_ROUTING}.alb.ingress",
                    f"{_ROUTING}.alb.ingresses[*]",
                    f"{_ROUTING}.alb.rootService",
                    f"{_ROUTING}.nginx.stableIngress",
                    f"{_ROUTING}.nginx.stableIngresses[*]",
                    f"{_ROUTING}.istio.virtualService.name",
                    f"{_ROUTING}.istio.virtualServices[*].name",
                    f"{_ROUTING}.istio.destinationRule.name",
                    f"{_ROUTING}.smi.rootService",
                    f"{_ROUTING}.smi.trafficSplitName",
                    f"{_ROUTING}.ambassador.mappings[*]",
                    f"{_ROUTING}.traefik.weightedTraefikServiceName",
                    f"{_ROUTING}.apisix.route.name",
                    f"{_ROUTING}.appMesh.virtualService.name",
                    f"{_ROUTING}.appMesh.virtualNodeGroup.canaryVirtualNodeRef.name",
                    f"{_ROUTING}.appMesh.virtualNodeGroup.stableVirtualNodeRef.name",
                ),
            ),
            *(
                (*_PLUGIN, *steps)
                for route in ("httpRoute", "grpcRoute", "tcpRoute", "tlsRoute")
                for steps in ((route,), (f"{route}s", "[*]", "name"))
            ),
        }
    ),
    (AUTOSCALING, "HorizontalPodAutoscaler"): frozenset({read_pattern("spec.scaleTargetRef.name")}),
    (KEDA, "ScaledObject"): frozenset({read_pattern("spec.scaleTargetRef.name")}),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): frozenset({read_pattern("spec.targetRef.name")}),
    (KRUISE, "WorkloadSpread"): frozenset({read_pattern("spec.targetRef.name")}),
}
"""Kind → the fields of `references` that name what its controller writes into."""
