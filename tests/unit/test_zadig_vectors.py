"""What grayc answers where the platform that it replaces goes wrong, vector by vector.

The numbers are those of the survey of that platform's gray release: T1 to T20. T17 and T18 are about several tags at
one entry and about taking a lane offline, which are no part of a build.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import objects_in

Object = dict[str, object]
LABELS = {"zadigx-release-version", "zadigx-release-type", "zadigx-release-service-name"}


def deployment(name: str, *, spec: str = "", pod: str = "", labels: str = "", containers: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  {spec}
  selector: {{matchLabels: {{app: {name}, zadigx-release-version: original}}}}
  template:
    metadata: {{labels: {{app: {name}, zadigx-release-version: original{labels}}}}}
    spec:
      {pod}
      containers:
      - {{name: {name}, image: "registry.example.com/{name}:1"}}
      {containers}
---
"""


def service(name: str, *, more: str = "", selector: str = ", zadigx-release-version: original") -> str:
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}{selector}}}, ports: [{{port: 80}}]{more}}}
---
"""


def build(
    folder: Path, baseline: str, *, tag: str = "gray", services: str = "- name: web\n  from: baseline", more: str = ""
) -> tuple[Run, dict[str, Object]]:
    """Return what a build said, and `Kind/name` → object of what it wrote."""
    (folder / "baseline").mkdir(exist_ok=True)
    (folder / "baseline" / "all.yaml").write_text(baseline)
    (folder / "release.yaml").write_text(
        "apiVersion: grayc.dev/v1\nkind: GrayRelease\nmetadata: {name: demo}\nspec:\n"
        f"  tag: {tag}\n  baseline: [baseline]\n  services:\n"
        + "".join(f"  {line}\n" for line in services.splitlines())
        + more
    )
    run = run_grayc(["build", "release.yaml", "-o", "-"], folder=folder)
    objects = objects_in(run.stdout)
    return run, {f"{item['kind']}/{item['metadata']['name']}": item for item in objects}


def at(value: object, *path: str | int) -> object:
    for step in path:
        value = value[step]  # type: ignore[index]
    return value


def test_t1_names_replicas_and_labels_are_those_of_the_platform(tmp_path: Path) -> None:
    _, made = build(tmp_path, deployment("web", labels=", msePilotCreateAppName: web") + service("web"))
    assert set(made) == {"Deployment/web-mse-gray", "Service/web-mse-gray"}
    workload = made["Deployment/web-mse-gray"]
    assert set(at(workload, "metadata", "labels")) == LABELS  # type: ignore[call-overload]
    for path in (("spec", "selector", "matchLabels"), ("spec", "template", "metadata", "labels")):
        labels = at(workload, *path)
        assert isinstance(labels, Mapping)
        assert set(labels) >= LABELS | {"alicloud.service.tag"}
        assert labels["zadigx-release-version"] == labels["alicloud.service.tag"] == "gray"
    assert at(workload, "spec", "template", "metadata", "labels", "msePilotCreateAppName") == "web"
    assert at(made["Service/web-mse-gray"], "spec", "selector") == {
        "app": "web",
        "zadigx-release-version": "gray",
        "zadigx-release-type": "mse-gray",
        "zadigx-release-service-name": "web",
    }


def test_t2_replicas_are_one_unless_given_and_zero_only_when_asked(tmp_path: Path) -> None:
    _, made = build(tmp_path, deployment("web", spec="replicas: 10"))
    assert at(made["Deployment/web-mse-gray"], "spec", "replicas") == 1
    _, made = build(tmp_path, deployment("web", spec="replicas: 10"), services="- {name: web, replicas: 0}")
    assert at(made["Deployment/web-mse-gray"], "spec", "replicas") == 0


def test_t3_references_follow_what_is_copied(tmp_path: Path) -> None:
    pod = "volumes: [{name: a, configMap: {name: own}}, {name: b, configMap: {name: elsewhere}}]"
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: b}\n"
    _, made = build(tmp_path, deployment("web", pod=pod) + config)
    volumes = at(made["Deployment/web-mse-gray"], "spec", "template", "spec", "volumes")
    assert [at(item, "configMap", "name") for item in volumes] == ["own-mse-gray", "elsewhere"]  # type: ignore[attr-defined]


def test_t4_a_service_that_selects_too_much_is_refused_with_the_patch(tmp_path: Path) -> None:
    run, _ = build(tmp_path, deployment("web") + service("web", selector=""), more="  lane: {isolation: label}\n")
    assert run.status == 1
    assert "GC441" in run.stderr
    assert "add `zadigx-release-version: original` to `spec.selector` of `Service/web`" in run.stderr


def test_t5_containers_of_one_name_in_two_services_keep_their_own_images(tmp_path: Path) -> None:
    def agent(version: int) -> str:
        return f"- {{name: agent, image: 'registry.example.com/agent:{version}'}}"

    baseline = deployment("web", containers=agent(1)) + deployment("cart", containers=agent(2))
    _, made = build(
        tmp_path, baseline, services="- name: web\n  images: {agent: 'registry.example.com/agent:9'}\n- name: cart"
    )
    images = [
        at(made[f"Deployment/{name}-mse-gray"], "spec", "template", "spec", "containers", 1, "image")
        for name in ("web", "cart")
    ]
    assert images == ["registry.example.com/agent:9", "registry.example.com/agent:2"]


def test_t6_text_with_a_separator_line_stays_whole(tmp_path: Path) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata:\n  a: |\n    one\n    ---\n    two\n"
    pod = "volumes: [{name: a, configMap: {name: own}}]"
    _, made = build(tmp_path, deployment("web", pod=pod) + config)
    assert at(made["ConfigMap/own-mse-gray"], "data", "a") == "one\n---\ntwo\n"


def test_t7_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    baseline = "".join(deployment(name) + service(name) for name in ("web", "a", "b", "c"))
    assert len({build(tmp_path, baseline)[0].stdout for _ in range(5)}) == 1


def test_t8_a_fixed_node_port_is_not_taken_twice(tmp_path: Path) -> None:
    ports = deployment("web") + service("web", more=", type: NodePort").replace("port: 80", "port: 80, nodePort: 30080")
    run, made = build(tmp_path, ports)
    assert at(made["Service/web-mse-gray"], "spec", "type") == "ClusterIP"
    assert at(made["Service/web-mse-gray"], "spec", "ports") == [{"port": 80}]
    assert "GC450" in run.stderr


def test_t9_services_without_pods_are_shared(tmp_path: Path) -> None:
    outside = "apiVersion: v1\nkind: Service\nmetadata: {name: out}\nspec: {type: ExternalName, externalName: a.example.com}\n"
    run, made = build(tmp_path, deployment("web") + outside)
    assert set(made) == {"Deployment/web-mse-gray"}
    assert "GC313" in run.stderr


@pytest.mark.parametrize(
    ("autoscaling", "made_of"),
    [
        ("", {"Deployment/web-mse-gray", "HorizontalPodAutoscaler/web-mse-gray"}),
        ("\n  autoscaling: none", {"Deployment/web-mse-gray"}),
    ],
)
def test_t10_an_autoscaler_is_copied_or_left_out(autoscaling: str, made_of: set[str], tmp_path: Path) -> None:
    scaler = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
"""
    _, made = build(tmp_path, deployment("web") + scaler, services=f"- name: web{autoscaling}")
    assert set(made) == made_of


