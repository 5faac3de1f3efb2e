"""A file of Argo CD or Flux that changes what a folder of the baseline gives is told, and no other."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from tests.cli_run import run_grayc
from tests.manifests import write_texts
from tests.renderers import renderers_path
from tests.unit.cli.test_promote_declared import APPLICATION, CHART, FOLDER, HELM

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: web-gray}
spec:
  tag: gray
  namespace: shop
  baseline: [%s]
  services: [{name: web, env: {web: {NEW: "1"}}}]
"""
PLAIN, BUILT, RENDERED = "app/", "{kustomize: app}", "{helm: {chart: chart, release: web}}"
FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
    "spec: {path: %s, prune: true, sourceRef: {kind: GitRepository, name: shop}%s}\n"
)
IMAGES = ", images: [{name: registry.example.com/web, newTag: '2'}]"


@pytest.fixture(autouse=True)
def renderers() -> Iterator[None]:
    with mock.patch.dict(os.environ, {"PATH": renderers_path()}):
        yield


def told(folder: Path, baseline: str, files: dict[str, str]) -> list[tuple[str | None, str | None, str]]:
    """Return object, field and help of what is told."""
    plain = {name: text for name, text in FOLDER.items() if baseline != PLAIN or "kustomization" not in name}
    write_texts(folder, {**CHART, **plain, **files, "release.yaml": RELEASE % baseline})
    done = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    found = json.loads(done.stdout or done.stderr)["diagnostics"]
    return [(item["object"], item["field"], item["help"]) for item in found if item["code"] == "GC183"]


TOLD: dict[str, tuple[str, dict[str, str], str, str]] = {
    "images of Flux over a plain folder": (PLAIN, {"ks.yaml": FLUX % ("./app", IMAGES)}, "Kustomization/web", "spec.images"),
    "of a folder above": (PLAIN, {"ks.yaml": FLUX % ("./", IMAGES)}, "Kustomization/web", "spec.images"),
    "variables over a kustomization": (
        BUILT, {"app/ks.yaml": FLUX % ("app", ", postBuild: {substitute: {A: b}}")}, "Kustomization/web", "spec.postBuild.substitute",
    ),
    "parameters over a chart": (
        RENDERED, {"a.yaml": APPLICATION % ("chart", "    helm: {parameters: [{name: level, value: warn}]}\n")},
        "Application/web", "spec.source.helm.parameters",
    ),
    "values files that the row does not have": (
        RENDERED, {"a.yaml": APPLICATION % ("chart", "    helm: {valueFiles: [prod.yaml]}\n")},
        "Application/web", "spec.source.helm.valueFiles",
    ),
    "an Application in the baseline": (
        PLAIN, {"app/a.yaml": APPLICATION % ("app", "    kustomize: {images: ['a:1']}\n")}, "Application/web", "spec.source.kustomize.images",
    ),
    "values of a HelmRelease": (RENDERED, {"hr.yaml": HELM + "  values: {level: warn}\n"}, "HelmRelease/web", "spec.values"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_changes_a_folder_is_told(name: str, tmp_path: Path) -> None:
    baseline, files, ref, field = TOLD[name]
    ((found, at, help_),) = told(tmp_path, baseline, files)

    assert (found, at) == (ref, field)
    assert next(iter(files)) in help_


QUIET: dict[str, tuple[str, dict[str, str]]] = {
    "it changes nothing": (PLAIN, {"ks.yaml": FLUX % ("./app", ""), "a.yaml": APPLICATION % ("app", "")}),
    "it names another folder": (PLAIN, {"ks.yaml": FLUX % ("./other", IMAGES), "a.yaml": APPLICATION % ("app2", "")}),
    "it lies elsewhere": (PLAIN, {"clusters/ks.yaml": FLUX % ("./app", IMAGES)}),
    "its chart is of a registry": (RENDERED, {"hr.yaml": HELM.replace("GitRepository", "HelmRepository") + "  values: {a: 1}\n"}),
    "its values files are those of the row": (
        "{helm: {chart: chart, release: web, values: [chart/prod.yaml]}}",
        {"chart/prod.yaml": "a: 1\n", "a.yaml": APPLICATION % ("chart", "    helm: {valueFiles: [prod.yaml]}\n")},
    ),
    "it is no declaration": (PLAIN, {"ks.yaml": "kind: Kustomization # toolkit.fluxcd.io/\n", "x.yaml": "a: ["}),
    "it is used": ("{flux: ks.yaml, root: .}", {"ks.yaml": FLUX % ("./app", IMAGES)}),
}  # fmt: skip


@pytest.mark.parametrize("name", QUIET)
def test_what_changes_nothing_here_is_not(name: str, tmp_path: Path) -> None:
    assert told(tmp_path, *QUIET[name]) == []


def test_files_that_override_are_told_where_no_application_is(tmp_path: Path) -> None:
    files = {"chart/.argocd-source-web.yaml": "helm: {parameters: [{name: level, value: warn}]}\n"}
    ((_, _, help_),) = told(tmp_path, RENDERED, files)

    assert "{argocd: FILE}" in help_


def test_a_finding_is_accepted_by_its_object(tmp_path: Path) -> None:
    accept = "  accept: [{code: GC183, object: Kustomization/web, reason: of the other cluster}]\n"
    plain = {"app/web.yaml": FOLDER["app/web.yaml"], "ks.yaml": FLUX % ("./app", IMAGES)}
    write_texts(tmp_path, {**plain, "release.yaml": RELEASE % PLAIN + accept})
    done = run_grayc(["build", "release.yaml", "-o", "out", "--strict"], folder=tmp_path)

    assert done.status == 0, done.stderr
