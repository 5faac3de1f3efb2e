"""What `promote` says of a production that is rendered: exact edits, and no secrets."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import yaml

from grayc.documents.render import render_all
from tests.cli_run import Run, run_grayc
from tests.manifests import write_texts
from tests.renderers import renderers_path

WEB = """\
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
          image: registry.example.com/web:1.0
          args: [-v]
          env: [{name: OLD, value: x}, {name: LEVEL, value: %s}]
          envFrom: [{secretRef: {name: web}}]
"""
RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: web-gray}
spec:
  tag: gray
  namespace: shop
  baseline: [%s]
  services:
    - name: web
      env: {web: {LEVEL: debug, OLD: null, NEW: "1"}}
      config: {web: {password: another}}
      patches: [{target: {kind: Deployment}, merge: {spec: {template: {metadata: {annotations: {a/b: c}}}}}}]
"""
# The patch of the kustomization has the last word, and no file says what it says.
KUSTOMIZATION = """\
namespace: shop
resources: [web.yaml]
secretGenerator:
  - name: web
    literals:
      - password=hunter2
generatorOptions: {disableNameSuffixHash: true}
patches:
  - target: {kind: Deployment}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env
        value: [{name: OLD, value: y}, {name: LEVEL, value: info}]
images: [{name: registry.example.com/web, newTag: "1.1"}]
"""


@pytest.fixture(autouse=True)
def renderers() -> Iterator[None]:
    with mock.patch.dict(os.environ, {"PATH": renderers_path()}):
        yield


def lay(folder: Path, files: dict[str, str]) -> Path:
    write_texts(folder, files)
    return folder


def promote(folder: Path, *more: str) -> Run:
    return run_grayc(["promote", "release.yaml", "--patches", *more], folder=folder)


def test_the_edits_that_are_left_are_exact(tmp_path: Path) -> None:
    folder = lay(
        tmp_path,
        {
            "prod/kustomization.yaml": KUSTOMIZATION,
            "prod/web.yaml": WEB % "warn",
            "release.yaml": RELEASE % "{kustomize: prod}",
        },
    )
    told = json.loads(promote(folder, "-f", "json").stdout)
    left = [item for item in told["diagnostics"] if item["code"] == "GC345"]
    assert told["promotion"]["left"] == len(left) == 3
    values = {"env.web.LEVEL": "debug", "env.web.NEW": {"name": "NEW", "value": "1"}}
    patches = []
    for item in left:
        found = re.fullmatch(r"add to `patches` of `prod`, for this object, `([^`]*)`(.*)", item["help"])
        assert found, item["help"]
        operation = yaml.safe_load(found[1])
        if found[2]:
            operation["value"] = next(value for place, value in values.items() if place in found[2])
        kind, name = item["object"].split("/")
        patches.append({"target": {"kind": kind, "name": name}, "patch": json.dumps([operation])})
    kustomization = folder / "prod/kustomization.yaml"
    data = yaml.safe_load(kustomization.read_text())
    # What goes away goes last: places count as they are now.
    data["patches"] += sorted(patches, key=lambda patch: "remove" in patch["patch"])
    kustomization.write_text(yaml.safe_dump(data))

    assert promote(folder, "--check").status == 0


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_no_secret_of_a_kustomization_is_shown(tmp_path: Path, form: str) -> None:
    files = {"prod/kustomization.yaml": KUSTOMIZATION, "prod/web.yaml": WEB % "warn"}
    image = RELEASE.replace("      env:", '      images: {web: "registry.example.com/web:2.0"}\n      env:')
    lay(tmp_path, {**files, "release.yaml": image % "{kustomize: prod}"})
    for run in (promote(tmp_path, "--diff", "-f", form), promote(tmp_path, "-f", form)):
        assert not [word for word in ("hunter2", "another", "YW5v") if word in run.stdout + run.stderr]