@pytest.mark.parametrize("tag", ["Gray_1", "original", "a.b", "-a", "x" * 64])
def test_t11_a_tag_that_kubernetes_would_refuse_is_refused(tag: str, tmp_path: Path) -> None:
    run, _ = build(tmp_path, deployment("web"), tag=tag)
    assert (run.status, "GC207" in run.stderr) == (1, True)


def test_t12_a_name_that_the_suffix_makes_too_long_is_refused(tmp_path: Path) -> None:
    name = "w" * 60
    run, _ = build(tmp_path, deployment(name) + service(name), tag="x" * 10)
    assert (run.status, "GC401" in run.stderr) == (1, True)


def test_t13_another_tag_changes_everything_that_held_the_old_one(tmp_path: Path) -> None:
    baseline = deployment("web") + service("web")
    one, other = (build(tmp_path, baseline, tag=tag)[0].stdout for tag in ("tag-a", "tag-b"))
    assert "tag-a" not in other
    assert one.replace("tag-a", "tag-b") == other


def test_t14_a_patch_may_not_set_a_lane_label_back(tmp_path: Path) -> None:
    patch = "{spec: {template: {metadata: {labels: {zadigx-release-version: original}}}}}"
    run, _ = build(
        tmp_path,
        deployment("web"),
        services=f"- name: web\n  patches: [{{target: {{kind: Deployment}}, merge: {patch}}}]",
    )
    assert (run.status, "GC432" in run.stderr) == (1, True)


def test_t15_a_removed_api_version_is_refused(tmp_path: Path) -> None:
    entry = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: web}\nspec: {rules: []}\n"
    run, _ = build(tmp_path, deployment("web") + entry)
    assert (run.status, "GC307" in run.stderr) == (1, True)


def test_t16_fields_that_grayc_has_never_heard_of_are_kept(tmp_path: Path) -> None:
    _, made = build(tmp_path, deployment("web", pod="fieldOfTomorrow: {keep: 'yes', list: [1, 0.5, null]}"))
    assert at(made["Deployment/web-mse-gray"], "spec", "template", "spec", "fieldOfTomorrow") == {
        "keep": "yes",
        "list": [1, 0.5, None],
    }


def test_t19_the_baseline_is_never_part_of_the_output(tmp_path: Path) -> None:
    _, made = build(
        tmp_path, deployment("web", spec="replicas: 1") + deployment("cart") + service("cart"), services="- name: web"
    )
    assert all(name.endswith("-mse-gray") for name in made)


def test_t20_a_copy_that_would_be_another_application_is_refused(tmp_path: Path) -> None:
    patch = "{spec: {template: {metadata: {labels: {msePilotCreateAppName: other}}}}}"
    run, _ = build(
        tmp_path,
        deployment("web", labels=", msePilotCreateAppName: web"),
        services=f"- name: web\n  patches: [{{target: {{kind: Deployment}}, merge: {patch}}}]",
    )
    assert (run.status, "GC443" in run.stderr) == (1, True)
