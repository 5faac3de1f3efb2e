"""Point gray containers at the images that the release names."""

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import put
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def set_images(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the image of every container that the release names, by service and container.

    Containers that the release does not name keep the baseline's image, whatever another service calls its own.
    Running it twice changes nothing more.

    Source: core/v1 Container, `image`.
    """
    images = copy.service.images
    if not images or not is_workload(document):
        return Checked(value=document)
    data = document.data
    for path, container in containers_of(document):
        image = images.get(str(container.get("name")))
        if image is not None:
            data = put(data, (*path, "image"), image)
    return Checked(value=replace(document, data=data))
