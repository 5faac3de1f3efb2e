"""A promotion says where it writes over a variable, or over what image automation writes by itself."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Object, write_spec, write_texts
from tests.renderers import renderers_path

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector:
    matchLabels: {app: web, zadigx-release-version: original}
  template:
    metadata:
      labels: {app: web, zadigx-release-version: original}
    spec:
      containers:
        - name: web
          image: IMAGE
          env:
            - {name: URL, value: "${URL}"}
"""
RELEASED: Object = {"name": "web", "images": {"web": "registry.example.com/web:2.0"}}
APPLICATION = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {
        "name": "shop",
        "annotations": {"argocd-image-updater.argoproj.io/image-list": "db=pg:~15, web=registry.example.com/web:^1"},
    },
    "spec": {"source": {"path": "baseline"}},
}
UPDATER = {
    "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
    "kind": "ImageUpdater",
    "metadata": {"name": "shop"},
    "spec": {"applicationRefs": [{"namePattern": "shop", "images": [{"imageName": "registry.example.com/web:1.x"}]}]},
}
KUSTOMIZATION = {
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
    "kind": "Kustomization",
    "metadata": {"name": "shop", "namespace": "flux-system"},
    "spec": {"path": "./baseline", "postBuild": {"substitute": {"TAG": "1.0", "URL": "a"}}},
}


def promote(folder: Path, image: str, *beside: Object, gitops: str = "flux", **service: object) -> list[Object]:
    texts = {f"beside-{at}.yaml": yaml.safe_dump(item) for at, item in enumerate(beside)}
    write_texts(folder, {"baseline/web.yaml": WEB.replace("IMAGE", image), **texts})
    services = [{**RELEASED, **service}]
    write_spec(folder / "release.yaml", "web", services=services, output={"gitops": gitops})
    run = run_grayc(["promote", "release.yaml", "--diff", "-f", "json"], folder=folder)
    return [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] in ("GC624", "GC625")]


@pytest.mark.parametrize(
    ("image", "value"),
    [
        ('"registry.example.com/web:${TAG}"', '`TAG: "2.0"`'),
        ('"registry.example.com/web:${TAG:=1.0}"', '`TAG: "2.0"`'),
        ('"${REGISTRY}/web:2.0"', '`REGISTRY: "registry.example.com"`'),
        ('"${REGISTRY}/web:${TAG}"', "`REGISTRY`"),
    ],
)
def test_a_variable_is_named_with_the_value_that_it_would_have(image: str, value: str, tmp_path: Path) -> None:
    (found,) = promote(tmp_path, image, KUSTOMIZATION)
    assert found["code"] == "GC624"
    assert value in found["help"]
    assert ("`beside-0.yaml`" in found["help"]) is ("TAG" in value)


def test_a_variable_that_stays_is_not_told(tmp_path: Path) -> None:
    assert promote(tmp_path, '"registry.example.com/web:1.0"', KUSTOMIZATION) == []


def test_text_of_a_program_is_not_told(tmp_path: Path) -> None:
    found = promote(tmp_path, "registry.example.com/web:1.0", gitops="none", env={"web": {"URL": "b"}})
    assert found == []


def test_text_that_a_kustomization_gives_is(tmp_path: Path) -> None:
    (found,) = promote(tmp_path, "registry.example.com/web:1.0", KUSTOMIZATION, env={"web": {"URL": "b"}})
    assert (found["code"], found["field"]) == ("GC624", "spec.template.spec.containers[0].env[0].value")


@pytest.mark.parametrize("item", [APPLICATION, UPDATER], ids=["annotation", "resource"])
def test_an_image_that_argo_cds_updater_writes_is_named(item: Object, tmp_path: Path) -> None:
    (found,) = promote(tmp_path, "registry.example.com/web:1.0", item)
    assert (found["code"], f"{item['kind']}/shop" in found["message"]) == ("GC625", True)


def test_an_image_of_another_name_is_not(tmp_path: Path) -> None:
    assert promote(tmp_path, "registry.example.com/web-api:1.0", APPLICATION, UPDATER) == []


@pytest.mark.parametrize("marker", ["flux-system:web", "flux-system:web:tag"])
def test_a_value_that_flux_s_automation_writes_is_named(marker: str, tmp_path: Path) -> None:
    (found,) = promote(tmp_path, f'registry.example.com/web:1.0 # {{"$imagepolicy": "{marker}"}}')
    assert (found["code"], f"`{marker}`" in found["message"]) == ("GC625", True)


def test_one_that_is_not_promoted_is_not_named(tmp_path: Path) -> None:
    image = 'registry.example.com/web:2.0 # {"$imagepolicy": "flux-system:web"}'
    assert promote(tmp_path, image, env={"web": {"URL": "b"}}, gitops="none") == []


def test_a_marker_of_a_kustomization_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "web.yaml").write_text(WEB.replace("IMAGE", "registry.example.com/web:0.9"))
    (tmp_path / "prod" / "kustomization.yaml").write_text(
        "resources: [web.yaml]\nimages:\n  - name: registry.example.com/web\n"
        '    newTag: "1.0" # {"$imagepolicy": "flux-system:web:tag"}\n'
    )
    baseline = [{"kustomize": "prod"}]
    write_spec(tmp_path / "release.yaml", "web", baseline=baseline, services=[RELEASED], output={"gitops": "flux"})
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=tmp_path)
    assert "GC625" in [item["code"] for item in json.loads(run.stdout)["diagnostics"]]
    assert 'newTag: "2.0" # {"$imagepolicy"' in (tmp_path / "prod" / "kustomization.yaml").read_text()
