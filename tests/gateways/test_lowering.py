"""What grayc emits means on real gateways what the rules of the release mean.

The rules are random, and so are the requests near them; the meaning is `grayc.analysis.traffic.share`.
"""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
import re2
import yaml

from grayc.analysis.traffic import meaning_of, share
from grayc.k8s import gateways as grayc_gateways
from grayc.spec.model import CookieRule, HeaderRule, Rule, WeightRule
from tests.cli_run import run_grayc
from tests.gateways import gateway_api, higress_envoy, istio_envoy
from tests.gateways.envoy import Envoy
from tests.gateways.manifests import ingress, match, route, rule, service, text, to, virtual_service
from tests.gateways.traefik_gateway import Traefik
from tests.gateways.traffic import Case, Object, Outcome, Request, identity

BY_ENVOY: dict[str, Callable[[Envoy, Sequence[Case]], list[list[Outcome]]]] = {
    "higress": higress_envoy.outcomes,
    "gateway-api": gateway_api.outcomes,
    "istio": istio_envoy.outcomes,
}
GATEWAYS = (*BY_ENVOY, "traefik")
NO_COLOUR = frozenset({"traefik", "ingress-nginx"})
"""Gateways that add nothing to the requests of a canary; the release has to accept that."""
CLASSES = {"traefik": "nginx", "ingress-nginx": "nginx"}
"""Class of the Ingresses where it is not the gateway's name."""
ROUTING_KINDS = frozenset(
    {
        "Service",
        "ReferenceGrant",
        "DestinationRule",
        *(kind for row in grayc_gateways.GATEWAYS.values() for _, kind in row.entry_kinds),
    }
)
RELEASES = {"higress": 25, "gateway-api": 25, "istio": 25, "traefik": 150}
REQUESTS = 25
TAG = "g1"
VALUES = ("v1", "a.b", "always", "never", "a|b", "x@y", "v1,v2", "1+1", "v(1", "a b", "9%", '"q"', "\\d")
PATTERNS = ("^v[0-9]+$", "v1|v2", "a.b", "^(?:x|y)", "$", "v1", "[a-c]x?", "1$")


def random_rules(random: Random) -> list[Object]:
    found: list[Object] = []
    for _ in range(random.choice((0, 1, 1, 2))):
        header: Object = {"header": random.choice(("x-gray", "X-User"))}
        kind = random.choice(("switch", "value", "values", "pattern"))
        if kind == "value":
            header["value"] = random.choice(VALUES)
        elif kind == "values":
            header["values"] = random.sample(VALUES, 2)
        elif kind == "pattern":
            header["pattern"] = random.choice(PATTERNS)
        found.append(header)
    for _ in range(random.choice((0, 0, 1))):
        found.append({"cookie": "vip", **random.choice(({}, {"value": "1.0"}))})
    if random.random() < 0.5 or not found:
        found.append({"weight": random.choice((1, 7, 29, 53, 59, 99, 100))})
    return found


def rule_of(written: Object) -> Rule:
    if "weight" in written:
        return WeightRule(percent=written["weight"], path=())
    if "cookie" in written:
        return CookieRule(name=written["cookie"], value=written.get("value"), path=())
    values = written.get("values", [written["value"]] if "value" in written else [])
    return HeaderRule(name=written["header"], values=tuple(values), pattern=written.get("pattern"), path=())


