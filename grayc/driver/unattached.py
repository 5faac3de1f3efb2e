"""Entries that no listener of the baseline's Gateways takes: no request comes in by them, with the lane or without."""

from collections.abc import Iterator, Sequence

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.driver.model import Release
from grayc.k8s.gateways import VIRTUAL_SERVICE, GatewayName
from grayc.plan.model import ReleasePlan
from grayc.routing.istio_tables import refusals
from grayc.routing.listeners import Listeners

_MAX_REASONS = 5


def check_unattached(releases: Sequence[Release]) -> tuple[Diagnostic, ...]:
    """Return the opened routes that no listener takes. A Gateway that the baseline does not hold takes every route.

    Diagnostics:
        GC546: a route is on no listener.
    """
    return tuple(finding for release in releases for finding in _of(release.plan))


def _of(plan: ReleasePlan) -> Iterator[Diagnostic]:
    by_gateway: dict[GatewayName, list[Document]] = {}
    for entry in plan.entries:
        by_gateway.setdefault(entry.gateway, []).append(entry.document)
    routes = by_gateway.get(GatewayName.GATEWAY_API, [])
    if routes:
        listeners = Listeners(plan.baseline, routes)
        for route in routes:
            if reasons := listeners.refusals(route):
                yield _finding(route, "parentRefs", reasons)
    services = [
        route for route in by_gateway.get(GatewayName.ISTIO, ()) if route.identity.group_kind == VIRTUAL_SERVICE
    ]
    for service, reasons in refusals(plan.baseline, services) if services else ():
        yield _finding(service, "gateways", reasons)


def _finding(route: Document, field: str, reasons: Sequence[str]) -> Diagnostic:
    more = [Note(message=reason) for reason in reasons[1:_MAX_REASONS]]
    return at_object(
        route,
        ("spec", field),
        code="GC546",
        message=f"no request comes in by `{route.identity.ref}`, with the lane or without it: {reasons[0]}",
        notes=tuple(more),
        help="bring the Gateway's file in the baseline up to date; or let the Gateway take the route, or open another "
        "entry with `spec.traffic.entries`",
    )
