"""Meshes that read routes of the Gateway API lead calls between services by the lane's header.

A route whose parent is a Service leads all calls to it. So the rules of all lanes stand in one route of a port, grayc's
own, or in the baseline's, where it has one. Each port has a route of its own, since a backend names the port, too; that
of a port which speaks gRPC is a GRPCRoute. They stand in the Service's namespace, and hold for callers of all others.
Source: by row in `grayc.k8s.service_routes`. What the API fills in for a match is written out: pilot reads it so.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.analysis.mesh_hosts import mesh_routes
from grayc.analysis.service_routes import (
    ServiceRoute,
    gray_backends,
    led_ports,
    on_led_ports,
    service_routes,
    why_no_parent,
    why_not_in_front,
)
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.mesh_claim import MeshClaim, route_key
from grayc.documents.tree import get_list, get_text, is_mapping
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.gateways import GRPC_ROUTE, HTTP_ROUTE
from grayc.k8s.gitops import ARGOCD_WAVE, WAVES
from grayc.k8s.istio_mesh import lanes_name
from grayc.k8s.kinds import CORE, kind_row
from grayc.k8s.service_routes import API_VERSIONS, MOST_RULES
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import Reason
from grayc.spec.model import Gitops

Plain = dict[str, object]

ROUTES_AT = ("spec", "rules")

_OWNED = {"app.kubernetes.io/managed-by": "grayc"}
"""Of no lane: what deletes a lane by its labels must not take the routes of the others."""
_PATHS = {"PathPrefix": 1, "Exact": 2}
_ALL: Plain = {"path": {"type": "PathPrefix", "value": "/"}}


def claims(plan: ReleasePlan) -> Checked[tuple[MeshClaim, ...]]:
    """Return what the lane claims: each copied Service that can be a parent, by the ports that carry headers.

    Diagnostics:
        GC402: the baseline has an object of the name that the lanes' own has.
        GC490: the baseline leads calls to a copied Service itself, in a way that has no room for lanes.
        GC583: it does, and the lane's rules must be put in front of its own.
    """
    made: list[MeshClaim] = []
    diagnostics: list[Diagnostic] = []
    routes, istio = service_routes(plan.baseline), mesh_routes(plan.baseline)
    taken = {
        (document.identity.namespace, document.identity.name): document
        for document in plan.baseline
        if document.identity.group_kind in (HTTP_ROUTE, GRPC_ROUTE)
    }
    for each in plan.copies:
        if each.document.identity.group_kind != (CORE, "Service") or why_no_parent(each.document):
            continue
        key = plan.key_of(each.document.identity)
        own = on_led_ports(routes.get(key, ()), each.document)
        virtual = istio.get(key)
        if virtual is not None:
            diagnostics.append(_led_by_istio(virtual, each))
            continue
        blocked = [(route, why) for route in own if (why := why_not_in_front(route.document))]
        diagnostics += [_no_room(route, each, why) for route, why in blocked]
        if blocked:
            continue
        diagnostics += [_in_front(route, each) for route in own]
        claim = _claim(each, own, plan)
        names = [get_text(data, ("metadata", "name")) for data in objects((claim,)).get(claim.host, ())]
        found = (taken.get((claim.namespace, name)) for name in names)
        diagnostics += [_taken(document) for document in found if document is not None]
        if claim.ports or claim.routes:
            made.append(claim)
    return Checked(value=tuple(made), diagnostics=tuple(diagnostics))


def _claim(each: Copy, own: Sequence[ServiceRoute], plan: ReleasePlan) -> MeshClaim:
    ports, grpc = led_ports(each.document)
    # A producer's route that is there already gets the lanes' rules; a consumer's holds for its own namespace alone.
    led = {route.port for route in own if route.is_producer}
    ports = tuple(port for port in ports if not led & {None, port})
    held = {document.identity.api_version for document in plan.baseline if document.identity.group_kind == HTTP_ROUTE}
    carrier = plan.spec.lane.carrier
    return MeshClaim(
        namespace=plan.key_of(each.document.identity).namespace,
        service=each.document.identity.name,
        tag=plan.spec.tag,
        release=plan.spec.name,
        gray=each.gray_name,
        carrier=TagCarrier(header=carrier.name, member=carrier.member),
        ports=ports,
        grpc=tuple(port for port in grpc if port in ports),
        api_version=next((version for version in API_VERSIONS if version in held), API_VERSIONS[0]),
        routes=tuple(dict.fromkeys(route_key(route.document) for route in own)),
        is_argocd=plan.spec.output.gitops is Gitops.ARGOCD,
    )


def _taken(document: Document) -> Diagnostic:
    return at_object(
        document,
        ("metadata", "name"),
        code="GC402",
        message=f"the baseline has `{document.identity.ref}`, which is the name of an object that has the rules of all "
        "lanes",
        help="give production's another name; or, where an earlier lane left it, take it out of the baseline",
    )


def _in_front(route: ServiceRoute, each: Copy) -> Diagnostic:
    identity, whose = route.document.identity, "" if route.is_producer else " for callers of its own namespace"
    return at_object(
        route.document,
        ("spec", "parentRefs", route.parent),
        code="GC583",
        message=f"{identity.kind} `{identity.name}` of the baseline leads the calls to `{each.document.identity.name}`"
        f"{whose}: until it is changed none of them goes gray",
        help="`--baseline-patch FILE` writes what to put over it: rules of all lanes in front of its own; apply the "
        "baseline's own again before the last lane goes offline",
    )


def _no_room(route: ServiceRoute, each: Copy, why: Reason) -> Diagnostic:
    identity, service = route.document.identity, each.document.identity.name
    return at_object(
        route.document,
        ("spec", "parentRefs", route.parent),
        code="GC490",
        message=f"{identity.kind} `{identity.name}` leads the calls to `{service}` already, and no rule of a lane fits "
        f"into it: {why}",
        help=f"give calls to `{service}` an HTTPRoute of their own; or accept that they stay on the baseline",
    )


def _led_by_istio(route: Document, each: Copy) -> Diagnostic:
    service = each.document.identity.name
    return at_object(
        route,
        ("spec", "hosts"),
        code="GC490",
        message=f"VirtualService `{route.identity.name}` leads the calls to `{service}` already, and Istio "
        "follows a route of the Gateway API in its place: what production says there would no longer count",
        help=f"write `lane: {{provider: istio}}`, or lead calls to `{service}` by an HTTPRoute; or accept that they "
        "stay on the baseline",
    )


def objects(wanted: Iterable[MeshClaim]) -> Mapping[tuple[str, str], tuple[Plain, ...]]:
    """Return host → its routes, one for each port; hosts in order.

    The same claims give the same objects, in whatever order they come.
    """
    by_host: dict[tuple[str, str], list[MeshClaim]] = {}
    for claim in wanted:
        if claim.ports:
            by_host.setdefault(claim.host, []).append(claim)
    return {host: tuple(_routes(host, _in_order(by_host[host]))) for host in sorted(by_host)}


def _in_order(wanted: Iterable[MeshClaim]) -> list[MeshClaim]:
    return sorted(wanted, key=lambda claim: (claim.tag, claim.release))


def _routes(host: tuple[str, str], lanes: Sequence[MeshClaim]) -> Iterator[Plain]:
    # A lane that was built when the Service had other ports knows nothing of the rest.
    for port in sorted({port for claim in lanes for port in claim.ports}):
        there = [claim for claim in lanes if port in claim.ports]
        kind = GRPC_ROUTE if any(port in claim.grpc for claim in there) else HTTP_ROUTE
        for at in range(0, len(there), MOST_RULES - 1):
            yield _route(host, port, kind, there[at : at + MOST_RULES - 1], part=at // (MOST_RULES - 1))


def _route(host: tuple[str, str], port: int, kind: tuple[str, str], lanes: Sequence[MeshClaim], *, part: int) -> Plain:
    """Return a route with the rules of some lanes, and what every other call meets; in the first alone."""
    namespace, service = host
    match = {} if kind == GRPC_ROUTE else _ALL
    rules: list[Plain] = [
        {"matches": [{**match, "headers": [_asked(claim)]}], "backendRefs": [_backend(claim.gray, port)]}
        for claim in lanes
    ]
    if not part:
        rules.append({**({"matches": [match]} if match else {}), "backendRefs": [_backend(service, port)]})
    waves = {ARGOCD_WAVE: str(WAVES[kind_row(kind).rank])} if any(lane.is_argocd for lane in lanes) else {}
    versions = {claim.api_version for claim in lanes} if kind == HTTP_ROUTE else {API_VERSIONS[0]}
    made: Plain = {
        "apiVersion": next(version for version in API_VERSIONS if version in versions),
        "kind": kind[1],
        "metadata": {
            "name": f"{lanes_name(service)}-{port}" + (f"-{part + 1}" if part else ""),
            **({"namespace": namespace} if namespace else {}),
            "labels": dict(_OWNED),
            **({"annotations": waves} if waves else {}),
        },
        "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": service, "port": port}], "rules": rules},
    }
    return copy.deepcopy(made)


def _backend(service: str, port: int) -> Plain:
    return {"name": service, "port": port}


def _asked(claim: MeshClaim) -> Plain:
    """Return what the header of the lane's calls must say."""
    pattern = claim.carrier.pattern(claim.tag)
    kind, value = ("Exact", claim.tag) if pattern is None else ("RegularExpression", pattern)
    return {"type": kind, "name": claim.carrier.header, "value": value}