def random_request(random: Random) -> tuple[Request, dict[str, str], dict[str, str]]:
    """Return a request with its headers, names in lower case, and its cookies."""
    headers: dict[str, str] = {}
    for name in ("x-gray", "x-user"):
        if random.random() < 0.6:
            value = random.choice(VALUES)
            headers[name] = random.choice((value, value, value, f"{value}0", f"x{value}", value.upper(), "axb", ""))
    cookies: dict[str, str] = {}
    if random.random() < 0.5:
        name = random.choice(("vip", "vip", "vip", "VIP", "xvip"))
        cookies = {"u": "1", name: random.choice(("always", "never", "1.0", "1x0", "1.01"))}
    sent = tuple(headers.items())
    if cookies:
        sent += (("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())),)
    return Request(headers=sent), headers, cookies


def baseline_route(gateway: str) -> Object:
    """Return the baseline's way in: everything of one host to Service `web`."""
    match gateway:
        case "gateway-api":
            return route("web", [rule("web", matches=[match("/")])], age=50)
        case "istio":
            return virtual_service("web", [to("web")], age=50)
        case _:
            kind = grayc_gateways.GATEWAYS[grayc_gateways.GatewayName(gateway)].entry_kinds[0]
            assert kind == grayc_gateways.INGRESS, f"write here how a way in by {kind[1]} looks, for gateway {gateway}"
            entry = ingress("web", (("/", "Prefix", "web"),), age=50)
            entry["spec"]["ingressClassName"] = CLASSES.get(gateway, gateway)
            return entry


def build(folder: Path, gateway: str, rules: list[Object], before: list[Object] | None = None) -> str:
    """Return the objects of baseline and release as YAML; empty where grayc refuses the rules.

    What grayc wants of the baseline's own route is in its patch, and is merged here as the patch says.

    Args:
        before: rules of an earlier step of a rollout, what it opens is closed; None for a release without steps.
    """
    labels = {"app": "web"}
    container: Object = {"name": "web", "image": "web:1"}
    template: Object = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    deployment: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    release: Object = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "web"},
        "spec": {
            "tag": TAG,
            "namespace": "default",
            "baseline": ["baseline.yaml"],
            "services": [{"name": "web", "workload": "Deployment/web"}],
            "lane": {"provider": "mse"},
            "traffic": {"gateway": gateway, "rules": rules},
        },
    }
    if before is not None:
        steps = [{"name": "before", "rules": before}, {"name": "now", "rules": rules}]
        release["spec"]["rollout"] = {"steps": steps}
    if gateway in NO_COLOUR:
        release["spec"]["accept"] = [{"code": "GC508", "reason": "nothing behind the entry is asked"}]
        release["spec"]["traffic"]["guard"] = False
    folder.mkdir()
    (folder / "baseline.yaml").write_text(
        text([deployment, service("web", ports=(80,)), baseline_route(gateway)]), encoding="utf-8"
    )
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    done = run_grayc(["build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"], folder=folder)
    if done.status:
        assert "error[" in done.stderr, done.stderr
        return ""
    objects: dict[tuple[str, str], Object] = {}
    for path in [folder / "baseline.yaml", *sorted((folder / "out").rglob("*.yaml"))]:
        for entry in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if entry["kind"] in ROUTING_KINDS:
                objects[entry["kind"], identity(entry)] = entry
    if (folder / "patch.yaml").exists():
        for patch in yaml.safe_load_all((folder / "patch.yaml").read_text(encoding="utf-8")):
            key = patch["kind"], identity(patch)
            objects[key] = merged(objects[key], patch)
    return yaml.safe_dump_all(objects.values())


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


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_requests_go_where_the_rules_say(gateway: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    cases: list[Case] = []
    expected: list[list[int]] = []
    for seed in range(RELEASES[gateway]):
        random = Random(f"release {seed}")
        rules = random_rules(random)
        before = random_rules(Random(f"before {seed}")) if seed % 2 else None
        manifests = build(tmp_path / str(seed), gateway, rules, before)
        if manifests:
            asked = [random_request(random) for _ in range(REQUESTS)]
            meaning = meaning_of(tuple(rule_of(written) for written in rules))
            cases.append(Case(manifests=manifests, requests=tuple(request for request, _, _ in asked)))
            expected.append([share(meaning, headers, cookies, found) for _, headers, cookies in asked])

    wrong = []
    for case, percents, answers in zip(cases, expected, real_outcomes(gateway, cases, request), strict=True):
        for sent, percent, outcome in zip(case.requests, percents, answers, strict=True):
            parts = {"web": Fraction(100 - percent, 100), f"web-mse-{TAG}": Fraction(percent, 100)}
            meant = {name: part for name, part in parts.items() if part}
            if outcome.destinations() != meant:
                wrong.append((case.manifests, sent, meant, outcome))
            for answer, _ in outcome.shares:
                coloured = dict(answer.seen).get("x-mse-tag") == TAG
                gray = answer.service == f"default/web-mse-{TAG}"
                assert coloured == (gray and gateway not in NO_COLOUR), (sent, answer)
    assert not wrong
    assert len(cases) > RELEASES[gateway] / 2
    met = {percent for percents in expected for percent in percents}
    assert {0, 100} < met
