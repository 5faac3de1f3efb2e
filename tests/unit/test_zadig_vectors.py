"""What grayc answers where the platform that it replaces goes wrong, vector by vector.

The numbers are those of the survey of that platform's gray release: T1 to T20. T17 and T18 are about several tags at
one entry and about taking a lane offline, which are no part of a build.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.manifests import PREPARED, Built, Object, an_object, build_again, run_build, service, workload

LABELS = {"zadigx-release-version", "zadigx-release-type", "zadigx-release-service-name"}


def released(folder: Path, *objects: Object, services: Iterable[Object] = (), **spec: Any) -> Built:
    """Return what is built of all that is in the baseline's folder."""
    return run_build(folder, objects, services=[*services] or [{"name": "web", "from": "baseline"}], **spec)


def mounting(*names: str) -> Object:
    """Return a pod that mounts ConfigMaps."""
    return {"volumes": [{"name": name, "configMap": {"name": name}} for name in names]}


def test_t1_names_replicas_and_labels_are_those_of_the_platform(tmp_path: Path) -> None:
    made = released(tmp_path, workload(labels={**PREPARED, "msePilotCreateAppName": "web"}), service()).by_name
    assert set(made) == {"Deployment/web-mse-gray", "Service/web-mse-gray"}
    gray = made["Deployment/web-mse-gray"]
    assert set(gray["metadata"]["labels"]) == LABELS
    for labels in (gray["spec"]["selector"]["matchLabels"], gray["spec"]["template"]["metadata"]["labels"]):
        assert set(labels) >= LABELS | {"alicloud.service.tag"}
        assert labels["zadigx-release-version"] == labels["alicloud.service.tag"] == "gray"
    assert gray["spec"]["template"]["metadata"]["labels"]["msePilotCreateAppName"] == "web"
    assert made["Service/web-mse-gray"]["spec"]["selector"] == {
        "app": "web",
        "zadigx-release-version": "gray",
        "zadigx-release-type": "mse-gray",
        "zadigx-release-service-name": "web",
    }


def test_t2_replicas_are_one_unless_given_and_zero_only_when_asked(tmp_path: Path) -> None:
    def replicas(**said: int) -> object:
        built = released(tmp_path, workload(replicas=10), services=[{"name": "web", **said}])
        return built.one("Deployment")["spec"]["replicas"]

    assert replicas() == 1
    assert replicas(replicas=0) == 0


def test_t3_references_follow_what_is_copied(tmp_path: Path) -> None:
    config = an_object("ConfigMap", name="own", data={"a": "b"})
    built = released(tmp_path, workload(pod=mounting("own", "elsewhere")), config)
    volumes = built.one("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert [item["configMap"]["name"] for item in volumes] == ["own-mse-gray", "elsewhere"]


def test_t4_a_service_that_selects_too_much_is_refused_with_the_patch(tmp_path: Path) -> None:
    built = released(tmp_path, workload(), service(labels={"app": "web"}), lane={"isolation": "label"})
    assert built.status == 1
    assert "add `zadigx-release-version: original` to `spec.selector` of `Service/web`" in built.said["GC441"]


def test_t5_containers_of_one_name_in_two_services_keep_their_own_images(tmp_path: Path) -> None:
    def beside_an_agent(name: str, version: int) -> Object:
        made = workload(name=name)
        agent = {"name": "agent", "image": f"registry.example.com/agent:{version}"}
        made["spec"]["template"]["spec"]["containers"].append(agent)
        return made

    services: list[Object] = [{"name": "web", "images": {"agent": "registry.example.com/agent:9"}}, {"name": "cart"}]
    made = released(tmp_path, beside_an_agent("web", 1), beside_an_agent("cart", 2), services=services).by_name
    images = [
        made[f"Deployment/{name}-mse-gray"]["spec"]["template"]["spec"]["containers"][1]["image"]
        for name in ("web", "cart")
    ]
    assert images == ["registry.example.com/agent:9", "registry.example.com/agent:2"]


def test_t6_text_with_a_separator_line_stays_whole(tmp_path: Path) -> None:
    released(tmp_path, workload(pod=mounting("own")))
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own, namespace: shop}\n"
    (tmp_path / "baseline" / "own.yaml").write_text(f"{config}data:\n  a: |\n    one\n    ---\n    two\n")
    assert build_again(tmp_path).one("ConfigMap")["data"]["a"] == "one\n---\ntwo\n"


