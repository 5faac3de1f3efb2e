"""A release as a product manager says it, on every gateway: what is exact, what is refused, and where each user goes.

"App 6 on iOS, users 100 and 101, and 5 % of all others, each always the same way; next week 20 %."
"""

import json
from pathlib import Path

import pytest

from grayc.k8s.gateways import GATEWAYS
from tests.cli_run import run_grayc
from tests.gateways.manifests import NAMESPACE, service, workload
from tests.gateways.test_lowering import NO_COLOUR, baseline_route
from tests.manifests import Object, answer, write_release

APP = {"all": [{"header": "x-app", "pattern": "^6[.]"}, {"header": "x-os", "value": "ios"}]}
ONE_HEADER = {"header": "user-agent", "pattern": "ShopApp/6[.][0-9.]+ iOS"}
USERS = {"header": "x-user-id", "values": ["100", "101"]}
SHARE = {"weight": 5, "by": {"header": "x-user-id"}}
EXACT = ("gateway-api", "istio", "aliyun-alb")
TESTERS = ("100", "101")
WEEKS = ("this-week", "next-week")


def expected(headers: dict[str, str], goes_to: str, *weeks: str) -> Object:
    request = {"host": "h.test", "path": "/x", "headers": headers}
    return {"request": request, "goesTo": goes_to, **({"steps": list(weeks)} if weeks else {})}


def users(
    folder: Path, gateway: str, rules: list[Object], *more: Object, notes: dict[str, str] | None = None
) -> tuple[int, list[tuple[str, str]]]:
    """Validate the release at both steps, with where its users are to go, and return status, codes and messages.

    Args:
        notes: annotations of production's Ingress; then no user is expected to go anywhere.
    """
    expect = [
        *(expected({"x-user-id": user}, "gray") for user in TESTERS),
        *(expected({"x-user-id": user}, "gray") for user in ("7000", "7004", "u-03", "3", "0")),
        *(expected({"x-user-id": user}, "gray", "next-week") for user in ("7005", "7019", "9", "119")),
        *(expected({"x-user-id": user}, "baseline", "this-week") for user in ("7005", "7019", "9", "119")),
        *(expected({"x-user-id": user}, "baseline") for user in ("7020", "99", "102x", "a7", "1000x")),
        expected({}, "baseline"),
        *more,
    ]
    web = workload()
    web["spec"]["replicas"] = 1
    entry = baseline_route(gateway)
    entry["metadata"]["annotations"] = {**entry["metadata"].get("annotations", {}), **(notes or {})}
    write_release(
        folder,
        [web, service("web", ports=(80,)), entry],
        tag="g1",
        namespace=NAMESPACE,
        traffic={"gateway": gateway, "rules": rules},
        rollout={"steps": [{"name": "this-week"}, {"name": "next-week", "weight": 20}]},
        expect=expect if notes is None else list(more),
        accept=[{"code": "GC508", "reason": "the web calls nothing"}] if gateway in NO_COLOUR else None,
    )
    run = run_grayc(["validate", "release.yaml", "-f", "json"], folder=folder)
    findings = json.loads(run.stdout)["diagnostics"]
    return run.status, [(each["code"], each["message"]) for each in findings if each["severity"] == "error"]


APPS = (
    expected({"x-app": "6.2", "x-os": "ios"}, "gray"),
    expected({"x-app": "6.2", "x-os": "ios", "x-user-id": "77"}, "gray"),
    expected({"x-app": "6.2"}, "baseline"),
    expected({"x-app": "5.9", "x-os": "ios"}, "baseline"),
)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_whole_of_it_is_exact_or_refused_with_what_would_work(gateway: str, tmp_path: Path) -> None:
    status, errors = users(tmp_path, gateway, [APP, USERS, SHARE], *APPS)

    if gateway in EXACT:
        assert (status, errors) == (0, [])
    else:
        assert status == 1
        assert {code for code, _ in errors} == {"GC501"}
        assert any("several conditions, all of them met" in message for _, message in errors)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_with_one_header_that_says_app_and_system(gateway: str, tmp_path: Path) -> None:
    apps = (
        expected({"user-agent": "ShopApp/6.2.1 iOS 19"}, "gray"),
        expected({"user-agent": "ShopApp/5.2.1 iOS 19"}, "baseline"),
    )
    status, errors = users(tmp_path, gateway, [ONE_HEADER, USERS, SHARE], *apps)

    if gateway == "aliyun-alb":
        # It has wildcards, and they do not say `[0-9.]+`.
        assert (status, {code for code, _ in errors}) == (1, {"GC554"})
    elif gateway in NO_COLOUR:
        # One canary has room for one header.
        assert status == 1
        assert {message.partition("(")[2].partition(")")[0] for _, message in errors} == {"rules on several headers"}
    else:
        assert (status, errors) == (0, [])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_users_and_a_share_of_all_others_are_exact_everywhere(gateway: str, tmp_path: Path) -> None:
    assert users(tmp_path, gateway, [USERS, SHARE]) == (0, [])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_share_that_the_gateway_keeps_for_a_client_is_refused_where_it_keeps_none(
    gateway: str, tmp_path: Path
) -> None:
    status, errors = users(tmp_path, gateway, [USERS, {"weight": 5, "by": "client"}])

    assert status == 1
    assert {code for code, _ in errors} == {"GC549"}


@pytest.mark.parametrize("gateway", sorted(NO_COLOUR))
def test_a_client_is_kept_where_production_keeps_its_clients(gateway: str, tmp_path: Path) -> None:
    affinity = "nginx.ingress.kubernetes.io/affinity"
    shares = {"request": {"host": "h.test", "path": "/"}, "goesTo": {"percent": {"gray": 5}}, "steps": ["this-week"]}
    rule: Object = {"weight": 5, "by": "client"}

    assert users(tmp_path, gateway, [rule], shares, notes={affinity: "cookie"}) == (0, [])
    asked = ("route", "release.yaml", "--host", "h.test", "--path", "/", "--sticky")
    for sticky in ("web", "web-mse-g1"):
        told = answer(tmp_path, *asked, sticky)
        assert [(each["service"], each["percent"]) for each in told["destinations"]] == [(sticky, 100)]
    legacy = {affinity: "cookie", f"{affinity}-canary-behavior": "legacy"}
    assert [code for code, _ in users(tmp_path, gateway, [rule], notes=legacy)[1]] == ["GC549"]
