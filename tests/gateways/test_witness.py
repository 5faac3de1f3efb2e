"""The witness of a build: it finds every fault that is planted in a random baseline, and none in a clean one.

What is planted is what production really has: a canary of another rollout, a route that has the requests before the
entry does, and, in what the build itself made, a class that another controller reads.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TypedDict

import pytest
import re2

from grayc.analysis.patterns_meet import PatternMeetings
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.driver.compile import compile_releases
from grayc.driver.model import Compilation
from grayc.driver.request import Request
from grayc.driver.witness import check_witnesses
from grayc.driver.witness_requests import _value_of
from grayc.k8s.abilities import Feature
from tests.gateways import vectors
from tests.gateways.manifests import NAMESPACE, ingress, match, route, rule, service, to, virtual_service, workload
from tests.gateways.test_lowering import NO_COLOUR, random_rules, takes
from tests.manifests import Object, write_release

GATEWAYS = ("mse", "higress", "ingress-nginx", "traefik", "gateway-api", "istio", "aliyun-alb")
WITH_INGRESSES = ("mse", "higress", "ingress-nginx", "traefik", "aliyun-alb")
CLASSES = {"ingress-nginx": "nginx", "traefik": "nginx", "aliyun-alb": "alb"}
FIRST = "an-older"
"""A name that sorts before those of a baseline: an ALB goes by the name, not the age."""
FAULTS = 34
CLEAN = 84
HOSTS = ("a.test", "b.test", "*.c.test")
PATHS = ("/", "/api", "/shop/", "/api/v1")
SERVICES = ("web", "cart", "pay")
TAKEN = "v1"
"""A value that a rule of every release asks header x-user for."""


class _Asked(TypedDict, total=False):
    """What a canary asks for, as the arguments of `vectors.canary`."""

    hdr: str
    val: str
    ck: str
    w: str


Place = tuple[str, str, str]
"""Host, path and Service."""


def production(random: Random, gateway: str) -> tuple[list[Object], list[Place]]:
    """Return the objects of a baseline in which no route stands in another's way, and its hosts and paths."""
    pairs = [(host, path) for host in HOSTS for path in PATHS]
    places = [(*pair, random.choice(SERVICES)) for pair in random.sample(pairs, random.randint(1, 5))]
    objects: list[Object] = []
    for name in (*SERVICES, "stray"):
        objects += [workload(name), service(name, ports=(80,))]
    by_host: dict[str, list[Place]] = {}
    for place in places:
        # Longer paths first, for what asks in the order of a list.
        by_host.setdefault(place[0], []).append(place)
    for number, (host, listed) in enumerate(sorted(by_host.items())):
        listed.sort(key=lambda place: -len(place[1]))
        kinds = {path: random.choice(("Prefix", "Prefix", "Exact")) for _, path, _ in listed}
        match gateway:
            case "gateway-api":
                shapes = {"Prefix": "PathPrefix", "Exact": "Exact"}
                rules = [rule(to_, matches=[match(path, shapes[kinds[path]])]) for _, path, to_ in listed]
                objects.append(route(f"r{number}", rules, hosts=[host], age=10))
            case "istio":
                routes = [to(to_, match=[{"uri": {kinds[path].lower(): path}}]) for _, path, to_ in listed]
                objects.append(virtual_service(f"v{number}", routes, hosts=[host], age=10))
            case _:
                paths = [(path, kinds[path], to_) for _, path, to_ in listed]
                objects.append(classed(ingress(f"i{number}", paths, host=host, age=10), gateway))
    return objects, places


def classed(entry: Object, gateway: str) -> Object:
    entry["spec"]["ingressClassName"] = CLASSES.get(gateway, gateway)
    return entry


def kind_of(objects: Sequence[Object], host: str, path: str) -> str:
    """Return the path type of a path of an Ingress, or how a route asks for it."""
    for entry in objects:
        if entry["kind"] == "Ingress" and entry["spec"]["rules"][0]["host"] == host:
            for each in entry["spec"]["rules"][0]["http"]["paths"]:
                if each["path"] == path:
                    return str(each["pathType"])
        elif entry["kind"] == "HTTPRoute" and host in entry["spec"]["hostnames"]:
            for each in entry["spec"]["rules"]:
                if each["matches"][0]["path"]["value"] == path:
                    return str(each["matches"][0]["path"]["type"])
        elif entry["kind"] == "VirtualService" and host in entry["spec"]["hosts"]:
            for each in entry["spec"]["http"]:
                [(kind, value)] = each["match"][0]["uri"].items()
                if value == path:
                    return str(kind)
    raise AssertionError((host, path))


