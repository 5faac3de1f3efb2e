"""Affinity that names others beside the workload: gray pods look for gray ones of their own, and still for the others."""

from typing import Any

import pytest

from tests.manifests import VERSION, Object, of_kind, service, workload
from tests.plans import after_pass, plan_of

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
    return workload(name=name, labels={"app": name, **labels})


def relabelled(*objects: Object, **spec: Any) -> list[Object]:
    return after_pass(plan_of(objects, **spec), "relabel_pods").objects


def selectors(made: list[Object], name: str = "web") -> list[Any]:
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
def test_a_list_keeps_the_others_and_has_the_gray_value_for_the_own(kind: str, soft: bool) -> None:
    web = workload(labels=APP, pod=placed(kind, among("web", "redis"), soft=soft))
    made = relabelled(web, other("redis"), service(labels=APP))
    assert selectors(made) == [among("web-mse-gray", "redis")]


def test_a_list_of_a_spread_keeps_the_others_too() -> None:
    made = relabelled(workload(labels=APP, pod=spread(among("redis", "web"))), service(labels=APP))
    assert selectors(made) == [among("redis", "web-mse-gray")]


def test_others_that_are_released_too_are_seen_in_both() -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", among("web", "cart")))
    services = [{"name": "web"}, {"name": "cart"}]
    cart_service = service("cart", labels={"app": "cart"})
    made = relabelled(web, other("cart"), service(labels=APP), cart_service, services=services)
    assert selectors(made) == [among("web-mse-gray", "cart", "cart-mse-gray")]


def test_with_labels_of_the_lane_a_list_becomes_two_terms() -> None:
    web = workload(pod=placed("podAntiAffinity", among("web", "redis")))
    made = relabelled(web, other("redis", **{VERSION: "original"}), service())
    gray = {**among("web", "redis"), "matchLabels": {VERSION: "gray"}}
    assert selectors(made) == [gray, among("redis")]


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_a_label_that_others_share_becomes_two_terms_to_keep_away_from(soft: bool) -> None:
    labels = {"app": "web", "tier": "data"}
    web = workload(labels=labels, pod=placed("podAntiAffinity", {"matchLabels": {"tier": "data"}}, soft=soft))
    made = relabelled(web, other("redis", tier="data"), service(labels=APP))
    without = {
        "matchLabels": {"tier": "data"},
        "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}],
    }
    assert selectors(made) == [{"matchLabels": {"tier": "data", VERSION: "gray"}}, without]


def test_everything_becomes_two_terms_to_keep_away_from() -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", {}))
    made = relabelled(web, other("redis"), service(labels=APP))
    without = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}
    assert selectors(made) == [{"matchLabels": {VERSION: "gray"}}, without]


def test_what_is_near_to_a_shared_label_stays_near_to_it() -> None:
    labels = {"app": "web", "tier": "data"}
    web = workload(labels=labels, pod=placed("podAffinity", {"matchLabels": {"tier": "data"}}))
    made = relabelled(web, other("redis", tier="data"), service(labels=APP))
    assert selectors(made) == [{"matchLabels": {"tier": "data"}}]


def test_a_spread_over_a_shared_label_stays_one_over_all() -> None:
    labels = {"app": "web", "tier": "data"}
    web = workload(labels=labels, pod=spread({"matchLabels": {"tier": "data"}}))
    made = relabelled(web, other("redis", tier="data"), service(labels=APP))
    assert selectors(made) == [{"matchLabels": {"tier": "data"}}]


def test_what_looks_for_its_own_pods_alone_looks_for_gray_ones_alone() -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", {"matchLabels": APP}))
    made = relabelled(web, other("redis"), service(labels=APP))
    assert selectors(made) == [{"matchLabels": {"app": "web-mse-gray", VERSION: "gray"}}]


def test_what_looks_for_others_alone_stays() -> None:
    web = workload(labels=APP, pod=placed("podAntiAffinity", among("redis", "kafka")))
    made = relabelled(web, other("redis"), service(labels=APP))
    assert selectors(made) == [among("redis", "kafka")]


def test_a_blue_and_a_green_one_see_each_other() -> None:
    labels = {"app": "web", "colour": "blue"}
    web = workload(labels=labels, pod=placed("podAntiAffinity", {"matchLabels": APP}))
    green = workload(name="green", labels={"app": "web", "colour": "green"})
    made = relabelled(web, green, service(labels=labels))
    first, second = selectors(made)
    assert first["matchLabels"][VERSION] == "gray"
    assert second == {
        "matchLabels": APP,
        "matchExpressions": [{"key": "colour", "operator": "NotIn", "values": ["blue"]}],
    }
    assert of_kind(made, "Deployment")["metadata"]["name"] == "web"
