"""What a release writes beside routes of the Gateway API, as production has them."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.gateways.manifests import match, route, rule, service
from tests.manifests import Built, Object, run_build, workload
from tests.unit.gateways.test_listeners import HTTP, HTTPS, calls, gateway, grpc, on

HEADER: Object = {"header": "x-user", "value": "100"}


def build(
    folder: Path, *objects: Object, rules: Sequence[Object] = (HEADER,), services: Sequence[str] = ("web",)
) -> Built:
    names = sorted({ref["name"] for item in objects for ref in _refs(item)} | set(services))
    pods = [workload(name=name, namespace="default", labels={"app": name}) for name in names]
    return run_build(
        folder,
        [*objects, *pods, *map(service, names)],
        namespace="default",
        services=[{"name": name} for name in services],
        traffic={"gateway": "gateway-api", "guard": False, "rules": list(rules)},
    )


def codes(built: Built) -> set[str]:
    return {*built.codes} - {"GC471", "GC504"}


def goes(built: Built, path: str = "/", *headers: str) -> dict[str, float]:
    """Return where the release sends a request: Service → percent."""
    return built.goes("--path", path, *(part for header in headers for part in ("-H", header)))


def _refs(item: Object) -> list[Object]:
    rules = item.get("spec", {}).get("rules", [])
    mirrors = [
        part["requestMirror"]["backendRef"]
        for each in rules
        for part in each.get("filters", ())
        if "requestMirror" in part
    ]
    return [*mirrors, *(ref for each in rules for ref in each.get("backendRefs", ()))]


@pytest.mark.parametrize(
    ("weights", "plain"),
    [((90, 10), {"web": 90.0, "canary": 10.0}), ((0, 100), {"canary": 100.0})],
    ids=["split", "before the switch"],
)
def test_requests_of_the_lane_go_to_no_other_backend_of_a_split(
    tmp_path: Path, weights: tuple[int, int], plain: dict[str, float]
) -> None:
    split = route("web", [rule(("web", weights[0]), ("canary", weights[1]))])

    built = build(tmp_path, split)

    assert built.status == 0
    assert goes(built, "/", "x-user: 100") == {"web-mse-gray": 100}
    assert goes(built) == plain


def test_a_share_of_a_split_is_the_percent_of_all_its_requests(tmp_path: Path) -> None:
    built = build(tmp_path, route("web", [rule(("web", 90), ("canary", 10))]), rules=[{"weight": 20}])

    assert codes(built) == {"GC530", "GC532"}
    assert goes(built) == {"web": 72.0, "canary": 8.0, "web-mse-gray": 20.0}


def test_weights_stay_within_what_the_api_takes(tmp_path: Path) -> None:
    split = route("web", [rule(("web", 999_983), ("canary", 7), ("other", 1))])

    built = build(tmp_path, split, rules=[{"weight": 37}])

    [made] = built.all("HTTPRoute")
    weights = [ref["weight"] for each in made["spec"]["rules"] for ref in each["backendRefs"]]
    assert max(weights) <= 1_000_000
    assert min(weights) >= 1
    assert abs(goes(built)["web-mse-gray"] - 37) < 0.001


def test_a_split_between_released_services_keeps_its_shares(tmp_path: Path) -> None:
    built = build(tmp_path, route("web", [rule(("web", 3), ("other", 1))]), services=("web", "other"))

    assert goes(built, "/", "x-user: 100") == {"web-mse-gray": 75, "other-mse-gray": 25}


def mirror(name: str) -> Object:
    return {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": name, "port": 80}}}


def test_what_goes_gray_is_mirrored_to_the_gray_service(tmp_path: Path) -> None:
    built = build(tmp_path, route("web", [rule("web", filters=[mirror("m")])]), services=("web", "m"))

    [made] = built.all("HTTPRoute")
    assert made["spec"]["rules"][0]["filters"][0] == mirror("m-mse-gray")
    assert codes(built) == {"GC532"}


def test_a_mirror_of_a_released_service_under_a_share_is_told(tmp_path: Path) -> None:
    mirrored = route("web", [rule("web", filters=[mirror("m")])])

    built = build(tmp_path, mirrored, services=("web", "m"), rules=[{"weight": 5}])

    assert "GC533" in codes(built)
    [made] = built.all("HTTPRoute")
    assert mirror("m") in made["spec"]["rules"][0]["filters"]


def test_a_mirror_of_a_service_that_is_not_released_stays(tmp_path: Path) -> None:
    built = build(tmp_path, route("web", [rule("web", filters=[mirror("m")])]))

    assert mirror("m") in built.all("HTTPRoute")[0]["spec"]["rules"][0]["filters"]
    assert codes(built) == {"GC532"}


REDIRECT = route(
    "a-redirect",
    [{"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]}],
    age=9,
)


@pytest.mark.parametrize("shown", [[gateway(HTTP, HTTPS)], []], ids=["known", "unknown"])
def test_the_redirect_of_the_other_listener_is_no_matter_of_the_lane(tmp_path: Path, shown: list[Object]) -> None:
    redirect = on(REDIRECT, {"name": "gw", "sectionName": "http"})
    web = on(route("web", [rule("web")]), {"name": "gw", "sectionName": "https"})

    built = build(tmp_path, redirect, web, *shown, rules=[HEADER, {"weight": 5}])

    assert codes(built) == ({"GC530"} if shown else {"GC530", "GC532"})
    assert goes(built, "/", "x-user: 100") == {"web-mse-gray": 100}
    [made] = built.all("HTTPRoute")
    assert made["spec"]["parentRefs"] == [{"name": "gw", "sectionName": "https"}]


TAKEN = route(
    "beta",
    [rule("beta", matches=[match("/", headers={"x-user": "100"})]), rule("web", matches=[match("/")])],
)


@pytest.mark.parametrize(
    ("theirs", "mine", "taken"),
    [
        ("100", HEADER, True),
        ("101", HEADER, False),
        ("/^1", HEADER, False),
        ("/1.*", HEADER, True),
        ("100", {"header": "X-User", "pattern": "^1"}, True),
        ("200", {"header": "x-user", "pattern": "^1"}, False),
        ("/2[0-9]", {"header": "x-user", "pattern": "^1[0-9]$"}, False),
        ("100", {"header": "x-other", "value": "100"}, False),
    ],
    ids=str,
)
def test_a_rule_of_the_baseline_that_takes_the_lanes_requests_is_refused(
    tmp_path: Path, theirs: str, mine: Object, taken: bool
) -> None:
    regex = ("x-user",) if theirs.startswith("/") else ()
    beta = rule("beta", matches=[match("/", headers={"x-user": theirs.removeprefix("/")}, regex=regex)])

    built = build(tmp_path, route("web", [beta, rule("web", matches=[match("/")])]), rules=[mine])

    assert ("GC531" in codes(built)) == taken
    assert built.status == int(taken)


def test_a_rule_of_another_gateway_takes_nothing(tmp_path: Path) -> None:
    inside = on(route("beta", [rule("beta", matches=[match("/", headers={"x-user": "100"})])]), {"name": "internal"})
    admin = on(route("admin", [rule("admin", matches=[match("/", headers={"x-a": "1"})])]), {"name": "internal"})
    web = on(route("web", [rule("web", matches=[match("/")])]), {"name": "external"})

    built = build(tmp_path, inside, admin, web, rules=[HEADER, {"weight": 10}])

    assert codes(built) == {"GC530", "GC532"}


@pytest.mark.parametrize(
    "parents", [[{"kind": "Service", "group": "", "name": "web", "port": 80}], []], ids=["a mesh's", "another route's"]
)
def test_a_route_on_no_gateway_is_no_entry(tmp_path: Path, parents: list[Object]) -> None:
    built = build(tmp_path, on(route("mesh", [rule("web")]), *parents))

    assert built.status == 1
    [error] = [item for item in built.findings if item["code"] == "GC321"]
    assert "parentRefs" in json.dumps(error)


def test_the_gray_route_has_the_gateways_of_its_base_only(tmp_path: Path) -> None:
    parents: list[Object] = [{"name": "gw"}, {"kind": "Service", "group": "", "name": "web", "port": 80}]

    built = build(tmp_path, on(route("web", [rule("web")]), *parents))

    assert built.all("HTTPRoute")[0]["spec"]["parentRefs"] == parents[:1]


def test_a_weight_says_that_it_multiplies_the_matches(tmp_path: Path) -> None:
    many = route("web", [rule("web", matches=[match(f"/{at}") for at in range(9)])])

    built = build(tmp_path, many, rules=[{"weight": 5}])

    told = [item["message"] for item in built.findings if item["code"] == "GC515"]
    assert told
    assert all("nine" in message or "by 9" in message for message in told)


def test_a_grpc_route_is_opened_like_an_http_route(tmp_path: Path) -> None:
    entry = grpc("web", rule("web", matches=[calls("pkg.Svc", "Get"), calls("pkg.Other")]))

    built = build(tmp_path, entry, rules=[{"header": "x-user"}, HEADER | {"header": "x-id"}, {"cookie": "vip"}])

    assert codes(built) == {"GC532"}
    assert built.all("GRPCRoute")
    for path in ("/pkg.Svc/Get", "/pkg.Other/Any"):
        assert goes(built, path, "x-user: always") == {"web-mse-gray": 100}
        assert goes(built, path, "x-user: never", "x-id: 100") == {"web": 100}
        assert goes(built, path, "x-id: 100") == {"web-mse-gray": 100}
        assert goes(built, path, "cookie: vip=always") == {"web-mse-gray": 100}
        assert goes(built, path) == {"web": 100}


def test_a_share_of_a_grpc_route_is_of_all_calls(tmp_path: Path) -> None:
    built = build(tmp_path, grpc("web", rule("web")), rules=[HEADER, {"weight": 20}])

    assert codes(built) == {"GC532"}
    sent = "content-type: application/grpc+proto"
    assert goes(built, "/pkg.Svc/Get", sent) == {"web": 80, "web-mse-gray": 20}
    assert goes(built, "/pkg.Svc/Get", sent, "x-user: 100") == {"web-mse-gray": 100}


def test_a_grpc_route_of_another_namespace_is_granted(tmp_path: Path) -> None:
    far = grpc("web", {"backendRefs": [{"name": "web", "namespace": "default", "port": 80}]})
    far["metadata"]["namespace"] = "edge"

    built = build(tmp_path, far)

    [grant] = built.all("ReferenceGrant")
    assert grant["spec"]["from"] == [{"group": "gateway.networking.k8s.io", "kind": "GRPCRoute", "namespace": "edge"}]
