"""A gray pod is the same application to the MSE agent as its baseline."""

from grayc.analysis.graph import is_workload, pod_labels
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.k8s.lane_labels import APPLICATION
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec


def check_applications(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what makes a copy another application.

    Diagnostics:
        GC443: a patch changed the pod label that names the application.
    Source: Alibaba Cloud MSE, Java agent: versions of one application are told apart by `alicloud.service.tag`, so
    `msePilotCreateAppName` must be equal.
    """
    diagnostics: list[Diagnostic] = []
    gray = {(document.identity.group_kind, document.place): document for document in documents}
    for copy in plan.copies:
        if not is_workload(copy.document):
            continue
        document = gray[(copy.document.identity.group_kind, copy.document.place)]
        was, now = pod_labels(copy.document).get(APPLICATION), pod_labels(document).get(APPLICATION)
        if was != now:
            template = WORKLOADS[document.identity.group_kind].template
            diagnostics.append(
                at_spec(
                    plan.spec,
                    (*copy.service.path, "patches"),
                    code="GC443",
                    message=f"gray pods of `{copy.document.identity.ref}` have `{APPLICATION}: {now}`, the baseline's "
                    f"`{was}`: MSE would see two applications",
                    object=document.identity.ref,
                    notes=(
                        Note(
                            message="the baseline's label",
                            span=copy.document.span((*template, "metadata", "labels", APPLICATION)),
                        ),
                    ),
                    help="leave the label out of the patch",
                    key=True,
                )
            )
    return tuple(diagnostics)
