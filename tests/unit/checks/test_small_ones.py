"""Containers without an image, objects that are about a Service by their name, values without room for a suffix."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import Object, an_object, build, of_kind, service, with_code, workload

NONE = {"provider": "none"}
SERVICE = service(labels={"app": "web"})


def web(container: Object, **more: Any) -> Object:
    return workload(pod={"containers": [{"name": "web", **container}]}, **more)


@pytest.mark.parametrize("container", [{"image": None}, {"image": ""}, {}])
def test_a_container_without_an_image_is_refused(container: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [web(container)], lane=NONE)
    assert with_code(findings, "GC424") == [("GC424", "Deployment/web")]
    assert not made


def test_the_release_may_name_it(tmp_path: Path) -> None:
    services = [{"name": "web", "images": {"web": "registry.example.com/web:2"}}]
    findings, made = build(tmp_path, [web({"image": None})], lane=NONE, services=services)
    assert with_code(findings, "GC424") == []
    assert "registry.example.com/web:2" in str(of_kind(made, "Deployment"))


def test_a_sidecar_without_an_image_is_named(tmp_path: Path) -> None:
    containers = [{"name": "web", "image": "web:1"}, {"name": "side"}]
    findings, _ = build(tmp_path, [workload(pod={"containers": containers})], lane=NONE)
    [found] = [item for item in findings if item["code"] == "GC424"]
    assert "`side`" in found["message"] and "`web` " not in found["message"]


def profile(name: str, kind: str = "ServiceProfile", version: str = "linkerd.io/v1alpha2") -> Object:
    return an_object(kind, {"routes": []}, version=version, name=name)


@pytest.mark.parametrize("folder", [{}, {"from": "baseline/"}])
@pytest.mark.parametrize(
    "item",
    [
        profile("web.shop.svc.cluster.local"),
        profile("web.shop.svc.example.org"),
        profile("web", "ServiceDefaults", "consul.hashicorp.com/v1alpha1"),
        profile("web", "ServiceRouter", "consul.hashicorp.com/v1alpha1"),
    ],
    ids=lambda item: f"{item['kind']}-{item['metadata']['name']}",
)
def test_what_is_about_a_service_by_its_name_stays_and_is_named(
    item: Object, folder: dict[str, str], tmp_path: Path
) -> None:
    services = [{"name": "web", **folder}]
    findings, made = build(tmp_path, [web({"image": "w:1"}), SERVICE, item], lane=NONE, services=services)
    assert with_code(findings, "GC425", "GC314") == [("GC425", f"{item['kind']}/{item['metadata']['name']}")]
    assert item["kind"] not in {each["kind"] for each in made}


@pytest.mark.parametrize(
    "items",
    [
        [profile("cart.shop.svc.cluster.local")],
        [profile("web.elsewhere.svc.cluster.local")],
        [profile("web.shop.svc.cluster.local"), profile("web-gray.shop.svc.cluster.local")],
    ],
)
def test_others_and_what_the_gray_service_has_are_not(items: list[Object], tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [web({"image": "w:1"}), SERVICE, *items], lane=NONE)
    assert with_code(findings, "GC425") == []


LONG = "a" * 62


def test_a_label_with_room_is_taken_for_one_without(tmp_path: Path) -> None:
    labels = {"app": LONG, "part": "web"}
    service = an_object("Service", {"selector": labels, "ports": [{"port": 80}]})
    findings, made = build(tmp_path, [web({"image": "w:1"}, labels=labels), service], lane=NONE)
    assert [item for item in findings if item["severity"] == "error"] == []
    pod = of_kind(made, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert pod["app"] == LONG and pod["part"] == "web-gray"


@pytest.mark.parametrize(
    ("value", "tag", "help_"),
    [(LONG, "gray", "no tag is short enough"), ("a" * 59, "gray", "choose a tag shorter by 1")],
)
def test_the_help_for_a_value_without_room_helps(value: str, tag: str, help_: str, tmp_path: Path) -> None:
    labels = {"app": value}
    service = an_object("Service", {"selector": labels, "ports": [{"port": 80}]})
    findings, _ = build(tmp_path, [web({"image": "w:1"}, labels=labels), service], lane=NONE, tag=tag)
    [found] = [item for item in findings if item["code"] == "GC404"]
    assert found["help"].startswith(help_)
    if help_.startswith("choose"):
        shorter = tag[:-1]
        (tmp_path / "again").mkdir()
        again, _ = build(tmp_path / "again", [web({"image": "w:1"}, labels=labels), service], lane=NONE, tag=shorter)
        assert with_code(again, "GC404") == []


def twice(patch: Object, **service: Any) -> Object:
    target = {"kind": "Deployment"}
    merge = {"spec": {"template": {"spec": {"containers": [{"name": "web", **patch}]}}}}
    return {"name": "web", "patches": [{"target": target, "merge": merge}], **service}


ENV = [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}, {"name": "A", "value": "2"}]


def test_a_patch_of_a_variable_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    services = [twice({"env": [{"name": "A", "value": "9"}]})]
    findings, _ = build(tmp_path, [web({"image": "w:1", "env": ENV})], lane=NONE, services=services)
    [found] = [item for item in findings if item["severity"] == "error"]
    assert found["code"] == "GC431" and "`A`" in found["message"]


@pytest.mark.parametrize(
    "patch",
    [{"env": [{"name": "B", "value": "9"}]}, {"env": [{"name": "A", "$patch": "delete"}]}, {"tty": True}],
)
def test_other_patches_of_such_a_container_apply(patch: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [web({"image": "w:1", "env": ENV})], lane=NONE, services=[twice(patch)])
    assert [item for item in findings if item["severity"] == "error"] == []
    assert of_kind(made, "Deployment")


def rollout(name: str, template: str) -> Object:
    steps = [{"analysis": {"templates": [{"templateName": template}]}}]
    item = workload("Rollout", strategy={"canary": {"steps": steps}})
    item["apiVersion"], item["metadata"]["name"] = "argoproj.io/v1alpha1", name
    item["spec"]["selector"]["matchLabels"] = item["spec"]["template"]["metadata"]["labels"] = {"app": name}
    return item


ANALYSIS = an_object("AnalysisTemplate", {"metrics": []}, version="argoproj.io/v1alpha1", name="smoke")


@pytest.mark.parametrize(
    ("others", "copied"),
    [
        ([], True),
        ([rollout("cart", "other")], True),
        ([rollout("cart", "smoke")], False),
    ],
)
def test_an_analysis_of_one_rollout_goes_along(others: list[Object], copied: bool, tmp_path: Path) -> None:
    _, made = build(tmp_path, [rollout("web", "smoke"), ANALYSIS, *others], lane=NONE)
    [gray] = [item for item in made if item["kind"] == "Rollout"]
    name = gray["spec"]["strategy"]["canary"]["steps"][0]["analysis"]["templates"][0]["templateName"]
    assert name == ("smoke-gray" if copied else "smoke")
    assert ("AnalysisTemplate" in {item["kind"] for item in made}) == copied
