"""Istio routes calls between services by the lane's header.

For calls in the mesh Istio reads one VirtualService of a host. So the routes of all lanes stand in one: grayc's own,
made from what every lane claims, or the baseline's, where it has one.
Source: Istio 1.27 reference, VirtualService and Destination; analysis message IST0109.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.analysis.mesh_hosts import mesh_routes, why_not_in_front
from grayc.analysis.routes import host_of
from grayc.analysis.service_routes import ServiceRoute, followed_by_istio, service_routes
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.documents.mesh_claim import MeshClaim, route_key
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.gateways import VIRTUAL_SERVICE
from grayc.k8s.gitops import ARGOCD_WAVE, WAVES
from grayc.k8s.istio_mesh import API_VERSIONS, lanes_name
from grayc.k8s.kinds import CORE, kind_row
from grayc.k8s.virtual_services import MESH, gateways_of
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import Reason
from grayc.records import replace
from grayc.spec.model import Gitops

Plain = dict[str, object]

ROUTES_AT = ("spec", "http")

_OWNED = {"app.kubernetes.io/managed-by": "grayc"}
"""Of no lane: what deletes a lane by its labels must not take the routes of the others."""


def claims(plan: ReleasePlan) -> Checked[tuple[MeshClaim, ...]]:
    """Return what the lane claims: the host of each copied Service.

    A call that carries the tag goes to the gray Service, any other to the baseline's. The gray Service is a host of its
    own, which has a DestinationRule where the baseline's has one (`attach_policies`); subsets are cuts of one Service's
    pods, and gray pods are in none of the baseline's.

    Diagnostics:
        GC402: the baseline has an object of the name that the lanes' own has.
        GC490: the baseline routes calls to a copied Service itself, in a way that has no room for lanes.
        GC583: it does, and the lane's routes must be put in front of its own.
        GC661: it does by a host with `*`, which the lanes' own object takes the place of.
    """
    made: list[MeshClaim] = []
    diagnostics: list[Diagnostic] = []
    routes, parents = mesh_routes(plan.baseline), service_routes(plan.baseline)
    there = {document.identity.key: document for document in plan.baseline}
    for each in plan.copies:
        if each.document.identity.group_kind != (CORE, "Service"):
            continue
        other = followed_by_istio(parents.get(plan.key_of(each.document.identity), ()), each.document)
        if other is not None:
            diagnostics.append(_led_by_parent(other, each))
            continue
        claim = _claim(each, plan)
        route = routes.get(plan.key_of(each.document.identity))
        if route is None:
            taken = next(
                (
                    document
                    for key, document in there.items()
                    if (key.group_kind, key.namespace, key.name)
                    == (VIRTUAL_SERVICE, claim.namespace, lanes_name(claim.service))
                ),
                None,
            )
            if taken is not None:
                diagnostics.append(_taken(taken))
            wide = routes.get(
                ObjectKey(
                    group_kind=(CORE, "Service"), namespace=plan.key_of(each.document.identity).namespace, name="*"
                )
            )
            if wide is not None:
                diagnostics.append(_led_by_wildcard(wide, each))
            made.append(claim)
            continue
        why = why_not_in_front(route)
        diagnostics.append(_routed_already(route, each, plan, why))
        if not why:
            made.append(replace(claim, routes=(route_key(route),)))
    return Checked(value=tuple(made), diagnostics=tuple(diagnostics))


def _claim(each: Copy, plan: ReleasePlan) -> MeshClaim:
    ports = (get_map(item, ()).get("port") for item in get_list(each.document.data, ("spec", "ports")))
    held = {document.identity.api_version for document in plan.baseline}
    return MeshClaim(
        namespace=plan.key_of(each.document.identity).namespace,
        service=each.document.identity.name,
        tag=plan.spec.tag,
        release=plan.spec.name,
        gray=each.gray_name,
        carrier=TagCarrier(header=plan.spec.lane.carrier.name, member=plan.spec.lane.carrier.member),
        ports=tuple(port for port in ports if isinstance(port, int)),
        api_version=next((version for version in API_VERSIONS if version in held), API_VERSIONS[-1]),
        is_argocd=plan.spec.output.gitops is Gitops.ARGOCD,
    )


def _taken(document: Document) -> Diagnostic:
    return at_object(
        document,
        ("metadata", "name"),
        code="GC402",
        message=f"the baseline has `{document.identity.ref}`, which is the name of the object that has the routes of "
        "all lanes",
        help="give production's another name; or, where an earlier lane left it, take it out of the baseline",
    )


def _led_by_wildcard(route: Document, each: Copy) -> Diagnostic:
    """Say what production's calls lose: of hosts that match, Istio follows the most specific alone.

    Source: istio/istio, pilot/pkg/model/sidecar.go, `mostSpecificWildcardVsIndex`.
    """
    service = each.document.identity.name
    return at_object(
        route,
        ("spec", "hosts"),
        code="GC661",
        message=f"VirtualService `{route.identity.name}` leads the calls to `{service}` by a host with `*`, and the "
        f"object that has the routes of all lanes names `{service}` itself: Istio follows that one alone, so "
        "production's calls lose what this one says while a lane lives",
        help=f"give `{service}` a VirtualService of its own in the baseline, which the lanes' routes are put in front "
        "of; or accept the finding where nothing is lost",
    )


def _led_by_parent(route: ServiceRoute, each: Copy) -> Diagnostic:
    identity, service = route.document.identity, each.document.identity.name
    return at_object(
        route.document,
        ("spec", "parentRefs", route.parent),
        code="GC490",
        message=f"{identity.kind} `{identity.name}` leads the calls to `{service}` already, and Istio follows it in "
        "the place of a VirtualService, which the lanes' routes would be",
        help="write `lane: {provider: gateway-api}`, which puts the lanes' rules in front of it; or accept that calls "
        f"to `{service}` stay on the baseline",
    )


def _routed_already(route: Document, each: Copy, plan: ReleasePlan, why: Reason | None) -> Diagnostic:
    service, name = each.document.identity.name, route.identity.name
    at = next(
        (
            at
            for at, host in enumerate(get_list(route.data, ("spec", "hosts")))
            if isinstance(host, str) and host_of(host)[0] == service
        ),
        0,
    )
    if why is None:
        return at_object(
            route,
            ("spec", "hosts", at),
            code="GC583",
            message=f"VirtualService `{name}` of the baseline leads the calls to `{service}`, and Istio reads one of a "
            "host: until it is changed no call goes gray",
            help="`--baseline-patch FILE` writes what to put over it: routes of all lanes in front of its own; apply "
            "the baseline's own again before the last lane goes offline",
        )
    return at_object(
        route,
        ("spec", "hosts", at),
        code="GC490",
        message=f"VirtualService `{name}` routes calls to `{service}` already, Istio reads one VirtualService of a "
        f"host, and no route of a lane fits into this one: {why}",
        help=f"take the VirtualService out of the mesh, or give `{service}` one of its own; or accept that calls to "
        f"`{service}` stay on the baseline",
    )


def objects(wanted: Iterable[MeshClaim]) -> Mapping[tuple[str, str], tuple[Plain, ...]]:
    """Return host → its VirtualService, for each host that lanes claim and production has none for; hosts in order.

    The same claims give the same objects, in whatever order they come.
    """
    by_host: dict[tuple[str, str], list[MeshClaim]] = {}
    for claim in wanted:
        if not claim.routes:
            by_host.setdefault(claim.host, []).append(claim)
    return {host: (_virtual_service(host, _in_order(by_host[host])),) for host in sorted(by_host)}


def _in_order(wanted: Iterable[MeshClaim]) -> list[MeshClaim]:
    return sorted(wanted, key=lambda claim: (claim.tag, claim.release))


def _virtual_service(host: tuple[str, str], lanes: Sequence[MeshClaim]) -> Plain:
    namespace, service = host
    # A lane that was built when the Service had other ports knows nothing of the rest.
    ports = list(dict.fromkeys(port for claim in lanes for port in claim.ports))
    ports = ports if all(claim.ports == lanes[0].ports for claim in lanes) else sorted(ports)
    routes: list[object] = []
    for port in ports if len(ports) > 1 else [None]:
        at: Plain = {} if port is None else {"port": port}
        number: Plain = {} if port is None else {"port": {"number": port}}
        routes += [
            {
                "match": [{"headers": {claim.carrier.name: _asked(claim)}, **at}],
                "route": [{"destination": {"host": claim.gray, **number}}],
            }
            for claim in lanes
            if port is None or port in claim.ports
        ]
        routes.append({**({"match": [at]} if at else {}), "route": [{"destination": {"host": service, **number}}]})
    waves = {ARGOCD_WAVE: str(WAVES[kind_row(VIRTUAL_SERVICE).rank])} if any(lane.is_argocd for lane in lanes) else {}
    versions = {claim.api_version for claim in lanes}
    return {
        "apiVersion": next(version for version in API_VERSIONS if version in versions),
        "kind": VIRTUAL_SERVICE[1],
        "metadata": {
            "name": lanes_name(service),
            **({"namespace": namespace} if namespace else {}),
            "labels": dict(_OWNED),
            **({"annotations": waves} if waves else {}),
        },
        "spec": {"hosts": [service], "http": routes},
    }


def routes_in_front(document: Document, own: Sequence[object], wanted: Sequence[MeshClaim]) -> list[object]:
    """Return the routes of a baseline's VirtualService with those of all lanes, each in front of the one it is made of.

    Retries, timeouts and all else of a route count for the lane's, too; a subset is a cut of the baseline's pods.

    Args:
        own: its routes as they are, or as a gateway's entry changes them.
        wanted: what the lanes claim, of all hosts.
    """
    key = route_key(document)
    lanes: dict[tuple[str, str], list[MeshClaim]] = {}
    for claim in _in_order(wanted):
        lanes.setdefault((claim.tag, claim.release), []).append(claim)
    made: list[object] = []
    for route in own:
        for each in lanes.values():
            led = [claim for claim in each if key in claim.routes]
            gray = _gray_route(document, route, led, {claim.host: claim.gray for claim in each}) if led else None
            if gray is not None:
                made.append(gray)
        made.append(route)
    return copy.deepcopy(made)


def _gray_route(
    document: Document, route: object, led: Sequence[MeshClaim], gray: Mapping[tuple[str, str], str]
) -> Plain | None:
    """Return a route as a lane has it; None where it leads nowhere in the lane, or calls in the mesh do not meet it."""
    if not is_mapping(route):
        return None
    home = document.identity.namespace
    ways = [way for way in get_list(route, ("route",)) if is_mapping(way)]
    there = [_to(way, gray, home) for way in ways]
    found = [way for way in there if way is not None]
    matches = [match for old in get_list(route, ("match",)) or [{}] for match in _matches(document, old, led)]
    if not found or not matches:
        return None
    if len(found) == 1:
        found = [{key: value for key, value in found[0].items() if key != "weight"}]
    kept = {key: value for key, value in route.items() if key not in ("name", "match", "route")}
    return {"match": matches, **kept, "route": found}


def _to(way: Plain, gray: Mapping[tuple[str, str], str], home: str) -> Plain | None:
    host = get_text(way, ("destination", "host"))
    service, namespace = host_of(host)
    name = gray.get((namespace or home, service)) if service else None
    if name is None:
        return None
    destination = {key: value for key, value in get_map(way, ("destination",)).items() if key != "subset"}
    return {**way, "destination": {**destination, "host": name + host[len(service) :]}}


def _matches(document: Document, match: object, led: Sequence[MeshClaim]) -> Iterator[Plain]:
    """Yield what a match asks of the lane's calls."""
    asked = match if is_mapping(match) else {}
    home = document.identity.namespace
    named = gateways_of(asked, home)
    serves_gateways = any(name != MESH for name in gateways_of(get_map(document.data, ("spec",)), home))
    header = led[0].carrier.name
    if (named and MESH not in named) or any(name.lower() == header for name in get_map(asked, ("headers",))):
        return
    frame: Plain = {"gateways": [MESH]} if serves_gateways or named else {}
    headers = {**get_map(asked, ("headers",)), header: _asked(led[0])}
    whole = {key: value for key, value in asked.items() if key not in ("name", "gateways", "headers")}
    if len(get_list(document.data, ("spec", "hosts"))) == 1:
        yield {**whole, **frame, "headers": headers}
        return
    for claim in led:
        yield {**whole, **frame, "headers": headers, "authority": {"regex": _authority(claim)}}


def _asked(claim: MeshClaim) -> Plain:
    """Return what the header of the lane's calls must say."""
    pattern = claim.carrier.pattern(claim.tag)
    return {"exact": claim.tag} if pattern is None else {"regex": pattern}


def _authority(claim: MeshClaim) -> str:
    """Return an expression for all names by which pods call a Service. Source: Istio matches the whole value."""
    service, namespace = re.escape(claim.service), re.escape(claim.namespace or "[a-z0-9-]+")
    return rf"{service}(\.{namespace}(\.svc(\.cluster\.local)?)?)?(:\d+)?"
