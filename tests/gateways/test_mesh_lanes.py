"""Several lanes of one service in a mesh: every call goes where its tag says, hop after hop, on Istio's own pilot.

Its own VirtualServices lead the calls, or routes of the Gateway API, which pilot reads too; the tag is a header of the
lane's own, or a member of `baggage` among others.

Two Envoys in a row: the sidecar of whoever asks the first service, then that of the pod which answered, each with the
routes that pilot gives its pods. Some Services have several ports, some a VirtualService of production's own, which
`--baseline-patch` changes; lanes come one after the other, and one goes.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
import yaml

from grayc.documents.mesh_claim import MeshClaim
from grayc.documents.strategic_merge import json_merge
from grayc.k8s.carriers import TagCarrier
from grayc.meshes.gateway_api import objects as mesh_objects
from tests.gateways.envoy import Envoy
from tests.gateways.istio_envoy import Proxy, outcomes
from tests.gateways.traffic import Case, Request
from tests.lanes.shop import SERVICE, build, offline
from tests.manifests import Object, objects_in, write_spec, write_texts

REQUESTS = 500
NAMES = ("web", "cart", "stock")
HEADER = "x-gray-tag"
BAGGAGE = "baggage: lane"
OWN_ROUTES = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: stock, namespace: shop}
spec:
  hosts: [stock]
  http:
    - match: [{uri: {prefix: /slow}}, {headers: {x-region: {exact: eu}}}]
      timeout: 9s
      route: [{destination: {host: stock.shop.svc.cluster.local}}]
    - match: [{uri: {prefix: /else}}]
      redirect: {uri: /x}
    - retries: {attempts: 3}
      route: [{destination: {host: stock}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: both, namespace: shop}
spec:
  hosts: [mail, cart]
  gateways: [mesh, public]
  http:
    - match: [{uri: {prefix: /mail}}]
      route: [{destination: {host: mail}}]
    - route: [{destination: {host: cart}}]
"""


OWN_RULES = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: stock, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: stock}]
  rules:
    - matches:
        - {path: {type: PathPrefix, value: /slow}}
        - {path: {type: PathPrefix, value: /}, headers: [{type: Exact, name: x-region, value: eu}]}
      timeouts: {request: 9s}
      backendRefs: [{name: stock, port: 80}]
    - matches: [{path: {type: PathPrefix, value: /else}}]
      filters: [{type: RequestRedirect, requestRedirect: {statusCode: 302, path: {type: ReplaceFullPath, replaceFullPath: /x}}}]
    - matches: [{path: {type: PathPrefix, value: /}}]
      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: x-by, value: shop}]}}]
      backendRefs: [{name: stock, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: cart, port: 80}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /mail}}]
      backendRefs: [{name: mail, port: 80}]
    - matches: [{path: {type: PathPrefix, value: /}}]
      backendRefs: [{name: cart, port: 80}]
