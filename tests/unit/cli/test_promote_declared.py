"""A promotion writes where production reads: into the file of Argo CD or Flux that has the last word."""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import write_texts
from tests.renderers import renderers_path

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec:
      containers:
        - name: web
          image: %s
          env: [{name: LEVEL, value: %s}]
"""
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "chart/values.yaml": "image: {repository: registry.example.com/web, tag: '1.0'}\nlevel: info\n",
    "chart/templates/web.yaml": DEPLOYMENT
    % ('"{{ .Values.image.repository }}:{{ .Values.image.tag }}"', "{{ .Values.level | quote }}"),
}
FOLDER = {
    "app/kustomization.yaml": "resources: [web.yaml]\n",
    "app/web.yaml": DEPLOYMENT % ("registry.example.com/web:1.0", "info"),
}
RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: web-gray}
spec:
  tag: gray
  namespace: shop
  baseline: [{%s, root: .}]
  services:
    - name: web
      images: {web: registry.example.com/web:2.0}
      env: {web: {LEVEL: debug}}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: shop
  source:
    repoURL: https://git.example.com/shop
    path: %s
%s  destination: {namespace: shop}
"""
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  path: ./app
  targetNamespace: shop
"""
HELM = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec:
  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: shop}}}
"""


@pytest.fixture(autouse=True)
def renderers() -> Iterator[None]:
    with mock.patch.dict(os.environ, {"PATH": renderers_path()}):
        yield


def promote(folder: Path, row: str, files: dict[str, str]) -> Run:
    write_texts(folder, {**files, "release.yaml": RELEASE % row})
    return run_grayc(["promote", "release.yaml", "-f", "json"], folder=folder)


ARGOCD = "argocd: application.yaml"
FLUX_ROW = "flux: file.yaml"

_RENDERED = (
    "  values: {level: %s}\n  postRenderers:\n    - kustomize:\n        images:\n"
    "          - {name: registry.example.com/web, newTag: '%s'}\n"
)

