"""`{helm: …}` with `set`, `apiVersions` and `kubeVersion`, what a chart makes up, and where its objects are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Object, build_again, write_spec, write_texts
from tests.renderers import renderers_path

CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: '1.0'\n"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec:
      containers:
        - name: web
          image: "registry.example.com/web:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env: [{name: TEXT, value: {{ .Values.text | quote }}}]
"""
ASKS = """\
{{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http}]}
{{- end }}
"""
FILES = {
    "chart/Chart.yaml": CHART,
    "chart/values.yaml": "replicas: 1\nimage: {repository: registry.example.com/web}\ntext: a\n",
    "chart/templates/web.yaml": WEB,
    "prod.yaml": "replicas: 2\n",
}


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())


def lay(folder: Path, row: Object, files: Mapping[str, str] | None = None, **spec: Any) -> None:
    write_texts(folder, {**FILES, **(files or {})})
    row = {"chart": "chart", "values": ["prod.yaml"], **row}
    fields: Object = {"baseline": [{"helm": row}], **spec}
    write_spec(folder / "release.yaml", **fields)


def build(folder: Path) -> tuple[list[Object], list[Object]]:
    built = build_again(folder, "-o", "out")
    return built.findings, built.objects


def codes(findings: list[Object]) -> list[str]:
    return [item["code"] for item in findings]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a,b=c{d}", "a,b=c{d}"),
        ("1", "1"),
        (3, "3"),
        (True, "true"),
        ('say "hi" \\ x', 'say "hi" \\ x'),
        ("${A}", "${A}"),
    ],
)
def test_set_is_over_all_values_files_as_it_is_written(value: object, text: str, tmp_path: Path) -> None:
    lay(tmp_path, {"set": {"text": value, "image.tag": "1.4"}})
    _, made = build(tmp_path)
    container = made[0]["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["env"][0]["value"]) == ("registry.example.com/web:1.4", text)


def test_objects_are_in_the_namespace_that_they_are_rendered_for(tmp_path: Path) -> None:
    lay(tmp_path, {})
    _, made = build(tmp_path)
    assert {item["metadata"]["namespace"] for item in made} == {"shop"}
    run = run_grayc(["offline", "release.yaml", "-o", "out"], folder=tmp_path)
    assert "shop" in run.stdout


def test_one_that_names_another_namespace_keeps_it(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {},
        {"chart/templates/web.yaml": WEB.replace("{name: web}\nspec", "{name: web, namespace: other}\nspec")},
    )
    assert "namespace `shop`" in build(tmp_path)[0][0]["message"]


@pytest.mark.parametrize(
    ("template", "row", "told"),
    [
        (ASKS, {}, "`monitoring.coreos.com/v1`"),
        (ASKS, {"apiVersions": ["monitoring.coreos.com/v1"]}, ""),
        ('{{ if semverCompare ">=1.30-0" .Capabilities.KubeVersion.Version }}{{ end }}', {}, "which version"),
        ('{{ if semverCompare ">=1.30-0" .Capabilities.KubeVersion.Version }}{{ end }}', {"kubeVersion": "1.33"}, ""),
        ('{{ if .Capabilities.APIVersions.Has "policy/v1" }}{{ end }}', {}, ""),
        ('{{ if .Capabilities.APIVersions.Has "networking.k8s.io/v1/Ingress" }}{{ end }}', {}, ""),
        ('{{ if .Capabilities.APIVersions.Has $x }}{{ end }}{{- $x := "" }}', {}, None),
    ],
)
def test_a_chart_that_asks_for_the_cluster_is_noted(
    template: str, row: Object, told: str | None, tmp_path: Path
) -> None:
    if told is None:
        template = '{{- $x := "a/v1" }}{{ if .Capabilities.APIVersions.Has $x }}{{ end }}'
    lay(tmp_path, row, {"chart/templates/more.yaml": template})
    found = [item for item in build(tmp_path)[0] if item["code"] == "GC167"]
    assert len(found) == (1 if told or told is None else 0)
    assert not told or told in found[0]["message"]


def test_what_a_cluster_has_is_rendered(tmp_path: Path) -> None:
    lay(tmp_path, {"apiVersions": ["monitoring.coreos.com/v1"]}, {"chart/templates/more.yaml": ASKS})
    run = run_grayc(["plan", "release.yaml"], folder=tmp_path)
    assert run.status == 0
    lay(tmp_path, {"kubeVersion": "1.99.0"}, {"chart/templates/more.yaml": "# {{ .Capabilities.KubeVersion.Minor }}\n"})
    assert run_grayc(["plan", "release.yaml"], folder=tmp_path).status == 0


def test_a_chart_for_a_later_kubernetes_says_which_row_to_write(tmp_path: Path) -> None:
    later = {"chart/Chart.yaml": f"{CHART}kubeVersion: '>=1.99.0'\n"}
    lay(tmp_path, {}, later)
    (found,) = build(tmp_path)[0]
    assert (found["code"], "`kubeVersion`" in found["help"]) == ("GC161", True)
    lay(tmp_path, {"kubeVersion": "1.99"}, later)
    assert "GC161" not in codes(build(tmp_path)[0])


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData: {key: {{ randAlphaNum 16 }}}\n"


def test_what_is_made_up_and_not_used_is_no_matter(tmp_path: Path) -> None:
    lay(tmp_path, {}, {"chart/templates/secret.yaml": SECRET % "other"})
    findings, _ = build(tmp_path)
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert [item for item in findings if item["severity"] == "error"] == []
    assert run_grayc(["build", "release.yaml", "-o", "out", "--check"], folder=tmp_path).status == 0
    build(tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == files


@pytest.mark.parametrize("service", [{"name": "web"}, {"name": "web", "share": ["Secret"]}], ids=["copied", "shared"])
def test_what_is_made_up_and_used_is_refused(service: Object, tmp_path: Path) -> None:
    reads = WEB.replace("env:", "envFrom: [{secretRef: {name: own}}]\n          env:")
    files = {"chart/templates/secret.yaml": SECRET % "own", "chart/templates/web.yaml": reads}
    lay(tmp_path, {}, files, services=[service])
    findings, made = build(tmp_path)
    assert (codes(findings), made) == (["GC163"], [])
    assert findings[0]["object"] == "Secret/own"


def test_a_copy_with_something_made_up_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, {}, {"chart/templates/web.yaml": WEB.replace(".Values.text | quote", "randAlphaNum 8 | quote")})
    assert codes(build(tmp_path)[0]) == ["GC163"]


def test_the_fields_that_differ_are_named_and_no_value_of_them(tmp_path: Path) -> None:
    hook = (SECRET % "made").replace("metadata: {", "metadata: {annotations: {helm.sh/hook: pre-install}, ")
    assert "helm.sh/hook" in hook
    sums = '{{ include (print $.Template.BasePath "/secret.yaml") . | sha256sum }}'
    labels = "labels: {app: web, zadigx-release-version: original}}\n    spec"
    web = WEB.replace(labels, labels.replace("}}\n", f"}}, annotations: {{checksum/s: {sums}}}}}\n"))
    assert web != WEB
    lay(tmp_path, {}, {"chart/templates/secret.yaml": hook, "chart/templates/web.yaml": web})
    (found,) = build(tmp_path)[0]
    assert (found["code"], found["object"]) == ("GC163", "Deployment/web")
    assert found["field"] == 'spec.template.metadata.annotations["checksum/s"]'
    assert f"in `{found['field']}`" in found["message"]
    again = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    assert again.stderr == run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).stderr


