"""Give gray workloads the number of pods that the release asks for."""

from grayc.analysis.graph import sibling_target, template_holder
from grayc.diagnostics import Checked
from grayc.documents.tree import drop, get_text, put
from grayc.k8s.kinds import GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.scalers import SCALE_TARGET, SCALERS
from grayc.passes.model import GrayCopy, Lane
from grayc.plan.model import ReleasePlan
from grayc.records import replace

DEFAULT_REPLICAS = 1
"""As Zadig gives. Source: koderover/zadig workflow_v4.go, GetMseOriginalServiceYaml."""


def set_replicas(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Set the replicas of every gray workload: the spec's, else 1.

    Where a gray autoscaler scales the workload and the spec gives no number, the field is left out: each apply
    would set the pods back to it. A workload whose template a gray Rollout takes has no pods of its own. Running it
    twice changes nothing more.

    Source: Argo Rollouts v1.8.3, "Migrating": with `workloadRef` the Deployment is scaled to 0.
    """
    taken = {template_holder(document, plan.spec) for document in lane.copied}
    scaled: set[tuple[GroupKind, str, str]] = set()
    for document in lane.copied:
        if document.identity.group_kind in SCALERS:
            namespace = plan.key_of(document.identity).namespace
            scaled.add((sibling_target(document, SCALE_TARGET), namespace, get_text(document.data, SCALE_TARGET)))

    def with_replicas(gray: GrayCopy) -> GrayCopy:
        document, wanted = gray.document, gray.copy.service.replicas
        workload = WORKLOADS.get(document.identity.group_kind)
        if workload is None or not workload.replicas:
            return gray
        key = (document.identity.group_kind, plan.key_of(document.identity).namespace, document.identity.name)
        if plan.key_of(document.identity) in taken:
            data = put(document.data, workload.replicas, 0)
        elif wanted is None and key in scaled:
            data = drop(document.data, workload.replicas)
        else:
            data = put(document.data, workload.replicas, DEFAULT_REPLICAS if wanted is None else wanted)
        return replace(gray, document=replace(document, data=data))

    return Checked(value=replace(lane, copies=tuple(with_replicas(gray) for gray in lane.copies)))
