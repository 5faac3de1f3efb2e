"""VirtualServices and DestinationRules as Istio configures Envoy with them: an oracle that shares no code with grayc.

What Envoy itself decides (regular expressions, repeated headers, hosts, the draw) is left to the real Envoy.

Source: istio/istio pilot/pkg/networking/core/route/route.go (`BuildHTTPRoutesForVirtualService`,
`TranslateRouteMatch`, `applyHTTPRouteDestination`, `TranslateHeadersOperations`, `IsCatchAllRoute`,
`SortVHostRoutes`), pkg/config/validation (`validateHTTPRouteDestinations`, `validateStringMatchRegexp`),
istio/api networking/v1alpha3/{virtual_service,destination_rule}.proto.

A field of a route that is not modelled here is an error, never ignored.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import re2
import yaml

from tests.gateways.envoy import Configuration, Envoy
from tests.gateways.traffic import Case, Object, Outcome, by_age, identity

MESH = "mesh"
LISTENER_PORT = 80
_ROUTE_FIELDS = frozenset({"name", "match", "route", "headers", "directResponse", "timeout", "retries"})
_MATCH_FIELDS = frozenset({
    "name", "uri", "method", "authority", "headers", "withoutHeaders", "queryParams", "ignoreUriCase", "gateways",
    "sourceLabels", "port",
})  # fmt: skip


class NotModelledError(Exception):
    """A VirtualService uses what this translation does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Which Envoy is configured: the one of a gateway, or the sidecar of a pod with these labels.

    Attributes:
        mesh: a sidecar, which knows every Service by name besides its VirtualServices.
        namespace: the pod's, for short host names of requests.
        labels: the pod's, for `sourceLabels`.
    """

    mesh: bool = False
    namespace: str = "default"
    labels: Mapping[str, str] = field(default_factory=dict)


GATEWAY = Proxy()


def outcomes(envoy: Envoy, cases: Sequence[Case], proxy: Proxy = GATEWAY) -> list[list[Outcome]]:
    """Return what becomes of every request of every case on Istio.

    A destination with a subset is the Service `namespace/name|subset`.
    """
    return envoy.outcomes([(translate(case, proxy), case.requests) for case in cases])


def translate(case: Case, proxy: Proxy = GATEWAY) -> Configuration:
    """Return Envoy's configuration for the objects of a case, or why Istio's validation refuses them."""
    objects = [entry for entry in yaml.safe_load_all(case.manifests) if entry]
    services = {identity(entry): entry for entry in objects if entry["kind"] == "Service"}
    virtual = by_age((entry for entry in objects if entry["kind"] == "VirtualService"), _dotted)
    for entry in virtual:
        for problem in _problems(entry):
            return Configuration(refused=f"VirtualService {identity(entry)}: {problem}")
    clusters: dict[str, list[tuple[str, int]]] = {}
    for name in services:
        clusters[name] = [] if name in case.without_endpoints else [(name, 1)]
    for entry in objects:
        if entry["kind"] == "DestinationRule":
            target = _service_of(entry["spec"]["host"], entry["metadata"].get("namespace", "default"))
            for subset in entry["spec"].get("subsets", ()) if target in services else ():
                name = f"{target}|{subset['name']}"
                clusters[name] = [] if name in case.without_endpoints else [(name, 1)]
    hosts: dict[str, list[Object]] = {}
    for entry in virtual:
        if (MESH in entry["spec"].get("gateways", [MESH])) if proxy.mesh else _is_on_a_gateway(entry):
            for host in entry["spec"]["hosts"]:
                name = _full_name(host, entry) if proxy.mesh else host
                hosts.setdefault(name, []).extend(_routes(entry, services, proxy))
    if proxy.mesh:
        for name in services:
            plain = {"match": {"prefix": "/"}, "route": {"cluster": name}}
            hosts.setdefault(_domain(name), [plain])
    return Configuration(
        virtual_hosts=[
            {
                "name": host,
                "domains": _names(host, proxy) if proxy.mesh else [host],
                "routes": sorted(routes, key=_is_catch_all),
            }
            for host, routes in hosts.items()
            if routes
        ],
        clusters=clusters,
        options={"normalizePath": True},
    )


def _dotted(entry: Object) -> str:
    return f"{entry['metadata']['name']}.{entry['metadata'].get('namespace', 'default')}"


def _is_on_a_gateway(entry: Object) -> bool:
    return any(name != MESH for name in entry["spec"].get("gateways", ()))


def _domain(service: str) -> str:
    namespace, _, name = service.partition("/")
    return f"{name}.{namespace}.svc.cluster.local"


def _full_name(host: str, entry: Object) -> str:
    return host if "." in host else f"{host}.{entry['metadata'].get('namespace', 'default')}.svc.cluster.local"


def _names(host: str, proxy: Proxy) -> list[str]:
    """Return all spellings of a host that a sidecar answers to."""
    parts = host.split(".")
    if not host.endswith(".svc.cluster.local"):
        return [host]
    names = [".".join(parts[:length]) for length in (2, 3, 5)]
    return [*names, parts[0]] if parts[1] == proxy.namespace else names


def _service_of(host: str, namespace: str) -> str:
    """Return the Service that a host names: a short name is one of the object's own namespace."""
    parts = host.split(".")
    return f"{namespace}/{host}" if len(parts) == 1 else f"{parts[1]}/{parts[0]}"


