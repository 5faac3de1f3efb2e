"""What grayc emits means on real gateways what the rules of the release mean.

The rules are random, and so are the requests near them; the meaning is `grayc.analysis.traffic.share`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from urllib.parse import unquote

import pytest
import re2

from grayc.analysis.traffic import meaning_of, share
from grayc.k8s import gateways as grayc_gateways
from grayc.k8s.abilities import Feature, Fit
from grayc.k8s.carriers import TagCarrier
from grayc.spec.model import Rule
from grayc.spec.rule_data import decode
from tests.gateways import gateway_api, higress_envoy, istio_envoy
from tests.gateways.envoy import Envoy
from tests.gateways.manifests import NAMESPACE, ingress, match, route, rule, service, to, virtual_service, workload
from tests.gateways.traefik_gateway import Traefik
from tests.gateways.traffic import Case, Outcome, Request, identity
from tests.manifests import Object, an_object, run_build, stream

BY_ENVOY: dict[str, Callable[[Envoy, Sequence[Case]], list[list[Outcome]]]] = {
    "higress": higress_envoy.outcomes,
    "gateway-api": gateway_api.outcomes,
    "istio": istio_envoy.outcomes,
}
OWN_ROUTES = {"traefik, IngressRoute": "traefik", "traefik, Ingress": "traefik"}
"""Ways in that a gateway opens by routes of its own → that gateway."""
GATEWAYS = (*BY_ENVOY, "traefik", *OWN_ROUTES)
NO_COLOUR = frozenset({"traefik", "ingress-nginx"})
"""Gateways that add nothing to the requests of a canary; the release has to accept that."""
CLASSES = {"traefik": "nginx", "ingress-nginx": "nginx", "aliyun-alb": "alb"}
"""Class of the Ingresses where it is not the gateway's name."""
ROUTING_KINDS = frozenset(
    {
        "Service",
        "ReferenceGrant",
        "DestinationRule",
        "Middleware",
        "TraefikService",
        *(kind for row in grayc_gateways.GATEWAYS.values() for _, kind in row.entry_kinds),
    }
)
RELEASES = {"higress": 25, "gateway-api": 25, "istio": 25, "traefik": 150, **dict.fromkeys(OWN_ROUTES, 60)}
REQUESTS = 25
MOST_SEEDS = 2_000
NEW_RELEASES = 60
"""Releases with new words that are built and asked at least; those that a gateway refuses are drawn anew."""
TAG = "g1"
VALUES = ("v1", "a.b", "always", "never", "a|b", "x@y", "v1,v2", "1+1", "v(1", "a b", "9%", '"q"', "\\d")
QUERY_VALUES = ("1", "v1", "a.b", "always", "never", "100")
QUERY_PATTERNS = ("^v[0-9]+$", "1$", "a.b", "^(?:x|1)", "[a-c]x?")
COOKIE_VALUES = ("1.0", "qa", "a:b", "always", "never", "dev-1")
COOKIE_PATTERNS = ("^qa$|^dev-", "^[0-9.]+$", ".", "a.b", "-[0-9]$", "[!-~]{4}", "^[^a]")
ENDINGS = ("0", "5", "00", "05", "7004", "7052", "99", "u-28", "a7", "12F3", "", "abcdef", "1e")
BY_NAME = {"header": "x-id", "cookie": "id", "query": "id"}
NO_QUERY: dict[str, str] = {}
PATTERNS = ("^v[0-9]+$", "v1|v2", "a.b", "^(?:x|y)", "$", "v1", "[a-c]x?", "1$")


def random_rules(random: Random, gateway: str = "") -> list[Object]:
    """Return rules, most of which a gateway takes: of what its row refuses only what two rules ask beside each other.

    Args:
        gateway: "" for rules of headers, one cookie and a share that is drawn.
    """
    found: list[Object] = []
    for _ in range(random.choice((0, 1, 1, 2))):
        found.append({"header": random.choice(("x-gray", "X-User")), **random_condition(random, VALUES, PATTERNS)})
    for _ in range(random.choice((0, 0, 1))):
        found.append({"cookie": "vip", **random.choice(({}, {"value": "1.0"}))})
    if gateway:
        found = random.sample(found, random.choice((0, 1, 1, 2)) if len(found) > 1 else len(found))
        found += random_new_words(random, gateway)
    if random.random() < 0.5 or not found:
        share: Object = {"weight": random.choice((1, 7, 29, 53, 59, 99, 100))}
        if gateway and random.random() < 0.6:
            part = random.choice(("header", "cookie", *(("query",) if takes(gateway, Feature.WEIGHT_BY_QUERY) else ())))
            share["by"] = {part: BY_NAME[part], "digits": random.choice(("decimal", "hex"))}
        found.append(share)
    return found


