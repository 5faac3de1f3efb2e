"""A gray pod is the same application to the MSE agent as its baseline."""

from grayc.analysis.application import application_of, named_application
from grayc.analysis.graph import has_own_pods, pod_labels
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get
from grayc.k8s.lane_labels import APPLICATION, APPLICATIONS
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import PROVIDERS, Provider
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec


def check_applications(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what makes a copy another application.

    Diagnostics:
        GC443: a patch makes gray pods another application.
        GC481: whether they are the same one cannot be seen.
    Source: Alibaba Cloud MSE, Java agent: versions of one application are told apart by `alicloud.service.tag`, so
    the application must be the same (`grayc.analysis.application`).
    """
    diagnostics: list[Diagnostic] = []
    gray = {(document.identity.group_kind, document.place): document for document in documents}
    for copy in plan.copies:
        if not has_own_pods(copy.document):
            continue
        document = gray[(copy.document.identity.group_kind, copy.document.place)]
        was, now = application_of(copy.document), _gray_application(document, copy.document, plan.spec.lane.provider)
        if was != now:
            template = WORKLOADS[document.identity.group_kind].template
            at = (*template, "metadata", "labels", APPLICATION)
            place = at if get(copy.document.data, at) is not None else ("metadata", "name")
            diagnostics.append(
                at_spec(
                    plan.spec,
                    (*copy.service.path, "patches"),
                    code="GC443",
                    message=f"to MSE, gray pods of `{copy.document.identity.ref}` are application `{now}`, and the "
                    f"baseline's `{was}`",
                    object=document.identity.ref,
                    notes=(Note(message="the baseline's name", span=copy.document.span(place)),),
                    help=f"leave `{APPLICATION}` out of the patches",
                    key=True,
                )
            )
        elif PROVIDERS[plan.spec.lane.provider].has_agent and APPLICATION not in pod_labels(document):
            diagnostics.append(_not_named(copy.document))
    return tuple(diagnostics)


def _gray_application(gray: Document, baseline: Document, provider: Provider) -> str:
    """Return the application of gray pods; where neither side gets the label, that of the baseline."""
    has_label = APPLICATION in {**pod_labels(gray), **pod_labels(baseline), **named_application(baseline, provider)}
    return application_of(gray if has_label else baseline)


def _not_named(workload: Document) -> Diagnostic:
    """Tell of gray pods that got no label, since the name is not to be known or can be no label."""
    other = next((label for label in APPLICATIONS if label in pod_labels(workload)), "")
    template = WORKLOADS[workload.identity.group_kind].template
    return at_object(
        workload,
        (*template, "metadata", "labels", other) if other else ("metadata", "name"),
        code="GC481",
        message=f"whether gray pods of `{workload.identity.ref}` are the application to MSE that the baseline's are is "
        + (
            f"not to be seen: they are named by `{other}`, and not by `{APPLICATION}`"
            if other
            else f"not sure: its name is no label value, so they get no `{APPLICATION}`"
        ),
        help=f"give the baseline's pods the label `{APPLICATION}`, with the name that MSE's console shows",
    )
