"""Random entry rules, requests at their edges, and what grayc emits for them: for comparisons on real gateways.

The same number gives the same rules on every machine. A gateway refuses some: those have no release, and the tests
count how many are left. What the rules mean is `grayc.plan.traffic`, which knows no gateway.
"""

import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import re2

from grayc.diagnostics import Checked
from grayc.driver import Compilation, compile_releases
from grayc.driver import Request as CompileRequest
from grayc.plan.traffic import meaning_of, share
from tests.gateways.manifests import ingress, service, text
from tests.gateways.traffic import Object, Request

BASELINE = "web"
GRAY = "web-mse-gray"
HEADERS = ("x-gray", "x-gray", "X-User")
VALUES = ("v1", "v2", "1.2", "v+1", "a|b", "(x", "a b", "bob@corp.com", "a,b", "100%", '"q"', "\\d", "always", "never")
PATTERNS = ("^v1$", "v1|v2", "^v[0-9]+$", "beta", "^a.c$", "^(?:v1|v2)$", "[a-c]x?", "^beta", "beta$")
MATCHED = ("v1", "v2", "v12", "a-beta-b", "abc", "ax", "beta-1", "1-beta")
"""Values that some pattern finds something in."""
COOKIES = ("vip", "vip", "user-type", "a.b")
COOKIE_VALUES = ("1", "a.b", "v+1", "x|y")
_ACCEPTED = {"code": "GC508", "reason": "the rules of the entry are tested, not the calls behind it"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """Rules as a release writes them, and requests that come close to them.

    Attributes:
        rules: of `spec.traffic`.
        requests: headers once each, cookies in one header.
    """

    rules: tuple[Object, ...]
    requests: tuple[Request, ...]


def random_rules(count: int, *, seed: int = 0) -> Iterator[Ruled]:
    """Yield rules and requests."""
    for number in range(count):
        random = Random(f"rules {seed} {number}")
        rules = _rules(random)
        yield Ruled(rules=tuple(rules), requests=tuple(_request(random, rules) for _ in range(16)))


def compiled(rules: tuple[Object, ...], gateway: str, baseline: list[Object]) -> Checked[Compilation]:
    """Return what grayc makes of the rules on a gateway, and why not where it refuses them."""
    release = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "web-gray"},
        "spec": {
            "tag": "gray",
            "namespace": "default",
            "baseline": ["baseline.yaml"],
            "services": [{"name": BASELINE, "images": {BASELINE: "registry.example.com/web:2"}}],
            "traffic": {"gateway": gateway, "guard": False, "rules": list(rules)},
            "accept": [_ACCEPTED],
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "baseline.yaml").write_text(text(baseline), encoding="utf-8")
        spec = Path(folder) / "release.yaml"
        spec.write_text(json.dumps(release), encoding="utf-8")
        return compile_releases(CompileRequest(specs=(str(spec),), stdin=io.BytesIO))


def ingress_baseline() -> list[Object]:
    """Return the baseline of a web service with an Ingress: path `/` of `h.test`."""
    return [*_workload(), ingress(BASELINE, (("/", "Prefix", BASELINE),), age=20)]


def meaning(compilation: Compilation, request: Request) -> dict[str, Fraction]:
    """Return the share of every Service that the rules of a release mean for a request."""
    [release] = compilation.releases
    headers = {name.lower(): value for name, value in request.headers if name.lower() != "cookie"}
    cookies = dict(
        pair.split("=", 1) for name, value in request.headers if name.lower() == "cookie" for pair in value.split("; ")
    )
    gray = Fraction(share(meaning_of(release.plan.rules), headers, cookies, _is_found), 100)
    return {name: part for name, part in ((BASELINE, 1 - gray), (GRAY, gray)) if part}


def _is_found(pattern: str, value: str) -> bool:
    return re2.search(pattern, value) is not None


def _workload() -> list[Object]:
    labels = {"app": BASELINE, "zadigx-release-version": "original"}
    backing = service(BASELINE)
    backing["spec"]["selector"] = labels
    pods = {"containers": [{"name": BASELINE, "image": "registry.example.com/web:1"}]}
    return [
        backing,
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": BASELINE, "namespace": "default"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pods},
            },
        },
    ]


def _rules(random: Random) -> list[Object]:
    kinds = random.choice(("header", "header", "cookie", "weight", "header weight", "cookie weight", "all"))
    rules: list[Object] = []
    if "header" in kinds or kinds == "all":
        name = random.choice(HEADERS)
        for _ in range(random.choice((1, 1, 1, 2))):
            rule: Object = {"header": name}
            match random.randrange(4):
                case 0:
                    rule["value"] = random.choice(VALUES)
                case 1:
                    rule["values"] = random.sample(VALUES, 2)
                case 2:
                    rule["pattern"] = random.choice(PATTERNS)
            if rule not in rules:
                rules.append(rule)
    if "cookie" in kinds or kinds == "all":
        rule = {"cookie": random.choice(COOKIES)}
        if random.random() < 0.3:
            rule["value"] = random.choice(COOKIE_VALUES)
        rules.append(rule)
    if "weight" in kinds or kinds == "all":
        rules.append({"weight": random.choice((1, 5, 30, 50, 53, 59, 99, 100))})
    return rules


def _request(random: Random, rules: list[Object]) -> Request:
    headers: list[tuple[str, str]] = []
    cookies: list[str] = []
    for rule in rules:
        if random.random() < 0.25:
            continue
        if "header" in rule and not headers:
            named = [rule["value"]] if "value" in rule else rule.get("values", MATCHED if "pattern" in rule else ())
            value = random.choice((*named, *named, "always", "never", "other", ""))
            near = random.choice(
                (value, value, value, f"{value}x", f"x{value}", value.upper(), value.replace(".", "x"))
            )
            headers.append((random.choice((rule["header"], rule["header"].upper())), near))
        if "cookie" in rule:
            named = [rule["value"]] if "value" in rule else ()
            value = random.choice((*named, *named, "always", "always", "never", "other", "alwaysx"))
            name = random.choice(
                (rule["cookie"], rule["cookie"], f"x{rule['cookie']}", rule["cookie"].replace(".", "x"))
            )
            cookies.append(f"{name}={value}")
    if random.random() < 0.4:
        cookies.insert(random.randrange(len(cookies) + 1), "other=1")
    return Request(headers=(*headers, *([("cookie", "; ".join(cookies))] if cookies else [])))
