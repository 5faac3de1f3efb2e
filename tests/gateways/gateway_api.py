"""Gateway API objects on a real gateway: Envoy Gateway translates them, Envoy answers.

`egctl` is Envoy Gateway's own command; it prints the whole configuration of Envoy with no cluster. Here it is run once
for many cases: each case keeps its objects in namespaces of its own, which changes nothing that routing looks at, as
names sort within a case as before.

Every Service gets a cluster address that names it, so the endpoints in egctl's answer tell which Service a cluster is.
"""

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from tests.answers import Answer, answer_of
from tests.gateways.envoy import Configuration, Envoy
from tests.gateways.traffic import Case, Outcome, by_age, identity
from tests.manifests import Object, objects_in, stream
from tools.dev_tools import prepare_egctl

GATEWAY_CLASS = "gateway-tests"
CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller"
CASES_PER_RUN = 25
"""How many cases egctl translates in one go: its start takes half a second, and every HTTPRoute a tenth of one. They are
asked again together where one of them changes."""
_FIRST_ADDRESS = int(IPv4Address("10.0.0.1"))
_MANAGER_OPTIONS = ("commonHttpProtocolOptions", "normalizePath", "mergeSlashes", "pathWithEscapedSlashesAction")
"""What Envoy Gateway sets on the connection manager and a request can feel."""


class TranslationError(Exception):
    """egctl did not answer as the tests rest on."""


