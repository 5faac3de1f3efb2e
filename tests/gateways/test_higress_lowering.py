"""What grayc emits for Higress means on a real Envoy what the rules of the release mean.

The rules are random, and so are the requests near them; the meaning is `grayc.plan.traffic.share`.
"""

import json
from fractions import Fraction
from pathlib import Path
from random import Random

import re2

from grayc.plan.traffic import meaning_of, share
from grayc.spec.model import CookieRule, HeaderRule, Rule, WeightRule
from tests.cli_run import run_grayc
from tests.gateways.envoy import Envoy
from tests.gateways.higress_envoy import outcomes
from tests.gateways.manifests import ingress, service, text
from tests.gateways.traffic import Case, Object, Request

RELEASES, REQUESTS = 40, 20
TAG = "g1"
VALUES = ("v1", "a.b", "always", "never", "a|b", "x@y", "v1,v2", "1+1", "v(1")
PATTERNS = ("^v[0-9]+$", "v1|v2", "a.b", "^(?:x|y)", "$", "v1")


def random_rules(random: Random) -> list[Object]:
    found: list[Object] = []
    for _ in range(random.choice((0, 1, 1, 2))):
        rule: Object = {"header": random.choice(("x-gray", "X-User"))}
        kind = random.choice(("switch", "value", "values", "pattern"))
        if kind == "value":
            rule["value"] = random.choice(VALUES)
        elif kind == "values":
            rule["values"] = random.sample(VALUES, 2)
        elif kind == "pattern":
            rule["pattern"] = random.choice(PATTERNS)
        found.append(rule)
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


def build(folder: Path, rules: list[Object]) -> list[str]:
    """Return the objects of baseline and release as YAML texts; empty where grayc refuses the rules."""
    labels = {"app": "web"}
    container: Object = {"name": "web", "image": "web:1"}
    template: Object = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    deployment: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    entry = ingress("web", (("/", "Prefix", "web"),), age=50)
    entry["spec"]["ingressClassName"] = "higress"
    release: Object = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "web"},
        "spec": {
            "tag": TAG,
            "namespace": "default",
            "baseline": ["baseline.yaml"],
            "services": [{"name": "web", "workload": "Deployment/web"}],
            "traffic": {"gateway": "higress", "rules": rules},
        },
    }
    folder.mkdir()
    (folder / "baseline.yaml").write_text(text([deployment, service("web"), entry]), encoding="utf-8")
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    done = run_grayc(["build", "release.yaml", "-o", "out"], folder=folder)
    if done.status:
        assert "error[" in done.stderr, done.stderr
        return []
    written = [path.read_text(encoding="utf-8") for path in sorted((folder / "out").rglob("*.yaml"))]
    return [(folder / "baseline.yaml").read_text(encoding="utf-8"), *written]


def found(pattern: str, value: str) -> bool:
    return re2.search(pattern, value) is not None


def test_requests_go_where_the_rules_say(envoy: Envoy, tmp_path: Path) -> None:
    cases: list[Case] = []
    expected: list[list[int]] = []
    for seed in range(RELEASES):
        random = Random(f"release {seed}")
        rules = random_rules(random)
        texts = build(tmp_path / str(seed), rules)
        if texts:
            asked = [random_request(random) for _ in range(REQUESTS)]
            meaning = meaning_of(tuple(rule_of(rule) for rule in rules))
            cases.append(Case(manifests="\n---\n".join(texts), requests=tuple(request for request, _, _ in asked)))
            expected.append([share(meaning, headers, cookies, found) for _, headers, cookies in asked])

    wrong = []
    for case, percents, answers in zip(cases, expected, outcomes(envoy, cases), strict=True):
        for request, percent, outcome in zip(case.requests, percents, answers, strict=True):
            parts = {"web": Fraction(100 - percent, 100), f"web-mse-{TAG}": Fraction(percent, 100)}
            meant = {name: part for name, part in parts.items() if part}
            if outcome.destinations() != meant:
                wrong.append((case.manifests, request, meant, outcome))
            for answer, _ in outcome.shares:
                coloured = dict(answer.seen).get("x-mse-tag") == TAG
                assert coloured == (answer.service == f"default/web-mse-{TAG}"), (request, answer)
    assert not wrong
    assert len(cases) > RELEASES / 2
    met = {percent for percents in expected for percent in percents}
    assert {0, 100} < met
