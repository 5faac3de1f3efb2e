"""With the call paths declared, each released service is reached, and the tag gets there."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from grayc.analysis.agents import absence_of, namespaces_of
from grayc.analysis.carriage import Carriage, Edge
from grayc.analysis.carried import Carrier
from grayc.analysis.chain import CallGraph, Route
from grayc.analysis.graph import containers_of, sibling_target
from grayc.analysis.named_services import unreached
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get_list, get_text
from grayc.k8s.kinds import APPS, BATCH, KEDA
from grayc.k8s.providers import PROVIDERS, Propagation
from grayc.k8s.queues import TRIGGERS
from grayc.k8s.scalers import SCALE_TARGET
from grayc.plan.model import ReleasePlan
from grayc.plan.reasons import Reason
from grayc.spec.findings import at_spec

_SHOWN = 5


def check_chain(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the released services that no request of the lane reaches, as far as `spec.calls` tells.

    Without call paths nothing is known but what addresses show, where they carry the calls; without an entry, not what
    is reached.

    Diagnostics:
        GC485: neither an entry nor a call path from one leads to a released service.
        GC486: a service between an entry and a gray hop passes no tag on, since no agent gets into it.
        GC393: with provider `address`, the entries lead to services alone that are not released.
        GC395: a gray copy calls by a variable that Kubernetes sets of production's Service.
        GC394: with it, neither an entry nor an address in a gray copy leads to some released services.
        GC390: a call to a released service is not carried into the lane.
        GC391: whether calls are carried into it is not to be seen.
        GC487: a hop of a path to or over a gray one takes no requests: a Job, a consumer of a queue, or no port at all.
    """
    if not plan.spec.calls:
        return (*_not_named(documents, plan), *_linked(documents, plan))
    graph = CallGraph(plan)
    routes = graph.routes(Carrier(plan, documents))
    breaks = tuple(_breaks(routes, graph, plan))
    taken = (*breaks, *_not_carried(routes, breaks, graph, plan), *_unknown(routes, plan))
    if not plan.entries:
        return taken
    diagnostics: list[Diagnostic] = []
    first = {copy.service.name: copy.document.identity.ref for copy in reversed(plan.copies)}
    for service in plan.spec.services:
        if graph.is_reached(service.name):
            continue
        on = [route for route in routes if any(hop.service == service.name for hop in route.hops)]
        diagnostics.append(
            at_spec(
                plan.spec,
                (*service.path, "name"),
                code="GC485",
                message=f"no request of the lane reaches service `{service.name}`: "
                + (
                    f"it is called from `{on[0].hops[0].name}`, to which no opened entry leads"
                    if on
                    else "no entry leads to it, and it is on no path of `spec.calls`"
                ),
                object=first.get(service.name, ""),
                notes=tuple(Note(message="a path with it", span=plan.spec.span(route.call.path)) for route in on[:3]),
                help="add the path that leads to it to `spec.calls`, or open its entry with `spec.traffic.entries`",
            )
        )
    if PROVIDERS[plan.spec.lane.provider].has_agent:
        told: set[tuple[str, int]] = set()
        namespaces = namespaces_of(plan.baseline)
        for route in routes:
            if not route.is_entered:
                continue
            for at, hop in enumerate(route.hops):
                later = next((other for other in route.hops[at + 1 :] if other.service), None)
                if hop.service or later is None or graph.side(hop.name).said not in (None, Propagation.AGENT):
                    continue
                found = graph.workloads_of(hop.name)
                off = [
                    (document, absence)
                    for document in found
                    if (absence := absence_of(document, namespaces, plan.key_of(document.identity).namespace))
                ]
                if not off or len(off) < len(found) or off[0][0].place[:2] in told:
                    continue
                workload, absence = off[0]
                told.add(workload.place[:2])
                diagnostics.append(
                    at_object(
                        workload,
                        absence.path,
                        code="GC486",
                        message=f"the tag ends at `{hop.name}`, whose pods {absence.text}: requests go on to the "
                        f"baseline's `{later.name}`, not to the gray one; and where a registry names instances, "
                        "production's calls from there take gray ones too",
                        notes=(Note(message="the path", span=plan.spec.span(route.call.path)),),
                        help="let the agent in, and start the pods anew, since only new ones get it; or accept the "
                        f"finding where the application passes {plan.spec.lane.carrier.named} on itself",
                    )
                )
    return (*diagnostics, *taken)


