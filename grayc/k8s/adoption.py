"""How a workload that runs gets one more label in its selector without an outage, kind by kind."""

from enum import StrEnum

from grayc.k8s.kinds import APPS, ARGO, BATCH, CORE, KRUISE, GroupKind
from grayc.records import dataclass


class Way(StrEnum):
    """What is done to the object and its pods."""

    BESIDE = "beside"
    """Created anew without taking its pods away; new pods start beside the old ones, which go last."""
    REPLACE = "replace"
    """Created anew; the old ReplicaSets are labelled, so that it takes them over and replaces their pods."""
    TAKE_OVER = "take-over"
    """The pods are labelled, the object is created anew and takes them over."""
    IN_PLACE = "in-place"
    """The pods are labelled, then the object is changed as it is."""
    PODS = "pods"
    """The pods alone are labelled."""
    BY_HAND = "by-hand"
    """No order of steps is safe for every such object."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A row of `ADOPTIONS`.

    Attributes:
        way: what is done.
        resource: the kind as kubectl takes it.
        why: why it is done so.
        source: of what is said in `why`.
        children: kind of what the object owns and what is removed last, "" where nothing is.
    """

    way: Way
    resource: str
    why: str
    source: str
    children: str = ""


_IMMUTABLE = "its selector cannot be changed once it exists"

ADOPTIONS: dict[GroupKind, Adoption] = {
    (APPS, "Deployment"): Adoption(
        Way.BESIDE,
        "deployments.apps",
        f"{_IMMUTABLE}; the new one leaves ReplicaSets alone that lack the label, so both sets of pods answer until "
        "the Service asks for the label",
        'Kubernetes, Deployment, "Label selector updates"; kubernetes pkg/apis/apps/validation (`spec.selector` is '
        "immutable), pkg/controller/controller_ref_manager.go (`ClaimReplicaSets` takes what the selector matches)",
        "replicasets.apps",
    ),
    (APPS, "StatefulSet"): Adoption(
        Way.TAKE_OVER,
        "statefulsets.apps",
        f"{_IMMUTABLE}; its pods have fixed names, so the new one can start none beside them: it takes over those that "
        "carry the label and replaces them one by one",
        "kubernetes pkg/apis/apps/validation; pkg/controller/statefulset (`getPodsForStatefulSet` claims pods by "
        "selector and name)",
        "controllerrevisions.apps",
    ),
    (APPS, "DaemonSet"): Adoption(
        Way.TAKE_OVER,
        "daemonsets.apps",
        f"{_IMMUTABLE}; the new one takes over pods that carry the label and replaces them by its updateStrategy, "
        "where without it each node would get a second pod",
        'Kubernetes, DaemonSet, "Updating a DaemonSet" (a new DaemonSet with the same selector adopts the pods)',
        "controllerrevisions.apps",
    ),
    (APPS, "ReplicaSet"): Adoption(
        Way.TAKE_OVER,
        "replicasets.apps",
        f"{_IMMUTABLE}; the new one takes over pods that carry the label, and no pod is replaced",
        'Kubernetes, ReplicaSet, "Deleting just a ReplicaSet" (a new one with the same selector adopts the pods)',
    ),
    (KRUISE, "StatefulSet"): Adoption(
        Way.TAKE_OVER,
        "statefulsets.apps.kruise.io",
        f"{_IMMUTABLE}; as the StatefulSet of apps/v1, of which it is an extension",
        "OpenKruise, Advanced StatefulSet",
    ),
    (KRUISE, "CloneSet"): Adoption(
        Way.BESIDE,
        "clonesets.apps.kruise.io",
        f"{_IMMUTABLE}; pods without the label are left alone, so new ones start beside them. Until they are ready "
        "nobody replaces an old pod that fails",
        "OpenKruise, CloneSet (manages pods without ReplicaSets)",
        "pods",
    ),
    (ARGO, "Rollout"): Adoption(
        Way.BESIDE,
        "rollouts.argoproj.io",
        f"{_IMMUTABLE}, and before that was so the controller left the old ReplicaSets behind; a new one starts pods "
        "of its own beside them",
        "argoproj/argo-rollouts pull request 4084 (`spec.selector` immutable), issue 2105",
        "replicasets.apps",
    ),
    (CORE, "ReplicationController"): Adoption(
        Way.IN_PLACE,
        "replicationcontrollers",
        "its selector can be changed; pods that do not carry the label by then would be let go and started anew",
        "kubernetes pkg/apis/core/validation (`ValidateReplicationControllerUpdate` allows it)",
    ),
    (BATCH, "CronJob"): Adoption(
        Way.IN_PLACE,
        "cronjobs.batch",
        "it has no selector of its own; its next Job has the label, and what runs now is labelled",
        "Kubernetes API reference 1.37, batch/v1 CronJobSpec",
    ),
    (BATCH, "Job"): Adoption(
        Way.PODS,
        "jobs.batch",
        "its template cannot be changed; the pods that run now are labelled, the next Job is created from the file",
        "kubernetes pkg/apis/batch/validation (`spec.template` is immutable)",
    ),
    (CORE, "Pod"): Adoption(
        Way.PODS,
        "pods",
        "labels of a pod can be changed at any time",
        "Kubernetes API reference 1.37, ObjectMeta",
    ),
}
"""Kind → how it is done; every kind of `WORKLOADS` has a row."""
