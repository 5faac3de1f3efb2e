"""Give gray workloads the number of pods that the release asks for."""

from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import drop, get, get_text, put, show_path
from grayc.k8s.kinds import AUTOSCALING, KEDA, GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.graph import sibling_target
from grayc.plan.model import ReleasePlan, group_kind_of

DEFAULT_REPLICAS = 1
"""As Zadig gives. Source: koderover/zadig workflow_v4.go, GetMseOriginalServiceYaml."""

_SCALERS = ((AUTOSCALING, "HorizontalPodAutoscaler"), (KEDA, "ScaledObject"))


def set_replicas(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Set the replicas of every gray workload: the spec's, else 1.

    Where a gray autoscaler scales the workload and the spec gives no number, the field is left out: each apply
    would set the pods back to it. Running it twice changes nothing more.

    Diagnostics:
        GC411: the spec gives replicas to a service none of whose workloads has them.
    """
    scaled: set[tuple[GroupKind, str, str]] = set()
    for document in documents:
        if group_kind_of(document.identity) in _SCALERS:
            path = ("spec", "scaleTargetRef", "name")
            namespace = plan.key_of(document.identity).namespace
            scaled.add((sibling_target(document, path), namespace, get_text(document.data, path)))
    result: list[Document] = []
    counted: set[str] = set()
    for document in documents:
        workload = WORKLOADS.get(group_kind_of(document.identity))
        if workload is None or not workload.replicas:
            result.append(document)
            continue
        service = plan.copy_of(document).service
        counted.add(service.name)
        key = (group_kind_of(document.identity), plan.key_of(document.identity).namespace, document.identity.name)
        if service.replicas is None and key in scaled:
            data = drop(document.data, workload.replicas)
        else:
            count = DEFAULT_REPLICAS if service.replicas is None else service.replicas
            data = put(document.data, workload.replicas, count)
        result.append(replace(document, data=data))
    diagnostics = tuple(
        Diagnostic(
            code="GC411",
            message=f"service `{service.name}` has no workload with replicas",
            span=plan.spec.span(service.replicas_at),
            field=show_path(service.replicas_at),
            help="leave `replicas` out",
        )
        for service in plan.spec.services
        if service.replicas is not None and service.name not in counted
    )
    return Checked(value=tuple(result), diagnostics=diagnostics)


def keep_replicas(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Give workloads back the number of pods that production has, whatever a patch says.

    For a promotion: the number of the lane's pods is the lane's. Running it twice changes nothing more.
    """
    result: list[Document] = []
    for document in documents:
        workload = WORKLOADS.get(group_kind_of(document.identity))
        data = document.data
        if workload is not None and workload.replicas:
            own = get(plan.copy_of(document).document.data, workload.replicas)
            data = drop(data, workload.replicas) if own is None else put(data, workload.replicas, own)
        result.append(replace(document, data=data))
    return Checked(value=tuple(result))
