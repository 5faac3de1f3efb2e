"""Random configurations of gateways, with requests at their boundaries; one seed is one case, for ever.

A case is small and its values are few, so that rules overlap, tie and shadow each other. Its requests are made of what
the case itself names: the values, their neighbours, and their absence.

What a gateway's specification leaves open is left out: regular expressions as paths of HTTPRoutes, and what
`test_gateway_api_vectors.py` shows of Envoy Gateway's own order (methods, exact beside other header matches).
"""

import re
from collections.abc import Iterator, Sequence
from random import Random

from tests.gateways.manifests import created, ingress, route, rule, service, to, virtual_service
from tests.gateways.traffic import Case, Request
from tests.manifests import Object, stream

HOSTS = ("a.test", "b.a.test", "*.test", "*.a.test")
PATHS = ("/", "/a", "/a/b", "/ab", "/a/b/c")
SERVICES = ("base", "gray", "other")
HEADERS = ("x-gray", "x-user", "Stage")
VALUES = ("v1", "v2", "always", "never", "a.b")
REGEXES = ("v[0-9]+", "^v1$", "v1|v2", "^.*(?:v).*$", "a.b", "^(?:always|v1)$")
WEIGHTS = (0, 1, 5, 30, 50, 99, 100)
TAG = "x-tag"
EXTERNAL = "external.example.com"
"""A host outside the mesh, which a ServiceEntry tells of."""
REQUESTS = 20
"""How many requests a case asks."""


def http_routes(seed: int) -> Case:
    """Return one to three HTTPRoutes on one Gateway."""
    random = Random(f"HTTPRoute {seed}")
    # Of two matches with as many headers, Envoy Gateway takes the one with more exact ones: so one kind for all.
    values = random.choice((VALUES, REGEXES))
    hosts = random.sample(HOSTS, 2)
    routes = [
        route(
            f"r{random.randrange(100)}-{number}",
            [*(_rule(random, values) for _ in range(random.randint(1, 3))), *_rest(random)],
            hosts=random.sample(hosts, random.choice((1, 1, 2))),
            age=random.randrange(3),
        )
        for number in range(random.choice((1, 1, 2, 3)))
    ]
    return _case(random, routes)


def gateways(seed: int) -> Case:
    """Return one or two Gateways of one to four listeners, and one to five routes on some of them.

    What stands in the way of ordinary routes is among them: redirects to HTTPS, splits with weights of nothing,
    GRPCRoutes, parents that are Services, names and ports of listeners that are not there.
    """
    random = Random(f"Gateway {seed}")
    values = random.choice((VALUES, REGEXES))
    made = [_gateway(random, number) for number in range(random.choice((1, 1, 2)))]
    routes: list[Object] = []
    for number in range(random.randint(1, 5)):
        is_grpc = random.random() < 0.25
        rules = [_grpc_rule(random, values) if is_grpc else _rule(random, values) for _ in range(random.randint(1, 3))]
        if not is_grpc and random.random() < 0.25:
            redirect = {"scheme": "https", "statusCode": random.choice((301, 302))}
            rules = [{"filters": [{"type": "RequestRedirect", "requestRedirect": redirect}]}]
        entry = route(
            f"r{random.randrange(100)}-{number}",
            [*rules, *_rest(random)] if "filters" not in rules[0] else rules,
            hosts=random.sample(HOSTS, random.choice((0, 1, 1, 2))),
            age=random.randrange(3),
        )
        if not entry["spec"]["hostnames"]:
            del entry["spec"]["hostnames"]
        entry["kind"] = "GRPCRoute" if is_grpc else "HTTPRoute"
        entry["spec"]["parentRefs"] = _parents(random, made)
        routes.append(entry)
    return _case(random, [*made, *routes])


