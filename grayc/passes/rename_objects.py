"""Give gray objects their names."""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import get, put
from grayc.k8s.kinds import CLUSTER_SCOPED
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def rename_objects(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the copy's name to the plan's and, with `setNamespace`, its namespace where it has none."""
    spec = plan.spec
    data = put(document.data, ("metadata", "name"), copy.gray_name)
    if (
        spec.set_namespace
        and spec.namespace is not None
        and get(data, ("metadata", "namespace")) is None
        and document.identity.group_kind not in CLUSTER_SCOPED
    ):
        data = put(data, ("metadata", "namespace"), spec.namespace)
    return Checked(value=replace(document, data=data))