def _problems(entry: Object) -> Iterator[str]:
    """Yield what Istio's admission webhook refuses."""
    for route in entry["spec"].get("http", ()):
        destinations = route.get("route", ())
        weights = [item.get("weight", 0) for item in destinations]
        if any(weight < 0 for weight in weights):
            yield "weight is negative"
        if len(destinations) > 1 and sum(weights) == 0:
            yield "total destination weight is 0"
        for match in route.get("match", ()):
            for string in _strings(match):
                regex = string.get("regex")
                if regex is not None and regex != "*":
                    try:
                        re2.compile(regex)
                    except re2.error as error:
                        yield f"regex {regex}: {error}"


def _strings(match: Object) -> Iterator[Object]:
    for name in ("uri", "method", "authority"):
        if name in match:
            yield match[name]
    for name in ("headers", "withoutHeaders", "queryParams"):
        yield from match.get(name, {}).values()


def _routes(entry: Object, services: Mapping[str, Object], proxy: Proxy) -> list[Object]:
    """Return the routes of a VirtualService in its own order, up to the first that takes everything."""
    found: list[Object] = []
    for route in entry["spec"].get("http", ()):
        if unknown := set(route) - _ROUTE_FIELDS:
            raise NotModelledError(f"{identity(entry)}: {sorted(unknown)}")
        if not route.get("match"):
            found.append(_route(entry, route, {}, services))
            break
        for match in route["match"]:
            if unknown := set(match) - _MATCH_FIELDS:
                raise NotModelledError(f"{identity(entry)}: {sorted(unknown)}")
            if _applies(match, proxy):
                found.append(_route(entry, route, match, services))
                if _is_catch_all(found[-1]):
                    return found
    return found


def _applies(match: Object, proxy: Proxy) -> bool:
    """Say whether a match is one for this proxy, by port, gateway and labels."""
    if match.get("port", LISTENER_PORT) != LISTENER_PORT:
        return False
    if match.get("gateways"):
        return MESH in match["gateways"] if proxy.mesh else any(name != MESH for name in match["gateways"])
    return set(match.get("sourceLabels", {}).items()) <= set(proxy.labels.items())


def _is_catch_all(route: Object) -> bool:
    match = route["match"]
    everything = match.get("prefix") == "/" or match.get("safeRegex", {}).get("regex") == ".*"
    return everything and not match.get("headers") and not match.get("queryParameters")