def _gateway(random: Random, number: int) -> Object:
    listeners: dict[tuple[int, str], Object] = {}
    for at in range(random.choice((1, 2, 2, 3, 4))):
        port = random.choice((80, 80, 443, 8080))
        host = random.choice(("", "", "", "*.test", "*.test", "*.a.test", "a.test"))
        allowed: Object = {}
        if random.random() < 0.6:
            # Not by labels: egctl loses those of namespaces (internal/gatewayapi/resource/load.go).
            allowed["namespaces"] = {"from": random.choice(("All", "All", "All", "Same"))}
        if random.random() < 0.2:
            allowed["kinds"] = [{"kind": random.choice(("HTTPRoute", "GRPCRoute"))}]
        listeners[port, host] = {
            "name": random.choice((f"l{at}", f"l{at}", "main")) if at else "main",
            "port": port,
            "protocol": "HTTPS" if port == 443 else "HTTP",
            **({"hostname": host} if host else {}),
            **({"allowedRoutes": allowed} if allowed else {}),
        }
    named = {entry["name"]: entry for entry in listeners.values()}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": f"gw{number}", "namespace": random.choice(("default", "default", "infra"))},
        "spec": {"gatewayClassName": "any", "listeners": list(named.values())},
    }


def _parents(random: Random, made: Sequence[Object]) -> list[Object]:
    """Return parents as the API takes them: a Gateway twice only by two names of its listeners."""
    found: list[Object] = []
    for gateway in random.sample(made, random.randint(1, len(made))):
        parent: Object = {"name": gateway["metadata"]["name"]}
        if gateway["metadata"]["namespace"] != "default" or random.random() < 0.2:
            parent["namespace"] = gateway["metadata"]["namespace"]
        if random.random() < 0.15:
            parent |= {"group": "gateway.networking.k8s.io", "kind": "Gateway"}
        names = [*(item["name"] for item in gateway["spec"]["listeners"]), "none"]
        if random.random() < 0.4:
            found += [{**parent, "sectionName": name} for name in random.sample(names, random.choice((1, 1, 2)))]
        else:
            found.append({**parent, **({"port": random.choice((80, 443, 8080))} if random.random() < 0.4 else {})})
    if random.random() < 0.1:
        found.append({"group": "", "kind": "Service", "name": "base", "port": 80})
    return found


def _grpc_rule(random: Random, values: Sequence[str]) -> Object:
    found = _rule(random, values)
    # Paths of the other routes are in reach, so that the two kinds meet.
    names = (("a", "b"), ("a", ""), ("pkg.Svc", "Get"), ("pkg.Svc", ""))
    matches: list[Object] = []
    for match in found["matches"]:
        service, method = random.choice(names)
        asked: Object = {"service": service, **({"method": method} if method else {})}
        headers = {"headers": match["headers"]} if "headers" in match else {}
        matches.append({**({"method": asked} if random.random() < 0.8 else {}), **headers})
    kept = {key: value for key, value in found.items() if key != "matches"}
    return {**kept, **({"matches": matches} if matches and all(matches) else {})}