def outcomes(envoy: Envoy, cases: Sequence[Case]) -> list[list[Outcome]]:
    """Return what becomes of every request of every case on Envoy Gateway.

    A case brings its HTTPRoutes, Services and ReferenceGrants. A Gateway that a route names and the case does not hold
    is added: one HTTP listener on port 80, open to all namespaces.
    """
    configurations = translate(cases)
    return envoy.outcomes([(found, case.requests) for found, case in zip(configurations, cases, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One port of a Gateway, as Envoy Gateway fills it.

    Attributes:
        gateway: `namespace/name`.
        chains: name that a client asks TLS for, `*.` in front for all below it, "" for any → what answers there; without
            TLS there is one, for any.
        is_clashing: two of its listeners claim one host, so Envoy refuses what Envoy Gateway makes of them.
    """

    gateway: str
    port: int
    chains: dict[str, Configuration]
    is_clashing: bool

    def chain(self, host: str) -> Configuration | None:
        """Return what answers a client that asks for a host; None where it is not let in."""
        name = host.partition(":")[0].lower()
        labels = name.split(".")
        wider = [".".join(("*", *labels[at:])) for at in range(1, len(labels))]
        return next((self.chains[each] for each in (name, *wider, "") if each in self.chains), None)


def door_outcomes(envoy: Envoy, cases: Sequence[Case]) -> list[list[tuple[Door, list[Outcome | None]]]]:
    """Return, for every case, what becomes of its requests at every port of its Gateways.

    A request that no listener of the port lets in has no outcome.
    """
    found = doors(cases)
    asked = [
        (door, chain, [request for request in case.requests if door.chain(request.host) is chain])
        for case, listed in zip(cases, found, strict=True)
        for door in listed
        if not door.is_clashing
        for chain in door.chains.values()
    ]
    answers = envoy.outcomes([(chain, requests) for _, chain, requests in asked])
    told = {
        (id(door), request): outcome
        for (door, _, requests), outcomes_ in zip(asked, answers, strict=True)
        for request, outcome in zip(requests, outcomes_, strict=True)
    }
    return [
        [(door, [told.get((id(door), request)) for request in case.requests]) for door in listed]
        for case, listed in zip(cases, found, strict=True)
    ]


def doors(cases: Sequence[Case]) -> list[list[Door]]:
    """Return every port of the Gateways of every case, as Envoy Gateway fills it."""
    return _in_batches(cases, _doors, [])


def translate(cases: Sequence[Case]) -> list[Configuration]:
    """Return Envoy's configuration for every case, as Envoy Gateway makes it."""
    return _in_batches(cases, _configuration, None)


Reader = Callable[[Object, str, dict[str, str], Case], Any]
"""Takes what egctl prints, the prefix of the case's namespaces, the Services by address, and the case."""


def _in_batches(cases: Sequence[Case], read: Reader, nothing: Any) -> list[Any]:
    batches = [cases[start : start + CASES_PER_RUN] for start in range(0, len(cases), CASES_PER_RUN)]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [found for batch in pool.map(lambda each: _translate(each, read, nothing), batches) for found in batch]


def _translate(cases: Sequence[Case], read: Reader, nothing: Any) -> list[Any]:
    objects: list[Object] = [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": GATEWAY_CLASS},
            "spec": {"controllerName": CONTROLLER},
        }
    ]
    addresses: dict[str, str] = {}
    for number, case in enumerate(cases):
        objects += _prepared(case, f"c{number}-", addresses)
    # JSON is YAML, and egctl reads it faster.
    text = stream(objects)
    done = egctl(text)
    if done.status != 0:
        if len(cases) == 1:
            return [Configuration(refused=done.stderr.strip()) if nothing is None else nothing]
        # One case that egctl does not read is no fault of its neighbours.
        middle = len(cases) // 2
        return [*_translate(cases[:middle], read, nothing), *_translate(cases[middle:], read, nothing)]
    translated = json.loads(done.stdout)["xds"]
    return [read(translated, f"c{number}-", addresses, case) for number, case in enumerate(cases)]


def egctl(manifests: str) -> Answer:
    """Return how Envoy Gateway's command answers: in JSON, all that Envoy would be sent."""
    command = ["x", "translate", "--from", "gateway-api", "--to", "xds", "-t", "all", "-o", "json", "-f", "-"]
    return answer_of(prepare_egctl(), *command, stdin=manifests)


def _prepared(case: Case, prefix: str, addresses: dict[str, str]) -> Iterator[Object]:
    """Yield a case's objects in namespaces that start with `prefix`, with the Gateways and addresses they need."""
    objects = [entry for entry in objects_in(case.manifests) if entry["kind"] != "GatewayClass"]
    gateways: set[tuple[str, str]] = set()
    secrets: set[str] = set()
    for entry in objects:
        kind, metadata = entry["kind"], entry["metadata"]
        if kind != "Namespace":
            metadata.setdefault("namespace", "default")
        if kind == "Service":
            service = f"{metadata['namespace']}/{metadata['name']}"
            address = str(IPv4Address(_FIRST_ADDRESS + len(addresses)))
            addresses[address] = service
            entry["spec"]["clusterIP"] = address
        if kind == "Gateway":
            entry["spec"]["gatewayClassName"] = GATEWAY_CLASS
            secured = [item for item in entry["spec"]["listeners"] if item["protocol"] == "HTTPS"]
            for item in secured:
                item["tls"] = {"certificateRefs": [{"name": "certificate"}]}
            if secured:
                secrets.add(metadata["namespace"])
        for parent in entry.get("spec", {}).get("parentRefs", ()):
            if parent.get("kind", "Gateway") == "Gateway":
                gateways.add((parent.get("namespace", metadata["namespace"]), parent["name"]))
    held = {
        (entry["metadata"]["namespace"], entry["metadata"]["name"]) for entry in objects if entry["kind"] == "Gateway"
    }
    objects += [_gateway(namespace, name) for namespace, name in sorted(gateways - held)]
    objects += [_secret(namespace) for namespace in sorted(secrets)]
    for kind in ("HTTPRoute", "GRPCRoute"):
        _name_by_age([entry for entry in objects if entry["kind"] == kind])
    for entry in objects:
        if entry["kind"] == "Namespace":
            entry["metadata"]["name"] = prefix + entry["metadata"]["name"]
        yield in_namespaces(entry, prefix)


def _name_by_age(routes: list[Object]) -> None:
    """Rename routes so that their names sort by age.

    Of two equal matches Envoy Gateway takes the older route, then the first by namespace and name. egctl loses the
    creation times of what it reads, so the names have to say them.
    Source: envoyproxy/gateway internal/gatewayapi/resource/resource.go `Sort`, load.go.
    """
    ordered = by_age(routes, identity)
    namespaces = [entry["metadata"]["namespace"] for entry in ordered]
    if namespaces != sorted(namespaces):
        raise TranslationError("routes of several namespaces cannot be given an age: make their ages sort as these do")
    for number, entry in enumerate(ordered):
        entry["metadata"]["name"] = f"r{number:03}-{entry['metadata']['name']}"


def _gateway(namespace: str, name: str) -> Object:
    listener = {"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"gatewayClassName": GATEWAY_CLASS, "listeners": [listener]},
    }


def _secret(namespace: str) -> Object:
    certificate, key = _certificate()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "certificate", "namespace": namespace},
        "type": "kubernetes.io/tls",
        "data": {
            name: b64encode(text.encode()).decode() for name, text in (("tls.crt", certificate), ("tls.key", key))
        },
    }