def routes_in_front(document: Document, own: Sequence[object], wanted: Sequence[MeshClaim]) -> list[object]:
    """Return the rules of a baseline's route with those of all lanes, each in front of the one it is made of.

    Filters, timeouts and all else of a rule count for the lane's, too. A match of a lane asks a header more than the
    one it is made of, so it comes first in every mesh. It would come before others of the baseline, too, that ask as
    much: a lane has these as well, as they are.

    Args:
        wanted: what the lanes claim, of all hosts.
    """
    key = route_key(document)
    lanes: dict[tuple[str, str], list[MeshClaim]] = {}
    for claim in _in_order(wanted):
        lanes.setdefault((claim.tag, claim.release), []).append(claim)
    gray: dict[tuple[str, str], Mapping[int, Plain]] = {}
    for lane, claims in lanes.items():
        led = [claim for claim in claims if key in claim.routes]
        names = {claim.host: claim.gray for claim in claims}
        gray[lane] = _gray_rules(document, own, led[0], names) if led else {}
    made: list[object] = []
    for at, rule in enumerate(own):
        made += [rules[at] for rules in gray.values() if at in rules]
        made.append(rule)
    return copy.deepcopy(made)


def _gray_rules(
    document: Document, own: Sequence[object], claim: MeshClaim, gray: Mapping[tuple[str, str], str]
) -> Mapping[int, Plain]:
    """Return position of a rule → that rule as a lane has it; nothing where none leads into the lane."""
    home = document.identity.namespace
    backends = {at: gray_backends(rule, gray, home) for at, rule in enumerate(own)}
    led = [match for at, rule in enumerate(own) if backends[at] for match in _matches(rule)]
    found: dict[int, Plain] = {}
    for at, rule in enumerate(own):
        if not is_mapping(rule) or not led:
            continue
        matches = [match for match in _matches(rule) if backends[at] or any(_comes_before(each, match) for each in led)]
        asked = [made for match in matches if (made := _with_tag(document, match, claim)) is not None]
        if asked:
            # Names of rules are unique within a route.
            kept = {key: value for key, value in rule.items() if key not in ("name", "matches", "backendRefs")}
            refs = backends[at] or get_list(rule, ("backendRefs",))
            found[at] = {"matches": asked, **kept, **({"backendRefs": refs} if refs else {})}
    return found


