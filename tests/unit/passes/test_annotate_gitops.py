"""With Argo CD the entry opens last and closes first; nothing of the baseline keeps a copy when its lane goes."""

from pathlib import Path

import pytest

from tests.argocd import steps
from tests.cli_run import run_grayc
from tests.manifests import objects_in

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {{name: demo}}
spec:
  tag: gray
  namespace: shop
  baseline: [baseline/]
  services:
    - name: web
      from: baseline/web.yaml
      rewriteText: true
      config: {{settings: {{mode: "gray{mode}"}}}}
      env: {{web: {{MODE: "gray{mode}"}}}}
    - name: store
      from: baseline/store.yaml
  traffic: {{gateway: mse, rules: [{{header: x-user, value: "1"}}]}}
  output: {{gitops: {gitops}}}
"""
WEB = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {argocd.argoproj.io/sync-options: PruneLast=true}}
spec:
  ingressClassName: mse
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop, annotations: {helm.sh/hook: pre-install, helm.sh/resource-policy: keep}}
data: {mode: plain, store: "tcp://store:6379"}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    argocd.argoproj.io/sync-wave: "7"
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/sync-options: Prune=false,ServerSideApply=true
    kustomize.toolkit.fluxcd.io/prune: disabled
    mine: stays
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:1", envFrom: [{configMapRef: {name: settings}}]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
"""
STORE = """\
apiVersion: v1
kind: Service
metadata: {name: store, namespace: shop}
spec: {selector: {app: store}, ports: [{port: 6379}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: store, namespace: shop, annotations: {argocd.argoproj.io/sync-options: Delete=false}}
spec:
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: store, image: "registry.example.com/store:1"}]}
"""
WAVE = "argocd.argoproj.io/sync-wave"


def build(
    folder: Path, gitops: str, *, mode: str = "", web: str = WEB, store: str = STORE
) -> list[dict[str, dict[str, object]]]:
    (folder / "baseline").mkdir()
    (folder / "baseline" / "web.yaml").write_text(web)
    (folder / "baseline" / "store.yaml").write_text(store)
    (folder / "release.yaml").write_text(RELEASE.format(gitops=gitops, mode=mode))
    run = run_grayc(["build", "release.yaml", "-o", "out"], folder=folder)
    assert run.status == 0, run.stderr
    texts = [path.read_text() for path in sorted((folder / "out").glob("*.yaml"))]
    return [item for text in texts for item in objects_in(text)]


def called(item: dict[str, dict[str, object]]) -> str:
    return f"{item['kind']}/{item['metadata']['name']}".removesuffix("-mse-gray")


def annotations(item: dict[str, dict[str, object]]) -> dict[str, str]:
    found = item["metadata"].get("annotations", {})
    assert isinstance(found, dict)
    return found


def test_every_object_has_a_wave_that_is_text(tmp_path: Path) -> None:
    for item in build(tmp_path, "argocd"):
        assert isinstance(annotations(item)[WAVE], str)


def test_configuration_pods_services_and_the_way_in_open_in_that_order(tmp_path: Path) -> None:
    waves = {called(item): int(annotations(item)[WAVE]) for item in build(tmp_path, "argocd")}

    assert waves["ConfigMap/settings"] < waves["Deployment/web"] < waves["Service/web"] < waves["Ingress/web"]
    assert max(waves.values()) == waves["Ingress/web"]


def test_a_service_that_gray_configuration_names_comes_with_the_pods(tmp_path: Path) -> None:
    """web does not become healthy before it finds its store, and the wave after would wait for web."""
    waves = {called(item): int(annotations(item)[WAVE]) for item in build(tmp_path, "argocd")}

    assert waves["Service/store"] == waves["Deployment/web"]


