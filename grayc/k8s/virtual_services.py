"""How Istio reads names inside VirtualServices, and how it joins a delegate's routes with those that name it.

Source: istio/istio 86c9f01, pilot/pkg/model/virtualservice.go and config.go.
"""

from collections.abc import Iterator, Mapping

MESH = "mesh"
"""Stands among Gateways for all pods of the mesh."""

Route = dict[str, object]


def gateway_name(name: str, namespace: str) -> str:
    """Return `namespace/name` of a Gateway as an object of a namespace names it; `mesh` stays.

    Source: `resolveGatewayName`.
    """
    if name == MESH:
        return name
    before, slash, after = name.partition("/")
    if slash:
        return f"{namespace}/{after}" if before == "." else name
    first, dot, rest = name.partition(".")
    return f"{rest.partition('.')[0]}/{first}" if dot else f"{namespace}/{name}"


def gateways_of(holder: Mapping[str, object], namespace: str) -> tuple[str, ...]:
    """Return the `gateways` of a VirtualService's spec or of a match, in full."""
    return tuple(gateway_name(name, namespace) for name in _list(holder, "gateways") if isinstance(name, str))


def matches_of(route: Mapping[str, object]) -> tuple[Route, ...]:
    """Return the matches of a route; none where it takes everything."""
    return tuple(match if isinstance(match, dict) else {} for match in _list(route, "match"))


def match_in_full(match: Route, namespace: str) -> Route:
    """Return a match that names its Gateways in full."""
    return {**match, "gateways": list(gateways_of(match, namespace))} if _list(match, "gateways") else match


def in_full(route: Route, namespace: str) -> Route:
    """Return a route whose matches name their Gateways in full."""
    matches = matches_of(route)
    if not any(_list(match, "gateways") for match in matches):
        return route
    return {**route, "match": [match_in_full(match, namespace) for match in matches]}


def is_for_gateways(match: Mapping[str, object]) -> bool:
    """Tell whether a match can stand at a gateway: not at the mesh alone, and not for pods with labels.

    Source: route.go, `sourceMatchHTTP`: labels are not asked where Gateways are named.
    """
    gateways = _list(match, "gateways")
    return any(name != MESH for name in gateways) if gateways else not _map(match, "sourceLabels")


_OF_ROOT = (
    "rewrite", "directResponse", "timeout", "retries", "fault", "mirror", "mirrorPercent", "mirrorPercentage",
    "corsPolicy", "mirrors", "headers",
)  # fmt: skip
"""What a delegate's route takes from the root's where it has none of its own. Source: `mergeHTTPRoute`."""


def merge_routes(root: Route, own: Route) -> Route | None:
    """Return a delegate's route as the root lets it in, None where the two contradict each other.

    Both name Gateways in full. Source: `mergeHTTPRoute` and `mergeHTTPMatchRequests`.
    """
    roots, owns = matches_of(root), matches_of(own)
    matches = list(roots or owns)
    if roots and owns:
        matches = []
        for match in owns:
            met = list(merged_matches(roots, match))
            if not met:
                return None
            matches += met
    taken = {key: root[key] for key in _OF_ROOT if root.get(key) is not None and own.get(key) is None}
    kept = {key: value for key, value in own.items() if key != "match"}
    return {**taken, **kept, **({"match": matches} if matches else {})}


def merged_matches(roots: tuple[Route, ...], own: Route) -> Iterator[Route]:
    """Yield a delegate's match joined with each match of the root that it does not contradict; as it is without any."""
    if not roots:
        yield own
    for root in roots:
        if not contradicts(root, own):
            yield _merged(root, own)


def _merged(root: Route, own: Route) -> Route:
    joined: Route = {
        key: {**_map(root, key), **_map(own, key)}
        for key in ("headers", "withoutHeaders", "queryParams", "sourceLabels")
        if key in root or key in own
    }
    taken = {
        key: root[key]
        for key in ("uri", "scheme", "method", "authority", "port", "sourceNamespace", "gateways")
        if root.get(key) and not own.get(key)
    }
    return {**own, **taken, **joined}


def contradicts(root: Route, own: Route) -> bool:
    """Tell whether a delegate's match is not one of the root's. Source: `hasConflict`."""
    for key in ("uri", "scheme", "method", "authority"):
        if _differ(root.get(key), own.get(key)):
            return True
    for key in ("headers", "withoutHeaders", "queryParams"):
        conditions = _map(root, key)
        if any(_differ(conditions.get(name), value) for name, value in _map(own, key).items()):
            return True
    if bool(root.get("ignoreUriCase")) != bool(own.get("ignoreUriCase")):
        return True
    if root.get("port") and own.get("port") and root["port"] != own["port"]:
        return True
    if root.get("sourceNamespace") and root["sourceNamespace"] != own.get("sourceNamespace"):
        return True
    labels = _map(root, "sourceLabels")
    if any(labels.get(name, value) != value for name, value in _map(own, "sourceLabels").items()):
        return True
    ours, theirs = _list(own, "gateways"), _list(root, "gateways")
    return bool(ours and theirs) and (len(theirs) < len(ours) or any(name not in theirs for name in ours))


def _differ(root: object, own: object) -> bool:
    """Tell whether one text condition is not inside another. Source: `stringMatchConflict`."""
    if not isinstance(root, dict) or not isinstance(own, dict):
        return False
    given = {kind: str(root.get(kind) or "") for kind in ("exact", "prefix", "regex")}
    asked = {kind: str(own.get(kind) or "") for kind in ("exact", "prefix", "regex")}
    if (given["regex"] and any(asked.values())) or (asked["regex"] and any(given.values())):
        return True
    if given["exact"]:
        return bool(asked["prefix"]) or asked["exact"] != given["exact"]
    if given["prefix"]:
        text = asked["prefix"] or asked["exact"]
        return not text.startswith(given["prefix"])
    return True


def _map(holder: Mapping[str, object], key: str) -> dict[str, object]:
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def _list(holder: Mapping[str, object], key: str) -> list[object]:
    found = holder.get(key)
    return found if isinstance(found, list) else []
