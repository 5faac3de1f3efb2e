"""Gray pods do not take part in production's choice of a leader unsaid."""

from collections.abc import Sequence

from grayc.analysis.elections import Lock, locks_of
from grayc.analysis.graph import is_workload, template_holder
from grayc.analysis.work import in_baseline_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.model import ReleasePlan
from grayc.spec.model import ServiceSpec


def check_elections(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the services whose gray pods compete with production's for a lock.

    Diagnostics:
        GC396: gray pods choose a leader by the lock of production's.
    Source: kubernetes client-go tools/leaderelection: candidates with one lock, a Lease by namespace and name, are one
    group, of which a single one leads.
    """
    gray = locks_of(documents, plan)
    if not any(gray.values()):
        return ()
    before = locks_of(tuple(copy.document for copy in plan.copies), plan)
    found = []
    for service in plan.spec.services:
        names = {lock.name for lock in before.get(service.name, ())}
        shared = [lock for lock in gray.get(service.name, ()) if lock.name in names]
        if shared and _has_pods(service, documents, plan):
            found.append(_joins(service, shared, plan))
    return tuple(found)


def _has_pods(service: ServiceSpec, documents: Sequence[Document], plan: ReleasePlan) -> bool:
    own = [
        document
        for document in documents
        if plan.is_copy(document) and plan.copy_of(document).service.name == service.name and is_workload(document)
    ]
    taken = {template_holder(document, plan.spec) for document in own}
    return any(
        plan.key_of(document.identity) in taken or not path or get(document.data, path) != 0
        for document in own
        for path in (WORKLOADS[document.identity.group_kind].replicas,)
    )


def _joins(service: ServiceSpec, shared: Sequence[Lock], plan: ReleasePlan) -> Diagnostic:
    first = shared[0]
    document = in_baseline_of(first.document, plan)
    lock = f"lock `{first.name}`" if first.name else "a lock that the program names"
    return at_object(
        document,
        first.path,
        code="GC396",
        message=f"gray pods of service `{service.name}` choose a leader with production's, by {lock} "
        f"(`{first.setting}`): one of them may lead and do production's work",
        notes=tuple(
            Note(message=f"and by `{each.name}`", span=in_baseline_of(each.document, plan).span(each.path))
            for each in shared[1:]
        ),
        names=tuple(lock.name for lock in shared if lock.name),
        help="give the lane a lock of its own with `patches` or `laneOnly`, where a leader's work may be done beside "
        "production's; else keep gray pods from it with a setting of the program, or `replicas: 0`; or accept the "
        "finding with `spec.accept`",
    )
