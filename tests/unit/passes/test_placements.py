"""Affinity that names others beside the workload: gray pods look for gray ones of their own, and still for the others."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import PREPARED, VERSION, Object, an_object, build, of_kind, workload

APP = {"app": "web"}
HARD, SOFT = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"


def among(*values: str, key: str = "app") -> Object:
    return {"matchExpressions": [{"key": key, "operator": "In", "values": list(values)}]}


def term(selector: Object) -> Object:
    return {"topologyKey": "kubernetes.io/hostname", "labelSelector": selector}


def placed(kind: str, selector: Object, *, soft: bool = False) -> Object:
    one = {"weight": 1, "podAffinityTerm": term(selector)} if soft else term(selector)
    return {"affinity": {kind: {SOFT if soft else HARD: [one]}}}


def spread(selector: Object) -> Object:
    return {"topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1, "labelSelector": selector}]}


def other(name: str, **labels: str) -> Object:
    made = workload(labels={"app": name, **labels})
    return {**made, "metadata": {"name": name, "namespace": "shop"}}


def service(labels: dict[str, str]) -> Object:
    return an_object("Service", {"selector": labels, "ports": [{"port": 80}]})


def selectors(made: list[Object], name: str = "web-mse-gray") -> list[Any]:
    """Return the label selectors of a gray Deployment's pods."""
    document = next(item for item in made if item["metadata"]["name"] == name and item["kind"] == "Deployment")
    pod = document["spec"]["template"]["spec"]
    terms = [
        each.get("podAffinityTerm", each)
        for affinity in pod.get("affinity", {}).values()
        for found in affinity.values()
        for each in found
    ]
    return [each["labelSelector"] for each in (*terms, *pod.get("topologySpreadConstraints", ()))]


@pytest.mark.parametrize("kind", ["podAntiAffinity", "podAffinity"])
@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_a_list_keeps_the_others_and_has_the_gray_value_for_the_own(kind: str, soft: bool, tmp_path: Path) -> None:
    web = workload(labels=APP, pod=placed(kind, among("web", "redis"), soft=soft))
    _, made = build(tmp_path, [web, other("redis"), service(APP)])
    assert selectors(made) == [among("web-mse-gray", "redis")]


def test_a_list_of_a_spread_keeps_the_others_too(tmp_path: Path) -> None:
    _, made = build(tmp_path, [workload(labels=APP, pod=spread(among("redis", "web"))), service(APP)])
    assert selectors(made) == [among("redis", "web-mse-gray")]


def test_others_that_are_released_too_are_seen_in_both(tmp_path: Path) -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", among("web", "cart")))
    services = [{"name": "web"}, {"name": "cart"}]
    cart_service = {**service({"app": "cart"}), "metadata": {"name": "cart", "namespace": "shop"}}
    _, made = build(tmp_path, [web, other("cart"), service(APP), cart_service], services=services)
    assert selectors(made) == [among("web-mse-gray", "cart", "cart-mse-gray")]


def test_with_labels_of_the_lane_a_list_becomes_two_terms(tmp_path: Path) -> None:
    web = workload(pod=placed("podAntiAffinity", among("web", "redis")))
    _, made = build(tmp_path, [web, other("redis", **{VERSION: "original"}), service(PREPARED)])
    gray = {**among("web", "redis"), "matchLabels": {VERSION: "gray"}}
    assert selectors(made) == [gray, among("redis")]


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_a_label_that_others_share_becomes_two_terms_to_keep_away_from(soft: bool, tmp_path: Path) -> None:
    labels = {"app": "web", "tier": "data"}
    web = workload(labels=labels, pod=placed("podAntiAffinity", {"matchLabels": {"tier": "data"}}, soft=soft))
    _, made = build(tmp_path, [web, other("redis", tier="data"), service(APP)])
    without = {
        "matchLabels": {"tier": "data"},
        "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}],
    }
    assert selectors(made) == [{"matchLabels": {"tier": "data", VERSION: "gray"}}, without]


def test_everything_becomes_two_terms_to_keep_away_from(tmp_path: Path) -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", {}))
    _, made = build(tmp_path, [web, other("redis"), service(APP)])
    without = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}
    assert selectors(made) == [{"matchLabels": {VERSION: "gray"}}, without]


def test_what_is_near_to_a_shared_label_stays_near_to_it(tmp_path: Path) -> None:
    labels = {"app": "web", "tier": "data"}
    web = workload(labels=labels, pod=placed("podAffinity", {"matchLabels": {"tier": "data"}}))
    _, made = build(tmp_path, [web, other("redis", tier="data"), service(APP)])
    assert selectors(made) == [{"matchLabels": {"tier": "data"}}]


def test_a_spread_over_a_shared_label_stays_one_over_all(tmp_path: Path) -> None:
    labels = {"app": "web", "tier": "data"}
    web = workload(labels=labels, pod=spread({"matchLabels": {"tier": "data"}}))
    _, made = build(tmp_path, [web, other("redis", tier="data"), service(APP)])
    assert selectors(made) == [{"matchLabels": {"tier": "data"}}]


def test_what_looks_for_its_own_pods_alone_looks_for_gray_ones_alone(tmp_path: Path) -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", {"matchLabels": APP}))
    _, made = build(tmp_path, [web, other("redis"), service(APP)])
    assert selectors(made) == [{"matchLabels": {"app": "web-mse-gray", VERSION: "gray"}}]


def test_what_looks_for_others_alone_stays(tmp_path: Path) -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", among("redis", "kafka")))
    _, made = build(tmp_path, [web, other("redis"), service(APP)])
    assert selectors(made) == [among("redis", "kafka")]


def test_a_blue_and_a_green_one_see_each_other(tmp_path: Path) -> None:
    labels = {"app": "web", "colour": "blue"}
    web = workload(labels=labels, pod=placed("podAntiAffinity", {"matchLabels": APP}))
    green = workload(labels={"app": "web", "colour": "green"})
    _, made = build(tmp_path, [web, {**green, "metadata": {"name": "green", "namespace": "shop"}}, service(labels)])
    first, second = selectors(made)
    assert first["matchLabels"][VERSION] == "gray"
    assert second == {
        "matchLabels": APP,
        "matchExpressions": [{"key": "colour", "operator": "NotIn", "values": ["blue"]}],
    }
    assert of_kind(made, "Deployment")["metadata"]["name"] == "web-mse-gray"