@cache
def _certificate() -> tuple[str, str]:
    """Return a certificate and its key, made on this machine: Envoy Gateway reads them, and nothing else does."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    options = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tests", "-days", "36500", "-keyout", "/dev/stdout"]
    # Kept like any answer, so that what holds it is the same question in the next run.
    made = answer_of(Path(openssl), "req", "-x509", *options)
    assert made.status == 0, made.stderr
    key, begin, certificate = made.stdout.partition("-----BEGIN CERTIFICATE-----")
    return begin + certificate, key


def in_namespaces(value: Any, prefix: str) -> Any:
    """Return plain data in which every field `namespace` is prefixed."""
    if isinstance(value, dict):
        return {
            key: prefix + entry if key == "namespace" and isinstance(entry, str) else in_namespaces(entry, prefix)
            for key, entry in value.items()
        }
    return [in_namespaces(entry, prefix) for entry in value] if isinstance(value, list) else value


def _configuration(translated: Object, prefix: str, addresses: dict[str, str], case: Case) -> Configuration:
    """Return the configuration of the one Gateway of a case; a case without any is one that answers 404."""
    gateways = [name for name in translated if name.startswith(prefix)]
    if len(gateways) > 1:
        raise TranslationError(f"a case has one Gateway, this one has {len(gateways)}")
    hosts: list[Object] = []
    clusters: dict[str, list[tuple[str, int]]] = {}
    options: dict[str, Any] = {}
    for name in gateways:
        for dump in translated[name]["configs"]:
            for entry in dump.get("dynamicRouteConfigs", ()):
                hosts += entry["routeConfig"].get("virtualHosts", ())
            for entry in dump.get("dynamicEndpointConfigs", ()):
                config = entry["endpointConfig"]
                clusters[config["clusterName"]] = list(_destinations(config, addresses, case))
            for manager in _managers(dump):
                if "rds" in manager:
                    options = {key: manager[key] for key in _MANAGER_OPTIONS if key in manager}
    return Configuration(virtual_hosts=[_plain(host) for host in hosts], clusters=clusters, options=options)


def _doors(translated: Object, prefix: str, addresses: dict[str, str], case: Case) -> list[Door]:
    """Return the ports of all Gateways of a case."""
    ports = {
        (f"{entry['metadata'].get('namespace', 'default')}/{entry['metadata']['name']}", item["name"]): item["port"]
        for entry in objects_in(case.manifests)
        if entry and entry["kind"] == "Gateway"
        for item in entry["spec"]["listeners"]
    }
    found: list[Door] = []
    for name in (name for name in translated if name.startswith(prefix)):
        gateway = name.removeprefix(prefix)
        hosts: dict[str, list[Object]] = {}
        clusters: dict[str, list[tuple[str, int]]] = {}
        listeners: list[Object] = []
        for dump in translated[name]["configs"]:
            for entry in dump.get("dynamicRouteConfigs", ()):
                config = entry["routeConfig"]
                hosts[config["name"]] = [_plain(host) for host in config.get("virtualHosts", ())]
            for entry in dump.get("dynamicEndpointConfigs", ()):
                config = entry["endpointConfig"]
                clusters[config["clusterName"]] = list(_destinations(config, addresses, case))
            listeners += [entry["activeState"]["listener"] for entry in dump.get("dynamicListeners", ())]
        for listener in listeners:
            if not listener["name"].startswith(prefix):
                continue
            chains: dict[str, Configuration] = {}
            clashing = False
            for chain in (*listener.get("filterChains", ()), listener.get("defaultFilterChain")):
                for manager in _managers(chain):
                    options = {key: manager[key] for key in _MANAGER_OPTIONS if key in manager}
                    listed = hosts.get(manager["rds"]["routeConfigName"], [])
                    domains = [domain for host in listed for domain in host["domains"]]
                    clashing = clashing or len(domains) != len(set(domains))
                    made = Configuration(virtual_hosts=listed, clusters=clusters, options=options)
                    for asked in (chain or {}).get("filterChainMatch", {}).get("serverNames", [""]):
                        chains["" if asked == "*" else asked] = made
            port = ports[gateway, listener["name"].rpartition("/")[2]]
            found.append(Door(gateway=gateway, port=port, chains=chains, is_clashing=clashing))
    return found


def _destinations(config: Object, addresses: dict[str, str], case: Case) -> Iterator[tuple[str, int]]:
    for locality in config.get("endpoints", ()):
        for endpoint in locality.get("lbEndpoints", ()):
            service = addresses[endpoint["endpoint"]["address"]["socketAddress"]["address"]]
            if service not in case.without_endpoints:
                yield service, locality.get("loadBalancingWeight", 1)


def _managers(value: Any) -> Iterator[Object]:
    """Yield every connection manager in a dump."""
    if isinstance(value, dict):
        if value.get("@type", "").endswith(".HttpConnectionManager"):
            yield value
        for entry in value.values():
            yield from _managers(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _managers(entry)


def _plain(host: Object) -> Object:
    """Return a virtual host without metadata, which is for people."""
    routes = [{key: value for key, value in route.items() if key != "metadata"} for route in host.get("routes", ())]
    return {**{key: value for key, value in host.items() if key != "metadata"}, "routes": routes}
