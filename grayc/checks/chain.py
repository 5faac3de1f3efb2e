"""With the call paths declared, each released service is reached, and the tag gets there."""

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import show_path
from grayc.k8s.mse_agent import SWITCH, SWITCH_OFF
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.chain import CallGraph
from grayc.plan.graph import pod_labels
from grayc.plan.model import ReleasePlan, group_kind_of
from grayc.spec.model import Provider


def check_chain(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the released services that no request of the lane reaches, as far as `spec.calls` tells.

    Without call paths, or without an entry, nothing is known.

    Diagnostics:
        GC485: neither an entry nor a call path from one leads to a released service.
        GC486: a service between an entry and a gray hop passes no tag on, its agent being switched off.
    """
    if not plan.spec.calls or not plan.entries:
        return ()
    graph = CallGraph(plan)
    routes = graph.routes()
    diagnostics: list[Diagnostic] = []
    for service in plan.spec.services:
        if graph.is_reached(service.name):
            continue
        on = [route for route in routes if any(hop.service == service.name for hop in route.hops)]
        workloads = (copy.document.identity.ref for copy in plan.copies if copy.service is service)
        diagnostics.append(
            Diagnostic(
                code="GC485",
                message=f"no request of the lane reaches service `{service.name}`: "
                + (
                    f"it is called from `{on[0].hops[0].name}`, to which no opened entry leads"
                    if on
                    else "no entry leads to it, and it is on no path of `spec.calls`"
                ),
                span=plan.spec.span((*service.path, "name")),
                field=f"spec.services[{service.path[-1]}]",
                object=next(workloads, ""),
                notes=tuple(Note(message="a path with it", span=plan.spec.span(route.call.path)) for route in on[:3]),
                help="add the path that leads to it to `spec.calls`, or open its way in with `spec.traffic.entries`",
            )
        )
    if plan.spec.lane.provider is Provider.MSE:
        told: set[tuple[str, int]] = set()
        for route in routes:
            if not route.is_entered:
                continue
            for at, hop in enumerate(route.hops):
                later = next((other for other in route.hops[at + 1 :] if other.is_gray), None)
                if hop.is_gray or later is None:
                    continue
                found = graph.workloads_of(hop.name)
                off = [document for document in found if pod_labels(document).get(SWITCH) == SWITCH_OFF]
                if not off or len(off) < len(found) or off[0].place[:2] in told:
                    continue
                told.add(off[0].place[:2])
                path = (*WORKLOADS[group_kind_of(off[0].identity)].template, "metadata", "labels", SWITCH)
                diagnostics.append(
                    Diagnostic(
                        code="GC486",
                        message=f"the tag ends at `{hop.name}`, whose pods have `{SWITCH}: {SWITCH_OFF}`: requests go "
                        f"on to the baseline's `{later.name}`, not to the gray one",
                        span=off[0].span(path),
                        field=show_path(path),
                        object=off[0].identity.ref,
                        notes=(Note(message="the path", span=plan.spec.span(route.call.path)),),
                        help="let the agent in, or accept the finding where the application passes the header "
                        f"`{plan.spec.lane.header}` on itself",
                    )
                )
    return tuple(diagnostics)
