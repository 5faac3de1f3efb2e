"""Call paths take the names that people use for a service, and say why where a name means none or several."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import Object, a_namespace, an_object, answer, service, workload, write_release


def deployment(name: str, app: str) -> Object:
    return workload(name=name, labels={"app": app, "version": name})


def named(name: str, app: str) -> Object:
    """Return the Service that is called so."""
    return service(name, labels={"app": app}, ports=({"name": "http", "port": 80},))


JOB = workload(name="reviews-index", labels={"job": "reviews-index"}, pod={"restartPolicy": "Never"})
BASELINE = {
    "prod/namespace.yaml": [a_namespace(labels={"mse-enable": "enabled"})],
    "prod/spring-a/all.yaml": [deployment("spring-cloud-a", "a"), named("a-svc", "a")],
    "prod/spring-b/all.yaml": [deployment("spring-cloud-b", "b"), named("b-svc", "b")],
    # Versions behind one Service, and a Job beside them.
    "prod/reviews/all.yaml": [
        deployment("reviews-v1", "reviews"),
        deployment("reviews-v2", "reviews"),
        named("reviews-svc", "reviews"),
        an_object("Job", {"template": JOB["spec"]["template"]}, version="batch/v1", name="reviews-index"),
    ],
    "prod/outside/all.yaml": [
        an_object("Service", {"type": "ExternalName", "externalName": "p.test"}, name="payments")
    ],
    "prod/two/all.yaml": [deployment("left", "left"), deployment("right", "right")],
    "prod/east/twin/all.yaml": [deployment("twin-east", "te")],
    "prod/west/twin/all.yaml": [deployment("twin-west", "tw")],
    # A folder that is called as a workload elsewhere.
    "prod/left/all.yaml": [deployment("other", "other")],
    # A service of the release whose files lie deeper than its folder.
    "prod/cart/base/all.yaml": [deployment("cart-server", "cart")],
}


def plan(folder: Path, call: str, *services: Object) -> tuple[list[str], list[str]]:
    """Return the path as the plan shows it, and the messages and helps of GC324."""
    write_release(folder, BASELINE, lane={"provider": "mse"}, baseline=["prod/"], services=[*services], calls=[call])
    told: Any = answer(folder, "plan", "release.yaml")
    said = [f"{item['message']}; {item['help']}" for item in told["diagnostics"] if item["code"] == "GC324"]
    hops = [
        f"{hop['service']} {hop['copy']}"
        for release in told["plans"]
        for path in release["calls"]
        for hop in path["hops"]
    ]
    return hops, said


A = {"name": "web", "from": "prod/spring-a"}


@pytest.mark.parametrize(
    ("call", "services", "hops"),
    [
        ("web -> spring-cloud-b", [A], ["web gray", "spring-cloud-b baseline"]),
        ("a-svc -> b-svc", [A], ["a-svc gray", "b-svc baseline"]),
        ("spring-a -> spring-b", [A], ["spring-a gray", "spring-b baseline"]),
        ("web -> reviews", [A], ["web gray", "reviews baseline"]),
        ("web -> outside", [A], ["web gray", "outside baseline"]),
        # The workload's name comes before the folder's.
        ("web -> left", [A, {"name": "l", "workload": "left"}], ["web gray", "left gray"]),
        ("web -> left", [A, {"name": "o", "workload": "other"}], ["web gray", "left baseline"]),
        ("web -> cart", [A, {"name": "basket", "from": "prod/cart"}], ["web gray", "cart gray"]),
        ("web -> two", [A, {"name": "both", "from": "prod/two"}], ["web gray", "two gray"]),
        # Out of the release, the path still holds.
        ("spring-a -> spring-b", [{"name": "b", "from": "prod/spring-b"}], ["spring-a baseline", "spring-b gray"]),
    ],
)
def test_a_name_means_the_service_that_people_call_so(
    call: str, services: list[Object], hops: list[str], tmp_path: Path
) -> None:
    assert plan(tmp_path, call, *services) == (hops, [])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("two", "`two` is a folder of several services: `left`, `right`; name the one that is called"),
        (
            "twin",
            "`twin` is the last part of several folders: `prod/east/twin`, `prod/west/twin`; name the workload or the "
            "Service: `twin-east`, `twin-west`",
        ),
        ("reviews-v9", "did you mean"),
        ("spring-v1-b", "did you mean `spring-b`?"),
    ],
)
def test_a_name_that_means_no_one_service_is_told(name: str, said: str, tmp_path: Path) -> None:
    _, found = plan(tmp_path, f"web -> {name}", A)
    assert len(found) == 1
    assert said in found[0]


def test_a_longer_name_with_all_the_words_is_meant(tmp_path: Path) -> None:
    _, found = plan(tmp_path, "web -> cloud-b", A)
    assert "did you mean `spring-cloud-b`?" in found[0]


def test_a_sibling_is_not_suggested(tmp_path: Path) -> None:
    _, found = plan(tmp_path, "web -> spring-c", A)
    assert "did you mean" not in found[0]
    assert "services there are: `a-svc`" in found[0]
