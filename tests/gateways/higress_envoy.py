"""Ingresses as Higress configures its Envoy with them: an oracle that shares no code with grayc.

Higress turns Ingresses into VirtualServices in memory and Istio's part turns those into Envoy's routes; what Envoy
itself decides (regular expressions, repeated headers, hosts, the draw) is left to the real Envoy.

Source: alibaba/higress pkg/ingress/kube/ingressv1/controller.go (`ConvertHTTPRoute`, `ApplyCanaryIngress`,
`createRuleKey`), pkg/ingress/kube/annotations/{annotations,canary,header_control,match,parser}.go,
pkg/ingress/kube/common/tool.go (`SortHTTPRoutes`, `SortIngressByCreationTime`), pkg/ingress/config/ingress_config.go
(`normalizeWeightedCluster`), and for the fallback higress-group/istio pilot/pkg/networking/core/v1alpha3/route/route.go.

Not here, as no test asks for it: rewriting of paths, redirects, McpBridge backends, the class of an Ingress (all
Ingresses of a case are this gateway's).
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tests.gateways.envoy import Configuration, Envoy
from tests.gateways.traffic import Case, Outcome, by_age, identity
from tests.manifests import Object, objects_in

NGINX, HIGRESS = "nginx.ingress.kubernetes.io/", "higress.io/"
ANY_HOST = "*"
PREFIX_TAIL = r"((\/).*)?"
"""What follows the text of a path of type Prefix. Source: common.PrefixMatchRegex."""
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_PATH_RANK = {"exact": 0, "prefix": 1, "prefixRegex": 2, "fullPathRegex": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destination:
    """A Service `namespace/name` with its weight, the header changes for it, and where its requests go without it."""

    service: str
    weight: int = 100
    headers: Object = field(default_factory=dict)
    fallback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """One route of a host in Higress's memory.

    Attributes:
        key: what a canary must have in common with it.
        kind: effective path type: exact, prefix, prefixRegex, fullPathRegex.
        headers, queries: matches in Envoy's JSON.
        canary: whether a canary made it; only others are a base.
        total: weight total of the first weight canary on it, 0 without one.
    """

    key: tuple[object, ...]
    kind: str
    path: str
    headers: tuple[Object, ...] = ()
    queries: tuple[Object, ...] = ()
    methods: str = ""
    changes: Object = field(default_factory=dict)
    destinations: tuple[_Destination, ...]
    canary: bool = False
    default_backend: bool = False
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Canary:
    """The one kind of rule that Higress reads from a canary Ingress."""

    header: str = ""
    value: str = ""
    pattern: str = ""
    cookie: str = ""
    weight: int = 0
    total: int = 100

    def match(self) -> Object | None:
        """Return the header match, None for a canary by weight."""
        if self.header and self.value:
            return _regex(self.header, f"always|{self.value}")
        if self.header and self.pattern:
            return _regex(self.header, f".*{self.pattern}.*")
        if self.header:
            return {"name": self.header, "stringMatch": {"exact": "always"}}
        if self.cookie:
            return _regex("cookie", rf"^(.*?;\s*)?({self.cookie}=always)(;.*)?$")
        return None


def outcomes(envoy: Envoy, cases: Sequence[Case]) -> list[list[Outcome]]:
    """Return what becomes of every request of every case on Higress."""
    return envoy.outcomes([(translate(case), case.requests) for case in cases])


def translate(case: Case) -> Configuration:
    """Return Envoy's configuration for the Ingresses of a case."""
    objects = objects_in(case.manifests)
    live = {identity(entry) for entry in objects if entry["kind"] == "Service"} - case.without_endpoints
    ingresses = by_age((entry for entry in objects if entry["kind"] == "Ingress"), _dotted)
    hosts: dict[str, list[_Route]] = {}
    ordinary = [entry for entry in ingresses if _canary(entry) is None]
    for entry in ordinary:
        for host, path in _paths(entry):
            route = _base_route(entry, host, path)
            routes = hosts.setdefault(host, [])
            if all(route.key != other.key for other in routes):
                routes.append(route)
    for entry in ordinary:
        _add_default_backend(hosts, entry)
    for entry in ingresses:
        canary = _canary(entry)
        if canary is not None:
            for host, path in _paths(entry):
                _apply(hosts.get(host, []), entry, canary, host, path)
    used = sorted({item.service for routes in hosts.values() for route in routes for item in route.destinations})
    return Configuration(
        virtual_hosts=[
            {
                "name": host,
                "domains": [host],
                "routes": [_envoy_route(route, live) for route in _sorted(routes)],
            }
            for host, routes in hosts.items()
        ],
        clusters={service: [(service, 1)] if service in live else [] for service in used},
        options={"normalizePath": True},
    )


def _dotted(entry: Object) -> str:
    return f"{entry['metadata']['name']}.{entry['metadata'].get('namespace', 'default')}"


def _annotations(entry: Object) -> dict[str, str]:
    return {name: str(value) for name, value in (entry["metadata"].get("annotations") or {}).items()}


