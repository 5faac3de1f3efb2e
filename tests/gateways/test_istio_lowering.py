"""What grayc opens in VirtualServices as teams have them: splits, delegates, several Gateways, the mesh beside them.

Every request is asked of the baseline and of the release, of Istio's own pilot with a real Envoy behind it: the lane
takes its share of what leads to the released Service, all else is as it was, calls inside the mesh too.
"""

from fractions import Fraction
from pathlib import Path
from random import Random

from grayc.analysis.traffic import meaning_of, share
from tests.gateways.envoy import Envoy
from tests.gateways.istio_envoy import Proxy, outcomes
from tests.gateways.manifests import NAMESPACE, aged, service, to, virtual_service, workload
from tests.gateways.random_routes import HOSTS
from tests.gateways.test_lowering import TAG, found, merged, random_request, random_rules, rule_of
from tests.gateways.traffic import Case, Request, identity
from tests.manifests import Object, an_object, run_build, stream

RELEASES = 60
REQUESTS = 20
GRAY = f"web-mse-{TAG}"
PATHS = ("/", "/a", "/a/b", "/shop")
SIDECAR = Proxy(mesh=True, namespace="default", labels={"app": "client"})


def baseline(random: Random) -> list[Object]:
    """Return one or two VirtualServices, a delegate of theirs, and the Gateways that they name."""
    gateways = [_gateway(name) for name in ("gw", "gw2")]
    delegates = ["shop"] if random.random() < 0.5 else []
    objects = [_delegate(random)] if delegates else []
    for number in range(random.choice((1, 1, 2))):
        routes = [
            _rooted(random) if delegates and random.random() < 0.5 else _route(random)
            for _ in range(random.randint(1, 3))
        ]
        entry = virtual_service(f"v{number}", [*routes, to("web")], hosts=(random.choice(HOSTS[:3]),), age=number)
        entry["spec"]["gateways"] = random.choice((["gw"], ["gw", "gw2"], ["gw2"]))
        if number == 0 and random.random() < 0.4:
            entry["spec"]["gateways"].append("mesh")
            entry["spec"]["hosts"].append("web.default.svc.cluster.local")
        objects.append(entry)
    return [*gateways, *objects]


def _gateway(name: str) -> Object:
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    spec = {"selector": {"istio": "ingressgateway"}, "servers": [server]}
    return aged(an_object("Gateway", spec, version="networking.istio.io/v1", name=name, namespace=NAMESPACE), 50)


def _match(random: Random) -> Object:
    made: Object = {}
    if random.random() < 0.7:
        made["uri"] = {random.choice(("prefix", "exact")): random.choice(PATHS)}
    if random.random() < 0.3:
        made["headers"] = {"x-region": {"exact": random.choice(("cn", "eu"))}}
    if random.random() < 0.2:
        made["ignoreUriCase"] = True
    if random.random() < 0.2:
        made["gateways"] = random.choice((["gw"], ["mesh"], ["gw2", "mesh"]))
    return made or {"uri": {"prefix": "/a"}}


def _route(random: Random) -> Object:
    ways = random.choice((
        ("web",), ("web",), ("other",), (("web", 90), ("web-canary", 10)), (("web", 50), ("other", 50)),
        (("web", 30), ("web-canary", 70)), (("web", 100), ("web-canary", 0)),
    ))  # fmt: skip
    made = to(*ways, match=[_match(random) for _ in range(random.choice((0, 1, 1, 2)))])
    if random.random() < 0.1:
        return {"redirect": {"uri": "/else"}, **{key: made[key] for key in ("match",) if key in made}}
    return {**made, **({"headers": {"request": {"set": {"x-more": "1"}}}} if random.random() < 0.2 else {})}


def _rooted(random: Random) -> Object:
    matches = [_match(random) for _ in range(random.choice((0, 1, 1, 2)))]
    return {"delegate": {"name": "shop"}, **({"match": matches} if matches else {})}


