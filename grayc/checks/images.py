"""Every gray container has an image."""

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.plan.model import ReleasePlan


def check_images(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the gray workloads with containers that have no image.

    Diagnostics:
        GC424: a container has none, in the baseline and in the release.
    Source: kubernetes v1.34 pkg/apis/core/validation, validateContainerCommon: the image of a container is required.
    """
    found = []
    for document in documents:
        if not is_workload(document) or not plan.is_copy(document):
            continue
        empty = [(path, container) for path, container in containers_of(document) if not container.get("image")]
        if not empty:
            continue
        names = ", ".join(f"`{container.get('name')}`" for _, container in empty)
        found.append(
            at_object(
                document,
                empty[0][0],
                code="GC424",
                message=f"gray pods of `{document.origin.ref}` have no image for {names}",
                help=f"name it in `images` of service `{plan.copy_of(document).service.name}`, or in the baseline; "
                "accept the finding where an admission webhook fills it in",
            )
        )
    return tuple(found)