def _text(entry: Object, name: str) -> str:
    """Return an annotation under either prefix, nginx's first, its lines trimmed."""
    annotations = _annotations(entry)
    for prefix in (NGINX, HIGRESS):
        lines = [line.strip() for line in annotations.get(prefix + name, "").split("\n")]
        if value := "\n".join(line for line in lines if line):
            return value
    return ""


def _boolean(entry: Object, name: str) -> bool:
    annotations = _annotations(entry)
    for prefix in (NGINX, HIGRESS):
        value = annotations.get(prefix + name, "")
        if value in _TRUE | _FALSE:
            return value in _TRUE
    return False


def _integer(entry: Object, name: str) -> int | None:
    annotations = _annotations(entry)
    for prefix in (NGINX, HIGRESS):
        if re.fullmatch(r"[+-]?[0-9]+", annotations.get(prefix + name, "")):
            return int(annotations[prefix + name])
    return None


def _canary(entry: Object) -> _Canary | None:
    """Return the rule of a canary Ingress, None for an ordinary one; reading stops at the first kind that is there."""
    if not _boolean(entry, "canary"):
        return None
    found = _Canary(header=_text(entry, "canary-by-header"))
    if value := _text(entry, "canary-by-header-value"):
        return replace(found, value=value)
    if pattern := _text(entry, "canary-by-header-pattern"):
        return replace(found, pattern=pattern)
    if cookie := _text(entry, "canary-by-cookie"):
        return replace(found, cookie=cookie)
    total = _integer(entry, "canary-weight-total")
    weight = _integer(entry, "canary-weight") or 0
    return replace(found, weight=weight, total=total if total and total > 0 else 100)


def _paths(entry: Object) -> Iterator[tuple[str, Object]]:
    for rule in entry["spec"].get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield rule.get("host") or ANY_HOST, path


def _effective_path(entry: Object, path: Object) -> tuple[str, str]:
    """Return type and text of a path as Higress compares them."""
    text = path.get("path") or "/"
    target = _text(entry, "rewrite-target")
    full = _boolean(entry, "full-path-regex")
    characters = set(r"\.+*?()|[]{}^$")
    if full or _boolean(entry, "use-regex") or (target and characters & set(text)) or {"$", "\\"} & set(target):
        return ("fullPathRegex" if full else "prefixRegex"), text
    if path.get("pathType") == "Exact":
        return "exact", text
    return "prefix", text if text == "/" else text.removesuffix("/")


def _key(entry: Object, host: str, kind: str, path: str) -> tuple[object, ...]:
    annotations = _annotations(entry)
    words = ("match-header", "match-pseudo-header", "match-query")
    matches = sorted((name, value) for name, value in annotations.items() if any(word in name for word in words))
    return host, kind, path, annotations.get(f"{HIGRESS}match-method", ""), tuple(matches)


def _service(entry: Object, backend: Object) -> str:
    return f"{entry['metadata'].get('namespace', 'default')}/{backend['service']['name']}"


def _base_route(entry: Object, host: str, path: Object) -> _Route:
    kind, text = _effective_path(entry, path)
    headers, queries = _matches(entry)
    return _Route(
        key=_key(entry, host, kind, text),
        kind=kind,
        path=text,
        headers=headers,
        queries=queries,
        methods="|".join(_annotations(entry).get(f"{HIGRESS}match-method", "").split()),
        changes=_changes(entry),
        destinations=(_Destination(service=_service(entry, path["backend"])),),
    )


def _matches(entry: Object) -> tuple[tuple[Object, ...], tuple[Object, ...]]:
    """Return header and query matches of `higress.io/KIND-match-header-NAME` and `…-match-query-NAME`."""
    headers: list[Object] = []
    queries: list[Object] = []
    for name, value in sorted(_annotations(entry).items()):
        found = re.fullmatch(rf"{re.escape(HIGRESS)}(exact|prefix|regex)-match-(header|query)-(.+)", name)
        if found:
            kind, place, key = found.groups()
            string: Object = {"safeRegex": {"regex": value}} if kind == "regex" else {kind: value}
            (headers if place == "header" else queries).append({"name": key, "stringMatch": string})
    return tuple(headers), tuple(queries)


def _changes(entry: Object) -> Object:
    """Return the request header changes of an Ingress as Envoy's JSON."""
    annotations = _annotations(entry)

    def listed(name: str, action: str) -> list[Object]:
        found: dict[str, str] = {}
        for line in annotations.get(f"{HIGRESS}request-header-control-{name}", "").split("\n"):
            parts = re.split(r"\s+", line.strip(), maxsplit=1)
            if len(parts) == 2:
                found[parts[0].strip("'\"")] = parts[1].strip("'\"")
        return [
            {"header": {"key": key, "value": value}, "appendAction": action} for key, value in sorted(found.items())
        ]

    added = listed("update", "OVERWRITE_IF_EXISTS_OR_ADD") + listed("add", "APPEND_IF_EXISTS_OR_ADD")
    names = annotations.get(f"{HIGRESS}request-header-control-remove", "").split(",")
    removed = [name.strip() for name in names if name.strip()]
    return {
        **({"requestHeadersToAdd": added} if added else {}),
        **({"requestHeadersToRemove": removed} if removed else {}),
    }


