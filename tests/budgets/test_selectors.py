"""Many selectors beside many workloads, and one of many conditions, cost what they are and not their product."""

import json
from pathlib import Path

import pytest

from grayc.checks.isolation import MAX_CROSSINGS_OF_ONE
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, ingress, lay_out, rules
from tests.manifests import Object, release, service

WORKLOADS, SELECTORS = 800, 2_500


def _policy(name: str, selector: Object) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"podSelector": selector},
    }


def _expressions(count: int, key: str) -> list[Object]:
    return [{"key": f"{key}{at}", "operator": "NotIn", "values": ["x"]} for at in range(count)]


def _services() -> list[Object]:
    ports = [{"port": 80}]
    return [
        {**service(f"s{at}"), "spec": {"selector": {"zadigx-release-version": "original"}, "ports": ports}}
        for at in range(SELECTORS)
    ]


def _policies() -> list[Object]:
    selector = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}
    return [_policy(f"p{at}", selector) for at in range(SELECTORS)]


@pytest.mark.parametrize(
    "selecting",
    [_services(), _policies(), [_policy("p", {"matchExpressions": _expressions(10_000, "k")})]],
    ids=["services", "policies", "conditions"],
)
@pytest.mark.parametrize(
    "command", [["build", "release.yaml", "-o", "out"], ["adopt", "baseline/"]], ids=["build", "adopt"]
)
def test_selectors_of_all_workloads(tmp_path: Path, selecting: list[Object], command: list[str]) -> None:
    workloads = [deployment(f"w{at}") for at in range(WORKLOADS)]
    services = [{"name": f"w{at}"} for at in range(WORKLOADS)]
    lay_out(tmp_path, [*workloads, *selecting], release=release(services=services))
    cost = cost_of(command, folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 0, cost.stderr[-2000:]


def test_crossings_of_one_selector_are_told_up_to_a_number(tmp_path: Path) -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "all", "namespace": "shop"},
        "spec": {"minAvailable": 1, "selector": {}},
    }
    count = MAX_CROSSINGS_OF_ONE + 10
    services = [{"name": f"w{at}"} for at in range(count)]
    lay_out(tmp_path, [*(deployment(f"w{at}") for at in range(count)), budget], release=release(services=services))
    cost = cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    assert_cheap(cost)
    leaks = [item for item in json.loads(cost.stdout)["diagnostics"] if item["code"] == "GC441"]
    told = [note["message"] for leak in leaks for note in leak["notes"]]
    assert (len(leaks), any("10 more workloads" in words for words in told)) == (MAX_CROSSINGS_OF_ONE, True)


def test_a_workload_of_many_containers(tmp_path: Path) -> None:
    workload = deployment()
    workload["spec"]["template"]["spec"]["containers"] = [{"name": f"c{at}", "image": "x"} for at in range(20_000)]
    lay_out(tmp_path, [workload], release=release())
    assert_cheap(cost_of(["plan", "release.yaml"], folder=tmp_path))


def test_config_that_no_object_is_for(tmp_path: Path) -> None:
    maps = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{at}", "namespace": "shop"}}
        for at in range(3_000)
    ]
    config = {f"d{at}": {"a": "x"} for at in range(20_000)}
    lay_out(tmp_path, [deployment(), *maps], release=release(services=[{"name": "web", "config": config}]))
    cost = cost_of(["plan", "release.yaml"], folder=tmp_path)
    assert_cheap(cost)
    assert "GC310" in cost.stderr


def test_many_rules_are_simulated(tmp_path: Path) -> None:
    given = [{"header": f"x{at}", "value": "1"} for at in range(5_000)]
    lay_out(tmp_path, [deployment(), service(), ingress()], release=release(traffic=rules(*given)))
    assert_cheap(cost_of(["route", "release.yaml", "--host", "h.test", "-H", "x7: 1"], folder=tmp_path))


def test_the_canaries_of_many_rules_are_validated(tmp_path: Path) -> None:
    given = [{"header": f"x{at}", "value": "1"} for at in range(5_000)]
    lay_out(tmp_path, [deployment(), service(), ingress()], release=release(traffic=rules(*given)))
    assert_cheap(cost_of(["validate", "release.yaml"], folder=tmp_path))


def test_the_canaries_of_many_rules_are_shown(tmp_path: Path) -> None:
    given = [{"header": f"x{at}", "value": "1"} for at in range(5_000)]
    lay_out(tmp_path, [deployment(), service(), ingress()], release=release(traffic=rules(*given)))
    assert_cheap(cost_of(["diff", "release.yaml", "--baseline"], folder=tmp_path))


def test_releases_of_one_folder_share_its_records(tmp_path: Path) -> None:
    specs = {
        f"specs__r{at}": release(
            f"r{at}", tag=f"r{at}", baseline=["../baseline/"], traffic=rules({"header": f"x{at}", "value": "1"})
        )
        for at in range(300)
    }
    lay_out(tmp_path, [deployment(), service(), ingress()], **specs)
    cost = cost_of(["build", "specs/", "--allow-root", ".", "-o", "out"], folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 0, cost.stderr[-2000:]


def test_an_ingress_of_many_paths_is_simulated(tmp_path: Path) -> None:
    entry = ingress()
    http = entry["spec"]["rules"][0]["http"]
    http["paths"] = [{**http["paths"][0], "path": f"/{at}"} for at in range(7_000)]
    spec = release(traffic=rules({"header": "x", "value": "1"}))
    lay_out(tmp_path, [deployment(), service(), entry], release=spec)
    assert_cheap(cost_of(["route", "release.yaml", "--host", "h.test", "-H", "x: 1"], folder=tmp_path))


def test_many_variables_are_promoted(tmp_path: Path) -> None:
    env = [{"name": f"A{at}", "value": "x"} for at in range(12_000)]
    values = {"web": {f"A{at}": "y" for at in range(12_000)}}
    spec = release(services=[{"name": "web", "env": values}])
    lay_out(tmp_path, [deployment(container={"env": env})], release=spec)
    assert_cheap(cost_of(["promote", "release.yaml", "--check"], folder=tmp_path))


def test_a_configuration_that_all_services_read(tmp_path: Path) -> None:
    lines = [
        f"spring.cloud.stream.bindings.in{at}.group: orders{at}" if at % 50 == 0 else f"some.key{at}: a value {at}"
        for at in range(9_000)
    ]
    config: Object = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "all", "namespace": "shop"},
        "data": {"application.properties": "\n".join(lines)},
    }
    names = [f"w{at}" for at in range(200)]
    readers = [deployment(name, container={"envFrom": [{"configMapRef": {"name": "all"}}]}) for name in names]
    services = [{"name": name, "work": "shared"} for name in names]
    lay_out(tmp_path, [config, *readers], release=release(services=services))
    assert_cheap(cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path))