CASES: dict[str, tuple[str, dict[str, str], dict[str, tuple[str, str]]]] = {
    "parameters": (
        ARGOCD,
        {
            **CHART,
            "application.yaml": APPLICATION
            % (
                "chart",
                "    helm:\n      parameters:\n        # set by the team\n        - {name: image.tag, value: '1.1'}  # tag\n"
                "        - name: level\n          value: warn\n",
            ),
        },
        {
            "application.yaml": (
                "value: '1.1'}  # tag\n        - name: level\n          value: warn\n",
                "value: '2.0'}  # tag\n        - name: level\n          value: debug\n",
            )
        },
    ),
    "valuesObject": (
        ARGOCD,
        {
            **CHART,
            "application.yaml": APPLICATION
            % ("chart", "    helm:\n      valuesObject:\n        image: {tag: '1.1'}  # tag\n        level: warn\n"),
        },
        {"application.yaml": ("'1.1'}  # tag\n        level: warn\n", "'2.0'}  # tag\n        level: debug\n")},
    ),
    "values as text": (
        ARGOCD,
        {
            **CHART,
            "application.yaml": APPLICATION
            % (
                "chart",
                "    helm:\n      values: |\n        # ours\n        image:\n          tag: '1.1' # tag\n\n        level: warn\n",
            ),
        },
        {
            "application.yaml": (
                "tag: '1.1' # tag\n\n        level: warn\n",
                "tag: '2.0' # tag\n\n        level: debug\n",
            )
        },
    ),
    "the file of the Application over it": (
        ARGOCD,
        {
            **CHART,
            "application.yaml": APPLICATION
            % (
                "chart",
                "    helm:\n      valuesObject: {level: warn}\n      parameters: [{name: image.tag, value: '1.1'}]\n",
            ),
            "chart/.argocd-source-web.yaml": "helm:\n  parameters:\n    - {name: image.tag, value: '1.2', forceString: true}\n",
        },
        {
            "chart/.argocd-source-web.yaml": ("value: '1.2'", "value: '2.0'"),
            "application.yaml": ("{level: warn}", "{level: debug}"),
        },
    ),
    "a values file where it wins, and what only the chart says": (
        ARGOCD,
        {
            **CHART,
            "chart/prod.yaml": "# prod\nlevel: warn\n",
            "application.yaml": APPLICATION % ("chart", "    helm:\n      valueFiles: [prod.yaml]\n"),
        },
        {"chart/prod.yaml": ("level: warn\n", 'level: debug\nimage:\n  tag: "2.0"\n')},
    ),
    "nothing is said yet": (
        ARGOCD,
        {**CHART, "application.yaml": APPLICATION % ("chart", "")},
        {
            "application.yaml": (
                "    path: chart\n",
                '    path: chart\n    helm:\n      valuesObject:\n        image:\n          tag: "2.0"\n        level: debug\n',
            )
        },
    ),
    "images of Argo CD": (
        ARGOCD,
        {
            **FOLDER,
            "application.yaml": APPLICATION
            % (
                "app",
                "    kustomize:\n      images:\n        - registry.example.com/web:1.1  # tag\n        - other=a:1\n",
            ),
        },
        {
            "application.yaml": ("registry.example.com/web:1.1  # tag", "registry.example.com/web:2.0  # tag"),
            "app/web.yaml": ("value: info", "value: debug"),
        },
    ),
    "images of Argo CD with both names, folded": (
        ARGOCD,
        {
            **FOLDER,
            "application.yaml": APPLICATION
            % (
                "app",
                "    kustomize:\n      images:\n        - >-\n"
                "          registry.example.com/web=registry.example.com/web:1.1\n        - other=a:1\n",
            ),
        },
        {
            "application.yaml": ("com/web:1.1\n", "com/web:2.0\n"),
            "app/web.yaml": ("value: info", "value: debug"),
        },
    ),
    "a variable that only has a default so far": (
        FLUX_ROW,
        {
            "app/web.yaml": DEPLOYMENT % ('"registry.example.com/web:${TAG:=1.0}"', "'${LEVEL:-info}'"),
            "file.yaml": FLUX + "  postBuild:\n    substitute:\n      # ours\n      APP: web\n",
        },
        {"file.yaml": ("      APP: web\n", '      APP: web\n      LEVEL: debug\n      TAG: "2.0"\n')},
    ),
    "a plain folder": (
        ARGOCD,
        {"app/web.yaml": FOLDER["app/web.yaml"], "application.yaml": APPLICATION % ("app", "")},
        {
            "app/web.yaml": (
                "web:1.0\n          env: [{name: LEVEL, value: info",
                "web:2.0\n          env: [{name: LEVEL, value: debug",
            )
        },
    ),
    "spec.values": (
        FLUX_ROW,
        {**CHART, "file.yaml": HELM + "  values:\n    image:\n      tag: '1.1' # tag\n    level: warn\n"},
        {"file.yaml": ("tag: '1.1' # tag\n    level: warn\n", "tag: '2.0' # tag\n    level: debug\n")},
    ),
    "spec.values that are not there": (
        FLUX_ROW,
        {**CHART, "file.yaml": HELM},
        {
            "file.yaml": (
                "name: shop}}}\n",
                'name: shop}}}\n  values:\n    image:\n      tag: "2.0"\n    level: debug\n',
            )
        },
    ),
    "values of a ConfigMap": (
        FLUX_ROW,
        {
            **CHART,
            "file.yaml": HELM + "  valuesFrom: [{kind: ConfigMap, name: web-values}]\n  values: {level: warn}\n",
            "values.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-values}\ndata:\n  values.yaml: |\n"
            "    # kept\n    image: {tag: '1.1'}\n",
        },
        {"values.yaml": ("{tag: '1.1'}", "{tag: '2.0'}"), "file.yaml": ("{level: warn}", "{level: debug}")},
    ),
    "images of a post-renderer": (
        FLUX_ROW,
        {
            **CHART,
            "file.yaml": HELM + "  values: {level: warn}\n  postRenderers:\n    - kustomize:\n        images:\n"
            "          - {name: registry.example.com/web, newTag: '1.1'}\n",
        },
        {"file.yaml": (_RENDERED % ("warn", "1.1"), _RENDERED % ("debug", "2.0"))},
    ),
    "variables and images of Flux": (
        FLUX_ROW,
        {
            "app/web.yaml": DEPLOYMENT % ("registry.example.com/web:1.0", '"${LEVEL}"'),
            "file.yaml": FLUX
            + "  images: [{name: registry.example.com/web, newTag: '1.1'}] # tag\n  postBuild:\n    substitute:\n"
            "      LEVEL: warn # level\n",
        },
        {
            "file.yaml": (
                "'1.1'}] # tag\n  postBuild:\n    substitute:\n      LEVEL: warn #",
                "'2.0'}] # tag\n  postBuild:\n    substitute:\n      LEVEL: debug #",
            )
        },
    ),
    "a variable of a ConfigMap, inside of an image": (
        FLUX_ROW,
        {
            "app/web.yaml": DEPLOYMENT % ("registry.example.com/web:${TAG}", '"${LEVEL}"'),
            "vars.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n"
            "data: {TAG: '1.1', LEVEL: warn}\n",
            "file.yaml": FLUX + "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n",
        },
        {"vars.yaml": ("{TAG: '1.1', LEVEL: warn}", "{TAG: '2.0', LEVEL: debug}")},
    ),
    "inline patches of Flux": (
        FLUX_ROW,
        {
            **FOLDER,
            "file.yaml": FLUX + "  patches:\n    - target: {kind: Deployment}\n      patch: |\n        # ours\n"
            "        - op: replace\n          path: /spec/template/spec/containers/0/env/0/value\n          value: warn # level\n",
        },
        {
            "file.yaml": ("value: warn # level", "value: debug # level"),
            "app/kustomization.yaml": ("\n", "\nimages:\n- "),
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_value_goes_where_it_wins_and_nowhere_else(name: str, tmp_path: Path) -> None:
    row, files, wanted = CASES[name]
    done = promote(tmp_path, row, files)

    assert done.status == 0, done.stdout
    assert [item["code"] for item in json.loads(done.stdout)["diagnostics"] if item["code"] != "GC182"] == []
    for file, text in files.items():
        now = (tmp_path / file).read_text(encoding="utf-8")
        if name == "inline patches of Flux" and file == "app/web.yaml":
            # An image that nothing else says is written where it stands.
            assert now == text.replace("web:1.0", "web:2.0")
        elif file not in wanted or (name == "inline patches of Flux" and file == "app/kustomization.yaml"):
            assert now == text
        else:
            before, after = wanted[file]
            assert text.count(before) == 1
            assert now == text.replace(before, after)
    again = promote(tmp_path, row, {})
    assert json.loads(again.stdout)["promotion"]["objects"] == 0


def test_what_an_application_overrides_is_not_promoted_below_it(tmp_path: Path) -> None:
    application = APPLICATION % ("chart", "    helm:\n      parameters: [{name: image.tag, value: '1.1'}]\n")
    write_texts(tmp_path, {**CHART, "application.yaml": application})
    row = "helm: {chart: chart, release: web}}, {stdin: true"
    release = (RELEASE % row).replace(", {stdin: true, root: .}", "")
    write_texts(tmp_path, {"release.yaml": release})
    done = run_grayc(["promote", "release.yaml", "-f", "json"], folder=tmp_path)
    found = {item["code"]: item for item in json.loads(done.stdout)["diagnostics"]}

    assert done.status == 1
    assert found["GC184"]["field"] == "spec.template.spec.containers[0].image"
    assert found["GC183"]["object"] == "Application/web"
    assert (tmp_path / "chart/values.yaml").read_text(encoding="utf-8") == CHART["chart/values.yaml"]


def packed(top: str, files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


PACKED = {name.removeprefix("chart/"): text for name, text in CHART.items()}
REGISTRY = HELM.replace("./chart, sourceRef", "web, version: 0.1.0, sourceRef").replace(
    "GitRepository", "HelmRepository"
)


def test_what_only_a_packed_chart_says_is_overridden_in_the_release(tmp_path: Path) -> None:
    source = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
    source += "metadata: {name: shop, namespace: shop}\nspec: {url: https://charts.example.com}\n"
    (tmp_path / "web-0.1.0.tgz").write_bytes(packed("web", PACKED))
    run = promote(tmp_path, FLUX_ROW, {"file.yaml": REGISTRY + source})
    assert run.status == 0, run.stderr
    assert (tmp_path / "file.yaml").read_text() == (
        f'{REGISTRY}  values:\n    image:\n      tag: "2.0"\n    level: debug\n{source}'
    )


def test_what_a_packed_dependency_says_is_overridden_under_its_name(tmp_path: Path) -> None:
    umbrella = "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies: [{name: web, version: 0.1.0}]\n"
    (tmp_path / "chart/charts").mkdir(parents=True)
    (tmp_path / "chart/charts/web-0.1.0.tgz").write_bytes(packed("web", PACKED))
    run = promote(tmp_path, FLUX_ROW, {"file.yaml": HELM, "chart/Chart.yaml": umbrella})
    assert run.status == 0, run.stderr
    assert (tmp_path / "file.yaml").read_text() == (
        f'{HELM}  values:\n    web:\n      image:\n        tag: "2.0"\n      level: debug\n'
    )


def test_what_is_left_below_a_kustomization_of_flux_is_a_patch_of_it(tmp_path: Path) -> None:
    files = {"app/web.yaml": DEPLOYMENT % ("registry.example.com/web:1.0", "'$${LEVEL} a'"), "file.yaml": FLUX}
    files["file.yaml"] += "  postBuild: {substitute: {APP: web}}\n"
    run = promote(tmp_path, FLUX_ROW, files)
    (left,) = [each for each in json.loads(run.stdout)["diagnostics"] if each["code"] == "GC345"]
    assert "add to `patches` of `file.yaml`" in left["help"]