def _add_default_backend(hosts: dict[str, list[_Route]], entry: Object) -> None:
    backend = entry["spec"].get("defaultBackend")
    if not backend:
        return
    named = [rule.get("host") or ANY_HOST for rule in entry["spec"].get("rules") or ()]
    for host in dict.fromkeys([ANY_HOST, *named]):
        routes = hosts.setdefault(host, [])
        if not any(route.kind == "prefix" and route.path == "/" for route in routes):
            destination = _Destination(service=_service(entry, backend))
            key = _key(entry, host, "prefix", "/")
            routes.append(_Route(key=key, kind="prefix", path="/", destinations=(destination,), default_backend=True))


def _apply(routes: list[_Route], entry: Object, canary: _Canary, host: str, path: Object) -> None:
    """Bind one path of a canary to its base: a route before it, or one more destination in it."""
    kind, text = _effective_path(entry, path)
    key = _key(entry, host, kind, text)
    found = [place for place, route in enumerate(routes) if not route.canary and route.key == key]
    if not found:
        return
    place, base = found[0], routes[found[0]]
    service = _service(entry, path["backend"])
    fallback = base.destinations[0].service
    match = canary.match()
    if match is not None:
        destination = _Destination(service=service, fallback=fallback)
        route = replace(base, canary=True, headers=(match,), changes=_changes(entry), destinations=(destination,))
        routes.insert(place, route)
        return
    first = base.destinations[0]
    if len(base.destinations) == 1:
        first = replace(first, headers=base.changes)
    added = _Destination(service=service, weight=canary.weight, headers=_changes(entry), fallback=fallback)
    routes[place] = replace(
        base,
        changes={},
        destinations=(first, *base.destinations[1:], added),
        total=base.total or canary.total,
    )


def _sorted(routes: Sequence[_Route]) -> list[_Route]:
    def key(route: _Route) -> tuple[object, ...]:
        plain = not (route.headers or route.queries or route.methods)
        last = 2 if route.default_backend else int(route.kind == "prefix" and route.path == "/" and plain)
        counts = (0 if route.methods else 1, -len(route.headers), -len(route.queries))
        return (last, _PATH_RANK[route.kind], -len(route.path), *counts)

    return sorted(routes, key=key)


def _weights(route: _Route) -> list[tuple[_Destination, int]]:
    """Return the destinations with their whole percents: each share is cut off in float32, the base has the rest."""
    base, *canaries = route.destinations
    if not canaries:
        return [(base, 100)]
    total = max(sum(item.weight for item in canaries), route.total)
    shares = [int(_float32(_float32(item.weight / total) * 100)) for item in canaries]
    return [(base, 100 - sum(shares)), *zip(canaries, shares, strict=True)]


def _float32(value: float) -> float:
    [found] = struct.unpack("f", struct.pack("f", value))
    return float(found)


def _envoy_route(route: _Route, live: frozenset[str] | set[str]) -> Object:
    weighted = _weights(route)
    # Istio leaves out what weighs nothing, where there are several.
    kept = [(item, weight) for item, weight in weighted if weight] if len(weighted) > 1 else weighted
    falls_back = len(kept) == 1 or sum(1 for item, _ in kept if item.fallback) > 1

    def cluster(item: _Destination) -> str:
        return item.fallback if falls_back and item.fallback and item.service not in live else item.service

    match = _path_match(route)
    headers = list(route.headers)
    if route.methods:
        headers.append(_regex(":method", route.methods))
    if headers:
        match["headers"] = headers
    if route.queries:
        match["queryParameters"] = list(route.queries)
    if len(kept) == 1:
        [(only, _)] = kept
        changes = {
            name: [*route.changes.get(name, ()), *only.headers.get(name, ())]
            for name in {**route.changes, **only.headers}
        }
        return {"match": match, "route": {"cluster": cluster(only)}, **changes}
    clusters = [{"name": cluster(item), "weight": weight, **item.headers} for item, weight in kept]
    return {"match": match, "route": {"weightedClusters": {"clusters": clusters}}, **route.changes}


def _path_match(route: _Route) -> Object:
    match route.kind:
        case "exact":
            return {"path": route.path}
        case "prefix" if route.path == "/":
            return {"prefix": "/"}
        case "prefix":
            return {"safeRegex": {"regex": re.escape(route.path) + PREFIX_TAIL}}
        case "prefixRegex":
            return {"safeRegex": {"regex": route.path + ".*"}}
        case _:
            return {"safeRegex": {"regex": route.path}}


def _regex(name: str, regex: str) -> Object:
    return {"name": name, "stringMatch": {"safeRegex": {"regex": regex}}}
