"""Canary Ingresses said as HTTPRoutes and as VirtualServices: what a reader of both would write by hand.

The tests of the vectors need the same rule in other words, written without grayc's own lowering. Every base path
becomes a list of rules: header rules of its canaries, then cookies, then the plain rule with the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.gateways.manifests import match, route, rule, to, virtual_service
from tests.manifests import Object

NGINX = "nginx.ingress.kubernetes.io/"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One rule of a path: a header with a value or expression, or none, and Services with weights."""

    header: str = ""
    value: str = ""
    regex: bool = False
    destinations: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    host: str
    path: str
    exact: bool
    rules: tuple[_Rule, ...]


def http_routes(ingresses: Sequence[Object]) -> list[Object]:
    """Return one HTTPRoute for every host."""
    found: dict[str, list[Object]] = {}
    for path in _paths(ingresses):
        kind = "Exact" if path.exact else "PathPrefix"
        for item in path.rules:
            headers = {item.header: item.value} if item.header else None
            regex = [item.header] if item.regex else []
            matches = [match(path.path, kind, headers, regex)]
            found.setdefault(path.host, []).append(rule(*item.destinations, matches=matches))
    return [route(f"r{number}", rules, hosts=(host,)) for number, (host, rules) in enumerate(found.items())]


def virtual_services(ingresses: Sequence[Object]) -> list[Object]:
    """Return one VirtualService for every host, its routes from the most to the least specific path."""
    found: dict[str, list[Object]] = {}
    for path in sorted(_paths(ingresses), key=lambda path: (not path.exact, -len(path.path))):
        for item in path.rules:
            wanted = {"regex": item.value} if item.regex else {"exact": item.value}
            headers: Object = {"headers": {item.header.lower(): wanted}} if item.header else {}
            uris = [{"exact": path.path}] if path.exact or path.path != "/" else []
            uris += [] if path.exact else [{"prefix": path.path if path.path == "/" else f"{path.path}/"}]
            found.setdefault(path.host, []).append(
                to(*item.destinations, match=[{"uri": uri, **headers} for uri in uris])
            )
    return [virtual_service(f"v{number}", routes, hosts=(host,)) for number, (host, routes) in enumerate(found.items())]


def _paths(ingresses: Sequence[Object]) -> list[_Path]:
    canaries = [entry for entry in ingresses if _annotation(entry, "canary") == "true"]
    found: list[_Path] = []
    for entry in ingresses:
        for host, path, backend in [] if entry in canaries else _listed(entry):
            bound = [
                (canary, other)
                for canary in canaries
                for other_host, other_path, other in _listed(canary)
                if (other_host, other_path) == (host, path)
            ]
            rules = [item for canary, gray in bound for item in _rules(canary, backend, gray)]
            found.append(_Path(host=host, path=path[0], exact=path[1], rules=(*rules, _plain(bound, backend))))
    return found


def _listed(entry: Object) -> list[tuple[str, tuple[str, bool], str]]:
    """Return host, path and whether it is exact, and Service of every path."""
    return [
        (rule["host"], (path["path"], path["pathType"] == "Exact"), path["backend"]["service"]["name"])
        for rule in entry["spec"]["rules"]
        for path in rule["http"]["paths"]
    ]


def _rules(canary: Object, base: str, gray: str) -> list[_Rule]:
    header, value = _annotation(canary, "canary-by-header"), _annotation(canary, "canary-by-header-value")
    pattern, cookie = _annotation(canary, "canary-by-header-pattern"), _annotation(canary, "canary-by-cookie")
    to_gray, to_base = ((gray, 1),), ((base, 1),)
    found: list[_Rule] = []
    if header and value:
        found.append(_Rule(header=header, value=value, destinations=to_gray))
    elif header and pattern:
        found.append(_Rule(header=header, value=f"^.*(?:{pattern}).*$", regex=True, destinations=to_gray))
    elif header:
        found.append(_Rule(header=header, value="always", destinations=to_gray))
        found.append(_Rule(header=header, value="never", destinations=to_base))
    for word, destinations in (("always", to_gray), ("never", to_base)) if cookie else ():
        value = rf"^(.*;\s*)?{cookie}={word}(;.*)?$"
        found.append(_Rule(header="cookie", value=value, regex=True, destinations=destinations))
    return found


def _plain(bound: Sequence[tuple[Object, str]], base: str) -> _Rule:
    weights = [(gray, _number(canary, "canary-weight", 0)) for canary, gray in bound]
    total = max([100, *(_number(canary, "canary-weight-total", 100) for canary, _ in bound)])
    rest = total - sum(weight for _, weight in weights)
    kept = tuple((name, weight) for name, weight in ((base, rest), *weights) if weight)
    return _Rule(destinations=kept)


def _annotation(entry: Object, name: str) -> str:
    return str(entry["metadata"]["annotations"].get(NGINX + name, ""))


def _number(entry: Object, name: str, default: int) -> int:
    return int(_annotation(entry, name) or default)