def virtual_services(seed: int) -> Case:
    """Return one to three VirtualServices on one or two Gateways of the same pods, and what they name.

    That is delegates, a DestinationRule with the subset of some destinations, and a ServiceEntry.
    """
    random = Random(f"VirtualService {seed}")
    hosts = random.choice((("a.test", "b.a.test"), ("a.test", "*.a.test"), ("b.a.test", "*.test"), ("*.test",), HOSTS))
    names = random.choice((("gw",), ("gw", "gw2"), ("gw", "gw2")))
    delegates = [f"d{number}" for number in range(random.choice((0, 0, 1, 2)))]
    objects = [_istio_delegate(random, name, names) for name in delegates]
    for number in range(random.randint(1, 3)):
        routes = [
            _istio_root(random, delegates, names) if delegates and random.random() < 0.4 else _http(random, names)
            for _ in range(random.randint(1, 4))
        ]
        entry = virtual_service(
            f"v{random.randrange(100)}-{number}",
            [*routes, *(to("base") for _ in _rest(random))],
            hosts=_apart(random, hosts),
            namespace=random.choice(("default", "default", "default", "team")),
            age=random.randrange(3),
        )
        entry["spec"]["gateways"] = _istio_gateways(random, names)
        if random.random() < 0.15:
            entry["spec"]["exportTo"] = random.choice((["."], ["istio-system"], ["*"], ["elsewhere"]))
        objects.append(entry)
    # Of pods of a Gateway that is not here neither labels nor namespace are known.
    asked = set(_strings(objects)) & {"exportTo", "sourceLabels", "sourceNamespace"}
    if len(names) > 1 or asked or random.random() < 0.5:
        objects += [_istio_gateway(random, name) for name in names]
    subsets = [{"name": "v2", "labels": {"version": "v2"}}]
    objects.append(_of_istio("DestinationRule", "gray", {"host": "gray", "subsets": subsets}))
    port = {"number": 443, "name": "tls", "protocol": "TLS"}
    external = {"hosts": [EXTERNAL], "ports": [port], "resolution": "DNS", "location": "MESH_EXTERNAL"}
    objects.append(_of_istio("ServiceEntry", "external", external))
    return _case(random, objects)


def _of_istio(kind: str, name: str, spec: Object, age: int = 0) -> Object:
    metadata = {"name": name, "namespace": "default", "creationTimestamp": created(age)}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _apart(random: Random, hosts: Sequence[str]) -> list[str]:
    """Return hosts of which none names another: one VirtualService may not have such."""
    found = random.sample(hosts, min(len(hosts), random.choice((1, 1, 2))))
    if len(found) > 1 and any(host.startswith("*") for host in found):
        return found[:1]
    return found


def _istio_gateways(random: Random, names: Sequence[str]) -> list[str]:
    found = random.sample(names, random.randint(1, len(names)))
    return [f"default/{name}" for name in found] + (["mesh"] if random.random() < 0.2 else [])


def _istio_gateway(random: Random, name: str) -> Object:
    hosts = random.choice((["*"], ["*"], ["*"], ["*.test"], ["a.test", "b.a.test"], ["*/*"], ["./*", "team/a.test"]))
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": hosts}
    selector = random.choice(({"istio": "ingressgateway"}, {"app": "istio-ingressgateway"}))
    return _of_istio("Gateway", name, {"selector": selector, "servers": [server]}, age=random.randrange(3))


def _istio_delegate(random: Random, name: str, gateways: Sequence[str]) -> Object:
    routes = [_http(random, gateways) for _ in range(random.randint(1, 3))]
    entry = virtual_service(name, [*routes, *(to("base") for _ in _rest(random))], age=random.randrange(3))
    del entry["spec"]["hosts"], entry["spec"]["gateways"]
    if random.random() < 0.2:
        entry["spec"]["exportTo"] = random.choice((["."], ["team"], ["*"]))
    return entry


def _istio_root(random: Random, delegates: Sequence[str], gateways: Sequence[str]) -> Object:
    """Return a route that leads to a delegate, now and then to one that is not there."""
    found: Object = {"delegate": {"name": random.choice((*delegates, *delegates, "lost")), "namespace": "default"}}
    matches = [_istio_match(random, gateways) for _ in range(random.choice((0, 1, 1, 2)))]
    if matches:
        found["match"] = matches
    if random.random() < 0.3:
        found["headers"] = _istio_changes(random)
    if random.random() < 0.1:
        found["fault"] = _istio_fault(random)
    return found


def _istio_fault(random: Random) -> Object:
    """Return a fault for every request or for none: parts of them are chance."""
    return {"abort": {"httpStatus": 418, "percentage": {"value": random.choice((0, 100))}}}