def test_what_gray_pods_mount_comes_with_them_whatever_its_kind(tmp_path: Path) -> None:
    """The wave after waits for pods that are ready, which they are not before they can mount it."""
    driver = "{driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: vault}}"
    vault = """\
---
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: vault, namespace: shop}
spec: {provider: vault}
---
apiVersion: example.com/v1
kind: Other
metadata: {name: other, namespace: shop}
spec: {}
"""
    mounted = STORE.replace('store:1"}]', f'store:1"}}], volumes: [{{name: v, csi: {driver}}}]')

    waves = {called(item): int(annotations(item)[WAVE]) for item in build(tmp_path, "argocd", store=mounted + vault)}

    assert (waves["SecretProviderClass/vault"], waves["Deployment/store"], waves["Other/other"]) == (1, 1, 2)


def test_an_entry_that_is_called_like_such_a_service_still_comes_last(tmp_path: Path) -> None:
    named = WEB.replace("envFrom:", 'env: [{name: SELF, value: "http://web"}], envFrom:')

    waves = {called(item): int(annotations(item)[WAVE]) for item in build(tmp_path, "argocd", web=named)}

    assert (waves["Service/web"], waves["Ingress/web"]) == (1, 3)


def test_the_way_in_opens_last_and_closes_first(tmp_path: Path) -> None:
    objects = build(tmp_path, "argocd")

    opened = [f"{kind}/{name}" for step in steps((), objects) for kind, _, name in step.applied]
    closed = [sorted(kind for kind, _, _ in step.pruned) for step in steps(objects, ())]

    assert opened[0] == "ConfigMap/settings-mse-gray"
    assert opened[-1] == "Ingress/web-mse-gray"
    assert opened.index("Service/store-mse-gray") < opened.index("Deployment/store-mse-gray")
    assert closed[0] == ["Ingress"]


def test_marks_of_the_baseline_by_which_a_copy_would_stay_are_left_out(tmp_path: Path) -> None:
    found = {called(item): annotations(item) for item in build(tmp_path, "argocd")}

    assert found["Deployment/web"] == {
        "argocd.argoproj.io/sync-wave": "1",
        "argocd.argoproj.io/sync-options": "ServerSideApply=true,PruneLast=true",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
        "mine": "stays",
    }
    assert found["Deployment/store"] == {WAVE: "1", "argocd.argoproj.io/sync-options": "PruneLast=true"}
    assert found["ConfigMap/settings"] == {WAVE: "0", "argocd.argoproj.io/sync-options": "PruneLast=true"}
    assert "argocd.argoproj.io/sync-options" not in found["Ingress/web"]


def test_flux_prunes_every_copy_and_has_no_waves(tmp_path: Path) -> None:
    found = {called(item): annotations(item) for item in build(tmp_path, "flux")}

    assert "kustomize.toolkit.fluxcd.io/prune" not in found["Deployment/web"]
    assert found["Deployment/web"]["argocd.argoproj.io/sync-wave"] == "7"
    assert "kustomize.toolkit.fluxcd.io/substitute" not in found["ConfigMap/settings"]


@pytest.mark.parametrize("gitops", ["flux", "argocd", "none"])
def test_text_that_the_release_writes_is_kept_from_substitution_by_flux(tmp_path: Path, gitops: str) -> None:
    found = {called(item): annotations(item) for item in build(tmp_path, gitops, mode="-${x}")}

    marks = {name: marks.get("kustomize.toolkit.fluxcd.io/substitute") for name, marks in found.items()}
    marked = [name for name, mark in marks.items() if mark == "disabled"]
    assert sorted(marked) == (["ConfigMap/settings", "Deployment/web"] if gitops == "flux" else [])


def test_without_gitops_annotations_are_those_of_the_baseline(tmp_path: Path) -> None:
    found = {called(item): annotations(item) for item in build(tmp_path, "none")}

    assert found["Deployment/web"]["argocd.argoproj.io/sync-wave"] == "7"
    assert found["ConfigMap/settings"] == {"helm.sh/hook": "pre-install", "helm.sh/resource-policy": "keep"}
