"""Whether requests go where the releases expect them."""

from collections.abc import Sequence
from dataclasses import replace

from grayc.analysis.chain import CallGraph
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.strategic_merge import json_merge
from grayc.driver.model import Release
from grayc.plan.model import ReleasePlan
from grayc.routing.hops import Lane, lanes_of, route_request
from grayc.routing.matching import Matching
from grayc.routing.model import NO_CIRCUMSTANCES
from grayc.routing.model import Request as Asked
from grayc.routing.shares import goes_there, place
from grayc.routing.simulators import simulate
from grayc.spec.findings import at_spec


def check_expectations(releases: Sequence[Release]) -> tuple[Diagnostic, ...]:
    """Return the requests that would not go where the releases expect them.

    Diagnostics:
        GC524: a request goes elsewhere.
        GC730: there is no gateway to ask.
    """
    documents = applied(releases)
    lanes = lanes_of(documents)
    budget = Matching()
    diagnostics: list[Diagnostic] = []
    for release in releases:
        spec = release.plan.spec
        if spec.expectations and spec.traffic is None:
            diagnostics.append(no_gateway(release.plan))
            continue
        router = simulate(release.plan.gateway, documents, budget) if spec.expectations else None
        for at, wanted in enumerate(spec.expectations):
            if router is None:
                break
            path, _, query = wanted.request_path.partition("?")
            asked = Asked(
                method=wanted.method,
                host=wanted.host.lower(),
                path=path,
                query=query,
                headers=wanted.headers,
                cookies=wanted.cookies,
            )
            routed = route_request(
                release.plan.gateway, router, asked, NO_CIRCUMSTANCES, lanes=lanes, lane=lane_of(release.plan)
            )
            if goes_there(routed, wanted.shares, tag=spec.tag):
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
                    help="`grayc route` with this request tells why; change the rules, or what is expected",
                    key=True,
                )
            )
    return tuple(diagnostics)


def no_gateway(plan: ReleasePlan) -> Diagnostic:
    """Say that there is no gateway to ask (GC730)."""
    return at_spec(
        plan.spec,
        ("metadata", "name"),
        code="GC730",
        message="no release has `traffic`, so there is no gateway to ask",
        help="name one with `traffic: {gateway: NAME}`, or ask manifests with `grayc route -d DIR --gateway NAME`",
    )


def applied(releases: Sequence[Release]) -> tuple[Document, ...]:
    """Return the objects that are there once the releases are applied, what they want of the baseline included."""
    baseline = {document.place: document for release in releases for document in release.plan.baseline}
    for release in releases:
        for change in release.baseline_changes:
            before = baseline[change.document.place]
            baseline[before.place] = replace(before, data=json_merge(before.data, change.fields))
    return (*baseline.values(), *(document for release in releases for document in release.documents))


def lane_of(plan: ReleasePlan) -> Lane:
    """Return what a simulator follows a lane by."""
    graph = CallGraph(plan)
    return Lane(
        tag=plan.spec.tag,
        header=plan.spec.lane.header,
        copies=graph.gray_services(),
        called=graph.names(),
        calls=tuple(call.services for call in plan.spec.calls),
    )