def ingresses(seed: int) -> Case:
    """Return ordinary Ingresses of a path each and one to four canaries, as Higress reads them."""
    random = Random(f"Ingress {seed}")
    hosts = random.sample(HOSTS, random.choice((1, 1, 2)))
    places = [(random.choice(hosts), path, random.choice(("Prefix", "Prefix", "Exact"))) for path in PATHS]
    kept = [*random.sample(places, random.randint(0, 2)), (hosts[0], "/", "Prefix")]
    objects = [
        ingress(f"base-{number}", [(path, kind, "base")], host=host, age=50 - random.randrange(3))
        for number, (host, path, kind) in enumerate(kept)
    ]
    for entry in objects:
        entry["metadata"]["annotations"].update(_header_control(random, 0.2))
    for number in range(random.randint(1, 4)):
        host, path, kind = random.choice(kept)
        # Some canaries are bound to nothing: another type, another host, a slash more.
        path += random.choice(("", "", "", "", "/")) if path != "/" else ""
        kind = random.choice((kind, kind, kind, kind, "Exact", "ImplementationSpecific"))
        annotations = {**_canary(random), **_header_control(random, 0.5)}
        objects.append(
            ingress(
                f"c{random.randrange(100)}-{number}",
                [(path, kind, random.choice(("gray", "gray", "other")))],
                host=random.choice((host, host, host, host, *hosts)),
                annotations=annotations,
                age=random.randrange(3),
            )
        )
    return _case(random, objects)


def _canary(random: Random) -> dict[str, str]:
    """Return a canary's annotations: one kind, and now and then some of another, or nothing that is read."""
    header = {"canary-by-header": random.choice(HEADERS)}
    weight = {"canary-weight": random.choice((*map(str, WEIGHTS), "53", "59", "abc"))}
    if random.random() < 0.3:
        weight["canary-weight-total"] = random.choice(("10", "100", "120", "1000"))
    kinds: tuple[dict[str, str], ...] = (
        header,
        {**header, "canary-by-header-value": random.choice(VALUES)},
        {**header, "canary-by-header-pattern": random.choice(REGEXES)},
        {"canary-by-cookie": random.choice(("vip", "stage"))},
        weight,
    )
    found = {"canary": random.choice(("true", "true", "true", "true", "true", "1", "false")), **random.choice(kinds)}
    if random.random() < 0.3:
        found |= random.choice(kinds)
    prefix = random.choice(("nginx.ingress.kubernetes.io/", "nginx.ingress.kubernetes.io/", "higress.io/"))
    return {prefix + name: value for name, value in found.items()}


def _header_control(random: Random, chance: float) -> dict[str, str]:
    if random.random() >= chance:
        return {}
    kind, value = random.choice(
        (("update", f"{TAG} gray"), ("add", f"{TAG} gray"), ("remove", TAG), ("update", f"{TAG} gray\nx-more 1"))
    )
    return {f"higress.io/request-header-control-{kind}": value}


def _rule(random: Random, values: Sequence[str]) -> Object:
    found: Object = {"matches": [_match(random, values) for _ in range(random.choice((0, 1, 1, 2)))]}
    backends = [_backend(random) for _ in range(random.choice((1, 1, 2, 3)))]
    if random.random() < 0.3:
        found["filters"] = [_filter(random)]
    # One Service twice in a rule is refused by some gateways; the weights differ by Service here.
    return {**found, "backendRefs": list({backend["name"]: backend for backend in backends}.values())}


def _rest(random: Random) -> list[Object]:
    """Return, mostly, the rule for all that no other takes."""
    return [rule("base")] if random.random() < 0.7 else []


def _match(random: Random, values: Sequence[str]) -> Object:
    found: Object = {}
    if random.random() < 0.8:
        path = random.choice(PATHS)
        found["path"] = {"type": random.choice(("Exact", "PathPrefix", "PathPrefix")), "value": path}
    names = random.sample(HEADERS, random.choice((0, 0, 1, 1, 2)))
    kind = "RegularExpression" if values is REGEXES else "Exact"
    if names:
        found["headers"] = [{"type": kind, "name": name, "value": random.choice(values)} for name in names]
    if random.random() < 0.1:
        found["queryParams"] = [{"name": "q", "value": random.choice(("1", "2"))}]
    return found


