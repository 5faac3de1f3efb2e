"""Several releases compiled as one: no object twice, and no lane in the pods of another."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, workload, write_baseline, write_spec


def lay(folder: Path, name: str, tag: str, service: str, baseline: list[Object]) -> None:
    write_baseline(folder, {f"{name}/all.yaml": baseline})
    write_spec(folder / f"{name}.yaml", name, tag=tag, baseline=[f"{name}/"], services=[{"name": service}])


def found(folder: Path, *names: str) -> tuple[int, list[Object]]:
    run = run_grayc(["build", *(f"{name}.yaml" for name in names), "-o", "out", "-f", "json"], folder=folder)
    findings = [item for item in json.loads(run.stdout)["diagnostics"] if item["severity"] == "error"]
    return run.status, findings


WEB = workload(name="web", labels={"app": "web"})
CART = workload(name="cart", labels={"app": "cart"})


def test_lanes_that_read_one_production_stay_apart(tmp_path: Path) -> None:
    lay(tmp_path, "one", "blue", "web", [WEB, CART])
    lay(tmp_path, "two", "green", "web", [WEB, CART])
    assert found(tmp_path, "one", "two") == (0, [])


def test_one_object_of_two_releases_names_both_files_and_lines(tmp_path: Path) -> None:
    lay(tmp_path, "one", "blue", "web", [WEB])
    lay(tmp_path, "two", "blue", "web", [WEB])
    status, (finding,) = found(tmp_path, "one", "two")
    assert (status, finding["code"], finding["object"]) == (1, "GC402", "Deployment/web-mse-blue")
    places = [finding, *finding["notes"]]
    assert [(item["file"], item["range"]["start"]["line"]) for item in places] == [("two.yaml", 8), ("one.yaml", 8)]


@pytest.mark.parametrize("turned", [False, True])
def test_a_service_that_only_the_other_release_reads_may_not_catch_gray_pods(turned: bool, tmp_path: Path) -> None:
    catching = an_object("Service", {"selector": {"tier": "front"}, "ports": [{"port": 80}]}, name="front")
    lay(tmp_path, "one", "blue", "web", [workload(name="web", labels={"app": "web", "tier": "front"})])
    lay(tmp_path, "two", "green", "cart", [CART, catching])
    status, (finding,) = found(tmp_path, *(("two", "one") if turned else ("one", "two")))
    assert (status, finding["code"], finding["object"]) == (1, "GC441", "Service/front")
    assert [(item["file"], item["range"]["start"]["line"]) for item in (finding, *finding["notes"])] == [
        ("two/all.yaml", 3),
        ("one.yaml", 5),
    ]


def test_a_selector_of_a_lane_may_not_catch_pods_that_only_the_other_release_reads(tmp_path: Path) -> None:
    lane = {"app": "x", "zadigx-release-version": "blue", "zadigx-release-type": "mse-gray"}
    astray = workload(name="old", labels={**lane, "zadigx-release-service-name": "web", "alicloud.service.tag": "blue"})
    lay(
        tmp_path,
        "one",
        "blue",
        "web",
        [workload(name="web", labels={"app": "x", "zadigx-release-version": "original"})],
    )
    lay(tmp_path, "two", "green", "cart", [CART, astray])
    status, findings = found(tmp_path, "one", "two")
    assert (status, {item["code"] for item in findings}) == (1, {"GC441", "GC444"})


@pytest.mark.parametrize(
    ("gateway", "first", "second", "told"),
    [("higress", 53, 20, True), ("mse", 20, 59, True), ("mse", 53, 40, True), ("mse", 30, 20, False)],
)
def test_shares_on_one_route_are_parts_of_one_total(
    tmp_path: Path, gateway: str, first: int, second: int, told: bool
) -> None:
    """53 percent is 53001 of 100000, and then 20 of 100 is 20 of 100000: nobody."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "h.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    service = an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]})
    entry = an_object("Ingress", {"rules": [rule]}, version="networking.k8s.io/v1")
    for name, percent in (("blue", first), ("green", second)):
        lay(tmp_path, name, name, "web", [WEB, service, entry])
        release = json.loads((tmp_path / f"{name}.yaml").read_text())
        release["spec"]["baseline"] = ["blue/"]
        release["spec"]["traffic"] = {"gateway": gateway, "guard": False, "rules": [{"weight": percent}]}
        release["spec"]["lane"] = {"provider": "mse"}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(release))
    status, findings = found(tmp_path, "blue", "green")

    assert (status, [item["code"] for item in findings]) == ((1, ["GC523"]) if told else (0, []))


ALL = {"all": [{"header": "a", "value": "1"}, {"query": "q", "value": "x"}]}


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ({"query": "q", "value": "1"}, {"query": "q", "values": ["2", "1"]}, ["GC521"]),
        ({"query": "q", "value": "1"}, {"query": "q", "value": "2"}, []),
        ({"query": "q", "value": "1"}, {"cookie": "q", "value": "1"}, ["GC522"]),
        ({"cookie": "c", "pattern": "^a"}, {"cookie": "c", "values": ["b", "ab"]}, ["GC521"]),
        # Whoever asks for one thing of an `all` asks all that tells its requests apart.
        (ALL, {"header": "A", "value": "1"}, ["GC521"]),
        (ALL, {"header": "a", "value": "2"}, []),
        (ALL, {"all": [{"header": "a", "value": "1"}, {"query": "q", "value": "y"}]}, []),
        (ALL, {"all": [{"header": "a", "value": "1"}, {"cookie": "c", "value": "y"}]}, ["GC522"]),
        (ALL, {"all": [{"header": "a", "value": "2"}, {"cookie": "c", "value": "y"}]}, []),
        ({"tagged": True}, {"tagged": True}, []),
        ({"tagged": True}, {"header": "x-mse-tag", "value": "blue"}, ["GC521"]),
        ({"weight": 5, "by": {"header": "uid"}}, {"weight": 90, "by": {"header": "UID"}}, ["GC521"]),
        ({"weight": 5, "by": {"header": "uid"}}, {"header": "uid", "values": ["7005", "a4"]}, []),
        ({"weight": 5, "by": {"header": "uid"}}, {"header": "uid", "value": "7004"}, ["GC521"]),
        ({"weight": 100, "by": {"header": "uid"}}, {"weight": 5}, []),
    ],
)
def test_rules_of_two_releases_meet_where_one_request_meets_both(
    tmp_path: Path, first: Object, second: Object, codes: list[str]
) -> None:
    """On the Gateway API, which takes every rule and several lanes on one route."""
    service = an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]})
    route = an_object(
        "HTTPRoute",
        {
            "parentRefs": [{"name": "public"}],
            "hostnames": ["h.test"],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
        version="gateway.networking.k8s.io/v1",
    )
    for name, rule in (("blue", first), ("green", second)):
        lay(tmp_path, name, name, "web", [WEB, service, route])
        release = json.loads((tmp_path / f"{name}.yaml").read_text())
        release["spec"]["baseline"] = ["blue/"]
        release["spec"]["traffic"] = {"gateway": "gateway-api", "guard": False, "rules": [rule]}
        release["spec"]["lane"] = {"provider": "mse"}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(release))
    run = run_grayc(["build", "blue.yaml", "green.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    findings = json.loads(run.stdout)["diagnostics"]
    drawn = any("weight" in rule and "by" not in rule for rule in (first, second))

    told = [item["code"] for item in findings if item["code"] in ("GC520", "GC521", "GC522", "GC523")]
    assert told == (["GC520"] if drawn else codes)
