"""API versions that Kubernetes no longer serves."""

from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class RemovedApi:
    """A row of `REMOVED_APIS`: since when it is gone, what to write, and since when servers have that."""

    since: str
    use: str
    use_since: str


# Source: Kubernetes "Deprecated API Migration Guide", and the API changelogs of 1.16, 1.22, 1.25, 1.26 and 1.29;
# `use_since` is what the guide says of each ("available since").
REMOVED_APIS: dict[tuple[str, str], RemovedApi] = {
    ("extensions/v1beta1", "Ingress"): RemovedApi("1.22", "networking.k8s.io/v1", "1.19"),
    ("networking.k8s.io/v1beta1", "Ingress"): RemovedApi("1.22", "networking.k8s.io/v1", "1.19"),
    ("networking.k8s.io/v1beta1", "IngressClass"): RemovedApi("1.22", "networking.k8s.io/v1", "1.19"),
    ("extensions/v1beta1", "Deployment"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("extensions/v1beta1", "DaemonSet"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("extensions/v1beta1", "ReplicaSet"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("extensions/v1beta1", "NetworkPolicy"): RemovedApi("1.16", "networking.k8s.io/v1", "1.8"),
    ("apps/v1beta1", "Deployment"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("apps/v1beta1", "StatefulSet"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("apps/v1beta2", "Deployment"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("apps/v1beta2", "StatefulSet"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("apps/v1beta2", "DaemonSet"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("apps/v1beta2", "ReplicaSet"): RemovedApi("1.16", "apps/v1", "1.9"),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler"): RemovedApi("1.25", "autoscaling/v2", "1.23"),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler"): RemovedApi("1.26", "autoscaling/v2", "1.23"),
    ("policy/v1beta1", "PodDisruptionBudget"): RemovedApi("1.25", "policy/v1", "1.21"),
    ("batch/v1beta1", "CronJob"): RemovedApi("1.25", "batch/v1", "1.21"),
    ("batch/v2alpha1", "CronJob"): RemovedApi("1.21", "batch/v1", "1.21"),
    ("rbac.authorization.k8s.io/v1beta1", "Role"): RemovedApi("1.22", "rbac.authorization.k8s.io/v1", "1.8"),
    ("rbac.authorization.k8s.io/v1beta1", "RoleBinding"): RemovedApi("1.22", "rbac.authorization.k8s.io/v1", "1.8"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice"): RemovedApi("1.25", "discovery.k8s.io/v1", "1.21"),
}