def _backend(random: Random) -> Object:
    name = random.choice((*SERVICES * 3, "missing"))
    found: Object = {"name": name, "port": 80}
    if random.random() < 0.6:
        found["weight"] = random.choice(WEIGHTS)
    if random.random() < 0.2:
        found["filters"] = [_filter(random)]
    return found


def _filter(random: Random) -> Object:
    changes: Object = {}
    if random.random() < 0.6:
        changes["set"] = [{"name": TAG, "value": random.choice(("gray", "base"))}]
    if random.random() < 0.3:
        changes["add"] = [{"name": "x-more", "value": "1"}]
    if random.random() < 0.3 or not changes:
        changes["remove"] = [random.choice(("x-user", "x-out"))]
    return {"type": "RequestHeaderModifier", "requestHeaderModifier": changes}


def _http(random: Random, gateways: Sequence[str]) -> Object:
    found: Object = {}
    matches = [_istio_match(random, gateways) for _ in range(random.choice((0, 1, 1, 1, 2)))]
    if matches:
        found["match"] = matches
    if random.random() < 0.1:
        return found | random.choice(({"redirect": {"uri": "/else"}}, {"directResponse": {"status": 204}}))
    names = random.sample(SERVICES, random.choice((1, 1, 2, 3)))
    if random.random() < 0.1:
        names[0] = random.choice(("missing", EXTERNAL))
    destinations: list[Object] = []
    for name in names:
        full = f"{name}.default.svc.cluster.local"
        target: Object = {"host": random.choice((name, full, full)) if "." not in name else name}
        if random.random() < 0.7:
            target["port"] = {"number": random.choice((80, 80, 80, 80, 8081)) if "." not in name else 443}
        if name == "gray" and random.random() < 0.3:
            target["subset"] = random.choice(("v2", "v2", "v2", "v9"))
        entry: Object = {"destination": target}
        if len(names) > 1:
            entry["weight"] = random.choice(WEIGHTS)
        if random.random() < 0.2:
            entry["headers"] = _istio_changes(random)
        destinations.append(entry)
    if len(names) > 1 and not any(entry["weight"] for entry in destinations):
        destinations[0]["weight"] = 1
    if random.random() < 0.3:
        found["headers"] = _istio_changes(random)
    if random.random() < 0.05:
        found["fault"] = _istio_fault(random)
    return {**found, "route": destinations}


def _istio_match(random: Random, gateways: Sequence[str]) -> Object:
    found: Object = {}
    if random.random() < 0.7:
        kind = random.choice(("exact", "prefix", "prefix", "regex"))
        found["uri"] = {kind: random.choice(("/a(/.*)?", "/a/[bc]", "/.*", ".*") if kind == "regex" else PATHS)}
        if random.random() < 0.1:
            found["ignoreUriCase"] = True
    for place, chance in (("headers", 0.6), ("withoutHeaders", 0.1)):
        if random.random() < chance:
            names = random.sample(HEADERS, random.choice((1, 1, 1, 2)))
            found[place] = {name.lower(): _string(random, place) for name in names}
    if random.random() < 0.1:
        found["method"] = {"exact": random.choice(("GET", "POST"))}
    if random.random() < 0.1:
        found["queryParams"] = {"q": {"exact": "1"}}
    if random.random() < 0.05:
        found["scheme"] = {"exact": random.choice(("http", "https"))}
    if random.random() < 0.1:
        found["port"] = random.choice((80, 80, 8080))
    if random.random() < 0.1:
        found["gateways"] = random.choice(([f"default/{gateways[-1]}"], ["mesh"], [f"default/{gateways[0]}", "mesh"]))
    if random.random() < 0.05:
        found["sourceLabels"] = random.choice(({"app": "web"}, {"istio": "ingressgateway"}))
    if random.random() < 0.03:
        found["sourceNamespace"] = random.choice(("default", "istio-system"))
    return found or {"uri": {"prefix": "/a"}}