def _matches(rule: object) -> list[Plain]:
    return [match for match in get_list(rule, ("matches",)) or [{}] if is_mapping(match)]


def _comes_before(match: Plain, other: Plain) -> bool:
    """Tell whether a match may come before another of which a request meets both, once it asks for a header more.

    The more exact path comes first, then the longer one; where an expression stands is each mesh's own.
    """
    (kind, text), (other_kind, other_text) = _path_of(match), _path_of(other)
    if not {kind, other_kind} <= _PATHS.keys():
        return True
    if (_PATHS[kind], len(text)) < (_PATHS[other_kind], len(other_text)):
        return False
    return text == other_text or (other_kind == "PathPrefix" and text.startswith(f"{other_text.rstrip('/')}/"))


def _path_of(match: Plain) -> tuple[str, str]:
    return get_text(match, ("path", "type")) or "PathPrefix", get_text(match, ("path", "value")) or "/"


def _with_tag(document: Document, match: Plain, claim: MeshClaim) -> Plain | None:
    """Return a match that asks for the lane's tag too; None where it asks something of that header itself."""
    headers, asked = get_list(match, ("headers",)), _asked(claim)
    if any(get_text(item, ("name",)).lower() == asked["name"] for item in headers):
        return None
    return {**({} if document.identity.group_kind == GRPC_ROUTE else _ALL), **match, "headers": [*headers, asked]}
