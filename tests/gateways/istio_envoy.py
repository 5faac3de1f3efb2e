"""Istio's objects on a real gateway: Istio's own pilot translates them, Envoy answers.

The program `tests/gateways/pilot` runs pilot; it is built once, started once, and takes any number of cases; what it
answered to a case is kept. What becomes of routes here, beside names of clusters: mirrors, retries and filters of a
route are left out, but for a fault that ends every request or none.

A Gateway that a case names and does not hold is made: for every host, on port 80.
"""

import atexit
import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.answers import answers_of
from tests.gateways.envoy import Configuration, Envoy
from tests.gateways.traffic import Case, Outcome
from tests.manifests import Object, objects_in, stream
from tools.dev_tools import prepare_istio_harness

MESH = "mesh"
ISTIO = "networking.istio.io/"
LABELS: Mapping[str, str] = {"app": "istio-ingressgateway", "istio": "ingressgateway"}
"""Of the pods of Istio's own gateway; every Gateway that is made for a case selects them."""
KUBERNETES = frozenset({"Service", "Ingress", "IngressClass", "HTTPRoute", "GRPCRoute"})
STOP_SECONDS = 5
_LEFT_OUT = ("retryPolicy", "requestMirrorPolicies", "timeout", "maxStreamDuration", "hashPolicy")
_FAULT = "envoy.filters.http.fault"


class PilotError(Exception):
    """The program cannot be started, or does not take a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Which Envoy is configured: the one of a gateway, or the sidecar of a pod with these labels.

    Attributes:
        mesh: a sidecar, which knows every Service by name besides its VirtualServices.
        namespace: the pod's.
        labels: the pod's, for selectors of Gateways and `sourceLabels`.
        table: name of the route table that is asked, up to its second dot; `https.443` for one of HTTPS. "" for that
            of port 80.
    """

    mesh: bool = False
    namespace: str = "istio-system"
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    table: str = ""


GATEWAY = Proxy()


def outcomes(envoy: Envoy, cases: Sequence[Case], proxy: Proxy = GATEWAY) -> list[list[Outcome]]:
    """Return what becomes of every request of every case on Istio.

    A destination with a subset is the Service `namespace/name|subset`, the host of a ServiceEntry `external/host`.
    """
    configurations = translate(cases, proxy)
    pairs = zip(configurations, cases, strict=True)
    return envoy.outcomes([(configuration, case.requests) for configuration, case in pairs])


def translate(cases: Sequence[Case], proxy: Proxy = GATEWAY) -> list[Configuration]:
    """Return Envoy's configuration for the objects of each case, or why Istio's validation refuses them.

    Raises:
        ToolError: pilot cannot be built; without Go, say.
        PilotError: pilot does not take a case.
    """
    asked = [json.dumps(_asked(case, proxy)) for case in cases]
    made = answers_of(prepare_istio_harness(), asked, lambda open_: _pilot().translate(open_))
    return [_configuration(json.loads(given), case, proxy) for given, case in zip(made, cases, strict=True)]


