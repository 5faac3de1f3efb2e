"""Workloads of API versions that servers no longer have."""

from collections.abc import Iterable, Iterator

from grayc.analysis.graph import is_workload
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.removed_apis import REMOVED_APIS


def removed_api(document: Document) -> Diagnostic | None:
    """Return that servers no longer have the version of an object (GC307), None where they do or nobody knows."""
    identity = document.identity
    removed = REMOVED_APIS.get((identity.api_version, identity.kind))
    if removed is None:
        return None
    return at_object(
        document,
        ("apiVersion",),
        code="GC307",
        message=f"`{identity.api_version}` has no `{identity.kind}` since Kubernetes {removed.since}",
        help=f"write `apiVersion: {removed.use}`, which servers have since {removed.use_since}, and the fields as that "
        "version has them; the old one is refused for older clusters too",
    )


def removed_workloads(documents: Iterable[Document], names: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield GC307 for workloads of a group that is gone, which nothing else knows as workloads.

    Args:
        names: `web` or `Deployment/web`; none for all.
    """
    wanted = frozenset(names)
    kinds = {kind for _, kind in WORKLOADS}
    for document in documents:
        identity = document.identity
        if is_workload(document) or identity.kind not in kinds:
            continue
        found = removed_api(document)
        if found is not None and (not wanted or wanted & {identity.name, identity.ref}):
            yield found
