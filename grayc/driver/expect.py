"""Whether requests go where the releases expect them."""

from collections.abc import Sequence

from grayc.analysis.carried import Carrier
from grayc.analysis.chain import CallGraph
from grayc.analysis.controllers import Controllers, read_by, with_own
from grayc.analysis.routes import ROUTES, backends_of
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.strategic_merge import json_merge
from grayc.driver.model import HeldLane, Mesh, Release
from grayc.k8s.gateways import INGRESS, GatewayName
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.routing.hops import Lane, lanes_of, route_request
from grayc.routing.matching import Matching
from grayc.routing.model import NO_CIRCUMSTANCES, Routed, Router
from grayc.routing.model import Request as Asked
from grayc.routing.shares import goes_there, place
from grayc.routing.simulators import simulate
from grayc.spec.findings import at_spec
from grayc.spec.model import Expectation, ReleaseSpec


def check_expectations(
    releases: Sequence[Release], beside: Sequence[HeldLane] = (), mesh: Mesh | None = None
) -> tuple[Diagnostic, ...]:
    """Return the requests that would not go where the releases expect them.

    Diagnostics:
        GC524: a request goes elsewhere.
        GC730: there is no gateway to ask.
    """
    documents = applied(releases, beside, mesh)
    lanes = lanes_of(documents)
    budget = Matching()
    diagnostics: list[Diagnostic] = []
    for release in releases:
        spec = release.plan.spec
        if spec.expectations and spec.traffic is None:
            diagnostics.append(no_gateway(release.plan))
            continue
        routers = routers_of((release.plan,), documents, budget) if spec.expectations else ()
        before = routers_of((release.plan,), release.plan.baseline, budget) if spec.expectations else ()
        lane = lane_of(release) if spec.expectations else None
        for at, wanted in enumerate(spec.expectations):
            if not wanted.is_asked_at(spec.step):
                continue
            asked = request_of(wanted)
            answers = [
                route_request(gateway, router, asked, NO_CIRCUMSTANCES, lanes=lanes, lane=lane)
                for gateway, router in routers
            ]
            # Of several gateways those count that serve the request; where none does, the first says so.
            serving = [at for at, answer in enumerate(answers) if answer.answer.entry is not None] or [0]
            routed = next(
                (
                    answers[at]
                    for at in serving
                    if not goes_there(
                        answers[at],
                        wanted.shares,
                        tag=spec.tag,
                        baseline=baseline_of(before[at][1], asked, release.plan)
                        if "baseline" in wanted.shares
                        else None,
                    )
                ),
                None,
            )
            if routed is None:
                continue
            meant = ", ".join(
                f"`{name}`" + (f" {share:g} %" if share != 100 else "") for name, share in wanted.shares.items()
            )
            asked_for = f"`{wanted.name}`" if wanted.name else f"request {at + 1}"
            decider = routed.answer.decided_by
            diagnostics.append(
                at_spec(
                    spec,
                    (*wanted.path, "goesTo"),
                    code="GC524",
                    message=f"{asked_for} is expected to go to {meant}, and goes to {place(routed)}"
                    + (f" by `{decider.rule}` of `{decider.object}`" if decider else ""),
                    help=_way_out(routed, wanted, spec),
                    key=True,
                )
            )
    return tuple(diagnostics)


def _way_out(routed: Routed, wanted: Expectation, spec: ReleaseSpec) -> str:
    """Return what to do about a request that goes elsewhere."""
    carrier = spec.lane.carrier
    brought = {
        change.name
        for destination in routed.answer.destinations
        for change in destination.changes
        if change.value is not None
    }
    if "gray" in wanted.shares and spec.tag not in routed.lanes and carrier.name in brought:
        return (
            f"the request gets the tag in `{carrier.header}`, and production's Service answers it, since that one is "
            "not released: expect `baseline`, or name its service among the services; `grayc route` shows who answers "
            "behind it"
        )
    return "`grayc route` with this request tells why; change the rules, or what is expected"