def test_of_many_fields_that_differ_some_are_named(tmp_path: Path) -> None:
    made_up = "".join(f"  k{at}: {{{{ randAlphaNum 9 | quote }}}}\n" for at in range(9))
    reads = WEB.replace("env:", "envFrom: [{configMapRef: {name: own}}]\n          env:")
    own = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: own}}\ndata:\n{made_up}"
    lay(tmp_path, {}, {"chart/templates/own.yaml": own, "chart/templates/web.yaml": reads})
    (found,) = build(tmp_path)[0]
    assert "`data.k0`, `data.k1`, `data.k2` and 6 more" in found["message"]


def test_other_objects_each_time_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, {}, {"chart/templates/secret.yaml": SECRET % "{{ randAlpha 8 | lower }}"})
    assert codes(build(tmp_path)[0]) == ["GC163"]


def test_promote_works_beside_what_is_made_up(tmp_path: Path) -> None:
    services = [{"name": "web", "images": {"web": "registry.example.com/web:2.0"}}]
    lay(tmp_path, {}, {"chart/templates/secret.yaml": SECRET % "other"}, services=services)
    assert run_grayc(["promote", "release.yaml"], folder=tmp_path).status == 0
    assert yaml.safe_load((tmp_path / "prod.yaml").read_text()) == {"replicas": 2, "image": {"tag": "2.0"}}


def test_promote_says_that_set_gives_the_value(tmp_path: Path) -> None:
    services = [{"name": "web", "images": {"web": "registry.example.com/web:2.0"}}]
    lay(tmp_path, {"set": {"image.tag": "1.4"}}, services=services)
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=tmp_path)
    (found,) = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC345"]
    assert "`image.tag` stands in `helm.set`" in found["help"]
    assert (tmp_path / "prod.yaml").read_text() == FILES["prod.yaml"]


def test_a_schema_from_the_network_is_left_out(tmp_path: Path) -> None:
    schema = '{"allOf": [{"$ref": "https://schemas.example.invalid/values.schema.json"}]}'
    lay(tmp_path, {}, {"chart/values.schema.json": schema})
    findings, made = build(tmp_path)
    assert ([code for code in codes(findings) if code == "GC161"], len(made)) == ([], 1)


def test_a_schema_that_is_there_is_asked(tmp_path: Path) -> None:
    schema = '{"properties": {"replicas": {"type": "string"}}}'
    lay(tmp_path, {}, {"chart/values.schema.json": schema})
    assert codes(build(tmp_path)[0]) == ["GC161"]


@pytest.mark.parametrize(
    "row",
    [{"set": {"a=b": 1}}, {"set": {"a,b": 1}}, {"set": {"a": [1]}}, {"kubeVersion": "new"}, {"apiVersions": ["a b"]}],
)
def test_a_field_that_helm_would_read_otherwise_is_refused(row: Object, tmp_path: Path) -> None:
    lay(tmp_path, row)
    assert [code[:3] for code in codes(build(tmp_path)[0])] == ["GC2"]


VALUE = "ENC[AES256_GCM,data:FHY=,iv:63,tag:jH,type:str]"


def test_encrypted_values_that_are_given_one_by_one_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, {"set": {"text": VALUE}})
    assert codes(build(tmp_path)[0]) == ["GC165"]


def test_encrypted_values_of_a_helm_release_are_refused(tmp_path: Path) -> None:
    release = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {
            "chart": {"spec": {"chart": "./chart", "sourceRef": {"kind": "GitRepository", "name": "shop"}}},
            "values": {"text": VALUE},
        },
    }
    lay(tmp_path, {}, {"hr.yaml": yaml.safe_dump(release)}, baseline=[{"flux": "hr.yaml"}])
    assert "GC165" in codes(build(tmp_path)[0])
