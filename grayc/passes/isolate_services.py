"""Make gray Services reachable from inside only."""

from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.tree import drop, get, get_list, get_text, put
from grayc.k8s.kinds import CORE
from grayc.k8s.server_fields import SERVICE_ADDRESS_FIELDS
from grayc.plan.model import ReleasePlan, group_kind_of


def isolate_services(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Turn gray Services into ClusterIP ones without addresses or node ports of their own.

    A fixed node port or cluster IP can be held by one Service only, and a second load balancer costs money and is a
    way in that no rule guards. A headless Service stays headless. Running it twice changes nothing more.

    Diagnostics:
        GC450: a Service of type NodePort or LoadBalancer was turned.
    Source: core/v1 ServiceSpec.
    """
    result: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for document in documents:
        if group_kind_of(document.identity) != (CORE, "Service"):
            result.append(document)
            continue
        data = document.data
        kind = get_text(data, ("spec", "type"))
        if kind in ("NodePort", "LoadBalancer"):
            data = put(data, ("spec", "type"), "ClusterIP")
            diagnostics.append(
                Diagnostic(
                    code="GC450",
                    message=f"gray Service of `{document.identity.name}` is ClusterIP, the baseline's is {kind}",
                    span=document.span(("spec", "type")),
                    field="spec.type",
                    object=document.identity.ref,
                    help="nothing to do; requests from outside reach gray pods through the entry's rules only",
                )
            )
        for field in SERVICE_ADDRESS_FIELDS:
            data = drop(data, ("spec", field))
        if get(data, ("spec", "clusterIP")) != "None":
            data = drop(data, ("spec", "clusterIP"))
        for at in range(len(get_list(data, ("spec", "ports")))):
            data = drop(data, ("spec", "ports", at, "nodePort"))
        result.append(replace(document, data=data))
    return Checked(value=tuple(result), diagnostics=tuple(diagnostics))
