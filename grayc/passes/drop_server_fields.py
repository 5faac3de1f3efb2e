"""Drop what the server or another tool wrote about the original."""

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import drop, get, get_map, put
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.server_fields import (
    LIVE_SELECTORS,
    SERVER_FIELDS,
    TEMPLATE_FIELDS,
    is_owner_annotation,
    without_owner_labels,
)
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def drop_server_fields(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Drop status, server-set metadata and the marks of other owners. Running it twice changes nothing more.

    Source: the tables of `k8s.server_fields`.
    """
    return Checked(value=without_server_fields(document))


def without_server_fields(document: Document) -> Document:
    """Return an object as its author wrote it, as far as that can be told."""
    data = document.data
    for path in SERVER_FIELDS:
        data = drop(data, path)
    workload = WORKLOADS.get(document.identity.group_kind)
    if workload is not None and workload.template:
        for path in TEMPLATE_FIELDS:
            data = drop(data, (*workload.template, *path))
    if document.identity.group_kind == (CORE, "Service"):
        for label in LIVE_SELECTORS:
            data = drop(data, ("spec", "selector", label))
    data = _drop_annotations(data)
    labels = get_map(data, ("metadata", "labels"))
    kept = without_owner_labels(labels, tracked=True)
    if len(kept) != len(labels):
        data = put(data, ("metadata", "labels"), kept)
    return document if data is document.data else replace(document, data=data)


def _drop_annotations(data: dict[str, object]) -> dict[str, object]:
    if get(data, ("metadata", "annotations")) is None:
        return drop(data, ("metadata", "annotations"))
    annotations = get_map(data, ("metadata", "annotations"))
    kept = {key: value for key, value in annotations.items() if not is_owner_annotation(key)}
    if len(kept) == len(annotations):
        return data
    return put(data, ("metadata", "annotations"), kept) if kept else drop(data, ("metadata", "annotations"))
