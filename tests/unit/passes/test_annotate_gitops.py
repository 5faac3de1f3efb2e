"""With Argo CD the entry opens last and closes first; nothing of the baseline keeps a copy when its lane goes."""

from typing import Any

import pytest

from tests.argocd import steps
from tests.manifests import Object, an_object, ingress, service, workload
from tests.plans import after_pass, plan_of

WAVE = "argocd.argoproj.io/sync-wave"


def annotated(item: Object, **annotations: str) -> Object:
    return {**item, "metadata": {**item["metadata"], "annotations": annotations}}


def web(**container: Any) -> list[Object]:
    """Return a workload with an entry, configuration and an autoscaler, each with marks of those that apply them."""
    reads = {"envFrom": [{"configMapRef": {"name": "settings"}}], **container}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return [
        annotated(ingress(class_name="mse", host=""), **{"argocd.argoproj.io/sync-options": "PruneLast=true"}),
        service(labels={"app": "web"}),
        annotated(
            an_object("ConfigMap", name="settings", data={"mode": "plain", "store": "tcp://store:6379"}),
            **{"helm.sh/hook": "pre-install", "helm.sh/resource-policy": "keep"},
        ),
        annotated(
            workload(labels={"app": "web"}, container=reads),
            **{
                "argocd.argoproj.io/sync-wave": "7",
                "argocd.argoproj.io/hook": "PreSync",
                "argocd.argoproj.io/sync-options": "Prune=false,ServerSideApply=true",
                "kustomize.toolkit.fluxcd.io/prune": "disabled",
                "mine": "stays",
            },
        ),
        an_object("HorizontalPodAutoscaler", {"scaleTargetRef": target, "maxReplicas": 3}, version="autoscaling/v2"),
    ]


def store(pod: Object | None = None) -> list[Object]:
    return [
        service("store", labels={"app": "store"}, ports=(6379,)),
        annotated(
            workload(name="store", labels={"app": "store"}, pod=pod),
            **{"argocd.argoproj.io/sync-options": "Delete=false"},
        ),
    ]


def made(gitops: str, *others: Object, mode: str = "", **container: Any) -> list[Object]:
    """Return the lane of web and store.

    Args:
        others: the store, and what is in its file.
        container: more of web's container.
    """
    gray = f"gray{mode}"
    services = [
        {
            "name": "web",
            "from": "baseline/web.yaml",
            "rewriteText": True,
            "config": {"settings": {"mode": gray}},
            "env": {"web": {"MODE": gray}},
        },
        {"name": "store", "from": "baseline/store.yaml"},
    ]
    plan = plan_of(
        {"baseline/web.yaml": web(**container), "baseline/store.yaml": others or store()},
        services=services,
        lane=None,
        traffic={"gateway": "mse", "rules": [{"header": "x-user", "value": "1"}]},
        output={"gitops": gitops},
    )
    return after_pass(plan, "annotate_gitops").objects


def called(item: Object) -> str:
    return f"{item['kind']}/{item['metadata']['name']}".removesuffix("-mse-gray")


def annotations(item: Object) -> dict[str, str]:
    found = item["metadata"].get("annotations", {})
    assert isinstance(found, dict)
    return found


def test_every_object_has_a_wave_that_is_text() -> None:
    for item in made("argocd"):
        assert isinstance(annotations(item)[WAVE], str)


def test_configuration_pods_services_and_the_way_in_open_in_that_order() -> None:
    waves = {called(item): int(annotations(item)[WAVE]) for item in made("argocd")}

    assert waves["ConfigMap/settings"] < waves["Deployment/web"] < waves["Service/web"] < waves["Ingress/web"]
    assert max(waves.values()) == waves["Ingress/web"]


def test_a_service_that_gray_configuration_names_comes_with_the_pods() -> None:
    """web does not become healthy before it finds its store, and the wave after would wait for web."""
    waves = {called(item): int(annotations(item)[WAVE]) for item in made("argocd")}

    assert waves["Service/store"] == waves["Deployment/web"]