def random_condition(random: Random, values: Sequence[str], patterns: Sequence[str], *, switch: bool = True) -> Object:
    match random.choice(("switch", "value", "values", "pattern")) if switch else random.choice(("value", "pattern")):
        case "value":
            return {"value": random.choice(values)}
        case "values":
            return {"values": random.sample(values, 2)}
        case "pattern":
            return {"pattern": random.choice(patterns)}
        case _:
            return {}


def random_new_words(random: Random, gateway: str) -> Iterator[Object]:
    """Yield rules on query parameters and cookies, with all of several conditions, and on the lane's own header."""
    queried = takes(gateway, Feature.QUERY_EQUALS)
    if queried and random.random() < 0.5:
        yield {"query": "g", **random_condition(random, QUERY_VALUES, QUERY_PATTERNS)}
    if random.random() < 0.3:
        yield {"cookie": random.choice(("vip", "team")), **random_condition(random, COOKIE_VALUES, COOKIE_PATTERNS)}
    if takes(gateway, Feature.ALL) and random.random() < 0.6:
        places = [
            {"header": "x-gray", **random_condition(random, VALUES, PATTERNS, switch=False)},
            {"header": "x-user", **random_condition(random, VALUES, PATTERNS, switch=False)},
            {"query": "g", **random_condition(random, QUERY_VALUES, QUERY_PATTERNS, switch=False)},
            {"cookie": "vip", **random_condition(random, COOKIE_VALUES, COOKIE_PATTERNS, switch=False)},
            {"cookie": "team", **random_condition(random, COOKIE_VALUES, COOKIE_PATTERNS, switch=False)},
        ]
        yield {"all": random.sample(places, random.choice((2, 2, 3)))}
    if random.random() < 0.3:
        yield {"tagged": True}


def takes(gateway: str, feature: Feature) -> bool:
    row = grayc_gateways.GATEWAYS[grayc_gateways.GatewayName(OWN_ROUTES.get(gateway, gateway))]
    if gateway in OWN_ROUTES:
        assert row.beside is not None
        row = row.beside
    return row.abilities[feature].fit is Fit.EXACT


def as_read(gateway: str, query: dict[str, str]) -> dict[str, str]:
    """Return a query as a gateway reads it: Traefik's matchers ask the decoded value, the others the URL's."""
    return {name: unquote(value) for name, value in query.items()} if gateway in OWN_ROUTES else query


def rule_of(written: Object) -> Rule:
    return decode(written, carrier=TagCarrier(header="x-mse-tag"), tag=TAG)


def random_request(random: Random) -> tuple[Request, dict[str, str], dict[str, str]]:
    """Return a request with its headers, names in lower case, and its cookies."""
    request, headers, cookies, _ = request_near(random, VALUES, NO_QUERY, "vip", "vip", "vip", "VIP", "xvip")
    return request, headers, cookies


def new_request(random: Random) -> tuple[Request, dict[str, str], dict[str, str], dict[str, str]]:
    """Return a request near the new words, with its headers, cookies, and query."""
    query: dict[str, str] = {}
    if random.random() < 0.6:
        value = random.choice(QUERY_VALUES)
        query["g"] = random.choice((value, value, value, f"{value}0", f"x{value}", value.upper(), "", "%31"))
    if random.random() < 0.3:
        query[random.choice((BY_NAME["query"], "G", "gg"))] = random.choice(ENDINGS)
    request, headers, cookies, sent = request_near(random, VALUES, query, "vip", "vip", "team", "xvip")
    if random.random() < 0.25:
        headers["x-mse-tag"] = random.choice((TAG, TAG, "g2", "", TAG.upper()))
        sent += (("x-mse-tag", headers["x-mse-tag"]),)
    return replace(request, headers=sent), headers, cookies, query