def _string(random: Random, place: str) -> Object:
    kind = random.choice(("exact", "exact", "prefix", "regex", "present"))
    match kind:
        case "present":
            return random.choice(({}, {"regex": "*"} if place == "withoutHeaders" else {}))
        case "regex":
            return {"regex": random.choice(REGEXES)}
        case _:
            return {kind: random.choice(VALUES)}


def _istio_changes(random: Random) -> Object:
    changes: Object = {}
    if random.random() < 0.6:
        changes["set"] = {TAG: random.choice(("gray", "base"))}
    if random.random() < 0.3:
        changes["add"] = {"x-more": "1"}
    if random.random() < 0.3 or not changes:
        changes["remove"] = [random.choice(("x-user", "x-out"))]
    return {"request": changes}


def _case(random: Random, objects: Sequence[Object]) -> Case:
    random_objects = list(objects)
    random.shuffle(random_objects)
    manifests = stream([*random_objects, *(service(name, ports=(80,)) for name in SERVICES)])
    without = frozenset({f"default/{random.choice(SERVICES)}"}) if random.random() < 0.15 else frozenset()
    named = sorted(set(_strings(objects)))
    requests = tuple(_request(random, named) for _ in range(REQUESTS))
    return Case(manifests=manifests, requests=requests, without_endpoints=without)


def _strings(value: object) -> Iterator[str]:
    """Yield every text in plain data, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _strings(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _strings(entry)


def _request(random: Random, named: Sequence[str]) -> Request:
    """Return a request near what the case names: mostly a value itself, else a neighbour, else nothing."""
    hosts = [host.replace("*", random.choice(("x", "a", "b", "x.y"))) for host in HOSTS if host in named] or ["a.test"]
    host = random.choice(hosts)
    if random.random() < 0.15:
        host = random.choice(("test", "other.org", host.upper(), f"{host}:8080"))
    path = random.choice([path for path in PATHS if path in named] or ["/"])
    path = random.choice((path, path, path, path + "x", path.rstrip("/") + "/", path.rstrip("/") + "/x", path.upper()))
    if random.random() < 0.15:
        path += random.choice(("?q=1", "?q=2", "?q=1&q=2", "?p=1", "?"))
    headers: list[tuple[str, str]] = []
    for name in HEADERS:
        if (name in named or name.lower() in named) and random.random() < 0.8:
            wanted = [value for value in VALUES if value in named] or ["always"]
            wanted += [_sample(regex) for regex in REGEXES if regex in named]
            value = random.choice(wanted)
            value = random.choice((*[value] * 6, value + "0", "x" + value, value.upper(), "", "a-b"))
            headers.append((random.choice((name, name.upper())), value))
            if random.random() < 0.05:
                headers.append((name, random.choice(VALUES)))
    if {"vip", "stage"} & set(named) and random.random() < 0.6:
        name = random.choice(("vip", "stage", "VIP", "xvip"))
        pair = f"{name}={random.choice(('always', 'always', 'never', 'always1'))}"
        headers.append(("cookie", random.choice((pair, f"u=1; {pair}", f"{pair}; u=1", f"u=1;{pair}"))))
    if random.random() < 0.4:
        headers.append((TAG, "client"))
    if random.random() < 0.2:
        headers.append(("x-out", "1"))
    method = "POST" if random.random() < 0.1 else "GET"
    return Request(host=host, path=path, method=method, headers=tuple(headers))


def _sample(regex: str) -> str:
    """Return a text that the regular expression takes: written for those above."""
    return re.sub(r"[\^$]|\(\?:|\)|\.\*", "", regex.split("|", maxsplit=1)[0]).replace("[0-9]+", "7")
