"""The Jobs of `spec.verify`: where they are, how long they stay, and that nobody takes their pods for others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.route_meshes import LINKERD_ENDS
from grayc.k8s.selectors import POD_SELECTORS, selects
from tests.cli_run import run_grayc
from tests.manifests import objects_in

Object = dict[str, Any]
READY: Object = {"name": "ready", "http": {"service": "web", "path": "/ready"}}
SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
SMOKE: Object = {"name": "smoke", "image": "registry.example.com/smoke:1"}


def objects(labels: dict[str, str], *, namespace: str = "shop") -> list[Object]:
    """Return a workload with the Service, budget and policy that find its pods."""
    metadata = {"name": "web", "namespace": namespace}
    pods = [{"name": "web", "image": "registry.example.com/web:1"}]
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": pods}},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"port": 80}]},
        },
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata,
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata,
            "spec": {"podSelector": {"matchLabels": labels}, "ingress": [{}]},
        },
    ]


PREPARED = {"app": "web", "zadigx-release-version": "original"}


def build(
    folder: Path,
    *,
    verify: list[Object],
    baseline: list[Object] | None = None,
    image: str = "registry.example.com/web:2",
    service: str = "web",
    **spec: object,
) -> tuple[list[str], list[Object]]:
    """Return the codes of the errors of a build, and the objects that it wrote."""
    folder.mkdir(parents=True, exist_ok=True)
    release = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "demo"},
        "spec": {
            "tag": "gray",
            "baseline": ["baseline.yaml"],
            "services": [{"name": service, "workload": "web", "images": {"web": image}}],
            "verify": verify,
            **spec,
        },
    }
    (folder / "release.yaml").write_text(json.dumps(release))
    (folder / "baseline.yaml").write_text("\n---\n".join(map(json.dumps, baseline or objects(PREPARED))))
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)
    errors = [item["code"] for item in json.loads(run.stdout)["diagnostics"] if item["severity"] == "error"]
    files = sorted((folder / "out").glob("*.yaml")) if (folder / "out").exists() else []
    return errors, [item for path in files for item in objects_in(path.read_text())]


def jobs(folder: Path, **given: Any) -> list[Object]:
    errors, made = build(folder, **given)
    assert errors == []
    return [item for item in made if item["kind"] == "Job"]


def test_every_change_of_the_lane_is_checked_by_a_new_job(tmp_path: Path) -> None:
    (first,) = jobs(tmp_path / "a", verify=[READY])
    (again,) = jobs(tmp_path / "b", verify=[READY], baseline=objects(PREPARED)[::-1])
    (other,) = jobs(tmp_path / "c", verify=[READY], image="registry.example.com/web:3")
    (slower,) = jobs(tmp_path / "d", verify=[{**READY, "timeoutSeconds": 301}])

    names = [job["metadata"]["name"] for job in (first, again, other, slower)]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_hook_of_argo_cd_keeps_its_name(tmp_path: Path) -> None:
    for image in ("registry.example.com/web:2", "registry.example.com/web:3"):
        (job,) = jobs(tmp_path, verify=[READY], image=image, output={"gitops": "argocd"})
        assert job["metadata"]["name"] == "verify-ready-mse-gray"
        assert job["metadata"]["annotations"] == {
            "argocd.argoproj.io/hook": "Sync",
            "argocd.argoproj.io/sync-wave": "3",
            "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation,HookSucceeded",
        }


@pytest.mark.parametrize(("gitops", "kept"), [("none", True), ("argocd", True), ("flux", False)])
def test_only_flux_takes_finished_jobs_away_itself(tmp_path: Path, gitops: str, kept: bool) -> None:
    (job,) = jobs(tmp_path, verify=[SMOKE], output={"gitops": gitops})

    assert ("ttlSecondsAfterFinished" in job["spec"]) is kept


@pytest.mark.parametrize("gitops", ["none", "argocd", "flux"])
def test_flux_substitutes_nothing_in_the_program_of_a_check(tmp_path: Path, gitops: str) -> None:
    """Where a Kustomization has `postBuild`, `${answer}` would be a variable of it, and empty."""
    plain = {**SMOKE, "args": ["--quick"]}
    request, container = jobs(tmp_path, verify=[READY, plain], output={"gitops": gitops})

    marks = [job["metadata"].get("annotations", {}).get(SUBSTITUTE) for job in (request, container)]
    assert marks == (["disabled", None] if gitops == "flux" else [None, None])


@pytest.mark.parametrize("body", ["US$$", "$(CHECK_URL)", "$$(CHECK_URL)", "$HOME", "$", "a$$$b", "${X}"])
def test_a_text_is_what_is_written_once_kubernetes_has_filled_in_variables(tmp_path: Path, body: str) -> None:
    (job,) = jobs(tmp_path, verify=[{**READY, "http": {**READY["http"], "expectBody": body}}])
    env = {item["name"]: item["value"] for item in job["spec"]["template"]["spec"]["containers"][0]["env"]}

    # Source: kubernetes third_party/forked/golang/expansion, `Expand`: `$$` is `$`, `$(NAME)` a variable.
    filled = re.sub(
        r"\$(\$|\((\w+)\))", lambda found: "$" if found[1] == "$" else env.get(found[2], found[0]), env["CHECK_BODY"]
    )
    assert filled == body


@pytest.mark.parametrize(("check", "gitops", "tries"), [(READY, "none", 0), (SMOKE, "none", 6), (SMOKE, "argocd", 0)])
def test_a_container_is_started_again_where_nothing_waits_for_the_pods(
    tmp_path: Path, check: Object, gitops: str, tries: int
) -> None:
    (job,) = jobs(tmp_path, verify=[check], output={"gitops": gitops})

    assert job["spec"]["backoffLimit"] == tries
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_a_request_may_take_its_time_after_its_image_was_pulled(tmp_path: Path) -> None:
    request, container = jobs(tmp_path, verify=[{**READY, "timeoutSeconds": 10}, {**SMOKE, "timeoutSeconds": 10}])

    assert request["spec"]["activeDeadlineSeconds"] > 10
    assert container["spec"]["activeDeadlineSeconds"] == 10


@pytest.mark.parametrize(("inject", "asks"), [("enabled", True), ("disabled", False)])
def test_the_proxy_of_linkerd_ends_with_the_check(tmp_path: Path, inject: str, asks: bool) -> None:
    metadata = {"name": "shop", "annotations": {"linkerd.io/inject": inject}}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    (job,) = jobs(tmp_path, verify=[READY], baseline=[namespace, *objects(PREPARED)])

    found = job["spec"]["template"]["metadata"].get("annotations", {})
    assert found == (dict(LINKERD_ENDS) if asks else {})


def test_images_of_checks_are_pulled_as_those_of_the_lane(tmp_path: Path) -> None:
    baseline = objects(PREPARED)
    baseline[0]["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "registry"}]

    for job in jobs(tmp_path, verify=[READY, SMOKE], baseline=baseline):
        assert job["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "registry"}]


def test_a_check_is_where_the_service_is_that_it_asks(tmp_path: Path) -> None:
    baseline = objects(PREPARED, namespace="front")
    (job,) = jobs(tmp_path, verify=[READY], baseline=baseline)

    assert job["metadata"]["namespace"] == "front"


@pytest.mark.parametrize("labels", [PREPARED, {"app": "web"}], ids=["prepared", "relabelled"])
def test_no_selector_of_lane_or_baseline_finds_the_pods_of_a_check(tmp_path: Path, labels: dict[str, str]) -> None:
    errors, made = build(tmp_path, verify=[READY, SMOKE], baseline=objects(labels))
    assert errors == []
    checks = [item["spec"]["template"]["metadata"]["labels"] for item in made if item["kind"] == "Job"]
    seen = 0
    for item in (*made, *objects(labels)):
        group = item["apiVersion"].rpartition("/")[0]
        field = POD_SELECTORS.get((group, item["kind"]))
        if field is None or item["kind"] == "Job":
            continue
        value: Any = item
        for step in field.path:
            value = value[step]
        assert not any(selects(field, value, pods) for pods in checks), item
        seen += 1
    assert (len(checks), seen) == (2, 8)


def test_a_check_is_not_labelled_like_a_service(tmp_path: Path) -> None:
    errors, made = build(tmp_path, verify=[READY], service="verify-ready")

    assert (errors, made) == (["GC205"], [])


def test_a_service_without_ports_needs_one_of_the_check(tmp_path: Path) -> None:
    baseline = objects(PREPARED)
    baseline[1]["spec"] = {"selector": PREPARED, "clusterIP": "None"}

    assert build(tmp_path / "a", verify=[READY], baseline=baseline)[0] == ["GC418"]
    (job,) = jobs(tmp_path / "b", verify=[{**READY, "http": {**READY["http"], "port": 9000}}], baseline=baseline)
    env = {item["name"]: item["value"] for item in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["CHECK_URL"] == "http://web-mse-gray:9000/ready"


def test_a_service_that_is_in_two_namespaces_is_not_guessed(tmp_path: Path) -> None:
    baseline = [*objects(PREPARED, namespace="a"), *objects(PREPARED, namespace="b")]
    errors, _ = build(
        tmp_path,
        verify=[READY],
        baseline=baseline,
        services=[{"name": "web", "from": "baseline.yaml"}],
    )

    assert errors == ["GC417"]


def test_a_service_that_is_not_found_is_told_once(tmp_path: Path) -> None:
    errors, _ = build(tmp_path, verify=[READY], services=[{"name": "web", "workload": "wbe"}])

    assert errors == ["GC301"]