def _not_named(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Say what addresses do not lead to, where they alone carry the calls and no path says who calls whom."""
    if PROVIDERS[plan.spec.lane.provider].needs_header or not plan.entries:
        return
    if not any(path.service is not None for entry in plan.entries for path in entry.paths):
        yield _nobody_enters(plan)
        return
    named = Carrier(plan, documents).named_calls()
    found = unreached(plan, named) if named is not None else ()
    if named is None or not found:
        return
    first = next(service for service in plan.spec.services if service.name == found[0])
    outside = [call for call in named.calls if not call.is_released and call.callee in found]
    yield at_spec(
        plan.spec,
        (*first.path, "name"),
        code="GC394",
        message=f"no request of the lane is seen to reach {_first([f'`{name}`' for name in found])}: no entry leads "
        f"there, and no gray copy of another service is given {'its' if len(found) == 1 else 'their'} address",
        notes=tuple(
            Note(
                message=f"production's `{call.caller}` names `{call.callee}`, and is not released",
                span=call.mentions[0].reading.document.span(call.mentions[0].reading.path),
            )
            for call in outside[:3]
        ),
        help="name the callers among the services too, since a copy without changes names the gray Services; or give "
        "them the address in `laneOnly` (`env` or `config`); or accept the finding where it stands in the code, or a "
        "registry gives it",
    )


def _linked(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the texts of gray copies that name production's Services by the variables that Kubernetes sets of them."""
    named = Carrier(plan, documents).named_calls()
    for call in named.calls if named is not None else ():
        mention = next((each for each in call.mentions if each.link and not each.is_gray), None)
        if mention is None or not call.is_released:
            continue
        reading = mention.reading
        yield at_object(
            reading.document,
            reading.path,
            code="GC395",
            message=f"gray pods of service `{call.caller}` call production's `{mention.name}`: `{mention.link}` in "
            f"{mention.place} is the address of the Service that it is called after",
            help=f"set the address in `laneOnly` (`env` or `config`) to `{mention.copy.gray_name}`, whose name DNS "
            f"knows; or accept the finding where production's `{mention.name}` is meant",
        )


def _nobody_enters(plan: ReleasePlan) -> Diagnostic:
    """Say that the entries lead to baseline pods alone, which name production's Services."""
    path = plan.entries[0].paths[0]
    return at_spec(
        plan.spec,
        (*plan.spec.lane.path, "provider"),
        code="GC393",
        message=f"no request enters the lane: its entries lead to `{path.baseline_service}`, which is not released, "
        "and production's pods name production's Services",
        object=plan.entries[0].document.identity.ref,
        help="name what stands behind the entry among the services too, and what calls from there to the released "
        "ones: a copy without changes names the gray Services",
    )


def _not_carried(
    routes: Sequence[Route], breaks: Sequence[Diagnostic], graph: CallGraph, plan: ReleasePlan
) -> Iterator[Diagnostic]:
    """Yield the calls that do not come to a gray copy, each once, but those whose cause another finding tells."""
    broken = {item.object for item in breaks}
    told: set[tuple[str, str]] = set()
    for route in routes:
        for caller, hop in pairwise(route.hops):
            edge = hop.edge
            if edge is None or edge.carriage is not Carriage.NOT or edge.told_by or (caller.name, hop.name) in told:
                continue
            told.add((caller.name, hop.name))
            ends = (workload.identity.ref for end in (caller, hop) for workload in graph.workloads_of(end.name))
            if not broken.isdisjoint(ends):
                continue
            yield at_spec(
                plan.spec,
                route.call.path,
                code="GC390",
                message=f"the call `{caller.name} -> {hop.name}` is not carried into the lane: {edge.why}",
                object=edge.document.origin.ref if edge.document is not None else "",
                notes=(Note(message="it stands here", span=edge.document.span(edge.path)),) if edge.document else (),
                help=f"{edge.help}; or accept the finding where production's `{hop.name}` is meant",
            )


def _unknown(routes: Sequence[Route], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield one finding for all calls of which it is not to be seen whether they come to a gray copy."""
    calls: dict[Reason | None, list[str]] = {}
    edges: dict[Reason | None, Edge] = {}
    first: Route | None = None
    for route in routes:
        for caller, hop in pairwise(route.hops):
            if hop.edge is None or hop.edge.carriage is not Carriage.UNKNOWN or hop.edge.told_by:
                continue
            first = first or route
            shown = f"`{caller.name} -> {hop.name}`"
            cause = hop.edge.cause or hop.edge.why
            edges.setdefault(cause, hop.edge)
            if shown not in calls.setdefault(cause, []):
                calls[cause].append(shown)
    if first is None:
        return
    yield at_spec(
        plan.spec,
        first.call.path,
        code="GC391",
        message="whether calls are carried into the lane is not to be seen: "
        + "; ".join(f"{_first(named)}: {cause}" for cause, named in calls.items()),
        notes=tuple(
            Note(message="it stands here", span=edge.document.span(edge.path))
            for edge in edges.values()
            if edge.document is not None
        )[:3],
        help="; ".join(dict.fromkeys(edge.help for edge in edges.values()))
        + "; or accept the finding where you know that they are",
    )


def _first(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _breaks(routes: Sequence[Route], graph: CallGraph, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the hops that take no requests, so that no tag gets past them; each once, on paths with gray hops after."""
    consumers: dict[ObjectKey, tuple[Document, str]] | None = None
    told: set[tuple[str, int, Path]] = set()
    for route in routes:
        for at, hop in enumerate(route.hops):
            gray = next((other for other in route.hops[at:] if other.service), None)
            found = graph.workloads_of(hop.name)
            if gray is None or not found or found[0].place in told:
                continue
            if consumers is None:
                consumers = _consumers(plan)
            whys = [_why_not_called(workload, graph, consumers, plan) for workload in found]
            if not all(whys):
                continue
            told.add(found[0].place)
            workload, why = found[0], whys[0]
            asked = gray.name if gray is not hop else hop.name
            yield at_spec(
                plan.spec,
                route.call.path,
                code="GC487",
                message=f"the tag gets lost at `{hop.name}`: `{workload.identity.ref}` {why}, so no request brings "
                "a tag" + (f" that it could pass on to `{asked}`" if gray is not hop else ""),
                object=workload.identity.ref,
                notes=(Note(message="the workload", span=workload.span(("metadata", "name"))),),
                help="take the hop out of the path where nobody calls it; or let the message carry "
                f"{plan.spec.lane.carrier.named}, which grayc cannot see, and accept the finding",
            )


def _consumers(plan: ReleasePlan) -> dict[ObjectKey, tuple[Document, str]]:
    """Return workload → the ScaledObject that scales it by a queue, and the type of its trigger."""
    found: dict[ObjectKey, tuple[Document, str]] = {}
    for document in plan.baseline:
        if document.identity.group_kind != (KEDA, "ScaledObject"):
            continue
        for trigger in get_list(document.data, ("spec", "triggers")):
            if get_text(trigger, ("type",)) in TRIGGERS:
                target = ObjectKey(
                    group_kind=sibling_target(document, SCALE_TARGET, (APPS, "Deployment")),
                    namespace=plan.key_of(document.identity).namespace,
                    name=get_text(document.data, SCALE_TARGET),
                )
                found.setdefault(target, (document, get_text(trigger, ("type",))))
    return found


def _why_not_called(
    workload: Document, graph: CallGraph, consumers: Mapping[ObjectKey, tuple[Document, str]], plan: ReleasePlan
) -> str:
    """Return why a workload takes no requests, "" where it may.

    A consumer of a queue that a Service selects is called too. Without a Service a registry may lead to a port that is
    declared.
    """
    if workload.identity.group_kind in ((BATCH, "Job"), (BATCH, "CronJob")):
        return "starts by itself"
    if graph.is_selected(workload):
        return ""
    scaled_by, trigger = consumers.get(plan.key_of(workload.identity), (None, ""))
    if scaled_by is not None:
        return f"takes its work from a queue (`{trigger}` of `{scaled_by.identity.ref}`)"
    if any(get_list(container, ("ports",)) for _, container in containers_of(workload)):
        return ""
    return "is selected by no Service and declares no port"