def older_canary(random: Random, gateway: str, host: str, path: str, kind: str) -> Object:
    """Return a canary of another rollout that has the lane's requests, or has the gateway pass over the lane."""
    if gateway in NO_COLOUR:
        # Where Traefik reads the lane's canary all the same, an idle one is none's loss.
        idle: list[_Asked] = [{"w": "0"}] if gateway == "ingress-nginx" else []
        kinds: list[_Asked] = [*idle, {"w": "50"}, {"hdr": "x-beta"}, {"ck": "beta"}]
        asked = random.choice(kinds)
    else:
        asked = {"hdr": "x-user", "val": TAKEN}
    return classed(vectors.canary(FIRST, [(path, kind, "stray")], host=host, age=20, **asked), gateway)


def older_route(random: Random, gateway: str, host: str, path: str, kind: str) -> Object:
    """Return a route that has the lane's requests: it asks for what a rule asks for, or stands before the entry."""
    if gateway == "gateway-api":
        asked = match(path, kind, {"x-user": TAKEN})
        return route("older", [rule("stray", matches=[asked])], hosts=[host], age=20)
    plain = {"uri": {kind: path}}
    # Istio moves what takes everything to the end.
    if path != "/" and random.random() < 0.5:
        return virtual_service("older", [to("stray", match=[plain])], hosts=[host], age=20)
    header = {"headers": {"x-user": {"exact": TAKEN}}}
    return virtual_service("older", [to("stray", match=[{**plain, **header}])], hosts=[host], age=20)


def planted(random: Random, gateway: str, objects: list[Object], place: Place) -> Object:
    host, path, _ = place
    kind = kind_of(objects, host, path)
    if gateway not in WITH_INGRESSES:
        return older_route(random, gateway, host, path, kind)
    return older_canary(random, gateway, host, path, kind)


def compiled(
    folder: Path, gateway: str, rules: list[Object], objects: list[Object]
) -> tuple[Compilation | None, list[Diagnostic]]:
    spec: Object = {}
    if gateway in NO_COLOUR or (gateway == "aliyun-alb" and any("weight" in each for each in rules)):
        spec["accept"] = [{"code": "GC508", "reason": "nothing behind the entry is asked"}]
    path = write_release(
        folder,
        objects,
        tag="g1",
        namespace=NAMESPACE,
        services=[{"name": name, "workload": f"Deployment/{name}"} for name in SERVICES],
        traffic={"gateway": gateway, "guard": False, "rules": rules},
        **spec,
    )
    done = compile_releases(Request(specs=(str(path),), stdin=io.BytesIO))
    return done.value, list(done.diagnostics)


def rules_of(random: Random) -> list[Object]:
    """Return rules of which one asks header x-user for a value that is taken."""
    others = [each for each in random_rules(random) if each.get("header") != "X-User"]
    return [{"header": "X-User", "values": ["v0", TAKEN]}, *others]


def refuses(gateway: str, rules: list[Object]) -> bool:
    """Tell whether a gateway has no room for these rules beside each other, so that no build asks anything."""
    headers = {each["header"] for each in rules if "header" in each}
    is_beside = any("cookie" in each and "value" in each for each in rules)
    return (len(headers) > 1 and not takes(gateway, Feature.SEVERAL_HEADERS)) or (
        is_beside and not takes(gateway, Feature.HEADER_BESIDE_COOKIE_VALUE)
    )