"""


def lay(
    folder: Path, lanes: dict[str, tuple[str, ...]], *, lane: str = "provider: istio", own_routes: str = ""
) -> None:
    texts = {"baseline/services.yaml": "---\n".join(SERVICE.format(name=name) for name in (*NAMES, "mail"))}
    write_texts(folder, texts | ({"baseline/routes.yaml": own_routes} if own_routes else {}))
    for tag, services in lanes.items():
        rows = [{"name": name, "images": {name: f"r.example.com/{name}:{tag}"}} for name in services]
        said = yaml.safe_load(f"{{{lane}}}")
        write_spec(folder / f"{tag}.yaml", f"release-{tag}", tag=tag, lane=said, services=rows)


def objects(folder: Path, patch: Path) -> list[Object]:
    """Return production with the patch over it, and what the output folder holds."""
    files = [*sorted((folder / "baseline").iterdir()), *sorted((folder / "out").glob("*.yaml"))]
    every = [entry for file in files for entry in objects_in(file.read_text())]
    for part in objects_in(patch.read_text()):
        for at, entry in enumerate(every):
            named = [(entry[key], part[key]) for key in ("kind",)] if part else [(0, 1)]
            if all(a == b for a, b in named) and entry["metadata"]["name"] == part["metadata"]["name"]:
                every[at] = json_merge(entry, part)
    return every


def carried(tag: str, lane: str, chance: Random) -> tuple[tuple[str, str], ...]:
    """Return the headers that carry a tag, a member of `baggage` among others."""
    if BAGGAGE not in lane:
        return ((HEADER, tag),) if tag else ()
    others = ["user=1", "lanes=one", "lane.x=two", " sid = a%2Cb ;p=v", "lan=one", "one", "lane=original"]
    before, behind = chance.sample(others, chance.randrange(3)), chance.sample(others[:-1], chance.randrange(3))
    own = [chance.choice((f"lane={tag}", f" lane = {tag} ", f"lane={tag};lane=one"))] if tag else []
    listed = [*before, *own, *behind]
    return (("baggage", ",".join(listed)),) if listed else ()


def held_against(
    envoy: Envoy, folder: Path, lanes: dict[str, tuple[str, ...]], seed: int, lane: str = "provider: istio"
) -> int:
    """Ask requests over all lanes, two hops each, and return how many went gray."""
    chance = Random(seed)
    every = objects(folder, folder / "patch.yaml")
    tags = [*lanes, "nobody", ""]
    asked: list[tuple[str, tuple[str, str], Request, Request]] = []
    for _ in range(REQUESTS):
        tag = chance.choice(tags)
        path = chance.choice(("/", "/slow/a", "/mail", "/a"))
        headers = carried(tag, lane, chance) + ((("x-region", "eu"),) if chance.random() < 0.3 else ())
        first, second = chance.sample(NAMES, 2)
        hosts = [chance.choice((name, f"{name}.shop", f"{name}.shop.svc.cluster.local")) for name in (first, second)]
        requests = [Request(host=host, path=path, headers=headers) for host in hosts]
        asked.append((tag, (first, second), requests[0], requests[1]))

    def wanted(tag: str, name: str, request: Request) -> str:
        # Production's own route to another service is nobody's copy.
        if name == "cart" and request.path.startswith("/mail") and (folder / "baseline" / "routes.yaml").exists():
            name = "mail"
        return f"shop/{name}-{tag}" if name in lanes.get(tag, ()) else f"shop/{name}"

    def answers(requests: Sequence[Request], proxy: Proxy) -> list[str]:
        made = outcomes(envoy, [Case(manifests=yaml.safe_dump_all(every), requests=tuple(requests))], proxy)[0]
        return [outcome.only().service for outcome in made]

    client = Proxy(mesh=True, namespace="shop", labels={"app": "client"})
    firsts = answers([request for _, _, request, _ in asked], client)
    for (tag, names, request, _), service in zip(asked, firsts, strict=True):
        assert service == wanted(tag, names[0], request), (tag, request)
    # The pod that answered asks the next one.
    gray = 0
    for caller in sorted(set(firsts)):
        place = [at for at, service in enumerate(firsts) if service == caller]
        name = caller.removeprefix("shop/")
        tag = name.rpartition("-")[2] if "-" in name else "original"
        pods = Proxy(
            mesh=True,
            namespace="shop",
            labels={"app": name.partition("-")[0], "zadigx-release-version": tag},
        )
        seconds = answers([asked[at][3] for at in place], pods)
        for at, service in zip(place, seconds, strict=True):
            assert service == wanted(asked[at][0], asked[at][1][1], asked[at][3]), asked[at]
            gray += "-" in service
    return gray


@pytest.mark.parametrize(
    "lane",
    ["provider: istio", f"provider: istio, {BAGGAGE}", "provider: gateway-api", f"provider: gateway-api, {BAGGAGE}"],
)
def test_every_call_goes_where_its_tag_says(envoy: Envoy, tmp_path: Path, lane: str) -> None:
    lanes = {"one": ("web", "cart"), "two": ("cart",), "three": ("web", "cart", "stock")}
    lay(tmp_path, lanes, lane=lane)
    for tag in ("two", "three", "one"):
        build(tmp_path, f"{tag}.yaml", "--baseline-patch", "patch.yaml")

    assert held_against(envoy, tmp_path, lanes, 1, lane) > REQUESTS / 10

    offline(tmp_path, "three.yaml")
    lanes.pop("three")
    assert held_against(envoy, tmp_path, lanes, 2, lane) > REQUESTS / 20


def test_routes_of_production_stay_behind_those_of_all_lanes(envoy: Envoy, tmp_path: Path) -> None:
    lanes = {"one": ("stock", "cart"), "two": ("web", "stock", "cart")}
    lay(tmp_path, lanes, own_routes=OWN_ROUTES)
    for tag in lanes:
        build(tmp_path, f"{tag}.yaml", "--baseline-patch", "patch.yaml")

    assert held_against(envoy, tmp_path, lanes, 3) > REQUESTS / 10
    patch = {part["metadata"]["name"]: part for part in objects_in((tmp_path / "patch.yaml").read_text())}
    routes = patch["stock"]["spec"]["http"]
    assert [route.get("timeout") for route in routes] == ["9s", "9s", "9s", None, None, None, None]
    assert [route.get("retries") for route in routes[-3:]] == [{"attempts": 3}] * 3


def test_rules_of_production_stay_behind_those_of_all_lanes(envoy: Envoy, tmp_path: Path) -> None:
    lanes, lane = {"one": ("stock", "cart"), "two": ("web", "stock", "cart")}, "provider: gateway-api"
    lay(tmp_path, lanes, lane=lane, own_routes=OWN_RULES)
    for tag in lanes:
        build(tmp_path, f"{tag}.yaml", "--baseline-patch", "patch.yaml")

    assert held_against(envoy, tmp_path, lanes, 3, lane) > REQUESTS / 10
    patch = {part["metadata"]["name"]: part for part in objects_in((tmp_path / "patch.yaml").read_text())}
    rules = patch["stock"]["spec"]["rules"]
    assert [rule.get("timeouts") for rule in rules] == [{"request": "9s"}] * 3 + [None] * 4
    assert [len(rule.get("filters", ())) for rule in rules] == [0, 0, 0, 1, 1, 1, 1]


def test_more_lanes_than_one_route_has_room_for_are_merged(envoy: Envoy) -> None:
    tags = [f"t{number:02}" for number in range(20)]
    claims = [
        MeshClaim(
            namespace="shop",
            service="cart",
            tag=tag,
            release=tag,
            gray=f"cart-{tag}",
            carrier=TagCarrier(header=HEADER),
            ports=(80,),
            api_version="gateway.networking.k8s.io/v1",
        )
        for tag in tags
    ]
    services = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80}]},
        }
        for name in ("cart", *(claim.gray for claim in claims))
    ]
    made = [*services, *(data for each in mesh_objects(claims).values() for data in each)]
    requests = [Request(host="cart", path="/", headers=((HEADER, tag),)) for tag in (*tags, "nobody")]
    case = Case(manifests=yaml.safe_dump_all(made), requests=tuple(requests))
    client = Proxy(mesh=True, namespace="shop", labels={"app": "client"})

    answers = [outcome.only().service for outcome in outcomes(envoy, [case], client)[0]]

    assert answers == [*(f"shop/cart-{tag}" for tag in tags), "shop/cart"]
