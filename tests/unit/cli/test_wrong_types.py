"""A field of the wrong type, a number too long to read: an answer from every command, never a fault."""

import re
from pathlib import Path

import pytest

from tests.abuse.model import INGRESS, RELEASE, WEB
from tests.cli_run import run_grayc

BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: web, zadigx-release-version: original}}}
"""
CANARY = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: more
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "10"
    nginx.ingress.kubernetes.io/canary-weight-total: "100"
spec:
  ingressClassName: nginx
  rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
"""
FILES = {"web": WEB, "ingress": INGRESS, "budget": BUDGET, "canary": CANARY}

READING = (
    ("build", "release.yaml", "-o", "out"),
    ("plan", "release.yaml"),
    ("validate", "release.yaml", "--engine", "jsonschema"),
    ("diff", "release.yaml", "--baseline"),
    ("promote", "release.yaml", "--diff"),
    ("adopt", "baseline", "--diff"),
    ("init", "baseline", "-o", "-"),
    ("route", "release.yaml", "--host", "shop.example.com"),
    ("route", "-d", "baseline", "--gateway", "ingress-nginx", "--host", "shop.example.com"),
    ("route", "-d", "baseline", "--gateway", "traefik", "--host", "shop.example.com"),
    ("route", "-d", "baseline", "--gateway", "higress", "--host", "shop.example.com"),
)


def write(folder: Path, release: str = RELEASE, **files: str) -> None:
    (folder / "baseline").mkdir(exist_ok=True)
    (folder / "release.yaml").write_text(release)
    for name, text in {**FILES, **files}.items():
        (folder / "baseline" / f"{name}.yaml").write_text(text)


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new)}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        pytest.param({"web": re.sub(r"(?s)spec:.*?---", "spec: original\n---", WEB, count=1)}, "web.yaml:6:7", id="spec"),
        pytest.param(changed("web", "labels: {app: web, zadigx-release-version: original}", "labels: original"), "web.yaml:11:15", id="labels"),
        pytest.param(changed("budget", "{matchLabels: {app: web, zadigx-release-version: original}}", "7"), "budget.yaml:4:35", id="selector"),
        pytest.param(changed("ingress", "number: 80", "name: {a: 1}"), "ingress.yaml", id="port"),
    ],
)  # fmt: skip
def test_every_command_says_where_a_field_has_the_wrong_type(files: dict[str, str], place: str, tmp_path: Path) -> None:
    for arguments in READING:
        write(tmp_path, **files)
        done = run_grayc(arguments, folder=tmp_path)

        assert done.status in (1, 2), done.stderr
        assert re.search(rf"baseline/{place}[:\d]*: error\[GC138\]", done.stderr), done.stderr
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "files",
    [
        changed("budget", "minAvailable: 1", f'minAvailable: "{"9" * 5000}%"'),
        changed("budget", "minAvailable: 1", f'maxUnavailable: "{"9" * 5000}"'),
        changed("canary", 'weight: "10"', f'weight: "{"9" * 5000}"'),
        changed("canary", 'weight-total: "100"', f'weight-total: "{"9" * 5000}"'),
        changed("canary", 'weight: "10"', f'weight: "{2**63 - 1}"'),
    ],
    ids=["minAvailable", "maxUnavailable", "weight", "total", "64 bits"],
)
def test_a_number_that_nobody_reads_is_none(files: dict[str, str], tmp_path: Path) -> None:
    for arguments in READING:
        write(tmp_path, **files)
        done = run_grayc(arguments, folder=tmp_path)

        assert done.status in (0, 1), done.stderr
        assert "GC9" not in done.stderr


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ("json6902: [{op: replace, path: /spec, value: text}]", "spec"),
        ("json6902: [{op: add, path: /spec/replicas, value: ['2']}]", "spec.replicas"),
        ("json6902: [{op: add, path: /spec/template/metadata, value: [a]}]", "spec.template.metadata"),
        ("json6902: [{op: replace, path: /spec/template/spec/containers/0/env, value: x}]", "spec.template.spec.containers[0].env"),
        ("merge: {spec: {replicas: {many: 1}}}", "spec.replicas"),
        ("merge: {spec: {template: {spec: {volumes: {a: 1}}}}}", ""),
        ("merge: {metadata: {labels: text}}", ""),
    ],
)  # fmt: skip
def test_a_patch_can_not_make_a_copy_of_the_wrong_type(patch: str, field: str, tmp_path: Path) -> None:
    line = "      images:\n"
    write(tmp_path, RELEASE.replace(line, f"      patches: [{{target: {{kind: Deployment}}, {patch}}}]\n{line}", 1))
    done = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)

    assert done.status == 1, done.stderr
    found = re.findall(r"(\S+): error\[(GC\d+)\]: the patch makes `([^`]+)`", done.stderr)
    if field:
        assert [(code, path) for _, code, path in found] == [("GC406", field)], done.stderr
        assert found[0][0].startswith("release.yaml:13:")
    assert "GC9" not in done.stderr


def test_a_single_value_of_another_type_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, **changed("web", "value: fast", "value: 7"))
    built = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    checked = run_grayc(["validate", "release.yaml", "--engine", "jsonschema"], folder=tmp_path)

    assert built.status == 0
    assert re.findall(r"\[(GC139|GC721)\]", built.stderr) == ["GC139"]
    assert checked.status == 1
    assert re.findall(r"\[(GC139|GC721)\]", checked.stderr) == ["GC721"]


def test_a_word_of_the_baseline_is_not_the_fault_of_a_patch(tmp_path: Path) -> None:
    line = "      images:\n"
    patch = "      patches: [{target: {kind: ConfigMap}, merge: {data: {more: text}}}]\n"
    write(
        tmp_path,
        RELEASE.replace(line, f"{patch}{line}", 1).replace("workload: Deployment/web", "from: baseline/"),
        **changed("web", "greeting: hello", "greeting: on"),
    )
    done = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)

    assert "GC406" not in done.stderr
    assert "GC112" in done.stderr
