"""The Jobs of `spec.verify`: where they are, how long they stay, and that nobody takes their pods for others."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.route_meshes import LINKERD_ENDS
from grayc.k8s.selectors import POD_SELECTORS, selects
from tests.manifests import PREPARED, Object, a_namespace, an_object, run_build, service, workload
from tests.plans import Passed, after_pass, plan_of

READY: Object = {"name": "ready", "http": {"service": "web", "path": "/ready"}}
SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
SMOKE: Object = {"name": "smoke", "image": "registry.example.com/smoke:1"}


def objects(labels: dict[str, str], *, namespace: str = "shop") -> list[Object]:
    """Return a workload with the Service, budget and policy that find its pods."""
    budget: Object = {"maxUnavailable": 1, "selector": {"matchLabels": labels}}
    policy: Object = {"podSelector": {"matchLabels": labels}, "ingress": [{}]}
    return [
        workload(namespace=namespace, labels=labels),
        service(namespace=namespace, labels=labels),
        an_object("PodDisruptionBudget", budget, version="policy/v1", namespace=namespace),
        an_object("NetworkPolicy", policy, version="networking.k8s.io/v1", namespace=namespace),
    ]


def checked(
    *,
    verify: list[Object],
    baseline: Sequence[Object] = (),
    image: str = "registry.example.com/web:2",
    **spec: Any,
) -> Passed:
    """Return a lane and its checks."""
    services = [{"name": "web", "workload": "web", "images": {"web": image}}]
    fields = {"namespace": None, "services": services, "verify": verify, **spec}
    return after_pass(plan_of(baseline or objects(PREPARED), **fields), "verify_lane")


def jobs(**given: Any) -> list[Object]:
    made = checked(**given)
    assert made.found == ()
    return [item for item in made.objects if item["kind"] == "Job"]


def test_every_change_of_the_lane_is_checked_by_a_new_job() -> None:
    (first,) = jobs(verify=[READY])
    (again,) = jobs(verify=[READY], baseline=objects(PREPARED)[::-1])
    (other,) = jobs(verify=[READY], image="registry.example.com/web:3")
    (slower,) = jobs(verify=[{**READY, "timeoutSeconds": 301}])

    names = [job["metadata"]["name"] for job in (first, again, other, slower)]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_hook_of_argo_cd_keeps_its_name() -> None:
    for image in ("registry.example.com/web:2", "registry.example.com/web:3"):
        (job,) = jobs(verify=[READY], image=image, output={"gitops": "argocd"})
        assert job["metadata"]["name"] == "verify-ready-mse-gray"
        assert job["metadata"]["annotations"] == {
            "argocd.argoproj.io/hook": "Sync",
            "argocd.argoproj.io/sync-wave": "3",
            "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation,HookSucceeded",
        }


@pytest.mark.parametrize(("gitops", "kept"), [("none", True), ("argocd", True), ("flux", False)])
def test_only_flux_takes_finished_jobs_away_itself(gitops: str, kept: bool) -> None:
    (job,) = jobs(verify=[SMOKE], output={"gitops": gitops})

    assert ("ttlSecondsAfterFinished" in job["spec"]) is kept


@pytest.mark.parametrize("gitops", ["none", "argocd", "flux"])
def test_flux_substitutes_nothing_in_the_program_of_a_check(gitops: str) -> None:
    """Where a Kustomization has `postBuild`, `${answer}` would be a variable of it, and empty."""
    plain = {**SMOKE, "args": ["--quick"]}
    request, container = jobs(verify=[READY, plain], output={"gitops": gitops})

    marks = [job["metadata"].get("annotations", {}).get(SUBSTITUTE) for job in (request, container)]
    assert marks == (["disabled", None] if gitops == "flux" else [None, None])


@pytest.mark.parametrize("body", ["US$$", "$(CHECK_URL)", "$$(CHECK_URL)", "$HOME", "$", "a$$$b", "${X}"])
def test_a_text_is_what_is_written_once_kubernetes_has_filled_in_variables(body: str) -> None:
    (job,) = jobs(verify=[{**READY, "http": {**READY["http"], "expectBody": body}}])
    env = {item["name"]: item["value"] for item in job["spec"]["template"]["spec"]["containers"][0]["env"]}

    # Source: kubernetes third_party/forked/golang/expansion, `Expand`: `$$` is `$`, `$(NAME)` a variable.
    filled = re.sub(
        r"\$(\$|\((\w+)\))", lambda found: "$" if found[1] == "$" else env.get(found[2], found[0]), env["CHECK_BODY"]
    )
    assert filled == body


@pytest.mark.parametrize(("check", "gitops", "tries"), [(READY, "none", 0), (SMOKE, "none", 6), (SMOKE, "argocd", 0)])
def test_a_container_is_started_again_where_nothing_waits_for_the_pods(check: Object, gitops: str, tries: int) -> None:
    (job,) = jobs(verify=[check], output={"gitops": gitops})

    assert job["spec"]["backoffLimit"] == tries
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_a_request_may_take_its_time_after_its_image_was_pulled() -> None:
    request, container = jobs(verify=[{**READY, "timeoutSeconds": 10}, {**SMOKE, "timeoutSeconds": 10}])

    assert request["spec"]["activeDeadlineSeconds"] > 10
    assert container["spec"]["activeDeadlineSeconds"] == 10


@pytest.mark.parametrize(("inject", "asks"), [("enabled", True), ("disabled", False)])
def test_the_proxy_of_linkerd_ends_with_the_check(inject: str, asks: bool) -> None:
    namespace = a_namespace(annotations={"linkerd.io/inject": inject})
    (job,) = jobs(verify=[READY], baseline=[namespace, *objects(PREPARED)])

    found = job["spec"]["template"]["metadata"].get("annotations", {})
    assert found == (dict(LINKERD_ENDS) if asks else {})


def test_images_of_checks_are_pulled_as_those_of_the_lane() -> None:
    baseline = objects(PREPARED)
    baseline[0]["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "registry"}]

    for job in jobs(verify=[READY, SMOKE], baseline=baseline):
        assert job["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "registry"}]


def test_a_check_is_where_the_service_is_that_it_asks() -> None:
    baseline = objects(PREPARED, namespace="front")
    (job,) = jobs(verify=[READY], baseline=baseline)

    assert job["metadata"]["namespace"] == "front"


@pytest.mark.parametrize("labels", [PREPARED, {"app": "web"}], ids=["prepared", "relabelled"])
def test_no_selector_of_lane_or_baseline_finds_the_pods_of_a_check(tmp_path: Path, labels: dict[str, str]) -> None:
    made = checked(verify=[READY, SMOKE], baseline=objects(labels))
    assert made.found == ()
    checks = [item["spec"]["template"]["metadata"]["labels"] for item in made.objects if item["kind"] == "Job"]
    seen = 0
    for item in (*made.objects, *objects(labels)):
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
    """The error keeps the lane from being written, so it is built."""
    services = [{"name": "verify-ready", "workload": "web"}]
    built = run_build(tmp_path, objects(PREPARED), namespace=None, services=services, verify=[READY])

    assert (built.errors, built.objects) == (["GC205"], [])


def test_a_service_without_ports_needs_one_of_the_check() -> None:
    baseline = objects(PREPARED)
    baseline[1]["spec"] = {"selector": PREPARED, "clusterIP": "None"}

    assert [item.code for item in checked(verify=[READY], baseline=baseline).found] == ["GC418"]
    (job,) = jobs(verify=[{**READY, "http": {**READY["http"], "port": 9000}}], baseline=baseline)
    env = {item["name"]: item["value"] for item in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["CHECK_URL"] == "http://web-mse-gray:9000/ready"


def test_a_service_that_is_in_two_namespaces_is_not_guessed() -> None:
    baseline = [*objects(PREPARED, namespace="a"), *objects(PREPARED, namespace="b")]
    made = checked(verify=[READY], baseline=baseline, services=[{"name": "web", "from": "baseline/all.yaml"}])

    assert [item.code for item in made.found] == ["GC417"]


def test_a_service_that_is_not_found_is_told_once(tmp_path: Path) -> None:
    """What plan and pass say together, so it is built."""
    services = [{"name": "web", "workload": "wbe"}]
    built = run_build(tmp_path, objects(PREPARED), namespace=None, services=services, verify=[READY])

    assert built.errors == ["GC301"]