def _delegate(random: Random) -> Object:
    routes = [_route(random) for _ in range(random.randint(1, 2))]
    entry = virtual_service("shop", [*routes, *([to("web")] if random.random() < 0.5 else [])])
    del entry["spec"]["hosts"], entry["spec"]["gateways"]
    return entry


def build(folder: Path, entries: list[Object], rules: list[Object]) -> tuple[str, str]:
    """Return the objects of the baseline, and of the baseline with the lane; the second "" where grayc refuses."""
    names = ("web", "web-canary", "other")
    services = [service(name, ports=(80,)) for name in names]
    built = run_build(
        folder,
        [*map(workload, names), *services, *entries],
        *("--baseline-patch", "patch.yaml"),
        tag=TAG,
        namespace=NAMESPACE,
        services=[{"name": "web", "workload": "Deployment/web"}],
        traffic={"gateway": "istio", "rules": rules},
    )
    before = {(entry["kind"], identity(entry)): entry for entry in [*services, *entries]}
    if built.status:
        assert built.errors, built.findings
        return stream(before.values()), ""
    after = dict(before)
    for entry in built.all("Service"):
        after[entry["kind"], identity(entry)] = entry
    for patch in built.patch:
        key = patch["kind"], identity(patch)
        after[key] = merged(after[key], patch)
    return stream(before.values()), stream(after.values())


def near(random: Random) -> tuple[Request, dict[str, str], dict[str, str]]:
    """Return a request near the rules and the baseline, with its headers and cookies."""
    request, headers, cookies = random_request(random)
    region = (("x-region", random.choice(("cn", "eu"))),) if random.random() < 0.4 else ()
    path = random.choice(PATHS)
    made = Request(
        host=random.choice(("a.test", "b.a.test", "x.test")),
        path=random.choice((path, path, f"{path}x", path.upper())),
        headers=(*request.headers, *region),
    )
    return made, headers, cookies


def test_the_lane_takes_its_share_and_all_else_is_as_it_was(envoy: Envoy, tmp_path: Path) -> None:
    before, after, meshed, shares = [], [], [], []
    for seed in range(RELEASES):
        random = Random(f"VirtualServices of a release {seed}")
        rules = random_rules(random)
        meaning = meaning_of(tuple(rule_of(written) for written in rules))
        old, new = build(tmp_path / str(seed), baseline(random), rules)
        if new:
            asked = [near(random) for _ in range(REQUESTS)]
            requests = tuple(request for request, _, _ in asked)
            before.append(Case(manifests=old, requests=requests))
            after.append(Case(manifests=new, requests=requests))
            call = Request(host="web.default", path="/a", headers=(("x-gray", "v1"), ("x-mse-tag", "other")))
            meshed.append(tuple(Case(manifests=which, requests=(call,)) for which in (old, new)))
            shares.append([share(meaning, headers, cookies, found) for _, headers, cookies in asked])

    wrong, opened, split = [], 0, 0
    answers = zip(after, shares, outcomes(envoy, before), outcomes(envoy, after), strict=True)
    for case, percents, unopened, released in answers:
        for request, percent, first, second in zip(case.requests, percents, unopened, released, strict=True):
            was, part = first.destinations(), Fraction(percent, 100)
            wanted = dict(was)
            if "web" in was:
                wanted = {name: value * (1 - part) for name, value in was.items() if part != 1}
                wanted |= {GRAY: part} if part else {}
                opened += bool(part)
                split += bool(part) and len(was) > 1
            if second.destinations() != wanted:
                wrong.append((case.manifests, request, wanted, second.destinations()))
            for answer, _ in second.shares:
                assert (dict(answer.seen).get("x-mse-tag") == TAG) == (answer.service == f"default/{GRAY}"), request
    assert not wrong, f"{len(wrong)}: {wrong[0]}"
    assert len(before) > RELEASES / 2
    assert opened > 50
    assert split > 10
    inside = outcomes(envoy, [case for case, _ in meshed], SIDECAR)
    assert inside == outcomes(envoy, [case for _, case in meshed], SIDECAR)