def routers_of(
    plans: Sequence[ReleasePlan], documents: Sequence[Document], budget: Matching
) -> tuple[tuple[GatewayName, Router], ...]:
    """Return each gateway that opens entries of the releases, once for each controller, with what that one reads.

    Without entries it is the gateway of the first, with what that gateway serves.

    Args:
        documents: among which the gateways find their objects.
        budget: what the expressions of all that is asked in one run may cost.
    """
    gateway = next((plan.gateway for plan in plans if plan.spec.traffic is not None), None)
    seen = dict.fromkeys((entry.gateway, entry.controller) for plan in plans for entry in plan.entries)
    if gateway is None:
        return ()
    if not seen:
        controllers = Controllers(documents)
        served = tuple(
            document
            for document in documents
            if document.identity.group_kind != INGRESS or controllers.of(document).is_of(gateway)
        )
        return ((gateway, simulate(gateway, served, budget)),)
    return tuple(
        (
            name,
            simulate(name, read_by(name, with_own(name, controller), documents) if controller else documents, budget),
        )
        for name, controller in seen
    )


def baseline_of(alone: Router, asked: Asked, plan: ReleasePlan) -> frozenset[tuple[str, str]]:
    """Return the Services that the entry of a request leads to in production, by namespace and name.

    Args:
        alone: the gateway as it is without the lane.
    """
    answer = alone.route(asked, NO_CIRCUMSTANCES)
    entry = answer.entry
    if entry is None:
        return frozenset()
    found = frozenset(
        (backend.namespace or entry.object.namespace, backend.service)
        for document in plan.baseline
        if document.identity.kind == entry.object.kind
        and document.identity.name == entry.object.name
        and (document.identity.namespace or entry.object.namespace) == entry.object.namespace
        and document.identity.group_kind in ROUTES
        for backend in backends_of(document, plan.baseline)
        if (backend.host, backend.text) == (entry.host, entry.path) and backend.service
    )
    # A default backend stands in no list of paths.
    return found or frozenset((way.namespace, way.service) for way in answer.destinations)


def no_gateway(plan: ReleasePlan) -> Diagnostic:
    """Say that there is no gateway to ask (GC730)."""
    return at_spec(
        plan.spec,
        ("metadata", "name"),
        code="GC730",
        message="no release has `traffic`, so there is no gateway to ask",
        help="name one with `traffic: {gateway: NAME}`, or ask manifests with `grayc route -d DIR --gateway NAME`",
    )


def applied(
    releases: Sequence[Release], beside: Sequence[HeldLane] = (), mesh: Mesh | None = None
) -> tuple[Document, ...]:
    """Return the objects that are there once the releases are applied, what they want of the baseline included.

    Args:
        beside: lanes that are there already.
        mesh: what all of them have in common.
    """
    baseline = {document.place: document for release in releases for document in release.plan.baseline}
    for release in releases:
        for change in release.baseline_changes:
            before = baseline[change.document.place]
            baseline[before.place] = replace(before, data=json_merge(before.data, change.fields))
    return (
        *baseline.values(),
        *(document for each in beside for document in each.lane.documents),
        *(mesh.documents if mesh is not None else ()),
        *(document for release in releases for document in release.documents),
    )


def request_of(wanted: Expectation) -> Asked:
    """Return the request of an expectation, as a gateway is asked."""
    path, _, query = wanted.request_path.partition("?")
    return Asked(
        method=wanted.method,
        host=wanted.host.lower(),
        path=path,
        query=query,
        headers=wanted.headers,
        cookies=wanted.cookies,
    )


def lane_of(release: Release) -> Lane:
    """Return what a simulator follows a lane by."""
    plan = release.plan
    graph, carrier = CallGraph(plan), Carrier(plan, release.documents)
    return Lane(
        tag=plan.spec.tag,
        carrier=plan.spec.lane.carrier,
        copies=graph.gray_services(),
        called=graph.names(),
        calls=tuple(tuple(map(graph.called, call.services)) for call in plan.spec.calls),
        carried={call: (str(edge.carriage), str(edge.why or "")) for call, edge in graph.edges(carrier).items()},
        losers=graph.losers(carrier),
        is_by_address=carrier.is_by_address,
    )