def test_no_secret_of_a_chart_is_shown(tmp_path: Path) -> None:
    web = (
        WEB.replace("LEVEL", "DB_PASSWORD")
        .replace("%s}", "{{ .Values.dbPassword }}}")
        .replace("registry.example.com/web:1.0", "{{ .Values.image }}")
    )
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {password: '{{ .Values.x }}'}\n"
    image = RELEASE.replace("      env:", '      images: {web: "registry.example.com/web:2.0"}\n      env:')
    image = image.replace("LEVEL", "DB_PASSWORD")
    folder = lay(
        tmp_path,
        {
            "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
            "shop/values.yaml": "dbPassword: hunter2\nusers:\n  - apiToken: hunter3\nimage: web:1\nx: hunter4\n",
            "shop/templates/web.yaml": web + secret,
            "release.yaml": image % "{helm: {chart: shop, release: shop}}",
        },
    )
    shown = promote(folder, "--diff")
    assert "+image: registry.example.com/web:2.0" in shown.stdout
    assert "-dbPassword: (a secret value stands here)\n+dbPassword: (a secret value stands here)\n" in shown.stdout
    assert "GC347" in shown.stderr
    # No name says so: it is known by the Secret that it goes into.
    assert "-x: (a secret value stands here)\n" in shown.stdout and "+x: (a secret value stands" in shown.stdout
    assert not [
        word for word in ("hunter2", "hunter3", "hunter4", "another", "debug") if word in shown.stdout + shown.stderr
    ]


def many(count: int) -> dict[str, str]:
    """Return a kustomization of many, whose names are parts of each other, and a release of all."""
    names = [f"web{number or ''}" for number in range(count)]
    files = {f"prod/{name}.yaml": (WEB % "info").replace("web", name) for name in names}
    files = {name: text.partition("          envFrom")[0] for name, text in files.items()}
    listed = "".join(f"  - {name}.yaml\n" for name in names)
    files["prod/kustomization.yaml"] = f"namespace: shop\nresources:\n{listed}"
    head = RELEASE.partition("    - name: web")[0] % "{kustomize: prod}"
    services = [
        f'    - {{name: {name}, images: {{{name}: "registry.example.com/{name}:2.0"}}, env: {{{name}: {{LEVEL: debug}}}}}}\n'
        for name in names
    ]
    return {**files, "release.yaml": head + "".join(services)}


def test_many_values_are_settled_with_few_renderings(tmp_path: Path) -> None:
    lay(tmp_path, many(12))
    with mock.patch("grayc.driver.promote.rendered.render_all", wraps=render_all) as rendered:
        assert promote(tmp_path).status == 0

    assert rendered.call_count < 6
    assert promote(tmp_path, "--check").status == 0
    for number in range(12):
        text = (tmp_path / f"prod/web{number or ''}.yaml").read_text()
        assert (text.count("LEVEL, value: debug"), text.count(":2.0")) == (1, 1)


def test_a_guess_that_does_nothing_is_not_written_with_those_that_do(tmp_path: Path) -> None:
    files = many(4)
    patch = '[{"op": "replace", "path": "/spec/template/spec/containers/0/env/1/value", "value": "info"}]'
    files["prod/kustomization.yaml"] += (
        f"patches:\n  - {{target: {{kind: Deployment, name: web2}}, patch: '{patch}'}}\n"
    )
    lay(tmp_path, files)

    run = promote(tmp_path, "-f", "json")

    left = [item["object"] for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC345"]
    assert left == ["Deployment/web2"]
    assert (tmp_path / "prod/web2.yaml").read_text() == files["prod/web2.yaml"].replace(":1.0", ":2.0")
    assert "LEVEL, value: debug" in (tmp_path / "prod/web3.yaml").read_text()


def test_what_is_below_the_kustomization_of_the_spec_s_own_folder_is_its_own(tmp_path: Path) -> None:
    files = {name.removeprefix("prod/"): text for name, text in many(2).items()}
    files["release.yaml"] = files["release.yaml"].replace("{kustomize: prod}", "{kustomize: .}")
    run = promote(lay(tmp_path, files))
    assert (run.status, "GC347" in run.stderr) == (0, False)