def request_near(
    random: Random, values: Sequence[str], query: dict[str, str], *cookie_names: str
) -> tuple[Request, dict[str, str], dict[str, str], tuple[tuple[str, str], ...]]:
    headers: dict[str, str] = {}
    for name in ("x-gray", "x-user"):
        if random.random() < 0.6:
            value = random.choice(values)
            headers[name] = random.choice((value, value, value, f"{value}0", f"x{value}", value.upper(), "axb", ""))
    cookies: dict[str, str] = {}
    if random.random() < 0.5:
        name = random.choice(cookie_names)
        cookies = {"u": "1", name: random.choice(("always", "never", "1.0", "1x0", "1.01"))}
    if query is not NO_QUERY and random.random() < 0.5:
        for name in random.sample(("vip", "team", BY_NAME["cookie"]), random.choice((1, 2, 3))):
            cookies[name] = random.choice((*COOKIE_VALUES, *ENDINGS))
        headers |= {BY_NAME["header"]: random.choice(ENDINGS)} if random.random() < 0.7 else {}
    sent = tuple(headers.items())
    if cookies:
        sent += (("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())),)
    path = f"/x?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else "/x"
    return Request(path=path, headers=sent), headers, cookies, sent


def baseline_route(gateway: str) -> Object:
    """Return the baseline's entry: everything of one host to Service `web`."""
    match gateway:
        case "traefik, IngressRoute":
            rules = [{"kind": "Rule", "match": "Host(`h.test`)", "services": [{"name": "web", "port": 80}]}]
            return an_object("IngressRoute", {"routes": rules}, version="traefik.io/v1alpha1", namespace=NAMESPACE)
        case "traefik, Ingress":
            return ingress("web", (("/", "Prefix", "web"),), "traefik", age=50)
        case "gateway-api":
            return route("web", [rule("web", matches=[match("/")])], age=50)
        case "istio":
            return virtual_service("web", [to("web")], age=50)
        case _:
            kind = grayc_gateways.GATEWAYS[grayc_gateways.GatewayName(gateway)].entry_kinds[0]
            assert kind == grayc_gateways.INGRESS, f"write here how an entry by {kind[1]} looks, for gateway {gateway}"
            return ingress("web", (("/", "Prefix", "web"),), CLASSES.get(gateway, gateway), age=50)


def build(folder: Path, gateway: str, rules: list[Object], before: list[Object] | None = None) -> str:
    """Return the objects of baseline and release as YAML; empty where grayc refuses the rules.

    What grayc wants of the baseline's own route is in its patch, and is merged here as the patch says.

    Args:
        before: rules of an earlier step of a rollout, what it opens is closed; None for a release without steps.
    """
    traffic: Object = {"gateway": OWN_ROUTES.get(gateway, gateway), "rules": rules}
    spec: Object = {
        "tag": TAG,
        "namespace": NAMESPACE,
        "services": [{"name": "web", "workload": "Deployment/web"}],
        "traffic": traffic,
    }
    if gateway in OWN_ROUTES:
        traffic["guard"] = False
    if before is not None:
        spec["rollout"] = {"steps": [{"name": "before", "rules": before}, {"name": "now", "rules": rules}]}
    if gateway == "aliyun-alb" and any(rule.get("weight") and "by" not in rule for rule in rules):
        spec["accept"] = [{"code": "GC508", "reason": "nothing behind the entry is asked by the share"}]
    if gateway in NO_COLOUR:
        spec["accept"] = [{"code": "GC508", "reason": "nothing behind the entry is asked"}]
        traffic["guard"] = False
    baseline = [workload(), service("web", ports=(80,)), baseline_route(gateway)]
    built = run_build(folder, baseline, "--baseline-patch", "patch.yaml", **spec)
    if built.status:
        assert built.errors, built.findings
        return ""
    objects: dict[tuple[str, str], Object] = {}
    for entry in [*baseline, *built.objects]:
        if entry["kind"] in ROUTING_KINDS:
            objects[entry["kind"], identity(entry)] = entry
    for patch in built.patch:
        key = patch["kind"], identity(patch)
        objects[key] = merged(objects[key], patch)
    return stream(objects.values())


def merged(value: Object, patch: Object) -> Object:
    """Return plain data with the fields of a patch; lists are replaced as a whole."""
    return {
        **value,
        **{
            key: merged(value[key], entry) if isinstance(entry, dict) and isinstance(value.get(key), dict) else entry
            for key, entry in patch.items()
        },
    }


def found(pattern: str, value: str) -> bool:
    return re2.search(pattern, value) is not None


def real_outcomes(gateway: str, cases: Sequence[Case], fixtures: pytest.FixtureRequest) -> list[list[Outcome]]:
    """Return what becomes of every request of every case; Envoy and Traefik start where they are asked."""
    if gateway in BY_ENVOY:
        envoy: Envoy = fixtures.getfixturevalue("envoy")
        return BY_ENVOY[gateway](envoy, cases)
    traefik: Traefik = fixtures.getfixturevalue("traefik")
    listed = traefik.answers(cases)
    assert not any(answer.by_chance for answers in listed for answer in answers)
    return [[answer.outcome for answer in answers] for answers in listed]


@pytest.mark.parametrize("words", ["old", "new"])
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_requests_go_where_the_rules_say(
    gateway: str, words: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    cases: list[Case] = []
    expected: list[list[int]] = []
    wanted = new_words(gateway) if words == "new" else {}
    for seed in range(RELEASES[gateway] if words == "old" else MOST_SEEDS):
        random = Random(f"release {seed}")
        rules = random_rules(random, gateway if words == "new" else "")
        before = random_rules(Random(f"before {seed}")) if seed % 2 else None
        if words == "new" and not wanted and len(cases) >= NEW_RELEASES:
            break
        if words == "new" and (wanted or new_words(gateway)).keys().isdisjoint(words_of(rules)):
            continue
        manifests = build(tmp_path / str(seed), gateway, rules, before)
        if manifests:
            asked = [new_request(random) if words == "new" else (*random_request(random), {}) for _ in range(REQUESTS)]
            meaning = meaning_of(tuple(rule_of(written) for written in rules))
            cases.append(Case(manifests=manifests, requests=tuple(each[0] for each in asked)))
            expected.append(
                [
                    share(meaning, headers, cookies, found, query=as_read(gateway, query))
                    for _, headers, cookies, query in asked
                ]
            )
            for word in words_of(rules) & wanted.keys():
                wanted[word] -= 1
            wanted = {word: count for word, count in wanted.items() if count > 0}

    wrong = []
    for case, percents, answers in zip(cases, expected, real_outcomes(gateway, cases, request), strict=True):
        for sent, percent, outcome in zip(case.requests, percents, answers, strict=True):
            parts = {"web": Fraction(100 - percent, 100), f"web-mse-{TAG}": Fraction(percent, 100)}
            meant = {name: part for name, part in parts.items() if part}
            if outcome.destinations() != meant:
                wrong.append((case.manifests, sent, meant, outcome))
            brings = dict(sent.headers).get("x-mse-tag")
            for answer, _ in outcome.shares:
                seen = dict(answer.seen).get("x-mse-tag")
                gray = answer.service == f"default/web-mse-{TAG}"
                if gateway in NO_COLOUR:
                    assert seen == brings, (sent, answer)
                elif gateway in OWN_ROUTES:
                    assert seen == (TAG if gray else brings), (sent, answer)
                else:
                    assert (seen == TAG) == gray, (sent, answer)
    assert not wrong, (len(wrong), wrong[0])
    assert len(cases) >= (NEW_RELEASES if words == "new" else 500 // REQUESTS)
    assert {0, 100} < {percent for percents in expected for percent in percents}
    assert not wanted, f"releases are missing with {wanted}"


def new_words(gateway: str) -> dict[str, int]:
    """Return each new word that a gateway takes → how many releases have to be asked with it, 500 requests in all."""
    needed = {
        "query": Feature.QUERY_EQUALS,
        "all": Feature.ALL,
        "tagged": Feature.TAGGED,
        "by": Feature.WEIGHT_BY_DIGITS,
    }
    return {word: 500 // REQUESTS for word, feature in needed.items() if takes(gateway, feature)}


def words_of(rules: list[Object]) -> set[str]:
    """Return the words of rules that a header, one cookie and a share that is drawn do not have."""
    new = {key for written in rules for key in written if key in ("all", "by", "query", "tagged")}
    return new | {"cookie" for written in rules if "cookie" in written and written.keys() & {"values", "pattern"}}
