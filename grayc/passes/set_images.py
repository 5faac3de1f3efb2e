"""Point gray containers at the images that the release names."""

from dataclasses import replace

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import put
from grayc.passes.containers import unknown_containers
from grayc.plan.graph import containers_of, is_workload
from grayc.plan.model import ReleasePlan


def set_images(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Set the image of every container that the release names, by service and container.

    Containers that the release does not name keep the baseline's image, whatever another service calls its own.
    Running it twice changes nothing more.

    Diagnostics:
        GC410: no workload of the service has the container.
    Source: core/v1 Container, `image`.
    """
    result: list[Document] = []
    for document in documents:
        images = plan.copy_of(document).service.images if is_workload(document) else {}
        data = document.data
        if images:
            for path, container in containers_of(document):
                image = images.get(str(container.get("name")))
                if image is not None:
                    data = put(data, (*path, "image"), image)
        result.append(replace(document, data=data) if data is not document.data else document)
    return Checked(value=tuple(result), diagnostics=unknown_containers(documents, plan, "images"))