def test_t7_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    objects = [item for name in ("web", "a", "b", "c") for item in (workload(name=name), service(name))]
    assert len({released(tmp_path, *objects).run.stdout for _ in range(5)}) == 1


def test_t8_a_fixed_node_port_is_not_taken_twice(tmp_path: Path) -> None:
    built = released(tmp_path, workload(), service(type="NodePort", ports=({"port": 80, "nodePort": 30080},)))
    assert built.one("Service")["spec"]["type"] == "ClusterIP"
    assert built.one("Service")["spec"]["ports"] == [{"port": 80}]
    assert "GC450" in built.codes


def test_t9_services_without_pods_are_shared(tmp_path: Path) -> None:
    outside = an_object("Service", {"type": "ExternalName", "externalName": "a.example.com"}, name="out")
    built = released(tmp_path, workload(), outside)
    assert set(built.by_name) == {"Deployment/web-mse-gray"}
    assert "GC313" in built.codes


@pytest.mark.parametrize(
    ("autoscaling", "made_of"),
    [
        ({}, {"Deployment/web-mse-gray", "HorizontalPodAutoscaler/web-mse-gray"}),
        ({"autoscaling": "none"}, {"Deployment/web-mse-gray"}),
    ],
)
def test_t10_an_autoscaler_is_copied_or_left_out(autoscaling: Object, made_of: set[str], tmp_path: Path) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = an_object(
        "HorizontalPodAutoscaler", {"maxReplicas": 3, "scaleTargetRef": target}, version="autoscaling/v2"
    )
    assert set(released(tmp_path, workload(), scaler, services=[{"name": "web", **autoscaling}]).by_name) == made_of


@pytest.mark.parametrize("tag", ["Gray_1", "original", "a.b", "-a", "x" * 64])
def test_t11_a_tag_that_kubernetes_would_refuse_is_refused(tag: str, tmp_path: Path) -> None:
    built = released(tmp_path, workload(), tag=tag)
    assert (built.status, "GC207" in built.codes) == (1, True)


def test_t12_a_name_that_the_suffix_makes_too_long_is_refused(tmp_path: Path) -> None:
    name = "w" * 60
    built = released(tmp_path, workload(name=name), service(name), tag="x" * 10)
    assert (built.status, "GC401" in built.codes) == (1, True)


def test_t13_another_tag_changes_everything_that_held_the_old_one(tmp_path: Path) -> None:
    one, other = (released(tmp_path, workload(), service(), tag=tag).run.stdout for tag in ("tag-a", "tag-b"))
    assert "tag-a" not in other
    assert one.replace("tag-a", "tag-b") == other


def patched(**labels: str) -> list[Object]:
    """Return the service with a patch of its pods' labels."""
    merge = {"spec": {"template": {"metadata": {"labels": labels}}}}
    return [{"name": "web", "patches": [{"target": {"kind": "Deployment"}, "merge": merge}]}]


def test_t14_a_patch_may_not_set_a_lane_label_back(tmp_path: Path) -> None:
    built = released(tmp_path, workload(), services=patched(**{"zadigx-release-version": "original"}))
    assert (built.status, "GC432" in built.codes) == (1, True)


def test_t15_a_removed_api_version_is_refused(tmp_path: Path) -> None:
    built = released(tmp_path, workload(), an_object("Ingress", {"rules": []}, version="extensions/v1beta1"))
    assert (built.status, "GC307" in built.codes) == (1, True)


def test_t16_fields_that_grayc_has_never_heard_of_are_kept(tmp_path: Path) -> None:
    unheard = {"keep": "yes", "list": [1, 0.5, None]}
    built = released(tmp_path, workload(pod={"fieldOfTomorrow": unheard}))
    assert built.one("Deployment")["spec"]["template"]["spec"]["fieldOfTomorrow"] == unheard


def test_t19_the_baseline_is_never_part_of_the_output(tmp_path: Path) -> None:
    objects = (workload(replicas=1), workload(name="cart"), service("cart"))
    made = released(tmp_path, *objects, services=[{"name": "web"}]).by_name
    assert made
    assert all(name.endswith("-mse-gray") for name in made)


def test_t20_a_copy_that_would_be_another_application_is_refused(tmp_path: Path) -> None:
    web = workload(labels={**PREPARED, "msePilotCreateAppName": "web"})
    built = released(tmp_path, web, services=patched(msePilotCreateAppName="other"))
    assert (built.status, "GC443" in built.codes) == (1, True)
