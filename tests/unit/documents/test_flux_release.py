"""What a HelmRelease asks to render: helm-controller's own rules, as a table.

Sources: fluxcd/helm-controller api/v2/helmrelease_types.go, internal/postrender and internal/release/name.go;
fluxcd/source-controller internal/helm/chart/builder_local.go. How values are merged is held against fluxcd/pkg/chartutil
in tests/controllers.
"""

import json
from pathlib import Path

import pytest

from grayc.documents.recipes import Chart, Declared, Rebuild, Tool
from grayc.documents.render import expand
from grayc.source import Roots
from tests.controllers.release_cases import GIVEN, release
from tests.manifests import write_texts

CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n", "chart/values.yaml": "a: 1\n"}
REGISTRY = "  chart: {spec: {chart: redis, version: %s, sourceRef: {kind: HelmRepository, name: bitnami}}}\n"


def chart(folder: Path, text: str, more: dict[str, str] | None = None) -> Chart:
    write_texts(folder, {**CHART, "hr.yaml": text, **(more or {})})
    made = expand(Declared(tool=Tool.FLUX, file="hr.yaml", root=".", asked=()), Roots(folder=folder), span=None)
    assert made.value is not None, made.diagnostics
    (recipe,) = made.value.recipes
    assert isinstance(recipe, Chart)
    return recipe


def refusal(folder: Path, text: str, more: dict[str, str] | None = None) -> tuple[str, str, str]:
    write_texts(folder, {**CHART, "hr.yaml": text, **(more or {})})
    made = expand(Declared(tool=Tool.FLUX, file="hr.yaml", root=".", asked=()), Roots(folder=folder), span=None)
    assert made.value is None
    (error,) = made.diagnostics
    return error.code, error.message, error.help


@pytest.mark.parametrize(
    ("spec", "name", "namespace"),
    [
        ("", "web", "shop"),
        ("  releaseName: front\n", "front", "shop"),
        ("  targetNamespace: prod\n", "prod-web", "prod"),
        ("  targetNamespace: prod\n  releaseName: front\n", "front", "prod"),
        ("  storageNamespace: other\n", "web", "shop"),
        ("  releaseName: " + "a" * 60 + "\n", "a" * 40 + "-11ee391211c6", "shop"),
    ],
)
def test_name_and_namespace_of_the_release(spec: str, name: str, namespace: str, tmp_path: Path) -> None:
    made = chart(tmp_path, release(spec))

    assert (made.release, made.namespace) == (name, namespace)


def test_values_files_stand_for_the_charts_own_values(tmp_path: Path) -> None:
    text = release("").replace("chart: ./chart,", "chart: ./chart, valuesFiles: [chart/values.yaml, prod.yaml],")
    made = chart(tmp_path, text, {"prod.yaml": "b: {c: 2}\n"})

    assert json.loads(made.defaults) == {"a": 1, "b": {"c": 2}}
    assert made.inline == ""


def test_a_values_file_may_miss_where_it_says_so(tmp_path: Path) -> None:
    text = release("").replace("chart: ./chart,", "chart: ./chart, valuesFiles: [none.yaml],")
    assert refusal(tmp_path, text)[0] == "GC101"

    may = text.replace("valuesFiles", "ignoreMissingValuesFiles: true, valuesFiles")
    assert json.loads(chart(tmp_path, may).defaults) == {}


def test_post_renderers_run_in_their_order_and_common_metadata_last(tmp_path: Path) -> None:
    made = chart(
        tmp_path,
        release(
            "  commonMetadata: {labels: {team: shop}, annotations: {by: flux}}\n  postRenderers:\n"
            "    - kustomize: {images: [{name: web, newTag: '2'}]}\n    - kustomize: {patches: [{patch: x}]}\n"
        ),
    )

    first, second, last = made.steps
    assert isinstance(first, Rebuild)
    assert isinstance(second, Rebuild)
    assert isinstance(last, Rebuild)
    assert json.loads(first.fields) == {"images": [{"name": "web", "newTag": "2"}]}
    assert json.loads(second.fields) == {"patches": [{"patch": "x"}]}
    kinds = [json.loads(each)["kind"] for each in json.loads(last.fields)["transformers"]]
    assert kinds == ["LabelTransformer", "AnnotationsTransformer"]