def _route(entry: Object, route: Object, match: Object, services: Mapping[str, Object]) -> Object:
    found: Object = {"match": _match(match), **_changes(route.get("headers", {}))}
    if "directResponse" in route:
        return {**found, "directResponse": {"status": route["directResponse"]["status"]}}
    destinations = route["route"]
    if len(destinations) == 1:
        [only] = destinations
        for name, changes in _changes(only.get("headers", {})).items():
            found[name] = [*found.get(name, ()), *changes]
        return {**found, "route": {"cluster": _cluster(entry, only["destination"], services)}}
    weighted = [
        {
            "name": _cluster(entry, item["destination"], services),
            "weight": item["weight"],
            **_changes(item.get("headers", {})),
        }
        for item in destinations
        if item.get("weight", 0)
    ]
    return {**found, "route": {"weightedClusters": {"clusters": weighted}}}


def _cluster(entry: Object, destination: Object, services: Mapping[str, Object]) -> str:
    """Return the name of a destination's cluster; what names no Service or port of one is a cluster that is not."""
    target = _service_of(destination["host"], entry["metadata"].get("namespace", "default"))
    ports = [port["port"] for port in services[target]["spec"]["ports"]] if target in services else []
    port = destination.get("port", {}).get("number") or (ports[0] if len(ports) == 1 else LISTENER_PORT)
    subset = f"|{destination['subset']}" if destination.get("subset") else ""
    return f"{target}{subset}" if port in ports else f"{target}{subset}:{port}"


def _match(match: Object) -> Object:
    found = _path(match.get("uri"))
    if match.get("ignoreUriCase"):
        found["caseSensitive"] = False
    headers = [_string_match(name, string) for name, string in match.get("headers", {}).items()]
    for name, string in match.get("withoutHeaders", {}).items():
        inverted = {**_string_match(name, string), "invertMatch": True}
        headers.append(inverted if "presentMatch" in inverted else {**inverted, "treatMissingHeaderAsEmpty": True})
    headers.sort(key=lambda header: str(header["name"]))
    headers += [_string_match(f":{name}", match[name]) for name in ("method", "authority") if name in match]
    if headers:
        found["headers"] = headers
    if match.get("queryParams"):
        found["queryParameters"] = [_string_match(name, string) for name, string in match["queryParams"].items()]
    return found


def _path(uri: Object | None) -> Object:
    match uri:
        case {"exact": str(text)}:
            return {"path": text}
        case {"prefix": str(text)}:
            return {"prefix": text}
        case {"regex": str(text)}:
            return {"safeRegex": {"regex": text}}
        case None:
            return {"prefix": "/"}
        case _:
            raise NotModelledError(f"uri {uri}")


def _string_match(name: str, string: Object | None) -> Object:
    match string:
        case None | {"regex": "*"}:
            return {"name": name, "presentMatch": True}
        case {"exact": str(text)}:
            return {"name": name, "stringMatch": {"exact": text}}
        case {"prefix": str(text)}:
            return {"name": name, "stringMatch": {"prefix": text}}
        case {"regex": str(text)}:
            return {"name": name, "stringMatch": {"safeRegex": {"regex": text}}}
        case _ if not string:
            return {"name": name, "presentMatch": True}
        case _:
            raise NotModelledError(f"{name}: {string}")


def _changes(headers: Object) -> Object:
    """Return request header changes as Envoy's JSON; Envoy removes before it sets."""
    request = headers.get("request", {})
    added = [
        {"header": {"key": key, "value": value}, "appendAction": action}
        for name, action in (("set", "OVERWRITE_IF_EXISTS_OR_ADD"), ("add", "APPEND_IF_EXISTS_OR_ADD"))
        for key, value in sorted(request.get(name, {}).items())
    ]
    return {
        **({"requestHeadersToAdd": added} if added else {}),
        **({"requestHeadersToRemove": request["remove"]} if request.get("remove") else {}),
    }
