"""Gray pods are enough for the share of requests that a weight sends them."""

from fractions import Fraction

from grayc.analysis.capacity import Pods, count_pods
from grayc.analysis.chain import CallGraph
from grayc.analysis.graph import LabelIndex, is_workload, template_holder
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey
from grayc.k8s.kinds import CORE
from grayc.plan.model import Copy, ReleasePlan
from grayc.spec.findings import at_spec
from grayc.spec.model import Rule, WeightRule

SLACK = Fraction(6, 5)
"""A gray pod may get this much more than a baseline pod gets now before it is reported: shares do not come out even."""


def check_capacity(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the workloads that a weight would drown, measured against the pods that carry all requests now.

    Autoscalers count with the most that they make, on both sides; a baseline whose most is not set, with its least.
    How many requests a header or cookie brings nobody knows, but no pod at all is too few. Along `spec.calls` a
    weight is the most that a service gets: other requests may come to it besides.

    Diagnostics:
        GC480: a gray pod would get more requests than a baseline pod gets now, or there is none for those let in.
    """
    opening = [rule for rule in plan.rules if not (isinstance(rule, WeightRule) and rule.percent == 0)]
    if not opening:
        return ()
    weight = next((rule for rule in opening if isinstance(rule, WeightRule)), None)
    baseline, gray = count_pods(plan.baseline, plan), count_pods(documents, plan)
    diagnostics: list[Diagnostic] = []
    entered = _behind_entries(plan)
    # The pods of a template that a Rollout takes are the Rollout's.
    runners = {holder: copy for copy in plan.copies if (holder := template_holder(copy.document, plan.spec))}
    for behind in (*entered, *_called(plan, entered)):
        copy = runners.get(plan.key_of(behind.document.identity), behind)
        key = plan.key_of(copy.document.identity)
        made = ObjectKey(group_kind=key.group_kind, namespace=key.namespace, name=copy.gray_name)
        if key not in baseline or made not in gray:
            continue
        before, after = baseline[key], gray[made]
        if after.high == 0:
            diagnostics.append(_without_pods(copy, opening[0], plan))
        if after.high == 0 or weight is None:
            continue
        most = before.low if before.high is None else before.high
        needed = Fraction(most * weight.percent, 100)
        have = after.high
        if have is None or have * SLACK >= needed:
            continue
        diagnostics.append(
            at_spec(
                plan.spec,
                (*weight.path, "weight"),
                code="GC480",
                message=f"{'' if behind in entered else 'up to '}{weight.percent} % of the requests to "
                f"`{copy.document.identity.ref}`, which {_shown(before)} of the baseline carry, would go to "
                f"{_shown(after)} of the lane",
                object=f"{copy.document.identity.kind}/{copy.gray_name}",
                notes=(Note(message="the baseline's workload", span=copy.document.span(("metadata", "name"))),),
                help="each would get what a baseline pod gets now with "
                f"{-(-needed.numerator // needed.denominator)} pods: raise "
                + ("`autoscaling.maxReplicas`" if after.scaler else "`replicas`")
                + f" of service `{copy.service.name}`, or lower the weight",
            )
        )
    return tuple(diagnostics)


def _without_pods(copy: Copy, rule: Rule, plan: ReleasePlan) -> Diagnostic:
    path = (*rule.path, "weight") if isinstance(rule, WeightRule) else rule.path
    return at_spec(
        plan.spec,
        path,
        code="GC480",
        message=f"requests are let in to `{copy.document.identity.ref}`, of which the lane has 0 pods",
        object=f"{copy.document.identity.kind}/{copy.gray_name}",
        notes=(Note(message="the baseline's workload", span=copy.document.span(("metadata", "name"))),),
        help=f"raise `replicas` of service `{copy.service.name}`, or let nobody in yet: `rules: [{{weight: 0}}]`",
    )


def _behind_entries(plan: ReleasePlan) -> list[Copy]:
    """Return the copied workloads whose pods the opened paths lead to, in the order of the plan."""
    opened = {
        ObjectKey(
            group_kind=(CORE, "Service"),
            namespace=plan.key_of(entry.document.identity).namespace,
            name=path.baseline_service,
        )
        for entry in plan.entries
        for path in entry.paths
        if path.service is not None
    }
    index = LabelIndex(copy.document for copy in plan.copies if is_workload(copy.document))
    behind = set()
    for document in plan.baseline:
        if plan.key_of(document.identity) in opened:
            behind |= {workload.place for workload in index.selected_by(document, plan.spec)}
    return [copy for copy in plan.copies if copy.document.place in behind]


def _called(plan: ReleasePlan, entered: list[Copy]) -> list[Copy]:
    """Return the copied workloads behind Services to which requests of the lane come by `spec.calls` alone."""
    if not plan.spec.calls:
        return []
    graph = CallGraph(plan)
    services = {copy.service.name for copy in entered}
    return [
        copy
        for copy in plan.copies
        if copy.service.name not in services
        and is_workload(copy.document)
        and graph.is_selected(copy.document)
        and graph.is_reached(copy.service.name)
    ]


def _shown(pods: Pods) -> str:
    if pods.high == pods.low:
        return f"{pods.low} pod{'' if pods.low == 1 else 's'}"
    return f"{pods.low} to {pods.high} pods" if pods.high is not None else f"at least {pods.low} pods"
