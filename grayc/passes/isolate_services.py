"""Make gray Services reachable from inside only."""

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import drop, get, get_list, get_text, put
from grayc.k8s.kinds import CORE
from grayc.k8s.server_fields import SERVICE_ADDRESS_FIELDS
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def isolate_services(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Turn a gray Service into a ClusterIP one without addresses or node ports of its own.

    A fixed node port or cluster IP can be held by one Service only, and a second load balancer costs money and is an
    entry that no rule guards. A headless Service stays headless. Running it twice changes nothing more.

    Diagnostics:
        GC450: a Service of type NodePort or LoadBalancer was turned.
    Source: core/v1 ServiceSpec.
    """
    if document.identity.group_kind != (CORE, "Service"):
        return Checked(value=document)
    data = document.data
    kind = get_text(data, ("spec", "type"))
    is_turned = kind in ("NodePort", "LoadBalancer")
    if is_turned:
        data = put(data, ("spec", "type"), "ClusterIP")
    for field in SERVICE_ADDRESS_FIELDS:
        data = drop(data, ("spec", field))
    if get(data, ("spec", "clusterIP")) != "None":
        data = drop(data, ("spec", "clusterIP"))
    for at in range(len(get_list(data, ("spec", "ports")))):
        data = drop(data, ("spec", "ports", at, "nodePort"))
    found = (_turned(copy.document, kind),) if is_turned else ()
    return Checked(value=replace(document, data=data), diagnostics=found)


def _turned(baseline: Document, kind: str) -> Diagnostic:
    return Diagnostic(
        code="GC450",
        message=f"gray Service of `{baseline.identity.name}` is ClusterIP, the baseline's is {kind}",
        span=baseline.span(("spec", "type")),
        field="spec.type",
        object=baseline.identity.ref,
        help="nothing to do; requests by the baseline's own address stay there, those of the entry's rules go gray",
    )
