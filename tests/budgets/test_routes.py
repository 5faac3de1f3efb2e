"""Expressions that anyone wrote into routes are asked at a cost that none of them can raise."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from grayc.routing import matching
from grayc.routing.matching import CostlyExpression, Matching
from tests.budgets.cost import Cost, assert_cheap, cost_of
from tests.budgets.inputs import deployment, ingress, lay_out, rules
from tests.manifests import Object, release, service


def _route(name: str, *expressions: str) -> Object:
    matches = [{"headers": [{"name": "x", "type": "RegularExpression", "value": text}]} for text in expressions]
    rule = {"matches": matches, "backendRefs": [{"name": "web", "port": 80}]}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"parentRefs": [{"name": "gw"}], "hostnames": ["h.test"], "rules": [rule]},
    }


def _gateway_api(expressions: Sequence[str]) -> list[Object]:
    return [_route(f"r{at}", *expressions[at : at + 50]) for at in range(0, len(expressions), 50)]


def _istio(expressions: Sequence[str]) -> list[Object]:
    way = {"destination": {"host": "web", "port": {"number": 80}}}
    http = [{"match": [{"headers": {"x": {"regex": text}}}], "route": [way]} for text in expressions]
    return [
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"hosts": ["h.test"], "gateways": ["gw"], "http": http},
        }
    ]


def _canaries(klass: str, prefix: str) -> Callable[[Sequence[str]], list[Object]]:
    def make(expressions: Sequence[str]) -> list[Object]:
        made = [ingress("web")]
        for at, text in enumerate(expressions):
            canary = ingress("web")
            names = {"canary": "true", "canary-by-header": "x", "canary-by-header-pattern": text}
            canary["metadata"]["name"] = f"c{at}"
            canary["metadata"]["annotations"] = {f"{prefix}/{name}": value for name, value in names.items()}
            made.append(canary)
        for each in made:
            each["spec"]["ingressClassName"] = klass
        return made

    return make


GATEWAYS = {
    "gateway-api": _gateway_api,
    "istio": _istio,
    "higress": _canaries("higress", "nginx.ingress.kubernetes.io"),
    "ingress-nginx": _canaries("nginx", "nginx.ingress.kubernetes.io"),
    "traefik": _canaries("traefik", "nginx.ingress.kubernetes.io"),
}
EXPRESSIONS = {
    "large programs": (1_500, r"\pL{90}%d"),
    "too large": (1_500, r"((a{30}[b-y]{30}){30}){30}%d"),
    "many states": (1_500, r"[ab]*a[ab]{40}%d"),
    "many": (1_500, "^%d$"),
}
LONG = "".join(random.Random(20).choices("ab", k=40_000))
_LARGE = [f"(a{{30}}[b-y]{{30}}){{30}}{at}" for at in range(1_500)]


def _ask(folder: Path, gateway: str, objects: Sequence[Object], value: str) -> Cost:
    lay_out(folder, [service(), *objects])
    assert (folder / "baseline" / "all.yaml").stat().st_size < 1_000_000
    return cost_of(
        ["route", "-d", "baseline", "--gateway", gateway, "--host", "h.test", "-H", f"x: {value}"], folder=folder
    )


@pytest.mark.parametrize("shape", EXPRESSIONS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_expressions_of_a_baseline_cost_little(tmp_path: Path, gateway: str, shape: str) -> None:
    number, text = EXPRESSIONS[shape]
    cost = _ask(tmp_path, gateway, GATEWAYS[gateway]([text % at for at in range(number)]), LONG)
    assert_cheap(cost)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_ordinary_expressions_are_asked(tmp_path: Path, gateway: str) -> None:
    texts = [f"^(user|team)-{at}[0-9]{{2,8}}$" for at in range(300)]
    cost = _ask(tmp_path, gateway, GATEWAYS[gateway](texts), "user-7")
    assert_cheap(cost)
    assert "cannot be asked" not in cost.stdout + cost.stderr


def test_what_is_too_large_is_named(tmp_path: Path) -> None:
    cost = _ask(tmp_path, "istio", _istio(_LARGE), "a")
    assert "cannot be asked: it, with those before it, is too large" in cost.stdout
    assert "expression (a{30}[b-y]{30}){30}" in cost.stdout


def test_expectations_share_the_budget(tmp_path: Path) -> None:
    asked = [
        {"request": {"host": "h.test", "headers": {"x": LONG[:100] + str(at)}}, "goesTo": "baseline"}
        for at in range(1_000)
    ]
    spec = release(traffic=rules({"header": "x", "pattern": "[ab]*a[ab]{90}"}), expect=asked)
    lay_out(tmp_path, [deployment(), service(), ingress()], release=spec)
    assert_cheap(cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path))


def test_the_budget_is_counted() -> None:
    budget = Matching(steps=1_000)
    with matching.matching(budget):
        assert matching.is_whole("a+", "aaa")
        left = budget.steps
        assert left < 1_000
        with pytest.raises(CostlyExpression, match="expression a\\+ cannot be asked"):
            matching.is_found("a+", "a" * 1_000)
    assert matching.is_found("a+", "a" * 1_000)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_KEPT", 10_000)
    budget = Matching()
    with matching.matching(budget):
        for at in range(1_000):
            assert not matching.is_found(f"b{at}", "a" * 20)
    assert len(budget._made) < 10


@pytest.mark.parametrize("pattern", ["(", "(a{1000}){1000}"])
def test_what_is_no_expression_stays_one(pattern: str) -> None:
    with matching.matching(Matching()):
        for _ in range(2):
            with pytest.raises(matching.BadExpression):
                matching.is_found(pattern, "a")


def test_json_of_the_report_tells_it(tmp_path: Path) -> None:
    lay_out(tmp_path, [service(), *_istio(_LARGE)])
    line = ["route", "-d", "baseline", "--gateway", "istio", "--host", "h.test", "-H", "x: a", "-f", "json"]
    assert "cannot be asked" in json.dumps(json.loads(cost_of(line, folder=tmp_path).stdout))