@pytest.mark.parametrize(
    ("version", "packed"),
    [
        ("1.2.3", "redis-1.2.3.tgz"),
        ("1.2.3", "charts/redis-1.2.3.tgz"),
        ("'>=1.0'", "redis-1.9.0.tgz"),
        ("'*'", "redis-0.1.0.tgz"),
    ],
)
def test_a_chart_of_a_registry_lies_packed_beside_the_file(version: str, packed: str, tmp_path: Path) -> None:
    text = release("").replace(
        "  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: shop}}}\n", REGISTRY % version
    )

    assert chart(tmp_path, text, {packed: ""}).chart == packed


@pytest.mark.parametrize("there", [{}, {"redis-1.2.4.tgz": ""}, {"redis-cluster-1.2.3.tgz": ""}])
def test_one_that_does_not_is_refused_with_what_brings_it(there: dict[str, str], tmp_path: Path) -> None:
    text = release("").replace(
        "  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: shop}}}\n", REGISTRY % "1.2.3"
    )
    source = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: bitnami}\n"
        "spec: {url: 'https://charts.example.com/x y'}\n"
    )
    code, _, help_ = refusal(tmp_path, text, {"sources/all.yaml": source, **there})

    assert code == "GC180"
    assert "`helm pull redis '--repo=https://charts.example.com/x y' --version=1.2.3 --destination=.`" in help_


def test_a_range_that_two_packed_charts_may_be_of_is_refused(tmp_path: Path) -> None:
    text = release("").replace(
        "  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: shop}}}\n", REGISTRY % "1.x"
    )

    assert refusal(tmp_path, text, {"redis-1.2.3.tgz": "", "redis-1.3.0.tgz": ""})[0] == "GC180"


def test_a_chart_by_reference_is_known_by_its_source(tmp_path: Path) -> None:
    text = release("").replace(
        "  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: shop}}}\n",
        "  chartRef: {kind: OCIRepository, name: redis}\n",
    )
    source = (
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: redis, namespace: shop}\n"
        "spec: {interval: 1h, url: 'oci://registry.example.com/charts/redis', ref: {tag: 23.0.0}}\n"
    )
    code, _, help_ = refusal(tmp_path, text + source)
    assert code == "GC180"
    assert "`helm pull oci://registry.example.com/charts/redis --version=23.0.0 --destination=.`" in help_

    assert chart(tmp_path, text + source, {"redis-23.0.0.tgz": ""}).chart == "redis-23.0.0.tgz"


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("  valuesFrom: [{kind: ConfigMap, name: none}]\n", "GC186"),
        ("  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: none}]\n", "GC186"),
        ("  valuesFrom: [{kind: Deployment, name: base}]\n", "GC181"),
        ("  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: sentence, targetPath: a.b}]\n", "GC186"),
        ("  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: 'a[-1]'}]\n", "GC186"),
        ("  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: 'a[99999999]'}]\n", "GC186"),
        ("  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag}]\n", "GC186"),
        ("  valuesFrom: [{kind: Secret, name: sealed}]\n", "GC165"),
    ],
)
def test_values_that_are_not_here_or_none(spec: str, code: str, tmp_path: Path) -> None:
    sealed = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: sealed, namespace: shop}\n"
        "stringData: {values.yaml: 'ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]'}\nsops: {mac: x}\n"
    )

    assert refusal(tmp_path, release(spec), {"given.yaml": GIVEN, "sealed.yaml": sealed})[0] == code


def test_values_of_a_generator_are_known_by_its_name(tmp_path: Path) -> None:
    generator = "configMapGenerator: [{name: made, files: [values.yaml=prod.yaml]}]\n"
    text = release("  valuesFrom: [{kind: ConfigMap, name: made}]\n  values: {b: 2}\n")
    made = chart(tmp_path, text, {"kustomization.yaml": generator, "prod.yaml": "a: 5\nb: 1\n"})

    assert json.loads(made.inline) == {"a": 5, "b": 2}