def series(gateway: str, folder: Path, plant: Callable[[Random, list[Object], list[Place]], None]) -> list[list[str]]:
    """Return the codes that random releases have; those that the gateway cannot have are left out."""
    found = []
    for seed in range(1_000):
        random = Random(f"witness {gateway} {seed}")
        objects, places = production(random, gateway)
        rules = rules_of(random)
        if refuses(gateway, rules):
            continue
        clean, diagnostics = compiled(folder / f"clean-{seed}", gateway, rules, objects)
        if clean is None and not any(item.code == "GC525" for item in diagnostics):
            continue
        plant(random, objects, places)
        _, diagnostics = compiled(folder / f"planted-{seed}", gateway, rules, objects)
        found.append([item.code for item in diagnostics])
        if len(found) == FAULTS:
            return found
    raise AssertionError(f"{len(found)} releases of {gateway} can be built")


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_every_planted_fault_is_found(gateway: str, tmp_path: Path) -> None:
    def plant(random: Random, objects: list[Object], places: list[Place]) -> None:
        objects.insert(0, planted(random, gateway, objects, random.choice(places)))

    codes = series(gateway, tmp_path, plant)

    # GC512 tells of the same where the lane has the requests before what was planted. Of an HTTPRoute that asks for the
    # same header, GC531 tells before anything is written and asked.
    first = "GC531" if gateway == "gateway-api" else "GC525"
    assert [found for found in codes if not {first, "GC525", "GC512"} & set(found)] == []
    assert sum(first in found for found in codes) > FAULTS / 5


def older_entry(gateway: str, place: Place, kind: str) -> Object:
    """Return an entry that has all requests of a path of another one, and leads elsewhere."""
    host, path, _ = place
    match gateway:
        case "gateway-api":
            return route("older", [rule("stray", matches=[match(path, kind)])], hosts=[host], age=20)
        case "istio":
            return virtual_service("older", [to("stray", match=[{"uri": {kind: path}}])], hosts=[host], age=20)
        case _:
            return classed(ingress(FIRST, [(path, kind, "stray")], host=host, age=20), gateway)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_no_request_of_another_service_enters_unsaid(gateway: str, tmp_path: Path) -> None:
    def plant(_: Random, objects: list[Object], places: list[Place]) -> None:
        place = min(places)
        objects.insert(0, older_entry(gateway, place, kind_of(objects, place[0], place[1])))

    codes = series(gateway, tmp_path, plant)

    # GC509, GC512 and GC531 tell of the same before anything is asked.
    told = {"GC509", "GC512", "GC525", "GC531", "GC540", "GC542"}
    assert [found for found in codes if not told & set(found)] == []


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_nothing_is_found_in_a_clean_baseline(gateway: str, tmp_path: Path) -> None:
    built = 0
    for seed in range(1_000):
        random = Random(f"clean {gateway} {seed}")
        objects, _ = production(random, gateway)
        random.shuffle(objects)
        rules = rules_of(random)
        if refuses(gateway, rules):
            continue
        done, diagnostics = compiled(tmp_path / str(seed), gateway, rules, objects)
        told = [item.message for item in diagnostics if item.code in {"GC525", "GC540", "GC541", "GC542"}]
        assert told == [], (objects, told)
        built += done is not None
        if built == CLEAN:
            return
    raise AssertionError(f"{built} releases of {gateway} can be built")


@pytest.mark.parametrize("gateway", WITH_INGRESSES)
def test_a_canary_of_another_class_is_found(gateway: str, tmp_path: Path) -> None:
    random = Random(f"class {gateway}")
    objects, _ = production(random, gateway)
    done, diagnostics = compiled(tmp_path / "class", gateway, [{"header": "x-user", "value": TAKEN}], objects)
    assert done is not None, diagnostics
    [release] = done.releases

    def reclassed(document: Document) -> Document:
        if document.identity.kind != "Ingress":
            return document
        spec = document.data["spec"]
        assert isinstance(spec, dict)
        return replace(document, data={**document.data, "spec": {**spec, "ingressClassName": "elsewhere"}})

    assert check_witnesses([release]) == ()
    moved = replace(release, documents=tuple(map(reclassed, release.documents)))
    assert {item.code for item in check_witnesses([moved])} == {"GC525"}


ALTERNATIVES = (
    "^beta$|^canary$", "^v1|v2$", "00$|01$", "0[0-4]$|^[0-4]$", "(^a|b$)", "(?:^qa$|^dev-)", "^(?i:beta)-[0-9]+$", "[]|]x|y$",
    r"^a\||b$", "a|", "(^|,)beta(,|$)", "(^a|(^b|(^c|(^d|(^e|(^f|g$))))))",
)  # fmt: skip


@pytest.mark.parametrize("pattern", ALTERNATIVES)
def test_a_value_is_at_hand_for_an_alternative(pattern: str) -> None:
    value = _value_of(pattern, PatternMeetings())

    assert value is not None
    assert re2.search(pattern, value) is not None
