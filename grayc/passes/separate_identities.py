"""Let nothing that knows production by a name take the copies for it."""

from grayc.analysis.identities import gray_identity, identities_of, is_tracked_on
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import drop, get_list, get_map, put
from grayc.k8s.identities import Deed
from grayc.k8s.pod_templates import CLAIM_TEMPLATES
from grayc.k8s.server_fields import without_owner_labels
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def separate_identities(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Leave off or rename what a controller or a registry knows production by.

    What goes by a new name, and what can be neither left off nor renamed, is reported by the check of identities, once
    patches have had their say.
    Source: the table of `k8s.identities`; `TRACKING_LABEL` of `k8s.server_fields`, which stays where a selector asks
    for it.
    """
    data = document.data
    for found in identities_of(copy.document):
        if found.row.deed is Deed.DROP:
            data = drop(data, found.path)
            if not get_map(data, found.path[:-1]):
                data = drop(data, found.path[:-1])
        elif found.row.deed is Deed.RENAME:
            data = put(data, found.path, gray_identity(found, plan.spec.suffix))
    labels = get_map(data, ("metadata", "labels"))
    kept = without_owner_labels(labels, tracked=is_tracked_on(copy.document, plan))
    if len(kept) != len(labels):
        data = put(data, ("metadata", "labels"), kept)
    claims = CLAIM_TEMPLATES.get(document.identity.group_kind, ())
    for at in range(len(get_list(data, claims) if claims else ())):
        # The volume is the claim's that production has.
        data = drop(data, (*claims, at, "spec", "volumeName"))
    return Checked(value=document if data is document.data else replace(document, data=data))