class Pilot:
    """The running program; it ends when its input does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def translate(self, asked: Sequence[str]) -> list[str]:
        """Return what pilot makes of each case, in the order asked; both are JSON."""
        # Both pipes are short: what is asked is written while answers are read.
        lines = [json.dumps({"id": number, **json.loads(case)}) + "\n" for number, case in enumerate(asked)]
        writer = threading.Thread(target=self._write, args=(lines,))
        writer.start()
        found: list[Object] = []
        assert self._process.stdout is not None
        for _ in asked:
            line = self._process.stdout.readline()
            if not line:
                raise PilotError(f"the program ended with exit status {self._process.wait()}")
            found.append(json.loads(line))
        writer.join()
        failed = [given["error"] for given in found if "error" in given]
        if failed:
            raise PilotError(failed[0])
        found.sort(key=lambda given: int(given.pop("id")))
        return list(map(json.dumps, found))

    def _write(self, lines: Sequence[str]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.writelines(lines)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # The reader meets the end of the program, too, and says so.


@cache
def _pilot() -> Pilot:
    """Start pilot, built before where it is not there yet; it lives as long as the tests."""
    command = [str(prepare_istio_harness())]
    started = Pilot(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    )
    atexit.register(started.stop)
    return started


def _asked(case: Case, proxy: Proxy) -> Mapping[str, Any]:
    objects = objects_in(case.manifests)
    objects += _missing_gateways(objects)
    for at, entry in enumerate(objects):
        entry["metadata"].setdefault("namespace", "default")
        # To pilot an object without a time is the oldest, and its name decides; in a cluster all have one.
        entry["metadata"].setdefault("creationTimestamp", f"2030-01-01T{at // 60:02}:{at % 60:02}:00Z")
        if entry["kind"] == "Service":
            entry["spec"].setdefault("clusterIP", f"10.0.{at // 250}.{at % 250 + 1}")
            for port in entry["spec"].get("ports", ()):
                # Else a sidecar guesses the protocol by what it reads, in a table of the Service's own.
                port.setdefault("appProtocol", "http")
    istio = [entry for entry in objects if entry["apiVersion"].startswith(ISTIO)]
    return {
        "istio": _text(istio),
        "kubernetes": _text([entry for entry in objects if entry["kind"] in KUBERNETES]),
        "namespace": proxy.namespace,
        "labels": dict(proxy.labels),
        "sidecar": proxy.mesh,
    }


def _text(objects: Sequence[Object]) -> str:
    return stream(objects)


def _missing_gateways(objects: Sequence[Object]) -> list[Object]:
    held = {
        f"{entry['metadata'].get('namespace', 'default')}/{entry['metadata']['name']}"
        for entry in objects
        if entry["kind"] == "Gateway"
    }
    found: dict[str, Object] = {}
    for entry in objects:
        for name in entry["spec"].get("gateways", ()) if entry["kind"] == "VirtualService" else ():
            full = name if "/" in name else f"{entry['metadata'].get('namespace', 'default')}/{name}"
            if name != MESH and full not in held:
                namespace, _, short = full.partition("/")
                server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
                found[full] = {
                    "apiVersion": f"{ISTIO}v1",
                    "kind": "Gateway",
                    "metadata": {"name": short, "namespace": namespace},
                    "spec": {"selector": {"istio": LABELS["istio"]}, "servers": [server]},
                }
    return list(found.values())


def _configuration(given: Object, case: Case, proxy: Proxy) -> Configuration:
    if "refused" in given:
        return Configuration(refused=given["refused"])
    wanted = proxy.table or ("80" if proxy.mesh else "http.80")
    tables = [table for name, table in sorted(given["routes"].items()) if f"{name}.".startswith(f"{wanted}.")]
    clusters: dict[str, list[tuple[str, int]]] = {}
    for name in given["clusters"] or ():
        direction, _, subset, host = (name.split("|") + [""] * 3)[:4]
        if direction == "outbound" and host:
            short, _, rest = host.partition(".")
            namespace, _, domain = rest.partition(".")
            service = f"{namespace}/{short}" if domain == "svc.cluster.local" else f"external/{host}"
            answers = f"{service}|{subset}" if subset else service
            clusters[name] = [] if service in case.without_endpoints else [(answers, 1)]
    return Configuration(
        virtual_hosts=[
            _host(host)
            for table in tables[:1]
            for host in table.get("virtualHosts", ())
            # What is in no table a sidecar lets out of the mesh.
            if host["name"] not in ("allow_any", "block_all")
        ],
        clusters=clusters,
        options={"normalizePath": True},
    )


def _host(host: Object) -> Object:
    kept: Object = {key: host[key] for key in ("name", "domains", "requireTls") if key in host}
    return {**kept, "routes": [_route(route) for route in host.get("routes", ())]}


def _route(route: Object) -> Object:
    kept = {key: value for key, value in route.items() if key not in ("decorator", "metadata", "typedPerFilterConfig")}
    if "route" in route:
        kept["route"] = {key: value for key, value in route["route"].items() if key not in _LEFT_OUT}
    fault = route.get("typedPerFilterConfig", {}).get(_FAULT, {}).get("abort", {})
    percentage = fault.get("percentage", {})
    if percentage.get("numerator"):
        whole = {"TEN_THOUSAND": 10_000, "MILLION": 1_000_000}.get(percentage.get("denominator", ""), 100)
        if percentage["numerator"] < whole:
            raise PilotError("a fault for a part of the requests is not asked of Envoy")
        kept = {"match": route["match"], "directResponse": {"status": fault["httpStatus"]}}
    return kept