def test_what_gray_pods_mount_comes_with_them_whatever_its_kind() -> None:
    """The wave after waits for pods that are ready, which they are not before they can mount it."""
    volume = {"driver": "secrets-store.csi.k8s.io", "volumeAttributes": {"secretProviderClass": "vault"}}
    vault = an_object(
        "SecretProviderClass", {"provider": "vault"}, version="secrets-store.csi.x-k8s.io/v1", name="vault"
    )
    other = an_object("Other", {}, version="example.com/v1", name="other")
    mounted = store({"volumes": [{"name": "v", "csi": volume}]})

    waves = {called(item): int(annotations(item)[WAVE]) for item in made("argocd", *mounted, vault, other)}

    assert (waves["SecretProviderClass/vault"], waves["Deployment/store"], waves["Other/other"]) == (1, 1, 2)


def test_an_entry_that_is_called_like_such_a_service_still_comes_last() -> None:
    env = [{"name": "SELF", "value": "http://web"}]

    waves = {called(item): int(annotations(item)[WAVE]) for item in made("argocd", env=env)}

    assert (waves["Service/web"], waves["Ingress/web"]) == (1, 3)


def test_the_way_in_opens_last_and_closes_first() -> None:
    objects = made("argocd")

    opened = [f"{kind}/{name}" for step in steps((), objects) for kind, _, name in step.applied]
    closed = [sorted(kind for kind, _, _ in step.pruned) for step in steps(objects, ())]

    assert opened[0] == "ConfigMap/settings-mse-gray"
    assert opened[-1] == "Ingress/web-mse-gray"
    assert opened.index("Service/store-mse-gray") < opened.index("Deployment/store-mse-gray")
    assert closed[0] == ["Ingress"]


def test_marks_of_the_baseline_by_which_a_copy_would_stay_are_left_out() -> None:
    found = {called(item): annotations(item) for item in made("argocd")}

    assert found["Deployment/web"] == {
        "argocd.argoproj.io/sync-wave": "1",
        "argocd.argoproj.io/sync-options": "ServerSideApply=true,PruneLast=true",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
        "mine": "stays",
    }
    assert found["Deployment/store"] == {WAVE: "1", "argocd.argoproj.io/sync-options": "PruneLast=true"}
    assert found["ConfigMap/settings"] == {WAVE: "0", "argocd.argoproj.io/sync-options": "PruneLast=true"}
    assert "argocd.argoproj.io/sync-options" not in found["Ingress/web"]


def test_flux_prunes_every_copy_and_has_no_waves() -> None:
    found = {called(item): annotations(item) for item in made("flux")}

    assert "kustomize.toolkit.fluxcd.io/prune" not in found["Deployment/web"]
    assert found["Deployment/web"]["argocd.argoproj.io/sync-wave"] == "7"
    assert "kustomize.toolkit.fluxcd.io/substitute" not in found["ConfigMap/settings"]


@pytest.mark.parametrize("gitops", ["flux", "argocd", "none"])
def test_text_that_the_release_writes_is_kept_from_substitution_by_flux(gitops: str) -> None:
    found = {called(item): annotations(item) for item in made(gitops, mode="-${x}")}

    marks = {name: marks.get("kustomize.toolkit.fluxcd.io/substitute") for name, marks in found.items()}
    marked = [name for name, mark in marks.items() if mark == "disabled"]
    assert sorted(marked) == (["ConfigMap/settings", "Deployment/web"] if gitops == "flux" else [])


def test_without_gitops_annotations_are_those_of_the_baseline() -> None:
    found = {called(item): annotations(item) for item in made("none")}

    assert found["Deployment/web"]["argocd.argoproj.io/sync-wave"] == "7"
    assert found["ConfigMap/settings"] == {"helm.sh/hook": "pre-install", "helm.sh/resource-policy": "keep"}
